//! The CRM stand-in answers as HubSpot documents it.

use serde_json::{Value, json};
use tandem::clock::Clock;
use tandem::playground::crm::{Contact, Deal, Hubspot};

struct Asked {
    status: u16,
    body: Value,
    interval: Option<String>,
}

async fn ask(address: std::net::SocketAddr, token: &str, path: &str, body: Option<Value>) -> Asked {
    let (http, url) = (reqwest::Client::new(), format!("http://{address}{path}"));
    let request = match body {
        Some(body) => http.post(url).json(&body),
        None => http.get(url),
    };
    let answer = request.bearer_auth(token).send().await.unwrap();
    let interval = answer.headers().get("x-hubspot-ratelimit-interval-milliseconds");
    let interval = interval.map(|value| value.to_str().unwrap().to_owned());
    Asked { status: answer.status().as_u16(), interval, body: answer.json().await.unwrap() }
}

#[tokio::test]
async fn the_stand_in_answers_as_documented() {
    let clock = Clock::manual("2026-02-01T10:00:00Z".parse().unwrap());
    let hubspot = Hubspot::new(clock, "token");
    let served = hubspot.serve().await.unwrap();
    let at = served.address;
    let contact = hubspot.contact(&Contact { email: "ana@example.com".to_owned(), ..Contact::default() });
    let deal = hubspot.deal(&Deal { amount: "10.50".to_owned(), ..Deal::default() }, &[contact]);

    let batch =
        json!({"properties": ["email", "unheard"], "inputs": [{"id": contact.to_string()}, {"id": "7"}]});
    let path = "/crm/v3/objects/contacts/batch/read";
    assert_eq!(ask(at, "wrong", path, Some(batch.clone())).await.status, 401);
    let some = ask(at, "token", path, Some(batch)).await;
    assert_eq!((some.status, &some.body["errors"][0]["context"]["ids"]), (207, &json!(["7"])));
    assert_eq!(some.body["results"][0]["properties"]["email"], "ana@example.com");
    assert_eq!(some.body["results"][0]["createdAt"], "2026-02-01T10:00:00.000Z");
    assert!(some.body["results"][0]["properties"].get("unheard").is_none());

    hubspot.stage(deal, "closedwon");
    let one =
        ask(at, "token", &format!("/crm/v3/objects/deals/{deal}?properties=amount,hs_is_closed_won"), None)
            .await;
    assert_eq!(one.body["properties"]["hs_is_closed_won"], "true");
    assert_eq!(one.body["properties"]["amount"], "10.50");
    let links = ask(at, "token", &format!("/crm/v4/objects/deals/{deal}/associations/contacts"), None).await;
    assert_eq!(links.body["results"][0]["toObjectId"], contact);

    hubspot.delete_contact(contact);
    let gone = ask(at, "token", &format!("/crm/v3/objects/contacts/{contact}"), None).await;
    assert_eq!((gone.status, &gone.body["category"]), (404, &json!("OBJECT_NOT_FOUND")));

    hubspot.use_up_allowance();
    let limited = ask(at, "token", "/crm/v3/pipelines/deals", None).await;
    assert_eq!((limited.status, limited.interval.as_deref()), (429, Some("200")));
    let stages = ask(at, "token", "/crm/v3/pipelines/deals", None).await;
    assert_eq!(
        stages.body["results"][0]["stages"][5]["metadata"],
        json!({"isClosed": "true", "probability": "1.0"})
    );
    assert_eq!(hubspot.reads(), 7);
    served.stop().await;
}
