//! What stands beside a plan's terms: owners of its reviews, warnings kept with signatures, calendar links.

use super::{Ground, contracts};
use tandem::domain::actor::{Company, Side};
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::capacity::{Efforts, Overfull};
use tandem::domain::plan::{BySide, Signature};
use tandem::in_tx;
use tandem::store::calendar::Feed;
use tandem::store::effort::Effort;
use tandem::store::readiness::SignedRev;
use tandem::store::{adjustment, calendar, campaign, effort, program, readiness};

contracts!(
    the_last_owner_of_each_side_answers_for_reviews,
    warnings_are_kept_with_a_signature,
    warnings_are_kept_with_a_signature_of_an_adjustment,
    a_link_leads_to_its_plan_until_it_ends,
    what_a_program_says_of_a_type_holds_for_its_partners,
);

async fn the_last_owner_of_each_side_answers_for_reviews(g: Ground) {
    in_tx!(g.store, |tx| {
        assert_eq!(readiness::owners(tx, &g.plan.id).await?, BySide { vendor: None, partner: None });
        readiness::set_owner(tx, &g.plan.id, Side::Vendor, "1").await?;
        readiness::set_owner(tx, &g.plan.id, Side::Vendor, "2").await?;
        readiness::set_owner(tx, &g.plan.id, Side::Partner, "3").await?;
        let owners = BySide { vendor: Some("2".to_owned()), partner: Some("3".to_owned()) };
        assert_eq!(readiness::owners(tx, &g.plan.id).await?, owners);
        assert_eq!(readiness::owners(tx, "nobody").await?, BySide { vendor: None, partner: None });
        Ok(())
    })
    .unwrap();
}

async fn warnings_are_kept_with_a_signature(g: Ground) {
    let week = Overfull {
        side: Side::Partner,
        monday: "2026-02-02".parse().unwrap(),
        load: "17.38".parse().unwrap(),
        hours: 10,
    };
    in_tx!(g.store, |tx| {
        for signer in [Side::Vendor, Side::Partner] {
            readiness::add_warning(tx, SignedRev::Plan(&g.plan.id, g.plan.rev), signer, &week).await?;
        }
        assert_eq!(
            readiness::warnings(tx, SignedRev::Plan(&g.plan.id, g.plan.rev)).await?,
            [week],
            "each week once"
        );
        assert_eq!(readiness::warnings(tx, SignedRev::Plan(&g.plan.id, g.plan.rev + 1)).await?, []);
        Ok(())
    })
    .unwrap();
    let unsigned = in_tx!(g.store, |tx| {
        readiness::add_warning(tx, SignedRev::Plan(&g.plan.id, g.plan.rev + 1), Side::Vendor, &week).await
    });
    assert!(unsigned.is_err(), "a warning needs its signature");
}

async fn warnings_are_kept_with_a_signature_of_an_adjustment(g: Ground) {
    let week = Overfull {
        side: Side::Partner,
        monday: "2026-02-02".parse().unwrap(),
        load: "17.38".parse().unwrap(),
        hours: 10,
    };
    let id = in_tx!(g.store, |tx| {
        let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
        let waits = super::adjust::filed(&g, &campaign);
        adjustment::insert(tx, &waits).await?;
        for (side, person) in [(Side::Vendor, "1"), (Side::Partner, "2")] {
            let (person, content_sha256) = (person.to_owned(), "9f".to_owned());
            let signed_at = g.clock.now();
            let signature = Signature { side, person, content_sha256, signed_at, stands_for: None };
            adjustment::add_signature(tx, &waits.id, 1, &signature).await?;
            readiness::add_warning(tx, SignedRev::Adjustment(&waits.id, 1), side, &week).await?;
        }
        assert_eq!(
            readiness::warnings(tx, SignedRev::Adjustment(&waits.id, 1)).await?,
            [week],
            "each week once"
        );
        assert_eq!(readiness::warnings(tx, SignedRev::Adjustment(&waits.id, 2)).await?, []);
        Ok(waits.id)
    })
    .unwrap();
    let unsigned = in_tx!(g.store, |tx| {
        readiness::add_warning(tx, SignedRev::Adjustment(&id, 2), Side::Vendor, &week).await
    });
    assert!(unsigned.is_err(), "a warning needs its signature");
}

async fn what_a_program_says_of_a_type_holds_for_its_partners(g: Ground) {
    let said = |kind, vendor, declared| Effort { kind, hours: BySide { vendor, partner: 2 }, declared };
    let (email, webinar) = (CampaignType::Email, CampaignType::Webinar);
    in_tx!(g.store, |tx| {
        assert_eq!(effort::of_program(tx, &g.program).await?, []);
        assert_eq!(effort::of_partner(tx, &g.acme).await?, Efforts::default());
        effort::set(tx, &g.program, &said(webinar, 1, true)).await?;
        effort::set(tx, &g.program, &said(email, 3, false)).await?;
        effort::set(tx, &g.program, &said(webinar, 0, false)).await?;
        let all = [said(email, 3, false), said(webinar, 0, false)];
        assert_eq!(effort::of_program(tx, &g.program).await?, all, "the last that was said, by type");
        let holds = effort::of_partner(tx, &g.acme).await?;
        assert_eq!(holds.of_type(webinar), BySide { vendor: 0, partner: 2 });
        assert_eq!(holds.of_type(CampaignType::Other), Efforts::default().of_type(CampaignType::Other));
        assert!(effort::clear(tx, &g.program, webinar).await?);
        assert!(!effort::clear(tx, &g.program, webinar).await?, "it says nothing any more");
        assert_eq!(effort::of_program(tx, &g.program).await?, [said(email, 3, false)]);
        assert_eq!(effort::of_partner(tx, "nobody").await?, Efforts::default());
        Ok(())
    })
    .unwrap();
    let nowhere = in_tx!(g.store, |tx| { effort::set(tx, "nobody", &said(email, 1, false)).await });
    assert!(nowhere.is_err(), "only a program says it");
}

async fn a_link_leads_to_its_plan_until_it_ends(g: Ground) {
    let (vendor, acme) = (Company::Vendor, Company::Partner(g.acme.clone()));
    let feed = |company, person, hash: &str| Feed {
        id: g.clock.new_id(),
        plan_id: &g.plan.id,
        company,
        person,
        secret_sha256: hash.to_owned(),
        created_at: g.clock.now(),
    };
    in_tx!(g.store, |tx| {
        for (company, person, hash) in [(&vendor, "1", "a"), (&acme, "2", "b"), (&acme, "3", "c")] {
            calendar::insert(tx, &feed(company, person, hash)).await?;
        }
        let id = Some(g.plan.id.clone());
        assert_eq!(calendar::plan_of(tx, "a").await?, id);
        assert_eq!(calendar::plan_of(tx, "d").await?, None);
        let now = g.clock.now();
        assert_eq!(calendar::revoke(tx, &g.plan.id, &acme, Some("2"), now).await?, 1);
        assert_eq!(calendar::plan_of(tx, "b").await?, None);
        assert_eq!(calendar::plan_of(tx, "c").await?, id, "somebody else's of the company stays");
        assert_eq!(calendar::revoke(tx, &g.plan.id, &acme, None, now).await?, 1, "what has ended ends once");
        assert_eq!(calendar::plan_of(tx, "a").await?, id, "the other company's stays");
        program::archive_partner(tx, &g.acme, g.clock.now_ms()).await?;
        assert_eq!(calendar::plan_of(tx, "a").await?, None, "a partner that is gone shows nothing");
        assert_eq!(calendar::revoke_of_partner(tx, "nobody", now).await?, 0);
        assert_eq!(calendar::revoke_of_partner(tx, &g.acme, now).await?, 1, "the one that was left");
        assert_eq!(calendar::revoke_of_partner(tx, &g.acme, now).await?, 0);
        Ok(())
    })
    .unwrap();
    let twice = in_tx!(g.store, |tx| { calendar::insert(tx, &feed(&vendor, "1", "a")).await });
    assert!(twice.is_err(), "a secret is one link's");
}
