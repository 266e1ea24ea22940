//! What was never filed is its own side's: whatever becomes of it, the other side finds it nowhere. And what was filed once
//! stays where both sides read it.

use crate::claim_stories::{filed, over, proven};
use crate::harness::files::pdf;
use crate::harness::{World, stories};
use crate::mdf_life::agreed;
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    an_expired_draft_is_the_partners_own,
    the_vendor_can_do_nothing_to_a_claim_that_was_never_filed,
    a_draft_is_named_to_nobody_else_as_a_double,
    a_drafted_request_ends_unseen_when_it_is_withdrawn,
    a_drafted_request_ends_unseen_with_its_campaign,
    a_draft_of_the_other_side_takes_no_claim,
    what_was_filed_once_is_no_draft_again,
    who_filed_first_may_take_it_back,
    the_first_filing_is_read_from_the_trail,
);

const NOT_FOUND: &str = "I can't find that here. Pick it from the list that the option offers.";
const ASK: &str = "/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Speaker fund:acme-q1";

/// Whether anything that both read in a channel holds this name.
fn posted(w: &World, channel: u64, name: &str) -> bool {
    let all = w.discord.person(Who::Vera.id()).messages(channel);
    all.iter().any(|message| message.ephemeral_for.is_none() && message.text().contains(name))
}

/// Vera decides on claims and pays them.
fn vera_decides(w: &World) {
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001, 4002, 4003]);
}

async fn an_expired_draft_is_the_partners_own(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    over(w).await;
    vera_decides(w);
    pat.runs("/claim new request:MDF-1").await;
    pat.attaches("/claim evidence claim:CLM-1 slot:Cost file:secret.pdf", &[pdf("secret.pdf", "x")]).await;
    w.moves_to("2026-04-08T12:00:00Z").await;
    w.moves_to("2026-04-12T12:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM claim").await, "expired");
    for at in [ACME, APPROVALS] {
        let vera = vera.at(at);
        let name = if at == ACME { "CLM-1" } else { "ACME/CLM-1" };
        assert_eq!(vera.runs(&format!("/claim show claim:{name}")).await, NOT_FOUND);
        assert_eq!(vera.runs(&format!("/claim file claim:{name} number:1")).await, NOT_FOUND);
    }
    assert!(!vera.runs("/claim list").await.contains("CLM-1"));
    assert!(!vera.runs("/plan history").await.contains("CLM-1"));
    assert!(!posted(w, ACME, "CLM-1") && !posted(w, APPROVALS, "CLM-1"));
    let shown = pat.runs("/claim show claim:CLM-1").await;
    assert!(shown.starts_with("CLM-1 · expired"), "{shown}");
    assert!(pat.runs("/claim list").await.contains("CLM-1"));
    assert!(pat.runs("/plan history").await.contains("CLM-1"));
}

async fn the_vendor_can_do_nothing_to_a_claim_that_was_never_filed(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    over(w).await;
    vera_decides(w);
    pat.runs("/claim new request:MDF-1").await;
    for claim in ["CLM-1", "CLM-9"] {
        for line in [
            "pay claim:{} reference:SEPA-1",
            "reverse claim:{} reason:x",
            "clawback claim:{} amount:1 reference:x",
        ] {
            let line = format!("/claim {}", line.replace("{}", claim));
            assert_eq!(vera.runs(&line).await, NOT_FOUND, "{line}");
        }
    }
    let id = w.word("SELECT id FROM claim").await;
    let answer = vera.forges_form(&format!("claim-return:{id}:1"), &[("reason", "x")]).await;
    assert_eq!(answer, NOT_FOUND);
}

async fn a_draft_is_named_to_nobody_else_as_a_double(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    over(w).await;
    filed(w, "1k").await;
    pat.runs("/claim new request:MDF-1").await;
    let line =
        "/claim line claim:CLM-2 what:Speaker supplier:STAGE ltd. invoice:inv 7 date:2026-02-11 net:1k";
    let answer = pat.runs(line).await;
    assert!(answer.contains("⚠ The invoice of line 1 is in CLM-1 too."), "{answer}");
    let flagged = "⚠ The invoice of line 1 is in CLM-2 too.";
    for reader in [vera, pat] {
        assert!(!reader.runs("/claim show claim:CLM-1").await.contains("CLM-2"), "it is not filed yet");
    }
    proven(w, "CLM-2").await;
    pat.runs("/claim submit claim:CLM-2 certify:True").await;
    for (channel, name) in [(ACME, "CLM-1 · submitted"), (APPROVALS, "ACME/CLM-1 · submitted")] {
        let card = w.card(channel, name).text();
        assert!(card.contains(flagged), "{card}");
    }
    let card = w.card(APPROVALS, "ACME/CLM-2 · submitted").text();
    assert!(card.contains("⚠ The invoice of line 1 is in CLM-1 too."), "{card}");
}

async fn a_drafted_request_ends_unseen_when_it_is_withdrawn(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(&format!("{ASK} draft:True")).await;
    vera.runs(&format!("{ASK} draft:True")).await;
    assert_eq!(pat.runs("/mdf withdraw request:MDF-1").await, "MDF-1 is withdrawn.");
    assert_eq!(vera.runs("/mdf withdraw request:MDF-2").await, "MDF-2 is withdrawn.");
    for channel in [ACME, APPROVALS] {
        assert!(!posted(w, channel, "MDF-1") && !posted(w, channel, "MDF-2"));
    }
    for (who, own, foreign) in [(pat, "MDF-1", "MDF-2"), (vera, "MDF-2", "MDF-1")] {
        assert_eq!(who.runs(&format!("/mdf show request:{foreign}")).await, NOT_FOUND);
        assert!(who.runs(&format!("/mdf show request:{own}")).await.starts_with(own));
        for list in ["/mdf list", "/plan history"] {
            let said = who.runs(list).await;
            assert!(said.contains(own) && !said.contains(foreign), "{list}: {said}");
        }
    }
}

async fn a_drafted_request_ends_unseen_with_its_campaign(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(&format!("{ASK} draft:True")).await;
    pat.runs(ASK).await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:The speaker is ill").await;
    let card = w.card(ACME, "ADJ-1 ·");
    assert!(card.text().contains("Open requests that are cancelled: MDF-2"), "{}", card.text());
    olga.presses(&card, "Sign", &[]).await;
    let answer = vera.presses(&card, "Countersign", &[]).await;
    assert!(answer.contains("MDF-2 is cancelled.") && !answer.contains("MDF-1"), "{answer}");
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request WHERE state = 'cancelled'").await, 2);
    assert!(!posted(w, ACME, "MDF-1") && !posted(w, APPROVALS, "MDF-1"));
    assert_eq!(vera.runs("/mdf show request:MDF-1").await, NOT_FOUND);
    assert!(pat.runs("/mdf show request:MDF-1").await.starts_with("MDF-1 · cancelled"));
}

async fn a_draft_of_the_other_side_takes_no_claim(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    vera.runs(&format!("{ASK} draft:True")).await;
    for name in ["MDF-1", "MDF-9"] {
        assert_eq!(pat.runs(&format!("/claim new request:{name}")).await, NOT_FOUND);
        let extend = format!("/claim extend request:{name} until:2026-06-30 reason:Late invoice");
        assert_eq!(pat.runs(&extend).await, NOT_FOUND);
        assert_eq!(pat.runs(&format!("{ASK} resubmit:{name}")).await, NOT_FOUND);
    }
}

async fn what_was_filed_once_is_no_draft_again(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(ASK).await;
    let card = w.card(APPROVALS, "ACME/MDF-1 · submitted");
    amir.presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
    assert_eq!(
        pat.runs(&format!("{ASK} resubmit:MDF-1 draft:True")).await,
        "What was filed once is no draft any more: both sides have read it. Leave out the option draft, or the option resubmit."
    );
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "returned");
    assert!(vera.runs("/mdf show request:MDF-1").await.starts_with("MDF-1 · returned"));
}

async fn who_filed_first_may_take_it_back(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(ASK).await;
    vera.runs(ASK).await;
    for name in ["MDF-1", "MDF-2"] {
        let card = w.card(APPROVALS, &format!("ACME/{name} · submitted"));
        amir.presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
        let answer = vera.runs(&format!("{ASK} resubmit:{name}")).await;
        assert!(answer.starts_with(&format!("{name} is submitted")), "{answer}");
    }
    assert_eq!(
        vera.runs("/mdf withdraw request:MDF-1").await,
        "MDF-1 was filed by the partner: only its own side withdraws it. Return or decline it with the buttons on its card."
    );
    assert_eq!(vera.runs("/mdf withdraw request:MDF-2").await, "MDF-2 is withdrawn.");
    assert_eq!(pat.runs("/mdf withdraw request:MDF-1").await, "MDF-1 is withdrawn.");
}

/// What the migration makes of requests from before there was a column for it.
async fn the_first_filing_is_read_from_the_trail(w: &mut World) {
    let [pat, vera, amir] = [Who::Pat, Who::Vera, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(&format!("{ASK} draft:True")).await;
    pat.runs("/mdf withdraw request:MDF-1").await;
    pat.runs(ASK).await;
    vera.runs(ASK).await;
    for (name, who) in [("MDF-2", vera), ("MDF-3", pat)] {
        let card = w.card(APPROVALS, &format!("ACME/{name} · submitted"));
        amir.presses(&card, "Return…", &[("reason", "Which speaker?")]).await;
        w.moves_to(if name == "MDF-2" { "2026-01-06T08:00:00Z" } else { "2026-01-07T08:00:00Z" }).await;
        who.runs(&format!("{ASK} resubmit:{name}")).await;
    }
    let first = async || {
        let mut all = Vec::new();
        for number in 1..=3 {
            let filed = "COALESCE(CAST(first_filed_at AS TEXT) || ' ' || first_filed_side, 'never')";
            all.push(w.word(&format!("SELECT {filed} FROM mdf_request WHERE number = {number}")).await);
        }
        all
    };
    let known = first().await;
    assert_eq!(known, ["never", "1767600000000 partner", "1767600000000 vendor"]);
    w.sql("UPDATE mdf_request SET first_filed_at = NULL, first_filed_side = NULL").await.unwrap();
    w.sql("UPDATE mdf_request SET state = 'draft' WHERE number = 3").await.unwrap();
    let script = include_str!("../../migrations/0119_request_first_filed.sql");
    let bare: Vec<&str> =
        script.lines().map(|line| line.split_once("--").map_or(line, |(bare, _)| bare)).collect();
    for update in bare.join("\n").split(';').filter(|sql| sql.trim().starts_with("UPDATE")) {
        w.sql(update).await.unwrap();
    }
    assert_eq!(first().await, known);
    let state =
        async |number: i64| w.word(&format!("SELECT state FROM mdf_request WHERE number = {number}")).await;
    assert_eq!([state(1).await, state(2).await, state(3).await], ["withdrawn", "submitted", "returned"]);
}
