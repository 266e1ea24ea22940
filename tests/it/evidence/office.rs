//! Office files: ZIP archives that may lie, explode, or carry what starts.

use super::files::{CONTENT_TYPES, Entry, MOST, SHEET, archive, deflated, end, parts, stored};
use std::time::{Duration, Instant};
use tandem::domain::evidence::Kind;
use tandem::evidence::inspect::inspect;
use tandem::evidence::unfit::Unfit;
use tandem::limits;

const XLSX: Kind = Kind::Xlsx;

fn take(bytes: &[u8]) -> Result<(), Unfit> {
    inspect("list.xlsx", None, bytes, usize::MAX).map(|_| ())
}

/// A workbook with these entries besides its own.
fn with(more: &[Entry]) -> Vec<u8> {
    archive(&[parts(XLSX), more.to_vec()].concat())
}

/// The workbook with a change of its sheet's entry.
fn sheet(change: impl Fn(&mut Entry)) -> Vec<u8> {
    let mut parts = parts(XLSX);
    change(&mut parts[2]);
    archive(&parts)
}

fn damaged(why: &'static str) -> Result<(), Unfit> {
    Err(Unfit::Damaged { says: XLSX, why })
}

#[test]
fn each_kind_has_its_own_parts() {
    for says in [Kind::Xlsx, Kind::Docx, Kind::Pptx] {
        for is in [Kind::Xlsx, Kind::Docx, Kind::Pptx] {
            let name = format!("a.{}", says.extensions()[0]);
            let taken = inspect(&name, None, &archive(&parts(is)), MOST).map(|fit| fit.kind);
            let other = Err(Unfit::Damaged { says, why: "it has other parts" });
            assert_eq!(taken, if says == is { Ok(says) } else { other });
        }
    }
    let plain = archive(&[stored("invoice.pdf", b"%PDF-1.7")]);
    assert_eq!(take(&plain), damaged("it has other parts"), "an archive by another name");
    assert_eq!(inspect("a.zip", None, &plain, MOST).map(|_| ()), Err(Unfit::Archive));
    assert_eq!(take(&archive(&[])), damaged("it has other parts"));
    assert_eq!(take(&archive(&parts(XLSX)[1..])), damaged("it doesn't say what its parts are"));
}

/// As large as they are, they are answered from the directory.
#[test]
fn an_archive_of_a_thousand_to_one_is_refused_at_once() {
    let zeros = vec![b' '; 12 * 1024 * 1024];
    let bomb = deflated("xl/media/image1.png", &zeros);
    let ratio = zeros.len() / bomb.packed.len();
    let bytes = with(&[bomb]);
    assert!(ratio > 200 && bytes.len() < MOST, "it is a bomb that fits: {ratio} to 1");
    // The same with the sizes of the largest that can be: 1,000 to 1, of 9 GB.
    let mut parts = parts(XLSX);
    for number in 0..9 {
        let mut part = stored(&format!("xl/media/{number}.png"), &vec![0; 1_000_000]);
        (part.method, part.says_unpacked) = (8, 1_000_000_000);
        parts.push(part);
    }
    let large = archive(&parts);
    let began = Instant::now();
    assert_eq!(take(&bytes), Err(Unfit::Bomb(XLSX)));
    assert_eq!(take(&large), Err(Unfit::Bomb(XLSX)));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn ratios_and_sums_are_kept_to() {
    let says = |packed: usize, unpacked: u64| {
        let mut part = stored("xl/media/image1.png", &vec![0; packed]);
        (part.method, part.says_unpacked) = (8, u32::try_from(unpacked).unwrap());
        take(&with(&[part]))
    };
    // Nothing of that size is really there, so what is not refused for its size is refused for that.
    let no_bomb = damaged("a part of it can't be unpacked");
    let (grace, ratio) = (limits::OFFICE_ENTRY_GRACE_BYTES, limits::OFFICE_RATIO_MAX);
    assert_eq!(says(1, grace), no_bomb, "what is small may be packed as it is");
    assert_eq!(says(1, grace + 1), Err(Unfit::Bomb(XLSX)));
    assert_eq!(says(50_000, 50_000 * ratio), no_bomb);
    assert_eq!(says(50_000, 50_000 * ratio + 1), Err(Unfit::Bomb(XLSX)));

    // Many small parts: each is within the grace, all together are not.
    let small = |number: usize| {
        let mut part = stored(&format!("xl/media/{number}"), b"");
        (part.method, part.says_unpacked) = (8, u32::try_from(grace).unwrap());
        part
    };
    let many: Vec<Entry> = (0..500).map(small).collect();
    assert_eq!(take(&with(&many)), Err(Unfit::Bomb(XLSX)));

    // An honest ratio, and too much all the same.
    let most = limits::OFFICE_UNPACKED_BYTES_MAX;
    let rest: u64 = parts(XLSX).iter().map(|part| u64::from(part.says_unpacked)).sum();
    assert_eq!(says(4_000_000, most - rest), no_bomb);
    assert_eq!(says(4_000_000, most - rest + 1), Err(Unfit::Bomb(XLSX)));
}

#[test]
fn a_million_entries_are_refused_at_once() {
    let own = parts(XLSX);
    let many = |count: usize, said: usize| {
        let mut bytes = archive(&own);
        // All of them are at one place, so that the file needs no room for their heads.
        let one = stored("x", b"").central(0);
        let at = bytes.len();
        for _ in 0..count {
            bytes.extend_from_slice(&one);
        }
        let length = bytes.len() - at;
        bytes.extend(end(u16::try_from(said.min(0xffff)).unwrap(), length, at));
        bytes
    };
    for bytes in [many(1_000_000, 1_000_000), many(1_000_000, 3), many(0, 60_000)] {
        let began = Instant::now();
        assert_eq!(take(&bytes), Err(Unfit::ManyEntries(XLSX)));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    let named = |count: usize| {
        let more: Vec<Entry> = (own.len()..count).map(|n| stored(&format!("xl/{n}.xml"), b"")).collect();
        take(&with(&more))
    };
    assert_eq!(named(limits::OFFICE_ENTRIES_MAX), Ok(()));
    assert_eq!(named(limits::OFFICE_ENTRIES_MAX + 1), Err(Unfit::ManyEntries(XLSX)));
}

#[test]
fn what_could_be_started_is_refused() {
    let part = |name: &str| take(&with(&[stored(name, b"x")]));
    for macros in ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "word/vbaData.xml", "xl/macrosheets/sheet1.xml"]
    {
        assert_eq!(part(macros), Err(Unfit::Macros(XLSX)), "{macros}");
    }
    for started in [
        "xl/embeddings/oleObject1.bin",
        "xl/embeddings/setup.exe",
        "xl/embeddings/invoice.pdf",
        "xl/media/run.CMD",
        "xl/media/inner.zip",
        "xl/activeX/activeX1.xml",
    ] {
        assert_eq!(part(started), Err(Unfit::Embedded(XLSX)), "{started}");
    }
    for honest in ["xl/printerSettings/printerSettings1.bin", "xl/media/image1.png", "docProps/app.xml"] {
        assert_eq!(part(honest), Ok(()), "{honest}");
    }
    // A macro's part can have any name; the list of content types says what it is.
    for word in
        ["application/vnd.ms-office.vbaProject", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"]
    {
        let mut parts = parts(XLSX);
        parts[0] =
            deflated(CONTENT_TYPES, format!("<Types><Override ContentType=\"{word}\"/></Types>").as_bytes());
        assert_eq!(take(&archive(&parts)), Err(Unfit::Macros(XLSX)));
    }
    // A word that is spelt otherwise is read all the same by who opens the file.
    let types = |types: &[u8]| {
        let mut parts = parts(XLSX);
        parts[0] = deflated(CONTENT_TYPES, types);
        take(&archive(&parts))
    };
    let hidden = damaged("what it says of its parts is not written as such files write it");
    let wide = "<Types ContentType=\"vbaProject\"/>".encode_utf16().flat_map(u16::to_le_bytes);
    assert_eq!(types(&[b"\xff\xfe".to_vec(), wide.collect()].concat()), hidden);
    for spelt in [
        "<Types><Override ContentType=\"application/vnd.ms-office.vba&#80;roject\"/></Types>",
        "<!DOCTYPE Types [<!ENTITY p \"Project\">]><Types ContentType=\"vba&p;\"/>",
        "<?xml version=\"1.0\" encoding=\"UTF-7\"?><Types ContentType=\"vba+AFA-roject\"/>",
        "<?xml version='1.0' encoding = 'IBM037'?><Types/>",
    ] {
        assert_eq!(types(spelt.as_bytes()), hidden, "{spelt}");
    }
    for plain in [
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><Types/>",
        "<Types a=\"&amp;\"/>",
    ] {
        assert_eq!(types(plain.as_bytes()), Ok(()), "{plain}");
    }
    let mut locked = parts(XLSX);
    locked[1].flags = 1;
    assert_eq!(take(&archive(&locked)), Err(Unfit::Locked(XLSX)));
}

/// A template may hold the macros that the document doesn't, and whoever keeps it learns who opens the document.
#[test]
fn a_template_of_another_machine_is_refused() {
    const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let takes = |place: &str, relation: &str| {
        let relations = format!("<?xml version=\"1.0\"?><Relationships>{relation}</Relationships>");
        let parts = [parts(Kind::Docx), vec![deflated(place, relations.as_bytes())]].concat();
        inspect("a.docx", None, &archive(&parts), MOST).map(|_| ())
    };
    let settings = "word/_rels/settings.xml.rels";
    let template = |target: &str| {
        format!(
            "<Relationship Id=\"rId1\" Type = '{KIND}/attachedTemplate' Target=\"{target}\" TargetMode=\"External\"/>"
        )
    };
    let refused = Err(Unfit::Template(Kind::Docx));
    for away in [
        "http://evil.example/a.dotm",
        "file://evil/a.dotm",
        "file:///\\\\evil\\a.dotm",
        "\\\\evil\\a.dotm",
        "",
    ] {
        assert_eq!(takes(settings, &template(away)), refused, "{away}");
    }
    assert_eq!(takes("word/_RELS/other.xml.rels", &template("HTTPS://evil.example/")), refused);
    let away = template("http://evil.example/a.dotm");
    assert_eq!(takes(settings, &away.replace("Template'", "&#84;emplate'")), refused, "spelt in numbers");
    assert_eq!(takes(settings, &away.replace("External", "E&#120;ternal")), refused, "spelt in numbers");
    let wide: Vec<u8> = away.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let other =
        [parts(Kind::Docx), vec![deflated(settings, &[b"\xff\xfe".to_vec(), wide].concat())]].concat();
    let taken = inspect("a.docx", None, &archive(&other), MOST).map(|_| ());
    assert!(matches!(taken, Err(Unfit::Damaged { says: Kind::Docx, .. })), "{taken:?}");
    assert_eq!(takes("x/_rels/settings.xml.rels", &away), refused, "in whatever folder");
    let twice = away.replace("TargetMode", "targetmode=\"Internal\" TargetMode");
    assert_eq!(takes(settings, &twice), refused, "each attribute counts");
    for honest in [
        "file:///C:\\Users\\ada\\Letters.dotx",
        "file:///d:/Letters.dotx",
        "file:///Users/ada/Letters.dotx",
        "file://localhost/Users/ada/Letters.dotx",
    ] {
        assert_eq!(takes(settings, &template(honest)), Ok(()), "{honest}");
    }
    let link = format!(
        "<Relationship Id=\"rId1\" Type=\"{KIND}/hyperlink\" Target=\"https://acme.example/\" TargetMode=\"External\"/>"
    );
    assert_eq!(takes("word/_rels/document.xml.rels", &link), Ok(()), "a link is followed by who wants to");
}

#[test]
fn a_chart_may_bring_its_workbook_and_that_is_looked_into_too() {
    let deck = |name: &str, inner: &[u8]| {
        let embedded = stored(&format!("ppt/embeddings/{name}"), inner);
        let parts = [parts(Kind::Pptx), vec![embedded]].concat();
        inspect("deck.pptx", None, &archive(&parts), MOST).map(|_| ())
    };
    let workbook = archive(&parts(XLSX));
    assert_eq!(deck("Microsoft_Excel_Sheet1.xlsx", &workbook), Ok(()));
    assert_eq!(deck("_rels/x.xml.rels", b"<x/>"), Ok(()));
    assert_eq!(deck("a.xlsx", &with(&[stored("xl/vbaProject.bin", b"x")])), Err(Unfit::Macros(XLSX)));
    assert_eq!(deck("a.xlsx", b"no archive"), damaged("its directory is missing"));
    let nested = with(&[stored("xl/embeddings/b.xlsx", &workbook)]);
    assert_eq!(deck("a.xlsx", &nested), Err(Unfit::Embedded(Kind::Pptx)), "one in one is enough");
    let bomb = with(&[deflated("xl/media/x.png", &vec![0; 12 * 1024 * 1024])]);
    assert_eq!(deck("a.xlsx", &bomb), Err(Unfit::Bomb(XLSX)));
    // Each is within the limit, all together are not.
    let mut large = stored("xl/media/image1.png", &vec![0; 1_500_000]);
    (large.method, large.says_unpacked) = (8, 110_000_000);
    let large = with(&[large]);
    let two = ["a.xlsx", "b.xlsx"].map(|name| stored(&format!("ppt/embeddings/{name}"), &large));
    let parts = [parts(Kind::Pptx), two.to_vec()].concat();
    assert_eq!(inspect("deck.pptx", None, &archive(&parts), MOST).map(|_| ()), Err(Unfit::Bomb(XLSX)));
}

#[test]
fn an_archive_says_one_thing_in_all_places() {
    let named = |name: &str| take(&with(&[stored(name, b"x")]));
    for outside in ["../x.xml", "/etc/passwd", "xl/../../x", "C:/x", "xl\\x.xml", "xl/\0.xml", "", ".."] {
        assert_eq!(named(outside), damaged("a part of it leads outside"), "{outside:?}");
    }
    assert_eq!(named("xl/..x.xml"), Ok(()));
    assert_eq!(named("XL/WORKBOOK.xml"), damaged("two parts of it have one name"));
    let link = Entry { attributes: 0o120_777 << 16, ..stored("xl/link.xml", b"/etc/passwd") };
    assert_eq!(take(&with(&[link])), damaged("a part of it is a link"));

    let part_missing = damaged("a part of it is missing");
    assert_eq!(
        take(&sheet(|entry| entry.local_name = Some(b"xl/worksheets/sheet2.xml".to_vec()))),
        part_missing
    );
    assert_eq!(take(&sheet(|entry| entry.says_packed += 1_000_000)), part_missing);
    assert_eq!(
        take(&sheet(|entry| entry.method = 9)),
        damaged("a part of it is packed in another way than such files are")
    );
    assert_eq!(
        take(&sheet(|entry| entry.says_unpacked = u32::MAX)),
        damaged("a part of it is larger than 4 GiB")
    );

    // Two entries with the same bytes: how a small file is made to unpack to anything.
    let mut shared = parts(XLSX);
    shared[1].says_packed += 60;
    assert_eq!(take(&archive(&shared)), damaged("parts of it share their bytes"));
}

#[test]
fn what_it_unpacks_to_is_what_it_says() {
    let not_said = damaged("a part of it is not what its directory says");
    assert_eq!(take(&sheet(|entry| entry.says_unpacked -= 1)), not_said, "more than it says");
    assert_eq!(take(&sheet(|entry| entry.says_unpacked += 1)), not_said, "less than it says");
    let broken = sheet(|entry| entry.packed = vec![0xff; entry.packed.len()]);
    assert_eq!(take(&broken), damaged("a part of it can't be unpacked"));
    let other = deflated(SHEET, b"<row/>");
    let mut types = parts(XLSX);
    types[0].crc = other.crc;
    assert_eq!(take(&archive(&types)), not_said);
    let mut hidden = parts(XLSX);
    hidden[0].says_unpacked = 5;
    assert_eq!(take(&archive(&hidden)), not_said);
}

/// Whoever opens the file unpacks parts that nobody here looks into: they don't lie either.
#[test]
fn a_bomb_behind_a_directory_that_lies_is_refused() {
    let text = vec![b' '; 2 * 1024 * 1024];
    for (name, says) in [("xl/sharedStrings.xml", 90_000), ("docProps/app.xml", 0)] {
        let mut bomb = deflated(name, &text);
        bomb.says_unpacked = says;
        assert_eq!(take(&with(&[bomb])), damaged("a part of it is not what its directory says"), "{name}");
    }
    let mut document = parts(Kind::Docx);
    let main = document.iter_mut().find(|part| part.name == b"word/document.xml").unwrap();
    *main = Entry { says_unpacked: 90_000, ..deflated("word/document.xml", &text) };
    let taken = inspect("a.docx", None, &archive(&document), MOST).map(|_| ());
    let why = "a part of it is not what its directory says";
    assert_eq!(taken, Err(Unfit::Damaged { says: Kind::Docx, why }));
    let honest = deflated("xl/sharedStrings.xml", &b"<si><t>Ana</t></si>".repeat(100));
    assert_eq!(take(&with(&[honest])), Ok(()));
}

#[test]
fn the_directory_ends_the_file() {
    let whole = archive(&parts(XLSX));
    assert_eq!(take(&whole), Ok(()));
    assert_eq!(take(&[whole.as_slice(), b"x"].concat()), damaged("its directory is missing"));
    assert_eq!(
        take(&[b"PK\x03\x04".as_slice(), &whole].concat()),
        damaged("something lies behind its directory")
    );
    let mut commented = whole.clone();
    let length = commented.len();
    commented[length - 2] = 7;
    commented.extend_from_slice(b"comment");
    assert_eq!(take(&commented), Ok(()));
    // An end in the comment: readers that look for the last end take that one.
    commented.truncate(length);
    commented[length - 2] = 30;
    commented.extend([end(0, 0, 0), vec![0; 8]].concat());
    assert_eq!(take(&commented), damaged("its directory is missing"));
    let mut counted = whole.clone();
    counted[length - 12] += 1;
    assert_eq!(take(&counted), damaged("it is a piece of an archive"));
    counted[length - 14] += 1;
    assert_eq!(take(&counted), damaged("its directory is not as long as it says"));
    let mut far = whole.clone();
    far[length - 6..length - 2].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(take(&far), damaged("it is larger than an archive of 4 GiB"));
    far[length - 6..length - 2].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    assert_eq!(take(&far), damaged("its directory is cut off"));
}

/// An archive's parts, and its directory.
fn halves(whole: &[u8]) -> (&[u8], &[u8]) {
    let end = whole.len() - 22;
    let at = u32::from_le_bytes(whole[end + 16..end + 20].try_into().unwrap());
    whole[..end].split_at(usize::try_from(at).unwrap())
}

/// Readers that count back from the end of the file find the second directory, and the macro that it names.
#[test]
fn no_second_directory_hides_behind_the_first() {
    let hidden = stored("xl/vbaProject.bin", b"macro");
    let picture = stored("xl/media/image1.png", &hidden.local());
    let whole = with(std::slice::from_ref(&picture));
    let (content, directory) = halves(&whole);
    assert_eq!(take(&whole), Ok(()));
    let inside = content.len() - hidden.local().len();
    let second = [directory, &hidden.central(inside)].concat();
    let said = u16::try_from(parts(XLSX).len() + 1).unwrap();
    let end = end(said, directory.len(), content.len());
    let two = [content, directory, &second, &end].concat();
    assert_eq!(take(&two), damaged("something lies behind its directory"));
    let apart = [content, directory, b"x", &end].concat();
    assert_eq!(take(&apart), damaged("something lies behind its directory"));
}

/// Where a ZIP64's end stands before the end, readers believe it; here it stands in the comment of the last part.
#[test]
fn no_end_of_a_larger_archive_hides_in_the_directory() {
    let own = parts(XLSX);
    let whole = archive(&own);
    let (content, directory) = halves(&whole);
    let place = |number: usize| u64::try_from(number).unwrap().to_le_bytes();
    let mut record = b"PK\x06\x06".to_vec();
    record.extend(place(44));
    record.extend([0; 12]);
    // No entries, in a directory of 0 bytes.
    record.extend([place(0), place(0), place(0), place(content.len())].concat());
    let mut locator = b"PK\x06\x07\0\0\0\0".to_vec();
    locator.extend(place(content.len() + directory.len()));
    locator.extend(1_u32.to_le_bytes());
    let comment = [record, locator].concat();
    let mut directory = directory.to_vec();
    let last = directory.len() - 46 - own.last().unwrap().name.len();
    directory[last + 32] = u8::try_from(comment.len()).unwrap();
    directory.extend(comment);
    let end = end(u16::try_from(own.len()).unwrap(), directory.len(), content.len());
    let lies = [content, &directory, &end].concat();
    assert_eq!(take(&lies), damaged("it says that it is larger than an archive of 4 GiB"));
}

#[test]
fn nothing_lies_between_the_parts() {
    let between = damaged("it holds bytes that belong to no part");
    let follows = |flags: u16, follows: &[u8]| {
        take(&sheet(|entry| (entry.flags, entry.follows) = (flags, follows.to_vec())))
    };
    assert_eq!(follows(0, b"x"), between, "behind the last part");
    let mut first = parts(XLSX);
    first[0].follows = stored("xl/vbaProject.bin", b"macro").local();
    assert_eq!(take(&archive(&first)), between, "between two");
    let whole = archive(&parts(XLSX));
    let (content, directory) = halves(&whole);
    let mut at = 4;
    let shifted = parts(XLSX).into_iter().flat_map(|part| {
        let central = part.central(at);
        at += part.local().len();
        central
    });
    let shifted: Vec<u8> = shifted.collect();
    let end = end(3, directory.len(), content.len() + 4);
    assert_eq!(take(&[b"PK\x07\x08", content, &shifted, &end].concat()), between, "before the first");
    // Writers that did not know the sizes before tell them behind the part, in one of four ways; and nothing else.
    let of = parts(XLSX).remove(2);
    let (crc, packed, unpacked) = (of.crc.to_le_bytes(), of.says_packed, of.says_unpacked);
    let narrow = [packed.to_le_bytes(), unpacked.to_le_bytes()].concat();
    let wide = [u64::from(packed).to_le_bytes(), u64::from(unpacked).to_le_bytes()].concat();
    for sizes in [narrow, wide] {
        for mark in [b"".as_slice(), b"PK\x07\x08"] {
            let told = [mark, &crc, &sizes].concat();
            assert_eq!(follows(8, &told), Ok(()), "{} bytes", told.len());
            assert_eq!(follows(0, &told), between, "nothing says that they follow");
            assert_eq!(follows(8, &[told.as_slice(), b"x"].concat()), between);
            assert_eq!(follows(8, &told[1..]), between);
            assert_eq!(follows(8, &vec![7; told.len()]), between, "as long, and says something else");
        }
    }
}

/// A reader that goes from head to head would read other parts than one that reads the directory.
#[test]
fn a_part_has_one_size() {
    let whole = archive(&parts(XLSX));
    assert_eq!(take(&whole), Ok(()));
    // The first part's own checksum, packed size and size.
    for at in [14, 18, 22] {
        let mut lies = whole.clone();
        lies[at] ^= 1;
        assert!(matches!(take(&lies), Err(Unfit::Damaged { .. })), "{at}");
    }
}

#[test]
fn a_part_has_one_name() {
    let whole = archive(&parts(XLSX));
    let (content, directory) = halves(&whole);
    let field = [0x75, 0x70, 8, 0, 1, 0, 0, 0, 0, b'x', b'/', b'y'];
    let mut named = directory.to_vec();
    named[30] = u8::try_from(field.len() + 4).unwrap();
    let name_stop = 46 + CONTENT_TYPES.len();
    // Another field comes first, which says nothing of names.
    named.splice(name_stop..name_stop, [[0x55, 0x54, 0, 0].as_slice(), &field].concat());
    let ended = |directory: &[u8]| [content, directory, &end(3, directory.len(), content.len())].concat();
    assert_eq!(take(&ended(&named)), damaged("a part of it has two names"));
    named[name_stop + 4] = 0x77;
    assert_eq!(take(&ended(&named)), Ok(()));
}

/// The workbooks that Tandem itself writes are laid out like that.
#[test]
fn a_workbook_of_a_program_is_taken() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "name").unwrap();
    sheet.write_string(1, 0, "Ada").unwrap();
    let fit = inspect("list.xlsx", None, &workbook.save_to_buffer().unwrap(), MOST).unwrap();
    assert_eq!(fit.rows, Some(2));
}
