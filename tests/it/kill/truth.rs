//! What must be true in the end: in the database, and in what people see.

use super::bot::Setup;
use super::people::{Asked, What};
use super::senders::Sent;
use crate::harness::files::pdf;
use discord_local::{DiscordLocal, Message};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tandem::evidence::packet::sha256;
use tandem::playground::seed::{ACME, APPROVALS, Who};
use tandem::store::{Row, Store, ledger, outbox};
use tandem::{args, in_read};

/// How long the bot has to work off what is left.
const DRAINED_WITHIN: Duration = Duration::from_secs(60);

/// Waits until nothing is under way, and checks everything.
pub async fn holds(setup: &Setup, discord: &DiscordLocal, said: &[Asked], sent: &Sent) {
    let store = Store::open(&setup.database_url).await.unwrap();
    let database = Database { store };
    database.is_drained(setup).await;
    println!(
        "{} leads, {} deals, {} tries unanswered, {} repeats; {} commands and presses, {} unanswered; {} messages of unknown outcome",
        sent.leads.len(),
        sent.deals.len(),
        sent.failed,
        sent.repeated,
        said.len(),
        said.iter().filter(|asked| asked.answer.is_none()).count(),
        database.number("SELECT COUNT(*) AS n FROM outbox WHERE attempts > 1").await,
    );
    database.something_happened(said, sent).await;
    database.every_event_counts_once(sent).await;
    let requests = database.every_request_is_made_once(said).await;
    let entries = database.every_entry_is_made_once(said).await;
    let paid = database.every_payment_is_made_once(said).await;
    database.every_file_is_there(setup, said).await;
    every_card_is_there_once(discord, &requests, &entries, &paid);
    let problems = in_read!(database.store, |read| { ledger::verify(read).await }).unwrap();
    assert_eq!(problems, Vec::<String>::new(), "the ledger is sound");
    database.store.close().await;
}

struct Database {
    store: Store,
}

impl Database {
    async fn rows(&self, sql: &'static str) -> Vec<Row> {
        in_read!(self.store, |read| { read.all(sql, args![]).await }).unwrap()
    }

    async fn number(&self, sql: &'static str) -> i64 {
        self.rows(sql).await[0].int("n").unwrap()
    }

    async fn waiting(&self) -> (i64, i64) {
        let events = self.number("SELECT COUNT(*) AS n FROM crm_delivery WHERE state = 'waiting'").await;
        let messages = in_read!(self.store, |read| {
            outbox::waiting_count(read, chrono::DateTime::<chrono::Utc>::MAX_UTC).await
        })
        .unwrap();
        (events, messages)
    }

    async fn is_drained(&self, setup: &Setup) {
        let drained = async {
            while self.waiting().await != (0, 0) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(DRAINED_WITHIN, drained).await.is_err() {
            panic!("still waiting: {:?} (events, messages)\n{}", self.waiting().await, setup.log());
        }
    }

    /// A test in which nothing was interrupted would prove nothing.
    async fn something_happened(&self, said: &[Asked], sent: &Sent) {
        assert!(sent.leads.len() > 100 && !sent.deals.is_empty(), "webhooks were acknowledged");
        assert!(sent.failed > 0, "webhooks arrived while the bot was down");
        assert!(sent.repeated > 0, "acknowledged webhooks came again");
        assert!(said.iter().any(|asked| asked.answer.is_some()), "people were answered");
        let in_doubt = self.number("SELECT COUNT(*) AS n FROM outbox WHERE attempts > 1").await;
        assert!(in_doubt > 0, "messages were tried again whose first try was not known to have gone out");
    }

    async fn every_event_counts_once(&self, sent: &Sent) {
        let leads = self.rows("SELECT external_id FROM lead").await;
        let stored: BTreeSet<String> = leads.iter().map(|row| row.text("external_id").unwrap()).collect();
        assert_eq!(leads.len(), stored.len(), "no lead is there twice");
        assert_eq!(stored, sent.leads, "the leads are those that were acknowledged");
        let twice =
            "SELECT lead_id AS id FROM fact WHERE measure = 'leads' GROUP BY lead_id HAVING SUM(delta) <> 1";
        assert!(self.rows(twice).await.is_empty(), "each lead counts once");
        let counted = "SELECT COUNT(DISTINCT lead_id) AS n FROM fact WHERE measure = 'leads'";
        assert_eq!(usize::try_from(self.number(counted).await).unwrap(), sent.leads.len());
        let deals = i64::try_from(sent.deals.len()).unwrap();
        for (measure, sql) in [
            ("pipeline", "SELECT CAST(SUM(delta) AS BIGINT) AS n FROM fact WHERE measure = 'pipeline'"),
            ("won", "SELECT CAST(SUM(delta) AS BIGINT) AS n FROM fact WHERE measure = 'won'"),
        ] {
            assert_eq!(self.number(sql).await, deals * 10_000, "{measure}: each deal counts once");
        }
        let events = "SELECT COUNT(*) AS n FROM crm_event WHERE outcome = 'applied'";
        assert_eq!(usize::try_from(self.number(events).await).unwrap(), sent.leads.len() + sent.deals.len());
        let odd = "SELECT COUNT(*) AS n FROM crm_event WHERE outcome <> 'applied'";
        assert_eq!(self.number(odd).await, 0, "every event was applied");
        let dead = "SELECT COUNT(*) AS n FROM crm_delivery WHERE state <> 'done'";
        assert_eq!(self.number(dead).await, 0, "no delivery is left over");
        let dead = "SELECT COUNT(*) AS n FROM outbox WHERE dead_at IS NOT NULL";
        assert_eq!(self.number(dead).await, 0, "no message was given up");
    }

    /// The requests by number, with whether they are approved.
    async fn every_request_is_made_once(&self, said: &[Asked]) -> BTreeMap<i64, bool> {
        let rows = self.rows("SELECT number, purpose, state FROM mdf_request ORDER BY number").await;
        let by_purpose: BTreeMap<String, i64> =
            rows.iter().map(|row| (row.text("purpose").unwrap(), row.int("number").unwrap())).collect();
        assert_eq!(rows.len(), by_purpose.len(), "no request is made twice");
        let requests: BTreeMap<i64, bool> = rows
            .iter()
            .map(|row| (row.int("number").unwrap(), row.text("state").unwrap() == "approved"))
            .collect();
        numbers_run_through(requests.keys());
        for asked in said {
            let Some(answer) = &asked.answer else { continue };
            match &asked.what {
                What::Request(purpose) => {
                    let number =
                        by_purpose.get(purpose).unwrap_or_else(|| panic!("{purpose:?} got {answer:?}"));
                    assert!(answer.starts_with(&format!("MDF-{number} is submitted")), "{answer}");
                }
                What::Approval(name) if answer.contains(" is approved. ") => {
                    assert!(answer.starts_with(&format!("{name} is approved")), "{name}: {answer}");
                    let number: i64 = name.trim_start_matches("MDF-").parse().unwrap();
                    assert!(requests[&number], "{name} is approved");
                }
                // Pressed again, because the first press was done and its answer died with the process.
                What::Approval(name) => {
                    let number: i64 = name.trim_start_matches("MDF-").parse().unwrap();
                    assert!(requests[&number], "{name} got {answer:?}");
                }
                What::Spend(_) | What::Payment(_) | What::File(_) => {}
            }
        }
        requests
    }

    /// The numbers of logged entries.
    async fn every_entry_is_made_once(&self, said: &[Asked]) -> BTreeSet<i64> {
        // What the claim's approval spent came before anything else, in two parts of one invoice.
        let claimed = "SELECT COUNT(*) AS n FROM log_entry WHERE number <= 2 AND invoice_number = 'AV-7'";
        assert_eq!(self.number(claimed).await, 2);
        let rows =
            self.rows("SELECT number - 2 AS number, invoice_number FROM log_entry WHERE number > 2").await;
        let by_invoice: BTreeMap<String, i64> = rows
            .iter()
            .map(|row| (row.text("invoice_number").unwrap(), row.int("number").unwrap()))
            .collect();
        assert_eq!(rows.len(), by_invoice.len(), "no invoice is logged twice");
        for asked in said {
            if let (What::Spend(invoice), Some(answer)) = (&asked.what, &asked.answer) {
                let number = by_invoice.get(invoice).unwrap_or_else(|| panic!("{invoice} got {answer:?}"));
                assert!(answer.starts_with(&format!("LOG-{} logged: ", number + 2)), "{answer}");
            }
        }
        let numbers: BTreeSet<i64> = by_invoice.into_values().collect();
        numbers_run_through(&numbers);
        numbers.into_iter().map(|number| number + 2).collect()
    }

    /// The references of the payments.
    async fn every_payment_is_made_once(&self, said: &[Asked]) -> BTreeSet<String> {
        let rows = self.rows("SELECT reference, amount_minor FROM claim_payment").await;
        let paid: BTreeSet<String> = rows.iter().map(|row| row.text("reference").unwrap()).collect();
        assert_eq!(rows.len(), paid.len(), "nothing is paid twice");
        assert!(rows.iter().all(|row| row.int("amount_minor").unwrap() == 100));
        for asked in said {
            if let (What::Payment(reference), Some(answer)) = (&asked.what, &asked.answer) {
                assert!(answer.starts_with("EUR 1.00 of CLM-1 is paid on "), "{answer}");
                assert!(paid.contains(reference), "{reference} got {answer:?}");
            }
        }
        let sum = self.number("SELECT paid_minor AS n FROM claim WHERE number = 1").await;
        assert_eq!(usize::try_from(sum).unwrap(), 100 * paid.len(), "the claim says so too");
        assert!(!paid.is_empty(), "something was paid");
        paid
    }

    /// Whatever a row names is in the folder, whole; what was answered has its row.
    async fn every_file_is_there(&self, setup: &Setup, said: &[Asked]) {
        let rows = self.rows("SELECT sha256 FROM claim_evidence").await;
        let kept: BTreeSet<String> = rows.iter().map(|row| row.text("sha256").unwrap()).collect();
        assert_eq!(rows.len(), kept.len(), "no file is there twice");
        for hash in &kept {
            let place = setup.evidence().join("open").join(&hash[..2]).join(hash);
            let bytes = std::fs::read(&place).unwrap_or_else(|error| panic!("{hash}: {error}"));
            assert_eq!(&sha256(&bytes), hash);
        }
        let mut proved = 0;
        for asked in said {
            if let (What::File(text), Some(answer)) = (&asked.what, &asked.answer) {
                assert!(answer.starts_with("proof.pdf is results of CLM-2"), "{answer}");
                assert!(kept.contains(&sha256(&pdf("proof.pdf", text).bytes)), "{text} got {answer:?}");
                proved += 1;
            }
        }
        assert!(proved > 0, "something was proved");
    }
}

/// A number that is missing was shown to somebody and taken back.
fn numbers_run_through<'a>(numbers: impl IntoIterator<Item = &'a i64>) {
    for (number, expected) in numbers.into_iter().zip(1..) {
        assert_eq!(*number, expected, "numbers run through");
    }
}

fn every_card_is_there_once(
    discord: &DiscordLocal,
    requests: &BTreeMap<i64, bool>,
    entries: &BTreeSet<i64>,
    paid: &BTreeSet<String>,
) {
    let amir = discord.person(Who::Amir.id());
    let in_channel = |channel| -> Vec<Message> {
        let all = amir.messages(channel).into_iter();
        all.filter(|message| !message.is_ephemeral()).collect()
    };
    let (approvals, acme) = (in_channel(APPROVALS), in_channel(ACME));
    for (number, approved) in requests {
        for (messages, title) in
            [(&approvals, format!("ACME/MDF-{number} ·")), (&acme, format!("MDF-{number} ·"))]
        {
            let card = the_only(messages, &title);
            let state = if *approved { "approved" } else { "submitted" };
            assert!(card.starts_with(&format!("{title} {state}")), "shows the newest state:\n{card}");
        }
        if *approved {
            the_only(&acme, &format!("MDF-{number} is approved."));
        }
    }
    for number in entries {
        the_only(&acme, &format!("LOG-{number} logged: "));
    }
    for reference in paid {
        let said = acme.iter().filter(|message| message.text().contains(&format!("reference {reference}.")));
        assert_eq!(said.count(), 1, "{reference} is told once");
    }
    let card = the_only(&acme, "CLM-1 ·");
    assert!(card.contains(&format!("EUR {}.00", paid.len())), "shows what is paid:\n{card}");
    the_only(&acme, "CLM-1 is approved.");
    the_only(&approvals, "ACME/CLM-1 ·");
    the_only(&acme, "PLN-1 ");
    the_only(&acme, "🟡 CMP-1 Autumn webinar runs and is not ready.");
    assert_eq!(approvals.len(), requests.len() + 1, "nothing else is in the approvals channel");
    let notices = requests.values().filter(|approved| **approved).count();
    let expected = requests.len() + notices + entries.len() + paid.len() + 4;
    assert_eq!(acme.len(), expected, "nothing else is in the shared channel");
}

fn the_only(messages: &[Message], title: &str) -> String {
    let texts = messages.iter().map(Message::text).filter(|text| text.starts_with(title));
    let texts: Vec<String> = texts.collect();
    assert_eq!(texts.len(), 1, "{title:?} is there once:\n{}", texts.join("\n---\n"));
    texts.into_iter().next().unwrap_or_default()
}
