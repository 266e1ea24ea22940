//! The plan's card: what it compares, what it says is missing, and the way from nothing to a proposed plan.

use crate::harness::{World, stories};
use discord_local::{Answer, Message};
use tandem::playground::seed::{ACME, Who};

stories!(
    from_nothing_to_proposed_without_documentation,
    the_card_says_what_comes_after_the_period,
    a_campaign_that_overfills_a_week_is_warned_of_and_the_warning_stays,
    a_check_names_what_mends_each,
    a_draft_is_edited_and_a_signed_plan_is_not,
    plans_in_yen_dinars_and_fiscal_years,
    a_plan_is_cloned_into_another_period,
);

/// Names and values of a card's fields.
pub fn fields(card: &Message) -> Vec<(String, String)> {
    let fields = card.embeds.iter().filter_map(|embed| embed["fields"].as_array()).flatten();
    let text = |field: &serde_json::Value, of: &str| field[of].as_str().unwrap_or_default().to_owned();
    fields.map(|field| (text(field, "name"), text(field, "value"))).collect()
}

/// The value of the field whose name begins so.
pub fn field(card: &Message, name: &str) -> String {
    let found = fields(card).into_iter().find(|(known, _)| known.starts_with(name));
    found.unwrap_or_else(|| panic!("no field {name}: {}", card.text())).1
}

/// The message that an answer is.
pub fn message(answer: Result<Answer, discord_local::Refused>) -> Message {
    match answer {
        Ok(Answer::Message(message)) => message,
        other => panic!("no message: {other:?}"),
    }
}

/// Somebody who only ever does what the last answer offers, and counts it.
struct Newcomer<'a> {
    w: &'a World,
    who: Who,
    done: usize,
}

impl Newcomer<'_> {
    async fn types(&mut self, line: &str) -> Message {
        self.done += 1;
        let answer = self.w.discord.person(self.who.id()).run(ACME, line).await;
        self.w.settle().await;
        message(answer)
    }

    async fn presses(&mut self, on: &Message, label: &str) -> Answer {
        self.done += 1;
        let button = on.button(label).unwrap_or_else(|| panic!("no button {label}: {}", on.text()));
        let person = self.w.discord.person(self.who.id());
        let answer = person.press(on.channel_id, on.id, &button.custom_id.unwrap()).await;
        self.w.settle().await;
        answer.unwrap()
    }

    async fn fills(&mut self, on: &Message, label: &str, values: &[(&str, &str)]) -> Message {
        let Answer::Modal(form) = self.presses(on, label).await else { panic!("{label} opens no form") };
        self.done += 1;
        let answer = self.w.discord.person(self.who.id()).submit(&form, values).await;
        self.w.settle().await;
        message(answer)
    }
}

async fn from_nothing_to_proposed_without_documentation(w: &mut World) {
    let mut pat = Newcomer { w, who: Who::Pat, done: 0 };
    let created =
        pat.types("/plan create period:Q1 2026 jbp-revenue:400k marketing-share:25% win-rate:25%").await;
    let mut last = created;
    for (name, kind, dates) in [
        ("Spring webinar", "webinar", "2026-02-10"),
        ("Newsletter", "Partner newsletter", "2026-01-20"),
        ("Search ads", "paid search", "2026-01-12 to 2026-02-20"),
    ] {
        let values = [
            ("name", name),
            ("type", kind),
            ("dates", dates),
            ("targets", "40 leads, 150k"),
            ("budget", "10k, 50%"),
        ];
        last = pat.fills(&last, "Add campaign…", &values).await;
        assert!(last.text().contains(name), "{}", last.text());
    }
    let hours = [("vendor", "20"), ("partner", "25h"), ("routing", "24")];
    last = pat.fills(&last, "Set hours…", &hours).await;
    assert!(last.text().starts_with("PLN-1 is changed."), "{}", last.text());
    let proposed = pat.presses(&last, "Propose").await.text();
    assert!(proposed.starts_with("PLN-1 is proposed: its card is in <#3003>"), "{proposed}");
    assert!(pat.done <= 15, "{} interactions", pat.done);
    let card = w.card(ACME, "PLN-1");
    assert!(card.text().contains("Campaigns (3)"), "{}", card.text());
    assert!(card.button("Sign").is_some() && card.button("Propose").is_none());
    assert!(field(&card, "Readiness").contains("Realistic capacity 100 %"), "{}", field(&card, "Readiness"));
}

async fn the_card_says_what_comes_after_the_period(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 jbp-revenue:400k marketing-share:25% win-rate:25%").await;
    pat.runs("/campaign add name:Early type:Webinar start:2026-02-10 leads:40 pipeline:300k").await;
    pat.runs("/campaign add name:Late type:Webinar start:2026-03-25 leads:40 pipeline:200k").await;
    pat.runs("/plan propose").await;
    assert_eq!(
        field(&w.card(ACME, "PLN-1"), "Targets"),
        "80 leads, 66 of them by 2026-03-31\nEUR 300,000.00 pipeline planned by 2026-03-31\n\
         of EUR 400,000.00 that the JBP needs: EUR 100,000.00 short\n\
         EUR 200,000.00 comes after it: `CMP-2` EUR 200,000.00\nEUR 0.00 budget"
    );
}

async fn a_campaign_that_overfills_a_week_is_warned_of_and_the_warning_stays(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 vendor-hours:20 partner-hours:10").await;
    let fits = pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    assert_eq!(fits.lines().next(), Some("CMP-1 is added to PLN-1."));
    let too_much =
        pat.runs("/campaign add name:Fair type:Trade show start:2026-02-17 leads:40 pipeline:30k").await;
    let warning = "the partner has 10 hours a week, the week of 2026-01-19 takes 15.31, the week of 2026-01-26 takes 17.38, the week of 2026-02-02 takes 17.38 and 1 more weeks too much";
    assert_eq!(
        too_much.lines().next(),
        Some(format!("CMP-2 is added to PLN-1. ⚠ With it, {warning}.").as_str())
    );
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    assert_eq!(field(&card, "⚠ Too much"), format!("T{}.", &warning[1..]));
    vera.presses(&card, "Sign", &[]).await;
    olga.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    let signed = field(&w.card(ACME, "PLN-1"), "Signatures");
    assert!(
        signed.contains(&format!("Signed knowing that the hours stated don't hold. T{}.", &warning[1..])),
        "{signed}"
    );
    let audited = w.word("SELECT detail FROM audit WHERE code = 'plan_agreed'").await;
    let audited: serde_json::Value = serde_json::from_str(&audited).unwrap();
    assert_eq!(audited["overfull_weeks"].as_array().unwrap().len(), 4);
    assert_eq!(audited["overfull_weeks"][1]["takes"], "17.38");
    assert_eq!(w.number("SELECT COUNT(*) FROM signature_warning").await, 8, "four weeks, two signers");
    let refused = w.sql("DELETE FROM signature_warning").await.unwrap_err().to_string();
    assert!(refused.contains("signature_warning is append-only"), "{refused}");
}

async fn a_check_names_what_mends_each(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    let bare = pat.runs("/plan check").await;
    for mend in [
        "`/campaign add name:… type:… start:… leads:… pipeline:… plan:PLN-1`",
        "`/plan edit plan:PLN-1 routing-hours:…`",
        "`/plan edit plan:PLN-1 vendor-hours:…`",
        "`/plan edit plan:PLN-1 partner-owner:…`",
    ] {
        assert!(bare.contains(mend), "{mend}: {bare}");
    }
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k budget:2k mdf:50%")
        .await;
    pat.runs(
        "/plan edit routing-hours:24 vendor-hours:10 partner-hours:10 vendor-owner:2001 partner-owner:2004",
    )
    .await;
    let fuller = pat.runs("/plan check").await;
    for gone in ["routing-hours:", "vendor-hours:", "partner-owner:"] {
        assert!(!fuller.contains(gone), "{gone}: {fuller}");
    }
    assert!(
        fuller.contains(
            "`/mdf request campaign:CMP-1 cost:… amount:… purpose:… fund:…`, once the plan is proposed"
        ),
        "{fuller}"
    );
    assert!(fuller.contains("Realistic capacity · 100 %"), "{fuller}");
    assert!(fuller.contains("partner: 10 stated, the fullest week, of 2026-01-19, takes 2.9"), "{fuller}");
    let gil = w.person(Who::Gil);
    assert_eq!(gil.runs("/plan check").await, "There is no plan yet. Create one with /plan create.");
}

async fn a_draft_is_edited_and_a_signed_plan_is_not(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026").await;
    pat.runs("/campaign add name:Mail type:Email start:2026-02-10 leads:4 pipeline:30k").await;
    assert_eq!(pat.runs("/plan edit").await, "Nothing to change was given. Give at least one option.");
    assert_eq!(
        pat.runs("/plan edit vendor-hours:169").await,
        "\"169\" is not a number of hours. Give a whole number from 0 to 168."
    );
    assert_eq!(
        pat.runs("/plan edit win-rate:20%").await,
        "The joint business plan needs all three: revenue, marketing share and win rate. Give jbp-revenue, marketing-share and win-rate together."
    );
    pat.runs("/plan propose").await;
    vera.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    let edited = pat.runs("/plan edit name:Heron sign-by:2026-01-20 cadence:weekly friday").await;
    assert_eq!(
        edited.lines().next(),
        Some(
            "PLN-1 is changed. The plan is a draft again and its signatures are void: propose it anew with /plan propose."
        )
    );
    let card = w.card(ACME, "PLN-1");
    assert!(card.text().starts_with("PLN-1 · Heron · draft"), "{}", card.text());
    assert!(field(&card, "Review").starts_with("every Friday at 09:00"), "{}", field(&card, "Review"));
    pat.presses(&card, "Propose", &[]).await;
    for who in [vera, olga] {
        who.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    assert_eq!(
        pat.runs("/plan edit vendor-hours:3").await,
        "PLN-1 is signed by both sides: changing it needs a reason. Give one of at most 500 characters in the option reason."
    );
    let owner = pat.runs("/plan edit partner-owner:2004").await;
    assert!(owner.starts_with("PLN-1 is changed."), "who answers for reviews needs no signature: {owner}");
    assert!(
        w.card(ACME, "PLN-1").text().contains("Review accountability 83 %"),
        "the card in the channel says it: {}",
        w.card(ACME, "PLN-1").text()
    );
    assert_eq!(
        w.person(Who::Olga).runs("/plan edit name:x").await,
        "You may not do this: it needs \"edit plans\". People with <@&4004> can."
    );
}

async fn plans_in_yen_dinars_and_fiscal_years(w: &mut World) {
    let pat = w.person(Who::Pat);
    for (currency, pipeline, said) in
        [("JPY", "1,500,000", "JPY 1,500,000 pipeline"), ("KWD", "1234.567", "KWD 1,234.567 pipeline")]
    {
        let line = format!(
            "/plan create period:FY2026 currency:{currency} time-zone:Asia/Tokyo jbp-revenue:500 marketing-share:30% win-rate:20%"
        );
        pat.runs(&line).await;
        let line = format!(
            "/campaign add name:Ads type:Display start:2026-02-01 end:2026-06-30 leads:10 pipeline:{pipeline} budget:1000 mdf:33.3%"
        );
        pat.runs(&line).await;
        let shown = pat.runs("/plan show").await;
        assert!(shown.contains("2026-01-01 to 2026-12-31") && shown.contains(said), "{shown}");
        assert!(shown.contains("that the JBP needs: enough"), "{shown}");
    }
}

async fn a_plan_is_cloned_into_another_period(w: &mut World) {
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 name:Winter partner-hours:20 time-zone:Europe/Madrid").await;
    pat.runs("/campaign add name:Mail type:Email start:2026-01-31 end:2026-03-31 sends:2026-02-28, 2026-03-31 leads:4 pipeline:30k budget:2,000.01 mdf:50% offer:Trial").await;
    pat.runs("/campaign add name:Early type:Email start:2025-12-20 end:2026-01-02 leads:4 pipeline:30k")
        .await;
    w.sql(
        "INSERT INTO task (id, partner_id, plan_id, campaign_id, number, what, side, due_on, state)
         SELECT 't1', partner_id, plan_id, id, 901, 'List', 'partner', '2026-01-31', 'done' FROM campaign WHERE number = 1;
         INSERT INTO task (id, partner_id, plan_id, campaign_id, number, what, side, due_on, state)
         SELECT 't2', partner_id, plan_id, id, 902, 'Removed', 'partner', '2026-01-31', 'closed' FROM campaign WHERE number = 1",
    )
    .await
    .unwrap();
    pat.runs("/plan propose").await;
    for who in [vera, olga] {
        who.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    }
    assert_eq!(
        pat.runs("/plan clone from:PLN-1 period:Q2 2026 currency:USD").await,
        "PLN-1 is in EUR, so its targets and budgets can't become USD. Leave the option currency out, or create a new plan with /plan create."
    );
    assert_eq!(w.number("SELECT COUNT(*) FROM plan").await, 1, "a refusal leaves nothing");
    let by_days = pat.runs("/plan clone from:PLN-1 period:2026-04-05..2026-07-31").await;
    assert!(by_days.starts_with("PLN-2 is a draft made from PLN-1, with 2 campaigns."), "{by_days}");
    let cloned = pat.runs("/plan clone from:PLN-1 period:Q2 2026 name:Spring currency:eur").await;
    assert!(
        cloned.starts_with("PLN-3 is a draft made from PLN-1, with 2 campaigns. Promises are not copied."),
        "{cloned}"
    );
    assert!(cloned.contains("PLN-3 · Spring · draft") && cloned.contains("Europe/Madrid"), "{cloned}");
    let spring = "plan_id = (SELECT id FROM plan WHERE number = 3)";
    let of = |column: &str| format!("SELECT {column} FROM campaign WHERE name = 'Mail' AND {spring}");
    assert_eq!(w.word(&of("starts_on")).await, "2026-04-30");
    assert_eq!(w.word(&of("ends_on")).await, "2026-06-30");
    assert_eq!(w.word(&of("sends")).await, r#"["2026-05-28","2026-06-30"]"#);
    assert_eq!(w.word(&of("state")).await, "proposed");
    assert_eq!(w.word(&of("offer")).await, "Trial");
    assert_eq!(w.number("SELECT COUNT(DISTINCT slug) FROM campaign WHERE name = 'Mail'").await, 3);
    let funded = format!(
        "SELECT CAST(SUM(amount_minor) AS BIGINT) FROM funding_share WHERE budget_line_id IN (SELECT id FROM budget_line WHERE campaign_id IN (SELECT id FROM campaign WHERE {spring}))"
    );
    assert_eq!(w.number(&funded).await, 200_001);
    assert_eq!(
        w.word(&format!("SELECT due_on FROM task WHERE what = 'List' AND state = 'open' AND {spring}")).await,
        "2026-04-30"
    );
    // Those of the templates, as often as in the plan it is made from, but none that was removed.
    let copied = |of: &str| {
        format!(
            "SELECT COUNT(*) FROM task WHERE state <> 'closed' AND plan_id = (SELECT id FROM plan WHERE number = {of}) AND campaign_id IN (SELECT id FROM campaign WHERE name = 'Mail')"
        )
    };
    assert_eq!(w.number(&copied("3")).await, w.number(&copied("1")).await);
    assert_eq!(w.number(&format!("SELECT COUNT(*) FROM task WHERE what = 'Removed' AND {spring}")).await, 0);
    assert_eq!(w.number("SELECT COUNT(*) FROM plan_signature").await, 2, "no signature is copied");
    let short = pat.runs("/plan clone from:PLN-1 period:2026-04-01..2026-04-20").await;
    assert!(short.contains("with 1 campaigns") && short.contains("left out: CMP-1."), "{short}");
    assert_eq!(
        w.person(Who::Gil).runs("/plan clone from:PLN-1 period:Q2 2026").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
}
