//! Changing a campaign while its plan is being drafted; its checklist; ready and done.

use crate::harness::{World, stories};
use discord_local::Message;
use tandem::inbound::cron;
use tandem::playground::seed::{ACME, Who};

stories!(
    every_field_is_edited_and_cleared,
    what_can_not_be_is_refused_and_changes_nothing,
    an_edit_while_proposed_is_a_draft_again,
    an_agreed_campaign_is_not_edited,
    long_texts_are_edited_by_form,
    a_form_over_other_texts_is_stale,
    budget_lines_are_added_changed_and_removed,
    the_checklist_says_what_is_missing,
    a_campaign_that_starts_unready_is_flagged,
    a_campaign_is_done_from_its_first_day_on,
    the_clock_asks_first_and_moves_by_itself_later,
);

const CAMPAIGN: &str = "/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs(CAMPAIGN).await;
}

async fn signed(w: &World) {
    w.person(Who::Pat).runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// The newest answer to somebody that carries a button.
fn answer_with(w: &World, who: Who, label: &str) -> Message {
    let all = w.discord.person(who.id()).messages(ACME);
    all.into_iter().rev().find(|message| message.button(label).is_some()).unwrap()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

async fn every_field_is_edited_and_cleared(w: &mut World) {
    drafted(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    let said = pat
        .runs(
            "/campaign edit campaign:CMP-1 name:Autumn mail type:Email start:2026-01-12 end:2026-03-20 leads:50 \
             pipeline:150k won:30k sends:2026-02-02, 2026-01-20 segment:IT leads message:Move offer:Guide \
             channel:E-mail results:by hand slug:Autumn Mail owner-vendor:@vera (Northwind) owner-partner:@pat (Acme) \
             curve:tail 7, pipeline 20, won 60 weights:jan 20, feb 30, mar 50 effort-vendor:24 effort-partner:40h",
        )
        .await;
    assert_eq!(first_line(&said), "CMP-1 is changed.");
    for part in [
        "CMP-1 · Autumn mail",
        "Email in PLN-1, 2026-01-12 to 2026-03-20",
        "Sends: 2026-01-20, 2026-02-02.",
        "50 leads\nEUR 150,000.00 pipeline\nEUR 30,000.00 won",
        "vendor: <@2001>\npartner: <@2004>",
        "utm_campaign=autumn-mail",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(w.word("SELECT results_by FROM campaign").await, "hand");
    let curve: serde_json::Value = serde_json::from_str(&w.word("SELECT curve FROM campaign").await).unwrap();
    assert_eq!(curve["tail_days"], 7);
    assert_eq!(curve["leads"]["monthly"]["2026-02-01"], "30");
    assert_eq!(w.number("SELECT effort_vendor + effort_partner FROM campaign").await, 64);

    let cleared = vera
        .runs(
            "/campaign edit campaign:CMP-1 won:- sends:- segment:- curve:won - weights:- effort-vendor:- \
             clear:owner-vendor, owner partner",
        )
        .await;
    assert_eq!(first_line(&cleared), "CMP-1 is changed.");
    assert!(cleared.contains("vendor: nobody yet\npartner: nobody yet"), "{cleared}");
    assert!(!cleared.contains("Sends") && !cleared.contains("won\n"), "{cleared}");
    let curve: serde_json::Value = serde_json::from_str(&w.word("SELECT curve FROM campaign").await).unwrap();
    assert_eq!(
        (&curve["leads"], &curve["won_lag_days"], &curve["tail_days"]),
        (&serde_json::Value::Null, &serde_json::Value::Null, &7.into())
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'campaign_edited'").await, 2);
}

async fn what_can_not_be_is_refused_and_changes_nothing(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    pat.runs(
        "/campaign add name:Ads type:Paid search start:2026-01-10 end:2026-03-10 leads:1 pipeline:1 slug:ads",
    )
    .await;
    let before = w.state().await;
    for (options, answer) in [
        ("name:-", "A campaign needs a name of at most 100 characters."),
        (
            "start:2026-05-01",
            "2026-05-01 to 2026-05-01 lies outside the plan's period. Dates must overlap 2026-01-01 to 2026-03-31.",
        ),
        ("end:2026-02-01", "A period can't end before it starts; 2026-02-01 is before 2026-02-10."),
        (
            "sends:2026-03-30",
            "The send on 2026-03-30 lies outside the campaign. Sends must fall between 2026-02-10 and 2026-02-10.",
        ),
        ("leads:-1", "A target can't be negative. Give 0 where there is none."),
        ("pipeline:-", "“-” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200."),
        (
            "weights:jan 50, feb 50",
            "The campaign has no day in \"jan\". It runs from 2026-02-10 to 2026-02-10.",
        ),
        ("weights:feb 90", "The monthly weights add up to 90 %. They have to add up to 100 %."),
        ("curve:tail 200", "A tail can't be longer than 180 days."),
        (
            "curve:nose 2",
            "I don't understand \"nose 2\". Write days such as: tail 14, pipeline 30, won 90. A - brings back the usual.",
        ),
        ("effort-vendor:many", "\"many\" is no effort. Give effort-vendor in whole hours, such as 24."),
        (
            "clear:name",
            "I can't clear \"name\". What can be empty: owner-vendor, owner-partner, segment, message, offer, channel, sends, won, weights, effort-vendor, effort-partner.",
        ),
        ("slug:ads", "You have a campaign with the utm_campaign \"ads\" already. Choose another slug."),
        ("leads:40", "CMP-1 is like that already. Say what should be different."),
    ] {
        assert_eq!(pat.runs(&format!("/campaign edit campaign:CMP-1 {options}")).await, answer, "{options}");
    }
    assert_eq!(w.state().await, before, "nothing has changed");
}

async fn an_edit_while_proposed_is_a_draft_again(w: &mut World) {
    drafted(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    vera.presses(&card, "Sign", &[]).await;
    let said = pat.runs("/campaign edit campaign:CMP-1 leads:60").await;
    assert_eq!(
        first_line(&said),
        "CMP-1 is changed. The plan is a draft again and its signatures are void: propose it anew with /plan propose."
    );
    let shown = w.card(ACME, "PLN-1");
    assert!(shown.text().contains("60 leads") && !shown.text().contains("✅"), "{}", shown.text());
    assert!(shown.button("Sign").is_none());
}

async fn an_agreed_campaign_is_not_edited(w: &mut World) {
    drafted(w).await;
    signed(w).await;
    let pat = w.person(Who::Pat);
    let before = w.state().await;
    // With a reason it is filed as an adjustment, which the other side countersigns.
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1 leads:60").await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    let said = pat.runs("/campaign budget campaign:CMP-1 what:Venue planned:1k").await;
    assert!(said.starts_with("PLN-1 is signed by both sides: changing it needs a reason."), "{said}");
    assert_eq!(w.state().await, before, "nothing has changed");
}

async fn long_texts_are_edited_by_form(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    assert_eq!(
        pat.runs("/campaign edit campaign:CMP-1").await,
        "Texts of CMP-1\nTarget segment: (Whom it is for)\nKey message: (What they should remember)\nOffer: (What they get)\nExecution channel: (Where it reaches them)"
    );
    let long = "ü".repeat(4_000);
    let card = answer_with(w, Who::Pat, "Texts…");
    let values = [("segment", "IT *leads*"), ("message", long.as_str()), ("offer", ""), ("channel", "Zoom")];
    let said = pat.presses(&card, "Texts…", &values).await;
    assert_eq!(first_line(&said), "CMP-1 is changed.");
    assert!(said.contains("IT \\*leads\\*") && said.contains('…'), "{said}");
    assert_eq!(w.number("SELECT length(message) FROM campaign").await, 4_000);
    let again = answer_with(w, Who::Pat, "Texts…");
    let form = pat.presses(&again, "Texts…", &[]).await;
    assert!(form.contains("IT *leads*") || form.contains("Target segment"), "{form}");
    let values = [("segment", ""), ("message", long.as_str()), ("offer", ""), ("channel", "Zoom")];
    pat.presses(&again, "Texts…", &values).await;
    assert_eq!(w.word("SELECT segment FROM campaign").await, "");
}

async fn a_form_over_other_texts_is_stale(w: &mut World) {
    drafted(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    let card = answer_with(w, Who::Pat, "Texts…");
    let mark = card.button("Texts…").unwrap().custom_id.unwrap();
    vera.runs("/campaign edit campaign:CMP-1 offer:Free check").await;
    let stale =
        "This has changed since the card was shown. Read the card again and decide on what it says now.";
    assert_eq!(pat.presses(&card, "Texts…", &[]).await, stale);
    assert_eq!(pat.forges_form(&mark, &[("segment", "Everybody")]).await, stale);
    assert_eq!(w.word("SELECT offer FROM campaign").await, "Free check");
}

async fn budget_lines_are_added_changed_and_removed(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    assert_eq!(
        first_line(
            &pat.runs("/campaign budget campaign:CMP-1 what:Venue planned:1,000.01 mdf:50% co-op:100").await
        ),
        "CMP-1 has the budget line \"Venue\" added: EUR 1,000.01 (MDF EUR 500.01, co-op EUR 100.00, partner co-investment EUR 400.00)."
    );
    assert_eq!(
        first_line(&pat.runs("/campaign budget campaign:CMP-1 line:venue planned:2,000").await),
        "CMP-1 has the budget line \"Venue\" changed: EUR 2,000.00 (MDF EUR 1,000.01, co-op EUR 200.00, partner co-investment EUR 799.99)."
    );
    assert_eq!(
        pat.runs("/campaign budget campaign:CMP-1 what:VENUE planned:5").await,
        "The campaign has a budget line \"VENUE\" already. Change that one with the option line, or choose another name."
    );
    assert_eq!(
        pat.runs("/campaign budget campaign:CMP-1 line:Bus planned:5").await,
        "The campaign has no budget line \"Bus\". Pick it from the list that the option offers."
    );
    assert_eq!(
        pat.runs("/campaign budget campaign:CMP-1 what:Bus").await,
        "An amount is missing. Write it like 12,500.00 or 12.5k."
    );
    assert_eq!(pat.is_offered("/campaign budget campaign:CMP-1 line:").await, ["Campaign", "Venue"]);
    assert_eq!(pat.runs("/task list campaign:CMP-1").await.matches("MDF request").count(), 2);
    pat.runs("/campaign budget campaign:CMP-1 line:Venue remove:True").await;
    let said = pat.runs("/campaign budget campaign:CMP-1 line:1 mdf:0").await;
    assert_eq!(
        first_line(&said),
        "CMP-1 has the budget line \"Campaign\" changed: EUR 20,000.00 (partner co-investment EUR 20,000.00)."
    );
    assert_eq!(
        pat.runs("/task list campaign:CMP-1").await.matches("MDF request").count(),
        0,
        "MDF pays nothing any more"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM funding_share").await, 1);
}

async fn the_checklist_says_what_is_missing(w: &mut World) {
    drafted(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    assert_eq!(
        pat.runs("/campaign ready campaign:CMP-1").await,
        "PLN-1 is draft. A campaign is ready or done only in a plan that both sides have signed."
    );
    signed(w).await;
    assert_eq!(
        pat.is_offered("/campaign check campaign:CMP-1 item:").await,
        ["⬜ date confirmed", "⬜ speakers named", "⬜ registration page online"]
    );
    assert_eq!(
        vera.runs("/campaign check campaign:CMP-1 item:speakers done:yes").await,
        "Checklist of CMP-1 Spring webinar\n⬜ date confirmed\n☑ speakers named\n⬜ registration page online\n⬜ MDF request filed"
    );
    assert_eq!(
        pat.runs("/campaign check campaign:CMP-1 item:venue done:yes").await,
        "A campaign of the type Webinar has no item \"venue\". Pick it from the list that the option offers."
    );
    assert_eq!(
        pat.runs("/campaign check campaign:CMP-1 item:mdf_request done:yes").await,
        "Whether the MDF request is filed is seen from the requests. File it with /mdf request."
    );
    assert_eq!(
        olga.runs("/campaign check campaign:CMP-1 item:date done:yes").await,
        "You may not do this: it needs \"edit plans\". People with <@&4004> can."
    );
    pat.runs("/campaign check campaign:CMP-1 item:date done:yes").await;
    pat.runs("/campaign check campaign:CMP-1 item:speakers done:no").await;
    pat.runs("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:acme-q1").await;
    assert_eq!(
        pat.runs("/campaign ready campaign:CMP-1").await,
        "CMP-1 lacks: speakers named, registration page online. Tick off what is done with /campaign check, or say anyway:True if it is ready without."
    );
    assert_eq!(
        pat.runs("/campaign ready campaign:CMP-1 anyway:True").await,
        "CMP-1 Spring webinar is ready without: speakers named, registration page online, says <@2004>."
    );
    assert_eq!(w.word("SELECT state FROM campaign").await, "ready");
    assert!(
        w.card(ACME, "CMP-1 Spring webinar is ready").text().contains("says <@2004>"),
        "both sides are told"
    );
    assert_eq!(
        pat.runs("/campaign ready campaign:CMP-1").await,
        "CMP-1 is ready. Only a planned campaign becomes ready."
    );
    assert_eq!(w.word("SELECT state FROM plan").await, "agreed", "nobody has to sign that");
}

async fn a_campaign_that_starts_unready_is_flagged(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    pat.runs("/campaign add name:Ads type:Other start:2026-02-10 leads:1 pipeline:1").await;
    signed(w).await;
    pat.runs("/campaign ready campaign:CMP-2 anyway:True").await;
    w.moves_to("2026-02-09T23:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM campaign WHERE number = 1").await, "running");
    let flag = w.card(ACME, "🟡 CMP-1").text();
    assert!(
        flag.contains("runs and is not ready. Missing: date confirmed, speakers named, registration page online, MDF request filed."),
        "{flag}"
    );
    let all = w.discord.person(Who::Vera.id()).messages(ACME);
    assert!(!all.iter().any(|message| message.text().starts_with("🟡 CMP-2")), "one that is ready is not");
}

async fn a_campaign_is_done_from_its_first_day_on(w: &mut World) {
    drafted(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/campaign edit campaign:CMP-1 owner-partner:@olga (Acme)").await;
    signed(w).await;
    assert_eq!(
        vera.runs("/campaign done campaign:CMP-1").await,
        "CMP-1 starts on 2026-02-10. It can be done from that day on."
    );
    w.moves_to("2026-02-10T09:00:00Z").await;
    assert_eq!(
        olga.runs("/campaign done campaign:CMP-1").await,
        "CMP-1 Spring webinar is executed, says <@2005>.",
        "its owner says so without any capability"
    );
    assert_eq!(
        vera.runs("/campaign done campaign:CMP-1").await,
        "CMP-1 is executed. Only a campaign that runs can be done."
    );
    assert_eq!(
        vera.runs("/campaign check campaign:CMP-1 item:date done:yes").await,
        "CMP-1 is executed. Its checklist is closed."
    );
}

async fn the_clock_asks_first_and_moves_by_itself_later(w: &mut World) {
    drafted(w).await;
    let pat = w.person(Who::Pat);
    pat.runs("/campaign add name:Talk type:Webinar start:2026-02-10 leads:1 pipeline:1").await;
    signed(w).await;
    w.moves_to("2026-02-10T22:59:00Z").await;
    let next = cron::next_due(&w.running.app).await.unwrap().unwrap();
    assert_eq!(next.to_rfc3339(), "2026-02-10T23:00:00+00:00", "the day after its end");
    w.moves_to("2026-02-10T23:00:00Z").await;
    let question = w.card(ACME, "CMP-1 · Spring webinar has ended");
    assert!(
        question.text().contains("it ended on 2026-02-10. Is it executed?")
            && question.text().contains("Without an answer it counts as executed on 2026-02-17."),
        "{}",
        question.text()
    );
    w.moves_to("2026-02-12T08:00:00Z").await;
    let asked = w.discord.person(Who::Vera.id()).messages(ACME);
    let asked = asked.iter().filter(|message| message.text().starts_with("CMP-1 · Spring webinar has ended"));
    assert_eq!(asked.count(), 1, "once");
    assert_eq!(
        pat.presses(&question, "Executed", &[]).await,
        "CMP-1 Spring webinar is executed, says <@2004>."
    );
    let executed = question.button("Executed").unwrap().custom_id.unwrap();
    assert_eq!(
        pat.forges_press(&question, &executed).await,
        "CMP-1 is executed. Only a campaign that runs can be done."
    );
    assert_eq!(w.word("SELECT state FROM campaign WHERE number = 2").await, "running");
    let other = w.card(ACME, "CMP-2 · Talk has ended");
    assert!(other.button("Executed").is_some(), "{}", other.text());
    w.moves_to("2026-02-16T23:00:00Z").await;
    assert_eq!(w.word("SELECT state FROM campaign WHERE number = 2").await, "executed");
    let over = w.card(ACME, "CMP-2 · Talk has ended");
    assert!(over.id == other.id && over.button("Executed").is_none(), "edited in place: {}", over.text());
    assert!(over.text().contains("Nobody answered: it counts as executed on 2026-02-17."), "{}", over.text());
}
