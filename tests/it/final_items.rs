//! What has come to its end stays as it is: every old button and form of its card, and every command on it, is refused
//! with a sentence and changes no row but those that say so in the trail.

use crate::acknowledge::both_acknowledge;
use crate::claim_stories::{over, proven};
use crate::harness::stored::{Stored, TRAIL, difference};
use crate::harness::{World, stories};
use discord_local::{Answer, Message};
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_request_and_a_claim_that_are_over_take_nothing_more,
    a_plan_that_never_came_about_takes_nothing_more,
    what_was_decided_in_a_signed_plan_is_not_decided_again,
    a_plan_that_both_have_cancelled_takes_nothing_more,
    a_closed_plan_takes_nothing_more,
);

/// What only looks: it is answered, and changes nothing either.
const LOOKS: &[&str] = &["plan-campaigns", "adjustment-read"];

/// The verbs that open a form, or that a form of the same name answers.
const FORMS: &[&str] = &[
    "plan-return",
    "plan-decline",
    "plan-add",
    "plan-hours",
    "plan-promise",
    "campaign-texts",
    "mdf-return",
    "mdf-decline",
    "mdf-less",
    "mdf-confirm",
    "claim-return",
    "claim-decline",
    "claim-lines",
    "claim-confirm",
    "extension-decline",
    "adjustment-decline",
];

/// What any of those forms may hold.
const FILLED: &[(&str, &str)] = &[
    ("reason", "Late"),
    ("amount", "50"),
    ("confirm", "100"),
    ("lines", "1: 50 too much"),
    ("name", "Another"),
    ("type", "Email"),
    ("dates", "2026-03-10"),
    ("targets", "4 leads, 1k"),
    ("budget", ""),
    ("vendor", "3"),
    ("partner", "4"),
    ("routing", "24"),
    ("what", "200 prospects"),
    ("due", "2026-12-20"),
    ("segment", "Others"),
    ("message", "Another"),
    ("offer", ""),
    ("channel", ""),
];

/// A card as it was, with the ids of its buttons.
struct Old {
    message: Message,
    ids: Vec<String>,
}

impl Old {
    fn of(message: Message) -> Self {
        let ids: Vec<String> = message.buttons().into_iter().filter_map(|button| button.custom_id).collect();
        assert!(!ids.is_empty(), "nothing to press: {}", message.text());
        // Approving and cutting open a second form when they need to.
        let more = ids.iter().filter_map(|id| {
            let (noun, rest) = id.split_once("-approve:")?;
            (noun != "extension").then(|| format!("{noun}-confirm:{rest}"))
        });
        let more: Vec<String> = more.collect();
        Self { message, ids: ids.into_iter().chain(more).collect() }
    }
}

/// Attempts on what is over; each has to be refused, and to leave everything as it was.
struct Attempts<'a> {
    w: &'a World,
    before: Stored,
    refused: i64,
    made: usize,
}

async fn refusals(w: &World) -> i64 {
    w.number("SELECT COUNT(*) FROM audit WHERE code LIKE 'refused:%'").await
}

impl<'a> Attempts<'a> {
    async fn on(w: &'a World) -> Self {
        w.settle().await;
        Self { w, before: w.stored(TRAIL).await, refused: refusals(w).await, made: 0 }
    }

    async fn left_nothing(&self, what: &str, said: &str) {
        let left = difference(&self.before, &self.w.stored(TRAIL).await);
        assert!(left.is_empty(), "{what} ({said}) left something behind:\n{}", left.join("\n"));
    }

    async fn was_refused(&mut self, what: &str, said: &str) {
        self.left_nothing(what, said).await;
        let refused = refusals(self.w).await;
        assert_eq!(refused, self.refused + 1, "{what} is refused once: {said}");
        self.refused = refused;
        // It is refused for what it is, not because the wrong person tried, or in the wrong place.
        for hollow in ["You may not do this", "I can't find that here", "(not sent", "I don't talk about"] {
            assert!(!said.starts_with(hollow), "{what}: {said}");
        }
        assert!(said.ends_with('.') || said.contains(". "), "a sentence: {said}");
        self.made += 1;
    }

    /// Presses every button that a card had, and sends every form that they opened.
    async fn presses(&mut self, who: Who, old: &Old) {
        for id in &old.ids {
            let verb = id.split(':').next().unwrap();
            let player = self.w.person(who).at(old.message.channel_id);
            if LOOKS.contains(&verb) {
                let said = player.forges_press(&old.message, id).await;
                self.left_nothing(id, &said).await;
                // What can no longer be looked at is refused like the rest.
                self.refused = refusals(self.w).await;
                continue;
            }
            if !verb.ends_with("-confirm") {
                let said = player.forges_press(&old.message, id).await;
                self.was_refused(id, &said).await;
            }
            if FORMS.contains(&verb) {
                let said = player.forges_form(id, FILLED).await;
                self.was_refused(&format!("the form {id}"), &said).await;
            }
        }
    }

    async fn runs(&mut self, who: Who, at: u64, lines: &[String]) {
        for line in lines {
            let said = self.w.person(who).at(at).forges(line).await;
            self.was_refused(line, &said).await;
        }
    }
}

fn lines(of: &[&str], name: &str) -> Vec<String> {
    of.iter().map(|line| line.replace("{}", name)).collect()
}

/// CLM-n of MDF-1 with one line, its evidence, filed by Pat; gives its card.
async fn files(w: &World, number: i64) -> Old {
    let pat = w.person(Who::Pat);
    pat.runs("/claim new request:MDF-1").await;
    let name = format!("CLM-{number}");
    pat.runs(&format!(
        "/claim line claim:{name} what:Speaker supplier:S invoice:{number} date:2026-02-11 net:1k"
    ))
    .await;
    proven(w, &name).await;
    let said = pat.runs(&format!("/claim submit claim:{name} certify:True")).await;
    assert!(said.starts_with(&format!("{name} is submitted")), "{said}");
    Old::of(w.card(APPROVALS, &format!("ACME/{name}")))
}

async fn states(w: &World, table: &str) -> Vec<String> {
    let count = w.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    let mut found = Vec::new();
    for number in 1..=count {
        found.push(w.word(&format!("SELECT state FROM {table} WHERE number = {number}")).await);
    }
    found
}

/// Requests and claims in every way in which they end; gives the cards that they had.
async fn money_is_over(w: &World) -> (Vec<Old>, Vec<Old>, Old) {
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    over(w).await;
    let mut requests = Vec::new();
    for number in 2..=5 {
        pat.runs("/mdf request campaign:CMP-1 cost:200 amount:100 purpose:Room fund:acme-q1").await;
        requests.push(Old::of(w.card(APPROVALS, &format!("ACME/MDF-{number}"))));
    }
    amir.presses(&requests[0].message, "Decline…", &[("reason", "No")]).await;
    pat.runs("/mdf withdraw request:MDF-3").await;
    amir.presses(&requests[2].message, "Approve", &[]).await;
    pat.runs("/mdf cancel request:MDF-4 reason:Off confirm:MDF-4").await;
    amir.presses(&requests[3].message, "Approve", &[]).await;
    pat.runs("/mdf close request:MDF-5 confirm:MDF-5").await;
    assert_eq!(states(w, "mdf_request").await, ["approved", "declined", "withdrawn", "cancelled", "closed"]);

    let mut claims = Vec::new();
    for number in 1..=4 {
        claims.push(files(w, number).await);
    }
    let claim = |number: i64| w.card(APPROVALS, &format!("ACME/CLM-{number}"));
    amir.presses(&claim(1), "Approve", &[]).await;
    finn.at(ACME).runs("/claim pay claim:CLM-1 reference:SEPA-1").await;
    amir.presses(&claim(2), "Decline…", &[("reason", "No")]).await;
    pat.runs("/claim withdraw claim:CLM-3").await;
    amir.presses(&claim(4), "Approve", &[]).await;
    amir.at(ACME).runs("/claim reverse claim:CLM-4 reason:Audit confirm:CLM-4").await;
    assert_eq!(states(w, "claim").await, ["paid", "declined", "withdrawn", "reversed"]);

    pat.runs("/claim extend request:MDF-1 until:2026-05-31 reason:Late").await;
    let extension = Old::of(w.card(APPROVALS, "More time to claim ACME/MDF-1"));
    amir.presses(&extension.message, "Decline…", &[("reason", "No")]).await;
    (requests, claims, extension)
}

async fn a_request_and_a_claim_that_are_over_take_nothing_more(w: &mut World) {
    let (requests, claims, extension) = money_is_over(w).await;
    let mut attempts = Attempts::on(w).await;
    for old in requests.iter().chain(&claims).chain([&extension]) {
        attempts.presses(Who::Amir, old).await;
    }
    for number in 2..=5 {
        let of = [
            "/mdf submit request:{}",
            "/mdf withdraw request:{}",
            "/mdf amend request:{} amount:50 reason:Less",
            "/mdf cancel request:{} reason:Off confirm:{}",
            "/mdf close request:{} confirm:{}",
            "/mdf request campaign:CMP-1 cost:200 amount:90 purpose:Room fund:acme-q1 resubmit:{}",
            "/claim new request:{}",
            "/claim extend request:{} until:2026-06-01 reason:Late",
        ];
        attempts.runs(Who::Pat, ACME, &lines(&of, &format!("MDF-{number}"))).await;
    }
    for number in 1..=4 {
        let name = format!("CLM-{number}");
        let of = [
            "/claim line claim:{} what:Room supplier:S invoice:99 date:2026-02-11 net:1",
            "/claim remove-line claim:{} number:1",
            "/claim evidence claim:{} slot:cost file:77",
            "/claim remove-evidence claim:{} number:1",
            "/claim submit claim:{} certify:True",
            "/claim withdraw claim:{}",
        ];
        attempts.runs(Who::Pat, ACME, &lines(&of, &name)).await;
        let of = ["/claim pay claim:{} reference:SEPA-9", "/claim clawback claim:{} amount:1 reference:IN-9"];
        attempts.runs(Who::Finn, ACME, &lines(&of, &name)).await;
        // The one way back of a paid claim is a reversal.
        if number != 1 {
            let of = ["/claim reverse claim:{} reason:Audit confirm:{}"];
            attempts.runs(Who::Amir, ACME, &lines(&of, &name)).await;
        }
    }
    assert!(attempts.made > 100, "{} attempts", attempts.made);
}

/// What is tried on a plan that is over.
const ON_PLANS: &[&str] = &[
    "/plan edit plan:{} name:Another reason:Why not",
    "/plan edit plan:{} vendor-hours:3 reason:Why not",
    "/plan propose plan:{}",
    "/plan cancel plan:{} reason:Why not confirm:{}",
    "/campaign add name:More type:email start:2026-03-10 leads:1 pipeline:1 plan:{} reason:Why not",
    "/promise make what:Prospects due:2026-12-20 plan:{}",
];

/// What is tried on a campaign that is over, or in a plan that is.
const ON_CAMPAIGNS: &[&str] = &[
    "/campaign edit campaign:{} name:Another reason:Why not",
    "/campaign budget campaign:{} what:More planned:1 reason:Why not",
    "/campaign check campaign:{} item:creative done:yes",
    "/campaign ready campaign:{} anyway:True",
    "/campaign done campaign:{}",
    "/campaign postpone campaign:{} start:2026-03-20 reason:Why not",
    "/campaign cancel campaign:{} reason:Why not confirm:{}",
    "/campaign stop campaign:{} reason:Why not",
    "/campaign resume campaign:{}",
    "/task add campaign:{} what:More due:2026-12-20",
    "/promise make what:Prospects due:2026-12-20 campaign:{}",
    "/mdf request campaign:{} cost:2 amount:1 purpose:Room fund:acme-q1",
];

/// A draft of Pat's with a mailing; gives the button to its texts as the answer showed it.
async fn drafted(w: &World, plan: &str, options: &str) -> Old {
    w.person(Who::Pat).runs(&format!("/plan create period:Q1 2026 cadence:monthly {options}")).await;
    let add = format!(
        "/campaign add name:Mail type:Email start:2026-02-20 leads:4 pipeline:1k budget:2k mdf:50% plan:{plan}"
    );
    match w.discord.person(Who::Pat.id()).run(ACME, &add).await {
        Ok(Answer::Message(message)) => Old::of(message),
        other => panic!("no answer: {other:?}"),
    }
}

async fn a_plan_that_never_came_about_takes_nothing_more(w: &mut World) {
    let [pat, olga] = [Who::Pat, Who::Olga].map(|who| w.person(who));
    let mut old = vec![drafted(w, "PLN-1", "").await];
    pat.runs("/plan propose plan:PLN-1").await;
    old.push(Old::of(w.card(ACME, "PLN-1 ·")));
    olga.presses(&w.card(ACME, "PLN-1 ·"), "Decline…", &[("reason", "No")]).await;

    old.push(drafted(w, "PLN-2", "").await);
    pat.runs("/plan propose plan:PLN-2").await;
    pat.runs("/plan edit plan:PLN-2 name:Again").await;
    // The card of a draft that was before both sides once.
    old.push(Old::of(w.card(ACME, "PLN-2 ·")));
    pat.runs("/plan cancel plan:PLN-2 reason:No confirm:PLN-2").await;

    old.push(drafted(w, "PLN-3", "sign-by:2026-01-09").await);
    pat.runs("/plan propose plan:PLN-3").await;
    old.push(Old::of(w.card(ACME, "PLN-3 ·")));
    w.moves_to("2026-01-12T08:00:00Z").await;
    assert_eq!(states(w, "plan").await, ["declined", "cancelled", "expired"]);

    let mut attempts = Attempts::on(w).await;
    for old in &old {
        // Whoever may sign can't edit, and the other way round: each presses what is theirs.
        let (mine, signs): (Vec<String>, Vec<String>) = old.ids.iter().cloned().partition(|id| {
            !["plan-sign", "plan-return", "plan-decline"].iter().any(|verb| id.starts_with(verb))
        });
        let message = old.message.clone();
        attempts.presses(Who::Pat, &Old { message: message.clone(), ids: mine }).await;
        attempts.presses(Who::Olga, &Old { message, ids: signs }).await;
    }
    for number in 1..=3 {
        attempts.runs(Who::Pat, ACME, &lines(ON_PLANS, &format!("PLN-{number}"))).await;
        let rate = lines(&["/plan rate plan:{} currency:USD rate:0.9"], &format!("PLN-{number}"));
        attempts.runs(Who::Vera, ACME, &rate).await;
        attempts.runs(Who::Pat, ACME, &lines(ON_CAMPAIGNS, &format!("CMP-{number}"))).await;
    }
    // The tasks that ended with the first.
    let task = w.number("SELECT MIN(number) FROM task WHERE side = 'partner'").await;
    let of = [
        "/task edit task:{} what:More",
        "/task done task:{}",
        "/task reopen task:{}",
        "/task remove task:{}",
    ];
    attempts.runs(Who::Pat, ACME, &lines(&of, &format!("TSK-{task}"))).await;
    assert!(attempts.made > 70, "{} attempts", attempts.made);
}

/// The number of a task of Acme's own side in a campaign.
async fn task_of(w: &World, campaign: i64, place: &str) -> i64 {
    let of = format!("campaign_id = (SELECT id FROM campaign WHERE number = {campaign})");
    w.number(&format!("SELECT {place}(number) FROM task WHERE side = 'partner' AND {of}")).await
}

async fn what_was_decided_in_a_signed_plan_is_not_decided_again(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    crate::adjust::agreed(w).await;
    // Tasks and promises of the search campaign, which runs on.
    let removed = format!("TSK-{}", task_of(w, 2, "MAX").await);
    pat.runs(&format!("/task remove task:{removed}")).await;
    // Done in a campaign that is cancelled: it stays done.
    let kept_done = format!("TSK-{}", task_of(w, 1, "MIN").await);
    pat.runs(&format!("/task done task:{kept_done}")).await;
    for _ in 0..2 {
        pat.runs("/promise make what:Prospects due:2026-03-01").await;
    }
    vera.runs("/promise keep promise:PRM-1").await;
    pat.runs("/promise withdraw promise:PRM-2").await;
    // A declined adjustment, a withdrawn one, and one that both sides signed.
    let mut adjusted = Vec::new();
    for number in 1..=3 {
        pat.runs(&format!("/campaign edit campaign:CMP-2 leads:{} reason:Why", 60 + number)).await;
        adjusted.push(Old::of(w.card(ACME, &format!("ADJ-{number} ·"))));
        let card = w.card(ACME, &format!("ADJ-{number} ·"));
        match number {
            1 => vera.presses(&card, "Decline…", &[("reason", "No")]).await,
            2 => pat.presses(&card, "Withdraw", &[]).await,
            _ => {
                olga.presses(&card, "Sign", &[]).await;
                vera.presses(&card, "Countersign", &[]).await
            }
        };
    }
    assert_eq!(states(w, "adjustment").await, ["declined", "withdrawn", "agreed"]);
    // A stop that the other side has countersigned: its campaign is cancelled.
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong").await;
    let stop = Old::of(w.card(ACME, "CMP-1 ·"));
    olga.presses(&w.card(ACME, "CMP-1 ·"), "Countersign", &[]).await;
    assert_eq!(crate::adjust::state_of(w, 1).await, "cancelled");
    w.moves_to("2026-02-01T12:00:00Z").await;
    let checkpoint = Old::of(w.card(ACME, "Review of PLN-1"));
    both_acknowledge(w).await;

    let mut attempts = Attempts::on(w).await;
    for old in &adjusted {
        // Withdraw is for who edits, the rest for who signs.
        let (edits, signs): (Vec<String>, Vec<String>) =
            old.ids.iter().cloned().partition(|id| id.starts_with("adjustment-withdraw"));
        let message = old.message.clone();
        attempts.presses(Who::Pat, &Old { message: message.clone(), ids: edits }).await;
        attempts.presses(Who::Vera, &Old { message, ids: signs }).await;
    }
    attempts.presses(Who::Vera, &stop).await;
    attempts.presses(Who::Vera, &checkpoint).await;
    attempts.runs(Who::Vera, ACME, &lines(&["/checkpoint acknowledge plan:PLN-1 number:{}"], "1")).await;
    attempts.runs(Who::Pat, ACME, &lines(ON_CAMPAIGNS, "CMP-1")).await;
    let of = [
        "/task edit task:{} what:More",
        "/task done task:{}",
        "/task reopen task:{}",
        "/task remove task:{}",
    ];
    attempts.runs(Who::Pat, ACME, &lines(&of, &removed)).await;
    attempts.runs(Who::Pat, ACME, &lines(&["/task done task:{}", "/task reopen task:{}"], &kept_done)).await;
    for promise in ["PRM-1", "PRM-2"] {
        let of = ["/promise break promise:{}", "/promise withdraw promise:{}"];
        attempts.runs(Who::Pat, ACME, &lines(&of, promise)).await;
        attempts.runs(Who::Vera, ACME, &lines(&["/promise keep promise:{}"], promise)).await;
    }
    assert!(attempts.made > 40, "{} attempts", attempts.made);
}

async fn a_plan_that_both_have_cancelled_takes_nothing_more(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    crate::adjust::agreed(w).await;
    let plan = Old::of(w.card(ACME, "PLN-1 ·"));
    pat.runs("/plan cancel plan:PLN-1 reason:We part").await;
    let adjustment = Old::of(w.card(ACME, "ADJ-1 ·"));
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    assert_eq!((states(w, "plan").await, states(w, "adjustment").await), (of("cancelled"), of("agreed")));
    let mut attempts = Attempts::on(w).await;
    attempts.presses(Who::Pat, &plan).await;
    attempts.runs(Who::Pat, ACME, &lines(ON_PLANS, "PLN-1")).await;
    for campaign in ["CMP-1", "CMP-2"] {
        attempts.runs(Who::Pat, ACME, &lines(ON_CAMPAIGNS, campaign)).await;
    }
    let signs: Vec<String> =
        adjustment.ids.iter().filter(|id| !id.starts_with("adjustment-withdraw")).cloned().collect();
    attempts.presses(Who::Vera, &Old { message: adjustment.message.clone(), ids: signs }).await;
    assert!(attempts.made > 30, "{} attempts", attempts.made);
}

fn of(state: &str) -> Vec<String> {
    vec![state.to_owned()]
}

async fn a_closed_plan_takes_nothing_more(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    crate::adjust::agreed(w).await;
    let plan = Old::of(w.card(ACME, "PLN-1 ·"));
    // A stop that nobody ever decided: the campaign never ran.
    vera.runs("/campaign stop campaign:CMP-1 reason:Wrong").await;
    let stop = Old::of(w.card(ACME, "CMP-1 ·"));
    w.moves_to("2026-07-15T09:00:00Z").await;
    both_acknowledge(w).await;
    w.moves_to("2026-07-15T09:01:00Z").await;
    assert_eq!(
        (states(w, "plan").await, states(w, "campaign").await),
        (vec!["closed".to_owned()], vec!["closed".to_owned(), "closed".to_owned()])
    );

    let card = w.card(ACME, "CMP-1 ·");
    assert!(card.text().contains("· closed"), "{}", card.text());
    assert!(card.buttons().is_empty(), "the stop's card has nothing left to press");

    let mut attempts = Attempts::on(w).await;
    attempts.presses(Who::Pat, &plan).await;
    attempts.presses(Who::Vera, &stop).await;
    let countersign: Vec<String> =
        stop.ids.iter().filter(|id| !id.starts_with("stop-resume")).cloned().collect();
    attempts.presses(Who::Olga, &Old { message: stop.message.clone(), ids: countersign }).await;
    attempts.runs(Who::Pat, ACME, &lines(ON_PLANS, "PLN-1")).await;
    for campaign in ["CMP-1", "CMP-2"] {
        attempts.runs(Who::Pat, ACME, &lines(ON_CAMPAIGNS, campaign)).await;
    }
    attempts.runs(Who::Vera, ACME, &lines(&["/campaign resume campaign:{}"], "CMP-1")).await;
    assert!(olga.runs("/plan show plan:PLN-1").await.contains("closed"), "it can still be read");
}
