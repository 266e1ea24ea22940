//! The checks can fail: for every invariant something is broken on purpose in a copy of a sound database (or in chat), and
//! the checks have to say what.

mod duties;
mod files;
mod time;

use super::cast::{APPROVALS, PARTNERS};
use super::check::Checker;
use super::check::{Expected, Wrong};
use super::model::{Claim, Fund, Model, Request};
use super::news::Cursor;
use super::run::Sim;
use crate::harness::database;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use std::path::{Path, PathBuf};
use tandem::app::App;
use tandem::domain::refusal::Code;
use tandem::in_tx;
use tandem::store::{Store, audit};

/// Enough for requests and claims in every state.
const COMMANDS: usize = 800;
const SEED: u64 = 7;
/// When whoever was away in the run is back, in Unix milliseconds.
const LATER: i64 = 9_999_999_999_999;

/// Where a break has to be noticed.
enum Look {
    /// After the next command, from what is new.
    Next(Expected),
    /// When everything is recomputed.
    Whole,
}

type Belief = Box<dyn Fn(&mut Model)>;

/// A break: statements past the program, lines of the trail as the program writes them, and what has to be said.
struct Plant {
    sql: String,
    lines: Vec<(String, String, String)>,
    look: Look,
    says: &'static str,
    /// What is believed beside what the simulation has seen, before the checks look.
    believes: Vec<Belief>,
}

fn plant(look: Look, says: &'static str, sql: impl Into<String>) -> Plant {
    Plant { sql: sql.into(), lines: Vec::new(), look, says, believes: Vec::new() }
}

/// Where the last day of a request was long ago.
fn with_due(request: &str, plant: Plant) -> Plant {
    let request = request.to_owned();
    plant.believing(move |model| {
        for one in model.requests.iter_mut().filter(|one| one.id == request) {
            one.claim_due = Some("2026-01-06".to_owned());
        }
    })
}

/// While somebody is away, and somebody else stands in for them.
fn while_away(away: &str, delegate: &str, plant: Plant) -> Plant {
    let (away, delegate) = (away.to_owned(), delegate.to_owned());
    plant.believing(move |model| {
        model.absences.insert(away.clone(), (delegate.clone(), i64::MAX));
    })
}

impl Plant {
    fn believing(mut self, belief: impl Fn(&mut Model) + 'static) -> Self {
        self.believes.push(Box::new(belief));
        self
    }

    /// The same with a line of the trail: code, item, actor.
    fn with(mut self, code: &str, item: &str, actor: &str) -> Self {
        self.lines.push((code.to_owned(), item.to_owned(), actor.to_owned()));
        self
    }
}

/// A sound database, and what the simulation believes of it.
struct Ground {
    sim: Sim,
    checker: Checker,
    cursor: Cursor,
    folder: PathBuf,
    copies: usize,
}

impl Ground {
    async fn open(url: &str) -> Self {
        let mut sim = Sim::open(url, SEED, COMMANDS).await;
        if let Err(wrong) = sim.runs().await {
            panic!("SIM_SEED={SEED} SIM_COMMANDS={COMMANDS}: {wrong}\n{}", sim.told());
        }
        // One that takes two steps, and one in another currency, that wait for a decision.
        for (partner, amount) in [(0, 150_000), (1, 300_000)] {
            sim.files_for(partner, amount).await.unwrap();
        }
        for wanted in ["draft", "submitted", "approved"] {
            sim.claims_for(0, wanted).await.unwrap();
        }
        sim.asks_for_time().await.unwrap();
        sim.approved_for(0).await.unwrap();
        sim.delivers().await.unwrap();
        sim.house.app.store.close().await;
        let file = PathBuf::from(url.trim_start_matches("sqlite://"));
        let folder = file.parent().unwrap().to_owned();
        std::fs::copy(&file, folder.join("sound.db")).unwrap();
        let (checker, cursor) = (sim.checker.clone(), sim.cursor().clone());
        Self { sim, checker, cursor, folder, copies: 0 }
    }

    /// The program on a fresh copy of the sound database, with the beliefs that go with it.
    async fn anew(&mut self) -> String {
        self.copies += 1;
        let copy = self.folder.join(format!("copy-{}.db", self.copies));
        std::fs::copy(self.folder.join("sound.db"), &copy).unwrap();
        let url = format!("sqlite://{}", copy.display());
        self.sim.house.app.store.close().await;
        self.sim.house.app = App::new(Store::open(&url).await.unwrap(), self.sim.house.clock.clone());
        self.sim.checker = self.checker.clone();
        *self.sim.cursor() = self.cursor.clone();
        url
    }

    async fn notices(&mut self, plant: Plant) {
        let url = self.anew().await;
        for belief in &plant.believes {
            belief(&mut self.sim.checker.model);
        }
        run_past_the_program(&url, &plant.sql).await;
        self.writes(&plant.lines).await;
        let found: Wrong = match &plant.look {
            Look::Next(expected) => self.sim.looks(expected).await,
            Look::Whole => self.sim.whole().await,
        };
        match found {
            Err(wrong) if wrong.contains(plant.says) => {}
            other => panic!("{:?} was to be noticed after {}\nbut {other:?}", plant.says, plant.sql),
        }
        remove(&self.folder.join(format!("copy-{}.db", self.copies)));
    }

    /// Lines of the trail as the program writes them: each follows the one before it.
    async fn writes(&self, lines: &[(String, String, String)]) {
        let (app, program) = (&self.sim.house.app, &self.checker.model.program);
        in_tx!(app.store, |tx| {
            for (code, item, actor) in lines {
                let line = audit::Line {
                    id: app.clock.new_id(),
                    at: app.clock.now(),
                    program_id: program,
                    partner_id: None,
                    actor,
                    company: "vendor",
                    code,
                    item,
                    detail: serde_json::json!({}),
                };
                audit::append(tx, &line);
            }
            Ok(())
        })
        .unwrap();
    }

    fn states(&self) -> Vec<&str> {
        let model = &self.checker.model;
        let claims = model.claims.iter().map(|one| one.state.as_str());
        model.requests.iter().map(|one| one.state.as_str()).chain(claims).collect()
    }

    #[track_caller]
    fn request(&self, wanted: impl Fn(&Request) -> bool) -> Request {
        let found = self.checker.model.requests.iter().find(|one| wanted(one));
        let Some(found) = found else { panic!("no such request: {:?}", self.states()) };
        found.clone()
    }

    #[track_caller]
    fn claim(&self, wanted: impl Fn(&Claim) -> bool) -> Claim {
        let found = self.checker.model.claims.iter().find(|one| wanted(one));
        let Some(found) = found else { panic!("no such claim: {:?}", self.states()) };
        found.clone()
    }
}

fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
}

/// With the guards of the database taken away: it is not these that are tried here.
async fn run_past_the_program(url: &str, sql: &str) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let triggers: Vec<(String,)> = sqlx::query_as("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let drops: String = triggers.iter().map(|(name,)| format!("DROP TRIGGER {name}; ")).collect();
    let all = format!("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; {drops}{sql}");
    sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A transfer with its two entries, and running totals that agree.
fn transfer(fund: &str, what: &str, (from, to): (&str, &str), amount: i64, about: &str) -> String {
    format!(
        "INSERT INTO ledger_transfer (id, idempotency_key, fund_id, move, amount, actor, at, request_id)
           VALUES ('zplanted', 'zplanted', '{fund}', '{what}', {amount}, '2001', 0, {about});
         INSERT INTO ledger_entry (transfer_id, fund_id, account, amount)
           VALUES ('zplanted', '{fund}', '{from}', -{amount}), ('zplanted', '{fund}', '{to}', {amount});
         UPDATE account_balance SET amount = amount - {amount} WHERE fund_id = '{fund}' AND account = '{from}';
         UPDATE account_balance SET amount = amount + {amount} WHERE fund_id = '{fund}' AND account = '{to}';"
    )
}

/// Approves a request that waits, by these people one after the other, on this rev.
fn approved_by(request: &Request, people: &[&str], rev: i64) -> Plant {
    let (id, amount) = (&request.id, request.considered.unwrap_or(request.amount));
    let mut sql = format!(
        "UPDATE mdf_request SET state = 'approved', approved_minor = {amount}, considered_minor = NULL, rev = rev + 1 WHERE id = '{id}';"
    );
    for (number, person) in people.iter().enumerate() {
        let outcome = if number + 1 == people.len() { "approved" } else { "step" };
        sql.push_str(&format!(
            "INSERT INTO request_decision (id, request_id, rev, outcome, amount_minor, person, at)
               VALUES ('zplanted{number}', '{id}', {rev}, '{outcome}', {amount}, '{person}', {LATER});"
        ));
    }
    let plant = plant(Look::Next(Expected::Due), "", sql);
    let last = people[people.len() - 1];
    let plant = plant.with("request_approved", id, last);
    if people.len() > 1 { plant.with("request_step", id, people[0]) } else { plant }
}

fn saying(says: &'static str, plant: Plant) -> Plant {
    Plant { says, ..plant }
}

/// Money that moves as it must not.
fn of_the_ledger(ground: &Ground) -> Vec<Plant> {
    // Of an account that is empty nothing goes without taking it below zero, which is another break.
    let model = &ground.checker.model;
    let holds = |fund: &&Fund| {
        let available = (fund.id.clone(), "available".to_owned());
        model.balances.get(&available).is_some_and(|held| *held > 1)
    };
    let fund = model.funds.iter().find(holds).unwrap_or_else(|| panic!("no fund holds anything")).id.clone();
    let next = || Look::Next(Expected::Due);
    let move_of = |what, accounts, amount| transfer(&fund, what, accounts, amount, "NULL");
    let available = ("available", "forfeited");
    vec![
        plant(
            Look::Whole,
            "does not balance",
            "INSERT INTO ledger_entry (transfer_id, fund_id, account, amount)
               SELECT id, fund_id, 'forfeited', 5 FROM ledger_transfer WHERE move = 'allocate' LIMIT 1",
        ),
        plant(
            Look::Whole,
            "the running total is",
            "UPDATE account_balance SET amount = amount + 1 WHERE account = 'available'",
        ),
        plant(next(), "has no line in the trail", move_of("expire", available, 1)),
        plant(
            next(),
            "does not balance",
            move_of("expire", available, 1).replace("'available', -1", "'available', -2"),
        )
        .with("fund_forfeited", &fund, "clock"),
        plant(next(), "does not balance", move_of("expire", ("available", "paid"), 1)).with(
            "fund_forfeited",
            &fund,
            "clock",
        ),
        plant(next(), "takes available of fund", move_of("expire", available, 1 << 50)).with(
            "fund_forfeited",
            &fund,
            "clock",
        ),
        plant(
            next(),
            "its entries add up to",
            move_of("expire", available, 1).replacen("amount - 1", "amount - 2", 1),
        )
        .with("fund_forfeited", &fund, "clock"),
        plant(Look::Whole, "the ledger: ", move_of("expire", available, 1)),
    ]
}

/// A trail that does not say what happened, or says what did not.
fn of_the_trail(ground: &Ground) -> Vec<Plant> {
    let request = ground.request(|one| one.state == "approved");
    let next = |expected| Look::Next(expected);
    let sue = "2005";
    let decision = format!(
        "INSERT INTO request_decision (id, request_id, rev, outcome, person, at)
           VALUES ('zplanted', '{}', {}, 'declined', '{sue}', 0)",
        request.id, request.rev
    );
    let done = || Expected::Done { codes: &["request_amended"], actor: sue.to_owned() };
    let refused = || Expected::Refused { code: Code::Stale, actor: sue.to_owned() };
    vec![
        plant(Look::Whole, "line 40 is missing", "DELETE FROM audit WHERE seq = 40"),
        plant(Look::Whole, "was changed", "UPDATE audit SET detail = '{}x' WHERE seq = 40"),
        plant(Look::Whole, "its tail was cut", "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)"),
        plant(next(Expected::Due), "the trail: line", "UPDATE audit_head SET hash = 'x'").with(
            "claim_repriced",
            "x",
            "clock",
        ),
        plant(next(Expected::Due), "happened 1 time(s) and has 0 line(s)", decision.clone()),
        plant(next(Expected::Due), "happened 1 time(s) and has 2 line(s)", decision)
            .with("request_declined", &request.id, sue)
            .with("request_declined", &request.id, sue),
        plant(next(Expected::Due), "1 line(s) in the trail and happened 0 time(s)", "").with(
            "request_approved",
            &request.id,
            sue,
        ),
        plant(next(done()), "was expected once", ""),
        plant(next(done()), "was expected once", "").with("request_amended", "one", sue).with(
            "request_amended",
            "two",
            sue,
        ),
        plant(next(refused()), "refused:stale alone was expected", "").with("refused:stale", "", sue).with(
            "request_amended",
            "one",
            sue,
        ),
        plant(next(Expected::Nothing), "nothing was expected", "").with("request_amended", "one", sue),
    ]
}

/// Approvals that are none.
fn of_approvals(ground: &Ground) -> Vec<Plant> {
    let waits = |one: &Request| one.state == "submitted" && one.considered.is_none();
    let two_steps =
        ground.request(|one| waits(one) && one.currency == "USD" && (100_000..200_000).contains(&one.amount));
    let foreign = ground.request(|one| waits(one) && one.currency != "USD");
    let filer = ground.checker.model.makers[&two_steps.id].iter().next().unwrap().clone();
    let [vera, amir, sue, sam, finn] = ["2001", "2003", "2005", "2006", "2007"];
    let rev = two_steps.rev;
    vec![
        saying("was approved by 1 of 2 steps", approved_by(&two_steps, &[sue], rev)),
        saying("approved twice", approved_by(&two_steps, &[sue, sue], rev)),
        saying("had a hand in", approved_by(&two_steps, &[sue, &filer], rev)),
        while_away(&filer, sam, saying("and is one with them", approved_by(&two_steps, &[sue, sam], rev))),
        while_away(sam, sue, saying("or for somebody who had", approved_by(&two_steps, &[sue, sam], rev))),
        saying("is beyond what vera may approve", approved_by(&two_steps, &[vera, sue], rev)),
        saying("is beyond what amir may approve", approved_by(&foreign, &[sue, amir], foreign.rev)),
        saying("a step that is another role's", approved_by(&foreign, &[finn, sue], foreign.rev)),
        saying("on another amount or rev", approved_by(&two_steps, &[sue, sam], rev - 1)),
        saying("by a stranger", approved_by(&two_steps, &[sue, "1"], rev)),
        saying("by a rule, which it is too large for", approved_by(&two_steps, &["rule"], rev)),
    ]
}

/// Requests and claims that don't add up, or change without anybody's decision.
fn of_items(ground: &Ground) -> Vec<Plant> {
    let next = || Look::Next(Expected::Due);
    let approved =
        ground.request(|one| one.state == "approved" && one.claimed == 0 && one.amend_amount.is_none());
    let declined = ground.request(|one| matches!(one.state.as_str(), "declined" | "withdrawn"));
    let claimed = ground.request(|one| one.claimed > 0);
    let (paid, draft) = (ground.claim(|one| one.paid > 0), ground.claim(|one| one.state == "draft"));
    let update = |what: &str, of: &str| format!("UPDATE mdf_request SET {what} WHERE id = '{of}'");
    let of_claim = |what: &str, of: &str| format!("UPDATE claim SET {what} WHERE id = '{of}'");
    let payment = format!(
        "INSERT INTO claim_payment (id, claim_id, amount_minor, paid_on, reference, person, at)
           VALUES ('zplanted', '{}', 1, '2026-01-01', 'x', '2007', 0)",
        draft.id
    );
    vec![
        plant(next(), "nobody approved that", update("approved_minor = approved_minor + 1, amount_minor = amount_minor + 1, rev = rev + 1", &approved.id))
            .with("request_amended", &approved.id, "2001"),
        plant(next(), " and is submitted", update("state = 'submitted', rev = rev + 1", &declined.id))
            .with("request_amended", &declined.id, "2001"),
        plant(next(), "without another rev", update("cost_minor = cost_minor + 1", &approved.id))
            .with("request_amended", &approved.id, "2001"),
        plant(next(), "its claims add up to", update("claimed_minor = claimed_minor - 1", &claimed.id))
            .with("request_amended", &claimed.id, "2001"),
        plant(Look::Whole, "add up to", update("claimed_minor = claimed_minor - 1", &claimed.id)),
        plant(Look::Whole, "is not what it was", update("cost_minor = cost_minor + 1", &approved.id)),
        plant(next(), "its payments add up to", of_claim("paid_minor = paid_minor - 1", &paid.id))
            .with("claim_repriced", &paid.id, "clock"),
        plant(next(), "nobody approved that", of_claim("approved_minor = 5, rev = rev + 1", &draft.id))
            .with("claim_repriced", &draft.id, "clock"),
        plant(next(), "paid without a whole chain of approvals", payment).with("claim_payment", &draft.id, "2007"),
        plant(Look::Whole, "the trail says nothing of", format!(
            "INSERT INTO claim (id, partner_id, request_id, fund_id, number, currency, state, rev, filed_by, created_at)
               SELECT 'zplanted', partner_id, request_id, fund_id, 9999, currency, 'draft', 1, filed_by, 0 FROM claim WHERE id = '{}'",
            draft.id
        )),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_broken_is_noticed() {
    database::on_sqlite(async |url| {
        let mut ground = Ground::open(&url).await;
        let plants = [
            of_the_ledger(&ground),
            of_the_trail(&ground),
            of_approvals(&ground),
            of_items(&ground),
            time::of_the_clock(&ground),
            time::of_warnings(&ground),
            time::of_ends(&ground),
            duties::of_rules(&ground),
            duties::of_claims(&ground),
            duties::of_payments(&ground),
            duties::of_extensions(&ground),
            duties::of_tables(&ground),
            files::of_claims(&ground),
        ];
        for plant in plants.into_iter().flatten() {
            ground.notices(plant).await;
        }
        sums_beyond_what_was_approved(&ground);
        what_people_see(&mut ground).await;
        ground.sim.house.close().await;
    })
    .await;
}

/// Claims beyond their request, payments beyond their claim.
fn sums_beyond_what_was_approved(ground: &Ground) {
    let model = &ground.checker.model;
    let claimed = ground.request(|one| one.claimed > 0);
    let small = Request { approved: Some(claimed.claimed - 1), ..claimed };
    let said = super::check::request_sums(model, &small).unwrap_err();
    assert!(said.contains("has claims of"), "{said}");
    let paid = ground.claim(|one| one.paid > 0);
    let small = Claim { approved: Some(paid.paid - 1), ..paid.clone() };
    let said = super::check::claim_sums(model, &small).unwrap_err();
    assert!(said.contains("approved, "), "{said}");
    let more = Claim { clawed: paid.paid + 1, ..paid };
    assert!(super::check::claim_sums(model, &more).is_err());
}

/// A message twice, one that nobody queued, one that never came.
async fn what_people_see(ground: &mut Ground) {
    ground.anew().await;
    let notices = ground.checker.model.notices.values();
    let post = notices.clone().find(|one| one.card.is_none()).unwrap().id.clone();
    let channel = ground.checker.model.notices[&post].channel.parse().unwrap();
    let mut missing = ground.checker.clone();
    missing.model.unseen.insert(
        "zplanted".to_owned(),
        super::model::Notice {
            id: "zplanted".to_owned(),
            kind: "post".to_owned(),
            card: None,
            channel: APPROVALS.to_string(),
            not_before: 0,
        },
    );
    let said = missing.all_is_seen(0).unwrap_err();
    assert!(said.contains("notice zplanted was queued and is not visible"), "{said}");
    ground.sim.house.says(channel, &post).await;
    let said = ground.sim.delivers().await.unwrap_err();
    assert!(said.contains("is visible twice"), "{said}");
    let said = ground.sim.whole().await.unwrap_err();
    assert!(said.contains("is visible 2 times"), "{said}");
    ground.sim.house.says(PARTNERS[0].channel, "0123456789abc").await;
    let said = ground.sim.delivers().await.unwrap_err();
    assert!(said.contains("which was never queued"), "{said}");
}
