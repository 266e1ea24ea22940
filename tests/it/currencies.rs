//! Plans in currencies without decimals and with three: from the draft to the signed copy and the report, to the last
//! minor unit.

use crate::harness::{World, stories};
use serde_json::Value;
use tandem::playground::seed::{ACME, Who};

stories!(a_plan_in_yen_to_the_last_yen, a_plan_in_dinars_to_the_last_fils);

/// What people write, and what is kept and shown of it.
struct Course {
    currency: &'static str,
    pipeline: &'static str,
    budget: &'static str,
    spend: &'static str,
    /// Too fine for the currency.
    too_fine: &'static str,
    minor: [i64; 5],
    shown: [&'static str; 4],
    signed: [&'static str; 4],
    /// Half of the budget was planned by the report's day, rounded half away from zero to the minor unit.
    reported: [&'static str; 2],
}

async fn a_plan_in_yen_to_the_last_yen(w: &mut World) {
    let course = Course {
        currency: "JPY",
        pipeline: "1,500,001",
        budget: "100,001",
        spend: "¥ 12,345",
        too_fine: "12.5",
        // A third is split to the last yen: 33,300.333 and 66,700.667 of 100,001.
        minor: [1_500_001, 100_001, 33_300, 66_701, 12_345],
        shown: ["JPY 1,500,001", "JPY 100,001", "JPY 33,300", "JPY 66,701"],
        signed: ["1500001", "100001", "33300", "66701"],
        reported: ["JPY 12,345 of JPY 50,001 planned spend by now", "-37,656"],
    };
    runs_its_course(w, &course).await;
}

async fn a_plan_in_dinars_to_the_last_fils(w: &mut World) {
    let course = Course {
        currency: "KWD",
        pipeline: "1500.001",
        // Without its currency it could be read as a hundred thousand.
        budget: "KWD 100.001",
        spend: "KWD 12.345",
        too_fine: "12.3456",
        minor: [1_500_001, 100_001, 33_300, 66_701, 12_345],
        shown: ["KWD 1,500.001", "KWD 100.001", "KWD 33.300", "KWD 66.701"],
        signed: ["1500.001", "100.001", "33.300", "66.701"],
        reported: ["KWD 12.345 of KWD 50.001 planned spend by now", "-37.656"],
    };
    runs_its_course(w, &course).await;
}

async fn runs_its_course(w: &World, course: &Course) {
    let Course { currency, pipeline, budget, spend, too_fine, .. } = course;
    let [pat, vera, olga] = [Who::Pat, Who::Vera, Who::Olga].map(|who| w.person(who));
    pat.runs(&format!("/plan create period:Q1 2026 currency:{currency}")).await;
    let add = format!(
        "/campaign add name:Ads type:Display start:2026-01-05 end:2026-01-24 leads:20 pipeline:{pipeline}"
    );
    let fine = pat.runs(&format!("{add} budget:{too_fine}")).await;
    assert!(fine.contains("decimals") && fine.contains(*currency), "{fine}");
    let added = pat.runs(&format!("{add} budget:{budget} mdf:33.3%")).await;
    for shown in course.shown {
        assert!(added.contains(shown), "{shown} is on the card: {added}");
    }
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    assert!(card.text().contains(course.shown[1]), "{}", card.text());
    vera.presses(&card, "Sign", &[]).await;
    assert_eq!(
        olga.presses(&card, "Sign", &[]).await,
        "Signed. PLN-1 is agreed by both sides as revision 1."
    );
    kept(w, course).await;
    signed(w, course).await;
    let logged = pat.runs(&format!("/campaign log campaign:CMP-1 spend:{spend}")).await;
    assert!(logged.contains(currency), "{logged}");
    let fine = pat.runs(&format!("/campaign log campaign:CMP-1 spend:{too_fine}")).await;
    assert!(fine.contains("decimals"), "{fine}");
    let spent = w.number("SELECT CAST(SUM(amount) AS BIGINT) FROM log_entry WHERE kind = 'spend'").await;
    assert_eq!(spent, course.minor[4]);
    reported(w, course).await;
}

/// In the database: whole minor units, shares that add up to the line.
async fn kept(w: &World, course: &Course) {
    let share = |source: &str| format!("SELECT amount_minor FROM funding_share WHERE source = '{source}'");
    let [pipeline, budget, mdf, partner, _] = course.minor;
    assert_eq!(w.number("SELECT target_pipeline FROM campaign").await, pipeline);
    assert_eq!(w.number("SELECT planned_minor FROM budget_line").await, budget);
    assert_eq!(w.number(&share("mdf")).await, mdf);
    assert_eq!(w.number(&share("partner")).await, partner);
    assert_eq!(mdf + partner, budget);
}

/// In what both signed, decimals are written out with exactly the currency's own.
async fn signed(w: &World, course: &Course) {
    let said = w.person(Who::Olga).runs("/plan export").await;
    let hash = w.word("SELECT sha256 FROM plan_revision").await;
    assert!(said.contains(&hash), "{said}");
    let all = w.discord.person(Who::Olga.id()).messages(ACME);
    let files = &all.iter().rev().find(|message| !message.attachments.is_empty()).unwrap().attachments;
    let text = String::from_utf8(files[0].bytes.to_vec()).unwrap();
    let copy: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(copy["currency"], course.currency);
    for amount in course.signed {
        assert!(text.contains(&format!("\"{amount}\"")), "{amount} is in {text}");
    }
    let document = String::from_utf8(files[1].bytes.to_vec()).unwrap();
    for amount in course.signed {
        assert!(document.contains(amount), "{amount} is in the document: {document}");
    }
}

/// In the report, ten of the campaign's twenty days later; its table has the exact figures.
async fn reported(w: &World, course: &Course) {
    w.moves_to("2026-01-15T09:00:00Z").await;
    let report = w.person(Who::Pat).runs("/report variance").await;
    for said in course.reported.iter().chain([&course.shown[0], &course.shown[1]]) {
        let bare = said.trim_start_matches(course.currency).trim_start();
        assert!(report.contains(*said) || report.contains(bare), "{said} is in {report}");
    }
    let all = w.discord.person(Who::Pat.id()).messages(ACME);
    let files = all.iter().rev().flat_map(|message| &message.attachments);
    let table = files.into_iter().find(|file| file.filename.ends_with(".csv")).unwrap();
    let table = String::from_utf8(table.bytes.to_vec()).unwrap();
    for amount in [course.signed[0], course.signed[1]] {
        assert!(table.contains(amount), "{amount} is in {table}");
    }
}
