//! What is taken and what is refused: size, declared type, contents.

use super::files::{MOST, honest};
use insta::assert_snapshot;
use proptest::prelude::*;
use tandem::domain::evidence::Kind;
use tandem::evidence::inspect::{Fit, inspect};
use tandem::evidence::unfit::Unfit;
use tandem::limits;

fn name(kind: Kind) -> String {
    format!("proof.{}", kind.extensions()[0])
}

#[test]
fn every_accepted_type_is_taken() {
    for kind in Kind::ALL.iter().copied() {
        let rows = matches!(kind, Kind::Csv | Kind::Xlsx).then_some(2);
        let fit = Ok(Fit { name: name(kind), kind, rows });
        let bytes = honest(kind);
        for declared in [None, Some(kind.content_type()), Some("application/octet-stream"), Some("")] {
            assert_eq!(inspect(&name(kind), declared, &bytes, MOST), fit, "{declared:?}");
        }
        let in_capitals = name(kind).to_uppercase();
        let with_charset = format!("{}; charset=utf-8", kind.content_type().to_uppercase());
        assert!(inspect(&in_capitals, Some(&with_charset), &bytes, MOST).is_ok(), "{in_capitals}");
    }
    let jpeg = inspect("Photo.JPEG", Some("image/jpg"), &honest(Kind::Jpeg), MOST);
    assert_eq!(jpeg.unwrap().kind.content_type(), "image/jpeg");
    // What browsers on a machine with Excel call a CSV.
    assert!(inspect("a.csv", Some("application/vnd.ms-excel"), &honest(Kind::Csv), MOST).is_ok());
}

#[test]
fn sizes_are_kept_to() {
    let take = |bytes: usize, most| inspect("a.txt", None, &vec![b'x'; bytes], most).map(|_| ());
    assert_eq!(take(0, 1_024), Err(Unfit::Empty));
    assert_eq!(take(1, 1_024), Ok(()));
    assert_eq!(take(1_024, 1_024), Ok(()));
    assert_eq!(take(1_025, 1_024), Err(Unfit::TooLarge(1_024)));
    assert_eq!(take(MOST, MOST), Ok(()));
    assert_eq!(take(MOST + 1, MOST), Err(Unfit::TooLarge(MOST)));
    assert_eq!(take(11 * 1024 * 1024, MOST), Err(Unfit::TooLarge(MOST)));
}

#[test]
fn a_file_is_what_its_name_says_or_refused() {
    let is_text = |kind| matches!(kind, Kind::Txt | Kind::Csv | Kind::Eml);
    for says in Kind::ALL.iter().copied() {
        for is in Kind::ALL.iter().copied() {
            let taken = inspect(&name(says), None, &honest(is), MOST);
            // Any text is a TXT and could be a CSV; only an e-mail is an EML.
            let fits = says == is || (is_text(is) && matches!(says, Kind::Txt | Kind::Csv));
            assert_eq!(taken.is_ok(), fits, "{says:?} that is {is:?}: {taken:?}");
        }
    }
}

#[test]
fn a_file_is_what_was_declared_or_refused() {
    for says in Kind::ALL.iter().copied() {
        for declared in Kind::ALL.iter().copied() {
            let taken = inspect(&name(says), Some(declared.content_type()), &honest(says), MOST);
            let plain = declared == Kind::Txt && matches!(says, Kind::Csv | Kind::Eml);
            assert_eq!(taken.is_ok(), says == declared || plain, "{says:?} sent as {declared:?}: {taken:?}");
        }
        for declared in ["text/html", "application/x-msdownload", "image/svg+xml", "image"] {
            let taken = inspect(&name(says), Some(declared), &honest(says), MOST);
            assert_eq!(taken, Err(Unfit::Declared { says, declared: declared.to_owned() }));
        }
    }
}

#[test]
fn what_else_there_is_gets_its_name() {
    let is = |name: &str, bytes: &[u8]| match inspect(name, None, bytes, MOST) {
        Err(Unfit::Disguised { is, .. }) => is.to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(is("a.pdf", b"MZ\x90\0\x03"), "a Windows program");
    assert_eq!(is("a.png", b"\x7fELF\x02"), "a Linux program");
    assert_eq!(is("a.txt", b"MZ\x90\0\x03"), "a Windows program");
    assert_eq!(is("a.jpg", b"\0\0\0\x18ftypheic"), "a HEIC picture or a film");
    assert_eq!(is("a.pdf", &super::files::archive(&[])), "a ZIP archive or an Office file");
    assert_eq!(is("a.xlsx", b"Rar!\x1a\x07\x01\0"), "an archive");
    assert_eq!(is("a.docx", b"{\\rtf1}"), "an RTF text");
    assert_eq!(is("a.txt", b"{\\rtf1}"), "an RTF text");
    assert_eq!(is("a.csv", b"%PDF-1.4\n"), "a PDF");
    assert_eq!(is("a.pdf", b"\n%PDF-1.4\n"), "something else", "a PDF has its mark at its beginning");
    assert_eq!(is("a.webp", b"RIFF\x24\0\0\0WAVEfmt "), "something else");
    assert_eq!(is("a.gif", b"GIF89"), "something else");
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    assert_eq!(inspect("a.xlsx", None, old, MOST), Err(Unfit::Locked(Kind::Xlsx)));
    assert_eq!(is("a.pdf", old), "an Office file of before 2007");
}

#[test]
fn texts_of_all_times_are_texts() {
    let take = |bytes: &[u8]| inspect("a.txt", None, bytes, MOST);
    assert!(take("Grüße, 東京, 🎉\t\r\n\u{c}".as_bytes()).is_ok());
    assert!(take(b"\xef\xbb\xbfwith a mark").is_ok());
    assert!(take(b"Gr\xfc\xdfe aus M\xfcnchen").is_ok(), "Windows-1252");
    assert!(take(b"\x1b$BElEl\x1b(B").is_ok(), "ISO-2022-JP");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    assert!(take(&[b"\xff\xfe".as_slice(), &wide("Grüße 🎉")].concat()).is_ok());
    assert!(take(&[b"\xfe\xff".as_slice(), b"\0G\0o"].concat()).is_ok());
    assert!(take(&[b"\xff\xfe".as_slice(), b"\x3d\xd8"].concat()).is_err(), "half a character");
    assert!(take(b"\xff\xfeGr\0").is_err(), "an odd byte");
    assert!(take(&[b"\xff\xfe".as_slice(), &wide("a\0b")].concat()).is_err(), "NUL is no text");
    assert_eq!(take(b"a\0b"), Err(Unfit::NoText(Kind::Txt)));
    assert_eq!(inspect("a.csv", None, b"a,b\x07", MOST), Err(Unfit::NoText(Kind::Csv)));
    assert_eq!(inspect("a.eml", None, b"From: a\0", MOST), Err(Unfit::NoText(Kind::Eml)));
}

#[test]
fn a_mail_has_a_head() {
    let take = |text: &str| inspect("a.eml", None, text.as_bytes(), MOST).map(|_| ());
    assert_eq!(take("Received: by x\r\n\twith y\r\nFrom: a@b\r\nSubject: Invoice\r\n\r\nbody: none"), Ok(()));
    assert_eq!(take("From a@b Mon Jan 5\nFrom: a@b\nMessage-ID: <1@b>\n\nbody"), Ok(()));
    for no_mail in [
        "Dear all, the invoice is attached.",
        "From: a@b\n\nSubject: in the body",
        "Subject: Invoice\nDate: today\n\n",
        "From: a@b\nDear all\nSubject: x\n\n",
        "\nFrom: a@b\nSubject: x\n",
        ": x\nFrom: a@b\nDate: x\n\n",
    ] {
        assert_eq!(take(no_mail), Err(Unfit::NoMail), "{no_mail:?}");
    }
}

/// What would be refused by itself comes in no envelope.
#[test]
fn a_mail_carries_nothing_that_is_refused_by_itself() {
    let mail = |fields: &str| {
        let text = format!(
            "From: a@acme.example\r\nSubject: Invoice\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
             --x\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--x\r\n{fields}\r\n\r\nUEsDBA==\r\n--x--\r\n"
        );
        inspect("mail.eml", None, text.as_bytes(), MOST).map(|_| ())
    };
    let (program, archive, table) = ("a program", "an archive", "a table");
    for (fields, what) in [
        ("Content-Disposition: attachment; filename=\"setup.exe\"", program),
        ("content-disposition : attachment;\r\n\tFILENAME = run.VBS ", program),
        ("Content-Type: application/octet-stream; name=invoice.exe.pdf", program),
        ("Content-Type: application/pdf; name=\"setup.exe.\"", program),
        ("Content-Type: application/msword; name=letter.docm", program),
        ("Content-Type: application/zip; name=\"a; b.zip\"", archive),
        ("Content-Disposition: attachment; filename=\"in\\\"voice\\\".rar\"", archive),
        ("Content-Disposition: attachment; filename*=UTF-8''attendees%2Ecsv", table),
        (
            "Content-Disposition: attachment; filename*0=\"atten\";\r\n filename*1=\"dees.x\"; filename*2=lsx",
            table,
        ),
        ("Content-Disposition: attachment; filename*1*=%2Exls; filename*0*=iso-8859-1'en'g%E4ste", table),
        ("Content-Disposition: attachment; filename=\"a.png\"; filename*=UTF-8''leads.csv", table),
        ("Content-Disposition: attachment; filename=\"leads.csv\" (new)", table),
        ("Content-Type: text/csv\r\nContent-Disposition: attachment", table),
        ("Content-Type: application/vnd.ms-excel; name=list", table),
        ("Content-Type: application/x-msdownload", program),
        ("Content-Type: application/zip", archive),
        ("Content-Type: application/ms-tnef; name=\"winmail.dat\"", archive),
        ("Content-Disposition: attachment; filename=winmail.dat", archive),
        ("Content-Type: text/csv; name=\"=?UTF-8?B?Z8Okc3RlLmNzdg==?=\"", table),
        ("Content-Type: text/csv; name=\"=?iso-8859-1?Q?g=E4ste?=\r\n =?us-ascii?q?_2=2Etsv?=\"", table),
    ] {
        assert_eq!(mail(fields), Err(Unfit::Carries(what)), "{fields}");
    }
    for honest in [
        "Content-Disposition: attachment; filename=\"invoice.pdf\"",
        "Content-Type: image/png; name=acme.com.png",
        "Content-Type: text/plain; name*=UTF-8''gr%C3%BC%C3%9Fe.txt",
        "Content-Type: application/pdf; title=setup.exe; name=\"=?broken\"",
        "X-Name: filename=setup.exe",
    ] {
        assert_eq!(mail(honest), Ok(()), "{honest}");
    }
    let forwarded = "Content-Type: message/rfc822\r\n\r\nFrom: b@acme.example\r\nDate: x\r\n\
                     Content-Disposition: attachment; filename=list.ods";
    assert_eq!(mail(forwarded), Err(Unfit::Carries(table)), "in a mail within the mail");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever somebody sends gets an answer, and a good one only if name and bytes agree.
    #[test]
    fn any_bytes_are_answered(
        which in 0..Kind::ALL.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        declared in proptest::option::of("[a-z/.-]{0,20}"),
    ) {
        let kind = Kind::ALL[which];
        if let Ok(fit) = inspect(&name(kind), declared.as_deref(), &bytes, 100) {
            prop_assert_eq!(fit.kind, kind);
            prop_assert!(!bytes.is_empty() && bytes.len() <= 100 && !kind.is_office());
        }
    }

    /// An honest file with a wound is taken or refused, never more than that.
    #[test]
    fn any_wound_is_answered(
        which in 0..Kind::ALL.len(),
        wounds in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let kind = Kind::ALL[which];
        let mut bytes = honest(kind);
        for (at, byte) in wounds {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(fit) = inspect(&name(kind), None, &bytes, MOST) {
            prop_assert_eq!(fit.kind, kind);
            prop_assert!(fit.rows.is_none_or(|rows| rows >= 0));
        }
        bytes.truncate(cut.index(bytes.len()));
        if kind.is_office() {
            prop_assert!(inspect(&name(kind), None, &bytes, MOST).is_err(), "an Office file that is cut off");
        }
    }
}

#[test]
fn every_refusal_says_what_would_be_right() {
    let says = Kind::Xlsx;
    let all = [
        Unfit::Empty,
        Unfit::TooLarge(MOST),
        Unfit::TooLarge(1_500),
        Unfit::NamePath,
        Unfit::NameUnseen,
        Unfit::NameBlank,
        Unfit::NotAccepted,
        Unfit::HidesProgram("exe".to_owned()),
        Unfit::Archive,
        Unfit::Disguised { says, is: "a PDF" },
        Unfit::Declared { says, declared: "text/html".to_owned() },
        Unfit::NoText(Kind::Csv),
        Unfit::NoMail,
        Unfit::Carries("a table"),
        Unfit::Locked(says),
        Unfit::Damaged { says, why: "its directory is missing" },
        Unfit::Macros(says),
        Unfit::Embedded(says),
        Unfit::ManyEntries(says),
        Unfit::Bomb(says),
    ];
    let said = |unfit: &Unfit| {
        let refusal = unfit.refusal("list.xlsx", MOST);
        format!("{}\n  {}", refusal.sentence, refusal.hint)
    };
    assert_snapshot!(all.iter().map(said).collect::<Vec<_>>().join("\n"), @r#"
    list.xlsx is empty: it has 0 bytes.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is larger than 10 MiB.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is larger than 1500 bytes.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx: the file's name holds a path.
      Give it a plain name, such as invoice-1042.pdf, and attach it again.
    list.xlsx: the file's name holds characters that nobody sees.
      Give it a plain name, such as invoice-1042.pdf, and attach it again.
    list.xlsx has no name before its extension.
      Give it a plain name, such as invoice-1042.pdf, and attach it again.
    list.xlsx is not of a type that is accepted as evidence.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx has a second extension, exe, which is a program's.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is an archive; archives are not accepted.
      Attach what is in it, file by file. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is called an XLSX file, but what is in it is a PDF.
      Save it anew in the format that its name says. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is called an XLSX file, but was sent as text/html.
      Save it anew in the format that its name says. Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is called a CSV file, but holds no text.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx is called an EML file, but doesn't begin as an e-mail does.
      Accepted are PDF, PNG, JPEG, WebP, GIF, TXT, CSV, XLSX, DOCX, PPTX and EML files of up to 10 MiB.
    list.xlsx carries a table: a list of people would lie open in it.
      Save the mail without it, or as a PDF, and attach what counts of it as a file of its own.
    list.xlsx is called an XLSX file, but is locked with a password or in the format of before 2007.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    list.xlsx is called an XLSX file, but is damaged or no such file: its directory is missing.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    list.xlsx holds macros.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    list.xlsx holds another file that could be started from it.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    list.xlsx has more than 5000 parts inside.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    list.xlsx would unpack to far more than such a file has.
      Save it as a PDF, or anew without macros, passwords and embedded files, and attach that.
    "#);
}

#[test]
fn a_refusal_names_the_file_as_it_may_be_shown() {
    let template = Unfit::Template(Kind::Docx).refusal("a.docx", MOST).sentence;
    assert_eq!(template, "a.docx takes its template from another machine.");
    assert_eq!(Unfit::Carries("an archive").refusal("a.eml", MOST).sentence, "a.eml carries an archive.");
    let shown = |name: &str| Unfit::Empty.refusal(name, MOST).sentence;
    assert_eq!(shown("*a*@everyone.pdf"), "\\*a\\*@\u{200b}everyone.pdf is empty: it has 0 bytes.");
    assert_eq!(shown(" \u{202e}\0"), "The file is empty: it has 0 bytes.");
    assert!(shown(&"x".repeat(5_000)).chars().count() < limits::CONTENT_MAX / 10);
}
