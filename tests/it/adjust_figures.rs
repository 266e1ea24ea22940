//! The figures of a plan that was adjusted, as worked out in `docs/figures.md`; when a plan closes; and what happens when
//! two people decide at the same instant.

use crate::acknowledge::both_acknowledge;
use crate::harness::desk::{Desk, request as asked};
use crate::harness::{World, database, stories};
use serde_json::{Value, json};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::command::Command;
use tandem::domain::command::adjust::{AdjustWish, AdjustmentDecision};
use tandem::flow::{self, Reply};
use tandem::inbound::cron::next_due;
use tandem::playground::seed::{ACME, APPROVALS, Who};
use tandem::report::{figures, json as report_json};
use tandem::store::{Store, plan, program};
use tandem::{args, in_read};

stories!(
    an_adjustment_in_the_middle_leaves_the_past_miss_where_it_was,
    a_cancelled_campaign_freezes_and_its_pipeline_follows,
    a_postponed_campaign_plans_nothing_until_it_has_a_date,
    an_earlier_report_stays_as_it_was_after_an_adjustment,
    a_plan_closes_when_its_last_tail_is_over,
    an_open_request_keeps_a_plan_from_closing,
    rates_are_signed_with_the_plan_and_convert_what_comes,
);

/// Forty days from 5 January, by hand: two leads, EUR 2,000.00 pipeline (30 days later) and EUR 200.00 a day.
const SEARCH: &str = "/campaign add name:Search type:Paid search start:2026-01-05 end:2026-02-13 leads:80 pipeline:80k budget:8k results:by hand";
/// Half of its 40 leads two days after the event, the others in the 14 days after that.
const WEBINAR: &str = "/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:40k budget:4k results:by hand";

async fn agreed(w: &World, campaigns: &[&str]) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:mid-and-end").await;
    for campaign in campaigns {
        pat.runs(campaign).await;
    }
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1 ·");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// The figures as of now, as kept of a report.
async fn figures_now(w: &World) -> Value {
    let now = w.clock.now();
    let snapshot = in_read!(w.running.app.store, |read| {
        let program = program::by_key(read, "northwind").await?.unwrap();
        let partners = program::partners(read, &program.id).await?;
        let acme = partners.iter().find(|partner| partner.key == "acme").unwrap();
        let plan = plan::of_partner(read, &acme.id).await?.remove(0);
        figures::snapshot(read, &plan, now, plan.last_complete_day(now)).await
    })
    .unwrap();
    report_json::of(&snapshot, &snapshot.report(), &snapshot.funds)
}

fn of(report: &Value, campaign: &str, measure: &str, figures: &[&str]) -> Value {
    let all = report["campaigns"].as_array().unwrap();
    let line = all.iter().find(|line| line["id"] == campaign).unwrap();
    figures.iter().map(|figure| line["measures"][measure][*figure].clone()).collect()
}

async fn an_adjustment_in_the_middle_leaves_the_past_miss_where_it_was(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w, &[SEARCH]).await;
    w.moves_to("2026-01-24T11:00:00Z").await;
    pat.runs("/campaign log campaign:CMP-1 leads:25 date:2026-01-20").await;
    w.moves_to("2026-01-25T11:00:00Z").await;
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1 leads:39 reason:Slow").await,
        "The target of leads of CMP-1 can't go below what has come or was due by now. Give at least 40: a cut doesn't undo a past miss."
    );
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1 leads:60").await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    pat.runs("/campaign edit campaign:CMP-1 leads:70 reason:Slow").await;
    // A further edit builds on the first.
    pat.runs("/campaign edit campaign:CMP-1 leads:60 message:New words reason:Slower").await;
    let card = w.card(ACME, "ADJ-1 ·");
    for part in [
        "Leads: 80 → 60",
        "Message: none → New words",
        "• edit CMP-1: Slow (<@2004>)",
        "• edit CMP-1: Slower",
    ] {
        assert!(card.text().contains(part), "{part:?} is not in {}", card.text());
    }
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    vera.presses(&card, "Countersign", &[]).await;
    w.moves_to("2026-01-30T11:00:00Z").await;
    let report = figures_now(w).await;
    let asked = ["target", "planned_to_date", "planned_by_end", "released", "actual", "variance"];
    // 40 were due until 24 January, then one a day.
    assert_eq!(
        of(&report, "CMP-1", "leads", &asked),
        json!(["60", "45.00", "60.00", "0.00", "25", "-20.00"])
    );
    let line = &report["campaigns"][0]["measures"]["leads"]["baseline"];
    assert_eq!(*line, json!({"target": "80", "planned_to_date": "50.00", "variance": "-25.00"}));
}

async fn a_cancelled_campaign_freezes_and_its_pipeline_follows(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w, &[SEARCH]).await;
    w.moves_to("2026-01-24T11:00:00Z").await;
    pat.runs("/campaign log campaign:CMP-1 leads:25 date:2026-01-20").await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:It brings nothing").await;
    w.moves_to("2026-01-25T11:00:00Z").await;
    w.person(Who::Olga).presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    w.moves_to("2026-02-14T11:00:00Z").await;
    let report = figures_now(w).await;
    assert_eq!((&report["revision"], &report["day"]), (&json!(2), &json!("2026-02-13")));
    assert_eq!(report["campaigns"][0]["state"], json!({"cancelled_from": "2026-01-25"}));
    let asked = ["target", "planned_to_date", "planned_by_end", "released", "actual", "variance"];
    // 20 days of two leads were due until 24 January; 25 came: the miss of 15 stays.
    assert_eq!(
        of(&report, "CMP-1", "leads", &asked),
        json!(["80", "40.00", "40.00", "40.00", "25", "-15.00"])
    );
    assert_eq!(
        of(&report, "CMP-1", "spend", &asked),
        json!(["8000.00", "4000.00", "4000.00", "4000.00", "0.00", "-4000.00"])
    );
    // Ten days of pipeline, 4 to 13 February; another ten until 23 February follow the frozen leads.
    assert_eq!(
        of(&report, "CMP-1", "pipeline", &asked),
        json!(["80000.00", "20000.00", "40000.00", "40000.00", "0.00", "-20000.00"])
    );
    let line = &report["campaigns"][0]["measures"]["leads"]["baseline"];
    assert_eq!(*line, json!({"target": "80", "planned_to_date": "80.00", "variance": "-55.00"}));
    let said = vera.runs("/report variance").await;
    for part in ["cancelled from 2026-01-25", "40 released", "Baseline target", "Released"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

async fn a_postponed_campaign_plans_nothing_until_it_has_a_date(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    agreed(w, &[SEARCH, WEBINAR]).await;
    w.moves_to("2026-01-20T11:00:00Z").await;
    vera.runs("/campaign postpone campaign:CMP-2 reason:No hall").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    w.moves_to("2026-02-20T11:00:00Z").await;
    let waiting = figures_now(w).await;
    let asked = ["target", "planned_to_date", "planned_by_end", "released"];
    assert_eq!(of(&waiting, "CMP-2", "leads", &asked), json!(["40", "0.00", "0.00", "40.00"]));
    assert_eq!(of(&waiting, "CMP-2", "spend", &asked), json!(["4000.00", "0.00", "0.00", "4000.00"]));
    assert_eq!(of(&waiting, "CMP-1", "leads", &asked), json!(["80", "80.00", "80.00", "0.00"]));

    pat.runs("/campaign postpone campaign:CMP-2 start:2026-03-03 reason:A hall").await;
    w.person(Who::Olga).presses(&w.card(ACME, "ADJ-2 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-2 ·"), "Countersign", &[]).await;
    w.moves_to("2026-03-07T11:00:00Z").await;
    let dated = figures_now(w).await;
    // Half on 5 March, and one of 14 days of the other half.
    assert_eq!(of(&dated, "CMP-2", "leads", &asked), json!(["40", "21.43", "40.00", "0.00"]));
    assert_eq!(of(&dated, "CMP-2", "spend", &asked), json!(["4000.00", "4000.00", "4000.00", "0.00"]));
    let line = dated["campaigns"].as_array().unwrap().iter().find(|line| line["id"] == "CMP-2").unwrap();
    assert_eq!(
        line["measures"]["leads"]["baseline"]["planned_to_date"], "40.00",
        "by revision 1 all of it was due"
    );
}

async fn an_earlier_report_stays_as_it_was_after_an_adjustment(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    agreed(w, &[SEARCH]).await;
    w.moves_to("2026-01-20T11:00:00Z").await;
    let before = figures_now(w).await;
    let (as_of, id) = (w.clock.now(), w.word("SELECT id FROM plan").await);
    w.moves_to("2026-01-20T12:00:00Z").await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:It brings nothing").await;
    w.person(Who::Olga).presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    let again = in_read!(w.running.app.store, |read| {
        let plan = plan::by_id(read, &id).await?.unwrap();
        figures::snapshot(read, &plan, as_of, plan.last_complete_day(as_of)).await
    })
    .unwrap();
    assert_eq!(report_json::of(&again, &again.report(), &again.funds), before);
}

async fn a_plan_closes_when_its_last_tail_is_over(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w, &[SEARCH]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Ads fund:acme-q1").await;
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    w.moves_to("2026-04-01T11:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-04-01T11:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed", "its pipeline ended on 15 March");
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 29,000.00 · pending EUR 0.00 · committed EUR 1,000.00"
    );
    assert!(w.card(ACME, "PLN-1 ·").text().starts_with("PLN-1 · 2026-01-01 to 2026-03-31 · closed"));
    let next = next_due(&w.running.app).await.unwrap().unwrap();
    assert_eq!(next.to_rfc3339(), "2026-04-11T07:00:00+00:00", "nothing but a warning to claim MDF-1");
    assert_eq!(
        pat.runs("/campaign cancel campaign:CMP-1 reason:Late").await,
        "PLN-1 is closed and can't be edited. Create a new plan with /plan create."
    );
}

async fn an_open_request_keeps_a_plan_from_closing(w: &mut World) {
    let pat = w.person(Who::Pat);
    // Its last won revenue is due 90 days after 31 March.
    agreed(w, &[&SEARCH.replace("end:2026-02-13", "end:2026-03-31 won:9k")]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Ads fund:acme-q1").await;
    pat.runs("/campaign cancel campaign:CMP-1 reason:Forgotten").await;
    w.moves_to("2026-06-29T11:00:00Z").await;
    both_acknowledge(w).await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closing", "its last won revenue is due on 29 June");
    w.moves_to("2026-07-05T11:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closing", "MDF-1 waits");
    let next = next_due(&w.running.app).await.unwrap().unwrap();
    assert_eq!(next.to_rfc3339(), "2026-07-06T07:00:00+00:00", "only the digest, until it is decided");
    let card = w.card(APPROVALS, "ACME/MDF-1");
    w.person(Who::Amir).presses(&card, "Decline…", &[("reason", "Too late")]).await;
    w.moves_to("2026-07-05T11:01:00Z").await;
    assert_eq!(w.word("SELECT state FROM plan").await, "closed");
    assert_eq!(w.word("SELECT state FROM adjustment").await, "superseded");
}

async fn rates_are_signed_with_the_plan_and_convert_what_comes(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:mid-and-end").await;
    pat.runs(SEARCH).await;
    assert_eq!(
        pat.runs("/plan rate currency:USD rate:0.92").await,
        "You may not do this: it needs \"manage plans\". The vendor can."
    );
    for (line, said) in [
        ("currency:EUR rate:1", "The plan is in EUR itself."),
        ("currency:USD rate:0", "That is not a rate. Give what one USD is worth in EUR, such as 0.92."),
        ("currency:USD rate:9e2", "That is not a rate. Give what one USD is worth in EUR, such as 0.92."),
        ("currency:GBP rate:-", "PLN-1 has no rate for GBP."),
        ("currency:USD rate:0.9150", "In PLN-1 USD 1 is EUR 0.915, as of 2026-01-05."),
        ("currency:GBP rate:1.2", "In PLN-1 GBP 1 is EUR 1.2, as of 2026-01-05."),
        ("currency:GBP rate:-", "PLN-1 has no rate for GBP any more."),
    ] {
        assert_eq!(vera.runs(&format!("/plan rate {line}")).await, said);
    }
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1 ·");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    let snapshot = w.word("SELECT snapshot FROM plan_revision").await;
    assert!(
        snapshot
            .contains("\"rates\":[{\"currency\":\"USD\",\"entered_on\":\"2026-01-05\",\"rate\":\"0.915\"}]"),
        "{snapshot}"
    );
    assert_eq!(
        vera.runs("/plan rate currency:USD rate:2").await,
        "PLN-1 is signed by both sides and can't be edited. What is agreed changes only by an adjustment that both sides sign."
    );
    let campaign = w.word("SELECT id FROM campaign").await;
    for (id, minor, currency) in [("a", 100_001, "USD"), ("b", 50_000, "GBP"), ("c", 10_000, "EUR")] {
        let at = w.clock.now_ms();
        w.sql(&format!(
            "INSERT INTO fact (id, campaign_id, occurred_on, occurred_at, recorded_at, measure, delta, currency, rule)
             VALUES ('{id}', '{campaign}', '2026-01-05', {at}, {at}, 'pipeline', {minor}, '{currency}', 'utm_id')"
        ))
        .await
        .unwrap();
    }
    w.moves_to("2026-01-07T11:00:00Z").await;
    let report = figures_now(w).await;
    // USD 1,000.01 × 0.915 = 915.00915, rounded to 915.01, and EUR 100.00.
    assert_eq!(of(&report, "CMP-1", "pipeline", &["actual"]), json!(["1015.01"]));
    let said = pat.runs("/report variance").await;
    for part in [
        "Converted: USD 1 is EUR 0.915, the plan's rate of 2026-01-05.",
        "In another currency and not counted: GBP 500.00 pipeline of CMP-1.",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

/// How often a countersignature and a withdrawal meet, on each database.
const ROUNDS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_countersignature_and_a_withdrawal_have_one_winner_on_sqlite() {
    database::on_sqlite(async |url| one_winner(url).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_countersignature_and_a_withdrawal_have_one_winner_on_postgres() {
    database::on_postgres(one_winner).await;
}

/// In each round Pat puts the campaign off to another day; Vera countersigns while Pat withdraws, on two copies of the
/// program in odd rounds. Whoever comes second is told how it ended, and the plan has as many revisions as countersignatures.
async fn one_winner(url: String) {
    let desk = Desk::open(url).await;
    desk.agrees_on_a_plan(ACME).await;
    let other = App::new(Store::open(&desk.url).await.unwrap(), Clock::manual(desk.app.clock.now()));
    let mut countersigned = 0;
    for round in 0..ROUNDS {
        let wish = AdjustWish::Postpone {
            partner: None,
            campaign: "CMP-1".into(),
            start: Some(format!("2026-02-{:02}", 10 + round % 15)),
            end: None,
            reason: "Another day".into(),
        };
        let filed = desk.asks(Who::Pat, ACME, Command::Adjust(wish)).await;
        if filed.text == "That changes nothing. Say what should be different." {
            continue;
        }
        assert_eq!(filed.refused, None, "{}", filed.text);
        let id = in_read!(desk.app.store, |read| {
            read.one("SELECT id FROM adjustment WHERE state = 'proposed'", args![]).await?.text("id")
        })
        .unwrap();
        let own = press(&desk.app, Who::Olga, &id, AdjustmentDecision::Sign).await;
        assert_eq!(own.refused, None, "{}", own.text);
        let second = if round % 2 == 0 { &desk.app } else { &other };
        let (yes, no) = tokio::join!(
            press(&desk.app, Who::Vera, &id, AdjustmentDecision::Countersign),
            press(second, Who::Pat, &id, AdjustmentDecision::Withdraw)
        );
        assert!(yes.refused.is_none() != no.refused.is_none(), "{} / {}", yes.text, no.text);
        let lost = if yes.refused.is_none() { &no } else { &yes };
        countersigned += i64::from(yes.refused.is_none());
        assert!(lost.text.ends_with(", so there is nothing to decide."), "{}", lost.text);
    }
    let counted = in_read!(desk.app.store, |read| {
        let all = "SELECT COUNT(*) AS n FROM plan_revision";
        let agreed = "SELECT COUNT(*) AS n FROM adjustment WHERE state = 'agreed'";
        let revision = "SELECT revision AS n FROM plan";
        let mut counted = Vec::new();
        for sql in [all, agreed, revision] {
            counted.push(read.one(sql, args![]).await?.int("n")?);
        }
        Ok(counted)
    });
    assert_eq!(counted.unwrap(), [countersigned + 1, countersigned, countersigned + 1]);
}

fn press(app: &App, who: Who, id: &str, decision: AdjustmentDecision) -> impl Future<Output = Reply> + use<> {
    let wish = AdjustWish::Decide { id: id.to_owned(), seen_rev: 1, decision };
    let request = asked(who, ACME, Command::Adjust(wish));
    let app = app.clone();
    let work = tokio::spawn(async move { flow::handle(&app, &request).await.unwrap() });
    async { work.await.unwrap() }
}
