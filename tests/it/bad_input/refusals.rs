//! Every refusal there is, met once over chat. A code that is added without a way to meet it fails here.

use super::drafted;
use crate::harness::{World, stories};
use discord_local::Message;
use sqlx::{AnyConnection, Connection, Row};
use std::collections::BTreeSet;
use tandem::domain::refusal::Code;
use tandem::flow::Reply;
use tandem::playground::seed::{ACME, APPROVALS, GENERAL, GUILD, Who};

stories!(every_refusal_is_met);

async fn every_refusal_is_met(w: &mut World) {
    refused_by_who_and_where(w).await;
    refused_to_sign(w).await;
    refused_to_decide(w).await;
    let all: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(replied(w).await, all, "what people were told");
    // Somebody without a company, or with two, has no line of their own in a program's trail.
    let trail: BTreeSet<String> = all
        .into_iter()
        .filter(|code| code != Code::NoCompany.as_str() && code != Code::TwoCompanies.as_str())
        .collect();
    assert_eq!(audited(w).await, trail, "what the trail says");
}

/// The codes of the refusals among the saved replies.
async fn replied(w: &World) -> BTreeSet<String> {
    let replies = texts(w, "SELECT reply FROM request_log").await;
    let replies = replies.iter().map(|reply| serde_json::from_str::<Reply>(reply).unwrap());
    replies.filter_map(|reply| reply.refused).map(|refusal| refusal.code.as_str().to_owned()).collect()
}

/// The codes of the refusals in the audit trail.
async fn audited(w: &World) -> BTreeSet<String> {
    let codes = texts(w, "SELECT code FROM audit WHERE code LIKE 'refused:%'").await;
    codes.iter().map(|code| code.trim_start_matches("refused:").to_owned()).collect()
}

async fn texts(w: &World, query: &'static str) -> Vec<String> {
    let mut connection = AnyConnection::connect(&w.addresses.database_url).await.unwrap();
    let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn id_of(card: &Message, label: &str) -> String {
    card.button(label).and_then(|button| button.custom_id).unwrap()
}

/// no_company, two_companies, wrong_place, missing_capability, not_found, bad_input
async fn refused_by_who_and_where(w: &World) {
    let [nobody, both, pat, olga] = [Who::Nobody, Who::Both, Who::Pat, Who::Olga].map(|who| w.person(who));
    let create = "/plan create period:Q1 2026";
    nobody.runs(create).await;
    both.runs(create).await;
    pat.at(GENERAL).runs(create).await;
    olga.runs(create).await;
    pat.runs("/plan create period:whenever").await;
    pat.runs("/campaign log campaign:CMP-999 spend:1").await;
}

/// stale, already_signed, both_sides
async fn refused_to_sign(w: &World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    drafted(w, Who::Pat, "EUR").await;
    pat.runs("/plan propose").await;
    let old = w.card(ACME, "PLN-1");
    let decline = id_of(&old, "Decline…");
    pat.runs("/campaign add name:Second type:email start:2026-03-01 leads:1 pipeline:1").await;
    pat.runs("/plan propose").await;
    olga.forges_form(&decline, &[("reason", "Too late")]).await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    vera.presses(&card, "Sign", &[]).await;
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4005]);
    vera.presses(&card, "Sign", &[]).await;
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001]);
    olga.presses(&card, "Sign", &[]).await;
}

/// wrong_state, own_request, over_limit, confirm, not_covered
async fn refused_to_decide(w: &World) {
    let [vera, amir, finn, pat] = [Who::Vera, Who::Amir, Who::Finn, Who::Pat].map(|who| w.person(who));
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001, 4002]);
    vera.runs("/mdf request campaign:CMP-1 cost:50k amount:20,000.01 purpose:Booth fund:acme-q1").await;
    let first = w.card(APPROVALS, "ACME/MDF-1");
    let decline = id_of(&first, "Decline…");
    vera.at(APPROVALS).forges_form(&decline, &[("reason", "Mine")]).await;
    let confirm = id_of(&first, "Approve").replace("mdf-approve", "mdf-confirm");
    amir.forges_form(&confirm, &[("confirm", "20,000.01")]).await;
    finn.presses(&first, "Approve", &[("confirm", "1")]).await;
    finn.presses(&first, "Approve", &[("confirm", "20,000.01")]).await;
    finn.forges_form(&decline, &[("reason", "Too late")]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:20k amount:9,999.99 purpose:Banner fund:acme-q1").await;
    finn.presses(&w.card(APPROVALS, "ACME/MDF-2"), "Approve", &[]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:20k amount:9 purpose:Pins fund:acme-q1").await;
    finn.presses(&w.card(APPROVALS, "ACME/MDF-3"), "Approve", &[]).await;
}
