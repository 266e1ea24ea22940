//! The tasks that a campaign gets by its type, which people then edit; and how their days follow the campaign's.
//!
//! An open task of the template whose day nobody set by hand is due so many days before the campaign's start or after
//! its end, and never before the day on which that was worked out.

use super::{Settled, Task, TaskState};
use crate::domain::actor::Side;
use crate::domain::campaign::{Campaign, FundingSource};
use crate::domain::campaign_type::CampaignType;
use crate::domain::curve::plus;
use crate::domain::period::Period;
use chrono::{DateTime, NaiveDate, Utc};

/// Who closed a task that its campaign's type no longer has.
pub const BY_TEMPLATE: &str = "template";

/// When an item is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// So many days before the campaign's first day.
    BeforeStart(i64),
    /// So many days after its last day.
    AfterEnd(i64),
}

impl Due {
    /// The day, and never one before `today`.
    pub fn on(self, period: Period, today: NaiveDate) -> NaiveDate {
        let day = match self {
            Due::BeforeStart(days) => plus(period.start(), -days),
            Due::AfterEnd(days) => plus(period.end(), days),
        };
        day.max(today)
    }
}

/// One task of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its stable code. Never changes.
    pub kind: &'static str,
    pub side: Side,
    pub what: &'static str,
    pub due: Due,
}

macro_rules! items {
    ($($kind:literal $side:ident $due:ident($days:literal) $what:literal),* $(,)?) => {
        &[$(Item { kind: $kind, side: Side::$side, what: $what, due: Due::$due($days) }),*]
    };
}

/// What every campaign takes.
const ALWAYS: &[Item] = items![
    "content" Vendor BeforeStart(21) "Produce the content: copy and visuals",
    "brand_check" Vendor BeforeStart(10) "Brand check of the partner's pieces",
    "prospect_list" Partner BeforeStart(14) "Prospect list: who is to be reached",
    "logistics" Partner BeforeStart(7) "Execution logistics: everything booked and set up",
    "follow_up" Partner AfterEnd(7) "Sales follow-up of every lead",
];

/// What one takes that MDF funds.
const FUNDED: &[Item] = items![
    "mdf_request" Partner BeforeStart(28) "File the MDF request with its quotes",
    "mdf_approval" Vendor BeforeStart(14) "Decide the MDF request",
];

/// What a type takes besides.
fn of_type(kind: CampaignType) -> &'static [Item] {
    match kind {
        CampaignType::Email | CampaignType::PartnerNewsletter => items![
            "mail_setup" Partner BeforeStart(3) "Set up the mailing and send a test to both sides",
        ],
        CampaignType::Webinar => items![
            "speakers" Vendor BeforeStart(28) "Name and brief the speakers",
            "registration" Partner BeforeStart(21) "Registration page online",
            "invitations" Partner BeforeStart(14) "Send the invitations",
            "rehearsal" Vendor BeforeStart(2) "Technical rehearsal with the speakers",
        ],
        CampaignType::InPersonEvent => items![
            "venue" Partner BeforeStart(42) "Book the venue",
            "speakers" Vendor BeforeStart(28) "Name and brief the speakers",
            "invitations" Partner BeforeStart(28) "Send the invitations",
        ],
        CampaignType::TradeShow => items![
            "stand" Partner BeforeStart(60) "Book the stand",
            "stand_material" Vendor BeforeStart(10) "Ship the stand material",
            "stand_staff" Partner BeforeStart(7) "Stand rota, and how leads are captured",
        ],
        CampaignType::PaidSearch | CampaignType::PaidSocial | CampaignType::Display => items![
            "landing_page" Vendor BeforeStart(10) "Landing page online, with its utm tags",
            "ad_account" Partner BeforeStart(7) "Set up the ads and their tracking",
            "ad_report" Partner AfterEnd(7) "Report of what the ads cost and brought",
        ],
        CampaignType::ContentSyndication => items![
            "publisher" Partner BeforeStart(21) "Agree on audience and lead price with the publisher",
            "lead_test" Partner BeforeStart(3) "Test how leads are delivered",
        ],
        CampaignType::Telemarketing => items![
            "script" Vendor BeforeStart(14) "Write the call guide",
            "call_training" Partner BeforeStart(3) "Brief the callers",
        ],
        CampaignType::DirectMail => items![
            "printing" Partner BeforeStart(14) "Book printing and postage",
        ],
        CampaignType::Social => items![
            "posts" Partner BeforeStart(3) "Schedule the posts",
        ],
        CampaignType::LandingPage => items![
            "page_live" Partner BeforeStart(1) "Page online, with its form and utm tags tested",
        ],
        CampaignType::Other => &[],
    }
}

/// The tasks of a campaign's template, by its type and by whether MDF funds it.
pub fn items(campaign: &Campaign) -> Vec<Item> {
    let funded = campaign.is_funded_by(FundingSource::Mdf);
    let funded = if funded { FUNDED } else { &[] };
    let mut items: Vec<Item> = [ALWAYS, of_type(campaign.kind), funded].concat();
    items.sort_by_key(|item| item.due.on(campaign.period, NaiveDate::MIN));
    items
}

/// What becomes of a campaign's tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Items that the campaign has no task for yet, with their days.
    pub missing: Vec<(Item, NaiveDate)>,
    /// Tasks that are different now.
    pub changed: Vec<Task>,
}

/// What a campaign's tasks become when it was as `before` and is now `campaign`: open ones whose day the campaign moves
/// get their new day unless somebody set it, those that its type has no more are closed, and what was never there is
/// missing. What somebody removed stays removed.
pub fn follow(
    before: &Campaign,
    campaign: &Campaign,
    tasks: &[Task],
    today: NaiveDate,
    at: DateTime<Utc>,
) -> Followed {
    let items = items(campaign);
    let mut followed = Followed::default();
    for item in &items {
        let due = item.due.on(campaign.period, today);
        let Some(task) = tasks.iter().find(|task| task.kind.as_deref() == Some(item.kind)) else {
            followed.missing.push((*item, due));
            continue;
        };
        let ours = task.settled.as_ref().is_some_and(|settled| settled.by == BY_TEMPLATE);
        let (state, settled) = match task.state {
            TaskState::Closed if ours => (TaskState::Open, None),
            state => (state, task.settled.clone()),
        };
        // A day that the campaign doesn't move stays, even if it has passed.
        let day = |period| item.due.on(period, NaiveDate::MIN);
        let moves = day(before.period) != day(campaign.period) || state != task.state;
        let stays = task.due_by_hand || state != TaskState::Open || !moves;
        let due_on = if stays { task.due_on } else { due };
        let wanted = Task { state, settled, due_on, ..task.clone() };
        if wanted != *task {
            followed.changed.push(wanted);
        }
    }
    let known = |kind: &String| items.iter().any(|item| item.kind == kind);
    for task in tasks.iter().filter(|task| task.state == TaskState::Open) {
        if task.kind.as_ref().is_some_and(|kind| !known(kind)) {
            let settled = Some(Settled { at, by: BY_TEMPLATE.to_owned() });
            followed.changed.push(Task { state: TaskState::Closed, settled, ..task.clone() });
        }
    }
    followed
}
