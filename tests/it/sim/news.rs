//! What a command has left behind: read with queries that cost the same however long the simulation has run.

use super::model::{
    Adjustment, Campaign, Claim, Decision, Extension, File, Fund, Model, Notice, Plan, Request,
};
use std::collections::{BTreeMap, BTreeSet};
use tandem::domain::trail;
use tandem::fault::Fault;
use tandem::store::{Read, Row};
use tandem::{args, in_read};

/// How far each table was read.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    pub audit: i64,
    transfer: String,
    request_decision: String,
    claim_decision: String,
    payment: String,
    accrual: String,
    outbox: String,
}

#[derive(Clone, Debug)]
pub struct Transfer {
    pub id: String,
    pub fund_id: String,
    pub to_fund_id: Option<String>,
    pub what: String,
    pub amount: i64,
    pub request_id: Option<String>,
    pub claim_id: Option<String>,
    pub actor: String,
    /// Unix milliseconds.
    pub at: i64,
    /// Fund, account, amount.
    pub entries: Vec<(String, String, i64)>,
    /// Of one that forfeits or brings back: the last day of each credit that it takes from, and how much; below zero what
    /// it gives.
    pub credits: Vec<Used>,
}

/// What a transfer takes of a credit.
#[derive(Clone, Debug)]
pub struct Used {
    /// The last day on which it could be committed.
    pub last: String,
    /// Its own last day.
    pub own: Option<String>,
    pub amount: i64,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub line: trail::Line,
    pub before: String,
    pub hash: String,
}

#[derive(Clone, Debug)]
pub struct Payment {
    pub claim_id: String,
    pub amount: i64,
    pub person: String,
    pub stands_for: Option<String>,
    pub at: i64,
}

#[derive(Default)]
pub struct News {
    pub trail: Vec<Link>,
    pub transfers: Vec<Transfer>,
    pub request_decisions: Vec<Decision>,
    pub claim_decisions: Vec<Decision>,
    pub payments: Vec<Payment>,
    /// The ids of new accruals.
    pub accruals: Vec<String>,
    pub notices: Vec<Notice>,
    pub requests: Vec<Request>,
    pub claims: Vec<Claim>,
    /// Those that wait, if that may have changed.
    pub extensions: Option<Vec<Extension>>,
    /// Of those that somebody decided: who, and for whom.
    pub extension_deciders: BTreeMap<String, (Option<String>, Option<String>)>,
    /// The running totals of every fund that was touched.
    pub balances: BTreeMap<(String, String), i64>,
    /// All of these, if any may have changed.
    pub funds: Option<Vec<Fund>>,
    pub plans: Option<(Vec<Plan>, Vec<Campaign>, Vec<Adjustment>)>,
    pub absences: Option<BTreeMap<String, (String, i64)>>,
}

impl News {
    /// Nothing was written but lines of the trail.
    pub fn changes_nothing(&self) -> bool {
        self.transfers.is_empty()
            && self.request_decisions.is_empty()
            && self.claim_decisions.is_empty()
            && self.payments.is_empty()
            && self.accruals.is_empty()
            && self.notices.is_empty()
    }

    pub fn codes(&self) -> Vec<String> {
        self.trail.iter().map(|link| format!("{} {}", link.line.code, link.line.item)).collect()
    }
}

/// Reads what is new, and moves the cursor on.
pub async fn read(store: &tandem::store::Store, model: &Model, cursor: &mut Cursor) -> News {
    let mut next = cursor.clone();
    let news = in_read!(store, |read| { all(read, model, &mut next).await });
    *cursor = next;
    news.unwrap()
}

async fn all(read: &mut Read, model: &Model, cursor: &mut Cursor) -> Result<News, Fault> {
    let mut news = News::default();
    for row in read.all(TRAIL, args![&model.program, cursor.audit]).await? {
        news.trail.push(link(&row)?);
    }
    cursor.audit = news.trail.last().map_or(cursor.audit, |link| link.line.seq);
    for row in read.all(TRANSFERS, args![&cursor.transfer]).await? {
        news.transfers.push(transfer(read, &row).await?);
    }
    advance(&mut cursor.transfer, news.transfers.last().map(|one| one.id.clone()));
    for (table, found) in [(REQUEST_DECISIONS, 0), (CLAIM_DECISIONS, 1)] {
        let last = if found == 0 { &mut cursor.request_decision } else { &mut cursor.claim_decision };
        let rows = read.all(table, args![last.as_str()]).await?;
        advance(last, rows.last().map(|row| row.text("id")).transpose()?);
        let decisions = rows.iter().map(decision).collect::<Result<Vec<_>, _>>()?;
        if found == 0 { news.request_decisions = decisions } else { news.claim_decisions = decisions }
    }
    let rows = read.all(PAYMENTS, args![&cursor.payment]).await?;
    advance(&mut cursor.payment, rows.last().map(|row| row.text("id")).transpose()?);
    news.payments = rows.iter().map(payment).collect::<Result<_, _>>()?;
    for row in read.all(ACCRUALS, args![&cursor.accrual]).await? {
        news.accruals.push(row.text("id")?);
    }
    advance(&mut cursor.accrual, news.accruals.last().cloned());
    for row in read.all(OUTBOX, args![&cursor.outbox]).await? {
        news.notices.push(notice(&row)?);
    }
    advance(&mut cursor.outbox, news.notices.last().map(|one| one.id.clone()));
    touched(read, model, &mut news).await?;
    reloaded(read, model, &mut news).await?;
    Ok(news)
}

fn advance(cursor: &mut String, last: Option<String>) {
    if let Some(last) = last {
        *cursor = last;
    }
}

/// The requests, claims, extensions and accounts that lines of the trail, transfers and decisions are about.
async fn touched(read: &mut Read, model: &Model, news: &mut News) -> Result<(), Fault> {
    let mut items: BTreeSet<String> = news.trail.iter().map(|link| link.line.item.clone()).collect();
    for link in news.trail.iter().filter(|link| link.line.code.starts_with("extension_")) {
        // An extension that is approved gives its request another last day.
        let detail: serde_json::Value = serde_json::from_str(&link.line.detail).unwrap_or_default();
        items.extend(detail["request"].as_str().map(str::to_owned));
    }
    let mut funds = BTreeSet::new();
    for one in &news.transfers {
        items.extend(one.request_id.iter().chain(&one.claim_id).cloned());
        funds.insert(one.fund_id.clone());
        funds.extend(one.to_fund_id.clone());
    }
    items.extend(news.request_decisions.iter().chain(&news.claim_decisions).map(|one| one.item.clone()));
    items.extend(news.payments.iter().map(|one| one.claim_id.clone()));
    let of = |prefix: &str| news.trail.iter().any(|link| link.line.code.starts_with(prefix));
    let (asks_requests, asks_extensions) =
        (of("request_") || of("claim_") || of("extension_"), of("extension_") || of("request_"));
    if asks_requests || !news.transfers.is_empty() {
        let mut of_claims = BTreeSet::new();
        for id in &items {
            if let Some(row) = read.opt(CLAIM, args![id]).await? {
                let claim = claim(read, &row, model).await?;
                of_claims.insert(claim.request_id.clone());
                news.claims.push(claim);
            }
        }
        for id in items.union(&of_claims) {
            if let Some(row) = read.opt(REQUEST, args![id]).await? {
                news.requests.push(request(&row, model)?);
            }
        }
    }
    for link in news.trail.iter().filter(|link| link.line.code.starts_with("extension_")) {
        if let Some(row) = read.opt(DECIDER, args![&link.line.item]).await? {
            let decider = (row.text_opt("decided_by")?, row.text_opt("stands_for")?);
            news.extension_deciders.insert(link.line.item.clone(), decider);
        }
    }
    if asks_extensions {
        let rows = read.all(EXTENSIONS, args![]).await?;
        news.extensions = Some(rows.iter().map(|row| extension(row, model)).collect::<Result<_, _>>()?);
    }
    for fund in funds {
        for row in read.all(BALANCES, args![&fund]).await? {
            news.balances.insert((fund.clone(), row.text("account")?), row.int("amount")?);
        }
    }
    Ok(())
}

async fn reloaded(read: &mut Read, model: &Model, news: &mut News) -> Result<(), Fault> {
    let of = |prefix: &str| news.trail.iter().any(|link| link.line.code.starts_with(prefix));
    if of("fund_") {
        let rows = read.all(FUNDS, args![]).await?;
        news.funds = Some(rows.iter().map(|row| fund(row, model)).collect::<Result<_, _>>()?);
    }
    if of("away_") {
        let mut all = BTreeMap::new();
        for row in read.all(ABSENCES, args![]).await? {
            all.insert(row.text("person")?, (row.text("delegate")?, row.int("until_at")?));
        }
        news.absences = Some(all);
    }
    if of("plan_") || of("campaign_") || of("adjustment_") {
        news.plans = Some(plans(read, model).await?);
    }
    Ok(())
}

/// The plans, campaigns and adjustments. The clock moves the first two without a line in the trail, so they are read
/// anew after a tick.
pub async fn plans(
    read: &mut Read,
    model: &Model,
) -> Result<(Vec<Plan>, Vec<Campaign>, Vec<Adjustment>), Fault> {
    let plans = read.all(PLANS, args![]).await?;
    let campaigns = read.all(CAMPAIGNS, args![]).await?;
    let adjustments = read.all(ADJUSTMENTS, args![]).await?;
    Ok((
        plans.iter().map(|row| plan(row, model)).collect::<Result<_, _>>()?,
        campaigns.iter().map(|row| campaign(row, model)).collect::<Result<_, _>>()?,
        adjustments.iter().map(|row| adjustment(row, model)).collect::<Result<_, _>>()?,
    ))
}

const TRAIL: &str = "SELECT id, at, program_id, partner_id, actor, company, code, item, detail, seq, prev_hash, hash FROM audit
    WHERE program_id = $1 AND seq > $2 ORDER BY seq";
const TRANSFERS: &str =
    "SELECT id, fund_id, to_fund_id, move, amount, request_id, claim_id, actor, at FROM ledger_transfer
    WHERE id > $1 ORDER BY id";
const CREDITS: &str = "SELECT c.expires_on, f.valid_until, u.amount_minor FROM fund_credit_use u
      JOIN fund_credit c ON c.id = u.credit_id JOIN fund f ON f.id = c.fund_id WHERE u.transfer_id = $1 ORDER BY c.id";
const OVERDUE: &str = "SELECT f.key, c.left_minor FROM fund_credit c JOIN fund f ON f.id = c.fund_id
    WHERE c.left_minor > 0 AND (f.valid_until < $1 OR c.expires_on < $1) ORDER BY c.id";
const ENTRIES: &str =
    "SELECT fund_id, account, amount FROM ledger_entry WHERE transfer_id = $1 ORDER BY amount";
const REQUEST_DECISIONS: &str =
    "SELECT id, request_id AS item, rev, outcome, amount_minor, person, stands_for, at
    FROM request_decision WHERE id > $1 ORDER BY id";
const CLAIM_DECISIONS: &str =
    "SELECT id, claim_id AS item, rev, outcome, amount_minor, person, stands_for, at
    FROM claim_decision WHERE id > $1 ORDER BY id";
const HANDS: &str = "SELECT code, item, actor, detail FROM audit
    WHERE program_id = $1 AND (code LIKE 'request%' OR code LIKE 'claim%') ORDER BY seq";
const PAYMENTS: &str =
    "SELECT id, claim_id, amount_minor, person, stands_for, at FROM claim_payment WHERE id > $1 ORDER BY id";
const ACCRUALS: &str = "SELECT id FROM fund_accrual WHERE id > $1 ORDER BY id";
const OUTBOX: &str =
    "SELECT id, kind, card_key, channel_id, not_before FROM outbox WHERE id > $1 ORDER BY id";
const BALANCES: &str = "SELECT account, amount FROM account_balance WHERE fund_id = $1";
const FUNDS: &str = "SELECT id, key, partner_id, parent_id, kind, currency, valid_from, valid_until, carry_over, carry_most FROM fund
    WHERE archived_at IS NULL ORDER BY id";
const ABSENCES: &str = "SELECT person, delegate, until_at FROM absence";
const PLANS: &str = "SELECT id, number, partner_id, state, rev, starts_on, ends_on, time_zone FROM plan ORDER BY partner_id, number";
const CAMPAIGNS: &str =
    "SELECT id, number, partner_id, plan_id, kind, state, starts_on, ends_on, stopped_at, stopped_side,
      CAST(COALESCE((SELECT SUM(s.amount_minor) FROM budget_line b JOIN funding_share s ON s.budget_line_id = b.id
        WHERE b.campaign_id = campaign.id AND s.source = 'mdf'), 0) AS BIGINT) AS mdf_minor
    FROM campaign ORDER BY partner_id, number";
const ADJUSTMENTS: &str =
    "SELECT id, partner_id, side, state, rev FROM adjustment WHERE state = 'proposed' ORDER BY id";
const EXTENSIONS: &str = "SELECT id, partner_id, request_id, state, rev, asked_by FROM claim_extension WHERE state = 'waiting' ORDER BY id";
const DECIDER: &str = "SELECT decided_by, stands_for FROM claim_extension WHERE id = $1";
const REQUEST: &str = "SELECT id, number, partner_id, campaign_id, fund_id, currency, cost_minor, amount_minor, considered_minor,
    approved_minor, claimed_minor, share_percent, state, rev, claim_due, amend_amount_minor, on_behalf_of
    FROM mdf_request WHERE id = $1";
const CLAIM: &str =
    "SELECT id, number, partner_id, request_id, state, rev, approved_minor, paid_minor, clawed_minor, resubmit_by
    FROM claim WHERE id = $1";
const LINES: &str =
    "SELECT position, claimed_minor, accepted_minor FROM claim_line WHERE claim_id = $1 ORDER BY position";
const FILES: &str = "SELECT slot, sha256, restricted_rows FROM claim_evidence
    WHERE claim_id = $1 AND removed_at IS NULL ORDER BY added_at, id";
const ALL_REQUESTS: &str =
    "SELECT id, number, partner_id, campaign_id, fund_id, currency, cost_minor, amount_minor,
    considered_minor, approved_minor, claimed_minor, share_percent, state, rev, claim_due, amend_amount_minor,
    on_behalf_of FROM mdf_request ORDER BY id";
const ALL_CLAIMS: &str =
    "SELECT id, number, partner_id, request_id, state, rev, approved_minor, paid_minor, clawed_minor, resubmit_by
    FROM claim ORDER BY id";

/// The funds with credits whose last day was before a day, and which nobody has forfeited or carried on.
pub async fn overdue(store: &tandem::store::Store, today: &str) -> Result<Option<String>, Fault> {
    let rows = in_read!(store, |read| { read.all(OVERDUE, args![today]).await })?;
    rows.first().map(|row| row.text("key")).transpose()
}

/// A line of the trail about an item that people decide on.
#[derive(Clone, Debug)]
pub struct Hand {
    pub code: String,
    pub actor: String,
    /// The rev on which it was approved, where the line says that.
    pub approved_on: Option<i64>,
}

/// All decisions, by item in their order, and the lines that say who had a hand in what.
#[derive(Default)]
pub struct History {
    pub decisions: BTreeMap<String, Vec<Decision>>,
    pub lines: BTreeMap<String, Vec<Hand>>,
}

/// The same, for the full check.
pub async fn history(read: &mut Read, program: &str) -> Result<History, Fault> {
    let mut history = History::default();
    for table in [REQUEST_DECISIONS, CLAIM_DECISIONS] {
        for row in read.all(table, args![""]).await? {
            let decision = decision(&row)?;
            history.decisions.entry(decision.item.clone()).or_default().push(decision);
        }
    }
    for row in read.all(HANDS, args![program]).await? {
        let detail: serde_json::Value = serde_json::from_str(&row.text("detail")?).unwrap_or_default();
        let code = row.text("code")?;
        let approved_on = detail["seen_rev"].as_i64().filter(|_| code.ends_with("_approved"));
        let hand = Hand { code, actor: row.text("actor")?, approved_on };
        history.lines.entry(row.text("item")?).or_default().push(hand);
    }
    Ok(history)
}

/// Every request and claim, for the full check.
pub async fn everything(read: &mut Read, model: &Model) -> Result<(Vec<Request>, Vec<Claim>), Fault> {
    let rows = read.all(ALL_REQUESTS, args![]).await?;
    let requests = rows.iter().map(|row| request(row, model)).collect::<Result<_, _>>()?;
    let mut claims = Vec::new();
    for row in read.all(ALL_CLAIMS, args![]).await? {
        claims.push(claim(read, &row, model).await?);
    }
    Ok((requests, claims))
}

fn link(row: &Row) -> Result<Link, Fault> {
    let line = trail::Line {
        id: row.text("id")?,
        seq: row.int("seq")?,
        at: row.int("at")?,
        program_id: row.text("program_id")?,
        partner_id: row.text_opt("partner_id")?,
        actor: row.text("actor")?,
        company: row.text("company")?,
        code: row.text("code")?,
        item: row.text("item")?,
        detail: row.text("detail")?,
    };
    Ok(Link { line, before: row.text("prev_hash")?, hash: row.text("hash")? })
}

async fn transfer(read: &mut Read, row: &Row) -> Result<Transfer, Fault> {
    let id = row.text("id")?;
    let mut entries = Vec::new();
    for entry in read.all(ENTRIES, args![&id]).await? {
        entries.push((entry.text("fund_id")?, entry.text("account")?, entry.int("amount")?));
    }
    let mut credits = Vec::new();
    if matches!(row.text("move")?.as_str(), "expire" | "release" | "claw_back") {
        for credit in read.all(CREDITS, args![&id]).await? {
            let (own, fund) = (credit.text_opt("expires_on")?, credit.text("valid_until")?);
            let last = own.clone().filter(|own| *own < fund).unwrap_or(fund);
            credits.push(Used { last, own, amount: credit.int("amount_minor")? });
        }
    }
    Ok(Transfer {
        id,
        entries,
        credits,
        actor: row.text("actor")?,
        at: row.int("at")?,
        fund_id: row.text("fund_id")?,
        to_fund_id: row.text_opt("to_fund_id")?,
        what: row.text("move")?,
        amount: row.int("amount")?,
        request_id: row.text_opt("request_id")?,
        claim_id: row.text_opt("claim_id")?,
    })
}

fn decision(row: &Row) -> Result<Decision, Fault> {
    Ok(Decision {
        item: row.text("item")?,
        rev: row.int("rev")?,
        outcome: row.text("outcome")?,
        amount: row.int_opt("amount_minor")?,
        person: row.text("person")?,
        stands_for: row.text_opt("stands_for")?,
        at: row.int("at")?,
        selves: BTreeSet::new(),
    })
}

fn payment(row: &Row) -> Result<Payment, Fault> {
    Ok(Payment {
        claim_id: row.text("claim_id")?,
        amount: row.int("amount_minor")?,
        person: row.text("person")?,
        stands_for: row.text_opt("stands_for")?,
        at: row.int("at")?,
    })
}

fn notice(row: &Row) -> Result<Notice, Fault> {
    Ok(Notice {
        id: row.text("id")?,
        card: row.text_opt("card_key")?,
        kind: row.text("kind")?,
        channel: row.text("channel_id")?,
        not_before: row.int("not_before")?,
    })
}

fn fund(row: &Row, model: &Model) -> Result<Fund, Fault> {
    Ok(Fund {
        id: row.text("id")?,
        key: row.text("key")?,
        partner: row.text_opt("partner_id")?.map(|id| model.partner_index(&id)),
        pool: row.text_opt("parent_id")?,
        kind: row.text("kind")?,
        currency: row.text("currency")?,
        valid_from: row.text("valid_from")?,
        valid_until: row.text("valid_until")?,
        carry_over: row.text("carry_over")?,
        carry_most: row.text_opt("carry_most")?,
    })
}

fn plan(row: &Row, model: &Model) -> Result<Plan, Fault> {
    Ok(Plan {
        id: row.text("id")?,
        number: row.int("number")?,
        partner: model.partner_index(&row.text("partner_id")?),
        state: row.text("state")?,
        rev: row.int("rev")?,
        starts_on: row.text("starts_on")?,
        ends_on: row.text("ends_on")?,
        zone: row.text("time_zone")?,
    })
}

fn campaign(row: &Row, model: &Model) -> Result<Campaign, Fault> {
    Ok(Campaign {
        id: row.text("id")?,
        number: row.int("number")?,
        partner: model.partner_index(&row.text("partner_id")?),
        plan_id: row.text("plan_id")?,
        kind: row.text("kind")?,
        state: row.text("state")?,
        starts_on: row.text("starts_on")?,
        ends_on: row.text("ends_on")?,
        stopped_at: row.int_opt("stopped_at")?,
        stopped_side: row.text_opt("stopped_side")?,
        mdf: row.int("mdf_minor")?,
    })
}

fn adjustment(row: &Row, model: &Model) -> Result<Adjustment, Fault> {
    Ok(Adjustment {
        id: row.text("id")?,
        partner: model.partner_index(&row.text("partner_id")?),
        side: row.text("side")?,
        state: row.text("state")?,
        rev: row.int("rev")?,
    })
}

fn extension(row: &Row, model: &Model) -> Result<Extension, Fault> {
    Ok(Extension {
        id: row.text("id")?,
        partner: model.partner_index(&row.text("partner_id")?),
        request_id: row.text("request_id")?,
        state: row.text("state")?,
        rev: row.int("rev")?,
        asked_by: row.text("asked_by")?,
    })
}

fn request(row: &Row, model: &Model) -> Result<Request, Fault> {
    Ok(Request {
        id: row.text("id")?,
        number: row.int("number")?,
        partner: model.partner_index(&row.text("partner_id")?),
        campaign_id: row.text("campaign_id")?,
        fund_id: row.text("fund_id")?,
        currency: row.text("currency")?,
        cost: row.int("cost_minor")?,
        amount: row.int("amount_minor")?,
        considered: row.int_opt("considered_minor")?,
        approved: row.int_opt("approved_minor")?,
        claimed: row.int("claimed_minor")?,
        share_percent: row.text("share_percent")?,
        state: row.text("state")?,
        rev: row.int("rev")?,
        claim_due: row.text_opt("claim_due")?,
        amend_amount: row.int_opt("amend_amount_minor")?,
        on_behalf: row.text_opt("on_behalf_of")?.is_some(),
    })
}

async fn claim(read: &mut Read, row: &Row, model: &Model) -> Result<Claim, Fault> {
    let id = row.text("id")?;
    let mut lines = Vec::new();
    for line in read.all(LINES, args![&id]).await? {
        lines.push((line.int("position")?, line.int("claimed_minor")?, line.int_opt("accepted_minor")?));
    }
    let mut files = Vec::new();
    for file in read.all(FILES, args![&id]).await? {
        files.push(File {
            slot: file.text("slot")?,
            sha256: file.text("sha256")?,
            rows: file.int_opt("restricted_rows")?,
        });
    }
    Ok(Claim {
        id,
        lines,
        files,
        number: row.int("number")?,
        partner: model.partner_index(&row.text("partner_id")?),
        request_id: row.text("request_id")?,
        state: row.text("state")?,
        rev: row.int("rev")?,
        approved: row.int_opt("approved_minor")?,
        paid: row.int("paid_minor")?,
        clawed: row.int("clawed_minor")?,
        resubmit_by: row.text_opt("resubmit_by")?,
    })
}
