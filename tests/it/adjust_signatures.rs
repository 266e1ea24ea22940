//! Each side signs an adjustment: who, in what order, for whom, and what their signatures bind.

use crate::adjust::{agreed, has, id_of, labels, state_of, title};
use crate::harness::{World, stories};
use tandem::domain::canonical::{canonical, sha256};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    each_side_signs_and_delegates_are_named,
    requests_of_a_stopped_campaign_are_not_approved,
    a_countersigned_stop_cancels_the_campaign,
);

/// Whoever may sign does so by filing; a delegate's signature shows for whom it is, on the card and on the plan's.
async fn each_side_signs_and_delegates_are_named(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    agreed(w).await;
    // Pat stands in for Olga, with a role that may sign.
    w.discord.set_roles(GUILD, Who::Pat.id(), &[4004, 4005]);
    has(&olga.runs("/away until:2026-02-01 delegate:<@2004>").await, "<@2004>");
    assert_eq!(
        vera.runs("/campaign cancel campaign:CMP-1 reason:Too early").await,
        "PLN-1 is signed by both sides, so this is filed as ADJ-1, signed by you. It waits for the partner's countersignature."
    );
    let card = w.card(ACME, "ADJ-1 ·");
    assert_eq!(
        labels(&card),
        ["Countersign", "Decline…", "Withdraw", "Read in full"],
        "its own side has signed"
    );
    has(&card.text(), "✅ Northwind: <@2001> on 2026-01-05\n⬜ Acme: not signed");
    w.person(Who::Pat).presses(&card, "Countersign", &[]).await;
    has(&w.card(ACME, "ADJ-1 ·").text(), "✅ Acme: <@2004> for <@2005> on 2026-01-05");
    has(
        &w.card(ACME, "PLN-1").text(),
        "By ADJ-1: filed by <@2001> (vendor), signed by <@2001> and <@2004> for <@2005>, in force from 2026-01-05.",
    );
    let signed = "SELECT COUNT(*) FROM adjustment_signature WHERE rev = 1";
    assert_eq!(w.number(signed).await, 2);
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    let hash = w.word("SELECT MIN(content_sha256) FROM adjustment_signature").await;
    assert_eq!(hash, w.word("SELECT MAX(content_sha256) FROM adjustment_signature").await);
    let value: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(value["adjustment"]["sha256"], hash.as_str(), "the revision names what both signed");
    assert_eq!(sha256(&canonical(&value["adjustment"]["signed"])), hash, "and holds it");
    let kept = if w.is_sqlite() { "append-only" } else { "" };
    for statement in ["DELETE FROM adjustment_signature", "UPDATE adjustment_signature SET person = '2002'"] {
        let refused = w.sql(statement).await.unwrap_err().to_string();
        assert!(refused.contains(kept), "{refused}");
    }
}

async fn requests_of_a_stopped_campaign_are_not_approved(w: &mut World) {
    let [vera, pat, amir] = [Who::Vera, Who::Pat, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    for figures in ["cost:8k amount:4k", "cost:2k amount:1k"] {
        pat.runs(&format!("/mdf request campaign:CMP-1 {figures} purpose:Speaker fund:acme-q1")).await;
    }
    vera.runs("/campaign stop campaign:CMP-1 reason:Wait").await;
    let [first, second] = [1, 2].map(|number| w.card(APPROVALS, &format!("ACME/MDF-{number}")));
    let stopped = "CMP-1 is stopped by the vendor: its requests are not approved meanwhile. They can be approved once it runs again; returning or declining is possible now.";
    assert_eq!(amir.presses(&first, "Approve", &[]).await, stopped);
    assert_eq!(
        amir.presses(&first, "Approve less…", &[("amount", "1k"), ("reason", "Less room")]).await,
        stopped
    );
    let id = id_of(&first, "Approve less…");
    assert_eq!(amir.at(APPROVALS).forges_form(&id, &[("amount", "1k")]).await, stopped);
    amir.presses(&second, "Decline…", &[("reason", "Not now")]).await;
    assert_eq!(w.word("SELECT state FROM mdf_request WHERE number = 2").await, "declined");
    assert_eq!(
        w.fund("acme-q1").await,
        "available EUR 30,000.00 · pending EUR 4,000.00 · committed EUR 0.00"
    );
    vera.presses(&w.card(ACME, "CMP-1 ·"), "Resume", &[]).await;
    amir.presses(&first, "Approve", &[]).await;
    assert_eq!(w.word("SELECT state FROM mdf_request WHERE number = 1").await, "approved");
}

async fn a_countersigned_stop_cancels_the_campaign(w: &mut World) {
    let [vera, pat, olga, amir] = [Who::Vera, Who::Pat, Who::Olga, Who::Amir].map(|who| w.person(who));
    agreed(w).await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    amir.presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    pat.runs("/campaign stop campaign:CMP-1 reason:No speaker").await;
    let card = w.card(ACME, "CMP-1 ·");
    assert_eq!(
        olga.presses(&card, "Countersign", &[]).await,
        "Your side stopped CMP-1. The other side has to countersign it; your side can resume it."
    );
    assert_eq!(
        vera.presses(&card, "Countersign", &[]).await,
        "The partner has not signed the stop of CMP-1 yet. Somebody of that side who may sign presses Sign; then you can countersign it."
    );
    assert_eq!(
        vera.presses(&card, "Sign", &[]).await,
        "The partner stopped CMP-1: Sign is for that side. Press Countersign if you agree that it ends."
    );
    assert_eq!(
        olga.presses(&card, "Sign", &[]).await,
        "Signed. The stop of CMP-1 waits for the vendor's countersignature."
    );
    assert_eq!(
        olga.forges_press(&card, &id_of(&card, "Sign")).await,
        "Your side has signed this already. It waits for the other side."
    );
    let card = w.card(ACME, "CMP-1 ·");
    assert_eq!(labels(&card), ["Countersign", "Resume"]);
    has(&card.text(), "Signed for that side by <@2005>.");
    w.discord.set_roles(GUILD, Who::Pat.id(), &[4001]);
    assert_eq!(
        pat.presses(&card, "Countersign", &[]).await,
        "Nobody signs for both sides. Somebody else of your side has to sign."
    );
    assert_eq!(
        vera.presses(&card, "Countersign", &[]).await,
        "ADJ-1 is signed by both sides: PLN-1 is at revision 2. MDF-1 is cancelled and EUR 9,000.00 released. 11 tasks are closed."
    );
    assert_eq!(title(&w.card(ACME, "CMP-1 ·")), "CMP-1 · Spring webinar · cancelled");
    assert_eq!(state_of(w, 1).await, "cancelled");
    assert_eq!(w.number("SELECT COUNT(*) FROM campaign WHERE stopped_at IS NOT NULL").await, 0);
    assert_eq!(w.fund("acme-q1").await, "available EUR 30,000.00 · pending EUR 0.00 · committed EUR 0.00");
}
