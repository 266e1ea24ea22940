//! Who is away has somebody who stands in: with their own limits, never for what one of the two filed, and every
//! decision shows for whom.

use crate::harness::{World, stories};
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, GUILD, Who};

stories!(
    a_decision_shows_for_whom_it_was_taken,
    standing_in_gives_nobody_more,
    neither_decides_what_the_other_filed,
    a_signature_shows_for_whom_it_was_given,
    who_can_stand_in_and_for_how_long,
);

async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

/// Files a request of `amount` and gives its card.
async fn filed(w: &World, number: u32, amount: u32) -> discord_local::Message {
    let line = format!(
        "/mdf request campaign:CMP-1 cost:{} amount:{amount} purpose:Speaker fund:acme-q1",
        amount * 2
    );
    w.person(Who::Pat).runs(&line).await;
    w.card(APPROVALS, &format!("ACME/MDF-{number}"))
}

async fn a_decision_shows_for_whom_it_was_taken(w: &mut World) {
    agreed(w).await;
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    let set = amir.runs("/away until:2026-01-09 delegate:<@2003>").await;
    assert_eq!(
        set,
        "You are away until the end of 2026-01-09, and <@2003> stands in for you: with their own capabilities and limits, and what they decide shows that it was for you. /away clear:True ends it."
    );
    assert_eq!(amir.runs("/away").await, "You are away until 2026-01-10 00:00; <@2003> stands in for you.");
    assert_eq!(
        finn.runs("/away").await,
        "You are not away.\n<@2002> is away until 2026-01-10 00:00; you stand in for them."
    );
    let card = filed(w, 1, 5_000).await;
    finn.presses(&card, "Approve", &[]).await;
    for channel in [APPROVALS, ACME] {
        let name = if channel == ACME { "MDF-1 · " } else { "ACME/MDF-1 · " };
        let text = w.card(channel, name).text();
        assert!(text.contains("Decided by: <@2003> for <@2002>"), "{text}");
    }
    let history = w.person(Who::Pat).runs("/plan history").await;
    assert!(
        history.contains("**MDF-1** approved, EUR 5,000.00 · <@2003> for <@2002> (Northwind)"),
        "{history}"
    );
    assert_eq!(w.word("SELECT stands_for FROM request_decision").await, "2002");
    // What Amir could not have decided is Finn's own decision.
    let card = filed(w, 2, 21_000).await;
    finn.presses(&card, "Approve", &[("confirm", "21000")]).await;
    let text = w.card(APPROVALS, "ACME/MDF-2").text();
    assert!(text.contains("Decided by: <@2003>") && !text.contains(" for <@2002>"), "{text}");
    // It ends by itself, at the end of the day.
    w.moves_to("2026-01-09T22:59:00Z").await;
    let card = filed(w, 3, 1_000).await;
    finn.presses(&card, "Decline…", &[("reason", "No")]).await;
    assert!(w.card(APPROVALS, "ACME/MDF-3").text().contains("<@2003> for <@2002>"));
    w.moves_to("2026-01-09T23:00:00Z").await;
    let card = filed(w, 4, 1_000).await;
    finn.presses(&card, "Approve", &[]).await;
    assert!(!w.card(APPROVALS, "ACME/MDF-4").text().contains(" for <@2002>"));
    assert_eq!(amir.runs("/away").await, "You are not away.");
}

async fn standing_in_gives_nobody_more(w: &mut World) {
    agreed(w).await;
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    finn.runs("/away until:2026-01-09 delegate:<@2002>").await;
    let card = filed(w, 1, 21_000).await;
    let refused = amir.presses(&card, "Approve", &[]).await;
    assert!(refused.starts_with("EUR 21,000.00 is above your limit of EUR 20,000.00."), "{refused}");
    let card = filed(w, 2, 1_000).await;
    assert!(amir.presses(&card, "Approve", &[]).await.starts_with("MDF-2 is approved."));
    // Pat stands in for Olga and still may not sign.
    w.person(Who::Olga).runs("/away until:2026-01-09 delegate:<@2004>").await;
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q2 2026").await;
    pat.runs("/campaign add plan:PLN-2 name:Mailing type:Email start:2026-05-01 leads:1 pipeline:1").await;
    pat.runs("/plan propose plan:PLN-2").await;
    let refused = pat.presses(&w.card(ACME, "PLN-2"), "Sign", &[]).await;
    assert!(refused.starts_with("You may not do this: it needs \"sign plans\"."), "{refused}");
}

async fn neither_decides_what_the_other_filed(w: &mut World) {
    agreed(w).await;
    let [amir, finn] = [Who::Amir, Who::Finn].map(|who| w.person(who));
    // Finn may file for Acme as well.
    w.discord.set_roles(GUILD, Who::Finn.id(), &[4003, 4001]);
    let file = "/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1 partner:acme";
    finn.runs(file).await;
    let card = w.card(APPROVALS, "ACME/MDF-1");
    let refused =
        "<@2003> filed this request, and one of you stands in for the other. Somebody else has to decide it.";
    finn.runs("/away until:2026-01-09 delegate:<@2002>").await;
    for button in ["Approve", "Approve less…", "Return…", "Decline…"] {
        assert_eq!(amir.presses(&card, button, &[]).await, refused, "the one who stands in, {button}");
    }
    let id = card.button("Return…").unwrap().custom_id.unwrap();
    assert_eq!(
        amir.forges_form(&id, &[("reason", "No")]).await,
        refused,
        "nor by a form that was never opened"
    );
    assert_eq!(finn.runs("/away clear:True").await, "You are back: nobody stands in for you.");
    amir.runs("/away until:2026-01-09 delegate:<@2003>").await;
    assert_eq!(amir.presses(&card, "Approve", &[]).await, refused, "the one who is away");
    amir.runs("/away clear:True").await;
    assert!(amir.presses(&card, "Approve", &[]).await.starts_with("MDF-1 is approved."));
}

async fn a_signature_shows_for_whom_it_was_given(w: &mut World) {
    let (pat, olga) = (w.person(Who::Pat), w.person(Who::Olga));
    w.discord.set_roles(GUILD, Who::Pat.id(), &[4004, 4005]);
    olga.runs("/away until:2026-01-09 delegate:<@2004>").await;
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k").await;
    pat.runs("/plan propose").await;
    pat.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    let card = w.card(ACME, "PLN-1");
    assert!(card.text().contains("✅ Acme: <@2004> for <@2005> on 2026-01-05"), "{}", card.text());
    let refused = olga.presses(&card, "Sign", &[]).await;
    assert_eq!(refused, "Your side has signed this already. It waits for the other side.");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    let history = pat.runs("/plan history").await;
    assert!(history.contains("· <@2004> for <@2005> (Acme)"), "{history}");
    pat.runs("/plan export").await;
    let newest = w.discord.person(Who::Pat.id()).messages(ACME);
    let newest = newest.iter().rev().find(|message| !message.attachments.is_empty()).unwrap();
    let document = String::from_utf8(newest.attachments[1].bytes.to_vec()).unwrap();
    assert!(document.contains("Acme: Discord user 2004 for Discord user 2005, 2026-01-05"), "{document}");
}

async fn who_can_stand_in_and_for_how_long(w: &mut World) {
    let amir = w.person(Who::Amir);
    for (line, answer) in [
        ("/away until:2026-01-09 delegate:<@2002>", "Nobody stands in for themselves. Name somebody else."),
        (
            "/away until:2026-01-09 delegate:<@2004>",
            "<@2004> does not act for your company. Name somebody who does.",
        ),
        (
            "/away until:2026-01-09 delegate:<@2008>",
            "<@2008> does not act for your company. Name somebody who does.",
        ),
        (
            "/away until:2026-01-09 delegate:<@2009>",
            "<@2009> does not act for your company. Name somebody who does.",
        ),
        (
            "/away until:2026-01-04 delegate:<@2003>",
            "You can't be away until 2026-01-04. Give a day from today on, at most 366 days ahead.",
        ),
        (
            "/away until:2027-01-07 delegate:<@2003>",
            "You can't be away until 2027-01-07. Give a day from today on, at most 366 days ahead.",
        ),
        (
            "/away until:2026-01-09",
            "Until when are you away, and who stands in for you? Give both, such as /away until:friday delegate:@somebody.",
        ),
        ("/away clear:True", "You are not away."),
        (
            "/away clear:True until:2026-01-09",
            "Either you are away or you are back. Give until and delegate, or clear alone.",
        ),
        ("/away", "You are not away."),
    ] {
        assert_eq!(amir.runs(line).await, answer, "{line}");
    }
    assert_eq!(w.number("SELECT COUNT(*) FROM absence").await, 0);
    assert!(amir.runs("/away until:2027-01-06 delegate:<@2003>").await.starts_with("You are away until"));
    assert!(
        amir.runs("/away until:2026-01-05 delegate:<@2001>").await.contains("<@2001> stands in"),
        "the newest counts"
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM absence").await, 1);
    assert_eq!(
        w.person(Who::Gil).at(ACME).forges("/away until:2026-01-09 delegate:2007").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    assert_eq!(w.person(Who::Gil).at(GLOBEX).runs("/away").await, "You are not away.");
}
