//! What holds for every plan.

use chrono::Days;
use proptest::prelude::*;
use tandem::domain::variance::{CampaignState, Measure, Planned, report, series};

use super::against_naive::{a_plan, origin, some_revisions};
use super::*;

/// Sums of figures with twelve decimals, each cut off.
fn near(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() <= Decimal::new(10, 12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_adjustment_changes_no_day_before_its_own(revisions in some_revisions()) {
        for (index, last) in revisions.iter().enumerate().skip(1) {
            for measure in Measure::ALL {
                let old = Planned::current(measure, &revisions[..index]);
                let new = Planned::current(measure, &revisions[..=index]);
                for today in origin().iter_days().take_while(|d| *d < last.effective_from) {
                    prop_assert_eq!(old.to_date(today), new.to_date(today));
                }
            }
        }
    }

    #[test]
    fn one_revision_plans_exactly_its_target_and_never_takes_back(revisions in some_revisions()) {
        for measure in Measure::ALL {
            let planned = Planned::current(measure, &revisions[..1]);
            prop_assert_eq!(planned.total(), planned.target().unwrap_or_default());
            let mut before = planned.to_date(origin());
            for today in origin().iter_days().take(500) {
                prop_assert!(planned.to_date(today) >= before);
                before = planned.to_date(today);
            }
        }
    }

    #[test]
    fn all_of_the_target_is_planned_or_released(plan in a_plan()) {
        let report = report(&plan);
        for campaign in &report.campaigns {
            for line in campaign.lines.iter() {
                let all = line.planned_by_end + line.planned_after + line.released;
                prop_assert!(near(all, line.target.unwrap_or_default()), "{line:?}");
            }
        }
        for (campaign, line) in plan.campaigns.iter().flat_map(|c| report.campaigns.iter().map(move |l| (c, l))) {
            let active = campaign.revisions.iter().all(|r| r.state == CampaignState::Active);
            if campaign.key == line.key && active {
                // Nothing is released by dates and targets alone, except results that a late cut left due.
                prop_assert_eq!(line.lines.spend.released, Decimal::ZERO);
                prop_assert!(line.lines.leads.released <= Decimal::ZERO);
            }
        }
    }

    #[test]
    fn the_plan_is_the_sum_of_its_campaigns(plan in a_plan()) {
        let report = report(&plan);
        for measure in Measure::ALL {
            let whole = report.plan.of(measure);
            let sum = |of: fn(&tandem::domain::variance::MeasureLine) -> Decimal| -> Decimal {
                report.campaigns.iter().map(|c| of(c.lines.of(measure))).sum()
            };
            prop_assert!(near(whole.planned_to_date, sum(|l| l.planned_to_date)));
            prop_assert!(near(whole.planned_by_end, sum(|l| l.planned_by_end)));
            prop_assert!(near(whole.actual, sum(|l| l.actual)));
            prop_assert!(near(whole.variance, sum(|l| l.variance)));
            prop_assert!(near(whole.forecast, sum(|l| l.forecast)));
            prop_assert!(near(whole.band.high, sum(|l| l.band.high)));
        }
        let by_source: Decimal = report.beside.spend_by_source.values().sum();
        prop_assert_eq!(by_source, report.plan.spend.actual);
    }

    #[test]
    fn once_everything_planned_is_past_the_forecast_is_what_came(mut plan in a_plan()) {
        plan.as_of = plan.period.end();
        let at_end = report(&plan);
        plan.as_of = plan.period.end() + Days::new(900);
        let long_after = report(&plan);
        for line in at_end.plan.iter().chain(long_after.plan.iter()) {
            prop_assert_eq!(line.forecast, line.actual);
            prop_assert_eq!((line.band.low, line.band.high), (line.actual, line.actual));
        }
    }

    #[test]
    fn the_order_of_facts_revisions_and_campaigns_does_not_matter(plan in a_plan(), seed in any::<u64>()) {
        let mut shuffled = plan.clone();
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % below.max(1)
        };
        for campaign in &mut shuffled.campaigns {
            let facts = &mut campaign.facts;
            for index in 0..facts.leads.len() {
                let other = next(facts.leads.len());
                facts.leads.swap(index, other);
            }
            for index in 0..facts.spend.len() {
                let other = next(facts.spend.len());
                facts.spend.swap(index, other);
            }
            facts.pipeline.reverse();
            campaign.revisions.reverse();
        }
        let turn = next(shuffled.campaigns.len());
        shuffled.campaigns.rotate_left(turn);
        prop_assert_eq!(report(&shuffled), report(&plan));
    }

    #[test]
    fn the_chart_shows_the_figures_of_the_report(plan in a_plan()) {
        let report = report(&plan);
        for measure in Measure::ALL {
            let points = series(&plan, measure);
            prop_assert_eq!(points[0].day, plan.period.start());
            let line = report.plan.of(measure);
            if let Some(point) = points.iter().find(|p| p.day == plan.as_of) {
                prop_assert_eq!(point.planned, line.planned_to_date);
                prop_assert_eq!(point.baseline, line.baseline.planned_to_date);
                prop_assert_eq!(point.actual, Some(line.actual));
            }
            let end = points.iter().find(|p| p.day == plan.period.end()).expect("it is in the series");
            prop_assert_eq!(end.planned, line.planned_by_end);
        }
    }
}
