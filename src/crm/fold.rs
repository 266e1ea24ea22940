//! Events into leads, deals, touches and facts: everything that happens inside one transaction.
//!
//! What is stored is a function of the set of events, never of their order: records are folded commutatively
//! ([`record`](super::record)), everything else is derived from the records anew, and facts are posted as the
//! difference between what the records mean now and what was posted before. This module must never call a CRM and
//! never change or remove a fact.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::derive::{self, Campaigns, DealView};
use super::event::{Change, Event, Field, Patch, RecordKind, RecordRef};
use super::record::RecordState;
use crate::clock::Clock;
use crate::domain::attribution::Candidates;
use crate::domain::lead::{LeadState, Standing};
use crate::fault::Fault;
use crate::store::crm::{self, Lead, SourceRow};
use crate::store::deal::{self, Deal, Link};
use crate::store::fact::{self, FactKey, NewFact, Of};
use crate::store::{Tx, inbox};

/// Longest value of a field that is kept, in characters; the rest is cut.
const MAX_VALUE_CHARS: usize = 300;

/// An event with the delivery that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The delivery's key.
    pub delivery_key: String,
    /// The event.
    pub event: Event,
}

/// What is folded at once: events of one source, and what was read from its CRM for them.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Events to apply.
    pub events: Vec<Incoming>,
    /// Records as read from the API.
    pub read: Vec<Patch>,
    /// Links as read from the API.
    pub links: Vec<Link>,
    /// Records that the API says are not there, with the time as of which: they are taken for deleted.
    pub gone: Vec<(RecordRef, i64)>,
}

/// What came of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// Events that had an effect or were ignored on purpose, for the first time.
    pub applied: usize,
    /// Events that were settled before.
    pub repeated: usize,
    /// Deliveries with an event that has to be looked at, and why.
    pub dead: BTreeMap<String, String>,
}

struct Fold<'a> {
    tx: &'a mut Tx,
    clock: &'a Clock,
    source: &'a SourceRow,
    campaigns: Campaigns,
    email_key: String,
    now_ms: i64,
    /// By the CRM's id: as it is stored, and as it is to be.
    leads: BTreeMap<String, (Option<Lead>, Lead)>,
    deals: BTreeMap<String, (Option<Deal>, Deal)>,
}

/// Applies a batch. The transaction must have taken the fold's lock first ([`crm::lock_fold`]).
///
/// # Errors
/// A fault of the database: then nothing of the batch is applied.
pub async fn fold(tx: &mut Tx, clock: &Clock, source: &SourceRow, batch: &Batch) -> Result<Folded, Fault> {
    let now_ms = clock.now_ms();
    let rows: Vec<inbox::EventRow> =
        batch.events.iter().map(|incoming| event_row(source, incoming)).collect();
    let fresh = inbox::insert_events(tx, &rows, now_ms).await?;
    let mut folded = Folded {
        applied: fresh.len(),
        repeated: batch.events.len().saturating_sub(fresh.len()),
        dead: BTreeMap::new(),
    };
    let events: Vec<&Incoming> = batch.events.iter().filter(|i| fresh.contains(&i.event.key)).collect();
    let mut fold = Fold::begin(tx, clock, source).await?;
    fold.apply(&events, batch).await?;
    fold.derive_leads().await?;
    let problems = fold.derive_deals(batch).await?;
    for incoming in events {
        let problem = incoming.event.subject().and_then(|record| problems.get(&record));
        if let Some(reason) = problem {
            inbox::bury_event(fold.tx, &source.id, &incoming.event.key, reason).await?;
            folded.dead.insert(incoming.delivery_key.clone(), reason.clone());
        }
    }
    Ok(folded)
}

/// Derives a source's leads anew, after something that they depend on has changed: a campaign's names, a person's
/// decision. `pick` changes the leads first.
///
/// # Errors
/// A fault of the database.
pub async fn refresh(
    tx: &mut Tx,
    clock: &Clock,
    source: &SourceRow,
    external_ids: &BTreeSet<String>,
    pick: impl Fn(&mut Lead),
) -> Result<(), Fault> {
    let mut fold = Fold::begin(tx, clock, source).await?;
    fold.load_leads(external_ids).await?;
    fold.leads.values_mut().for_each(|(_, lead)| pick(lead));
    fold.derive_leads().await?;
    fold.derive_deals(&Batch::default()).await?;
    Ok(())
}

fn event_row(source: &SourceRow, incoming: &Incoming) -> inbox::EventRow {
    let event = &incoming.event;
    let subject = event.subject();
    inbox::EventRow {
        key: event.key.clone(),
        source_id: source.id.clone(),
        delivery_key: incoming.delivery_key.clone(),
        kind: event.kind.clone(),
        record_kind: subject.as_ref().map(|record| record.kind.as_str().to_owned()),
        record_id: subject.map(|record| record.id),
        occurred_ms: event.occurred_ms,
        outcome: if event.change == Change::Ignored { "ignored" } else { "applied" },
        reason: None,
    }
}

/// Keyed hash of an e-mail address, written in any case and with any spaces around it.
pub fn email_hash(key: &str, email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    if email.is_empty() {
        return None;
    }
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(email.as_bytes());
    Some(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
}

impl<'a> Fold<'a> {
    async fn begin(tx: &'a mut Tx, clock: &'a Clock, source: &'a SourceRow) -> Result<Self, Fault> {
        let email_key = crm::email_key(tx, clock).await?;
        let (candidates, zones) = crm::candidates(tx, source).await?;
        let campaigns = Campaigns { candidates: Candidates::new(candidates), zones };
        let now_ms = clock.now_ms();
        Ok(Self {
            tx,
            clock,
            source,
            campaigns,
            email_key,
            now_ms,
            leads: BTreeMap::new(),
            deals: BTreeMap::new(),
        })
    }

    /// Loads the records that are spoken of, and folds in what is said.
    async fn apply(&mut self, events: &[&Incoming], batch: &Batch) -> Result<(), Fault> {
        let mut spoken_of: BTreeSet<RecordRef> = BTreeSet::new();
        for incoming in events {
            spoken_of.extend(mentioned(&incoming.event.change));
        }
        spoken_of.extend(batch.read.iter().map(|patch| patch.record.clone()));
        spoken_of.extend(batch.gone.iter().map(|(record, _)| record.clone()));
        let of = |kind| spoken_of.iter().filter(move |r| r.kind == kind).map(|r| r.id.clone());
        let (leads, deals): (BTreeSet<_>, BTreeSet<_>) =
            (of(RecordKind::Lead).collect(), of(RecordKind::Deal).collect());
        self.load_leads(&leads).await?;
        self.load_deals(&deals).await?;
        for record in &spoken_of {
            self.ensure(record);
        }
        let mut links = batch.links.clone();
        for incoming in events {
            self.apply_change(&incoming.event, &mut links);
        }
        for patch in &batch.read {
            self.apply_patch(patch, &mut links);
        }
        for (record, at) in &batch.gone {
            self.state(record).set_deleted(*at, true);
        }
        deal::save_links(self.tx, &self.source.id, &links).await?;
        self.absorb_merged().await?;
        Ok(())
    }

    fn apply_change(&mut self, event: &Event, links: &mut Vec<Link>) {
        let at = event.occurred_ms;
        match &event.change {
            Change::Patched(patch) => self.apply_patch(patch, links),
            Change::Deleted(record) => self.state(record).set_deleted(at, true),
            Change::Restored(record) => self.state(record).set_deleted(at, false),
            Change::Forgotten(record) => self.state(record).forget(at),
            Change::Merged { into, from } => {
                for loser in from {
                    let loser = RecordRef { kind: into.kind, id: loser.clone() };
                    self.state(&loser).set_merged(at, &into.id);
                }
            }
            Change::Linked { lead, deal, removed } => {
                links.push(Link {
                    deal: deal.clone(),
                    lead: lead.clone(),
                    version_ms: at,
                    removed: *removed,
                });
            }
            Change::Ignored => {}
        }
    }

    fn apply_patch(&mut self, patch: &Patch, links: &mut Vec<Link>) {
        let mut patch = patch.clone();
        if let Some(email) = patch.fields.get_mut(&Field::Email) {
            *email = email.as_deref().and_then(|email| email_hash(&self.email_key, email));
        }
        for value in patch.fields.values_mut().flatten() {
            if let Some((end, _)) = value.char_indices().nth(MAX_VALUE_CHARS) {
                value.truncate(end);
            }
        }
        for lead in patch.all_leads.iter().flatten() {
            links.push(Link {
                deal: patch.record.id.clone(),
                lead: lead.clone(),
                version_ms: patch.version_ms,
                removed: false,
            });
        }
        self.state(&patch.record).apply(&patch);
    }

    fn ensure(&mut self, record: &RecordRef) {
        match record.kind {
            RecordKind::Lead => {
                let new = || (None, new_lead(self.clock, self.source, &record.id, self.now_ms));
                self.leads.entry(record.id.clone()).or_insert_with(new);
            }
            RecordKind::Deal => {
                let new = || (None, new_deal(self.clock, self.source, &record.id, self.now_ms));
                self.deals.entry(record.id.clone()).or_insert_with(new);
            }
        }
    }

    /// The folded state of a record, which is made if it is new.
    fn state(&mut self, record: &RecordRef) -> &mut RecordState {
        let (clock, source, now_ms) = (self.clock, self.source, self.now_ms);
        match record.kind {
            RecordKind::Lead => {
                let new = || (None, new_lead(clock, source, &record.id, now_ms));
                &mut self.leads.entry(record.id.clone()).or_insert_with(new).1.folded
            }
            RecordKind::Deal => {
                let new = || (None, new_deal(clock, source, &record.id, now_ms));
                &mut self.deals.entry(record.id.clone()).or_insert_with(new).1.folded
            }
        }
    }

    /// Touches of a merged record belong to the one that goes on, whenever they come.
    async fn absorb_merged(&mut self) -> Result<(), Fault> {
        for _ in 0..derive::MERGE_DEPTH {
            let pairs: Vec<(String, RecordState)> = self
                .leads
                .values()
                .filter_map(|(_, lead)| {
                    Some((lead.folded.merged_into.as_ref()?.value.clone(), lead.folded.clone()))
                })
                .collect();
            let winners: BTreeSet<String> = pairs
                .iter()
                .map(|(winner, _)| winner.clone())
                .filter(|id| !self.leads.contains_key(id))
                .collect();
            self.load_leads(&winners).await?;
            for (winner, loser) in pairs {
                self.state(&RecordRef::lead(winner)).absorb(&loser);
            }
            if winners.is_empty() {
                break;
            }
        }
        Ok(())
    }

    async fn load_leads(&mut self, external_ids: &BTreeSet<String>) -> Result<(), Fault> {
        if external_ids.is_empty() {
            return Ok(());
        }
        for lead in crm::lock_leads(self.tx, &self.source.id, external_ids).await? {
            self.leads.entry(lead.external_id.clone()).or_insert_with(|| (Some(lead.clone()), lead));
        }
        Ok(())
    }

    async fn load_deals(&mut self, external_ids: &BTreeSet<String>) -> Result<(), Fault> {
        if external_ids.is_empty() {
            return Ok(());
        }
        for deal in deal::lock_deals(self.tx, &self.source.id, external_ids).await? {
            self.deals.entry(deal.external_id.clone()).or_insert_with(|| (Some(deal.clone()), deal));
        }
        Ok(())
    }

    /// Matches the leads, finds duplicates among all leads of the same persons, saves what changed, posts facts.
    async fn derive_leads(&mut self) -> Result<(), Fault> {
        let mut persons: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (before, lead) in self.leads.values_mut() {
            derive::lead(lead, &self.campaigns);
            for one in [before.as_ref(), Some(&*lead)].into_iter().flatten() {
                if let (Some(plan), Some(hash)) = (&one.plan_id, &one.email_hash) {
                    persons.entry(plan.clone()).or_default().insert(hash.clone());
                }
            }
            if lead.forgotten_ms.is_none() && (lead.plan_id.is_none() || lead.email_hash.is_none()) {
                lead.duplicate_of = None;
            }
        }
        // The look-up for the same persons goes through the database, so what is known so far has to be there.
        let mut touches = deal::Touches::new();
        let mut changed = Vec::new();
        for (stored, lead) in self.leads.values_mut().filter(|(stored, lead)| stored.as_ref() != Some(lead)) {
            touches.insert(lead.id.clone(), derive::touches(&lead.folded, &self.campaigns));
            changed.push(lead.clone());
            *stored = Some(lead.clone());
        }
        crm::save_leads(self.tx, &changed).await?;
        deal::save_touches(self.tx, &touches).await?;
        let mut others: Vec<Lead> = Vec::new();
        for (plan, hashes) in persons {
            let members = crm::lock_persons(self.tx, &plan, &hashes).await?;
            let originals = members.iter().filter_map(|lead| lead.duplicate_of.clone()).collect();
            let forgotten = crm::forgotten(self.tx, &originals).await?;
            let decided = derive::duplicates(&members, &forgotten);
            for mut lead in members {
                let duplicate_of = decided.get(&lead.id).cloned();
                if lead.source_id != self.source.id {
                    // A lead of another source of the same partner: its standing changes, and nothing else does.
                    lead.duplicate_of = duplicate_of;
                    others.push(lead);
                    continue;
                }
                let external_id = lead.external_id.clone();
                let (_, known) = self.leads.entry(external_id).or_insert_with(|| (Some(lead.clone()), lead));
                known.duplicate_of = duplicate_of;
            }
        }
        self.finish_leads(others).await
    }

    /// Sets state and number by the standing, saves what changed, posts facts. `others` are leads of other sources, as
    /// they are to be.
    async fn finish_leads(&mut self, others: Vec<Lead>) -> Result<(), Fault> {
        let mut all: Vec<(Option<Lead>, Lead)> = others.into_iter().map(|lead| (None, lead)).collect();
        all.extend(self.leads.values().cloned());
        let ids: Vec<&str> = all.iter().map(|(_, lead)| lead.id.as_str()).collect();
        let posted = fact::sums_of_leads(self.tx, &ids).await?;
        let mut facts = Vec::new();
        let mut unnumbered: BTreeMap<String, Vec<&mut Lead>> = BTreeMap::new();
        for (_, lead) in &mut all {
            let standing = derive::standing(lead);
            lead.state = derive::lead_state(lead, standing);
            let wanted = derive::lead_facts(lead, standing, &self.campaigns);
            let of = Of::Lead(lead.id.clone());
            facts.extend(difference(self.clock, &of, &wanted, posted.get(&of), lead.rule.as_deref()));
            if standing == Standing::Counted
                && lead.number.is_none()
                && let Some(partner) = lead.partner_id.clone()
            {
                unnumbered.entry(partner).or_default().push(lead);
            }
        }
        for (partner, leads) in unnumbered {
            let count = i64::try_from(leads.len()).unwrap_or(i64::MAX);
            let first = crm::take_numbers(self.tx, &partner, count).await?;
            for (number, lead) in (first..).zip(leads) {
                lead.number = Some(number);
            }
        }
        let changed = all.iter().filter(|(stored, lead)| stored.as_ref() != Some(lead)).map(|(_, lead)| lead);
        crm::save_leads(self.tx, changed).await?;
        for (_, lead) in all.into_iter().filter(|(_, lead)| lead.source_id == self.source.id) {
            self.leads.insert(lead.external_id.clone(), (Some(lead.clone()), lead));
        }
        fact::append(self.tx, &facts, self.now_ms).await
    }

    /// Derives every deal that is spoken of or has one of the leads; says which have a problem that a person must mend.
    async fn derive_deals(&mut self, batch: &Batch) -> Result<BTreeMap<RecordRef, String>, Fault> {
        let changed: BTreeSet<String> = self.leads.keys().cloned().collect();
        let mut affected = deal::deals_of_leads(self.tx, &self.source.id, &changed).await?;
        affected.extend(batch.links.iter().map(|link| link.deal.clone()));
        affected.extend(batch.events.iter().filter_map(|incoming| match &incoming.event.change {
            Change::Linked { deal, .. } => Some(deal.clone()),
            _ => None,
        }));
        affected.extend(self.deals.keys().cloned());
        self.load_deals(&affected).await?;
        let winners: BTreeSet<String> = self
            .deals
            .values()
            .filter_map(|(_, deal)| deal.folded.merged_into.as_ref().map(|m| m.value.clone()))
            .collect();
        self.load_deals(&winners).await?;
        for (_, deal) in self.deals.values_mut() {
            deal.merged_into = deal.folded.merged_into.as_ref().map(|m| m.value.clone());
        }
        // A loser is found by its winner, so losers are saved first.
        for (_, deal) in self.deals.values().filter(|(_, deal)| deal.merged_into.is_some()) {
            deal::save_deal(self.tx, deal).await?;
        }
        let all: BTreeSet<String> = self.deals.keys().cloned().collect();
        let losers = deal::losers(self.tx, &self.source.id, &all).await?;
        let with_losers: BTreeSet<String> = losers.values().flatten().chain(&all).cloned().collect();
        let links = deal::links_of_deals(self.tx, &self.source.id, &with_losers).await?;
        let contacts = self.contacts(&links).await?;
        self.finish_deals(&losers, &links, &contacts).await
    }

    /// Leads by the CRM's id, and those that they were merged into.
    async fn contacts(
        &mut self,
        links: &BTreeMap<String, Vec<(String, i64)>>,
    ) -> Result<BTreeMap<String, Lead>, Fault> {
        let mut known: BTreeMap<String, Lead> =
            self.leads.iter().map(|(id, (_, lead))| (id.clone(), lead.clone())).collect();
        let mut wanted: BTreeSet<String> = links
            .values()
            .flatten()
            .map(|(lead, _)| lead.clone())
            .filter(|id| !known.contains_key(id))
            .collect();
        for _ in 0..=derive::MERGE_DEPTH {
            if wanted.is_empty() {
                break;
            }
            for lead in crm::leads_by_external(self.tx, &self.source.id, &wanted).await? {
                known.insert(lead.external_id.clone(), lead);
            }
            let winners = known.values().filter_map(|lead| lead.merged_into.clone());
            wanted = winners.filter(|id| !known.contains_key(id) && !wanted.contains(id)).collect();
        }
        Ok(known)
    }

    async fn finish_deals(
        &mut self,
        losers: &BTreeMap<String, BTreeSet<String>>,
        links: &BTreeMap<String, Vec<(String, i64)>>,
        contacts: &BTreeMap<String, Lead>,
    ) -> Result<BTreeMap<RecordRef, String>, Fault> {
        let ids: Vec<&str> = self.deals.values().map(|(_, deal)| deal.id.as_str()).collect();
        let posted = fact::sums_of_deals(self.tx, &ids).await?;
        let (mut problems, mut facts) = (BTreeMap::new(), Vec::new());
        let (mut touches, mut credit) = (deal::Touches::new(), BTreeMap::new());
        for (external_id, (_, deal)) in &mut self.deals {
            let own = std::iter::once(external_id).chain(losers.get(external_id).into_iter().flatten());
            let listed = deal.folded.leads_listed_ms.unwrap_or(i64::MIN);
            let linked: BTreeMap<&str, &Lead> = own
                .filter_map(|id| links.get(id))
                .flatten()
                .filter(|(_, version)| *version >= listed)
                .filter_map(|(lead, _)| derive::winner(contacts, lead))
                .map(|lead| (lead.id.as_str(), lead))
                .collect();
            let leads = linked.into_values().collect();
            let view = DealView { source: self.source, campaigns: &self.campaigns, leads };
            let derived = derive::deal(deal, &view);
            if let Some(problem) = derived.problem {
                problems.insert(RecordRef::deal(external_id.as_str()), problem);
            }
            deal::save_deal(self.tx, deal).await?;
            touches.insert(deal.id.clone(), derived.touches);
            credit.insert(deal.id.clone(), derived.credit);
            let of = Of::Deal(deal.id.clone());
            facts.extend(difference(self.clock, &of, &derived.facts, posted.get(&of), deal.rule.as_deref()));
        }
        deal::save_touches(self.tx, &touches).await?;
        deal::save_credit(self.tx, &credit).await?;
        fact::append(self.tx, &facts, self.now_ms).await?;
        Ok(problems)
    }
}

/// The records that a change speaks of by itself; the ends of a link need not exist yet.
fn mentioned(change: &Change) -> Vec<RecordRef> {
    match change {
        Change::Patched(patch) => vec![patch.record.clone()],
        Change::Deleted(record) | Change::Restored(record) | Change::Forgotten(record) => {
            vec![record.clone()]
        }
        Change::Merged { into, from } => {
            let losers = from.iter().map(|id| RecordRef { kind: into.kind, id: id.clone() });
            losers.chain([into.clone()]).collect()
        }
        Change::Linked { .. } | Change::Ignored => Vec::new(),
    }
}

fn new_lead(clock: &Clock, source: &SourceRow, external_id: &str, now_ms: i64) -> Lead {
    Lead {
        id: clock.new_id(),
        source_id: source.id.clone(),
        external_id: external_id.to_owned(),
        program_id: source.program_id.clone(),
        partner_id: None,
        number: None,
        plan_id: None,
        campaign_id: None,
        rule: None,
        state: LeadState::Received,
        email_hash: None,
        company: None,
        country: None,
        lifecycle: None,
        created_ms: now_ms,
        version_ms: 0,
        folded: RecordState::default(),
        duplicate_of: None,
        by_hand_campaign: None,
        invalid_by: None,
        merged_into: None,
        deleted_ms: None,
        forgotten_ms: None,
        recorded_ms: now_ms,
    }
}

fn new_deal(clock: &Clock, source: &SourceRow, external_id: &str, now_ms: i64) -> Deal {
    Deal {
        id: clock.new_id(),
        source_id: source.id.clone(),
        external_id: external_id.to_owned(),
        program_id: source.program_id.clone(),
        campaign_id: None,
        lead_id: None,
        rule: None,
        status: "open".to_owned(),
        stage: None,
        amount: None,
        amount_minor: None,
        currency: None,
        created_ms: now_ms,
        closed_ms: None,
        version_ms: 0,
        folded: RecordState::default(),
        merged_into: None,
        deleted_ms: None,
        recorded_ms: now_ms,
    }
}

/// The facts that lead from what was posted to what is wanted: a reversing row for what is no longer so, a row for
/// what is new, nothing for what stays.
fn difference(
    clock: &Clock,
    of: &Of,
    wanted: &BTreeMap<FactKey, i64>,
    posted: Option<&BTreeMap<FactKey, i64>>,
    rule: Option<&str>,
) -> Vec<NewFact> {
    let none = BTreeMap::new();
    let posted = posted.unwrap_or(&none);
    let keys: BTreeSet<&FactKey> = wanted.keys().chain(posted.keys()).collect();
    let sum = |sums: &BTreeMap<FactKey, i64>, key: &FactKey| sums.get(key).copied().unwrap_or(0);
    let fact = |key: &FactKey| {
        let delta = sum(wanted, key) - sum(posted, key);
        (delta != 0).then(|| NewFact {
            id: clock.new_id(),
            of: of.clone(),
            key: key.clone(),
            delta,
            rule: rule.unwrap_or("none").to_owned(),
        })
    };
    keys.into_iter().filter_map(fact).collect()
}
