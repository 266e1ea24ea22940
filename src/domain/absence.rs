//! Who is away, and who stands in for them. Standing in gives nobody a capability or a limit: it says for whom a decision
//! counts, and makes the two count as one where somebody else has to decide.

use super::actor::{Capability, Company, Grant, Person};
use super::refusal::{Code, Refusal};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

/// The longest absence, in days.
pub const MAX_DAYS: i64 = 366;

/// Somebody is away, and somebody else of the same company stands in for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub person: String,
    pub company: Company,
    /// The roles that the person had when they said so: they tell what a decision could be for, never what is allowed.
    pub roles: Vec<String>,
    pub delegate: String,
    /// The first instant at which the person is back.
    pub until: DateTime<Utc>,
}

/// The absences of a program at one instant.
#[derive(Clone, Debug)]
pub struct Absences<'a> {
    all: Vec<&'a Absence>,
}

impl<'a> Absences<'a> {
    pub fn at(all: &'a [Absence], now: DateTime<Utc>) -> Self {
        Self { all: all.iter().filter(|one| one.until > now).collect() }
    }

    /// The absence of a person.
    pub fn of(&self, person: &str) -> Option<&'a Absence> {
        self.all.iter().copied().find(|one| one.person == person)
    }

    /// Those for whom somebody stands in.
    pub fn stood_in_by<'b>(&'b self, person: &'b Person) -> impl Iterator<Item = &'a Absence> + 'b {
        let ours = move |one: &&'a Absence| one.delegate == person.id && one.company == person.company;
        self.all.iter().copied().filter(ours)
    }

    /// For whom `person` decides something that takes `needs` (up to `minor`, if it has an amount in the program's
    /// currency): the one who is away and could have decided it.
    pub fn decided_for(
        &self,
        person: &Person,
        grants: &[Grant],
        needs: Capability,
        minor: Option<i64>,
    ) -> Option<&'a str> {
        let could = |absent: &&Absence| {
            let roles = Person::from_roles(&absent.person, &absent.roles, grants);
            let limit =
                roles.ok().filter(|one| one.company == absent.company).and_then(|one| one.limit(needs));
            limit.is_some_and(|limit| minor.is_none_or(|minor| limit.covers(minor)))
        };
        self.stood_in_by(person).find(could).map(|absent| absent.person.as_str())
    }

    /// Who of `others` counts as one with `person`: stands in for them, or has them stand in.
    pub fn one_with(&self, person: &Person, others: &[String]) -> Option<&'a str> {
        let away = self.stood_in_by(person).map(|one| one.person.as_str());
        let stands_in = self.of(&person.id).map(|one| one.delegate.as_str());
        away.chain(stands_in).find(|id| others.iter().any(|other| other == id))
    }

    /// Whether `person` may decide what `filers` filed, as far as standing in goes: neither the one who stands in nor
    /// the one who is away decides what the other has filed.
    ///
    /// # Errors
    /// `own_request`.
    pub fn not_filed_by_other(&self, person: &Person, filers: &[String]) -> Result<(), Refusal> {
        let Some(other) = self.one_with(person, filers) else { return Ok(()) };
        Err(Refusal::new(
            Code::OwnRequest,
            format!("<@{other}> filed this request, and one of you stands in for the other."),
            "Somebody else has to decide it.",
        ))
    }
}

/// The first instant after a local day. A midnight that daylight saving skips is the first valid instant after it.
pub fn end_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?;
    (0..4).find_map(|hour| {
        let local = next.and_hms_opt(hour, 0, 0)?;
        zone.from_local_datetime(&local).earliest().map(|at| at.to_utc())
    })
}
