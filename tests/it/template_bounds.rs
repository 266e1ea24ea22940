//! What a template must never do: be shared unread, name a partner, be found before it is shared, or be too long to read.

use crate::harness::{World, stories};
use crate::template::{SHARE, acme_has_a_plan, asked, shares};
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, GUILD, Who};

stories!(
    who_may_share_and_what_they_may_not_name,
    nobody_else_sees_a_template_before_it_is_shared,
    all_of_the_longest_texts_are_read_before_they_are_shared,
    there_is_an_end_to_templates,
);

const NOT_FOUND: &str = "I can't find that here. Pick it from the list that the option offers.";

async fn who_may_share_and_what_they_may_not_name(w: &mut World) {
    let [vera, pat, amir] = [Who::Vera, Who::Pat, Who::Amir].map(|who| w.person(who));
    assert_eq!(
        vera.runs("/template save name:x").await,
        "There is no plan yet. Create one with /plan create."
    );
    pat.runs("/plan create period:Q1 2026").await;
    assert_eq!(
        vera.runs("/template save name:x").await,
        "PLN-1 has no campaign to keep. Add one with /campaign add."
    );
    acme_has_a_plan(w).await;
    assert_eq!(
        pat.runs("/template save name:x").await,
        "You may not do this: it needs \"manage plans\". The vendor can."
    );
    let amirs = amir.runs("/template save name:x partner:acme").await;
    assert_eq!(amirs, "You may not do this: it needs \"manage plans\". People with <@&4001> can.");
    for name in ["Like Acme", "GLOBEX way"] {
        assert_eq!(
            vera.runs(&format!("/template save name:{name}")).await,
            "The name of a template names a partner, and every partner would read it. Name it by what it is for."
        );
    }
    let long = "n".repeat(81);
    for name in [long.as_str(), "\u{200b}"] {
        assert_eq!(
            vera.forges(&format!("/template save name:{name}")).await,
            "A template needs a name of at most 80 characters. Name it by what it is for, such as Webinar series."
        );
    }
    pat.runs("/campaign edit campaign:CMP-2 offer:As with Globex last year").await;
    assert_eq!(
        vera.runs("/template save name:Series").await,
        "The offer of CMP-2 names another partner of the program, and every partner could read it. Word it without the name, or leave texts out with texts:False."
    );
    assert!(
        vera.runs("/template save name:Series texts:False")
            .await
            .contains("Share “Series” with every partner?")
    );
    assert!(
        vera.runs("/template save name:One campaign:CMP-1").await.contains("Share “One” with every partner?")
    );
    assert_eq!(
        w.number("SELECT COUNT(*) FROM template").await,
        1,
        "what was not confirmed gives way to the next"
    );
    assert_eq!(vera.runs("/template save name:x campaign:CMP-99").await, NOT_FOUND);
    vera.runs("/campaign cancel campaign:CMP-2 reason:Too much confirm:CMP-2").await;
    let cancelled = vera.runs("/template save name:x campaign:CMP-2").await;
    assert_eq!(cancelled, "CMP-2 is cancelled. Save one that is to be run again.");
}

async fn nobody_else_sees_a_template_before_it_is_shared(w: &mut World) {
    let [vera, pat, gil, amir] = [Who::Vera, Who::Pat, Who::Gil, Who::Amir].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    vera.runs("/template save name:One campaign:CMP-2 texts:False").await;
    let card = asked(w, Who::Vera, ACME, SHARE);
    let id = card.button(SHARE).unwrap().custom_id.unwrap();
    let id = id.split(':').nth(1).unwrap();
    for player in [pat, gil, gil.at(ACME), amir, amir.at(ACME)] {
        for verb in ["share", "page", "remove"] {
            let copied = player.forges_press(&card, &format!("template-{verb}:{id}:1")).await;
            assert_eq!(copied, NOT_FOUND, "{verb} by {:?}", player.who);
        }
    }
    for line in ["show template:One", "use template:One start:2026-03-02", "remove template:One"] {
        let said = vera.runs(&format!("/template {line}")).await;
        assert_eq!(said, NOT_FOUND, "{line}");
    }
    // Somebody else of the vendor shares one of that name meanwhile: what was shown is no longer what would happen.
    w.discord.set_roles(GUILD, Who::Amir.id(), &[4001]);
    shares(w, amir, "/template save name:one campaign:CMP-1 partner:acme").await;
    assert_eq!(
        vera.presses(&card, SHARE, &[]).await,
        "This has changed since the card was shown. Read the card again and decide on what it says now."
    );
    // And whoever may no longer share shares nothing.
    vera.runs("/template save name:Two campaign:CMP-2 texts:False").await;
    let card = asked(w, Who::Vera, ACME, SHARE);
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4002]);
    assert_eq!(vera.presses(&card, SHARE, &[]).await, NOT_FOUND);
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001]);
    assert!(vera.presses(&card, SHARE, &[]).await.starts_with("“Two” is shared"));
    assert_eq!(vera.presses(&card, SHARE, &[]).await, "This template is shared already.");
    // What is shared reads the same for everybody, wherever they may ask.
    let read = gil.runs("/template show template:one").await;
    assert_eq!(read, pat.runs("/template show template:ONE").await);
    assert_eq!(read, amir.runs("/template show template:One").await);
    assert_eq!(gil.at(ACME).forges("/template show template:one").await, NOT_FOUND);
    assert_eq!(gil.at(ACME).forges("/template list").await, NOT_FOUND);
}

/// Everything that could turn a text into something else, as long as a text may be.
fn longest(mark: char) -> String {
    let text: String = "<@&4001> **b** `q` @everyone [c](d) ".chars().cycle().take(3_990).collect();
    format!("{mark}{text}{mark}{mark}END")
}

async fn all_of_the_longest_texts_are_read_before_they_are_shared(w: &mut World) {
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    acme_has_a_plan(w).await;
    for number in 3..=8 {
        let add = format!(
            "/campaign add name:Step {number} type:Webinar start:2026-03-0{number} leads:1 pipeline:1"
        );
        pat.runs(&add).await;
    }
    for (number, letter) in [(1, 'A'), (2, 'B')] {
        let text = longest(letter);
        let line = format!(
            "UPDATE campaign SET segment = '{text}', message = '{text}', offer = '{text}', channel = '{text}' WHERE number = {number}"
        );
        w.sql(&line).await.unwrap();
    }
    let (shown, said) = shares(w, vera, "/template save name:Long").await;
    assert!(said.starts_with("“Long” is shared"), "{said}");
    for letter in ["AA", "BB"] {
        assert_eq!(shown.matches(&format!("{letter}END")).count(), 4, "each text is shown to its end");
    }
    for number in 3..=8 {
        assert!(shown.contains(&format!("{number}. Step {number}**")), "Step {number}");
    }
    let taken_out: usize =
        [longest('A'), longest('B')].map(|text| 4 * text.matches("<@").count()).iter().sum();
    assert_eq!(shown.matches('…').count(), taken_out, "mentions are taken out, and nothing is cut");
    let read = w.person(Who::Gil).runs("/template show template:Long page:2").await;
    assert!(read.contains("page 2 of "), "{read}");
    let used = w.person(Who::Gil).runs("/template use template:Long period:Q2 2026").await;
    assert!(used.contains("with 8 campaigns"), "{used}");
    let kept = w.number("SELECT COUNT(*) FROM campaign c JOIN partner p ON p.id = c.partner_id WHERE p.key = 'globex' AND c.offer LIKE '%END'").await;
    assert_eq!(kept, 2, "what was read is what is used");
}

async fn there_is_an_end_to_templates(w: &mut World) {
    let vera = w.person(Who::Vera);
    acme_has_a_plan(w).await;
    shares(w, vera, "/template save name:First campaign:CMP-2").await;
    let more = |from: i64, to: i64| {
        let rows = (from..=to).map(|number| {
            format!("INSERT INTO template (id, program_id, name, name_key, content, state, replaces, saved_at, saved_by) SELECT 'made{number}', program_id, 'Made {number}', 'made {number}', content, state, NULL, saved_at, saved_by FROM template WHERE name_key = 'first';")
        });
        rows.collect::<String>()
    };
    w.sql(&more(2, 199)).await.unwrap();
    let said = shares(w, vera, "/template save name:Last campaign:CMP-2").await.1;
    assert!(said.starts_with("“Last” is shared"), "{said}");
    assert_eq!(
        vera.runs("/template save name:One more campaign:CMP-2").await,
        "There are 200 templates already. Take one away that nobody needs with /template remove."
    );
    assert!(vera.runs("/template save name:First campaign:CMP-2").await.contains("takes the place"));
    let list = vera.at(APPROVALS).runs("/template list page:14").await;
    assert!(list.contains("Templates (200)") && list.contains("page 14 of 14"), "{list}");
    assert_eq!(w.person(Who::Gil).at(GLOBEX).is_offered("/template show template:").await.len(), 25);
}
