//! What a HubSpot account holds, and the events that its changes make.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The account's number, the app's, and the first id of its records: of the length that HubSpot's have.
const PORTAL: u64 = 24_681_357;
const APP: u64 = 1_160_452;
const FIRST_ID: u64 = 51_200_000_001;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Contact,
    Deal,
}

impl Kind {
    /// As addresses have it.
    pub(super) fn parse(plural: &str) -> Option<Self> {
        match plural {
            "contacts" => Some(Kind::Contact),
            "deals" => Some(Kind::Deal),
            _ => None,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Kind::Contact => "contact",
            Kind::Deal => "deal",
        }
    }
}

/// A contact as somebody enters it.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    pub email: String,
    pub company: String,
    pub country: String,
    /// The address of the first page seen, with its utm parameters.
    pub first_url: String,
}

impl Contact {
    pub(super) fn properties(&self) -> BTreeMap<String, String> {
        let named = [
            ("email", &self.email),
            ("company", &self.company),
            ("country", &self.country),
            ("hs_analytics_first_url", &self.first_url),
        ];
        let mut properties: BTreeMap<String, String> =
            named.map(|(name, value)| (name.to_owned(), value.clone())).into();
        properties.insert("lifecyclestage".to_owned(), "lead".to_owned());
        properties
    }
}

/// A deal as a salesperson opens it.
#[derive(Clone, Debug, Default)]
pub struct Deal {
    pub name: String,
    /// A decimal; empty while nobody has said one.
    pub amount: String,
    /// Empty where the account leaves it to its own currency.
    pub currency: String,
}

impl Deal {
    pub(super) fn properties(&self) -> BTreeMap<String, String> {
        let named = [
            ("dealname", self.name.as_str()),
            ("amount", self.amount.as_str()),
            ("deal_currency_code", self.currency.as_str()),
            ("dealstage", "qualifiedtobuy"),
            ("pipeline", "default"),
        ];
        let set = named.into_iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// A contact or a deal.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub properties: BTreeMap<String, String>,
    pub created_ms: i64,
    pub updated_ms: i64,
}

/// Everything in the account.
pub(super) struct Account {
    pub token: String,
    pub records: BTreeMap<(Kind, u64), Record>,
    /// Deal and contact.
    pub links: BTreeSet<(u64, u64)>,
    /// Events that wait to be sent.
    pub events: Vec<Value>,
    pub reads: u64,
    pub limited: bool,
    next_id: u64,
    next_event: u64,
}

impl Account {
    pub(super) fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            records: BTreeMap::new(),
            links: BTreeSet::new(),
            events: Vec::new(),
            reads: 0,
            limited: false,
            next_id: FIRST_ID,
            next_event: 1,
        }
    }

    /// Makes a record. In captured batches the property changes of a creation come before it, at the same time.
    pub(super) fn create(&mut self, kind: Kind, properties: BTreeMap<String, String>, now_ms: i64) -> u64 {
        let id = self.next_id;
        self.next_id += 7;
        let told = match kind {
            Kind::Contact => ["email", "lifecyclestage"],
            Kind::Deal => ["amount", "dealstage"],
        };
        for name in told {
            if let Some(value) = properties.get(name) {
                self.property_event(kind, id, name, &value.clone(), now_ms);
            }
        }
        self.records.insert((kind, id), Record { properties, created_ms: now_ms, updated_ms: now_ms });
        let what = format!("{}.creation", kind.noun());
        self.event(&what, now_ms, json!({"objectId": id, "changeFlag": "CREATED", "changeSource": "FORM"}));
        id
    }

    pub(super) fn change(&mut self, kind: Kind, id: u64, name: &str, value: &str, now_ms: i64) {
        if let Some(record) = self.records.get_mut(&(kind, id)) {
            record.properties.insert(name.to_owned(), value.to_owned());
            if name == "dealstage" {
                for (flag, stage) in [("hs_is_closed_won", "closedwon"), ("hs_is_closed_lost", "closedlost")]
                {
                    record.properties.insert(flag.to_owned(), (value == stage).to_string());
                }
            }
            record.updated_ms = now_ms;
            self.property_event(kind, id, name, value, now_ms);
        }
    }

    pub(super) fn link(&mut self, deal: u64, contact: u64, now_ms: i64) {
        self.links.insert((deal, contact));
        let ends = json!({
            "fromObjectId": deal, "toObjectId": contact, "associationType": "DEAL_TO_CONTACT",
            "associationRemoved": false, "isPrimaryAssociation": false, "changeSource": "USER",
        });
        self.event("deal.associationChange", now_ms, ends);
    }

    pub(super) fn delete(&mut self, contact: u64, now_ms: i64) {
        if self.records.remove(&(Kind::Contact, contact)).is_some() {
            self.links.retain(|(_, linked)| *linked != contact);
            let what = json!({"objectId": contact, "changeFlag": "DELETED", "changeSource": "CRM_UI"});
            self.event("contact.deletion", now_ms, what);
        }
    }

    fn property_event(&mut self, kind: Kind, id: u64, name: &str, value: &str, now_ms: i64) {
        let what = format!("{}.propertyChange", kind.noun());
        let more = json!({
            "objectId": id, "propertyName": name, "propertyValue": value, "changeSource": "CRM_UI", "isSensitive": false,
        });
        self.event(&what, now_ms, more);
    }

    fn event(&mut self, kind: &str, now_ms: i64, mut event: Value) {
        event["eventId"] = json!(self.next_event);
        event["subscriptionId"] = json!(2_900_000 + kind.len());
        event["portalId"] = json!(PORTAL);
        event["appId"] = json!(APP);
        event["occurredAt"] = json!(now_ms);
        event["subscriptionType"] = json!(kind);
        event["attemptNumber"] = json!(0);
        self.next_event += 1;
        self.events.push(event);
    }
}
