//! Budget lines whatever is done to them: the shares of a line add up to it to the last minor unit, and what is signed
//! depends on what the plan says, not on how or in which order it was loaded.

use crate::report::ground::{a_campaign, a_plan};
use proptest::prelude::*;
use tandem::domain::campaign::BudgetLine;
use tandem::domain::campaign::budget::{LineEdit, SharesSaid};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::canonical::{canonical, sha256};
use tandem::domain::capacity::Efforts;
use tandem::domain::money::{Currency, Money};
use tandem::domain::plan::terms::Terms;

fn share() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        3 => Just(None),
        3 => (0_u32..=10_000).prop_map(|hundredths| Some(format!("{}.{:02}%", hundredths / 100, hundredths % 100))),
        2 => (0_u32..3_000).prop_map(|amount| Some(amount.to_string())),
        1 => Just(Some("-".to_owned())),
        1 => Just(Some("33.3333%".to_owned())),
    ]
}

fn shares() -> impl Strategy<Value = SharesSaid> {
    (share(), share(), share(), share()).prop_map(|(mdf, co_op, vendor, partner)| SharesSaid {
        mdf,
        co_op,
        vendor,
        partner,
    })
}

/// Any edit of a budget line, many of which are refused.
pub fn edit() -> impl Strategy<Value = LineEdit> {
    let what = prop_oneof![Just("Venue"), Just("Ads"), Just("Speaker"), Just("")];
    let what = what.prop_map(str::to_owned);
    let planned = (0_u32..20_000).prop_map(|amount| amount.to_string());
    let line = (1_usize..4).prop_map(|number| number.to_string());
    prop_oneof![
        3 => (what.clone(), planned.clone(), shares())
            .prop_map(|(what, planned, shares)| LineEdit::Add { what, planned, shares }),
        4 => (line.clone(), proptest::option::of(what), proptest::option::of(planned), shares())
            .prop_map(|(line, what, planned, shares)| LineEdit::Change { line, what, planned, shares }),
        1 => line.prop_map(|line| LineEdit::Remove { line }),
    ]
}

/// Currencies of no, two and three decimals.
pub fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("JPY"), Just("USD"), Just("KWD")].prop_map(|code| Currency::parse(code).unwrap())
}

/// Shares are positive and add up to their line, each source and each name is there once.
pub fn add_up(lines: &[BudgetLine]) -> Result<(), TestCaseError> {
    for line in lines {
        let sum = Money::sum(line.planned.currency(), line.shares.iter().map(|(_, share)| *share));
        prop_assert_eq!(sum, Ok(line.planned), "{:?}", line);
        prop_assert!(line.shares.iter().all(|(_, share)| share.minor() > 0), "{:?}", line);
        let mut sources: Vec<_> = line.shares.iter().map(|(source, _)| *source).collect();
        sources.sort_unstable();
        sources.dedup();
        prop_assert_eq!(sources.len(), line.shares.len(), "each source once");
    }
    let mut names: Vec<String> = lines.iter().map(|line| line.what.to_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    prop_assert_eq!(names.len(), lines.len(), "each name once");
    Ok(())
}

proptest! {
    #[test]
    fn after_any_edits_the_shares_add_up_to_the_line(
        currency in currency(),
        edits in proptest::collection::vec(edit(), 1..25),
    ) {
        let mut lines = Vec::new();
        for edit in &edits {
            let mut changed = lines.clone();
            // A refused edit is thrown away whole, as the transaction around it is.
            if edit.apply(&mut changed, currency).is_ok() {
                lines = changed;
            }
            add_up(&lines)?;
        }
    }

    #[test]
    fn what_is_signed_does_not_depend_on_the_order_of_loading(
        edits in proptest::collection::vec(edit(), 1..12),
        turned in any::<bool>(),
    ) {
        let mut plan = a_plan();
        let mut campaigns: Vec<_> = (1..4)
            .map(|number| a_campaign(number, "Ads", CampaignType::PaidSearch, "2026-01-01", "2026-03-31"))
            .collect();
        plan.currency = campaigns[0].target_pipeline.currency();
        for (index, edit) in edits.iter().enumerate() {
            let campaign = &mut campaigns[index % 3];
            let mut changed = campaign.budget.clone();
            if edit.apply(&mut changed, plan.currency).is_ok() {
                campaign.budget = changed;
            }
        }
        let terms = |campaigns| Terms { plan: plan.clone(), campaigns, tasks: Vec::new(), promises: Vec::new(), rates: Vec::new(), efforts: Efforts::default() };
        let signed = terms(campaigns.clone());
        let text = signed.canonical();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(sha256(&canonical(&read)), signed.sha256(), "read back and written again");
        campaigns.reverse();
        for campaign in &mut campaigns {
            if turned {
                campaign.budget.reverse();
            } else {
                let by = usize::from(!campaign.budget.is_empty());
                campaign.budget.rotate_left(by);
            }
            campaign.budget.iter_mut().for_each(|line| line.shares.reverse());
        }
        prop_assert_eq!(terms(campaigns).sha256(), signed.sha256());
    }
}

fn said(mdf: &str, partner: Option<&str>) -> SharesSaid {
    SharesSaid { mdf: Some(mdf.to_owned()), partner: partner.map(str::to_owned), ..SharesSaid::default() }
}

#[test]
fn percentages_are_split_by_largest_remainder() {
    let yen = |minor| Money::from_minor(minor, Currency::parse("JPY").unwrap()).unwrap();
    let thirds =
        SharesSaid { mdf: Some("33.3333%".into()), co_op: Some("33.3333%".into()), ..SharesSaid::default() };
    let amounts: Vec<i64> = thirds.of(yen(100)).unwrap().iter().map(|(_, share)| share.minor()).collect();
    assert_eq!(amounts, [33, 33, 34]);
    let half = said("50%", None).of(yen(101)).unwrap();
    assert_eq!(half.iter().map(|(_, share)| share.minor()).collect::<Vec<_>>(), [51, 50]);
}

#[test]
fn shares_that_do_not_fit_the_line_are_refused_with_the_difference() {
    let line = Money::from_minor(10_000, Currency::parse("USD").unwrap()).unwrap();
    let refused = |shares: SharesSaid| shares.of(line).unwrap_err().text();
    assert_eq!(
        refused(said("120", None)),
        "The shares come to USD 20.00 more than the line's USD 100.00. Give at most the line."
    );
    assert_eq!(
        refused(said("50", Some("30"))),
        "The shares leave USD 20.00 of the line's USD 100.00. Shares must add up to the line. Leave the partner's out, and it gets what is left."
    );
    assert_eq!(
        refused(said("70%", Some("40%"))),
        "The shares come to more than 100 %. Give at most the line."
    );
    assert_eq!(
        refused(said("half%", None)),
        "\"half%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."
    );
}

#[test]
fn another_amount_keeps_the_proportions_of_the_shares() {
    let currency = Currency::parse("KWD").unwrap();
    let mut lines = Vec::new();
    let add = LineEdit::Add { what: "Venue".into(), planned: "1000".into(), shares: said("40%", None) };
    add.apply(&mut lines, currency).unwrap();
    let change = LineEdit::Change {
        line: "venue".into(),
        what: None,
        planned: Some("KWD 500.001".into()),
        shares: SharesSaid::default(),
    };
    change.apply(&mut lines, currency).unwrap();
    let shares: Vec<i64> = lines[0].shares.iter().map(|(_, share)| share.minor()).collect();
    assert_eq!(shares, [200_000, 300_001]);
}
