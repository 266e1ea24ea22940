//! What breaks inside: the person gets a reference that is in the log and no inner detail, and nothing is half-done.

use super::drafted;
use crate::harness::stored::difference;
use crate::harness::{World, stories};
use std::io::Write;
use std::sync::{Mutex, Once};
use tandem::playground::seed::{ACME, Who};

stories!(
    a_fault_halfway_leaves_nothing_and_is_in_the_log,
    a_fault_behind_a_press_leaves_nothing,
    a_question_that_breaks_is_answered,
);

/// Everything logged as an error by any test of this binary.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn listens() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_ansi(false);
        log.with_writer(|| Log).init();
    });
}

/// The reference of an answer that says no more than that.
fn reference(answer: &str) -> &str {
    let before = "Something went wrong inside; nothing was changed. Try again, and if it stays so, tell your operator the reference ";
    let reference = answer.strip_prefix(before).and_then(|rest| rest.strip_suffix('.'));
    let reference = reference.unwrap_or_else(|| panic!("no answer to a fault: {answer}"));
    assert!(
        reference.len() == 13 && reference.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{reference}"
    );
    reference
}

/// The line of the log that has a reference.
fn logged(reference: &str) -> String {
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    let line = log.lines().find(|line| line.contains(reference));
    line.unwrap_or_else(|| panic!("{reference} is not in the log")).to_owned()
}

/// Takes a table away beneath the program.
async fn without(w: &World, table: &str) {
    w.sql(&format!("ALTER TABLE {table} RENAME TO {table}_away")).await.unwrap();
}

async fn with(w: &World, table: &str) {
    w.sql(&format!("ALTER TABLE {table}_away RENAME TO {table}")).await.unwrap();
}

async fn a_fault_halfway_leaves_nothing_and_is_in_the_log(w: &mut World) {
    listens();
    drafted(w, Who::Pat, "EUR").await;
    let pat = w.person(Who::Pat);
    // The plan is saved and audited before its card is wanted: the fault comes last of all.
    let before = w.stored(&[]).await;
    without(w, "card").await;
    let answer = pat.runs("/plan propose").await;
    with(w, "card").await;
    let line = logged(reference(&answer));
    assert!(line.contains("A request failed") && line.contains("card"), "the log says what it was: {line}");
    assert_eq!(difference(&before, &w.stored(&[]).await), Vec::<String>::new(), "nothing half-done");
    // Mended, the same wish is fulfilled.
    let again = pat.runs("/plan propose").await;
    assert!(again.starts_with("PLN-1 is proposed"), "{again}");
}

async fn a_fault_behind_a_press_leaves_nothing(w: &mut World) {
    listens();
    drafted(w, Who::Pat, "EUR").await;
    w.person(Who::Pat).runs("/plan propose").await;
    let shown = w.card(ACME, "PLN-1");
    let vera = w.person(Who::Vera);
    for table in ["card", "plan_signature", "request_log"] {
        let before = w.stored(&[]).await;
        without(w, table).await;
        let answer = vera.presses(&shown, "Sign", &[]).await;
        with(w, table).await;
        logged(reference(&answer));
        assert_eq!(difference(&before, &w.stored(&[]).await), Vec::<String>::new(), "without {table}");
    }
    assert_eq!(vera.presses(&shown, "Sign", &[]).await, "Signed. PLN-1 waits for the partner's signature.");
}

async fn a_question_that_breaks_is_answered(w: &mut World) {
    listens();
    drafted(w, Who::Pat, "EUR").await;
    let pat = w.person(Who::Pat);
    without(w, "plan_signature").await;
    let answer = pat.runs("/plan show").await;
    with(w, "plan_signature").await;
    let line = logged(reference(&answer));
    assert!(line.contains("plan_signature"), "{line}");
    without(w, "plan").await;
    assert_eq!(pat.is_offered("/plan show plan:").await, Vec::<String>::new(), "suggestions stay empty");
    with(w, "plan").await;
    assert_eq!(pat.is_offered("/plan show plan:").await.len(), 1);
}
