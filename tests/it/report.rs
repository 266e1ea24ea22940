//! The variance report: what it is made of, what it says, what is kept of it.

pub mod ground;

use crate::harness::{World, stories};
use ground::{Ground, a_campaign, a_plan, berlin, eur, read_aloud};
use serde_json::Value;
use tandem::domain::cadence::SlotKind;
use tandem::domain::campaign_type::CampaignType;
use tandem::domain::log::EntryKind;
use tandem::domain::money::Currency;
use tandem::domain::report::Snapshot;
use tandem::domain::request::{MdfRequest, RequestState};
use tandem::domain::variance::Measure;
use tandem::inbound::cron::tick;
use tandem::limits::{
    CONTENT_MAX, EMBED_DESCRIPTION_MAX, EMBED_FIELD_VALUE_MAX, EMBED_FIELDS_MAX, EMBED_SUM_MAX,
    EMBED_TITLE_MAX,
};
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, Who};
use tandem::report::{csv, figures, json, picture};
use tandem::store::decision::{self, On};
use tandem::store::{audit, checkpoint, request};
use tandem::text::card::Card;
use tandem::text::report::{Occasion, ReportView, card, post};
use tandem::{in_read, in_tx};

macro_rules! on_both {
    ($($story:ident),* $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() { crate::harness::database::on_sqlite(async |url| super::$story(&url).await).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() { crate::harness::database::on_postgres(async |url| super::$story(&url).await).await }
        }
    )* };
}

/// What people read, on both databases the same.
macro_rules! assert_said {
    ($($said:tt)*) => { insta::allow_duplicates! { insta::assert_snapshot!($($said)*); } };
}
pub(crate) use assert_said;

on_both!(
    a_typical_report_can_be_read_aloud,
    a_report_before_anything_happened_says_so,
    the_largest_report_stays_within_discords_limits,
    a_report_recomputed_later_is_the_same,
    what_is_counted_by_hand_and_by_the_crm_is_not_mixed,
    a_shared_report_tells_nothing_of_a_pool_or_of_another_partner,
    an_open_request_counts_as_it_was_at_the_time,
    the_table_holds_every_campaign_and_no_formula,
);
stories!(a_report_is_for_those_who_may_see_it);

async fn snapshot_at(ground: &Ground, as_of: &str) -> Snapshot {
    let (plan, as_of) = (&ground.plan, berlin(as_of));
    in_read!(ground.app.store, |read| {
        figures::snapshot(read, plan, as_of, plan.last_complete_day(as_of)).await
    })
    .unwrap()
}

fn json_of(snapshot: &Snapshot) -> Value {
    json::of(snapshot, &snapshot.report(), &snapshot.funds)
}

fn card_of(snapshot: &Snapshot) -> Card {
    let report = snapshot.report();
    let view =
        ReportView { snapshot, report: &report, occasion: None, vendor: None, image: None, table: None };
    card(&view)
}

/// Six weeks of work: leads, deals, spend, money asked for and approved.
async fn six_weeks(url: &str) -> Ground {
    let ground = Ground::agreed(url, "2026-01-02 10:00").await;
    let own = ground.fund("acme-q1", Some("acme"), "20000").await;
    let pool = ground.fund("pool", None, "99000").await;
    ground.at("2026-02-01 10:00");
    ground.fact("cmp1", "2026-01-14", "leads", 30, None).await;
    ground.fact("cmp1", "2026-01-20", "pipeline", 1_250_000, Some("EUR")).await;
    ground.fact("cmp1", "2026-01-25", "pipeline", 70_000, Some("USD")).await;
    ground.fact("cmp1", "2026-01-30", "pipeline_lost", 250_000, Some("EUR")).await;
    ground.fact("cmp1", "2026-01-31", "won", 300_000, Some("EUR")).await;
    ground.fact("cmp3", "2026-01-31", "leads", 4, None).await;
    ground.log(1, "cmp1", EntryKind::Spend, "2026-01-05", 250_000).await;
    ground.log(2, "cmp3", EntryKind::Spend, "2026-01-12", 950_000).await;
    ground.log(3, "cmp3", EntryKind::Leads, "2026-01-28", 38).await;
    let request = ground.request(1, "acme", "cmp2", &own, "4500").await;
    ground.approve(&request, &own).await;
    ground.request(2, "acme", "cmp1", &own, "1200").await;
    ground.request(3, "acme", "cmp3", &pool, "800").await;
    ground
}

async fn a_typical_report_can_be_read_aloud(url: &str) {
    let ground = six_weeks(url).await;
    let snapshot = snapshot_at(&ground, "2026-02-16 09:00").await;
    assert_said!(read_aloud(&card_of(&snapshot)), @r"
    # Variance report · PLN-1 Spring push
    **Northwind** and **Acme GmbH**, 2026-01-01 to 2026-03-31: day 46 of 90.
    Figures to the end of 2026-02-15, as known on 2026-02-16 at 09:00 (Europe/Berlin).

    **Overall:** 🔴 **red**: leads and pipeline are behind plan.
    🔴 **Leads** (red: behind plan): 68 of 162 leads due by now; 4.6 a day needed, 1.5 a day so far.
    🔴 **Pipeline** (red: behind plan): EUR 12,500.00 of EUR 28,857.14 pipeline due by now; EUR 5,170.45 a day needed, EUR 781.25 a day so far.
    ⚪ **Won revenue** (grey: nothing planned): EUR 3,000.00 won revenue, none due in this period.
    🟡 **Spend** (amber: less spent than planned by now): EUR 12,000.00 of EUR 22,600.00 planned spend by now; EUR 340.91 a day left to spend, EUR 260.87 a day so far.
    ```
                      Leads    Pipeline
    Target              270  270,000.00
    Planned by end      270  240,000.00
    Planned after         0   30,000.00
    Planned to date     162   28,857.14
    Actual               68   12,500.00
    Variance            -94  -16,357.14
    Variance %      -58.0 %     -56.7 %
    Forecast            139  210,055.78
    Status              red         red
    ```
    ```
                    Won revenue       Spend
    Target                 none   27,000.00
    Planned by end         0.00   27,000.00
    Planned to date        0.00   22,600.00
    Actual             3,000.00   12,000.00
    Variance          +3,000.00  -10,600.00
    Variance %        unplanned     -46.9 %
    Forecast           3,000.00   15,373.33
    Status                 grey       amber
    ```

    ## Campaigns, worst first
    🔴 **CMP-3 Nurture \*mail\*** (red): leads 38 of 64 due (red, -40.9 %, forecast 56 of 90); pipeline EUR 0.00 of EUR 12,857.14 due (red, -100.0 %); spend EUR 9,500.00 of EUR 9,000.00 planned (red, +5.6 %).
    🔴 **CMP-1 Always-on search** (red): leads 30 of 46 due (red, -34.8 %, forecast 66 of 90); pipeline EUR 12,500.00 of EUR 16,000.00 due (amber, -21.9 %); won EUR 3,000.00, none due yet; spend EUR 2,500.00 of EUR 4,600.00 planned (amber, -45.7 %).
    🔴 **CMP-2 Spring webinar** (red): leads 0 of 51 due (red, -100.0 %, forecast 17 of 90); spend EUR 0.00 of EUR 9,000.00 planned (amber, -100.0 %).

    ## What the money brought
    EUR 176.47 per lead; EUR 1.04 pipeline per EUR 1.00 spent; ROI -75.0 %.

    ## Funds
    **Fund acme-q1** (MDF): EUR 20,000.00 allocated, EUR 1,200.00 pending, EUR 4,500.00 committed, EUR 0.00 payable, EUR 0.00 paid, EUR 15,500.00 available. ⏳ EUR 15,500.00 expires within 60 days (on 2026-03-31).
    **Fund pool** (MDF), a pool: EUR 0.00 committed to Acme GmbH, EUR 800.00 pending.

    ## Beside the figures
    Spend by source: EUR 12,000.00 MDF.
    Of the pipeline, EUR 2,500.00 is lost.
    In another currency and not counted: USD 700.00 pipeline of CMP-1.
    CMP-3 is counted by hand; 4 leads of it in the CRM are left out.

    -- PLN-1 · revision 1 · EUR
    ");
    let picture = picture::png(&snapshot, &snapshot.report()).unwrap();
    assert!(picture.bytes.starts_with(b"\x89PNG"));
    ground.close().await;
}

async fn a_report_before_anything_happened_says_so(url: &str) {
    let ground = Ground::agreed(url, "2025-12-21 10:00").await;
    let snapshot = snapshot_at(&ground, "2025-12-21 10:00").await;
    assert_said!(read_aloud(&card_of(&snapshot)), @r"
    # Variance report · PLN-1 Spring push
    **Northwind** and **Acme GmbH**, 2026-01-01 to 2026-03-31: day 0 of 90.
    Figures to the end of 2025-12-20, as known on 2025-12-21 at 10:00 (Europe/Berlin).

    **Overall:** ⚪ **grey**: leads and pipeline are too early to judge.
    ⚪ **Leads** (grey: too early to tell): no leads due yet; 3.0 a day needed.
    ⚪ **Pipeline** (grey: too early to tell): no pipeline due yet; EUR 2,666.67 a day needed.
    ⚪ **Won revenue** (grey: nothing planned): no won revenue due in this period.
    🟢 **Spend** (green: on plan): no spend planned yet; EUR 300.00 a day left to spend.
    ```
                    Leads    Pipeline
    Target            270  270,000.00
    Planned by end    270  240,000.00
    Planned after       0   30,000.00
    Planned to date     0        0.00
    Actual              0        0.00
    Variance            0        0.00
    Variance %
    Forecast          270  240,000.00
    Status           grey        grey
    ```
    ```
                    Won revenue      Spend
    Target                 none  27,000.00
    Planned by end         0.00  27,000.00
    Planned to date        0.00       0.00
    Actual                 0.00       0.00
    Variance               0.00       0.00
    Variance %
    Forecast               0.00  27,000.00
    Status                 grey      green
    ```

    ## Campaigns, worst first
    ⚪ **CMP-1 Always-on search** (grey): nothing due yet.
    ⚪ **CMP-2 Spring webinar** (grey): nothing due yet.
    ⚪ **CMP-3 Nurture \*mail\*** (grey): nothing due yet.

    ## What the money brought
    Nothing is spent yet.

    -- PLN-1 · revision 1 · EUR
    ");
    assert!(picture::png(&snapshot, &snapshot.report()).is_ok());
    ground.close().await;
}

/// Sixty campaigns, every name as long as it may be and made of what is escaped, every amount as large as it may be,
/// many funds, a late final checkpoint.
async fn the_largest_report_stays_within_discords_limits(url: &str) {
    let long = "*".repeat(100);
    let mut plan = a_plan();
    plan.name.clone_from(&long);
    let huge = || eur("1000000000000.00");
    let campaigns = (1..=60)
        .map(|number| {
            let mut campaign =
                a_campaign(number, &long, CampaignType::PaidSearch, "2026-01-01", "2026-03-31");
            campaign.target_leads = 1_000_000_000;
            campaign.target_pipeline = huge();
            campaign.target_won = Some(huge());
            campaign.budget[0].planned = huge();
            campaign.budget[0].shares.truncate(1);
            campaign.budget[0].shares[0].1 = huge();
            campaign
        })
        .collect();
    let mut ground = Ground::with(url, "2025-12-21 10:00", plan, campaigns).await;
    ground.agree("2025-12-20 10:00").await;
    for number in 0..30 {
        ground.fund(&format!("{}{number}", "f".repeat(60)), Some("acme"), "90000000000").await;
    }
    ground.at("2026-03-20 10:00");
    for number in 1..=60 {
        let campaign = format!("cmp{number}");
        ground.fact(&campaign, "2026-03-01", "leads", 999_999, None).await;
        ground.fact(&campaign, "2026-03-01", "pipeline", 99_999_999_999, Some("EUR")).await;
        ground.fact(&campaign, "2026-03-01", "pipeline", 99_999_999_999, Some("USD")).await;
        ground.fact(&campaign, "2026-03-01", "won", 99_999_999_999, Some("EUR")).await;
    }
    let snapshot = snapshot_at(&ground, "2026-03-20 10:00").await;
    let report = snapshot.report();
    let vendor = in_read!(ground.app.store, |read| { figures::vendor_only(read, &snapshot).await }).unwrap();
    let local = berlin("2026-04-01 09:00").naive_local();
    let occasion = Occasion {
        promises: String::new(),
        number: 1_000,
        kind: SlotKind::End,
        due: local,
        late_by: Some(chrono::TimeDelta::minutes(500_000)),
        missed: vec![local; 900],
    };
    let view = ReportView {
        snapshot: &snapshot,
        report: &report,
        occasion: Some(&occasion),
        vendor: Some(&vendor),
        image: Some("variance.png"),
        table: None,
    };
    let post = post(&view);
    let card = post.card.unwrap();
    let length = |text: &str| text.encode_utf16().count();
    assert!(length(&post.text) <= CONTENT_MAX && length(&card.title) <= EMBED_TITLE_MAX);
    assert!(length(&card.body) <= EMBED_DESCRIPTION_MAX, "{}", length(&card.body));
    assert!(card.fields.len() <= EMBED_FIELDS_MAX);
    let mut sum = length(&card.title) + length(&card.body) + length(&card.footer);
    for field in &card.fields {
        assert!(length(&field.value) <= EMBED_FIELD_VALUE_MAX && !field.value.is_empty());
        sum += length(&field.name) + length(&field.value);
    }
    assert!(sum + 20 <= EMBED_SUM_MAX, "{sum}, and the mark of delivery");
    let campaigns: String = card.fields.iter().map(|field| field.value.as_str()).collect();
    let shown = campaigns.matches("**CMP-").count();
    assert!(shown >= 1, "the worst ones are named");
    let rest = format!("… and {} more: `/report variance` has them all.", 60 - shown);
    assert!(campaigns.contains(&rest), "{campaigns}");
    ground.close().await;
}

async fn a_report_recomputed_later_is_the_same(url: &str) {
    let ground = six_weeks(url).await;
    ground.at("2026-02-09 09:00");
    tick(&ground.app).await.unwrap();
    let kept = in_read!(ground.app.store, |read| { checkpoint::of_plan(read, "plan1").await }).unwrap();
    let kept = kept.last().unwrap();

    // Late facts, corrections, money moved, a request decided: all of it recorded after the report.
    ground.at("2026-02-10 12:00");
    ground.fact("cmp1", "2026-01-14", "leads", -3, None).await;
    ground.fact("cmp2", "2026-02-01", "pipeline", 5_000_000, Some("EUR")).await;
    ground.log(4, "cmp2", EntryKind::Spend, "2026-02-01", 123_400).await;
    let requests = in_read!(ground.app.store, |read| { request::of_partner(read, "acme").await }).unwrap();
    let own = in_read!(ground.app.store, |read| {
        figures::snapshot(read, &ground.plan, kept.as_of, kept.day).await
    })
    .unwrap()
    .funds[0]
        .fund
        .clone();
    let waiting = requests.iter().find(|request| request.number == 2).unwrap();
    ground.approve(waiting, &own).await;
    ground.fund("later", Some("acme"), "5000").await;

    let again = in_read!(ground.app.store, |read| {
        figures::snapshot(read, &ground.plan, kept.as_of, kept.day).await
    })
    .unwrap();
    assert_eq!(json_of(&again), kept.report);
    let now = in_read!(ground.app.store, |read| {
        figures::snapshot(read, &ground.plan, ground.app.clock.now(), kept.day).await
    })
    .unwrap();
    let now = json_of(&now);
    assert_eq!(now["measures"]["leads"]["actual"], "65", "the same day as it is known now");
    assert_eq!(now["measures"]["spend"]["actual"], "13234.00");
    assert_eq!(now["funds"][0]["committed"], "5700.00");
    assert_eq!(kept.report["funds"][0]["committed"], "4500.00");
    ground.close().await;
}

async fn what_is_counted_by_hand_and_by_the_crm_is_not_mixed(url: &str) {
    let ground = six_weeks(url).await;
    // Leads typed in for a campaign that the CRM counts were refused in chat; if they are there, they don't count.
    ground.log(9, "cmp1", EntryKind::Leads, "2026-01-20", 500).await;
    ground.fact("cmp3", "2026-01-30", "pipeline", 100_000, Some("EUR")).await;
    let snapshot = snapshot_at(&ground, "2026-02-16 09:00").await;
    let report = snapshot.report();
    let actual = |key: &str, measure: Measure| {
        let line = report.campaigns.iter().find(|line| line.key == key).unwrap();
        line.lines.of(measure).actual.to_string()
    };
    assert_eq!(
        (actual("CMP-1", Measure::Leads), actual("CMP-3", Measure::Leads)),
        ("30".into(), "38".into())
    );
    assert_eq!(actual("CMP-3", Measure::Pipeline), "1000", "deals are the CRM's in every campaign");
    assert_eq!((snapshot.left_out[0].campaign.as_str(), snapshot.left_out[0].leads), ("CMP-3", 4));
    assert_eq!(snapshot.apart[0].amount.currency(), Currency::parse("USD").unwrap());
    ground.close().await;
}

async fn a_shared_report_tells_nothing_of_a_pool_or_of_another_partner(url: &str) {
    let ground = six_weeks(url).await;
    let theirs = ground.fund("globex-q1", Some("globex"), "77777").await;
    let pool = in_read!(ground.app.store, |read| {
        tandem::store::ledger::fund_by_key(read, "northwind", "pool").await
    });
    let (pool, _) = pool.unwrap().unwrap();
    let other = ground.request(1, "globex", "cmp1", &theirs, "6543.21").await;
    ground.approve(&other, &theirs).await;
    ground.request(2, "globex", "cmp1", &pool, "1234.56").await;

    let snapshot = snapshot_at(&ground, "2026-02-16 09:00").await;
    let shared = format!("{}{}", read_aloud(&card_of(&snapshot)), json_of(&snapshot));
    for foreign in
        ["Globex", "globex", "77777", "77,777", "6543", "6,543", "1234.56", "1,234.56", "99000", "99,000"]
    {
        assert!(!shared.contains(foreign), "{foreign} in {shared}");
    }
    let vendor = in_read!(ground.app.store, |read| { figures::vendor_only(read, &snapshot).await }).unwrap();
    let [(pool, balances)] = vendor.pools.as_slice() else { panic!("{vendor:?}") };
    assert_eq!(
        (pool.key.as_str(), balances.available, balances.pending),
        ("pool", eur("99000"), eur("2034.56"))
    );
    ground.close().await;
}

/// A request that was returned and filed again with another amount.
async fn an_open_request_counts_as_it_was_at_the_time(url: &str) {
    let ground = Ground::agreed(url, "2026-01-10 10:00").await;
    let fund = ground.fund("acme-q1", Some("acme"), "20000").await;
    let first = ground.request(1, "acme", "cmp1", &fund, "3000").await;
    trail(&ground, &first).await;
    ground.at("2026-01-12 10:00");
    let returned = MdfRequest {
        state: RequestState::Returned,
        decided_at: Some(ground.app.clock.now()),
        rev: 2,
        ..first.clone()
    };
    let decided = decision::Decision {
        id: ground.app.clock.new_id(),
        rev: 1,
        on: On::Request(&returned.id),
        reason: returned.reason.as_deref(),
        outcome: returned.state.code(),
        amount: returned.approved,
        person: "2002",
        stands_for: None,
        at: ground.app.clock.now(),
    };
    in_tx!(ground.app.store, |tx| {
        request::save(tx, &returned).await?;
        decision::insert(tx, &decided).await
    })
    .unwrap();
    ground.at("2026-01-14 10:00");
    let again = MdfRequest {
        amount: eur("2500"),
        state: RequestState::Submitted,
        filed_at: ground.app.clock.now(),
        decided_at: None,
        rev: 3,
        ..first
    };
    in_tx!(ground.app.store, |tx| { request::save(tx, &again).await }).unwrap();
    trail(&ground, &again).await;

    for (as_of, pending) in
        [("2026-01-11 10:00", "3000"), ("2026-01-13 10:00", "0"), ("2026-01-15 10:00", "2500")]
    {
        assert_eq!(snapshot_at(&ground, as_of).await.funds[0].pending, eur(pending), "{as_of}");
    }
    ground.close().await;
}

/// The line of the audit trail that filing a request leaves.
async fn trail(ground: &Ground, request: &MdfRequest) {
    let line = audit::Line {
        id: ground.app.clock.new_id(),
        at: ground.app.clock.now(),
        program_id: "northwind",
        partner_id: Some("acme"),
        actor: "2004",
        company: "acme",
        code: "request_submitted",
        item: &request.id,
        detail: serde_json::json!({"rev": request.rev, "amount": request.amount.decimal().to_string()}),
    };
    in_tx!(ground.app.store, |tx| {
        audit::append(tx, &line);
        Ok(())
    })
    .unwrap();
}

async fn the_table_holds_every_campaign_and_no_formula(url: &str) {
    let names = ["=HYPERLINK(\"http://evil\")", "Webinar, \"live\"", "@here", "plain"];
    let campaigns = (1..)
        .zip(names)
        .map(|(number, name)| a_campaign(number, name, CampaignType::PaidSearch, "2026-01-01", "2026-03-31"));
    let mut ground = Ground::with(url, "2026-01-10 10:00", a_plan(), campaigns.collect()).await;
    ground.agree("2025-12-20 10:00").await;
    let table = csv::file(&json_of(&snapshot_at(&ground, "2026-01-10 10:00").await)).unwrap();
    assert_eq!(table.name, "ACME-PLN-1-2026-01-09.csv");
    let text = String::from_utf8(table.bytes).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 4 + 4 * 4 + 1, "a head, the plan, four campaigns, the end");
    assert_said!([lines[0], lines[1], lines[5], lines[9], lines[13]].join("\n"), @r#"
    plan,revision,as_of,day,currency,campaign,name,measure,target,planned_by_end,planned_after,planned_to_date,actual,variance,variance_pct,forecast,status
    ACME/PLN-1,1,2026-01-10T09:00:00Z,2026-01-09,EUR,,,leads,360,360.00,0.00,36.00,0,-36.00,-100.0,291.60,red
    ACME/PLN-1,1,2026-01-10T09:00:00Z,2026-01-09,EUR,CMP-1,"'=HYPERLINK(""http://evil"")",leads,90,90.00,0.00,9.00,0,-9.00,-100.0,72.90,red
    ACME/PLN-1,1,2026-01-10T09:00:00Z,2026-01-09,EUR,CMP-2,"Webinar, ""live""",leads,90,90.00,0.00,9.00,0,-9.00,-100.0,72.90,red
    ACME/PLN-1,1,2026-01-10T09:00:00Z,2026-01-09,EUR,CMP-3,'@here,leads,90,90.00,0.00,9.00,0,-9.00,-100.0,72.90,red
    "#);
    ground.close().await;
}

/// Spreadsheets pass over blanks before a formula, and take a wide sign for a narrow one.
#[test]
fn no_name_is_a_formula_however_it_begins() {
    let cell = |name: &str| {
        let campaign = serde_json::json!({"id": "CMP-1", "name": name, "measures": {}});
        let report =
            serde_json::json!({"plan": "PLN-1", "day": "x", "measures": {}, "campaigns": [campaign]});
        let table = csv::file(&report).unwrap();
        let mut rows = ::csv::ReaderBuilder::new().from_reader(table.bytes.as_slice());
        rows.records().nth(4).unwrap().unwrap().get(6).unwrap().to_owned()
    };
    for sign in ["=", "+", "-", "@", "＝", "＋", "－", "＠"] {
        for before in ["", " ", "\u{a0}\u{3000}", "\n", "\r\n \t", "\u{200b}", "\0"] {
            let name = format!("{before}{sign}1+1");
            assert_eq!(cell(&name), format!("'{name}"), "{name:?}");
        }
    }
    for plain in ["Q1 = Q2", " spring", "a-b", "1+1", "–dash", "東京＠"] {
        assert_eq!(cell(plain), plain);
    }
    assert_eq!(cell("\tspring"), "'\tspring");
}

#[test]
fn limits_of_the_colours_are_read_as_the_program_keeps_them() {
    let usual = figures::thresholds("{}").unwrap();
    assert_eq!((usual.amber_below, usual.overspend_red), (10.into(), 20.into()));
    assert_eq!(figures::thresholds("").unwrap(), usual);
    let strict =
        r#"{"amber_below":"5","red_below":"12.5","spend_amber":"1","spend_red":"2","grey_under":"0"}"#;
    let strict = figures::thresholds(strict).unwrap();
    assert_eq!(strict.red_below.to_string(), "12.5");
    assert_eq!((strict.overspend_amber, strict.early_under), (1.into(), 0.into()));
    assert_eq!(strict.underspend, usual.underspend);
    for wrong in ["5", r#"{"amber_below":"x"}"#, r#"{"ambre_below":"1"}"#, r#"{"amber_below":"30"}"#] {
        assert!(figures::thresholds(wrong).is_err(), "{wrong}");
    }
}

async fn a_report_is_for_those_who_may_see_it(w: &mut World) {
    let [vera, pat, olga, gil, nobody] =
        [Who::Vera, Who::Pat, Who::Olga, Who::Gil, Who::Nobody].map(|who| w.person(who));
    pat.runs("/plan create period:Q1 2026 cadence:monthly").await;
    pat.runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
    let said = pat.runs("/report variance").await;
    assert_said!(said, @"PLN-1 is draft: there is nothing signed to compare with. The report begins when both sides have signed.");
    vera.runs("/plan propose").await;
    vera.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;
    olga.presses(&w.card(ACME, "PLN-1"), "Sign", &[]).await;

    let partners = pat.runs("/report variance").await;
    assert!(partners.contains("Overall:") && !partners.contains("For the vendor alone"), "{partners}");
    let vendors = vera.at(APPROVALS).runs("/report variance partner:acme").await;
    assert!(vendors.contains("For the vendor alone"), "{vendors}");
    let said = gil.at(GLOBEX).runs("/report variance plan:ACME/PLN-1").await;
    assert_said!(said, @"I can't find that here. Pick it from the list that the option offers.");
    let said = gil.at(ACME).runs("/report variance").await;
    assert_said!(said, @"(not sent: they don't see that channel)");
    let said = nobody.at(ACME).runs("/report variance").await;
    assert_said!(said, @"(not sent: they don't see that channel)");
}
