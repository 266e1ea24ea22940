//! The figures are a function of the set of events: any order, any repetition, any grouping gives the same.

use crate::crm_world::{Db, World, delivery};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tandem::crm::intake::store_group;

/// A message in a few numbers, so that failing cases shrink well.
#[derive(Clone, Debug)]
struct Message {
    kind: usize,
    record: u8,
    minute: u32,
    email: u8,
    campaign: usize,
    amount: u16,
    currency: usize,
    leads: Vec<u8>,
    updated: Option<u32>,
}

const KINDS: [&str; 11] = [
    "lead.created",
    "lead.created",
    "lead.updated",
    "lead.disqualified",
    "lead.deleted",
    "deal.created",
    "deal.updated",
    "deal.won",
    "deal.lost",
    "deal.reopened",
    "deal.deleted",
];
const CAMPAIGNS: [&str; 6] = [
    "",
    r#","utm_id":"cmp_acme-webinar""#,
    r#","utm_campaign":"acme-mailing""#,
    r#","utm_id":"cmp_bolt-webinar""#,
    r#","utm":{"campaign":"Bolt Mailing"}"#,
    r#","utm_campaign":"nobody's""#,
];
const CURRENCIES: [&str; 4] = ["", r#","currency":"USD""#, r#","currency":"JPY""#, r#","currency":null"#];

impl Message {
    fn body(&self) -> String {
        let kind = KINDS[self.kind];
        let at = |minute: u32| {
            format!("2026-02-{:02}T{:02}:{:02}:00Z", 1 + minute / 1440, minute / 60 % 24, minute % 60)
        };
        let mut data = format!(r#""id":"{}{}"{}"#, &kind[..1], self.record, CAMPAIGNS[self.campaign]);
        if let Some(updated) = self.updated {
            data += &format!(r#","updated_at":"{}""#, at(updated));
        }
        if kind.starts_with("lead") {
            data += &format!(r#","email":"p{}@example.com""#, self.email);
        } else {
            data += CURRENCIES[self.currency];
            if self.amount > 0 {
                data += &format!(r#","amount":"{}.25""#, self.amount);
            }
            if !self.leads.is_empty() {
                let leads: Vec<String> = self.leads.iter().map(|l| format!("\"l{l}\"")).collect();
                data += &format!(r#","lead_ids":[{}]"#, leads.join(","));
            }
        }
        format!(r#"{{"type":"{kind}","timestamp":"{}","data":{{{data}}}}}"#, at(self.minute))
    }
}

fn message() -> impl Strategy<Value = Message> {
    let what = (0..KINDS.len(), 0..3_u8, 0..1500_u32, 0..2_u8, 0..CAMPAIGNS.len());
    let more =
        (0..3_u16, 0..CURRENCIES.len(), prop::collection::vec(0..4_u8, 0..3), prop::option::of(0..1500_u32));
    (what, more).prop_map(|((kind, record, minute, email, campaign), (amount, currency, leads, updated))| {
        Message {
            kind,
            record,
            // Few different times, so that ties are common.
            minute: minute / 300 * 300,
            email,
            campaign,
            amount,
            currency,
            leads,
            updated: updated.map(|m| m / 300 * 300),
        }
    })
}

/// Messages, and an order of them with repetitions: the cut says after how many the worker steps.
fn scenario() -> impl Strategy<Value = (Vec<Message>, Vec<usize>, usize)> {
    prop::collection::vec(message(), 1..14).prop_flat_map(|messages| {
        let n = messages.len();
        let once = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
        let again = prop::collection::vec(0..n, 0..4);
        let order = (once, again).prop_map(|(once, again)| once.into_iter().chain(again).collect());
        (Just(messages), order, 1..5_usize)
    })
}

async fn figures(world: &World) -> Vec<Vec<String>> {
    let touches = "SELECT COALESCE(l.external_id, d.external_id) AS who, t.campaign_id, t.rule, t.first_at, t.last_at
         FROM touch t LEFT JOIN lead l ON l.id = t.record_id LEFT JOIN deal d ON d.id = t.record_id ORDER BY 1, 2";
    let credit = "SELECT d.external_id, c.partner_id, c.model, c.campaign_id, c.share FROM deal_credit c
         JOIN deal d ON d.id = c.deal_id ORDER BY 1, 2, 3, 4";
    let duplicates = "SELECT l.external_id, o.external_id AS original, l.version, l.created_at FROM lead l
         LEFT JOIN lead o ON o.id = l.duplicate_of ORDER BY 1";
    let days = "SELECT campaign_id, measure, occurred_at, CAST(SUM(delta) AS BIGINT) AS total FROM fact
         GROUP BY campaign_id, measure, occurred_at HAVING SUM(delta) <> 0 ORDER BY 1, 2, 3";
    vec![
        world.totals().await,
        world.leads().await,
        world.deals().await,
        world.rows(touches, &["who", "campaign_id", "rule", "first_at", "last_at"]).await,
        world.rows(credit, &["external_id", "partner_id", "model", "campaign_id", "share"]).await,
        world.rows(duplicates, &["external_id", "original", "version", "created_at"]).await,
        world.rows(days, &["campaign_id", "measure", "occurred_at", "total"]).await,
    ]
}

async fn play(db: Db, messages: &[Message], order: &[usize], step: usize) -> Vec<Vec<String>> {
    let world = World::new(db).await.unwrap();
    for group in order.chunks(step) {
        let deliveries: Vec<_> = group
            .iter()
            .map(|&n| delivery(&world.clock, "open", Some(&format!("m{n}")), messages[n].body().as_bytes()))
            .collect();
        assert!(store_group(&world.store, &deliveries).await.into_iter().all(|stored| stored));
        world.projector.project_once().await.unwrap();
        // The repeat of a message is another delivery.
        world.forward_ms(1000);
    }
    let figures = figures(&world).await;
    world.close().await;
    figures
}

fn any_order_gives_the_same(db: Db, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 600, ..Config::default() };
    let result = TestRunner::new(config).run(&scenario(), |(messages, order, step)| {
        let straight: Vec<usize> = (0..messages.len()).collect();
        let expected = runtime.block_on(play(db, &messages, &straight, messages.len()));
        let got = runtime.block_on(play(db, &messages, &order, step));
        prop_assert_eq!(expected, got);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn any_order_gives_the_same_on_sqlite() {
    any_order_gives_the_same(Db::Sqlite, 24);
}

#[test]
fn any_order_gives_the_same_on_postgres() {
    if std::env::var("TEST_POSTGRES_URL").is_ok() {
        any_order_gives_the_same(Db::Postgres, 4);
    }
}
