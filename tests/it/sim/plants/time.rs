//! What the clock did too early, too late or not at all, and what the end of a fund took or gave that it must not.

use super::{Ground, Look, Plant, plant, with_due};
use crate::sim::check::{Expected, day_of};
use crate::sim::model::{Campaign, Claim, Fund, Request};

/// A look at the clock that finds this.
fn ticked(ground: &Ground, says: &'static str, sql: impl Into<String>) -> Plant {
    plant(Look::Next(Expected::Ticked { at: ground.sim.house.clock.now() }), says, sql)
}

/// A request whose claims nobody decides and for which nobody asks for more time, of a campaign that is not postponed.
fn claimable(ground: &Ground) -> Request {
    let model = &ground.checker.model;
    let open = |request: &Request| {
        model.claims.iter().any(|claim| {
            let is_open = matches!(claim.state.as_str(), "draft" | "returned" | "submitted" | "in_review");
            claim.request_id == request.id && is_open
        })
    };
    let today = day_of(ground.sim.house.clock.now()).to_string();
    ground.request(|one| {
        one.state == "approved"
            && one.claimed == 0
            && one.amend_amount.is_none()
            && one.claim_due.as_ref().is_some_and(|due| *due > today)
            && !open(one)
            && counts(ground, one)
    })
}

/// Whether a request's days are counted: nobody has asked for more time, and its campaign goes on.
fn counts(ground: &Ground, request: &Request) -> bool {
    let model = &ground.checker.model;
    let goes_on = |campaign: &Campaign| campaign.state != "postponed" && campaign.stopped_at.is_none();
    !model.extensions.iter().any(|extension| extension.request_id == request.id)
        && model.campaign(&request.campaign_id).is_some_and(goes_on)
}

fn run_out(request: &Request, to: &str) -> String {
    format!(
        "UPDATE mdf_request SET state = '{to}', rev = rev + 1 WHERE id = '{id}';
         INSERT INTO request_decision (id, request_id, rev, outcome, amount_minor, person, at)
           VALUES ('zplanted', '{id}', {rev}, '{to}', {amount}, 'clock', 0);",
        id = request.id,
        rev = request.rev,
        amount = request.approved.unwrap_or_default()
    )
}

/// A draft of a claim that can still be filed.
fn open_draft(ground: &Ground) -> Claim {
    ground.claim(|one| {
        let its = ground.checker.model.request(&one.request_id);
        let today = day_of(ground.sim.house.clock.now()).to_string();
        let open =
            |its: &Request| its.claim_due.as_ref().is_some_and(|due| *due > today) && counts(ground, its);
        one.state == "draft" && its.is_some_and(open)
    })
}

/// Requests and claims whose time was over, and nobody had said that it would be.
pub fn of_warnings(ground: &Ground) -> Vec<Plant> {
    let (request, draft) = (claimable(ground), open_draft(ground));
    let expired = format!("UPDATE claim SET state = 'expired', rev = rev + 1 WHERE id = '{}';", draft.id);
    let unwarned =
        |id: &str, sql: String| with_due(id, ticked(ground, "and nobody was warned in time of", sql));
    vec![
        unwarned(&request.id, run_out(&request, "expired")).with("request_expired", &request.id, "clock"),
        unwarned(&draft.request_id, expired).with("claim_expired", &draft.id, "clock"),
    ]
}

/// Requests and claims that run out at the wrong time.
pub fn of_the_clock(ground: &Ground) -> Vec<Plant> {
    let request = claimable(ground);
    let (id, number) = (&request.id, &request.number);
    let draft = open_draft(ground);
    let of_draft = &draft.request_id;
    let long_ago = |id: &str| format!("UPDATE mdf_request SET claim_due = '2026-01-06' WHERE id = '{id}';");
    let moved = |plant: Plant, id: &str| plant.with("request_claim_day_moved", id, "clock");
    let still = || Look::Next(Expected::Due);
    let as_claim = |what: &str| format!("UPDATE claim SET {what} WHERE id = '{}';", draft.id);
    let postponed = format!("UPDATE campaign SET state = 'postponed' WHERE id = '{}';", request.campaign_id);
    vec![
        // The clock left undone what was due.
        moved(ticked(ground, "and holds its money", long_ago(id)), id),
        moved(ticked(ground, ", and is draft", long_ago(of_draft)), of_draft).with(
            "claim_repriced",
            &draft.id,
            "clock",
        ),
        // It did what was not due.
        ticked(ground, "and could be claimed until", run_out(&request, "expired")).with(
            "request_expired",
            id,
            "clock",
        ),
        ticked(ground, "and could be claimed until", run_out(&request, "closed")).with(
            "request_closed",
            id,
            "clock",
        ),
        ticked(ground, "and could be filed until", as_claim("state = 'expired', rev = rev + 1")).with(
            "claim_expired",
            &draft.id,
            "clock",
        ),
        ticked(ground, "in the name of 2001", "").with("request_claim_day_moved", id, "2001"),
        // What is kept ran out; what was claimed of ran out as if nothing was.
        with_due(
            id,
            ticked(
                ground,
                "ran out, though its campaign is postponed",
                postponed + &run_out(&request, "expired"),
            ),
        )
        .with("campaign_postponed", &request.campaign_id, "clock")
        .with("request_expired", id, "clock"),
        with_due(id, ticked(ground, "with 0 claimed ran out as request_closed", run_out(&request, "closed")))
            .with("request_closed", id, "clock"),
        // Nobody looked at the clock at all.
        plant(still(), "while the clock stood still", run_out(&request, "expired")).with(
            "request_expired",
            id,
            "clock",
        ),
        plant(still(), "while the clock stood still", as_claim("state = 'expired', rev = rev + 1")).with(
            "claim_expired",
            &draft.id,
            "clock",
        ),
        ticked(
            ground,
            "waits until 1, not until",
            format!(
                "INSERT INTO outbox (id, lane, kind, channel_id, body, created_at, due_at, not_before)
               VALUES ('zplanted', 'x', 'post', '3001', 'MDF-{number}', 0, 0, 1)"
            ),
        ),
    ]
}

/// All that is available of a fund moves: away, or on to another.
fn all_goes(fund: &Fund, held: i64, what: &str, to: Option<&Fund>) -> String {
    let (id, reached) = (&fund.id, to.unwrap_or(fund));
    let account = if to.is_some() { "available" } else { "forfeited" };
    let to = to.map_or("NULL".to_owned(), |to| format!("'{}'", to.id));
    let at = "9999999999999";
    format!(
        "INSERT INTO ledger_transfer (id, idempotency_key, fund_id, to_fund_id, move, amount, actor, at)
           VALUES ('zplanted', 'zplanted', '{id}', {to}, '{what}', {held}, 'clock', {at});
         INSERT INTO ledger_entry (transfer_id, fund_id, account, amount)
           VALUES ('zplanted', '{id}', 'available', -{held}), ('zplanted', '{reached}', '{account}', {held});
         UPDATE account_balance SET amount = amount - {held} WHERE fund_id = '{id}' AND account = 'available';
         UPDATE account_balance SET amount = amount + {held} WHERE fund_id = '{reached}' AND account = '{account}';",
        reached = reached.id
    )
}

/// The credits of a fund lose all that is left of them, by the planted transfer.
fn credits_go(fund: &Fund) -> String {
    format!(
        "INSERT INTO fund_credit_use (transfer_id, credit_id, amount_minor)
           SELECT 'zplanted', id, left_minor FROM fund_credit WHERE fund_id = '{id}' AND left_minor > 0;
         UPDATE fund_credit SET left_minor = 0 WHERE fund_id = '{id}';",
        id = fund.id
    )
}

/// Credits and funds that end as they must not.
pub fn of_ends(ground: &Ground) -> Vec<Plant> {
    let model = &ground.checker.model;
    let today = day_of(ground.sim.house.clock.now()).to_string();
    let held = |fund: &Fund| {
        model.balances.get(&(fund.id.clone(), "available".to_owned())).copied().unwrap_or_default()
    };
    let live = |fund: &&Fund| fund.valid_until > today && held(fund) > 0;
    let find = |wanted: &dyn Fn(&&Fund) -> bool| {
        model.funds.iter().filter(live).find(wanted).unwrap_or_else(|| panic!("no such fund")).clone()
    };
    let pool = find(&|fund| fund.partner.is_none() && fund.kind == "mdf");
    let other = find(&|fund| fund.id != pool.id && fund.currency == pool.currency);
    let third = find(&|fund| fund.id != pool.id && fund.id != other.id);
    let next = || Look::Next(Expected::Due);
    let amount = held(&pool);
    // A long time from now, so that the fund has ended then, whatever it is; with this rule, and the rest after it.
    let rule = |to: &str, most: &str| {
        format!(
            "UPDATE fund SET carry_over = '{to}', carry_most = {most} WHERE id = '{}';
             UPDATE fund SET valid_until = '2999-12-31' WHERE id = '{}';",
            pool.id, other.id
        )
    };
    let going = |says, rule: String, to: Option<&Fund>| {
        let what = if to.is_some() { "transfer" } else { "expire" };
        let credits = if to.is_some() { String::new() } else { credits_go(&pool) };
        plant(next(), says, rule + &all_goes(&pool, amount, what, to) + &credits)
            .with("fund_forfeited", &pool.id, "clock")
            .with("fund_carried_over", &pool.id, "clock")
    };
    let early = |sql: String| sql.replace("9999999999999", &ground.sim.house.clock.now_ms().to_string());
    let before = |says, what, to, credits: String| {
        plant(next(), says, early(all_goes(&pool, amount, what, to)) + &credits)
            .with("fund_forfeited", &pool.id, "clock")
            .with("fund_carried_over", &pool.id, "clock")
    };
    vec![
        ticked(
            ground,
            "has ended, and has",
            format!("UPDATE fund SET valid_until = '2026-01-06' WHERE id = '{}'", pool.id),
        )
        .with("fund_forfeited", &pool.id, "clock"),
        ticked(
            ground,
            "has a credit that ended before",
            format!(
                "UPDATE fund_credit SET expires_on = '2026-01-06' WHERE fund_id = '{}' AND left_minor > 0",
                pool.id
            ),
        ),
        before("and lasts until", "expire", None, credits_go(&pool)),
        before("its credits lose 0", "expire", None, String::new()),
        before("goes on on", "transfer", Some(&other), String::new()),
        going("its rule says 0", rule("none", "NULL"), Some(&other)),
        going("goes on, its rule says", rule(&other.id, "'33.3%'"), Some(&other)),
        going("goes on, its rule says", rule(&other.id, "'5'"), None),
        going("goes on to ", rule(&other.id, "NULL"), Some(&third)),
    ]
}
