//! What people do next: chosen from what the simulation believes, mostly sensible, sometimes wrong, late or by the wrong
//! person.

mod claims;
mod funds;
mod plans;
mod requests;

pub use claims::{CLAIMED, GROUND};
pub use requests::share_of;

use super::cast::{APPROVALS, BOTH, MARKETING, NOBODY, PARTNERS, Person, SIGNERS, VERA};
use super::check::Wrong;
use super::run::{Boxed, Sim};
use tandem::domain::money::{Currency, Money};

#[derive(Clone, Copy)]
enum Act {
    File,
    Small,
    Decide,
    Resubmit,
    SubmitDraft,
    Amend,
    Withdraw,
    End,
    Claim,
    Line,
    RemoveLine,
    Evidence,
    RemoveEvidence,
    SubmitClaim,
    WithdrawClaim,
    DecideClaim,
    Pay,
    Reverse,
    ClawBack,
    Extend,
    DecideExtension,
    Fund,
    Campaign,
    Adjustment,
    Away,
    Lost,
}

const WEIGHTS: [(i64, Act); 26] = [
    (14, Act::File),
    (2, Act::Small),
    (34, Act::Decide),
    (6, Act::Resubmit),
    (1, Act::SubmitDraft),
    (4, Act::Amend),
    (2, Act::Withdraw),
    (2, Act::End),
    (7, Act::Claim),
    (10, Act::Line),
    (1, Act::RemoveLine),
    (6, Act::Evidence),
    (2, Act::RemoveEvidence),
    (8, Act::SubmitClaim),
    (1, Act::WithdrawClaim),
    (17, Act::DecideClaim),
    (8, Act::Pay),
    (2, Act::Reverse),
    (2, Act::ClawBack),
    (2, Act::Extend),
    (2, Act::DecideExtension),
    (6, Act::Fund),
    (7, Act::Campaign),
    (5, Act::Adjustment),
    (4, Act::Away),
    (2, Act::Lost),
];

impl Sim {
    /// Runs until so many commands were asked for, and checks everything once more.
    pub async fn runs(&mut self) -> Wrong {
        self.sets_rates().await?;
        while !self.done() {
            self.keeps_house().await?;
            let act = self.dice.weighted(&WEIGHTS);
            self.does(act).await?;
        }
        self.delivers().await?;
        for (what, status) in [("429 answered", 429), ("500 answered", 500), ("connection cut", 0)] {
            let times = self.house.answers(status);
            (0..times).for_each(|_| self.tally.count(what));
        }
        self.whole().await
    }

    fn does(&mut self, act: Act) -> Boxed<'_, Wrong> {
        match act {
            Act::File => Box::pin(self.files()),
            Act::Small => Box::pin(self.files_small(None)),
            Act::Decide => Box::pin(self.decides()),
            Act::Resubmit => Box::pin(self.files_again()),
            Act::SubmitDraft => Box::pin(self.submits_draft()),
            Act::Amend => Box::pin(self.amends()),
            Act::Withdraw => Box::pin(self.withdraws()),
            Act::End => Box::pin(self.ends()),
            Act::Claim => Box::pin(self.claims()),
            Act::Line => Box::pin(self.adds_line()),
            Act::RemoveLine => Box::pin(self.removes_line()),
            Act::Evidence => Box::pin(self.adds_evidence()),
            Act::RemoveEvidence => Box::pin(self.removes_evidence()),
            Act::SubmitClaim => Box::pin(self.submits_claim()),
            Act::WithdrawClaim => Box::pin(self.withdraws_claim()),
            Act::DecideClaim => Box::pin(self.decides_claim()),
            Act::Pay => Box::pin(self.pays()),
            Act::Reverse => Box::pin(self.reverses()),
            Act::ClawBack => Box::pin(self.claws_back()),
            Act::Extend => Box::pin(self.extends()),
            Act::DecideExtension => Box::pin(self.decides_extension()),
            Act::Fund => Box::pin(self.moves_money()),
            Act::Campaign => Box::pin(self.changes_campaign()),
            Act::Adjustment => Box::pin(self.decides_adjustment()),
            Act::Away => Box::pin(self.goes_away()),
            Act::Lost => Box::pin(self.is_lost()),
        }
    }

    /// Sees to it that there is a plan in force and money to ask for.
    pub async fn keeps_house(&mut self) -> Wrong {
        for partner in 0..PARTNERS.len() {
            self.needs_plan(partner).await?;
        }
        self.needs_funds().await
    }

    /// One of a partner's people who file and fill, now and then somebody else.
    pub fn filer(&mut self, partner: usize) -> Person {
        match self.dice.between(1, 100) {
            1..=2 => self.stranger(partner),
            3 => SIGNERS[partner],
            _ => MARKETING[partner][self.dice.below(2)],
        }
    }

    /// Somebody who has no business here.
    pub fn stranger(&mut self, partner: usize) -> Person {
        let other = MARKETING[(partner + 1) % PARTNERS.len()][0];
        [NOBODY, BOTH, other, VERA][self.dice.below(4)]
    }

    pub fn partner(&mut self) -> usize {
        self.dice.below(PARTNERS.len())
    }

    /// Where somebody speaks of a partner's things, and how a thing of it is called there.
    pub fn place(&mut self, who: Person, partner: usize, name: &str) -> (u64, String) {
        if who.partner.is_none() && self.dice.percent(50) {
            (APPROVALS, format!("{}/{name}", PARTNERS[partner].key.to_uppercase()))
        } else {
            (PARTNERS[partner].channel, name.to_owned())
        }
    }

    /// An amount as people read it.
    pub fn amount(&self, minor: i64, currency: &str) -> String {
        Money::from_minor(minor, Currency::parse(currency).unwrap()).unwrap().to_string()
    }
}

/// A day of an ISO date.
pub fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}
