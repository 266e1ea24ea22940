//! When the leads, pipeline, won revenue and spend of each type are planned, day by day at the edges.

use proptest::prelude::*;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::curve::{
    CampaignShape, Curve, CurveKind, CurveOverrides, Measure, MonthlyWeights, ShapeError,
};
use tandem::domain::fraction::Fraction;

use super::*;

fn of(num: i64, den: i64) -> Fraction {
    Fraction::new(num, den).expect("not over zero")
}

/// A day, and the share planned by its end as numerator and denominator.
type Point = (&'static str, i64, i64);

fn check(curve: &Curve, points: &[Point]) {
    for (on, num, den) in points {
        assert_eq!(curve.cumulative(day(on)), of(*num, *den), "{on}");
    }
}

#[test]
fn always_on_types_come_in_evenly() {
    for kind in CampaignType::ALL.into_iter().filter(|k| k.is_always_on()) {
        let curve = Curve::leads(&shape(kind, "2026-04-01", "2026-04-10"));
        check(
            &curve,
            &[("2026-03-31", 0, 1), ("2026-04-01", 1, 10), ("2026-04-09", 9, 10), ("2026-04-10", 1, 1)],
        );
        assert_eq!((curve.first_day(), curve.last_day()), (day("2026-04-01"), day("2026-04-10")));
    }
}

#[test]
fn events_come_in_from_two_days_after_their_end() {
    for kind in [CampaignType::Webinar, CampaignType::InPersonEvent] {
        let curve = Curve::leads(&shape(kind, "2026-04-01", "2026-04-02"));
        check(
            &curve,
            &[
                ("2026-04-02", 0, 1),
                ("2026-04-03", 0, 1),
                ("2026-04-04", 1, 2),
                ("2026-04-05", 15, 28),
                ("2026-04-17", 27, 28),
                ("2026-04-18", 1, 1),
            ],
        );
        assert_eq!((curve.first_day(), curve.last_day()), (day("2026-04-04"), day("2026-04-18")));
    }
}

#[test]
fn a_trade_show_brings_half_while_it_lasts() {
    let curve = Curve::leads(&shape(CampaignType::TradeShow, "2026-04-01", "2026-04-03"));
    check(
        &curve,
        &[
            ("2026-03-31", 0, 1),
            ("2026-04-01", 1, 6),
            ("2026-04-03", 1, 2),
            ("2026-04-04", 15, 28),
            ("2026-04-16", 27, 28),
            ("2026-04-17", 1, 1),
        ],
    );
}

#[test]
fn sends_share_equally_and_trail_for_14_days() {
    let sends = vec![day("2026-04-30"), day("2026-04-01")];
    for (kind, delay) in
        [(CampaignType::Email, 1), (CampaignType::PartnerNewsletter, 1), (CampaignType::DirectMail, 5)]
    {
        let shape = shape(kind, "2026-04-01", "2026-04-30").with_sends(sends.clone()).expect("inside");
        let curve = Curve::leads(&shape);
        let after = |send: &str, days: u64| day(send) + chrono::Days::new(days);
        assert_eq!(curve.cumulative(after("2026-04-01", delay - 1)), Fraction::ZERO);
        assert_eq!(curve.cumulative(after("2026-04-01", delay)), of(1, 28));
        assert_eq!(curve.cumulative(after("2026-04-01", delay + 13)), of(1, 2));
        assert_eq!(curve.cumulative(after("2026-04-30", delay - 1)), of(1, 2));
        assert_eq!(curve.cumulative(after("2026-04-30", delay + 12)), of(27, 28));
        assert_eq!(curve.cumulative(after("2026-04-30", delay + 13)), Fraction::ONE);
        assert_eq!(curve.last_day(), after("2026-04-30", delay + 13));
    }
}

#[test]
fn without_send_dates_the_start_is_the_send() {
    let curve = Curve::leads(&shape(CampaignType::Email, "2026-04-01", "2026-04-30"));
    check(&curve, &[("2026-04-01", 0, 1), ("2026-04-02", 1, 14), ("2026-04-15", 1, 1)]);
}

#[test]
fn a_campaign_of_one_day() {
    let one = |kind| Curve::leads(&shape(kind, "2026-04-01", "2026-04-01"));
    check(&one(CampaignType::Display), &[("2026-03-31", 0, 1), ("2026-04-01", 1, 1)]);
    check(&one(CampaignType::Webinar), &[("2026-04-02", 0, 1), ("2026-04-03", 1, 2), ("2026-04-17", 1, 1)]);
    check(&one(CampaignType::TradeShow), &[("2026-04-01", 1, 2), ("2026-04-15", 1, 1)]);
}

#[test]
fn pipeline_and_won_follow_later_and_spend_goes_by_type() {
    let webinar = shape(CampaignType::Webinar, "2026-04-01", "2026-04-02");
    check(&Curve::pipeline(&webinar), &[("2026-05-03", 0, 1), ("2026-05-04", 1, 2), ("2026-05-18", 1, 1)]);
    check(&Curve::won(&webinar), &[("2026-07-02", 0, 1), ("2026-07-03", 1, 2), ("2026-07-17", 1, 1)]);
    check(&Curve::spend(&webinar), &[("2026-03-31", 0, 1), ("2026-04-01", 1, 1)]);
    let search = shape(CampaignType::PaidSearch, "2026-04-01", "2026-04-10");
    check(&Curve::spend(&search), &[("2026-04-01", 1, 10), ("2026-04-10", 1, 1)]);
}

#[test]
fn curve_lag_and_tail_can_be_set() {
    let overrides = CurveOverrides {
        leads: Some(CurveKind::TradeShow),
        spend: Some(CurveKind::Even),
        pipeline_lag_days: Some(0),
        won_lag_days: Some(10),
        tail_days: Some(2),
    };
    let set = set(shape(CampaignType::Webinar, "2026-04-01", "2026-04-02"), overrides);
    let points = [("2026-04-01", 1, 4), ("2026-04-02", 1, 2), ("2026-04-03", 3, 4), ("2026-04-04", 1, 1)];
    check(&Curve::leads(&set), &points);
    check(&Curve::pipeline(&set), &points);
    check(&Curve::won(&set), &[("2026-04-11", 1, 4), ("2026-04-14", 1, 1)]);
    check(&Curve::spend(&set), &[("2026-04-01", 1, 2), ("2026-04-02", 1, 1)]);
    let no_tail = CurveOverrides { tail_days: Some(0), ..CurveOverrides::default() };
    let cases: [(CampaignType, &[Point]); 3] = [
        (CampaignType::Webinar, &[("2026-04-03", 0, 1), ("2026-04-04", 1, 1)]),
        (CampaignType::TradeShow, &[("2026-04-01", 1, 2), ("2026-04-02", 1, 1)]),
        (CampaignType::Email, &[("2026-04-01", 0, 1), ("2026-04-02", 1, 1)]),
    ];
    for (kind, points) in cases {
        let bare = super::set(shape(kind, "2026-04-01", "2026-04-02"), no_tail.clone());
        check(&Curve::leads(&bare), points);
    }
}

fn monthly(weights: &[(&str, &str)]) -> Result<MonthlyWeights, ShapeError> {
    MonthlyWeights::new(weights.iter().map(|(month, percent)| (day(month), dec(percent))))
}

#[test]
fn monthly_weights_are_even_within_the_days_of_the_month_inside_the_campaign() {
    let weights = monthly(&[("2026-04-01", "25"), ("2026-05-01", "75")]).expect("they add up");
    let overrides = CurveOverrides { leads: Some(CurveKind::Monthly(weights)), ..CurveOverrides::default() };
    let set = set(shape(CampaignType::Other, "2026-04-21", "2026-06-05"), overrides);
    let curve = Curve::leads(&set);
    check(
        &curve,
        &[
            ("2026-04-20", 0, 1),
            ("2026-04-21", 1, 40),
            ("2026-04-30", 1, 4),
            ("2026-05-01", 34, 124),
            ("2026-05-31", 1, 1),
            ("2026-06-05", 1, 1),
        ],
    );
    // Agreed in May: April's share is gone, and May carries everything.
    let late = Curve::leads(&set.agreed_on(day("2026-05-22")));
    check(&late, &[("2026-05-21", 0, 1), ("2026-05-22", 1, 10), ("2026-05-31", 1, 1)]);
    // Agreed in June, which had no weight: evenly over what is left.
    let later = Curve::leads(&set.agreed_on(day("2026-06-04")));
    check(&later, &[("2026-06-03", 0, 1), ("2026-06-04", 1, 2), ("2026-06-05", 1, 1)]);
}

#[test]
fn agreed_after_the_start_the_curve_runs_from_the_day_of_agreement() {
    let agreed = |kind, on: &str| {
        let laid = shape(kind, "2026-04-01", "2026-04-10").agreed_on(day(on));
        Curve::leads(&laid)
    };
    let even = agreed(CampaignType::PaidSearch, "2026-04-06");
    check(&even, &[("2026-04-05", 0, 1), ("2026-04-06", 1, 5), ("2026-04-10", 1, 1)]);
    assert_eq!(
        agreed(CampaignType::PaidSearch, "2026-03-20"),
        Curve::leads(&shape(CampaignType::PaidSearch, "2026-04-01", "2026-04-10"))
    );
    let over = agreed(CampaignType::PaidSearch, "2026-05-06");
    check(&over, &[("2026-05-05", 0, 1), ("2026-05-06", 1, 1)]);
    let webinar = agreed(CampaignType::Webinar, "2026-05-06");
    check(&webinar, &[("2026-05-07", 0, 1), ("2026-05-08", 1, 2), ("2026-05-22", 1, 1)]);
    let mail = agreed(CampaignType::Email, "2026-04-06");
    check(&mail, &[("2026-04-06", 0, 1), ("2026-04-07", 1, 14), ("2026-04-20", 1, 1)]);
}

#[test]
fn impossible_shapes_are_refused_with_a_sentence() {
    let refused = |result: Result<CampaignShape, ShapeError>| result.expect_err("refused").to_string();
    let april = || shape(CampaignType::Email, "2026-04-01", "2026-04-30");
    assert_eq!(
        refused(CampaignShape::new(CampaignType::Email, day("2026-04-02"), day("2026-04-01"))),
        "The campaign ends on 2026-04-01, before it starts on 2026-04-02."
    );
    assert_eq!(
        refused(CampaignShape::new(CampaignType::Email, day("2026-04-01"), day("2028-04-01"))),
        "A campaign can't be longer than 2 years. Split it."
    );
    assert_eq!(
        refused(april().with_sends(vec![day("2026-05-01")])),
        "The send on 2026-05-01 is outside the campaign (2026-04-01 to 2026-04-30)."
    );
    assert_eq!(april().with_sends(vec![day("2026-04-01"); 101]), Err(ShapeError::TooManySends));
    let overrides = |overrides| april().with_overrides(overrides);
    let none = CurveOverrides::default;
    assert_eq!(overrides(CurveOverrides { tail_days: Some(181), ..none() }), Err(ShapeError::TailTooLong));
    assert_eq!(overrides(CurveOverrides { won_lag_days: Some(731), ..none() }), Err(ShapeError::LagTooLong));
    assert_eq!(
        monthly(&[("2026-04-01", "99.9")]).expect_err("not 100").to_string(),
        "The monthly weights add up to 99.9 %. They have to add up to 100 %."
    );
    assert_eq!(
        monthly(&[("2026-04-01", "-1"), ("2026-05-01", "101")]).expect_err("negative").to_string(),
        "The weight of April 2026 can't be negative."
    );
    let may = monthly(&[("2026-05-01", "100")]).expect("they add up");
    assert_eq!(
        refused(overrides(CurveOverrides { leads: Some(CurveKind::Monthly(may)), ..none() })),
        "May 2026 has a weight, but the campaign runs from 2026-04-01 to 2026-04-30."
    );
}

proptest! {
    #[test]
    fn every_curve_rises_from_nothing_to_the_whole(
        kind in prop::sample::select(CampaignType::ALL.to_vec()),
        start in 0_u64..400,
        length in 0_u64..120,
        sends in prop::collection::vec(0_u64..120, 0..5),
        agreed in 0_u64..600,
        tail in prop::option::of(0_u16..40),
        measure in prop::sample::select(Measure::ALL.to_vec()),
    ) {
        let origin = day("2026-01-01");
        let start = origin + chrono::Days::new(start);
        let sends = sends.into_iter().map(|s| start + chrono::Days::new(s.min(length))).collect();
        let shape = CampaignShape::new(kind, start, start + chrono::Days::new(length)).expect("in order")
            .with_sends(sends).expect("inside")
            .with_overrides(CurveOverrides { tail_days: tail, ..CurveOverrides::default() }).expect("short")
            .agreed_on(origin + chrono::Days::new(agreed));
        let curve = Curve::of(measure, &shape);
        let mut sum = Fraction::ZERO;
        for today in origin.iter_days().take(1000) {
            let increment = curve.increment(today);
            prop_assert!(!increment.is_negative());
            prop_assert!(today >= curve.first_day() && today <= curve.last_day() || increment.is_zero());
            sum = sum + increment;
            prop_assert_eq!(sum, curve.cumulative(today));
        }
        prop_assert_eq!(sum, Fraction::ONE);
        prop_assert!(!curve.increment(curve.first_day()).is_zero());
        prop_assert!(!curve.increment(curve.last_day()).is_zero());
    }
}
