//! A channel serves one company for good: what was said there is never read by another, and what goes on moves along.

use crate::harness::{World, stories};
use crate::setup::{BLUE, blue_sky, confirms, place_for_blue};
use discord_local::Message;
use tandem::playground::seed::{self, ACME, APPROVALS, GENERAL, GUILD, Who};

stories!(
    a_partner_moves_and_its_old_channel_stays_its_own,
    a_key_is_not_used_again_by_accident,
    the_approvals_move_and_no_partner_gets_their_channel,
    who_acts_for_two_companies_gets_no_help_either,
);

/// The newest message that shows an item.
fn shows(w: &World, channel: u64, name: &str) -> Message {
    let all = w.discord.person(Who::Vera.id()).messages(channel);
    all.iter().rev().find(|message| message.text().contains(name)).unwrap_or_else(|| panic!("{name}")).clone()
}

async fn a_partner_moves_and_its_old_channel_stays_its_own(w: &mut World) {
    blue_sky(w).await;
    let (nobody, blue) = (w.person(Who::Nobody), w.person(Who::Both));
    let before = w.card(BLUE, "PLN-1");
    assert!(before.button("Sign").is_some());
    assert_eq!(
        nobody.runs("/partner edit partner:blue channel:northwind-blue-two").await,
        "Blue Sky (blue): channel changed. Shared channel <#3101>, currency USD, tier gold."
    );
    let left = shows(w, BLUE, "PLN-1");
    assert_eq!(left.id, before.id, "the same message");
    assert!(left.button("Sign").is_none(), "{}", left.text());
    assert!(
        left.text().contains("This goes on in another channel; here it stays as it was."),
        "{}",
        left.text()
    );
    let card = w.card(BLUE + 1, "PLN-1");
    assert!(card.pinned, "the new one is the plan's pinned card");
    let answer = blue.at(BLUE + 1).presses(&card, "Sign", &[]).await;
    assert!(answer.starts_with("Signed."), "{answer}");

    // Whoever comes next never gets the channel in which Blue Sky's things were said.
    let refused = nobody.runs("/partner add key:green name:Green channel:northwind-blue").await;
    assert_eq!(
        refused,
        "<#3100> is taken: another partner's things were said there, or approvals are. Every partner needs a channel of its own."
    );
    let back = nobody.runs("/partner edit partner:blue channel:northwind-blue").await;
    assert!(back.contains("channel changed"), "{back}");
    assert!(w.card(BLUE, "PLN-1").button("Sign").is_some(), "it may go back to its own");
    assert!(shows(w, BLUE + 1, "PLN-1").button("Sign").is_none());
}

async fn a_key_is_not_used_again_by_accident(w: &mut World) {
    place_for_blue(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(
        nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue again:True").await,
        "No archived partner has the key blue. Leave the option again out for a new partner."
    );
    nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue").await;
    nobody.runs("/partner archive partner:blue").await;
    confirms(w, Who::Nobody, GENERAL, "Archive").await;
    assert_eq!(
        nobody.runs("/partner add key:blue name:Blue Moon channel:northwind-blue-two").await,
        "Blue Sky (blue) took part before and is archived: its plans, requests and claims would come back. If it is the same company, say again:True; else take another key."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM partner WHERE archived_at IS NULL").await, 2);
    let again = nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue again:True").await;
    assert!(
        again.starts_with("Blue Sky takes part again, with its earlier plans and money (blue)"),
        "{again}"
    );
}

/// Declares the playground's program anew, with some channels changed.
async fn declared(w: &World, changes: &[(u64, u64)]) -> Result<(), String> {
    let mut text = seed::bot_toml(&w.addresses);
    for (from, to) in changes {
        text = text.replace(&format!("\"{from}\""), &format!("\"{to}\""));
    }
    w.declares(&text).await.map_err(|fault| fault.to_string())
}

async fn the_approvals_move_and_no_partner_gets_their_channel(w: &mut World) {
    const NEW: u64 = 3900;
    w.discord.create_channel_with_id(NEW, GUILD, "approvals-two", discord_local::Visible::Everyone);
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Fair type:Trade show start:2026-03-01 leads:10 pipeline:20k").await;
    pat.runs("/plan propose").await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Booth fund:acme-q1").await;
    assert!(w.card(APPROVALS, "ACME/MDF-1").button("Return…").is_some());
    declared(w, &[(APPROVALS, NEW)]).await.unwrap();
    w.settle().await;
    assert!(shows(w, APPROVALS, "ACME/MDF-1").button("Return…").is_none());
    let card = w.card(NEW, "ACME/MDF-1");
    let answer = w.person(Who::Amir).at(NEW).presses(&card, "Return…", &[("reason", "Which booth?")]).await;
    assert!(answer.starts_with("MDF-1 is returned"), "{answer}");
    let refused = declared(w, &[(APPROVALS, NEW), (ACME, APPROVALS)]).await.unwrap_err();
    assert!(refused.contains("is another partner's or an approvals channel, or was one"), "{refused}");
}

async fn who_acts_for_two_companies_gets_no_help_either(w: &mut World) {
    let answer = w.person(Who::Both).at(GENERAL).runs("/help").await;
    assert!(answer.starts_with("You have roles of two companies"), "{answer}");
    let nobody = w.person(Who::Nobody).runs("/help").await;
    assert!(nobody.contains("/plan create"), "{nobody}");
}
