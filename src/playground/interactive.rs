//! The playground with its page: a program that has begun, controls that move the clock and let the CRM speak, until
//! somebody stops it.

use super::crm::{Contact, Deal};
use super::quarter;
use super::stage::ZONE;
use super::world::World;
use crate::cli::stop_asked;
use crate::fault::Fault;
use crate::inbound::cron;
use chrono::{DateTime, Days, Utc};
use discord_local::{ControlHandler, DiscordLocal};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How the page is served, and what has happened before.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The page's port on this machine; a free one is taken if this one is not free.
    pub port: u16,
    /// A scenario to be played before the page is used (`quarter`); without one, the program has just begun.
    pub scenario: Option<String>,
}

/// What a control asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    NextDay,
    NextCheckpoint,
    Lead,
    WonDeal,
}

/// The controls: id, what it asks for, label, what it does.
const CONTROLS: [(&str, Wish, &str, &str); 4] = [
    ("next_day", Wish::NextDay, "Next day", "Moves the clock by a day; what is due on the way is done."),
    (
        "next_checkpoint",
        Wish::NextCheckpoint,
        "Next checkpoint",
        "Moves the clock to the next review of a plan, whose report is then posted.",
    ),
    (
        "lead",
        Wish::Lead,
        "A lead arrives",
        "Somebody fills in a form of Acme's; the CRM tells it by a signed webhook.",
    ),
    ("deal", Wish::WonDeal, "A deal is won", "The newest lead signs; the CRM tells it by signed webhooks."),
];

/// Amounts of the deals that are won, in turn.
const AMOUNTS: [&str; 5] = ["18500", "42000", "9750.50", "61000", "27300"];

type Asked = (Wish, oneshot::Sender<String>);

/// A playground that is up, with a page.
pub struct Playground {
    world: World,
    asked: mpsc::Receiver<Asked>,
    /// Links of Acme's campaigns, by which leads come in turn.
    links: Vec<String>,
    leads: Vec<u64>,
    deals: usize,
}

/// Starts a playground, prints its page's address and serves it until Ctrl-C.
///
/// # Errors
/// What can't be started, an unknown scenario.
pub async fn interactive(options: Options) -> Result<(), Fault> {
    let playground = Playground::open(&options).await?;
    println!("The playground is at {}", playground.discord().page_url());
    println!("Be anybody in it; move its clock with the buttons above. Ctrl-C ends it, and nothing is kept.");
    let stop = async {
        if let Err(error) = stop_asked().await {
            tracing::error!(%error, "Ctrl-C can't be waited for");
        }
    };
    playground.serve(stop).await;
    Ok(())
}

impl Playground {
    /// Starts everything and plays what has happened before.
    ///
    /// # Errors
    /// What can't be started, an unknown scenario.
    pub async fn open(options: &Options) -> Result<Self, Fault> {
        if let Some(unknown) = options.scenario.as_deref().filter(|name| *name != quarter::NAME) {
            return Err(Fault::Other(format!(
                "there is no scenario {unknown:?}; there is {:?}",
                quarter::NAME
            )));
        }
        let world = World::open(options.port, quarter::start()?).await?;
        let links = match &options.scenario {
            None => quarter::begin(&world).await?,
            Some(_) => {
                for surprise in quarter::play(&world, true).await? {
                    tracing::warn!("{surprise}");
                }
                quarter::links()
            }
        };
        let (ask, asked) = mpsc::channel(8);
        for (id, wish, label, help) in CONTROLS {
            world.discord.add_control(id, label, help, handler(wish, ask.clone()));
        }
        let playground = Self { world, asked, links, leads: Vec::new(), deals: 0 };
        playground.show_time().await?;
        Ok(playground)
    }

    /// The local Discord, with the page.
    pub fn discord(&self) -> DiscordLocal {
        self.world.discord.clone()
    }

    /// Does what the controls ask, one after the other, until `stop`; then ends everything in order.
    pub async fn serve(mut self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let (wish, answer) = tokio::select! {
                () = &mut stop => break,
                asked = self.asked.recv() => match asked {
                    Some(asked) => asked,
                    None => break,
                },
            };
            let said = match self.grant(wish).await {
                Ok(said) => said,
                Err(fault) => {
                    tracing::error!(%fault, "A control of the page failed");
                    format!("That did not work: {fault}")
                }
            };
            // Whoever asked may have closed the page.
            let _ = answer.send(said);
        }
        self.world.close().await;
    }

    async fn grant(&mut self, wish: Wish) -> Result<String, Fault> {
        let said = match wish {
            Wish::NextDay => {
                let now = self.world.clock.now();
                self.world.advance_to(a_day_later(now)).await?;
                self.world.settle().await?;
                format!("It is {}.", spoken(self.world.clock.now()))
            }
            Wish::NextCheckpoint => self.next_checkpoint().await?,
            Wish::Lead => self.lead().await?,
            Wish::WonDeal => self.won_deal().await?,
        };
        self.show_time().await?;
        Ok(said)
    }

    async fn next_checkpoint(&self) -> Result<String, Fault> {
        match cron::next_checkpoint(&self.world.running.app).await? {
            None => Ok("No plan has a checkpoint to come.".to_owned()),
            Some(due) => {
                self.world.advance_to(due.max(self.world.clock.now())).await?;
                Ok(format!("It is {}, and the report is posted.", spoken(self.world.clock.now())))
            }
        }
    }

    async fn lead(&mut self) -> Result<String, Fault> {
        let number = self.leads.len();
        let link = self.links.get(number % self.links.len().max(1)).cloned().unwrap_or_default();
        let contact = Contact {
            email: format!("visitor{number}@rosenhag.example"),
            company: "Rosenhag Gartenbau".to_owned(),
            country: "Germany".to_owned(),
            first_url: link,
        };
        self.leads.push(self.world.hubspot.contact(&contact));
        self.world.hook.send().await?;
        self.world.settle().await?;
        Ok(format!("{} is a lead now. It is in the figures once the day is over.", contact.email))
    }

    async fn won_deal(&mut self) -> Result<String, Fault> {
        if self.leads.is_empty() {
            self.lead().await?;
        }
        let amount = AMOUNTS[self.deals % AMOUNTS.len()];
        self.deals += 1;
        let deal = Deal {
            name: format!("Rosenhag: order {}", self.deals),
            amount: amount.to_owned(),
            currency: "EUR".to_owned(),
        };
        let contacts: Vec<u64> = self.leads.last().copied().into_iter().collect();
        let id = self.world.hubspot.deal(&deal, &contacts);
        self.world.hubspot.stage(id, "closedwon");
        self.world.hook.send().await?;
        self.world.settle().await?;
        Ok(format!("A deal of EUR {amount} is won. It is in the figures once the day is over."))
    }

    /// The line above the page: what time it is, and when something happens next.
    async fn show_time(&self) -> Result<(), Fault> {
        let next = match cron::next_checkpoint(&self.world.running.app).await? {
            Some(due) => format!("next checkpoint {}", spoken(due)),
            None => "no checkpoint to come".to_owned(),
        };
        self.world.discord.set_notice(&format!("It is {} · {next}", spoken(self.world.clock.now())));
        Ok(())
    }
}

/// A control's handler: it hands the wish to whoever runs the playground, and waits for what came of it.
fn handler(wish: Wish, ask: mpsc::Sender<Asked>) -> ControlHandler {
    Arc::new(move || {
        let ask = ask.clone();
        Box::pin(async move {
            let (answer, said) = oneshot::channel();
            let stopping = || "The playground is being stopped.".to_owned();
            if ask.send((wish, answer)).await.is_err() {
                return stopping();
            }
            said.await.unwrap_or_else(|_| stopping())
        })
    })
}

/// The same local time on the next day; a time that the clocks skip moves on by what they skip.
fn a_day_later(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = Days::new(1);
    let local = now.with_timezone(&ZONE).checked_add_days(day).map(|local| local.with_timezone(&Utc));
    local.or_else(|| now.checked_add_days(day)).unwrap_or(now)
}

fn spoken(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%A, %-d %B %Y, %H:%M (Europe/Berlin)").to_string()
}
