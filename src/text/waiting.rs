//! What is said of decisions that wait: a reminder, an escalation, and the digest of a day. Pure.

use super::card::{Card, Colour, Post};
use super::{because, roles, short};
use crate::domain::actor::Side;
use crate::domain::adjustment::Adjustment;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, Extension};
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::request::MdfRequest;
use crate::domain::waiting::Stage;
use chrono::{NaiveDate, TimeDelta};

/// Lines of a digest, and their characters, which leave room in a card for what else it says; more are counted.
const LINES_MAX: usize = 20;
const CHARS_MAX: usize = 3_600;

/// Something that waits, in the words of the channel where it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `MDF-1`, or `ACME/MDF-1` where only the vendor reads.
    pub name: String,
    /// What is to be decided or corrected.
    pub about: String,
    /// For how long, in time of the open days of whose turn it is.
    pub open: TimeDelta,
    /// What its people do next.
    pub next: String,
}

fn named(campaign: &Campaign) -> String {
    format!("{} {}", campaign.name_short(), short(&campaign.name, 60))
}

/// What a request asks for, or why it was returned.
pub fn about_request(request: &MdfRequest, campaign: &Campaign, side: Side) -> String {
    match (side, request.waiting(), &request.amendment) {
        (Side::Vendor, Some(amount), Some(_)) => {
            let was = request.approved.unwrap_or(request.amount);
            format!("an amendment, {was} → {amount}, for {}", named(campaign))
        }
        (Side::Vendor, Some(amount), None) => format!("{amount} for {}", named(campaign)),
        _ => format!("returned{}", because(request.reason.as_deref(), 120)),
    }
}

/// What a claim comes to, or why it was returned.
pub fn about_claim(claim: &Claim, request: &MdfRequest, comes_to: Money, side: Side) -> String {
    match side {
        Side::Vendor => format!("{comes_to} of {}", request.name_short()),
        Side::Partner => format!("returned{}", because(claim.reason.as_deref(), 120)),
    }
}

/// What an extension asks for.
pub fn about_extension(extension: &Extension) -> String {
    format!("more time to claim, {} → {}", extension.due, extension.until)
}

/// That an adjustment is to be signed.
pub fn about_adjustment(adjustment: &Adjustment, plan: &Plan) -> String {
    let count = adjustment.asked.len();
    let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
    format!("to sign: {changes} of {} {}", plan.name_short(), short(&plan.name, 60))
}

/// That a plan is to be signed.
pub fn about_plan(plan: &Plan) -> String {
    format!("to sign by {}: {}", plan.sign_by, short(&plan.name, 60))
}

/// That the stop of a campaign is to be signed by the side that stopped it, or countersigned by the other.
pub fn about_stop(campaign: &Campaign, side: Side) -> String {
    let name = short(&campaign.name, 60);
    let Some(stopped) = &campaign.stopped else { return format!("the stop of {name}") };
    let why = because(Some(&stopped.reason), 120);
    match stopped.side == side {
        true => format!("to sign: your side stopped {name}{why}"),
        false => {
            format!("to countersign, or it stays stopped: the {} stopped {name}{why}", stopped.side.code())
        }
    }
}

/// How its own side goes on with a returned request or claim.
pub fn correct(name: &str) -> String {
    match name.starts_with("CLM") {
        true => format!("Correct it and file it with `/claim submit claim:{name}`."),
        false => format!("Correct it with `/mdf request` and its option `resubmit:{name}`."),
    }
}

/// Time of open days in words: whole days, as they are told in rules.
pub fn open_days(open: TimeDelta) -> String {
    // A day on which the clocks change has an hour more or less.
    match (open + TimeDelta::hours(1)).num_days() {
        days if days < 1 => "less than a business day".to_owned(),
        1 => "1 business day".to_owned(),
        days => format!("{days} business days"),
    }
}

/// Who is asked when something waits too long: roles of the company whose turn it is.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who can take the next step.
    pub can: &'a [&'a str],
    /// To whom it is escalated.
    pub above: &'a [&'a str],
}

/// A reminder of something that waits, or its escalation.
pub fn too_long(stage: Stage, waiting: &Waiting, asked: Asked<'_>) -> Post {
    let (name, about, open) = (&waiting.name, &waiting.about, open_days(waiting.open));
    // What people wrote may end a sentence by itself.
    let stop = if about.ends_with(['?', '!', '…']) { "" } else { "." };
    let mut text = match stage {
        Stage::Reminder => format!("⏰ Reminder: **{name}** has waited {open}: {about}{stop}"),
        Stage::Escalation => format!("🔺 Escalated: **{name}** has waited {open}: {about}{stop}"),
    };
    if !asked.can.is_empty() {
        text.push_str(&format!(" People with {} can go on with it.", roles(asked.can)));
    }
    if stage == Stage::Escalation && !asked.above.is_empty() {
        text.push_str(&format!(" {} should see to it.", roles(asked.above)));
    }
    if !waiting.next.is_empty() {
        text.push_str(&format!(" {}", waiting.next));
    }
    Post { text, ..Post::default() }
}

/// The digest of a day: all that waits for a company, the longest first. `late` if it comes later than it should.
pub fn digest(company: &str, day: NaiveDate, waiting: &[Waiting], late: bool) -> Post {
    let mut chars = 0;
    let all =
        waiting.iter().map(|one| format!("• **{}** · {} · {}", one.name, one.about, open_days(one.open)));
    let fits = |line: &String| {
        chars += line.chars().count() + 1;
        chars <= CHARS_MAX
    };
    let mut lines: Vec<String> = all.take(LINES_MAX).take_while(fits).collect();
    if waiting.len() > lines.len() {
        let rest = waiting.len() - lines.len();
        lines.push(format!("… and {rest} more: `/mdf list`, `/claim list` show all of a partner."));
    }
    if late {
        lines.insert(0, "This comes late: I was not running when it was due.".to_owned());
    }
    let card = Card {
        title: format!("Open decisions · {day}"),
        body: lines.join("\n"),
        colour: Colour::Amber,
        footer: format!("Waits for {} · counted in its business days", short(company, 80)),
        ..Card::default()
    };
    Post { card: Some(card), ..Post::default() }
}

#[cfg(test)]
mod tests {
    use super::{Waiting, digest, open_days};
    use crate::limits::EMBED_DESCRIPTION_MAX;
    use chrono::{NaiveDate, TimeDelta};

    fn body(count: usize, about: usize) -> String {
        let one = Waiting {
            name: "ACME/MDF-1".to_owned(),
            about: "x".repeat(about),
            open: TimeDelta::days(2),
            next: String::new(),
        };
        let post = digest("Northwind", NaiveDate::default(), &vec![one; count], true);
        post.card.map(|card| card.body).unwrap_or_default()
    }

    #[test]
    fn a_digest_is_shortened_to_what_a_card_holds() {
        assert!(!body(20, 40).contains("more"), "twenty fit");
        assert!(body(21, 40).ends_with("… and 1 more: `/mdf list`, `/claim list` show all of a partner."));
        for about in [40, 179, 400] {
            let long = body(500, about);
            let shown = long.lines().filter(|line| line.starts_with('•')).count();
            assert!(long.contains(&format!("… and {} more", 500 - shown)), "{long}");
            assert!(shown > 5 && long.chars().count() <= EMBED_DESCRIPTION_MAX);
        }
    }

    #[test]
    fn open_time_is_told_in_whole_days() {
        assert_eq!(open_days(TimeDelta::hours(22)), "less than a business day");
        assert_eq!(open_days(TimeDelta::hours(23)), "1 business day", "the clocks went forward");
        assert_eq!(open_days(TimeDelta::hours(49)), "2 business days");
    }
}
