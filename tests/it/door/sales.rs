//! Sales by webhook: they accrue as those that people post, once for each reference; what can't be posted is a dead letter,
//! and counts after the cause is mended.

use super::knock::Door;
use crate::harness::{World, stories};
use tandem::in_tx;
use tandem::playground::seed::{ACME, Who};
use tandem::store::{inbox, program};

stories!(sales_accrue_by_webhook, what_can_not_be_posted_waits_and_is_replayed);

fn sales(id: &str, amount: &str) -> String {
    let data =
        format!(r#""id":"{id}","fund":"coop","partner":"acme","amount":"{amount}","date":"2026-01-03""#);
    format!(r#"{{"type":"sales.posted","timestamp":"2026-01-05T08:00:00Z","data":{{{data}}}}}"#)
}

const MAKE: &str =
    "/fund create key:coop name:Co-op kind:co_op valid-from:2026-01-01 valid-until:2026-06-30 accrual:2%";

async fn sales_accrue_by_webhook(w: &mut World) {
    let door = Door::of(w);
    w.person(Who::Finn).runs(MAKE).await;
    assert_eq!(door.forms("m1", sales("INV-1", "12345.67")).await, 200);
    // The same message, and the same sales in another message.
    assert_eq!(door.forms("m1", sales("INV-1", "12345.67")).await, 200);
    assert_eq!(door.forms("m2", sales("INV-1", "12345.67")).await, 200);
    // A correction counts once what it corrects does: before that it would be a dead letter, to be replayed.
    door.is_read().await;
    assert_eq!(door.forms("m3", sales("CR-1", "-345.67")).await, 200);
    door.is_read().await;
    w.settle().await;
    // 246.9134 and -6.9134, each to the cent.
    assert_eq!(w.fund("coop/acme").await, "available EUR 240.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual WHERE posted_by = 'webhook'").await, 2);
    assert!(w.card(ACME, "EUR 246.91 of Co-op is accrued").text().contains("(INV-1)"));
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE code = 'fund_accrued' AND actor = 'webhook'").await,
        2
    );
    // By hand it is known too.
    let again = "/fund accrue fund:coop partner:acme sales:12,345.67 date:2026-01-03 reference:INV-1";
    assert_eq!(w.person(Who::Finn).runs(again).await, "INV-1 was posted before. Nothing was counted again.");
}

async fn what_can_not_be_posted_waits_and_is_replayed(w: &mut World) {
    let door = Door::of(w);
    assert_eq!(door.forms("m1", sales("INV-1", "1000")).await, 200);
    assert_eq!(door.forms("m2", sales("INV-2", "lots")).await, 200);
    door.is_read().await;
    let reasons = "SELECT reason FROM crm_delivery WHERE state = 'dead' ORDER BY reason";
    let reasons: Vec<String> =
        door.rows(reasons).await.iter().map(|row| row.text("reason").unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "data.amount is no amount of its currency such as 12500.00, or it is 0",
            "sales that can't be posted: its fund or its partner is not known here",
        ]
    );
    w.person(Who::Finn).runs(MAKE).await;
    let store = &w.running.app.store;
    in_tx!(store, |tx| {
        let program = program::by_key(tx, "northwind").await?.unwrap();
        for letter in inbox::dead_letters(tx, &program.id, 10).await? {
            inbox::replay(tx, &program.id, &letter.key, w.clock.now_ms()).await?;
        }
        Ok(())
    })
    .unwrap();
    door.is_read().await;
    w.settle().await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 20.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.number("SELECT COUNT(*) FROM crm_delivery WHERE state = 'dead'").await, 1);
}
