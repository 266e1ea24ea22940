//! Whether two histories and one database tell the same story.

use super::history::Asked;
use super::worker::POOL;
use crate::sim::cast::{Company, PARTNERS};
use crate::sim::check::Checker;
use crate::sim::news::{self, Cursor, Link, News};
use std::collections::{BTreeMap, BTreeSet};
use tandem::store::{Store, audit, ledger, program};
use tandem::{args, in_read};

pub async fn holds(url: &str, histories: &[Vec<Asked>; 2], commands: usize) {
    let store = Store::open(url).await.unwrap();
    let all: Vec<&Asked> = histories.iter().flatten().collect();
    assert_eq!(all.len(), commands / 2 * 2, "every command was answered");
    let (mut checker, news) = read(&store).await;
    let trail = by_item(&news);
    every_answer_is_kept_once(&store, &all).await;
    numbers_run_through(&store, &all).await;
    let problems = in_read!(store, |read| { ledger::verify(read).await }).unwrap();
    assert_eq!(problems, Vec::<String>::new(), "the ledger is sound");
    for chain in in_read!(store, |read| { audit::verify(read).await }).unwrap() {
        assert_eq!(chain.broken, None, "the trail is whole");
    }
    what_was_approved_is_what_was_answered(&all, &news);
    payments_are_what_was_answered(&all, &news);
    claims_are_what_was_answered(&all, &news);
    every_answer_is_told_once(&store, &all, &news).await;
    nothing_is_given_twice(&news);
    every_chain_is_complete(&mut checker, &news);
    revs_have_no_gap(&trail, &news);
    nothing_is_answered_before_it_is_done(&all, &trail);
    something_happened(&all, histories);
    store.close().await;
}

/// All that is in the database, as one piece of news.
async fn read(store: &Store) -> (Checker, News) {
    let (program, partners) = in_read!(store, |read| {
        let program = program::by_key(read, "sim").await?.unwrap();
        let partners = program::partners(read, &program.id).await?;
        Ok((program.id, partners))
    })
    .unwrap();
    let mut checker = Checker::default();
    checker.model.program = program;
    let id = |company: &Company| partners.iter().find(|one| one.key == company.key).unwrap().id.clone();
    checker.model.partners = PARTNERS.iter().map(id).collect();
    let news = news::read(store, &checker.model, &mut Cursor::default()).await;
    (checker, news)
}

fn by_item(news: &News) -> BTreeMap<String, Vec<&Link>> {
    let mut trail: BTreeMap<String, Vec<&Link>> = BTreeMap::new();
    for link in &news.trail {
        trail.entry(link.line.item.clone()).or_default().push(link);
    }
    trail
}

fn accepted<'a>(all: &[&'a Asked], kind: &str) -> Vec<&'a Asked> {
    all.iter().copied().filter(|asked| asked.kind == kind && asked.refused.is_none()).collect()
}

/// Each key was handled once, and what is kept as its answer is what was answered.
async fn every_answer_is_kept_once(store: &Store, all: &[&Asked]) {
    let sql = "SELECT key, reply FROM request_log WHERE key LIKE 'two:%' ORDER BY key";
    let rows = in_read!(store, |read| { read.all(sql, args![]).await }).unwrap();
    let kept: BTreeMap<String, String> =
        rows.iter().map(|row| (row.text("key").unwrap(), row.text("reply").unwrap())).collect();
    assert_eq!(rows.len(), all.len(), "as many answers are kept as were given");
    for asked in all {
        let reply: tandem::flow::Reply = serde_json::from_str(&kept[&asked.key]).unwrap();
        assert_eq!(reply.text, asked.answer, "{}", asked.key);
    }
}

/// As many requests, claims and refusals as were answered so, and no number left out.
async fn numbers_run_through(store: &Store, all: &[&Asked]) {
    for (kind, sql) in [
        ("file", "SELECT partner_id, number FROM mdf_request ORDER BY partner_id, number"),
        ("claim", "SELECT partner_id, number FROM claim ORDER BY partner_id, number"),
    ] {
        let rows = in_read!(store, |read| { read.all(sql, args![]).await }).unwrap();
        assert_eq!(rows.len(), accepted(all, kind).len(), "{kind}: each is there once");
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        for row in rows {
            let before = last.entry(row.text("partner_id").unwrap()).or_default();
            let number = row.int("number").unwrap();
            assert_eq!(number, *before + 1, "{kind}: numbers run through");
            *before = number;
        }
    }
    let refused = all.iter().filter(|asked| asked.refused.is_some()).count();
    let sql = "SELECT COUNT(*) AS n FROM audit WHERE code LIKE 'refused:%'";
    let lines = in_read!(store, |read| { read.one(sql, args![]).await?.int("n") }).unwrap();
    assert_eq!(usize::try_from(lines).unwrap(), refused, "each refusal has its line");
}

/// The decisions are those that were answered as taken, one for one: by the same person, on the rev that they saw.
fn what_was_approved_is_what_was_answered(all: &[&Asked], news: &News) {
    for (kind, outcomes, decisions) in [
        ("approve", &["step", "approved"][..], &news.request_decisions),
        ("return", &["returned"], &news.request_decisions),
        ("decline", &["declined"], &news.request_decisions),
        ("withdraw", &["withdrawn"], &news.request_decisions),
        ("approve claim", &["step", "approved"], &news.claim_decisions),
        ("return claim", &["returned"], &news.claim_decisions),
        ("decline claim", &["declined"], &news.claim_decisions),
    ] {
        // Who decided, and over what amount, as the answer names it.
        let approves = kind.starts_with("approve");
        let of = |asked: &Asked| named(&asked.answer).filter(|_| approves);
        let mut answered: Vec<(&str, &str, Option<i64>)> = accepted(all, kind)
            .iter()
            .map(|asked| (asked.item.as_str(), asked.person.as_str(), of(asked)))
            .collect();
        let own =
            decisions.iter().filter(|one| outcomes.contains(&one.outcome.as_str()) && one.person != "rule");
        let mut taken: Vec<(&str, &str, Option<i64>)> = own
            .map(|one| (one.item.as_str(), one.person.as_str(), one.amount.filter(|_| approves)))
            .collect();
        answered.sort_unstable();
        taken.sort_unstable();
        assert_eq!(answered, taken, "{kind}");
    }
    for asked in accepted(all, "approve") {
        assert_eq!(named(&asked.answer), Some(asked.amount), "{}", asked.key);
    }
    let answered: i64 = accepted(all, "approve")
        .iter()
        .filter(|asked| asked.answer.contains(" of Both is committed"))
        .map(|asked| asked.amount)
        .sum();
    let own = news.request_decisions.iter().filter(|one| one.outcome == "approved" && one.person != "rule");
    let taken: i64 = own.filter_map(|one| one.amount).sum();
    assert_eq!(answered, taken, "as much was approved as was answered");
    let moved: i64 = news.transfers.iter().filter(|one| one.what == "approve").map(|one| one.amount).sum();
    let by_rule =
        news.request_decisions.iter().filter(|one| one.outcome == "approved" && one.person == "rule");
    assert_eq!(moved, taken + by_rule.filter_map(|one| one.amount).sum::<i64>(), "and as much was committed");
    let claimed: i64 = news.claims.iter().filter_map(|claim| claim.approved).sum();
    let moved: i64 =
        news.transfers.iter().filter(|one| one.what == "approve_claim").map(|one| one.amount).sum();
    assert_eq!(claimed, moved, "what claims were approved for is what became payable");
}

/// The first amount that an answer names, in cents.
fn named(answer: &str) -> Option<i64> {
    let (_, amount) = answer.split_once("USD ")?;
    let figures = amount.split(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').next()?;
    let digits: String = figures.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// How often something of a kind was answered as done, by item.
fn times<'a>(all: &[&'a Asked], kind: &str) -> BTreeMap<&'a str, usize> {
    let mut times = BTreeMap::new();
    for asked in accepted(all, kind) {
        *times.entry(asked.item.as_str()).or_default() += 1;
    }
    times
}

/// Each claim has the lines that were answered as added, and was filed as often as that was answered; the fund was given
/// what was answered as given.
fn claims_are_what_was_answered(all: &[&Asked], news: &News) {
    let held = news.claims.iter().filter(|claim| !claim.lines.is_empty());
    let held: BTreeMap<&str, usize> = held.map(|claim| (claim.id.as_str(), claim.lines.len())).collect();
    assert_eq!(times(all, "line"), held, "lines");
    let mut filed: BTreeMap<&str, usize> = BTreeMap::new();
    for link in news.trail.iter().filter(|link| link.line.code == "claim_submitted") {
        *filed.entry(link.line.item.as_str()).or_default() += 1;
    }
    assert_eq!(times(all, "submit claim"), filed, "claims filed");
    let given: i64 = accepted(all, "allocate").iter().map(|asked| asked.amount).sum();
    let moved: i64 = news.transfers.iter().filter(|one| one.what == "allocate").map(|one| one.amount).sum();
    assert_eq!(POOL + given, moved, "what the fund was given");
}

/// What was decided or paid is told in the partner's channel, once for each answer that says so.
async fn every_answer_is_told_once(store: &Store, all: &[&Asked], news: &News) {
    const TOLD: [&str; 7] =
        ["approve", "return", "decline", "approve claim", "return claim", "decline claim", "pay"];
    let requests = news.requests.iter().map(|one| (one.id.as_str(), one.partner));
    let of: BTreeMap<&str, usize> =
        requests.chain(news.claims.iter().map(|one| (one.id.as_str(), one.partner))).collect();
    let mut answered: BTreeMap<(String, String), usize> = BTreeMap::new();
    // A step that is not the last is told on the cards alone.
    let last =
        |asked: &&&Asked| TOLD.contains(&asked.kind.as_str()) && !asked.answer.contains(" approved, step ");
    for asked in all.iter().filter(|asked| asked.refused.is_none()).filter(last) {
        let channel = PARTNERS[of[asked.item.as_str()]].channel.to_string();
        *answered.entry((channel, asked.answer.clone())).or_default() += 1;
    }
    let sql = "SELECT channel_id, body FROM outbox WHERE kind = 'post' ORDER BY id";
    let mut told: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in in_read!(store, |read| { read.all(sql, args![]).await }).unwrap() {
        let post: tandem::text::card::Post = serde_json::from_str(&row.text("body").unwrap()).unwrap();
        let text = &post.text;
        if text.starts_with("MDF-") || text.starts_with("CLM-") || text.contains(" is paid on ") {
            *told.entry((row.text("channel_id").unwrap(), post.text)).or_default() += 1;
        }
    }
    assert_eq!(told, answered, "each answer is told once");
}

fn payments_are_what_was_answered(all: &[&Asked], news: &News) {
    let mut answered: Vec<(&str, &str, i64)> = accepted(all, "pay")
        .iter()
        .map(|asked| (asked.item.as_str(), asked.person.as_str(), asked.amount))
        .collect();
    let mut taken: Vec<(&str, &str, i64)> =
        news.payments.iter().map(|one| (one.claim_id.as_str(), one.person.as_str(), one.amount)).collect();
    answered.sort_unstable();
    taken.sort_unstable();
    assert_eq!(answered, taken, "payments");
    let paid: i64 =
        news.balances.iter().filter(|((_, account), _)| account == "paid").map(|(_, held)| held).sum();
    assert_eq!(paid, taken.iter().map(|one| one.2).sum::<i64>(), "the account paid holds them");
    for claim in &news.claims {
        let its: i64 =
            news.payments.iter().filter(|one| one.claim_id == claim.id).map(|one| one.amount).sum();
        assert_eq!(its, claim.paid);
        assert!(its <= claim.approved.unwrap_or_default(), "CLM-{} is paid {its}", claim.number);
    }
    for request in &news.requests {
        let its = news.claims.iter().filter(|claim| claim.request_id == request.id);
        let claimed: i64 = its.filter_map(|claim| claim.approved).sum();
        assert!(claimed <= request.approved.unwrap_or_default(), "MDF-{}: {claimed} claimed", request.number);
        assert_eq!(claimed, request.claimed);
    }
}

/// No account below zero, every transfer balanced, and no fund gave more than it was given.
fn nothing_is_given_twice(news: &News) {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for transfer in &news.transfers {
        assert_eq!(transfer.entries.iter().map(|one| one.2).sum::<i64>(), 0, "{transfer:?}");
        for (fund, account, amount) in &transfer.entries {
            *sums.entry((fund.clone(), account.clone())).or_default() += amount;
        }
    }
    for (key, held) in &news.balances {
        assert_eq!(sums.get(key).copied().unwrap_or_default(), *held, "{key:?}");
        assert!(*held >= 0 || key.1 == "granted", "{key:?} is {held}");
    }
}

fn every_chain_is_complete(checker: &mut Checker, news: &News) {
    checker.hands(news);
    if let Err(wrong) = checker.approvals(news) {
        panic!("{wrong}");
    }
}

/// Told by the trail, every change of a request or claim is on the rev that the one before it left.
fn revs_have_no_gap(trail: &BTreeMap<String, Vec<&Link>>, news: &News) {
    for request in &news.requests {
        let mut rev = 0;
        for link in &trail[&request.id] {
            let detail: serde_json::Value = serde_json::from_str(&link.line.detail).unwrap();
            let told = |name: &str| detail[name].as_i64();
            rev = match link.line.code.as_str() {
                "request_submitted" => {
                    assert_eq!(told("rev"), Some(rev + 1), "MDF-{} is filed", request.number);
                    rev + 1
                }
                // A first step that approves less makes a rev of its own; any other changes nothing that others rely on.
                "request_step" => {
                    let new = told("rev").unwrap();
                    assert!(
                        new == rev || new == rev + 1,
                        "MDF-{}: a step on {new} after {rev}",
                        request.number
                    );
                    new
                }
                _ if detail["by"] == "rule" => rev + 1,
                code => {
                    assert_eq!(told("seen_rev"), Some(rev), "MDF-{}: {code}", request.number);
                    rev + 1
                }
            };
        }
        assert_eq!(rev, request.rev, "MDF-{} ends on the rev that the trail says", request.number);
    }
    for claim in &news.claims {
        let changes = trail[&claim.id].iter().filter(|link| link.line.code != "claim_step");
        assert_eq!(i64::try_from(changes.count()).unwrap(), claim.rev, "CLM-{}", claim.number);
    }
}

/// Of two things done to one item, the one that was answered before the other was asked is before it in the trail.
fn nothing_is_answered_before_it_is_done(all: &[&Asked], trail: &BTreeMap<String, Vec<&Link>>) {
    let mut by_item: BTreeMap<&str, Vec<(&Asked, i64)>> = BTreeMap::new();
    for asked in all.iter().filter(|asked| asked.refused.is_none() && !asked.item.is_empty()) {
        let codes = match asked.kind.as_str() {
            "approve" => &["request_approved", "request_step"][..],
            "return" => &["request_returned"],
            "decline" => &["request_declined"],
            "approve claim" => &["claim_approved", "claim_step"],
            "return claim" => &["claim_returned"],
            "decline claim" => &["claim_declined"],
            _ => continue,
        };
        let seen = |link: &&&Link| {
            let detail: serde_json::Value = serde_json::from_str(&link.line.detail).unwrap();
            let told = |name: &str| detail[name].as_i64();
            // A step says on what rev others go on: that which was seen, or the next if it approves less.
            let on = match link.line.code.ends_with("_step") {
                true => told("rev").is_some_and(|rev| (0..=1).contains(&(rev - asked.seen_rev))),
                false => told("seen_rev") == Some(asked.seen_rev),
            };
            codes.contains(&link.line.code.as_str()) && link.line.actor == asked.person && on
        };
        if let Some(link) = trail.get(&asked.item).and_then(|lines| lines.iter().find(seen)) {
            by_item.entry(&asked.item).or_default().push((asked, link.line.seq));
        }
    }
    let mut compared = 0;
    for done in by_item.values() {
        for (one, first) in done {
            for (other, second) in done.iter().filter(|(other, _)| one.answered_at < other.asked_at) {
                assert!(first < second, "{} was answered before {} was asked", one.key, other.key);
                compared += 1;
            }
        }
    }
    println!("{compared} pairs of answers on the same item are in order");
    assert!(compared > 0, "no two answers on the same item could be compared");
}

/// Two processes that never met would prove nothing.
fn something_happened(all: &[&Asked], histories: &[Vec<Asked>; 2]) {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for asked in all {
        *counts.entry((&asked.kind, asked.refused.as_deref().unwrap_or("accepted"))).or_default() += 1;
    }
    println!("{counts:#?}");
    for (kind, least) in [("file", 10), ("approve", 10), ("claim", 3), ("line", 3), ("pay", 1)] {
        let least = (least * all.len() / 300).max(1);
        assert!(accepted(all, kind).len() >= least, "{kind}: {} accepted", accepted(all, kind).len());
    }
    let both = |kind: &str| {
        let of = |history: &Vec<Asked>| -> BTreeSet<String> {
            history.iter().filter(|asked| asked.kind == kind).map(|asked| asked.item.clone()).collect()
        };
        of(&histories[0]).intersection(&of(&histories[1])).count()
    };
    assert!(both("approve") > 0, "both processes decided on the same requests");
    let short = all.iter().filter(|asked| asked.refused.as_deref() == Some("not_covered")).count();
    assert!(short > 0, "the fund was never too small for both");
    let overlapping = histories[0].iter().any(|one| {
        histories[1].iter().any(|other| one.asked_at < other.answered_at && other.asked_at < one.answered_at)
    });
    assert!(overlapping, "the processes asked at the same time");
    assert!(
        all.iter().any(|asked| matches!(asked.refused.as_deref(), Some("stale" | "wrong_state"))),
        "they met"
    );
}
