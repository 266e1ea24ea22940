//! The worker of the intake road: claim what was stored, read what it is about, enrich, fold, settle.
//!
//! `project_once` is one step; production calls it in a loop, tests call it by hand. CRMs are called between
//! transactions, never inside one. Whatever fails is either tried again at a stated time or becomes a dead letter with
//! a reason; nothing is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::by_hand;
use super::enrich::{HubspotApi, ReadError, Stages, not_found_delay_ms};
use super::event::{Change, Event, Parsed, RecordKind, RecordRef};
use super::fold::{self, Batch, Incoming};
use super::intake::Sources;
use super::{SourceKind, hubspot, standard};
use crate::clock::Clock;
use crate::domain::fund::accrual::ToldSales;
use crate::domain::money::Currency;
use crate::fault::Fault;
use crate::store::crm::{self, SourceRow};
use crate::store::deal::Link;
use crate::store::inbox::{self, ClaimTimes, Claimed, Settled};
use crate::store::{Store, Tx};

/// Most deliveries in one step.
pub const STEP: u32 = 200;
/// How long a worker holds what it claimed unless told otherwise, protocol time: more than the slowest reads take.
const LEASE_MS: i64 = 5 * 60 * 1000;
/// How long deal stages are believed before they are read again.
const STAGES_FOR: Duration = Duration::from_secs(600);
/// Least wait after the CRM could not be read, in milliseconds.
const LATER_MS: i64 = 5_000;

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Projected {
    /// Deliveries taken up.
    pub claimed: usize,
    /// Deliveries that are done.
    pub done: usize,
    /// Deliveries that became dead letters.
    pub dead: usize,
    /// Deliveries to be tried again.
    pub later: usize,
    /// Events that counted for the first time.
    pub applied: usize,
}

/// The worker.
pub struct Projector {
    store: Store,
    clock: Clock,
    sources: Arc<Sources>,
    lease_ms: i64,
    stages: Mutex<BTreeMap<String, (Instant, Stages)>>,
}

/// A claimed delivery on its way.
struct Work {
    delivery: Claimed,
    events: Vec<Event>,
    /// Sales to be posted, which are no event of a campaign.
    sales: Option<ToldSales>,
    settled: Settled,
}

/// What was read from a CRM for the events of one source.
#[derive(Default)]
struct Enriched {
    batch: Batch,
    missing: BTreeSet<RecordRef>,
    error: Option<ReadError>,
}

/// Waiting leads that are matched again in one transaction.
const AGAIN_AT_ONCE: usize = 200;

impl Projector {
    /// A worker on this database. `sources` gives it access to CRMs.
    pub fn new(store: Store, clock: Clock, sources: Arc<Sources>) -> Self {
        Self { store, clock, sources, lease_ms: LEASE_MS, stages: Mutex::new(BTreeMap::new()) }
    }

    /// The same, holding what it takes up for so long, in milliseconds of protocol time. Whoever ends while holding it
    /// leaves it to the next worker after that; too short a time costs a second reading, never a second count.
    #[must_use]
    pub fn holding_for(self, lease_ms: i64) -> Self {
        Self { lease_ms, ..self }
    }

    /// Takes up what waits, at most [`STEP`] deliveries, and settles each of them.
    ///
    /// # Errors
    /// A fault of the database while claiming; what fails later is settled as "to be tried again".
    pub async fn project_once(&self) -> Result<Projected, Fault> {
        let now_ms = self.clock.now_ms();
        let protocol_ms = self.clock.protocol_ms();
        if let Err(fault) = self.match_again().await {
            tracing::error!(%fault, "Waiting leads could not be matched again; trying again");
        }
        if let Err(fault) = super::sales::try_covered(&self.store, &self.clock).await {
            tracing::error!(%fault, "Corrections that wait could not be looked at; trying again");
        }
        let times = ClaimTimes { now_ms, protocol_ms, until_ms: protocol_ms + self.lease_ms };
        let claimed = crate::in_tx!(self.store, |tx| { inbox::claim(tx, times, STEP).await })?;
        if claimed.is_empty() {
            return Ok(Projected::default());
        }
        let rows = crate::in_read!(self.store, |read| { crm::sources(read).await })?;
        let rows: BTreeMap<String, SourceRow> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut projected = Projected { claimed: claimed.len(), ..Projected::default() };
        let mut by_source: BTreeMap<String, Vec<Claimed>> = BTreeMap::new();
        for delivery in claimed {
            by_source.entry(delivery.source_id.clone()).or_default().push(delivery);
        }
        for (source_id, deliveries) in by_source {
            let source = rows
                .get(&source_id)
                .ok_or_else(|| Fault::Corrupt(format!("a delivery of the unknown source {source_id}")))?;
            self.project_source(source, deliveries, &mut projected).await?;
        }
        Ok(projected)
    }

    /// Matches the waiting leads of sources again after campaigns or their mappings have changed.
    async fn match_again(&self) -> Result<(), Fault> {
        let sources = crate::in_read!(self.store, |read| {
            let changed = crm::to_match_again(read).await?;
            if changed.is_empty() {
                return Ok(Vec::new());
            }
            let rows = crm::sources(read).await?;
            let of = |id: &str| rows.iter().find(|row| row.id == id).cloned();
            Ok(changed.into_iter().filter_map(|(id, changes)| Some((of(&id)?, changes))).collect())
        })?;
        for (source, changes) in sources {
            let waiting =
                crate::in_read!(self.store, |read| { crm::without_campaign(read, &source.id).await })?;
            let waiting: Vec<String> = waiting.into_iter().collect();
            for some in waiting.chunks(AGAIN_AT_ONCE) {
                let ids = some.iter().cloned().collect();
                crate::in_tx!(self.store, |tx| { by_hand::rematch(tx, &self.clock, &source, &ids).await })?;
            }
            crate::in_tx!(self.store, |tx| { crm::matched_again(tx, &source.id, changes).await })?;
            tracing::debug!(source = source.key, looked = waiting.len(), "Waiting leads were matched again");
        }
        Ok(())
    }

    async fn project_source(
        &self,
        source: &SourceRow,
        deliveries: Vec<Claimed>,
        projected: &mut Projected,
    ) -> Result<(), Fault> {
        let mut work: Vec<Work> =
            deliveries.into_iter().map(|delivery| self.parse(source, delivery)).collect();
        for one in &mut work {
            self.post_sales(source, one).await;
        }
        let keys: Vec<String> = work.iter().flat_map(|w| &w.events).map(|e| e.key.clone()).collect();
        let settled =
            crate::in_read!(self.store, |read| { inbox::settled_events(read, &source.id, &keys).await })?;
        for one in &mut work {
            one.events.retain(|event| !settled.contains(&event.key));
        }
        let mut enriched = self.enrich(source, &mut work).await;
        for one in &mut work {
            self.hold_back(one, &mut enriched);
        }
        match self.fold(source, &mut work, &enriched.batch).await {
            Ok(applied) => projected.applied += applied,
            Err(fault) => {
                tracing::warn!(%fault, "A batch of CRM events could not be folded; trying one delivery at a time");
                for one in &mut work {
                    projected.applied += self.fold_alone(source, one, &enriched.batch).await?;
                }
            }
        }
        for one in &work {
            match &one.settled {
                Settled::Done => projected.done += 1,
                Settled::Later { .. } => projected.later += 1,
                Settled::Dead { reason } => {
                    projected.dead += 1;
                    tracing::warn!(
                        key = one.delivery.key,
                        source = source.key,
                        "A CRM delivery is a dead letter: {reason}"
                    );
                }
            }
        }
        Ok(())
    }

    /// Posts the sales of a delivery, before it is settled: who ends between the two posts them again, and counts nothing.
    async fn post_sales(&self, source: &SourceRow, work: &mut Work) {
        let Some(told) = &work.sales else { return };
        let what = (&work.delivery, told);
        work.settled = match super::sales::post(&self.store, &self.clock, source, what).await {
            Ok(settled) => settled,
            Err(fault) => {
                tracing::error!(%fault, key = work.delivery.key, "Sales could not be posted");
                self.failed(work)
            }
        };
    }

    fn parse(&self, source: &SourceRow, delivery: Claimed) -> Work {
        let of_standard = delivery.body.as_deref().filter(|_| source.kind == SourceKind::Standard);
        let own = source.default_currency.as_deref().and_then(|code| Currency::parse(code).ok());
        if let Some(sales) = of_standard.and_then(|body| standard::sales(body, own)) {
            let (sales, settled) = match sales {
                Ok(told) => (Some(told), Settled::Done),
                Err(reason) => (None, Settled::Dead { reason }),
            };
            return Work { delivery, events: Vec::new(), sales, settled };
        }
        let parsed = match &delivery.body {
            None => Err("the body is erased".to_owned()),
            Some(body) => match source.kind {
                SourceKind::Hubspot => hubspot::parse(body),
                SourceKind::Standard => {
                    let id = delivery.message_id.as_deref().unwrap_or_default();
                    standard::parse(&source.key, id, delivery.sent_ms, body)
                }
            },
        };
        match parsed {
            Err(reason) => {
                Work { delivery, events: Vec::new(), sales: None, settled: Settled::Dead { reason } }
            }
            Ok(Parsed { mut events, unreadable }) => {
                self.ignore_other_accounts(source, &mut events);
                let settled = match unreadable.first() {
                    None => Settled::Done,
                    Some(first) => {
                        let count = unreadable.len();
                        let rest =
                            if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
                        Settled::Dead { reason: format!("event {}: {}{rest}", first.index + 1, first.reason) }
                    }
                };
                Work { delivery, events, sales: None, settled }
            }
        }
    }

    /// An app may be installed in several HubSpot accounts; only the configured one is ours.
    fn ignore_other_accounts(&self, source: &SourceRow, events: &mut [Event]) {
        let portal = self.sources.by_id(&source.id).and_then(|s| s.portal_id.as_deref());
        let Some(portal) = portal.filter(|_| source.kind == SourceKind::Hubspot) else { return };
        let ours = format!("hubspot|{portal}|");
        for event in events.iter_mut().filter(|event| !event.key.starts_with(&ours)) {
            event.change = Change::Ignored;
        }
    }

    /// Reads from the CRM what the events are about, where they are thin and the CRM can be read.
    async fn enrich(&self, source: &SourceRow, work: &mut [Work]) -> Enriched {
        let api = self.sources.by_id(&source.id).and_then(|s| s.api.as_ref());
        let mut enriched = Enriched::default();
        let (Some(api), SourceKind::Hubspot) = (api, source.kind) else {
            add_stages(work, &Stages::default());
            return enriched;
        };
        if let Err(error) = self.read_all(source, api, work, &mut enriched).await {
            tracing::warn!(source = source.key, "A CRM could not be read: {error}");
            enriched.error = Some(error);
        }
        enriched
    }

    async fn read_all(
        &self,
        source: &SourceRow,
        api: &HubspotApi,
        work: &mut [Work],
        enriched: &mut Enriched,
    ) -> Result<(), ReadError> {
        let mut wanted: BTreeMap<RecordRef, i64> = BTreeMap::new();
        for event in work.iter().flat_map(|w| &w.events) {
            for record in event.to_read() {
                let at = wanted.entry(record).or_insert(event.occurred_ms);
                *at = event.occurred_ms.max(*at);
            }
        }
        let of = |wanted: &BTreeMap<RecordRef, i64>, kind| -> BTreeSet<String> {
            wanted.keys().filter(|r| r.kind == kind).map(|r| r.id.clone()).collect()
        };
        let deals = of(&wanted, RecordKind::Deal);
        let stages = if deals.is_empty() { Stages::default() } else { self.stages(source, api).await? };
        add_stages(work, &stages);
        let mut leads = of(&wanted, RecordKind::Lead);
        if !deals.is_empty() {
            for (deal, contacts) in api.associations(RecordKind::Deal, &deals).await? {
                let version_ms = wanted.get(&RecordRef::deal(deal.as_str())).copied().unwrap_or_default();
                let link = |lead: &String| Link {
                    deal: deal.clone(),
                    lead: lead.clone(),
                    version_ms,
                    removed: false,
                };
                enriched.batch.links.extend(contacts.iter().map(link));
                leads.extend(contacts);
            }
        }
        for (kind, ids) in [(RecordKind::Deal, deals), (RecordKind::Lead, leads)] {
            if ids.is_empty() {
                continue;
            }
            let read = api.records(kind, &ids).await?;
            enriched
                .batch
                .read
                .extend(read.found.iter().map(|record| hubspot::record_patch(kind, record, &stages)));
            enriched.missing.extend(read.missing.into_iter().map(|id| RecordRef { kind, id }));
        }
        Ok(())
    }

    async fn stages(&self, source: &SourceRow, api: &HubspotApi) -> Result<Stages, ReadError> {
        let mut known = self.stages.lock().await;
        if let Some((at, stages)) = known.get(&source.id)
            && at.elapsed() < STAGES_FOR
        {
            return Ok(stages.clone());
        }
        let stages = api.deal_stages().await?;
        known.insert(source.id.clone(), (Instant::now(), stages.clone()));
        Ok(stages)
    }

    /// Takes out of a delivery the events that can't be applied yet, and says when to try again. A record that is still
    /// not there after the last delay is taken for deleted.
    fn hold_back(&self, work: &mut Work, enriched: &mut Enriched) {
        let now_ms = self.clock.now_ms();
        let attempts = work.delivery.attempts + 1;
        let thin = work.events.iter().any(|event| !event.to_read().is_empty());
        match &enriched.error {
            Some(ReadError::Later { wait, reason }) if thin => {
                let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(LATER_MS).max(LATER_MS);
                work.events.retain(|event| event.to_read().is_empty());
                work.settled = Settled::Later {
                    due_ms: now_ms + wait_ms,
                    attempts: work.delivery.attempts,
                    reason: reason.clone(),
                };
                return;
            }
            Some(error) if thin => {
                work.events.retain(|event| event.to_read().is_empty());
                let reason = error.to_string();
                work.settled = match not_found_delay_ms(attempts) {
                    Some(delay) => Settled::Later { due_ms: now_ms + delay, attempts, reason },
                    None => Settled::Dead { reason },
                };
                return;
            }
            _ => {}
        }
        let missing =
            |event: &Event| event.to_read().into_iter().find(|record| enriched.missing.contains(record));
        let Some(first) = work.events.iter().find_map(missing) else { return };
        match not_found_delay_ms(attempts) {
            Some(delay) => {
                work.events.retain(|event| missing(event).is_none());
                let reason = format!("{} {} is not there (yet)", first.kind.as_str(), first.id);
                work.settled = Settled::Later { due_ms: now_ms + delay, attempts, reason };
            }
            None => {
                let gone = work.events.iter().filter_map(|event| Some((missing(event)?, event.occurred_ms)));
                let gone: Vec<_> = gone.collect();
                enriched.batch.gone.extend(gone);
            }
        }
    }

    /// Folds all deliveries of a source in one transaction.
    async fn fold(&self, source: &SourceRow, work: &mut [Work], read: &Batch) -> Result<usize, Fault> {
        let mut batch = read.clone();
        batch.events = work.iter().flat_map(incoming).collect();
        let outcome: Result<_, Fault> = crate::in_tx!(self.store, |tx| {
            crm::lock_fold(tx).await?;
            let folded = fold::fold(tx, &self.clock, source, &batch).await?;
            let mut settled = Vec::with_capacity(work.len());
            let mut done = Vec::with_capacity(work.len());
            for one in work.iter() {
                let outcome = match (&one.settled, folded.dead.get(&one.delivery.key)) {
                    (Settled::Done, Some(reason)) => Settled::Dead { reason: reason.clone() },
                    (other, _) => other.clone(),
                };
                match &outcome {
                    Settled::Done => done.push(one.delivery.key.as_str()),
                    other => inbox::settle(tx, &one.delivery.key, other, self.clock.now_ms()).await?,
                }
                settled.push(outcome);
            }
            inbox::settle_done(tx, &done, self.clock.now_ms()).await?;
            self.erase_forgotten(tx, source, &batch).await?;
            Ok((folded.applied, settled))
        });
        let (applied, settled) = outcome?;
        for (one, settled) in work.iter_mut().zip(settled) {
            one.settled = settled;
        }
        Ok(applied)
    }

    /// Bodies about somebody who is forgotten go as soon as their deliveries are settled.
    async fn erase_forgotten(&self, tx: &mut Tx, source: &SourceRow, batch: &Batch) -> Result<(), Fault> {
        for incoming in &batch.events {
            if let Change::Forgotten(record) = &incoming.event.change {
                inbox::erase_bodies_of_lead(tx, &source.id, &record.id).await?;
            }
        }
        Ok(())
    }

    /// What becomes of a delivery that an internal error kept from its end: it is tried again, and is a dead letter in the
    /// end.
    fn failed(&self, work: &Work) -> Settled {
        let attempts = work.delivery.attempts + 1;
        let reason = "an internal error, see the log".to_owned();
        match not_found_delay_ms(attempts) {
            Some(delay) => Settled::Later { due_ms: self.clock.now_ms() + delay, attempts, reason },
            None => Settled::Dead { reason },
        }
    }

    /// Folds one delivery by itself. What fails even so is tried again, and is a dead letter in the end.
    async fn fold_alone(&self, source: &SourceRow, work: &mut Work, read: &Batch) -> Result<usize, Fault> {
        let read = part_for(work, read);
        let fault = match self.fold(source, std::slice::from_mut(work), &read).await {
            Ok(applied) => return Ok(applied),
            Err(fault) => fault,
        };
        tracing::error!(%fault, key = work.delivery.key, "A CRM delivery could not be folded");
        work.settled = self.failed(work);
        let (key, settled, now_ms) = (&work.delivery.key, &work.settled, self.clock.now_ms());
        crate::in_tx!(self.store, |tx| { inbox::settle(tx, key, settled, now_ms).await })?;
        Ok(0)
    }
}

fn incoming(work: &Work) -> impl Iterator<Item = Incoming> {
    work.events.iter().map(|event| Incoming { delivery_key: work.delivery.key.clone(), event: event.clone() })
}

/// What was read for the events of one delivery: their records, and the contacts of their deals.
fn part_for(work: &Work, read: &Batch) -> Batch {
    let mut records: BTreeSet<RecordRef> = work.events.iter().flat_map(Event::to_read).collect();
    let links: Vec<Link> = read
        .links
        .iter()
        .filter(|link| records.contains(&RecordRef::deal(link.deal.as_str())))
        .cloned()
        .collect();
    records.extend(links.iter().map(|link| RecordRef::lead(link.lead.as_str())));
    let of_it = |record: &RecordRef| records.contains(record);
    Batch {
        events: Vec::new(),
        read: read.read.iter().filter(|patch| of_it(&patch.record)).cloned().collect(),
        gone: read.gone.iter().filter(|(record, _)| of_it(record)).cloned().collect(),
        links,
    }
}

/// A stage change says won or lost only through the pipeline's metadata.
fn add_stages(work: &mut [Work], stages: &Stages) {
    for event in work.iter_mut().flat_map(|w| &mut w.events) {
        if let Change::Patched(patch) = &mut event.change {
            hubspot::stage_status(patch, stages);
        }
    }
}
