//! What `bot.toml` declares is made true at start: differences are written once, audited, and nothing is deleted.

use crate::harness::database::{on_postgres, on_sqlite};
use tandem::app::App;
use tandem::clock::Clock;
use tandem::config::{self, Config, Need};
use tandem::domain::fund::Fund;
use tandem::domain::fund::carry::{Carry, CarryMost, CarryTo};
use tandem::domain::money::Money;
use tandem::flow::declare;
use tandem::playground::seed::{self, Addresses};
use tandem::store::{Store, ledger, program};
use tandem::{args, in_read};

#[tokio::test]
async fn sqlite() {
    on_sqlite(told).await;
}

#[tokio::test]
async fn postgres() {
    on_postgres(told).await;
}

fn read(change: impl Fn(String) -> String) -> Result<Config, config::Problems> {
    let at = Addresses {
        discord: "http://127.0.0.1:9".to_owned(),
        database_url: "sqlite://unused.db".to_owned(),
        evidence: "evidence".to_owned(),
        listen: "127.0.0.1:0".to_owned(),
        public_url: "https://hooks.example.com".to_owned(),
        crm: "http://127.0.0.1:9".to_owned(),
    };
    let text = change(seed::bot_toml(&at));
    config::load(&text, "bot.toml", &seed::environment(&at, "token"), Need::Discord)
}

pub fn declared(change: impl Fn(String) -> String) -> Config {
    read(change).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(change: impl Fn(String) -> String) -> String {
    read(change).map_or_else(|problems| problems.to_string(), |_| "nothing is wrong".to_owned())
}

/// Both funds of the playground carry on to one that is declared after them.
fn carrying(text: &str) -> String {
    let later = "[[program.fund]]\nkey = \"later\"\nname = \"Later\"\nkind = \"mdf\"\ncurrency = \"EUR\"\namount = \"1\"\n\
                 valid_from = 2026-07-01\nvalid_until = 2026-12-31\n\n";
    let (first, rest) = text.split_once("key = \"acme-q1\"\n").unwrap();
    let (second, rest) = rest.split_once("key = \"pool-q1\"\n").unwrap();
    format!(
        "{first}key = \"acme-q1\"\ncarry_over = \"later\"\ncarry_limit = \"1000.50\"\n\
         {second}key = \"pool-q1\"\ncarry_over = \"next_period\"\ncarry_limit = \"33.5%\"\n{rest}\n{later}"
    )
}

#[tokio::test]
async fn a_declared_fund_goes_on_as_bot_toml_says() {
    on_sqlite(async |url| {
        let app = App::new(Store::open(&url).await.unwrap(), Clock::manual(crate::harness::world::start()));
        declare::apply(&app, &declared(|text| carrying(&text))).await.unwrap();
        let [acme, pool, later] =
            [fund(&app, "acme-q1").await, fund(&app, "pool-q1").await, fund(&app, "later").await];
        let carry = Carry { to: CarryTo::Fund(later.id), most: CarryMost::Minor(100_050) };
        assert_eq!(acme.terms.carry, carry);
        let carry = Carry { to: CarryTo::NextPeriod, most: CarryMost::Percent("33.5".parse().unwrap()) };
        assert_eq!(pool.terms.carry, carry);
        let lines = audit_lines(&app).await;
        declare::apply(&app, &declared(|text| carrying(&text))).await.unwrap();
        assert_eq!(audit_lines(&app).await, lines, "what has not changed is not written again");
        declare::apply(&app, &declared(|text| carrying(&text).replace("\"33.5%\"", "\"40%\"")))
            .await
            .unwrap();
        assert_eq!(audit_lines(&app).await, lines + 1);
        app.store.close().await;
    })
    .await;
}

#[test]
fn where_the_rest_can_not_go_on_to_is_told() {
    let fund =
        "the key of a declared fund in the same currency that ends later, a pool or the same partner's";
    for (from, to, told) in [
        ("\"later\"\ncarry_limit", "\"nothing\"\ncarry_limit", fund),
        ("\"later\"\ncarry_limit", "\"acme-q1\"\ncarry_limit", fund),
        ("valid_until = 2026-12-31", "valid_until = 2026-12-31\npartner = \"globex\"", fund),
        ("\"later\"\ncarry_limit", "\"none\"\ncarry_limit", "a limit to what goes on, and nothing goes on"),
        ("\"33.5%\"", "\"0%\"", "a percentage such as \"50%\", or an amount above 0"),
        ("\"33.5%\"", "\"101%\"", "a percentage such as \"50%\", or an amount above 0"),
    ] {
        let said = refused(|text| carrying(&text).replace(from, to));
        assert!(said.contains(told), "{to}: {said}");
    }
    assert_eq!(refused(|text| carrying(&text)), "nothing is wrong");
}

#[test]
fn a_fund_is_not_called_by_the_key_of_another() {
    let named = |name: &str| refused(|text| text.replace("\"Q1 MDF pool\"", name));
    assert!(named("\"Acme-Q1\"").contains("a name that is not the key of another fund"));
    assert_eq!(named("\"pool-q1\""), "nothing is wrong", "its own key is no other's");
}

async fn told(url: String) {
    let app = App::new(Store::open(&url).await.unwrap(), Clock::manual(crate::harness::world::start()));
    declare::apply(&app, &declared(|text| text)).await.unwrap();
    assert_eq!(available(&app, "acme-q1").await, "EUR 30,000.00");
    let lines = audit_lines(&app).await;

    declare::apply(&app, &declared(|text| text)).await.unwrap();
    assert_eq!(audit_lines(&app).await, lines, "what has not changed is not written again");

    declare::apply(&app, &declared(|text| text.replace("\"30000.00\"", "\"45000.00\""))).await.unwrap();
    assert_eq!(available(&app, "acme-q1").await, "EUR 45,000.00");
    assert_eq!(audit_lines(&app).await, lines + 1);
    assert_eq!(transfers(&app).await, 3, "one for each fund, one for the change");

    let less = declared(|text| text.replace("\"30000.00\"", "\"10000.00\""));
    commit(&app, "20000.00").await;
    let refused = declare::apply(&app, &less).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "fund \"acme-q1\": declared as EUR 10,000.00, which is EUR 35,000.00 less than before, but only \
         EUR 25,000.00 of it is not yet committed or spent"
    );
    assert_eq!(available(&app, "acme-q1").await, "EUR 25,000.00", "and nothing was changed");

    let renamed = declared(|text| {
        text.replace("name = \"Globex\"", "name = \"Globex GmbH\"").replace("\"30000.00\"", "\"45000.00\"")
    });
    declare::apply(&app, &renamed).await.unwrap();
    let partners = in_read!(app.store, |read| {
        let program = program::by_key(read, "northwind").await?.unwrap();
        program::partners(read, &program.id).await
    });
    assert_eq!(
        partners.unwrap().iter().map(|partner| partner.name.as_str()).collect::<Vec<_>>(),
        ["Acme", "Globex GmbH"]
    );

    let other_currency = declared(|text| {
        text.replacen(
            "currency = \"EUR\"\namount = \"30000.00\"",
            "currency = \"USD\"\namount = \"30000.00\"",
            1,
        )
    });
    let refused = declare::apply(&app, &other_currency).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "fund \"acme-q1\": its kind, currency and partner can't change; declare a new fund under another key"
    );

    let none = declared(|text| text.split("[[program]]").next().unwrap_or_default().to_owned());
    declare::apply(&app, &none).await.unwrap();
    assert_eq!(in_read!(app.store, |read| { program::all(read).await }).unwrap(), [], "archived");
    assert_eq!(available(&app, "acme-q1").await, "EUR 25,000.00", "and its money is still there");
    app.store.close().await;
}

async fn fund(app: &App, key: &str) -> Fund {
    let found = in_read!(app.store, |read| {
        let program = program::by_key(read, "northwind").await?.unwrap();
        ledger::fund_by_key(read, &program.id, key).await
    });
    found.unwrap().unwrap().0
}

async fn available(app: &App, key: &str) -> String {
    let fund = fund(app, key).await;
    in_read!(app.store, |read| { ledger::balances(read, &fund).await }).unwrap().available.to_string()
}

async fn commit(app: &App, amount: &str) {
    let fund = fund(app, "acme-q1").await;
    let amount = Money::from_decimal(amount.parse().unwrap(), fund.currency).unwrap();
    let moved = tandem::in_tx!(app.store, |tx| {
        let transfer = ledger::Transfer {
            id: app.clock.new_id(),
            idempotency_key: "test".to_owned(),
            fund: &fund,
            what: tandem::domain::fund::Move::Approve,
            amount,
            about: ledger::About::default(),
            actor: "test",
            at: app.clock.now(),
        };
        ledger::transfer(tx, &transfer).await
    });
    assert_eq!(moved.unwrap(), ledger::Moved::Done);
}

async fn audit_lines(app: &App) -> i64 {
    count(app, "SELECT COUNT(*) AS n FROM audit").await
}

async fn transfers(app: &App) -> i64 {
    count(app, "SELECT COUNT(*) AS n FROM ledger_transfer").await
}

async fn count(app: &App, sql: &'static str) -> i64 {
    in_read!(app.store, |read| { read.one(sql, args![]).await?.int("n") }).unwrap()
}
