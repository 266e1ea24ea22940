//! Names of files: shown to deciders, never used as a path.

use super::files::{MOST, honest};
use insta::assert_snapshot;
use proptest::prelude::*;
use tandem::domain::evidence::Kind;
use tandem::evidence::inspect::{inspect, name};
use tandem::evidence::unfit::Unfit;
use tandem::limits;

/// What becomes of a name: itself made safe, or why not.
fn read(given: &str) -> String {
    let kind = name(given).unwrap_or(Kind::Pdf);
    match inspect(given, None, &honest(kind), MOST) {
        Ok(fit) => fit.name,
        Err(unfit) => format!("{unfit:?}"),
    }
}

/// Names as they come, from honest to hostile.
const GIVEN: &[&str] = &[
    "invoice.pdf",
    "Invoice 4711 (final).PDF",
    " Rechnung  März.pdf ",
    "Bildschirmfoto 12:30?.png",
    "請求書.pdf",
    "acme.com.pdf",
    "node.js.pdf",
    "v1.2.pdf",
    ".htaccess.pdf",
    "a..pdf",
    "invoice.pdf.",
    "invoice.pdf.exe",
    "invoice.exe.pdf",
    "invoice.EXE .pdf",
    "invoice.pdf .exe",
    "invoice.scr.bat.png",
    "exe.pdf",
    "invoice.zip",
    "photos.tar.gz",
    "macros.xlsm",
    "page.html",
    "drawing.svg",
    "photo.heic",
    "invoice",
    "pdf",
    "",
    " ",
    ".pdf",
    " . .pdf",
    "\u{3164}.pdf",
    "..",
    "../../etc/passwd",
    "../../etc/passwd.pdf",
    "/etc/cron.d/x.txt",
    "C:\\Windows\\x.pdf",
    "C:x.pdf",
    "a\\b.pdf",
    "a/b.pdf",
    "%2e%2e%2fx.pdf",
    "a\0.pdf",
    "a.pdf\0.exe",
    "a\nb.pdf",
    "invoice\u{202e}fdp.exe",
    "invoice\u{202e}fdp.pdf",
    "in\u{200b}voice.pdf",
    "a\u{2024}exe\u{ff0e}pdf",
    "cafe\u{301}.pdf",
];

#[test]
fn names_are_taken_mended_or_refused() {
    let all: Vec<String> = GIVEN.iter().map(|given| format!("{given:?} → {}", read(given))).collect();
    assert_snapshot!(all.join("\n"), @r#"
    "invoice.pdf" → invoice.pdf
    "Invoice 4711 (final).PDF" → Invoice 4711 (final).PDF
    " Rechnung  März.pdf " → Rechnung März.pdf
    "Bildschirmfoto 12:30?.png" → Bildschirmfoto 12_30_.png
    "請求書.pdf" → 請求書.pdf
    "acme.com.pdf" → acme.com.pdf
    "node.js.pdf" → node.js.pdf
    "v1.2.pdf" → v1.2.pdf
    ".htaccess.pdf" → .htaccess.pdf
    "a..pdf" → a.pdf
    "invoice.pdf." → invoice.pdf
    "invoice.pdf.exe" → NotAccepted
    "invoice.exe.pdf" → HidesProgram("exe")
    "invoice.EXE .pdf" → HidesProgram("EXE")
    "invoice.pdf .exe" → NotAccepted
    "invoice.scr.bat.png" → HidesProgram("scr")
    "exe.pdf" → exe.pdf
    "invoice.zip" → Archive
    "photos.tar.gz" → Archive
    "macros.xlsm" → NotAccepted
    "page.html" → NotAccepted
    "drawing.svg" → NotAccepted
    "photo.heic" → NotAccepted
    "invoice" → NotAccepted
    "pdf" → NotAccepted
    "" → NotAccepted
    " " → NotAccepted
    ".pdf" → NameBlank
    " . .pdf" → NameBlank
    "ㅤ.pdf" → NameBlank
    ".." → NamePath
    "../../etc/passwd" → NamePath
    "../../etc/passwd.pdf" → NamePath
    "/etc/cron.d/x.txt" → NamePath
    "C:\\Windows\\x.pdf" → NamePath
    "C:x.pdf" → NamePath
    "a\\b.pdf" → NamePath
    "a/b.pdf" → NamePath
    "%2e%2e%2fx.pdf" → %2e%2e%2fx.pdf
    "a\0.pdf" → NameUnseen
    "a.pdf\0.exe" → NameUnseen
    "a\nb.pdf" → NameUnseen
    "invoice\u{202e}fdp.exe" → NameUnseen
    "invoice\u{202e}fdp.pdf" → NameUnseen
    "in\u{200b}voice.pdf" → NameUnseen
    "a․exe．pdf" → NotAccepted
    "cafe\u{301}.pdf" → café.pdf
    "#);
}

#[test]
fn long_names_are_cut_and_keep_their_extension() {
    let most = limits::EVIDENCE_NAME_BYTES_MAX;
    let long = |bytes: usize| format!("{}.pdf", "x".repeat(bytes - 4));
    assert_eq!(read(&long(most)), long(most));
    assert_eq!(read(&long(most + 1)), long(most));
    assert_eq!(read(&long(100_000)), long(most));
    let wide = read(&format!("{}.pdf", "書".repeat(500)));
    assert!(wide.ends_with("書.pdf") && wide.len() <= most && wide.len() > most - 4, "{wide}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Whatever a name is, what is kept of it is safe to show and to save under, and reads as itself.
    #[test]
    fn any_name_is_safe_or_refused(given in "(\\PC|\\.|/|\\\\|:|\0|\u{202e}| |exe|pdf|txt){0,24}(\\.(pdf|csv|exe|docx))?") {
        let Ok(kind) = name(&given) else { return Ok(()) };
        let Ok(fit) = inspect(&given, None, &honest(kind), MOST) else {
            return Err(TestCaseError::fail("a good name with honest bytes"));
        };
        let kept = fit.name;
        let odd = kept.contains(['/', '\\', ':', '<', '>', '"', '|', '?', '*', '\0', '\u{202e}']);
        prop_assert!(!odd);
        prop_assert!(kept.len() <= limits::EVIDENCE_NAME_BYTES_MAX && kept.trim() == kept);
        let (stem, extension) = kept.rsplit_once('.').unwrap();
        prop_assert_eq!(Kind::of_extension(extension), Some(kind));
        prop_assert!(!stem.trim_matches(['.', ' ']).is_empty());
        prop_assert!(!stem.to_lowercase().split('.').skip(1).any(|part| part.trim() == "exe"));
        prop_assert_eq!(read(&kept), kept);
    }

    #[test]
    fn no_path_is_taken(before in "[a-z.]{0,6}", sign in "[/\\\\]", after in "[a-z.]{0,6}") {
        prop_assert_eq!(name(&format!("{before}{sign}{after}.pdf")), Err(Unfit::NamePath));
    }
}
