//! People on both sides, who file requests, log spend, prove a claim, approve and pay while the bot comes and goes.

use super::Dice;
use super::bot::Setup;
use crate::harness::files::pdf;
use chrono::Days;
use discord_local::{Answer, DiscordLocal, Message, Person};
use std::time::Duration;
use tandem::playground::seed::{ACME, APPROVALS, Who};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What somebody asked for, and the answer if there was one. Without one it may have been done or not.
#[derive(Debug)]
pub struct Asked {
    pub what: What,
    pub answer: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// An MDF request, by its purpose.
    Request(String),
    /// Logged spend, by its invoice number.
    Spend(String),
    /// A request's approval, by its name, such as `MDF-3`.
    Approval(String),
    /// A payment of [`CLAIMED`], by its reference.
    Payment(String),
    /// A file for [`PROVED`], by its text.
    File(String),
}

/// A claim that is approved and paid in parts, and one that is put together.
pub const CLAIMED: &str = "CLM-1";
pub const PROVED: &str = "CLM-2";
/// The invoice of the first, and what its request is for.
pub const INVOICE: &str = "AV-7";
/// A claim takes forty files, and two people add to it.
const FILES_EACH: usize = 18;

/// Writes and signs a plan with one campaign around today, and gives the campaign's `utm_id`.
pub async fn sign_a_plan(discord: &DiscordLocal, setup: &Setup) -> String {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| discord.person(who.id()));
    let (from, until) = (setup.today - Days::new(20), setup.today + Days::new(60));
    let sign_by = setup.today + Days::new(20);
    let period = format!("/plan create period:{from}..{until} cadence:monthly sign-by:{sign_by}");
    // The gateway is connected a moment before the commands are there.
    let mut answer = String::new();
    for _ in 0..200 {
        answer = said(&pat, &period).await;
        if answer.starts_with("PLN-1 is a draft") {
            break;
        }
        assert!(answer.is_empty() || answer.starts_with("(not sent"), "{answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(answer.starts_with("PLN-1 is a draft"), "{answer}\n{}", setup.log());
    let (start, end) = (setup.today - Days::new(1), setup.today + Days::new(20));
    let answer = said(
        &pat,
        &format!("/campaign add name:Autumn webinar type:Webinar start:{start} end:{end} leads:400 pipeline:120k budget:20k mdf:50%"),
    )
    .await;
    assert!(answer.starts_with("CMP-1 is added"), "{answer}");
    let answer = said(&vera, "/plan propose").await;
    assert!(answer.starts_with("PLN-1 is proposed"), "{answer}");
    for signer in [&vera, &olga] {
        let card = appears(signer, "PLN-1").await;
        let sign = card.button("Sign").and_then(|button| button.custom_id).expect("a button to sign with");
        let answer = signer.press(ACME, card.id, &sign).await.unwrap().text();
        assert!(answer.starts_with("Signed."), "{answer}");
    }
    let list = said(&pat, "/campaign list").await;
    let (_, rest) = list.split_once("utm_id=").expect("the campaign's utm_id");
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}

/// An approved claim over EUR 2,000, and a draft.
pub async fn file_claims(discord: &DiscordLocal, setup: &Setup) {
    let [amir, pat] = [Who::Amir, Who::Pat].map(|who| discord.person(who.id()));
    let request = "/mdf request campaign:CMP-1 cost:4000 amount:2000 purpose:AV-7 fund:acme-q1";
    let answer = said(&pat, request).await;
    assert!(answer.starts_with("MDF-1 is submitted"), "{answer}");
    approved(&amir, "ACME/MDF-1").await;
    for claim in [CLAIMED, PROVED] {
        let answer = said(&pat, "/claim new request:MDF-1").await;
        assert!(answer.starts_with(&format!("{claim} is a draft")), "{answer}");
    }
    let day = setup.today - Days::new(1);
    let line =
        format!("/claim line claim:{CLAIMED} what:Stage supplier:AV invoice:{INVOICE} date:{day} net:4000");
    said(&pat, &line).await;
    for slot in ["cost", "execution", "results"] {
        let answer = heard(proves(&pat, CLAIMED, slot, slot).await);
        assert!(answer.is_some_and(|answer| answer.contains(CLAIMED)), "{slot}");
    }
    let answer = said(&pat, &format!("/claim submit claim:{CLAIMED} certify:True")).await;
    assert!(answer.starts_with("CLM-1 is submitted"), "{answer}");
    approved(&amir, "ACME/CLM-1").await;
}

/// Presses *Approve* on the card of this title, once it is there.
async fn approved(amir: &Person, title: &str) {
    for _ in 0..400 {
        let all = amir.messages(APPROVALS);
        let card = all.into_iter().find(|message| message.text().starts_with(title));
        if let Some((id, button)) = card.and_then(|card| Some((card.id, card.button("Approve")?.custom_id?)))
        {
            let answer = amir.press(APPROVALS, id, &button).await.unwrap().text();
            assert!(answer.contains("is approved."), "{answer}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no card {title}")
}

async fn proves(pat: &Person, claim: &str, slot: &str, text: &str) -> Result<Answer, discord_local::Refused> {
    let line = format!("/claim evidence claim:{claim} slot:{slot} file:proof.pdf");
    pat.run_with(ACME, &line, &[pdf("proof.pdf", text)]).await
}

async fn said(person: &Person, line: &str) -> String {
    match person.run(ACME, line).await {
        Ok(Answer::NoAnswer) => String::new(),
        Ok(answer) => answer.text(),
        Err(refused) => format!("(not sent: {refused})"),
    }
}

async fn appears(person: &Person, title: &str) -> Message {
    for _ in 0..400 {
        let all = person.messages(ACME);
        if let Some(found) = all.into_iter().find(|m| !m.is_ephemeral() && m.text().starts_with(title)) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no card {title}")
}

pub struct People {
    stop: watch::Sender<bool>,
    tasks: JoinSet<Vec<Asked>>,
}

impl People {
    pub fn begin(discord: &DiscordLocal, dice: &mut Dice) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..2 {
            let (pat, dice) = (discord.person(Who::Pat.id()), Dice::new(dice.0.next()));
            tasks.spawn(files_and_logs(pat, number, dice, stopped.clone()));
        }
        let amir = discord.person(Who::Amir.id());
        tasks.spawn(approves(amir, Dice::new(dice.0.next()), stopped.clone()));
        let finn = discord.person(Who::Finn.id());
        tasks.spawn(pays(finn, Dice::new(dice.0.next()), stopped));
        Self { stop, tasks }
    }

    pub async fn end(self) -> Vec<Asked> {
        self.stop.send_replace(true);
        self.tasks.join_all().await.into_iter().flatten().collect()
    }
}

/// The answer, unless the interaction died with the process or was shown as unanswered.
fn heard(answer: Result<Answer, discord_local::Refused>) -> Option<String> {
    match answer.ok()? {
        Answer::NoAnswer | Answer::Thinking(_) | Answer::Acknowledged | Answer::Removed => None,
        answer => Some(answer.text()),
    }
}

async fn files_and_logs(
    pat: Person,
    number: usize,
    mut dice: Dice,
    stopped: watch::Receiver<bool>,
) -> Vec<Asked> {
    let mut all = Vec::new();
    for n in 0.. {
        if *stopped.borrow() {
            break;
        }
        if n % 3 == 2 && n / 3 < FILES_EACH {
            let text = format!("Proof {number} {n}");
            let answer = heard(proves(&pat, PROVED, "results", &text).await);
            all.push(Asked { what: What::File(text), answer });
            continue;
        }
        let (what, line) = if dice.one_in(2) {
            let purpose = format!("Purpose {number} {n}");
            let line =
                format!("/mdf request campaign:CMP-1 cost:400 amount:100 purpose:{purpose} fund:acme-q1");
            (What::Request(purpose), line)
        } else {
            let invoice = format!("INV-{number}-{n}");
            (
                What::Spend(invoice.clone()),
                format!("/campaign log campaign:CMP-1 spend:12.50 invoice:{invoice}"),
            )
        };
        let answer = heard(pat.run(ACME, &line).await);
        all.push(Asked { what, answer });
        dice.pause_ms(100, 400).await;
    }
    all
}

async fn pays(finn: Person, mut dice: Dice, stopped: watch::Receiver<bool>) -> Vec<Asked> {
    let mut all = Vec::new();
    for n in 0.. {
        if *stopped.borrow() {
            break;
        }
        let reference = format!("SEPA-{n}");
        let line = format!("/claim pay claim:{CLAIMED} amount:1 reference:{reference}");
        let answer = heard(finn.run(ACME, &line).await);
        all.push(Asked { what: What::Payment(reference), answer });
        dice.pause_ms(200, 700).await;
    }
    all
}

async fn approves(amir: Person, mut dice: Dice, stopped: watch::Receiver<bool>) -> Vec<Asked> {
    let mut all = Vec::new();
    while !*stopped.borrow() {
        let open = amir.messages(APPROVALS).into_iter().find_map(|card| {
            let button = card.button("Approve")?.custom_id?;
            card.text().starts_with("ACME/MDF-").then_some((card, button))
        });
        if let Some((card, button)) = open {
            let name = card.text().lines().next().unwrap_or_default().to_owned();
            let name = name.trim_start_matches("ACME/").split(' ').next().unwrap_or_default().to_owned();
            let answer = heard(amir.press(APPROVALS, card.id, &button).await);
            all.push(Asked { what: What::Approval(name), answer });
        }
        dice.pause_ms(150, 500).await;
    }
    all
}
