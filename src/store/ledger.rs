//! Funds and the double-entry ledger. Every move is one transfer of two entries that add up to zero, written with the
//! running totals of its two accounts, under one idempotency key. No account goes below zero: the `WHERE` says so.

use super::program::money;
use super::{Read, Row, Tx, credit};
use crate::args;
use crate::domain::fund::carry::{Carry, CarryMost, CarryTo};
use crate::domain::fund::statement::Entry;
use crate::domain::fund::{Account, Balances, Fund, FundKind, Move, Terms};
use crate::domain::money::{Currency, MAX_MINOR, Money};
use crate::fault::Fault;
use chrono::{DateTime, NaiveDate, Utc};

macro_rules! columns {
    () => {
        "id, program_id, partner_id, parent_id, key, name, kind, currency, valid_from, valid_until, declared, accrual_percent,
         credit_months, carry_over, carry_most"
    };
}

/// A move to be written.
#[derive(Clone, Debug)]
pub struct Transfer<'a> {
    pub id: String,
    /// The same key moves money once, however often it is asked for.
    pub idempotency_key: String,
    /// The fund whose account the money leaves; for all moves but [`Move::Transfer`] also the one that it reaches.
    pub fund: &'a Fund,
    pub what: Move,
    pub amount: Money,
    /// What it is about.
    pub about: About<'a>,
    pub actor: &'a str,
    pub at: DateTime<Utc>,
}

/// What a transfer is about, as far as it is about anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The fund that a [`Move::Transfer`] reaches.
    pub to: Option<&'a Fund>,
    pub request_id: Option<&'a str>,
    pub claim_id: Option<&'a str>,
    /// Of a new credit: the last day on which it can be committed. What a [`Move::Transfer`] moves has its own.
    pub expires_on: Option<NaiveDate>,
    /// Of a [`Move::Expire`]: the credit that it ends.
    pub credit_id: Option<&'a str>,
    /// What people said that it is for, or a payment's reference.
    pub memo: Option<&'a str>,
}

impl<'a> About<'a> {
    /// About a request.
    pub fn request(id: &'a str) -> Self {
        Self { request_id: Some(id), ..Self::default() }
    }

    /// About a claim of a request.
    pub fn claim(request_id: &'a str, id: &'a str) -> Self {
        Self { request_id: Some(request_id), claim_id: Some(id), ..Self::default() }
    }
}

/// What came of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    Done,
    /// The key has moved money before; nothing was written now.
    Before,
    /// The account it leaves holds less; nothing was written.
    NotCovered,
}

/// Writes a transfer with its entries and running totals.
///
/// # Errors
/// A fault of the database, or `Fault::Corrupt` for an amount in another currency than the fund's.
pub async fn transfer(tx: &mut Tx, transfer: &Transfer<'_>) -> Result<Moved, Fault> {
    let reached = reached(transfer)?;
    let amount = transfer.amount.minor();
    let (from, to) = transfer.what.accounts();
    let known = "SELECT COUNT(*) AS n FROM ledger_transfer WHERE idempotency_key = $1";
    if tx.one(known, args![&transfer.idempotency_key]).await?.int("n")? > 0 {
        return Ok(Moved::Before);
    }
    if reached.id < transfer.fund.id {
        // Two funds are locked in the order of their ids, so that transfers the other way round can't deadlock.
        let lock = "UPDATE account_balance SET amount = amount WHERE fund_id = $1 AND account = $2";
        tx.exec_one("lock account", lock, args![&reached.id, to.code()]).await?;
    }
    // The guard: what the account does not hold can't leave it. The contra account alone may run negative.
    let take = "UPDATE account_balance SET amount = amount - $3 WHERE fund_id = $1 AND account = $2 AND (amount >= $3 OR account = 'granted')";
    if tx.exec(take, args![&transfer.fund.id, from.code(), amount]).await? != 1 {
        return Ok(Moved::NotCovered);
    }
    let give = "UPDATE account_balance SET amount = amount + $3 WHERE fund_id = $1 AND account = $2";
    tx.exec_one("credit account", give, args![&reached.id, to.code(), amount]).await?;
    insert(tx, transfer).await?;
    for (fund, account, signed) in [(transfer.fund, from, -amount), (reached, to, amount)] {
        let sql = "INSERT INTO ledger_entry (transfer_id, fund_id, account, amount) VALUES ($1, $2, $3, $4)";
        tx.exec_one("insert entry", sql, args![&transfer.id, &fund.id, account.code(), signed]).await?;
    }
    credits(tx, transfer, reached).await?;
    Ok(Moved::Done)
}

/// What leaves the account available leaves its credits, and what reaches it is one. Both accounts are locked by now.
async fn credits(tx: &mut Tx, transfer: &Transfer<'_>, reached: &Fund) -> Result<(), Fault> {
    let (from, to) = transfer.what.accounts();
    let (about, amount) = (&transfer.about, transfer.amount);
    if from == Account::Available {
        credit::take(tx, (transfer.fund, &transfer.id), amount, about.credit_id).await?;
    }
    match transfer.what {
        Move::Release | Move::ClawBack => {
            credit::give_back(tx, (reached, &transfer.id), amount, about.request_id).await
        }
        _ if to == Account::Available => {
            let parts = match transfer.what {
                // Wherever money goes, it keeps its own last day: it doesn't last longer for having been moved.
                Move::Transfer => credit::parts(tx, transfer.fund, &transfer.id).await?,
                _ => vec![(about.expires_on, amount.minor())],
            };
            credit::open(tx, (reached, &transfer.id), &parts, transfer.at).await
        }
        _ => Ok(()),
    }
}

/// Locks what is available of some funds, in the order of their ids, so that what is read of their credits stays true.
///
/// # Errors
/// A fault of the database.
pub async fn lock_available(tx: &mut Tx, funds: &[&Fund]) -> Result<(), Fault> {
    let mut ids: Vec<&str> = funds.iter().map(|fund| fund.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let lock = "UPDATE account_balance SET amount = amount WHERE fund_id = $1 AND account = 'available'";
        tx.exec_one("lock account", lock, args![id]).await?;
    }
    Ok(())
}

/// The fund that the money reaches, in the currency of the one that it leaves: money is never converted on its way.
fn reached<'a>(transfer: &Transfer<'a>) -> Result<&'a Fund, Fault> {
    let reached = match (transfer.what, transfer.about.to) {
        (Move::Transfer, Some(to)) if to.id != transfer.fund.id => to,
        (Move::Transfer, _) => return Err(Fault::Corrupt("a transfer to no other fund".into())),
        (_, None) => transfer.fund,
        (_, Some(_)) => return Err(Fault::Corrupt("a move within one fund that names another".into())),
    };
    if [transfer.fund.currency, reached.currency].iter().any(|one| *one != transfer.amount.currency()) {
        return Err(Fault::Corrupt("a transfer in another currency than its fund's".into()));
    }
    Ok(reached)
}

async fn insert(tx: &mut Tx, transfer: &Transfer<'_>) -> Result<(), Fault> {
    let about = &transfer.about;
    tx.exec_one(
        "insert transfer",
        "INSERT INTO ledger_transfer (id, idempotency_key, fund_id, move, amount, request_id, actor, at, to_fund_id, claim_id,
           expires_on, memo)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            &transfer.id,
            &transfer.idempotency_key,
            &transfer.fund.id,
            transfer.what.code(),
            transfer.amount.minor(),
            about.request_id,
            transfer.actor,
            transfer.at,
            about.to.map(|fund| fund.id.as_str()),
            about.claim_id,
            about.expires_on.map(|day| day.to_string()),
            about.memo,
        ],
    )
    .await
}

/// Adds a fund with its empty accounts.
///
/// # Errors
/// A fault of the database.
pub async fn insert_fund(tx: &mut Tx, fund: &Fund) -> Result<(), Fault> {
    match open_fund(tx, fund).await? {
        true => Ok(()),
        false => Err(Fault::Corrupt(format!("fund {} is there already", fund.key))),
    }
}

/// Adds a fund with its empty accounts, unless one of its key is there, or one of its partner below its pool: somebody else may
/// make that at the same time. Says whether it was added.
///
/// # Errors
/// A fault of the database.
pub async fn open_fund(tx: &mut Tx, fund: &Fund) -> Result<bool, Fault> {
    let terms = &fund.terms;
    let sql = "INSERT INTO fund (id, program_id, partner_id, parent_id, key, name, kind, currency, valid_from, valid_until, declared,
           accrual_percent, credit_months, carry_over, carry_most, declared_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0) ON CONFLICT DO NOTHING";
    let added = tx.exec(
        sql,
        args![
            &fund.id,
            &fund.program_id,
            &fund.partner_id,
            &fund.parent_id,
            &fund.key,
            &fund.name,
            fund.kind.code(),
            fund.currency.code(),
            fund.valid_from,
            fund.valid_until,
            i64::from(terms.declared),
            terms.accrual_percent.map(|percent| percent.to_string()),
            terms.credit_months.map(i64::from),
            terms.carry.to.code(),
            terms.carry.most.code(),
        ],
    );
    if added.await? == 0 {
        return Ok(false);
    }
    for account in Account::ALL {
        let sql = "INSERT INTO account_balance (fund_id, account, amount) VALUES ($1, $2, 0)";
        tx.exec_one("open account", sql, args![&fund.id, account.code()]).await?;
    }
    Ok(true)
}

/// Saves what the configuration may change of a fund: its name, validity and terms, and the amount it declares. Its
/// allocations follow.
///
/// # Errors
/// A fault of the database.
pub async fn save_fund(tx: &mut Tx, fund: &Fund, declared: Money) -> Result<(), Fault> {
    let sql = "UPDATE fund SET name = $2, declared_minor = $3, archived_at = NULL WHERE id = $1";
    tx.exec_one("save fund", sql, args![&fund.id, &fund.name, declared.minor()]).await?;
    let sql = "UPDATE fund SET valid_from = $2, valid_until = $3, accrual_percent = $4, credit_months = $5, carry_over = $6,
                 carry_most = $7, archived_at = NULL
               WHERE id = $1 OR parent_id = $1";
    let terms = &fund.terms;
    let args = args![
        &fund.id,
        fund.valid_from,
        fund.valid_until,
        terms.accrual_percent.map(|percent| percent.to_string()),
        terms.credit_months.map(i64::from),
        terms.carry.to.code(),
        terms.carry.most.code(),
    ];
    tx.exec(sql, args).await.map(drop)
}

/// Archives a fund with its allocations.
///
/// # Errors
/// A fault of the database.
pub async fn archive_fund(tx: &mut Tx, id: &str, at: i64) -> Result<(), Fault> {
    tx.exec_one("archive fund", "UPDATE fund SET archived_at = $2 WHERE id = $1", args![id, at]).await?;
    tx.exec("UPDATE fund SET archived_at = $2 WHERE parent_id = $1", args![id, at]).await.map(drop)
}

/// Whether a fund is archived: nothing more can be committed from it.
///
/// # Errors
/// A fault of the database.
pub async fn is_archived(read: &mut Read, fund_id: &str) -> Result<bool, Fault> {
    let sql = "SELECT COUNT(archived_at) AS n FROM fund WHERE id = $1";
    Ok(read.one(sql, args![fund_id]).await?.int("n")? > 0)
}

/// What a partner has of a pool; `None` if nothing was ever allocated to it.
///
/// # Errors
/// A fault of the database.
pub async fn allocation(read: &mut Read, pool_id: &str, partner_id: &str) -> Result<Option<Fund>, Fault> {
    let sql = concat!("SELECT ", columns!(), " FROM fund WHERE parent_id = $1 AND partner_id = $2");
    read.opt(sql, args![pool_id, partner_id]).await?.map(|row| fund(&row)).transpose()
}

/// The funds of a program that are not archived, by key, with the amounts they declare.
///
/// # Errors
/// A fault of the database.
pub async fn funds(read: &mut Read, program_id: &str) -> Result<Vec<(Fund, Money)>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", declared_minor FROM fund WHERE program_id = $1 AND archived_at IS NULL ORDER BY key"
    );
    read.all(sql, args![program_id]).await?.iter().map(declared).collect()
}

/// The funds of a program that somebody may still want to look at, by key, each with whether it is archived: of those that
/// are, the ones that ever held anything.
///
/// # Errors
/// A fault of the database.
pub async fn known_funds(read: &mut Read, program_id: &str) -> Result<Vec<(Fund, bool)>, Fault> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", archived_at FROM fund WHERE program_id = $1
           AND (archived_at IS NULL OR EXISTS (SELECT 1 FROM ledger_entry e WHERE e.fund_id = fund.id)) ORDER BY key"
    );
    let known = |row: &Row| Ok((fund(row)?, row.int_opt("archived_at")?.is_some()));
    read.all(sql, args![program_id]).await?.iter().map(known).collect()
}

/// The fund of a key, archived or not.
///
/// # Errors
/// A fault of the database.
pub async fn fund_by_key(
    read: &mut Read,
    program_id: &str,
    key: &str,
) -> Result<Option<(Fund, Money)>, Fault> {
    let sql = concat!("SELECT ", columns!(), ", declared_minor FROM fund WHERE program_id = $1 AND key = $2");
    let Some(row) = read.opt(sql, args![program_id, key]).await? else { return Ok(None) };
    Ok(Some(declared(&row)?))
}

/// # Errors
/// A fault of the database, no such fund included.
pub async fn fund_by_id(read: &mut Read, id: &str) -> Result<Fund, Fault> {
    fund(&read.one(concat!("SELECT ", columns!(), " FROM fund WHERE id = $1"), args![id]).await?)
}

/// A fund with the amount that it declares.
fn declared(row: &Row) -> Result<(Fund, Money), Fault> {
    let fund = fund(row)?;
    let declared = money(row.int("declared_minor")?, fund.currency)?;
    Ok((fund, declared))
}

fn fund(row: &Row) -> Result<Fund, Fault> {
    let corrupt = |what: &str| Fault::Corrupt(format!("{what} of a fund can't be read"));
    let percent = row.text_opt("accrual_percent")?.map(|text| text.parse().map_err(|_| corrupt("the rate")));
    let months =
        row.int_opt("credit_months")?.map(|months| u32::try_from(months).map_err(|_| corrupt("the months")));
    let most =
        CarryMost::parse(row.text_opt("carry_most")?.as_deref()).ok_or_else(|| corrupt("the limit"))?;
    Ok(Fund {
        id: row.text("id")?,
        program_id: row.text("program_id")?,
        partner_id: row.text_opt("partner_id")?,
        parent_id: row.text_opt("parent_id")?,
        key: row.text("key")?,
        name: row.text("name")?,
        kind: row.parsed("kind", FundKind::parse)?,
        currency: row.parsed("currency", |code| Currency::parse(code).ok())?,
        valid_from: row.day("valid_from")?,
        valid_until: row.day("valid_until")?,
        terms: Terms {
            declared: row.int("declared")? != 0,
            accrual_percent: percent.transpose()?,
            credit_months: months.transpose()?,
            carry: Carry { to: CarryTo::parse(&row.text("carry_over")?), most },
        },
    })
}

/// All entries of a fund but those of the contra account, oldest first, on the local days of `zone`.
///
/// # Errors
/// A fault of the database.
pub async fn entries(read: &mut Read, fund: &Fund, zone: chrono_tz::Tz) -> Result<Vec<Entry>, Fault> {
    let sql = "SELECT t.at, t.move, e.account, e.amount,
                 (SELECT COUNT(*) FROM fund_accrual a WHERE a.transfer_id = t.id) AS accrual
               FROM ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id
               WHERE e.fund_id = $1 AND e.account <> 'granted' ORDER BY t.at, t.id, e.account";
    let entry = |row: &Row| {
        Ok(Entry {
            on: row.instant("at")?.with_timezone(&zone).date_naive(),
            what: row.parsed("move", Move::parse)?,
            accrual: row.int("accrual")? != 0,
            account: row.parsed("account", Account::parse)?,
            amount: money(row.int("amount")?, fund.currency)?,
        })
    };
    read.all(sql, args![&fund.id]).await?.iter().map(entry).collect()
}

/// What a fund holds now, pending requests beside it.
///
/// # Errors
/// A fault of the database.
pub async fn balances(read: &mut Read, fund: &Fund) -> Result<Balances, Fault> {
    let mut balances = Balances {
        available: Money::zero(fund.currency),
        committed: Money::zero(fund.currency),
        payable: Money::zero(fund.currency),
        paid: Money::zero(fund.currency),
        forfeited: Money::zero(fund.currency),
        pending: pending(read, fund).await?,
    };
    let sql = "SELECT account, amount FROM account_balance WHERE fund_id = $1 AND account <> 'granted'";
    for row in read.all(sql, args![&fund.id]).await? {
        let amount = money(row.int("amount")?, fund.currency)?;
        match row.parsed("account", Account::parse)? {
            Account::Available => balances.available = amount,
            Account::Committed => balances.committed = amount,
            Account::Payable => balances.payable = amount,
            Account::Paid => balances.paid = amount,
            Account::Forfeited => balances.forfeited = amount,
            Account::Granted => {}
        }
    }
    Ok(balances)
}

/// What waits of a fund beside what is committed: what new requests ask, and what amendments add. What the first of several
/// approvers makes of it is theirs until it is decided: the partner reads what is pending of its own fund.
async fn pending(read: &mut Read, fund: &Fund) -> Result<Money, Fault> {
    let sql = "SELECT CAST(COALESCE(SUM(waits), 0) AS BIGINT) AS n FROM (
                 SELECT amount_minor AS waits FROM mdf_request
                   WHERE fund_id = $1 AND state IN ('submitted', 'in_review')
                 UNION ALL SELECT amend_amount_minor - approved_minor FROM mdf_request
                   WHERE fund_id = $1 AND state = 'approved' AND amend_amount_minor > approved_minor) waiting";
    money(read.one(sql, args![&fund.id]).await?.int("n")?.min(MAX_MINOR), fund.currency)
}

/// What is wrong with the ledger, a sentence each; empty if it is sound. Compares every running total with the sum of
/// its entries, checks that each transfer balances, that no account but the contra account is below zero, and that
/// what requests hold is what is committed.
///
/// # Errors
/// A fault of the database.
pub async fn verify(read: &mut Read) -> Result<Vec<String>, Fault> {
    let mut problems = Vec::new();
    // Every fund has every account: a running total that is not there is a wrong one.
    let sql = "SELECT f.key, n.code AS account, b.amount,
                 CAST(COALESCE((SELECT SUM(e.amount) FROM ledger_entry e WHERE e.fund_id = f.id AND e.account = n.code), 0) AS BIGINT) AS total
               FROM fund f CROSS JOIN account_name n
               LEFT JOIN account_balance b ON b.fund_id = f.id AND b.account = n.code ORDER BY f.key, n.code";
    for row in read.all(sql, args![]).await? {
        let (fund, account, total) = (row.text("key")?, row.text("account")?, row.int("total")?);
        let Some(balance) = row.int_opt("amount")? else {
            problems.push(format!(
                "fund {fund}, account {account}: the running total is gone, its entries add up to {total}"
            ));
            continue;
        };
        if balance != total {
            problems.push(format!("fund {fund}, account {account}: the running total is {balance}, its entries add up to {total}"));
        }
        if balance < 0 && account != Account::Granted.code() {
            problems.push(format!("fund {fund}, account {account}: below zero ({balance})"));
        }
    }
    let sql = "SELECT t.id FROM ledger_transfer t
               WHERE (SELECT COUNT(*) FROM ledger_entry e WHERE e.transfer_id = t.id) <> 2
                  OR (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entry e WHERE e.transfer_id = t.id) <> 0
                  OR (SELECT MAX(e.amount) FROM ledger_entry e WHERE e.transfer_id = t.id) <> t.amount";
    for row in read.all(sql, args![]).await? {
        problems.push(format!("transfer {} does not balance", row.text("id")?));
    }
    problems.extend(misplaced(read).await?);
    problems.extend(unexplained(read).await?);
    problems.extend(credit::verify(read).await?);
    Ok(problems)
}

/// The accounts that hold something else than what requests and claims say: committed is what approved requests hold
/// beyond their approved claims, payable is what approved claims are still owed, paid is what was paid and stayed paid.
async fn unexplained(read: &mut Read) -> Result<Vec<String>, Fault> {
    const COMMITTED: &str = "SELECT f.key, b.amount,
            CAST(COALESCE((SELECT SUM(r.approved_minor - r.claimed_minor) FROM mdf_request r
              WHERE r.fund_id = f.id AND r.state = 'approved'), 0) AS BIGINT) AS said
          FROM fund f JOIN account_balance b ON b.fund_id = f.id AND b.account = 'committed' ORDER BY f.key";
    const PAYABLE: &str = "SELECT f.key, b.amount,
            CAST(COALESCE((SELECT SUM(c.approved_minor - c.paid_minor) FROM claim c
              WHERE c.fund_id = f.id AND c.state IN ('approved', 'paid')), 0) AS BIGINT) AS said
          FROM fund f JOIN account_balance b ON b.fund_id = f.id AND b.account = 'payable' ORDER BY f.key";
    const PAID: &str = "SELECT f.key, b.amount,
            CAST(COALESCE((SELECT SUM(c.paid_minor - c.clawed_minor) FROM claim c WHERE c.fund_id = f.id), 0) AS BIGINT) AS said
          FROM fund f JOIN account_balance b ON b.fund_id = f.id AND b.account = 'paid' ORDER BY f.key";
    let mut problems = Vec::new();
    let accounts = [
        (COMMITTED, "is committed, approved requests hold"),
        (PAYABLE, "is payable, approved claims are owed"),
        (PAID, "is paid, payments less claw-backs are"),
    ];
    for (sql, what) in accounts {
        for row in read.all(sql, args![]).await? {
            let (held, said) = (row.int("amount")?, row.int("said")?);
            if held != said {
                problems.push(format!("fund {}: {held} {what} {said}", row.text("key")?));
            }
        }
    }
    problems.extend(overdrawn(read).await?);
    Ok(problems)
}

/// The requests whose approved claims, and the claims whose payments, don't add up to what they say.
async fn overdrawn(read: &mut Read) -> Result<Vec<String>, Fault> {
    // A reversed claim has given back what was not paid of it; what was paid stays used.
    const CLAIMED: &str = "SELECT r.id, r.claimed_minor AS said,
            CAST(COALESCE((SELECT SUM(CASE c.state WHEN 'reversed' THEN c.paid_minor ELSE c.approved_minor END) FROM claim c
              WHERE c.request_id = r.id AND c.state IN ('approved', 'paid', 'reversed')), 0) AS BIGINT) AS sum
          FROM mdf_request r ORDER BY r.id";
    const PAID: &str = "SELECT c.id, c.paid_minor AS said,
            CAST(COALESCE((SELECT SUM(p.amount_minor) FROM claim_payment p WHERE p.claim_id = c.id), 0) AS BIGINT) AS sum
          FROM claim c ORDER BY c.id";
    let mut problems = Vec::new();
    for (sql, what) in [(CLAIMED, "request {}: its approved claims"), (PAID, "claim {}: its payments")] {
        for row in read.all(sql, args![]).await? {
            let (said, sum) = (row.int("said")?, row.int("sum")?);
            if said != sum {
                let what = what.replace("{}", &row.text("id")?);
                problems.push(format!("{what} add up to {sum}, the running total is {said}"));
            }
        }
    }
    Ok(problems)
}

/// The transfers whose entries are in other accounts, or in another fund, than their move says.
async fn misplaced(read: &mut Read) -> Result<Vec<String>, Fault> {
    let sql = "SELECT t.id, t.move, e.account, e.amount,
                 CAST(CASE WHEN e.fund_id = CASE WHEN e.amount > 0 THEN COALESCE(t.to_fund_id, t.fund_id) ELSE t.fund_id END
                   THEN 0 ELSE 1 END AS BIGINT) AS strayed
               FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id ORDER BY t.id, e.account";
    let mut problems = Vec::new();
    for row in read.all(sql, args![]).await? {
        let what = row.parsed("move", Move::parse)?;
        let (from, to) = what.accounts();
        let meant = if row.int("amount")? < 0 { from } else { to };
        if row.parsed("account", Account::parse)? != meant || row.int("strayed")? != 0 {
            let id = row.text("id")?;
            problems.push(format!("transfer {id} is not between the accounts of its move ({})", what.code()));
        }
    }
    problems.dedup();
    Ok(problems)
}

/// A transfer as it is kept, with its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: String,
    pub idempotency_key: String,
    pub fund_id: String,
    pub what: Move,
    /// In minor units.
    pub amount_minor: i64,
    pub claim_id: Option<String>,
    pub memo: Option<String>,
    pub actor: String,
    pub at: DateTime<Utc>,
    /// Account and amount in minor units, in the order of the accounts' names.
    pub entries: Vec<(String, i64)>,
}

/// The transfers of a request, oldest first; of those that are about a claim, only this one's.
///
/// # Errors
/// A fault of the database.
pub async fn of_claim(read: &mut Read, request_id: &str, claim_id: &str) -> Result<Vec<Kept>, Fault> {
    let sql =
        "SELECT id, idempotency_key, fund_id, move, amount, claim_id, memo, actor, at FROM ledger_transfer
               WHERE request_id = $1 AND (claim_id IS NULL OR claim_id = $2) ORDER BY at, id";
    let entries = "SELECT account, amount FROM ledger_entry WHERE transfer_id = $1 ORDER BY account";
    let mut all = Vec::new();
    for row in read.all(sql, args![request_id, claim_id]).await? {
        let id = row.text("id")?;
        let rows = read.all(entries, args![&id]).await?;
        let entry = |row: &Row| Ok::<_, Fault>((row.text("account")?, row.int("amount")?));
        all.push(Kept {
            entries: rows.iter().map(entry).collect::<Result<_, _>>()?,
            id,
            idempotency_key: row.text("idempotency_key")?,
            fund_id: row.text("fund_id")?,
            what: row.parsed("move", Move::parse)?,
            amount_minor: row.int("amount")?,
            claim_id: row.text_opt("claim_id")?,
            memo: row.text_opt("memo")?,
            actor: row.text("actor")?,
            at: row.instant("at")?,
        });
    }
    Ok(all)
}
