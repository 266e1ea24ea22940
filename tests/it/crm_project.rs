//! From messages to figures: what a lead, a deal and a correction do to what reports add up.

use crate::crm_world::{START, World};
use crate::on_both;
use tandem::args;
use tandem::crm::by_hand;
use tandem::domain::campaign::Campaign;
use tandem::store::crm::{Tag, add_tag, set_mappings, without_campaign};
use tandem::store::{campaign, fact, figures, inbox};

/// A message about a record, at this minute of 2026-02-01.
fn message(kind: &str, minute: u32, data: &str) -> String {
    let (hour, minute) = (minute / 60, minute % 60);
    format!(r#"{{"type":"{kind}","timestamp":"2026-02-01T{hour:02}:{minute:02}:00Z","data":{{{data}}}}}"#)
}

async fn a_lead_counts_once_on_the_plans_day(world: &World) {
    // 03:30 UTC is still the evening before in New York.
    let lead = message(
        "lead.created",
        210,
        r#""id":"l1","email":"Ana@Example.com","company":"Lopes","country":"PT","utm":{"id":"CMP_acme-webinar"}"#,
    );
    assert_eq!(world.hears("open", "m1", &lead).await.applied, 1);
    let totals = ["acme-webinar leads 2026-01-31 - 1"];
    assert_eq!(world.totals().await, totals);
    assert_eq!(world.leads().await, ["l1 acme-webinar utm_id matched"]);
    // The same message again, later and so as another delivery; then the same person as another record.
    world.forward_ms(60_000);
    let again = world.hears("open", "m1", &lead).await;
    assert_eq!((again.done, again.applied), (1, 0));
    let twin = message(
        "lead.created",
        220,
        r#""id":"l2","email":" ana@example.com ","utm_campaign":"Acme Mailing""#,
    );
    world.hears("open", "m2", &twin).await;
    assert_eq!(world.totals().await, totals);
    assert_eq!(
        world.leads().await,
        ["l1 acme-webinar utm_id matched", "l2 acme-mailing utm_campaign duplicate"]
    );
    // An earlier record of the same person turns up late: now that one is the lead.
    let earlier =
        message("lead.created", 200, r#""id":"l0","email":"ana@example.com","utm_id":"cmp_acme-mailing""#);
    world.hears("open", "m3", &earlier).await;
    assert_eq!(world.totals().await, ["acme-mailing leads 2026-01-31 - 1"]);
    // Another source's message may have the same id.
    world
        .hears("acme-only", "m1", &message("lead.created", 230, r#""id":"l1","utm_id":"cmp_acme-webinar""#))
        .await;
    assert_eq!(world.totals().await.len(), 2);
    // Another partner's plan is another count.
    let bolt =
        message("lead.created", 230, r#""id":"l3","email":"ana@example.com","utm_id":"cmp_bolt-webinar""#);
    world.hears("open", "m4", &bolt).await;
    assert_eq!(world.totals().await.last().unwrap(), "bolt-webinar leads 2026-02-01 - 1");
}

async fn a_deal_follows_its_leads_and_can_be_reopened(world: &World) {
    let steps = [
        message("lead.created", 60, r#""id":"l1","utm_id":"cmp_acme-webinar""#),
        message("lead.created", 120, r#""id":"l2","utm_id":"cmp_acme-mailing""#),
        message(
            "deal.created",
            720,
            r#""id":"d1","amount":"1000.50","currency":"USD","lead_ids":["l2","l1"],"created_at":"2026-02-01T12:00:00Z""#,
        ),
    ];
    for (n, step) in steps.iter().enumerate() {
        world.hears("open", &format!("m{n}"), step).await;
    }
    let open = [
        "acme-mailing leads 2026-01-31 - 1",
        "acme-mailing pipeline_influenced 2026-02-01 USD 100050",
        "acme-webinar leads 2026-01-31 - 1",
        "acme-webinar pipeline 2026-02-01 USD 100050",
    ];
    assert_eq!(world.totals().await, open);
    assert_eq!(world.deals().await, ["d1 acme-webinar utm_id open 100050 USD"]);
    let won = message("deal.won", 800, r#""id":"d1","amount":2000,"closed_at":"2026-02-05T10:00:00Z""#);
    world.hears("open", "won", &won).await;
    let with_win = [
        "acme-mailing leads 2026-01-31 - 1",
        "acme-mailing pipeline_influenced 2026-02-01 USD 200000",
        "acme-webinar leads 2026-01-31 - 1",
        "acme-webinar pipeline 2026-02-01 USD 200000",
        "acme-webinar won 2026-02-05 USD 200000",
    ];
    assert_eq!(world.totals().await, with_win);
    // A late message from before the win changes nothing.
    world
        .hears("open", "late", &message("deal.updated", 790, r#""id":"d1","amount":"1","status":"open""#))
        .await;
    assert_eq!(world.totals().await, with_win);
    world.hears("open", "again", &message("deal.reopened", 810, r#""id":"d1""#)).await;
    assert_eq!(world.deals().await, ["d1 acme-webinar utm_id open 200000 USD"]);
    assert!(!world.totals().await.iter().any(|row| row.contains(" won ")));
    world.hears("open", "lost", &message("deal.lost", 820, r#""id":"d1""#)).await;
    let lost = world.totals().await;
    assert!(
        lost.contains(&"acme-webinar pipeline 2026-02-01 USD 200000".to_owned()),
        "a lost deal stays in: {lost:?}"
    );
    assert!(lost.contains(&"acme-webinar pipeline_lost 2026-02-01 USD 200000".to_owned()), "{lost:?}");
    world.hears("open", "deleted", &message("deal.deleted", 830, r#""id":"d1""#)).await;
    world.hears("open", "zombie", &message("deal.updated", 840, r#""id":"d1","amount":"5""#)).await;
    assert_eq!(
        world.totals().await,
        ["acme-mailing leads 2026-01-31 - 1", "acme-webinar leads 2026-01-31 - 1"]
    );
    let credit = world
        .rows(
            "SELECT model, campaign_id, share FROM deal_credit ORDER BY model, campaign_id",
            &["model", "campaign_id", "share"],
        )
        .await;
    assert_eq!(
        credit,
        [
            "first acme-webinar 10000",
            "last acme-mailing 10000",
            "linear acme-mailing 5000",
            "linear acme-webinar 5000",
            "u_shaped acme-mailing 5000",
            "u_shaped acme-webinar 5000"
        ]
    );
}

async fn a_report_of_yesterday_can_be_had_again(world: &World) {
    let deal =
        |amount| format!(r#""id":"d1","amount":"{amount}","currency":"USD","utm_id":"cmp_acme-webinar""#);
    world.hears("open", "m1", &message("deal.created", 600, &deal(100))).await;
    let first_as_of = world.clock.now_ms();
    world.forward_ms(86_400_000);
    world.hears("open", "m2", &message("deal.updated", 700, &deal(40))).await;
    let second_as_of = world.clock.now_ms();
    let day = "2026-02-28".parse().unwrap();
    for (as_of, expected) in
        [(first_as_of - 1, None), (first_as_of, Some(10_000)), (second_as_of, Some(4_000))]
    {
        let as_of = tandem::clock::instant(as_of);
        let sums =
            tandem::in_read!(world.store, |read| { figures::facts(read, "acme", day, as_of).await }).unwrap();
        assert_eq!(sums.first().map(|sum| sum.amount), expected);
    }
    let facts =
        tandem::in_read!(world.store, |read| { fact::of_campaign(read, "acme-webinar").await }).unwrap();
    assert_eq!(facts.iter().map(|f| f.delta).collect::<Vec<_>>(), [10_000, -6_000]);
    assert!(facts.iter().all(|f| f.key.occurred_on == "2026-02-01"));
    let changed: Result<u64, tandem::fault::Fault> =
        tandem::in_tx!(world.store, |tx| { tx.exec("UPDATE fact SET delta = 1", tandem::args![]).await });
    assert!(changed.is_err(), "facts are append-only");
}

async fn a_bound_source_never_credits_another_partner(world: &World) {
    world
        .hears("acme-only", "m1", &message("lead.created", 1, r#""id":"l1","utm_id":"cmp_bolt-webinar""#))
        .await;
    world
        .hears("acme-only", "m2", &message("lead.created", 2, r#""id":"l2","utm_id":"cmp_acme-webinar""#))
        .await;
    assert_eq!(world.leads().await, ["l1 - - received", "l2 acme-webinar utm_id matched"]);
    let [lead] =
        &tandem::in_read!(world.store, |read| { tandem::store::crm::unmatched(read, "north", 10).await })
            .unwrap()[..]
    else {
        panic!("one lead waits")
    };
    let assign = async |program: &'static str, campaign: &'static str| {
        let assigned = tandem::in_tx!(world.store, |tx| {
            by_hand::assign(tx, &world.clock, program, &lead.id, Some(campaign)).await
        });
        assigned.unwrap()
    };
    assert!(!assign("north", "bolt-webinar").await);
    assert!(!assign("north", "nothing").await);
    assert!(!assign("south", "acme-mailing").await);
    assert!(assign("north", "acme-mailing").await);
    assert_eq!(world.leads().await[0], "l1 acme-mailing by_hand matched");
    assert!(world.totals().await.contains(&"acme-mailing leads 2026-01-31 - 1".to_owned()));
    let invalid = tandem::in_tx!(world.store, |tx| {
        by_hand::mark_invalid(tx, &world.clock, "north", &lead.id, Some("vera")).await
    });
    assert!(invalid.unwrap());
    assert_eq!(world.totals().await, ["acme-webinar leads 2026-01-31 - 1"]);
}

async fn names_given_later_match_what_waits(world: &World) {
    let lead = r#""id":"l1","campaign_id":"701A","landing_page":"https://www.Example.com/go/?x=1""#;
    world.hears("open", "m1", &message("lead.created", 1, lead)).await;
    assert_eq!(world.leads().await, ["l1 - - received"]);
    let rematch = async |tag: Tag| {
        let source =
            tandem::in_read!(world.store, |read| { tandem::store::crm::sources(read).await }).unwrap();
        let source = source.into_iter().find(|s| s.id == "open").unwrap();
        tandem::in_tx!(world.store, |tx| {
            add_tag(tx, "bolt-webinar", &tag).await?;
            let waiting = without_campaign(tx, &source.id).await?;
            by_hand::rematch(tx, &world.clock, &source, &waiting).await?;
            Ok(waiting.len())
        })
        .unwrap()
    };
    let other = Tag::CrmCampaign { source_id: "acme-only".to_owned(), id: "701A".to_owned() };
    assert_eq!(rematch(other).await, 1);
    assert_eq!(world.leads().await, ["l1 - - received"], "a mapping of another source is not this one's");
    assert_eq!(rematch(Tag::LandingPage("example.com/go".to_owned())).await, 1);
    assert_eq!(world.leads().await, ["l1 bolt-webinar landing_page matched"]);
    assert_eq!(world.totals().await, ["bolt-webinar leads 2026-02-01 - 1"]);
}

async fn a_mapping_holds_as_soon_as_its_campaign_exists(world: &World) {
    tandem::in_tx!(world.store, |tx| {
        set_mappings(tx, "open", &[("701A".to_owned(), "bolt".to_owned(), 9)]).await
    })
    .unwrap();
    let lead = r#""id":"l1","campaign_id":"701A""#;
    world.hears("open", "m1", &message("lead.created", 1, lead)).await;
    assert_eq!(world.leads().await, ["l1 - - received"]);
    tandem::in_tx!(world.store, |tx| {
        let model = campaign::by_id(tx, "bolt-webinar").await?;
        let number = 9;
        let later =
            Campaign { id: "later".into(), number, slug: "later".into(), utm_id: "later".into(), ..model };
        campaign::insert(tx, &world.clock, &later, "vera").await
    })
    .unwrap();
    world.projector.project_once().await.unwrap();
    assert_eq!(world.leads().await, ["l1 later crm_campaign matched"]);
    // Taken out of the configuration, it no longer holds for what comes later.
    tandem::in_tx!(world.store, |tx| { set_mappings(tx, "open", &[]).await }).unwrap();
    let lead = r#""id":"l2","campaign_id":"701A""#;
    world.hears("open", "m2", &message("lead.created", 2, lead)).await;
    assert_eq!(world.leads().await, ["l1 later crm_campaign matched", "l2 - - received"]);
}

async fn nobody_draws_the_leads_of_another_partner(world: &World) {
    let lead = |id: &str| format!(r#""id":"{id}","utm_campaign":"acme-webinar""#);
    world.hears("open", "m1", &message("lead.created", 1, &lead("l1"))).await;
    // Bolt drafts a campaign that calls itself by Acme's name, on days of its choice.
    tandem::in_tx!(world.store, |tx| {
        let sql = "INSERT INTO plan (id, partner_id, number, name, starts_on, ends_on, currency, time_zone, attribution, cadence,
               sign_by, state, rev, revision, created_at, created_by)
             VALUES ('draft', 'bolt', 2, 'Q1', '2026-01-01', '2026-03-31', 'EUR', 'UTC', 'first_touch', 'monthly', '2026-01-31',
               'draft', 1, 0, 0, 'x')";
        tx.exec(sql, args![]).await?;
        let model = campaign::by_id(tx, "bolt-webinar").await?;
        let rival = Campaign {
            id: "rival".into(),
            plan_id: "draft".into(),
            number: 9,
            slug: "acme-webinar".into(),
            utm_id: "rival".into(),
            ..model
        };
        campaign::insert(tx, &world.clock, &rival, "gil").await
    })
    .unwrap();
    world.hears("open", "m2", &message("lead.created", 2, &lead("l2"))).await;
    world.hears("open", "m3", &message("lead.updated", 3, &lead("l1"))).await;
    let acmes = ["l1 acme-webinar utm_campaign matched", "l2 acme-webinar utm_campaign matched"];
    assert_eq!(world.leads().await, acmes);
    // Signed, it is a name that two partners use: new leads wait for a person, whatever the days say.
    tandem::in_tx!(world.store, |tx| {
        tx.exec("UPDATE plan SET state = 'active', revision = 1 WHERE id = 'draft'", args![]).await?;
        tx.exec("UPDATE campaign SET ends_on = '2026-01-11' WHERE id = 'acme-webinar'", args![]).await?;
        Ok(())
    })
    .unwrap();
    world.hears("open", "m4", &message("lead.created", 4, &lead("l3"))).await;
    assert_eq!(world.leads().await, [acmes[0], acmes[1], "l3 - - received"]);
}

async fn a_deal_without_currency_waits_for_a_person(world: &World) {
    let deal = message("deal.created", 1, r#""id":"d1","amount":"100","utm_id":"cmp_acme-webinar""#);
    let heard = world.hears("open", "m1", &deal).await;
    assert_eq!((heard.done, heard.dead), (0, 1));
    let letters = async || {
        tandem::in_read!(world.store, |read| { inbox::dead_letters(read, "north", 10).await }).unwrap()
    };
    let letter = letters().await.remove(0);
    assert!(letter.reason.contains("no currency"), "{}", letter.reason);
    assert_eq!(world.totals().await, Vec::<String>::new());
    world.hears("acme-only", "m2", &deal).await;
    assert_eq!(world.totals().await, ["acme-webinar pipeline 2026-01-31 USD 10000"], "the source's default");
    // Somebody sets the default and replays.
    let replayed = tandem::in_tx!(world.store, |tx| {
        tx.exec("UPDATE crm_source SET default_currency = 'EUR' WHERE id = 'open'", tandem::args![]).await?;
        assert!(!inbox::replay(tx, "south", &letter.key, world.clock.now_ms()).await?);
        inbox::replay(tx, "north", &letter.key, world.clock.now_ms()).await
    });
    assert!(replayed.unwrap());
    assert_eq!(world.projector.project_once().await.unwrap().done, 1);
    assert_eq!(letters().await, []);
    let totals = ["acme-webinar pipeline 2026-01-31 EUR 10000", "acme-webinar pipeline 2026-01-31 USD 10000"];
    assert_eq!(world.totals().await, totals, "each currency by itself");
}

async fn unknown_types_are_counted_and_visible(world: &World) {
    world
        .hears("open", "m1", r#"{"type":"invoice.paid","timestamp":"2026-02-01T00:00:00Z","data":{}}"#)
        .await;
    let counts = tandem::in_read!(world.store, |read| { inbox::counts(read, "north").await }).unwrap();
    assert_eq!(counts.ignored.get("invoice.paid"), Some(&1));
    assert_eq!(counts.deliveries.get("done"), Some(&1));
    assert_eq!(counts.events.get("ignored"), Some(&1));
}

async fn personal_data_does_not_outlive_its_use(world: &World) {
    let secret = "ana.lopes@example.com";
    let lead = |id: &str, minute| {
        let data =
            format!(r#""id":"{id}","email":"{secret}","company":"Lopes Lda","utm_id":"cmp_acme-webinar""#);
        message("lead.created", minute, &data)
    };
    world.hears("open", "m1", &lead("l1", 1)).await;
    world.hears("open", "m2", &lead("l2", 2)).await;
    world.hears("open", "bad", "{").await;
    let bodies =
        async || world.rows("SELECT body FROM crm_delivery WHERE body IS NOT NULL", &["body"]).await.len();
    let erase = async || {
        tandem::in_tx!(world.store, |tx| { inbox::erase_old_bodies(tx, world.clock.now_ms()).await }).unwrap()
    };
    let totals = world.totals().await;
    let id = world.rows("SELECT id FROM lead WHERE external_id = 'l1'", &["id"]).await.remove(0);
    let forgotten =
        tandem::in_tx!(world.store, |tx| { by_hand::forget(tx, &world.clock, "north", &id).await }).unwrap();
    assert!(forgotten);
    assert_eq!(bodies().await, 2, "the forgotten lead's body is gone at once");
    assert_eq!(world.totals().await, totals, "a report survives it, duplicates too");
    assert_eq!(
        world
            .rows("SELECT company, email_hash FROM lead WHERE external_id = 'l1'", &["company", "email_hash"])
            .await,
        ["- -"]
    );
    world.forward_ms(inbox::KEEP_DONE_MS);
    assert_eq!(erase().await, 0);
    world.forward_ms(1);
    assert_eq!((erase().await, bodies().await), (1, 1));
    world.forward_ms(inbox::KEEP_DEAD_MS - inbox::KEEP_DONE_MS);
    assert_eq!((erase().await, bodies().await), (1, 0));
    for row in world.rows("SELECT folded, email_hash FROM lead", &["folded", "email_hash"]).await {
        assert!(!row.contains("ana.lopes"), "{row}");
    }
    for row in
        world.rows("SELECT key, record_id, reason FROM crm_event", &["key", "record_id", "reason"]).await
    {
        assert!(!row.contains("ana.lopes"), "{row}");
    }
}

async fn two_workers_never_count_twice(world: &World) {
    for n in 0..60 {
        let data = format!(r#""id":"l{n}","email":"p{}@example.com","utm_id":"cmp_acme-webinar""#, n % 40);
        world.receives("open", &format!("m{n}"), &message("lead.created", n, &data)).await;
    }
    let other =
        tandem::crm::project::Projector::new(world.store.clone(), world.clock.clone(), world.sources.clone());
    let (one, two) = tokio::join!(world.projector.project_once(), other.project_once());
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.claimed + two.claimed, 60, "{one:?} {two:?}");
    assert_eq!(world.totals().await, ["acme-webinar leads 2026-01-31 - 40"]);
    assert_eq!(world.projector.project_once().await.unwrap().claimed, 0);
    assert_eq!(world.clock.now_ms(), START);
}

on_both!(
    a_lead_counts_once_on_the_plans_day,
    a_deal_follows_its_leads_and_can_be_reopened,
    a_report_of_yesterday_can_be_had_again,
    a_bound_source_never_credits_another_partner,
    names_given_later_match_what_waits,
    a_mapping_holds_as_soon_as_its_campaign_exists,
    nobody_draws_the_leads_of_another_partner,
    a_deal_without_currency_waits_for_a_person,
    unknown_types_are_counted_and_visible,
    personal_data_does_not_outlive_its_use,
    two_workers_never_count_twice,
);
