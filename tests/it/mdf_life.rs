//! What becomes of a request beside its first decision: kept as a draft, withdrawn, amended, cancelled, closed, run out.

use crate::harness::{World, stories};
use tandem::domain::command::{Command, NewRequest, RequestDecision, RequestWish};
use tandem::flow::{self, Asker, Request};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_draft_is_kept_and_submitted_later,
    what_waits_is_withdrawn_by_its_side,
    an_amendment_needs_a_new_decision,
    an_amendment_to_less_gives_the_rest_back,
    an_amendment_that_is_turned_down_leaves_what_was_approved,
    whoever_asked_before_does_not_decide_what_others_ask_after_them,
    an_approved_request_is_cancelled_by_either_side,
    a_closed_request_gives_back_what_it_holds,
    what_nobody_claims_in_time_expires,
    similar_requests_and_too_little_notice_are_said,
);

/// Acme's plan for the first quarter is signed; a webinar on 10 February.
pub async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// An approved request over EUR 9,000 of EUR 18,000.
pub async fn approved(w: &World) {
    agreed(w).await;
    w.person(Who::Pat)
        .runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1")
        .await;
    let answer = w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed.");
}

async fn holds(w: &World, expected: &str) {
    assert_eq!(w.fund("acme-q1").await, expected);
}

async fn a_draft_is_kept_and_submitted_later(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    let line = "/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1 draft:True";
    assert_eq!(
        pat.runs(line).await,
        "MDF-1 is a draft: cost EUR 18,000.00 · MDF EUR 9,000.00 (50 %). Nobody decides on it yet. File it with /mdf submit."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00").await;
    assert!(pat.runs("/mdf list").await.contains("**draft**"));
    assert!(!vera.runs("/mdf list").await.contains("MDF-1"), "a draft is its own side's");
    assert_eq!(
        vera.runs("/mdf show request:MDF-1").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    assert_eq!(
        pat.runs("/mdf submit request:MDF-1").await,
        "MDF-1 is submitted: cost EUR 18,000.00 · MDF EUR 9,000.00 (50 %). The vendor decides."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00").await;
    assert_eq!(pat.runs("/mdf submit request:MDF-1").await, "MDF-1 is submitted: only a draft is submitted.");
    assert!(vera.runs("/mdf list").await.contains("**submitted**"));
}

async fn what_waits_is_withdrawn_by_its_side(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(
        w.person(Who::Olga).runs("/mdf withdraw request:MDF-1").await,
        "You may not do this: it needs \"file requests and claims\". People with <@&4004> can."
    );
    assert_eq!(pat.runs("/mdf withdraw request:MDF-1").await, "MDF-1 is withdrawn.");
    holds(w, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00").await;
    assert_eq!(
        amir.forges_press(&card, card.button("Approve").unwrap().custom_id.as_deref().unwrap()).await,
        "MDF-1 is withdrawn, so there is nothing to decide."
    );
    assert_eq!(
        pat.runs("/mdf withdraw request:MDF-1").await,
        "MDF-1 is withdrawn: there is nothing to withdraw."
    );
}

async fn an_amendment_needs_a_new_decision(w: &mut World) {
    let [pat, amir, vera] = [Who::Pat, Who::Amir, Who::Vera].map(|who| w.person(who));
    approved(w).await;
    assert_eq!(
        pat.runs("/mdf amend request:MDF-1 cost:20k amount:10k reason:A second speaker").await,
        "An amendment of MDF-1 is submitted: MDF EUR 9,000.00 → EUR 10,000.00. Until the vendor decides, what was approved stays."
    );
    holds(w, "available EUR 21,000.00 · pending EUR 1,000.00 · committed EUR 9,000.00").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().contains("cost EUR 18,000.00 → EUR 20,000.00"), "{}", card.text());
    assert!(card.text().contains("A second speaker"), "{}", card.text());
    assert!(w.card(ACME, "MDF-1").buttons().is_empty());
    assert!(
        vera.presses(&card, "Approve", &[]).await.starts_with("You may not do this"),
        "manages plans alone"
    );
    let answer = amir.presses(&card, "Approve", &[("confirm", "10,000")]).await;
    assert_eq!(answer, "The amendment of MDF-1 is approved. It is now EUR 10,000.00.");
    holds(w, "available EUR 20,000.00 · pending EUR 0.00 · committed EUR 10,000.00").await;
    assert_eq!(
        pat.runs("/mdf amend request:MDF-1 amount:12k reason:More").await,
        "EUR 12,000.00 is more than this activity gets: 50 % of the cost is EUR 10,000.00. Ask for at most EUR 10,000.00."
    );
    assert_eq!(
        pat.runs("/mdf amend request:MDF-1 reason:Nothing").await,
        "Nothing would change: MDF-1 is approved for these figures. Give another cost or amount."
    );
}

async fn an_amendment_to_less_gives_the_rest_back(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    pat.runs("/mdf amend request:MDF-1 cost:10k amount:5k reason:Smaller room").await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    holds(w, "available EUR 25,000.00 · pending EUR 0.00 · committed EUR 5,000.00").await;
}

async fn an_amendment_that_is_turned_down_leaves_what_was_approved(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    pat.runs("/mdf amend request:MDF-1 cost:20k amount:10k reason:A second speaker").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(
        amir.presses(&card, "Decline…", &[("reason", "One is enough.")]).await,
        "The amendment of MDF-1 is declined: One is enough. It stays EUR 9,000.00."
    );
    holds(w, "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00").await;
    pat.runs("/mdf amend request:MDF-1 cost:20k amount:10k reason:A second speaker").await;
    assert_eq!(
        pat.runs("/mdf withdraw request:MDF-1").await,
        "The amendment of MDF-1 is withdrawn. What was approved stays."
    );
    assert_eq!(
        pat.runs("/mdf withdraw request:MDF-1").await,
        "MDF-1 is approved: there is nothing to withdraw. Stop it with /mdf cancel, or close it with /mdf close."
    );
    // Its cards name who approved what stands, and not who declined an amendment or took one back.
    for (channel, name) in [(ACME, "MDF-1 · approved"), (APPROVALS, "ACME/MDF-1 · approved")] {
        w.person(Who::Vera).runs("/campaign stop campaign:CMP-1 reason:Wrong words").await;
        let text = w.card(channel, name).text();
        assert!(text.contains(&format!("Decided by: <@{}>", Who::Amir.id())), "{text}");
    }
    holds(w, "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00").await;
}

/// Vera, with finance's role beside her own: she files for partners, and approves.
async fn vera_asks(w: &World, command: Command) -> String {
    let asker = Asker {
        guild: GUILD.to_string(),
        channel: ACME.to_string(),
        user: Who::Vera.id().to_string(),
        roles: vec!["4001".to_owned(), "4003".to_owned()],
        ..Asker::default()
    };
    let key = w.running.app.clock.new_id();
    let reply = flow::handle(&w.running.app, &Request { key, asker, command }).await.unwrap();
    w.settle().await;
    reply.text
}

async fn vera_approves(w: &World, number: i64) -> String {
    let id = w.word(&format!("SELECT id FROM mdf_request WHERE number = {number}")).await;
    let seen_rev = w.number(&format!("SELECT rev FROM mdf_request WHERE number = {number}")).await;
    let decision = RequestDecision::Approve { confirm: None };
    vera_asks(w, Command::DecideRequest { id, seen_rev, decision }).await
}

/// Somebody else's correction of what one has asked for is still what one has asked for.
async fn whoever_asked_before_does_not_decide_what_others_ask_after_them(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    approved(w).await;
    let amend = RequestWish::Amend {
        partner: None,
        request: "MDF-1".to_owned(),
        cost: Some("16k".to_owned()),
        amount: Some("8k".to_owned()),
        reason: "A smaller hall".to_owned(),
    };
    vera_asks(w, Command::Request(amend)).await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Return…", &[("reason", "Which hall?")]).await;
    pat.runs("/mdf amend request:MDF-1 cost:16k amount:8k reason:The hall in Bonn").await;
    let own = "You filed this request. Somebody else has to decide it.";
    assert_eq!(vera_approves(w, 1).await, own);
    let answer = amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    assert_eq!(answer, "The amendment of MDF-1 is approved. It is now EUR 8,000.00.");
    let draft = NewRequest {
        campaign: "CMP-1".to_owned(),
        fund: Some("acme-q1".to_owned()),
        cost: "2k".to_owned(),
        amount: "1k".to_owned(),
        purpose: "Flyers".to_owned(),
        draft: true,
        ..NewRequest::default()
    };
    vera_asks(w, Command::RequestMdf(draft)).await;
    pat.runs("/mdf submit request:MDF-2").await;
    assert_eq!(vera_approves(w, 2).await, own);
}

async fn an_approved_request_is_cancelled_by_either_side(w: &mut World) {
    let vera = w.person(Who::Vera);
    approved(w).await;
    assert_eq!(
        vera.runs("/mdf cancel request:MDF-1 reason:The speaker is ill").await,
        "MDF-1 would be cancelled for good. EUR 9,000.00 goes back to its fund. Say it again with the option confirm:MDF-1."
    );
    holds(w, "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00").await;
    assert_eq!(
        vera.runs("/mdf cancel request:MDF-1 reason:The speaker is ill confirm:mdf-1").await,
        "MDF-1 is cancelled: The speaker is ill. EUR 9,000.00 goes back to its fund."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00").await;
    assert!(w.card(ACME, "MDF-1 · cancelled").text().contains("Released: EUR 9,000.00"));
    assert_eq!(
        w.person(Who::Pat).runs("/mdf cancel request:MDF-1 reason:x confirm:MDF-1").await,
        "MDF-1 is cancelled: only an approved request is cancelled."
    );
}

async fn a_closed_request_gives_back_what_it_holds(w: &mut World) {
    let pat = w.person(Who::Pat);
    approved(w).await;
    assert_eq!(
        pat.runs("/mdf close request:MDF-1 confirm:MDF-1").await,
        "MDF-1 is closed. EUR 9,000.00 goes back to its fund."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00").await;
}

async fn what_nobody_claims_in_time_expires(w: &mut World) {
    approved(w).await;
    let due = w.word("SELECT claim_due FROM mdf_request").await;
    let due: chrono::NaiveDate = due.parse().unwrap();
    assert!(w.card(ACME, "MDF-1 · approved").text().contains(&format!("Claim by: {due}")));
    for day in [due - chrono::Days::new(3), due] {
        w.moves_to(&format!("{day}T20:00:00Z")).await;
    }
    holds(w, "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00").await;
    w.moves_to(&format!("{}T12:00:00Z", due.succ_opt().unwrap())).await;
    assert!(w.card(ACME, "MDF-1 is expired").text().contains(
        "MDF-1 is expired. Nothing of it was claimed in time. EUR 9,000.00 goes back to its fund."
    ));
    assert_eq!(w.word("SELECT state FROM mdf_request").await, "expired");
    holds(w, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00").await;
}

async fn similar_requests_and_too_little_notice_are_said(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await;
    let again = pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await;
    assert!(again.contains("⚠ Similar to MDF-1 for CMP-1: EUR 1,000.00, submitted."), "{again}");
    w.moves_to("2026-02-05T08:00:00Z").await;
    let late = pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Room fund:acme-q1").await;
    let notice = "⚠ Too little notice: 3 of 10 business days before the campaign starts. In time was until 2026-01-27.";
    assert!(late.contains(notice), "{late}");
    assert_eq!(late.matches("Too little notice").count(), 1, "once: {late}");
    let card = w.card(APPROVALS, "ACME/MDF-3").text();
    assert!(card.contains("Too little notice") && card.contains("Similar to MDF-2"), "{card}");
}
