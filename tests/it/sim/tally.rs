//! What a run did, counted, and the least that it must have done: a simulation that quietly does nothing shows nothing.

use super::news::News;
use super::run::Spent;
use std::collections::BTreeMap;
use tandem::flow::Reply;

#[derive(Default)]
pub struct Tally {
    counts: BTreeMap<String, usize>,
    pub accepted: usize,
    pub refused: usize,
    pub whole: usize,
    pub spent: Spent,
}

/// In a thousand commands: accepted ones of each kind. Each kind comes at least once, however short the run.
const ACCEPTED: [(&str, usize); 45] = [
    ("create plan", 2),
    ("add campaign", 8),
    ("propose plan", 2),
    ("sign plan", 4),
    ("create fund", 4),
    ("allocate", 4),
    ("take back", 0),
    ("transfer", 0),
    ("accrue", 3),
    ("rate", 2),
    ("file", 40),
    ("file draft", 4),
    ("file again", 4),
    ("submit draft", 0),
    ("approve", 60),
    ("approve less", 4),
    ("return", 6),
    ("decline", 3),
    ("amend", 6),
    ("withdraw", 5),
    ("cancel", 0),
    ("close", 0),
    ("claim", 15),
    ("line", 25),
    ("remove line", 0),
    ("evidence", 4),
    ("remove evidence", 0),
    ("submit claim", 12),
    ("withdraw claim", 0),
    ("approve claim", 10),
    ("decide lines", 0),
    ("return claim", 0),
    ("decline claim", 0),
    ("pay", 6),
    ("reverse", 0),
    ("claw back", 0),
    ("extend", 0),
    ("decide extension", 0),
    ("stop", 0),
    ("resume", 0),
    ("decide stop", 0),
    ("postpone", 0),
    ("cancel campaign", 0),
    ("sign adjustment", 0),
    ("away", 0),
];

/// In a thousand commands: refusals of each family.
const REFUSED: [(&str, usize); 12] = [
    ("not_found", 4),
    ("no_company", 0),
    ("two_companies", 0),
    ("wrong_place", 0),
    ("missing_capability", 4),
    ("over_limit", 0),
    ("own_request", 0),
    ("stale", 8),
    ("wrong_state", 15),
    ("bad_input", 8),
    ("not_covered", 0),
    ("confirm", 4),
];

/// In a thousand commands: what happens around them.
const AROUND: [(&str, usize); 17] = [
    ("a list of people", 1),
    ("the same file again", 0),
    ("the same file refused", 0),
    ("repeat", 15),
    ("repeat with other content", 8),
    ("press", 30),
    ("form", 8),
    ("clock jump", 25),
    ("delivery", 15),
    ("restart", 0),
    ("restart in the middle of a delivery", 0),
    ("429 answered", 10),
    ("500 answered", 10),
    ("connection cut", 15),
    ("timeout", 0),
    ("cut off before", 10),
    ("answer lost", 10),
];

/// In a thousand commands: what the clock and the program's rule do, by the lines of the trail.
const BY_ITSELF: [(&str, usize); 17] = [
    ("clock: request_expired", 3),
    ("clock: request_closed", 0),
    ("clock: claim_expired", 0),
    ("clock: fund_forfeited", 3),
    ("clock: fund_carried_over", 2),
    ("clock: claim_reminded", 1),
    ("clock: release_warned", 4),
    ("clock: claim_expiry_warned", 0),
    ("clock: expiry_warned", 8),
    ("clock: decision_reminded", 8),
    ("clock: decision_escalated", 20),
    ("clock: digest_posted", 20),
    ("rule: request_approved", 0),
    ("held in quiet hours", 40),
    ("decided for somebody", 0),
    ("refused as one with another", 0),
    ("a partner's own away", 0),
];

impl Tally {
    /// Counts what happened without anybody's asking, and what waits for the morning.
    pub fn happened(&mut self, news: &News, now_ms: i64) {
        for line in news.trail.iter().map(|link| &link.line) {
            if matches!(line.actor.as_str(), "clock" | "rule") {
                self.count(&format!("{}: {}", line.actor, line.code));
            }
        }
        let decided = news.request_decisions.iter().chain(&news.claim_decisions);
        for _ in decided.filter(|one| one.stands_for.is_some()) {
            self.count("decided for somebody");
        }
        for _ in news.notices.iter().filter(|notice| notice.not_before > now_ms) {
            self.count("held in quiet hours");
        }
    }

    pub fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    pub fn answered(&mut self, kind: &str, reply: &Reply) {
        match &reply.refused {
            None => {
                self.accepted += 1;
                self.count(kind);
            }
            Some(refusal) => {
                self.refused += 1;
                self.count(&format!("refused {}", refusal.code.as_str()));
                let words = ["stands in for the other", "you two count as one"];
                if words.iter().any(|words| refusal.sentence.contains(words)) {
                    self.count("refused as one with another");
                }
            }
        }
    }

    pub fn of(&self, what: &str) -> usize {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Adds what another run did.
    pub fn adds(&mut self, other: &Self) {
        for (what, times) in &other.counts {
            *self.counts.entry(what.clone()).or_default() += times;
        }
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.spent.adds(&other.spent);
    }

    /// What was done too seldom for so many commands.
    pub fn missing(&self, commands: usize) -> Vec<String> {
        let mut missing = Vec::new();
        let refused = REFUSED.map(|(code, least)| (format!("refused {code}"), least));
        let wanted = ACCEPTED
            .iter()
            .chain(&AROUND)
            .chain(&BY_ITSELF)
            .map(|(what, least)| ((*what).to_owned(), *least));
        for (what, least) in wanted.chain(refused) {
            let least = (least * commands / 1_000).max(1);
            let seen = self.of(&what);
            if seen < least {
                missing.push(format!("{what}: {seen} times, at least {least} are asked for"));
            }
        }
        if self.accepted * 2 < commands {
            missing.push(format!("{} of {commands} commands were accepted, less than half", self.accepted));
        }
        missing
    }

    /// All that was counted, a line each.
    pub fn listed(&self) -> String {
        let mut lines: Vec<String> =
            self.counts.iter().map(|(what, times)| format!("{times:>7} {what}")).collect();
        lines.push(format!(
            "{} accepted, {} refused; milliseconds: {:?}",
            self.accepted, self.refused, self.spent
        ));
        lines.join("\n")
    }
}
