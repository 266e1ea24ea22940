//! Credits, accruals and dated rates.

use super::{Ground, contracts, eur};
use chrono::NaiveDate;
use tandem::domain::fund::accrual::Accrual;
use tandem::domain::fund::carry::{Carry, CarryMost, CarryTo};
use tandem::domain::fund::statement::Statement;
use tandem::domain::fund::{Fund, FundKind, Move, Terms};
use tandem::domain::money::{Currency, Money};
use tandem::domain::rate::DatedRate;
use tandem::fault::Fault;
use tandem::in_tx;
use tandem::store::{Tx, accrual, credit, inbox, ledger, rate};

contracts!(
    what_leaves_a_fund_leaves_its_oldest_credits,
    moved_money_keeps_its_last_days,
    allocations_follow_their_pool,
    a_reference_is_posted_once,
    a_late_credit_takes_over_what_was_taken_back,
    what_arrives_takes_over_what_was_taken_back_once,
    what_has_left_is_no_correction,
    what_became_of_money_since_an_end,
    a_correction_waits_until_it_is_covered,
    the_rate_of_a_day_is_the_last_one_dated,
);

pub fn a_co_op(g: &Ground, key: &str) -> Fund {
    Fund {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        partner_id: None,
        parent_id: None,
        key: key.into(),
        name: "Co-op".into(),
        kind: FundKind::CoOp,
        currency: eur(0).currency(),
        valid_from: "2026-01-01".parse().unwrap(),
        valid_until: "2026-12-31".parse().unwrap(),
        terms: Terms {
            declared: false,
            accrual_percent: Some("2.5".parse().unwrap()),
            credit_months: Some(3),
            carry: Carry { to: CarryTo::NextPeriod, most: CarryMost::Percent("50".parse().unwrap()) },
        },
    }
}

/// A posting of sales that brought nothing.
pub fn an_accrual(g: &Ground, fund: &Fund, reference: &str) -> Accrual {
    Accrual {
        id: g.clock.new_id(),
        fund_id: fund.id.clone(),
        account_id: fund.id.clone(),
        partner_id: g.acme.clone(),
        reference: reference.into(),
        sales: Money::from_minor(10, Currency::parse("USD").unwrap()).unwrap(),
        rate: Some(("0.92".parse().unwrap(), "2026-01-04".parse().unwrap())),
        percent: "2.5".parse().unwrap(),
        amount: eur(0),
        forfeited: eur(0),
        sold_on: "2026-01-05".parse().unwrap(),
        transfer_id: None,
        posted_by: "file".into(),
        actor: "1".into(),
        at: g.clock.now(),
    }
}

async fn moved(
    g: &Ground,
    tx: &mut Tx,
    fund: &Fund,
    (what, minor): (Move, i64),
    about: ledger::About<'_>,
) -> Result<String, Fault> {
    let id = g.clock.new_id();
    let transfer = ledger::Transfer {
        idempotency_key: id.clone(),
        id: id.clone(),
        fund,
        what,
        amount: eur(minor),
        about,
        actor: "1",
        at: g.clock.now(),
    };
    assert_eq!(ledger::transfer(tx, &transfer).await?, ledger::Moved::Done, "{what:?} {minor}");
    Ok(id)
}

/// What is left of each credit, with its last day.
async fn left(tx: &mut Tx, fund: &Fund) -> Result<Vec<(i64, String)>, Fault> {
    let credits = credit::of_fund(tx, fund).await?;
    Ok(credits.iter().map(|one| (one.left.minor(), one.expires_on.to_string())).collect())
}

async fn what_leaves_a_fund_leaves_its_oldest_credits(g: Ground) {
    let fund = a_co_op(&g, "coop");
    let until = |day: &str| ledger::About { expires_on: day.parse().ok(), ..ledger::About::default() };
    let none = ledger::About::default();
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        moved(&g, tx, &fund, (Move::Allocate, 100), until("2026-05-31")).await?;
        moved(&g, tx, &fund, (Move::Allocate, 50), until("2026-03-31")).await?;
        // A credit never outlives its fund.
        moved(&g, tx, &fund, (Move::Allocate, 10), until("2027-03-31")).await?;
        moved(&g, tx, &fund, (Move::Approve, 60), none).await?;
        let both = |a: i64, b: i64| vec![(a, "2026-05-31".to_owned()), (b, "2026-12-31".to_owned())];
        assert_eq!(left(tx, &fund).await?, both(90, 10), "those first that expire first");
        // What was spent was spent of the oldest: what comes back is of the newest.
        moved(&g, tx, &fund, (Move::Release, 5), none).await?;
        assert_eq!(left(tx, &fund).await?, both(95, 10));
        moved(&g, tx, &fund, (Move::Release, 30), none).await?;
        let march = |minor: i64| [vec![(minor, "2026-03-31".to_owned())], both(100, 10)].concat();
        assert_eq!(left(tx, &fund).await?, march(25));
        assert_eq!(credit::expired(tx, "2026-03-31".parse().unwrap()).await?, []);
        let over = credit::expired(tx, "2026-04-01".parse().unwrap()).await?;
        assert_eq!(over, [(fund.id.clone(), g.program.clone())]);
        assert_eq!(credit::first_end(tx, &g.program).await?, "2026-03-31".parse().ok());
        assert_eq!(credit::first_end(tx, "another").await?, None);
        let ending = async |tx: &mut Tx, from: &str, until: NaiveDate| {
            let all = credit::ending(tx, &g.program, from.parse().unwrap(), until).await?;
            let own = all.into_iter().filter(|one| one.fund_id == fund.id);
            Ok::<_, Fault>(own.map(|one| (one.left.minor(), one.expires_on.to_string())).collect::<Vec<_>>())
        };
        assert_eq!(ending(tx, "2026-03-31", NaiveDate::MAX).await?, left(tx, &fund).await?);
        assert_eq!(
            ending(tx, "2026-04-01", "2026-05-31".parse().unwrap()).await?,
            [(100, "2026-05-31".into())]
        );
        ledger::lock_available(tx, &[&fund, &fund]).await?;
        let first = credit::of_fund(tx, &fund).await?.remove(0);
        assert_eq!(first.uses, 2, "taken once, and once it came back");
        let named = ledger::About { credit_id: Some(&first.id), ..none };
        moved(&g, tx, &fund, (Move::Expire, 25), named).await?;
        assert_eq!(left(tx, &fund).await?, both(100, 10));
        moved(&g, tx, &fund, (Move::Release, 25), none).await?;
        assert_eq!(left(tx, &fund).await?, march(25), "it came back though it had expired");
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
    // What credits say can't be bent unnoticed, nor can an expiry take more than its credit.
    let more = in_tx!(g.store, |tx| {
        let first = credit::of_fund(tx, &fund).await?.remove(0);
        let named = ledger::About { credit_id: Some(&first.id), ..ledger::About::default() };
        moved(&g, tx, &fund, (Move::Expire, 26), named).await
    });
    assert!(matches!(more, Err(Fault::Corrupt(_))), "{more:?}");
    let problems = in_tx!(g.store, |tx| {
        tx.exec("UPDATE fund_credit SET left_minor = 24 WHERE left_minor = 25", tandem::args![]).await?;
        ledger::verify(tx).await
    });
    let problems = problems.unwrap();
    assert_eq!(problems[0], "fund coop: 135 is available, 134 is left of its credits");
    assert!(problems[1].ends_with(": 26 is not left of it, its uses add up to 25"), "{problems:?}");
}

async fn allocations_follow_their_pool(g: Ground) {
    let pool = a_co_op(&g, "pool");
    let own = Fund {
        id: g.clock.new_id(),
        partner_id: Some(g.acme.clone()),
        parent_id: Some(pool.id.clone()),
        key: "pool/acme".into(),
        ..pool.clone()
    };
    let fund = in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &pool).await?;
        assert_eq!(ledger::allocation(tx, &pool.id, &g.acme).await?, None);
        ledger::insert_fund(tx, &own).await?;
        assert_eq!(ledger::allocation(tx, &pool.id, &g.acme).await?.as_ref(), Some(&own));
        assert_eq!(ledger::allocation(tx, &pool.id, "nobody").await?, None);
        let longer =
            Fund { valid_until: "2027-06-30".parse().unwrap(), name: "Renamed".into(), ..pool.clone() };
        ledger::save_fund(tx, &longer, eur(0)).await?;
        let followed = ledger::fund_by_id(tx, &own.id).await?;
        assert_eq!(followed, Fund { valid_until: longer.valid_until, ..own.clone() });
        moved(&g, tx, &longer, (Move::Allocate, 70), ledger::About::default()).await?;
        let to = ledger::About { to: Some(&followed), ..ledger::About::default() };
        moved(&g, tx, &longer, (Move::Transfer, 30), to).await?;
        let entries = ledger::entries(tx, &followed, chrono_tz::UTC).await?;
        let today = g.clock.now().date_naive();
        let statement = Statement::of(eur(0), &entries, today, today).unwrap();
        assert_eq!((statement.opening[0], statement.closing[0]), (eur(0), eur(30)));
        assert_eq!(statement.lines[0].0.label(), "transferred in");
        assert!(!ledger::is_archived(tx, &pool.id).await?);
        ledger::archive_fund(tx, &pool.id, 7).await?;
        assert!(ledger::is_archived(tx, &pool.id).await?);
        let keys = ledger::funds(tx, &g.program).await?.into_iter().map(|(fund, _)| fund.key);
        assert_eq!(keys.collect::<Vec<_>>(), ["acme-q1", "pool-q1"], "with its allocations");
        let unused = a_co_op(&g, "unused");
        ledger::insert_fund(tx, &unused).await?;
        ledger::archive_fund(tx, &unused.id, 7).await?;
        let known = ledger::known_funds(tx, &g.program).await?;
        let mut known: Vec<_> = known.iter().map(|(fund, archived)| (fund.key.as_str(), *archived)).collect();
        known.sort_unstable();
        let ever_used = [("acme-q1", false), ("pool", true), ("pool-q1", false), ("pool/acme", true)];
        assert_eq!(known, ever_used, "and not what never held anything");
        Ok(followed)
    });
    // A pool has one allocation for each partner.
    let second = Fund { id: g.clock.new_id(), key: "pool/again".into(), ..fund.unwrap() };
    assert!(in_tx!(g.store, |tx| { ledger::insert_fund(tx, &second).await }).is_err());
    // Who comes second leaves what the first has made, and the transaction goes on.
    in_tx!(g.store, |tx| {
        assert!(!ledger::open_fund(tx, &second).await?);
        let kept = ledger::allocation(tx, &pool.id, &g.acme).await?;
        assert_eq!(kept.map(|fund| fund.key), Some("pool/acme".to_owned()));
        let third = Fund { id: g.clock.new_id(), parent_id: None, key: "other".into(), ..second.clone() };
        assert!(ledger::open_fund(tx, &third).await?);
        Ok(())
    })
    .unwrap();
}

async fn a_reference_is_posted_once(g: Ground) {
    let fund = a_co_op(&g, "coop");
    let first = an_accrual(&g, &fund, "INV-1");
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        accrual::insert(tx, &first).await?;
        assert_eq!(
            accrual::by_reference(tx, &fund, &first.partner_id, "INV-1").await?.as_ref(),
            Some(&first)
        );
        assert_eq!(accrual::by_reference(tx, &fund, &first.partner_id, "INV-2").await?, None);
        assert_eq!(accrual::by_reference(tx, &fund, "another", "INV-1").await?, None, "each has its own");
        let about = ledger::About::default();
        let transfer_id = Some(moved(&g, tx, &fund, (Move::Allocate, 7), about).await?);
        let second = Accrual { amount: eur(7), rate: None, transfer_id, ..an_accrual(&g, &fund, "INV-2") };
        accrual::insert(tx, &second).await?;
        assert_eq!(accrual::by_reference(tx, &fund, &first.partner_id, "INV-2").await?, Some(second));
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        let before = credit::since_end(tx, &fund, g.clock.now()).await?;
        // Of a correction after the end, what was forfeited moves nothing.
        let kept = Accrual { amount: eur(-3), forfeited: eur(3), ..an_accrual(&g, &fund, "CR-1") };
        accrual::insert(tx, &kept).await?;
        assert_eq!(accrual::by_reference(tx, &fund, &kept.partner_id, "CR-1").await?, Some(kept));
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        assert_eq!((before.went_on, before.forfeited), (0, 0));
        let said = Accrual { amount: eur(5), ..an_accrual(&g, &fund, "INV-3") };
        accrual::insert(tx, &said).await?;
        let problems = ledger::verify(tx).await?;
        assert_eq!(problems, [format!("accrual {}: it says 5, 0 was moved", said.id)]);
        Ok(())
    })
    .unwrap();
    let again = in_tx!(g.store, |tx| { accrual::insert(tx, &an_accrual(&g, &fund, "INV-1")).await });
    assert!(again.is_err(), "once");
}

async fn the_rate_of_a_day_is_the_last_one_dated(g: Ground) {
    let [usd, gbp] = ["USD", "GBP"].map(|code| Currency::parse(code).unwrap());
    let own = eur(0).currency();
    let dated = |day: &str, text: &str| DatedRate {
        from: usd,
        to: own,
        rate: text.parse().unwrap(),
        valid_from: day.parse().unwrap(),
    };
    in_tx!(g.store, |tx| {
        let by = ("1", g.clock.now());
        for (day, text) in [("2026-02-01", "0.92"), ("2026-01-01", "0.9012345678"), ("2026-02-01", "0.93")] {
            rate::save(tx, &g.program, &dated(day, text), by).await?;
        }
        for (day, found) in [
            ("2025-12-31", None),
            ("2026-01-01", Some(dated("2026-01-01", "0.9012345678"))),
            ("2026-01-31", Some(dated("2026-01-01", "0.9012345678"))),
            ("2026-02-01", Some(dated("2026-02-01", "0.93"))),
            ("2030-01-01", Some(dated("2026-02-01", "0.93"))),
        ] {
            assert_eq!(rate::on(tx, &g.program, (usd, own), day.parse().unwrap()).await?, found, "{day}");
        }
        let day = "2026-02-01".parse().unwrap();
        assert_eq!(rate::on(tx, &g.program, (own, usd), day).await?, None, "not the other way round");
        assert_eq!(rate::on(tx, &g.program, (gbp, own), day).await?, None);
        assert_eq!(rate::on(tx, "nobody", (usd, own), day).await?, None, "another program's");
        Ok(())
    })
    .unwrap();
}

/// A correction of sales takes so much back.
async fn corrected(g: &Ground, tx: &mut Tx, fund: &Fund, minor: i64) -> Result<(), Fault> {
    let id = moved(g, tx, fund, (Move::AllocateBack, minor), ledger::About::default()).await?;
    let reference = format!("CR-{id}");
    let posted = Accrual { amount: eur(-minor), transfer_id: Some(id), ..an_accrual(g, fund, &reference) };
    accrual::insert(tx, &posted).await
}

async fn a_late_credit_takes_over_what_was_taken_back(g: Ground) {
    let fund = a_co_op(&g, "late");
    let until = |day: &str| ledger::About { expires_on: day.parse().ok(), ..ledger::About::default() };
    let none = ledger::About::default();
    let days =
        |all: &[(i64, &str)]| all.iter().map(|(minor, day)| (*minor, (*day).to_owned())).collect::<Vec<_>>();
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        moved(&g, tx, &fund, (Move::Allocate, 100), until("2026-05-31")).await?;
        moved(&g, tx, &fund, (Move::Allocate, 100), until("2026-06-30")).await?;
        moved(&g, tx, &fund, (Move::Approve, 20), none).await?;
        corrected(&g, tx, &fund, 100).await?;
        assert_eq!(left(tx, &fund).await?, days(&[(80, "2026-06-30")]));
        // Of the hundred taken back, the one that expires last gets its own back first; what was committed stays.
        moved(&g, tx, &fund, (Move::Allocate, 30), until("2026-03-31")).await?;
        assert_eq!(left(tx, &fund).await?, days(&[(10, "2026-05-31"), (100, "2026-06-30")]));
        moved(&g, tx, &fund, (Move::Allocate, 90), until("2026-04-30")).await?;
        assert_eq!(
            left(tx, &fund).await?,
            days(&[(20, "2026-04-30"), (80, "2026-05-31"), (100, "2026-06-30")])
        );
        // A later one changes nothing.
        moved(&g, tx, &fund, (Move::Allocate, 5), until("2026-07-31")).await?;
        assert_eq!(left(tx, &fund).await?.last(), days(&[(5, "2026-07-31")]).last());
        moved(&g, tx, &fund, (Move::Release, 20), none).await?;
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

/// Money that went into another currency has left for good: what comes later fills nothing up.
async fn what_has_left_is_no_correction(g: Ground) {
    let fund = a_co_op(&g, "gone");
    let until = |day: &str| ledger::About { expires_on: day.parse().ok(), ..ledger::About::default() };
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        moved(&g, tx, &fund, (Move::Allocate, 100), until("2026-06-30")).await?;
        corrected(&g, tx, &fund, 10).await?;
        moved(&g, tx, &fund, (Move::AllocateBack, 60), ledger::About::default()).await?;
        moved(&g, tx, &fund, (Move::Allocate, 50), until("2026-05-31")).await?;
        let both = [(40, "2026-05-31".to_owned()), (40, "2026-06-30".to_owned())];
        assert_eq!(left(tx, &fund).await?, both, "of the ten that were corrected, and no more");
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

/// Two transfers into a fund, each of money that expires earlier than what a correction took of.
async fn what_arrives_takes_over_what_was_taken_back_once(g: Ground) {
    let (fund, other) = (a_co_op(&g, "reached"), a_co_op(&g, "left"));
    let until = |day: &str| ledger::About { expires_on: day.parse().ok(), ..ledger::About::default() };
    let none = ledger::About::default();
    let to = ledger::About { to: Some(&fund), ..none };
    let back = ledger::About { to: Some(&other), ..none };
    let days =
        |all: &[(i64, &str)]| all.iter().map(|(minor, day)| (*minor, (*day).to_owned())).collect::<Vec<_>>();
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &fund).await?;
        ledger::insert_fund(tx, &other).await?;
        moved(&g, tx, &fund, (Move::Allocate, 100), until("2026-06-30")).await?;
        moved(&g, tx, &fund, (Move::Approve, 20), none).await?;
        corrected(&g, tx, &fund, 40).await?;
        assert_eq!(left(tx, &fund).await?, days(&[(40, "2026-06-30")]));
        moved(&g, tx, &other, (Move::Allocate, 50), until("2026-05-31")).await?;
        moved(&g, tx, &fund, (Move::Approve, 10), none).await?;
        moved(&g, tx, &other, (Move::Transfer, 50), to).await?;
        assert_eq!(left(tx, &fund).await?, days(&[(10, "2026-05-31"), (70, "2026-06-30")]));
        // The first that came has taken over all of it: the second takes it over of the first, and gives the credit nothing more.
        moved(&g, tx, &other, (Move::Allocate, 50), until("2026-04-30")).await?;
        moved(&g, tx, &other, (Move::Transfer, 50), to).await?;
        let both = days(&[(10, "2026-04-30"), (50, "2026-05-31"), (70, "2026-06-30")]);
        assert_eq!(left(tx, &fund).await?, both);
        moved(&g, tx, &other, (Move::Allocate, 5), until("2026-03-31")).await?;
        moved(&g, tx, &other, (Move::Transfer, 5), to).await?;
        assert_eq!(
            left(tx, &fund).await?,
            days(&[(15, "2026-04-30"), (50, "2026-05-31"), (70, "2026-06-30")])
        );
        // What went out of the fund was not taken back.
        moved(&g, tx, &fund, (Move::Transfer, 15), back).await?;
        moved(&g, tx, &other, (Move::Allocate, 9), until("2026-03-15")).await?;
        moved(&g, tx, &other, (Move::Transfer, 9), to).await?;
        assert_eq!(
            left(tx, &fund).await?,
            days(&[(9, "2026-04-30"), (50, "2026-05-31"), (70, "2026-06-30")])
        );
        moved(&g, tx, &fund, (Move::Release, 30), none).await?;
        assert_eq!(left(tx, &fund).await?.last(), days(&[(100, "2026-06-30")]).last());
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

async fn a_correction_waits_until_it_is_covered(g: Ground) {
    let pool = a_co_op(&g, "wait");
    let own = Fund {
        id: g.clock.new_id(),
        key: "wait/acme".into(),
        partner_id: Some(g.acme.clone()),
        parent_id: Some(pool.id.clone()),
        ..pool.clone()
    };
    let source = in_tx!(g.store, |tx| { super::crm::a_source(tx, &g).await }).unwrap();
    let delivery = inbox::Delivery {
        key: "late".into(),
        source_id: source.id,
        sent_ms: 1,
        received_ms: 2,
        message_id: None,
        body: b"{}".to_vec(),
    };
    let now_ms = g.clock.now_ms();
    in_tx!(g.store, |tx| {
        ledger::insert_fund(tx, &pool).await?;
        ledger::insert_fund(tx, &own).await?;
        inbox::insert_all(tx, std::slice::from_ref(&delivery)).await?;
        let later =
            inbox::Settled::Later { due_ms: now_ms + 1_000, attempts: 0, reason: "it waits".to_owned() };
        inbox::settle(tx, "late", &later, now_ms).await?;
        for minor in [70, 50] {
            accrual::wait(tx, "late", (&pool.id, &g.acme), eur(minor)).await?;
        }
        moved(&g, tx, &pool, (Move::Allocate, 500), ledger::About::default()).await?;
        moved(&g, tx, &own, (Move::Allocate, 49), ledger::About::default()).await?;
        assert_eq!(accrual::covered(tx, now_ms).await?, Vec::<String>::new(), "the pool's is nobody's yet");
        moved(&g, tx, &own, (Move::Allocate, 1), ledger::About::default()).await?;
        assert_eq!(accrual::covered(tx, now_ms).await?, ["late"]);
        assert_eq!(accrual::waiting(tx, &pool.id, &g.acme).await?, ["late"]);
        assert_eq!(accrual::waiting(tx, &own.id, &g.acme).await?, Vec::<String>::new());
        inbox::try_now(tx, "late", now_ms).await?;
        assert_eq!(accrual::covered(tx, now_ms).await?, Vec::<String>::new(), "it is tried already");
        let times = inbox::ClaimTimes { now_ms, protocol_ms: 10, until_ms: 20 };
        assert_eq!(inbox::claim(tx, times, 10).await?.len(), 1);
        accrual::wait_no_more(tx, "late").await?;
        accrual::wait_no_more(tx, "late").await?;
        assert_eq!(accrual::covered(tx, 0).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

async fn moved_money_keeps_its_last_days(g: Ground) {
    let [from, to] = ["from", "to"].map(|key| a_co_op(&g, key));
    let to = Fund { valid_until: "2026-05-31".parse().unwrap(), ..to };
    let until = |day: &str| ledger::About { expires_on: day.parse().ok(), ..ledger::About::default() };
    let none = ledger::About::default();
    let over = ledger::About { to: Some(&to), ..none };
    let days =
        |all: &[(i64, &str)]| all.iter().map(|(minor, day)| (*minor, (*day).to_owned())).collect::<Vec<_>>();
    in_tx!(g.store, |tx| {
        for fund in [&from, &to] {
            ledger::insert_fund(tx, fund).await?;
        }
        for (minor, day) in [(40, "2026-04-30"), (20, "2026-03-31"), (30, "2026-06-30"), (10, "2026-03-31")] {
            moved(&g, tx, &from, (Move::Allocate, minor), until(day)).await?;
        }
        moved(&g, tx, &from, (Move::Allocate, 50), none).await?;
        // What was taken back before earlier credits came is taken of those, of several at once too.
        moved(&g, tx, &to, (Move::Allocate, 100), none).await?;
        corrected(&g, tx, &to, 50).await?;
        let id = moved(&g, tx, &from, (Move::Transfer, 110), over).await?;
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        assert_eq!(
            credit::parts(tx, &from, &id).await?,
            [(day("2026-03-31"), 30), (day("2026-04-30"), 40), (day("2026-06-30"), 30), (None, 10)]
        );
        assert_eq!(left(tx, &from).await?, days(&[(40, "2026-12-31")]));
        // 50 and 110 are there: of what came, 50 were taken back already. None lasts longer than the fund that they are in now.
        let ends = left(tx, &to).await?;
        assert_eq!(ends.iter().map(|(minor, _)| minor).sum::<i64>(), 160);
        assert_eq!(ends[0], (20, "2026-04-30".to_owned()), "{ends:?}");
        assert!(ends[1..].iter().all(|(_, day)| day == "2026-05-31"), "{ends:?}");
        assert_eq!(ledger::verify(tx).await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

async fn what_became_of_money_since_an_end(g: Ground) {
    let [from, to, other] = ["from", "to", "other"].map(|key| a_co_op(&g, key));
    let none = ledger::About::default();
    let over = |fund| ledger::About { to: Some(fund), ..none };
    let end = g.clock.now();
    let later = end + chrono::Duration::seconds(1);
    let since = async |tx: &mut Tx, end| {
        let since = credit::since_end(tx, &from, end).await?;
        let went = credit::went_to(tx, &from, end).await?;
        Ok::<_, Fault>((since.went_on, since.forfeited, went))
    };
    let of =
        |all: &[(&Fund, i64)]| all.iter().map(|(fund, went)| (fund.id.clone(), *went)).collect::<Vec<_>>();
    in_tx!(g.store, |tx| {
        for fund in [&from, &to, &other] {
            ledger::insert_fund(tx, fund).await?;
        }
        moved(&g, tx, &from, (Move::Allocate, 200), none).await?;
        moved(&g, tx, &from, (Move::Transfer, 110), over(&to)).await?;
        assert_eq!(since(tx, end).await?, (110, 0, of(&[(&to, 110)])));
        moved(&g, tx, &from, (Move::Transfer, 20), over(&other)).await?;
        moved(&g, tx, &to, (Move::Transfer, 15), over(&from)).await?;
        moved(&g, tx, &from, (Move::Expire, 5), none).await?;
        let (went_on, forfeited, mut went) = since(tx, end).await?;
        went.sort_by_key(|(_, minor)| *minor);
        assert_eq!((went_on, forfeited, went), (115, 5, of(&[(&other, 20), (&to, 95)])), "wherever it went");
        moved(&g, tx, &other, (Move::Transfer, 20), over(&from)).await?;
        assert_eq!(since(tx, end).await?, (95, 5, of(&[(&to, 95)])), "what is back is there no more");
        let kept = Accrual { amount: eur(-3), forfeited: eur(3), ..an_accrual(&g, &from, "CR-1") };
        accrual::insert(tx, &kept).await?;
        assert_eq!(since(tx, end).await?.1, 2, "what was corrected is not forfeited any more");
        // Another end, as when the last day was put off: neither the losses nor their corrections of before count.
        let more = Accrual { at: later, forfeited: eur(1), ..an_accrual(&g, &from, "CR-2") };
        let lost = ledger::Transfer {
            id: g.clock.new_id(),
            idempotency_key: "lost".into(),
            fund: &from,
            what: Move::Expire,
            amount: eur(9),
            about: none,
            actor: "1",
            at: later,
        };
        assert_eq!(ledger::transfer(tx, &lost).await?, ledger::Moved::Done);
        assert_eq!(since(tx, later).await?, (0, 9, Vec::new()));
        accrual::insert(tx, &more).await?;
        assert_eq!(since(tx, later).await?, (0, 8, Vec::new()));
        Ok(())
    })
    .unwrap();
}
