//! What waits for somebody in a program: requests and claims that are to be decided or corrected, extensions, adjustments,
//! plans and stops that are to be signed. It reads and decides nothing else; reminders and digests are made of it.
//!
//! Each look at the clock reads of all that waits only what tells when something is due, in a fixed number of statements;
//! what something says is read when it is told.

use super::{digest, waits};
use crate::domain::actor::{Capability, Company, Grant, Side, roles_with};
use crate::domain::adjustment::Adjustment;
use crate::domain::business::BusinessCalendar;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, Extension, payable};
use crate::domain::money::Money;
use crate::domain::plan::Plan;
use crate::domain::program::{Partner, Program};
use crate::domain::request::MdfRequest;
use crate::domain::rulebook::Rulebook;
use crate::domain::waiting::{Kind, Turn, Wait};
use crate::fault::Fault;
use crate::store::checkpoint::last_slots;
use crate::store::decision::{self, On};
use crate::store::{Read, adjustment, campaign, claim, extension, plan, program, request, rules, waiting};
use crate::text::waiting::{self as text, Waiting};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Something that waits for a side of a plan.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub kind: Kind,
    pub id: String,
    pub partner_id: String,
    pub wait: Wait,
}

/// When each job was last done.
pub(super) type Done = BTreeMap<String, DateTime<Utc>>;

/// All that waits in a program, with the rules by which it is told and what was told of it.
pub(super) struct Desk {
    pub program: Program,
    pub book: Rulebook,
    pub open: Vec<Open>,
    pub done: Done,
}

impl Desk {
    /// # Errors
    /// A fault of the database.
    pub(super) async fn load(read: &mut Read, program: &Program) -> Result<Self, Fault> {
        let rows = waiting::open(read, &program.id).await?;
        let open = opens(read, &rows).await?;
        if open.is_empty() {
            let (book, done) = (Rulebook::default(), Done::new());
            return Ok(Self { program: program.clone(), book, open, done });
        }
        let book = rules::rulebook(read, program).await?;
        let jobs: Vec<String> = waits::jobs(&open).chain(digest::jobs(program, &open)).collect();
        Ok(Self { program: program.clone(), book, open, done: last_slots(read, &jobs).await? })
    }

    /// The company whose turn it is.
    pub(super) fn company(open: &Open) -> Company {
        match open.wait.side {
            Side::Vendor => Company::Vendor,
            Side::Partner => Company::Partner(open.partner_id.clone()),
        }
    }

    pub(super) fn calendar(&self, company: &Company) -> BusinessCalendar {
        self.book.calendar(company, self.program.zone)
    }

    /// It in the words of the channel where its side is told.
    pub(super) fn waiting(&self, open: &Open, matter: &Matter, now: DateTime<Utc>) -> Waiting {
        let side = open.wait.side;
        let short = matter.name_short();
        let name = match side {
            Side::Vendor => matter.partner.vendor_name(&short),
            Side::Partner => short.clone(),
        };
        let about = match &matter.what {
            What::Request(request, campaign) => text::about_request(request, campaign, side),
            What::Claim(claim, request, comes_to) => text::about_claim(claim, request, *comes_to, side),
            What::Extension(extension, _) => text::about_extension(extension),
            What::Adjustment(adjustment, plan) => text::about_adjustment(adjustment, plan),
            What::Plan(plan) => text::about_plan(plan),
            What::Stop(campaign) => text::about_stop(campaign, side),
        };
        let corrected = side == Side::Partner && matches!(open.kind, Kind::Request | Kind::Claim);
        Waiting {
            name,
            about,
            open: open.wait.open_time(&self.calendar(&Self::company(open)), now),
            next: if corrected { text::correct(&short) } else { String::new() },
        }
    }
}

/// Whose turn it is with what waits, and since when, as rows and trail say.
async fn opens(read: &mut Read, rows: &[waiting::Open]) -> Result<Vec<Open>, Fault> {
    let by_trail = rows.iter().filter(|row| row.side.is_none()).map(|row| row.id.as_str());
    let turns = waiting::turns(read, &by_trail.collect::<Vec<_>>()).await?;
    let campaigns: BTreeSet<&str> = rows.iter().filter_map(|row| row.campaign_id.as_deref()).collect();
    let stops = waiting::stops(read, &campaigns.into_iter().collect::<Vec<_>>()).await?;
    let none: Vec<Turn> = Vec::new();
    let open = |row: &waiting::Open| {
        let wait = match row.side {
            Some(side) => Wait::since(side, row.began_at),
            None => Wait::after(turns.get(&row.id).unwrap_or(&none))?,
        };
        // It can't be decided before both sides have signed the plan: that time does not count.
        let wait = row.agreed_at.map_or(wait.clone(), |agreed_at| wait.counted_from(agreed_at));
        // Nor while a side has its campaign stopped.
        let stopped = row.campaign_id.as_ref().and_then(|id| stops.get(id));
        let wait = stopped.map_or(wait.clone(), |stopped| wait.without(stopped));
        Some(Open { kind: row.kind, id: row.id.clone(), partner_id: row.partner_id.clone(), wait })
    };
    Ok(rows.iter().filter_map(open).collect())
}

impl Open {
    /// The same matter as it is now; `None` if it waits no more for that side.
    pub(super) async fn again(&self, read: &mut Read, program_id: &str) -> Result<Option<Self>, Fault> {
        let rows = waiting::open_by_id(read, program_id, &self.id).await?;
        let same = |open: &Open| {
            (open.kind, open.wait.side, open.wait.began_at) == (self.kind, self.wait.side, self.wait.began_at)
        };
        Ok(opens(read, &rows).await?.into_iter().find(same))
    }

    /// Whether it is reminded of: signatures are wanted by warnings of their own, and by the digest.
    pub(super) fn is_reminded(&self) -> bool {
        matches!(self.kind, Kind::Request | Kind::Claim | Kind::Extension)
    }
}

/// What is waited for.
enum What {
    Request(Box<MdfRequest>, Campaign),
    /// A claim with its request, and what it comes to.
    Claim(Claim, MdfRequest, Money),
    Extension(Extension, MdfRequest),
    Adjustment(Adjustment, Plan),
    Plan(Plan),
    Stop(Campaign),
}

/// What waits, in full.
pub(super) struct Matter {
    partner: Partner,
    what: What,
}

fn gone(open: &Open) -> Fault {
    Fault::Corrupt(format!("{} {} waits and is not there", open.kind.code(), open.id))
}

impl Matter {
    /// # Errors
    /// A fault of the database.
    pub(super) async fn load(read: &mut Read, open: &Open) -> Result<Self, Fault> {
        let (id, gone) = (open.id.as_str(), || gone(open));
        let what = match open.kind {
            Kind::Request => {
                let request = request::by_id(read, id).await?.ok_or_else(gone)?;
                let campaign = campaign::by_id(read, &request.campaign_id).await?;
                What::Request(Box::new(request), campaign)
            }
            Kind::Claim => {
                let claim = claim::by_id(read, id).await?.ok_or_else(gone)?;
                let request = request::by_id(read, &claim.request_id).await?.ok_or_else(gone)?;
                let left = request.held().unwrap_or(Money::zero(claim.paid.currency()));
                let lines = claim::lines(read, &claim).await?;
                let comes_to = payable(&lines, request.share_percent, left)?;
                What::Claim(claim, request, comes_to)
            }
            Kind::Extension => {
                let extension = extension::by_id(read, id).await?.ok_or_else(gone)?;
                let request = request::by_id(read, &extension.request_id).await?.ok_or_else(gone)?;
                What::Extension(extension, request)
            }
            Kind::Adjustment => {
                let adjustment = adjustment::by_id(read, id).await?.ok_or_else(gone)?;
                let plan = plan::by_id(read, &adjustment.plan_id).await?.ok_or_else(gone)?;
                What::Adjustment(adjustment, plan)
            }
            Kind::Plan => What::Plan(plan::by_id(read, id).await?.ok_or_else(gone)?),
            Kind::Stop => What::Stop(campaign::by_id(read, id).await?),
        };
        Ok(Self { partner: program::partner_by_id(read, &open.partner_id).await?, what })
    }

    fn name_short(&self) -> String {
        match &self.what {
            What::Request(request, _) => request.name_short(),
            What::Extension(_, request) => request.name_short(),
            What::Claim(claim, ..) => claim.name_short(),
            What::Adjustment(adjustment, _) => adjustment.name_short(),
            What::Plan(plan) => plan.name_short(),
            What::Stop(campaign) => campaign.name_short(),
        }
    }

    /// The roles that can take the next step: the one that the chain names, else those with the capability up to the
    /// amount.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn can(
        &self,
        read: &mut Read,
        (desk, open): (&Desk, &Open),
        grants: &[Grant],
    ) -> Result<Vec<String>, Fault> {
        let chains = desk.book.chains();
        let (needs, amount) = match (&self.what, open.wait.side) {
            (_, Side::Partner) => (Capability::FileRequests, None),
            (What::Request(request, _), _) => {
                let amount = request.waiting().unwrap_or(request.amount);
                let on = On::Request(&request.id);
                (Capability::ApproveMdf, Some((chains.for_request(amount), on, request.rev, amount)))
            }
            (What::Claim(claim, _, amount), _) => {
                let on = On::Claim(&claim.id);
                (Capability::ApproveClaims, Some((chains.for_claim(*amount), on, claim.rev, *amount)))
            }
            _ => (Capability::ApproveClaims, None),
        };
        let company = Desk::company(open);
        let all = |minor| roles_with(grants, &company, needs, minor).into_iter().map(str::to_owned).collect();
        let Some((chain, on, rev, amount)) = amount else { return Ok(all(None)) };
        let taken = decision::steps(read, on, rev).await?.len();
        if let Some(role) = chain.steps.get(taken).and_then(|step| step.role_id.clone()) {
            return Ok(vec![role]);
        }
        // What an amount in another currency comes to nobody can tell: only who has no limit decides it.
        let same = amount.currency() == desk.program.currency;
        Ok(all(Some(if same { amount.minor() } else { i64::MAX })))
    }
}
