//! Adjustments, the revisions that come of them, and the rates of a plan.

use super::{Ground, contracts};
use tandem::domain::actor::Side;
use tandem::domain::adjustment::{Adjustment, AdjustmentState, Asked, Change};
use tandem::domain::canonical::sha256;
use tandem::domain::money::Currency;
use tandem::domain::plan::rate::Rate;
use tandem::domain::plan::{Plan, Signature};
use tandem::store::{adjustment, campaign, ledger, plan, request};
use tandem::{in_read, in_tx};

contracts!(
    an_adjustment_is_decided_once,
    signatures_are_kept_by_rev,
    a_revision_is_read_as_frozen,
    rates_are_kept_one_a_currency
);

pub fn filed(g: &Ground, campaign: &str) -> Adjustment {
    let asked = Asked {
        change: Change::Cancel { campaign: campaign.to_owned() },
        reason: "No room".into(),
        by: "1".into(),
        at: g.clock.now(),
    };
    Adjustment {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        plan_id: g.plan.id.clone(),
        number: 1,
        base_revision: 1,
        side: Side::Partner,
        asked: vec![asked],
        state: AdjustmentState::Proposed,
        rev: 1,
        filed_at: g.clock.now(),
        decided_at: None,
        decided_by: None,
        decided_reason: None,
        revision: None,
    }
}

async fn an_adjustment_is_decided_once(g: Ground) {
    in_tx!(g.store, |tx| {
        let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap();
        let waits = filed(&g, &campaign.id);
        adjustment::insert(tx, &waits).await?;
        assert_eq!(adjustment::by_id(tx, &waits.id).await?.as_ref(), Some(&waits));
        assert_eq!(adjustment::open_of_plan(tx, &g.plan.id).await?.as_ref(), Some(&waits));
        assert_eq!(adjustment::newest_agreed(tx, &g.plan.id).await?, None);
        let agreed = Adjustment {
            state: AdjustmentState::Agreed,
            rev: 2,
            decided_at: Some(g.clock.now()),
            decided_by: Some("2".into()),
            revision: Some(2),
            ..waits.clone()
        };
        adjustment::save(tx, &agreed).await?;
        assert_eq!(adjustment::of_revision(tx, &g.plan.id, 1).await?, None);
        assert_eq!(adjustment::of_revision(tx, &g.plan.id, 2).await?, Some(agreed.clone()));
        assert_eq!(adjustment::newest_agreed(tx, &g.plan.id).await?, Some(agreed.clone()));
        assert_eq!(adjustment::open_of_plan(tx, &g.plan.id).await?, None);
        let again = adjustment::save(tx, &agreed).await;
        assert!(again.is_err(), "what is decided is not decided again");
        Ok(())
    })
    .unwrap();
}

async fn signatures_are_kept_by_rev(g: Ground) {
    let campaign =
        in_read!(g.store, |read| { campaign::by_number(read, &g.acme, 1).await }).unwrap().unwrap();
    let waits = filed(&g, &campaign.id);
    let of = |side: Side, person: &str| Signature {
        side,
        person: person.into(),
        content_sha256: "9f".into(),
        signed_at: g.clock.now(),
        stands_for: (side == Side::Partner).then(|| "7".to_owned()),
    };
    let (vendor, partner) = (of(Side::Vendor, "2"), of(Side::Partner, "1"));
    in_tx!(g.store, |tx| {
        adjustment::insert(tx, &waits).await?;
        adjustment::add_signature(tx, &waits.id, 1, &partner).await?;
        assert_eq!(adjustment::signatures(tx, &waits.id, 1).await?, std::slice::from_ref(&partner));
        assert_eq!(adjustment::signatures(tx, &waits.id, 2).await?, [], "another rev has none");
        adjustment::add_signature(tx, &waits.id, 2, &vendor).await?;
        adjustment::add_signature(tx, &waits.id, 2, &partner).await?;
        let agreed = Adjustment { rev: 3, ..waits.clone() };
        let both = adjustment::signatures_of_agreed(tx, &agreed).await?;
        assert_eq!(both, [vendor.clone(), partner.clone()], "given at one instant: by side");
        Ok(())
    })
    .unwrap();
    for again in [of(Side::Vendor, "3"), Signature { side: Side::Vendor, ..of(Side::Partner, "1") }] {
        let kept = in_tx!(g.store, |tx| { adjustment::add_signature(tx, &waits.id, 2, &again).await });
        assert!(kept.is_err(), "one a side, and nobody for both");
    }
}

async fn a_revision_is_read_as_frozen(g: Ground) {
    let second = Plan { revision: 2, ..g.plan.clone() };
    in_tx!(g.store, |tx| {
        assert_eq!(plan::snapshot(tx, &g.plan.id, 2).await?, None);
        plan::add_revision_at(tx, &second, g.clock.now(), "{}", &sha256("{}")).await?;
        assert_eq!(plan::snapshot(tx, &g.plan.id, 2).await?.as_deref(), Some("{}"));
        assert_eq!(plan::revision_sha256(tx, &g.plan.id).await?, Some(sha256("{}")));
        let (campaign, (fund, _)) = (
            campaign::by_number(tx, &g.acme, 1).await?.unwrap(),
            ledger::fund_by_key(tx, &g.program, "acme-q1").await?.unwrap(),
        );
        assert_eq!(request::of_plan(tx, &g.plan.id).await?, []);
        let one = super::money::a_request(&g, &campaign.id, &fund.id, 1);
        request::insert(tx, &one).await?;
        assert_eq!(request::of_plan(tx, &g.plan.id).await?, [one]);
        Ok(())
    })
    .unwrap();
}

async fn rates_are_kept_one_a_currency(g: Ground) {
    let usd = Currency::parse("USD").unwrap();
    let rate = |text: &str| Rate {
        currency: usd,
        rate: text.parse().unwrap(),
        entered_on: "2026-01-05".parse().unwrap(),
    };
    in_tx!(g.store, |tx| {
        plan::save_rate(tx, &g.plan.id, &rate("0.9")).await?;
        plan::save_rate(tx, &g.plan.id, &rate("0.92")).await?;
        Ok(())
    })
    .unwrap();
    assert_eq!(in_read!(g.store, |read| { plan::rates(read, &g.plan.id).await }).unwrap(), [rate("0.92")]);
    in_tx!(g.store, |tx| {
        assert!(plan::delete_rate(tx, &g.plan.id, usd).await?);
        assert!(!plan::delete_rate(tx, &g.plan.id, usd).await?);
        Ok(())
    })
    .unwrap();
}
