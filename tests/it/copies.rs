//! What both sides can take away: the plan's history, and the copy of what they signed.

use crate::harness::{World, stories};
use serde_json::Value;
use std::process::Command;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    both_sides_read_the_history,
    the_signed_copy_is_verified,
    a_later_revision_names_both_signers,
    history_pages,
    what_is_not_signed_has_no_copy,
    a_draft_copy_never_passes_for_a_signed_one,
);

async fn drafted(w: &World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026 name:Heron *bold* | pipe").await;
    pat.runs("/campaign add name:Webinar <@2001> type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50% segment:Mid | market message:Save time offer:Trial channel:Zoom").await;
    pat.runs("/campaign add name:Mailing type:Email start:2026-03-01 end:2026-03-31 leads:10 pipeline:20k sends:2026-03-01, 2026-03-08").await;
    pat.runs("/plan propose").await;
}

async fn agreed(w: &World) {
    drafted(w).await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    w.person(Who::Olga).presses(&card, "Sign", &[]).await;
}

async fn both_sides_read_the_history(w: &mut World) {
    agreed(w).await;
    let pat = w.person(Who::Pat);
    pat.runs("/mdf request campaign:CMP-1 cost:2k amount:1k purpose:Speaker fund:acme-q1").await;
    w.person(Who::Amir).presses(&w.card(APPROVALS, "ACME/MDF-1"), "Approve", &[]).await;
    pat.runs("/campaign log campaign:CMP-1 spend:10").await;
    let history = pat.runs("/plan history").await;
    let hash = w.word("SELECT sha256 FROM plan_revision").await;
    let head = &hash[..12];
    let wanted = [
        "`2026-01-05 09:00` **LOG-1** logged · <@2004> (Acme)".to_owned(),
        "`2026-01-05 09:00` **MDF-1** approved, EUR 1,000.00 · <@2002> (Northwind)".to_owned(),
        "`2026-01-05 09:00` **MDF-1** submitted, EUR 1,000.00 · <@2004> (Acme)".to_owned(),
        format!(
            "`2026-01-05 09:00` **PLN-1** signed by the second side: agreed, revision 1, SHA-256 {head}… · <@2005> (Acme)"
        ),
        format!("`2026-01-05 09:00` **PLN-1** signed by one side, SHA-256 {head}… · <@2001> (Northwind)"),
        format!("`2026-01-05 09:00` **PLN-1** proposed, SHA-256 {head}… · <@2004> (Acme)"),
        "`2026-01-05 09:00` **CMP-2** added · <@2004> (Acme)".to_owned(),
        "`2026-01-05 09:00` **CMP-1** added · <@2004> (Acme)".to_owned(),
        "`2026-01-05 09:00` **PLN-1** created · <@2004> (Acme)".to_owned(),
    ];
    for line in &wanted {
        assert!(history.contains(line.as_str()), "{line} is in:\n{history}");
    }
    assert_eq!(history, w.person(Who::Vera).runs("/plan history").await, "both read the same");
    let elsewhere = w.person(Who::Amir).runs("/plan history partner:acme").await;
    assert_eq!(elsewhere.replace("ACME/", ""), history);
    assert!(elsewhere.starts_with("History of ACME/PLN-1"), "{elsewhere}");
    let gil = w.person(Who::Gil);
    assert_eq!(
        gil.forges("/plan history plan:PLN-1 partner:acme").await,
        "I can't find that here. Pick it from the list that the option offers."
    );
    gil.runs("/plan create period:Q1 2026").await;
    let other = gil.runs("/plan history").await;
    assert!(other.contains("**PLN-1** created · <@2006> (Globex)") && !other.contains("Acme"), "{other}");
    // The steps inside the vendor's house are the vendor's.
    let trail = "INSERT INTO audit (id, at, program_id, partner_id, actor, company, code, item, detail, seq, prev_hash, hash)
        SELECT 'step', at, program_id, partner_id, actor, company, 'request_step', item, detail, seq + 1000, prev_hash, hash
        FROM audit WHERE code = 'request_approved'";
    w.sql(trail).await.unwrap();
    assert!(w.person(Who::Vera).runs("/plan history").await.contains("**MDF-1** step"));
    assert!(!pat.runs("/plan history").await.contains("**MDF-1** step"));
    let undo = if w.is_sqlite() {
        "DROP TRIGGER audit_no_delete"
    } else {
        "DROP TRIGGER audit_append_only ON audit"
    };
    w.sql(undo).await.unwrap();
    w.sql("DELETE FROM audit WHERE id = 'step'").await.unwrap();
}

async fn history_pages(w: &mut World) {
    agreed(w).await;
    let pat = w.person(Who::Pat);
    for _ in 0..12 {
        pat.runs("/campaign log campaign:CMP-1 spend:10").await;
    }
    let first = pat.runs("/plan history").await;
    let second = pat.runs("/plan history page:2").await;
    assert!(first.contains("**LOG-12**") && !first.contains("**PLN-1** created"), "{first}");
    assert!(second.contains("**PLN-1** created") && !second.contains("**LOG-12**"), "{second}");
    assert!(first.contains("page 1 of 2") && second.contains("page 2 of 2"));
    assert_eq!(pat.runs("/plan history page:99").await, second, "there is no page behind the last");
    assert_eq!(pat.runs("/plan history page:0").await, first);
}

/// The files of somebody's newest answer.
pub fn files(w: &World, who: Who, channel: u64) -> Vec<(String, Vec<u8>)> {
    let all = w.discord.person(who.id()).messages(channel);
    let newest = all.iter().rev().find(|message| !message.attachments.is_empty()).unwrap();
    assert_eq!(newest.ephemeral_for, Some(who.id()), "nobody else sees it");
    newest.attachments.iter().map(|file| (file.filename.clone(), file.bytes.to_vec())).collect()
}

/// Every text at the ends of a JSON value.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter().for_each(|value| leaves(value, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Null => {}
        other => found.push(other.to_string()),
    }
}

fn verify(dir: &std::path::Path, words: &[&str]) -> (i32, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .arg("verify")
        .args(words)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

async fn the_signed_copy_is_verified(w: &mut World) {
    agreed(w).await;
    let hash = w.word("SELECT sha256 FROM plan_revision").await;
    let snapshot = w.word("SELECT snapshot FROM plan_revision").await;
    let said = w.person(Who::Olga).runs("/plan export").await;
    assert!(said.contains(&format!("`tandem verify PLN-1-revision-1.json --sha256 {hash}`")), "{said}");
    let files = files(w, Who::Olga, ACME);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["PLN-1-revision-1.json", "PLN-1-revision-1.md"]);
    assert_eq!(files[0].1, snapshot.as_bytes(), "the exact bytes");
    assert!(w.card(ACME, "PLN-1").text().contains(&hash), "the card shows the hash");

    let document = String::from_utf8(files[1].1.clone()).unwrap();
    let mut told = Vec::new();
    leaves(&serde_json::from_str(&snapshot).unwrap(), &mut told);
    for text in told.iter().map(|text| tandem::text::escape(text)) {
        assert!(document.contains(&text), "{text:?} is signed, and in the document:\n{document}");
    }
    for part in [
        "# PLN-1 · Heron \\*bold\\* \\| pipe · revision 1",
        "## 1. Campaign portfolio",
        "## 2. Roles and",
        "## 3. Budget",
        "## 4. Pipeline",
        "## 5. Review",
        hash.as_str(),
        "Northwind: Discord user 2001, 2026-01-05 09:00:00 CET",
        "Acme: Discord user 2005",
    ] {
        assert!(document.contains(part), "{part}:\n{document}");
    }
    assert!(!document.contains("<@2001>"), "what people wrote mentions nobody");

    verified(&files, &hash);
    assert_eq!(w.number("SELECT COUNT(*) FROM audit WHERE code = 'plan_exported'").await, 1);
    let amir = w.person(Who::Amir);
    assert!(amir.runs("/plan export partner:acme plan:PLN-1 revision:1").await.contains(&hash));
    assert_eq!(
        amir.runs("/plan export partner:acme revision:2").await,
        "PLN-1 has no such revision: the newest is 1. Without the option revision you get the newest."
    );
    assert_eq!(
        amir.runs("/plan export partner:acme revision:0").await,
        "PLN-1 has no such revision: the newest is 1. Without the option revision you get the newest."
    );
    assert!(w.person(Who::Pat).runs("/plan history").await.contains("**PLN-1** exported, revision 1"));
}

/// What both signed for revision 2 is in its file, and the document names who signed that when.
async fn a_later_revision_names_both_signers(w: &mut World) {
    agreed(w).await;
    let [vera, pat, olga] = [Who::Vera, Who::Pat, Who::Olga].map(|who| w.person(who));
    pat.runs("/campaign cancel campaign:CMP-2 reason:No *list*").await;
    olga.presses(&w.card(ACME, "ADJ-1 ·"), "Sign", &[]).await;
    w.moves_to("2026-01-07T11:00:00Z").await;
    vera.presses(&w.card(ACME, "ADJ-1 ·"), "Countersign", &[]).await;
    let hash = w.word("SELECT sha256 FROM plan_revision WHERE revision = 2").await;
    let signed = w.word("SELECT MIN(content_sha256) FROM adjustment_signature").await;
    let said = vera.runs("/plan export").await;
    assert!(said.contains(&format!("`tandem verify PLN-1-revision-2.json --sha256 {hash}`")), "{said}");
    let exported = files(w, Who::Vera, ACME);
    let snapshot = w.word("SELECT snapshot FROM plan_revision WHERE revision = 2").await;
    assert_eq!(exported[0].1, snapshot.as_bytes(), "the exact bytes");
    let document = String::from_utf8(exported[1].1.clone()).unwrap();
    for part in [
        "revision 2".to_owned(),
        format!("- Acme: Discord user 2005, 2026-01-05 09:00:00 CET, signed SHA-256 `{signed}`"),
        format!("- Northwind: Discord user 2001, 2026-01-07 12:00:00 CET, signed SHA-256 `{signed}`"),
        "Both signed ADJ-1, which made this of revision 1: “No \\*list\\*”.".to_owned(),
        format!("The SHA-256 of that file:\n\n    {hash}"),
    ] {
        assert!(document.contains(&part), "{part}:\n{document}");
    }
    assert!(!document.contains("Also agreed"), "{document}");
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("copy.json"), &exported[0].1).unwrap();
    assert_eq!(verify(dir.path(), &["copy.json", "--sha256", &hash]).0, 0);
    assert_eq!(verify(dir.path(), &["copy.json", "--sha256", &signed]).0, 1);
    pat.runs("/plan export revision:1").await;
    let first = String::from_utf8(files(w, Who::Pat, ACME)[1].1.clone()).unwrap();
    assert!(
        first.contains("Both signed the JSON file") && first.contains("Acme: Discord user 2005"),
        "{first}"
    );
    let history = pat.runs("/plan history").await;
    assert!(history.contains("**ADJ-1** signed by one side, SHA-256"), "{history}");
}

/// The operator's command, on the files of an export.
fn verified(files: &[(String, Vec<u8>)], hash: &str) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let json = "PLN-1-revision-1.json";
    assert_eq!(
        verify(dir.path(), &[json, "--sha256", hash]),
        (0, format!("{json}: this is, byte by byte, what both sides signed.\n"))
    );
    let spaced: Vec<String> = hash
        .to_uppercase()
        .as_bytes()
        .chunks(8)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    assert_eq!(verify(dir.path(), &[json, "--sha256", &spaced.join(" ")]).0, 0);
    let words: Vec<&str> = [json, "--sha256"].into_iter().chain(spaced.iter().map(String::as_str)).collect();
    assert_eq!(verify(dir.path(), &words).0, 0, "without quotes as well");
    let mut changed = files[0].1.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    std::fs::write(dir.path().join("changed.json"), changed).unwrap();
    let (code, said) = verify(dir.path(), &["changed.json", "--sha256", hash]);
    assert_eq!(code, 1);
    assert!(said.starts_with("changed.json: this is NOT what both sides signed: its SHA-256 is "), "{said}");
    let (code, said) = verify(dir.path(), &["PLN-1-revision-1.md", "--sha256", hash]);
    assert!(code == 1 && said.contains("what is signed is the .json file"), "{said}");
    let (code, said) = verify(dir.path(), &[json, "--sha256", "abc"]);
    assert!(code == 1 && said.contains("a SHA-256 has 64 hexadecimal digits"), "{said}");
    let (code, said) = verify(dir.path(), &["none.json", "--sha256", hash]);
    assert!(code == 1 && said.contains("reading none.json"), "{said}");
}

async fn what_is_not_signed_has_no_copy(w: &mut World) {
    let pat = w.person(Who::Pat);
    pat.runs("/plan create period:Q1 2026").await;
    assert_eq!(
        pat.runs("/plan export revision:1").await,
        "PLN-1 is draft: there is nothing signed to export. Without the option revision you get a draft copy; there is a signed one as soon as both sides have signed."
    );
}

async fn a_draft_copy_never_passes_for_a_signed_one(w: &mut World) {
    drafted(w).await;
    let card = w.card(ACME, "PLN-1");
    w.person(Who::Vera).presses(&card, "Sign", &[]).await;
    let olga = w.person(Who::Olga);
    assert_eq!(
        olga.runs("/plan export").await,
        "PLN-1 is proposed: this is a draft copy, NOT SIGNED. It is for reading; `tandem verify` accepts no draft.\n<PLN-1-NOT-SIGNED.md>"
    );
    let files = files(w, Who::Olga, ACME);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["PLN-1-NOT-SIGNED.md"], "the bytes that signatures bind stay here");
    let document = String::from_utf8(files[0].1.clone()).unwrap();
    let headings = document.lines().filter(|line| line.starts_with("# ") || line.starts_with("## "));
    assert!(
        headings.clone().count() >= 7 && headings.clone().all(|line| line.contains("NOT SIGNED")),
        "{document}"
    );
    for part in [
        "# NOT SIGNED · draft of PLN-1 · Heron \\*bold\\* \\| pipe",
        "## 1. Campaign portfolio (NOT SIGNED)",
        "## 2. Roles and responsibilities (NOT SIGNED)",
        "## 3. Budget and funding plan (NOT SIGNED)",
        "## 4. Pipeline targets (NOT SIGNED)",
        "## 5. Review cadence (NOT SIGNED)",
        "Save time",
        "mdf 10000.00, partner 10000.00",
        "Northwind: has signed; the other side has not",
        "Acme: has not signed",
    ] {
        assert!(document.contains(part), "{part}:\n{document}");
    }
    // The hash on the card is what the terms would be signed with: no draft may match it.
    let text = w.card(ACME, "PLN-1").text();
    let hash = text.split("SHA-256 ").nth(1).unwrap().split_whitespace().next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("draft.md"), &files[0].1).unwrap();
    let (code, said) = verify(dir.path(), &["draft.md", "--sha256", hash]);
    assert!(code == 1 && said.contains("this is NOT what both sides signed"), "{said}");
    assert!(!document.contains(hash), "nor does it name it");
    let history = olga.runs("/plan history").await;
    assert!(history.contains("**PLN-1** draft exported"), "{history}");
    olga.presses(&card, "Sign", &[]).await;
    assert!(olga.runs("/plan export").await.starts_with("Revision 1 of PLN-1, as both sides signed it."));
}
