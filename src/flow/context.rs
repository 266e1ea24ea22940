//! Who asks, where, and what that makes visible. Loaded anew for every request, press and keystroke: a role that was
//! taken away a moment ago no longer counts.

use super::{Reply, Stop};
use crate::domain::absence::{Absence, Absences};
use crate::domain::actor::{Company, Grant, Person, Picked, Side, roles_with};
use crate::domain::command::short_name;
use crate::domain::program::{Partner, Program};
use crate::domain::refusal::{Code, Refusal};
use crate::store::{Read, absence, program};
use crate::text::{self, short_name};
use chrono::{DateTime, Utc};

/// Where a request came from, as the chat system says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    pub guild: String,
    pub channel: String,
    /// The channel that a thread belongs to; a thread counts as its channel.
    pub parent: Option<String>,
    pub user: String,
    pub roles: Vec<String>,
    /// Holds Discord's *Manage Server*.
    pub manages_server: bool,
}

/// What a channel is to the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The channel that a partner shares with the vendor.
    Shared(Partner),
    /// The vendor-only channel where requests are decided.
    Approvals,
    Elsewhere,
}

/// Who asks, for which company, in which place of which program.
#[derive(Clone, Debug)]
pub struct Context {
    pub program: Program,
    pub person: Person,
    pub partners: Vec<Partner>,
    pub place: Place,
    /// The roles that the person has now.
    pub roles: Vec<String>,
    grants: Vec<Grant>,
    absences: Vec<Absence>,
}

/// # Errors
/// A refusal for a guild without a program, or a person without a company or with two; a fault of the database.
pub async fn load(read: &mut Read, asker: &Asker) -> Result<Context, Stop> {
    let Some(program) = program::by_guild(read, &asker.guild).await? else {
        return Err(Refusal::new(
            Code::WrongPlace,
            "No program runs in this server.",
            "Its operator sets programs up in bot.toml.",
        )
        .into());
    };
    let grants = program::grants(read, &program.id).await?;
    let person = Person::acting(&asker.user, &asker.roles, &grants, asker.manages_server)?;
    let partners = program::partners(read, &program.id).await?;
    if let Company::Partner(own) = &person.company
        && !partners.iter().any(|partner| &partner.id == own)
    {
        return Err(Refusal::new(
            Code::NoCompany,
            "Your company no longer takes part in this program.",
            "Its data is kept; ask the vendor.",
        )
        .into());
    }
    let here = |channel: &str| asker.channel == channel || asker.parent.as_deref() == Some(channel);
    let place = if here(&program.approvals_channel) {
        Place::Approvals
    } else {
        partners
            .iter()
            .find(|partner| here(&partner.channel_id))
            .cloned()
            .map_or(Place::Elsewhere, Place::Shared)
    };
    let absences = absence::of_program(read, &program.id).await?;
    Ok(Context { program, person, partners, place, roles: asker.roles.clone(), grants, absences })
}

impl Context {
    /// What the program's roles give.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Who is away at an instant.
    pub fn absences(&self, now: DateTime<Utc>) -> Absences<'_> {
        Absences::at(&self.absences, now)
    }

    /// Whether only the vendor's people read along here.
    pub fn in_vendor_only_place(&self) -> bool {
        self.place == Place::Approvals && self.person.company == Company::Vendor
    }

    /// In another partner's channel, a partner's person finds nothing.
    ///
    /// # Errors
    /// `not_found` there.
    pub fn not_in_a_foreign_channel(&self) -> Result<(), Refusal> {
        match (&self.place, &self.person.company) {
            (Place::Shared(partner), Company::Partner(own)) if &partner.id != own => {
                Err(Refusal::not_found())
            }
            _ => Ok(()),
        }
    }

    /// The partner that a request is about. In a shared channel it is implied; the vendor may name it in the
    /// approvals channel, as an option or in front of a short name (`ACME/MDF-42`).
    ///
    /// # Errors
    /// `not_found` for a partner that the person must not know of; `wrong_place` where neither is possible.
    pub fn partner(&self, named: Option<&str>) -> Result<&Partner, Refusal> {
        let matching = |partner: &&Partner| {
            named.is_none_or(|name| {
                partner.key.eq_ignore_ascii_case(name.trim())
                    || partner.name.eq_ignore_ascii_case(name.trim())
            })
        };
        match (&self.place, &self.person.company) {
            (Place::Shared(partner), Company::Partner(own)) if &partner.id != own => {
                Err(Refusal::not_found())
            }
            (Place::Shared(partner), _) => Some(partner).filter(matching).ok_or_else(Refusal::not_found),
            (_, Company::Partner(own)) => Err(self.go_to_shared(own)),
            (Place::Approvals, Company::Vendor) => match (named, self.partners.as_slice()) {
                (None, [only]) => Ok(only),
                (None, _) => Err(Refusal::bad_input(
                    "Which partner?",
                    "Name it in the option partner, or ask in its shared channel.",
                )),
                (Some(_), partners) => partners.iter().find(matching).ok_or_else(Refusal::not_found),
            },
            (Place::Elsewhere, Company::Vendor) => Err(Refusal::new(
                Code::WrongPlace,
                "I don't talk about partners in this channel.",
                format!("Ask in a partner's shared channel or in <#{}>.", self.program.approvals_channel),
            )),
        }
    }

    fn go_to_shared(&self, own: &str) -> Refusal {
        let channel =
            self.partners.iter().find(|partner| partner.id == own).map(|partner| partner.channel_id.as_str());
        let hint = channel.map(|channel| format!("Ask in <#{channel}>.")).unwrap_or_default();
        Refusal::new(Code::WrongPlace, "I don't talk about your plans in this channel.", hint)
    }

    /// The partner and number of a short name, the partner read from it or from the option beside it.
    ///
    /// # Errors
    /// `not_found` for what is no such name, or as [`Self::partner`] says.
    pub fn named<'a>(
        &'a self,
        text: &str,
        prefix: &str,
        partner: Option<&str>,
    ) -> Result<(&'a Partner, i64), Refusal> {
        let (said, number) = short_name(text, prefix).ok_or_else(Refusal::not_found)?;
        Ok((self.partner(said.or(partner))?, number))
    }

    /// The partner that owns a thing, if this person may know of it.
    ///
    /// # Errors
    /// `not_found` for another program's or another partner's.
    pub fn owner(&self, partner_id: &str) -> Result<&Partner, Refusal> {
        let partner =
            self.partners.iter().find(|partner| partner.id == partner_id).ok_or_else(Refusal::not_found)?;
        match &self.person.company {
            Company::Partner(own) if own != partner_id => Err(Refusal::not_found()),
            _ => Ok(partner),
        }
    }

    /// An answer about a partner's things as it is read here: where only the vendor reads, short names show the partner.
    pub fn named_here(&self, reply: Reply, partner: &Partner) -> Reply {
        if self.place != Place::Approvals {
            return reply;
        }
        Reply {
            text: short_name::with_partner(&reply.text, partner),
            card: reply.card.map(|card| short_name::card_with_partner(card, partner)),
            ..reply
        }
    }

    /// How many characters [`Self::named_here`] puts in front of a short name.
    pub fn room_before_names(&self, partner: &Partner) -> usize {
        if self.place == Place::Approvals { partner.vendor_name("").chars().count() } else { 0 }
    }

    /// Whether somebody who is to answer for a side acts for it.
    ///
    /// # Errors
    /// `bad_input` in the same words whoever else it is: for what company somebody acts is nobody's business.
    pub fn acts_for(&self, picked: &Picked, side: Side, partner: &Partner) -> Result<(), Refusal> {
        let company = match side {
            Side::Vendor => Company::Vendor,
            Side::Partner => Company::Partner(partner.id.clone()),
        };
        let theirs = Person::from_roles(&picked.id, &picked.roles, &self.grants);
        if theirs.is_ok_and(|person| person.company == company) {
            return Ok(());
        }
        let own = self.grants.iter().filter(|grant| grant.company == company);
        let mut roles: Vec<String> = own.map(|grant| format!("<@&{}>", grant.role_id)).collect();
        roles.dedup();
        let hint = if self.person.company == company && !roles.is_empty() {
            format!("Name somebody with {}.", roles.join(" or "))
        } else {
            "Name somebody who does.".to_owned()
        };
        let sentence = format!("{} does not act for the {}.", text::person(&picked.id), side.code());
        Err(Refusal::bad_input(sentence, hint))
    }

    /// The refusal, saying which roles of the reader's own side can do it, or that the vendor can.
    pub fn with_who_can(&self, mut refusal: Refusal) -> Refusal {
        let Some(needed) = refusal.needs else { return refusal };
        let roles = roles_with(&self.grants, &self.person.company, needed, refusal.needs_up_to);
        let who = match (roles.is_empty(), &self.person.company) {
            (false, _) => format!("People with {} can.", text::roles(&roles)),
            (true, Company::Partner(_)) => "The vendor can.".to_owned(),
            (true, Company::Vendor) if needed.side() == Some(Side::Partner) => "The partner can.".to_owned(),
            (true, Company::Vendor) => "No role has it yet: an administrator can give it to one.".to_owned(),
        };
        refusal.hint = if refusal.hint.is_empty() { who } else { format!("{} {who}", refusal.hint) };
        refusal
    }
}
