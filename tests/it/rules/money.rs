//! What an activity pays and asks for, and who has to agree: which rule wins, and that nobody agrees twice.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tandem::domain::absence::{Absence, Absences};
use tandem::domain::activity::{ActivityRule, ActivitySetting, Asked, Cap, Slot, TierRule};
use tandem::domain::actor::{Capability, Company, Limit, Person};
use tandem::domain::approval::{Approver, Chain, ChainRule, ChainStep, Chains, Progress};
use tandem::domain::business::{BusinessCalendar, WorkWeek};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::money::{Currency, Money};
use tandem::domain::rate::DatedRate;
use tandem::domain::refusal::{Code, Refusal};

fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, Currency::parse(code).unwrap()).unwrap()
}

fn eur(minor: i64) -> Money {
    money(minor, "EUR")
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn every_type_ships_with_evidence_in_every_slot() {
    for kind in CampaignType::ALL {
        let rule = ActivityRule::shipped(kind);
        assert_eq!((rule.share_percent.to_string().as_str(), rule.cap), ("50", None));
        assert_eq!((rule.notice_days, rule.claim_window_days, rule.pre_approval), (10, 60, true));
        assert!(!rule.eligible.is_empty());
        for slot in Slot::ALL {
            assert!(rule.asked(*slot).any(|asked| asked.required), "{kind:?} asks for {}", slot.label());
        }
        // What names people is never required by default, and never shown.
        let lists = rule.evidence.iter().filter(|asked| asked.what.ends_with("list"));
        assert!(lists.clone().all(|asked| asked.restricted && !asked.required), "{kind:?}");
        for asked in &rule.evidence {
            assert_eq!(Asked::parse(asked.slot, &asked.written()).as_ref(), Some(asked), "read back");
        }
    }
    assert!(ActivityRule::shipped(CampaignType::TradeShow).evidence.iter().any(|asked| asked.restricted));
}

#[test]
fn the_activity_wins_over_the_tier_and_the_tier_over_what_ships() {
    let tier = TierRule {
        tier: "gold".into(),
        share_percent: Some(60.into()),
        cap: Some(Cap::UpTo(eur(3_000_000))),
        pre_approval: Some(false),
    };
    let own = ActivitySetting {
        share_percent: Some(75.into()),
        evidence: BTreeMap::from([(Slot::Results, Vec::new())]),
        ..ActivitySetting::default()
    };
    let webinar = CampaignType::Webinar;
    let rule = ActivityRule::resolve(webinar, None, Some(&tier));
    assert_eq!((rule.share_percent, rule.cap, rule.pre_approval), (60.into(), Some(eur(3_000_000)), false));
    let rule = ActivityRule::resolve(webinar, Some(&own), Some(&tier));
    assert_eq!((rule.share_percent, rule.cap), (75.into(), Some(eur(3_000_000))));
    assert_eq!(rule.asked(Slot::Results).count(), 0, "an empty list asks for nothing");
    assert_eq!(rule.asked(Slot::Execution).count(), 2, "the other slots are as they ship");
    let free = ActivitySetting { cap: Some(Cap::Unlimited), pre_approval: Some(true), ..own };
    let rule = ActivityRule::resolve(webinar, Some(&free), Some(&tier));
    assert_eq!((rule.cap, rule.pre_approval), (None, true));
    assert_eq!(ActivityRule::resolve(webinar, None, None), ActivityRule::shipped(webinar));
}

#[test]
fn a_cap_in_another_currency_holds_at_a_rate_alone() {
    let rule = ActivityRule { cap: Some(eur(500_000)), ..ActivityRule::shipped(CampaignType::Webinar) };
    assert_eq!(rule.most(eur(600_000)), Ok(eur(300_000)));
    assert_eq!(rule.most(eur(2_000_000)), Ok(eur(500_000)));
    assert_eq!(
        rule.most(money(2_000_000, "USD")),
        Ok(money(1_000_000, "USD")),
        "without a rate nothing says how large it is: whoever decides is warned"
    );
    let rate = |from: &str, to: &str| DatedRate {
        from: Currency::parse(from).unwrap(),
        to: Currency::parse(to).unwrap(),
        rate: "1.25".parse().unwrap(),
        valid_from: day("2026-01-01"),
    };
    let there = rule.clone().with_cap_at(&rate("EUR", "USD")).unwrap();
    assert_eq!(there.most(money(2_000_000, "USD")), Ok(money(625_000, "USD")));
    assert_eq!(there.most(money(1_000_000, "USD")), Ok(money(500_000, "USD")));
    assert!(rule.clone().with_cap_at(&rate("GBP", "USD")).is_err(), "the rate of another currency");
    assert_eq!(rule.most(money(25, "JPY")), Ok(money(13, "JPY")));
    assert_eq!(rule.most(money(1_001, "KWD")), Ok(money(501, "KWD")));
}

#[test]
fn notice_is_counted_in_business_days() {
    let rule = ActivityRule::shipped(CampaignType::Webinar);
    let calendar = BusinessCalendar::plain(chrono_tz::Europe::Berlin);
    // Tuesday, 10 February: ten business days before is Tuesday, 27 January.
    let start = day("2026-02-10");
    assert_eq!(rule.file_by(start, &calendar), day("2026-01-27"));
    assert_eq!(rule.short_notice(day("2026-01-27"), start, &calendar), None);
    assert_eq!(rule.short_notice(day("2026-01-28"), start, &calendar), Some(9));
    assert_eq!(rule.claim_by(day("2026-02-10"), day("2026-01-20")), day("2026-04-11"));
    assert_eq!(rule.claim_by(day("2026-02-10"), day("2026-04-20")), day("2026-06-19"), "approved after it");
    let later = ActivityRule { pre_approval: false, ..rule };
    assert_eq!(later.short_notice(day("2026-02-09"), start, &calendar), None, "none is asked for");
}

/// Saturday, 14 February: who files on Friday, 30 January, gives ten business days, and so does who files on the Saturday or the
/// Sunday after it.
#[test]
fn the_last_day_to_file_for_a_closed_day_is_in_time() {
    let rule = ActivityRule::shipped(CampaignType::Webinar);
    let calendar = BusinessCalendar::plain(chrono_tz::Europe::Berlin);
    let start = day("2026-02-14");
    assert_eq!(rule.file_by(start, &calendar), day("2026-02-01"));
    assert_eq!(rule.short_notice(day("2026-02-01"), start, &calendar), None);
    assert_eq!(rule.short_notice(day("2026-02-02"), start, &calendar), Some(9));
}

proptest! {
    /// Who files on the last day in time is not warned, and who files a day later is.
    #[test]
    fn in_time_is_what_is_not_warned_of(
        week in 1_u8..128, off in prop::collection::vec(0_u64..60, 0..12), start in 0_u64..60, notice_days in 0_u32..25,
    ) {
        let begin = day("2026-01-01");
        let days = (0..7).filter(|bit| week & (1 << bit) != 0).map(|bit| chrono::Weekday::try_from(bit).unwrap());
        let calendar = BusinessCalendar {
            week: WorkWeek::new(days).unwrap(),
            holidays: off.into_iter().map(|after| begin + Days::new(after)).collect(),
            ..BusinessCalendar::plain(chrono_tz::Europe::Berlin)
        };
        let rule = ActivityRule { notice_days, ..ActivityRule::shipped(CampaignType::Webinar) };
        let start = begin + Days::new(start);
        let last = rule.file_by(start, &calendar);
        prop_assert!(last <= start);
        prop_assert_eq!(rule.short_notice(last, start, &calendar), None);
        if notice_days > 0 {
            prop_assert!(rule.short_notice(last + Days::new(1), start, &calendar).is_some());
        }
    }
}

#[test]
fn evidence_is_read_as_it_is_written() {
    let read =
        |text: &str| Asked::parse(Slot::Cost, text).map(|one| (one.what, one.required, one.restricted));
    assert_eq!(read("invoice"), Some(("invoice".into(), true, false)));
    assert_eq!(read(" photo (Optional) "), Some(("photo".into(), false, false)));
    assert_eq!(read("list (restricted, optional)"), Some(("list".into(), false, true)));
    assert_eq!(
        read("invoice (net)"),
        Some(("invoice (net)".into(), true, false)),
        "other brackets are words"
    );
    for wrong in ["", "   ", "(optional)", "two\nlines"] {
        assert_eq!(read(wrong), None, "{wrong:?}");
    }
    assert_eq!(read(&"x".repeat(121)), None);
    assert!(read(&"x".repeat(120)).is_some());
}

fn chain(roles: &[Option<&str>]) -> Vec<ChainStep> {
    roles.iter().map(|role| ChainStep { role_id: role.map(str::to_owned) }).collect()
}

#[test]
fn the_chain_is_that_of_the_highest_rule_which_the_amount_reaches() {
    let rules = [
        ChainRule { from: eur(1_000_000), steps: chain(&[None, None]) },
        ChainRule { from: eur(5_000_000), steps: chain(&[None, None, Some("9")]) },
    ];
    let steps = |amount| Chain::for_amount(&rules, amount).steps.len();
    assert_eq!(
        [eur(0), eur(999_999), eur(1_000_000), eur(4_999_999), eur(5_000_000)].map(steps),
        [1, 1, 2, 2, 3]
    );
    assert_eq!(steps(money(1, "USD")), 3, "nothing says how large it is");
    assert_eq!(Chain::for_amount(&[], eur(1)), Chain::default());
    let chains = Chains { auto_approve_under: Some(eur(50_000)), ..Chains::default() };
    assert!(chains.is_auto_approved(eur(49_999)));
    assert!(!chains.is_auto_approved(eur(50_000)) && !chains.is_auto_approved(money(1, "USD")));
    assert!(!Chains::default().is_auto_approved(eur(1)));
    assert_eq!((chains.remind_after_days(), chains.escalate_after_days), (2, 3));
}

fn person(id: &str) -> Person {
    Person {
        id: id.to_owned(),
        company: Company::Vendor,
        capabilities: BTreeMap::from([(Capability::ApproveMdf, Limit::Unlimited)]),
    }
}

fn now() -> DateTime<Utc> {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

fn away(person: &str, delegate: &str) -> Absence {
    Absence {
        person: person.to_owned(),
        company: Company::Vendor,
        roles: Vec::new(),
        delegate: delegate.to_owned(),
        until: now() + TimeDelta::days(1),
    }
}

fn takes(
    progress: Progress,
    chain: &Chain,
    who: (&str, Option<&str>),
    roles: &[&str],
    absences: &[Absence],
) -> Result<Progress, Refusal> {
    let (person, absences) = (person(who.0), Absences::at(absences, now()));
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    let by = Approver { person: &person, roles: &roles, stands_for: who.1, absences: &absences };
    progress.take(chain, &by, 7, now())
}

#[test]
fn nobody_takes_two_steps() {
    let two = Chain { steps: chain(&[None, None]) };
    let first = takes(Progress::new(7), &two, ("1", None), &[], &[]).unwrap();
    assert_eq!(first.next(&two), Some(1));
    let again = takes(first.clone(), &two, ("1", None), &[], &[]).unwrap_err();
    assert_eq!(again.code, Code::OwnRequest);
    assert_eq!(
        again.text(),
        "You have taken a step of this decision already. Somebody else has to take the next."
    );
    // 1 and 2 count as one for as long as one stands in for the other, whichever way.
    for pair in [away("1", "2"), away("2", "1")] {
        let refused = takes(first.clone(), &two, ("2", None), &[], &[pair]).unwrap_err();
        assert_eq!(refused.code, Code::OwnRequest);
    }
    let done = takes(first, &two, ("2", None), &[], &[]).unwrap();
    assert!(done.is_complete(&two));
    // What waits with all steps taken waits under a chain that was made shorter: one more person, and never one of them.
    assert_eq!(takes(done.clone(), &two, ("2", None), &[], &[]).unwrap_err().code, Code::OwnRequest);
    let last = takes(done, &two, ("3", None), &[], &[]).unwrap();
    assert!(last.is_complete(&two) && last.taken.len() == 3);
    // Who was stood in for has taken the step too, even when they are back.
    let for_three = takes(Progress::new(7), &two, ("1", Some("3")), &[], &[away("3", "1")]).unwrap();
    assert_eq!(takes(for_three, &two, ("3", None), &[], &[]).unwrap_err().code, Code::OwnRequest);
}

#[test]
fn a_step_is_taken_by_its_role_on_the_state_that_was_seen() {
    let finance = Chain { steps: chain(&[None, Some("4003")]) };
    let first = takes(Progress::new(7), &finance, ("1", None), &[], &[]).unwrap();
    let refused = takes(first.clone(), &finance, ("2", None), &["4001"], &[]).unwrap_err();
    assert_eq!(refused.code, Code::MissingCapability);
    assert_eq!(refused.text(), "Step 2 of 2 is for <@&4003>. Somebody with that role has to take it.");
    assert!(takes(first, &finance, ("2", None), &["4003"], &[]).unwrap().is_complete(&finance));
    let stale = takes(Progress::new(8), &finance, ("1", None), &[], &[]).unwrap_err();
    assert_eq!(stale.code, Code::Stale, "a change begins the chain anew");
}

proptest! {
    /// Whoever presses in whatever order, with whatever absences: a complete chain has as many different people as steps,
    /// none of whom stood in for another.
    #[test]
    fn a_complete_chain_has_different_people(
        steps in 1_usize..5,
        presses in proptest::collection::vec((0_u8..6, proptest::option::of(0_u8..6)), 0..30),
        absences in proptest::collection::btree_map(0_u8..6, 0_u8..6, 0..4),
    ) {
        let chain = Chain { steps: vec![ChainStep { role_id: None }; steps] };
        let absences: Vec<Absence> = absences.iter().filter(|(a, b)| a != b)
            .map(|(person, delegate)| away(&person.to_string(), &delegate.to_string())).collect();
        let mut progress = Progress::new(7);
        for (who, stands_for) in presses {
            // What is complete is decided: nobody presses it any more.
            if progress.is_complete(&chain) {
                break;
            }
            let (who, stands_for) = (who.to_string(), stands_for.map(|id| id.to_string()));
            if let Ok(next) = takes(progress.clone(), &chain, (&who, stands_for.as_deref()), &[], &absences) {
                progress = next;
            }
        }
        let taken = &progress.taken;
        prop_assert!(taken.len() <= steps);
        prop_assert_eq!(progress.is_complete(&chain), taken.len() == steps);
        for (index, one) in taken.iter().enumerate() {
            prop_assert_eq!(one.step, index, "in their order");
            for other in &taken[..index] {
                prop_assert!(one.person != other.person);
                prop_assert!(one.stands_for.is_none() || one.stands_for != other.stands_for);
                prop_assert!(one.stands_for.as_ref() != Some(&other.person));
                prop_assert!(other.stands_for.as_ref() != Some(&one.person));
                let pair = absences.iter().any(|absence| {
                    (absence.person == one.person && absence.delegate == other.person)
                        || (absence.person == other.person && absence.delegate == one.person)
                });
                prop_assert!(!pair, "one stands in for the other");
            }
        }
    }

    #[test]
    fn no_request_gets_more_than_its_share_and_its_cap(
        cost in 0_i64..1_000_000_000_000, share in 1_u32..=10_000, cap in proptest::option::of(1_i64..10_000_000_000),
        code in proptest::sample::select(vec!["EUR", "JPY", "KWD"]),
    ) {
        let rule = ActivityRule {
            share_percent: rust_decimal::Decimal::new(i64::from(share), 2),
            cap: cap.map(|cap| money(cap, code)),
            ..ActivityRule::shipped(CampaignType::Other)
        };
        let most = rule.most(money(cost, code)).unwrap();
        prop_assert!(most.minor() <= cost && !most.is_negative());
        prop_assert!(cap.is_none_or(|cap| most.minor() <= cap));
        // Exact to half a minor unit, whatever the currency's exponent.
        let exact = i128::from(cost) * i128::from(share);
        let off = i128::from(most.minor()) * 10_000 - exact;
        prop_assert!(cap.is_some_and(|cap| most.minor() == cap) || off.abs() <= 5_000);
    }
}
