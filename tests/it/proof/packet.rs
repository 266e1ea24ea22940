//! The auditor's packet: all of a claim in one archive, the same bytes each time, and no list of people in it.

use super::claiming;
use crate::harness::files::{file, pdf};
use crate::harness::{World, stories};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;
use tandem::domain::canonical::sha256 as of_text;
use tandem::evidence::packet::sha256;
use tandem::playground::seed::{self, APPROVALS, Who};

stories!(
    the_packet_holds_all_of_a_claim,
    the_packet_tells_what_was_decided_before_it_was_filed_again,
    what_is_not_there_is_not_exported
);

/// Runs the program's own binary beside the world's; its exit code and what it said.
fn tandem(w: &World, dir: &Path, words: &[&str]) -> (i32, String) {
    std::fs::write(dir.join("bot.toml"), seed::bot_toml(&w.addresses)).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .args(words)
        .current_dir(dir)
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

/// The parts of a packet by their names.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.insert(part.name().unwrap().into_owned(), bytes);
    }
    parts
}

/// A claim with an invoice, a screenshot and a list of people, approved and paid.
async fn paid(w: &World) {
    claiming(w).await;
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    let list = file("attendees.csv", "text/csv", b"name\nAda Lovelace\n");
    for (slot, upload) in
        [("Cost", pdf("invoice.pdf", "AV-7")), ("Execution", pdf("stage.pdf", "stage")), ("Results", list)]
    {
        let line = format!("/claim evidence claim:CLM-1 slot:{slot} file:{}", upload.filename);
        pat.attaches(&line, &[upload]).await;
    }
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:AV invoice:AV-7 date:2026-02-11 net:4,000").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let answer = amir.presses(&w.card(APPROVALS, "ACME/CLM-1"), "Approve", &[]).await;
    assert!(answer.starts_with("CLM-1 is approved."), "{answer}");
    let answer = finn.runs("/claim pay claim:CLM-1 reference:SEPA-1 partner:acme").await;
    assert!(answer.contains("It is paid whole."), "{answer}");
}

async fn the_packet_holds_all_of_a_claim(w: &mut World) {
    paid(w).await;
    let dir = tempfile::tempdir().unwrap();
    let asked = ["export", "claim", "CLM-1", "--partner", "acme"];
    let (code, said) = tandem(w, dir.path(), &asked);
    assert_eq!(code, 0, "{said}");
    let bytes = std::fs::read(dir.path().join("acme-CLM-1.zip")).unwrap();
    assert_eq!(said, format!("acme-CLM-1.zip: 12 parts, SHA-256 {}\n", sha256(&bytes)));
    let again = [asked.as_slice(), &["--program", "northwind", "--out", "second.zip"]].concat();
    assert_eq!(tandem(w, dir.path(), &again).0, 0);
    assert_eq!(std::fs::read(dir.path().join("second.zip")).unwrap(), bytes, "the same bytes");
    let exported = w.number("SELECT COUNT(*) FROM audit WHERE code = 'claim_exported'").await;
    assert_eq!(exported, 2, "each export has its line in the trail");

    let parts = unpacked(&bytes);
    let json = |name: &str| serde_json::from_slice::<Value>(&parts[name]).unwrap();
    assert_eq!(json("request.json")["approved"]["amount"], "9000.00");
    assert_eq!(json("claim.json")["lines"][0]["accepted"]["amount"], "4000.00");
    assert_eq!(json("claim-decisions.json")[0]["outcome"], "approved");
    assert_eq!(json("payments.json")[0]["reference"], "SEPA-1");
    let moves: Vec<Value> =
        json("ledger.json").as_array().unwrap().iter().map(|one| one["move"].clone()).collect();
    assert_eq!(moves, ["approve", "approve_claim", "pay"]);
    assert_eq!(parts["evidence/1-invoice.pdf"], pdf("invoice.pdf", "AV-7").bytes);
    is_whole(&parts);
    let list = &json("evidence.json")[2];
    assert_eq!(list["restricted_rows"], 2);
    assert_eq!(list["sha256"], sha256(b"name\nAda Lovelace\n"));
    let all = String::from_utf8_lossy(&bytes);
    assert!(!all.contains("Ada Lovelace") && !all.contains("attendees.csv"), "no list of people is in it");
}

/// A line is cut, the claim returned; the line and what proved it are taken out, and the rest is filed again and paid. What
/// somebody decided on is still told, with the bytes that they saw.
async fn the_packet_tells_what_was_decided_before_it_was_filed_again(w: &mut World) {
    claiming(w).await;
    let [pat, amir, finn] = [Who::Pat, Who::Amir, Who::Finn].map(|who| w.person(who));
    let bar = pdf("bar.pdf", "BAR-1");
    let list = file("attendees.csv", "text/csv", b"name\nAda Lovelace\n");
    for (slot, upload) in [
        ("Cost", pdf("invoice.pdf", "AV-7")),
        ("Cost", bar.clone()),
        ("Execution", pdf("stage.pdf", "stage")),
        ("Results", list),
        // The same people once more, where nobody asked for a list, and with something else.
        ("Cost", file("people.csv", "text/csv", b"name,mail\nAda Lovelace,ada@acme.example\n")),
        ("Results", pdf("results.pdf", "41 came")),
    ] {
        let line = format!("/claim evidence claim:CLM-1 slot:{slot} file:{}", upload.filename);
        pat.attaches(&line, &[upload]).await;
    }
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:AV invoice:AV-7 date:2026-02-11 net:4,000").await;
    pat.runs("/claim line claim:CLM-1 what:Bar supplier:Hotel invoice:BAR-1 date:2026-02-11 net:600").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let card = || w.card(APPROVALS, "ACME/CLM-1");
    amir.presses(&card(), "Decide lines…", &[("lines", "2: 0 alcohol is not eligible")]).await;
    amir.presses(&card(), "Return…", &[("reason", "Leave out the bar.")]).await;
    w.moves_to("2026-02-13T10:00:00Z").await;
    for number in [5, 4, 2] {
        pat.runs(&format!("/claim remove-evidence claim:CLM-1 number:{number}")).await;
    }
    pat.runs("/claim remove-line claim:CLM-1 number:2").await;
    let answer = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(answer.starts_with("CLM-1 is submitted: 1 line"), "{answer}");
    amir.presses(&card(), "Approve", &[]).await;
    let answer = finn.runs("/claim pay claim:CLM-1 reference:SEPA-1 partner:acme").await;
    assert!(answer.contains("It is paid whole."), "{answer}");

    let dir = tempfile::tempdir().unwrap();
    let (code, said) = tandem(w, dir.path(), &["export", "claim", "CLM-1", "--partner", "acme"]);
    assert_eq!(code, 0, "{said}");
    let bytes = std::fs::read(dir.path().join("acme-CLM-1.zip")).unwrap();
    let parts = unpacked(&bytes);
    let json = |name: &str| serde_json::from_slice::<Value>(&parts[name]).unwrap();
    let decided = json("claim-decisions.json");
    let told = decided.as_array().unwrap().iter().map(|one| {
        let line = |line: &Value| {
            let accepted = line["accepted"]["amount"].as_str().unwrap_or("-");
            let (number, invoice) = (&line["line"], line["invoice"].as_str().unwrap());
            format!(" {number} {invoice} {accepted} {}", line["reason"].as_str().unwrap_or("-"))
        };
        let lines: Vec<String> = one["lines"].as_array().unwrap().iter().map(line).collect();
        format!("{}:{}", one["outcome"].as_str().unwrap(), lines.join(","))
    });
    let cut = "1 AV-7 4000.00 -, 2 BAR-1 0.00 alcohol is not eligible";
    assert_eq!(
        told.collect::<Vec<_>>(),
        [format!("lines: {cut}"), format!("returned: {cut}"), "approved: 1 AV-7 4000.00 -".to_owned()]
    );
    let files = json("evidence.json");
    let removed: Vec<&Value> =
        files.as_array().unwrap().iter().filter(|one| !one["removed_at"].is_null()).collect();
    assert_eq!(removed.len(), 3);
    assert_eq!(removed[0]["removed_at"], "2026-02-13T10:00:00.000Z");
    assert_eq!(parts[removed[0]["file"].as_str().unwrap()], bar.bytes, "the bytes that somebody decided on");
    assert!(removed[1]["file"].is_null() && removed[2]["file"].is_null(), "no list of people, as whatever");
    assert!(!String::from_utf8_lossy(&bytes).contains("Lovelace"), "no list of people is in it");
    is_whole(&parts);
}

/// The manifest names every part with its hash, and each line of the trail has the hash that it says.
fn is_whole(parts: &BTreeMap<String, Vec<u8>>) {
    let manifest: Value = serde_json::from_slice(&parts["manifest.json"]).unwrap();
    let listed = manifest["parts"].as_array().unwrap();
    assert_eq!(listed.len() + 1, parts.len());
    for part in listed {
        let bytes = &parts[part["name"].as_str().unwrap()];
        assert_eq!(part["sha256"], sha256(bytes));
    }
    let trail: Value = serde_json::from_slice(&parts["audit.json"]).unwrap();
    let codes: Vec<&str> =
        trail.as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap()).collect();
    for code in ["request_submitted", "claim_drafted", "claim_evidence_added", "claim_approved"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    for line in trail.as_array().unwrap() {
        let covered = serde_json::json!({
            "id": line["id"], "seq": line["seq"].to_string(), "at": line["at"].to_string(),
            "program": line["program"], "partner": line["partner"], "actor": line["actor"],
            "company": line["company"], "code": line["code"], "item": line["item"],
            "detail": line["detail"], "before": line["before"],
        });
        let hash = of_text(&tandem::domain::canonical::canonical(&covered));
        assert_eq!(line["hash"], hash, "line {}", line["seq"]);
    }
}

async fn what_is_not_there_is_not_exported(w: &mut World) {
    paid(w).await;
    w.person(Who::Pat).runs("/claim new request:MDF-1").await;
    let dir = tempfile::tempdir().unwrap();
    for (words, told) in [
        // One that was never filed is the partner's own.
        (["CLM-2", "--partner", "acme"], "acme has no claim CLM-2"),
        (["CLM-7", "--partner", "acme"], "acme has no claim CLM-7"),
        (["CLM-1", "--partner", "globex"], "globex has no claim CLM-1"),
        (["CLM-1", "--partner", "nobody"], "northwind has no partner nobody"),
        (["MDF-1", "--partner", "acme"], "\"MDF-1\" is no claim: write it like CLM-5"),
    ] {
        let (code, said) = tandem(w, dir.path(), &[["export", "claim"].as_slice(), &words].concat());
        assert_eq!((code, said.trim()), (1, told));
    }
    let other = ["export", "claim", "CLM-1", "--partner", "acme", "--program", "southwind"];
    assert_eq!(tandem(w, dir.path(), &other), (1, "there is no program southwind\n".to_owned()));
    // A file that was altered in the folder is in no packet.
    let place = w.evidence().into_keys().find(|place| place.starts_with("open/")).unwrap();
    std::fs::write(Path::new(&w.addresses.evidence).join(place), b"%PDF-1.7 altered").unwrap();
    let (code, said) = tandem(w, dir.path(), &["export", "claim", "CLM-1", "--partner", "acme"]);
    assert_eq!(code, 1, "{said}");
    assert!(!dir.path().join("acme-CLM-1.zip").exists());
}
