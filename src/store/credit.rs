//! Credits: what the account `available` of a fund is made of. Changed by [`super::ledger::transfer`] alone, under the lock
//! of that account, in the same transaction.

use super::program::money;
use super::{Read, Row, Tx};
use crate::args;
use crate::domain::fund::{Fund, Move};
use crate::domain::money::{Currency, Money};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};

/// Days are compared as text, so none may have more than four digits of a year.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What is left of a credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    pub id: String,
    pub left: Money,
    /// The last day on which it can be committed: its own, or its fund's if that comes first.
    pub expires_on: NaiveDate,
    /// How often something was taken of it or came back: tells one end of it from another.
    pub uses: i64,
}

/// The last day of a credit `c` of a fund `f`: its own, or its fund's if that is earlier.
macro_rules! ends_on {
    () => {
        "CASE WHEN c.expires_on < f.valid_until THEN c.expires_on ELSE f.valid_until END"
    };
}

/// The credits of a fund of which something is left, those first that expire first.
///
/// # Errors
/// A fault of the database.
pub async fn of_fund(read: &mut Read, fund: &Fund) -> Result<Vec<Credit>, Fault> {
    let sql = concat!("SELECT c.id, c.left_minor, (SELECT COUNT(*) FROM fund_credit_use u WHERE u.credit_id = c.id) AS uses,
                 ", ends_on!(), " AS ends_on
               FROM fund_credit c JOIN fund f ON f.id = c.fund_id
               WHERE c.fund_id = $1 AND c.left_minor > 0 ORDER BY ends_on, c.at, c.id");
    let rows = read.all(sql, args![&fund.id]).await?;
    rows.iter().map(|row| credit(row, fund)).collect()
}

fn credit(row: &Row, fund: &Fund) -> Result<Credit, Fault> {
    Ok(Credit {
        id: row.text("id")?,
        left: money(row.int("left_minor")?, fund.currency)?,
        expires_on: row.day("ends_on")?,
        uses: row.int("uses")?,
    })
}

/// The ids of the funds that hold a credit which expired before `today`, with their programs.
///
/// # Errors
/// A fault of the database.
pub async fn expired(read: &mut Read, today: NaiveDate) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT DISTINCT f.id, f.program_id FROM fund_credit c JOIN fund f ON f.id = c.fund_id
               WHERE c.left_minor > 0 AND (f.valid_until < $1 OR c.expires_on < $1) ORDER BY f.program_id, f.id";
    let rows = read.all(sql, args![today]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("program_id")?))).collect()
}

/// A credit of which something is left, as the clock sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    pub fund_id: String,
    pub left: Money,
    /// The last day on which it can be committed.
    pub expires_on: NaiveDate,
    pub came_at: DateTime<Utc>,
}

/// The credits of a program whose last day lies between two, both included, the earliest first; not those of funds and
/// partners that are archived.
///
/// # Errors
/// A fault of the database.
pub async fn ending(
    read: &mut Read,
    program_id: &str,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Ending>, Fault> {
    let sql = concat!("SELECT fund_id, currency, left_minor, at, ends_on FROM (
                 SELECT c.fund_id, f.currency, c.left_minor, c.at,
                   ", ends_on!(), " AS ends_on
                 FROM fund_credit c JOIN fund f ON f.id = c.fund_id LEFT JOIN partner p ON p.id = f.partner_id
                 WHERE c.left_minor > 0 AND f.program_id = $1 AND f.archived_at IS NULL AND p.archived_at IS NULL) open
               WHERE ends_on >= $2 AND ends_on <= $3 ORDER BY ends_on, fund_id, at");
    let until = until.min(LAST_DAY);
    let rows = read.all(sql, args![program_id, from, until]).await?;
    let ending = |row: &Row| {
        let currency = row.parsed("currency", |code| Currency::parse(code).ok())?;
        Ok(Ending {
            fund_id: row.text("fund_id")?,
            left: money(row.int("left_minor")?, currency)?,
            expires_on: row.day("ends_on")?,
            came_at: row.instant("at")?,
        })
    };
    rows.iter().map(ending).collect()
}

/// The earliest last day of what is left of a program's credits, over or not.
///
/// # Errors
/// A fault of the database.
pub async fn first_end(read: &mut Read, program_id: &str) -> Result<Option<NaiveDate>, Fault> {
    let sql = concat!("SELECT MIN(", ends_on!(), ") AS ends_on
               FROM fund_credit c JOIN fund f ON f.id = c.fund_id WHERE c.left_minor > 0 AND f.program_id = $1");
    read.one(sql, args![program_id]).await?.day_opt("ends_on")
}

/// What came in by a transfer becomes a credit.
pub(super) async fn open(
    tx: &mut Tx,
    (fund, transfer_id): (&Fund, &str),
    amount: Money,
    expires_on: Option<NaiveDate>,
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    let sql = "INSERT INTO fund_credit (id, fund_id, transfer_id, amount_minor, left_minor, expires_on, at)
               VALUES ($1, $2, $1, $3, $3, $4, $5)";
    let expires_on = expires_on.map(|day| day.to_string());
    tx.exec_one("open credit", sql, args![transfer_id, &fund.id, amount.minor(), expires_on, at]).await
}

/// What was taken back before a credit came that expires earlier is taken of that one instead: so it is no matter in which
/// order sales and their corrections come. What was committed or has expired meanwhile stays as it was.
pub(super) async fn correct(tx: &mut Tx, (fund, transfer_id): (&Fund, &str)) -> Result<(), Fault> {
    let all = of_fund(tx, fund).await?;
    let Some(new) = all.into_iter().find(|credit| credit.id == transfer_id) else { return Ok(()) };
    let sql = concat!(
        "SELECT c.id, ",
        ends_on!(),
        " AS ends_on,
                 CAST(SUM(u.amount_minor) AS BIGINT) AS used
               FROM fund_credit_use u
               JOIN ledger_transfer t ON t.id = u.transfer_id
               JOIN fund_credit c ON c.id = u.credit_id
               JOIN fund f ON f.id = c.fund_id
               WHERE c.fund_id = $1 AND t.move IN ($3, $4)
                 AND ",
        ends_on!(),
        " > $2
               GROUP BY c.id, c.expires_on, f.valid_until, c.at
               HAVING SUM(u.amount_minor) > 0
               ORDER BY ends_on DESC, c.at DESC, c.id DESC"
    );
    let of = [Move::Allocate, Move::AllocateBack].map(Move::code);
    let rows = tx.all(sql, args![&fund.id, new.expires_on, of[0], of[1]]).await?;
    let mut rest = new.left.minor();
    for row in rows {
        let moved = rest.min(row.int("used")?);
        if moved > 0 {
            note(tx, transfer_id, &row.text("id")?, -moved).await?;
            rest -= moved;
        }
    }
    match new.left.minor() - rest {
        0 => Ok(()),
        taken => note(tx, transfer_id, &new.id, taken).await,
    }
}

/// What leaves by a transfer leaves the credits: the one that is named, else those first that expire first.
pub(super) async fn take(
    tx: &mut Tx,
    (fund, transfer_id): (&Fund, &str),
    amount: Money,
    named: Option<&str>,
) -> Result<(), Fault> {
    let mut rest = amount.minor();
    for credit in of_fund(tx, fund).await? {
        if named.is_some_and(|named| named != credit.id) {
            continue;
        }
        let taken = rest.min(credit.left.minor());
        if taken > 0 {
            note(tx, transfer_id, &credit.id, taken).await?;
            rest -= taken;
        }
    }
    all_found(rest, fund)
}

/// What comes back of a request goes back to the credits that it was taken from, to the one first that expires last: what
/// was spent was spent of the oldest.
pub(super) async fn give_back(
    tx: &mut Tx,
    (fund, transfer_id): (&Fund, &str),
    amount: Money,
    request_id: Option<&str>,
) -> Result<(), Fault> {
    let sql = concat!(
        "SELECT c.id, ",
        ends_on!(),
        " AS ends_on,
                 CAST(SUM(u.amount_minor) AS BIGINT) AS used
               FROM fund_credit_use u
               JOIN ledger_transfer t ON t.id = u.transfer_id
               JOIN fund_credit c ON c.id = u.credit_id
               JOIN fund f ON f.id = c.fund_id
               WHERE c.fund_id = $1 AND COALESCE(t.request_id, '') = $2 AND t.move IN ($3, $4, $5)
               GROUP BY c.id, c.expires_on, f.valid_until, c.at
               HAVING SUM(u.amount_minor) > 0
               ORDER BY ends_on DESC, c.at DESC, c.id DESC"
    );
    let of = [Move::Approve, Move::Release, Move::ClawBack].map(Move::code);
    let rows = tx.all(sql, args![&fund.id, request_id.unwrap_or_default(), of[0], of[1], of[2]]).await?;
    let mut rest = amount.minor();
    for row in rows {
        let back = rest.min(row.int("used")?);
        if back > 0 {
            note(tx, transfer_id, &row.text("id")?, -back).await?;
            rest -= back;
        }
    }
    all_found(rest, fund)
}

/// Takes `amount` of a credit; below zero, it comes back.
async fn note(tx: &mut Tx, transfer_id: &str, credit_id: &str, amount: i64) -> Result<(), Fault> {
    let sql = "UPDATE fund_credit SET left_minor = left_minor - $2
               WHERE id = $1 AND left_minor >= $2 AND left_minor - $2 <= amount_minor";
    tx.exec_one("use credit", sql, args![credit_id, amount]).await?;
    let sql = "INSERT INTO fund_credit_use (transfer_id, credit_id, amount_minor) VALUES ($1, $2, $3)";
    tx.exec_one("note use of credit", sql, args![transfer_id, credit_id, amount]).await
}

/// The account held it, so its credits hold it too: anything else is a broken ledger.
fn all_found(rest: i64, fund: &Fund) -> Result<(), Fault> {
    if rest == 0 {
        return Ok(());
    }
    Err(Fault::Corrupt(format!("the credits of fund {} are {rest} short of its account", fund.key)))
}

/// What is wrong with credits and accruals, a sentence each: what is left of a fund's credits is what is available, what
/// is not left of a credit was used, and an accrual moved what it says.
///
/// # Errors
/// A fault of the database.
pub(super) async fn verify(read: &mut Read) -> Result<Vec<String>, Fault> {
    const LEFT: &str = "SELECT f.key AS item, b.amount AS said,
            CAST(COALESCE((SELECT SUM(c.left_minor) FROM fund_credit c WHERE c.fund_id = f.id), 0) AS BIGINT) AS sum
          FROM fund f JOIN account_balance b ON b.fund_id = f.id AND b.account = 'available' ORDER BY f.key";
    const USED: &str = "SELECT c.id AS item, c.amount_minor - c.left_minor AS said,
            CAST(COALESCE((SELECT SUM(u.amount_minor) FROM fund_credit_use u WHERE u.credit_id = c.id), 0) AS BIGINT) AS sum
          FROM fund_credit c ORDER BY c.id";
    const ACCRUED: &str = "SELECT a.id AS item, a.amount_minor AS said,
            CAST(COALESCE((SELECT SUM(CASE t.move WHEN 'allocate' THEN t.amount WHEN 'allocate_back' THEN -t.amount END)
              FROM ledger_transfer t WHERE t.id = a.transfer_id AND t.fund_id = a.account_id), 0) AS BIGINT) AS sum
          FROM fund_accrual a ORDER BY a.id";
    let mut problems = Vec::new();
    for (sql, what) in [
        (LEFT, "fund {}: {said} is available, {sum} is left of its credits"),
        (USED, "credit {}: {said} is not left of it, its uses add up to {sum}"),
        (ACCRUED, "accrual {}: it says {said}, {sum} was moved"),
    ] {
        for row in read.all(sql, args![]).await? {
            let (said, sum) = (row.int("said")?, row.int("sum")?);
            if said != sum {
                let what = what.replace("{}", &row.text("item")?);
                problems.push(what.replace("{said}", &said.to_string()).replace("{sum}", &sum.to_string()));
            }
        }
    }
    Ok(problems)
}
