//! MDF requests from filing to decision, what the ledger says after each step, and what it notices.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_request_waits_for_the_plan,
    approving_commits_the_whole_amount,
    approving_less_commits_less,
    a_returned_request_is_filed_again_under_its_number,
    a_declined_request_is_final,
    nobody_decides_what_they_filed,
    a_limit_holds_and_the_answer_names_who_can,
    a_large_amount_is_retyped,
    what_the_fund_does_not_cover_is_not_approved,
    a_request_asks_for_no_more_than_its_share,
    deciders_are_warned,
    a_partner_reads_nothing_of_what_a_pool_holds,
    the_ledger_notices_a_changed_running_total,
    the_ledger_notices_a_changed_entry,
    the_ledger_is_append_only,
);

const STALE: &str =
    "This has changed since the card was shown. Read the card again and decide on what it says now.";

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
}

async fn sign(w: &World) {
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

async fn agreed(w: &World) {
    drafted(w).await;
    w.person(Who::Pat).runs("/plan propose").await;
    sign(w).await;
}

/// Pat files a request over `figures` (cost and amount) against Acme's fund; gives its card in the approvals channel.
async fn filed(w: &World, figures: &str) -> Message {
    w.person(Who::Pat)
        .runs(&format!("/mdf request campaign:CMP-1 {figures} purpose:Speaker fund:acme-q1"))
        .await;
    w.card(APPROVALS, "ACME/MDF")
}

fn title(card: &Message) -> String {
    card.text().lines().next().unwrap_or_default().to_owned()
}

fn labels(card: &Message) -> Vec<String> {
    card.buttons().into_iter().map(|button| button.label).collect()
}

fn id_of(card: &Message, label: &str) -> String {
    card.button(label).and_then(|button| button.custom_id).unwrap()
}

async fn a_request_waits_for_the_plan(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    drafted(w).await;
    let line = "/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1";
    assert_eq!(
        pat.runs(line).await,
        "PLN-1 is draft: requests may be filed once it is proposed. Propose it with /plan propose."
    );
    pat.runs("/plan propose").await;
    assert_eq!(
        pat.runs(line).await,
        "MDF-1 is submitted: cost EUR 18,000.00 · MDF EUR 9,000.00 (50 %). The vendor decides."
    );
    let card = w.card(APPROVALS, "ACME/MDF-1");
    let early = "PLN-1 is proposed: requests are approved only once both sides have signed it.";
    assert_eq!(amir.presses(&card, "Approve", &[]).await, early);
    assert_eq!(amir.presses(&card, "Approve less…", &[]).await, early, "no form opens in vain");
    let less = id_of(&card, "Approve less…");
    assert_eq!(amir.forges_form(&less, &[("amount", "100"), ("reason", "Less room")]).await, early);
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00"
    );
    sign(w).await;
    assert_eq!(
        amir.presses(&card, "Approve", &[]).await,
        "MDF-1 is approved. EUR 9,000.00 of Acme Q1 MDF is committed."
    );
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00"
    );
}

async fn approving_commits_the_whole_amount(w: &mut World) {
    let amir = w.person(Who::Amir);
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    assert_eq!(title(&card), "ACME/MDF-1 · submitted");
    assert_eq!(labels(&card), ["Approve", "Approve less…", "Return…", "Decline…"]);
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00"
    );
    amir.presses(&card, "Approve", &[]).await;
    let done = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!((title(&done).as_str(), done.id), ("ACME/MDF-1 · approved", card.id), "edited in place");
    assert_eq!(labels(&done), Vec::<String>::new());
    assert!(done.text().contains("Decided by: <@2002>"), "{}", done.text());
    let shared = w.card(ACME, "MDF-1 · approved");
    assert_eq!(labels(&shared), Vec::<String>::new());
    assert!(!shared.text().contains("available"), "{}", shared.text());
    assert_eq!(
        amir.forges_press(&done, &id_of(&card, "Approve")).await,
        "MDF-1 is approved, so there is nothing to decide."
    );
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 21,000.00 · pending EUR 0.00 · committed EUR 9,000.00"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM request_decision").await, 1);
}

async fn approving_less_commits_less(w: &mut World) {
    let amir = w.person(Who::Amir);
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    assert_eq!(
        amir.presses(&card, "Approve less…", &[]).await,
        "Approve less of MDF-1\nAmount to approve*: (at most EUR 9,000.00)\nReason*: (Why not all of it?)"
    );
    for (amount, refusal) in [
        ("9,000.01", "EUR 9,000.01 is more than was asked for. Approve at most EUR 9,000.00."),
        ("0", "The amount must be above zero. To refuse it, press Decline…."),
        (
            "-5",
            "An amount can't be negative. Write it without the minus sign. Give an amount such as EUR 9,000.00.",
        ),
        (
            "much",
            "“much” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200. Give an amount such as EUR 9,000.00.",
        ),
        ("USD 100", "This has to be in EUR, not USD. Give an amount such as EUR 9,000.00."),
    ] {
        assert_eq!(
            amir.presses(&card, "Approve less…", &[("amount", amount), ("reason", "Less room")]).await,
            refusal
        );
    }
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 9,000.00 · committed EUR 0.00"
    );
    assert_eq!(
        amir.presses(&card, "Approve less…", &[("amount", "7,500.50"), ("reason", "Less room")]).await,
        "MDF-1 is approved for less than asked: Less room. EUR 7,500.50 of Acme Q1 MDF is committed."
    );
    let done = w.card(APPROVALS, "ACME/MDF-1").text();
    assert!(done.contains("Approved: EUR 7,500.50"), "{done}");
    let shared = w.card(ACME, "MDF-1 · approved").text();
    assert!(shared.contains("Reason: Less room"), "{shared}");
    assert_eq!(w.word("SELECT reason FROM request_decision").await, "Less room");
    let list = w.person(Who::Pat).runs("/mdf list").await;
    assert!(list.contains("**approved** EUR 7,500.50, claim by 2026-04-11 · Speaker"), "{list}");
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 22,499.50 · pending EUR 0.00 · committed EUR 7,500.50"
    );
}

async fn a_returned_request_is_filed_again_under_its_number(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    let first = filed(w, "cost:18k amount:9k").await;
    let again = "/mdf request campaign:CMP-1 cost:16k amount:8k purpose:Speaker and platform resubmit:MDF-1";
    assert_eq!(
        pat.runs(again).await,
        "MDF-1 is submitted: only a draft or a returned request is filed again. File a new one without the option resubmit."
    );
    assert_eq!(
        amir.presses(&first, "Return…", &[("reason", "Quote is missing")]).await,
        "MDF-1 is returned: Quote is missing. Correct it with /mdf request and its option resubmit."
    );
    let returned = w.card(ACME, "MDF-1 ·");
    assert_eq!(title(&returned), "MDF-1 · returned");
    assert!(returned.text().contains("Reason: Quote is missing"), "{}", returned.text());
    assert_eq!(w.fund("acme-q1").await, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(
        pat.runs(again).await,
        "MDF-1 is submitted: cost EUR 16,000.00 · MDF EUR 8,000.00 (50 %). The vendor decides."
    );
    let second = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(second.id, first.id, "one card for one request");
    assert_eq!(amir.forges_press(&second, &id_of(&first, "Approve")).await, STALE);
    assert_eq!(
        amir.forges_form(&id_of(&first, "Decline…").replace("approve", "decline"), &[("reason", "no")]).await,
        STALE
    );
    assert_eq!(
        amir.presses(&second, "Approve", &[]).await,
        "MDF-1 is approved. EUR 8,000.00 of Acme Q1 MDF is committed."
    );
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 22,000.00 · pending EUR 0.00 · committed EUR 8,000.00"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request").await, 1);
}

async fn a_declined_request_is_final(w: &mut World) {
    let [pat, amir] = [Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    assert_eq!(
        amir.presses(&card, "Decline…", &[("reason", " ")]).await,
        "A reason is needed. Say in a sentence what should be different."
    );
    assert_eq!(
        amir.presses(&card, "Decline…", &[("reason", "Not in this quarter")]).await,
        "MDF-1 is declined: Not in this quarter."
    );
    assert_eq!(title(&w.card(ACME, "MDF-1 ·")), "MDF-1 · declined");
    assert_eq!(
        amir.forges_press(&card, &id_of(&card, "Approve")).await,
        "MDF-1 is declined, so there is nothing to decide."
    );
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Again resubmit:MDF-1").await,
        "MDF-1 is declined: only a draft or a returned request is filed again. File a new one without the option resubmit."
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00");
}

async fn nobody_decides_what_they_filed(w: &mut World) {
    let [vera, amir, pat] = [Who::Vera, Who::Amir, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001, 4002]);
    assert_eq!(
        vera.runs("/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Banner fund:acme-q1").await,
        "MDF-1 is submitted: cost EUR 4,000.00 · MDF EUR 2,000.00 (50 %). The vendor decides."
    );
    let card = w.card(APPROVALS, "ACME/MDF-1");
    assert!(card.text().contains("Filed by: <@2001>\non behalf of Acme"), "{}", card.text());
    let own = "You filed this request. Somebody else has to decide it.";
    let approver = vera.at(APPROVALS);
    for label in ["Approve", "Approve less…", "Return…", "Decline…"] {
        assert_eq!(approver.presses(&card, label, &[]).await, own, "{label}");
    }
    for label in ["Return…", "Decline…"] {
        assert_eq!(approver.forges_form(&id_of(&card, label), &[("reason", "x")]).await, own, "{label}");
    }
    // It doesn't become somebody else's by being returned and corrected.
    amir.presses(&card, "Return…", &[("reason", "Which banner?")]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:4k amount:2k purpose:Banner at the fair resubmit:MDF-1").await;
    let corrected = w.card(APPROVALS, "ACME/MDF-1");
    assert_eq!(approver.presses(&corrected, "Approve", &[]).await, own);
    assert_eq!(approver.forges_form(&id_of(&corrected, "Decline…"), &[("reason", "x")]).await, own);
    assert_eq!(
        amir.presses(&corrected, "Approve", &[]).await,
        "MDF-1 is approved. EUR 2,000.00 of Acme Q1 MDF is committed."
    );
}

async fn a_limit_holds_and_the_answer_names_who_can(w: &mut World) {
    let [amir, finn, pat, vera] = [Who::Amir, Who::Finn, Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    let card = filed(w, "cost:50k amount:20,000.01").await;
    let above = "EUR 20,000.01 is above your limit of EUR 20,000.00. Somebody with a higher limit has to decide it. People with <@&4003> can.";
    assert_eq!(amir.presses(&card, "Approve", &[]).await, above, "before a form opens in vain");
    let confirm = id_of(&card, "Approve").replace("mdf-approve", "mdf-confirm");
    assert_eq!(amir.forges_form(&confirm, &[("confirm", "20,000.01")]).await, above);
    assert_eq!(
        vera.at(APPROVALS).presses(&card, "Approve", &[]).await,
        "You may not do this: it needs \"approve MDF requests\". People with <@&4002> or <@&4003> can."
    );
    assert_eq!(
        pat.forges_press(&card, &id_of(&card, "Approve")).await,
        "You may not do this: it needs \"approve MDF requests\". The vendor can."
    );
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 20,000.01 · committed EUR 0.00"
    );
    assert_eq!(
        amir.presses(&card, "Approve less…", &[("amount", "20,000.00"), ("reason", "Less room")]).await,
        "MDF-1 is approved for less than asked: Less room. EUR 20,000.00 of Acme Q1 MDF is committed."
    );
    let rest = filed(w, "cost:20k amount:10k").await;
    assert_eq!(
        finn.presses(&rest, "Approve", &[("confirm", "10,000")]).await,
        "MDF-2 is approved. EUR 10,000.00 of Acme Q1 MDF is committed."
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 30,000.00");
}

async fn a_large_amount_is_retyped(w: &mut World) {
    let amir = w.person(Who::Amir);
    agreed(w).await;
    let small = filed(w, "cost:20k amount:9,999.99").await;
    assert_eq!(
        amir.presses(&small, "Approve", &[]).await,
        "MDF-1 is approved. EUR 9,999.99 of Acme Q1 MDF is committed."
    );
    let large = filed(w, "cost:20k amount:10k").await;
    assert_eq!(
        amir.presses(&large, "Approve", &[]).await,
        "Approve MDF-2\nRetype the amount: EUR 10,000.00*: ()"
    );
    let wrong = "Nothing is approved: the amount retyped has to be EUR 10,000.00. Press Approve again and type it as shown.";
    assert_eq!(amir.presses(&large, "Approve", &[("confirm", "1,000.00")]).await, wrong);
    let confirm = id_of(&large, "Approve").replace("mdf-approve", "mdf-confirm");
    assert_eq!(
        amir.forges_form(&confirm, &[("other", "10,000.00")]).await,
        "An amount is missing. Write it like 12,500.00 or 12.5k. Give an amount such as EUR 10,000.00."
    );
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 20,000.01 · pending EUR 10,000.00 · committed EUR 9,999.99"
    );
    assert_eq!(
        amir.presses(&large, "Approve", &[("confirm", "EUR 10,000.00")]).await,
        "MDF-2 is approved. EUR 10,000.00 of Acme Q1 MDF is committed."
    );
}

async fn what_the_fund_does_not_cover_is_not_approved(w: &mut World) {
    let finn = w.person(Who::Finn);
    agreed(w).await;
    let first = filed(w, "cost:40k amount:20k").await;
    let second = filed(w, "cost:40k amount:15k").await;
    finn.presses(&first, "Approve", &[("confirm", "20k")]).await;
    let before = w.state().await;
    assert_eq!(
        finn.presses(&second, "Approve", &[("confirm", "15k")]).await,
        "Acme Q1 MDF has EUR 10,000.00 available: it can't cover EUR 15,000.00. Approve less, or add to the fund first."
    );
    assert_eq!(w.state().await, before, "nothing half-done");
    assert_eq!(title(&w.card(APPROVALS, "ACME/MDF-2")), "ACME/MDF-2 · submitted");
    assert_eq!(
        finn.presses(&second, "Approve less…", &[("amount", "10k"), ("reason", "Less room")]).await,
        "MDF-2 is approved for less than asked: Less room. EUR 10,000.00 of Acme Q1 MDF is committed."
    );
    assert_eq!(w.fund("acme-q1").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 30,000.00");
}

async fn a_request_asks_for_no_more_than_its_share(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    let ask = async |figures: &str| {
        pat.runs(&format!("/mdf request campaign:CMP-1 {figures} purpose:x fund:acme-q1")).await
    };
    assert_eq!(
        ask("cost:18k amount:9,000.01").await,
        "EUR 9,000.01 is more than this activity gets: 50 % of the cost is EUR 9,000.00. Ask for at most EUR 9,000.00."
    );
    assert_eq!(ask("cost:18k amount:0").await, "Cost and amount must be above zero. Give them in EUR.");
    assert_eq!(ask("cost:0 amount:1").await, "Cost and amount must be above zero. Give them in EUR.");
    assert_eq!(
        ask("cost:18k amount:-9k").await,
        "An amount can't be negative. Write it without the minus sign. Acme Q1 MDF is in EUR."
    );
    assert_eq!(ask("cost:USD 18k amount:9k").await, "This has to be in EUR, not USD. Acme Q1 MDF is in EUR.");
    assert_eq!(
        ask("cost:18k amount:9k leads:-3").await,
        "Expected leads can't be negative. Leave them out if there are none."
    );
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:x").await,
        "Which fund? There are acme-q1 (Acme Q1 MDF, EUR, until 2026-06-30), pool-q1 (Q1 MDF pool, EUR, until 2026-06-30). \
         Name it in the option fund."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM mdf_request").await, 0);
    assert_eq!(
        ask("cost:18k amount:9k").await,
        "MDF-1 is submitted: cost EUR 18,000.00 · MDF EUR 9,000.00 (50 %). The vendor decides.",
        "no number was used up"
    );
}

async fn deciders_are_warned(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:2026-01-05..2026-07-31").await;
    pat.runs("/campaign add name:Now type:Social start:2026-01-05 end:2026-02-01 leads:1 pipeline:1k").await;
    pat.runs("/campaign add name:Late type:Email start:2026-07-02 leads:1 pipeline:1k").await;
    pat.runs("/plan propose").await;
    filed(w, "cost:50k amount:25k").await;
    let second = filed(w, "cost:50k amount:5,000.01").await.text();
    assert!(second.contains("To consider: ⚠ More than the fund has available beside what is already pending.\n⚠ The campaign has already started."), "{second}");
    assert!(
        second.contains(
            "Fund: Acme Q1 MDF: available EUR 30,000.00 · pending EUR 30,000.01 · committed EUR 0.00"
        ),
        "{second}"
    );
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-2 cost:2k amount:1k purpose:x fund:acme-q1").await,
        "MDF-3 is submitted: cost EUR 2,000.00 · MDF EUR 1,000.00 (50 %). The vendor decides.\n⚠ More than the fund has available beside what is already pending.\n⚠ The campaign starts outside the fund's validity (2026-01-01 to 2026-06-30)."
    );
}

async fn a_partner_reads_nothing_of_what_a_pool_holds(w: &mut World) {
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    agreed(w).await;
    assert_eq!(
        pat.runs("/mdf request campaign:CMP-1 cost:50k amount:25k purpose:x fund:pool-q1").await,
        "MDF-1 is submitted: cost EUR 50,000.00 · MDF EUR 25,000.00 (50 %). The vendor decides."
    );
    assert_eq!(
        vera.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:x fund:pool-q1").await,
        "MDF-2 is submitted: cost EUR 2,000.00 · MDF EUR 1,000.00 (50 %). The vendor decides.\n⚠ More than the fund has available beside what is already pending.\n⚠ Similar to MDF-1 for CMP-1: EUR 25,000.00, submitted."
    );
    let read = w.seen_by(Who::Pat);
    assert!(!read.contains("available"), "{read}");
}

async fn the_ledger_notices_a_changed_running_total(w: &mut World) {
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    w.person(Who::Amir).presses(&card, "Approve", &[]).await;
    assert_eq!(w.ledger_problems().await, Vec::<String>::new());
    let own = "fund_id = (SELECT id FROM fund WHERE key = 'acme-q1')";
    let change = async |by: i64| {
        w.sql(&format!(
            "UPDATE account_balance SET amount = amount + {by} WHERE account = 'available' AND {own}"
        ))
        .await
        .unwrap()
    };
    change(1).await;
    assert_eq!(
        w.ledger_problems().await,
        [
            "fund acme-q1, account available: the running total is 2100001, its entries add up to 2100000",
            "fund acme-q1: 2100001 is available, 2100000 is left of its credits",
        ]
    );
    change(-1).await;
    let below = format!("UPDATE account_balance SET amount = -1 WHERE account = 'paid' AND {own}");
    assert!(w.sql(&below).await.is_err(), "the database itself keeps accounts above zero");
}

async fn the_ledger_notices_a_changed_entry(w: &mut World) {
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    w.person(Who::Amir).presses(&card, "Approve", &[]).await;
    let unlocked = if w.is_sqlite() {
        "DROP TRIGGER ledger_entry_no_update; DROP TRIGGER ledger_transfer_no_update"
    } else {
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL; ALTER TABLE ledger_transfer DISABLE TRIGGER ALL"
    };
    w.sql(unlocked).await.unwrap();
    let transfer = w.word("SELECT id FROM ledger_transfer WHERE move = 'approve'").await;
    let one = format!("transfer_id = '{transfer}' AND account = 'committed'");
    w.sql(&format!("UPDATE ledger_entry SET amount = amount + 5 WHERE {one}")).await.unwrap();
    assert_eq!(
        w.ledger_problems().await,
        [
            "fund acme-q1, account committed: the running total is 900000, its entries add up to 900005"
                .to_owned(),
            format!("transfer {transfer} does not balance"),
        ]
    );
    w.sql(&format!("UPDATE ledger_entry SET amount = amount - 5 WHERE {one}")).await.unwrap();
    w.sql("UPDATE mdf_request SET approved_minor = 899999").await.unwrap();
    assert_eq!(
        w.ledger_problems().await,
        ["fund acme-q1: 900000 is committed, approved requests hold 899999"]
    );
    w.sql("UPDATE mdf_request SET approved_minor = 900000").await.unwrap();
    // Both entries of a transfer to other accounts than its move goes between: balanced, and wrong all the same.
    w.sql(&format!("UPDATE ledger_transfer SET move = 'release' WHERE id = '{transfer}'")).await.unwrap();
    assert_eq!(
        w.ledger_problems().await,
        [format!("transfer {transfer} is not between the accounts of its move (release)")]
    );
    w.sql(&format!("UPDATE ledger_transfer SET move = 'approve' WHERE id = '{transfer}'")).await.unwrap();
}

async fn the_ledger_is_append_only(w: &mut World) {
    agreed(w).await;
    let card = filed(w, "cost:18k amount:9k").await;
    w.person(Who::Amir).presses(&card, "Approve", &[]).await;
    for (table, set) in [
        ("ledger_transfer", "amount = amount + 1"),
        ("ledger_entry", "amount = amount + 1"),
        ("request_decision", "outcome = 'x'"),
    ] {
        for statement in [format!("UPDATE {table} SET {set}"), format!("DELETE FROM {table}")] {
            let refused = w.sql(&statement).await.unwrap_err().to_string();
            assert!(refused.contains(&format!("{table} is append-only")), "{statement}: {refused}");
        }
    }
}
