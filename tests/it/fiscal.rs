//! Fiscal years: when a program's start, who says so, and how periods are read by it.

use crate::harness::{World, stories};
use tandem::playground::seed::{self, APPROVALS, GUILD, Who};

stories!(
    fiscal_periods_are_read_by_the_programs_year,
    what_bot_toml_declares_is_not_set_in_chat,
    a_wrong_month_is_told,
);

const OWNERS: u64 = 4100;
const MANAGE_SERVER: u64 = 1 << 5;

/// Nobody becomes the first administrator.
fn owner(w: &World) {
    w.discord.create_role_with_id(OWNERS, GUILD, "Owners", MANAGE_SERVER);
    w.discord.set_roles(GUILD, Who::Nobody.id(), &[OWNERS]);
}

const JULY: &str = "Fiscal years start in July and are named after the calendar year in which they end: FY2026 is 2025-07-01 to 2026-06-30. Plans that are there keep their days.";

async fn days(w: &World, number: i64) -> String {
    w.word(&format!("SELECT starts_on || '..' || ends_on FROM plan WHERE number = {number}")).await
}

async fn fiscal_periods_are_read_by_the_programs_year(w: &mut World) {
    owner(w);
    let (nobody, pat) = (w.person(Who::Nobody), w.person(Who::Pat));
    // From January it is the calendar year, and that is said.
    let first = pat.runs("/plan create period:FY26 Q1").await;
    assert!(
        first.contains("\"FY26 Q1\" is read as 2026-01-01 to 2026-03-31: fiscal years start in January and are named after the calendar year in which they end."),
        "{first}"
    );
    assert_eq!(nobody.runs("/setup program fiscal-year-start:July").await, JULY);
    assert!(nobody.runs("/setup show").await.contains("fiscal years start in July"));
    for (line, read, expected) in [
        (
            "period:FY2026",
            "\"FY2026\" is read as 2025-07-01 to 2026-06-30: fiscal years start in July",
            "2025-07-01..2026-06-30",
        ),
        ("period:FY26 Q3", "\"FY26 Q3\" is read as 2026-01-01 to 2026-03-31", "2026-01-01..2026-03-31"),
        ("period:FY26 H2", "\"FY26 H2\" is read as 2026-01-01 to 2026-06-30", "2026-01-01..2026-06-30"),
        ("period:fy27q2", "\"fy27q2\" is read as 2026-10-01 to 2026-12-31", "2026-10-01..2026-12-31"),
        (
            "period:Q2 2026",
            "\"Q2 2026\" is read by the calendar: 2026-04-01 to 2026-06-30. For the fiscal year, which starts in July, write FY before the year.",
            "2026-04-01..2026-06-30",
        ),
        (
            "period:2026-04-01..2026-06-30",
            "PLN-7 is a draft. Add campaigns with /campaign add, then /plan propose.",
            "2026-04-01..2026-06-30",
        ),
    ] {
        // A whole fiscal year began last summer: its last day to sign is said.
        let said = pat.runs(&format!("/plan create {line} sign-by:2026-05-01")).await;
        assert!(said.contains(read), "{line}: {said}");
        let number = w.number("SELECT MAX(number) FROM plan").await;
        assert_eq!(days(w, number).await, expected, "{line}");
        let [start, end] = expected.split("..").collect::<Vec<_>>()[..] else { panic!("two days") };
        assert!(said.contains(&format!("{start} to {end}")), "both days are on the card: {said}");
    }
    assert!(!pat.runs("/plan show plan:PLN-7").await.contains("is read"), "two days need no reading");
    let cloned = pat.runs("/plan clone from:PLN-3 period:FY27 Q3").await;
    assert!(cloned.contains("\"FY27 Q3\" is read as 2027-01-01 to 2027-03-31"), "{cloned}");
    assert_eq!(days(w, 8).await, "2027-01-01..2027-03-31");
    assert_eq!(days(w, 1).await, "2026-01-01..2026-03-31", "what is there keeps its days");
    pat.runs("/plan edit plan:PLN-1 period:FY26 H2").await;
    assert_eq!(days(w, 1).await, "2026-01-01..2026-06-30", "an edited period is read by it too");
    assert_eq!(
        w.word("SELECT detail FROM audit WHERE code = 'program_set'").await,
        r#"{"before":"1","fiscal_start":"7"}"#
    );
}

/// The playground's bot.toml with its fiscal year said, or not.
async fn declared(w: &World, line: &str) {
    let toml = seed::bot_toml(&w.addresses).replacen(
        "currency = \"EUR\"\n",
        &format!("currency = \"EUR\"\n{line}\n"),
        1,
    );
    w.declares(&toml).await.unwrap();
}

async fn what_bot_toml_declares_is_not_set_in_chat(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(nobody.runs("/setup program fiscal-year-start:July").await, JULY);
    declared(w, "").await;
    assert!(
        nobody.runs("/setup show").await.contains("fiscal years start in July\n"),
        "a start keeps what chat set"
    );
    declared(w, "fiscal_year_start = 2").await;
    let shown = nobody.runs("/setup show").await;
    assert!(shown.contains("fiscal years start in February · declared in bot.toml"), "{shown}");
    assert_eq!(
        nobody.runs("/setup program fiscal-year-start:July").await,
        "The start of the fiscal year is declared in bot.toml. Its operator changes it there."
    );
    let said = w.person(Who::Pat).runs("/plan create period:FY27").await;
    assert!(said.contains("\"FY27\" is read as 2026-02-01 to 2027-01-31"), "{said}");
    // No longer declared, it starts in January again, until somebody says otherwise.
    declared(w, "").await;
    assert!(nobody.runs("/setup show").await.contains("fiscal years start in January\n"));
    assert!(
        nobody
            .runs("/setup program fiscal-year-start:October")
            .await
            .contains("FY2026 is 2025-10-01 to 2026-09-30")
    );
}

async fn a_wrong_month_is_told(w: &mut World) {
    owner(w);
    let nobody = w.person(Who::Nobody);
    assert_eq!(nobody.runs("/setup program").await, "Nothing to change was given. Give at least one option.");
    assert!(
        nobody
            .forges("/setup program fiscal-year-start:Julember")
            .await
            .starts_with("I don't understand this command"),
        "months are chosen from a list"
    );
    assert_eq!(
        w.person(Who::Pat).runs("/setup program fiscal-year-start:July").await,
        "You may not do this: it needs \"administer the program\". The vendor can."
    );
    w.discord.set_roles(GUILD, Who::Vera.id(), &[4001, OWNERS]);
    assert_eq!(
        w.person(Who::Vera).runs("/setup program fiscal-year-start:July").await,
        format!("I don't speak of the whole program in a partner's channel. Ask in <#{APPROVALS}>.")
    );
    assert_eq!(w.number("SELECT fiscal_start FROM program").await, 1, "nothing has changed");
}
