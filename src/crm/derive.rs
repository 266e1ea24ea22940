//! What a lead or a deal means, derived from what was folded: campaign, standing, credit, facts.
//!
//! Pure functions of the records as they are now. Nothing here remembers the order in which events came, which is why
//! the figures can't depend on it.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::event::Field;
use super::record::{RecordState, decimal, minor_units};
use crate::clock::instant;
use crate::domain::attribution::{
    self, Candidates, DealLead, MatchedTouch, Model, Rule, campaign_of_lead, sourcing_lead,
};
use crate::domain::lead::{LeadState, Progress, Standing, settle};
use crate::store::crm::{Lead, SourceRow};
use crate::store::deal::{Credit, Deal};
use crate::store::fact::{FactKey, Measure};

/// How many merges are followed one after the other.
pub const MERGE_DEPTH: usize = 5;

/// The campaigns that a source may credit, with the time zones of their plans.
#[derive(Debug)]
pub struct Campaigns {
    /// The campaigns.
    pub candidates: Candidates,
    /// Time zone of each campaign's plan, by the campaign's id.
    pub zones: BTreeMap<String, Tz>,
}

impl Campaigns {
    /// A key of facts of this campaign at this instant, on the day that it is in the plan's time zone. `None` for a
    /// campaign that the source may not credit.
    fn key(
        &self,
        campaign_id: &str,
        measure: Measure,
        at_ms: i64,
        currency: Option<&str>,
    ) -> Option<FactKey> {
        let zone = self.zones.get(campaign_id)?;
        Some(FactKey {
            campaign_id: campaign_id.to_owned(),
            measure,
            occurred_ms: at_ms,
            occurred_on: instant(at_ms).with_timezone(zone).date_naive().to_string(),
            currency: currency.map(str::to_owned),
        })
    }
}

/// The touches of a record that match a campaign.
pub fn touches(folded: &RecordState, campaigns: &Campaigns) -> Vec<MatchedTouch> {
    let matched = |seen: &super::record::SeenTouch| {
        let day = instant(seen.first_ms).date_naive();
        let (campaign, rule) = campaigns.candidates.find(&seen.signals, day)?;
        let campaign_id = campaign.id.clone();
        Some(MatchedTouch { first_ms: seen.first_ms, rule, campaign_id, last_ms: seen.last_ms })
    };
    folded.touches.iter().filter_map(matched).collect()
}

/// Sets everything of a lead that follows from its own events and decisions.
pub fn lead(lead: &mut Lead, campaigns: &Campaigns) {
    let folded = &lead.folded;
    lead.email_hash = folded.get(Field::Email).map(str::to_owned);
    lead.company = folded.get(Field::Company).map(str::to_owned);
    lead.country = folded.get(Field::Country).map(str::to_owned);
    lead.lifecycle = folded.get(Field::Lifecycle).map(str::to_owned);
    lead.created_ms = folded.created_ms().unwrap_or(lead.recorded_ms);
    lead.version_ms = folded.version_ms();
    lead.merged_into = folded.merged_into.as_ref().map(|merged| merged.value.clone());
    lead.deleted_ms = folded.deleted.as_ref().filter(|deleted| deleted.value).map(|deleted| deleted.at);
    lead.forgotten_ms = folded.forgotten_ms;
    let matched = touches(folded, campaigns);
    let by_hand = lead.by_hand_campaign.as_deref().map(|id| (id, Rule::ByHand));
    let by_rule =
        || campaign_of_lead(&matched, &campaigns.candidates).map(|t| (t.campaign_id.as_str(), t.rule));
    let found = by_hand.or_else(by_rule).and_then(|(id, rule)| Some((campaigns.candidates.by_id(id)?, rule)));
    let partner_id = found.map(|(campaign, _)| campaign.partner_id.clone());
    if lead.partner_id != partner_id {
        // Short numbers run per partner.
        lead.number = None;
    }
    lead.partner_id = partner_id;
    lead.plan_id = found.map(|(campaign, _)| campaign.plan_id.clone());
    lead.campaign_id = found.map(|(campaign, _)| campaign.id.clone());
    lead.rule = found.map(|(_, rule)| rule.as_str().to_owned());
}

/// Merged, deleted or marked as no lead: can't be the person's first lead.
fn is_out(lead: &Lead) -> bool {
    lead.merged_into.is_some() || lead.invalid_by.is_some() || lead.deleted_ms.is_some()
}

/// Who is a duplicate of whom among the leads of some persons in one plan: the earliest lead of a person counts, by the
/// CRM's creation time. Where a forgotten lead was that, it stays so: forgetting somebody changes no figure.
pub fn duplicates(members: &[Lead], forgotten: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut persons: BTreeMap<&str, Vec<&Lead>> = BTreeMap::new();
    for lead in members.iter().filter(|lead| !is_out(lead)) {
        if let Some(hash) = &lead.email_hash {
            persons.entry(hash).or_default().push(lead);
        }
    }
    let mut found = BTreeMap::new();
    for leads in persons.values() {
        let kept =
            leads.iter().filter_map(|l| l.duplicate_of.as_ref()).filter(|id| forgotten.contains(*id)).min();
        let first = leads.iter().min_by_key(|l| (l.created_ms, &l.source_id, &l.external_id));
        let Some(original) = kept.or(first.map(|lead| &lead.id)) else { continue };
        for lead in leads.iter().filter(|lead| lead.id != *original) {
            found.insert(lead.id.clone(), original.clone());
        }
    }
    found
}

/// Whether a lead counts. A forgotten one stays an anonymous count, even though the CRM deletes it too.
pub fn standing(lead: &Lead) -> Standing {
    if lead.merged_into.is_some() {
        Standing::Duplicate
    } else if lead.invalid_by.is_some() || (lead.deleted_ms.is_some() && lead.forgotten_ms.is_none()) {
        Standing::Invalid
    } else if lead.campaign_id.is_none() {
        Standing::Unmatched
    } else if lead.duplicate_of.is_some() {
        Standing::Duplicate
    } else {
        Standing::Counted
    }
}

/// The lead's state after the CRM spoke.
pub fn lead_state(lead: &Lead, standing: Standing) -> LeadState {
    let disqualified = lead.folded.get(Field::Status) == Some("disqualified");
    settle(lead.state, standing, Progress { disqualified, lifecycle: lead.lifecycle.as_deref() })
}

/// The facts that a lead means: one lead on the day the CRM received it.
pub fn lead_facts(lead: &Lead, standing: Standing, campaigns: &Campaigns) -> BTreeMap<FactKey, i64> {
    let campaign = lead.campaign_id.as_deref().filter(|_| standing == Standing::Counted);
    let key = campaign.and_then(|id| campaigns.key(id, Measure::Leads, lead.created_ms, None));
    key.into_iter().map(|key| (key, 1)).collect()
}

/// The lead with this id of the CRM, or the one that it was merged into.
pub fn winner<'a>(leads: &'a BTreeMap<String, Lead>, external_id: &str) -> Option<&'a Lead> {
    let mut lead = leads.get(external_id)?;
    for _ in 0..MERGE_DEPTH {
        match lead.merged_into.as_deref().and_then(|id| leads.get(id)) {
            Some(next) => lead = next,
            None => break,
        }
    }
    Some(lead)
}

/// What a deal is derived from, beside itself.
pub struct DealView<'a> {
    /// Its source.
    pub source: &'a SourceRow,
    /// The campaigns that the source may credit.
    pub campaigns: &'a Campaigns,
    /// Its contacts, each once, merged ones replaced by their winners.
    pub leads: Vec<&'a Lead>,
}

/// What follows from a deal.
#[derive(Debug, Default)]
pub struct DerivedDeal {
    /// Touches of its contacts and its own.
    pub touches: Vec<MatchedTouch>,
    /// Credit by model.
    pub credit: Vec<Credit>,
    /// Facts.
    pub facts: BTreeMap<FactKey, i64>,
    /// What a person has to mend before its amount can count.
    pub problem: Option<String>,
}

/// Sets everything of a deal that follows from its events and its contacts, and derives the rest.
pub fn deal(deal: &mut Deal, view: &DealView<'_>) -> DerivedDeal {
    let folded = &deal.folded;
    let status = folded.get(Field::Status).filter(|s| matches!(*s, "won" | "lost")).unwrap_or("open");
    deal.status = status.to_owned();
    deal.stage = folded.get(Field::Stage).map(str::to_owned);
    deal.created_ms = folded.created_ms().unwrap_or(deal.recorded_ms);
    deal.closed_ms = folded.closed_ms().filter(|_| status != "open");
    deal.version_ms = folded.version_ms();
    deal.merged_into = folded.merged_into.as_ref().map(|merged| merged.value.clone());
    deal.deleted_ms = folded.deleted.as_ref().filter(|deleted| deleted.value).map(|deleted| deleted.at);
    deal.amount = folded.get(Field::Amount).map(str::to_owned);
    let currency = folded.get(Field::Currency).or(view.source.default_currency.as_deref());
    deal.currency = currency.map(str::to_uppercase);
    let problem = match amount(deal) {
        Ok(minor) => {
            deal.amount_minor = minor;
            None
        }
        Err(problem) => {
            deal.amount_minor = None;
            Some(problem)
        }
    };
    let own = touches(&deal.folded, view.campaigns);
    source(deal, &own, view);
    let all = contact_touches(&own, view);
    let credit = credit(deal, &all, view.campaigns);
    let facts = deal_facts(deal, &all, view.campaigns);
    DerivedDeal { touches: all, credit, facts, problem }
}

/// The amount in minor units; `None` where the deal has none yet.
fn amount(deal: &Deal) -> Result<Option<i64>, String> {
    let Some(text) = &deal.amount else { return Ok(None) };
    let id = &deal.external_id;
    let amount = decimal(text).ok_or_else(|| format!("the amount of deal {id} is not a decimal number"))?;
    let Some(currency) = &deal.currency else {
        return Err(format!(
            "deal {id} has an amount and no currency; set it in the CRM, or set the source's default_currency, then replay"
        ));
    };
    match minor_units(amount, currency) {
        Some(minor) => Ok(Some(minor)),
        None => Err(format!("the amount of deal {id} does not fit, or its currency is not in ISO 4217")),
    }
}

/// The campaign that sourced the deal: by its earliest (or last) lead made up to its creation; where no contact has a
/// campaign, by the deal's own signals.
fn source(deal: &mut Deal, own: &[MatchedTouch], view: &DealView<'_>) {
    let contact = |lead: &&&Lead| lead.invalid_by.is_none();
    let leads: Vec<DealLead> = view
        .leads
        .iter()
        .filter(contact)
        .filter_map(|lead| {
            Some(DealLead {
                created_ms: lead.created_ms,
                lead_id: lead.external_id.clone(),
                campaign_id: lead.campaign_id.clone()?,
            })
        })
        .collect();
    let candidates = &view.campaigns.candidates;
    if let Some(found) = sourcing_lead(&leads, deal.created_ms, candidates) {
        let lead = view.leads.iter().find(|lead| lead.external_id == found.lead_id);
        deal.lead_id = lead.map(|lead| lead.id.clone());
        deal.rule = lead.and_then(|lead| lead.rule.clone());
        deal.campaign_id = Some(found.campaign_id.clone());
        return;
    }
    let by_signals = campaign_of_lead(own, candidates);
    deal.lead_id = None;
    deal.rule = by_signals.map(|touch| touch.rule.as_str().to_owned());
    deal.campaign_id = by_signals.map(|touch| touch.campaign_id.clone());
}

/// Touches of the deal and its contacts. That a campaign made a lead is a touch at the lead's creation.
fn contact_touches(own: &[MatchedTouch], view: &DealView<'_>) -> Vec<MatchedTouch> {
    let mut all = own.to_vec();
    for lead in view.leads.iter().filter(|lead| lead.invalid_by.is_none()) {
        let mut of_lead: BTreeMap<String, MatchedTouch> = BTreeMap::new();
        let rule = lead.rule.as_deref().and_then(Rule::parse);
        let made = lead.campaign_id.clone().zip(rule).map(|(campaign_id, rule)| MatchedTouch {
            first_ms: lead.created_ms,
            rule,
            campaign_id,
            last_ms: lead.created_ms,
        });
        for touch in touches(&lead.folded, view.campaigns).into_iter().chain(made) {
            let kept = of_lead.entry(touch.campaign_id.clone()).or_insert_with(|| touch.clone());
            let last_ms = kept.last_ms.max(touch.last_ms);
            if touch < *kept {
                *kept = touch;
            }
            kept.last_ms = last_ms;
        }
        all.extend(of_lead.into_values());
    }
    all.sort();
    all
}

fn credit(deal: &Deal, touches: &[MatchedTouch], campaigns: &Campaigns) -> Vec<Credit> {
    let mut by_partner: BTreeMap<&str, Vec<MatchedTouch>> = BTreeMap::new();
    for touch in touches.iter().filter(|touch| touch.first_ms <= deal.created_ms) {
        if let Some(campaign) = campaigns.candidates.by_id(&touch.campaign_id) {
            by_partner.entry(&campaign.partner_id).or_default().push(touch.clone());
        }
    }
    let mut credit = Vec::new();
    for (partner, touches) in by_partner {
        for model in Model::ALL {
            for (campaign_id, share) in attribution::credit(&touches, model) {
                credit.push(Credit { partner_id: partner.to_owned(), model, campaign_id, share });
            }
        }
    }
    credit
}

fn deal_facts(deal: &Deal, touches: &[MatchedTouch], campaigns: &Campaigns) -> BTreeMap<FactKey, i64> {
    let mut facts = BTreeMap::new();
    let (Some(minor), Some(currency)) = (deal.amount_minor, deal.currency.as_deref()) else { return facts };
    if minor == 0 || deal.deleted_ms.is_some() || deal.merged_into.is_some() {
        return facts;
    }
    let mut add = |campaign: &str, measure, at_ms| {
        if let Some(key) = campaigns.key(campaign, measure, at_ms, Some(currency)) {
            facts.insert(key, minor);
        }
    };
    let closed_ms = deal.closed_ms.unwrap_or(deal.created_ms);
    if let Some(campaign) = deal.campaign_id.as_deref() {
        add(campaign, Measure::Pipeline, deal.created_ms);
        match deal.status.as_str() {
            "won" => add(campaign, Measure::Won, closed_ms),
            "lost" => add(campaign, Measure::PipelineLost, closed_ms),
            _ => {}
        }
    }
    let open_until = if deal.status == "open" { i64::MAX } else { closed_ms };
    let mut influenced: BTreeMap<&str, i64> = BTreeMap::new();
    for touch in touches.iter().filter(|touch| touch.first_ms <= open_until) {
        if deal.campaign_id.as_deref() != Some(&touch.campaign_id) {
            let at = touch.first_ms.max(deal.created_ms);
            influenced.entry(&touch.campaign_id).and_modify(|first| *first = at.min(*first)).or_insert(at);
        }
    }
    for (campaign, at_ms) in influenced {
        add(campaign, Measure::PipelineInfluenced, at_ms);
    }
    facts
}
