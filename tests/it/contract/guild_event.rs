//! The guild's events: what is wanted of each, and what Discord shows.

use super::{Ground, contracts};
use tandem::store::outbox::{Claimed, Delivered, Kind};
use tandem::store::{guild_event, outbox, setup};
use tandem::text::guild_event::GuildEvent;
use tandem::{in_read, in_tx};

contracts!(an_event_is_wanted_shown_and_taken_away, a_declared_single_partner_is_not_set,);

async fn claims(g: &Ground) -> Claimed {
    loop {
        let now = g.clock.protocol_ms();
        let claimed = in_tx!(g.store, |tx| { outbox::claim(tx, now, g.clock.now(), 1, 10).await }).unwrap();
        let mut found = None;
        for row in claimed {
            if matches!(row.kind, Kind::Event { .. }) {
                found = Some(row);
            } else {
                let delivered = Delivered { message_id: Some("1".into()), shown_no: None };
                in_tx!(g.store, |tx| { outbox::record_sent(tx, &g.clock, &row, &delivered).await }).unwrap();
            }
        }
        if let Some(row) = found {
            return row;
        }
    }
}

async fn an_event_is_wanted_shown_and_taken_away(g: Ground) {
    let campaign = in_read!(g.store, |read| {
        Ok(tandem::store::campaign::of_plan(read, &g.plan.id).await?.remove(0).id)
    })
    .unwrap();
    let now = g.clock.now();
    let event = |name: &str| GuildEvent {
        name: name.into(),
        description: "d".into(),
        location: "l".into(),
        starts_at: now,
        ends_at: now + chrono::TimeDelta::days(1),
    };
    let show = async |guild: &str, wanted: Option<GuildEvent>| {
        in_tx!(g.store, |tx| {
            outbox::show_event(tx, &g.clock, &campaign, guild, wanted.as_ref()).await?;
            Ok(guild_event::load(tx, &campaign).await?.unwrap())
        })
        .unwrap()
    };
    let sent = async |row: &Claimed, event_id: Option<&str>, shown_no: i64| {
        let delivered = Delivered { message_id: event_id.map(Into::into), shown_no: Some(shown_no) };
        in_tx!(g.store, |tx| {
            outbox::record_sent(tx, &g.clock, row, &delivered).await?;
            Ok(guild_event::of_partner(tx, &g.acme).await?.remove(0))
        })
        .unwrap()
    };
    assert!(in_read!(g.store, |read| { guild_event::load(read, &campaign).await }).unwrap().is_none());
    assert!(
        in_tx!(g.store, |tx| { outbox::show_event(tx, &g.clock, &campaign, "7", None).await }).is_err(),
        "what was never wanted can't be taken away"
    );
    let first = show("7", Some(event("a"))).await;
    assert_eq!((first.wanted_no, first.shown_no, first.guild_id.as_str()), (1, 0, "7"));
    assert_eq!((first.wanted.clone(), first.ends_at), (Some(event("a")), event("a").ends_at));
    let row = claims(&g).await;
    assert_eq!(
        (row.kind.clone(), row.channel_id.as_str()),
        (Kind::Event { campaign_id: campaign.clone() }, "7")
    );
    let shown = sent(&row, Some("99"), 1).await;
    assert_eq!((shown.event_id.as_deref(), shown.shown_no), (Some("99"), 1));
    let second = show("7", Some(event("b"))).await;
    assert_eq!((second.wanted_no, &second.mark, second.event_id.as_deref()), (2, &first.mark, Some("99")));
    let gone = show("7", None).await;
    assert_eq!((gone.wanted_no, gone.wanted.as_ref(), gone.event_id.as_deref()), (3, None, Some("99")));
    let row = claims(&g).await;
    assert_eq!(sent(&row, None, 3).await.event_id, None);
    assert_eq!(sent(&row, Some("98"), 2).await.event_id, None, "what is shown now is newer");
    let elsewhere = show("8", Some(event("b"))).await;
    assert_eq!((elsewhere.guild_id.as_str(), elsewhere.event_id.as_deref()), ("8", None));
    assert_eq!(sent(&row, Some("97"), 9).await.event_id, None, "that was another guild's");
}

async fn a_declared_single_partner_is_not_set(g: Ground) {
    use tandem::domain::program::{Program, SinglePartner};
    use tandem::store::program;
    in_tx!(g.store, |tx| {
        setup::set_single_partner(tx, &g.program, true).await?;
        let found = program::by_id(tx, &g.program).await?;
        assert_eq!(found.single_partner, SinglePartner { on: true, declared: false });
        let single_partner = SinglePartner { on: false, declared: true };
        program::save(tx, &Program { single_partner, ..found }).await?;
        assert!(setup::set_single_partner(tx, &g.program, true).await.is_err());
        assert_eq!(program::by_id(tx, &g.program).await?.single_partner, single_partner);
        Ok(())
    })
    .unwrap();
}
