//! What a scenario is played with: people who type and press, CRMs in which something happens, a calendar; and what was
//! expected to be said but was not.

use super::crm::Contact;
use super::seed::{self, Who};
use super::world::World;
use crate::fault::Fault;
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use discord_local::{Answer, Message, Person, Refused};
use indicatif::{ProgressBar, ProgressStyle};

/// Where the playground's people live.
pub const ZONE: Tz = chrono_tz::Europe::Berlin;

/// Somebody in a channel.
#[derive(Clone, Copy, Debug)]
pub struct Seat(pub Who, pub u64);

pub const VERA: Seat = Seat(Who::Vera, seed::ACME);
pub const VERA_GLOBEX: Seat = Seat(Who::Vera, seed::GLOBEX);
pub const AMIR: Seat = Seat(Who::Amir, seed::APPROVALS);
pub const FINN: Seat = Seat(Who::Finn, seed::APPROVALS);
pub const PAT: Seat = Seat(Who::Pat, seed::ACME);
pub const OLGA: Seat = Seat(Who::Olga, seed::ACME);
pub const GIL: Seat = Seat(Who::Gil, seed::GLOBEX);
pub const INES: Seat = Seat(Who::Ines, seed::GLOBEX);

/// A playground while a scenario is played in it.
pub struct Stage<'w> {
    pub world: &'w World,
    /// What was not as expected, each a sentence.
    pub surprises: Vec<String>,
    progress: Progress,
    met: usize,
}

/// The bar that shows how far the calendar has come. Nothing is drawn where nobody watches a terminal.
struct Progress {
    bar: ProgressBar,
    from: DateTime<Utc>,
}

/// An instant of the scenario: `2026-01-05 09:30` on the clocks of [`ZONE`].
///
/// # Errors
/// `Fault::Other` for what is no such instant.
pub fn local(text: &str) -> Result<DateTime<Utc>, Fault> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .ok()
        .and_then(|naive| ZONE.from_local_datetime(&naive).single())
        .map(|zoned| zoned.with_timezone(&Utc))
        .ok_or_else(|| Fault::Other(format!("{text:?} is no instant of the scenario")))
}

impl Progress {
    /// A bar from now to `end`, a step for each day.
    fn new(world: &World, end: DateTime<Utc>, shown: bool) -> Self {
        let from = world.clock.now();
        let days = u64::try_from((end - from).num_days()).unwrap_or(0);
        let bar = if shown { ProgressBar::new(days) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} % {msg}") {
            bar.set_style(style);
        }
        Self { bar, from }
    }

    fn reached(&self, now: DateTime<Utc>) {
        self.bar.set_position(u64::try_from((now - self.from).num_days()).unwrap_or(0));
        self.bar.set_message(now.with_timezone(&ZONE).format("%a %-d %b %Y %H:%M").to_string());
    }
}

impl<'w> Stage<'w> {
    /// A scenario that ends at `end`.
    pub fn new(world: &'w World, end: DateTime<Utc>, progress: bool) -> Self {
        Self { world, surprises: Vec::new(), progress: Progress::new(world, end, progress), met: 0 }
    }

    /// The play is over: the bar goes.
    pub fn close(self) -> Vec<String> {
        self.progress.bar.finish_and_clear();
        self.surprises
    }

    /// Time passes until then; everything that the scheduler has to do on the way is done.
    ///
    /// # Errors
    /// The bot does not get done with it.
    pub async fn on(&self, when: &str) -> Result<(), Fault> {
        self.world.advance_to(local(when)?).await?;
        self.progress.reached(self.world.clock.now());
        Ok(())
    }

    /// Somebody types a command; the answer has to hold `expected`.
    ///
    /// # Errors
    /// The bot does not get done.
    pub async fn types(&mut self, seat: Seat, line: &str, expected: &str) -> Result<String, Fault> {
        let answer = self.person(seat).run(seat.1, line).await;
        self.heard(seat, line, answer, expected).await
    }

    /// Somebody presses a button of the newest card whose text begins with `card`; a form that opens is filled with
    /// `values`. The answer has to hold `expected`.
    ///
    /// # Errors
    /// The bot does not get done.
    pub async fn presses(
        &mut self,
        seat: Seat,
        (card, label): (&str, &str),
        values: &[(&str, &str)],
        expected: &str,
    ) -> Result<(), Fault> {
        let what = format!("[{label}] of {card}");
        let answer = self.press(seat, card, label, values).await;
        self.heard(seat, &what, answer, expected).await.map(drop)
    }

    async fn press(
        &self,
        seat: Seat,
        card: &str,
        label: &str,
        values: &[(&str, &str)],
    ) -> Result<Answer, Refused> {
        let person = self.person(seat);
        let message = self.card(seat, card).ok_or_else(|| Refused(format!("they see no card {card:?}")))?;
        let button = message.button(label).and_then(|button| button.custom_id);
        let button = button.ok_or_else(|| Refused(format!("the card has no button {label:?}")))?;
        match person.press(message.channel_id, message.id, &button).await? {
            Answer::Modal(form) if !values.is_empty() => person.submit(&form, values).await,
            other => Ok(other),
        }
    }

    /// The newest message that somebody sees in their channel, and others too, whose text begins so.
    pub fn card(&self, seat: Seat, begins: &str) -> Option<Message> {
        let seen = self.person(seat).messages(seat.1);
        seen.into_iter().rev().find(|message| !message.is_ephemeral() && message.text().starts_with(begins))
    }

    async fn heard(
        &mut self,
        seat: Seat,
        what: &str,
        answer: Result<Answer, Refused>,
        expected: &str,
    ) -> Result<String, Fault> {
        let text = answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text());
        if !text.contains(expected) {
            let when = self.world.clock.now().with_timezone(&ZONE).format("%Y-%m-%d %H:%M");
            let who = seat.0.name();
            self.surprises.push(format!("{when} {who}: {what}: expected {expected:?}, got {text:?}"));
        }
        self.world.settle().await?;
        Ok(text)
    }

    fn person(&self, seat: Seat) -> Person {
        self.world.discord.person(seat.0.id())
    }

    /// So many people, each of another company, come to the page behind this link and leave their address.
    pub fn contacts(&mut self, link: &str, how_many: usize) -> Vec<u64> {
        (0..how_many).map(|_| self.contact(link)).collect()
    }

    fn contact(&mut self, link: &str) -> u64 {
        let contact = Contact { first_url: link.to_owned(), ..self.somebody() };
        self.world.hubspot.contact(&contact)
    }

    /// Somebody who has not been met yet.
    pub fn somebody(&mut self) -> Contact {
        let number = self.met;
        self.met += 1;
        let (company, country) = COMPANIES[number % COMPANIES.len()];
        let domain: String = company.to_lowercase().split(' ').take(1).collect();
        Contact {
            email: format!("reader{number}@{domain}.example"),
            company: company.to_owned(),
            country: country.to_owned(),
            first_url: String::new(),
        }
    }
}

/// Companies that take an interest. Invented, as are their people.
const COMPANIES: [(&str, &str); 16] = [
    ("Alsterwerk Logistik", "Germany"),
    ("Brenner Optik", "Austria"),
    ("Cadenza Musikhaus", "Germany"),
    ("Dünenhof Hotels", "Germany"),
    ("Elbtal Maschinenbau", "Germany"),
    ("Fjordline Trading", "Norway"),
    ("Grimm Verlag", "Germany"),
    ("Havelmoor Energie", "Germany"),
    ("Isarblick Kliniken", "Germany"),
    ("Jura Präzision", "Switzerland"),
    ("Kranich Spedition", "Germany"),
    ("Lindgren Møbler", "Denmark"),
    ("Mosel Kellerei", "Germany"),
    ("Nordlicht Versand", "Germany"),
    ("Oderbruch Saaten", "Germany"),
    ("Polder Advies", "Netherlands"),
];
