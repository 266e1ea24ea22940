//! Files of an interaction as plain values: those of a command's options, and those of the message that a message command
//! points at. Nothing is fetched here.
//!
//! An option takes a file when its field is an `AttachmentId`; the command's `ask` then looks the id up with [`attached`].

use super::commands::without_nul;
use crate::domain::command::{Attached, PointedAt};
use serenity::all::{Attachment, AttachmentId, CommandData, CommandDataResolved, ResolvedTarget};

/// The file that an option's id stands for.
///
/// # Errors
/// A sentence, if chat named an id and sent no file with it.
pub fn attached(resolved: &CommandDataResolved, id: AttachmentId) -> Result<Attached, String> {
    let file = resolved.attachments.get(&id);
    file.map(plain).ok_or_else(|| "The file didn't arrive with the command. Attach it again.".to_owned())
}

/// The message that a message command was used on.
///
/// # Errors
/// A sentence, if chat sent no message with it.
pub fn pointed_at(data: &CommandData) -> Result<PointedAt, String> {
    let Some(ResolvedTarget::Message(message)) = data.target() else {
        return Err("The message didn't arrive with the command. Use it on the message again.".to_owned());
    };
    Ok(PointedAt {
        message: message.id.to_string(),
        channel: message.channel_id.to_string(),
        author: message.author.id.to_string(),
        posted_at: message.timestamp.unix_timestamp() * 1_000,
        files: message.attachments.iter().map(plain).collect(),
    })
}

fn plain(file: &Attachment) -> Attached {
    Attached {
        id: file.id.to_string(),
        name: without_nul(&file.filename),
        size: i64::from(file.size),
        content_type: file.content_type.as_deref().map(without_nul),
        url: file.url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::command::{Ask, Query};
    use crate::inbound::commands::{MessageCommand, parse, pointing};
    use serde_json::{Value, json};
    use serenity::all::Interaction;
    use serenity_commands::{Command, Commands, SubCommand};

    #[derive(Debug, Commands)]
    enum All {
        /// Claims
        Claim(Claim),
    }

    #[derive(Debug, Command)]
    enum Claim {
        /// Attach proof
        #[command(autocomplete)]
        Attach(Attach),
    }

    #[derive(Debug, SubCommand)]
    struct Attach {
        /// The file
        file: AttachmentId,
        /// The claim
        #[command(autocomplete)]
        claim: Option<String>,
        /// Another file
        second: Option<AttachmentId>,
    }

    fn file(id: &str, name: &str, size: u32, ephemeral: bool) -> Value {
        let url = format!("https://cdn.example/attachments/5/{id}/{name}?ex=1&is=0&hm=f");
        json!({ "id": id, "filename": name, "size": size, "url": url, "proxy_url": url,
                "content_type": "application/pdf", "ephemeral": ephemeral })
    }

    fn user(id: &str) -> Value {
        json!({ "id": id, "username": "pat", "discriminator": "0", "global_name": "Pat", "avatar": null,
                "bot": false, "public_flags": 0 })
    }

    /// The data of an interaction, read as the gateway's events are.
    fn read(data: Value) -> CommandData {
        let interaction = json!({
            "id": "1", "application_id": "2", "type": 2, "version": 1, "token": "t", "data": data,
            "guild_id": "3", "channel_id": "5", "locale": "en-US", "guild_locale": "en-US",
            "app_permissions": "0", "entitlements": [], "authorizing_integration_owners": { "0": "3" },
            "context": 0, "attachment_size_limit": 10_485_760,
            "member": { "user": user("4"), "roles": [], "joined_at": "2026-01-01T00:00:00.000000+00:00",
                        "deaf": false, "mute": false, "flags": 0, "pending": false, "permissions": "0" },
        });
        let interaction: Interaction = serde_json::from_value(interaction).expect("chat's own form");
        interaction.command().expect("a command").data
    }

    fn attach(options: Value, files: Value) -> CommandData {
        let sub = json!({ "name": "attach", "type": 1, "options": options });
        let resolved = json!({ "attachments": files });
        read(json!({ "id": "9", "name": "claim", "type": 1, "options": [sub], "resolved": resolved }))
    }

    fn on_message(name: &str, files: Value) -> CommandData {
        let message = json!({
            "id": "70", "channel_id": "5", "type": 0, "author": user("6"), "content": "our stand",
            "timestamp": "2026-02-14T09:30:00.250000+00:00", "edited_timestamp": null, "tts": false,
            "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": files,
            "embeds": [], "components": [], "pinned": false, "flags": 0,
        });
        let resolved = json!({ "messages": { "70": message } });
        read(json!({ "id": "9", "name": name, "type": 3, "target_id": "70", "resolved": resolved }))
    }

    fn plan_of_message(at: PointedAt) -> Ask {
        Ask::Look(Query::ShowPlan { partner: None, plan: Some(at.message) })
    }

    #[test]
    fn an_option_takes_a_file() {
        let definitions = serde_json::to_value(All::create_commands()).expect("JSON");
        let options = &definitions[0]["options"][0]["options"];
        assert_eq!((&options[0]["type"], &options[0]["required"]), (&json!(11), &json!(true)));
        assert_eq!((&options[2]["type"], &options[2]["required"]), (&json!(11), &json!(false)));

        let given = json!([{ "name": "file", "type": 11, "value": "50" },
                           { "name": "second", "type": 11, "value": "51" }]);
        let files = json!({ "50": file("50", "in\0voice.pdf", 5, true), "51": file("51", "b.pdf", 0, true) });
        let data = attach(given, files);
        let All::Claim(Claim::Attach(typed)) = All::from_command_data(&data).expect("as defined");
        let invoice = attached(&data.resolved, typed.file).expect("it came");
        assert_eq!((invoice.id.as_str(), invoice.name.as_str()), ("50", "in\u{fffd}voice.pdf"));
        assert_eq!((invoice.size, invoice.content_type.as_deref()), (5, Some("application/pdf")));
        assert!(invoice.url.ends_with("?ex=1&is=0&hm=f"), "{}", invoice.url);
        let second = attached(&data.resolved, typed.second.expect("given")).expect("it came");
        assert_eq!((second.name.as_str(), second.size, typed.claim), ("b.pdf", 0, None));
    }

    #[test]
    fn an_id_without_its_file_is_told() {
        let given = json!([{ "name": "file", "type": 11, "value": "50" }]);
        let data = attach(given, json!({ "51": file("51", "b.pdf", 1, true) }));
        let All::Claim(Claim::Attach(typed)) = All::from_command_data(&data).expect("as defined");
        let told = attached(&data.resolved, typed.file);
        assert_eq!(told, Err("The file didn't arrive with the command. Attach it again.".to_owned()));
    }

    #[test]
    fn a_message_command_points_at_its_message() {
        let files = json!([file("50", "stand.pdf", 7, false), file("51", "sheet.pdf", 9, false)]);
        let at = pointed_at(&on_message("Use as proof", files)).expect("it came");
        assert_eq!(
            (at.message.as_str(), at.channel.as_str(), at.author.as_str(), at.posted_at),
            ("70", "5", "6", 1_771_061_400_000)
        );
        let files: Vec<(&str, i64)> = at.files.iter().map(|file| (file.name.as_str(), file.size)).collect();
        assert_eq!(files, [("stand.pdf", 7), ("sheet.pdf", 9)]);
        let none = pointed_at(&on_message("Use as proof", json!([]))).expect("it came");
        assert_eq!(none.files, []);
    }

    #[test]
    fn a_message_command_is_found_by_its_name() {
        let known = [MessageCommand { name: "Use as proof", ask: plan_of_message }];
        let asked = pointing(&known, &on_message("Use as proof", json!([])));
        let plan = Some("70".to_owned());
        assert_eq!(asked, Ok(Ask::Look(Query::ShowPlan { partner: None, plan })));
        let defined = json!({ "name": "Use as proof", "type": 3, "contexts": [0] });
        assert_eq!(known[0].definition(), defined);

        let mut lost = on_message("Use as proof", json!([]));
        lost.target_id = None;
        let sentence = "The message didn't arrive with the command. Use it on the message again.";
        assert_eq!(pointing(&known, &lost), Err(sentence.to_owned()));
        let unknown = parse(&on_message("plan", json!([]))).expect_err("no slash command either");
        assert!(unknown.starts_with("I don't understand this command any more (plan)"), "{unknown}");
    }
}
