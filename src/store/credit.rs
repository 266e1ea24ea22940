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
    /// Its own last day, which it keeps wherever it goes; `None` if it lasts as long as the fund that has it.
    pub own_day: Option<NaiveDate>,
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
    let sql = concat!("SELECT c.id, c.left_minor, c.expires_on, (SELECT COUNT(*) FROM fund_credit_use u WHERE u.credit_id = c.id) AS uses,
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
        own_day: row.day_opt("expires_on")?,
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

/// The credits of a program whose last day lies between two, both included, the earliest first; not those of funds that are
/// archived. Of those of an archived partner the vendor is told, which can still take them back.
///
/// # Errors
/// A fault of the database.
pub async fn ending(
    read: &mut Read,
    program_id: &str,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Ending>, Fault> {
    let sql = concat!(
        "SELECT fund_id, currency, left_minor, at, ends_on FROM (
                 SELECT c.fund_id, f.currency, c.left_minor, c.at,
                   ",
        ends_on!(),
        " AS ends_on
                 FROM fund_credit c JOIN fund f ON f.id = c.fund_id
                 WHERE c.left_minor > 0 AND f.program_id = $1 AND f.archived_at IS NULL) open
               WHERE ends_on >= $2 AND ends_on <= $3 ORDER BY ends_on, fund_id, at"
    );
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

/// A part of what a transfer moved, in minor units, with the own last day of the credits that it was taken of, if they have
/// one: none is as long as the fund.
pub type Part = (Option<NaiveDate>, i64);

/// What a transfer took out of a fund, by the own last days of the credits that it was taken of; the earliest first, those
/// without one last.
///
/// # Errors
/// A fault of the database.
pub async fn parts(read: &mut Read, fund: &Fund, transfer_id: &str) -> Result<Vec<Part>, Fault> {
    let sql = "SELECT c.expires_on, CAST(SUM(u.amount_minor) AS BIGINT) AS taken
               FROM fund_credit_use u JOIN fund_credit c ON c.id = u.credit_id
               WHERE u.transfer_id = $1 AND c.fund_id = $2
               GROUP BY c.expires_on HAVING SUM(u.amount_minor) > 0";
    let rows = read.all(sql, args![transfer_id, &fund.id]).await?;
    let part = |row: &Row| Ok::<_, Fault>((row.day_opt("expires_on")?, row.int("taken")?));
    let mut parts: Vec<Part> = rows.iter().map(part).collect::<Result<_, _>>()?;
    parts.sort_by_key(|(day, _)| day.unwrap_or(LAST_DAY));
    Ok(parts)
}

/// What came in by a transfer becomes a credit for each of its parts.
pub(super) async fn open(
    tx: &mut Tx,
    (fund, transfer_id): (&Fund, &str),
    parts: &[Part],
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    let sql = "INSERT INTO fund_credit (id, fund_id, transfer_id, amount_minor, left_minor, expires_on, at)
               VALUES ($1, $2, $3, $4, $4, $5, $6)";
    let mut ids = Vec::new();
    for (expires_on, minor) in parts {
        let id = match ids.len() {
            0 => transfer_id.to_owned(),
            before => format!("{transfer_id}-{before}"),
        };
        let expires_on = expires_on.map(|day| day.to_string());
        tx.exec_one("open credit", sql, args![&id, &fund.id, transfer_id, *minor, expires_on, at]).await?;
        ids.push(id);
    }
    correct(tx, (fund, transfer_id), &ids).await
}

/// What was taken back of a credit.
struct TakenBack {
    credit_id: String,
    ends_on: NaiveDate,
    rest: i64,
    moved: i64,
}

/// What was taken back before credits came that expire earlier is taken of those instead: so it is no matter in which
/// order sales and their corrections come. What was committed or has expired meanwhile stays as it was.
///
/// What is still taken back of a credit is what corrections took of it, less what credits that came since took over, and of
/// one of those what it took over: by whichever move it came. What a transfer out of the fund took is not of it, nor what was
/// taken back for another reason, as on its way into another currency: that has gone for good.
async fn correct(tx: &mut Tx, (fund, transfer_id): (&Fund, &str), ids: &[String]) -> Result<(), Fault> {
    let all = of_fund(tx, fund).await?;
    let new: Vec<Credit> = all.into_iter().filter(|credit| ids.contains(&credit.id)).collect();
    let Some(first) = new.first() else { return Ok(()) };
    let sql = concat!(
        "SELECT c.id, ",
        ends_on!(),
        " AS ends_on,
                 CAST(SUM(u.amount_minor) AS BIGINT) AS used
               FROM fund_credit_use u
               JOIN ledger_transfer t ON t.id = u.transfer_id
               JOIN fund_credit c ON c.id = u.credit_id
               JOIN fund f ON f.id = c.fund_id
               WHERE c.fund_id = $1 AND (t.move = $3 OR (t.move = $5 AND t.to_fund_id = c.fund_id)
                   OR (t.move = $4 AND EXISTS (SELECT 1 FROM fund_accrual a WHERE a.transfer_id = t.id)))
                 AND ",
        ends_on!(),
        " > $2
               GROUP BY c.id, c.expires_on, f.valid_until, c.at
               HAVING SUM(u.amount_minor) > 0
               ORDER BY ends_on DESC, c.at DESC, c.id DESC"
    );
    let of = [Move::Allocate, Move::AllocateBack, Move::Transfer].map(Move::code);
    let rows = tx.all(sql, args![&fund.id, first.expires_on, of[0], of[1], of[2]]).await?;
    let taken_back = |row: &Row| {
        let (credit_id, ends_on) = (row.text("id")?, row.day("ends_on")?);
        Ok::<_, Fault>(TakenBack { credit_id, ends_on, rest: row.int("used")?, moved: 0 })
    };
    let mut before: Vec<TakenBack> = rows.iter().map(taken_back).collect::<Result<_, _>>()?;
    for credit in &new {
        let mut left = credit.left.minor();
        for one in before.iter_mut().filter(|one| one.ends_on > credit.expires_on) {
            let moved = left.min(one.rest);
            one.rest -= moved;
            one.moved += moved;
            left -= moved;
        }
        if left < credit.left.minor() {
            note(tx, transfer_id, &credit.id, credit.left.minor() - left).await?;
        }
    }
    // A transfer has one line for each credit, however many of the new ones have taken of it.
    for one in before.iter().filter(|one| one.moved > 0) {
        note(tx, transfer_id, &one.credit_id, -one.moved).await?;
    }
    Ok(())
}

/// What became of a fund's money since its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinceEnd {
    /// What went on to other funds and has not come back, in minor units.
    pub went_on: i64,
    /// What was forfeited, less the corrections for which nothing was moved because of that, in minor units.
    pub forfeited: i64,
}

/// What became of a fund's money since the instant of its end: what went on, wherever to, and what was forfeited.
///
/// # Errors
/// A fault of the database.
pub async fn since_end(read: &mut Read, fund: &Fund, end: DateTime<Utc>) -> Result<SinceEnd, Fault> {
    let went =
        "SELECT CAST(COALESCE(SUM(CASE WHEN fund_id = $1 THEN amount ELSE -amount END), 0) AS BIGINT) AS n
               FROM ledger_transfer WHERE move = $2 AND at >= $3 AND (fund_id = $1 OR to_fund_id = $1)";
    let went_on = read.one(went, args![&fund.id, Move::Transfer.code(), end]).await?.int("n")?;
    let lost = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS n FROM ledger_transfer
               WHERE fund_id = $1 AND move = $2 AND at >= $3";
    let lost = read.one(lost, args![&fund.id, Move::Expire.code(), end]).await?.int("n")?;
    // What was corrected after an end that was put off since is no matter of this one, whose losses are counted.
    let corrected = "SELECT CAST(COALESCE(SUM(forfeited_minor), 0) AS BIGINT) AS n FROM fund_accrual
               WHERE account_id = $1 AND at >= $2";
    let corrected = read.one(corrected, args![&fund.id, end]).await?.int("n")?;
    Ok(SinceEnd { went_on, forfeited: (lost - corrected).max(0) })
}

/// The ids of the funds to which a fund's money has gone on since the instant of its end, each with what went there and has not
/// come back, in minor units; the one that it went to last first. By a rule that names no fund they may be several.
///
/// # Errors
/// A fault of the database.
pub async fn went_to(read: &mut Read, fund: &Fund, end: DateTime<Utc>) -> Result<Vec<(String, i64)>, Fault> {
    let sql = "SELECT other, CAST(SUM(minor) AS BIGINT) AS went, MAX(last) AS last FROM (
                 SELECT to_fund_id AS other, amount AS minor, at AS last FROM ledger_transfer
                 WHERE fund_id = $1 AND move = $2 AND at >= $3
                 UNION ALL SELECT fund_id, -amount, at FROM ledger_transfer
                 WHERE to_fund_id = $1 AND move = $2 AND at >= $3) moved
               GROUP BY other HAVING SUM(minor) > 0 ORDER BY last DESC, other";
    let rows = read.all(sql, args![&fund.id, Move::Transfer.code(), end]).await?;
    rows.iter().map(|row| Ok((row.text("other")?, row.int("went")?))).collect()
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
/// is not left of a credit was used, and an accrual moved what it says, but for what of a correction had been forfeited.
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
    const ACCRUED: &str = "SELECT a.id AS item, a.amount_minor + a.forfeited_minor AS said,
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
