//! `/claim`

use super::mdf::List;
use crate::domain::activity::Slot;
use crate::domain::command::claim::{ClaimWish, NewLine};
use crate::domain::command::{Ask, Command as Wish, PointedAt, Proof, Query};
use crate::inbound::attached::attached;
use serenity::all::{AttachmentId, CommandDataResolved};
use serenity_commands::{BasicOption, Command, SubCommand};

/// The subcommands of `/claim`.
#[derive(Debug, Command)]
pub enum ClaimCommand {
    /// Start a claim of an approved request
    #[command(autocomplete)]
    New(New),
    /// Add an invoice to a claim
    #[command(autocomplete)]
    Line(Line),
    /// Take an invoice off a claim
    #[command(autocomplete, name = "remove-line")]
    RemoveLine(RemoveLine),
    /// Add a file to a slot of a claim; only you see it
    #[command(autocomplete)]
    Evidence(Evidence),
    /// Take a file out of a claim
    #[command(autocomplete, name = "remove-evidence")]
    RemoveEvidence(RemoveEvidence),
    /// File a claim for decision
    #[command(autocomplete)]
    Submit(Submit),
    /// Take back a claim that is not decided yet
    #[command(autocomplete)]
    Withdraw(One),
    /// One claim: lines, evidence, state
    #[command(autocomplete)]
    Show(One),
    /// Have a file of a filed claim; only you see it
    #[command(autocomplete)]
    File(ClaimFile),
    /// The partner's claims, the newest first
    #[command(autocomplete)]
    List(List),
    /// Record a payment of an approved claim (vendor)
    #[command(autocomplete)]
    Pay(Pay),
    /// Take an approval back; what was paid has to come back (vendor)
    #[command(autocomplete)]
    Reverse(Reverse),
    /// Record money that came back after a reversal (vendor)
    #[command(autocomplete)]
    Clawback(ClawBack),
    /// Ask for more time to claim a request
    #[command(autocomplete)]
    Extend(Extend),
}

/// Options of `/claim new`.
#[derive(Debug, SubCommand)]
pub struct New {
    /// The approved request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim line`.
#[derive(Debug, SubCommand)]
pub struct Line {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// What was bought
    pub what: String,
    /// From whom
    pub supplier: String,
    /// The invoice's number
    pub invoice: String,
    /// The invoice's date
    pub date: String,
    /// Net of recoverable tax, such as 1,200 or USD 1,200
    pub net: String,
    /// The tax, in the same currency
    pub tax: Option<String>,
    /// Net and tax together, to check it
    pub gross: Option<String>,
    /// The log entry of this invoice, such as LOG-3; without one, an entry is made when it is approved
    pub log: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim remove-line`.
#[derive(Debug, SubCommand)]
pub struct RemoveLine {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// The line's number
    pub number: i64,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// What a file proves, as `domain::activity::Slot` has it.
#[derive(Debug, BasicOption)]
#[option(option_type = "string")]
pub enum Proves {
    #[option(name = "Cost", value = "cost")]
    Cost,
    #[option(name = "Execution", value = "execution")]
    Execution,
    #[option(name = "Results", value = "results")]
    Results,
}

impl Proves {
    fn slot(&self) -> Slot {
        match self {
            Self::Cost => Slot::Cost,
            Self::Execution => Slot::Execution,
            Self::Results => Slot::Results,
        }
    }
}

/// Options of `/claim evidence`.
#[derive(Debug, SubCommand)]
pub struct Evidence {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// What it proves
    pub slot: Proves,
    /// The file: a PDF, a picture, an Office file, a table, a text or a mail
    pub file: AttachmentId,
    /// True: it is a list of people (CSV or XLSX); kept encrypted, only its number of rows is shown
    pub restricted: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim remove-evidence`.
#[derive(Debug, SubCommand)]
pub struct RemoveEvidence {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// The file's number, as the card shows it
    pub number: i64,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim file`.
#[derive(Debug, SubCommand)]
pub struct ClaimFile {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// The file's number, as the card shows it
    pub number: i64,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim extend`.
#[derive(Debug, SubCommand)]
pub struct Extend {
    /// The approved request, such as MDF-3
    #[command(autocomplete)]
    pub request: String,
    /// The last day to claim that you ask for
    pub until: String,
    /// Why
    pub reason: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim submit`.
#[derive(Debug, SubCommand)]
pub struct Submit {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// True: I certify that all of it is accurate and was not claimed elsewhere
    pub certify: Option<bool>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of what concerns one claim.
#[derive(Debug, SubCommand)]
pub struct One {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim pay`.
#[derive(Debug, SubCommand)]
pub struct Pay {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// The bank's reference
    pub reference: String,
    /// How much; without it, all that is owed
    pub amount: Option<String>,
    /// When; without it, today
    pub date: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim reverse`.
#[derive(Debug, SubCommand)]
pub struct Reverse {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// Why
    pub reason: String,
    /// The claim's name, said again
    pub confirm: Option<String>,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

/// Options of `/claim clawback`.
#[derive(Debug, SubCommand)]
pub struct ClawBack {
    /// The claim, such as CLM-5
    #[command(autocomplete)]
    pub claim: String,
    /// How much came back
    pub amount: String,
    /// The bank's reference
    pub reference: String,
    /// The partner (only in the approvals channel)
    #[command(autocomplete)]
    pub partner: Option<String>,
}

impl ClaimCommand {
    /// # Errors
    /// A sentence, if a file didn't come along.
    pub(super) fn ask(self, resolved: &CommandDataResolved) -> Result<Ask, String> {
        let wish = match self {
            ClaimCommand::Evidence(evidence) => return Ok(Ask::Prove(evidence.proof(resolved)?)),
            ClaimCommand::RemoveEvidence(RemoveEvidence { claim, number, partner }) => {
                ClaimWish::RemoveEvidence { partner, claim, file: number.to_string() }
            }
            ClaimCommand::Extend(Extend { request, until, reason, partner }) => {
                ClaimWish::Extend { partner, request, until, reason }
            }
            ClaimCommand::Show(One { claim, partner }) => {
                return Ok(Ask::Look(Query::ShowClaim { partner, claim }));
            }
            ClaimCommand::File(ClaimFile { claim, number, partner }) => {
                return Ok(Ask::Look(Query::ClaimFile { partner, claim, number }));
            }
            ClaimCommand::List(List { page, partner }) => {
                return Ok(Ask::Look(Query::ListClaims { partner, page }));
            }
            ClaimCommand::New(New { request, partner }) => ClaimWish::New { partner, request },
            ClaimCommand::Line(line) => ClaimWish::Line(line.asked()),
            ClaimCommand::RemoveLine(RemoveLine { claim, number, partner }) => {
                ClaimWish::RemoveLine { partner, claim, line: number }
            }
            ClaimCommand::Submit(Submit { claim, certify, partner }) => {
                ClaimWish::Submit { partner, claim, certify: certify.unwrap_or_default() }
            }
            ClaimCommand::Withdraw(One { claim, partner }) => ClaimWish::Withdraw { partner, claim },
            ClaimCommand::Pay(Pay { claim, reference, amount, date, partner }) => {
                ClaimWish::Pay { partner, claim, amount, date, reference }
            }
            ClaimCommand::Reverse(Reverse { claim, reason, confirm, partner }) => {
                ClaimWish::Reverse { partner, claim, reason, confirm }
            }
            ClaimCommand::Clawback(ClawBack { claim, amount, reference, partner }) => {
                ClaimWish::ClawBack { partner, claim, amount, reference }
            }
        };
        Ok(Ask::Do(Box::new(Wish::Claim(wish))))
    }
}

/// *Use as proof*, chosen in a message's menu.
pub(super) fn use_as_proof(at: PointedAt) -> Ask {
    Ask::Do(Box::new(Wish::Claim(ClaimWish::OfferProof(at))))
}

impl Evidence {
    fn proof(self, resolved: &CommandDataResolved) -> Result<Proof, String> {
        Ok(Proof {
            partner: self.partner,
            claim: self.claim,
            slot: self.slot.slot().code().to_owned(),
            restricted: self.restricted.unwrap_or_default(),
            files: vec![attached(resolved, self.file)?],
            source: None,
        })
    }
}

impl Line {
    fn asked(self) -> NewLine {
        NewLine {
            partner: self.partner,
            claim: self.claim,
            what: self.what,
            supplier: self.supplier,
            invoice: self.invoice,
            date: self.date,
            net: self.net,
            tax: self.tax,
            gross: self.gross,
            log: self.log,
        }
    }
}
