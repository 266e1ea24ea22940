//! The variance report of a plan: its lines, those of its campaigns, worst first, and what is shown beside them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::input::sum_until;
use super::line::Sums;
use super::{
    CampaignFigures, CampaignState, Entry, FundingSource, Measure, MeasureLine, PlanFigures, Status,
    Thresholds,
};
use crate::domain::fraction::Fraction;
use crate::domain::period::Period;

/// A plan's figures to one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VarianceReport {
    /// The last complete local day (d).
    pub as_of: NaiveDate,
    /// The plan's period.
    pub period: Period,
    /// How much of the period is over.
    pub progress: PeriodProgress,
    /// The worst of leads and pipeline, and of spend if overspent.
    pub overall: Status,
    /// The plan's lines: the sums of its campaigns'.
    pub plan: Lines,
    /// What is shown beside the plan's lines.
    pub beside: Beside,
    /// What the money brought.
    pub ratios: Ratios,
    /// What the MDF money alone brought.
    pub mdf_ratios: Ratios,
    /// The campaigns, worst first.
    pub campaigns: Vec<CampaignLine>,
}

/// Day x of y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodProgress {
    /// Days over at the end of the as-of day.
    pub day: i64,
    /// Days of the period.
    pub days: i64,
    /// The elapsed share in percent, unrounded.
    pub percent: Decimal,
}

/// One line for each measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Leads.
    pub leads: MeasureLine,
    /// Sourced pipeline.
    pub pipeline: MeasureLine,
    /// Won revenue.
    pub won: MeasureLine,
    /// Spend.
    pub spend: MeasureLine,
}

impl Lines {
    /// The line of a measure.
    #[must_use]
    pub fn of(&self, measure: Measure) -> &MeasureLine {
        match measure {
            Measure::Leads => &self.leads,
            Measure::Pipeline => &self.pipeline,
            Measure::Won => &self.won,
            Measure::Spend => &self.spend,
        }
    }

    /// The lines in the order of the report.
    pub fn iter(&self) -> impl Iterator<Item = &MeasureLine> {
        Measure::ALL.into_iter().map(|m| self.of(m))
    }

    /// The worst of leads and pipeline, and of spend only if overspent. Grey only if there is no other colour.
    #[must_use]
    pub fn overall(&self) -> Status {
        let spend = if self.spend.status_reason.is_overspent() { self.spend.status } else { Status::Grey };
        self.leads.status.max(self.pipeline.status).max(spend)
    }

    fn worst(&self) -> Status {
        self.iter().map(|l| l.status).max().unwrap_or(Status::Grey)
    }
}

/// What is counted but never added to a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// Leads accepted.
    pub accepted: Decimal,
    /// Leads qualified.
    pub qualified: Decimal,
    /// Of the sourced pipeline, what was lost.
    pub lost_pipeline: Decimal,
    /// Pipeline touched but not made.
    pub influenced_pipeline: Decimal,
    /// Spend by funding source, sources without any left out.
    pub spend_by_source: BTreeMap<FundingSource, Decimal>,
}

/// What a unit of money brought, unrounded; `None` where the denominator is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ratios {
    /// Spend ÷ leads.
    pub cost_per_lead: Option<Decimal>,
    /// Sourced pipeline ÷ spend.
    pub pipeline_per_spend: Option<Decimal>,
    /// (Won revenue − spend) ÷ spend, in percent.
    pub roi_percent: Option<Decimal>,
}

/// A campaign's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignLine {
    /// The campaign.
    pub key: String,
    /// Whether it runs, by the revision in force on the as-of day.
    pub state: CampaignState,
    /// As for the plan.
    pub overall: Status,
    /// Its lines.
    pub lines: Lines,
    /// What is shown beside them.
    pub beside: Beside,
    /// What the money brought.
    pub ratios: Ratios,
    /// What the MDF money alone brought.
    pub mdf_ratios: Ratios,
}

/// The exact sums behind one set of lines.
struct Block {
    sums: BTreeMap<Measure, Sums>,
    beside: BTreeMap<Extra, Fraction>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Extra {
    Accepted,
    Qualified,
    Lost,
    Influenced,
    Spend(FundingSource),
}

impl Block {
    fn empty() -> Self {
        let sums = Measure::ALL.into_iter().map(|m| (m, Sums::default())).collect();
        Self { sums, beside: BTreeMap::new() }
    }

    fn of(campaign: &CampaignFigures, plan: &PlanFigures) -> Self {
        let sums = Measure::ALL.into_iter().map(|m| (m, Sums::of(m, campaign, plan))).collect();
        let facts = &campaign.facts;
        let sum = |entries: &[Entry]| sum_until(entries.iter().map(|e| (e.day, e.amount)), plan.as_of);
        let mut beside = BTreeMap::from([
            (Extra::Accepted, sum(&facts.accepted)),
            (Extra::Qualified, sum(&facts.qualified)),
            (Extra::Lost, sum(&facts.lost_pipeline)),
            (Extra::Influenced, sum(&facts.influenced_pipeline)),
        ]);
        for source in FundingSource::ALL {
            let entries = facts.spend.iter().filter(|e| e.source == source).map(|e| (e.day, e.amount));
            beside.insert(Extra::Spend(source), sum_until(entries, plan.as_of));
        }
        Self { sums, beside }
    }

    fn add(&mut self, other: &Self) {
        for (measure, sums) in &other.sums {
            let entry = self.sums.entry(*measure).or_default();
            *entry = entry.and(*sums);
        }
        for (extra, amount) in &other.beside {
            let entry = self.beside.entry(*extra).or_insert(Fraction::ZERO);
            *entry = *entry + *amount;
        }
    }

    fn sums(&self, measure: Measure) -> Sums {
        self.sums.get(&measure).copied().unwrap_or_default()
    }

    fn extra(&self, extra: Extra) -> Fraction {
        self.beside.get(&extra).copied().unwrap_or(Fraction::ZERO)
    }

    fn lines(&self, day: (Period, NaiveDate), limits: &Thresholds) -> Lines {
        let line = |measure| self.sums(measure).line(measure, day, limits);
        Lines {
            leads: line(Measure::Leads),
            pipeline: line(Measure::Pipeline),
            won: line(Measure::Won),
            spend: line(Measure::Spend),
        }
    }

    fn beside(&self) -> Beside {
        let by_source = FundingSource::ALL.into_iter().map(|s| (s, self.extra(Extra::Spend(s))));
        Beside {
            accepted: self.extra(Extra::Accepted).to_decimal(),
            qualified: self.extra(Extra::Qualified).to_decimal(),
            lost_pipeline: self.extra(Extra::Lost).to_decimal(),
            influenced_pipeline: self.extra(Extra::Influenced).to_decimal(),
            spend_by_source: by_source.filter(|s| !s.1.is_zero()).map(|s| (s.0, s.1.to_decimal())).collect(),
        }
    }

    fn ratios(&self, spend: Fraction) -> Ratios {
        let actual = |measure| self.sums(measure).actual;
        let roi = ((actual(Measure::Won) - spend) * Fraction::whole(100)).over(spend);
        Ratios {
            cost_per_lead: spend.over(actual(Measure::Leads)).map(Fraction::to_decimal),
            pipeline_per_spend: actual(Measure::Pipeline).over(spend).map(Fraction::to_decimal),
            roi_percent: roi.map(Fraction::to_decimal),
        }
    }

    fn all_ratios(&self) -> (Ratios, Ratios) {
        let mdf = self.extra(Extra::Spend(FundingSource::Mdf));
        (self.ratios(self.sums(Measure::Spend).actual), self.ratios(mdf))
    }
}

/// Computes the report. The same plan and facts give the same report, in whatever order they come.
#[must_use]
pub fn report(plan: &PlanFigures) -> VarianceReport {
    let mut campaigns: Vec<&CampaignFigures> = plan.campaigns.iter().collect();
    campaigns.sort_by(|a, b| a.key.cmp(&b.key));
    let day = (plan.period, plan.as_of);
    let mut whole = Block::empty();
    let mut lines = Vec::with_capacity(campaigns.len());
    for campaign in campaigns {
        let block = Block::of(campaign, plan);
        whole.add(&block);
        let of_campaign = campaign_line(campaign, &block, plan);
        let short = (block.sums(Measure::Pipeline).variance(), block.sums(Measure::Leads).variance());
        lines.push((of_campaign, short));
    }
    // Worst first: overall status, then the worst single line, then the largest shortfall of pipeline, then of leads.
    lines.sort_by_key(|(line, short)| (Reverse(line.overall), Reverse(line.lines.worst()), *short));
    let plan_lines = whole.lines(day, &plan.thresholds);
    let (ratios, mdf_ratios) = whole.all_ratios();
    VarianceReport {
        as_of: plan.as_of,
        period: plan.period,
        progress: progress(plan.period, plan.as_of),
        overall: plan_lines.overall(),
        plan: plan_lines,
        beside: whole.beside(),
        ratios,
        mdf_ratios,
        campaigns: lines.into_iter().map(|(line, _)| line).collect(),
    }
}

fn campaign_line(campaign: &CampaignFigures, block: &Block, plan: &PlanFigures) -> CampaignLine {
    let lines = block.lines((plan.period, plan.as_of), &plan.thresholds);
    let (ratios, mdf_ratios) = block.all_ratios();
    let mut revisions: Vec<_> = campaign.revisions.iter().collect();
    revisions.sort_by_key(|r| r.revision);
    let in_force = revisions.iter().rev().find(|r| r.effective_from <= plan.as_of).or(revisions.first());
    CampaignLine {
        key: campaign.key.clone(),
        state: in_force.map_or(CampaignState::Postponed, |r| r.state),
        overall: lines.overall(),
        lines,
        beside: block.beside(),
        ratios,
        mdf_ratios,
    }
}

fn progress(period: Period, as_of: NaiveDate) -> PeriodProgress {
    let (day, days) = (period.elapsed(as_of), period.days());
    let percent = Fraction::new(day * 100, days).map_or(Decimal::ZERO, Fraction::to_decimal);
    PeriodProgress { day, days, percent }
}
