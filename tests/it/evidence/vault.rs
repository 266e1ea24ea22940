//! The store of evidence: by hash, once, verified; lists sealed; swept of what nobody names.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tandem::clock::Clock;
use tandem::domain::evidence::Object;
use tandem::evidence::packet::sha256;
use tandem::evidence::vault::{SWEPT_AFTER_MS, Vault, VaultError};

const KEY: [u8; 32] = [7; 32];
const LIST: &[u8] = b"name,mail\nAda Lovelace,ada@acme.example\n";

struct Folder {
    dir: tempfile::TempDir,
    vault: Vault,
    clock: Clock,
}

fn folder() -> Folder {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let vault = Vault::open(&dir.path().join("evidence"), &KEY, clock.clone()).unwrap();
    Folder { dir, vault, clock }
}

impl Folder {
    fn path(&self, object: &Object) -> PathBuf {
        let kind = if object.restricted { "sealed" } else { "open" };
        self.dir.path().join("evidence").join(kind).join(&object.sha256[..2]).join(&object.sha256)
    }

    /// Every file below the folder, with its bytes.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let root = self.dir.path().join("evidence");
        let mut found = BTreeMap::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap().display().to_string();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        found
    }

    /// Makes a file so many milliseconds old.
    fn ages(&self, path: &Path, ms: i64) {
        let at = u64::try_from(self.clock.protocol_ms() - ms).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(at)).unwrap();
    }
}

#[tokio::test]
async fn what_is_put_is_read_back_and_kept_once() {
    let f = folder();
    assert_eq!(f.files().len(), 0);
    for bytes in [b"".as_slice(), b"x", LIST, &vec![9; 3_000_000]] {
        for restricted in [false, true] {
            let object = f.vault.put(bytes, restricted).await.unwrap();
            assert_eq!(object, Object { sha256: sha256(bytes), restricted });
            assert_eq!(
                f.vault.put(bytes, restricted).await.unwrap(),
                object,
                "the same bytes are the same object"
            );
            assert_eq!(f.vault.read(&object).await.unwrap(), bytes);
            assert!(f.path(&object).is_file());
        }
    }
    assert_eq!(f.files().len(), 8, "each once, open and sealed, and nothing else: {:?}", f.files().keys());
    let missing = Object { sha256: sha256(b"never put"), restricted: false };
    assert!(matches!(f.vault.read(&missing).await, Err(VaultError::Missing(_))));
    let open_only = f.vault.put(b"open only", false).await.unwrap();
    assert!(f.vault.read(&Object { restricted: true, ..open_only }).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_put_the_same_at_once() {
    let f = folder();
    let bytes = vec![3; 200_000];
    let all: Vec<_> = (0..16)
        .map(|_| {
            let (vault, bytes) = (f.vault.clone(), bytes.clone());
            tokio::spawn(async move {
                let object = vault.put(&bytes, true).await.unwrap();
                assert_eq!(vault.read(&object).await.unwrap(), bytes, "whole at any moment");
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(f.files().len(), 1);
}

#[tokio::test]
async fn a_list_is_nowhere_in_the_folder() {
    let f = folder();
    let object = f.vault.put(LIST, true).await.unwrap();
    let first = f.files();
    for (name, bytes) in &first {
        for word in ["Lovelace", "ada@acme.example", "name,mail"] {
            assert!(!bytes.windows(word.len()).any(|piece| piece == word.as_bytes()), "{word} in {name}");
        }
    }
    f.vault.put(LIST, true).await.unwrap();
    assert_ne!(f.files(), first, "sealed anew each time, with a nonce of its own");
    assert_eq!(f.vault.read(&object).await.unwrap(), LIST);
    let stranger = Vault::open(&f.dir.path().join("evidence"), &[8; 32], f.clock.clone()).unwrap();
    assert!(matches!(stranger.read(&object).await, Err(VaultError::Altered(_))), "another database's key");
    assert!(!format!("{:?}", f.vault).contains("7, 7"), "no key in what is printed");
}

#[tokio::test]
async fn one_list_is_never_taken_for_another() {
    let f = folder();
    let ours = f.vault.put(LIST, true).await.unwrap();
    let theirs = f.vault.put(b"name,mail\nBob,b@globex.example\n", true).await.unwrap();
    fs::copy(f.path(&theirs), f.path(&ours)).unwrap();
    assert!(matches!(f.vault.read(&ours).await, Err(VaultError::Altered(_))));
    let open = f.vault.put(b"an invoice", false).await.unwrap();
    fs::copy(f.path(&open), f.path(&theirs)).unwrap();
    assert!(matches!(f.vault.read(&theirs).await, Err(VaultError::Altered(_))), "an open file in its place");
    f.vault.put(LIST, true).await.unwrap();
    assert_eq!(f.vault.read(&ours).await.unwrap(), LIST, "put again, it is whole again");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whichever byte is changed, or wherever it is cut: what is read is what was put, or an error.
    #[test]
    fn what_was_altered_is_found(
        bytes in proptest::collection::vec(any::<u8>(), 1..80),
        restricted in any::<bool>(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let f = folder();
            let object = f.vault.put(&bytes, restricted).await.unwrap();
            let whole = fs::read(f.path(&object)).unwrap();
            let mut changed = whole.clone();
            changed[at.index(whole.len())] ^= 1 << bit;
            fs::write(f.path(&object), &changed).unwrap();
            assert!(matches!(f.vault.read(&object).await, Err(VaultError::Altered(_))));
            fs::write(f.path(&object), &whole[..at.index(whole.len())]).unwrap();
            assert!(matches!(f.vault.read(&object).await, Err(VaultError::Altered(_))));
        });
    }
}

#[tokio::test]
async fn only_what_is_old_and_unnamed_is_swept() {
    let f = folder();
    let mut named = BTreeSet::new();
    let mut gone = Vec::new();
    let mut stays = Vec::new();
    for restricted in [false, true] {
        for (text, known, age) in [
            ("known and old", true, SWEPT_AFTER_MS * 400),
            ("known and young", true, 0),
            ("unnamed and young", false, 0),
            ("unnamed, nearly a day old", false, SWEPT_AFTER_MS - 60_000),
            ("unnamed, more than a day old", false, SWEPT_AFTER_MS + 1_000),
        ] {
            let object = f.vault.put(text.as_bytes(), restricted).await.unwrap();
            f.ages(&f.path(&object), age);
            if known {
                named.insert(object.clone());
            }
            if age > SWEPT_AFTER_MS && !known { gone.push(object) } else { stays.push(object) }
        }
    }
    // The list stays; its copy that was handed in as an ordinary file does not.
    let copied = f.vault.put(LIST, false).await.unwrap();
    f.ages(&f.path(&copied), SWEPT_AFTER_MS * 2);
    named.insert(f.vault.put(LIST, true).await.unwrap());
    gone.push(copied);
    // What somebody else put there: no object's name, or no object's place.
    let hash = sha256(b"elsewhere");
    let strange = [
        "README",
        "swept/notes.txt",
        "swept/01abc-open-notes",
        "open/notes.txt",
        "open/aa/notes.txt",
        &format!("open/{hash}"),
        &format!("open/zz/{hash}"),
        &format!("other/{}/{hash}", &hash[..2]),
    ];
    for name in strange {
        let path = f.dir.path().join("evidence").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "elsewhere").unwrap();
        f.ages(&path, SWEPT_AFTER_MS * 10);
    }
    assert_eq!(f.vault.sweep(&named).await.unwrap(), 3);
    for object in &stays {
        assert!(f.vault.read(object).await.is_ok(), "{object:?} stays");
    }
    for object in &gone {
        assert!(matches!(f.vault.read(object).await, Err(VaultError::Missing(_))), "{object:?} is gone");
    }
    let left = f.files();
    assert!(strange.iter().all(|name| left.contains_key(*name)), "{:?}", left.keys());
    assert_eq!(left.len(), stays.len() + 1 + strange.len());
    assert_eq!(f.vault.sweep(&named).await.unwrap(), 0, "once is enough");
}

#[tokio::test]
async fn what_is_put_again_is_young_again() {
    let f = folder();
    let object = f.vault.put(b"an invoice", false).await.unwrap();
    f.ages(&f.path(&object), SWEPT_AFTER_MS * 2);
    f.vault.put(b"an invoice", false).await.unwrap();
    assert_eq!(f.vault.sweep(&BTreeSet::new()).await.unwrap(), 0, "its row may not be committed yet");
    assert!(f.vault.read(&object).await.is_ok());
}

/// The process ended while something was on its way out.
#[tokio::test]
async fn a_sweep_that_was_cut_off_loses_nothing() {
    let f = folder();
    let object = f.vault.put(b"an invoice", false).await.unwrap();
    let old = f.vault.put(b"an old invoice", false).await.unwrap();
    for object in [&object, &old] {
        let aside = f.dir.path().join(format!("evidence/swept/01abc-open-{}", object.sha256));
        fs::create_dir_all(aside.parent().unwrap()).unwrap();
        fs::rename(f.path(object), &aside).unwrap();
        f.ages(&aside, SWEPT_AFTER_MS * 2);
    }
    let named = BTreeSet::from([object.clone()]);
    assert_eq!(f.vault.sweep(&named).await.unwrap(), 1);
    assert_eq!(f.vault.read(&object).await.unwrap(), b"an invoice");
    assert_eq!(f.files().len(), 1, "{:?}", f.files().keys());
}

/// The process ended while something was on its way in.
#[tokio::test]
async fn what_was_never_written_whole_goes_after_a_day() {
    let f = folder();
    let mut old = Vec::new();
    for restricted in [false, true] {
        let object = f.vault.put(b"an invoice", restricted).await.unwrap();
        let beside = |end: &str| PathBuf::from(format!("{}{end}", f.path(&object).display()));
        for (end, age) in [("#1", SWEPT_AFTER_MS + 1_000), ("#27", SWEPT_AFTER_MS * 9), ("#2", 1_000)] {
            fs::write(beside(end), "an inv").unwrap();
            f.ages(&beside(end), age);
            if age > SWEPT_AFTER_MS {
                old.push(beside(end));
            }
        }
        for strange in ["#", "#x", ".txt"] {
            fs::write(beside(strange), "somebody else's").unwrap();
            f.ages(&beside(strange), SWEPT_AFTER_MS * 9);
        }
    }
    let before = f.files().len();
    let nothing = BTreeSet::new();
    assert_eq!(f.vault.sweep(&nothing).await.unwrap(), old.len());
    assert!(old.iter().all(|path| !path.exists()), "{:?}", f.files().keys());
    assert_eq!(f.files().len(), before - old.len(), "what is young, and what somebody else put there, stays");
    assert_eq!(f.vault.sweep(&nothing).await.unwrap(), 0);
}

/// Two processes sweep while others put what is just being swept: what was put last is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sweeping_takes_nothing_that_was_just_put() {
    let f = folder();
    for round in 0..40 {
        let bytes = format!("invoice {round}").into_bytes();
        let object = f.vault.put(&bytes, false).await.unwrap();
        f.ages(&f.path(&object), SWEPT_AFTER_MS * 2);
        let nothing = BTreeSet::new();
        let (first, second, put) =
            tokio::join!(f.vault.sweep(&nothing), f.vault.sweep(&nothing), f.vault.put(&bytes, false));
        assert_eq!(put.unwrap(), object);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(f.vault.read(&object).await.unwrap(), bytes, "round {round}");
    }
}

#[test]
fn a_folder_that_can_not_be_used_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("evidence");
    fs::write(&file, "a file").unwrap();
    let refused = Vault::open(&file, &KEY, Clock::system()).expect_err("no folder");
    assert!(refused.to_string().starts_with("evidence folder: "), "{refused}");
    let deep = dir.path().join("a/b");
    Vault::open(&deep, &KEY, Clock::system()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&deep).unwrap().permissions().mode() & 0o777, 0o700, "for this user alone");
    }
}
