//! What every request of the command road stands on: transactions, the trail, claimed requests; and the slots and
//! checkpoints of the clock.

use super::{Ground, contracts};
use chrono::Duration;
use serde_json::json;
use tandem::domain::actor::Side;
use tandem::domain::campaign::CampaignState;
use tandem::domain::checkpoint::Acknowledgement;
use tandem::fault::Fault;
use tandem::store::checkpoint::{self, Checkpoint};
use tandem::store::{Engine, Store, audit, campaign, program};
use tandem::{args, in_read, in_tx};

contracts!(
    a_transaction_is_all_or_nothing,
    a_snapshot_does_not_move,
    a_request_is_claimed_once,
    a_slot_is_taken_once,
    checkpoints_are_numbered_once,
    each_side_acknowledges_a_checkpoint_once,
);

pub fn a_line<'a>(g: &'a Ground, actor: &'a str, code: &'a str, item: &'a str) -> audit::Line<'a> {
    audit::Line {
        id: g.clock.new_id(),
        at: g.clock.now(),
        program_id: &g.program,
        partner_id: Some(&g.acme),
        actor,
        company: "vendor",
        code,
        item,
        detail: json!({"rev": 1}),
    }
}

const LAST: &str = "SELECT last FROM counter WHERE partner_id = $1 AND noun = $2";

async fn a_transaction_is_all_or_nothing(g: Ground) {
    let failed = in_tx!(g.store, |tx| {
        program::next_number(tx, &g.acme, "thing").await?;
        let nothing = tx.exec("UPDATE partner SET tier = 'x' WHERE id = $1", args!["nobody"]).await?;
        assert_eq!(nothing, 0);
        tx.exec_one("nobody", "UPDATE partner SET tier = 'x' WHERE id = $1", args!["nobody"]).await
    });
    assert!(matches!(failed, Err(Fault::Rows { what: "nobody", expected: 1, touched: 0 })), "{failed:?}");
    in_tx!(g.store, |tx| {
        assert!(tx.opt(LAST, args![&g.acme, "thing"]).await?.is_none(), "nothing of it is written");
        program::next_number(tx, &g.acme, "kept").await?;
        tx.mark().await?;
        program::next_number(tx, &g.acme, "kept").await?;
        tx.undo().await?;
        Ok(())
    })
    .unwrap();
    in_read!(g.store, |read| {
        assert_eq!(read.one(LAST, args![&g.acme, "kept"]).await?.int("last")?, 1, "up to the mark");
        assert_eq!(read.all("SELECT id FROM partner", args![]).await?.len(), 2);
        assert!(read.one(LAST, args![&g.acme, "thing"]).await.is_err(), "one row means one");
        Ok(())
    })
    .unwrap();
    g.store.checkpoint_wal().await.unwrap();
    g.store.close().await;
    assert!(g.store.begin_read().await.is_err(), "closed");
    let again = Store::open(&g.desk.url).await.unwrap();
    let there = in_read!(again, |read| { program::by_key(read, "northwind").await }).unwrap();
    assert!(there.is_some(), "opened again, with all migrations done before");
    assert!(Store::open("mysql://x").await.is_err());
    again.close().await;
}

async fn a_snapshot_does_not_move(g: Ground) {
    in_read!(g.store, |read| {
        let before = audit::codes_of(read, "thing").await?;
        in_tx!(g.store, |tx| {
            audit::append(tx, &a_line(&g, "1", "seen", "thing"));
            Ok(())
        })?;
        assert_eq!(audit::codes_of(read, "thing").await?, before, "what is committed since is not seen");
        Ok(())
    })
    .unwrap();
    let after = in_read!(g.store, |read| { audit::codes_of(read, "thing").await }).unwrap();
    assert_eq!(after, ["seen"]);
    // A reader can't write: SQLite's are only kept from it by having no way to.
    if g.store.engine() == Engine::Postgres {
        let refused = in_read!(g.store, |read| {
            read.all("UPDATE partner SET tier = 'x' RETURNING id", args![]).await.map(drop)
        });
        assert!(refused.is_err());
    }
}

async fn a_request_is_claimed_once(g: Ground) {
    let now = g.clock.now();
    in_tx!(g.store, |tx| {
        assert_eq!(audit::reply(tx, "k").await?, None);
        assert_eq!(audit::claim(tx, "k", now).await?, None);
        assert_eq!(audit::reply(tx, "k").await?, None, "claimed, and not answered yet");
        audit::remember(tx, "k", "said").await?;
        let unknown = audit::remember(tx, "never claimed", "said").await;
        assert!(matches!(unknown, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
    let again = in_tx!(g.store, |tx| { audit::claim(tx, "k", now).await }).unwrap();
    assert_eq!(again.as_deref(), Some("said"));
}

async fn a_slot_is_taken_once(g: Ground) {
    let (first, second) = (g.clock.now(), g.clock.now() + Duration::hours(1));
    in_tx!(g.store, |tx| {
        assert_eq!(checkpoint::last_slot(tx, "job").await?, None);
        assert!(checkpoint::take_slot(tx, "job", second, second).await?);
        assert!(!checkpoint::take_slot(tx, "job", second, second).await?, "somebody has it");
        assert!(checkpoint::take_slot(tx, "job", first, second).await?);
        assert!(checkpoint::take_slot(tx, "other", second, second).await?);
        assert_eq!(checkpoint::last_slot(tx, "job").await?, Some(second));
        let late = "SELECT late FROM cron_slot WHERE job = $1 ORDER BY due_at";
        let late: Vec<_> =
            tx.all(late, args!["job"]).await?.iter().map(|row| row.int("late").unwrap()).collect();
        assert_eq!(late, [3_600_000, 0]);
        Ok(())
    })
    .unwrap();
}

pub fn a_checkpoint(g: &Ground, number: i64, hours: i64) -> Checkpoint {
    Checkpoint {
        id: g.clock.new_id(),
        plan_id: g.plan.id.clone(),
        number,
        kind: "regular".into(),
        due_at: g.clock.now() + Duration::hours(hours),
        as_of: g.clock.now(),
        day: "2026-01-04".parse().unwrap(),
        overall: "green".into(),
        report: json!({"leads": "3"}),
        posted_at: g.clock.now(),
    }
}

async fn each_side_acknowledges_a_checkpoint_once(g: Ground) {
    let given = |side, person: &str| Acknowledgement {
        side,
        person: person.to_owned(),
        stands_for: Some("9".into()),
        at: g.clock.now(),
    };
    let (one, two) = (a_checkpoint(&g, 1, 0), a_checkpoint(&g, 2, 24));
    let (vendor, partner) = (given(Side::Vendor, "1"), given(Side::Partner, "2"));
    in_tx!(g.store, |tx| {
        checkpoint::insert(tx, &one).await?;
        checkpoint::insert(tx, &two).await?;
        assert_eq!(checkpoint::plan_of(tx, &one.id).await?, Some(g.plan.id.clone()));
        assert_eq!(checkpoint::plan_of(tx, "nothing").await?, None);
        checkpoint::acknowledge(tx, &one.id, &vendor).await?;
        checkpoint::acknowledge(tx, &one.id, &partner).await?;
        let reviews = checkpoint::reviews(tx, &g.plan).await?;
        let [first, second] = reviews.as_slice() else { panic!("{reviews:?}") };
        assert_eq!((first.number, first.due_on), (1, g.plan.local_day(one.due_at)));
        assert_eq!(first.given, [vendor.clone(), partner.clone()]);
        assert_eq!((second.id.as_str(), second.given.len()), (two.id.as_str(), 0));
        Ok(())
    })
    .unwrap();
    for again in [given(Side::Vendor, "3"), given(Side::Partner, "1")] {
        let refused = in_tx!(g.store, |tx| { checkpoint::acknowledge(tx, &one.id, &again).await });
        assert!(refused.unwrap_err().is_unique_violation(), "no side and no person twice");
    }
}

async fn checkpoints_are_numbered_once(g: Ground) {
    let posted = |number, hours| a_checkpoint(&g, number, hours);
    let (one, two) = (posted(1, 0), posted(2, 1));
    in_tx!(g.store, |tx| {
        assert_eq!(checkpoint::last_number(tx, &g.plan.id).await?, 0);
        checkpoint::insert(tx, &one).await?;
        checkpoint::insert(tx, &two).await?;
        assert_eq!(checkpoint::last_number(tx, &g.plan.id).await?, 2);
        assert_eq!(checkpoint::of_plan(tx, &g.plan.id).await?, [one.clone(), two.clone()]);
        let clocked = checkpoint::clocked_campaigns(tx, &g.plan.id).await?;
        assert_eq!(clocked.iter().map(|one| one.state).collect::<Vec<_>>(), [CampaignState::Planned]);
        campaign::save_state(tx, &clocked[0].id, CampaignState::Cancelled).await?;
        assert_eq!(checkpoint::clocked_campaigns(tx, &g.plan.id).await?, [], "the clock is done with it");
        Ok(())
    })
    .unwrap();
    for again in [posted(2, 5), posted(3, 1)] {
        let refused = in_tx!(g.store, |tx| { checkpoint::insert(tx, &again).await });
        assert!(refused.unwrap_err().is_unique_violation(), "neither a number nor a slot twice");
    }
}
