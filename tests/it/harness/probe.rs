//! What stories look at behind the scenes, and what only a modified client can send: forged presses, forms and
//! commands in channels that their sender can't see.

use super::world::{Player, World};
use discord_local::{Answer, Message, Modal, ModalInput, Refused};
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};
use tandem::in_read;
use tandem::inbound::commands;
use tandem::inbound::cron;
use tandem::playground::seed::Who;
use tandem::store::{Engine, ledger, program};

/// Everything that a request can change, apart from the trail that it was asked.
const TABLES: &[&str] = &[
    "plan",
    "plan_signature",
    "plan_revision",
    "campaign",
    "budget_line",
    "funding_share",
    "task",
    "promise",
    "log_entry",
    "adjustment",
    "adjustment_signature",
    "task",
    "promise",
    "mdf_request",
    "request_decision",
    "claim_extension",
    "claim_evidence",
    "proof_offer",
    "ledger_transfer",
    "ledger_entry",
    "card",
    "outbox",
    "guild_event",
];

impl World {
    pub fn is_sqlite(&self) -> bool {
        self.running.app.store.engine() == Engine::Sqlite
    }

    /// Runs statements on a connection of its own, past the program.
    pub async fn sql(&self, statements: &str) -> Result<u64, sqlx::Error> {
        let mut connection = AnyConnection::connect(&self.addresses.database_url).await?;
        let done = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await;
        connection.close().await?;
        Ok(done?.rows_affected())
    }

    /// The one text that a query gives.
    pub async fn word(&self, query: &str) -> String {
        let mut connection = AnyConnection::connect(&self.addresses.database_url).await.unwrap();
        let row = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.get(0)
    }

    /// The one number that a query gives.
    pub async fn number(&self, query: &str) -> i64 {
        let mut connection = AnyConnection::connect(&self.addresses.database_url).await.unwrap();
        let row = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.get(0)
    }

    /// What a fund of the playground holds, in a sentence.
    pub async fn fund(&self, key: &str) -> String {
        let store = &self.running.app.store;
        let balances = in_read!(store, |read| {
            let program = program::by_key(read, "northwind").await?.unwrap();
            let (fund, _) = ledger::fund_by_key(read, &program.id, key).await?.unwrap();
            ledger::balances(read, &fund).await
        })
        .unwrap();
        format!(
            "available {} · pending {} · committed {}",
            balances.available, balances.pending, balances.committed
        )
    }

    /// What `ledger::verify` finds.
    pub async fn ledger_problems(&self) -> Vec<String> {
        let store = &self.running.app.store;
        in_read!(store, |read| { ledger::verify(read).await }).unwrap()
    }

    /// How many rows there are of everything that a request can change, the numbers given out, and the balances.
    pub async fn state(&self) -> String {
        // The clock does what is due in its own time; here it has no say in what changes.
        while cron::tick(&self.running.app).await.unwrap() > 0 {}
        self.settle().await;
        let mut said = String::new();
        for table in TABLES {
            let rows = self.number(&format!("SELECT COUNT(*) FROM {table}")).await;
            said.push_str(&format!("{table} {rows}\n"));
        }
        let given = self.number("SELECT CAST(COALESCE(SUM(last), 0) AS BIGINT) FROM counter").await;
        let revs = self.number("SELECT CAST(COALESCE(SUM(rev), 0) AS BIGINT) FROM (SELECT rev FROM plan UNION ALL SELECT rev FROM mdf_request) r").await;
        said.push_str(&format!("numbers given {given}\nrevs {revs}\n"));
        said.push_str(&format!(
            "acme-q1 {}\npool-q1 {}\n",
            self.fund("acme-q1").await,
            self.fund("pool-q1").await
        ));
        said
    }

    /// Everything that somebody can read anywhere, their own ephemeral answers included.
    pub fn seen_by(&self, who: Who) -> String {
        let person = self.discord.person(who.id());
        let channels = person.channels().into_iter();
        let texts = channels.flat_map(|channel| person.messages(channel.id)).map(|message| message.text());
        texts.collect::<Vec<_>>().join("\n")
    }
}

impl Player<'_> {
    /// Sends a command as a modified client would: in a channel that may be invisible, with options that may be missing.
    pub async fn forges(&self, line: &str) -> String {
        let person = self.world.discord.person(self.who.id());
        let answer = person.run_raw(self.channel, raw(line)).await;
        self.told(answer).await
    }

    /// Uses a message command as a modified client would: on a message of a channel that may be invisible.
    pub async fn forges_on_message(&self, name: &str) -> String {
        let person = self.world.discord.person(self.who.id());
        let answer = person.run_raw(self.channel, raw_on_message(name, self.channel)).await;
        self.told(answer).await
    }

    /// Presses a button by its id, of a message that may be invisible and may no longer carry it.
    pub async fn forges_press(&self, message: &Message, custom_id: &str) -> String {
        let person = self.world.discord.person(self.who.id());
        let answer = person.press_forged(self.channel, message.id, custom_id).await;
        self.told(answer).await
    }

    /// Sends a filled form that was never opened.
    pub async fn forges_form(&self, custom_id: &str, values: &[(&str, &str)]) -> String {
        let person = self.world.discord.person(self.who.id());
        // A form answers an interaction of the same person in the same channel: any will do.
        let _ = person.run_raw(self.channel, json!({"name": "help"})).await;
        let own = self.world.discord.interaction_log();
        let behind = own.iter().rev().find(|line| line.user == self.who.id() && line.kind == 2).unwrap().id;
        let input = |id: &str| ModalInput {
            custom_id: id.to_owned(),
            label: id.to_owned(),
            paragraph: false,
            required: false,
            min_length: 0,
            max_length: 4_000,
            value: String::new(),
            placeholder: String::new(),
        };
        let form = Modal {
            interaction: behind,
            custom_id: custom_id.to_owned(),
            title: String::new(),
            inputs: values.iter().map(|(id, _)| input(id)).collect(),
        };
        let answer = person.submit_forged(&form, values).await;
        self.told(answer).await
    }

    /// What is suggested for the last option of a line.
    pub async fn is_offered(&self, line: &str) -> Vec<String> {
        let choices = self.world.discord.person(self.who.id()).suggest(self.channel, line).await;
        choices
            .unwrap_or_else(|refused| panic!("{line}: {refused}"))
            .into_iter()
            .map(|choice| choice.name)
            .collect()
    }

    async fn told(&self, answer: Result<Answer, Refused>) -> String {
        self.world.settle().await;
        answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text())
    }
}

/// A line such as `/plan show plan:PLN-1` as interaction data, typed as the definitions say.
pub fn raw(line: &str) -> Value {
    let all = commands::definitions().unwrap();
    let (name, rest) = split_word(line.trim_start_matches('/'));
    let command = named(&all, name);
    if rest.is_empty() {
        return json!({ "name": name });
    }
    // A command has either subcommands or options of its own.
    if !command["options"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == 1)) {
        return json!({ "name": name, "options": raw_options(line, command, rest) });
    }
    let (sub, rest) = split_word(rest);
    let options = raw_options(line, named(&command["options"], sub), rest);
    // Any file will do: it is refused before anybody looks at it.
    let resolved = json!({ "attachments": { "77": { "id": "77", "filename": "x.pdf", "size": 9,
        "url": "https://cdn.discordapp.com/attachments/1/77/x.pdf",
        "proxy_url": "https://media.discordapp.net/attachments/1/77/x.pdf" } } });
    json!({ "name": name, "options": [{ "name": sub, "type": 1, "options": options }], "resolved": resolved })
}

/// A message command on a message with a file, as chat sends it.
pub fn raw_on_message(name: &str, channel: u64) -> Value {
    let user =
        json!({ "id": "6", "username": "x", "discriminator": "0", "global_name": null, "avatar": null });
    let file = json!({ "id": "77", "filename": "x.pdf", "size": 9,
        "url": "https://cdn.discordapp.com/attachments/1/77/x.pdf",
        "proxy_url": "https://media.discordapp.net/attachments/1/77/x.pdf" });
    let message = json!({ "id": "70", "channel_id": channel.to_string(), "type": 0, "author": user, "content": "",
        "timestamp": "2026-02-14T09:30:00+00:00", "edited_timestamp": null, "tts": false, "mention_everyone": false,
        "mentions": [], "mention_roles": [], "attachments": [file], "embeds": [], "components": [], "pinned": false,
        "flags": 0 });
    json!({ "name": name, "type": 3, "target_id": "70", "resolved": { "messages": { "70": message } } })
}

fn raw_options(line: &str, definition: &Value, rest: &str) -> Vec<Value> {
    let mut options: Vec<(String, String)> = Vec::new();
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let known = word.split_once(':').filter(|(option, _)| find(&definition["options"], option).is_some());
        match (known, options.last_mut()) {
            (Some((option, value)), _) => options.push((option.to_owned(), value.to_owned())),
            (None, Some((_, value))) => *value = format!("{value} {word}"),
            (None, None) => panic!("{line}: no option {word}"),
        }
    }
    let options = options.iter().map(|(option, text)| {
        let kind = find(&definition["options"], option).unwrap()["type"].as_u64().unwrap();
        let value = match kind {
            4 => json!(text.parse::<i64>().unwrap()),
            5 => json!(text == "True"),
            _ => json!(text),
        };
        json!({ "name": option, "type": kind, "value": value })
    });
    options.collect()
}

fn split_word(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

fn find<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|one| one["name"] == name)
}

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    find(list, name).unwrap_or_else(|| panic!("no command {name}"))
}
