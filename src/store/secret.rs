//! Keys that are made at random once per database and kept in it. They never leave it, and no row says what they are for
//! but their name.

use super::Tx;
use crate::args;
use crate::clock::Clock;
use crate::fault::Fault;

/// The key of this name in hexadecimal, 64 digits; made if there is none yet.
///
/// # Errors
/// A fault of the database.
pub async fn key(tx: &mut Tx, clock: &Clock, name: &str) -> Result<String, Fault> {
    let hex: String = clock.random_key().iter().map(|byte| format!("{byte:02x}")).collect();
    let sql = "INSERT INTO secret_key (name, hex) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    tx.exec(sql, args![name, hex]).await?;
    tx.one("SELECT hex FROM secret_key WHERE name = $1", args![name]).await?.text("hex")
}

/// The key that seals restricted evidence. Without it, or with another, sealed files can't be read any more.
///
/// # Errors
/// A fault of the database; `Fault::Corrupt` if what is kept is no such key.
pub async fn evidence_key(tx: &mut Tx, clock: &Clock) -> Result<[u8; 32], Fault> {
    let hex = key(tx, clock, "evidence").await?;
    bytes(&hex).ok_or_else(|| Fault::Corrupt("secret_key 'evidence' is no key".to_owned()))
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(key)
}
