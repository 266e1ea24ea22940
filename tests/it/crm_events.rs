//! What a webhook says, in our words: HubSpot's batches and Standard Webhooks messages.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tandem::crm::event::{Change, Field, Parsed, RecordKind, RecordRef};
use tandem::crm::{hubspot, standard};

fn payload(name: &str) -> String {
    let path = format!("{}/tests/it/data/crm/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn event_keys_are_those_documented() {
    let expected: BTreeMap<String, BTreeSet<String>> =
        serde_json::from_str(&payload("event_keys.json")).unwrap();
    assert_eq!(expected.len(), 9);
    for (file, keys) in expected {
        let parsed = hubspot::parse(payload(&file).as_bytes()).unwrap();
        assert!(parsed.unreadable.is_empty(), "{file}: {:?}", parsed.unreadable);
        let got: BTreeSet<String> = parsed.events.into_iter().map(|e| e.key).collect();
        assert_eq!(got, keys, "{file}");
    }
}

#[test]
fn a_retry_has_the_same_keys() {
    let first = payload("hubspot/deal_creation_and_amount.json");
    let retry = first.replace("\"attemptNumber\": 0", "\"attemptNumber\": 3");
    assert_ne!(first, retry);
    assert_eq!(hubspot::parse(first.as_bytes()).unwrap(), hubspot::parse(retry.as_bytes()).unwrap());
}

#[test]
fn generic_objects_are_told_apart_by_type() {
    let parsed = hubspot::parse(payload("hubspot/generic_object_events.json").as_bytes()).unwrap();
    let read: Vec<Vec<RecordRef>> = parsed.events.iter().map(tandem::crm::event::Event::to_read).collect();
    assert_eq!(read[0], [RecordRef::lead("51234567890")]);
    assert_eq!(read[2], [RecordRef::deal("20111222333")]);
    assert_eq!(read[3], []);
    let link = hubspot::parse(payload("hubspot/generic_object_association_change.json").as_bytes()).unwrap();
    let Change::Linked { lead, deal, removed } = &link.events[0].change else { panic!("{link:?}") };
    assert_eq!((lead.as_str(), deal.as_str(), *removed), ("51234567890", "20111222333", false));
}

#[test]
fn one_odd_event_does_not_cost_the_others() {
    let body = br#"[
        {"eventId":1,"subscriptionId":2,"portalId":3,"appId":4,"occurredAt":1768150000000,"subscriptionType":"deal.creation","objectId":9},
        {"eventId":1,"portalId":3,"occurredAt":1768150000000,"eventType":"contact.propertyChange","objectId":10,
         "propertyName":"company","propertyValue":"Lopes \ud83d Lda \u0000"},
        {"portalId":3,"occurredAt":1,"subscriptionType":"deal.creation"},
        7,
        {"portalId":3,"occurredAt":"later","subscriptionType":"deal.creation","objectId":1},
        {"portalId":3,"occurredAt":5,"subscriptionType":"ticket.creation","objectId":1},
        {"portalId":3,"occurredAt":5,"subscriptionType":"contact.merge","objectId":1,"primaryObjectId":1,"mergedObjectIds":[2,3],"newObjectId":4}
    ]"#;
    let Parsed { events, unreadable } = hubspot::parse(body).unwrap();
    assert_eq!(unreadable.iter().map(|u| u.index).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(events.len(), 4);
    let Change::Patched(patch) = &events[1].change else { panic!() };
    assert_eq!(patch.fields[&Field::Company].as_deref(), Some("Lopes \u{FFFD} Lda \u{FFFD}"));
    assert_eq!(events[2].change, Change::Ignored);
    let Change::Merged { into, from } = &events[3].change else { panic!() };
    assert_eq!((into.id.as_str(), from.clone()), ("4", vec!["1".to_owned(), "2".to_owned(), "3".to_owned()]));
}

#[test]
fn what_is_not_a_list_of_events_says_so() {
    for body in ["", "nonsense", "[1", "null", "\"text\"", "\0"] {
        let reason = hubspot::parse(body.as_bytes()).unwrap_err();
        assert!(reason.contains("not a JSON list"), "{body:?}: {reason}");
    }
    for body in ["", "[]", "7", "{\"data\":{}}", "{\"type\":\"\"}"] {
        assert!(standard::parse("acme", "msg_1", 0, body.as_bytes()).is_err(), "{body:?}");
    }
}

fn read(body: &str) -> Result<Change, String> {
    let mut parsed = standard::parse("acme", "msg_1", 1_767_950_000_000, body.as_bytes())?;
    match parsed.unreadable.pop() {
        Some(bad) => Err(bad.reason),
        None => Ok(parsed.events.remove(0).change),
    }
}

#[test]
fn a_lead_with_nested_campaign_parameters() {
    let body = payload("standard-webhooks/lead_created.json");
    let parsed = standard::parse("acme", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 0, body.as_bytes()).unwrap();
    let event = &parsed.events[0];
    assert_eq!(event.key, "standard|acme|msg_2KWPBgLlAfxdpx2AI54pPJ85f4W");
    assert_eq!(event.occurred_ms, 1_767_950_000_000);
    let Change::Patched(patch) = &event.change else { panic!() };
    assert_eq!(patch.record, RecordRef::lead("ld_01"));
    assert_eq!(patch.fields[&Field::Email].as_deref(), Some("ana.lopes@example.com"));
    assert_eq!(patch.fields[&Field::Lifecycle].as_deref(), Some("inquiry"));
    let signals = &patch.touches[0].signals;
    assert_eq!(signals.utm_id.as_deref(), Some("cmp_7f3a"));
    assert_eq!(signals.utm_campaign.as_deref(), Some("acme-globex-webinar-2026q1"));
    assert!(!format!("{event:?}").contains("ana.lopes"), "an e-mail address must not be printable");
}

#[test]
fn flat_campaign_parameters_and_a_landing_page() {
    for flat in ["utm_campaign", "utm__campaign", "UTM_Campaign"] {
        let body = format!(
            r#"{{"type":"lead.updated","timestamp":"2026-01-09T09:13:20Z","data":{{"id":7,"{flat}":"Spring Webinar",
            "campaign_id":"701","landing_page":"https://www.example.com/go/?utm_id=CMP_1&email=a@b.c"}}}}"#
        );
        let Ok(Change::Patched(patch)) = read(&body) else { panic!() };
        let signals = &patch.touches[0].signals;
        assert_eq!(signals.utm_campaign.as_deref(), Some("spring-webinar"), "{flat}");
        assert_eq!(signals.utm_id.as_deref(), Some("cmp_1"));
        assert_eq!(signals.crm_campaign_id.as_deref(), Some("701"));
        assert_eq!(signals.landing_page.as_deref(), Some("example.com/go"));
    }
}

#[test]
fn a_deal_keeps_its_amount_as_written() {
    let deal = |kind: &str, rest: &str| {
        read(&format!(r#"{{"type":"{kind}","timestamp":"2026-01-20T10:00:00Z","data":{{"id":"d1"{rest}}}}}"#))
    };
    for amount in [r#""12500.10""#, "12500.10"] {
        let Ok(Change::Patched(patch)) =
            deal("deal.won", &format!(r#","amount":{amount},"currency":"eur","lead_ids":[2,"1",2]"#))
        else {
            panic!()
        };
        assert_eq!(patch.fields[&Field::Amount].as_deref(), Some("12500.10"));
        assert_eq!(patch.fields[&Field::Currency].as_deref(), Some("EUR"));
        assert_eq!(patch.fields[&Field::Status].as_deref(), Some("won"));
        assert_eq!(patch.fields[&Field::ClosedAt].as_deref(), Some("1768903200000"));
        assert_eq!(patch.all_leads, Some(vec!["1".to_owned(), "2".to_owned()]));
    }
    let Ok(Change::Patched(reopened)) = deal("deal.reopened", r#","status":"won""#) else { panic!() };
    assert_eq!(reopened.fields[&Field::Status].as_deref(), Some("open"));
    assert_eq!(reopened.fields[&Field::ClosedAt], None);
    assert_eq!(deal("deal.deleted", ""), Ok(Change::Deleted(RecordRef::deal("d1"))));
    for (rest, says) in [
        (r#","amount":"12,500""#, "amount"),
        (r#","amount":{"value":1}"#, "amount"),
        (r#","currency":"EURO""#, "currency"),
        (r#","status":"maybe""#, "status"),
        (r#","created_at":"soon""#, "created_at"),
        (r#","lead_ids":"1""#, "lead_ids"),
    ] {
        let reason = deal("deal.updated", rest).unwrap_err();
        assert!(reason.contains(says), "{reason}");
    }
}

#[test]
fn an_unknown_type_is_ignored_and_not_an_error() {
    assert_eq!(
        read(r#"{"type":"invoice.paid","timestamp":"2026-01-20T10:00:00Z","data":{}}"#),
        Ok(Change::Ignored)
    );
    assert_eq!(read(r#"{"type":"invoice.paid"}"#), Ok(Change::Ignored));
    assert!(read(r#"{"type":"lead.created","data":{}}"#).unwrap_err().contains("id"));
}

#[test]
fn records_read_from_the_api() {
    use tandem::crm::enrich::{CrmRecord, Stages};
    let value: serde_json::Value = serde_json::from_str(&payload("hubspot/rest/contact_get.json")).unwrap();
    let properties = value["properties"].as_object().unwrap().iter();
    let record = CrmRecord {
        id: "51234567890".to_owned(),
        created_ms: 1_767_950_000_000,
        updated_ms: 1_767_950_042_511,
        properties: properties.map(|(k, v)| (k.clone(), v.as_str().map(str::to_owned))).collect(),
    };
    let patch = hubspot::record_patch(RecordKind::Lead, &record, &Stages::default());
    assert_eq!(patch.fields[&Field::CreatedAt].as_deref(), Some("1767950000000"));
    assert_eq!(patch.touches[0].at_ms, 1_767_950_000_000);
    assert_eq!(patch.touches[0].signals.utm_id.as_deref(), Some("cmp_7f3a"));
    assert_eq!(patch.touches[0].signals.landing_page.as_deref(), Some("example.com/webinar"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(body in any::<Vec<u8>>()) {
        let _ = hubspot::parse(&body);
        let _ = standard::parse("s", "m", 0, &body);
    }

    /// Any JSON text, with broken escapes in it, is read or refused with a reason.
    #[test]
    fn any_json_is_read_without_panic(value in "[\\[{\"a-z:,0-9\\\\uDd8 \\]}]{0,80}", name in "[a-z.]{0,12}") {
        let body = format!(r#"[{{"subscriptionType":"{name}","portalId":1,"occurredAt":2,"objectId":{value}}}]"#);
        let _ = hubspot::parse(body.as_bytes());
        let body = format!(r#"{{"type":"deal.updated","timestamp":1,"data":{{"id":"x","{name}":{value}}}}}"#);
        let _ = standard::parse("s", "m", 0, body.as_bytes());
    }
}
