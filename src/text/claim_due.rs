//! What a partner is told of money that is approved and not claimed yet. Pure.

use super::card::Post;
use super::short;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, ClaimNotice};
use crate::domain::money::Money;
use crate::domain::request::MdfRequest;
use chrono::NaiveDate;

/// An approved request of which something is left to claim.
pub struct Unclaimed<'a> {
    pub request: &'a MdfRequest,
    pub campaign: &'a Campaign,
    /// What is left.
    pub left: Money,
    /// The last day to claim.
    pub due: NaiveDate,
    /// The plan's local day.
    pub today: NaiveDate,
    /// A claim of it that is put together or decided.
    pub open_claim: Option<&'a str>,
    /// The last day that is asked for, while more time is being decided.
    pub asked_until: Option<NaiveDate>,
}

/// The notice of a request, for the channel that both companies read.
pub fn notice(which: ClaimNotice, of: &Unclaimed<'_>) -> Post {
    let (name, due) = (of.request.name_short(), of.due);
    let campaign = format!("{} {}", of.campaign.name_short(), short(&of.campaign.name, 60));
    let mut text = match which {
        ClaimNotice::Reminder => format!(
            "🧾 Time to claim: {campaign} ended on {}, and no claim of **{name}** is filed. {} can be claimed until {due}.",
            of.campaign.period.end(),
            of.left
        ),
        ClaimNotice::Warning => format!(
            "⏳ Claim in time: {} of **{name}** for {campaign} is not claimed yet. {}; what is not claimed by then goes back.",
            of.left,
            left(due, of.today)
        ),
    };
    match of.open_claim {
        Some(claim) => text.push_str(&format!(" {claim} is not decided yet: `/claim show claim:{claim}`.")),
        None => text.push_str(&format!(" Start with `/claim new request:{name}`.")),
    }
    match (of.asked_until, which) {
        (Some(until), _) => text.push_str(&format!(
            " More time, until {until}, is asked for; until the vendor has decided nothing runs out."
        )),
        (None, ClaimNotice::Warning) => {
            text.push_str(&format!(" For more time there is `/claim extend request:{name}`."));
        }
        (None, ClaimNotice::Reminder) => {}
    }
    Post { text, ..Post::default() }
}

/// The warning that a returned claim expires.
pub fn again(claim: &Claim, request: &MdfRequest, file_by: NaiveDate, today: NaiveDate) -> Post {
    let (name, asked) = (claim.name_short(), request.name_short());
    let text = format!(
        "⏳ File again in time: **{name}** of {asked} is returned. {}; after that it expires, and what is not claimed goes \
         back. Correct it and say `/claim submit claim:{name}`. For more time there is `/claim extend request:{asked}`.",
        left(file_by, today)
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
