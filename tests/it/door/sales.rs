//! Sales by webhook: they accrue as those that people post, once for each reference, in whatever order they come; what can't
//! be posted is a dead letter, and counts after the cause is mended.

use super::knock::Door;
use crate::harness::{World, stories};
use std::time::Duration;
use tandem::playground::seed::{ACME, APPROVALS, Who};
use tandem::store::{accrual, credit, inbox, ledger, program};
use tandem::{in_read, in_tx};

stories!(
    sales_accrue_by_webhook,
    sales_and_corrections_count_the_same_in_any_order,
    a_correction_of_nothing_is_told_after_a_week,
    what_can_not_be_posted_waits_and_is_replayed,
    sales_of_the_last_days_come_after_the_end_in_any_order,
    sales_of_another_partners_fund_are_a_dead_letter,
);

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

/// A posting to a fund, as its day, amount and reference say.
fn posted(fund: &str, (id, amount, day): (&str, &str, &str)) -> String {
    let data = format!(
        r#""id":"{id}","fund":"{fund}","partner":"acme","amount":"{amount}","date":"2026-01-0{day}","currency":"EUR""#
    );
    format!(r#"{{"type":"sales.posted","timestamp":"2026-01-05T08:00:00Z","data":{{{data}}}}}"#)
}

/// Waits until all that came is settled, or waits for something else to come.
async fn is_tried(door: &Door<'_>) {
    let open = "SELECT (SELECT COUNT(*) FROM crm_delivery WHERE state = 'waiting' AND lease > 0)
                  + (SELECT COUNT(*) FROM crm_delivery d WHERE d.state = 'waiting' AND NOT EXISTS (
                     SELECT 1 FROM sales_waiting w WHERE w.delivery_key = d.key)) AS n";
    let tried = async {
        loop {
            let store = &door.world.running.app.store;
            let covered = in_read!(store, |read| { accrual::covered(read, door.now_ms()).await }).unwrap();
            if covered.is_empty() && door.number(open).await == 0 && door.number(DUE).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tried).await.expect("all is tried");
}

/// Deliveries that wait and are to be tried at any time of the story.
const DUE: &str =
    "SELECT COUNT(*) AS n FROM crm_delivery WHERE state = 'waiting' AND due_at < received_at + 86400000";

/// What is left of the credits of a fund's allocation to Acme, by their last days.
async fn credits(w: &World, fund: &str) -> Vec<(String, i64)> {
    let store = &w.running.app.store;
    in_read!(store, |read| {
        let program = program::by_key(read, "northwind").await?.unwrap();
        let (fund, _) = ledger::fund_by_key(read, &program.id, &format!("{fund}/acme")).await?.unwrap();
        let all = credit::of_fund(read, &fund).await?;
        Ok(all.into_iter().map(|one| (one.expires_on.to_string(), one.left.minor())).collect())
    })
    .unwrap()
}

/// Two percent of 10,000 sold on the 2nd, less 4,000 corrected on the 3rd, of which 5,000 are corrected back on the 4th; and
/// a set whose correction is more than the sales were, until it is corrected itself.
async fn sales_and_corrections_count_the_same_in_any_order(w: &mut World) {
    let door = Door::of(w);
    let usual = [("INV", "10000", "2"), ("CR", "-4000", "3"), ("CC", "5000", "4")];
    let deep = [("INV", "1000", "2"), ("CR", "-1500", "3"), ("CC", "800", "4")];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (set, postings) in [usual, deep].into_iter().enumerate() {
        let left = match set {
            0 => vec![("2026-03-02".to_owned(), 12_000), ("2026-03-04".to_owned(), 10_000)],
            _ => vec![("2026-03-04".to_owned(), 600)],
        };
        for order in orders {
            let [first, second, third] = order;
            let fund = format!("coop{set}-{first}{second}{third}");
            let make = format!(
                "/fund create key:{fund} name:{fund} kind:co_op valid-from:2026-01-01 valid-until:2026-06-30 accrual:2% \
                 credit-months:2"
            );
            w.person(Who::Finn).runs(&make).await;
            for one in order {
                assert_eq!(door.forms(&format!("{fund}-{one}"), posted(&fund, postings[one])).await, 200);
                is_tried(&door).await;
            }
            assert_eq!(credits(w, &fund).await, left, "{fund}");
            let available = if set == 0 { "220.00" } else { "6.00" };
            assert_eq!(
                w.fund(&format!("{fund}/acme")).await,
                format!("available EUR {available} · pending EUR 0.00 · committed EUR 0.00")
            );
        }
    }
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM crm_delivery WHERE state <> 'done'").await, 0);
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM sales_waiting").await, 0);
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 36);
    w.settle().await;
}

async fn a_correction_of_nothing_is_told_after_a_week(w: &mut World) {
    let door = Door::of(w);
    w.person(Who::Finn).runs(MAKE).await;
    assert_eq!(door.forms("m1", sales("CR-1", "-100")).await, 200);
    assert_eq!(door.forms("m2", sales("CR-2", "-1000")).await, 200);
    is_tried(&door).await;
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM sales_waiting").await, 2);
    // Money that people give lets it go on just as well: 2.00 for the first, and not the 20.00 of the second.
    w.person(Who::Finn).runs("/fund allocate fund:coop amount:5").await;
    w.person(Who::Finn).runs("/fund allocate fund:coop amount:5 partner:acme").await;
    is_tried(&door).await;
    assert_eq!(w.fund("coop/acme").await, "available EUR 3.00 · pending EUR 0.00 · committed EUR 0.00");
    w.moves_to("2026-01-12T07:59:00Z").await;
    assert_eq!(door.notices(APPROVALS).len(), 0);
    w.moves_to("2026-01-12T08:00:01Z").await;
    let told = door.is_told(1).await;
    assert!(told[0].contains("in 7 days nothing came that it corrects"), "{told:?}");
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM sales_waiting").await, 0);
    assert_eq!(w.fund("coop/acme").await, "available EUR 3.00 · pending EUR 0.00 · committed EUR 0.00");
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

/// A correction that comes before its sales, both after the end of their fund: the same went on in the end.
async fn sales_of_the_last_days_come_after_the_end_in_any_order(w: &mut World) {
    let door = Door::of(w);
    let finn = w.person(Who::Finn);
    let next = "/fund create key:spring name:Spring kind:co_op valid-from:2026-02-01 valid-until:2026-06-30 accrual:2%";
    finn.runs(next).await;
    let days = "valid-from:2026-01-01 valid-until:2026-01-31";
    finn.runs(&format!("/fund create key:coop name:Co-op kind:co_op {days} accrual:2% carry-over:spring"))
        .await;
    w.moves_to("2026-02-01T08:00:00Z").await;
    assert_eq!(door.forms("m1", sales("CR-1", "-400")).await, 200);
    is_tried(&door).await;
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM sales_waiting").await, 1);
    assert_eq!(door.forms("m2", sales("INV-1", "10000")).await, 200);
    is_tried(&door).await;
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM sales_waiting").await, 0);
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM crm_delivery WHERE state <> 'done'").await, 0);
    assert_eq!(w.fund("coop/acme").await, "available EUR 0.00 · pending EUR 0.00 · committed EUR 0.00");
    assert_eq!(w.fund("spring/acme").await, "available EUR 192.00 · pending EUR 0.00 · committed EUR 0.00");
    w.settle().await;
}

async fn sales_of_another_partners_fund_are_a_dead_letter(w: &mut World) {
    let door = Door::of(w);
    w.person(Who::Finn).runs(MAKE).await;
    assert_eq!(door.forms("m1", sales("INV-1", "1000")).await, 200);
    door.is_read().await;
    let own = sales("INV-2", "1000").replace("\"fund\":\"coop\"", "\"fund\":\"coop/acme\"");
    assert_eq!(door.forms("m2", own.replace("\"acme\"", "\"globex\"")).await, 200);
    assert_eq!(door.forms("m3", own).await, 200);
    door.is_read().await;
    assert_eq!(w.number("SELECT COUNT(*) FROM crm_delivery WHERE state = 'dead'").await, 1);
    assert_eq!(w.number("SELECT COUNT(*) FROM fund_accrual").await, 2);
    assert_eq!(w.fund("coop/acme").await, "available EUR 40.00 · pending EUR 0.00 · committed EUR 0.00");
    w.settle().await;
}
