//! Rules that money follows: what is written is read back, and what is declared is not changed from chat.

use super::{Ground, contracts, eur};
use chrono::{NaiveDate, Weekday};
use std::collections::BTreeMap;
use tandem::domain::activity::{ActivitySetting, Asked, Cap, Slot, TierRule};
use tandem::domain::actor::Company;
use tandem::domain::approval::{ChainRule, ChainStep};
use tandem::domain::business::{DigestTime, QuietHours, WorkWeek};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::rulebook::{Decided, Kept, Rule};
use tandem::store::{program, rules, setup};
use tandem::{in_read, in_tx};

contracts!(every_rule_is_read_back, what_is_declared_is_not_changed_from_chat);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// One of each kind, with everything said.
fn all(acme: &str) -> Vec<Rule> {
    let zone = chrono_tz::Europe::Berlin;
    let setting = ActivitySetting {
        share_percent: Some("33.33".parse().unwrap()),
        cap: Some(Cap::UpTo(eur(2_000_000))),
        notice_days: Some(5),
        claim_window_days: Some(45),
        eligible: Some(vec!["venue".into(), "\"quoted\"".into()]),
        pre_approval: Some(false),
        evidence: BTreeMap::from([
            (Slot::Cost, Vec::new()),
            (Slot::Results, vec![Asked::parse(Slot::Results, "list (optional, restricted)").unwrap()]),
        ]),
    };
    let steps = vec![ChainStep { role_id: None }, ChainStep { role_id: Some("4003".into()) }];
    vec![
        Rule::Activity(CampaignType::TradeShow, ActivitySetting::default()),
        Rule::Activity(CampaignType::Webinar, setting),
        Rule::Tier(TierRule {
            tier: "Gold plus".into(),
            share_percent: Some("60".parse().unwrap()),
            cap: Some(Cap::Unlimited),
            pre_approval: Some(true),
        }),
        Rule::Week(Company::Partner(acme.to_owned()), WorkWeek::new([Weekday::Sun, Weekday::Mon]).unwrap()),
        Rule::Holiday(Company::Partner(acme.to_owned()), day("2026-07-14")),
        Rule::Chain(Decided::Requests, ChainRule { from: eur(0), steps: steps.clone() }),
        Rule::Chain(Decided::Claims, ChainRule { from: eur(2_500_000), steps }),
        Rule::AutoApproveUnder(eur(50_000)),
        Rule::Digest(DigestTime::parse("07:30").unwrap()),
        Rule::EscalateAfter(5),
        Rule::Quiet(QuietHours::parse("20:00-08:00", zone).unwrap()),
    ]
}

async fn every_rule_is_read_back(g: Ground) {
    let wanted = all(&g.acme);
    in_tx!(g.store, |tx| {
        let program = program::by_id(tx, &g.program).await?;
        assert_eq!(rules::rulebook(tx, &program).await?.rules, [], "as seeded");
        setup::lock_program(tx, &g.program).await?;
        for rule in &wanted {
            rules::put(tx, &g.program, rule, false).await?;
            rules::put(tx, &g.program, rule, false).await?;
        }
        Ok(())
    })
    .unwrap();
    let (book, rule, calendar, chains, quiet) = in_read!(g.store, |read| {
        let program = program::by_id(read, &g.program).await?;
        let mut acme = program::partner_by_id(read, &g.acme).await?;
        acme.tier = Some("GOLD-PLUS".into());
        Ok((
            rules::rulebook(read, &program).await?,
            rules::activity(read, &program, &acme, CampaignType::Email).await?,
            rules::calendar(read, &program, &Company::Partner(g.acme.clone())).await?,
            rules::chains(read, &program).await?,
            rules::quiet_hours(read, &program).await?,
        ))
    })
    .unwrap();
    let kept: Vec<Kept> = wanted.iter().map(|rule| Kept { rule: rule.clone(), declared: false }).collect();
    assert_eq!(book.rules, kept);
    assert_eq!((rule.share_percent.to_string(), rule.cap), ("60".to_owned(), None), "the tier's");
    assert!(!calendar.is_open(day("2026-07-14")) && calendar.is_open(day("2026-07-12")));
    assert_eq!((chains.escalate_after_days, chains.auto_approve_under), (5, Some(eur(50_000))));
    assert_eq!(chains.for_claim(eur(2_500_000)).steps.len(), 2);
    assert_eq!(quiet.unwrap().code(), "20:00-08:00");
    in_tx!(g.store, |tx| {
        for rule in &wanted {
            rules::remove(tx, &g.program, rule, false).await?;
            assert!(rules::remove(tx, &g.program, rule, false).await.is_err(), "it is gone: {rule:?}");
        }
        let program = program::by_id(tx, &g.program).await?;
        assert_eq!(rules::rulebook(tx, &program).await?.rules, []);
        Ok(())
    })
    .unwrap();
}

async fn what_is_declared_is_not_changed_from_chat(g: Ground) {
    for rule in all(&g.acme) {
        in_tx!(g.store, |tx| { rules::put(tx, &g.program, &rule, true).await }).unwrap();
        let put = in_tx!(g.store, |tx| { rules::put(tx, &g.program, &rule, false).await });
        assert!(put.is_err(), "{rule:?}");
        let removed = in_tx!(g.store, |tx| { rules::remove(tx, &g.program, &rule, false).await });
        assert!(removed.is_err(), "{rule:?}");
        let book = in_read!(g.store, |read| {
            let program = program::by_id(read, &g.program).await?;
            rules::rulebook(read, &program).await
        });
        assert!(book.unwrap().about(&rule).unwrap().declared);
        in_tx!(g.store, |tx| { rules::remove(tx, &g.program, &rule, true).await }).unwrap();
    }
}
