//! The auditor's packet.

use insta::assert_snapshot;
use proptest::prelude::*;
use std::io::{Cursor, Read};
use tandem::evidence::packet::{MANIFEST, PacketError, Part, pack, sha256};

fn part(name: &str, bytes: &[u8]) -> Part {
    Part { name: name.to_owned(), bytes: bytes.to_vec() }
}

/// What another reader finds in a packet, in its order.
fn unpacked(packet: &[u8]) -> Vec<Part> {
    let mut archive = zip::ZipArchive::new(Cursor::new(packet)).unwrap();
    let mut found = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        assert_eq!(file.compression(), zip::CompressionMethod::Stored);
        assert_eq!(file.last_modified(), Some(zip::DateTime::default()));
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o644));
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        found.push(Part { name: file.name().unwrap().into_owned(), bytes });
    }
    found
}

#[test]
fn a_packet_lists_what_is_in_it() {
    let parts = [
        part("request.json", b"{}"),
        part("evidence/2-Grüße.pdf", b"%PDF-1.7"),
        part("evidence/1-list.csv", b""),
    ];
    let packet = pack(&parts).unwrap();
    let found = unpacked(&packet);
    let names: Vec<&str> = found.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["evidence/1-list.csv", "evidence/2-Grüße.pdf", "request.json", MANIFEST]);
    assert_snapshot!(String::from_utf8(found[3].bytes.clone()).unwrap(), @r#"{"parts":[{"bytes":0,"name":"evidence/1-list.csv","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},{"bytes":8,"name":"evidence/2-Grüße.pdf","sha256":"86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b"},{"bytes":2,"name":"request.json","sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}"#);
    // The same on every machine, in every year: whoever keeps the hash can compare.
    assert_snapshot!(sha256(&packet), @"5603910ebb36a9a03501800e6aeb64f3662ce223f6e784b3abbb37b1e96f8eef");
    assert_eq!(unpacked(&pack(&[]).unwrap()), [part(MANIFEST, b"{\"parts\":[]}")]);
}

#[test]
fn names_stay_inside_and_apart() {
    let refused = |names: &[&str]| {
        let parts: Vec<Part> = names.iter().map(|name| part(name, b"x")).collect();
        pack(&parts).expect_err("a bad name").to_string()
    };
    for name in [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "a/../b",
        ".",
        "a\\b",
        "C:a",
        "a\0",
        "a.",
        "a ",
        "a?",
        &"x".repeat(256),
    ] {
        assert_eq!(refused(&[name]), format!("a part of a packet can't be called {name:?}"));
    }
    assert_eq!(refused(&["a.pdf", "b.pdf", "A.pdf"]), "two parts of a packet are called \"A.pdf\"");
    assert!(matches!(pack(&[part("Manifest.JSON", b"")]), Err(PacketError::Twice(_))));
    assert!(pack(&[part(&"x".repeat(255), b""), part("a/b c/..d.pdf", b"")]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The order in which parts are handed in doesn't matter, and nothing is lost.
    #[test]
    fn the_same_parts_make_the_same_packet(
        parts in proptest::collection::btree_map("[a-z]{1,6}(/[a-z]{1,6})?\\.[a-z]{3}", proptest::collection::vec(any::<u8>(), 0..50), 0..8),
        seed in any::<prop::sample::Index>(),
    ) {
        let sorted: Vec<Part> = parts.iter().map(|(name, bytes)| part(name, bytes)).collect();
        let mut turned = sorted.clone();
        let by = seed.index(turned.len() + 1);
        turned.rotate_left(by);
        turned.reverse();
        let packet = pack(&sorted).unwrap();
        prop_assert_eq!(&packet, &pack(&turned).unwrap());
        let mut found = unpacked(&packet);
        let manifest: serde_json::Value = serde_json::from_slice(&found.pop().unwrap().bytes).unwrap();
        prop_assert_eq!(&found, &sorted);
        for (listed, part) in manifest["parts"].as_array().unwrap().iter().zip(&found) {
            prop_assert_eq!(listed["name"].as_str(), Some(part.name.as_str()));
            prop_assert_eq!(listed["bytes"].as_u64(), Some(part.bytes.len() as u64));
            prop_assert_eq!(&listed["sha256"], &serde_json::json!(sha256(&part.bytes)));
        }
    }
}
