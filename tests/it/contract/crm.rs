//! Sources, leads, deals with their contacts, touches and credit, and the facts that follow.

use super::{Ground, contracts};
use std::collections::{BTreeMap, BTreeSet};
use tandem::crm::SourceKind;
use tandem::crm::record::RecordState;
use tandem::domain::attribution::{MatchedTouch, Model, Rule};
use tandem::domain::lead::LeadState;
use tandem::fault::Fault;
use tandem::store::crm::{self, Lead, SourceRow, Tag};
use tandem::store::deal::{self, Credit, Deal, Link};
use tandem::store::fact::{self, FactKey, Measure, NewFact, Of};
use tandem::store::{Tx, campaign, figures};
use tandem::{args, in_tx};

contracts!(
    sources_and_candidates,
    mappings_hold_and_are_matched_once,
    leads_are_saved_by_version,
    deals_and_their_contacts,
    touches_and_credit_are_replaced,
    facts_add_up_to_any_instant,
);

/// A source of the program that credits all partners' campaigns.
pub async fn a_source(tx: &mut Tx, g: &Ground) -> Result<SourceRow, Fault> {
    let source = SourceRow {
        id: g.clock.new_id(),
        program_id: g.program.clone(),
        partner_id: None,
        kind: SourceKind::Hubspot,
        key: "hub".into(),
        default_currency: Some("EUR".into()),
        archived_ms: None,
    };
    crm::save_source(tx, &source).await?;
    Ok(source)
}

fn a_lead(g: &Ground, source: &SourceRow, external_id: &str) -> Lead {
    Lead {
        id: g.clock.new_id(),
        source_id: source.id.clone(),
        external_id: external_id.into(),
        program_id: g.program.clone(),
        partner_id: None,
        number: None,
        plan_id: None,
        campaign_id: None,
        rule: None,
        state: LeadState::Received,
        email_hash: Some(format!("hash of {external_id}")),
        company: Some("Initech".into()),
        country: None,
        lifecycle: None,
        created_ms: 10,
        version_ms: 10,
        folded: RecordState::default(),
        duplicate_of: None,
        by_hand_campaign: None,
        invalid_by: None,
        merged_into: None,
        deleted_ms: None,
        forgotten_ms: None,
        recorded_ms: g.clock.now_ms(),
    }
}

pub fn a_deal(g: &Ground, source: &SourceRow, external_id: &str) -> Deal {
    Deal {
        id: g.clock.new_id(),
        source_id: source.id.clone(),
        external_id: external_id.into(),
        program_id: g.program.clone(),
        campaign_id: None,
        lead_id: None,
        rule: None,
        status: "open".into(),
        stage: None,
        amount: Some("12.50".into()),
        amount_minor: Some(1_250),
        currency: Some("EUR".into()),
        created_ms: 10,
        closed_ms: None,
        version_ms: 10,
        folded: RecordState::default(),
        merged_into: None,
        deleted_ms: None,
        recorded_ms: g.clock.now_ms(),
    }
}

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn campaign_id(tx: &mut Tx, g: &Ground) -> Result<String, Fault> {
    Ok(campaign::by_number(tx, &g.acme, 1).await?.unwrap().id)
}

async fn sources_and_candidates(g: Ground) {
    let globex = g.desk.partner(tandem::playground::seed::GLOBEX).await;
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        let own = SourceRow {
            id: g.clock.new_id(),
            key: "own".into(),
            kind: SourceKind::Standard,
            partner_id: Some(globex.clone()),
            ..hub.clone()
        };
        crm::save_source(tx, &own).await?;
        let archived = SourceRow { archived_ms: Some(7), ..own.clone() };
        crm::save_source(tx, &archived).await?;
        let sources = crm::sources(tx).await?;
        assert_eq!(sources, [hub.clone(), archived], "archived ones too");
        let id = campaign_id(tx, &g).await?;
        let crm_campaign = Tag::CrmCampaign { source_id: hub.id.clone(), id: " 77 ".into() };
        let tags = [
            Tag::Alias("Spring+Webinar".into()),
            crm_campaign,
            Tag::LandingPage("https://acme.example/Spring?x=1".into()),
        ];
        for tag in &tags {
            assert!(crm::add_tag(tx, &id, tag).await?, "{tag:?}");
            assert!(!crm::add_tag(tx, &id, tag).await?, "{tag:?} is there already");
        }
        assert!(!crm::add_tag(tx, &id, &Tag::Alias(" ".into())).await?, "nothing is no name");
        let (found, zones) = crm::candidates(tx, &hub).await?;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id.as_str(), found[0].partner_id.as_str()), (id.as_str(), g.acme.as_str()));
        assert_eq!((&found[0].aliases, &found[0].crm_campaigns), (&set(&["spring-webinar"]), &set(&["77"])));
        assert_eq!(found[0].landing_pages.len(), 1);
        assert_eq!(zones[&id].name(), "Europe/Berlin");
        let (foreign, _) = crm::candidates(tx, &own).await?;
        assert!(foreign.is_empty(), "a partner's own source credits nobody else's campaigns");
        let key = crm::email_key(tx, &g.clock).await?;
        assert_eq!((key.len(), &crm::email_key(tx, &g.clock).await?), (64, &key), "made once");
        crm::lock_fold(tx).await
    })
    .unwrap();
}

async fn mappings_hold_and_are_matched_once(g: Ground) {
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        assert_eq!(crm::to_match_again(tx).await?, []);
        let mapped = |crm_id: &str, number| (crm_id.to_owned(), g.acme.clone(), number);
        crm::set_mappings(tx, &hub.id, &[mapped("1", 9), mapped("2", 1)]).await?;
        crm::set_mappings(tx, &hub.id, &[mapped("77", 1), mapped("78", 9)]).await?;
        let (found, _) = crm::candidates(tx, &hub).await?;
        assert_eq!(found[0].crm_campaigns, set(&["77"]), "those before are gone; there is no campaign 9 yet");
        assert_eq!(crm::to_match_again(tx).await?, [(hub.id.clone(), 2)]);
        assert!(!crm::matched_again(tx, &hub.id, 1).await?, "more has changed since");
        assert!(crm::matched_again(tx, &hub.id, 2).await?);
        assert!(!crm::matched_again(tx, &hub.id, 2).await?, "nothing has changed since");
        assert_eq!(crm::path_of(tx, &hub.id).await?, None);
        crm::set_path(tx, &hub.id, "ab").await?;
        assert_eq!(crm::path_of(tx, &hub.id).await?.as_deref(), Some("ab"));
        assert_eq!(crm::to_match_again(tx).await?, []);
        let nowhere = crm::set_mappings(tx, "nobody", &[]).await;
        assert!(matches!(nowhere, Err(Fault::Rows { touched: 0, .. })));
        Ok(())
    })
    .unwrap();
}

async fn leads_are_saved_by_version(g: Ground) {
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        let (one, two) = (a_lead(&g, &hub, "1"), Lead { created_ms: 5, ..a_lead(&g, &hub, "2") });
        crm::save_leads(tx, [&one, &two]).await?;
        crm::save_leads(tx, []).await?;
        assert_eq!(crm::lead_by_id(tx, &one.id).await?.as_ref(), Some(&one));
        assert_eq!(crm::lead_by_id(tx, "nobody").await?, None);
        assert_eq!(crm::leads_by_external(tx, &hub.id, &set(&["1", "3"])).await?, std::slice::from_ref(&one));
        assert_eq!(crm::lock_leads(tx, &hub.id, &set(&["2"])).await?, std::slice::from_ref(&two));
        assert_eq!(crm::lock_leads(tx, "another source", &set(&["2"])).await?, []);
        assert_eq!(crm::unmatched(tx, &g.program, 10).await?, [two.clone(), one.clone()], "oldest first");
        assert_eq!(crm::unmatched(tx, &g.program, 1).await?, std::slice::from_ref(&two));
        let now = g.clock.now();
        assert_eq!(figures::unmatched_leads(tx, &g.program, &g.acme, now).await?, 2);
        let number = crm::take_numbers(tx, &g.acme, 3).await?;
        assert_eq!((number, crm::take_numbers(tx, &g.acme, 1).await?), (1, 4));
        let matched = Lead {
            partner_id: Some(g.acme.clone()),
            number: Some(number),
            plan_id: Some(g.plan.id.clone()),
            campaign_id: Some(campaign_id(tx, &g).await?),
            rule: Some("utm_id".into()),
            state: LeadState::Matched,
            version_ms: 11,
            forgotten_ms: Some(12),
            ..one.clone()
        };
        crm::save_leads(tx, [&matched]).await?;
        assert_eq!(crm::lead_by_id(tx, &one.id).await?.as_ref(), Some(&matched));
        assert_eq!(crm::without_campaign(tx, &hub.id).await?, set(&["2"]));
        assert_eq!(
            crm::lock_persons(tx, &g.plan.id, &set(&["hash of 1", "hash of 2"])).await?,
            std::slice::from_ref(&matched)
        );
        let ids: BTreeSet<String> = [one.id.clone(), two.id.clone()].into();
        assert_eq!(crm::forgotten(tx, &ids).await?, [one.id.clone()].into());
        assert_eq!(crm::forgotten(tx, &BTreeSet::new()).await?, BTreeSet::new());
        let older = crm::save_leads(tx, [&one]).await;
        assert!(matches!(older, Err(Fault::Rows { touched: 0, .. })), "an older version never overwrites");
        assert_eq!(crm::lead_by_id(tx, &one.id).await?.as_ref(), Some(&matched));
        Ok(())
    })
    .unwrap();
}

async fn deals_and_their_contacts(g: Ground) {
    let link =
        |lead: &str, version_ms, removed| Link { deal: "d1".into(), lead: lead.into(), version_ms, removed };
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        let (one, two) = (a_deal(&g, &hub, "d1"), a_deal(&g, &hub, "d2"));
        deal::save_deal(tx, &one).await?;
        deal::save_deal(tx, &Deal { merged_into: Some("d1".into()), ..two.clone() }).await?;
        assert_eq!(deal::by_external(tx, &hub.id, "d1").await?.as_ref(), Some(&one));
        assert_eq!(deal::by_external(tx, "another source", "d1").await?, None);
        assert_eq!(
            deal::losers(tx, &hub.id, &set(&["d1"])).await?,
            BTreeMap::from([("d1".to_owned(), set(&["d2"]))])
        );
        let won = Deal { status: "won".into(), closed_ms: Some(20), version_ms: 11, ..one.clone() };
        deal::save_deal(tx, &won).await?;
        assert_eq!(deal::lock_deals(tx, &hub.id, &set(&["d1"])).await?, std::slice::from_ref(&won));
        let links = [link("1", 10, false), link("2", 10, false), link("2", 10, true), link("3", 9, false)];
        deal::save_links(tx, &hub.id, &links).await?;
        deal::save_links(tx, &hub.id, &[link("3", 8, true), link("1", 12, false)]).await?;
        deal::save_links(tx, &hub.id, &[]).await?;
        let held = deal::links_of_deals(tx, &hub.id, &set(&["d1"])).await?;
        assert_eq!(held["d1"], [("1".to_owned(), 12), ("3".to_owned(), 9)], "of one version, the removal");
        assert_eq!(
            deal::deals_of_leads(tx, &hub.id, &set(&["2"])).await?,
            set(&["d1"]),
            "is or was a contact"
        );
        assert_eq!(deal::deals_of_leads(tx, &hub.id, &set(&["9"])).await?, set(&[]));
        let stale = deal::save_deal(tx, &one).await;
        assert!(matches!(stale, Err(Fault::Rows { touched: 0, .. })), "{stale:?}");
        Ok(())
    })
    .unwrap();
}

async fn touches_and_credit_are_replaced(g: Ground) {
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        let deal = a_deal(&g, &hub, "d1");
        deal::save_deal(tx, &deal).await?;
        let campaign = campaign_id(tx, &g).await?;
        let touch =
            |rule, first_ms, last_ms| MatchedTouch { first_ms, rule, campaign_id: campaign.clone(), last_ms };
        let both = vec![touch(Rule::LandingPage, 5, 6), touch(Rule::UtmId, 3, 4)];
        let credit = |share| Credit {
            partner_id: g.acme.clone(),
            model: Model::First,
            campaign_id: campaign.clone(),
            share,
        };
        for _ in 0..2 {
            deal::save_touches(tx, &BTreeMap::from([(deal.id.clone(), both.clone())])).await?;
            deal::save_credit(tx, &BTreeMap::from([(deal.id.clone(), vec![credit(10_000)])])).await?;
        }
        let rows =
            tx.all("SELECT rule, first_at, last_at FROM touch WHERE record_id = $1", args![&deal.id]).await?;
        assert_eq!(rows.len(), 1, "one row per campaign");
        let touched = (rows[0].text("rule")?, rows[0].int("first_at")?, rows[0].int("last_at")?);
        assert_eq!(touched, (Rule::UtmId.as_str().to_owned(), 3, 6));
        let shares = "SELECT CAST(SUM(share) AS BIGINT) AS n FROM deal_credit WHERE deal_id = $1";
        assert_eq!(tx.one(shares, args![&deal.id]).await?.int("n")?, 10_000);
        deal::save_touches(tx, &BTreeMap::new()).await?;
        deal::save_credit(tx, &BTreeMap::new()).await?;
        deal::save_touches(tx, &BTreeMap::from([(deal.id.clone(), Vec::new())])).await?;
        deal::save_credit(tx, &BTreeMap::from([(deal.id.clone(), Vec::new())])).await?;
        assert!(tx.all("SELECT rule FROM touch", args![]).await?.is_empty());
        assert!(tx.all("SELECT share FROM deal_credit", args![]).await?.is_empty());
        Ok(())
    })
    .unwrap();
}

async fn facts_add_up_to_any_instant(g: Ground) {
    let at = g.clock.now();
    in_tx!(g.store, |tx| {
        let hub = a_source(tx, &g).await?;
        let (lead, deal) = (a_lead(&g, &hub, "1"), a_deal(&g, &hub, "d1"));
        crm::save_leads(tx, [&lead]).await?;
        deal::save_deal(tx, &deal).await?;
        let key = |measure, currency: Option<&str>| FactKey {
            campaign_id: String::new(),
            measure,
            occurred_ms: 3,
            occurred_on: "2026-01-05".into(),
            currency: currency.map(str::to_owned),
        };
        let campaign_id = campaign_id(tx, &g).await?;
        let new = |of: Of, key: FactKey, delta| NewFact {
            id: g.clock.new_id(),
            of,
            key: FactKey { campaign_id: campaign_id.clone(), ..key },
            delta,
            rule: "utm_id".into(),
        };
        let (of_lead, of_deal) = (Of::Lead(lead.id.clone()), Of::Deal(deal.id.clone()));
        let first = [
            new(of_lead.clone(), key(Measure::Leads, None), 1),
            new(of_deal.clone(), key(Measure::Pipeline, Some("EUR")), 1_250),
        ];
        fact::append(tx, &first, at.timestamp_millis()).await?;
        fact::append(tx, &[], at.timestamp_millis()).await?;
        let reversed = [new(of_lead.clone(), key(Measure::Leads, None), -1)];
        fact::append(tx, &reversed, at.timestamp_millis() + 1).await?;
        let leads = fact::sums_of_leads(tx, &[&lead.id]).await?;
        assert!(leads.is_empty(), "what adds up to nothing is left out");
        let deals = fact::sums_of_deals(tx, &[&deal.id]).await?;
        assert_eq!(deals[&of_deal].values().copied().collect::<Vec<_>>(), [1_250]);
        let all = fact::of_campaign(tx, &campaign_id).await?;
        assert_eq!(all.iter().map(|fact| fact.delta).collect::<Vec<_>>(), [1, 1_250, -1]);
        let day = "2026-01-05".parse().unwrap();
        let then = figures::facts(tx, &g.plan.id, day, at).await?;
        assert_eq!(
            then.iter().map(|sum| (sum.measure, sum.amount)).collect::<Vec<_>>(),
            [(Measure::Leads, 1), (Measure::Pipeline, 1_250)]
        );
        let since = figures::facts(tx, &g.plan.id, day, at + chrono::Duration::milliseconds(1)).await?;
        assert_eq!(since[0].amount, 0, "the same question later");
        let before = figures::facts(tx, &g.plan.id, "2026-01-04".parse().unwrap(), at).await?;
        assert_eq!(before.len(), 0, "it had not happened");
        let unknown =
            NewFact { id: all[0].rule.clone(), ..new(Of::Deal("nobody".into()), key(Measure::Won, None), 1) };
        tx.mark().await?;
        assert!(fact::append(tx, &[unknown], 1).await.is_err(), "a fact is of something");
        tx.undo().await
    })
    .unwrap();
}
