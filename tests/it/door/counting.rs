//! What is counted of what came in: each event once, for the campaign that it names.

use super::knock::Door;
use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, Who};
use tokio::task::JoinSet;

stories!(
    the_same_delivery_counts_once_however_often_it_comes,
    odd_bodies_in_a_burst_hurt_nobody_else,
    leads_and_deals_are_credited_to_the_campaign_they_name,
);

/// A signed plan with one campaign; its `utm_id` and `utm_campaign`.
async fn campaign(w: &World) -> (String, String) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-01-05 end:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
    for who in [Who::Vera, Who::Olga] {
        w.person(who).at(ACME).presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    let list = pat.at(ACME).runs("/campaign list").await;
    let of = |name: &str| {
        let (_, rest) = list.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {list}"));
        // Shown escaped, because people can choose it.
        rest.split_whitespace().next().unwrap_or_default().replace('\\', "")
    };
    (of("utm_id"), of("utm_campaign"))
}

fn lead(id: &str, more: &str) -> String {
    format!(
        r#"{{"type":"lead.created","timestamp":"2026-01-05T07:30:00Z","data":{{"id":"{id}","created_at":"2026-01-05T07:30:00Z"{more}}}}}"#
    )
}

async fn counted(door: &Door<'_>) -> i64 {
    door.number("SELECT CAST(COALESCE(SUM(delta), 0) AS BIGINT) AS n FROM fact WHERE measure = 'leads'").await
}

async fn the_same_delivery_counts_once_however_often_it_comes(w: &mut World) {
    let (utm_id, _) = campaign(w).await;
    let door = Door::of(w);
    let body = lead("l1", &format!(r#","utm_id":"{utm_id}""#));
    // Twenty at once, then again after it was read, then as a retry signed anew a minute later.
    let headers = door.signed("m1", body.as_bytes());
    let client = reqwest::Client::new();
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let request =
            client.post(door.url(super::knock::FORMS)).headers(headers.clone()).body(body.clone()).send();
        requests.spawn(async move { request.await.unwrap().status().as_u16() });
    }
    assert_eq!(requests.join_all().await, [200; 20]);
    assert_eq!(door.deliveries().await, 1);
    door.is_read().await;
    assert_eq!(counted(&door).await, 1);
    assert_eq!(door.forms("m1", body.clone()).await, 200);
    assert_eq!(door.deliveries().await, 1);
    w.moves_to("2026-01-05T08:01:00Z").await;
    assert_eq!(door.forms("m1", body).await, 200);
    door.is_read().await;
    assert_eq!(door.deliveries().await, 2, "a retry signed anew is another delivery");
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM crm_event").await, 1, "of the same event");
    assert_eq!(counted(&door).await, 1);
}

async fn odd_bodies_in_a_burst_hurt_nobody_else(w: &mut World) {
    let (utm_id, _) = campaign(w).await;
    let door = Door::of(w);
    let bodies: Vec<Vec<u8>> = (0..100)
        .map(|n| match n {
            13 => b"{\"type\":\"lead.created\", nul \0".to_vec(),
            42 => b"{\"type\":\"lead.created\xff\xfe".to_vec(),
            77 => br#"{"type":"lead.created","data":{"id":"\ud800"#.to_vec(),
            n => lead(&format!("l{n}"), &format!(r#","utm_id":"{utm_id}""#)).into_bytes(),
        })
        .collect();
    let client = reqwest::Client::new();
    let mut requests = JoinSet::new();
    for (n, body) in bodies.into_iter().enumerate() {
        let headers = door.signed(&format!("m{n}"), &body);
        let request = client.post(door.url(super::knock::FORMS)).headers(headers).body(body).send();
        requests.spawn(async move { request.await.unwrap().status().as_u16() });
    }
    assert_eq!(requests.join_all().await, [200; 100], "all are authentic, and stored");
    door.is_read().await;
    assert_eq!(counted(&door).await, 97);
    assert_eq!(door.dead_letters().await.len(), 3);
    // Text that no database can hold, inside well-formed JSON: taken as text with replacements.
    let nul = lead("nul", &format!(r#","utm_id":"{utm_id}","company":"A\u0000B \ud800 C""#));
    assert_eq!(door.forms("nul", nul).await, 200);
    door.is_read().await;
    assert_eq!(counted(&door).await, 98);
    door.is_told(1).await;
}

async fn leads_and_deals_are_credited_to_the_campaign_they_name(w: &mut World) {
    let (utm_id, slug) = campaign(w).await;
    let door = Door::of(w);
    assert_eq!(door.forms("m1", lead("by-id", &format!(r#","utm_id":"{utm_id}""#))).await, 200);
    let spelled = slug.to_uppercase();
    assert_eq!(door.forms("m2", lead("by-slug", &format!(r#","utm_campaign":"{spelled}""#))).await, 200);
    assert_eq!(door.forms("m3", lead("nobody", r#","utm_campaign":"somebody-elses""#)).await, 200);
    // The deal comes before the lead that it is of.
    let deal = r#"{"type":"deal.won","timestamp":"2026-01-05T07:45:00Z","data":{"id":"d1","created_at":"2026-01-05T07:40:00Z","amount":"12500.50","currency":"EUR","lead_ids":["late"]}}"#;
    assert_eq!(door.forms("m4", deal).await, 200);
    door.is_read().await;
    assert_eq!(door.number("SELECT COUNT(*) AS n FROM fact WHERE measure = 'won'").await, 0);
    assert_eq!(door.forms("m5", lead("late", &format!(r#","utm_id":"{utm_id}""#))).await, 200);
    door.is_read().await;

    let leads = door.rows("SELECT external_id, campaign_id, rule FROM lead ORDER BY external_id").await;
    let leads: Vec<_> = leads
        .iter()
        .map(|row| {
            let campaign = row.text_opt("campaign_id").unwrap();
            (row.text("external_id").unwrap(), campaign.is_some(), row.text_opt("rule").unwrap())
        })
        .collect();
    let credited = |id: &str, rule: &str| (id.to_owned(), true, Some(rule.to_owned()));
    assert_eq!(
        leads,
        [
            credited("by-id", "utm_id"),
            credited("by-slug", "utm_campaign"),
            credited("late", "utm_id"),
            ("nobody".to_owned(), false, None),
        ]
    );
    assert_eq!(counted(&door).await, 3);
    let facts = "SELECT measure, currency, CAST(SUM(delta) AS BIGINT) AS n FROM fact WHERE measure <> 'leads'
         GROUP BY measure, currency ORDER BY measure";
    let facts = door.rows(facts).await;
    let facts: Vec<_> = facts
        .iter()
        .map(|row| (row.text("measure").unwrap(), row.text("currency").unwrap(), row.int("n").unwrap()))
        .collect();
    let money = |measure: &str| (measure.to_owned(), "EUR".to_owned(), 1_250_050);
    assert_eq!(facts, [money("pipeline"), money("won")]);
}
