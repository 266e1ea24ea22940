//! Who may, set in chat beside bot.toml, and partners that come and go.

use crate::calendar::{file, get};
use crate::harness::{World, stories};
use discord_local::Visible;
use tandem::flow::declare;
use tandem::playground::seed::{self, ACME, APPROVALS, GENERAL, GLOBEX, GUILD, Who};

stories!(
    the_first_administrator_is_whoever_manages_the_server,
    a_role_gets_and_loses_capabilities_in_chat,
    what_is_declared_is_not_changed_in_chat,
    what_a_partner_cannot_be,
    a_partner_comes_changes_and_is_archived,
    archiving_a_partner_ends_the_links_to_its_calendar,
    nobody_else_sets_anything_up,
);

const MANAGE_SERVER: u64 = 1 << 5;
const ADMINISTRATOR: u64 = 1 << 3;
const OWNERS: u64 = 4100;
const INTERNS: u64 = 4200;
pub const BLUE: u64 = 3100;
const BLUE_PEOPLE: u64 = 4300;

/// Nobody becomes the one who manages the server.
pub fn owner(w: &World) {
    w.discord.create_role_with_id(OWNERS, GUILD, "Owners", MANAGE_SERVER);
    w.discord.create_role_with_id(INTERNS, GUILD, "Interns", 0);
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[OWNERS]);
}

/// Presses a button of the newest answer that somebody got alone.
pub async fn confirms(w: &World, who: Who, channel: u64, label: &str) -> String {
    let all = w.discord.person(who.id()).messages(channel);
    let asked = all.iter().rev().find(|message| message.button(label).is_some()).unwrap().clone();
    assert_eq!(asked.ephemeral_for, Some(who.id()));
    w.person(who).at(channel).presses(&asked, label, &[]).await
}

async fn the_first_administrator_is_whoever_manages_the_server(w: &mut World) {
    let nobody = w.person(Who::Nobody);
    let refused =
        "You have no role in this program. Ask an administrator of the program for the role of your company.";
    assert_eq!(nobody.runs("/setup show").await, refused);
    owner(w);
    let shown = nobody.runs("/setup show").await;
    for line in [
        "• <@&4002>: approve claims up to EUR 20,000.00, approve MDF requests up to EUR 20,000.00 · declared in bot.toml",
        "• <@&4005>: sign plans · declared in bot.toml",
        "**Globex** (`globex`) · <#3004> · EUR · declared in bot.toml",
    ] {
        assert!(shown.contains(line), "{line} is in:\n{shown}");
    }
    // Of a partner's people nobody becomes the vendor's administrator, whatever they may in the server.
    w.discord.set_roles(GUILD, Who::Gil.id(), &[4006, OWNERS]);
    let gil = w.person(Who::Gil);
    let missing = "You may not do this: it needs \"administer the program\". The vendor can.";
    assert_eq!(gil.runs("/setup show").await, missing);
    // Once a role has it, managing the server is no longer enough.
    assert_eq!(
        nobody.runs("/setup role role:Interns action:give what:administrator company:vendor").await,
        "<@&4200> acts for Northwind and may: administer the program, manage CRM sources, see the portfolio."
    );
    assert_eq!(nobody.runs("/setup show").await, refused);
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[INTERNS]);
    assert!(nobody.runs("/setup show").await.contains("• <@&4200>: administer the program"));
    assert_eq!(
        w.number("SELECT COUNT(*) FROM audit WHERE code = 'role_granted' AND item = '4200'").await,
        3,
        "each capability has its line"
    );
}

async fn a_role_gets_and_loses_capabilities_in_chat(w: &mut World) {
    owner(w);
    let (nobody, both) = (w.person(Who::Nobody), w.person(Who::Both));
    w.discord.set_roles(GUILD, Who::Both.id(), &[INTERNS]);
    let create = "/plan create period:Q1 2026";
    assert!(both.at(ACME).forges(create).await.starts_with("You have no role in this program."));
    assert_eq!(
        nobody.runs("/setup role role:Interns action:give what:edit_plan").await,
        "For which company does this role act? Say vendor, or name the partner, in the option company."
    );
    assert_eq!(
        nobody.runs("/setup role role:Interns action:give what:edit_plan company:acme").await,
        "<@&4200> acts for Acme and may: edit plans."
    );
    assert!(both.at(ACME).forges(create).await.starts_with("PLN-1 is a draft."), "it counts at once");
    assert_eq!(
        nobody.runs("/setup role role:Interns action:give what:sign company:globex").await,
        "This role acts for another company already: a role belongs to one company only. Take what it has there away first, or use another role."
    );
    assert_eq!(
        nobody.runs("/setup role role:Interns action:give what:approve_mdf limit:unlimited").await,
        "\"approve MDF requests\" is not for the partner. Pick one of that side."
    );
    w.discord.create_role_with_id(4201, GUILD, "Deputies", 0);
    let give = "/setup role role:Deputies action:give what:approve_mdf company:vendor";
    assert_eq!(
        nobody.runs(give).await,
        "Up to what amount may they approve? Say it in the option limit, such as 20k, or unlimited."
    );
    assert_eq!(
        nobody.runs(&format!("{give} limit:5k")).await,
        "<@&4201> acts for Northwind and may: approve MDF requests up to EUR 5,000.00."
    );
    assert_eq!(
        nobody.runs(&format!("{give} limit:7.5k")).await,
        "<@&4201> acts for Northwind and may: approve MDF requests up to EUR 7,500.00."
    );
    assert_eq!(
        nobody.forges("/setup role role:1001 action:give what:sign company:acme").await,
        "@everyone can't act for a company. Pick a role that only its people have."
    );

    // Taking away is confirmed, on what was shown.
    let remove = "/setup role role:Interns action:remove what:edit_plan";
    assert!(nobody.runs(remove).await.contains("<@&4200> loses: edit plans.\nWhat is left to it: nothing."));
    assert_eq!(w.number("SELECT COUNT(*) FROM role_grant WHERE role_id = '4200'").await, 1, "nothing yet");
    nobody.runs("/setup role role:Interns action:give what:sign").await;
    assert_eq!(
        confirms(w, Who::Nobody, GENERAL, "Take it away").await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    nobody.runs(remove).await;
    assert_eq!(
        confirms(w, Who::Nobody, GENERAL, "Take it away").await,
        "Done. <@&4200> may now: sign plans."
    );
    assert!(both.at(ACME).forges(create).await.starts_with("You may not do this: it needs \"edit plans\"."));
    assert_eq!(
        nobody.runs(remove).await,
        "<@&4200> does not have that. See what roles have with /setup show."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'role_revoked'").await, 1);
}

async fn what_is_declared_is_not_changed_in_chat(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    for action in ["give", "remove"] {
        assert_eq!(
            nobody
                .runs(&format!("/setup role role:Acme directors action:{action} what:sign company:acme"))
                .await,
            "What <@&4005> may is declared in bot.toml. Its operator changes it there."
        );
    }
    for line in ["/partner edit partner:acme name:Acne", "/partner archive partner:acme"] {
        assert_eq!(
            nobody.runs(line).await,
            "Acme (acme) is declared in bot.toml. Its operator changes it there."
        );
    }
    // What is set in chat outlives a start with the same bot.toml, and what is declared is made true again.
    nobody.runs("/setup role role:Interns action:give what:edit_plan company:acme").await;
    w.discord.create_channel_with_id(BLUE, GUILD, "northwind-blue", Visible::Everyone);
    nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue").await;
    let lines = w.number("SELECT COUNT(*) FROM audit").await;
    let config = seed::configuration(&w.addresses, "token").unwrap_or_else(|problems| panic!("{problems}"));
    declare::apply(&w.running.app, &config).await.unwrap();
    assert_eq!(w.number("SELECT COUNT(*) FROM audit").await, lines, "nothing was to be done");
    let shown = nobody.runs("/setup show").await;
    assert!(shown.contains("• <@&4200>: edit plans\n"), "{shown}");
    assert!(shown.contains("**Blue Sky** (`blue`) · <#3100> · EUR"), "{shown}");
    // A role that bot.toml declares is bot.toml's alone.
    let text = seed::bot_toml(&w.addresses).replacen(
        "[[program.role]]",
        "[[program.role]]\nrole_id = \"4200\"\ncompany = \"globex\"\nbundles = [\"partner_sales\"]\n\n[[program.role]]",
        1,
    );
    w.declares(&text).await.unwrap();
    let shown = nobody.runs("/setup show").await;
    assert!(
        shown.contains("• <@&4200>: decide on leads, log spend and results · declared in bot.toml"),
        "{shown}"
    );
}

/// A role and two channels for a partner that there is not yet.
pub fn place_for_blue(w: &World) {
    owner(w);
    w.discord.create_role_with_id(BLUE_PEOPLE, GUILD, "Blue Sky people", 0);
    w.discord.create_channel_with_id(BLUE, GUILD, "northwind-blue", Visible::Everyone);
    w.discord.create_channel_with_id(BLUE + 1, GUILD, "northwind-blue-two", Visible::Everyone);
}

async fn what_a_partner_cannot_be(w: &mut World) {
    place_for_blue(w);
    let nobody = w.person(Who::Nobody);
    for taken in ["northwind-acme", "mdf-approvals"] {
        let id = if taken == "northwind-acme" { ACME } else { APPROVALS };
        let answer = nobody.forges(&format!("/partner add key:blue name:Blue channel:{id}")).await;
        assert!(answer.starts_with(&format!("<#{id}> is taken")), "{answer}");
    }
    assert_eq!(
        nobody.runs("/partner add key:Vendor name:Blue channel:northwind-blue").await,
        "A key has up to 40 letters, digits and hyphens, and is not \"vendor\". Such as acme or blue-sky."
    );
    assert!(
        nobody
            .runs("/partner add key:acme name:Blue channel:northwind-blue")
            .await
            .starts_with("There is a partner with the key acme already.")
    );
    assert_eq!(
        nobody
            .runs("/partner add key:blue name:Blue Sky channel:northwind-blue marketing:Acme marketing")
            .await,
        "<@&4004> can't act for this partner: a role belongs to one company only. Use a role that only this partner's people have."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM partner").await, 2, "a refusal leaves nothing");
}

/// Blue Sky takes part, with a proposed plan.
pub async fn blue_sky(w: &World) {
    place_for_blue(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(
        nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue marketing:Blue Sky people signatory:Blue Sky people currency:USD tier:gold").await,
        "Blue Sky takes part (blue): its shared channel is <#3100>, its currency USD. Give its roles what they may with /setup role."
    );
    w.discord.set_roles(GUILD, Who::Both.id(), &[BLUE_PEOPLE]);
    let blue = w.person(Who::Both).at(BLUE);
    assert!(blue.runs("/plan create period:Q1 2026").await.starts_with("PLN-1 is a draft."));
    blue.runs("/campaign add name:Mailing type:Email start:2026-03-01 leads:10 pipeline:20k").await;
    blue.runs("/plan propose").await;
}

async fn a_partner_comes_changes_and_is_archived(w: &mut World) {
    blue_sky(w).await;
    let (nobody, vera) = (w.person(Who::Nobody), w.person(Who::Vera));
    let blue = w.person(Who::Both).at(BLUE);
    let card = w.card(BLUE, "PLN-1");
    assert!(card.text().contains("USD"), "{}", card.text());
    assert_eq!(
        nobody.runs("/partner edit partner:blue").await,
        "That changes nothing. Say what should be different."
    );
    assert_eq!(
        nobody.runs("/partner edit partner:blue name:Blue channel:northwind-blue-two tier:none").await,
        "Blue (blue): name, channel, tier changed. Shared channel <#3101>, currency USD, tier none."
    );
    assert!(blue.at(BLUE + 1).runs("/plan show").await.contains("PLN-1"));
    assert!(blue.runs("/plan show").await.starts_with("I don't talk about your plans in this channel."));

    assert!(nobody.runs("/partner archive partner:blue").await.contains("Nothing has happened yet."));
    nobody.runs("/partner edit partner:blue tier:silver").await;
    assert!(confirms(w, Who::Nobody, GENERAL, "Archive").await.starts_with("This has changed since"));
    nobody.runs("/partner archive partner:blue").await;
    assert_eq!(
        confirms(w, Who::Nobody, GENERAL, "Archive").await,
        "Blue is archived: nothing new happens to it, and its data stays. /partner add with the key blue and again:True brings it back."
    );
    let card = w.card(BLUE + 1, "PLN-1");
    let gone = "Your company no longer takes part in this program. Its data is kept; ask the vendor.";
    assert_eq!(blue.at(BLUE + 1).runs("/plan show").await, gone);
    assert_eq!(
        blue.at(BLUE + 1).presses(&card, "Sign", &[]).await,
        gone,
        "a card that is left over does nothing"
    );
    assert_eq!(
        vera.at(APPROVALS).runs("/plan show partner:blue").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan").await, 1, "its data stays");
    let said = || [BLUE, BLUE + 1].map(|channel| w.discord.person(Who::Vera.id()).messages(channel).len());
    let before = said();
    w.moves_to("2026-02-01T12:00:00Z").await;
    assert_eq!(said(), before, "the clock leaves it alone");
    assert!(
        nobody
            .runs("/partner add key:blue name:Blue channel:northwind-blue-two again:True")
            .await
            .starts_with("Blue takes part again, with its earlier plans and money (blue)")
    );
    assert!(blue.at(BLUE + 1).runs("/plan show plan:PLN-1").await.contains("PLN-1"), "it is back");
    let codes = ["partner_added", "partner_edited", "partner_archived", "partner_restored"];
    for (code, times) in codes.iter().zip([1, 2, 1, 1]) {
        assert_eq!(
            w.number(&format!("SELECT COUNT(*) FROM audit WHERE code = '{code}'")).await,
            times,
            "{code}"
        );
    }
}

async fn archiving_a_partner_ends_the_links_to_its_calendar(w: &mut World) {
    blue_sky(w).await;
    let nobody = w.person(Who::Nobody);
    let [blue, vera] = [Who::Both, Who::Vera].map(|who| w.person(who).at(BLUE));
    let links = [file(&blue.runs("/plan calendar").await), file(&vera.runs("/plan calendar").await)];
    w.person(Who::Pat).runs("/plan create period:Q1 2026").await;
    let acmes = file(&w.person(Who::Pat).runs("/plan calendar").await);
    for link in &links {
        assert_eq!(get(w, link).await.0, 200);
    }
    nobody.runs("/partner archive partner:blue").await;
    assert_eq!(get(w, &links[0]).await.0, 200, "nothing has happened before the button");
    assert_eq!(
        confirms(w, Who::Nobody, GENERAL, "Archive").await,
        "Blue Sky is archived: nothing new happens to it, and its data stays. 2 calendar links to its plans have ended. /partner add with the key blue and again:True brings it back."
    );
    assert_eq!(
        w.word("SELECT detail FROM audit WHERE code = 'partner_archived'").await,
        "{\"calendar_links\":2}"
    );
    nobody.runs("/partner add key:blue name:Blue Sky channel:northwind-blue again:True").await;
    for link in &links {
        assert_eq!(get(w, link).await, (404, String::new()), "it does not come back with the partner");
    }
    assert_eq!(
        get(w, &file(&blue.runs("/plan calendar").await)).await.0,
        200,
        "a new one is there for the asking"
    );
    assert_eq!(get(w, &acmes).await.0, 200, "another partner's are left alone");
}

async fn nobody_else_sets_anything_up(w: &mut World) {
    owner(w);
    // Who administers the server sees every channel of it.
    w.discord.set_role(GUILD, OWNERS, ADMINISTRATOR, false);
    let lines = [
        "/setup show",
        "/setup role role:4200 action:give what:administer company:vendor",
        "/setup role role:4004 action:remove what:edit_plan",
        "/partner add key:blue name:Blue channel:3001",
        "/partner edit partner:acme name:Mine",
        "/partner archive partner:acme",
    ];
    for line in lines {
        let vera = w.person(Who::Vera).at(APPROVALS).forges(line).await;
        assert!(
            vera.starts_with("You may not do this: it needs \"administer the program\"."),
            "{line}: {vera}"
        );
        let gil = w.person(Who::Gil).at(GLOBEX).forges(line).await;
        assert_eq!(
            gil, "You may not do this: it needs \"administer the program\". The vendor can.",
            "{line}"
        );
        let owner = w.person(Who::Nobody).at(ACME).forges(line).await;
        assert_eq!(
            owner, "I don't speak of the whole program in a partner's channel. Ask in <#3002>.",
            "{line}"
        );
    }
    assert_eq!(w.person(Who::Gil).is_offered("/setup role company:").await, Vec::<String>::new());
    w.discord.set_roles(GUILD, Who::Both.id(), &[4004, 4006]);
    assert!(
        w.person(Who::Both)
            .at(ACME)
            .forges("/setup show")
            .await
            .starts_with("You have roles of two companies")
    );
}
