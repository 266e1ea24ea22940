//! What is written once is never changed or removed, by whatever statement, on both databases.

use super::money::a_request;
use super::template::a_template;
use super::{Ground, contracts, eur};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tandem::domain::actor::Side;
use tandem::domain::campaign::FundingSource;
use tandem::domain::capacity::Overfull;
use tandem::domain::checkpoint::Acknowledgement;
use tandem::domain::claim::Payment;
use tandem::domain::fund::Move;
use tandem::domain::log::{Entry, EntryKind};
use tandem::domain::plan::Signature;
use tandem::domain::request::{MdfRequest, RequestState};
use tandem::domain::template::TemplateState;
use tandem::fault::Fault;
use tandem::store::decision::{self, On};
use tandem::store::fact::{FactKey, Measure, NewFact, Of};
use tandem::store::readiness::SignedRev;
use tandem::store::{
    Engine, Tx, accrual, adjustment, campaign, checkpoint, claim, fact, ledger, readiness, request, template,
};
use tandem::{in_read, in_tx};

contracts!(
    what_is_written_once_stays,
    what_is_written_once_is_not_replaced,
    a_running_total_stays_and_is_missed,
    every_table_of_record_refuses,
);

/// The tables that only grow, each with a column to try to change.
const TABLES: [(&str, &str); 18] = [
    ("audit", "actor"),
    ("ledger_transfer", "actor"),
    ("ledger_entry", "account"),
    ("request_decision", "person"),
    ("log_entry", "logged_by"),
    ("plan_revision", "snapshot"),
    ("plan_signature", "person"),
    ("signature_warning", "side"),
    ("fact", "rule"),
    ("template", "content"),
    ("claim_decision", "person"),
    ("claim_payment", "reference"),
    ("claim_verdict", "supplier"),
    ("adjustment_signature", "person"),
    ("adjustment_warning", "side"),
    ("checkpoint_acknowledgement", "person"),
    ("fund_accrual", "reference"),
    ("fund_credit_use", "credit_id"),
];

/// A row in each of the tables that the ground has left empty.
async fn filled(g: &Ground) {
    in_tx!(g.store, |tx| {
        template_filled(g, tx).await?;
        let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
        let (fund, _) = ledger::fund_by_key(tx, &g.program, "acme-q1").await?.unwrap();
        let filed = a_request(g, &campaign, &fund.id, 1);
        request::insert(tx, &filed).await?;
        let declined = MdfRequest { state: RequestState::Declined, reason: Some("No".into()), ..filed };
        let taken = decision::Decision {
            id: g.clock.new_id(),
            rev: 1,
            on: On::Request(&declined.id),
            reason: declined.reason.as_deref(),
            outcome: declined.state.code(),
            amount: declined.approved,
            person: "1",
            stands_for: None,
            at: g.clock.now(),
        };
        decision::insert(tx, &taken).await?;
        claim_filled(g, tx).await?;
        signed_and_read(g, tx, &campaign).await?;
        let entry = Entry {
            id: g.clock.new_id(),
            campaign_id: campaign.clone(),
            number: 1,
            kind: EntryKind::Spend,
            occurred_on: "2026-01-05".parse().unwrap(),
            recorded_at: g.clock.now(),
            amount: eur(5).minor(),
            source: Some(FundingSource::Partner),
            payer: None,
            invoice_number: None,
            note: None,
            logged_by: "1".into(),
            reverses: None,
        };
        campaign::insert_entry(tx, &g.acme, &entry).await?;
        let deal = super::crm::a_deal(g, &super::crm::a_source(tx, g).await?, "d1");
        tandem::store::deal::save_deal(tx, &deal).await?;
        let key = FactKey {
            campaign_id: campaign.clone(),
            measure: Measure::Pipeline,
            occurred_ms: 1,
            occurred_on: "2026-01-05".into(),
            currency: Some("EUR".into()),
        };
        let new =
            NewFact { id: g.clock.new_id(), of: Of::Deal(deal.id), key, delta: 7, rule: "utm_id".into() };
        fact::append(tx, &[new], g.clock.now_ms()).await
    })
    .unwrap();
}

/// A template that every partner reads.
async fn template_filled(g: &Ground, tx: &mut Tx) -> Result<(), Fault> {
    let shared = a_template(g, "One", "1");
    template::insert_pending(tx, &shared).await?;
    template::set_state(tx, &shared.id, TemplateState::Pending, TemplateState::Shared).await.map(drop)
}

/// A posting of sales, and a credit of which something was taken.
async fn fund_filled(g: &Ground) {
    in_tx!(g.store, |tx| {
        let (fund, _) = ledger::fund_by_key(tx, &g.program, "acme-q1").await?.unwrap();
        accrual::insert(tx, &super::fund::an_accrual(g, &fund, "INV-1")).await?;
        let id = g.clock.new_id();
        let transfer = ledger::Transfer {
            idempotency_key: id.clone(),
            id,
            fund: &fund,
            what: Move::AllocateBack,
            amount: eur(1),
            about: ledger::About::default(),
            actor: "1",
            at: g.clock.now(),
        };
        ledger::transfer(tx, &transfer).await
    })
    .unwrap();
}

/// A claim with a decision and a payment.
/// What both sides have put their names to.
async fn signed_and_read(g: &Ground, tx: &mut Tx, campaign: &str) -> Result<(), Fault> {
    let waits = super::adjust::filed(g, campaign);
    adjustment::insert(tx, &waits).await?;
    let signature = Signature {
        side: Side::Partner,
        person: "1".into(),
        content_sha256: "9f".into(),
        signed_at: g.clock.now(),
        stands_for: None,
    };
    adjustment::add_signature(tx, &waits.id, 1, &signature).await?;
    let overfull = Overfull {
        side: Side::Partner,
        monday: "2026-01-05".parse().unwrap(),
        load: "12.5".parse().unwrap(),
        hours: 10,
    };
    readiness::add_warning(tx, SignedRev::Plan(&g.plan.id, g.plan.rev), Side::Vendor, &overfull).await?;
    let posted = super::road::a_checkpoint(g, 1, 0);
    checkpoint::insert(tx, &posted).await?;
    let read =
        Acknowledgement { side: Side::Vendor, person: "1".into(), stands_for: None, at: g.clock.now() };
    checkpoint::acknowledge(tx, &posted.id, &read).await?;
    readiness::add_warning(tx, SignedRev::Adjustment(&waits.id, 1), Side::Partner, &overfull).await?;
    Ok(())
}

async fn claim_filled(g: &Ground, tx: &mut Tx) -> Result<(), Fault> {
    let new = super::claim::a_claim(g, tx, 1).await?;
    let decided = decision::Decision {
        id: g.clock.new_id(),
        rev: 1,
        on: On::Claim(&new.id),
        reason: new.reason.as_deref(),
        outcome: "approved",
        amount: Some(eur(5)),
        person: "1",
        stands_for: None,
        at: g.clock.now(),
    };
    decision::insert(tx, &decided).await?;
    decision::insert_verdicts(tx, &decided.id, &[super::claim::a_line(g, 1)]).await?;
    let payment = Payment {
        id: g.clock.new_id(),
        amount: eur(5),
        paid_on: "2026-03-01".parse().unwrap(),
        reference: "SEPA".into(),
        person: "2".into(),
        stands_for: None,
        at: g.clock.now(),
    };
    claim::insert_payment(tx, &new.id, &payment).await
}

async fn what_is_written_once_stays(g: Ground) {
    filled(&g).await;
    fund_filled(&g).await;
    let mut past = AnyConnection::connect(&g.desk.url).await.unwrap();
    for (table, column) in TABLES {
        let count = || AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(count()).fetch_one(&mut past).await.unwrap();
        assert!(rows > 0, "{table} has a row to try it on");
        let mut tries = vec![
            format!("UPDATE {table} SET {column} = {column}"),
            format!("UPDATE {table} SET {column} = 'x'"),
            format!("DELETE FROM {table}"),
        ];
        if g.store.engine() == Engine::Postgres {
            tries.push(format!("TRUNCATE {table} CASCADE"));
        }
        for sql in tries {
            let refused = sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut past).await.expect_err(&sql);
            assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
        }
        let after: i64 = sqlx::query_scalar(count()).fetch_one(&mut past).await.unwrap();
        assert_eq!(rows, after, "{table}");
    }
    past.close().await.unwrap();
}

/// The texts that a query gives.
async fn texts(past: &mut AnyConnection, sql: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(past).await.unwrap()
}

/// Statements that would write over the rows of a table on SQLite: by each key that they have, with everything else changed.
async fn replacements(past: &mut AnyConnection, table: &str) -> Vec<String> {
    let columns = texts(past, format!("SELECT CAST(name AS TEXT) FROM pragma_table_info('{table}')")).await;
    let numbers =
        format!("SELECT CAST(name AS TEXT) FROM pragma_table_info('{table}') WHERE type = 'BIGINT'");
    let numbers = texts(past, numbers).await;
    let unique = format!(
        "SELECT CAST(name AS TEXT) FROM pragma_index_list('{table}') WHERE \"unique\" = 1 ORDER BY 1"
    );
    let mut keys = vec![vec!["rowid".to_owned()]];
    for index in texts(past, unique).await {
        keys.push(texts(past, format!("SELECT CAST(name AS TEXT) FROM pragma_index_info('{index}')")).await);
    }
    let all = columns.join(", ");
    let mut found = vec![
        format!("REPLACE INTO {table} SELECT * FROM {table}"),
        format!("UPDATE OR REPLACE {table} SET rowid = rowid + 1"),
    ];
    for key in keys {
        // Where a row stands decides whether some keys count; without a value, none does.
        let kept = |column: &String| key.contains(column) || column == "state";
        let given = columns.iter().map(|column| match (kept(column), numbers.contains(column)) {
            (true, _) => column.clone(),
            (false, true) => format!("{column} + 1"),
            (false, false) => format!("{column} || 'x'"),
        });
        let given = given.collect::<Vec<_>>().join(", ");
        let there =
            key.iter().map(|column| format!("{column} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
        let rows = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table} WHERE {there}");
        if texts(past, rows).await[0] == "0" {
            continue;
        }
        found.push(match key[0].as_str() {
            "rowid" => {
                format!("INSERT OR REPLACE INTO {table} (rowid, {all}) SELECT rowid, {given} FROM {table}")
            }
            _ => format!("INSERT OR REPLACE INTO {table} ({all}) SELECT {given} FROM {table} WHERE {there}"),
        });
    }
    found
}

/// SQLite removes what REPLACE runs into without firing a trigger of removals; PostgreSQL has nothing like it.
async fn what_is_written_once_is_not_replaced(g: Ground) {
    if g.store.engine() == Engine::Postgres {
        return;
    }
    filled(&g).await;
    fund_filled(&g).await;
    let mut past = AnyConnection::connect(&g.desk.url).await.unwrap();
    let mut tried = 0;
    for (table, _) in TABLES {
        for sql in replacements(&mut past, table).await {
            let refused = sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut past).await.expect_err(&sql);
            assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
            tried += 1;
        }
    }
    assert!(tried > 4 * TABLES.len(), "each by its rowid, by each key, whole, and by an update: {tried}");
    past.close().await.unwrap();
    // What meets a taken key by chance is still known as that, and tried again with another.
    let taken = in_tx!(g.store, |tx| {
        tx.exec("INSERT INTO ledger_transfer SELECT * FROM ledger_transfer", tandem::args![]).await
    });
    assert!(taken.unwrap_err().is_unique_violation());
}

async fn a_running_total_stays_and_is_missed(g: Ground) {
    let mut past = AnyConnection::connect(&g.desk.url).await.unwrap();
    let is_sqlite = g.store.engine() == Engine::Sqlite;
    let remove = "DELETE FROM account_balance WHERE account = 'forfeited'
                  AND fund_id = (SELECT id FROM fund WHERE key = 'acme-q1')";
    let tries = if is_sqlite { vec![remove] } else { vec![remove, "TRUNCATE account_balance"] };
    for sql in tries {
        let refused = sqlx::query(sql).execute(&mut past).await.expect_err(sql);
        assert!(refused.to_string().contains("account_balance keeps its rows"), "{sql}: {refused}");
    }
    // Whoever takes the trigger away too is found out.
    let on = if is_sqlite { "" } else { " ON account_balance" };
    let disarm = AssertSqlSafe(format!("DROP TRIGGER account_balance_no_delete{on}"));
    sqlx::query(disarm).execute(&mut past).await.unwrap();
    assert_eq!(sqlx::query(remove).execute(&mut past).await.unwrap().rows_affected(), 1);
    past.close().await.unwrap();
    let problems = in_read!(g.store, |read| { ledger::verify(read).await }).unwrap();
    assert_eq!(
        problems,
        ["fund acme-q1, account forfeited: the running total is gone, its entries add up to 0"]
    );
}

/// Which tables have the triggers is read from the database: one that is added with them is tried above too.
async fn every_table_of_record_refuses(g: Ground) {
    let sql = match g.store.engine() {
        Engine::Sqlite => "SELECT DISTINCT tbl_name AS name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1",
        Engine::Postgres => {
            "SELECT DISTINCT CAST(c.relname AS TEXT) AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE NOT t.tgisinternal ORDER BY 1"
        }
    };
    let rows = in_read!(g.store, |read| { read.all(sql, Vec::new()).await }).unwrap();
    let mut tables: Vec<_> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    // Running totals change, and only keep their rows.
    tables.push("account_balance".to_owned());
    tables.sort();
    assert_eq!(rows.iter().map(|row| row.text("name").unwrap()).collect::<Vec<_>>(), tables);
}
