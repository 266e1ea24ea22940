//! An adjustment's card holds what fits and says what does not; the rest is read as a document. What a signer was warned of
//! stays with the signature.

use crate::adjust::{agreed, has, labels};
use crate::adjust_terms::texts_form;
use crate::copies::files;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, GLOBEX, Who};

stories!(
    what_does_not_fit_is_counted_and_read_in_full,
    many_campaigns_that_end_share_a_field,
    what_a_signer_was_warned_of_stays_with_the_signature,
    what_is_decided_is_not_read_as_waiting,
);

/// The longest text that a campaign takes, telling apart from others only behind its beginning.
fn long(ending: &str) -> String {
    format!("{}{ending}", "What they *should* remember. ".repeat(130))
}

/// The long texts of a campaign as a form says them.
fn written(message: &str) -> [(&str, &str); 4] {
    [("segment", "IT"), ("message", message), ("offer", ""), ("channel", "")]
}

async fn what_does_not_fit_is_counted_and_read_in_full(w: &mut World) {
    let [pat, vera, olga, gil] = [Who::Pat, Who::Vera, Who::Olga, Who::Gil].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    for number in 1..=9 {
        pat.runs(&format!(
            "/campaign add name:Mail {number} type:Email start:2026-02-10 leads:4 pipeline:30k"
        ))
        .await;
    }
    let (first, second) = (long("Old end"), long("New end"));
    pat.forges_form(&texts_form(w, 1).await, &written(&first)).await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;

    let reason = "The fair has moved to another hall and everybody has to be told anew. ".repeat(6);
    let changed: Vec<(&str, &str)> =
        written(&second).into_iter().chain([("reason", reason.as_str())]).collect();
    pat.forges_form(&texts_form(w, 1).await, &changed).await;
    let words = "Teams of ten to forty people who have outgrown their spreadsheets ".repeat(3);
    for number in 2..=9 {
        pat.runs(&format!(
            "/campaign edit campaign:CMP-{number} name:Mailing {number} leads:{number}0 pipeline:{number}0k won:{number}k \
             start:2026-02-1{number} end:2026-03-1{number} sends:2026-03-01, 2026-03-08 slug:mailing-{number} segment:{words} offer:{words} channel:{words} \
             reason:{}",
            &reason[..400]
        ))
        .await;
    }
    pat.runs("/plan edit routing-hours:24 reason:Faster").await;
    let card = w.card(ACME, "ADJ-1 ·");
    let text = card.text();
    for number in 1..=9 {
        has(&text, &format!("CMP-{number} · Mail"));
    }
    has(&text, "Message: … \\*should\\* remember. Old end → … \\*should\\* remember. New end");
    has(&text, "… and ");
    has(&text, "Leads accepted within: none → 24 hours");
    has(&text, "Leads: 36 → 444");
    has(&text, "*Read in full* shows what is cut here. A signature binds the whole.");
    has(&text, "⬜ Northwind: not signed");
    let whole = |text: &str| {
        for part in [first.trim(), second.trim()] {
            has(text, &part.replace('*', "\\*"));
        }
        has(text, &format!("- edit CMP-9: {}", reason[..400].trim()));
        has(text, "- Won revenue: none → EUR 9,000.00\n");
        has(text, "- utm_campaign: northwind-acme-mail-9 → mailing-9\n");
        has(text, "- Leads accepted within: none → 24 hours\n");
        has(text, "- Leads: 36 → 444\n");
        assert!(!text.contains("… and"), "{text}");
    };
    assert_eq!(
        olga.presses(&card, "Read in full", &[]).await,
        "ADJ-1 as it waits for signatures, whole.\n<ADJ-1.md>"
    );
    let [(name, bytes)] = files(w, Who::Olga, ACME).try_into().unwrap();
    assert_eq!(name, "ADJ-1.md");
    whole(&String::from_utf8(bytes).unwrap());
    vera.presses(&card, "Read in full", &[]).await;
    let [(_, bytes)] = files(w, Who::Vera, ACME).try_into().unwrap();
    whole(&String::from_utf8(bytes).unwrap());
    assert_eq!(w.card(ACME, "ADJ-1 ·").text(), text, "reading changes nothing");
    let refused = gil.at(GLOBEX).presses(&card, "Read in full", &[]).await;
    assert!(!refused.contains("ADJ-1"), "{refused}");
}

async fn many_campaigns_that_end_share_a_field(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    for number in 1..=30 {
        pat.runs(&format!(
            "/campaign add name:Mail {number} type:Email start:2026-02-10 leads:4 pipeline:30k"
        ))
        .await;
    }
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    vera.runs("/plan cancel reason:No money is left").await;
    let card = w.card(ACME, "ADJ-1 ·");
    has(&card.text(), "**It cancels PLN-1 as a whole.**");
    let all: Vec<String> = (1..=30).map(|number| format!("CMP-{number}")).collect();
    has(&card.text(), &format!("30 campaigns are cancelled: {}", all.join(", ")));
    has(&card.text(), "Leads: 120 → 0");
    has(&card.text(), "✅ Northwind: <@2001> on 2026-01-05\n⬜ Acme: not signed");
    assert!(!card.text().contains("what is cut here"), "{}", card.text());
    olga.presses(&card, "Read in full", &[]).await;
    let [(_, bytes)] = files(w, Who::Olga, ACME).try_into().unwrap();
    has(&String::from_utf8(bytes).unwrap(), "## CMP-30 · Mail 30\n\n- State: planned → cancelled\n");
    olga.presses(&card, "Countersign", &[]).await;
    assert_eq!(w.number("SELECT COUNT(*) FROM campaign WHERE state = 'cancelled'").await, 30);
}

async fn what_a_signer_was_warned_of_stays_with_the_signature(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 vendor-hours:20 partner-hours:10").await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    let weeks = "he partner has 10 hours a week, the week of 2026-01-19 takes 15.31, the week of 2026-01-26 takes 17.38, the week of 2026-02-02 takes 17.38 and 1 more weeks too much";
    let filed = pat
        .runs("/campaign add name:Fair type:Trade show start:2026-02-17 leads:40 pipeline:30k reason:They have room")
        .await;
    has(&filed, &format!(" ⚠ With it, t{weeks}."));
    let card = w.card(ACME, "ADJ-1 ·");
    has(&card.text(), &format!("Before: every week to come fits\n⚠ After: t{weeks}"));
    assert!(!card.text().contains("Signed knowing"), "nobody has signed yet");
    olga.presses(&card, "Sign", &[]).await;
    let knowing = format!("Signed knowing that the hours stated don't hold. T{weeks}.");
    has(&w.card(ACME, "ADJ-1 ·").text(), &knowing);
    vera.presses(&card, "Countersign", &[]).await;
    has(&w.card(ACME, "ADJ-1 ·").text(), &knowing);
    has(&w.card(ACME, "PLN-1").text(), &knowing);
    assert_eq!(w.number("SELECT COUNT(*) FROM adjustment_warning").await, 8, "four weeks, two signers");
    for code in ["adjustment_signed", "adjustment_agreed"] {
        let detail = w.word(&format!("SELECT detail FROM audit WHERE code = '{code}'")).await;
        let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
        assert_eq!(detail["overfull_weeks"][1]["takes"], "17.38", "{code}");
    }
    // What changes nothing about the weeks warns of none, however full they are.
    let other = pat.runs("/plan edit routing-hours:24 reason:Faster").await;
    assert!(!other.contains('⚠'), "{other}");
}

async fn what_is_decided_is_not_read_as_waiting(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/plan edit routing-hours:24 reason:Faster").await;
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(labels(&card), ["Sign", "Countersign", "Decline…", "Withdraw", "Read in full"]);
    pat.runs("/plan edit routing-hours:12 reason:Faster still").await;
    let old = crate::adjust::id_of(&card, "Read in full");
    let stale = vera.forges_press(&card, &old).await;
    assert!(stale.starts_with("This has changed since"), "{stale}");
    pat.presses(&w.card(ACME, "ADJ-1 ·"), "Withdraw", &[]).await;
    assert_eq!(vera.forges_press(&card, &old).await, "ADJ-1 is withdrawn, so there is nothing to decide.");
}
