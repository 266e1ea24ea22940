//! What a partner is told of money that is approved and not claimed yet. Pure.

use super::card::Post;
use super::short;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, ClaimNotice, ClaimState};
use crate::domain::money::Money;
use crate::domain::request::MdfRequest;
use chrono::NaiveDate;

/// An approved request of which something is left to claim.
pub struct Unclaimed<'a> {
    pub request: &'a MdfRequest,
    pub campaign: &'a Campaign,
    /// What is left beyond what its claims that wait would pay; `None` if they would pay all of it.
    pub left: Option<Money>,
    /// The last day to claim.
    pub due: NaiveDate,
    /// The plan's local day.
    pub today: NaiveDate,
    /// Its claims, in their order.
    pub claims: &'a [Claim],
    /// The last day that is asked for, while more time is being decided.
    pub asked_until: Option<NaiveDate>,
    /// The last day that is over, if this one takes its place because its warning did not come in time.
    pub put_off: Option<NaiveDate>,
}

/// The notice of a request, for the channel that both companies read.
pub fn notice(which: ClaimNotice, of: &Unclaimed<'_>) -> Post {
    let (name, due) = (of.request.name_short(), of.due);
    let campaign = format!("{} {}", of.campaign.name_short(), short(&of.campaign.name, 60));
    let mut text = match (which, of.left) {
        (ClaimNotice::Reminder, money) => format!(
            "🧾 Time to claim: {campaign} ended on {}, and no claim of **{name}** is filed. {} can be claimed until {due}.",
            of.campaign.period.end(),
            money.unwrap_or(of.request.amount)
        ),
        (ClaimNotice::Warning, Some(money)) => format!(
            "⏳ Claim in time: {money} of **{name}** for {campaign} is not claimed yet. {}; {}.",
            left(due, of.today),
            goes_back(of)
        ),
        (ClaimNotice::Warning, None) => format!(
            "⏳ Claim in time: all of **{name}** for {campaign} is claimed and waits for a decision. {}; should less be approved, \
             {}.",
            left(due, of.today),
            goes_back(of)
        ),
    };
    text.push_str(&next(of));
    match (of.asked_until, which) {
        (Some(until), _) => text.push_str(&format!(
            " More time, until {until}, is asked for; until the vendor has decided nothing runs out."
        )),
        (None, ClaimNotice::Warning) => {
            text.push_str(&format!(" For more time there is `/claim extend request:{name}`."));
        }
        (None, ClaimNotice::Reminder) => {}
    }
    text.push_str(&instead(of.put_off));
    Post { text, ..Post::default() }
}

/// Why there is more time than was said.
fn instead(put_off: Option<NaiveDate>) -> String {
    let why = |was| format!(" The last day was {was}; its last warning did not come in time.");
    put_off.map(why).unwrap_or_default()
}

/// The claims that its deciders have: those that were filed and wait. What was never filed is the partner's own, and is not
/// named where both sides read.
fn pending<'a>(of: &Unclaimed<'a>) -> impl Iterator<Item = &'a Claim> {
    of.claims.iter().filter(|claim| claim.state.is_pending())
}

fn returned<'a>(of: &Unclaimed<'a>) -> impl Iterator<Item = &'a Claim> {
    of.claims.iter().filter(|claim| claim.state == ClaimState::Returned)
}

/// When what is not claimed goes back: on its day, unless a claim of it is then being decided or may still be filed again.
fn goes_back(of: &Unclaimed<'_>) -> String {
    let later =
        returned(of).filter(|claim| claim.file_by(of.due) > of.due).max_by_key(|claim| claim.file_by(of.due));
    let kept = match (pending(of).next(), later) {
        (Some(claim), _) => format!(" once {} is decided", claim.name_short()),
        (None, Some(claim)) => {
            format!(
                ", unless {} is filed again, which may be until {}",
                claim.name_short(),
                claim.file_by(of.due)
            )
        }
        (None, None) => String::new(),
    };
    format!("what is not claimed by then goes back{kept}")
}

/// What people do next.
fn next(of: &Unclaimed<'_>) -> String {
    let name = of.request.name_short();
    let mut said = String::new();
    for claim in pending(of).map(Claim::name_short) {
        said.push_str(&format!(" {claim} waits for the vendor: `/claim show claim:{claim}`."));
    }
    for claim in returned(of).map(Claim::name_short) {
        said.push_str(&format!(" {claim} is returned: correct it and say `/claim submit claim:{claim}`."));
    }
    match said.is_empty() {
        true => format!(
            " Start with `/claim new request:{name}`, or file what you have begun with `/claim submit`."
        ),
        false => said,
    }
}

/// The warning that a returned claim expires. `put_off` is the last day that is over, if `file_by` takes its place.
pub fn again(
    claim: &Claim,
    request: &MdfRequest,
    (file_by, put_off): (NaiveDate, Option<NaiveDate>),
    today: NaiveDate,
) -> Post {
    let (name, asked) = (claim.name_short(), request.name_short());
    let text = format!(
        "⏳ File again in time: **{name}** of {asked} is returned. {}; after that it expires, and what is not claimed goes \
         back. Correct it and say `/claim submit claim:{name}`. For more time there is `/claim extend request:{asked}`.{}",
        left(file_by, today),
        instead(put_off)
    );
    Post { text, ..Post::default() }
}

fn left(due: NaiveDate, today: NaiveDate) -> String {
    match (due - today).num_days() {
        0 => format!("Today, {due}, is the last day"),
        1 => format!("1 day is left, until {due}"),
        days => format!("{days} days are left, until {due}"),
    }
}
