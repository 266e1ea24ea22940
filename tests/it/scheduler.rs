//! What the clock makes due: states by date, reminders, checkpoints. Once, whatever happens in between.

use crate::report::assert_said;
use crate::report::ground::{ACME, GLOBEX, Ground, a_plan, berlin, day, three_campaigns};
use chrono::{DateTime, TimeDelta, Utc};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::domain::cadence::Cadence;
use tandem::domain::campaign::CampaignState;
use tandem::domain::log::EntryKind;
use tandem::domain::plan::PlanState;
use tandem::inbound::cron::{next_checkpoint, next_due, run, tick};
use tandem::store::{Store, audit, card, checkpoint};
use tandem::{args, in_read};

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
on_both!(
    a_checkpoint_is_posted_once_with_its_picture_and_thread,
    after_an_outage_the_newest_checkpoint_is_caught_up_once_and_marked_late,
    a_checkpoint_up_to_ten_minutes_late_is_on_time,
    two_processes_that_tick_at_once_post_one_report,
    a_reminder_comes_a_day_before_and_says_what_is_missing,
    a_reminder_whose_checkpoint_is_due_is_left_out,
    reminders_of_an_hourly_cadence_are_left_out,
    checkpoints_keep_their_local_time_over_daylight_saving,
    states_change_by_the_clock,
    a_campaign_that_ran_while_nobody_looked_takes_both_steps,
    a_plan_that_nobody_signed_expires,
    a_plan_agreed_late_has_only_the_checkpoints_after_it,
    what_is_due_next_is_what_the_next_tick_does,
    a_moved_clock_wakes_the_scheduler,
);

async fn ticked(ground: &Ground) -> usize {
    tick(&ground.app).await.unwrap()
}

async fn slots(ground: &Ground, job: &str) -> Vec<DateTime<Utc>> {
    in_read!(ground.app.store, |read| {
        let rows =
            read.all("SELECT due_at FROM cron_slot WHERE job = $1 ORDER BY due_at", args![job]).await?;
        rows.iter().map(|row| row.instant("due_at")).collect::<Result<Vec<_>, _>>()
    })
    .unwrap()
}

async fn checkpoints(ground: &Ground) -> Vec<checkpoint::Checkpoint> {
    in_read!(ground.app.store, |read| { checkpoint::of_plan(read, "plan1").await }).unwrap()
}

async fn a_checkpoint_is_posted_once_with_its_picture_and_thread(url: &str) {
    let ground = Ground::agreed(url, "2026-01-12 09:01").await;
    ticked(&ground).await;
    assert_eq!(ticked(&ground).await, 0, "nothing is due twice");

    let posts = ground.posts(ACME).await;
    let [(flag, _), (post, files)] = posts.as_slice() else { panic!("{posts:#?}") };
    assert!(flag.text.starts_with("🟡 CMP-3 Nurture \\*mail\\* runs and is not ready."), "{}", flag.text);
    assert_eq!(files, &["variance.png"]);
    assert_eq!(post.thread.as_deref(), Some("Checkpoint 1 · PLN-1 · 2026-01-12"));
    let shown = post.card.as_ref().unwrap();
    assert_eq!(shown.image.as_deref(), Some("variance.png"));
    assert!(!shown.body.contains("Late"), "{}", shown.body);
    assert!(ground.posts(GLOBEX).await.is_empty(), "the other partner hears nothing");

    let kept = checkpoints(&ground).await;
    assert_eq!((kept.len(), kept[0].number, kept[0].kind.as_str()), (1, 1, "regular"));
    assert_eq!((kept[0].as_of, kept[0].day), (berlin("2026-01-12 09:00"), day("2026-01-11")));
    assert_eq!(kept[0].report["as_of"], "2026-01-12T08:00:00Z");
    let codes = in_read!(ground.app.store, |read| { audit::codes_of(read, &kept[0].id).await }).unwrap();
    assert_eq!(codes, ["checkpoint_posted"]);
    ground.close().await;
}

async fn after_an_outage_the_newest_checkpoint_is_caught_up_once_and_marked_late(url: &str) {
    let ground = Ground::agreed(url, "2026-02-11 13:20").await;
    ticked(&ground).await;
    let reports = ground.reports().await;
    let [post] = reports.as_slice() else { panic!("{reports:#?}") };
    assert_eq!(post.thread.as_deref(), Some("Checkpoint 3 · PLN-1 · 2026-02-09"));
    let body = &post.card.as_ref().unwrap().body;
    let late = body.lines().find(|line| line.starts_with('⏰')).unwrap();
    assert_said!(late, @"⏰ **Late by 2 days 4 hours:** it was due on 2026-02-09 09:00, and I was not running. Before it 2 checkpoints were missed: 2026-01-12 09:00, 2026-01-26 09:00. This report covers those days too.");

    let kept = checkpoints(&ground).await;
    assert_eq!((kept[0].as_of, kept[0].day), (berlin("2026-02-11 13:20"), day("2026-02-08")));
    let taken = ["2026-01-12 09:00", "2026-01-26 09:00", "2026-02-09 09:00"].map(berlin);
    assert_eq!(slots(&ground, "checkpoint:plan1").await, taken);
    let reminders = ["2026-01-11 09:00", "2026-01-25 09:00", "2026-02-08 09:00"].map(berlin);
    assert_eq!(slots(&ground, "reminder:plan1").await, reminders, "their reminders come no more");
    assert_eq!(ticked(&ground).await, 0);

    ground.at("2026-02-23 09:00");
    ticked(&ground).await;
    assert_eq!(ground.reports().await.len(), 2);
    assert_eq!(checkpoints(&ground).await[1].number, 4);
    ground.close().await;
}

async fn a_checkpoint_up_to_ten_minutes_late_is_on_time(url: &str) {
    let ground = Ground::agreed(url, "2026-01-12 09:10").await;
    ticked(&ground).await;
    assert_eq!(checkpoints(&ground).await[0].as_of, berlin("2026-01-12 09:00"));
    ground.at("2026-01-26 09:11");
    ticked(&ground).await;
    assert_eq!(checkpoints(&ground).await[1].as_of, berlin("2026-01-26 09:11"));
    let body = &ground.reports().await[1].card.as_ref().unwrap().body.clone();
    assert!(body.contains("**Late by 11 minutes:**"), "{body}");
    ground.close().await;
}

async fn two_processes_that_tick_at_once_post_one_report(url: &str) {
    let ground = Ground::agreed(url, "2025-12-21 10:00").await;
    // Another process has its own connections, and a clock that shows the same time.
    let other = App::new(Store::open(url).await.unwrap(), Clock::manual(ground.app.clock.now()));
    for (number, moment) in ["2026-01-12 09:00", "2026-01-26 09:00", "2026-02-09 09:00"].iter().enumerate() {
        ground.at(moment);
        assert!(other.clock.advance_to(berlin(moment)));
        let (mine, theirs) = (ground.app.clone(), other.clone());
        let both = tokio::join!(
            tokio::spawn(async move { tick(&mine).await }),
            tokio::spawn(async move { tick(&theirs).await }),
        );
        both.0.unwrap().unwrap();
        both.1.unwrap().unwrap();
        assert_eq!(ground.reports().await.len(), number + 1);
    }
    assert_eq!(checkpoints(&ground).await.len(), 3);
    other.store.close().await;
    ground.close().await;
}

async fn a_reminder_comes_a_day_before_and_says_what_is_missing(url: &str) {
    let ground = Ground::agreed(url, "2026-01-20 10:00").await;
    ticked(&ground).await;
    let fund = ground.fund("acme-q1", Some("acme"), "20000").await;
    ground.request(1, "acme", "cmp2", &fund, "4500").await;
    ground.log(1, "cmp1", EntryKind::Spend, "2026-01-05", 50_000).await;
    let wrong = ground.log(2, "cmp3", EntryKind::Leads, "2026-01-19", 12).await;
    let back = wrong.reversal(false, ground.app.clock.new_id(), 3, "2004", ground.app.clock.now()).unwrap();
    ground.write_entry(&back).await;

    ground.at("2026-01-25 08:59");
    assert_eq!(ticked(&ground).await, 1, "those who decide are reminded of the request");
    assert_eq!(ticked(&ground).await, 0);
    ground.at("2026-01-25 09:00");
    assert_eq!(ticked(&ground).await, 1);
    assert_eq!(ticked(&ground).await, 0);
    let posts = ground.posts(ACME).await;
    let card = posts.last().unwrap().0.card.clone().unwrap();
    assert_said!(format!("{}\n{}", card.title, card.body), @r"
    Checkpoint tomorrow · PLN-1
    The checkpoint of **PLN-1 Spring push** is on 2026-01-26 at 09:00 (Europe/Berlin).
    Until then, so that it shows what happened:
    • CMP-1 Always-on search: no spend logged since 2026-01-05. `/campaign log campaign:CMP-1 spend:…`
    • CMP-3 Nurture \*mail\*: no spend logged yet. `/campaign log campaign:CMP-3 spend:…`
    • CMP-3 Nurture \*mail\*: no leads logged yet; they are counted by hand. `/campaign log campaign:CMP-3 leads:…`
    • MDF-1 for CMP-2 Spring webinar: EUR 4,500.00 waits for the vendor's decision since 2026-01-20.
    **Not acknowledged**
    • Checkpoint 1 of 2026-01-12: vendor and partner. `/checkpoint acknowledge plan:PLN-1 number:1`
    ");

    ground.at("2026-01-26 09:00");
    assert_eq!(
        ticked(&ground).await,
        2,
        "the checkpoint, and what is due of the request; no second reminder"
    );
    ground.close().await;
}

async fn a_reminder_whose_checkpoint_is_due_is_left_out(url: &str) {
    let ground = Ground::agreed(url, "2026-01-12 09:00").await;
    ticked(&ground).await;
    ground.at("2026-01-26 09:05");
    ticked(&ground).await;
    let posts = ground.posts(ACME).await;
    let flags = posts.iter().filter(|(post, _)| post.text.starts_with("🟡 CMP-3")).count();
    assert_eq!((flags, posts.len()), (1, ground.reports().await.len() + 1), "no reminder among them");
    assert_eq!(slots(&ground, "reminder:plan1").await.last(), Some(&berlin("2026-01-25 09:00")));
    ground.close().await;
}

async fn reminders_of_an_hourly_cadence_are_left_out(url: &str) {
    let mut plan = a_plan();
    plan.cadence = Cadence::parse("0 * * * *").unwrap();
    let mut ground = Ground::with(url, "2026-01-10 12:30", plan, three_campaigns()).await;
    ground.agree("2026-01-10 12:15").await;
    for moment in ["2026-01-10 13:00", "2026-01-10 14:00", "2026-01-11 14:30"] {
        ground.at(moment);
        ticked(&ground).await;
    }
    let posts = ground.posts(ACME).await;
    assert_eq!((posts.len(), ground.reports().await.len()), (3, 3));
    assert_eq!(checkpoints(&ground).await[2].number, 26, "the missed ones are counted");
    ground.close().await;
}

async fn checkpoints_keep_their_local_time_over_daylight_saving(url: &str) {
    let mut plan = a_plan();
    plan.cadence = Cadence::parse("weekly monday 09:00").unwrap();
    let mut ground = Ground::with(url, "2026-03-23 09:00", plan, three_campaigns()).await;
    ground.agree("2026-03-20 10:00").await;
    ticked(&ground).await;
    ground.at("2026-03-28 12:00");
    ticked(&ground).await;
    // Berlin's clocks go forward on Sunday, 29 March 2026: nine o'clock is an hour earlier in UTC.
    let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(next_due(&ground.app).await.unwrap(), Some(utc("2026-03-29T07:00:00Z")));
    assert_eq!(next_checkpoint(&ground.app).await.unwrap(), Some(utc("2026-03-30T07:00:00Z")));
    ground.app.clock.advance_to(utc("2026-03-30T06:59:59Z"));
    ticked(&ground).await;
    assert_eq!(checkpoints(&ground).await.len(), 1);
    ground.app.clock.advance_to(utc("2026-03-30T07:00:00Z"));
    ticked(&ground).await;
    let kept = checkpoints(&ground).await;
    assert_eq!((kept[1].due_at, kept[1].day), (utc("2026-03-30T07:00:00Z"), day("2026-03-29")));
    ground.close().await;
}

async fn states_change_by_the_clock(url: &str) {
    use CampaignState::{Executed, Planned, Running};
    let ground = Ground::agreed(url, "2025-12-31 23:59").await;
    assert_eq!(ticked(&ground).await, 0);
    ground.at("2026-01-01 00:00");
    assert_eq!(ticked(&ground).await, 2, "the plan and its first campaign");
    assert_eq!(ground.plan_state().await, PlanState::Active);
    assert_eq!(ground.campaign_states().await, [Running, Planned, Planned]);
    let shown = in_read!(ground.app.store, |read| { card::load(read, "plan:plan1").await }).unwrap().unwrap();
    assert!(shown.wanted.title.ends_with("active"), "{}", shown.wanted.title);

    ground.at("2026-02-17 23:59");
    ticked(&ground).await;
    assert_eq!(ground.campaign_states().await, [Running, Running, Running], "the webinar ended six days ago");
    ground.at("2026-02-18 00:00");
    ticked(&ground).await;
    assert_eq!(ground.campaign_states().await, [Running, Executed, Running]);

    ground.at("2026-04-01 00:00");
    ticked(&ground).await;
    assert_eq!(ground.plan_state().await, PlanState::Closing);
    let codes = in_read!(ground.app.store, |read| { audit::codes_of(read, "plan1").await }).unwrap();
    let states: Vec<&String> = codes.iter().filter(|code| code.starts_with("plan_")).collect();
    assert_eq!(states, ["plan_active", "plan_closing"]);

    ground.at("2026-04-01 09:00");
    ticked(&ground).await;
    let kept = checkpoints(&ground).await;
    assert_eq!(kept.last().unwrap().kind, "end");
    assert_eq!(next_checkpoint(&ground.app).await.unwrap(), None, "the end is the last");
    ground.close().await;
}

async fn a_campaign_that_ran_while_nobody_looked_takes_both_steps(url: &str) {
    let ground = Ground::agreed(url, "2026-03-01 12:00").await;
    ticked(&ground).await;
    let codes = in_read!(ground.app.store, |read| { audit::codes_of(read, "cmp2").await }).unwrap();
    assert_eq!(codes, ["campaign_running", "campaign_executed"]);
    ground.close().await;
}

async fn a_plan_that_nobody_signed_expires(url: &str) {
    let ground = Ground::proposed(url, "2026-01-31 23:59").await;
    assert_eq!(ticked(&ground).await, 1, "the newest of the warnings");
    assert_eq!(ticked(&ground).await, 0);
    ground.at("2026-02-01 00:00");
    assert_eq!(ticked(&ground).await, 1);
    assert_eq!(ticked(&ground).await, 0);
    assert_eq!(ground.plan_state().await, PlanState::Expired);
    let shown = in_read!(ground.app.store, |read| { card::load(read, "plan:plan1").await }).unwrap().unwrap();
    assert!(shown.wanted.title.ends_with("expired"));
    let left: Vec<&str> = shown.wanted.buttons.iter().flatten().map(|button| button.label.as_str()).collect();
    assert_eq!(left, ["Campaigns"], "nothing is left to decide");
    let posts = ground.posts(ACME).await;
    assert_said!(posts[1].0.text, @"PLN-1 Spring push has expired: both sides had until 2026-01-31 to sign it. To go on, create a new plan with `/plan create`.");
    assert_eq!(posts.len(), 2);
    assert_eq!(next_due(&ground.app).await.unwrap(), None);
    ground.close().await;
}

async fn a_plan_agreed_late_has_only_the_checkpoints_after_it(url: &str) {
    let mut ground = Ground::proposed(url, "2026-01-27 12:00").await;
    ground.agree("2026-01-27 11:00").await;
    ticked(&ground).await;
    assert!(checkpoints(&ground).await.is_empty());
    assert_eq!(next_checkpoint(&ground.app).await.unwrap(), Some(berlin("2026-02-09 09:00")));
    ground.close().await;
}

/// Jumping from one due instant to the next, every tick does something, and the plan's whole course comes by.
async fn what_is_due_next_is_what_the_next_tick_does(url: &str) {
    let ground = Ground::agreed(url, "2025-12-20 10:01").await;
    let mut steps = 0;
    while let Some(next) = next_due(&ground.app).await.unwrap() {
        assert!(next > ground.app.clock.now(), "nothing is left over from before");
        ground.app.clock.advance_to(next - TimeDelta::milliseconds(1));
        assert_eq!(ticked(&ground).await, 0, "nothing is done before {next}");
        ground.app.clock.advance_to(next);
        assert!(ticked(&ground).await > 0, "something is done at {next}");
        steps += 1;
        assert!(steps < 100, "it comes to an end");
    }
    let planned = ground.plan.cadence.checkpoints(&ground.plan.window());
    let due: Vec<_> = planned.iter().map(|slot| slot.due_at).collect();
    assert_eq!(slots(&ground, "checkpoint:plan1").await, due);
    let kept = checkpoints(&ground).await;
    assert_eq!(kept.iter().map(|one| one.due_at).collect::<Vec<_>>(), due);
    assert_eq!(kept.iter().map(|one| one.number).collect::<Vec<_>>(), (1..=7).collect::<Vec<_>>());
    let posts = ground.posts(ACME).await;
    let asked = in_read!(ground.app.store, |read| {
        read.one("SELECT COUNT(*) AS n FROM card WHERE key LIKE 'done:%'", args![]).await?.int("n")
    });
    assert_eq!(posts.iter().filter(|(post, _)| post.text.starts_with("🟡")).count(), 3, "none was ready");
    assert_eq!(asked.unwrap(), 3, "each is asked about once");
    assert_eq!(posts.len() - 3, 14, "a report and a reminder for each");
    assert_eq!(ground.campaign_states().await, [CampaignState::Closed; 3], "they close with their plan");
    ground.close().await;
}

async fn a_moved_clock_wakes_the_scheduler(url: &str) {
    let ground = Ground::agreed(url, "2026-01-05 09:00").await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(run(ground.app.clone(), stopped));
    ground.at("2026-01-12 09:00");
    ground.app.clock_bell.notify_one();
    let posted = async {
        while ground.reports().await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    // Well before the scheduler would look by itself.
    tokio::time::timeout(std::time::Duration::from_secs(4), posted).await.expect("the bell is heard");
    stop.send(true).unwrap();
    running.await.unwrap();
    ground.close().await;
}
