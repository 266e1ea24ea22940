//! A vendor's partner-marketing program and the partner companies in it.

use super::canonical::sha256;
use super::money::{Currency, Money};
use chrono::Month;
use chrono_tz::Tz;

/// One vendor's program: one guild.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub id: String,
    pub key: String,
    /// The vendor's name.
    pub name: String,
    pub guild_id: String,
    pub zone: Tz,
    pub currency: Currency,
    pub approvals_channel: String,
    /// From this amount an approver retypes it.
    pub confirm_from: Money,
    /// JSON of the status limits, in percent.
    pub thresholds: String,
    pub fiscal_year: FiscalYear,
    pub single_partner: SinglePartner,
}

/// Whether a program declares that it has a single partner: only then does anything of a plan become an event that the
/// whole guild sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinglePartner {
    pub on: bool,
    /// In `bot.toml`: then it is not set in chat.
    pub declared: bool,
}

/// When a program's fiscal years start. One is named after the calendar year in which it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalYear {
    /// The month with whose first day it starts, 1 to 12. With 1 it is the calendar year.
    pub start_month: u32,
    /// In `bot.toml`: then it is not set in chat.
    pub declared: bool,
}

impl Default for FiscalYear {
    fn default() -> Self {
        Self { start_month: 1, declared: false }
    }
}

impl FiscalYear {
    /// The English name of the month in which it starts.
    #[must_use]
    pub fn month_name(self) -> &'static str {
        u8::try_from(self.start_month)
            .ok()
            .and_then(|number| Month::try_from(number).ok())
            .map_or("January", |month| month.name())
    }
}

/// A partner company of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    pub id: String,
    pub program_id: String,
    pub key: String,
    pub name: String,
    /// The channel that it shares with the vendor.
    pub channel_id: String,
    pub tier: Option<String>,
    pub currency: Currency,
}

impl Partner {
    /// How a thing of this partner is named where only the vendor reads: `ACME/MDF-42`.
    pub fn vendor_name(&self, short: &str) -> String {
        format!("{}/{short}", self.key.to_uppercase())
    }
}

/// A number that differs if `text` does: what a confirmation carries, so that it confirms only what it showed.
pub fn fingerprint(text: &str) -> i64 {
    // 60 bits: they fit, and no sign.
    i64::from_str_radix(&sha256(text)[..15], 16).unwrap_or_default()
}
