//! Plans from draft to agreement, and everything that must not lead there.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::domain::canonical::{canonical, sha256};
use tandem::domain::command::{Command, NewCampaign};
use tandem::flow::{self, Asker, Request};
use tandem::playground::seed::{ACME, APPROVALS, GUILD, Who};

stories!(
    a_plan_is_agreed_when_both_sides_have_signed,
    a_returned_plan_is_a_draft_again_and_its_signatures_are_void,
    a_declined_plan_is_final,
    an_edit_while_proposed_voids_signatures,
    a_draft_that_was_shown_is_shown_as_it_is_now,
    nobody_signs_twice_or_for_both_sides,
    a_copied_button_of_an_earlier_rev_is_stale,
    an_agreed_plan_is_not_edited,
    the_same_request_gets_the_same_reply,
    what_was_signed_can_be_proved_and_never_changed,
    only_who_may_sign_signs,
);

const CAMPAIGN: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";

/// What a draft's card offers.
const NEXT_STEPS: [&str; 5] = ["Add campaign…", "Set hours…", "Propose", "Promise…", "Campaigns"];

/// A plan with one campaign, proposed; gives its card.
async fn proposed(w: &World) -> Message {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(CAMPAIGN).await;
    pat.runs("/plan propose").await;
    w.card(ACME, "PLN-1")
}

async fn agreed(w: &World) {
    let card = proposed(w).await;
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

fn labels(card: &Message) -> Vec<String> {
    card.buttons().into_iter().map(|button| button.label).collect()
}

fn title(card: &Message) -> String {
    card.text().lines().next().unwrap_or_default().to_owned()
}

fn id_of(card: &Message, label: &str) -> String {
    card.button(label).and_then(|button| button.custom_id).unwrap()
}

async fn a_plan_is_agreed_when_both_sides_have_signed(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let created = pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    assert_eq!(
        created.lines().next(),
        Some("PLN-1 is a draft. Add campaigns with /campaign add, then /plan propose.")
    );
    assert_eq!(pat.runs("/plan propose").await, "PLN-1 has no campaign yet. Add one with /campaign add.");
    let added = pat.runs(CAMPAIGN).await;
    assert_eq!(added.lines().next(), Some("CMP-1 is added to PLN-1."));
    assert_eq!(
        vera.runs("/plan propose").await,
        "PLN-1 is proposed: its card is in <#3003> for both sides to sign by 2026-01-31."
    );
    let card = w.card(ACME, "PLN-1");
    assert_eq!(title(&card), "PLN-1 · 2026-01-01 to 2026-03-31 · proposed");
    assert_eq!(labels(&card), ["Sign", "Return…", "Decline…", "Promise…", "Campaigns"]);
    assert_eq!(
        pat.runs("/plan propose").await,
        "PLN-1 is proposed, not a draft. Only a draft can be proposed."
    );

    assert_eq!(vera.presses(&card, "Sign", &[]).await, "Signed. PLN-1 waits for the partner's signature.");
    let half = w.card(ACME, "PLN-1");
    assert_eq!(half.id, card.id, "the card is edited in place");
    assert!(
        half.text().contains("✅ Northwind: <@2001> on 2026-01-05\n⬜ Acme: not signed"),
        "{}",
        half.text()
    );
    assert_eq!(
        olga.presses(&half, "Sign", &[]).await,
        "Signed. PLN-1 is agreed by both sides as revision 1."
    );
    let done = w.card(ACME, "PLN-1");
    assert_eq!(done.id, card.id);
    assert_eq!(title(&done), "PLN-1 · 2026-01-01 to 2026-03-31 · agreed");
    assert_eq!(labels(&done), ["Promise…", "Campaigns"]);
    assert_eq!(w.word("SELECT state FROM campaign").await, "planned");
    assert_eq!(
        vera.forges_press(&done, &id_of(&card, "Sign")).await,
        "PLN-1 is agreed, so there is nothing to decide."
    );
}

async fn a_returned_plan_is_a_draft_again_and_its_signatures_are_void(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let card = proposed(w).await;
    vera.presses(&card, "Sign", &[]).await;
    assert_eq!(
        olga.presses(&card, "Return…", &[]).await,
        "Return PLN-1\nReason*: (What should be different?)"
    );
    assert_eq!(
        olga.presses(&card, "Return…", &[("reason", "  ")]).await,
        "A reason is needed. Say in a sentence what should be different."
    );
    let reason = [("reason", "The *webinar* needs a second date")];
    assert_eq!(olga.presses(&card, "Return…", &reason).await, "PLN-1 is returned: it is a draft again.");
    let returned = w.card(ACME, "PLN-1");
    assert_eq!(title(&returned), "PLN-1 · 2026-01-01 to 2026-03-31 · draft");
    assert!(
        returned.text().contains("Returned: The \\*webinar\\* needs a second date"),
        "{}",
        returned.text()
    );
    assert_eq!(labels(&returned), NEXT_STEPS);

    pat.runs("/plan propose").await;
    let again = w.card(ACME, "PLN-1");
    assert!(again.text().contains("⬜ Northwind: not signed\n⬜ Acme: not signed"), "{}", again.text());
    assert!(!again.text().contains("Returned"), "the reason is history: {}", again.text());
    assert_eq!(olga.presses(&again, "Sign", &[]).await, "Signed. PLN-1 waits for the vendor's signature.");
    assert_eq!(
        vera.presses(&again, "Sign", &[]).await,
        "Signed. PLN-1 is agreed by both sides as revision 1."
    );
}

async fn a_declined_plan_is_final(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let card = proposed(w).await;
    assert_eq!(
        olga.presses(&card, "Decline…", &[("reason", "No budget this year")]).await,
        "PLN-1 is declined. 11 tasks are closed."
    );
    let declined = w.card(ACME, "PLN-1");
    assert_eq!(title(&declined), "PLN-1 · 2026-01-01 to 2026-03-31 · declined");
    assert_eq!(labels(&declined), ["Campaigns"], "it can still be looked at");
    assert_eq!(
        vera.forges_press(&declined, &id_of(&card, "Sign")).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    assert_eq!(
        pat.runs("/plan propose plan:PLN-1").await,
        "PLN-1 is declined, not a draft. Only a draft can be proposed."
    );
    assert_eq!(
        pat.runs(&format!("{CAMPAIGN} plan:PLN-1")).await,
        "PLN-1 is declined and can't be edited. Create a new plan with /plan create."
    );
    assert_eq!(pat.runs("/plan propose").await, "There is no plan yet. Create one with /plan create.");
}

async fn an_edit_while_proposed_voids_signatures(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let card = proposed(w).await;
    vera.presses(&card, "Sign", &[]).await;
    let added =
        pat.runs("/campaign add name:Booth type:Trade show start:2026-03-03 leads:10 pipeline:50k").await;
    assert_eq!(
        added.lines().next(),
        Some(
            "CMP-2 is added to PLN-1. The plan is a draft again and its signatures are void: propose it anew with /plan propose."
        )
    );
    let draft = w.card(ACME, "PLN-1");
    assert_eq!(draft.id, card.id, "the card is edited in place");
    assert_eq!(title(&draft), "PLN-1 · 2026-01-01 to 2026-03-31 · draft");
    assert_eq!(labels(&draft), NEXT_STEPS);
    assert!(!draft.text().contains("✅"), "{}", draft.text());
    assert_eq!(
        olga.forges_press(&draft, &id_of(&card, "Sign")).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    pat.runs("/plan propose").await;
    let again = w.card(ACME, "PLN-1");
    assert_eq!(olga.presses(&again, "Sign", &[]).await, "Signed. PLN-1 waits for the vendor's signature.");
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_revision").await, 0);
}

async fn a_draft_that_was_shown_is_shown_as_it_is_now(w: &mut World) {
    let [pat, olga] = [Who::Pat, Who::Olga].map(|who| w.person(who));
    let card = proposed(w).await;
    olga.presses(&card, "Return…", &[("reason", "A booth is missing")]).await;
    pat.runs("/campaign add name:Booth type:Trade show start:2026-03-03 leads:10 pipeline:50k").await;
    let shown = w.card(ACME, "PLN-1").text();
    assert!(shown.contains("`CMP-2` Booth"), "{shown}");
    assert!(shown.contains("50 leads\nEUR 120,000.00 pipeline planned by 2026-03-31"), "{shown}");
}

async fn nobody_signs_twice_or_for_both_sides(w: &mut World) {
    let [vera, olga] = [Who::Vera, Who::Olga].map(|who| w.person(who));
    let card = proposed(w).await;
    vera.presses(&card, "Sign", &[]).await;
    assert_eq!(
        vera.presses(&card, "Sign", &[]).await,
        "Your side has signed this already. It waits for the other side."
    );
    // Vera changes companies. What she signed for Northwind keeps her from signing for Acme.
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4005]);
    assert_eq!(
        vera.presses(&card, "Sign", &[]).await,
        "Nobody signs for both sides. Somebody else of your side has to sign."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_signature").await, 1);
    assert_eq!(
        olga.presses(&card, "Sign", &[]).await,
        "Signed. PLN-1 is agreed by both sides as revision 1."
    );
}

async fn a_copied_button_of_an_earlier_rev_is_stale(w: &mut World) {
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    let first = proposed(w).await;
    pat.runs("/campaign add name:Booth type:Trade show start:2026-03-03 leads:10 pipeline:50k").await;
    pat.runs("/plan propose").await;
    let now = w.card(ACME, "PLN-1");
    let stale =
        "This has changed since the card was shown. Read the card again and decide on what it says now.";
    for label in ["Sign", "Return…", "Decline…"] {
        assert_eq!(olga.forges_press(&now, &id_of(&first, label)).await, stale, "{label}");
    }
    let plan = w.word("SELECT id FROM plan").await;
    assert_eq!(vera.forges_form(&format!("plan-return:{plan}:3"), &[("reason", "late")]).await, stale);
    assert_eq!(vera.forges_form(&format!("plan-decline:{plan}:99"), &[("reason", "early")]).await, stale);
    let nothing = "I can't find that here. Pick it from the list that the option offers.";
    assert_eq!(olga.forges_press(&now, &format!("plan-adopt:{plan}:5")).await, nothing);
    assert_eq!(olga.forges_press(&now, &format!("plan-sign:{plan}")).await, nothing);
    assert_eq!(olga.forges_press(&now, &format!("plan-sign:{plan}:5:5")).await, nothing);
    assert_eq!(olga.forges_press(&now, &format!("plan-sign:{plan}:five")).await, nothing);
    assert_eq!(olga.forges_press(&now, "plan-sign::5").await, nothing);
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_signature").await, 0);
}

async fn an_agreed_plan_is_not_edited(w: &mut World) {
    let pat = w.person(Who::Pat);
    agreed(w).await;
    // Its period has begun: looking at what is stored does what is due first.
    let before = w.state().await;
    assert_eq!(
        pat.runs("/campaign add name:Late idea type:Email start:2026-03-03 leads:1 pipeline:1k").await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    assert_eq!(
        pat.runs("/plan propose").await,
        "PLN-1 is active, not a draft. Only a draft can be proposed."
    );
    assert_eq!(w.state().await, before, "nothing has changed");
}

async fn the_same_request_gets_the_same_reply(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    let asker = Asker {
        guild: GUILD.to_string(),
        channel: ACME.to_string(),
        parent: None,
        user: Who::Pat.id().to_string(),
        roles: vec!["4004".to_owned()],
        manages_server: false,
    };
    let command = Command::AddCampaign(NewCampaign {
        name: "Once".into(),
        kind: "email".into(),
        start: "2026-02-02".into(),
        leads: 5,
        pipeline: "1000".into(),
        ..NewCampaign::default()
    });
    let request = Request { key: "discord:77".into(), asker, command };
    let first = flow::handle(&w.running.app, &request).await.unwrap();
    let state = w.state().await;
    let again = flow::handle(&w.running.app, &request).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(w.state().await, state, "it was done once");
    let refused = Request {
        key: "discord:78".into(),
        command: Command::ProposePlan { partner: None, plan: Some("PLN-9".into()) },
        ..request
    };
    let no = flow::handle(&w.running.app, &refused).await.unwrap();
    assert_eq!(no.text, "I can't find that here. Pick it from the list that the option offers.");
    assert_eq!(
        flow::handle(&w.running.app, &refused).await.unwrap(),
        no,
        "a refusal is an answer, and is kept"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'refused:not_found'").await, 1);
}

async fn what_was_signed_can_be_proved_and_never_changed(w: &mut World) {
    agreed(w).await;
    let snapshot = w.word("SELECT snapshot FROM plan_revision").await;
    let hash = w.word("SELECT sha256 FROM plan_revision").await;
    assert_eq!(sha256(&snapshot), hash);
    assert_eq!(canonical(&serde_json::from_str(&snapshot).unwrap()), snapshot, "it is canonical");
    let card = w.card(ACME, "PLN-1").text();
    assert!(
        card.ends_with(&format!("SHA-256 {hash}")) || card.contains(&format!("SHA-256 {hash} ·")),
        "{card}"
    );
    let value: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
    assert_eq!(value["campaigns"][0]["target_pipeline"], "120000.00");
    assert_eq!(value["campaigns"][0]["budget"][0]["shares"]["mdf"], "10000.00");
    for side in ["vendor", "partner"] {
        let signed =
            w.word(&format!("SELECT content_sha256 FROM plan_signature WHERE side = '{side}'")).await;
        assert_eq!(signed, hash, "the {side} signed the same");
    }
    for (table, set) in
        [("plan_revision", "sha256 = 'x'"), ("plan_signature", "person = 'x'"), ("audit", "actor = 'x'")]
    {
        for statement in [format!("UPDATE {table} SET {set}"), format!("DELETE FROM {table}")] {
            let refused = w.sql(&statement).await.unwrap_err().to_string();
            assert!(refused.contains(&format!("{table} is append-only")), "{statement}: {refused}");
        }
    }
    assert_eq!(w.word("SELECT sha256 FROM plan_revision").await, hash);
}

async fn only_who_may_sign_signs(w: &mut World) {
    let [pat, amir, nobody, both] = [Who::Pat, Who::Amir, Who::Nobody, Who::Both].map(|who| w.person(who));
    let card = proposed(w).await;
    assert_eq!(
        pat.presses(&card, "Sign", &[]).await,
        "You may not do this: it needs \"sign plans\". People with <@&4005> can."
    );
    assert_eq!(
        amir.at(ACME).presses(&card, "Sign", &[]).await,
        "You may not do this: it needs \"sign plans\". People with <@&4001> can."
    );
    assert_eq!(
        amir.at(APPROVALS).runs("/plan propose partner:acme plan:PLN-1").await,
        "You may not do this: it needs \"manage plans\". People with <@&4001> can."
    );
    assert_eq!(
        nobody.at(ACME).forges_press(&card, &id_of(&card, "Sign")).await,
        "You have no role in this program. Ask an administrator of the program for the role of your company."
    );
    assert_eq!(
        both.presses(&card, "Sign", &[]).await,
        "You have roles of two companies, so I can't tell for whom you act. Ask an administrator to leave you the roles of one company."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_signature").await, 0);
}
