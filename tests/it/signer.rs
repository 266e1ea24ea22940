//! Whoever signs can read all of what they sign, and sees who pays; where only the vendor reads, names show the partner.

use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    anyone_reads_all_of_a_campaign,
    what_a_card_cannot_hold_is_whole_in_a_file,
    the_card_says_who_pays_to_the_minor_unit,
    where_only_the_vendor_reads_names_show_the_partner,
);

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is in:\n{text}");
    }
}

async fn proposed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 name:Heron").await;
    pat.runs(
        "/campaign add name:Mailing type:Email start:2026-02-01 end:2026-02-28 sends:2026-02-03, 2026-02-10 leads:40 \
         pipeline:120k won:30k budget:20k mdf:33.3333% segment:Mid *market* message:Save time offer:A trial channel:E-mail",
    )
    .await;
    pat.runs("/campaign budget campaign:CMP-1 what:Postage planned:0.10 mdf:0.03 co-op:0.03 vendor:0.02")
        .await;
    let owners = "/campaign edit campaign:CMP-1 owner-vendor:@vera (Northwind) owner-partner:@pat (Acme) effort-partner:9";
    pat.runs(owners).await;
    pat.runs("/campaign check campaign:CMP-1 item:creative done:yes").await;
    pat.runs("/plan propose").await;
}

async fn anyone_reads_all_of_a_campaign(w: &mut World) {
    proposed(w).await;
    let [olga, amir] = [Who::Olga, Who::Amir].map(|who| w.person(who));
    let sheet = olga.runs("/campaign show campaign:CMP-1").await;
    has(
        &sheet,
        &[
            "CMP-1 · Mailing",
            "Email in PLN-1 Heron: proposed.",
            "40 leads\nEUR 120,000.00 pipeline\nEUR 30,000.00 won\nleads counted by the CRM",
            "vendor: <@2001>\npartner: <@2004>",
            "EUR 20,000.10 in 2 lines",
            "1. Campaign: EUR 20,000.00 (MDF EUR 6,666.66, partner co-investment EUR 13,333.34)",
            "2. Postage: EUR 0.10 (MDF EUR 0.03, co-op EUR 0.03, vendor direct EUR 0.02, partner co-investment EUR 0.02)",
            "2026-02-01 to 2026-02-28\nsends: 2026-02-03, 2026-02-10\neffort: 8 hours of the vendor, 9 of the partner",
            "leads: an equal share for each send, over the 14 days from 1 after it",
            "pipeline: 30 days later · won revenue: 90 days later\nspend: all on its first day",
            "☑ creative ready\n☑ send dates set\n⬜ MDF request filed",
            "Target segment: Mid \\*market\\*",
            "Key message: Save time",
            "Offer: A trial",
            "Execution channel: E-mail",
            "`/task list campaign:CMP-1`",
        ],
    );
    let tasks = w.number("SELECT COUNT(*) FROM task WHERE state = 'open'").await;
    has(&sheet, &[&format!("{tasks} open\n0 done")]);
    // Somebody of the vendor without any right to change it reads the same.
    let elsewhere = amir.at(APPROVALS).runs("/campaign show campaign:ACME/CMP-1").await;
    assert_eq!(elsewhere.replace("ACME/", ""), sheet);
    let unknown = "I can't find that here. Pick it from the list that the option offers.";
    assert_eq!(olga.runs("/campaign show campaign:CMP-9").await, unknown);
}

async fn what_a_card_cannot_hold_is_whole_in_a_file(w: &mut World) {
    proposed(w).await;
    let olga = w.person(Who::Olga);
    let whole = format!("{} the end", "_".repeat(990));
    let person = w.discord.person(Who::Pat.id());
    for text in ["segment", "message", "offer", "channel"] {
        let filled = [("campaign", "CMP-1"), (text, whole.as_str())];
        person.run_filled(ACME, "campaign edit", &filled, &[]).await.unwrap();
    }
    let sheet = olga.runs("/campaign show campaign:CMP-1").await;
    has(&sheet, &["What is too long for the card is whole in the file."]);
    let all = w.discord.person(Who::Olga.id()).messages(ACME);
    let answer = all.iter().rev().find(|message| !message.attachments.is_empty()).unwrap();
    assert_eq!(answer.ephemeral_for, Some(Who::Olga.id()));
    assert_eq!(answer.attachments[0].filename, "CMP-1.md");
    let document = String::from_utf8(answer.attachments[0].bytes.to_vec()).unwrap();
    assert_eq!(document.matches("the end").count(), 4, "{document}");
    has(&document, &["### CMP-1 Mailing", "| CMP-1 |", "Postage", "Produce the content"]);
}

async fn the_card_says_who_pays_to_the_minor_unit(w: &mut World) {
    proposed(w).await;
    let pat = w.person(Who::Pat);
    let split = "MDF: EUR 6,666.69\nco-op: EUR 0.03\nvendor direct: EUR 0.02\npartner co-investment: EUR 13,333.36\ntogether: EUR 20,000.10";
    has(&w.card(ACME, "PLN-1").text(), &[split]);
    has(&w.person(Who::Olga).runs("/plan show").await, &[split]);
    pat.runs("/campaign cancel campaign:CMP-1 reason:x confirm:CMP-1").await;
    has(&pat.runs("/plan show").await, &["no budget line"]);
}

async fn where_only_the_vendor_reads_names_show_the_partner(w: &mut World) {
    proposed(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/promise make what:200 prospects due:2026-01-20").await;
    let there = vera.at(APPROVALS);
    for (line, wanted) in [
        ("/plan show partner:acme", "ACME/PLN-1 · Heron"),
        ("/plan show partner:acme", "`ACME/CMP-1` Mailing"),
        ("/plan show plan:ACME/PLN-1", "ACME/PLN-1 · Heron"),
        ("/plan check partner:acme", "Readiness of ACME/PLN-1"),
        ("/plan check partner:acme", "`/campaign check campaign:ACME/CMP-1"),
        ("/plan history partner:acme", "**ACME/CMP-1** added"),
        ("/campaign list partner:acme", "Campaigns of ACME/PLN-1"),
        ("/task list partner:acme", "`ACME/TSK-1` ACME/CMP-1"),
        ("/task list campaign:ACME/CMP-1", "Tasks of ACME/CMP-1"),
        ("/promise list partner:acme", "`ACME/PRM-1`"),
    ] {
        let said = there.runs(line).await;
        has(&said, &[wanted]);
        assert!(!said.contains(" CMP-") && !said.contains("`CMP-"), "{line}: {said}");
        let here = line.replace("ACME/", "").replace(" partner:acme", "");
        assert!(
            !vera.runs(&here).await.contains("ACME/"),
            "in the shared channel the partner is understood: {here}"
        );
    }
}
