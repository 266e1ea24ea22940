//! Stops: what a stopped campaign is kept from, what a signature under a stop binds, and that a stop ends with its plan.

use crate::acknowledge::both_acknowledge;
use crate::adjust::{agreed, has, id_of, labels, state_of, title};
use crate::copies::files;
use crate::harness::{World, stories};
use tandem::domain::canonical::{canonical, sha256};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_stopped_campaign_is_neither_ready_nor_done,
    a_stop_is_signed_anew_after_another_revision,
    a_stop_ends_with_its_plan,
    another_end_has_a_question_of_its_own,
);

const HINT: &str = "The other side countersigns the stop, which cancels it, or the side that stopped it says /campaign resume.";
const STALE: &str =
    "This has changed since the card was shown. Read the card again and decide on what it says now.";

async fn a_stopped_campaign_is_neither_ready_nor_done(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong claim").await;
    vera.runs("/campaign stop campaign:CMP-2 reason:Wrong words").await;
    let before = [state_of(w, 1).await, state_of(w, 2).await];
    assert_eq!(
        pat.runs("/campaign ready campaign:CMP-1 anyway:True").await,
        format!("CMP-1 is stopped by the vendor: it is not ready meanwhile. {HINT}")
    );
    assert_eq!(
        pat.runs("/campaign done campaign:CMP-2").await,
        format!("CMP-2 is stopped by the vendor: it is not done meanwhile. {HINT}")
    );
    assert_eq!([state_of(w, 1).await, state_of(w, 2).await], before);
    has(&olga.presses(&w.card(ACME, "CMP-2 ·"), "Countersign", &[]).await, "ADJ-1 is signed by both sides");
    assert_eq!(state_of(w, 2).await, "cancelled", "the stop was not defeated");
}

async fn a_stop_is_signed_anew_after_another_revision(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong claim").await;
    let first = w.card(ACME, "CMP-1 ·");
    let hash = "SELECT stopped_signed_sha256 FROM campaign WHERE number = 1";
    has(&first.text(), &format!("changes revision 1 · SHA-256 {}", w.word(hash).await));
    vera.runs("/campaign edit campaign:CMP-2 name:Searching reason:A better name").await;
    assert_eq!(
        olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. The stop of CMP-1 has to be signed anew by the side that \
         stopped it."
    );
    let card = w.card(ACME, "CMP-1 ·");
    assert_eq!(
        (card.id, labels(&card)),
        (first.id, ["Sign", "Countersign", "Resume"].map(str::to_owned).to_vec())
    );
    has(&card.text(), "Nobody of the vendor has signed that yet");
    let unsigned = "The vendor has not signed the stop of CMP-1 yet. Somebody of that side who may sign presses Sign; then \
                    you can countersign it.";
    assert_eq!(olga.presses(&card, "Countersign", &[]).await, unsigned, "what was signed was another plan");
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 2);

    w.moves_to("2026-01-06T09:00:00Z").await;
    assert_eq!(
        vera.presses(&card, "Sign", &[]).await,
        "Signed. The stop of CMP-1 waits for the partner's countersignature."
    );
    let seen = w.word(hash).await;
    let card = w.card(ACME, "CMP-1 ·");
    has(&card.text(), &format!("changes revision 2 · SHA-256 {seen}"));
    assert_eq!(
        olga.forges_press(&card, &id_of(&first, "Countersign")).await,
        STALE,
        "bound to the signature"
    );
    w.moves_to("2026-01-07T09:00:00Z").await;
    assert_eq!(
        olga.presses(&card, "Countersign", &[]).await,
        "ADJ-2 is signed by both sides: PLN-1 is at revision 3. 11 tasks are closed."
    );
    // Both have signed what the card showed, each when they did.
    let signed = "SELECT content_sha256 || ' ' || CAST(signed_at AS TEXT) FROM adjustment_signature WHERE adjustment_id =
                  (SELECT id FROM adjustment WHERE number = 2) AND side =";
    assert_eq!(w.word(&format!("{signed} 'vendor'")).await, format!("{seen} 1767690000000"));
    assert_eq!(w.word(&format!("{signed} 'partner'")).await, format!("{seen} 1767776400000"));
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 3").await;
    let value: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(value["adjustment"]["sha256"], seen.as_str());
    let both = &value["adjustment"]["signed"];
    assert_eq!(sha256(&canonical(both)), seen);
    assert_eq!(both["stop"], "CMP-1");
    assert_eq!(both["changes_revision"], "2");
    assert_eq!(both["stopped_at"], "2026-01-05T08:00:00.000Z");
    assert_eq!(both["changes"][0]["reason"], "Wrong claim");
    olga.runs("/plan export").await;
    let document = String::from_utf8(files(w, Who::Olga, ACME)[1].1.clone()).unwrap();
    has(&document, "Both signed the stop of CMP-1, which made this of revision 2: “Wrong claim”.");
    has(&document, &format!("2026-01-06 10:00:00 CET, signed SHA-256 `{seen}`"));
}

async fn a_stop_ends_with_its_plan(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong claim").await;
    let lasting = w.card(ACME, "CMP-1 ·");
    w.moves_to("2026-07-01T09:00:00Z").await;
    assert_eq!(state_of(w, 1).await, "planned", "it stands still");
    both_acknowledge(w).await;
    w.moves_to("2026-07-01T09:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
    assert_eq!(state_of(w, 1).await, "closed");
    let over = w.card(ACME, "CMP-1 ·");
    assert_eq!((over.id, title(&over)), (lasting.id, "CMP-1 · Spring webinar · closed".to_owned()));
    assert_eq!(labels(&over), Vec::<String>::new());
    assert_eq!(
        vera.runs("/campaign resume campaign:CMP-1").await,
        "PLN-1 is closed: no stop of CMP-1 lasts."
    );
    assert_eq!(
        olga.forges_press(&over, &id_of(&lasting, "Countersign")).await,
        "CMP-1 is closed, so there is nothing to decide."
    );
    // One that an earlier version of the program left.
    w.sql(
        "UPDATE campaign SET stopped_at = 1767600000000, stopped_by = '2001', stopped_side = 'vendor', stopped_reason = 'x',
         stopped_signed_by = '2001', stopped_signed_at = 1767600000000, stopped_signed_revision = 1,
         stopped_signed_sha256 = 'x' WHERE number = 1",
    )
    .await
    .unwrap();
    for (who, label) in [(olga, "Countersign"), (vera, "Resume")] {
        assert_eq!(
            who.forges_press(&over, &id_of(&lasting, label)).await,
            "CMP-1 is closed, so there is nothing to decide."
        );
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 1);
    assert_eq!(pat.runs("/task done task:TSK-5").await, "PLN-1 is closed: its tasks stay as they are.");
}

async fn another_end_has_a_question_of_its_own(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    w.moves_to("2026-02-11T08:00:00Z").await;
    let ended = "CMP-1 · Spring webinar has ended";
    let first = w.card(ACME, ended);
    vera.runs("/campaign edit campaign:CMP-1 end:2026-02-20 reason:A second session").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    let over = w.card(ACME, ended);
    assert_eq!((over.id, labels(&over).len()), (first.id, 0));
    has(&over.text(), "Since then: Its end has moved to 2026-02-20.");
    assert_eq!(pat.forges_press(&over, &id_of(&first, "Executed")).await, STALE);
    assert_eq!(state_of(w, 1).await, "running", "there would be no way back");

    w.moves_to("2026-02-21T08:00:00Z").await;
    let second = w.card(ACME, ended);
    assert!(second.id != first.id, "people are asked about the new end");
    has(&second.text(), "it ended on 2026-02-20.");
    assert_eq!(pat.forges_press(&second, &id_of(&first, "Executed")).await, STALE);
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong claim").await;
    has(
        &pat.presses(&second, "Executed", &[]).await,
        "CMP-1 is stopped by the vendor: it is not done meanwhile.",
    );
    vera.runs("/campaign resume campaign:CMP-1").await;
    assert_eq!(
        pat.presses(&second, "Executed", &[]).await,
        "CMP-1 Spring webinar is executed, says <@2004>."
    );
    let answered = w.card(ACME, ended);
    assert_eq!((answered.id, labels(&answered).len()), (second.id, 0));
    has(&answered.text(), "Since then: CMP-1 Spring webinar is executed, says <@2004>.");
}
