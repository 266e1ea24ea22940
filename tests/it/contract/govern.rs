//! Who may and which partners there are as set in chat, who is away, the trail's chain, a plan's history and its signed
//! revisions.

use super::road::a_line;
use super::{Ground, contracts};
use chrono::Duration;
use tandem::domain::absence::Absence;
use tandem::domain::actor::{Capability, Company, Grant, Limit, Side};
use tandem::domain::program::Partner;
use tandem::fault::Fault;
use tandem::store::outbox::Delivered;
use tandem::store::{absence, audit, card, channel, history, outbox, plan, program, setup};
use tandem::text::card::{Button, ButtonStyle, Card, Post};
use tandem::{in_read, in_tx};

contracts!(
    what_is_set_in_chat_stands_beside_what_is_declared,
    partners_come_in_chat,
    a_channel_stays_its_companys,
    an_absence_is_one_row,
    the_chain_is_written_at_the_end,
    signed_revisions_are_kept,
);

async fn what_is_set_in_chat_stands_beside_what_is_declared(g: Ground) {
    let grant = |role: &str, limit| Grant {
        role_id: role.into(),
        company: Company::Vendor,
        capability: Capability::ApproveMdf,
        limit,
    };
    in_tx!(g.store, |tx| {
        setup::lock_program(tx, &g.program).await?;
        assert!(matches!(setup::lock_program(tx, "nobody").await, Err(Fault::Rows { touched: 0, .. })));
        let before = setup::granted(tx, &g.program).await?;
        assert!(before.iter().all(|one| one.declared));
        setup::give(tx, &g.program, &grant("9", Limit::UpTo(5))).await?;
        setup::give(tx, &g.program, &grant("9", Limit::UpTo(7))).await?;
        let now = setup::granted(tx, &g.program).await?;
        let given: Vec<_> = now.iter().filter(|one| !one.declared).map(|one| one.grant.clone()).collect();
        assert_eq!(given, [grant("9", Limit::UpTo(7))], "the newest limit");
        let declared = grant("4002", Limit::Unlimited);
        assert!(setup::give(tx, &g.program, &declared).await.is_err(), "what is declared stays as it is");
        assert!(!setup::take(tx, &g.program, "4002", Capability::ApproveMdf).await?);
        // A start makes what is declared true anew; a role that is declared now keeps nothing of before.
        program::replace_grants(tx, &g.program, &[grant("1", Limit::Unlimited)]).await?;
        assert_eq!(program::grants(tx, &g.program).await?.len(), 2);
        program::replace_grants(tx, &g.program, &[grant("9", Limit::Unlimited)]).await?;
        assert_eq!(program::grants(tx, &g.program).await?, [grant("9", Limit::Unlimited)]);
        setup::give(tx, &g.program, &grant("8", Limit::Unlimited)).await?;
        assert!(setup::take(tx, &g.program, "8", Capability::ApproveMdf).await?);
        assert!(!setup::take(tx, &g.program, "8", Capability::ApproveMdf).await?, "it is gone");
        Ok(())
    })
    .unwrap();
}

async fn partners_come_in_chat(g: Ground) {
    let blue = Partner {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        key: "blue".into(),
        name: "Blue".into(),
        channel_id: "3100".into(),
        tier: None,
        currency: super::eur(0).currency(),
    };
    in_tx!(g.store, |tx| {
        assert!(!channel::is_taken(tx, "3100", &blue.id).await?);
        program::save_partner_in_chat(tx, &blue).await?;
        assert!(!channel::is_taken(tx, "3100", &blue.id).await?, "its own");
        assert!(channel::is_taken(tx, "3100", &g.acme).await?, "another partner's");
        assert!(channel::is_taken(tx, "3002", &blue.id).await?, "the approvals channel");
        program::archive_partner(tx, &blue.id, 7).await?;
        assert!(channel::is_taken(tx, "3100", "").await?, "still an archived partner's");
        let edited = Partner { name: "Blue Sky".into(), ..blue.clone() };
        program::save_partner_in_chat(tx, &edited).await?;
        let known = program::known_partners(tx, &g.program).await?;
        let found = known.iter().find(|one| one.partner.id == blue.id).unwrap();
        assert_eq!((&found.partner, found.archived, found.declared), (&edited, false, false));
        let acme = program::partner_by_id(tx, &g.acme).await?;
        assert!(program::save_partner_in_chat(tx, &acme).await.is_err(), "what is declared stays as it is");
        program::save_partner(tx, &edited).await?;
        let known = program::known_partners(tx, &g.program).await?;
        assert!(known.iter().all(|one| one.declared), "declared from now on");
        Ok(())
    })
    .unwrap();
}

async fn a_channel_stays_its_companys(g: Ground) {
    let card = |title: &str, buttons| Card { title: title.to_owned(), buttons, ..Card::default() };
    let button = Button { id: "x:y:1".into(), label: "Press".into(), style: ButtonStyle::Primary };
    in_tx!(g.store, |tx| {
        channel::moves(tx, &g.clock, &g.acme, ("3700", "3701")).await?;
        assert!(!channel::is_taken(tx, "3700", "another").await?, "nothing was said there");
        outbox::show_card(tx, &g.clock, "live", "3800", &card("live", vec![vec![button.clone()]])).await?;
        outbox::show_card(tx, &g.clock, "over", "3800", &card("over", Vec::new())).await?;
        let post = Post { text: "waits".into(), ..Post::default() };
        let waits = outbox::post(tx, &g.clock, "3800", &post, &[]).await?;
        let now = g.clock.protocol_ms() + 1;
        let tried = outbox::claim(tx, now, g.clock.now(), 1_000, 1_000).await?;
        let first = tried.iter().find(|row| row.channel_id == "3800").unwrap();
        assert_ne!(first.id, waits, "the oldest of the channel is tried");
        let delivered = Delivered { message_id: Some("77".into()), shown_no: Some(1) };
        outbox::record_sent(tx, &g.clock, first, &delivered).await?;

        channel::moves(tx, &g.clock, &g.acme, ("3800", "3801")).await?;
        assert!(channel::is_taken(tx, "3800", "another").await?, "something was said there");
        assert!(!channel::is_taken(tx, "3800", &g.acme).await?, "its own");
        let live = card::load(tx, "live").await?.unwrap();
        assert_eq!((live.channel_id.as_str(), live.message_id), ("3801", None), "posted there anew");
        let left = card::load(tx, "left:3800:live").await?.unwrap();
        assert_eq!((left.message_id.as_deref(), left.shown_no), (Some("77"), 0));
        assert!(left.wanted.buttons.is_empty(), "what showed it has nothing to press");
        assert_eq!(card::load(tx, "over").await?.unwrap().channel_id, "3800", "what is over stays");
        let moved = outbox::claim(tx, now, g.clock.now(), 1_000, 1_000).await?;
        let post = moved.iter().find(|row| row.id == waits).expect("the first of its new lane");
        assert_eq!(post.channel_id, "3801");
        Ok(())
    })
    .unwrap();
}

async fn an_absence_is_one_row(g: Ground) {
    let away = |delegate: &str| Absence {
        person: "1".into(),
        company: Company::Partner(g.acme.clone()),
        roles: vec!["4004".into(), "4005".into()],
        delegate: delegate.into(),
        until: g.clock.now() + Duration::days(1),
    };
    in_tx!(g.store, |tx| {
        absence::set(tx, &g.program, &away("2")).await?;
        absence::set(tx, &g.program, &away("3")).await?;
        assert_eq!(absence::of_program(tx, &g.program).await?, [away("3")], "the newest");
        assert_eq!(absence::of_program(tx, "nobody").await?, []);
        absence::clear(tx, &g.program, "2").await?;
        assert_eq!(absence::of_program(tx, &g.program).await?.len(), 1, "nobody else's");
        absence::clear(tx, &g.program, "1").await?;
        assert_eq!(absence::of_program(tx, &g.program).await?, []);
        Ok(())
    })
    .unwrap();
}

async fn the_chain_is_written_at_the_end(g: Ground) {
    let before = in_read!(g.store, |read| { audit::verify(read).await }).unwrap().remove(0);
    assert_eq!(before.broken, None);
    in_tx!(g.store, |tx| {
        audit::append(tx, &a_line(&g, "1", "kept", &g.plan.id));
        assert_eq!(audit::codes_of(tx, &g.plan.id).await?.last().map(String::as_str), Some("plan_agreed"));
        tx.mark().await?;
        audit::append(tx, &a_line(&g, "1", "undone", &g.plan.id));
        tx.undo().await?;
        audit::append(tx, &a_line(&g, "2", "after", &g.plan.id));
        Ok(())
    })
    .unwrap();
    let failed: Result<(), Fault> = in_tx!(g.store, |tx| {
        audit::append(tx, &a_line(&g, "1", "lost", &g.plan.id));
        Err(Fault::Other("no".into()))
    });
    assert!(failed.is_err());
    in_read!(g.store, |read| {
        let after = audit::verify(read).await?.remove(0);
        assert_eq!((after.seq, &after.broken), (before.seq + 2, &None), "two lines, and the chain is whole");
        assert_eq!(audit::hash_at(read, "northwind", after.seq).await?.as_ref(), Some(&after.hash));
        assert_eq!(audit::hash_at(read, "northwind", before.seq).await?.as_ref(), Some(&before.hash));
        assert_eq!(audit::hash_at(read, "northwind", after.seq + 1).await?, None);
        assert_eq!(audit::hash_at(read, "nobody", 1).await?, None);
        let lines = history::of_plan(read, &g.plan.id).await?;
        let codes: Vec<&str> = lines.iter().map(|line| line.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "after",
                "kept",
                "plan_agreed",
                "plan_signed",
                "plan_proposed",
                "campaign_added",
                "plan_created"
            ],
            "newest first"
        );
        assert_eq!((lines[0].item.as_str(), lines[5].item.as_str()), ("PLN-1", "CMP-1"));
        assert_eq!((lines[0].actor.as_str(), &lines[0].company), ("2", &Some(Company::Vendor)));
        assert_eq!(history::of_plan(read, "nobody").await?, []);
        Ok(())
    })
    .unwrap();
}

async fn signed_revisions_are_kept(g: Ground) {
    in_read!(g.store, |read| {
        let first = plan::revision(read, &g.plan.id, None).await?.unwrap();
        assert_eq!(first.revision, 1);
        assert_eq!(plan::revision(read, &g.plan.id, Some(1)).await?.as_ref(), Some(&first));
        assert_eq!(plan::revision(read, &g.plan.id, Some(2)).await?, None);
        assert_eq!(plan::revision(read, "nobody", None).await?, None);
        assert_eq!(tandem::domain::canonical::sha256(&first.snapshot), first.sha256);
        let signed = plan::signatures_under(read, &g.plan.id, &first.sha256).await?;
        let mut sides: Vec<Side> = signed.iter().map(|one| one.side).collect();
        sides.sort();
        assert_eq!(sides, [Side::Vendor, Side::Partner]);
        assert_eq!(plan::signatures_under(read, &g.plan.id, "abc").await?, []);
        Ok(())
    })
    .unwrap();
}
