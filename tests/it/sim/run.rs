//! One run: a seed, so many commands, and what is done around them. Every command goes the road that people's commands go;
//! after each, what it left is compared with what may be.

use super::cast::{self, Person};
use super::check::{Checker, Expected, Wrong, day_of, everything};
use super::dice::Dice;
use super::house::{House, TROUBLES};
use super::news::{self, Cursor};
use super::replay::Story;
use super::tally::Tally;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::pin::Pin;
use std::time::{Duration, Instant};
use tandem::domain::command::Command;
use tandem::domain::refusal::Code;
use tandem::flow::press::{self, Pressed};
use tandem::flow::{self, Reply, Request};
use tandem::in_read;
use tandem::inbound::cron;
use tandem::store::program;

/// After so many commands everything is recomputed.
const WHOLE_EVERY: usize = 500;
/// Whom a person without a company, or with two, is refused as: nobody's trail has a line of it.
const WITHOUT_LINE: [Code; 2] = [Code::NoCompany, Code::TwoCompanies];

/// Work on the heap: the frames of all that a run may do would not fit a thread's stack side by side.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What was done of one kind, and which lines of the trail say so.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub codes: &'static [&'static str],
    /// Whether it takes as many lines as it takes, and not one.
    pub many: bool,
}

pub const fn kind(name: &'static str, codes: &'static [&'static str]) -> Kind {
    Kind { name, codes, many: false }
}

pub const fn many(name: &'static str, codes: &'static [&'static str]) -> Kind {
    Kind { name, codes, many: true }
}

pub struct Sim {
    pub house: House,
    pub checker: Checker,
    pub dice: Dice,
    pub tally: Tally,
    pub commands: usize,
    pub limit: usize,
    /// A number for names that must not repeat.
    pub fresh: usize,
    cursor: Cursor,
    story: Story,
    /// What was answered, folded into one number: the same in every run of the same seed.
    pub digest: u64,
}

/// Where the time goes, in milliseconds.
#[derive(Default, Debug)]
pub struct Spent {
    pub handling: u128,
    pub checking: u128,
    pub delivering: u128,
    pub ticking: u128,
    pub whole: u128,
}

impl Spent {
    pub fn adds(&mut self, other: &Self) {
        self.handling += other.handling;
        self.checking += other.checking;
        self.delivering += other.delivering;
        self.ticking += other.ticking;
        self.whole += other.whole;
    }
}

impl Sim {
    pub async fn open(url: &str, seed: u64, limit: usize) -> Self {
        let story = Story::begin(seed, limit);
        let house = House::open(url).await;
        let mut checker = Checker::default();
        let (program, partners) = in_read!(house.app.store, |read| {
            let program = program::by_key(read, "sim").await?.unwrap();
            let partners = program::partners(read, &program.id).await?;
            Ok((program.id, partners))
        })
        .unwrap();
        let id =
            |company: &cast::Company| partners.iter().find(|one| one.key == company.key).unwrap().id.clone();
        checker.model.partners = cast::PARTNERS.iter().map(id).collect();
        checker.model.program = program;
        let mut sim = Self {
            house,
            checker,
            dice: Dice::new(seed),
            tally: Tally::default(),
            commands: 0,
            limit,
            fresh: 0,
            cursor: Cursor::default(),
            story,
            digest: 0,
        };
        sim.looks(&Expected::Due).await.unwrap();
        sim
    }

    /// How far the database was read, to go on from there again.
    pub fn cursor(&mut self) -> &mut Cursor {
        &mut self.cursor
    }

    pub fn done(&self) -> bool {
        self.commands >= self.limit
    }

    pub fn today(&self) -> NaiveDate {
        self.house.clock.now().with_timezone(&cast::PROGRAM_ZONE).date_naive()
    }

    pub fn number(&mut self) -> usize {
        self.fresh += 1;
        self.fresh
    }

    /// The last commands, for whoever has to find out what went wrong.
    pub fn told(&self) -> String {
        self.story.told()
    }

    fn notes(&mut self, line: String) {
        self.story.notes(self.commands, line);
    }

    /// Compares what is new with what was expected.
    pub async fn looks(&mut self, expected: &Expected) -> Wrong {
        let began = Instant::now();
        let news = Box::pin(news::read(&self.house.app.store, &self.checker.model, &mut self.cursor)).await;
        self.tally.happened(&news, self.house.clock.now_ms());
        self.checker.takes(&news, expected)?;
        if let Expected::Ticked { at } = expected {
            self.nothing_is_overdue(*at).await?;
        }
        self.tally.spent.checking += began.elapsed().as_millis();
        Ok(())
    }

    /// The credits that have ended are gone.
    async fn nothing_is_overdue(&self, at: DateTime<Utc>) -> Wrong {
        let today = day_of(at).to_string();
        let over = news::overdue(&self.house.app.store, &today).await.map_err(|fault| fault.to_string())?;
        over.map_or(Ok(()), |fund| Err(format!("fund {fund} has a credit that ended before {today}")))
    }

    /// Asks for something, and now and then once more.
    pub fn asks(
        &mut self,
        kind: Kind,
        who: Person,
        channel: u64,
        command: Command,
    ) -> Boxed<'_, Result<Reply, String>> {
        let key = format!("sim:{}", self.commands + 1);
        Box::pin(self.with_key(kind, (who, channel), key, command))
    }

    async fn with_key(
        &mut self,
        kind: Kind,
        (who, channel): (Person, u64),
        key: String,
        command: Command,
    ) -> Result<Reply, String> {
        self.commands += 1;
        let request = Request { key, asker: cast::asker(who, channel), command };
        self.notes(format!(
            "{}. {} by {} in {channel} at {}: {:?}",
            self.commands,
            kind.name,
            who.name,
            self.house.clock.now(),
            request.command
        ));
        let reply = self.handles(&request).await?;
        self.tally.answered(kind.name, &reply);
        self.looks(&expected(kind, who, &reply)).await?;
        Box::pin(self.repeats(&request, &reply)).await?;
        Box::pin(self.rounds()).await?;
        Ok(reply)
    }

    async fn handles(&mut self, request: &Request) -> Result<Reply, String> {
        let began = Instant::now();
        let reply =
            flow::handle(&self.house.app, request).await.map_err(|fault| format!("a fault: {fault}"))?;
        self.tally.spent.handling += began.elapsed().as_millis();
        self.notes(format!("   → {}", reply.text.chars().take(200).collect::<String>()));
        for byte in reply.text.bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(reply)
    }

    /// The same request delivered again, and the same key with something else: both get the first answer, and nothing more
    /// is done.
    async fn repeats(&mut self, request: &Request, first: &Reply) -> Wrong {
        let without = first.refused.as_ref().is_some_and(|refusal| WITHOUT_LINE.contains(&refusal.code));
        let other = match self.dice.between(1, 100) {
            _ if without => return Ok(()),
            1..=5 => false,
            6..=8 => true,
            _ => return Ok(()),
        };
        self.commands += 1;
        let mut again = request.clone();
        if other {
            let fund = tandem::domain::command::fund::NewFund { key: "twice".into(), ..Default::default() };
            again.command = Command::Fund(tandem::domain::command::fund::FundWish::Create(fund));
        }
        self.notes(format!("{}. {} once more, with other content: {other}", self.commands, again.key));
        let reply = self.handles(&again).await?;
        self.tally.count(if other { "repeat with other content" } else { "repeat" });
        if reply.text != first.text || reply.refused != first.refused {
            return Err(format!("{} was answered otherwise: {}", again.key, reply.text));
        }
        self.looks(&Expected::Nothing).await
    }

    /// Presses a button, as an old or a new card carries it, and fills the form that it opens.
    pub fn presses<'a>(
        &'a mut self,
        kind: Kind,
        place: (Person, u64),
        button: &'a str,
        values: &'a [(&'a str, String)],
    ) -> Boxed<'a, Wrong> {
        Box::pin(self.pressed(kind, place, button, values))
    }

    async fn pressed(
        &mut self,
        kind: Kind,
        (who, channel): (Person, u64),
        button: &str,
        values: &[(&str, String)],
    ) -> Wrong {
        let key = format!("sim:{}", self.commands + 1);
        self.tally.count("press");
        let asker = cast::asker(who, channel);
        let pressed = Box::pin(press::press(&self.house.app, &key, &asker, button))
            .await
            .map_err(|fault| fault.to_string())?;
        let command = match pressed {
            Pressed::Run(command) => command,
            Pressed::Open(form) => {
                let value = |name: &str| {
                    values
                        .iter()
                        .find(|(input, _)| *input == name)
                        .map(|(_, text)| text.clone())
                        .unwrap_or_default()
                };
                self.tally.count("form");
                press::submitted(&form.id, value).ok_or_else(|| format!("{} is nobody's form", form.id))?
            }
            Pressed::Refused(reply) => {
                return Box::pin(self.refused_press(kind, who, &key, (button, &asker), &reply)).await;
            }
            other => return Err(format!("{button} gave {other:?}")),
        };
        Box::pin(self.with_key(kind, (who, channel), key, command)).await.map(drop)
    }

    async fn refused_press(
        &mut self,
        kind: Kind,
        who: Person,
        key: &str,
        (button, asker): (&str, &flow::Asker),
        reply: &Reply,
    ) -> Wrong {
        self.commands += 1;
        self.notes(format!(
            "{}. {} pressed by {}: {button} → {}",
            self.commands, kind.name, who.name, reply.text
        ));
        self.tally.answered(kind.name, reply);
        self.looks(&expected(kind, who, reply)).await?;
        let without = reply.refused.as_ref().is_some_and(|refusal| WITHOUT_LINE.contains(&refusal.code));
        if !without && self.dice.percent(10) {
            let again =
                press::press(&self.house.app, key, asker, button).await.map_err(|fault| fault.to_string())?;
            self.tally.count("repeat");
            match again {
                Pressed::Tell(same) if same.text == reply.text => self.looks(&Expected::Nothing).await?,
                other => return Err(format!("{key} was answered otherwise when pressed again: {other:?}")),
            }
        }
        Box::pin(self.rounds()).await
    }

    /// What happens around commands: time passes, Discord fails, notices are delivered, the program is restarted.
    async fn rounds(&mut self) -> Wrong {
        if self.dice.percent(6) {
            Box::pin(self.time_passes()).await?;
        }
        if self.dice.percent(12) {
            let kind = self.dice.weighted(&TROUBLES);
            let method = if self.dice.percent(60) { "POST" } else { "PATCH" };
            self.tally.count(kind);
            self.house.trouble(kind, method);
        }
        if self.dice.percent(1) {
            Box::pin(self.restarts()).await?;
        }
        let whole = self.commands / WHOLE_EVERY != self.tally.whole;
        if whole || self.dice.percent(4) {
            Box::pin(self.delivers()).await?;
        }
        if whole {
            self.tally.whole = self.commands / WHOLE_EVERY;
            Box::pin(self.whole()).await?;
        }
        Ok(())
    }

    pub async fn whole(&mut self) -> Wrong {
        let began = Instant::now();
        let wrong = everything(&self.checker, &self.house).await;
        self.tally.spent.whole += began.elapsed().as_millis();
        wrong
    }

    /// Delivers what waits and looks at what has come.
    pub async fn delivers(&mut self) -> Wrong {
        let began = Instant::now();
        self.house.drain().await?;
        let new = self.house.new_messages();
        self.checker.sees(&new, self.house.clock.now_ms())?;
        let wrong = self.checker.all_is_seen(self.house.clock.now_ms());
        self.tally.count("delivery");
        self.tally.spent.delivering += began.elapsed().as_millis();
        wrong
    }

    /// The program ends and starts again, now and then in the middle of its deliveries.
    async fn restarts(&mut self) -> Wrong {
        let in_flight = self.dice.percent(50);
        let wait = self.dice.between(1, 12).unsigned_abs();
        if in_flight {
            self.house.cut_off_after(Duration::from_millis(wait)).await;
            self.tally.count("restart in the middle of a delivery");
        }
        self.notes(format!("   restarted, in the middle of a delivery: {in_flight}"));
        self.house.restart().await;
        self.tally.count("restart");
        self.looks(&Expected::Due).await
    }

    /// Hours to weeks, then what is due is done.
    async fn time_passes(&mut self) -> Wrong {
        let minutes = match self.dice.between(1, 100) {
            1..=60 => self.dice.between(10, 12 * 60),
            61..=90 => self.dice.between(12 * 60, 4 * 24 * 60),
            _ => self.dice.between(4 * 24 * 60, 16 * 24 * 60),
        };
        self.jumps(TimeDelta::minutes(minutes)).await
    }

    pub async fn jumps(&mut self, by: TimeDelta) -> Wrong {
        let began = Instant::now();
        let to = self.house.clock.now() + by;
        assert!(self.house.clock.advance_to(to), "the clock goes forward only");
        self.notes(format!("   the clock goes to {to}"));
        self.tally.count("clock jump");
        while Box::pin(cron::tick(&self.house.app))
            .await
            .map_err(|fault| format!("a fault of the clock: {fault}"))?
            > 0
        {}
        self.tally.spent.ticking += began.elapsed().as_millis();
        let plans = in_read!(self.house.app.store, |read| { news::plans(read, &self.checker.model).await });
        let (plans, campaigns, adjustments) = plans.map_err(|fault| fault.to_string())?;
        let model = &mut self.checker.model;
        (model.plans, model.campaigns, model.adjustments) = (plans, campaigns, adjustments);
        self.looks(&Expected::Ticked { at: to }).await
    }
}

/// What a command that got this answer has left.
fn expected(kind: Kind, who: Person, reply: &Reply) -> Expected {
    match &reply.refused {
        Some(refusal) if WITHOUT_LINE.contains(&refusal.code) => Expected::Nothing,
        Some(refusal) => Expected::Refused { code: refusal.code, actor: who.id.to_owned() },
        // The same posting of sales, or nothing to be said: an answer without an event.
        None if reply.text.contains("Nothing was counted again") => Expected::Nothing,
        None if kind.many => Expected::DoneInSome { codes: kind.codes },
        None => Expected::Done { codes: kind.codes, actor: who.id.to_owned() },
    }
}
