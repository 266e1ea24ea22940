//! The store's contract: every function of it with real rows, on both databases. Rules live elsewhere; what is shown
//! here is that what is written is read back, that guarded updates touch the rows they name and no others, and that what
//! must not change can't be changed.

mod adjust;
mod append_only;
mod claim;
mod crm;
mod fund;
mod govern;
mod guild_event;
mod inbox;
mod money;
mod outbox;
mod plan;
mod plan_card;
mod program;
mod proof;
mod road;
mod rules;
mod secret;
mod template;
mod two_stores;
mod waiting;

use crate::harness::desk::Desk;
use std::fs;
use std::path::Path;
use tandem::clock::Clock;
use tandem::domain::money::{Currency, Money};
use tandem::domain::plan::Plan;
use tandem::in_read;
use tandem::playground::seed::ACME;
use tandem::store::{Store, plan as plans, program as programs};

/// Makes two tests of each contract, each on a program of its own.
macro_rules! contracts {
    ($($contract:ident),* $(,)?) => { $(
        mod $contract {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::harness::database::on_sqlite(async |url| super::$contract(crate::contract::Ground::open(url).await).await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::harness::database::on_postgres(async |url| super::$contract(crate::contract::Ground::open(url).await).await).await;
            }
        }
    )* };
}
pub(crate) use contracts;

/// A program with Acme's plan over the first quarter, signed by both, with one campaign.
pub struct Ground {
    pub desk: Desk,
    pub store: Store,
    pub clock: Clock,
    pub program: String,
    pub acme: String,
    pub plan: Plan,
}

impl Ground {
    pub async fn open(url: String) -> Self {
        let desk = Desk::open(url).await;
        desk.agrees_on_a_plan(ACME).await;
        let acme = desk.partner(ACME).await;
        let (program, plan) = in_read!(desk.app.store, |read| {
            let program = programs::by_key(read, "northwind").await?.unwrap();
            Ok((program.id, plans::of_partner(read, &acme).await?.remove(0)))
        })
        .unwrap();
        Self { store: desk.app.store.clone(), clock: desk.app.clock.clone(), desk, program, acme, plan }
    }
}

pub fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("EUR").unwrap()).unwrap()
}

/// The names of the asynchronous functions that a file of the store offers, each with how a caller writes it.
fn offered(file: &str, text: &str) -> Vec<String> {
    let module = file.trim_end_matches(".rs");
    let (mut found, mut of_type) = (Vec::new(), false);
    for line in text.lines() {
        of_type = (of_type || line.starts_with("impl")) && line != "}";
        if let Some(rest) = line.trim_start().strip_prefix("pub async fn ") {
            let name = rest.split(['(', '<']).next().unwrap();
            found.push(if of_type { format!(".{name}(") } else { format!("{module}::{name}(") });
        }
    }
    found
}

#[test]
fn what_is_offered_is_found() {
    let text = "impl A {\n    pub async fn b(&self) {}\n}\npub async fn c<'a>(\n    d: u8,\n) {\n}\npub(super) async fn e() {}\n";
    assert_eq!(offered("f.rs", text), [".b(", "f::c("]);
}

/// Whoever adds a function to the store shows here what it does.
#[test]
fn every_function_of_the_store_has_a_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = fs::read_to_string(root.join("tests/it/contract.rs")).unwrap();
    for entry in fs::read_dir(root.join("tests/it/contract")).unwrap() {
        shown.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    // Made by the macros `in_tx!` and `in_read!`, which every contract uses, or by `Desk::open`.
    let by_macro = [".begin(", ".begin_read(", ".commit(", ".settled("];
    let mut missing = Vec::new();
    let mut all = 0;
    for entry in fs::read_dir(root.join("src/store")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        let names = offered(&file, &fs::read_to_string(&path).unwrap());
        all += names.len();
        let called = |name: &String| {
            // `open` and `open_existing` are functions of a type: they are called by its name.
            by_macro.contains(&name.as_str()) || shown.contains(&name.replace(".open", "Store::open"))
        };
        missing.extend(names.into_iter().filter(|name| !called(name)).map(|name| format!("{file}: {name}")));
    }
    assert!(all > 100, "only {all} functions were found");
    assert!(missing.is_empty(), "no contract calls:\n{}", missing.join("\n"));
}
