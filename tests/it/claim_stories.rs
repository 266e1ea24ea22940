//! Claims from the first invoice to the last payment, what the ledger says after each step, and the way back.

use crate::harness::{World, stories};
use tandem::domain::activity::Slot;
use tandem::domain::command::Command;
use tandem::domain::command::claim::{ClaimWish, NewEvidence};
use tandem::domain::evidence::EvidenceFile;
use tandem::flow::{self, Asker, Request};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_claim_is_filed_approved_and_paid_in_parts,
    lines_are_accepted_one_by_one,
    what_nobody_has_decided_is_not_told,
    a_line_that_is_left_out_stays_cut,
    a_returned_claim_is_filed_again,
    why_a_claim_was_returned_is_said_of_that_state_alone,
    nobody_decides_or_pays_what_they_had_a_hand_in,
    a_claim_never_takes_more_than_is_left,
    a_reversed_claim_gives_back_and_is_clawed_back,
    what_is_not_filed_in_time_expires,
    the_same_invoice_is_flagged,
    a_request_with_an_open_claim_is_not_closed,
);

/// Acme's plan for the first quarter is signed, the webinar of 10 February has its request over EUR 9,000 of 18,000
/// approved by Finn, and the webinar is over.
pub async fn over(w: &World) {
    let [pat, vera, olga, finn] = [Who::Pat, Who::Vera, Who::Olga, Who::Finn].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    let answer = finn.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed.");
    w.moves_to("2026-02-16T08:00:00Z").await;
}

/// Puts a file into each slot that the webinar's rule asks for, as if it had been fetched.
pub async fn proven(w: &World, claim: &str) {
    for (index, slot) in Slot::ALL.iter().enumerate() {
        let file = EvidenceFile {
            sha256: format!("{claim}{index}").to_lowercase().replace('-', "").repeat(16),
            name: format!("proof {index}.pdf"),
            content_type: "application/pdf".to_owned(),
            bytes: 1200,
            restricted: false,
            rows: None,
        };
        let wish = ClaimWish::Evidence(NewEvidence {
            partner: None,
            claim: claim.to_owned(),
            slot: slot.code().to_owned(),
            files: vec![file],
            source: None,
        });
        let asker = Asker {
            guild: GUILD.to_string(),
            channel: ACME.to_string(),
            user: Who::Pat.id().to_string(),
            roles: vec!["4004".to_owned()],
            ..Asker::default()
        };
        let key = w.running.app.clock.new_id();
        let request = Request { key, asker, command: Command::Claim(wish) };
        let reply = flow::handle(&w.running.app, &request).await.unwrap();
        assert!(reply.refused.is_none(), "{}", reply.text);
    }
}

/// A claim with one line of `net`, its evidence, filed by Pat.
pub async fn filed(w: &World, net: &str) {
    let pat = w.person(Who::Pat);
    let answer = pat.runs("/claim new request:MDF-1").await;
    assert!(answer.starts_with("CLM-1 is a draft for MDF-1."), "{answer}");
    let line = format!(
        "/claim line claim:CLM-1 what:Speaker supplier:Stage Ltd invoice:INV-7 date:2026-02-11 net:{net} tax:19"
    );
    let answer = pat.runs(&line).await;
    assert!(answer.starts_with("Line 1 of CLM-1"), "{answer}");
    proven(w, "CLM-1").await;
    let answer = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(answer.starts_with("CLM-1 is submitted: 1 line"), "{answer}");
}

async fn accounts(w: &World) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for account in ["available", "committed", "payable", "paid"] {
        let sql = format!(
            "SELECT amount FROM account_balance b JOIN fund f ON f.id = b.fund_id WHERE f.key = 'acme-q1' AND b.account = '{account}'"
        );
        found.push((account.to_owned(), w.number(&sql).await / 100));
    }
    found
}

pub async fn holds(w: &World, available: i64, committed: i64, payable: i64, paid: i64) {
    let expected = [("available", available), ("committed", committed), ("payable", payable), ("paid", paid)];
    let expected: Vec<_> = expected.into_iter().map(|(account, held)| (account.to_owned(), held)).collect();
    assert_eq!(accounts(w).await, expected);
}

async fn a_claim_is_filed_approved_and_paid_in_parts(w: &mut World) {
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1 certify:True").await,
        "CLM-1 has no line yet. Add the invoices with /claim line."
    );
    let line = "/claim line claim:CLM-1 what:Speaker supplier:Stage Ltd invoice:INV-7 date:2026-02-11 net:12k tax:2,280";
    assert_eq!(
        pat.runs(&format!("{line} gross:14k")).await,
        "Net EUR 12,000.00 and tax EUR 2,280.00 are EUR 14,280.00, not EUR 14,000.00. Check the invoice."
    );
    let answer = pat.runs(&format!("{line} gross:14,280")).await;
    assert!(
        answer.starts_with("Line 1 of CLM-1: net EUR 12,000.00, tax EUR 2,280.00, gross EUR 14,280.00."),
        "{answer}"
    );
    let lacking = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(lacking.starts_with("CLM-1 lacks evidence: proof of cost ("), "{lacking}");
    proven(w, "CLM-1").await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1").await,
        "Do you certify that all of CLM-1 is accurate and was not claimed elsewhere? Say so with the option certify:True."
    );
    holds(w, 21_000, 9_000, 0, 0).await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1 certify:True").await,
        "CLM-1 is submitted: 1 line, pays EUR 6,000.00. The vendor decides."
    );
    let card = w.card(APPROVALS, "ACME/CLM-1 · submitted");
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "CLM-1 is approved. EUR 6,000.00 of Acme Q1 MDF will be paid."
    );
    holds(w, 21_000, 3_000, 6_000, 0).await;
    assert_eq!(
        w.number("SELECT COUNT(*) FROM log_entry").await,
        2,
        "an accepted invoice is spend: MDF's and the partner's"
    );
    assert!(w.card(ACME, "CLM-1 · approved").buttons().is_empty());
    let at = finn.at(ACME);
    assert_eq!(
        at.runs("/claim pay claim:CLM-1 amount:2,500 reference:SEPA-1").await,
        "EUR 2,500.00 of CLM-1 is paid on 2026-02-16, reference SEPA-1. EUR 3,500.00 is still owed."
    );
    assert_eq!(
        at.runs("/claim pay claim:CLM-1 amount:2,500 reference:sepa-1").await,
        "CLM-1 has a payment with the reference SEPA-1 already: EUR 2,500.00 on 2026-02-16. \
         If it is another one, tell them apart in the reference."
    );
    holds(w, 21_000, 3_000, 3_500, 2_500).await;
    assert_eq!(
        at.runs("/claim pay claim:CLM-1 amount:3,500.01 reference:SEPA-2").await,
        "EUR 3,500.01 is more than is owed. Give at most EUR 3,500.00."
    );
    assert_eq!(
        at.runs("/claim pay claim:CLM-1 reference:SEPA-1").await,
        "EUR 3,500.00 of CLM-1 is paid on 2026-02-16, reference SEPA-1. It is paid whole.",
        "the rest of one transfer"
    );
    holds(w, 21_000, 3_000, 0, 6_000).await;
    assert_eq!(
        at.runs("/claim pay claim:CLM-1 amount:1 reference:SEPA-3").await,
        "CLM-1 is paid: only an approved claim is paid."
    );
}

async fn lines_are_accepted_one_by_one(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    let stale = card.button("Approve").unwrap().custom_id.unwrap();
    assert_eq!(
        amir.presses(&card, "Decide lines…", &[("lines", "1: 3,000")]).await,
        "Line 1 is cut without a reason. Write the reason after the amount."
    );
    assert_eq!(
        amir.presses(&card, "Decide lines…", &[("lines", "1: 5,000 more")]).await,
        "EUR 5,000.00 is more than line 1 claims. Accept at most EUR 4,000.00."
    );
    assert_eq!(
        amir.presses(&card, "Decide lines…", &[("lines", "1: 3,000 alcohol is not eligible")]).await,
        "Line 1 of CLM-1 is cut, of 1 in all. It now pays EUR 1,500.00: approve it, or return it."
    );
    assert!(amir.forges_press(&card, &stale).await.starts_with("This has changed"));
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert!(card.text().contains("→ **EUR 3,000.00**: alcohol is not eligible"), "{}", card.text());
    // What the vendor's people make of it is theirs until they have decided.
    for shown in [w.card(ACME, "CLM-1 · submitted").text(), pat.runs("/claim show claim:CLM-1").await] {
        assert!(shown.contains("EUR 2,000.00 (50 % of what is accepted)"), "as claimed: {shown}");
        assert!(!shown.contains("alcohol") && !shown.contains("3,000"), "{shown}");
    }
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "CLM-1 is approved. EUR 1,500.00 of Acme Q1 MDF will be paid."
    );
    holds(w, 21_000, 7_500, 1_500, 0).await;
    let shared = w.card(ACME, "CLM-1 · approved").text();
    assert!(shared.contains("→ **EUR 3,000.00**: alcohol is not eligible"), "{shared}");
    assert_eq!(
        pat.runs("/claim line claim:CLM-1 what:x supplier:x invoice:x date:2026-02-11 net:1").await,
        "CLM-1 is approved: it can't be changed any more. Start another one with /claim new."
    );
}

async fn what_nobody_has_decided_is_not_told(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "18k").await;
    let cut = [("lines", "1: 12,000 looks padded")];
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decide lines…", &cut).await;
    w.moves_to("2026-03-28T08:00:00Z").await;
    let warned = w.card(ACME, "⏳ Claim in time").text();
    assert!(warned.contains("all of **MDF-1** for CMP-1 Spring webinar is claimed and waits"), "{warned}");
    assert_eq!(pat.runs("/claim withdraw claim:CLM-1").await, "CLM-1 is withdrawn.");
    for shown in [w.card(ACME, "CLM-1 · withdrawn").text(), pat.runs("/claim show claim:CLM-1").await] {
        assert!(!shown.contains("padded") && !shown.contains("12,000"), "{shown}");
    }
    assert_eq!(
        w.word("SELECT reason FROM claim_verdict").await,
        "looks padded",
        "it is kept with the verdict"
    );
}

async fn a_line_that_is_left_out_stays_cut(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-1 what:Room supplier:Hall Ltd invoice:7 date:2026-02-11 net:1k").await;
    pat.runs("/claim line claim:CLM-1 what:Food supplier:Cook Ltd invoice:8 date:2026-02-11 net:600").await;
    proven(w, "CLM-1").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let decides = async |rows: &str| {
        amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decide lines…", &[("lines", rows)]).await
    };
    assert_eq!(
        decides("2: 200 alcohol is not eligible").await,
        "Line 2 of CLM-1 is cut, of 2 in all. It now pays EUR 600.00: approve it, or return it."
    );
    assert_eq!(
        decides("1: 800 half a day").await,
        "Lines 1, 2 of CLM-1 are cut, of 2 in all. It now pays EUR 500.00: approve it, or return it."
    );
    let card = w.card(APPROVALS, "ACME/CLM-1").text();
    assert!(card.contains("→ **EUR 200.00**: alcohol is not eligible"), "{card}");
    let long = format!("1: 800 {}", "x".repeat(121));
    assert!(decides(&long).await.starts_with("The reason of line 1 is longer than 120 characters."));
    assert_eq!(
        decides("1: 1,000\n2: 600").await,
        "No line of CLM-1 is cut. It now pays EUR 800.00: approve it, or return it."
    );
}

async fn a_returned_claim_is_filed_again(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "4k").await;
    assert_eq!(
        amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Return…", &[("reason", "Wrong invoice.")]).await,
        "CLM-1 is returned: Wrong invoice. Correct it and file it again with /claim submit by 2026-04-11."
    );
    let answer = pat.runs("/claim remove-line claim:CLM-1 number:1").await;
    assert!(answer.starts_with("Line 1 of CLM-1 is removed."), "{answer}");
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:Stage Ltd invoice:INV-8 date:2026-02-11 net:2k")
        .await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1 certify:True").await,
        "CLM-1 is submitted: 1 line, pays EUR 1,000.00. The vendor decides."
    );
    assert_eq!(
        amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Decline…", &[("reason", "Not agreed.")]).await,
        "CLM-1 is declined: Not agreed. Another claim of MDF-1 can be filed until 2026-04-11."
    );
    holds(w, 21_000, 9_000, 0, 0).await;
}

/// What was wrong with the claim as it was is no word on what is filed again, neither on its cards nor in what is decided.
async fn why_a_claim_was_returned_is_said_of_that_state_alone(w: &mut World) {
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    crate::rules::owner(w);
    w.person(Who::Nobody).runs("/setup approval for:claims from:1k steps:2").await;
    filed(w, "4k").await;
    let card = || w.card(APPROVALS, "ACME/CLM-1");
    amir.presses(&card(), "Return…", &[("reason", "Wrong invoice.")]).await;
    assert!(w.card(ACME, "CLM-1 · returned").text().contains("Reason: Wrong invoice."));
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    for shown in [card(), w.card(ACME, "CLM-1 · submitted")] {
        assert!(!shown.text().contains("Wrong invoice."), "{}", shown.text());
    }
    amir.presses(&card(), "Decide lines…", &[("lines", "1: 3,000 alcohol is not eligible")]).await;
    let answer = amir.presses(&card(), "Approve", &[]).await;
    assert!(answer.contains("step 1 of 2"), "{answer}");
    let answer = finn.presses(&card(), "Approve", &[]).await;
    assert_eq!(answer, "CLM-1 is approved. EUR 1,500.00 of Acme Q1 MDF will be paid.");
    let reasons = w.word("SELECT MIN(outcome) FROM claim_decision WHERE reason IS NOT NULL").await;
    assert_eq!(reasons, "returned");
    assert_eq!(w.number("SELECT COUNT(*) FROM claim_decision WHERE reason IS NULL").await, 3);
}

async fn nobody_decides_or_pays_what_they_had_a_hand_in(w: &mut World) {
    let [pat, amir, vera] = [Who::Pat, Who::Amir, Who::Vera].map(|who| w.person(who));
    over(w).await;
    assert_eq!(
        vera.runs("/claim new request:MDF-1").await,
        "You may not do this: it needs \"file requests and claims\". The partner can."
    );
    filed(w, "4k").await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert!(vera.at(APPROVALS).presses(&card, "Approve", &[]).await.starts_with("You may not do this"));
    let approve = card.button("Approve").unwrap().custom_id.unwrap();
    assert!(pat.forges_press(&card, &approve).await.starts_with("You may not do this"));
    amir.presses(&card, "Approve", &[]).await;
    let answer = amir.at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await;
    assert!(answer.starts_with("You may not do this"), "{answer}");
    assert_eq!(
        w.person(Who::Gil).runs("/claim show claim:CLM-1").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    // Finn may approve and pay, but not both for one claim.
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-2 what:Room supplier:Hall Ltd invoice:7 date:2026-02-11 net:1k").await;
    proven(w, "CLM-2").await;
    pat.runs("/claim submit claim:CLM-2 certify:True").await;
    let finn = w.person(Who::Finn);
    finn.presses(&w.card(APPROVALS, "ACME/CLM-2"), "Approve", &[]).await;
    assert_eq!(
        finn.at(ACME).runs("/claim pay claim:CLM-2 reference:SEPA-1").await,
        "What CLM-2 pays was decided by you, or for you. Somebody else has to pay it."
    );
}

async fn a_claim_never_takes_more_than_is_left(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    over(w).await;
    filed(w, "14k").await;
    amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    holds(w, 21_000, 2_000, 7_000, 0).await;
    pat.runs("/claim new request:MDF-1").await;
    pat.runs("/claim line claim:CLM-2 what:Room supplier:Hall Ltd invoice:7 date:2026-02-11 net:10k").await;
    proven(w, "CLM-2").await;
    assert_eq!(
        pat.runs("/claim submit claim:CLM-2 certify:True").await,
        "CLM-2 is submitted: 1 line, pays EUR 2,000.00. The vendor decides."
    );
    amir.presses(&w.card(APPROVALS, "ACME/CLM-2"), "Approve", &[]).await;
    holds(w, 21_000, 0, 9_000, 0).await;
}

async fn a_reversed_claim_gives_back_and_is_clawed_back(w: &mut World) {
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who).at(ACME));
    over(w).await;
    filed(w, "12k").await;
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    finn.runs("/claim pay claim:CLM-1 amount:2k reference:SEPA-1").await;
    assert_eq!(
        amir.runs("/claim reverse claim:CLM-1 reason:Audit").await,
        "CLM-1 would be reversed for good. EUR 4,000.00 is no longer paid. EUR 2,000.00 has to come back. Say it again with the option confirm:CLM-1."
    );
    assert_eq!(
        amir.runs("/claim reverse claim:CLM-1 reason:Audit confirm:CLM-1").await,
        "CLM-1 is reversed: Audit. EUR 4,000.00 is no longer paid. EUR 2,000.00 has to come back."
    );
    holds(w, 21_000, 7_000, 0, 2_000).await;
    assert_eq!(
        finn.runs("/claim clawback claim:CLM-1 amount:500 reference:IN-1").await,
        "EUR 500.00 of CLM-1 came back. EUR 1,500.00 is still to come."
    );
    assert_eq!(
        finn.runs("/claim clawback claim:CLM-1 amount:500 reference:IN-1").await,
        "CLM-1 has money that came back with the reference IN-1 already: EUR 500.00 on 2026-02-16. \
         If it is another one, tell them apart in the reference."
    );
    assert_eq!(
        finn.runs("/claim clawback claim:CLM-1 amount:1,500 reference:SEPA-1").await,
        "EUR 1,500.00 of CLM-1 came back. All of it is back."
    );
    holds(w, 23_000, 7_000, 0, 0).await;
}

async fn what_is_not_filed_in_time_expires(w: &mut World) {
    over(w).await;
    w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    let due: chrono::NaiveDate = w.word("SELECT claim_due FROM mdf_request").await.parse().unwrap();
    for day in [due - chrono::Days::new(3), due + chrono::Days::new(1)] {
        w.moves_to(&format!("{day}T12:00:00Z")).await;
    }
    assert_eq!(w.word("SELECT state FROM claim").await, "expired");
    let told = w.card(ACME, "MDF-1 is expired").text();
    assert!(told.starts_with("MDF-1 is expired. Nothing of it was claimed in time."), "{told}");
    holds(w, 30_000, 0, 0, 0).await;
}

async fn the_same_invoice_is_flagged(w: &mut World) {
    let pat = w.person(Who::Pat);
    over(w).await;
    filed(w, "1k").await;
    pat.runs("/claim new request:MDF-1").await;
    let again =
        "/claim line claim:CLM-2 what:Speaker supplier:STAGE ltd. invoice:inv 7 date:2026-02-11 net:1k";
    let answer = pat.runs(again).await;
    assert!(answer.contains("⚠ The invoice of line 1 is in CLM-1 too."), "{answer}");
}

async fn a_request_with_an_open_claim_is_not_closed(w: &mut World) {
    let pat = w.person(Who::Pat);
    over(w).await;
    filed(w, "1k").await;
    assert_eq!(
        pat.runs("/mdf close request:MDF-1 confirm:MDF-1").await,
        "CLM-1 of MDF-1 is not decided yet. Decide or withdraw it first."
    );
}
