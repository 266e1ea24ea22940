//! Every statement of the store is prepared by both engines: what one of them doesn't understand is found here, and not
//! by the first person whose request needs it.

use crate::harness::database;
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tandem::store::{Engine, Store};

/// There are at least so many; fewer would mean that they are no longer found.
const AT_LEAST: usize = 90;

#[tokio::test]
async fn every_statement_is_valid_on_sqlite() {
    database::on_sqlite(async |url| prepare_all(url).await).await;
}

#[tokio::test]
async fn every_statement_is_valid_on_postgres() {
    database::on_postgres(prepare_all).await;
}

/// Prepared by the engine's own driver: the one that serves both refuses types which it only lacks a name for.
async fn prepare_all(url: String) {
    let store = Store::open(&url).await.unwrap();
    let engine = store.engine();
    let statements = statements();
    assert!(statements.len() >= AT_LEAST, "only {} statements were found", statements.len());
    let ours = statements.iter().filter(|(_, sql)| is_for(engine, sql));
    let ours = ours.map(|(file, sql)| (file, sql.replace(LIST, list(engine))));
    let mut wrong = Vec::new();
    match engine {
        Engine::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            for (file, sql) in ours {
                if let Err(fault) = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await {
                    wrong.push(format!("{file}: {fault}\n{sql}\n"));
                }
            }
        }
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            for (file, sql) in ours {
                if let Err(fault) = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await {
                    wrong.push(format!("{file}: {fault}\n{sql}\n"));
                }
            }
        }
    }
    store.close().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Stands in a statement for the list that `with_list!` puts there.
const LIST: &str = "\u{1}";

/// A list of texts as each engine unpacks it.
fn list(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "(SELECT value FROM json_each($1))",
        Engine::Postgres => "(SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))",
    }
}

/// Statements that unpack a JSON array, or skip locked rows, are written once for each engine.
fn is_for(engine: Engine, sql: &str) -> bool {
    match engine {
        Engine::Sqlite => {
            !["jsonb_", "SKIP LOCKED", "FOR UPDATE", "::"].iter().any(|word| sql.contains(word))
        }
        Engine::Postgres => !["json_each", "json_extract"].iter().any(|word| sql.contains(word)),
    }
}

/// Every statement that is written in the store, with its file.
fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src/store", "src/crm"] {
        let mut names: Vec<_> =
            fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        for path in names.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            let text = fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(root).unwrap().display().to_string();
            found.extend(read(&tokens(&text)).into_iter().map(|sql| (file.clone(), sql)));
        }
    }
    found
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Word(String),
    Sign(char),
}

/// Rust cut into words, signs and text literals; comments and character literals are left out.
fn tokens(source: &str) -> Vec<Token> {
    let mut rest = source;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if first == '"' {
            let (text, after) = literal(&rest[1..]);
            found.push(Token::Text(text));
            rest = after;
        } else if rest.starts_with("r#\"") {
            let end = rest[3..].find("\"#").unwrap();
            found.push(Token::Text(rest[3..3 + end].to_owned()));
            rest = &rest[3 + end + 2..];
        } else if first == '\'' {
            rest = character(rest);
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                found.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

/// A text literal from behind its opening quote, and what follows it.
fn literal(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut characters = source.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (text, &source[at + 1..]),
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                // A literal goes on in the next line, without its leading spaces.
                Some('\n') => while characters.next_if(|(_, next)| next.is_whitespace()).is_some() {},
                Some(other) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    (text, "")
}

/// What follows a character literal; of a lifetime, what follows its quote.
fn character(source: &str) -> &str {
    let inner = &source[1..];
    let length = if let Some(escaped) = inner.strip_prefix('\\') {
        1 + escaped.chars().next().map_or(0, char::len_utf8)
    } else {
        inner.chars().next().map_or(0, char::len_utf8)
    };
    inner.get(length..).and_then(|after| after.strip_prefix('\'')).unwrap_or(inner)
}

/// The statements of a file: literals that begin as one, and `concat!`s of literals and the file's own macros.
fn read(tokens: &[Token]) -> Vec<String> {
    let mut macros = BTreeMap::new();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(tokens, at, "macro_rules") {
            let Some(Token::Word(name)) = tokens.get(at + 2) else { panic!("a macro has a name") };
            let body = (at..tokens.len()).find(|place| is_sign(tokens, *place, '>')).unwrap() + 2;
            if let Some((text, after)) = value(tokens, body, &macros) {
                macros.insert(name.clone(), text);
                at = after;
                continue;
            }
            at = body;
        } else if let Some((text, after)) = value(tokens, at, &macros) {
            let first = text.split_whitespace().next().unwrap_or_default();
            if matches!(first, "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH") && text.contains(' ') {
                found.push(text);
            }
            at = after;
        } else {
            at += 1;
        }
    }
    found
}

/// The text that begins at a place, if one does, and where it ends.
fn value(tokens: &[Token], at: usize, macros: &BTreeMap<String, String>) -> Option<(String, usize)> {
    match tokens.get(at)? {
        Token::Text(text) => Some((text.clone(), at + 1)),
        Token::Word(name) if name == "concat" && is_sign(tokens, at + 1, '!') => {
            let (mut text, mut at) = (String::new(), at + 3);
            while !is_sign(tokens, at, ')') {
                let (part, after) = value(tokens, at, macros)?;
                text.push_str(&part);
                at = if is_sign(tokens, after, ',') { after + 1 } else { after };
            }
            Some((text, at + 1))
        }
        Token::Word(name) if name == "with_list" && is_sign(tokens, at + 1, '!') => {
            let before = (at..tokens.len()).find(|place| is_sign(tokens, *place, ','))? + 1;
            let (head, after) = value(tokens, before, macros)?;
            let (tail, after) = value(tokens, after + 1, macros)?;
            Some((format!("{head}{LIST}{tail}"), after))
        }
        Token::Word(name) if is_sign(tokens, at + 1, '!') && is_sign(tokens, at + 3, ')') => {
            Some((macros.get(name)?.clone(), at + 4))
        }
        _ => None,
    }
}

fn is_sign(tokens: &[Token], at: usize, sign: char) -> bool {
    tokens.get(at) == Some(&Token::Sign(sign))
}

fn is_word(tokens: &[Token], at: usize, word: &str) -> bool {
    matches!(tokens.get(at), Some(Token::Word(found)) if found == word)
}

#[test]
fn statements_are_read_from_source() {
    let source = r#"
        macro_rules! columns { () => { "id, name" }; }
        // "SELECT in a comment"
        fn a<'x>(c: char) { c == '"'; b("SELECT 1 FROM \"t\""); b(concat!("SELECT ", columns!(), " FROM t")); b("no"); }
        const C: &str = "UPDATE t \
            SET a = 1";
        fn l() { with_list!(read, "SELECT 2 FROM t WHERE a IN ", concat!(" ORDER BY ", columns!())) }
    "#;
    assert_eq!(
        read(&tokens(source)),
        [
            "SELECT 1 FROM \"t\"",
            "SELECT id, name FROM t",
            "UPDATE t SET a = 1",
            "SELECT 2 FROM t WHERE a IN \u{1} ORDER BY id, name"
        ]
    );
}
