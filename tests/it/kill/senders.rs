//! CRMs that post signed webhooks, come again until they are acknowledged, and now and then send once more what was.

use super::Dice;
use super::bot::Hook;
use crate::hook::signed;
use axum::http::HeaderMap;
use std::collections::BTreeSet;
use std::time::Duration;
use tandem::clock::Clock;
use tokio::sync::watch;
use tokio::task::JoinSet;

const SENDERS: usize = 4;
/// Each sender stops by itself after so many leads.
const LEADS_MAX: usize = 1_500;

/// What one sender, or all of them, got acknowledged.
#[derive(Default)]
pub struct Sent {
    /// The CRM's ids of the leads.
    pub leads: BTreeSet<String>,
    /// Deals won, each of EUR 100.00.
    pub deals: BTreeSet<String>,
    /// Tries that got no answer, or none that says "stored".
    pub failed: u64,
    /// Repeats of what was acknowledged already.
    pub repeated: u64,
}

pub struct Senders {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Sent>,
}

impl Senders {
    pub fn begin(hook: Hook, utm_id: &str, dice: &mut Dice) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..SENDERS {
            let sender = Sender {
                hook: hook.clone(),
                utm_id: utm_id.to_owned(),
                client: reqwest::Client::builder().timeout(Duration::from_secs(6)).build().unwrap(),
                clock: Clock::system(),
                dice: Dice::new(dice.0.next()),
                sent: Sent::default(),
            };
            tasks.spawn(sender.run(number, stopped.clone()));
        }
        Self { stop, tasks }
    }

    /// Lets each sender finish what it has begun.
    pub async fn end(self) -> Sent {
        self.stop.send_replace(true);
        let mut all = Sent::default();
        for sent in self.tasks.join_all().await {
            all.leads.extend(sent.leads);
            all.deals.extend(sent.deals);
            all.failed += sent.failed;
            all.repeated += sent.repeated;
        }
        all
    }
}

struct Sender {
    hook: Hook,
    utm_id: String,
    client: reqwest::Client,
    clock: Clock,
    dice: Dice,
    sent: Sent,
}

impl Sender {
    async fn run(mut self, number: usize, stopped: watch::Receiver<bool>) -> Sent {
        for n in 0..LEADS_MAX {
            if *stopped.borrow() {
                break;
            }
            let lead = format!("lead-{number}-{n}");
            self.until_acknowledged(&format!("m-{lead}"), &self.lead(&lead)).await;
            if n % 8 == 0 {
                let deal = format!("deal-{number}-{n}");
                self.until_acknowledged(&format!("m-{deal}"), &self.deal(&deal, &lead)).await;
                self.sent.deals.insert(deal);
            }
            self.sent.leads.insert(lead);
            self.dice.pause_ms(10, 60).await;
        }
        self.sent
    }

    fn lead(&self, id: &str) -> String {
        let at = self.clock.now_ms();
        let utm_id = &self.utm_id;
        format!(
            r#"{{"type":"lead.created","timestamp":{at},"data":{{"id":"{id}","email":"{id}@example.com","created_at":{at},"utm_id":"{utm_id}"}}}}"#
        )
    }

    fn deal(&self, id: &str, lead: &str) -> String {
        let at = self.clock.now_ms();
        format!(
            r#"{{"type":"deal.won","timestamp":{at},"data":{{"id":"{id}","created_at":{at},"amount":"100.00","currency":"EUR","lead_ids":["{lead}"]}}}}"#
        )
    }

    async fn until_acknowledged(&mut self, id: &str, body: &str) {
        let mut headers = self.signed(id, body);
        while !self.stored(&headers, body).await {
            self.sent.failed += 1;
            self.dice.pause_ms(20, 80).await;
            headers = self.signed(id, body);
        }
        if self.dice.one_in(4) {
            if self.dice.one_in(2) {
                headers = self.signed(id, body);
            }
            self.stored(&headers, body).await;
            self.sent.repeated += 1;
        }
    }

    fn signed(&self, id: &str, body: &str) -> HeaderMap {
        signed(&self.hook.secret, id, self.clock.now_ms(), body.as_bytes())
    }

    async fn stored(&self, headers: &HeaderMap, body: &str) -> bool {
        let request = self.client.post(&self.hook.url).headers(headers.clone()).body(body.to_owned());
        // No answer is what a killed bot gives.
        let Ok(answer) = request.send().await else { return false };
        let status = answer.status().as_u16();
        assert!(matches!(status, 200 | 503), "an authentic webhook got {status}");
        status == 200
    }
}
