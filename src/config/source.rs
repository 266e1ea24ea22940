//! `[[program.source]]`: CRMs that send events, and which campaign of theirs is which of ours.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;

use super::Need;
use super::model::{CampaignMapping, Hubspot, Source, SourceKind};
use super::read::{Once, Spot, Table};
use super::rules::{self, Rule};
use super::secret::{self, Wanted};

const HUBSPOT_API: &str = "https://api.hubapi.com";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hubspot,
    StandardWebhooks,
}

const KINDS: &[(&str, Kind)] = &[("hubspot", Kind::Hubspot), ("standard_webhooks", Kind::StandardWebhooks)];

/// What a source is read against.
pub(super) struct Surroundings<'s> {
    /// Key of the program.
    pub(super) program: &'s str,
    /// Keys of its partners.
    pub(super) partners: &'s BTreeSet<String>,
    /// Whether `http.public_url` is written.
    pub(super) public_url: bool,
}

pub(super) fn source(table: &Table<'_>, around: &Surroundings<'_>) -> Option<Source> {
    let session = table.session;
    let key = table.required("key", &rules::key());
    if let Some(key) = &key {
        session.once(Once::Source { program: around.program.to_owned() }, &key.value, key);
    }
    let kind = table.required("kind", &rules::one_of(KINDS));
    let partner = table.optional("partner", &rules::declared("partner", around.partners));
    let default_currency = table.optional("default_currency", &rules::currency());

    let read = session.need == Need::Discord;
    let secret_rule = match kind.as_ref().map(|kind| kind.value) {
        Some(Kind::StandardWebhooks) => &secret::STANDARD_WEBHOOKS_SECRET,
        Some(Kind::Hubspot) => &secret::HUBSPOT_SECRET,
        // The kind was wrong and told of; what its secret should look like is anybody's guess.
        None => &secret::ACCESS_TOKEN,
    };
    let secret = table.secret("secret", secret_rule, Wanted { written: true, read });
    let previous_secret = table.secret("previous_secret", secret_rule, Wanted { written: false, read });
    let path_token = table.secret("path_token", &secret::PATH_TOKEN, Wanted { written: false, read });
    if let Some(token) = &path_token {
        session.once(Once::PathToken, token.value.expose_secret(), token);
    }
    let kind_read = kind.as_ref().map(|kind| kind.value);
    if kind_read == Some(Kind::Hubspot) && !around.public_url {
        let expected = "http.public_url to be set: HubSpot signs the address";
        kind.iter().for_each(|kind| session.wrong(kind, "\"hubspot\" without a public address", expected));
    }
    let hubspot = hubspot(table, kind_read);
    let only = partner.as_ref().map(|partner| partner.value.as_str());
    let campaigns = table.each("campaign", |entry| campaign(entry, around, key.as_ref(), only));

    let kind = match kind_read? {
        Kind::Hubspot => SourceKind::Hubspot(hubspot?),
        Kind::StandardWebhooks => SourceKind::StandardWebhooks,
    };
    Some(Source {
        key: key?.value,
        kind,
        secret: secret.map(|spot| spot.value),
        previous_secret: previous_secret.map(|spot| spot.value),
        path_token: path_token.map(|spot| spot.value),
        default_currency: default_currency.map(|spot| spot.value),
        partner: partner.map(|spot| spot.value),
        campaigns,
    })
}

/// What only HubSpot has; other kinds don't know these keys. An unknown kind isn't blamed for them.
fn hubspot(table: &Table<'_>, kind: Option<Kind>) -> Option<Hubspot> {
    if kind == Some(Kind::StandardWebhooks) {
        return None;
    }
    let is_hubspot = kind == Some(Kind::Hubspot);
    let wanted = Wanted { written: is_hubspot, read: is_hubspot && table.session.need == Need::Discord };
    let access_token = table.secret("access_token", &secret::ACCESS_TOKEN, wanted);
    let portal_id = table.optional("portal_id", &portal_id());
    let api_url = match table.field("api_url") {
        None => Some(HUBSPOT_API.to_owned()),
        Some(field) => {
            table.session.parse(&field, &rules::secure_base_url(HUBSPOT_API)).map(|spot| spot.value)
        }
    };
    Some(Hubspot {
        api_url: api_url?,
        access_token: access_token.map(|spot| spot.value),
        portal_id: portal_id.map(|spot| spot.value),
    })
}

fn portal_id() -> Rule<u64> {
    Rule::new("the number of the HubSpot account in quotes", |text| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    })
}

fn campaign(
    table: &Table<'_>,
    around: &Surroundings<'_>,
    source: Option<&Spot<String>>,
    only: Option<&str>,
) -> Option<CampaignMapping> {
    let crm_id = table.required("crm_id", &rules::text("the CRM's id of the campaign, in quotes", 200));
    if let (Some(crm_id), Some(source)) = (&crm_id, source) {
        let source = format!("{}/{}", around.program, source.value);
        table.session.once(Once::CrmCampaign { source }, &crm_id.value, crm_id);
    }
    let ours = table.required("campaign", &our_campaign(around.partners));
    if let (Some(ours), Some(only)) = (&ours, only)
        && ours.value.0 != only
    {
        let expected = format!("a campaign of {}, to whom the source belongs", only.to_ascii_uppercase());
        table.session.wrong(ours, format!("a campaign of {}", ours.value.0.to_ascii_uppercase()), expected);
    }
    let (partner, number) = ours?.value;
    Some(CampaignMapping { crm_id: crm_id?.value, partner, number })
}

/// `ACME/CMP-7`: the partner's key in capitals, and the campaign's number there.
fn our_campaign(partners: &BTreeSet<String>) -> Rule<(String, u32)> {
    let known = partners.clone();
    let parse = move |text: &str| {
        let (partner, number) = text.split_once("/CMP-")?;
        let partner = known.get(&partner.to_ascii_lowercase())?;
        let digits = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number.parse().ok()).flatten().map(|number| (partner.clone(), number))
    };
    let expected = "PARTNER/CMP-number of a declared partner, such as \"ACME/CMP-7\"";
    Rule { refers: true, ..Rule::new(expected, parse) }
}
