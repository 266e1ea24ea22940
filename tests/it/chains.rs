//! Chains of approval as people meet them in chat: two people decide on a request and on a claim, each once, on what both
//! saw; and small requests that the signed plan carries are approved by the program's own rule, and no others.

use crate::harness::{World, stories};
use crate::mdf_life::agreed;
use discord_local::Message;
use tandem::playground::seed::{self, ACME, APPROVALS, Who};

stories!(
    two_people_approve_a_request,
    less_by_the_first_is_what_the_second_decides_on,
    later_approvers_read_the_same_warnings,
    the_second_step_is_for_its_role,
    who_stands_in_does_not_take_the_second_step,
    two_people_approve_a_claim,
    lines_decided_anew_void_the_first_step,
    an_amended_request_voids_the_first_step_on_its_claim,
    another_claim_voids_the_first_step_on_what_is_left,
    what_the_plan_carries_is_approved_at_once,
    what_speaks_against_it_is_for_people,
    a_press_that_comes_twice_is_answered_once,
);

pub const ANY_TWO: &str = r#"
[[program.approval]]
for = "requests"
from = "5000"
steps = ["any", "any"]

[[program.approval]]
for = "claims"
from = "1000"
steps = ["any", "any"]

[[program.activity]]
type = "webinar"
cost_evidence = []
execution_evidence = []
results_evidence = []
"#;

/// The playground's bot.toml with more in its program, applied.
pub async fn declares(w: &World, settings: &str, blocks: &str) {
    let text = seed::bot_toml(&w.addresses)
        .replace("confirm_from = \"10000\"", &format!("confirm_from = \"10000\"\n{settings}"));
    let text = text.replacen("[[program.role]]", &format!("{blocks}\n[[program.role]]"), 1);
    w.declares(&text).await.unwrap();
}

async fn files(w: &World, figures: &str) -> String {
    let line = format!("/mdf request campaign:CMP-1 {figures} purpose:Speaker fund:acme-q1");
    w.person(Who::Pat).runs(&line).await
}

async fn approves(w: &World, who: Who, card: &Message) -> String {
    w.person(who).at(APPROVALS).presses(card, "Approve", &[]).await
}

async fn holds(w: &World, expected: &str) {
    assert_eq!(w.fund("acme-q1").await, expected);
}

/// How many decisions there are on requests, or on claims, steps among them.
async fn decisions(w: &World, of: &str) -> i64 {
    w.number(&format!("SELECT COUNT(*) FROM {of}_decision")).await
}

async fn two_people_approve_a_request(w: &mut World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    files(w, "cost:18k amount:9k").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().contains("1. ⬜ an approver\n2. ⬜ an approver"), "{}", card.text());
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "MDF-1: EUR 9,000.00 approved, step 1 of 2. Waiting for another approver."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00").await;
    let card = w.card(APPROVALS, "ACME/MDF-1 · in review");
    assert!(card.text().contains("☑ <@2002>"), "{}", card.text());
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "You have taken a step of this decision already. Somebody else has to take the next."
    );
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed."
    );
    holds(w, "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00").await;
    assert_eq!(decisions(w, "request").await, 2);
    // Below the chain one is enough.
    files(w, "cost:9998 amount:4999").await;
    let answer = approves(w, Who::Amir, &w.card(APPROVALS, "ACME/MDF-2")).await;
    assert_eq!(answer, "MDF-2 is approved. EUR 4,999.00 of Acme Q1 MDF is committed.");
}

async fn later_approvers_read_the_same_warnings(w: &mut World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    files(w, "cost:2k amount:1k").await;
    files(w, "cost:18k amount:9k").await;
    let warned = "⚠ Similar to MDF-1 for CMP-1: EUR 1,000.00, submitted.";
    let card = w.card(APPROVALS, "ACME/MDF-2");
    assert!(card.text().contains(warned), "{}", card.text());
    let amir = w.person(Who::Amir);
    amir.presses(&card, "Approve less…", &[("amount", "6k"), ("reason", "Less room")]).await;
    for (channel, name) in [(APPROVALS, "ACME/MDF-2 · in review"), (ACME, "MDF-2 · in review")] {
        let card = w.card(channel, name).text();
        assert!(card.contains(warned), "{card}");
    }
    let shown = amir.runs("/mdf show request:ACME/MDF-2").await;
    assert!(shown.contains(warned), "{shown}");
    approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-2")).await;
    assert!(!w.card(ACME, "MDF-2 · approved").text().contains("⚠"), "it is decided");
}

async fn less_by_the_first_is_what_the_second_decides_on(w: &mut World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    files(w, "cost:18k amount:9k").await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    let old = card.button("Approve").unwrap().custom_id.unwrap();
    let amir = w.person(Who::Amir);
    assert_eq!(
        amir.presses(&card, "Approve less…", &[("amount", "6k"), ("reason", "Less room")]).await,
        "MDF-1: EUR 6,000.00 approved, step 1 of 2. Waiting for another approver."
    );
    let finn = w.person(Who::Finn);
    assert!(finn.forges_press(&card, &old).await.starts_with("This has changed"));
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().contains("To approve: EUR 6,000.00: Less room"), "{}", card.text());
    let shared = w.card(ACME, "MDF-1").text();
    assert!(!shared.contains("Less room"), "nothing is decided: {shared}");
    assert!(card.button("Approve less…").is_none(), "that was for the first to say");
    let less = card.button("Approve").unwrap().custom_id.unwrap().replace("mdf-approve", "mdf-less");
    assert_eq!(
        finn.forges_press(&card, &less).await,
        "Others have approved EUR 6,000.00: less is for the first step to say. Return it with your reason, or decline it."
    );
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "MDF-1 is approved for less than asked: Less room. EUR 6,000.00 of Acme Q1 MDF is committed."
    );
    holds(w, "available EUR 24,000.00 · pending EUR 0.00 · committed EUR 6,000.00").await;
    assert!(w.card(ACME, "MDF-1 · approved").text().contains("Reason: Less room"));
    let reasons = "SELECT reason FROM request_decision WHERE reason IS NOT NULL";
    assert_eq!(w.word(reasons).await, "Less room", "of the one who gave it alone");
}

async fn the_second_step_is_for_its_role(w: &mut World) {
    declares(
        w,
        "",
        &ANY_TWO.replace(
            "steps = [\"any\", \"any\"]\n\n[[program.approval]]\nfor = \"claims\"",
            "steps = [\"any\", \"4003\"]\n\n[[program.approval]]\nfor = \"claims\"",
        ),
    )
    .await;
    agreed(w).await;
    files(w, "cost:18k amount:9k").await;
    approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "Step 2 of 2 is for <@&4003>. Somebody with that role has to take it."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00").await;
    w.person(Who::Amir).presses(&card, "Return…", &[("reason", "Ask for less.")]).await;
    assert_eq!(
        w.person(Who::Pat)
            .runs("/mdf request campaign:CMP-1 cost:18k amount:8k purpose:Speaker resubmit:MDF-1")
            .await
            .lines()
            .next(),
        Some("MDF-1 is submitted: cost EUR 18,000.00 · MDF EUR 8,000.00 (44.4 %). The vendor decides.")
    );
    // What was approved before counts no more: it begins with the first step.
    assert_eq!(
        approves(w, Who::Amir, &w.card(APPROVALS, "ACME/MDF-1")).await,
        "MDF-1: EUR 8,000.00 approved, step 1 of 2. Waiting for <@&4003>."
    );
    let answer = approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await;
    assert_eq!(answer, "MDF-1 is approved. EUR 8,000.00 of Acme Q1 MDF is committed.");
}

async fn who_stands_in_does_not_take_the_second_step(w: &mut World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    files(w, "cost:18k amount:9k").await;
    approves(w, Who::Amir, &w.card(APPROVALS, "ACME/MDF-1")).await;
    w.person(Who::Amir).runs("/away until:2026-01-09 delegate:<@2003>").await;
    assert_eq!(
        approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await,
        "<@2002> has taken a step of this decision, and you two count as one. Somebody else has to take the next."
    );
    holds(w, "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00").await;
}

/// A request over EUR 4,000 of 8,000 is approved, and the webinar is over.
async fn over(w: &World) {
    declares(w, "", ANY_TWO).await;
    agreed(w).await;
    files(w, "cost:8k amount:4k").await;
    approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await;
    w.moves_to("2026-02-16T08:00:00Z").await;
}

/// Claim `number` with one line of `net`, filed.
async fn claimed(w: &World, number: u32, net: &str) -> Message {
    let pat = w.person(Who::Pat);
    pat.runs("/claim new request:MDF-1").await;
    let line = format!(
        "/claim line claim:CLM-{number} what:Speaker supplier:Stage invoice:I-{number} date:2026-02-11 net:{net}"
    );
    pat.runs(&line).await;
    let answer = pat.runs(&format!("/claim submit claim:CLM-{number} certify:True")).await;
    assert!(answer.contains("is submitted: 1 line"), "{answer}");
    w.card(APPROVALS, &format!("ACME/CLM-{number}"))
}

async fn two_people_approve_a_claim(w: &mut World) {
    over(w).await;
    let card = claimed(w, 1, "6k").await;
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "CLM-1: EUR 3,000.00 approved, step 1 of 2. Waiting for another approver."
    );
    assert_eq!(
        w.person(Who::Finn).at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await,
        "CLM-1 is in review: only an approved claim is paid."
    );
    let card = w.card(APPROVALS, "ACME/CLM-1 · in review");
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "You have taken a step of this decision already. Somebody else has to take the next."
    );
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "CLM-1 is approved. EUR 3,000.00 of Acme Q1 MDF will be paid."
    );
    assert_eq!(decisions(w, "claim").await, 2);
    let small = claimed(w, 2, "1k").await;
    let answer = approves(w, Who::Amir, &small).await;
    assert_eq!(answer, "CLM-2 is approved. EUR 500.00 of Acme Q1 MDF will be paid.");
}

async fn lines_decided_anew_void_the_first_step(w: &mut World) {
    over(w).await;
    let card = claimed(w, 1, "6k").await;
    approves(w, Who::Amir, &card).await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    let finn = w.person(Who::Finn);
    finn.presses(&card, "Decide lines…", &[("lines", "1: 5,000 no drinks")]).await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "CLM-1: EUR 2,500.00 approved, step 1 of 2. Waiting for another approver."
    );
    let answer = approves(w, Who::Amir, &w.card(APPROVALS, "ACME/CLM-1")).await;
    assert_eq!(answer, "CLM-1 is approved. EUR 2,500.00 of Acme Q1 MDF will be paid.");
}

/// What one of two has approved is not what the other completes, if the request gives more meanwhile.
async fn an_amended_request_voids_the_first_step_on_its_claim(w: &mut World) {
    over(w).await;
    let card = claimed(w, 1, "9k").await;
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "CLM-1: EUR 4,000.00 approved, step 1 of 2. Waiting for another approver."
    );
    let card = w.card(APPROVALS, "ACME/CLM-1");
    let seen = card.button("Approve").unwrap().custom_id.unwrap();
    w.person(Who::Pat).runs("/mdf amend request:MDF-1 cost:9k amount:4,500 reason:More came").await;
    approves(w, Who::Finn, &w.card(APPROVALS, "ACME/MDF-1")).await;
    assert!(
        w.person(Who::Finn).forges_press(&card, &seen).await.starts_with("This has changed"),
        "nobody saw that it pays EUR 4,500.00"
    );
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert!(card.text().contains("EUR 4,500.00 (50 % of what is accepted)"), "{}", card.text());
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "CLM-1: EUR 4,500.00 approved, step 1 of 2. Waiting for another approver."
    );
    let answer = approves(w, Who::Amir, &w.card(APPROVALS, "ACME/CLM-1")).await;
    assert_eq!(answer, "CLM-1 is approved. EUR 4,500.00 of Acme Q1 MDF will be paid.");
}

/// Nor if another claim has taken some of it.
async fn another_claim_voids_the_first_step_on_what_is_left(w: &mut World) {
    over(w).await;
    let first = claimed(w, 1, "8k").await;
    let second = claimed(w, 2, "1k").await;
    approves(w, Who::Amir, &first).await;
    let answer = approves(w, Who::Amir, &second).await;
    assert_eq!(answer, "CLM-2 is approved. EUR 500.00 of Acme Q1 MDF will be paid.");
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert!(card.text().contains("EUR 3,500.00 (50 % of what is accepted)"), "{}", card.text());
    assert_eq!(
        approves(w, Who::Finn, &card).await,
        "CLM-1: EUR 3,500.00 approved, step 1 of 2. Waiting for another approver."
    );
    // What comes back by a reversal changes it again.
    let reverse = "/claim reverse claim:CLM-2 reason:Audit confirm:CLM-2";
    w.person(Who::Finn).at(ACME).runs(reverse).await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    assert_eq!(
        approves(w, Who::Amir, &card).await,
        "CLM-1: EUR 4,000.00 approved, step 1 of 2. Waiting for another approver."
    );
}

async fn what_the_plan_carries_is_approved_at_once(w: &mut World) {
    declares(w, "auto_approve_under = \"500\"", ANY_TWO).await;
    agreed(w).await;
    assert_eq!(
        files(w, "cost:998 amount:499").await,
        "MDF-1 is approved: the signed plan carries it. EUR 499.00 of Acme Q1 MDF is committed."
    );
    holds(w, "available EUR 29,501.00 · pending EUR 0.00 · committed EUR 499.00").await;
    let card = w.card(APPROVALS, "ACME/MDF-1 · approved");
    assert!(card.buttons().is_empty() && card.text().contains("Decided by: "), "{}", card.text());
    let history = w.person(Who::Pat).runs("/plan history").await;
    assert!(history.contains("**MDF-1** approved, EUR 499.00 · a rule of the program"), "{history}");
    assert_eq!(w.word("SELECT person FROM request_decision").await, "rule");
    assert_eq!(w.word("SELECT actor FROM ledger_transfer WHERE move = 'approve'").await, "rule");
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE actor = 'rule' AND code = 'request_approved'").await,
        1
    );
}

async fn what_speaks_against_it_is_for_people(w: &mut World) {
    declares(w, "auto_approve_under = \"500\"", ANY_TWO).await;
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    // The plan is not signed yet.
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:900 mdf:50%")
        .await;
    pat.runs(
        "/campaign add name:Mailing type:Email start:2026-03-10 leads:40 pipeline:120k budget:2k mdf:50%",
    )
    .await;
    pat.runs("/plan propose").await;
    let waits = "The vendor decides.";
    assert!(files(w, "cost:200 amount:100").await.contains(waits), "not signed");
    pat.runs("/mdf withdraw request:MDF-1").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    // The threshold itself is not below it.
    let at = "/mdf request campaign:CMP-2 cost:1000 amount:500 purpose:Letters fund:acme-q1";
    assert!(pat.runs(at).await.contains(waits), "at the threshold");
    pat.runs("/mdf withdraw request:MDF-2").await;
    // Of the 900, MDF pays 450.
    assert!(files(w, "cost:902 amount:451").await.contains(waits), "more than the plan carries");
    pat.runs("/mdf withdraw request:MDF-3").await;
    // Filed by the vendor, it counts as filed by both.
    let behalf = "/mdf request campaign:CMP-1 cost:200 amount:100 purpose:Speaker fund:acme-q1";
    assert!(vera.runs(behalf).await.contains(waits), "on the partner's behalf");
    pat.runs("/mdf withdraw request:MDF-4").await;
    let answer = files(w, "cost:600 amount:300").await;
    assert!(answer.starts_with("MDF-5 is approved: the signed plan carries it."), "{answer}");
    // A second one looks like the first: somebody should see that.
    assert!(files(w, "cost:100 amount:50").await.contains(waits), "similar to another one");
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE actor = 'rule' AND code = 'request_approved'").await,
        1
    );
}

/// Chat may deliver the same press twice, to one process or to two: it is answered and written down once.
async fn a_press_that_comes_twice_is_answered_once(w: &mut World) {
    use tandem::flow::press::{Pressed, press};
    use tandem::flow::{Asker, Request, handle};
    use tandem::playground::seed::GUILD;
    agreed(w).await;
    files(w, "cost:4k amount:2k").await;
    let id = w.card(APPROVALS, "ACME/MDF-1").button("Approve").unwrap().custom_id.unwrap();
    let asker = |who: Who, role: &str| Asker {
        guild: GUILD.to_string(),
        channel: APPROVALS.to_string(),
        user: who.id().to_string(),
        roles: vec![role.to_owned()],
        ..Asker::default()
    };
    let (app, amir) = (&w.running.app, asker(Who::Amir, "4002"));
    let Pressed::Run(command) = press(app, "discord:1", &amir, &id).await.unwrap() else { panic!("it runs") };
    let reply =
        handle(app, &Request { key: "discord:1".into(), asker: amir.clone(), command }).await.unwrap();
    assert_eq!(reply.text, "MDF-1 is approved. EUR 2,000.00 of Acme Q1 MDF is committed.");
    let lines = w.number("SELECT COUNT(*) FROM audit").await;
    assert_eq!(press(app, "discord:1", &amir, &id).await.unwrap(), Pressed::Tell(reply));
    assert_eq!(w.number("SELECT COUNT(*) FROM audit").await, lines, "nothing is written the second time");
    // So with one that was refused.
    let finn = asker(Who::Finn, "4003");
    let Pressed::Refused(refused) = press(app, "discord:2", &finn, &id).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!(press(app, "discord:2", &finn, &id).await.unwrap(), Pressed::Tell(refused));
    assert_eq!(w.number("SELECT COUNT(*) FROM audit").await, lines + 1);
}
