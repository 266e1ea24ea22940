//! Somebody of the own company without the capability: every command and every button is refused and changes nothing,
//! but for what anyone of the two companies may look at.

use crate::harness::stored::{TRAIL, difference};
use crate::harness::world::Player;
use crate::harness::{World, stories};
use crate::isolation::{BUTTONS, WALK};
use crate::template::shares;
use discord_local::Message;
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(without_a_capability_everything_is_refused);

/// What anyone of the two companies may do: look, take a copy or a link, and say that they are away.
const ANYONE: &[&str] = &[
    "plan show",
    "plan check",
    "plan calendar",
    "plan history",
    "plan export",
    "campaign show",
    "campaign list",
    "task list",
    "promise list",
    "template list",
    "template show",
    "mdf show",
    "mdf list",
    "mdf rules",
    "claim show",
    "claim list",
    "fund show",
    "fund statement",
    "report variance",
    "away",
];

/// What anyone may press: it only looks. And a form that no button opens by itself.
const PRESSED_BY_ANYONE: &[&str] =
    &["plan-page", "plan-campaigns", "template-page", "mdf-confirm", "claim-confirm", "adjustment-read"];

const VENDOR_ROLE: u64 = 4801;
const PARTNER_ROLE: u64 = 4802;

/// Makes Amir one of the vendor, and Olga one of Acme, with a capability that none of what is walked needs.
async fn without_rights(w: &World) {
    for (role, name) in [(VENDOR_ROLE, "Northwind guests"), (PARTNER_ROLE, "Acme guests")] {
        w.discord.create_role_with_id(role, GUILD, name, 0);
    }
    let given = "INSERT INTO role_grant (program_id, role_id, company, capability, limit_minor, declared)
        SELECT p.id, '4801', 'vendor', 'view_portfolio', NULL, 0 FROM program p;
        INSERT INTO role_grant (program_id, role_id, company, capability, limit_minor, declared)
        SELECT o.program_id, '4802', o.id, 'decide_leads', NULL, 0 FROM partner o WHERE o.key = 'acme'";
    w.sql(given).await.unwrap();
    w.discord.set_roles(GUILD, Who::Amir.id(), &[VENDOR_ROLE, 4003]);
    w.discord.set_roles(GUILD, Who::Olga.id(), &[PARTNER_ROLE, 4005]);
}

pub const CLAIM: &str = "claim1";
pub const EXTENSION: &str = "extension1";
pub const OFFER: &str = "offer1";
const CHECKPOINT: &str = "checkpoint1";

/// A claim that waits, an extension that waits, and files that somebody has pointed at, of Acme's request: who may is
/// asked before anything else of them counts.
pub async fn money_waits(w: &World) {
    let claim = "INSERT INTO claim (id, partner_id, request_id, fund_id, number, currency, state, rev, filed_by, created_at, submitted_at)
        SELECT 'claim1', r.partner_id, r.id, r.fund_id, 1, r.currency, 'submitted', 1, '2004', 1, 1 FROM mdf_request r;";
    let extension = "INSERT INTO claim_extension (id, partner_id, request_id, rev, state, due_day, until_day, reason, asked_by, asked_at)
        SELECT 'extension1', r.partner_id, r.id, 1, 'waiting', '2026-04-11', '2026-05-31', 'x', '2004', 1 FROM mdf_request r;";
    let offer = "INSERT INTO proof_offer (id, partner_id, person, message_id, author, posted_at, files, at)
        SELECT 'offer1', r.partner_id, '2004', '7', '2004', 1, '[]', 1 FROM mdf_request r";
    w.sql(&format!("{claim}{extension}{offer}")).await.unwrap();
}

/// A checkpoint of Acme's signed plan that nobody has acknowledged.
pub async fn a_checkpoint_is_posted(w: &World) {
    let posted = "INSERT INTO checkpoint (id, plan_id, number, kind, due_at, as_of, day, overall, report, posted_at)
        SELECT 'checkpoint1', id, 1, 'regular', 1, 1, '2026-04-30', 'green', '{}', 1 FROM plan WHERE number = 2";
    w.sql(posted).await.unwrap();
}

/// A signed plan with an adjustment that waits and a stopped campaign, a proposed one with a request; gives their cards.
async fn there_is_one_of_each(w: &World) -> [Message; 4] {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs(
        "/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%",
    )
    .await;
    pat.runs("/promise make what:Prospects due:2026-02-01").await;
    pat.runs("/plan propose").await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    pat.runs("/plan create period:Q2 2026").await;
    pat.runs("/campaign add name:Mailing type:Email start:2026-04-10 leads:4 pipeline:1k plan:PLN-2").await;
    pat.runs("/plan propose plan:PLN-2").await;
    let second = w.card(ACME, "PLN-2");
    vera.presses(&second, "Sign", &[]).await;
    olga.presses(&second, "Sign", &[]).await;
    pat.runs("/campaign postpone campaign:CMP-2 reason:It is late").await;
    vera.runs("/campaign stop campaign:CMP-2 reason:It is wrong").await;
    let (_, said) = shares(w, vera, "/template save name:x plan:PLN-1").await;
    assert!(said.contains("shared"), "{said}");
    money_waits(w).await;
    a_checkpoint_is_posted(w).await;
    let cards = [w.card(ACME, "PLN-1"), w.card(APPROVALS, "ACME/MDF-1")];
    let [plan, request] = cards;
    [plan, request, w.card(ACME, "ADJ-1 ·"), w.card(ACME, "CMP-2 ·")]
}

async fn without_a_capability_everything_is_refused(w: &mut World) {
    let cards = there_is_one_of_each(w).await;
    without_rights(w).await;
    // Their other roles are gone: what they had before doesn't help.
    w.discord.set_roles(GUILD, Who::Amir.id(), &[VENDOR_ROLE]);
    w.discord.set_roles(GUILD, Who::Olga.id(), &[PARTNER_ROLE]);
    for who in [Who::Amir, Who::Olga] {
        let here = w.person(who).at(ACME);
        walks_commands(w, here).await;
        walks_buttons(w, here, &cards).await;
    }
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE actor = '2002' AND code NOT LIKE 'refused:%'").await,
        0
    );
}

async fn walks_commands(w: &World, who: Player<'_>) {
    let before = w.stored(TRAIL).await;
    for (name, line) in WALK.iter().filter(|(name, _)| !ANYONE.contains(name)) {
        let said = who.forges(&line.replace(" partner:acme", "")).await;
        // Another side's task is refused as such, whatever the right.
        let is_refused = said.starts_with("You may not do this: it needs \"")
            || said.contains("'s task. Somebody of the ");
        assert!(is_refused, "{name}: {said}");
        let left = difference(&before, &w.stored(TRAIL).await);
        assert!(left.is_empty(), "{name} left something behind:\n{}", left.join("\n"));
    }
}

async fn walks_buttons(w: &World, who: Player<'_>, [plan, request, adjustment, stop]: &[Message; 4]) {
    let before = w.stored(TRAIL).await;
    let item = |message: &Message, label: &str| {
        let id = message.button(label).unwrap().custom_id.unwrap();
        id.split(':').nth(1).unwrap().to_owned()
    };
    let campaign = w.word("SELECT id FROM campaign WHERE number = 1").await;
    let partner = w.word("SELECT id FROM partner WHERE key = 'acme'").await;
    let template = w.word("SELECT id FROM template").await;
    for verb in BUTTONS.iter().filter(|verb| !PRESSED_BY_ANYONE.contains(verb)) {
        let (message, item) = match verb.split_once('-').unwrap().0 {
            "plan" => (plan, item(plan, "Sign")),
            "campaign" => (plan, campaign.clone()),
            "adjustment" => (adjustment, item(adjustment, "Withdraw")),
            "stop" => (stop, item(stop, "Resume")),
            "setup" => (plan, "4004".to_owned()),
            "partner" => (plan, partner.clone()),
            "template" => (plan, template.clone()),
            "claim" => (request, CLAIM.to_owned()),
            "extension" => (request, EXTENSION.to_owned()),
            "proof" => (request, OFFER.to_owned()),
            "checkpoint" => (plan, CHECKPOINT.to_owned()),
            _ => (request, item(request, "Approve")),
        };
        let said = who.forges_press(message, &format!("{verb}:{item}:1")).await;
        assert!(said.starts_with("You may not do this: it needs \""), "{verb}: {said}");
        let left = difference(&before, &w.stored(TRAIL).await);
        assert!(left.is_empty(), "{verb} left something behind:\n{}", left.join("\n"));
    }
}
