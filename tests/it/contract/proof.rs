//! Files of claims, messages that were pointed at, extensions, and what an auditor's packet is read from.

use super::money::a_request;
use super::{Ground, contracts, eur};
use chrono::Duration;
use tandem::domain::activity::Slot;
use tandem::domain::claim::{Claim, ClaimState, Evidence, Extension, ExtensionDecider, ExtensionState};
use tandem::domain::command::{Attached, Source};
use tandem::domain::evidence::Object;
use tandem::domain::fund::Move;
use tandem::domain::request::{MdfRequest, RequestState};
use tandem::store::decision::{self, Decision, On};
use tandem::store::evidence::{self, Offer};
use tandem::store::{Tx, audit, campaign, claim, extension, ledger, request};
use tandem::{fault::Fault, in_read, in_tx};

contracts!(
    files_are_read_back_and_taken_out,
    what_a_decision_rests_on_stays,
    offers_are_read_back_and_forgotten,
    extensions_wait_one_at_a_time,
    a_packet_is_read_of_one_claim,
);

fn a_claim(g: &Ground, request: &MdfRequest, number: i64) -> Claim {
    Claim {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        request_id: request.id.clone(),
        fund_id: request.fund_id.clone(),
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
    }
}

fn a_file(g: &Ground, digit: char) -> Evidence {
    Evidence {
        id: g.clock.new_id(),
        slot: Slot::Execution,
        sha256: digit.to_string().repeat(64),
        name: "stage.png".into(),
        content_type: "image/png".into(),
        bytes: 7,
        restricted_rows: None,
        source: Some(Source { message: "70".into(), author: "6".into(), posted_at: 1_771_061_400_000 }),
        added_by: "1".into(),
        added_at: g.clock.now(),
    }
}

/// A request with two claims.
async fn claims(g: &Ground, tx: &mut Tx) -> Result<(MdfRequest, [Claim; 2]), Fault> {
    let campaign = campaign::by_number(tx, &g.acme, 1).await?.unwrap().id;
    let (fund, _) = ledger::fund_by_key(tx, &g.program, "acme-q1").await?.unwrap();
    let request = a_request(g, &campaign, &fund.id, 1);
    request::insert(tx, &request).await?;
    let both = [a_claim(g, &request, 1), a_claim(g, &request, 2)];
    for one in &both {
        claim::insert(tx, one).await?;
    }
    Ok((request, both))
}

fn object(file: &Evidence) -> Object {
    Object { sha256: file.sha256.clone(), restricted: file.restricted_rows.is_some() }
}

async fn files_are_read_back_and_taken_out(g: Ground) {
    in_tx!(g.store, |tx| {
        let (_, [first, second]) = claims(&g, tx).await?;
        let photo = a_file(&g, 'a');
        let list = Evidence { restricted_rows: Some(41), source: None, ..a_file(&g, 'b') };
        evidence::insert(tx, &first.id, &photo).await?;
        evidence::insert(tx, &first.id, &list).await?;
        assert_eq!(evidence::of_claim(tx, &first.id).await?, [photo.clone(), list.clone()]);
        assert_eq!(evidence::of_claim(tx, &second.id).await?, []);
        let drafts = (photo.sha256.as_str(), true);
        assert_eq!(evidence::same_file(tx, &g.acme, &second.id, drafts).await?, ["CLM-1"]);
        assert!(evidence::same_file(tx, &g.acme, &first.id, drafts).await?.is_empty());
        assert!(evidence::same_file(tx, "another", &second.id, drafts).await?.is_empty());
        let filed = (photo.sha256.as_str(), false);
        assert!(evidence::same_file(tx, &g.acme, &second.id, filed).await?.is_empty(), "it was never filed");
        let state = ClaimState::Submitted;
        claim::save(tx, &Claim { state, submitted_at: Some(g.clock.now()), ..first.clone() }).await?;
        assert_eq!(evidence::same_file(tx, &g.acme, &second.id, filed).await?, ["CLM-1"]);
        evidence::remove(tx, &photo.id, g.clock.now()).await?;
        assert!(evidence::remove(tx, &photo.id, g.clock.now()).await.is_err(), "it is out");
        assert_eq!(evidence::of_claim(tx, &first.id).await?, std::slice::from_ref(&list));
        assert!(evidence::same_file(tx, &g.acme, &second.id, drafts).await?.is_empty());
        assert_eq!(evidence::objects(tx).await?, [object(&list)].into());
        Ok(())
    })
    .unwrap();
}

async fn what_a_decision_rests_on_stays(g: Ground) {
    in_tx!(g.store, |tx| {
        let (_, [first, second]) = claims(&g, tx).await?;
        let now = g.clock.now();
        let file = |digit, hours| Evidence { added_at: now + Duration::hours(hours), ..a_file(&g, digit) };
        let [before, during, after] = [file('a', 0), file('b', 0), file('c', 4)];
        for one in [&before, &during, &after] {
            evidence::insert(tx, &first.id, one).await?;
        }
        evidence::insert(tx, &second.id, &file('d', 0)).await?;
        evidence::remove(tx, &before.id, now + Duration::hours(1)).await?;
        let taken = Decision {
            id: g.clock.new_id(),
            rev: 2,
            on: On::Claim(&first.id),
            reason: Some("Unreadable"),
            outcome: "returned",
            amount: Some(eur(500)),
            person: "2",
            stands_for: Some("3"),
            at: now + Duration::hours(2),
        };
        decision::insert(tx, &taken).await?;
        evidence::remove(tx, &during.id, now + Duration::hours(3)).await?;
        evidence::remove(tx, &after.id, now + Duration::hours(5)).await?;
        assert_eq!(evidence::objects(tx).await?, [object(&during), object(&file('d', 0))].into());
        let out = now + Duration::hours(3);
        assert_eq!(evidence::removed_of_claim(tx, &first.id).await?, [(during.clone(), out)]);
        assert!(evidence::removed_of_claim(tx, &second.id).await?.is_empty());
        let decided = decision::all(tx, On::Claim(&first.id)).await?;
        let [one] = decided.as_slice() else { panic!("{decided:?}") };
        assert_eq!(
            (one.rev, one.outcome.as_str(), one.amount_minor),
            (2, "returned", Some(eur(500).minor()))
        );
        assert_eq!((one.reason.as_deref(), one.stands_for.as_deref()), (Some("Unreadable"), Some("3")));
        assert!(decision::all(tx, On::Claim(&second.id)).await?.is_empty());
        Ok(())
    })
    .unwrap();
}

async fn offers_are_read_back_and_forgotten(g: Ground) {
    let now = g.clock.now();
    let offer = Offer {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        person: "1".into(),
        source: Source { message: "70".into(), author: "6".into(), posted_at: 5 },
        files: vec![Attached {
            id: "50".into(),
            name: "stage \"1\".png".into(),
            size: 7,
            content_type: None,
            url: "https://cdn.discordapp.com/attachments/5/50/stage.png?ex=1".into(),
        }],
        at: now,
    };
    in_tx!(g.store, |tx| { evidence::insert_offer(tx, &offer).await }).unwrap();
    let read = in_read!(g.store, |read| { evidence::offer(read, &offer.id).await }).unwrap();
    assert_eq!(read, Some(offer.clone()));
    in_tx!(g.store, |tx| {
        assert_eq!(evidence::forget_offers(tx, now).await?, 0, "not before its time");
        assert_eq!(evidence::forget_offers(tx, now + Duration::seconds(1)).await?, 1);
        assert_eq!(evidence::offer(tx, &offer.id).await?, None);
        Ok(())
    })
    .unwrap();
}

async fn extensions_wait_one_at_a_time(g: Ground) {
    let new = |request: &MdfRequest| Extension {
        id: g.clock.new_id(),
        partner_id: g.acme.clone(),
        request_id: request.id.clone(),
        rev: 1,
        state: ExtensionState::Waiting,
        due: "2026-04-11".parse().unwrap(),
        until: "2026-05-31".parse().unwrap(),
        reason: "Late invoice".into(),
        asked_by: "1".into(),
        asked_at: g.clock.now(),
        decided_by: None,
        stands_for: None,
        decided_at: None,
        decline_reason: None,
    };
    let request = in_tx!(g.store, |tx| {
        let (request, _) = claims(&g, tx).await?;
        let asked = new(&request);
        extension::insert(tx, &asked).await?;
        assert_eq!(extension::by_id(tx, &asked.id).await?, Some(asked.clone()));
        assert_eq!(extension::waiting(tx, &request.id).await?, Some(asked.clone()));
        let by = ExtensionDecider { person: "2", stands_for: Some("3"), at: g.clock.now() };
        let held =
            MdfRequest { state: RequestState::Approved, claim_due: Some(asked.due), ..request.clone() };
        let declined = asked.decline(&held, 1, "No", by).unwrap();
        extension::save(tx, &declined).await?;
        assert!(extension::save(tx, &declined).await.is_err(), "what is decided is final");
        assert_eq!(extension::waiting(tx, &request.id).await?, None);
        let second = new(&request);
        extension::insert(tx, &second).await?;
        assert_eq!(extension::of_request(tx, &request.id).await?.len(), 2);
        assert_eq!(extension::by_id(tx, &declined.id).await?, Some(declined));
        Ok(request)
    })
    .unwrap();
    let third = in_tx!(g.store, |tx| { extension::insert(tx, &new(&request)).await });
    assert!(third.is_err(), "one waits at a time");
}

async fn a_packet_is_read_of_one_claim(g: Ground) {
    in_tx!(g.store, |tx| {
        let (request, [first, second]) = claims(&g, tx).await?;
        let fund = ledger::fund_by_id(tx, &request.fund_id).await?;
        for (key, what, about) in [
            ("approve", Move::Approve, ledger::About::request(&request.id)),
            ("first", Move::ApproveClaim, ledger::About::claim(&request.id, &first.id)),
            ("second", Move::ApproveClaim, ledger::About::claim(&request.id, &second.id)),
        ] {
            let transfer = ledger::Transfer {
                id: g.clock.new_id(),
                idempotency_key: key.into(),
                fund: &fund,
                what,
                amount: if key == "approve" { eur(900) } else { eur(300) },
                about,
                actor: "2",
                at: g.clock.now(),
            };
            assert_eq!(ledger::transfer(tx, &transfer).await?, ledger::Moved::Done);
        }
        let kept = ledger::of_claim(tx, &request.id, &first.id).await?;
        let keys: Vec<&str> = kept.iter().map(|one| one.idempotency_key.as_str()).collect();
        assert_eq!(keys, ["approve", "first"], "another claim's moves are not in it");
        let entries = [("committed".to_owned(), -eur(300).minor()), ("payable".to_owned(), eur(300).minor())];
        assert_eq!(
            (kept[1].amount_minor, kept[1].entries.as_slice()),
            (eur(300).minor(), entries.as_slice())
        );

        let taken = Decision {
            id: g.clock.new_id(),
            rev: 1,
            on: On::Request(&request.id),
            reason: None,
            outcome: "approved",
            amount: Some(eur(900)),
            person: "2",
            stands_for: None,
            at: g.clock.now(),
        };
        decision::insert(tx, &taken).await?;
        let decided = decision::all(tx, On::Request(&request.id)).await?;
        assert_eq!(decided.iter().map(|one| one.outcome.as_str()).collect::<Vec<_>>(), ["approved"]);
        Ok(())
    })
    .unwrap();
    let plan = g.plan.id.clone();
    let links = in_read!(g.store, |read| { audit::of_item(read, &plan).await }).unwrap();
    let codes = in_read!(g.store, |read| { audit::codes_of(read, &plan).await }).unwrap();
    assert_eq!(links.iter().map(|link| link.line.code.clone()).collect::<Vec<_>>(), codes);
    assert!(links.iter().all(|link| link.hash == link.line.hash(&link.before)), "each has its hash");
}
