//! Files in stories: attached to commands, posted in channels, pointed at, and what then lies in the evidence folder.

use super::world::{Player, World};
use discord_local::{Answer, Message, Upload};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file to attach.
pub fn file(name: &str, content_type: &str, bytes: &[u8]) -> Upload {
    Upload::new(name, content_type, bytes.to_vec())
}

/// A PDF of its own.
pub fn pdf(name: &str, text: &str) -> Upload {
    file(name, "application/pdf", format!("%PDF-1.7\n% {text}\n%%EOF\n").as_bytes())
}

impl World {
    /// Every file in the evidence folder, with its bytes, by its place there.
    pub fn evidence(&self) -> BTreeMap<String, Vec<u8>> {
        let root = PathBuf::from(&self.addresses.evidence);
        let (mut found, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(place(&root, &path), fs::read(&path).unwrap());
                }
            }
        }
        found
    }

    /// How many files claims have, those that were taken out included.
    pub async fn evidence_rows(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM claim_evidence").await
    }
}

fn place(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().display().to_string()
}

impl Player<'_> {
    /// Types a slash command that names one of these files, and reads the answer.
    pub async fn attaches(&self, line: &str, files: &[Upload]) -> String {
        let answer = self.world.discord.person(self.who.id()).run_with(self.channel, line, files).await;
        self.world.settle().await;
        answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text())
    }

    /// Posts a message with files.
    pub async fn posts(&self, text: &str, files: Vec<Upload>) -> u64 {
        self.world.discord.person(self.who.id()).say(self.channel, text, files).await.unwrap()
    }

    /// Chooses *Use as proof* in a message's menu.
    pub async fn uses_as_proof(&self, message: u64) -> Message {
        let person = self.world.discord.person(self.who.id());
        let answer = person.message_command(self.channel, "Use as proof", message).await;
        self.world.settle().await;
        match answer {
            Ok(Answer::Message(message)) => message,
            other => panic!("no message came: {other:?}"),
        }
    }
}

impl Player<'_> {
    /// Sends `/claim evidence` as a client of one's own would: with a file that chat never cleaned the name of.
    pub async fn forges_attachment(&self, claim: &str, name: &str) -> String {
        let url = format!("{}/attachments/1/2/x.pdf", self.world.discord.api_url());
        let file = json!({ "id": "77", "filename": name, "size": 9, "url": url, "proxy_url": url });
        let options = json!([
            { "name": "claim", "type": 3, "value": claim },
            { "name": "slot", "type": 3, "value": "cost" },
            { "name": "file", "type": 11, "value": "77" },
        ]);
        let sub = json!({ "name": "evidence", "type": 1, "options": options });
        let data =
            json!({ "name": "claim", "options": [sub], "resolved": { "attachments": { "77": file } } });
        let answer = self.world.discord.person(self.who.id()).run_raw(self.channel, data).await;
        self.world.settle().await;
        answer.map_or_else(|refused| format!("(not sent: {refused})"), |answer| answer.text())
    }
}
