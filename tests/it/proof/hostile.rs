//! Files that somebody means ill with, from the attachment to the folder: a clear answer, and nothing is left.

use super::claiming;
use crate::evidence::files::{archive, deflated, end, parts, stored};
use crate::harness::files::{file, pdf};
use crate::harness::{World, stories};
use discord_local::Upload;
use tandem::domain::evidence::Kind;
use tandem::playground::seed::{GUILD, Who};

stories!(hostile_files_get_an_answer_and_are_not_kept, hostile_files_of_a_message_are_left_out);

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const MIB: usize = 1024 * 1024;

/// A workbook of which one part unpacks to a thousand times its size.
fn bomb() -> Vec<u8> {
    let mut all = parts(Kind::Xlsx);
    let part = deflated("xl/worksheets/sheet2.xml", &vec![0; 150 * MIB]);
    assert!(150 * MIB / part.packed.len() >= 200, "it is a bomb");
    let lies = 1_000 * part.says_packed;
    all.push(crate::evidence::files::Entry { says_unpacked: lies, ..part });
    archive(&all)
}

/// A workbook that says it has a million parts, as far as its format can say so, and lists as many as fit.
fn crowd() -> Vec<u8> {
    let mut bytes = archive(&parts(Kind::Xlsx));
    let (one, at) = (stored("x", b"").central(0), bytes.len());
    for _ in 0..200_000 {
        bytes.extend_from_slice(&one);
    }
    let length = bytes.len() - at;
    bytes.extend(end(u16::MAX, length, at));
    bytes
}

/// Each hostile file with how its answer begins.
fn hostile() -> Vec<(Upload, &'static str)> {
    let pdf_type = "application/pdf";
    let mut large = b"%PDF-1.7\n".to_vec();
    large.resize(11 * MIB, b' ');
    vec![
        (file("empty.pdf", pdf_type, b""), "empty.pdf is empty: it has 0 bytes. Accepted are PDF, PNG"),
        (file("large.pdf", pdf_type, &large), "large.pdf is larger than 10 MiB. Accepted are PDF, PNG"),
        (file("bomb.xlsx", XLSX, &bomb()), "bomb.xlsx would unpack to far more than such a file has."),
        (file("crowd.xlsx", XLSX, &crowd()), "crowd.xlsx has more than 5000 parts inside."),
        (pdf("invoice.pdf.exe", "x"), "invoice.pdf.exe is not of a type that is accepted as evidence."),
        (pdf("invoice.exe.pdf", "x"), "invoice.exe.pdf has a second extension, exe, which is a program's."),
        (
            file("invoice.pdf", pdf_type, b"MZ\x90\0"),
            "invoice.pdf is called a PDF file, but what is in it is",
        ),
        (
            file("photo.png", "image/png", b"%PDF-1.7\n"),
            "photo.png is called a PNG file, but what is in it is a PDF",
        ),
        (
            file("photo.pdf", "image/png", b"%PDF-1.7\n"),
            "photo.pdf is called a PDF file, but was sent as image/png.",
        ),
        (
            file("all.zip", "application/zip", &archive(&[stored("a.pdf", b"%PDF-1.7")])),
            "all.zip is an archive",
        ),
    ]
}

async fn hostile_files_get_an_answer_and_are_not_kept(w: &mut World) {
    claiming(w).await;
    w.discord.set_file_limit(GUILD, 64 * MIB);
    let pat = w.person(Who::Pat);
    for (upload, begins) in hostile() {
        let line = format!("/claim evidence claim:CLM-1 slot:Cost file:{}", upload.filename);
        let answer = pat.attaches(&line, std::slice::from_ref(&upload)).await;
        assert!(answer.starts_with(begins), "{}: {answer}", upload.filename);
    }
    // Chat takes paths off names before anybody sees them; a client of one's own need not.
    for name in ["../../etc/passwd.pdf", "..\\tandem.db.pdf", "\u{202e}fdp.exe.pdf"] {
        let answer = pat.forges_attachment("CLM-1", name).await;
        let said = ["the file's name holds a path", "the file's name holds characters that nobody sees"];
        assert!(said.iter().any(|one| answer.contains(one)), "{name}: {answer}");
    }
    assert_eq!(w.evidence().len(), 0, "nothing lies in the folder");
    assert_eq!(w.evidence_rows().await, 0, "nothing is in the table");
    assert_eq!(w.number("SELECT rev FROM claim").await, 1, "the claim is as it was");
}

async fn hostile_files_of_a_message_are_left_out(w: &mut World) {
    claiming(w).await;
    w.discord.set_file_limit(GUILD, 64 * MIB);
    let pat = w.person(Who::Pat);
    let files: Vec<Upload> = hostile().into_iter().map(|(upload, _)| upload).take(9).collect();
    let message = pat.posts("All we have", files).await;
    let offer = pat.uses_as_proof(message).await;
    let answer = pat.presses(&offer, "CLM-1: proof of cost", &[]).await;
    assert!(answer.starts_with("empty.pdf is empty: it has 0 bytes."), "the first is told: {answer}");
    assert_eq!((w.evidence().len(), w.evidence_rows().await), (0, 0));
}
