//! Requests that are corrected and filed again, which fund a request asks, and what its filer is told before.

use crate::chains::{ANY_TWO, declares};
use crate::harness::{World, stories};
use crate::mdf_life::{agreed, approved};
use tandem::playground::seed::{self, ACME, APPROVALS, Who};

stories!(
    what_is_not_said_again_stays,
    a_draft_is_corrected,
    a_request_keeps_its_fund,
    a_fund_that_has_ended_takes_nothing_new,
    an_own_allocation_goes_before_its_pool,
    what_holds_is_told_before,
    a_partner_reads_what_its_own_fund_lacks,
    where_nothing_is_approved_before_it_may_have_begun,
    a_decision_bears_no_reason_of_another,
);

const ASKS: &str = "/mdf request campaign:CMP-1 purpose:Speaker";

async fn what_is_not_said_again_stays(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(&format!("{ASKS} fund:acme-q1 cost:18k amount:9k quotes:Two offers leads:30 pipeline:120k"))
        .await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Return…", &[("reason", "Less")]).await;
    assert!(pat.is_offered("/mdf request resubmit:").await.join(" ").contains("MDF-1"));
    pat.runs(&format!("{ASKS} cost:16k amount:8k leads:20 resubmit:MDF-1")).await;
    let card = w.card(ACME, "MDF-1 · submitted").text();
    for said in ["cost EUR 16,000.00", "Quotes: Two offers", "20 leads · EUR 120,000.00 pipeline"] {
        assert!(card.contains(said), "{said}: {card}");
    }
}

async fn a_draft_is_corrected(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    pat.runs(&format!("{ASKS} fund:acme-q1 cost:18k amount:9k draft:True")).await;
    let answer = pat.runs(&format!("{ASKS} cost:16k amount:8k resubmit:MDF-1 draft:True")).await;
    assert!(answer.starts_with("MDF-1 is a draft: cost EUR 16,000.00 · MDF EUR 8,000.00"), "{answer}");
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "draft");
    let answer = pat.runs(&format!("{ASKS} cost:14k amount:7k resubmit:MDF-1")).await;
    assert!(answer.starts_with("MDF-1 is submitted: cost EUR 14,000.00 · MDF EUR 7,000.00"), "{answer}");
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request").await, 1);
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 7,000.00 · committed EUR 0.00"
    );
}

async fn a_request_keeps_its_fund(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs(&format!("{ASKS} fund:acme-q1 cost:18k amount:9k")).await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Return…", &[("reason", "The pool")]).await;
    let again = |fund: &str| format!("{ASKS} cost:18k amount:9k resubmit:MDF-1 fund:{fund}");
    assert_eq!(
        pat.runs(&again("pool-q1")).await,
        "MDF-1 asks Acme Q1 MDF, and keeps it. Withdraw it with /mdf withdraw and file a new one, or leave out the option fund."
    );
    assert!(pat.runs(&again("acme-q1")).await.starts_with("MDF-1 is submitted"));
}

async fn a_fund_that_has_ended_takes_nothing_new(w: &mut World) {
    let [pat, finn] = [Who::Pat, Who::Finn].map(|who| w.person(who));
    agreed(w).await;
    finn.runs("/fund create key:short name:Short kind:mdf partner:acme valid-from:2026-01-01 valid-until:2026-01-20 amount:5k")
        .await;
    pat.runs(&format!("{ASKS} fund:short cost:2k amount:1k draft:True")).await;
    w.moves_to("2026-01-21T08:00:00Z").await;
    let over = "Short ended on 2026-01-20. Use a fund that is still valid.";
    assert_eq!(pat.runs(&format!("{ASKS} fund:short cost:2k amount:1k")).await, over);
    assert_eq!(pat.runs("/mdf submit request:MDF-1").await, over);
    assert_eq!(pat.runs(&format!("{ASKS} cost:4k amount:2k resubmit:MDF-1")).await, over);
    let asked = pat.runs(&format!("{ASKS} cost:2k amount:1k")).await;
    assert!(asked.starts_with("Which fund? There are acme-q1 (") && !asked.contains("short"), "{asked}");
}

async fn an_own_allocation_goes_before_its_pool(w: &mut World) {
    let [pat, finn] = [Who::Pat, Who::Finn].map(|who| w.person(who));
    agreed(w).await;
    let text = seed::bot_toml(&w.addresses);
    let (without_funds, _) = text.split_once("[[program.fund]]").unwrap();
    w.declares(without_funds).await.unwrap();
    assert_eq!(
        pat.runs(&format!("{ASKS} cost:2k amount:1k")).await,
        "No fund gives money now. The vendor makes one with /fund create, or in bot.toml."
    );
    finn.runs("/fund create key:h2 name:Second pool kind:mdf valid-from:2026-01-01 valid-until:2026-12-31 amount:10k").await;
    let only = pat.runs(&format!("{ASKS} cost:2k amount:1k draft:True")).await;
    assert!(only.starts_with("MDF-1 is a draft"), "{only}");
    finn.runs("/fund allocate fund:h2 partner:acme amount:4k").await;
    pat.runs(&format!("{ASKS} cost:2k amount:1k draft:True")).await;
    let of = "SELECT f.key FROM mdf_request r JOIN fund f ON f.id = r.fund_id WHERE r.number = ";
    assert_eq!(w.word(&format!("{of}1")).await, "h2");
    assert_eq!(w.word(&format!("{of}2")).await, "h2/acme");
}

async fn what_holds_is_told_before(w: &mut World) {
    let pat = w.person(Who::Pat);
    let told = pat.runs("/mdf rules type:Webinar").await;
    for said in [
        "Webinar: what holds for Acme",
        "50 % of the cost",
        "10 business days of notice",
        "invitation and agenda; screenshot of the session",
        "attendee list (optional, restricted)",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    approved(w).await;
    let card = w.card(ACME, "MDF-1 · approved").text();
    assert!(card.contains("execution: invitation and agenda, screenshot of the session"), "{card}");
}

async fn a_partner_reads_what_its_own_fund_lacks(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let warned = "⚠ More than the fund has available beside what is already pending.";
    let own = pat.runs(&format!("{ASKS} fund:acme-q1 cost:80k amount:40k")).await;
    assert!(own.contains(warned), "its own balance is no secret: {own}");
    assert!(w.card(ACME, "MDF-1 · submitted").text().contains(warned));
    let pool = pat.runs(&format!("{ASKS} fund:pool-q1 cost:80k amount:40k")).await;
    assert!(!pool.contains("available"), "{pool}");
    assert!(!w.card(ACME, "MDF-2 · submitted").text().contains("available"));
    assert!(w.card(APPROVALS, "ACME/MDF-2").text().contains(warned));
}

async fn where_nothing_is_approved_before_it_may_have_begun(w: &mut World) {
    let pat = w.person(Who::Pat);
    let after = "[[program.activity]]\ntype = \"webinar\"\npre_approval = false\n";
    declares(w, "auto_approve_under = \"500\"", after).await;
    agreed(w).await;
    w.moves_to("2026-02-12T08:00:00Z").await;
    assert_eq!(
        pat.runs(&format!("{ASKS} fund:acme-q1 cost:600 amount:300")).await,
        "MDF-1 is approved: the signed plan carries it. EUR 300.00 of Acme Q1 MDF is committed."
    );
}

async fn a_decision_bears_no_reason_of_another(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    pat.runs(&format!("{ASKS} fund:acme-q1 cost:8k amount:4k")).await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    pat.runs("/mdf amend request:MDF-1 cost:14k amount:7k reason:Room").await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Return…", &[("reason", "No offer")]).await;
    pat.runs("/mdf amend request:MDF-1 cost:12k amount:6k reason:With an offer").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(!card.text().contains("No offer"), "{}", card.text());
    assert!(amir.presses(&card, "Approve", &[]).await.contains("step 1 of 2"));
    let steps = "SELECT COUNT(*) FROM request_decision WHERE outcome = 'step' AND reason IS NOT NULL";
    assert_eq!(w.number(steps).await, 0);
}
