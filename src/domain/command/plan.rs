//! What can be asked about a plan beside creating, proposing and deciding it.

use super::NewCampaign;
use crate::domain::actor::Picked;
use crate::domain::refusal::Refusal;

/// A change of a plan's own terms; what is `None` stays. Owners of the reviews may be named at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanEdit {
    pub partner: Option<String>,
    pub plan: Option<String>,
    pub name: Option<String>,
    pub period: Option<String>,
    pub zone: Option<String>,
    pub currency: Option<String>,
    /// `first_touch` or `last_touch`.
    pub attribution: Option<String>,
    pub sign_by: Option<String>,
    pub cadence: Option<String>,
    pub jbp_revenue: Option<String>,
    pub marketing_share: Option<String>,
    pub win_rate: Option<String>,
    pub routing_hours: Option<String>,
    pub vendor_hours: Option<String>,
    pub partner_hours: Option<String>,
    pub vendor_owner: Option<Picked>,
    pub partner_owner: Option<Picked>,
    /// Why, where the plan is signed and this is an adjustment.
    pub reason: Option<String>,
}

/// Something to change about plans. What a button or form asks for names the plan by its `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanWish {
    Edit(PlanEdit),
    EditById { id: String, edit: PlanEdit },
    AddById { id: String, form: CampaignForm },
    ProposeById { id: String },
    Calendar(CalendarWish),
    Clone(ClonePlan),
}

/// A plan to make from an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClonePlan {
    pub partner: Option<String>,
    pub from: String,
    pub period: String,
    pub name: Option<String>,
    /// Must be that of the earlier plan, if it is given.
    pub currency: Option<String>,
}

/// A secret link to a plan's calendar to make, or all of one's company to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarWish {
    pub partner: Option<String>,
    pub plan: Option<String>,
    pub revoke: bool,
}

/// A campaign as the form on a plan's card takes it: five inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignForm {
    pub name: String,
    pub kind: String,
    /// One day, or the first and the last: `2026-02-10 to 2026-02-12`.
    pub dates: String,
    /// Leads and pipeline: `40 leads, 120k`.
    pub targets: String,
    /// Budget and what MDF pays of it: `20k, 50%`. Empty for none.
    pub budget: String,
}

impl CampaignForm {
    /// What `/campaign add` would have been given.
    ///
    /// # Errors
    /// `bad_input` for an input that is not of its form.
    pub fn read(&self) -> Result<NewCampaign, Refusal> {
        let (start, end) = two(&self.dates, &[" to ", "..", " until ", " – ", " - "]);
        let (leads, pipeline) = two(&self.targets, PARTED);
        let leads = leads.trim().to_lowercase();
        let leads = leads.trim_end_matches("leads").trim_end_matches("lead").trim().replace([',', ' '], "");
        let (Ok(leads), Some(pipeline)) = (leads.parse(), pipeline) else {
            return Err(Refusal::bad_input(
                "The targets are not leads and pipeline.",
                "Write them like this: 40 leads, 120k.",
            ));
        };
        let (budget, mdf) = two(&self.budget, PARTED);
        let mdf = mdf.map(|mdf| mdf.to_lowercase().replace("mdf", "").trim().to_owned());
        Ok(NewCampaign {
            name: self.name.clone(),
            kind: self.kind.clone(),
            start,
            end,
            leads,
            pipeline: pipeline.to_lowercase().replace("pipeline", "").trim().to_owned(),
            budget: Some(budget).filter(|budget| !budget.is_empty()),
            mdf: mdf.filter(|mdf| !mdf.is_empty()),
            ..NewCampaign::default()
        })
    }
}

/// What may stand between the two figures of an input. A comma alone may be inside a number.
const PARTED: &[&str] = &[";", "/", ", ", " and ", "\n"];

/// The two parts of an input; the second is `None` if there is only one.
fn two(text: &str, between: &[&str]) -> (String, Option<String>) {
    let found = between.iter().find_map(|mark| text.split_once(mark));
    let trimmed = |part: &str| part.trim().to_owned();
    match found {
        Some((first, second)) => (trimmed(first), Some(trimmed(second)).filter(|second| !second.is_empty())),
        None => (trimmed(text), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(dates: &str, targets: &str, budget: &str) -> CampaignForm {
        CampaignForm {
            name: "Spring webinar".to_owned(),
            kind: "Webinar".to_owned(),
            dates: dates.to_owned(),
            targets: targets.to_owned(),
            budget: budget.to_owned(),
        }
    }

    #[test]
    fn a_form_is_read_as_people_fill_it() {
        for (targets, leads, pipeline) in [
            ("40 leads, 120k", 40, "120k"),
            ("1,200 leads, EUR 1,200.50", 1200, "eur 1,200.50"),
            ("40/120k", 40, "120k"),
            ("0; 5m pipeline", 0, "5m"),
            ("1 lead and 3k", 1, "3k"),
        ] {
            let new = form("2026-02-10 to 2026-02-12", targets, "20k, 50% MDF").read().expect(targets);
            assert_eq!((new.leads, new.pipeline.as_str()), (leads, pipeline), "{targets}");
            assert_eq!((new.start.as_str(), new.end.as_deref()), ("2026-02-10", Some("2026-02-12")));
            assert_eq!((new.budget.as_deref(), new.mdf.as_deref()), (Some("20k"), Some("50%")));
        }
        let bare = form("next friday", "40, 120k", " ").read().expect("one day, no budget");
        assert_eq!((bare.start.as_str(), bare.end, bare.budget, bare.mdf), ("next friday", None, None, None));
    }

    #[test]
    fn targets_need_both_figures() {
        for targets in ["", "40", "forty leads, 120k", "40,120k", ", 120k", "40, "] {
            let refusal = form("2026-02-10", targets, "").read().expect_err(targets);
            assert_eq!(refusal.hint, "Write them like this: 40 leads, 120k.", "{targets}");
        }
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(dates in ".*", targets in ".*", budget in ".*") {
            let _ = form(&dates, &targets, &budget).read();
        }
    }
}
