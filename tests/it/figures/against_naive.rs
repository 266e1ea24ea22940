//! The product's figures against the naive ones, on random plans.

use chrono::Days;
use proptest::prelude::*;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::fraction::Fraction;
use tandem::domain::variance::{
    CampaignRevision, CampaignState, Entry, Facts, Measure, MeasureLine, Planned, SpendEntry, Targets, report,
};

use super::naive::{self, R};
use super::*;

/// Nothing in these plans happens before it.
pub fn origin() -> NaiveDate {
    day("2026-01-01")
}

fn after(days: u64) -> NaiveDate {
    origin() + Days::new(days)
}

prop_compose! {
    fn a_shape()(
        kind in prop::sample::select(CampaignType::ALL.to_vec()),
        start in 0_u64..90,
        length in 0_u64..40,
        sends in prop::collection::vec(0_u64..40, 0..4),
    ) -> CampaignShape {
        let sends = sends.into_iter().map(|s| after(start + s.min(length))).collect();
        let shape = CampaignShape::new(kind, after(start), after(start + length)).expect("in order");
        shape.with_sends(sends).expect("inside")
    }
}

prop_compose! {
    fn some_targets()(
        leads in 0_i64..200,
        pipeline in 0_i64..50_000,
        won in prop::option::of(0_i64..5_000),
        budget in prop::option::of(0_i64..5_000),
    ) -> Targets {
        Targets {
            leads: Some(Decimal::from(leads)),
            pipeline: Some(Decimal::new(pipeline * 50, 2)),
            won: won.map(Decimal::from),
            budget: budget.map(Decimal::from),
        }
    }
}

fn a_state() -> impl Strategy<Value = Option<(bool, u64)>> {
    prop_oneof![4 => Just(None), 1 => Just(Some((true, 0))), 1 => (0_u64..20).prop_map(|late| Some((false, late)))]
}

prop_compose! {
    /// One to three revisions; the second and third may move, stop or put off the campaign, or only change targets.
    pub fn some_revisions()(
        agreed in 0_u64..60,
        shapes in prop::collection::vec(a_shape(), 3),
        targets in prop::collection::vec(some_targets(), 3),
        keep in prop::collection::vec(any::<bool>(), 3),
        steps in prop::collection::vec((1_u64..70, a_state()), 0..3),
    ) -> Vec<CampaignRevision> {
        let mut out = vec![CampaignRevision {
            revision: 1,
            effective_from: after(agreed),
            shape: shapes[0].clone(),
            targets: targets[0],
            state: CampaignState::Active,
        }];
        for (index, (step, state)) in steps.into_iter().enumerate() {
            let last = &out[index];
            let from = last.effective_from + Days::new(step);
            let state = match state {
                None => CampaignState::Active,
                Some((true, _)) => CampaignState::Postponed,
                Some((false, late)) => CampaignState::Cancelled { from: from + Days::new(late) },
            };
            let shape = if keep[index] { last.shape.clone() } else { shapes[index + 1].clone() };
            out.push(CampaignRevision {
                revision: last.revision + 1,
                effective_from: from,
                shape,
                targets: targets[index + 1],
                state,
            });
        }
        out
    }
}

prop_compose! {
    fn some_facts()(
        leads in prop::collection::vec((0_u64..300, -3_i64..20), 0..12),
        pipeline in prop::collection::vec((0_u64..300, -100_000_i64..2_000_000), 0..8),
        won in prop::collection::vec((0_u64..300, 0_i64..200_000), 0..4),
        spend in prop::collection::vec((0_u64..300, -10_000_i64..200_000, 0_usize..4), 0..8),
    ) -> Facts {
        let entries = |list: Vec<(u64, i64)>, scale| {
            list.into_iter().map(|(on, n)| Entry { day: after(on), amount: Decimal::new(n, scale) }).collect()
        };
        let spend = spend.into_iter().map(|(on, n, source)| SpendEntry {
            day: after(on),
            amount: Decimal::new(n, 2),
            source: FundingSource::ALL[source],
        });
        Facts {
            leads: entries(leads, 0),
            pipeline: entries(pipeline, 2),
            won: entries(won, 2),
            spend: spend.collect(),
            ..Facts::default()
        }
    }
}

prop_compose! {
    pub fn a_plan()(
        campaigns in prop::collection::vec((some_revisions(), some_facts()), 1..4),
        as_of in 0_u64..330,
    ) -> PlanFigures {
        let campaigns = campaigns.into_iter().enumerate().map(|(index, (revisions, facts))| CampaignFigures {
            key: format!("CMP-{index}"),
            revisions,
            facts,
        });
        PlanFigures { as_of: after(as_of), ..plan(("2026-02-01", "2026-07-31"), "2026-02-01", campaigns.collect()) }
    }
}

fn same(fraction: Fraction, other: R) -> bool {
    R::new(fraction.numerator(), fraction.denominator()) == other
}

fn agree(line: &MeasureLine, naive: &naive::Line) -> Result<(), TestCaseError> {
    let variance = naive.actual.minus(naive.to_date);
    prop_assert_eq!(line.planned_by_end, naive.by_end.shown());
    prop_assert_eq!(line.planned_after, naive.after.shown());
    prop_assert_eq!(line.planned_to_date, naive.to_date.shown());
    prop_assert_eq!(line.actual, naive.actual.shown());
    prop_assert_eq!(line.variance, variance.shown());
    prop_assert_eq!(line.forecast, naive.forecast.shown());
    prop_assert_eq!(line.band.low, naive.low.shown());
    prop_assert_eq!(line.band.high, naive.high.shown());
    if naive.to_date != R::ZERO {
        let percent = variance.times(R::new(100, 1)).by(naive.to_date);
        prop_assert_eq!(line.variance_pct.percent(), Some(percent.shown()));
    }
    if line.measure != Measure::Spend {
        prop_assert_eq!(line.status, naive.results_status());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn planned_figures_agree_on_every_day(
        revisions in some_revisions(),
        measure in prop::sample::select(Measure::ALL.to_vec()),
    ) {
        let planned = Planned::current(measure, &revisions);
        let mut sum = R::ZERO;
        let mut first = None;
        for (today, increment) in naive::increments(measure, &revisions, origin()) {
            sum = sum.plus(increment);
            if increment != R::ZERO && first.is_none() {
                first = Some(today);
            }
            prop_assert!(same(planned.to_date(today), sum), "{} {:?} {:?}", today, planned.to_date(today), sum);
        }
        prop_assert!(same(planned.total(), sum));
        prop_assert_eq!(planned.first_day(), first);
    }

    #[test]
    fn reports_agree(plan in a_plan()) {
        let report = report(&plan);
        for measure in Measure::ALL {
            let mut whole: Option<naive::Line> = None;
            for campaign in &plan.campaigns {
                let line = naive::line(measure, campaign, &plan, origin());
                let shown = report.campaigns.iter().find(|c| c.key == campaign.key).expect("it is in the report");
                agree(shown.lines.of(measure), &line)?;
                whole = Some(whole.map_or(line, |sum| sum.plus(line)));
            }
            agree(report.plan.of(measure), &whole.expect("there are campaigns"))?;
        }
    }
}
