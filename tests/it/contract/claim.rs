//! Claims with their lines, decisions and payments.

use super::money::a_request;
use super::{Ground, contracts, eur};
use tandem::domain::approval::Taken;
use tandem::domain::claim::{Claim, ClaimState, Line, Logged, Payment};
use tandem::domain::log::{Entry, EntryKind};
use tandem::domain::request::{MdfRequest, RequestState};
use tandem::fault::Fault;
use tandem::playground::seed::GLOBEX;
use tandem::store::decision::{self, On};
use tandem::store::{Tx, audit, campaign, claim, ledger, request};
use tandem::{in_read, in_tx};

contracts!(
    claims_are_read_back_and_found,
    an_open_claim_names_its_campaign,
    what_is_in_a_claim_is_read_back,
    decisions_and_payments_are_kept
);

/// A claim of an approved request that can be claimed until the end of April.
pub async fn a_claim(g: &Ground, tx: &mut Tx, number: i64) -> Result<Claim, Fault> {
    let (fund, _) = ledger::fund_by_key(tx, &g.program, "acme-q1").await?.unwrap();
    let asked = match request::by_number(tx, &g.acme, 1).await? {
        Some(asked) => asked,
        None => {
            let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
            let filed = a_request(g, &campaign, &fund.id, 1);
            request::insert(tx, &filed).await?;
            let due = Some("2026-04-30".parse().unwrap());
            let approved = MdfRequest {
                state: RequestState::Approved,
                approved: Some(eur(1_000)),
                claim_due: due,
                ..filed
            };
            request::save(tx, &approved).await?;
            approved
        }
    };
    let new = Claim {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        request_id: asked.id,
        fund_id: fund.id,
        number,
        state: ClaimState::Draft,
        rev: 1,
        approved: None,
        paid: eur(0),
        clawed: eur(0),
        reason: None,
        filed_by: "1".into(),
        created_at: g.clock.now(),
        certified_by: None,
        submitted_at: None,
        decided_at: None,
        resubmit_by: None,
    };
    claim::insert(tx, &new).await?;
    Ok(new)
}

async fn claims_are_read_back_and_found(g: Ground) {
    let globex = g.desk.partner(GLOBEX).await;
    in_tx!(g.store, |tx| {
        let new = a_claim(&g, tx, 1).await?;
        assert_eq!(claim::by_id(tx, &new.id).await?.as_ref(), Some(&new));
        assert_eq!(claim::by_number(tx, &g.acme, 1).await?.as_ref(), Some(&new));
        assert_eq!(claim::by_number(tx, &globex, 1).await?, None);
        assert_eq!(claim::of_partner(tx, &g.acme).await?, std::slice::from_ref(&new));
        assert_eq!(claim::of_request(tx, &new.request_id).await?, std::slice::from_ref(&new));
        assert_eq!(claim::open_of_request(tx, &new.request_id).await?.as_deref(), Some("CLM-1"));
        assert_eq!(claim::pending_of_request(tx, &new.request_id).await?, Vec::<String>::new());
        assert_eq!(claim::undecided_of_request(tx, &new.request_id).await?, None);
        assert_eq!(claim::owed_of_partner(tx, &g.acme).await?, []);
        assert_eq!(request::held_of_partner(tx, &g.acme).await?, [("MDF-1".to_owned(), eur(1_000))]);
        assert_eq!(request::held_of_partner(tx, &globex).await?, []);
        assert_eq!(claim::run_out(tx, "2026-04-30".parse().unwrap()).await?, []);
        let over = claim::run_out(tx, "2026-05-01".parse().unwrap()).await?;
        assert_eq!(over, [(new.id.clone(), g.acme.clone())]);
        let paid = Claim {
            state: ClaimState::Approved,
            rev: 4,
            approved: Some(eur(300)),
            paid: eur(200),
            reason: Some("Well".into()),
            certified_by: Some("1".into()),
            submitted_at: Some(g.clock.now()),
            decided_at: Some(g.clock.now()),
            ..new.clone()
        };
        claim::save(tx, &Claim { state: ClaimState::Submitted, ..new.clone() }).await?;
        assert_eq!(claim::undecided_of_request(tx, &new.request_id).await?.as_deref(), Some("CLM-1"));
        claim::save(tx, &paid).await?;
        assert_eq!(claim::owed_of_partner(tx, &g.acme).await?, [("CLM-1".to_owned(), eur(100))]);
        assert_eq!(claim::by_id(tx, &new.id).await?.as_ref(), Some(&paid));
        assert_eq!(claim::open_of_request(tx, &new.request_id).await?, None);
        let returned = Claim {
            state: ClaimState::Returned,
            approved: None,
            paid: eur(0),
            resubmit_by: Some("2026-05-20".parse().unwrap()),
            ..paid.clone()
        };
        assert_eq!(claim::resubmit_by(tx, &new.request_id).await?, None);
        claim::save(tx, &returned).await?;
        assert_eq!(claim::by_id(tx, &new.id).await?.as_ref(), Some(&returned));
        assert_eq!(claim::resubmit_by(tx, &new.request_id).await?, returned.resubmit_by);
        assert_eq!(claim::run_out(tx, "2026-05-20".parse().unwrap()).await?, [], "it has time of its own");
        assert_eq!(claim::run_out(tx, "2026-05-21".parse().unwrap()).await?, over);
        claim::save(tx, &paid).await?;
        Ok(())
    })
    .unwrap();
    // What was paid is never more than what was approved: the table says so too.
    let found = in_read!(g.store, |read| { claim::by_number(read, &g.acme, 1).await }).unwrap().unwrap();
    let more = Claim { paid: eur(301), ..found };
    assert!(in_tx!(g.store, |tx| { claim::save(tx, &more).await }).is_err());
}

async fn an_open_claim_names_its_campaign(g: Ground) {
    in_tx!(g.store, |tx| {
        assert_eq!(claim::claimed_campaigns(tx, &g.plan.id).await?, Vec::<String>::new());
        let new = a_claim(&g, tx, 1).await?;
        let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
        for state in ClaimState::ALL {
            claim::save(tx, &Claim { state: *state, ..new.clone() }).await?;
            let named = claim::claimed_campaigns(tx, &g.plan.id).await?;
            let expected: &[String] = if state.is_open() { std::slice::from_ref(&campaign) } else { &[] };
            assert_eq!(named, expected, "{state:?}");
        }
        claim::save(tx, &new).await?;
        a_claim(&g, tx, 2).await?;
        assert_eq!(claim::claimed_campaigns(tx, &g.plan.id).await?, [campaign], "once, however many");
        assert_eq!(claim::claimed_campaigns(tx, "other").await?, Vec::<String>::new());
        Ok(())
    })
    .unwrap();
}

pub fn a_line(g: &Ground, position: i64) -> Line {
    Line {
        id: g.clock.new_id(),
        position,
        what: "Speaker".into(),
        supplier: "Stage".into(),
        invoice_number: "7".into(),
        invoice_date: "2026-02-11".parse().unwrap(),
        net: eur(500),
        tax: eur(95),
        rate: Some(("1.25".parse().unwrap(), "2026-02-10".parse().unwrap())),
        claimed: eur(500),
        accepted: None,
        reason: None,
        log_entry_id: None,
        rest_entry_id: None,
    }
}

async fn what_is_in_a_claim_is_read_back(g: Ground) {
    in_tx!(g.store, |tx| {
        let (first, second) = (a_claim(&g, tx, 1).await?, a_claim(&g, tx, 2).await?);
        let (line, other) = (a_line(&g, 1), a_line(&g, 2));
        claim::insert_line(tx, &first.id, &line).await?;
        claim::insert_line(tx, &first.id, &other).await?;
        claim::delete_line(tx, &other.id).await?;
        let entry = an_entry(&g, tx).await?;
        assert!(!claim::line_of_entry(tx, &entry).await?);
        let cut = Line {
            accepted: Some(eur(400)),
            reason: Some("Wine".into()),
            log_entry_id: Some(entry.clone()),
            ..line
        };
        claim::save_line(tx, &cut).await?;
        assert!(claim::line_of_entry(tx, &entry).await?);
        let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
        let rest = numbered(&g, &campaign, 2);
        campaign::insert_entry(tx, &g.acme, &rest).await?;
        let standing = Logged { id: rest.id.clone(), invoice_number: "7".into(), amount: 5 };
        assert_eq!(
            claim::unclaimed_spend(tx, &campaign).await?,
            [standing],
            "without a number it is not looked for"
        );
        let cut = Line { rest_entry_id: Some(rest.id.clone()), ..cut };
        claim::save_line(tx, &cut).await?;
        assert!(claim::line_of_entry(tx, &rest.id).await?);
        assert_eq!(claim::unclaimed_spend(tx, &campaign).await?, []);
        assert_eq!(claim::lines(tx, &first).await?, [cut]);
        assert_eq!(claim::lines(tx, &second).await?, []);
        let own = ("CLM-1".to_owned(), "Stage".to_owned(), "7".to_owned());
        assert_eq!(claim::invoices(tx, &g.acme, &second.id, true).await?, std::slice::from_ref(&own));
        assert_eq!(claim::invoices(tx, &g.acme, &second.id, false).await?, [], "it was never filed");
        assert_eq!(claim::invoices(tx, &g.acme, &first.id, true).await?, []);
        let state = ClaimState::Submitted;
        claim::save(tx, &Claim { state, submitted_at: Some(g.clock.now()), ..first.clone() }).await?;
        assert_eq!(claim::invoices(tx, &g.acme, &second.id, false).await?, [own]);
        claim::save(tx, &first).await?;
        Ok(())
    })
    .unwrap();
}

fn numbered(g: &Ground, campaign: &str, number: i64) -> Entry {
    Entry {
        id: g.clock.new_id(),
        campaign_id: campaign.to_owned(),
        number,
        kind: EntryKind::Spend,
        occurred_on: "2026-01-05".parse().unwrap(),
        recorded_at: g.clock.now(),
        amount: 5,
        source: None,
        payer: None,
        invoice_number: Some("7".into()),
        note: None,
        logged_by: "1".into(),
        reverses: None,
    }
}

async fn an_entry(g: &Ground, tx: &mut Tx) -> Result<String, Fault> {
    let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
    let entry = Entry { invoice_number: None, ..numbered(g, &campaign, 1) };
    campaign::insert_entry(tx, &g.acme, &entry).await?;
    Ok(entry.id)
}

async fn decisions_and_payments_are_kept(g: Ground) {
    let id = in_tx!(g.store, |tx| {
        let new = a_claim(&g, tx, 1).await?;
        let step = decision::Decision {
            id: g.clock.new_id(),
            rev: 1,
            on: On::Claim(&new.id),
            reason: new.reason.as_deref(),
            outcome: decision::STEP,
            amount: Some(eur(300)),
            person: "2",
            stands_for: Some("3"),
            at: g.clock.now(),
        };
        decision::insert(tx, &step).await?;
        let returned =
            decision::Decision { id: g.clock.new_id(), outcome: "returned", person: "4", ..step.clone() };
        decision::insert(tx, &returned).await?;
        let taken = Taken { person: "2".into(), stands_for: Some("3".into()), step: 0, at: g.clock.now() };
        assert_eq!(decision::steps(tx, On::Claim(&new.id), 1).await?, [taken]);
        assert_eq!(decision::steps(tx, On::Claim(&new.id), 2).await?, [], "another rev has steps of its own");
        let cut = decision::Decision {
            id: g.clock.new_id(),
            outcome: "lines",
            person: "5",
            stands_for: None,
            ..step.clone()
        };
        decision::insert(tx, &cut).await?;
        assert_eq!(claim::approvers(tx, &new.id).await?, ["2", "3", "5"], "and for whom");
        let judged = Line { accepted: Some(eur(400)), reason: Some("Wine".into()), ..a_line(&g, 1) };
        decision::insert_verdicts(tx, &cut.id, &[judged, a_line(&g, 2)]).await?;
        let verdict = decision::Verdict {
            decision_id: cut.id.clone(),
            position: 1,
            what: "Speaker".into(),
            supplier: "Stage".into(),
            invoice_number: "7".into(),
            claimed_minor: eur(500).minor(),
            accepted_minor: Some(eur(400).minor()),
            reason: Some("Wine".into()),
        };
        let unsaid = decision::Verdict { position: 2, accepted_minor: None, reason: None, ..verdict.clone() };
        assert_eq!(decision::verdicts(tx, &new.id).await?, [verdict, unsaid]);
        assert_eq!(decision::verdicts(tx, "another").await?, []);
        let payment = Payment {
            id: g.clock.new_id(),
            amount: eur(100),
            paid_on: "2026-03-01".parse().unwrap(),
            reference: "SEPA".into(),
            person: "5".into(),
            stands_for: Some("6".into()),
            at: g.clock.now(),
        };
        claim::insert_payment(tx, &new.id, &payment).await?;
        assert_eq!(claim::payments(tx, &new).await?, [payment]);
        assert_eq!(claim::payers(tx, &new.id).await?, ["5", "6"], "and for whom");
        let reversed =
            decision::Decision { id: g.clock.new_id(), outcome: "reversed", person: "7", ..cut.clone() };
        decision::insert(tx, &reversed).await?;
        assert_eq!(claim::approvers(tx, &new.id).await?, ["2", "3", "5", "7"], "who takes it back, too");
        for (person, code) in [("2", "claim_line_added"), ("1", "claim_submitted"), ("3", "claim_approved")] {
            audit::append(tx, &super::road::a_line(&g, person, code, &new.id));
        }
        Ok(new.id)
    })
    .unwrap();
    let makers = in_read!(g.store, |read| { claim::makers(read, &id).await }).unwrap();
    assert_eq!(makers, ["1", "2"], "who had a hand in it, and nobody else");
}
