//! Which campaign a lead or a deal belongs to, and by which rule.
//!
//! First rule that matches: `utm_id`, the CRM's campaign id mapped to ours, normalised `utm_campaign`, landing page; by
//! hand beats them all. A lead belongs whole to one campaign. A match that could mean two campaigns is no match:
//! unmatched leads wait for a person, they are never guessed. Pure; this module must never look anything up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What can tie a record to a campaign, normalised. `None` is "not sent".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signals {
    /// `utm_id`: our own stable id of the campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_id: Option<String>,
    /// `utm_source`: who sent the click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_source: Option<String>,
    /// `utm_medium`: the channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_medium: Option<String>,
    /// `utm_campaign`: the readable slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utm_campaign: Option<String>,
    /// The CRM's own id of a campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm_campaign_id: Option<String>,
    /// Landing page: host and path, without scheme, query or fragment (they may hold personal data).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing_page: Option<String>,
}

impl Signals {
    /// True when nothing here could match a campaign or a partner.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The rule that tied a record to a campaign; stored with it. Ordered from strongest to weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A person decided.
    ByHand,
    /// `utm_id` is the campaign's.
    UtmId,
    /// The CRM's campaign is mapped to ours.
    CrmCampaign,
    /// `utm_campaign` is the campaign's slug or one of its aliases.
    UtmCampaign,
    /// The landing page is one of the campaign's.
    LandingPage,
}

impl Rule {
    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::UtmId => "utm_id",
            Self::CrmCampaign => "crm_campaign",
            Self::UtmCampaign => "utm_campaign",
            Self::LandingPage => "landing_page",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::ByHand, Self::UtmId, Self::CrmCampaign, Self::UtmCampaign, Self::LandingPage]
            .into_iter()
            .find(|rule| rule.as_str() == word)
    }
}

/// Which touch a plan counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The first one.
    FirstTouch,
    /// The last one.
    LastTouch,
}

impl Setting {
    /// Reads the plan's word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "first_touch" => Some(Self::FirstTouch),
            "last_touch" => Some(Self::LastTouch),
            _ => None,
        }
    }
}

/// A campaign that a record may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The campaign's id.
    pub id: String,
    /// Its plan's id.
    pub plan_id: String,
    /// Its partner's id.
    pub partner_id: String,
    /// Its `utm_id`, normalised.
    pub utm_id: String,
    /// Its slug, normalised.
    pub slug: String,
    /// Other spellings of its slug.
    pub aliases: BTreeSet<String>,
    /// Campaign ids of the CRM that are mapped to it.
    pub crm_campaigns: BTreeSet<String>,
    /// Its landing pages: host and path.
    pub landing_pages: BTreeSet<String>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Which touch its plan counts.
    pub setting: Setting,
}

/// How long after its end a campaign still has a name to itself: a slug that two campaigns share means the one that
/// ran around that day.
const TAIL_DAYS: u64 = 90;

/// All campaigns that a source may credit: its partner's, if it is bound to one, else the program's.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    all: Vec<Candidate>,
    index: BTreeMap<(Rule, String), Vec<usize>>,
}

impl Candidates {
    /// Prepares the look-up.
    pub fn new(all: Vec<Candidate>) -> Self {
        let mut index: BTreeMap<(Rule, String), Vec<usize>> = BTreeMap::new();
        for (place, candidate) in all.iter().enumerate() {
            let mut add = |rule, value: &str| {
                let places = index.entry((rule, value.to_owned())).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            };
            add(Rule::UtmId, &candidate.utm_id);
            candidate.crm_campaigns.iter().for_each(|id| add(Rule::CrmCampaign, id));
            add(Rule::UtmCampaign, &candidate.slug);
            candidate.aliases.iter().for_each(|alias| add(Rule::UtmCampaign, alias));
            candidate.landing_pages.iter().for_each(|page| add(Rule::LandingPage, page));
        }
        Self { all, index }
    }

    /// The campaign with this id.
    pub fn by_id(&self, id: &str) -> Option<&Candidate> {
        self.all.iter().find(|c| c.id == id)
    }

    /// The campaign that these signals of this day mean, by the first rule that matches.
    pub fn find(&self, signals: &Signals, day: NaiveDate) -> Option<(&Candidate, Rule)> {
        [
            (Rule::UtmId, &signals.utm_id),
            (Rule::CrmCampaign, &signals.crm_campaign_id),
            (Rule::UtmCampaign, &signals.utm_campaign),
            (Rule::LandingPage, &signals.landing_page),
        ]
        .into_iter()
        .find_map(|(rule, value)| {
            let places = self.index.get(&(rule, value.clone()?))?;
            self.only(places, day).map(|candidate| (candidate, rule))
        })
    }

    /// The one candidate, or the one of a partner's several that ran around this day; two that did are no answer, and a
    /// name that two partners use is none either: dates that one of them chose must not draw the other's leads.
    fn only(&self, places: &[usize], day: NaiveDate) -> Option<&Candidate> {
        if let [place] = places {
            return Some(&self.all[*place]);
        }
        let owner = |place: &usize| &self.all[*place].partner_id;
        if places.windows(2).any(|pair| owner(&pair[0]) != owner(&pair[1])) {
            return None;
        }
        let around = |c: &&Candidate| {
            let end = c.ends_on.checked_add_days(chrono::Days::new(TAIL_DAYS)).unwrap_or(c.ends_on);
            (c.starts_on..=end).contains(&day)
        };
        let mut running = places.iter().map(|place| &self.all[*place]).filter(around);
        let first = running.next()?;
        running.next().is_none().then_some(first)
    }
}

/// A touch that matched a campaign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchedTouch {
    /// When it was first seen, Unix milliseconds.
    pub first_ms: i64,
    /// How it matched.
    pub rule: Rule,
    /// The campaign.
    pub campaign_id: String,
    /// When it was last seen, Unix milliseconds.
    pub last_ms: i64,
}

/// The campaign of a lead: of its first touch, or, where the plan of that one says so, of the last touch within the
/// same plan. Of two touches at the same time the one matched by the stronger rule counts.
pub fn campaign_of_lead<'a>(
    touches: &'a [MatchedTouch],
    candidates: &Candidates,
) -> Option<&'a MatchedTouch> {
    let first = touches.iter().min()?;
    let home = candidates.by_id(&first.campaign_id)?;
    if home.setting == Setting::FirstTouch {
        return Some(first);
    }
    let same_plan =
        |t: &&MatchedTouch| candidates.by_id(&t.campaign_id).is_some_and(|c| c.plan_id == home.plan_id);
    touches.iter().filter(same_plan).max_by(|a, b| {
        (a.last_ms, std::cmp::Reverse(a.rule), &a.campaign_id).cmp(&(
            b.last_ms,
            std::cmp::Reverse(b.rule),
            &b.campaign_id,
        ))
    })
}

/// A lead that is a contact of a deal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DealLead {
    /// When the CRM made the lead, Unix milliseconds.
    pub created_ms: i64,
    /// The lead's id: decides between two of the same instant.
    pub lead_id: String,
    /// The campaign that made the lead.
    pub campaign_id: String,
}

/// The lead that sourced a deal: of those made up to the deal's creation the earliest, or, where that one's plan says
/// so, the last one within the same plan.
pub fn sourcing_lead<'a>(
    leads: &'a [DealLead],
    deal_created_ms: i64,
    candidates: &Candidates,
) -> Option<&'a DealLead> {
    let eligible = || leads.iter().filter(|lead| lead.created_ms <= deal_created_ms);
    let first = eligible().min()?;
    let home = candidates.by_id(&first.campaign_id)?;
    if home.setting == Setting::FirstTouch {
        return Some(first);
    }
    let same_plan =
        |lead: &&DealLead| candidates.by_id(&lead.campaign_id).is_some_and(|c| c.plan_id == home.plan_id);
    eligible().filter(same_plan).max()
}

/// A way to split the credit of a deal among the campaigns that touched it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// All to the first touch.
    First,
    /// All to the last touch.
    Last,
    /// Equal parts.
    Linear,
    /// 40 % first, 40 % last, 20 % shared by those between; two touches half each.
    UShaped,
}

impl Model {
    /// All models, as they stand side by side in a report.
    pub const ALL: [Self; 4] = [Self::First, Self::Last, Self::Linear, Self::UShaped];

    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::Linear => "linear",
            Self::UShaped => "u_shaped",
        }
    }

    /// Credit of each of `n` touches in order of time, in hundredths of a percent; adds up to 10,000 exactly. What
    /// division leaves over goes to the earliest touches of the group.
    pub fn shares(self, n: usize) -> Vec<i64> {
        let mut shares = vec![0; n];
        match (self, n) {
            (_, 0) => {}
            (Self::First, _) => shares[0] = 10_000,
            (Self::Last, _) => shares[n - 1] = 10_000,
            (Self::Linear, _) | (Self::UShaped, 1 | 2) => spread(&mut shares, 10_000),
            (Self::UShaped, _) => {
                shares[0] = 4_000;
                shares[n - 1] = 4_000;
                spread(&mut shares[1..n - 1], 2_000);
            }
        }
        shares
    }
}

fn spread(shares: &mut [i64], whole: i64) {
    let n = i64::try_from(shares.len()).unwrap_or(i64::MAX);
    for (place, share) in (0..).zip(shares.iter_mut()) {
        *share = whole / n + i64::from(place < whole % n);
    }
}

/// Credit of a deal by campaign, from one partner's touches in any order. Campaigns touched more than once add up.
pub fn credit(touches: &[MatchedTouch], model: Model) -> BTreeMap<String, i64> {
    let mut ordered: Vec<&MatchedTouch> = touches.iter().collect();
    ordered.sort();
    let mut credit = BTreeMap::new();
    for (touch, share) in ordered.iter().zip(model.shares(touches.len())) {
        if share != 0 {
            *credit.entry(touch.campaign_id.clone()).or_insert(0) += share;
        }
    }
    credit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn candidate(id: &str, slug: &str, starts: &str, setting: Setting) -> Candidate {
        Candidate {
            id: id.to_owned(),
            plan_id: "plan".to_owned(),
            partner_id: "acme".to_owned(),
            utm_id: format!("cmp_{id}"),
            slug: slug.to_owned(),
            aliases: BTreeSet::from([format!("{slug}-alias")]),
            crm_campaigns: BTreeSet::from([format!("701{id}")]),
            landing_pages: BTreeSet::from([format!("example.com/{id}")]),
            starts_on: day(starts),
            ends_on: day(starts),
            setting,
        }
    }

    fn signals(utm_id: &str, crm: &str, campaign: &str, page: &str) -> Signals {
        let some = |v: &str| (!v.is_empty()).then(|| v.to_owned());
        Signals {
            utm_id: some(utm_id),
            crm_campaign_id: some(crm),
            utm_campaign: some(campaign),
            landing_page: some(page),
            ..Signals::default()
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let all = Candidates::new(vec![
            candidate("a", "spring", "2026-03-01", Setting::FirstTouch),
            candidate("b", "autumn", "2026-09-01", Setting::FirstTouch),
        ]);
        let find =
            |s: Signals| all.find(&s, day("2026-03-02")).map(|(c, rule)| (c.id.clone(), rule.as_str()));
        let is = |id: &str, rule| Some((id.to_owned(), rule));
        assert_eq!(find(signals("cmp_a", "701b", "autumn", "example.com/b")), is("a", "utm_id"));
        assert_eq!(find(signals("unheard", "701b", "spring", "")), is("b", "crm_campaign"));
        assert_eq!(find(signals("", "", "autumn-alias", "example.com/a")), is("b", "utm_campaign"));
        assert_eq!(find(signals("", "", "unheard", "example.com/a")), is("a", "landing_page"));
        assert_eq!(find(signals("", "", "unheard", "")), None);
    }

    #[test]
    fn a_name_that_could_mean_two_campaigns_is_no_match() {
        let spring = candidate("a", "webinar", "2026-03-01", Setting::FirstTouch);
        let autumn = candidate("b", "webinar", "2026-09-01", Setting::FirstTouch);
        let twin = Candidate { id: "c".to_owned(), ..autumn.clone() };
        let two = Candidates::new(vec![spring.clone(), autumn.clone()]);
        let find = |all: &Candidates, on| {
            all.find(&signals("", "", "webinar", ""), day(on)).map(|(c, _)| c.id.clone())
        };
        assert_eq!(find(&two, "2026-04-01").as_deref(), Some("a"));
        assert_eq!(find(&two, "2026-09-20").as_deref(), Some("b"));
        assert_eq!(find(&two, "2026-01-01"), None);
        assert_eq!(find(&Candidates::new(vec![spring, autumn, twin]), "2026-09-20"), None);
    }

    #[test]
    fn first_or_last_touch_as_the_plan_says() {
        let touch = |at, campaign: &str| MatchedTouch {
            first_ms: at,
            rule: Rule::UtmCampaign,
            campaign_id: campaign.to_owned(),
            last_ms: at,
        };
        let touches = [touch(20, "b"), touch(10, "a")];
        for (setting, winner) in [(Setting::FirstTouch, "a"), (Setting::LastTouch, "b")] {
            let all = Candidates::new(vec![
                candidate("a", "spring", "2026-03-01", setting),
                candidate("b", "autumn", "2026-09-01", setting),
            ]);
            assert_eq!(campaign_of_lead(&touches, &all).map(|t| t.campaign_id.as_str()), Some(winner));
            let lead = |at, campaign: &str| DealLead {
                created_ms: at,
                lead_id: campaign.to_owned(),
                campaign_id: campaign.to_owned(),
            };
            let leads = [lead(20, "b"), lead(10, "a"), lead(31, "b")];
            assert_eq!(sourcing_lead(&leads, 30, &all).map(|l| l.campaign_id.as_str()), Some(winner));
            assert_eq!(sourcing_lead(&leads, 9, &all), None);
        }
    }

    #[test]
    fn shares_always_add_up() {
        for model in Model::ALL {
            for n in 1..50 {
                assert_eq!(model.shares(n).iter().sum::<i64>(), 10_000, "{model:?} of {n}");
            }
        }
        assert_eq!(Model::UShaped.shares(5), [4_000, 667, 667, 666, 4_000]);
        assert_eq!(Model::Linear.shares(3), [3_334, 3_333, 3_333]);
        assert_eq!(Model::UShaped.shares(2), [5_000, 5_000]);
    }
}
