//! What can't be: amounts, days, shares and names that nobody can mean. Each gets one answer that says what would be
//! right, and nothing but the trail is written.

mod faults;
mod refusals;
mod texts;

use crate::harness::stored::{TRAIL, difference};
use crate::harness::world::Player;
use crate::harness::{World, stories};
use tandem::inbound::cron;
use tandem::playground::seed::Who;

stories!(
    amounts_that_are_none,
    amounts_finer_than_their_currency,
    days_that_are_none,
    shares_out_of_range,
    periods_that_cannot_be,
    names_that_nothing_has,
);

/// Sends each line as a client would without its own checks; the answers must be these, and nothing else is written.
async fn answered(w: &World, who: Player<'_>, lines: &[(&str, &str)]) {
    let before = w.stored(TRAIL).await;
    let mut told = Vec::new();
    for (line, _) in lines {
        told.push((*line, who.forges(line).await));
        let left = difference(&before, &w.stored(TRAIL).await);
        assert!(left.is_empty(), "{line} left something behind:\n{}", left.join("\n"));
    }
    let told: Vec<(&str, &str)> = told.iter().map(|(line, answer)| (*line, answer.as_str())).collect();
    assert_eq!(told, lines);
}

/// A draft of a plan in `currency`, with one campaign.
async fn drafted(w: &World, who: Who, currency: &str) {
    let writer = w.person(who);
    writer.runs(&format!("/plan create period:Q1 2026 currency:{currency}")).await;
    let add =
        "/campaign add name:Webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%";
    let added = writer.runs(add).await;
    assert!(added.starts_with("CMP-1 is added to PLN-1."), "{added}");
    nothing_is_due(w).await;
}

/// Does what has become due, so that the clock does nothing of its own between two looks at what is stored.
async fn nothing_is_due(w: &World) {
    while cron::tick(&w.running.app).await.unwrap() > 0 {}
    w.settle().await;
}

/// Acme's plan in EUR, signed by both.
async fn agreed(w: &World) {
    drafted(w, Who::Pat, "EUR").await;
    w.person(Who::Pat).runs("/plan propose").await;
    let card = w.card(tandem::playground::seed::ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    let said = w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    assert_eq!(said, "Signed. PLN-1 is agreed by both sides as revision 1.");
    nothing_is_due(w).await;
}

async fn amounts_that_are_none(w: &mut World) {
    agreed(w).await;
    let pat = w.person(Who::Pat);
    answered(
        w,
        pat,
        &[
            ("/mdf request campaign:CMP-1 cost:abc amount:1 purpose:x fund:acme-q1", "“abc” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost: amount:1 purpose:x fund:acme-q1", "An amount is missing. Write it like 12,500.00 or 12.5k. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:1,2,3 amount:1 purpose:x fund:acme-q1", "The separators in “1,2,3” don't fit together. Write it like 12,500.00 or 12500. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:-5 amount:1 purpose:x fund:acme-q1", "An amount can't be negative. Write it without the minus sign. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:1e99 amount:1 purpose:x fund:acme-q1", "“1e99” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:100,000,000,000,000 amount:1 purpose:x fund:acme-q1", "That is more than Tandem counts (EUR 90,000,000,000,000.00). Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:99999999999999999999999999999999 amount:1 purpose:x fund:acme-q1", "That is more than Tandem counts (EUR 90,000,000,000,000.00). Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:10,000,000,000.01 amount:1 purpose:x fund:acme-q1", "One request names EUR 10,000,000,000.00 at most. Check the figure."),
            ("/mdf request campaign:CMP-1 cost:10,000,000,000 amount:5,000,000,000.01 purpose:x fund:acme-q1", "EUR 5,000,000,000.01 is more than this activity gets: 50 % of the cost is EUR 5,000,000,000.00. Ask for at most EUR 5,000,000,000.00."),
            ("/mdf request campaign:CMP-1 cost:2 amount:0 purpose:x fund:acme-q1", "Cost and amount must be above zero. Give them in EUR."),
            ("/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1 leads:-1", "Expected leads can't be negative. Leave them out if there are none."),
            ("/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1 pipeline:lots", "“lots” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200. Acme Q1 MDF is in EUR."),
            ("/mdf request campaign:CMP-1 cost:USD 2 amount:1 purpose:x fund:acme-q1", "This has to be in EUR, not USD. Acme Q1 MDF is in EUR."),
            ("/campaign log campaign:CMP-1 spend:abc", "“abc” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200."),
            ("/campaign log campaign:CMP-1 spend:0", "What is logged must be above zero. To take an entry back, use the option reverse."),
            ("/campaign log campaign:CMP-1 spend:-5", "An amount can't be negative. Write it without the minus sign."),
            ("/campaign log campaign:CMP-1 spend:90,000,000,000,000.01", "That is more than Tandem counts (EUR 90,000,000,000,000.00)."),
            ("/campaign log campaign:CMP-1", "Log spend or leads, one at a time. Give the option spend or the option leads, or reverse with an entry such as LOG-3."),
            ("/campaign log campaign:CMP-1 spend:1 leads:1", "Log spend or leads, one at a time. Give the option spend or the option leads, or reverse with an entry such as LOG-3."),
            ("/campaign log campaign:CMP-1 leads:1", "Leads of CMP-1 are counted by the CRM. Leads are logged only for campaigns set to results: by hand; the two are never mixed."),
        ],
    )
    .await;
}

async fn amounts_finer_than_their_currency(w: &mut World) {
    let [pat, gil] = [Who::Pat, Who::Gil].map(|who| w.person(who));
    drafted(w, Who::Pat, "USD").await;
    drafted(w, Who::Gil, "JPY").await;
    let add = "/campaign add name:x type:email start:2026-02-10 leads:1";
    let lines = [
        (
            format!("{add} pipeline:12.3456"),
            "USD has 2 decimals, so “12.3456” can't be paid. Round it first.",
        ),
        (
            format!("{add} pipeline:1 budget:0.001"),
            "USD has 2 decimals, so “0.001” can't be paid. Round it first.",
        ),
        (format!("{add} pipeline:1 won:EUR 5"), "This has to be in USD, not EUR."),
    ];
    answered(w, pat, &lines.each_ref().map(|(line, said)| (line.as_str(), *said))).await;
    let lines = [
        (format!("{add} pipeline:10.5"), "JPY has no decimals, so “10.5” can't be paid. Round it first."),
        (
            format!("{add} pipeline:1 budget:10.50"),
            "JPY has no decimals, so “10.50” can't be paid. Round it first.",
        ),
    ];
    answered(w, gil, &lines.each_ref().map(|(line, said)| (line.as_str(), *said))).await;
    // One dot before three digits groups thousands (docs of `domain::money`): the answer says what was understood.
    let told = pat.runs(&format!("{add} pipeline:12.345")).await;
    assert!(told.contains("USD 12,345.00 pipeline"), "{told}");
}

async fn days_that_are_none(w: &mut World) {
    agreed(w).await;
    let pat = w.person(Who::Pat);
    answered(
        w,
        pat,
        &[
            ("/campaign log campaign:CMP-1 spend:1 date:31 february", "There is no such day as “31 february”. Write one that its month has, such as 2026-02-14."),
            ("/campaign log campaign:CMP-1 spend:1 date:yesterdayish", "“yesterdayish” is not a date. Write it like 2026-02-14, 14 Feb 2026, next friday or in 3 days."),
            ("/campaign log campaign:CMP-1 spend:1 date:99999-01-01", "“99999-01-01” is not a date. Write it like 2026-02-14, 14 Feb 2026, next friday or in 3 days."),
            ("/campaign log campaign:CMP-1 spend:1 date:1 january 99999", "Write the year of “1 january 99999” with four digits."),
            ("/campaign log campaign:CMP-1 spend:1 date:3000-01-01", "“3000-01-01” is too far away; years from 1970 to 2999 are understood."),
            ("/campaign log campaign:CMP-1 spend:1 date:03/04/2026", "“03/04/2026” can be 2026-03-04 or 2026-04-03. Write 2026-03-04 or 2026-04-03."),
            ("/campaign log campaign:CMP-1 spend:1 date:2026-02-30", "There is no such day as “2026-02-30”. Write one that its month has, such as 2026-02-14."),
            ("/campaign log campaign:CMP-1 spend:1 date:tomorrow", "2026-01-06 is in the future. Log what has happened."),
            ("/campaign log campaign:CMP-1 spend:1 date:", "A date is missing. Write it like 2026-02-14, 14 Feb or next friday."),
            ("/plan create period:Q5 2026", "“Q5 2026” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31."),
            ("/plan create period:whenever", "“whenever” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31."),
            ("/plan create period:Q1 99999", "“Q1 99999” is not a period. Write it like Q1 2026, H1 2026, FY2026 or 2026-01-01..2026-03-31."),
            ("/plan create period:Q2 2026 sign-by:31 february", "There is no such day as “31 february”. Write one that its month has, such as 2026-02-14."),
            ("/plan create period:Q2 2026 sign-by:2026-01-04", "The plan would have to be signed by 2026-01-04, which has passed. Give a later day in the option sign-by."),
            ("/plan create period:Q2 2026 cadence:sometimes", "“sometimes” is not a review cadence. Write weekly, fortnightly, monthly, mid-and-end, or a cron expression such as 0 9 \\* \\* 1."),
            ("/plan create period:Q2 2026 cadence:99 * * * *", "The cron field for the minute can't be “99”: it is a number from 0 to 59."),
            ("/plan create period:Q2 2026 time-zone:Mars/Olympus", "I don't know the time zone \"Mars/Olympus\". Give one such as Europe/Berlin."),
            ("/plan create period:Q2 2026 currency:XXX", "Nothing can be paid in XXX. Use the code of a country's currency, such as USD or EUR."),
            ("/plan create period:Q2 2026 currency:dollars", "“dollars” is not a currency code. Use a three-letter code such as USD, EUR or JPY."),
        ],
    )
    .await;
}

async fn shares_out_of_range(w: &mut World) {
    drafted(w, Who::Pat, "EUR").await;
    let pat = w.person(Who::Pat);
    answered(
        w,
        pat,
        &[
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:101%", "\"101%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:-1%", "\"-1%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:%", "\"%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:half%", "\"half%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:1e1%", "\"1e1%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:0.0000001%", "\"0.0000001%\" is not a percentage. Give a number from 0 to 100 with at most four decimals, such as 25%."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 budget:10 mdf:11", "The shares come to EUR 1.00 more than the line's EUR 10.00. Give at most the line."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 mdf:50%", "An MDF share needs a budget. Give the option budget as well."),
            ("/campaign add name:x type:email start:2026-02-10 leads:-1 pipeline:1", "A target can't be negative. Give 0 where there is none."),
            ("/plan create period:Q2 2026 jbp-revenue:1m marketing-share:130% win-rate:25%", "\"130%\" is not a percentage. Give a number above 0 and up to 100, such as 25%."),
            ("/plan create period:Q2 2026 jbp-revenue:1m marketing-share:30% win-rate:0", "\"0\" is not a percentage. Give a number above 0 and up to 100, such as 25%."),
            ("/plan create period:Q2 2026 jbp-revenue:1m", "The joint business plan needs all three: revenue, marketing share and win rate. Give jbp-revenue, marketing-share and win-rate together."),
            ("/plan create period:Q2 2026 jbp-revenue:much marketing-share:30% win-rate:25%", "“much” is not an amount. Write it like 12,500.00, 12.5k or EUR 1,200."),
        ],
    )
    .await;
}

async fn periods_that_cannot_be(w: &mut World) {
    drafted(w, Who::Pat, "EUR").await;
    let pat = w.person(Who::Pat);
    answered(
        w,
        pat,
        &[
            ("/campaign add name:x type:email start:2026-02-10 end:2026-02-09 leads:1 pipeline:1", "A period can't end before it starts; 2026-02-09 is before 2026-02-10."),
            ("/campaign add name:x type:email start:2026-04-01 leads:1 pipeline:1", "2026-04-01 to 2026-04-01 lies outside the plan's period. Dates must overlap 2026-01-01 to 2026-03-31."),
            ("/campaign add name:x type:email start:2025-12-01 end:2025-12-31 leads:1 pipeline:1", "2025-12-01 to 2025-12-31 lies outside the plan's period. Dates must overlap 2026-01-01 to 2026-03-31."),
            ("/campaign add name:x type:email start:31 february leads:1 pipeline:1", "There is no such day as “31 february”. Write one that its month has, such as 2026-02-14."),
            ("/campaign add name:x type:email start:2026-02-10 leads:1 pipeline:1 sends:2026-02-11", "The send on 2026-02-11 lies outside the campaign. Sends must fall between 2026-02-10 and 2026-02-10."),
            ("/campaign add name:x type:email start:2026-02-10 end:2999-12-31 leads:1 pipeline:1", "A period can't be longer than 2 years. One that starts on 2026-02-10 ends by 2028-02-09."),
            ("/campaign add name: type:email start:2026-02-10 leads:1 pipeline:1", "A campaign needs a name of at most 100 characters."),
            ("/campaign add name:x type:circus start:2026-02-10 leads:1 pipeline:1", "I don't understand this command any more (unknown choice: circus). Reload the page and type it again."),
            ("/plan create period:2026-03-31..2026-01-01", "A period can't end before it starts; 2026-01-01 is before 2026-03-31."),
            ("/plan create period:2026-01-01..2056-01-01", "A period can't be longer than 2 years. One that starts on 2026-01-01 ends by 2027-12-31."),
        ],
    )
    .await;
}

async fn names_that_nothing_has(w: &mut World) {
    agreed(w).await;
    let [vera, pat] = [Who::Vera, Who::Pat].map(|who| w.person(who));
    let unknown = "I can't find that here. Pick it from the list that the option offers.";
    let lines = [
        "/mdf request campaign:CMP-0 cost:2 amount:1 purpose:x fund:acme-q1",
        "/mdf request campaign:CMP-999 cost:2 amount:1 purpose:x fund:acme-q1",
        "/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q9",
        "/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:",
        "/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1 resubmit:MDF-999",
        "/mdf request campaign:CMP-1 cost:2 amount:1 purpose:x fund:acme-q1 resubmit:CMP-1",
        "/campaign log campaign:CMP--1 spend:1",
        "/campaign log campaign:CMP-+1 spend:1",
        "/campaign log campaign: spend:1",
        "/campaign log campaign:the webinar spend:1",
        "/campaign log campaign:PLN-1 spend:1",
        "/campaign log campaign:CMP-1 reverse:LOG-7",
        "/campaign log campaign:CMP-1 reverse:the last one",
        "/campaign list plan:PLN-2",
        "/plan show plan:PLN-99999999999999999999",
        "/plan show plan:PLN-9223372036854775807",
        "/plan show plan:١",
        "/plan propose plan:PLN-0",
        "/report variance plan:PLN-2",
        "/plan show plan:GLOBEX/PLN-1",
    ];
    answered(w, pat, &lines.map(|line| (line, unknown))).await;
    answered(
        w,
        vera,
        &["/plan show partner:nobody", "/plan show plan:NOBODY/PLN-1"].map(|line| (line, unknown)),
    )
    .await;
}
