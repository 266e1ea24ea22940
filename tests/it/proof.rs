//! Files as proof of claims: how they come in and out, who sees what of them, and what is kept.

mod extension;
mod hand_out;
mod hostile;
mod packet;

use crate::evidence::files::honest;
use crate::harness::files::{file, pdf};
use crate::harness::world::Player;
use crate::harness::{World, stories};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tandem::domain::evidence::Kind;
use tandem::evidence::vault::SWEPT_AFTER_MS;
use tandem::playground::seed::{ACME, APPROVALS, Who};

stories!(
    a_file_proves_a_cost_and_is_taken_out_again,
    a_list_of_people_shows_its_rows_and_nothing_else,
    a_list_that_is_required_is_brought_and_names_somebody,
    a_message_in_the_channel_is_used_as_proof,
    many_claims_are_offered_page_by_page,
    lists_of_people_are_not_taken_from_messages,
    the_same_file_is_flagged_within_the_partner_only,
    nothing_is_fetched_for_strangers,
    a_link_that_has_expired_is_told,
    of_several_unfit_files_each_is_explained,
    what_belongs_to_no_claim_is_swept_once_a_day,
);

pub const NOT_FOUND: &str = "I can't find that here. Pick it from the list that the option offers.";

/// The partner's plan for the first quarter is signed, with a webinar on 10 February; MDF-1 over EUR 9,000 is approved.
pub async fn approved(w: &World, who: [Player<'_>; 2], fund: &str) {
    let [writer, signer] = who;
    writer.runs("/plan create period:Q1 2026 cadence:monthly").await;
    writer
        .runs("/campaign add name:Spring webinar type:Webinar start:2026-02-10 leads:40 pipeline:120k budget:20k mdf:50%")
        .await;
    writer.runs("/plan propose").await;
    let card = w.card(writer.channel, "PLN-1");
    w.person(Who::Vera).at(writer.channel).presses(&card, "Sign", &[]).await;
    signer.presses(&card, "Sign", &[]).await;
    writer.runs(&format!("/mdf request campaign:CMP-1 cost:18k amount:9k purpose:Speaker fund:{fund}")).await;
    let name = if writer.channel == ACME { "ACME/MDF-1" } else { "GLOBEX/MDF-1" };
    let answer = w.person(Who::Amir).presses(&w.card(APPROVALS, name), "Approve", &[]).await;
    assert!(answer.starts_with("MDF-1 is approved."), "{answer}");
}

/// Acme's webinar has begun, and Pat puts CLM-1 together.
pub async fn claiming(w: &World) {
    let [pat, olga] = [Who::Pat, Who::Olga].map(|who| w.person(who));
    approved(w, [pat, olga], "acme-q1").await;
    w.moves_to("2026-02-12T10:00:00Z").await;
    let answer = pat.runs("/claim new request:MDF-1").await;
    assert!(answer.starts_with("CLM-1 is a draft for MDF-1."), "{answer}");
}

async fn a_file_proves_a_cost_and_is_taken_out_again(w: &mut World) {
    claiming(w).await;
    let [pat, vera] = [Who::Pat, Who::Vera].map(|who| w.person(who));
    let invoice = pdf("invoice.pdf", "AV-7");
    let line = "/claim evidence claim:CLM-1 slot:Cost file:invoice.pdf";
    let answer = pat.attaches(line, std::slice::from_ref(&invoice)).await;
    assert!(answer.starts_with("invoice.pdf is proof of cost of CLM-1 (SHA-256 "), "{answer}");
    assert!(answer.contains("☑ proof of cost: 1 file"), "{answer}");
    assert!(answer.contains("❌ proof of execution: missing"), "{answer}");
    assert_eq!(w.evidence().into_values().collect::<Vec<_>>(), std::slice::from_ref(&invoice.bytes));
    assert!(!w.seen_by(Who::Vera).contains("invoice.pdf"), "only who added it sees it while it is a draft");

    let again = pat.attaches(line, std::slice::from_ref(&invoice)).await;
    assert_eq!(again, "CLM-1 has this very file in this slot already. Nothing was added.");
    assert_eq!(w.evidence_rows().await, 1);

    assert_eq!(
        pat.runs("/claim remove-evidence claim:CLM-1 number:2").await,
        "CLM-1 has no such file. Give its number, as the card shows it."
    );
    let answer = pat.runs("/claim remove-evidence claim:CLM-1 number:1").await;
    assert!(answer.starts_with("invoice.pdf is taken out of CLM-1."), "{answer}");
    assert!(answer.contains("❌ proof of cost: missing"), "{answer}");
    assert_eq!(w.evidence_rows().await, 1, "the row stays: the trail names it");
    let refused = vera.attaches(line, std::slice::from_ref(&invoice)).await;
    assert!(refused.starts_with("You may not do this"), "the vendor proves nothing: {refused}");
}

async fn a_list_of_people_shows_its_rows_and_nothing_else(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    // The results of a webinar ask for an attendee list beside other things: a table is taken for one.
    let list = file("ada-lovelace.csv", "text/csv", b"name,mail\nAda Lovelace,ada@acme.example\n");
    let line = "/claim evidence claim:CLM-1 slot:Results file:ada-lovelace.csv";
    let answer = pat.attaches(line, std::slice::from_ref(&list)).await;
    assert!(answer.starts_with("A restricted list of 2 rows is results of CLM-1 (SHA-256 "), "{answer}");
    assert!(answer.contains("restricted list, 2 rows"), "{answer}");
    assert!(!answer.contains("lovelace"), "{answer}");
    let kept = w.evidence();
    let (place, bytes) = kept.iter().next().unwrap();
    assert!(place.starts_with("sealed/") && kept.len() == 1, "{kept:?}");
    assert!(!String::from_utf8_lossy(bytes).contains("Ada"), "it is encrypted");
    assert_eq!(w.number("SELECT restricted_rows FROM claim_evidence").await, 2);

    // Elsewhere it is a list if its sender says so, and it has to be a table.
    let staff = file("staff.csv", "text/csv", b"name\nAda\nGrace\n");
    let line = "/claim evidence claim:CLM-1 slot:Execution file:staff.csv restricted:True";
    let answer = pat.attaches(line, &[staff]).await;
    assert!(answer.starts_with("A restricted list of 3 rows is proof of execution"), "{answer}");
    let line = "/claim evidence claim:CLM-1 slot:Results file:people.pdf restricted:True";
    assert_eq!(
        pat.attaches(line, &[pdf("people.pdf", "people")]).await,
        "people.pdf is taken as a list of people, and is no table. \
         Give the list as CSV or XLSX: of it, nobody is shown more than how many rows it has."
    );
    assert_eq!(w.evidence_rows().await, 2);
    let open = w.evidence().into_keys().filter(|place| place.starts_with("open/")).count();
    assert_eq!(open, 0);
    for who in [Who::Pat, Who::Vera, Who::Amir, Who::Gil] {
        let seen = w.seen_by(who);
        assert!(!seen.contains("ada-lovelace.csv is") && !seen.contains("Ada Lovelace"), "{who:?}: {seen}");
    }
}

async fn a_list_that_is_required_is_brought_and_names_somebody(w: &mut World) {
    crate::rules::owner(w);
    let set = "/setup activity type:Webinar results-evidence:attendee list (restricted); how many came; recording (optional)";
    let set = w.person(Who::Nobody).runs(set).await;
    assert!(set.contains("attendee list (restricted)"), "{set}");
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let adds = async |slot: &str, upload| {
        let upload: discord_local::Upload = upload;
        let line = format!("/claim evidence claim:CLM-1 slot:{slot} file:{}", upload.filename);
        pat.attaches(&line, &[upload]).await
    };
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:AV invoice:AV-7 date:2026-02-11 net:1,000").await;
    adds("Cost", pdf("invoice.pdf", "AV-7")).await;
    adds("Execution", pdf("stage.pdf", "stage")).await;
    let lacking = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert_eq!(
        lacking,
        "CLM-1 lacks evidence: results (attendee list, how many came, recording (optional)). \
         Add it with /claim evidence."
    );
    // Another file in its slot is no list.
    let answer = adds("Results", pdf("summary.pdf", "41 came")).await;
    assert!(answer.contains("❌ results: 1 file, no list (attendee list, how many came"), "{answer}");
    assert_eq!(
        pat.runs("/claim submit claim:CLM-1 certify:True").await,
        "CLM-1 lacks evidence: results (attendee list as CSV or XLSX). Add it with /claim evidence."
    );
    assert_eq!(
        adds("Results", file("came.csv", "text/csv", b" , \n;;\n")).await,
        "came.csv is a list of people and names nobody: it has 0 rows. \
         Give the list with a row for each of them."
    );
    assert_eq!(w.evidence_rows().await, 3);
    let answer = adds("Results", file("came.csv", "text/csv", b"name\nAda\n")).await;
    assert!(answer.contains("☑ results: 2 files (attendee list"), "{answer}");
    let filed = pat.runs("/claim submit claim:CLM-1 certify:True").await;
    assert!(filed.starts_with("CLM-1 is submitted: 1 line"), "{filed}");
}

async fn a_message_in_the_channel_is_used_as_proof(w: &mut World) {
    claiming(w).await;
    let [pat, olga, vera] = [Who::Pat, Who::Olga, Who::Vera].map(|who| w.person(who));
    let png = honest(Kind::Png);
    let photo = |name: &str, more: &[u8]| file(name, "image/png", &[png.as_slice(), more].concat());
    let exe = file("agenda.exe", "application/octet-stream", b"MZ\x90\0");
    let message =
        olga.posts("Our stage", vec![photo("stage.png", b"1"), photo("audience.png", b"2"), exe]).await;
    let offer = pat.uses_as_proof(message).await;
    assert!(offer.is_ephemeral());
    assert!(offer.text().contains("CLM-1") && offer.text().contains("stage.png"), "{}", offer.text());
    assert_eq!(w.evidence().len(), 0, "nothing is fetched before it is chosen");

    let answer = pat.presses(&offer, "CLM-1: proof of execution", &[]).await;
    assert!(answer.contains("stage.png is proof of execution of CLM-1"), "{answer}");
    assert!(answer.contains("audience.png is proof of execution of CLM-1"), "{answer}");
    assert!(answer.contains("agenda.exe is not of a type that is accepted as evidence."), "{answer}");
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (2, 2));
    let source = w.word("SELECT message_id || ' ' || author FROM claim_evidence ORDER BY name LIMIT 1").await;
    assert_eq!(source, format!("{message} {}", Who::Olga.id()));
    assert_eq!(w.number("SELECT COUNT(*) FROM claim_evidence WHERE posted_at > 0").await, 2);

    let again = pat.presses(&offer, "CLM-1: proof of execution", &[]).await;
    assert!(again.starts_with("CLM-1 has this very file in this slot already."), "{again}");
    // The choice is its own: nobody else presses it, nor for a claim that isn't there.
    let id = offer.button("CLM-1: proof of execution").unwrap().custom_id.unwrap();
    let foreign = vera.forges_press(&w.card(ACME, "PLN-1"), &id).await;
    assert!(foreign.starts_with("You may not do this"), "{foreign}");
    let other = id.replace("execution", "cost").replace(":1", ":2");
    assert_eq!(pat.forges_press(&w.card(ACME, "PLN-1"), &other).await, NOT_FOUND);

    let words = olga.posts("no file at all", Vec::new()).await;
    assert_eq!(
        pat.uses_as_proof(words).await.text(),
        "That message has no files. Use it on one that has, or add files with /claim evidence."
    );
    pat.runs("/claim withdraw claim:CLM-1").await;
    assert_eq!(
        pat.uses_as_proof(message).await.text(),
        "There is no claim that files could be added to. Start one with /claim new."
    );
    let late = pat.presses(&offer, "CLM-1: proof of cost", &[]).await;
    assert!(late.starts_with("CLM-1 is withdrawn: it can't be changed any more."), "{late}");
}

async fn many_claims_are_offered_page_by_page(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    for _ in 0..4 {
        pat.runs("/claim new request:MDF-1").await;
    }
    let message = pat.posts("The invoice", vec![pdf("invoice.pdf", "AV-7")]).await;
    let offer = pat.uses_as_proof(message).await;
    assert!(offer.text().contains("CLM-5") && !offer.text().contains("CLM-1"), "{}", offer.text());
    assert!(offer.text().contains("page 1 of 2"), "{}", offer.text());
    let older = pat.presses(&offer, "Older claims ›", &[]).await;
    assert!(older.contains("CLM-1") && !older.contains("CLM-5"), "{older}");
    let id = offer.button("CLM-5: proof of cost").unwrap().custom_id.unwrap().replace(":5", ":1");
    let answer = pat.forges_press(&offer, &id).await;
    assert!(answer.starts_with("invoice.pdf is proof of cost of CLM-1"), "{answer}");
}

async fn lists_of_people_are_not_taken_from_messages(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let list = file("attendees.csv", "text/csv", b"name\nAda Lovelace\n");
    let message = pat.posts("Who came", vec![list, pdf("summary.pdf", "41 came")]).await;
    let offer = pat.uses_as_proof(message).await;
    let answer = pat.presses(&offer, "CLM-1: results", &[]).await;
    assert!(answer.contains("summary.pdf is results of CLM-1"), "{answer}");
    assert!(
        answer.contains(
            "attendees.csv would be a list of people, and this message is read by all of the channel. \
             Remove it there and use /claim evidence, which only you see."
        ),
        "{answer}"
    );
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (1, 1));
}

async fn the_same_file_is_flagged_within_the_partner_only(w: &mut World) {
    let [gil, ines] = [Who::Gil, Who::Ines].map(|who| w.person(who));
    approved(w, [gil, ines], "pool-q1").await;
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let invoice = pdf("invoice.pdf", "AV-7");
    let all = std::slice::from_ref(&invoice);
    let line =
        |claim: &str, slot: &str| format!("/claim evidence claim:{claim} slot:{slot} file:invoice.pdf");
    gil.runs("/claim new request:MDF-1").await;
    let globex = gil.attaches(&line("CLM-1", "Cost"), all).await;
    assert!(globex.starts_with("invoice.pdf is proof of cost of CLM-1"), "{globex}");

    let first = pat.attaches(&line("CLM-1", "Cost"), all).await;
    assert!(first.starts_with("invoice.pdf is proof of cost of CLM-1"), "{first}");
    assert!(!first.contains("To consider"), "another partner's same file is nobody's business: {first}");
    let twice = pat.attaches(&line("CLM-1", "Execution"), all).await;
    assert!(twice.contains("⚠ invoice.pdf is in this claim twice."), "{twice}");
    pat.runs("/claim new request:MDF-1").await;
    let other = pat.attaches(&line("CLM-2", "Cost"), all).await;
    assert!(other.contains("⚠ invoice.pdf is in CLM-1 too."), "{other}");
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (1, 4), "one object, four rows");
    let shown = gil.runs("/claim show claim:CLM-1").await;
    assert!(!shown.contains("To consider"), "{shown}");
    // The same bytes as a restricted list are an object of their own.
    assert_eq!(w.number("SELECT COUNT(DISTINCT sha256) FROM claim_evidence").await, 1);
}

async fn nothing_is_fetched_for_strangers(w: &mut World) {
    claiming(w).await;
    let [gil, olga, pat] = [Who::Gil, Who::Olga, Who::Pat].map(|who| w.person(who));
    // What is wrong with the file would be said if it were looked at.
    let empty = [file("invoice.pdf", "application/pdf", b"")];
    let line = "/claim evidence claim:CLM-1 slot:Cost file:invoice.pdf";
    assert_eq!(gil.attaches(&format!("{line} partner:acme"), &empty).await, NOT_FOUND);
    assert_eq!(gil.attaches(line, &empty).await, NOT_FOUND);
    let told = olga.attaches(line, &empty).await;
    assert!(told.starts_with("You may not do this: it needs \"file requests and claims\"."), "{told}");
    assert_eq!(pat.attaches(&line.replace("CLM-1", "CLM-9"), &empty).await, NOT_FOUND);
    let own = pat.attaches(line, &empty).await;
    assert!(own.starts_with("invoice.pdf is empty: it has 0 bytes."), "{own}");
    pat.runs("/claim withdraw claim:CLM-1").await;
    let late = pat.attaches(line, &empty).await;
    assert!(late.starts_with("CLM-1 is withdrawn: it can't be changed any more."), "{late}");
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (0, 0));
    let refused = w.number("SELECT COUNT(*) FROM audit WHERE code LIKE 'refused:%'").await;
    assert_eq!(refused, 6, "each refusal has its line in the trail");
}

async fn a_link_that_has_expired_is_told(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let message = pat.posts("The invoice", vec![pdf("invoice.pdf", "AV-7")]).await;
    let offer = pat.uses_as_proof(message).await;
    w.moves_to("2026-02-13T11:00:00Z").await;
    assert_eq!(
        pat.presses(&offer, "CLM-1: proof of cost", &[]).await,
        "invoice.pdf is no longer there: it was deleted, or its link is too old. Attach the file again."
    );
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (0, 0));
    w.moves_to("2026-02-15T11:00:00Z").await;
    assert_eq!(pat.presses(&offer, "CLM-1: proof of cost", &[]).await, NOT_FOUND, "it is forgotten");
    assert_eq!(w.number("SELECT COUNT(*) FROM proof_offer").await, 0);
}

async fn of_several_unfit_files_each_is_explained(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    let unfit = vec![
        file("invoice.pdf", "application/pdf", b""),
        file("people.csv", "text/csv", b"name\nAda\n"),
        file("setup.exe", "application/octet-stream", b"MZ"),
    ];
    let message = pat.posts("Proofs", unfit).await;
    let offer = pat.uses_as_proof(message).await;
    let answer = pat.presses(&offer, "CLM-1: results", &[]).await;
    for name in ["invoice.pdf", "people.csv", "setup.exe"] {
        let told = answer.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!(told, 1, "{name}: {answer}");
    }
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (0, 0));
}

/// Makes every file of the evidence folder two days old.
fn all_age(w: &World) {
    for place in w.evidence().into_keys() {
        let path = PathBuf::from(&w.addresses.evidence).join(place);
        let file = fs::File::options().write(true).open(path).unwrap();
        let at = u64::try_from(w.clock.protocol_ms() - 2 * SWEPT_AFTER_MS).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(at)).unwrap();
    }
}

async fn what_belongs_to_no_claim_is_swept_once_a_day(w: &mut World) {
    claiming(w).await;
    let pat = w.person(Who::Pat);
    for name in ["kept.pdf", "removed.pdf", "decided.pdf"] {
        let line = format!("/claim evidence claim:CLM-1 slot:Cost file:{name}");
        pat.attaches(&line, &[pdf(name, name)]).await;
    }
    assert!(
        pat.runs("/claim remove-evidence claim:CLM-1 number:2").await.contains("removed.pdf is taken out")
    );
    all_age(w);
    w.moves_to("2026-02-12T20:00:00Z").await;
    assert_eq!(w.evidence().len(), 3, "this day was swept in the morning");
    // Somebody decides on the claim while a file is in it, and the file is taken out after that.
    for (slot, name) in [("Execution", "stage.pdf"), ("Results", "results.pdf")] {
        let line = format!("/claim evidence claim:CLM-1 slot:{slot} file:{name}");
        pat.attaches(&line, &[pdf(name, name)]).await;
    }
    pat.runs("/claim line claim:CLM-1 what:Speaker supplier:AV invoice:AV-7 date:2026-02-11 net:1,000").await;
    pat.runs("/claim submit claim:CLM-1 certify:True").await;
    let card = w.card(APPROVALS, "ACME/CLM-1");
    let returned = w.person(Who::Amir).presses(&card, "Return…", &[("reason", "Wrong invoice")]).await;
    assert!(returned.starts_with("CLM-1 is returned"), "{returned}");
    w.moves_to("2026-02-12T21:00:00Z").await;
    assert!(
        pat.runs("/claim remove-evidence claim:CLM-1 number:2").await.contains("decided.pdf is taken out")
    );
    all_age(w);
    w.moves_to("2026-02-13T10:00:00Z").await;
    let kept: Vec<String> =
        w.evidence().into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    let has = |name: &str| kept.iter().any(|text| text.contains(name));
    assert!(has("kept.pdf") && has("decided.pdf"), "what somebody has decided upon stays: {kept:?}");
    assert!(!has("removed.pdf"), "{kept:?}");
    assert_eq!(w.number("SELECT COUNT(*) FROM cron_slot WHERE job = 'evidence_sweep'").await, 3);
}
