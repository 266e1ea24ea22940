//! Shares and sums are exact to the minor unit in a currency of no decimals, of two and of three: each is compared with
//! whole numbers, computed another way.

use super::{cur, dec};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use tandem::domain::activity::ActivityRule;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::claim::{Line, payable};
use tandem::domain::fund::accrual::accrued;
use tandem::domain::fund::carry::{Carry, CarryMost, CarryTo};
use tandem::domain::money::{Currency, Money};
use tandem::domain::rate::DatedRate;

/// The most that one request, or one line of a claim, may name.
const MOST: i64 = 1_000_000_000_000;

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["JPY", "USD", "KWD"]).prop_map(cur)
}

/// Percentages with up to two decimals, in hundredths: 1 is 0.01 %, 10,000 is 100 %.
fn share() -> impl Strategy<Value = i64> {
    prop_oneof![1..=10_000_i64, prop::sample::select(vec![10_000, 5_000, 3_333, 3_330, 6_667, 1])]
}

fn money(minor: i64, currency: Currency) -> Money {
    Money::from_minor(minor, currency).unwrap()
}

fn percent(hundredths: i64) -> Decimal {
    Decimal::new(hundredths, 2)
}

/// `minor × hundredths ÷ 10,000`, to the nearest whole, half away from zero.
fn nearest(minor: i64, hundredths: i64) -> i64 {
    let exact = i128::from(minor) * i128::from(hundredths);
    let half = 5_000 * exact.signum();
    i64::try_from((exact + half) / 10_000).unwrap()
}

fn line(claimed: Money, accepted: Option<i64>) -> Line {
    Line {
        id: String::new(),
        position: 1,
        what: "Stand".to_owned(),
        supplier: "Fairs".to_owned(),
        invoice_number: "1".to_owned(),
        invoice_date: NaiveDate::MIN,
        net: claimed,
        tax: Money::zero(claimed.currency()),
        rate: None,
        claimed,
        accepted: accepted.map(|minor| money(minor, claimed.currency())),
        reason: None,
        log_entry_id: None,
        rest_entry_id: None,
    }
}

/// By largest remainder, one minor unit after the other: each goes to the part that is furthest below its share.
fn split_one_by_one(minor: i64, weights: &[u64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let exact = |weight: u64| i128::from(minor) * i128::from(weight);
    let mut parts: Vec<i128> = weights.iter().map(|weight| exact(*weight) / total).collect();
    let mut raised = vec![false; weights.len()];
    while parts.iter().sum::<i128>() < i128::from(minor) {
        let lacks = |index: usize| exact(weights[index]) - parts[index] * total;
        let open = (0..weights.len()).filter(|index| !raised[*index]);
        let next = open.max_by_key(|index| (lacks(*index), std::cmp::Reverse(*index))).unwrap();
        (parts[next], raised[next]) = (parts[next] + 1, true);
    }
    parts.into_iter().map(|part| i64::try_from(part).unwrap()).collect()
}

proptest! {
    #[test]
    fn a_request_gets_its_share_of_the_cost_to_the_minor_unit(
        cost in 1..=MOST, share in share(), currency in currency(),
    ) {
        let rule = ActivityRule {
            share_percent: percent(share), cap: None, ..ActivityRule::shipped(CampaignType::Webinar)
        };
        let most = rule.most(money(cost, currency)).unwrap();
        prop_assert_eq!(most.minor(), nearest(cost, share));
        // Never more than half a minor unit off, and never more than the cost.
        let off = i128::from(most.minor()) * 10_000 - i128::from(cost) * i128::from(share);
        prop_assert!(off.abs() <= 5_000);
        prop_assert!(most.minor() <= cost);
    }

    #[test]
    fn a_cap_holds_in_its_own_currency_alone(cost in 1..=MOST, cap in 1..=MOST, share in share(), currency in currency()) {
        let capped = |cap: Money| ActivityRule {
            share_percent: percent(share), cap: Some(cap), ..ActivityRule::shipped(CampaignType::Webinar)
        };
        let cost = money(cost, currency);
        let own = capped(money(cap, currency)).most(cost).unwrap();
        prop_assert_eq!(own.minor(), nearest(cost.minor(), share).min(cap));
        let other = capped(money(1, cur("EUR"))).most(cost).unwrap();
        prop_assert_eq!(other.minor(), nearest(cost.minor(), share));
    }

    #[test]
    fn a_claim_pays_its_accepted_lines_at_the_share_and_at_most_what_is_left(
        lines in prop::collection::vec((1..=MOST, prop::option::of(0..=100_i64)), 1..=25),
        share in share(), left in 0..=MOST, currency in currency(),
    ) {
        let accepted = |(claimed, part): &(i64, Option<i64>)| part.map(|part| claimed / 100 * part);
        let all: Vec<Line> = lines.iter().map(|one| line(money(one.0, currency), accepted(one))).collect();
        let counts: i64 = lines.iter().map(|one| accepted(one).unwrap_or(one.0)).sum();
        let pays = payable(&all, percent(share), money(left, currency)).unwrap();
        prop_assert_eq!(pays.minor(), nearest(counts, share).min(left));
        // One invoice or many: it is rounded once, on their sum.
        let whole = [line(money(counts.max(1), currency), Some(counts))];
        prop_assert_eq!(payable(&whole, percent(share), money(left, currency)).unwrap(), pays);
    }

    #[test]
    fn claims_one_after_the_other_never_take_more_than_was_approved(
        approved in 1..=MOST, share in share(), currency in currency(),
        costs in prop::collection::vec(1..=MOST, 1..=12),
    ) {
        let (mut left, mut taken) = (money(approved, currency), Money::zero(currency));
        for cost in &costs {
            let pays = payable(&[line(money(*cost, currency), None)], percent(share), left).unwrap();
            (left, taken) = (left.checked_sub(pays).unwrap(), taken.checked_add(pays).unwrap());
            prop_assert!(!left.is_negative());
            prop_assert_eq!(taken.checked_add(left).unwrap().minor(), approved);
        }
        let worth: i128 = costs.iter().map(|cost| i128::from(nearest(*cost, share))).sum();
        prop_assert_eq!(i128::from(taken.minor()), worth.min(i128::from(approved)));
    }

    #[test]
    fn splits_go_by_largest_remainder_to_the_last_minor_unit(
        minor in 0..=MOST, weights in prop::collection::vec(0..=10_000_u64, 1..=8), currency in currency(),
    ) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let parts: Vec<i64> =
            money(minor, currency).split(&weights).unwrap().iter().map(|part| part.minor()).collect();
        prop_assert_eq!(parts.iter().sum::<i64>(), minor);
        prop_assert_eq!(parts, split_one_by_one(minor, &weights));
    }

    #[test]
    fn shares_of_a_budget_line_add_up_to_it(minor in 1..=MOST, mdf in 0..=10_000_i64, currency in currency()) {
        let parts = money(minor, currency).split_by(&[percent(mdf), percent(10_000 - mdf)]).unwrap();
        prop_assert_eq!(parts[0].checked_add(parts[1]).unwrap().minor(), minor);
        prop_assert!((i128::from(parts[0].minor()) * 10_000 - i128::from(minor) * i128::from(mdf)).abs() <= 5_000);
    }

    #[test]
    fn sales_accrue_to_the_minor_unit_and_a_correction_takes_back_as_much(
        sales in 1..=MOST, rate in share(), currency in currency(),
    ) {
        let earned = accrued(money(sales, currency), percent(rate)).unwrap();
        prop_assert_eq!(earned.minor(), nearest(sales, rate));
        let back = accrued(money(-sales, currency), percent(rate)).unwrap();
        prop_assert!(earned.checked_add(back).unwrap().is_zero());
    }

    #[test]
    fn what_goes_from_one_currency_to_another_is_the_nearest_minor_unit(
        minor in 1..=10_000_000_000_i64, mantissa in 1..=2_000_000_000_i64, places in 0..=10_u32,
        from in currency(), to in currency(),
    ) {
        let rate = Decimal::new(mantissa, places);
        let dated = DatedRate { from, to, rate, valid_from: NaiveDate::MIN };
        // minor ÷ 10^from × mantissa ÷ 10^places × 10^to, in whole numbers.
        let above = i128::from(minor) * i128::from(mantissa) * 10_i128.pow(to.exponent());
        let below = 10_i128.pow(from.exponent() + places);
        let expected = (2 * above + below) / (2 * below);
        match dated.convert(money(minor, from)) {
            Ok(converted) => prop_assert_eq!(i128::from(converted.minor()), expected),
            Err(_) => prop_assert!(expected > i128::from(tandem::domain::money::MAX_MINOR)),
        }
    }

    #[test]
    fn what_is_carried_over_and_what_is_forfeited_are_the_rest(
        rest in 0..=MOST, most in 0..=10_000_i64, fixed in 0..=MOST, currency in currency(),
    ) {
        let rest = money(rest, currency);
        let carried = |most| Carry { to: CarryTo::NextPeriod, most }.of(rest).minor();
        let down = i64::try_from(i128::from(rest.minor()) * i128::from(most) / 10_000).unwrap();
        prop_assert_eq!(carried(CarryMost::Percent(percent(most))), down);
        prop_assert_eq!(carried(CarryMost::Minor(fixed)), fixed.min(rest.minor()));
        prop_assert_eq!(carried(CarryMost::All), rest.minor());
    }
}

#[test]
fn the_same_share_in_three_currencies() {
    for (text, code, expected) in [("1001", "JPY", 501), ("10.01", "USD", 501), ("1.001", "KWD", 501)] {
        let cost = Money::from_decimal(dec(text), cur(code)).unwrap();
        assert_eq!(cost.share_percent(dec("50")).unwrap().minor(), expected, "{code}");
    }
}
