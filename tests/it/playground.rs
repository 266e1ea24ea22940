//! The playground: the quarter played whole, a formula broken on purpose, the page's controls, and the CRM stand-in.

mod broken;
mod crm;

use serde_json::Value;
use std::path::Path;
use tandem::playground::seed::{ACME, APPROVALS, GLOBEX, Who};
use tandem::playground::{HeadlessOptions, Options, Playground, headless};
use tokio::sync::oneshot;

fn quarter(out: &Path) -> HeadlessOptions {
    HeadlessOptions { scenario: "quarter".to_owned(), out: out.to_owned(), progress: false }
}

fn read(out: &Path, name: &str) -> String {
    std::fs::read_to_string(out.join(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_quarter_gives_every_figure_as_worked_out_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("not/there/yet");
    let outcome = headless(quarter(&out)).await.unwrap();
    assert_eq!(outcome.differences, Vec::<String>::new());
    assert!(outcome.is_as_expected());
    assert!(outcome.figures > 900, "only {} figures were compared", outcome.figures);

    let report: Value = serde_json::from_str(&read(&out, "report.json")).unwrap();
    assert_eq!(report["plan"], "ACME/PLN-1");
    assert_eq!(report["measures"]["leads"]["actual"], "249");
    assert_eq!(report["measures"]["won"]["variance_pct"], "unplanned");
    assert_eq!(report["funds"][0]["available"], "2000.00");
    for file in &outcome.files {
        assert!(file.metadata().unwrap().len() > 0, "{}", file.display());
    }
    for day in ["2026-02-02", "2026-03-02", "2026-04-01"] {
        let chart = std::fs::read(out.join(format!("charts/acme-{day}-variance.png"))).unwrap();
        assert!(chart.starts_with(b"\x89PNG"), "{day}");
    }
    neither_partner_reads_of_the_other(&read(&out, "transcript.md"));
}

/// What stands in the channel that one partner reads holds nothing of the other.
fn neither_partner_reads_of_the_other(transcript: &str) {
    let channel = |name: &str| {
        let after = transcript.split(&format!("## #{name}\n")).nth(1).unwrap_or_else(|| panic!("no #{name}"));
        after.split("\n## #").next().unwrap_or_default().to_owned()
    };
    let (acme, globex) = (channel("northwind-acme"), channel("northwind-globex"));
    assert!(acme.contains("Checkpoint 3 of PLN-1: 🟡 **amber**: leads are behind plan."), "{acme}");
    assert!(acme.contains("pat (Acme) used `/plan create`"), "{acme}");
    assert!(globex.contains("Checkpoint 2 of PLN-1: 🔴 **red**"), "{globex}");
    for theirs in ["Globex", "gil", "Backup", "41,000.00 pipeline"] {
        assert!(!acme.contains(theirs), "Acme reads {theirs:?}");
    }
    for ours in ["ADJ-1", "ADJ-2", "ADJ-3", "MDF-1"] {
        assert!(globex.contains(ours), "Globex reads of its own {ours}");
    }
    // Numbers run for each partner: an MDF-1 is Globex's own, an MDF-2 could only be Acme's.
    for theirs in ["Acme", "pat (", "Search ads", "MDF-2"] {
        assert!(!globex.contains(theirs), "Globex reads {theirs:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_scenario_is_refused_before_anything_starts() {
    let dir = tempfile::tempdir().unwrap();
    let options = HeadlessOptions { scenario: "year".to_owned(), ..quarter(dir.path()) };
    let fault = headless(options).await.unwrap_err();
    assert_eq!(fault.to_string(), "there is no scenario \"year\"; there is \"quarter\"");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_cannot_be_written_to_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let fault = headless(quarter(&file)).await.unwrap_err();
    assert!(fault.to_string().contains("can't be written"), "{fault}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_has_a_started_program_and_controls_that_move_it() {
    let playground = Playground::open(&Options::default()).await.unwrap();
    let discord = playground.discord();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(playground.serve(async move {
        let _ = stopped.await;
    }));
    let vera = discord.person(Who::Vera.id());
    let newest =
        |channel: u64| vera.messages(channel).last().map(discord_local::Message::text).unwrap_or_default();
    let titled = |name: &str| vera.messages(APPROVALS).iter().any(|message| message.text().starts_with(name));
    assert!(titled("ACME/MDF-2 · approved"), "{:?}", vera.messages(APPROVALS));
    assert!(
        newest(APPROVALS).starts_with("Open decisions"),
        "a day's digest came after it: {}",
        newest(APPROVALS)
    );
    assert!(!vera.messages(GLOBEX).is_empty());
    assert_eq!(
        discord.notice(),
        "It is Friday, 30 January 2026, 17:00 (Europe/Berlin) · next checkpoint Monday, 2 February 2026, 09:00 (Europe/Berlin)"
    );

    let lead = discord.use_control("lead").await.unwrap();
    assert_eq!(lead, "visitor0@rosenhag.example is a lead now. It is in the figures once the day is over.");
    let deal = discord.use_control("deal").await.unwrap();
    assert_eq!(deal, "A deal of EUR 18500 is won. It is in the figures once the day is over.");
    let day = discord.use_control("next_day").await.unwrap();
    assert_eq!(day, "It is Saturday, 31 January 2026, 17:00 (Europe/Berlin).");
    let checkpoint = discord.use_control("next_checkpoint").await.unwrap();
    assert_eq!(checkpoint, "It is Monday, 2 February 2026, 09:00 (Europe/Berlin), and the report is posted.");
    let posted = vera.messages(ACME).into_iter().map(|message| message.text());
    let report = posted.rev().find(|text| text.starts_with("Checkpoint 1 of PLN-1")).unwrap();
    assert!(newest(ACME).starts_with("Review of PLN-1 · checkpoint 1 · to be acknowledged"));
    assert!(report.contains("21 of 28 leads due by now"), "twenty, and the one of the button: {report}");
    assert!(report.contains("EUR 18,500.00 won revenue"), "{report}");
    assert!(discord.notice().contains("next checkpoint Sunday, 15 February 2026"), "{}", discord.notice());

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(discord.use_control("lead").await.unwrap(), "The playground is being stopped.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_no_hindrance() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let playground = Playground::open(&Options { port, scenario: None }).await.unwrap();
    let address = playground.discord().address();
    assert!(address.ip().is_loopback());
    assert_ne!(address.port(), port);
    playground.serve(async {}).await;
}
