//! Partner B's people and partner A's things: every command and every button is refused with the same words as for
//! something that doesn't exist, and nothing of A's is ever shown.

use crate::harness::world::Player;
use crate::harness::{World, stories};
use crate::without_right::{CLAIM, EXTENSION, OFFER, a_checkpoint_is_posted, money_waits};
use discord_local::Message;
use tandem::inbound::commands;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(partner_b_learns_nothing_of_partner_a);

/// Every command, with options that name Acme's things. The test fails if a registered command is missing here.
pub const WALK: &[(&str, &str)] = &[
    ("plan create", "/plan create period:Q1 2026 partner:acme"),
    ("plan show", "/plan show plan:PLN-1 partner:acme"),
    ("plan edit", "/plan edit plan:PLN-1 name:x partner:acme"),
    ("plan clone", "/plan clone from:PLN-1 period:Q2 2026 partner:acme"),
    ("plan check", "/plan check plan:PLN-1 partner:acme"),
    ("plan calendar", "/plan calendar plan:PLN-1 partner:acme"),
    ("plan propose", "/plan propose plan:PLN-1 partner:acme"),
    ("plan cancel", "/plan cancel plan:PLN-1 reason:x partner:acme"),
    ("plan rate", "/plan rate plan:PLN-1 currency:USD rate:0.9 partner:acme"),
    ("plan history", "/plan history plan:PLN-1 partner:acme"),
    ("plan export", "/plan export plan:PLN-1 partner:acme"),
    ("campaign add", "/campaign add name:x type:email start:2026-02-01 leads:1 pipeline:1 partner:acme"),
    ("campaign edit", "/campaign edit campaign:CMP-1 name:x partner:acme"),
    ("campaign budget", "/campaign budget campaign:CMP-1 what:x planned:1 partner:acme"),
    ("campaign check", "/campaign check campaign:CMP-1 item:speakers done:yes partner:acme"),
    ("campaign ready", "/campaign ready campaign:CMP-1 partner:acme"),
    ("campaign done", "/campaign done campaign:CMP-1 partner:acme"),
    ("campaign show", "/campaign show campaign:CMP-1 partner:acme"),
    ("campaign list", "/campaign list partner:acme"),
    ("campaign log", "/campaign log campaign:CMP-1 spend:1 partner:acme"),
    ("campaign postpone", "/campaign postpone campaign:CMP-1 reason:x partner:acme"),
    ("campaign cancel", "/campaign cancel campaign:CMP-1 reason:x partner:acme"),
    ("campaign stop", "/campaign stop campaign:CMP-1 reason:x partner:acme"),
    ("campaign resume", "/campaign resume campaign:CMP-1 partner:acme"),
    ("task add", "/task add campaign:CMP-1 what:x due:2026-02-01 partner:acme"),
    ("task edit", "/task edit task:TSK-1 what:x partner:acme"),
    ("task done", "/task done task:TSK-1 partner:acme"),
    ("task reopen", "/task reopen task:TSK-1 partner:acme"),
    ("task remove", "/task remove task:TSK-1 partner:acme"),
    ("task list", "/task list campaign:CMP-1 partner:acme"),
    ("promise make", "/promise make what:x due:2026-02-01 campaign:CMP-1 partner:acme"),
    ("promise keep", "/promise keep promise:PRM-1 partner:acme"),
    ("promise break", "/promise break promise:PRM-1 partner:acme"),
    ("promise withdraw", "/promise withdraw promise:PRM-1 partner:acme"),
    ("promise list", "/promise list plan:PLN-1 partner:acme"),
    ("template save", "/template save name:x plan:PLN-1 partner:acme"),
    ("template list", "/template list"),
    ("template show", "/template show template:x"),
    ("template remove", "/template remove template:x"),
    ("template use", "/template use template:x period:Q1 2026 partner:acme"),
    ("mdf request", "/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x partner:acme"),
    ("mdf submit", "/mdf submit request:MDF-1 partner:acme"),
    ("mdf withdraw", "/mdf withdraw request:MDF-1 partner:acme"),
    ("mdf amend", "/mdf amend request:MDF-1 amount:2 reason:x partner:acme"),
    ("mdf cancel", "/mdf cancel request:MDF-1 reason:x confirm:MDF-1 partner:acme"),
    ("mdf close", "/mdf close request:MDF-1 confirm:MDF-1 partner:acme"),
    ("mdf show", "/mdf show request:MDF-1 partner:acme"),
    ("mdf list", "/mdf list partner:acme"),
    ("mdf rules", "/mdf rules type:webinar partner:acme"),
    ("claim new", "/claim new request:MDF-1 partner:acme"),
    ("claim line", "/claim line claim:CLM-1 what:x supplier:x invoice:1 date:2026-01-05 net:1 partner:acme"),
    ("claim remove-line", "/claim remove-line claim:CLM-1 number:1 partner:acme"),
    ("claim evidence", "/claim evidence claim:CLM-1 slot:cost file:77 partner:acme"),
    ("claim remove-evidence", "/claim remove-evidence claim:CLM-1 number:1 partner:acme"),
    ("claim submit", "/claim submit claim:CLM-1 certify:True partner:acme"),
    ("claim withdraw", "/claim withdraw claim:CLM-1 partner:acme"),
    ("claim show", "/claim show claim:CLM-1 partner:acme"),
    ("claim file", "/claim file claim:CLM-1 number:1 partner:acme"),
    ("claim list", "/claim list partner:acme"),
    ("claim pay", "/claim pay claim:CLM-1 reference:x partner:acme"),
    ("claim reverse", "/claim reverse claim:CLM-1 reason:x confirm:CLM-1 partner:acme"),
    ("claim clawback", "/claim clawback claim:CLM-1 amount:1 reference:x partner:acme"),
    ("claim extend", "/claim extend request:MDF-1 until:2026-06-01 reason:x partner:acme"),
    ("checkpoint acknowledge", "/checkpoint acknowledge plan:PLN-1 partner:acme"),
    (
        "fund create",
        "/fund create key:x name:x kind:mdf valid-from:2026-01-01 valid-until:2026-12-31 partner:acme",
    ),
    ("fund allocate", "/fund allocate fund:acme-q1 amount:1 partner:acme"),
    ("fund accrue", "/fund accrue fund:acme-q1 sales:1 reference:x partner:acme"),
    ("fund transfer", "/fund transfer fund:acme-q1 to:pool-q1 amount:1 reason:x confirm:acme-q1"),
    ("fund rate", "/fund rate currency:USD into:EUR rate:0.9"),
    ("fund show", "/fund show fund:acme-q1 partner:acme"),
    ("fund statement", "/fund statement fund:acme-q1 partner:acme"),
    ("report variance", "/report variance plan:PLN-1 partner:acme"),
    ("setup role", "/setup role role:4004 action:remove what:edit_plan company:acme"),
    ("setup program", "/setup program fiscal-year-start:July"),
    ("setup activity", "/setup activity type:webinar share:90%"),
    ("setup tier", "/setup tier tier:gold share:90%"),
    ("setup holiday", "/setup holiday day:2026-12-24 company:acme"),
    ("setup approval", "/setup approval for:requests steps:1"),
    ("setup hours", "/setup hours work-days:mon-fri company:acme"),
    ("setup effort", "/setup effort type:webinar vendor:1"),
    ("setup show", "/setup show"),
    ("partner add", "/partner add key:x name:x channel:3003"),
    ("partner edit", "/partner edit partner:Acme name:x"),
    ("partner archive", "/partner archive partner:Acme"),
    ("away", "/away until:2026-02-01 delegate:2004"),
];

/// Everything in the menu of a message.
const ON_MESSAGES: &[&str] = &["Use as proof"];

pub const BUTTONS: &[&str] = &[
    "plan-sign",
    "plan-return",
    "plan-decline",
    "campaign-texts",
    "campaign-done",
    "plan-add",
    "plan-hours",
    "plan-propose",
    "plan-page",
    "plan-promise",
    "plan-campaigns",
    "mdf-approve",
    "mdf-less",
    "mdf-return",
    "mdf-decline",
    "mdf-confirm",
    "claim-approve",
    "claim-lines",
    "claim-return",
    "claim-decline",
    "extension-approve",
    "extension-decline",
    "proof-cost",
    "proof-page",
    "claim-confirm",
    "adjustment-sign",
    "adjustment-countersign",
    "adjustment-decline",
    "adjustment-withdraw",
    "adjustment-read",
    "checkpoint-acknowledge",
    "stop-sign",
    "stop-countersign",
    "stop-resume",
    "template-share",
    "template-page",
    "template-remove",
    "setup-drop.edit_plan",
    "partner-archive",
];

/// Every command that is registered is walked.
fn the_walk_is_complete() {
    let (mut registered, mut on_messages) = (Vec::new(), Vec::new());
    for command in commands::definitions().unwrap().as_array().unwrap() {
        let name = command["name"].as_str().unwrap();
        if command["type"] == 3 {
            on_messages.push(name.to_owned());
            continue;
        }
        let subs = command["options"].as_array().into_iter().flatten().filter(|option| option["type"] == 1);
        let before = registered.len();
        registered.extend(subs.map(|sub| format!("{name} {}", sub["name"].as_str().unwrap())));
        if registered.len() == before && name != "help" {
            registered.push(name.to_owned());
        }
    }
    assert_eq!(
        registered,
        WALK.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
        "the walk is complete"
    );
    assert_eq!(on_messages, ON_MESSAGES, "so is that of messages");
}

/// Autocomplete tells a partner nothing of another.
async fn nothing_is_offered(gil: Player<'_>) {
    for option in [
        "plan show plan:",
        "campaign log campaign:",
        "plan show partner:",
        "task done task:",
        "promise keep promise:",
        "mdf show request:",
        "claim show claim:",
        "claim pay claim:",
        "claim new request:",
        "claim extend request:",
        "fund show fund:",
        "fund statement fund:",
        "campaign check campaign:CMP-1 item:",
        "campaign budget campaign:CMP-1 line:",
    ] {
        let offered = gil.is_offered(&format!("/{option}")).await.join(" ");
        assert!(
            ["Heron", "Kingfisher", "Acme", "Bittern", "speakers", "Produce", "CLM-", "MDF-", "pool", "acme"]
                .iter()
                .all(|one| !offered.contains(one)),
            "{option} {offered}"
        );
    }
}

/// A proposed plan of Acme with a request that waits; gives both cards.
async fn acme_has_a_plan(w: &World) -> (Message, Message) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 name:Heron").await;
    let add = "/campaign add name:Kingfisher webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";
    pat.runs(add).await;
    pat.runs("/promise make what:Bittern prospects due:2026-02-01").await;
    vera.runs("/plan propose").await;
    let plan = w.card(ACME, "PLN-1");
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Kingfisher speaker fund:acme-q1").await;
    (plan, w.card(APPROVALS, "ACME/MDF-1"))
}

/// What waits of Acme's request: a filed claim with an invoice and a file, more time, and a message that was pointed at.
async fn acme_claims(w: &World) {
    money_waits(w).await;
    let line = "INSERT INTO claim_line (id, claim_id, position, what, supplier, invoice_number, invoice_date, currency, net_minor,
          tax_minor, claimed_minor)
        VALUES ('line1', 'claim1', 1, 'Stage', 'Osprey Ltd', 'OSP-7', '2026-01-05', 'EUR', 400000, 0, 400000);";
    let file = "INSERT INTO claim_evidence (id, claim_id, slot, sha256, name, content_type, bytes, added_by, added_at)
        VALUES ('file1', 'claim1', 'cost', 'ab', 'osprey.pdf', 'application/pdf', 7, '2004', 1);";
    w.sql(&format!("{line}{file}")).await.unwrap();
    let shown = w.person(Who::Pat).runs("/claim show claim:CLM-1").await;
    assert!(shown.contains("Osprey") && shown.contains("osprey.pdf"), "it is there: {shown}");
}

async fn signed_and_stopped(w: &World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q2 2026 name:Heron too").await;
    pat.runs("/campaign add name:Kingfisher too type:Email start:2026-04-10 leads:4 pipeline:1k plan:PLN-2")
        .await;
    pat.runs("/plan propose plan:PLN-2").await;
    let card = w.card(ACME, "PLN-2");
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&card, "Sign", &[]).await;
    pat.runs("/campaign postpone campaign:CMP-2 reason:Kingfisher is late").await;
    vera.runs("/campaign stop campaign:CMP-2 reason:Kingfisher is wrong").await;
}

/// No command and no menu tells Acme's things from things that are not there.
async fn nothing_is_found(gil: Player<'_>) {
    for (name, line) in WALK {
        let unknown = line.replace("partner:acme", "partner:nobody");
        assert_eq!(gil.forges(line).await, gil.forges(&unknown).await, "{name} in the own channel");
        let bare = line.replace(" partner:acme", "");
        assert_eq!(
            gil.at(ACME).forges(&bare).await,
            "I can't find that here. Pick it from the list that the option offers.",
            "{name}"
        );
    }
    for name in ON_MESSAGES {
        assert_eq!(
            gil.at(ACME).forges_on_message(name).await,
            "I can't find that here. Pick it from the list that the option offers.",
            "{name}"
        );
    }
}

async fn partner_b_learns_nothing_of_partner_a(w: &mut World) {
    let [olga, gil] = [Who::Olga, Who::Gil].map(|who| w.person(who));
    let (plan, request) = acme_has_a_plan(w).await;
    acme_claims(w).await;
    the_walk_is_complete();
    nothing_is_found(gil).await;
    let id = |message: &Message, label: &str| message.button(label).unwrap().custom_id.unwrap();
    let ids = |id: String| id.split(':').nth(1).unwrap().to_owned();
    let (plan_id, request_id) = (ids(id(&plan, "Sign")), ids(id(&request, "Approve")));
    // On a second plan, which is signed, there is an adjustment that waits, and a stopped campaign.
    signed_and_stopped(w).await;
    let [adjustment, stop] = [w.card(ACME, "ADJ-1 ·"), w.card(ACME, "CMP-2 ·")];
    let (adjustment_id, stopped_id) = (ids(id(&adjustment, "Withdraw")), ids(id(&stop, "Resume")));
    let campaign_id = w.word("SELECT id FROM campaign WHERE number = 1").await;
    a_checkpoint_is_posted(w).await;
    let [claim_id, extension_id, offer_id] = [CLAIM, EXTENSION, OFFER].map(str::to_owned);
    let checkpoint_id = "checkpoint1".to_owned();
    for verb in BUTTONS {
        let (message, item) = match verb.split_once('-').unwrap().0 {
            "plan" => (&plan, &plan_id),
            "campaign" => (&plan, &campaign_id),
            "adjustment" => (&adjustment, &adjustment_id),
            "stop" => (&stop, &stopped_id),
            "checkpoint" => (&plan, &checkpoint_id),
            "claim" => (&request, &claim_id),
            "extension" => (&request, &extension_id),
            "proof" => (&plan, &offer_id),
            _ => (&request, &request_id),
        };
        let copied = gil.forges_press(message, &format!("{verb}:{item}:1")).await;
        let forged = gil.forges_press(message, &format!("{verb}:0000000000000:1")).await;
        assert_eq!(copied, forged, "{verb}");
    }
    nothing_is_offered(gil).await;
    let seen = w.seen_by(Who::Gil);
    for secret in [
        "Heron",
        "Kingfisher",
        "Bittern",
        "Acme",
        "9,000",
        "sprey",
        "4,000",
        CLAIM,
        EXTENSION,
        OFFER,
        campaign_id.as_str(),
        plan_id.as_str(),
        request_id.as_str(),
    ] {
        assert!(!seen.contains(secret), "{secret} is told: {seen}");
    }
    assert_eq!(w.discord.scheduled_events(tandem::playground::seed::GUILD).len(), 0);
    assert_eq!(olga.presses(&plan, "Sign", &[]).await, "Signed. PLN-1 waits for the vendor's signature.");
    assert!(w.card(APPROVALS, "ACME/MDF-1 · submitted").button("Approve").is_some(), "nothing was decided");
    let waits =
        "SELECT c.state || ' ' || e.state FROM claim c JOIN claim_extension e ON e.request_id = c.request_id";
    assert_eq!(w.word(waits).await, "submitted waiting");
}
