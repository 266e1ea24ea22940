//! The ledger, requests and decisions, and what reports read of them.

use super::{Ground, contracts, eur};
use chrono::Duration;
use serde_json::json;
use tandem::domain::actor::Side;
use tandem::domain::campaign::Campaign;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::fund::{Fund, FundKind, Move};
use tandem::domain::money::{Currency, Money};
use tandem::domain::period::Period;
use tandem::domain::request::{Amendment, FirstFiling, MdfRequest, RequestState};
use tandem::fault::Fault;
use tandem::playground::seed::GLOBEX;
use tandem::store::decision::{self, On};
use tandem::store::ledger::Moved;
use tandem::store::{Tx, audit, campaign, claim, figures, ledger, request};
use tandem::{in_read, in_tx};

contracts!(
    funds_are_saved_found_and_archived,
    money_moves_once_and_never_below_zero,
    money_goes_from_one_fund_to_another,
    requests_are_read_back_and_decided,
    figures_are_as_they_were_at_an_instant,
    what_waited_is_as_it_was_at_an_instant,
);

fn a_fund(g: &Ground, key: &str, partner_id: Option<String>) -> Fund {
    Fund {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        partner_id,
        parent_id: None,
        key: key.into(),
        name: "A fund".into(),
        kind: FundKind::CoOp,
        currency: eur(0).currency(),
        valid_from: "2026-01-01".parse().unwrap(),
        valid_until: "2026-12-31".parse().unwrap(),
        terms: Default::default(),
    }
}

fn a_transfer<'a>(g: &Ground, fund: &'a Fund, key: &str, what: Move, minor: i64) -> ledger::Transfer<'a> {
    ledger::Transfer {
        id: g.clock.new_id(),
        idempotency_key: key.into(),
        fund,
        what,
        amount: eur(minor),
        about: ledger::About::default(),
        actor: "1",
        at: g.clock.now(),
    }
}

pub fn a_request(g: &Ground, campaign_id: &str, fund_id: &str, number: i64) -> MdfRequest {
    MdfRequest {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        campaign_id: campaign_id.into(),
        fund_id: fund_id.into(),
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
        purpose: "Speaker".into(),
        expected_leads: Some(3),
        expected_pipeline: Some(eur(50)),
        state: RequestState::Submitted,
        reason: None,
        rev: 1,
        filed_by: "1".into(),
        on_behalf_of: None,
        filed_at: g.clock.now(),
        first_filed: Some(FirstFiling { at: g.clock.now(), side: Side::Partner }),
        decided_at: None,
        warnings: vec!["The campaign has already started.".into()],
    }
}

async fn funds_are_saved_found_and_archived(g: Ground) {
    let fund = a_fund(&g, "fair", Some(g.acme.clone()));
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        assert_eq!(ledger::fund_by_id(tx, &fund.id).await?, fund);
        let renamed = Fund { name: "The fair".into(), ..fund.clone() };
        ledger::save_fund(tx, &renamed, eur(70)).await?;
        assert_eq!(ledger::fund_by_key(tx, &g.program, "fair").await?, Some((renamed.clone(), eur(70))));
        assert_eq!(ledger::fund_by_key(tx, "nobody", "fair").await?, None);
        assert!(ledger::fund_by_id(tx, "nobody").await.is_err());
        let keys = ledger::funds(tx, &g.program).await?.into_iter().map(|(fund, _)| fund.key);
        assert_eq!(keys.collect::<Vec<_>>(), ["acme-q1", "fair", "pool-q1"]);
        ledger::archive_fund(tx, &fund.id, 7).await?;
        assert_eq!(ledger::funds(tx, &g.program).await?.len(), 2);
        assert!(
            ledger::fund_by_key(tx, &g.program, "fair").await?.is_some(),
            "an archived one keeps its key"
        );
        let unknown = Fund { id: "nobody".into(), ..fund.clone() };
        assert!(matches!(ledger::save_fund(tx, &unknown, eur(1)).await, Err(Fault::Rows { touched: 0, .. })));
        let archived = ledger::archive_fund(tx, "nobody", 7).await;
        assert!(matches!(archived, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
}

async fn money_goes_from_one_fund_to_another(g: Ground) {
    let (fair, pool) = (a_fund(&g, "fair", Some(g.acme.clone())), a_fund(&g, "all", None));
    let in_dollars = Fund { currency: Currency::parse("USD").unwrap(), ..a_fund(&g, "dollars", None) };
    in_tx!(g.store, |tx| {
        for fund in [&fair, &pool, &in_dollars] {
            ledger::insert_fund(tx, fund).await?;
        }
        ledger::transfer(tx, &a_transfer(&g, &fair, "allocate", Move::Allocate, 100)).await?;
        let to = |to| ledger::About { to: Some(to), ..ledger::About::default() };
        // There and back again: whichever of the two ids is the lower, both accounts are locked in its order.
        let steps = [
            ("over", &fair, &pool, 70, Moved::Done, (30, 70)),
            ("over", &fair, &pool, 70, Moved::Before, (30, 70)),
            ("too much", &fair, &pool, 31, Moved::NotCovered, (30, 70)),
            ("back", &pool, &fair, 20, Moved::Done, (50, 50)),
        ];
        for (key, from, reached, minor, moved, held) in steps {
            let transfer =
                ledger::Transfer { about: to(reached), ..a_transfer(&g, from, key, Move::Transfer, minor) };
            let result = ledger::transfer(tx, &transfer).await?;
            let fair = ledger::balances(tx, &fair).await?.available;
            let pool = ledger::balances(tx, &pool).await?.available;
            assert_eq!((result, fair, pool), (moved, eur(held.0), eur(held.1)), "{key}");
        }
        let nowhere = a_transfer(&g, &fair, "nowhere", Move::Transfer, 1);
        let itself = ledger::Transfer { about: to(&fair), ..nowhere.clone() };
        let foreign = ledger::Transfer { about: to(&in_dollars), ..nowhere.clone() };
        let named = ledger::Transfer { about: to(&pool), ..a_transfer(&g, &fair, "named", Move::Approve, 1) };
        for wrong in [&nowhere, &itself, &foreign, &named] {
            assert!(matches!(ledger::transfer(tx, wrong).await, Err(Fault::Corrupt(_))), "{wrong:?}");
        }
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

async fn money_moves_once_and_never_below_zero(g: Ground) {
    let fund = a_fund(&g, "fair", None);
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        let steps = [
            ("commit early", Move::Approve, 1, Moved::NotCovered, (0, 0)),
            ("allocate", Move::Allocate, 100, Moved::Done, (100, 0)),
            ("allocate", Move::Allocate, 100, Moved::Before, (100, 0)),
            ("too much", Move::Approve, 101, Moved::NotCovered, (100, 0)),
            ("commit", Move::Approve, 100, Moved::Done, (0, 100)),
            ("one more", Move::Approve, 1, Moved::NotCovered, (0, 100)),
            ("commit", Move::Approve, 100, Moved::Before, (0, 100)),
            ("take back", Move::AllocateBack, 1, Moved::NotCovered, (0, 100)),
            ("release too much", Move::Release, 101, Moved::NotCovered, (0, 100)),
            ("release", Move::Release, 40, Moved::Done, (40, 60)),
            ("take back", Move::AllocateBack, 40, Moved::Done, (0, 60)),
        ];
        for (key, what, minor, moved, (available, committed)) in steps {
            let result = ledger::transfer(tx, &a_transfer(&g, &fund, key, what, minor)).await?;
            let held = ledger::balances(tx, &fund).await?;
            assert_eq!(
                (result, held.available, held.committed),
                (moved, eur(available), eur(committed)),
                "{key} {minor}"
            );
        }
        let dollars = Money::from_minor(1, Currency::parse("USD").unwrap()).unwrap();
        let foreign = ledger::Transfer { amount: dollars, ..a_transfer(&g, &fund, "usd", Move::Allocate, 1) };
        assert!(matches!(ledger::transfer(tx, &foreign).await, Err(Fault::Corrupt(_))));
        // No request holds what was committed here, and nothing else is wrong.
        let problems = ledger::verify(tx).await?;
        assert_eq!(problems, ["fund fair: 60 is committed, approved requests hold 0"]);
        ledger::transfer(tx, &a_transfer(&g, &fund, "rest", Move::Release, 60)).await?;
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

async fn requests_are_read_back_and_decided(g: Ground) {
    let (fund, campaign) = fund_and_campaign(&g).await;
    let filed = a_request(&g, &campaign, &fund.id, 1);
    let globex = g.desk.partner(GLOBEX).await;
    in_tx!(g.store, |tx| {
        request::insert(tx, &filed).await?;
        assert_eq!(request::by_id(tx, &filed.id).await?.as_ref(), Some(&filed));
        assert_eq!(request::by_number(tx, &g.acme, 1).await?.as_ref(), Some(&filed));
        assert_eq!(request::by_number(tx, &globex, 1).await?, None);
        assert_eq!(request::of_partner(tx, &g.acme).await?, std::slice::from_ref(&filed));
        assert_eq!(request::of_campaign(tx, &campaign).await?, std::slice::from_ref(&filed));
        assert_eq!(request::of_campaign(tx, "nobody").await?, []);
        let its = campaign::by_id(tx, &campaign).await?;
        similar_ones_are_named(tx, &its, &filed).await?;
        assert_eq!(ledger::balances(tx, &fund).await?.pending, eur(1_000));
        let approved = MdfRequest {
            approved: Some(eur(900)),
            state: RequestState::Approved,
            rev: 2,
            decided_at: Some(g.clock.now()),
            ..filed.clone()
        };
        request::save(tx, &approved).await?;
        let taken = decision::Decision {
            id: g.clock.new_id(),
            rev: 1,
            on: On::Request(&approved.id),
            reason: approved.reason.as_deref(),
            outcome: approved.state.code(),
            amount: approved.approved,
            person: "2",
            stands_for: Some("3"),
            at: g.clock.now(),
        };
        decision::insert(tx, &taken).await?;
        assert_eq!(request::by_id(tx, &filed.id).await?.as_ref(), Some(&approved));
        assert_eq!(ledger::balances(tx, &fund).await?.pending, eur(0));
        let steps = decision::steps(tx, On::Request(&filed.id), 1).await?;
        assert_eq!(steps, [], "a decision that ends the waiting is no step");
        let step = decision::Decision { id: g.clock.new_id(), outcome: decision::STEP, ..taken };
        decision::insert(tx, &step).await?;
        let steps = decision::steps(tx, On::Request(&filed.id), 1).await?;
        assert_eq!(
            (steps[0].person.as_str(), steps[0].stands_for.as_deref(), steps[0].step),
            ("2", Some("3"), 0)
        );
        assert_eq!(
            decision::steps(tx, On::Request(&filed.id), 2).await?,
            [],
            "another rev has steps of its own"
        );
        claims_stay_within_the_request(&g, tx, &filed.id).await?;
        let unknown = MdfRequest { id: "nobody".into(), ..filed.clone() };
        assert!(matches!(request::save(tx, &unknown).await, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
    the_trail_tells_who_filed_and_what_moved(&g, &filed.id).await;
    // What was approved can't be more than was asked for: the table says so too.
    let more = MdfRequest { approved: Some(eur(1_001)), state: RequestState::Approved, ..filed };
    assert!(in_tx!(g.store, |tx| { request::save(tx, &more).await }).is_err());
}

async fn the_trail_tells_who_filed_and_what_moved(g: &Ground, id: &str) {
    in_tx!(g.store, |tx| {
        assert_eq!(request::day_moved_at(tx, id).await?, None);
        for (person, what) in [
            ("2", "submitted"),
            ("1", "drafted"),
            ("3", "returned"),
            ("4", "amended"),
            ("5", "claim_day_moved"),
        ] {
            let code = format!("request_{what}");
            audit::append(tx, &super::road::a_line(g, person, &code, id));
        }
        Ok(())
    })
    .unwrap();
    let filers = in_read!(g.store, |read| { request::filers(read, id).await }).unwrap();
    assert_eq!(filers, ["1", "2", "4"], "who filed it, and nobody else");
    let moved_at = in_read!(g.store, |read| { request::day_moved_at(read, id).await }).unwrap();
    assert_eq!(moved_at.map(|at| at.timestamp_millis()), Some(g.clock.now_ms()));
}

/// What is for the same campaign, or for one of its type on one of its days, could be the same thing; itself is not.
async fn similar_ones_are_named(tx: &mut Tx, campaign: &Campaign, filed: &MdfRequest) -> Result<(), Fault> {
    let found = request::similar(tx, campaign, None, 3).await?;
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.name.as_str(), one.campaign.as_str()), ("MDF-1", "CMP-1"));
    assert_eq!((one.amount, one.state), (filed.amount, RequestState::Submitted));
    assert_eq!(request::similar(tx, campaign, Some(&filed.id), 3).await?, []);
    assert_eq!(request::similar(tx, campaign, None, 0).await?, []);
    let day = campaign.period.end();
    let another = |id: &str, kind, from, to| Campaign {
        id: id.into(),
        kind,
        period: Period::new(from, to).unwrap(),
        ..campaign.clone()
    };
    let (next, later) = (day.succ_opt().unwrap(), day + Duration::days(9));
    let other_kind = CampaignType::ALL.iter().copied().find(|kind| *kind != campaign.kind).unwrap();
    for (other, names) in [
        (another("on its last day", campaign.kind, day, later), 1),
        (another("after it", campaign.kind, next, later), 0),
        (another("of another type", other_kind, day, later), 0),
    ] {
        assert_eq!(request::similar(tx, &other, None, 3).await?.len(), names, "{}", other.id);
    }
    let elsewhere = Campaign { partner_id: "nobody".into(), ..campaign.clone() };
    assert_eq!(request::similar(tx, &elsewhere, None, 3).await?, [], "one of another partner's");
    Ok(())
}

/// 900 of the request are approved, and it can be claimed to a day.
async fn claims_stay_within_the_request(g: &Ground, tx: &mut Tx, id: &str) -> Result<(), Fault> {
    for (by, possible, claimed) in [
        (-1, false, 0),
        (901, false, 0),
        (600, true, 600),
        (301, false, 600),
        (300, true, 900),
        (-900, true, 0),
    ] {
        assert_eq!(request::claim(tx, id, by).await?, possible, "{by}");
        assert_eq!(request::by_id(tx, id).await?.unwrap().claimed, eur(claimed), "{by}");
    }
    assert!(!request::claim(tx, "nobody", 1).await?);
    let due = "2026-04-30".parse().unwrap();
    let asked = Amendment {
        cost: eur(3_000),
        amount: eur(1_500),
        reason: "More seats".into(),
        filed_by: "1".into(),
        on_behalf_of: Some(g.acme.clone()),
        filed_at: g.clock.now(),
    };
    let found = request::by_id(tx, id).await?.unwrap();
    let amended = MdfRequest {
        claim_due: Some(due),
        amendment: Some(asked),
        considered: Some(eur(1_200)),
        quotes: Some("Two".into()),
        ..found.clone()
    };
    request::save(tx, &amended).await?;
    assert_eq!(request::by_id(tx, id).await?.unwrap(), amended);
    let fund = ledger::fund_by_id(tx, &amended.fund_id).await?;
    let pending = ledger::balances(tx, &fund).await?.pending;
    let adds = (eur(600), eur(600));
    assert_eq!(
        (pending, amended.pending()),
        adds,
        "what it adds to the 900, whatever the first approver made of it"
    );
    assert_eq!(request::run_out(tx, due).await?, [], "the last day is not over on it");
    let over = request::run_out(tx, due.succ_opt().unwrap()).await?;
    assert_eq!(over, [(id.to_owned(), g.acme.clone())]);
    assert_eq!(claim::open_of_request(tx, id).await?, None);
    request::save(tx, &found).await
}

async fn fund_and_campaign(g: &Ground) -> (Fund, String) {
    in_read!(g.store, |read| {
        let (fund, _) = ledger::fund_by_key(read, &g.program, "acme-q1").await?.unwrap();
        Ok((fund, campaign::by_number(read, &g.acme, 1).await?.unwrap().id))
    })
    .unwrap()
}

async fn figures_are_as_they_were_at_an_instant(g: Ground) {
    let (fund, campaign) = fund_and_campaign(&g).await;
    let later = g.clock.now() + Duration::hours(1);
    let before = g.clock.now() - Duration::hours(1);
    let filed = MdfRequest { filed_at: later, ..a_request(&g, &campaign, &fund.id, 1) };
    let asked = MdfRequest { filed_at: g.clock.now(), ..a_request(&g, &campaign, &fund.id, 2) };
    in_tx!(g.store, |tx| {
        request::insert(tx, &filed).await?;
        request::insert(tx, &asked).await?;
        let approve = ledger::Transfer {
            about: ledger::About::request(&asked.id),
            at: later,
            ..a_transfer(&g, &fund, "approve", Move::Approve, 1_000)
        };
        ledger::transfer(tx, &approve).await?;
        let now = g.clock.now();
        assert_eq!(figures::committed_at(tx, &fund, &g.acme, now).await?, eur(0));
        assert_eq!(figures::committed_at(tx, &fund, &g.acme, later).await?, eur(1_000));
        let (then, since) =
            (figures::balances_at(tx, &fund, now).await?, figures::balances_at(tx, &fund, later).await?);
        assert_eq!((then.available, then.committed), (eur(3_000_000), eur(0)));
        assert_eq!((since.available, since.committed), (eur(2_999_000), eur(1_000)));
        let funds = figures::funds_of_partner(tx, &g.program, &g.acme, now).await?;
        assert_eq!(funds.iter().map(|fund| fund.key.as_str()).collect::<Vec<_>>(), ["acme-q1", "pool-q1"]);
        assert_eq!(figures::funds_of_partner(tx, &g.program, &g.acme, before).await?, [], "no money yet");
        let signed = figures::revisions(tx, &g.plan.id, now).await?;
        assert_eq!((signed.len(), signed[0].revision), (1, 1));
        assert_eq!(signed[0].effective_on.to_string(), "2026-01-05");
        assert_eq!(figures::revisions(tx, &g.plan.id, before).await?.len(), 0);
        Ok(())
    })
    .unwrap();
}

/// Filed at 0, made less of by the first of two at 1, returned at 2, filed again at 2 with more, approved at 3, amended
/// upwards at 4, approved at 5, amended downwards at 6.
async fn what_waited_is_as_it_was_at_an_instant(g: Ground) {
    let (fund, campaign) = fund_and_campaign(&g).await;
    let start = g.clock.now();
    let at = |hour: i64| start + Duration::hours(hour);
    let one = MdfRequest { filed_at: at(0), ..a_request(&g, &campaign, &fund.id, 1) };
    in_tx!(g.store, |tx| {
        request::insert(tx, &one).await?;
        for (hour, code, rev, was, amount) in [
            (0, "request_submitted", 1, None, 1_000),
            (2, "request_submitted", 3, None, 2_000),
            (4, "request_amended", 5, Some(4), 5_000),
            (6, "request_amended", 7, Some(6), 100),
        ] {
            let detail = json!({"rev": rev, "was": was, "amount": eur(amount).decimal().to_string()});
            audit::append(
                tx,
                &audit::Line { at: at(hour), detail, ..super::road::a_line(&g, "1", code, &one.id) },
            );
        }
        for (hour, outcome, rev, amount) in [
            (1, decision::STEP, 1, Some(600)),
            (2, "returned", 1, None),
            (3, "approved", 3, Some(1_500)),
            (5, "approved", 5, Some(4_000)),
        ] {
            let taken = decision::Decision {
                id: g.clock.new_id(),
                rev,
                on: On::Request(&one.id),
                reason: None,
                outcome,
                amount: amount.map(eur),
                person: "2",
                stands_for: None,
                at: at(hour),
            };
            decision::insert(tx, &taken).await?;
        }
        Ok(())
    })
    .unwrap();
    for (hour, waits) in [(-1, 0), (0, 1_000), (1, 1_000), (2, 2_000), (3, 0), (4, 3_500), (5, 0), (6, 0)] {
        let found = in_read!(g.store, |read| {
            Ok([
                figures::pending_at(read, &fund, None, at(hour)).await?,
                figures::pending_at(read, &fund, Some(&g.acme), at(hour)).await?,
                figures::pending_at(read, &fund, Some("nobody"), at(hour)).await?,
            ])
        });
        assert_eq!(found.unwrap(), [eur(waits), eur(waits), eur(0)], "at {hour}");
    }
}
