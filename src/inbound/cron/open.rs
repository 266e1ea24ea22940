//! What waits for somebody in a program: requests and claims that are to be decided or corrected, extensions, adjustments
//! and plans that are to be signed. It reads and decides nothing else; reminders and digests are made of it.

use crate::domain::actor::{Capability, Company, Grant, Side, roles_with};
use crate::domain::adjustment::Adjustment;
use crate::domain::business::BusinessCalendar;
use crate::domain::campaign::Campaign;
use crate::domain::claim::{Claim, Extension, payable};
use crate::domain::money::Money;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::program::{Partner, Program};
use crate::domain::request::MdfRequest;
use crate::domain::rulebook::Rulebook;
use crate::domain::waiting::Wait;
use crate::fault::Fault;
use crate::store::decision::{self, On};
use crate::store::{Read, adjustment, campaign, claim, extension, plan, program, request, rules, waiting};
use crate::text::waiting::{self as text, Waiting};
use chrono::{DateTime, Utc};

/// What is waited for.
pub(super) enum What {
    Request(MdfRequest),
    /// A claim with its request, and what it comes to.
    Claim(Claim, MdfRequest, Money),
    Extension(Extension, MdfRequest),
    Adjustment(Adjustment),
    Plan,
}

/// Something that waits for a side of a plan.
pub(super) struct Open {
    pub partner: Partner,
    plan: Plan,
    campaign: Option<Campaign>,
    what: What,
    pub wait: Wait,
}

/// All that waits in a program, with the rules by which it is told.
pub(super) struct Desk {
    pub program: Program,
    pub book: Rulebook,
    pub open: Vec<Open>,
}

impl Desk {
    /// # Errors
    /// A fault of the database.
    pub(super) async fn load(read: &mut Read, program: &Program) -> Result<Self, Fault> {
        let mut open = Vec::new();
        for partner in program::partners(read, &program.id).await? {
            signatures(read, &partner, &mut open).await?;
        }
        for id in waiting::requests(read, &program.id).await? {
            if let Some(request) = request::by_id(read, &id).await? {
                let wait = Wait::after(&waiting::turns(read, &id).await?);
                open.extend(under_plan(read, What::Request(request), wait).await?);
            }
        }
        for id in waiting::claims(read, &program.id).await? {
            let Some(claim) = claim::by_id(read, &id).await? else { continue };
            let Some(request) = request::by_id(read, &claim.request_id).await? else { continue };
            let left = request.held().unwrap_or(Money::zero(claim.paid.currency()));
            let lines = claim::lines(read, &claim).await?;
            let comes_to = payable(&lines, request.share_percent, left)
                .map_err(|error| Fault::Corrupt(error.to_string()))?;
            let wait = Wait::after(&waiting::turns(read, &id).await?);
            open.extend(under_plan(read, What::Claim(claim, request, comes_to), wait).await?);
        }
        for id in waiting::extensions(read, &program.id).await? {
            let Some(extension) = extension::by_id(read, &id).await? else { continue };
            let Some(request) = request::by_id(read, &extension.request_id).await? else { continue };
            let wait = Wait::since(Side::Vendor, extension.asked_at);
            open.extend(under_plan(read, What::Extension(extension, request), Some(wait)).await?);
        }
        let book = if open.is_empty() { Rulebook::default() } else { rules::rulebook(read, program).await? };
        Ok(Self { program: program.clone(), book, open })
    }

    /// The company whose turn it is.
    pub(super) fn company(open: &Open) -> Company {
        match open.wait.side {
            Side::Vendor => Company::Vendor,
            Side::Partner => Company::Partner(open.partner.id.clone()),
        }
    }

    pub(super) fn calendar(&self, company: &Company) -> BusinessCalendar {
        self.book.calendar(company, self.program.zone)
    }

    /// It in the words of the channel where its side is told.
    pub(super) fn waiting(&self, open: &Open, now: DateTime<Utc>) -> Waiting {
        let side = open.wait.side;
        let short = open.name_short();
        let name = match side {
            Side::Vendor => open.partner.vendor_name(&short),
            Side::Partner => short.clone(),
        };
        let about = match (&open.what, &open.campaign) {
            (What::Request(request), Some(campaign)) => text::about_request(request, campaign, side),
            (What::Claim(claim, request, comes_to), _) => text::about_claim(claim, request, *comes_to, side),
            (What::Extension(extension, _), _) => text::about_extension(extension),
            (What::Adjustment(adjustment), _) => text::about_adjustment(adjustment, &open.plan),
            (What::Request(_) | What::Plan, _) => text::about_plan(&open.plan),
        };
        let corrected = side == Side::Partner && matches!(open.what, What::Request(_) | What::Claim(..));
        Waiting {
            name,
            about,
            open: open.wait.open_time(&self.calendar(&Self::company(open)), now),
            next: if corrected { text::correct(&short) } else { String::new() },
        }
    }
}

impl Open {
    /// Of what waits.
    pub(super) fn id(&self) -> &str {
        match &self.what {
            What::Request(request) => &request.id,
            What::Claim(claim, ..) => &claim.id,
            What::Extension(extension, _) => &extension.id,
            What::Adjustment(adjustment) => &adjustment.id,
            What::Plan => &self.plan.id,
        }
    }

    fn name_short(&self) -> String {
        match &self.what {
            What::Request(request) | What::Extension(_, request) => request.name_short(),
            What::Claim(claim, ..) => claim.name_short(),
            What::Adjustment(adjustment) => adjustment.name_short(),
            What::Plan => self.plan.name_short(),
        }
    }

    /// Whether it is reminded of: signatures are wanted by warnings of their own, and by the digest.
    pub(super) fn is_reminded(&self) -> bool {
        !matches!(self.what, What::Adjustment(_) | What::Plan)
    }

    /// The roles that can take the next step: the one that the chain names, else those with the capability up to the
    /// amount.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn can(
        &self,
        read: &mut Read,
        desk: &Desk,
        grants: &[Grant],
    ) -> Result<Vec<String>, Fault> {
        let chains = desk.book.chains();
        let (needs, amount) = match (&self.what, self.wait.side) {
            (_, Side::Partner) => (Capability::FileRequests, None),
            (What::Request(request), _) => {
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
        let company = Desk::company(self);
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

/// What hangs on a request, if it can be decided now: not before both sides have signed its plan, and not while a side has
/// its campaign stopped. The time before the signatures does not count.
async fn under_plan(read: &mut Read, what: What, wait: Option<Wait>) -> Result<Option<Open>, Fault> {
    let (What::Request(request) | What::Claim(_, request, _) | What::Extension(_, request)) = &what else {
        return Ok(None);
    };
    let campaign = campaign::by_id(read, &request.campaign_id).await?;
    let (Some(wait), Some(plan)) = (wait, plan::by_id(read, &campaign.plan_id).await?) else {
        return Ok(None);
    };
    let partner = program::partner_by_id(read, &request.partner_id).await?;
    let Some(agreed_at) = plan.agreed_at.filter(|_| campaign.stopped.is_none()) else { return Ok(None) };
    let wait = wait.counted_from(agreed_at);
    Ok(Some(Open { partner, plan, campaign: Some(campaign), what, wait }))
}

/// The plans and adjustments of a partner that a side has not signed yet, once for each such side.
async fn signatures(read: &mut Read, partner: &Partner, open: &mut Vec<Open>) -> Result<(), Fault> {
    for plan in plan::of_partner(read, &partner.id).await? {
        let (what, since, signed) = if plan.state == PlanState::Proposed {
            (What::Plan, plan.proposed_at, plan::signatures(read, &plan.id, plan.rev).await?)
        } else if plan.state.is_in_force()
            && let Some(found) = adjustment::open_of_plan(read, &plan.id).await?
        {
            let signed = adjustment::signatures(read, &found.id, found.rev).await?;
            let since = found.filed_at;
            (What::Adjustment(found), Some(since), signed)
        } else {
            continue;
        };
        let Some(since) = since else { continue };
        for side in [Side::Vendor, Side::Partner] {
            if signed.iter().all(|signature| signature.side != side) {
                let what = match &what {
                    What::Adjustment(adjustment) => What::Adjustment(adjustment.clone()),
                    _ => What::Plan,
                };
                let wait = Wait::since(side, since);
                open.push(Open { partner: partner.clone(), plan: plan.clone(), campaign: None, what, wait });
            }
        }
    }
    Ok(())
}
