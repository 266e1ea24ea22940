//! What happens at the same instant: a fund is never over-committed, one thing is decided once.

use crate::harness::desk::{Desk, request as asked};
use crate::harness::{World, database, stories};
use chrono::{Days, NaiveDate};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::actor::Side;
use tandem::domain::command::{Command, NewRequest, PlanDecision, RequestDecision};
use tandem::domain::fund::carry::{Carry, CarryMost, CarryTo};
use tandem::domain::fund::{Fund, FundKind, Move, Terms};
use tandem::domain::money::{Currency, Money};
use tandem::domain::refusal::Code;
use tandem::domain::request::{FirstFiling, MdfRequest, RequestState};
use tandem::flow::{self, Reply};
use tandem::inbound::cron;
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, Who};
use tandem::store::{Store, audit, campaign, ledger, program, request};
use tandem::{args, in_read, in_tx};

/// How often two approvers press at the same instant, on each database.
const ROUNDS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_approvers_never_overcommit_on_sqlite() {
    database::on_sqlite(async |url| never_overcommitted(url, false).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_approvers_never_overcommit_on_postgres() {
    database::on_postgres(|url| never_overcommitted(url, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_copies_of_the_program_never_overcommit() {
    database::on_postgres(|url| never_overcommitted(url, true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clocks_end_a_fund_and_say_everything_once() {
    database::on_postgres(done_once).await;
}

stories!(
    two_presses_on_one_fund_approve_one_request,
    two_presses_on_one_request_decide_it_once,
    two_signatures_at_once_make_one_agreement,
);

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("EUR").unwrap()).unwrap()
}

/// In each round a pool covers one of two requests, of two partners in even rounds (so that they meet nowhere but at
/// the pool's account) and of one in odd ones. Two approvers press at the same instant.
async fn never_overcommitted(url: String, two_programs: bool) {
    let desk = Desk::open(url).await;
    desk.agrees_on_a_plan(ACME).await;
    desk.agrees_on_a_plan(GLOBEX).await;
    let rounds = prepared(&desk).await;
    let other = if two_programs { desk.replica().await } else { desk.app.clone() };
    let first = if two_programs { desk.replica().await } else { desk.app.clone() };
    for (round, [one, two]) in rounds.iter().enumerate() {
        let (one, two) = tokio::join!(approve(&first, Who::Amir, one), approve(&other, Who::Finn, two));
        let approved = [&one, &two].into_iter().filter(|reply| reply.refused.is_none()).count();
        let refused: Vec<Code> =
            [&one, &two].iter().filter_map(|reply| reply.refused.as_ref()).map(|no| no.code).collect();
        assert_eq!(
            (approved, refused),
            (1, vec![Code::NotCovered]),
            "round {round}: {} / {}",
            one.text,
            two.text
        );
    }
    let (problems, available, committed) = in_read!(desk.app.store, |read| {
        let sql =
            "SELECT CAST(SUM(b.amount) AS BIGINT) AS n FROM account_balance b JOIN fund f ON f.id = b.fund_id
                   WHERE f.key LIKE 'race-%' AND b.account = $1";
        let available = read.one(sql, args!["available"]).await?.int("n")?;
        let committed = read.one(sql, args!["committed"]).await?.int("n")?;
        // The trail is one chain for both partners: what was written at the same instant is in it, one after the other.
        for chain in audit::verify(read).await? {
            assert_eq!(chain.broken, None);
        }
        Ok((ledger::verify(read).await?, available, committed))
    })
    .unwrap();
    assert_eq!(problems, Vec::<String>::new());
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!((available, committed), (500 * rounds, 1_000 * rounds));
}

fn approve(app: &App, who: Who, id: &str) -> impl Future<Output = Reply> + use<> {
    let decision = RequestDecision::Approve { confirm: None };
    let wish = asked(who, APPROVALS, Command::DecideRequest { id: id.to_owned(), seen_rev: 1, decision });
    let app = app.clone();
    let work = tokio::spawn(async move { flow::handle(&app, &wish).await.unwrap() });
    async { work.await.unwrap() }
}

/// The funds and requests of all rounds, in one transaction: EUR 15.00 in each fund, two requests of EUR 10.00.
async fn prepared(desk: &Desk) -> Vec<[String; 2]> {
    let [acme, globex] = [desk.partner(ACME).await, desk.partner(GLOBEX).await];
    let clock = &desk.app.clock;
    in_tx!(desk.app.store, |tx| {
        let program = program::by_key(tx, "northwind").await?.unwrap();
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            let fund = Fund {
                id: clock.new_id(),
                program_id: program.id.clone(),
                partner_id: None,
                parent_id: None,
                key: format!("race-{round}"),
                name: format!("Race {round}"),
                kind: FundKind::Mdf,
                currency: eur(0).currency(),
                valid_from: "2026-01-01".parse().unwrap(),
                valid_until: "2026-12-31".parse().unwrap(),
                terms: Default::default(),
            };
            ledger::insert_fund(tx, &fund).await?;
            let transfer = ledger::Transfer {
                id: clock.new_id(),
                idempotency_key: fund.key.clone(),
                fund: &fund,
                what: Move::Allocate,
                amount: eur(1_500),
                about: ledger::About::default(),
                actor: "config",
                at: clock.now(),
            };
            ledger::transfer(tx, &transfer).await?;
            let second = if round % 2 == 0 { &globex } else { &acme };
            let mut pair = Vec::new();
            for partner_id in [&acme, second] {
                let campaign = campaign::by_number(tx, partner_id, 1).await?.unwrap();
                let number = program::next_number(tx, partner_id, "mdf").await?;
                let request = a_request(clock, partner_id, &campaign.id, &fund.id, number);
                request::insert(tx, &request).await?;
                pair.push(request.id);
            }
            rounds.push(<[String; 2]>::try_from(pair).unwrap());
        }
        Ok(rounds)
    })
    .unwrap()
}

fn a_request(clock: &Clock, partner_id: &str, campaign_id: &str, fund_id: &str, number: i64) -> MdfRequest {
    MdfRequest {
        id: clock.new_id(),
        partner_id: partner_id.to_owned(),
        campaign_id: campaign_id.to_owned(),
        fund_id: fund_id.to_owned(),
        fund_kind: tandem::domain::fund::FundKind::Mdf,
        number,
        cost: eur(2_000),
        amount: eur(1_000),
        share_percent: 50.into(),
        considered: None,
        approved: None,
        claimed: eur(0),
        claim_due: None,
        amendment: None,
        quotes: None,
        purpose: "Race".to_owned(),
        expected_leads: None,
        expected_pipeline: None,
        state: RequestState::Submitted,
        reason: None,
        rev: 1,
        filed_by: Who::Pat.id().to_string(),
        on_behalf_of: None,
        filed_at: clock.now(),
        first_filed: Some(FirstFiling { at: clock.now(), side: Side::Partner }),
        decided_at: None,
        warnings: Vec::new(),
    }
}

/// Two copies of the program, whose clocks come to the same instant each day at nine: a fund has ended, what is left of it goes
/// half on and half away, other money is warned of, and a request waits, so that there is a digest, a reminder and an
/// escalation.
async fn done_once(url: String) {
    const DAYS: u64 = 30;
    let desk = Desk::open(url).await;
    desk.agrees_on_a_plan(ACME).await;
    files_a_request(&desk).await;
    let first: NaiveDate = "2026-01-06".parse().unwrap();
    ending_funds(&desk, first, DAYS).await;
    let mut copies = Vec::new();
    for _ in 0..2 {
        copies.push(App::new(Store::open(&desk.url).await.unwrap(), Clock::manual(desk.app.clock.now())));
    }
    for day in 1..=DAYS {
        let at = (first + Days::new(day)).and_hms_opt(8, 0, 0).unwrap().and_utc();
        let tick = |app: &App| {
            assert!(app.clock.advance_to(at));
            let app = app.clone();
            tokio::spawn(async move { while cron::tick(&app).await.unwrap() > 0 {} })
        };
        let (one, two) = (tick(&copies[0]), tick(&copies[1]));
        one.await.unwrap();
        two.await.unwrap();
    }
    let count = async |sql: &'static str| {
        in_read!(desk.app.store, |read| { read.one(sql, args![]).await?.int("n") }).unwrap()
    };
    let days = i64::try_from(DAYS).unwrap();
    for what in [
        "SELECT COUNT(*) AS n FROM ledger_transfer WHERE move = 'expire' AND amount = 500",
        "SELECT COUNT(*) AS n FROM ledger_transfer WHERE move = 'transfer' AND amount = 500",
        "SELECT COUNT(*) AS n FROM audit WHERE code = 'fund_forfeited'",
        "SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%What was left of Race %'",
    ] {
        assert_eq!(count(what).await, days, "{what}");
    }
    let rest = "SELECT b.amount AS n FROM account_balance b JOIN fund f ON f.id = b.fund_id
                WHERE f.key = 'rest' AND b.account = 'available'";
    assert_eq!(count(rest).await, 500 * days);
    // What is said is said once for each slot, and there are as many as there should be.
    for (said, slots, least) in [
        (
            "SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%Open decisions%'",
            "SELECT COUNT(*) AS n FROM cron_slot WHERE job LIKE 'digest:%'",
            20,
        ),
        (
            "SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%Money that expires%'",
            "SELECT COUNT(*) AS n FROM cron_slot WHERE job LIKE 'expiry:%'",
            25,
        ),
        (
            "SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%Reminder: **%'",
            "SELECT COUNT(*) AS n FROM cron_slot WHERE job LIKE 'reminded:%'",
            1,
        ),
        (
            "SELECT COUNT(*) AS n FROM outbox WHERE body LIKE '%Escalated: **%'",
            "SELECT COUNT(*) AS n FROM cron_slot WHERE job LIKE 'escalated:%'",
            1,
        ),
    ] {
        let (said, slots) = (count(said).await, count(slots).await);
        assert!(said == slots && said >= least, "{said} of {slots}, at least {least}");
    }
    let problems = in_read!(desk.app.store, |read| { ledger::verify(read).await }).unwrap();
    assert_eq!(problems, Vec::<String>::new());
}

async fn files_a_request(desk: &Desk) {
    let new = NewRequest {
        campaign: "CMP-1".into(),
        fund: Some("acme-q1".into()),
        cost: "200".into(),
        amount: "100".into(),
        purpose: "Stand".into(),
        ..NewRequest::default()
    };
    assert_eq!(desk.asks(Who::Pat, ACME, Command::RequestMdf(new)).await.refused, None);
}

/// A pool for each day, which ends on it with EUR 10.00, and one that half of each goes on to.
async fn ending_funds(desk: &Desk, first: NaiveDate, days: u64) {
    let clock = &desk.app.clock;
    in_tx!(desk.app.store, |tx| {
        let program = program::by_key(tx, "northwind").await?.unwrap();
        let rest = Fund {
            id: clock.new_id(),
            program_id: program.id.clone(),
            partner_id: None,
            parent_id: None,
            key: "rest".into(),
            name: "Rest".into(),
            kind: FundKind::Mdf,
            currency: eur(0).currency(),
            valid_from: "2026-01-01".parse().unwrap(),
            valid_until: "2026-12-31".parse().unwrap(),
            terms: Terms::default(),
        };
        ledger::insert_fund(tx, &rest).await?;
        for day in 0..days {
            let carry = Carry { to: CarryTo::Fund(rest.id.clone()), most: CarryMost::Percent(50.into()) };
            let fund = Fund {
                id: clock.new_id(),
                key: format!("race-{day}"),
                name: format!("Race {day}"),
                valid_until: first + Days::new(day),
                terms: Terms { carry, ..Terms::default() },
                ..rest.clone()
            };
            ledger::insert_fund(tx, &fund).await?;
            let transfer = ledger::Transfer {
                id: clock.new_id(),
                idempotency_key: fund.key.clone(),
                fund: &fund,
                what: Move::Allocate,
                amount: eur(1_000),
                about: ledger::About::default(),
                actor: "config",
                at: clock.now(),
            };
            ledger::transfer(tx, &transfer).await?;
        }
        Ok(())
    })
    .unwrap();
}

async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// Both answers, the approval first.
fn sorted(one: String, two: String) -> [String; 2] {
    let mut both = [one, two];
    both.sort_by_key(|text| !text.contains("committed"));
    both
}

/// Two requests of EUR 9,000.00 on a pool of EUR 20,000.00 of which 11,000.00 is committed already.
async fn two_presses_on_one_fund_approve_one_request(w: &mut World) {
    let [amir, finn, pat] = [Who::Amir, Who::Finn, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:22k amount:11k purpose:First fund:pool-q1").await;
    finn.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[("confirm", "11k")]).await;
    for number in [2, 3] {
        pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Next fund:pool-q1").await;
        w.card(APPROVALS, &format!("ACME/MDF-{number}"));
    }
    let (second, third) = (w.card(APPROVALS, "ACME/MDF-2"), w.card(APPROVALS, "ACME/MDF-3"));
    let (one, two) =
        tokio::join!(amir.presses(&second, "Approve", &[]), finn.presses(&third, "Approve", &[]));
    let [yes, no] = sorted(one, two);
    assert!(yes.ends_with(" is approved. EUR 9,000.00 of Q1 MDF pool is committed."), "{yes}");
    assert_eq!(
        no,
        "Q1 MDF pool has EUR 0.00 available: it can't cover EUR 9,000.00. Approve less, or add to the fund first."
    );
    assert_eq!(
        w.fund("pool-q1").await,
        "available EUR 0.00 · pending EUR 9,000.00 · committed EUR 20,000.00"
    );
}

async fn two_presses_on_one_request_decide_it_once(w: &mut World) {
    let [amir, finn, pat] = [Who::Amir, Who::Finn, Who::Pat].map(|who| w.person(who));
    agreed(w).await;
    for number in 1..=5 {
        pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Again fund:acme-q1").await;
        let card = w.card(APPROVALS, &format!("ACME/MDF-{number}"));
        let (one, two) =
            tokio::join!(amir.presses(&card, "Approve", &[]), finn.presses(&card, "Approve", &[]));
        assert_eq!(
            sorted(one, two),
            [
                format!("MDF-{number} is approved. EUR 1,000.00 of Acme Q1 MDF is committed."),
                format!("MDF-{number} is approved, so there is nothing to decide."),
            ]
        );
    }
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 25,000.00 · pending EUR 0.00 · committed EUR 5,000.00"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM request_decision").await, 5);
}

async fn two_signatures_at_once_make_one_agreement(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    let (vera, olga) = (w.person(Who::Vera), w.person(Who::Olga));
    let (one, two) = tokio::join!(vera.presses(&card, "Sign", &[]), olga.presses(&card, "Sign", &[]));
    let agreed = "Signed. PLN-1 is agreed by both sides as revision 1.";
    let texts = [one, two];
    assert_eq!(texts.iter().filter(|text| *text == agreed).count(), 1, "{texts:?}");
    assert_eq!(
        texts.iter().filter(|text| text.starts_with("Signed. PLN-1 waits for the ")).count(),
        1,
        "{texts:?}"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 1);
    // And in the same company: one signature.
    let decision = Command::DecidePlan {
        id: w.word("SELECT id FROM plan").await,
        seen_rev: 3,
        decision: PlanDecision::Sign,
    };
    let late = flow::handle(&w.running.app, &asked(Who::Vera, ACME, decision)).await.unwrap();
    assert_eq!(late.text, "PLN-1 is agreed, so there is nothing to decide.");
}
