//! Claims with their lines, evidence, decisions and payments.

use super::program::money;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::claim::{Claim, ClaimState, Line, Logged, Payment};
use crate::domain::money::{Currency, Money};
use crate::fault::Fault;
use chrono::NaiveDate;

macro_rules! columns {
    () => {
        "id, partner_id, request_id, fund_id, number, currency, state, rev, approved_minor, paid_minor, clawed_minor, reason,
         filed_by, created_at, certified_by, submitted_at, decided_at, resubmit_by"
    };
}

/// # Errors
/// A fault of the database.
pub async fn insert(tx: &mut Tx, claim: &Claim) -> Result<(), Fault> {
    tx.exec_one(
        "insert claim",
        "INSERT INTO claim (id, partner_id, request_id, fund_id, number, currency, state, rev, filed_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            &claim.id,
            &claim.partner_id,
            &claim.request_id,
            &claim.fund_id,
            claim.number,
            claim.paid.currency().code(),
            claim.state.code(),
            claim.rev,
            &claim.filed_by,
            claim.created_at,
        ],
    )
    .await
}

/// Saves what becomes of a claim. The partner is locked.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &mut Tx, claim: &Claim) -> Result<(), Fault> {
    tx.exec_one(
        "save claim",
        "UPDATE claim SET state = $2, rev = $3, approved_minor = $4, paid_minor = $5, clawed_minor = $6, reason = $7,
           certified_by = $8, submitted_at = $9, decided_at = $10, resubmit_by = $11
         WHERE id = $1",
        args![
            &claim.id,
            claim.state.code(),
            claim.rev,
            claim.approved.map(Money::minor),
            claim.paid.minor(),
            claim.clawed.minor(),
            &claim.reason,
            &claim.certified_by,
            claim.submitted_at,
            claim.decided_at,
            claim.resubmit_by.map(|day| day.to_string()),
        ],
    )
    .await
}

/// # Errors
/// A fault of the database.
pub async fn by_id(read: &mut Read, id: &str) -> Result<Option<Claim>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM claim WHERE id = $1");
    read.opt(sql, args![id]).await?.map(|row| claim(&row)).transpose()
}

/// # Errors
/// A fault of the database.
pub async fn by_number(read: &mut Read, partner_id: &str, number: i64) -> Result<Option<Claim>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM claim WHERE partner_id = $1 AND number = $2");
    read.opt(sql, args![partner_id, number]).await?.map(|row| claim(&row)).transpose()
}

/// The claims of a partner, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<Claim>, Fault> {
    let sql =
        concat!("SELECT ", columns!(), " FROM claim WHERE partner_id = $1 ORDER BY number DESC LIMIT 500");
    read.all(sql, args![partner_id]).await?.iter().map(claim).collect()
}

/// The claims of a request, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_request(read: &mut Read, request_id: &str) -> Result<Vec<Claim>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM claim WHERE request_id = $1 ORDER BY number");
    read.all(sql, args![request_id]).await?.iter().map(claim).collect()
}

/// The short name of a claim of a request that somebody may still decide or file again; `None` without one.
///
/// # Errors
/// A fault of the database.
pub async fn open_of_request(read: &mut Read, request_id: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT MIN(number) AS number FROM claim
               WHERE request_id = $1 AND state IN ('draft', 'submitted', 'in_review', 'returned')";
    let number = read.one(sql, args![request_id]).await?.int_opt("number")?;
    Ok(number.map(|number| format!("CLM-{number}")))
}

/// The campaigns of a plan that have an open claim, by id: one that is put together, waits, or is owed money.
///
/// # Errors
/// A fault of the database.
pub async fn claimed_campaigns(read: &mut Read, plan_id: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT DISTINCT r.campaign_id FROM claim c JOIN mdf_request r ON r.id = c.request_id
                 JOIN campaign k ON k.id = r.campaign_id
               WHERE k.plan_id = $1 AND c.state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')
               ORDER BY r.campaign_id";
    read.all(sql, args![plan_id]).await?.iter().map(|row| row.text("campaign_id")).collect()
}

/// The short name of a claim of a request that waits for a decision; `None` without one.
///
/// # Errors
/// A fault of the database.
pub async fn undecided_of_request(read: &mut Read, request_id: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT MIN(number) AS number FROM claim
               WHERE request_id = $1 AND state IN ('submitted', 'in_review')";
    let number = read.one(sql, args![request_id]).await?.int_opt("number")?;
    Ok(number.map(|number| format!("CLM-{number}")))
}

/// The claims of a partner that are approved and not paid whole: their short names, with what is owed.
///
/// # Errors
/// A fault of the database.
pub async fn owed_of_partner(read: &mut Read, partner_id: &str) -> Result<Vec<(String, Money)>, Fault> {
    let sql = "SELECT number, currency, approved_minor - paid_minor AS left_minor FROM claim
               WHERE partner_id = $1 AND state = 'approved' AND approved_minor > paid_minor ORDER BY number";
    let owed = |row: &Row| {
        let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
        Ok((format!("CLM-{}", row.int("number")?), money(row.int("left_minor")?, currency)?))
    };
    read.all(sql, args![partner_id]).await?.iter().map(owed).collect()
}

/// The last day on which a returned claim of a request can be filed again; `None` without one.
///
/// # Errors
/// A fault of the database.
pub async fn resubmit_by(read: &mut Read, request_id: &str) -> Result<Option<NaiveDate>, Fault> {
    let sql = "SELECT MAX(resubmit_by) AS day FROM claim WHERE request_id = $1 AND state = 'returned'";
    read.one(sql, args![request_id]).await?.day_opt("day")
}

/// The claims of a request that wait for a decision, by id, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn pending_of_request(read: &mut Read, request_id: &str) -> Result<Vec<String>, Fault> {
    let sql =
        "SELECT id FROM claim WHERE request_id = $1 AND state IN ('submitted', 'in_review') ORDER BY number";
    read.all(sql, args![request_id]).await?.iter().map(|row| row.text("id")).collect()
}

/// The claims that were not filed before the last day of their request, or their own after they were returned, was over:
/// ids, with their partners. While a campaign is postponed without a date, or stopped, nothing of it runs out.
///
/// # Errors
/// A fault of the database.
pub async fn run_out(read: &mut Read, today: NaiveDate) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT c.id, c.partner_id FROM claim c JOIN mdf_request r ON r.id = c.request_id
                 JOIN campaign w ON w.id = r.campaign_id
               WHERE c.state IN ('draft', 'returned') AND r.claim_due < $1 AND w.state <> 'postponed'
                 AND (w.stopped_at IS NULL OR w.state IN ('closed', 'cancelled'))
                 AND (c.resubmit_by IS NULL OR c.resubmit_by < $1)
               ORDER BY r.claim_due, c.id";
    let rows = read.all(sql, args![today]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("partner_id")?))).collect()
}

fn claim(row: &Row) -> Result<Claim, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    let instant = |column: &str| Ok::<_, Fault>(row.int_opt(column)?.map(crate::clock::instant));
    Ok(Claim {
        id: row.text("id")?,
        partner_id: row.text("partner_id")?,
        request_id: row.text("request_id")?,
        fund_id: row.text("fund_id")?,
        number: row.int("number")?,
        state: row.parsed("state", ClaimState::parse)?,
        rev: row.int("rev")?,
        approved: row.int_opt("approved_minor")?.map(|minor| money(minor, currency)).transpose()?,
        paid: money(row.int("paid_minor")?, currency)?,
        clawed: money(row.int("clawed_minor")?, currency)?,
        reason: row.text_opt("reason")?,
        filed_by: row.text("filed_by")?,
        created_at: row.instant("created_at")?,
        certified_by: row.text_opt("certified_by")?,
        submitted_at: instant("submitted_at")?,
        decided_at: instant("decided_at")?,
        resubmit_by: row.day_opt("resubmit_by")?,
    })
}

/// Adds a line to a claim.
///
/// # Errors
/// A fault of the database.
pub async fn insert_line(tx: &mut Tx, claim_id: &str, line: &Line) -> Result<(), Fault> {
    tx.exec_one(
        "insert claim line",
        "INSERT INTO claim_line (id, claim_id, position, what, supplier, invoice_number, invoice_date, currency, net_minor,
           tax_minor, rate, rate_day, claimed_minor, log_entry_id, rest_entry_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        args![
            &line.id,
            claim_id,
            line.position,
            &line.what,
            &line.supplier,
            &line.invoice_number,
            line.invoice_date,
            line.net.currency().code(),
            line.net.minor(),
            line.tax.minor(),
            line.rate.map(|(rate, _)| rate.to_string()),
            line.rate.map(|(_, day)| day.to_string()),
            line.claimed.minor(),
            &line.log_entry_id,
            &line.rest_entry_id,
        ],
    )
    .await
}

/// Takes a line off a claim that its side still puts together.
///
/// # Errors
/// A fault of the database.
pub async fn delete_line(tx: &mut Tx, id: &str) -> Result<(), Fault> {
    tx.exec_one("delete claim line", "DELETE FROM claim_line WHERE id = $1", args![id]).await
}

/// Saves what was accepted of a line, and the log entries that it is.
///
/// # Errors
/// A fault of the database.
pub async fn save_line(tx: &mut Tx, line: &Line) -> Result<(), Fault> {
    let sql = "UPDATE claim_line SET accepted_minor = $2, reason = $3, log_entry_id = $4, rest_entry_id = $5 WHERE id = $1";
    let accepted = line.accepted.map(Money::minor);
    let args = args![&line.id, accepted, &line.reason, &line.log_entry_id, &line.rest_entry_id];
    tx.exec_one("save claim line", sql, args).await
}

/// The lines of a claim, in their order.
///
/// # Errors
/// A fault of the database.
pub async fn lines(read: &mut Read, of: &Claim) -> Result<Vec<Line>, Fault> {
    let sql = "SELECT id, position, what, supplier, invoice_number, invoice_date, currency, net_minor, tax_minor, rate, rate_day,
                 claimed_minor, accepted_minor, reason, log_entry_id, rest_entry_id
               FROM claim_line WHERE claim_id = $1 ORDER BY position";
    let own = of.paid.currency();
    read.all(sql, args![&of.id]).await?.iter().map(|row| line(row, own)).collect()
}

fn line(row: &Row, own: Currency) -> Result<Line, Fault> {
    let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
    let rate = match (row.text_opt("rate")?, row.day_opt("rate_day")?) {
        (Some(rate), Some(day)) => {
            let rate = rate.parse().map_err(|_| Fault::Corrupt(format!("rate holds {rate:?}")))?;
            Some((rate, day))
        }
        _ => None,
    };
    Ok(Line {
        id: row.text("id")?,
        position: row.int("position")?,
        what: row.text("what")?,
        supplier: row.text("supplier")?,
        invoice_number: row.text("invoice_number")?,
        invoice_date: row.day("invoice_date")?,
        net: money(row.int("net_minor")?, currency)?,
        tax: money(row.int("tax_minor")?, currency)?,
        rate,
        claimed: money(row.int("claimed_minor")?, own)?,
        accepted: row.int_opt("accepted_minor")?.map(|minor| money(minor, own)).transpose()?,
        reason: row.text_opt("reason")?,
        log_entry_id: row.text_opt("log_entry_id")?,
        rest_entry_id: row.text_opt("rest_entry_id")?,
    })
}

/// The invoices of a partner's other claims that were not turned down: the claim's short name, supplier, number. Of claims
/// that were never filed only `with_drafts`: they are the partner's own.
///
/// # Errors
/// A fault of the database.
pub async fn invoices(
    read: &mut Read,
    partner_id: &str,
    but: &str,
    with_drafts: bool,
) -> Result<Vec<(String, String, String)>, Fault> {
    let sql =
        "SELECT c.number, l.supplier, l.invoice_number FROM claim_line l JOIN claim c ON c.id = l.claim_id
               WHERE c.partner_id = $1 AND c.id <> $2 AND c.state NOT IN ('declined', 'withdrawn', 'expired')
                 AND (c.submitted_at IS NOT NULL OR $3 = 'drafts')
               ORDER BY c.number, l.position";
    let drafts = if with_drafts { "drafts" } else { "" };
    let rows = read.all(sql, args![partner_id, but, drafts]).await?;
    let read = |row: &Row| {
        Ok((format!("CLM-{}", row.int("number")?), row.text("supplier")?, row.text("invoice_number")?))
    };
    rows.iter().map(read).collect()
}

/// Whether a log entry is a line of a claim that stands already.
///
/// # Errors
/// A fault of the database.
pub async fn line_of_entry(read: &mut Read, entry_id: &str) -> Result<bool, Fault> {
    let sql = "SELECT COUNT(*) AS n FROM claim_line l JOIN claim c ON c.id = l.claim_id
               WHERE (l.log_entry_id = $1 OR l.rest_entry_id = $1) AND c.state NOT IN ('declined', 'withdrawn', 'expired', 'reversed')";
    Ok(read.one(sql, args![entry_id]).await?.int("n")? > 0)
}

/// The spend of a campaign that stands, has an invoice number and is a line of no claim that stands; as it was logged.
///
/// # Errors
/// A fault of the database.
pub async fn unclaimed_spend(read: &mut Read, campaign_id: &str) -> Result<Vec<Logged>, Fault> {
    let sql = "SELECT e.id, e.invoice_number, e.amount FROM log_entry e
               WHERE e.campaign_id = $1 AND e.kind = 'spend' AND e.reverses IS NULL AND e.invoice_number IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM log_entry r WHERE r.reverses = e.id)
                 AND NOT EXISTS (SELECT 1 FROM claim_line l JOIN claim c ON c.id = l.claim_id
                   WHERE (l.log_entry_id = e.id OR l.rest_entry_id = e.id)
                     AND c.state NOT IN ('declined', 'withdrawn', 'expired', 'reversed'))
               ORDER BY e.number";
    let logged = |row: &Row| {
        let (id, invoice_number) = (row.text("id")?, row.text("invoice_number")?);
        Ok(Logged { id, invoice_number, amount: row.int("amount")? })
    };
    read.all(sql, args![campaign_id]).await?.iter().map(logged).collect()
}

/// Everybody who has had a say in what a claim pays, who approved it or a step of it, cut its lines, or reversed it; and for
/// whom. Who reversed what they had paid, which nobody may any more, is left out: somebody has to record what comes back of it.
///
/// # Errors
/// A fault of the database.
pub async fn approvers(read: &mut Read, id: &str) -> Result<Vec<String>, Fault> {
    let sql =
        "SELECT person FROM claim_decision WHERE claim_id = $1 AND outcome IN ('step', 'approved', 'lines')
               UNION
               SELECT stands_for AS person FROM claim_decision
               WHERE claim_id = $1 AND outcome IN ('step', 'approved', 'lines') AND stands_for IS NOT NULL
               UNION
               SELECT person FROM claim_decision WHERE claim_id = $1 AND outcome = 'reversed'
                 AND person NOT IN (SELECT person FROM claim_payment WHERE claim_id = $1)
               UNION
               SELECT stands_for AS person FROM claim_decision
               WHERE claim_id = $1 AND outcome = 'reversed' AND stands_for IS NOT NULL
                 AND person NOT IN (SELECT person FROM claim_payment WHERE claim_id = $1)
               ORDER BY person";
    read.all(sql, args![id]).await?.iter().map(|row| row.text("person")).collect()
}

/// Everybody who has recorded a payment of a claim, and for whom.
///
/// # Errors
/// A fault of the database.
pub async fn payers(read: &mut Read, id: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT person FROM claim_payment WHERE claim_id = $1
               UNION
               SELECT stands_for AS person FROM claim_payment WHERE claim_id = $1 AND stands_for IS NOT NULL
               ORDER BY person";
    read.all(sql, args![id]).await?.iter().map(|row| row.text("person")).collect()
}

/// Everybody who had a hand in a claim: who started it, filled it, filed it.
///
/// # Errors
/// A fault of the database.
pub async fn makers(read: &mut Read, id: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT DISTINCT actor FROM audit WHERE item = $1
                 AND code IN ('claim_drafted', 'claim_line_added', 'claim_line_removed', 'claim_evidence_added',
                              'claim_evidence_removed', 'claim_submitted')
               ORDER BY actor";
    read.all(sql, args![id]).await?.iter().map(|row| row.text("actor")).collect()
}

/// # Errors
/// A fault of the database.
pub async fn insert_payment(tx: &mut Tx, claim_id: &str, payment: &Payment) -> Result<(), Fault> {
    let sql =
        "INSERT INTO claim_payment (id, claim_id, amount_minor, paid_on, reference, person, at, stands_for)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![
        &payment.id,
        claim_id,
        payment.amount.minor(),
        payment.paid_on,
        &payment.reference,
        &payment.person,
        payment.at,
        &payment.stands_for,
    ];
    tx.exec_one("insert payment", sql, args).await
}

/// The payments of a claim, in their order.
///
/// # Errors
/// A fault of the database.
pub async fn payments(read: &mut Read, of: &Claim) -> Result<Vec<Payment>, Fault> {
    let sql = "SELECT id, amount_minor, paid_on, reference, person, at, stands_for FROM claim_payment
               WHERE claim_id = $1 ORDER BY at, id";
    let rows = read.all(sql, args![&of.id]).await?;
    let read = |row: &Row| {
        Ok(Payment {
            id: row.text("id")?,
            amount: money(row.int("amount_minor")?, of.paid.currency())?,
            paid_on: row.day("paid_on")?,
            reference: row.text("reference")?,
            person: row.text("person")?,
            stands_for: row.text_opt("stands_for")?,
            at: row.instant("at")?,
        })
    };
    rows.iter().map(read).collect()
}
