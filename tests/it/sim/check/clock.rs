//! What the clock does, and what it leaves undone: whatever runs out does so after its last day and not before, nothing
//! runs out that something keeps, and once the clock has looked nothing is left that should have run out.

use super::Wrong;
use crate::sim::cast::{PARTNERS, PROGRAM_ZONE, QUIET};
use crate::sim::model::{Claim, Model, Request};
use crate::sim::news::News;
use chrono::{DateTime, Days, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// The program's day of an instant.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&PROGRAM_ZONE).date_naive()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no day"))
}

/// The day of an instant where a request's plan is.
fn day_there(model: &Model, request: &Request, at: DateTime<Utc>) -> Result<NaiveDate, String> {
    let campaign = model.campaign(&request.campaign_id);
    let plan = campaign.and_then(|campaign| model.plan(&campaign.plan_id));
    let zone: Option<Tz> = plan.and_then(|plan| plan.zone.parse().ok());
    let zone = zone.ok_or_else(|| format!("MDF-{} has no plan with a zone", request.number))?;
    Ok(at.with_timezone(&zone).date_naive())
}

fn name(request: &Request) -> String {
    format!("MDF-{} of {}", request.number, PARTNERS[request.partner].key)
}

/// The last day to file a claim that its side still puts together.
fn file_by(claim: &Claim, due: NaiveDate) -> NaiveDate {
    claim.resubmit_by.as_deref().map_or(due, |by| day(by).max(due))
}

/// Whether no day is counted of a request's campaign: it is postponed without a date, or a side has it stopped.
fn counts_no_day(model: &Model, request: &Request) -> bool {
    let is_over = |state: &str| matches!(state, "closed" | "cancelled");
    model
        .campaign(&request.campaign_id)
        .is_some_and(|one| one.state == "postponed" || (one.stopped_at.is_some() && !is_over(&one.state)))
}

/// Why nothing of a request runs out, whatever the day.
fn held(model: &Model, request: &Request) -> Option<String> {
    if counts_no_day(model, request) {
        return Some("its campaign is postponed or stopped".to_owned());
    }
    let waits = model.extensions.iter().any(|one| one.request_id == request.id);
    waits.then(|| "more time for it is being decided".to_owned())
}

/// Why a request is kept beyond its last day.
fn kept(model: &Model, request: &Request, today: NaiveDate) -> Option<String> {
    held(model, request).or_else(|| {
        let mut its = model.claims.iter().filter(|claim| claim.request_id == request.id);
        its.find_map(|claim| match claim.state.as_str() {
            "submitted" | "in_review" => Some(format!("CLM-{} is being decided", claim.number)),
            "returned" if claim.resubmit_by.as_deref().is_some_and(|by| day(by) >= today) => {
                Some(format!("CLM-{} can be filed again", claim.number))
            }
            _ => None,
        })
    })
}

/// Notes what was warned of.
pub fn warned(model: &mut Model, news: &News) {
    for line in news.trail.iter().map(|link| &link.line) {
        if matches!(line.code.as_str(), "release_warned" | "claim_expiry_warned") {
            let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap_or_default();
            let due_at = detail["due_at"].as_i64().unwrap_or_default();
            model.warnings.entry(line.item.clone()).or_default().push((due_at, line.at));
        }
    }
}

/// The last warning of a last day, that of three days before, came three days ago or earlier.
fn warned_in_time(
    model: &Model,
    (request, item): (&Request, &str),
    last: NaiveDate,
    today: NaiveDate,
) -> Result<bool, String> {
    for (due_at, at) in model.warnings.get(item).into_iter().flatten() {
        let [due_on, came_on] =
            [due_at, at].map(|ms| DateTime::from_timestamp_millis(*ms).unwrap_or_default());
        let (due_on, came_on) = (day_there(model, request, due_on)?, day_there(model, request, came_on)?);
        if due_on + Days::new(3) == last && came_on + Days::new(3) <= today {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Time runs out by a look at the clock (at an instant) alone, after the last day, and for nothing that is kept. The model
/// is as it was before the look, but for its campaigns.
pub fn ends_in_time(model: &Model, news: &News, at: Option<DateTime<Utc>>) -> Wrong {
    for link in &news.trail {
        let (code, item) = (link.line.code.as_str(), link.line.item.as_str());
        let by_clock = link.line.actor == "clock";
        match (code, at) {
            ("request_expired" | "request_closed", Some(at)) => request_ran_out(model, item, code, at)?,
            ("claim_expired", Some(at)) => claim_ran_out(model, item, at)?,
            ("request_expired" | "claim_expired", None) => {
                return Err(format!("{code} of {item} while the clock stood still"));
            }
            ("request_closed", None) if by_clock => {
                return Err(format!("{code} of {item} while the clock stood still"));
            }
            (_, Some(_)) if !by_clock => {
                return Err(format!("the clock did {code} of {item} in the name of {}", link.line.actor));
            }
            _ => {}
        }
    }
    match at {
        Some(at) => waits_for_the_morning(news, at),
        None => Ok(()),
    }
}

fn request_ran_out(model: &Model, item: &str, code: &str, at: DateTime<Utc>) -> Wrong {
    let request = model.request(item).ok_or_else(|| format!("{code} of {item}, which is nowhere"))?;
    let (name, today) = (name(request), day_there(model, request, at)?);
    let due = request.claim_due.as_deref().map(day);
    let due = due.ok_or_else(|| format!("{name} ran out, and had no last day"))?;
    if due >= today {
        return Err(format!("{name} ran out on {today}, and could be claimed until {due}"));
    }
    if let Some(why) = kept(model, request, today) {
        return Err(format!("{name} ran out, though {why}"));
    }
    let right = if request.claimed == 0 { "request_expired" } else { "request_closed" };
    if code != right {
        return Err(format!("{name} with {} claimed ran out as {code}", request.claimed));
    }
    let holds = request.approved.is_some_and(|approved| approved > request.claimed);
    if holds && !warned_in_time(model, (request, item), due, today)? {
        return Err(format!("{name} ran out on {today}, and nobody was warned in time of {due}"));
    }
    Ok(())
}

fn claim_ran_out(model: &Model, item: &str, at: DateTime<Utc>) -> Wrong {
    let nowhere = || format!("claim_expired of {item}, which is nowhere");
    let claim = model.claim(item).ok_or_else(nowhere)?;
    let request = model.request(&claim.request_id).ok_or_else(nowhere)?;
    let (name, today) =
        (format!("CLM-{} of {}", claim.number, PARTNERS[claim.partner].key), day_there(model, request, at)?);
    let by = request.claim_due.as_deref().map(|due| file_by(claim, day(due)));
    let by = by.ok_or_else(|| format!("{name} ran out, and had no last day"))?;
    if by >= today {
        return Err(format!("{name} ran out on {today}, and could be filed until {by}"));
    }
    if let Some(why) = held(model, request) {
        return Err(format!("{name} ran out, though {why}"));
    }
    // It is warned of by itself if its own day is the later one, else with its request, if that holds anything.
    let due = request.claim_due.as_deref().map(day);
    let (warned, holds) = match due.is_some_and(|due| due < by) {
        true => (item, true),
        false => (request.id.as_str(), request.approved.is_some_and(|approved| approved > request.claimed)),
    };
    if holds && !warned_in_time(model, (request, warned), by, today)? {
        return Err(format!("{name} ran out on {today}, and nobody was warned in time of {by}"));
    }
    Ok(())
}

/// What the clock says in quiet hours waits for their end, and what it says in others waits for nothing.
fn waits_for_the_morning(news: &News, at: DateTime<Utc>) -> Wrong {
    let local = at.with_timezone(&PROGRAM_ZONE);
    let (from, to) = QUIET;
    let morning = match local.hour() {
        hour if hour >= from => local.date_naive() + Days::new(1),
        hour if hour < to => local.date_naive(),
        _ => NaiveDate::MIN,
    };
    let free = morning.and_hms_opt(to, 0, 0).filter(|_| morning > NaiveDate::MIN);
    let free = free.and_then(|free| PROGRAM_ZONE.from_local_datetime(&free).earliest());
    let free = free.map_or_else(|| at.timestamp_millis(), |free| free.timestamp_millis());
    for notice in news.notices.iter().filter(|notice| notice.kind == "post") {
        if notice.not_before != free {
            return Err(format!(
                "notice {} of {at} waits until {}, not until {free}",
                notice.id, notice.not_before
            ));
        }
    }
    Ok(())
}

/// After a look at the clock nothing is left that has run out. The model is as the look left it.
pub fn leaves_nothing_over(model: &Model, at: DateTime<Utc>) -> Wrong {
    // No day begins anywhere before it begins in the easternmost zone: most need not be looked at closely.
    let first = at.date_naive() + Days::new(1);
    let over = |request: &&Request| request.claim_due.as_deref().is_some_and(|due| day(due) < first);
    let by_id: BTreeMap<&str, &Request> =
        model.requests.iter().filter(over).map(|one| (one.id.as_str(), one)).collect();
    for claim in model.claims.iter().filter(|one| matches!(one.state.as_str(), "draft" | "returned")) {
        let Some(request) = by_id.get(claim.request_id.as_str()) else { continue };
        let Some(due) = request.claim_due.as_deref() else { continue };
        let by = file_by(claim, day(due));
        if by < day_there(model, request, at)? && held(model, request).is_none() {
            let (number, state) = (claim.number, &claim.state);
            return Err(format!("CLM-{number} could be filed until {by}, and is {state} at {at}"));
        }
    }
    for request in by_id.values().filter(|one| one.state == "approved") {
        let (today, due) = (day_there(model, request, at)?, request.claim_due.as_deref().map(day));
        if due.is_some_and(|due| due < today) && kept(model, request, today).is_none() {
            let name = name(request);
            return Err(format!("{name} could be claimed until {due:?}, and holds its money at {at}"));
        }
    }
    let ended: BTreeSet<&str> = model
        .funds
        .iter()
        .filter(|fund| day(&fund.valid_until) < day_of(at))
        .map(|fund| fund.id.as_str())
        .collect();
    for ((fund, account), held) in &model.balances {
        if account == "available" && *held > 0 && ended.contains(fund.as_str()) {
            return Err(format!("fund {fund} has ended, and has {held} available at {at}"));
        }
    }
    Ok(())
}
