//! The rules of money: activities, tiers, chains of approval, calendars.

use super::told_after;
use insta::assert_snapshot;
use rust_decimal::Decimal;
use tandem::config::{Calendar, Cap, Program};
use tandem::domain::activity::Slot;
use tandem::domain::rulebook::Decided;

/// What the uncommented example says of them.
pub fn are_read(program: &Program) {
    let [webinar] = program.activities.as_slice() else { panic!("one activity") };
    assert_eq!((webinar.notice_days, webinar.claim_window_days), (Some(10), Some(60)));
    assert_eq!((webinar.cap, webinar.pre_approval), (Some(Cap::UpTo(Decimal::from(20_000))), Some(true)));
    assert_eq!(webinar.eligible.as_ref().map(Vec::len), Some(3));
    let results = &webinar.evidence[&Slot::Results];
    assert!(results[1].restricted && !results[1].required && results[0].required);
    assert_eq!(program.tiers[0].share_percent, Some(Decimal::from(60)));
    let [requests, claims] = program.approvals.as_slice() else { panic!("two chains") };
    assert_eq!((requests.decided, claims.decided), (Decided::Requests, Decided::Claims));
    assert_eq!(requests.steps.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    assert_eq!(program.auto_approve_under, Some(Decimal::from(500)));
    assert_eq!(program.escalate_after_days, Some(3));
    assert_eq!(program.quiet_hours.map(|hours| hours.code()), Some("20:00-08:00".to_owned()));
    assert_eq!((program.calendar.holidays.len(), program.partners[0].calendar.holidays.len()), (3, 1));
    assert_eq!(program.partners[1].calendar, Calendar::default());
}

#[test]
fn a_wrong_rule_is_told_with_its_line() {
    let changes = [
        (r#"work_days = "mon-fri""#, r#"work_days = "funday""#),
        ("holidays = [2026-01-01,", "holidays = [\"new year\","),
        (r#"quiet_hours = "20:00-08:00""#, r#"quiet_hours = "20:00-20:00""#),
        ("escalate_after_days = 3", "escalate_after_days = 0"),
        (r#"auto_approve_under = "500""#, r#"auto_approve_under = "0""#),
        ("pre_approval = true", "pre_approval = \"yes\""),
        (r#"cap = "20000""#, r#"cap = "none""#),
        (r#"["platform", "speaker", "promotion"]"#, r#"["platform", " "]"#),
        ("\"invitation and agenda\"", "\"(optional)\""),
        ("[[program.tier]]\nkey = \"gold\"", "[[program.tier]]\nkey = \"Gold\""),
        (r#"for = "claims""#, r#"for = "claim""#),
        (r#"["any", "1190000000000000203"]"#, "[]"),
        (r#"["any", "1190000000000000203"]"#, r#"["1190000000000000205", "1190000000000000001"]"#),
        ("for = \"claims\"\nfrom = \"25000\"", "for = \"requests\"\nfrom = \"10000.00\""),
        ("steps = [\"any\", \"1190000000000000203\"]\n", ""),
    ];
    let told: String = changes.iter().map(|(from, to)| told_after(from, to)).collect();
    assert_snapshot!(told, @r#"
    1. bot.toml:86  program.calendar.work_days  found "funday"  expected weekdays such as "mon-fri" or "sun,mon,tue"
    1. bot.toml:87  program.calendar.holidays  found "new year"  expected a date such as 2026-01-31
    1. bot.toml:88  program.calendar.quiet_hours  found "20:00-20:00"  expected two different local times such as "20:00-08:00"
    1. bot.toml:74  program.escalate_after_days  found the bare number 0  expected a whole number from 1 to 30
    1. bot.toml:72  program.auto_approve_under  found "0"  expected an amount above 0 such as "50000.00" in EUR
    1. bot.toml:171  program.activity.pre_approval  found "yes"  expected true or false, without quotes
    1. bot.toml:168  program.activity.cap  found "none"  expected an amount above 0 such as "50000.00" in EUR, or "unlimited"
    1. bot.toml:172  program.activity.eligible  found " "  expected one line of 1 to 120 characters
    1. bot.toml:175  program.activity.execution_evidence  found "(optional)"  expected one line of 1 to 120 characters, such as "photo" or "list (optional, restricted)"
    1. bot.toml:180  program.tier.key  found "Gold"  expected a key of 1 to 32 characters: a-z, 0-9 and -
    1. bot.toml:192  program.approval.for  found "claim"  expected one of "requests", "claims" (did you mean "claims"?)
    1. bot.toml:189  program.approval.steps  found 0 steps  expected 1 to 5 steps
    1. bot.toml:189  program.approval.steps  found a partner's role  expected a role of the vendor's
    2. bot.toml:189  program.approval.steps  found the guild's own id, which is @everyone  expected a role of the vendor's
    1. bot.toml:193  program.approval.from  found "10000", which line 188 has already  expected a different one each time
    1. bot.toml:186  program.approval.steps  found nothing  expected a list in brackets, of "any", or a Discord id: the digits of a role of the vendor's
    "#);
}

#[test]
fn too_many_of_a_list_are_told() {
    let twelve = ["\"x\""; 12].join(", ");
    let told = told_after(r#"["platform", "speaker", "promotion"]"#, &format!("[{twelve}]"));
    assert!(told.ends_with("program.activity.eligible  found 12 of them  expected 10 at most\n"), "{told}");
    let first: chrono::NaiveDate = "2026-01-01".parse().unwrap();
    let days: Vec<String> = first.iter_days().take(201).map(|day| day.to_string()).collect();
    let told = told_after("[2026-07-14]", &format!("[{}]", days.join(", ")));
    assert!(told.ends_with("program.partner.holidays  found 201 holidays  expected 200 at most\n"), "{told}");
    let block = "[[program.approval]]\nfor = \"claims\"\nfrom = \"N\"\nsteps = [\"any\"]\n";
    let blocks: String = (0..10).map(|from| block.replace('N', &from.to_string())).collect();
    let told = told_after("[[program.tier]]", &format!("{blocks}\n[[program.tier]]"));
    assert!(told.ends_with("program.approval  found 11 for claims  expected 10 at most\n"), "{told}");
}
