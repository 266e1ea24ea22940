//! The audit trail is a chain: whatever is done to it in the database is found, with the first bad line.

use crate::harness::{World, stories};
use std::process::Command;
use tandem::in_read;
use tandem::playground::seed::{self, ACME, APPROVALS, Who};
use tandem::store::audit::{self, Verified};

stories!(
    tampering_with_the_trail_is_found,
    the_trail_holds_no_names_and_nothing_that_people_wrote,
    the_operator_checks_the_trail,
);

/// A plan signed by both, a request filed and approved.
async fn agreed(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 name:Heron").await;
    pat.runs(
        "/campaign add name:Kingfisher type:Webinar start:2026-02-10 leads:40 pipeline:120k segment:Swift",
    )
    .await;
    pat.runs("/plan propose").await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Osprey fund:acme-q1").await;
    let request = w.card(APPROVALS, "ACME/MDF-1");
    w.person(Who::Amir).presses(&request, "Return…", &[("reason", "Goshawk")]).await;
}

async fn verified(w: &World) -> Verified {
    let store = &w.running.app.store;
    let mut all = in_read!(store, |read| { audit::verify(read).await }).unwrap();
    assert_eq!(all.len(), 1, "one program");
    all.remove(0)
}

/// Takes the triggers away that keep the trail append-only, as somebody with the database's password can.
async fn disarmed(w: &World) {
    let drop = if w.is_sqlite() {
        "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;"
    } else {
        "DROP TRIGGER audit_append_only ON audit;"
    };
    w.sql(drop).await.unwrap();
}

async fn tampering_with_the_trail_is_found(w: &mut World) {
    agreed(w).await;
    let whole = verified(w).await;
    assert_eq!(whole.broken, None);
    assert!(whole.seq > 9, "there is something to tamper with: {}", whole.seq);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit").await, whole.seq, "every line is in the chain");
    assert!(w.sql("UPDATE audit SET actor = '1' WHERE seq = 5").await.is_err(), "it is append-only");
    disarmed(w).await;
    w.sql("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head")
        .await
        .unwrap();

    let last = whole.seq;
    let cases = [
        ("changed: who", "UPDATE audit SET actor = '1' WHERE seq = 5".to_owned(), 5, "was changed"),
        ("changed: when", "UPDATE audit SET at = at + 1 WHERE seq = 6".to_owned(), 6, "was changed"),
        ("changed: what", "UPDATE audit SET detail = '{}' WHERE seq = 7".to_owned(), 7, "was changed"),
        ("changed: to whom", "UPDATE audit SET partner_id = NULL WHERE seq = 8".to_owned(), 8, "was changed"),
        ("changed: the last hash", format!("UPDATE audit SET hash = prev_hash WHERE seq = {last}"), last, "was changed"),
        ("removed", "DELETE FROM audit WHERE seq = 4".to_owned(), 4, "is missing"),
        ("removed and closed up", "DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = seq - 1000 WHERE seq > 4; UPDATE audit SET seq = seq + 999 WHERE seq < 0".to_owned(), 4, "does not follow"),
        ("first removed", "DELETE FROM audit WHERE seq = 1".to_owned(), 1, "is missing"),
        ("put in", format!("INSERT INTO audit SELECT 'x', at, program_id, partner_id, actor, company, code, item, detail, {last} + 1, hash, hash FROM audit WHERE seq = {last}"), last + 1, "was changed"),
        ("put in outside", "INSERT INTO audit SELECT 'x', at, program_id, partner_id, actor, company, code, item, detail, 0, hash, hash FROM audit WHERE seq = 3".to_owned(), 0, "outside of the chain"),
        ("moved", "UPDATE audit SET seq = 99999 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 99999".to_owned(), 5, "does not follow"),
        ("tail cut", format!("DELETE FROM audit WHERE seq > {}", last - 2), last - 1, "its tail was cut"),
        ("all cut", "DELETE FROM audit".to_owned(), 1, "its tail was cut"),
        ("head moved back", format!("UPDATE audit_head SET seq = {}", last - 1), last + 1, "its head says"),
        ("head of another line", "UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 3)".to_owned(), last + 1, "does not have the hash"),
    ];
    for (name, tampering, at, wrong) in cases {
        w.sql(&tampering).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let broken = verified(w).await.broken;
        assert_eq!(broken.as_ref().map(|(at, _)| *at), Some(at), "{name}: {broken:?}");
        assert!(broken.as_ref().is_some_and(|(_, said)| said.contains(wrong)), "{name}: {broken:?}");
        w.sql("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head").await.unwrap();
        assert_eq!(verified(w).await, whole, "{name} is mended");
    }
    w.person(Who::Pat).runs("/plan create period:Q2 2026").await;
    let longer = verified(w).await;
    assert_eq!((longer.seq, longer.broken), (whole.seq + 1, None), "the chain goes on");
}

async fn the_trail_holds_no_names_and_nothing_that_people_wrote(w: &mut World) {
    agreed(w).await;
    w.person(Who::Pat)
        .runs("/campaign log campaign:CMP-1 spend:10 note:Plover payer:Plover invoice:Plover")
        .await;
    let cast = "SELECT COUNT(*) FROM audit WHERE detail LIKE '%Plover%' OR detail LIKE '%Heron%' OR detail LIKE '%Kingfisher%'
        OR detail LIKE '%Swift%' OR detail LIKE '%Osprey%' OR detail LIKE '%Goshawk%' OR detail LIKE '%pat%' OR detail LIKE '%Acme%'";
    assert_eq!(w.number(cast).await, 0);
}

/// Runs the real binary and gives its exit code and what it said.
fn tandem(w: &World, words: &[&str]) -> (i32, String) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bot.toml"), seed::bot_toml(&w.addresses)).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .args(words)
        .current_dir(dir.path())
        .env("PLAYGROUND_TOKEN", "token")
        .env("PLAYGROUND_DATABASE", &w.addresses.database_url)
        .env("PLAYGROUND_HUBSPOT_SECRET", seed::HUBSPOT_SECRET)
        .env("PLAYGROUND_HUBSPOT_TOKEN", seed::HUBSPOT_TOKEN)
        .env("PLAYGROUND_STANDARD_SECRET", seed::STANDARD_SECRET)
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

async fn the_operator_checks_the_trail(w: &mut World) {
    agreed(w).await;
    let (code, said) = tandem(w, &["audit", "verify"]);
    assert_eq!(code, 0, "{said}");
    let end = said.lines().next().unwrap().to_owned();
    assert!(end.starts_with("northwind:"), "{said}");
    assert!(said.contains("The audit trail is sound."), "{said}");
    w.person(Who::Pat).runs("/plan create period:Q2 2026").await;
    let (code, said) = tandem(w, &["audit", "verify", "--kept", &end]);
    assert_eq!(code, 0, "what was kept is still there: {said}");
    let forged = format!("northwind:3:{}", "a".repeat(64));
    let (code, said) = tandem(w, &["audit", "verify", "--kept", &forged]);
    assert_eq!(code, 1);
    assert!(said.contains("northwind: line 3 is not the one that was kept"), "{said}");
    disarmed(w).await;
    let before = w.word("SELECT actor FROM audit WHERE seq = 5").await;
    w.sql("UPDATE audit SET actor = '1' WHERE seq = 5").await.unwrap();
    let (code, said) = tandem(w, &["audit", "verify"]);
    assert_eq!(code, 1);
    assert!(said.starts_with("northwind: first bad line 5: line 5 was changed"), "{said}");
    w.sql(&format!("UPDATE audit SET actor = '{before}' WHERE seq = 5")).await.unwrap();
}
