use std::time::Duration;

use discord_local::{Answer, Options, Refused, Upload};
use serenity::all::{
    ActionRowComponent, AutocompleteChoice, ButtonStyle, ChannelId, Command, CommandInteraction,
    CommandOptionType, CommandType, ComponentInteractionDataKind, Context, CreateActionRow, CreateAttachment,
    CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption, CreateEmbed,
    CreateInputText, CreateInteractionResponse as Respond, CreateInteractionResponseFollowup,
    CreateInteractionResponseMessage as Reply, CreateMessage, CreateModal, CreateSelectMenu,
    CreateSelectMenuKind, CreateSelectMenuOption, EditInteractionResponse, Error, HttpError, InputTextStyle,
    Interaction, ResolvedValue,
};

use crate::harness::{World, command, ignore, world, world_with};

/// The commands that the bot of these tests knows.
async fn register(w: &World) {
    let text = |name: &str| CreateCommandOption::new(CommandOptionType::String, name, "A text");
    let request = CreateCommandOption::new(CommandOptionType::SubCommand, "request", "Ask for money")
        .add_sub_option(text("campaign").required(true).set_autocomplete(true))
        .add_sub_option(text("note").min_length(3).max_length(20))
        .add_sub_option(
            CreateCommandOption::new(CommandOptionType::Integer, "cost", "How much")
                .min_int_value(1)
                .max_int_value(100),
        )
        .add_sub_option(text("size").add_string_choice("Small one", "s").add_string_choice("Large one", "l"))
        .add_sub_option(CreateCommandOption::new(CommandOptionType::User, "who", "Somebody"))
        .add_sub_option(CreateCommandOption::new(CommandOptionType::Attachment, "proof", "A file"));
    let commands = vec![
        CreateCommand::new("mdf").description("Funds").add_option(request),
        command("say"),
        command("slow"),
        command("form"),
        command("late"),
        CreateCommand::new("secret")
            .description("For few")
            .default_member_permissions(serenity::all::Permissions::MANAGE_GUILD),
        CreateCommand::new("Use as proof").kind(CommandType::Message),
    ];
    let made = Command::set_global_commands(w.http(), commands).await.expect("valid commands");
    assert_eq!(made.len(), 7);
}

fn button(id: &str, label: &str) -> CreateButton {
    CreateButton::new(id).label(label).style(ButtonStyle::Success)
}

/// Answers with a card that shows the options as they arrived.
async fn request(ctx: &Context, command: &CommandInteraction) {
    let options = command.data.options();
    let ResolvedValue::SubCommand(options) = &options[0].value else { panic!("{options:?}") };
    let shown: Vec<String> = options
        .iter()
        .map(|option| match &option.value {
            ResolvedValue::String(text) => format!("{}={text}", option.name),
            ResolvedValue::Integer(number) => format!("{}={number}", option.name),
            ResolvedValue::User(user, member) => {
                format!("{}={} ({} roles)", option.name, user.name, member.map_or(0, |m| m.roles.len()))
            }
            ResolvedValue::Attachment(file) => {
                format!("{}={} {}", option.name, file.filename, file.size)
            }
            other => format!("{}={other:?}", option.name),
        })
        .collect();
    let row =
        CreateActionRow::Buttons(vec![button("yes:1", "Approve"), button("no:1", "Decline").disabled(true)]);
    let embed = CreateEmbed::new().title("Request").field("Options", shown.join(", "), false);
    let reply = Reply::new().embed(embed).components(vec![row]);
    command.create_response(&ctx.http, Respond::Message(reply)).await.expect("answered");
}

async fn answer(ctx: Context, interaction: Interaction) {
    match interaction {
        Interaction::Command(command) => match command.data.name.as_str() {
            "mdf" => request(&ctx, &command).await,
            "say" => {
                let reply = Reply::new().content("only you").ephemeral(true);
                command.create_response(&ctx.http, Respond::Message(reply)).await.expect("answered");
            }
            "slow" => {
                command.defer(&ctx.http).await.expect("deferred");
                tokio::time::sleep(Duration::from_millis(200)).await;
                let edit = EditInteractionResponse::new()
                    .content("here it is")
                    .new_attachment(CreateAttachment::bytes(b"a,b\n1,2\n", "report.csv"));
                command.edit_response(&ctx.http, edit).await.expect("edited");
            }
            "form" => {
                let input = |id: &str, label: &str| CreateInputText::new(InputTextStyle::Short, label, id);
                let modal = CreateModal::new("reason:1", "Why?").components(vec![
                    CreateActionRow::InputText(input("why", "Reason").min_length(3).max_length(10)),
                    CreateActionRow::InputText(input("more", "More").required(false).value("nothing")),
                ]);
                command.create_response(&ctx.http, Respond::Modal(modal)).await.expect("answered");
            }
            "Use as proof" => {
                let message = command.data.resolved.messages.values().next().expect("the message");
                let reply = Reply::new().content(format!("proof: {}", message.content)).ephemeral(true);
                command.create_response(&ctx.http, Respond::Message(reply)).await.expect("answered");
            }
            _ => {}
        },
        Interaction::Component(press) if press.data.custom_id.starts_with("yes") => {
            let reply = Reply::new().content("Approved").components(vec![]).embeds(vec![]);
            press.create_response(&ctx.http, Respond::UpdateMessage(reply)).await.expect("updated");
            let more = CreateInteractionResponseFollowup::new().content("and noted").ephemeral(true);
            press.create_followup(&ctx.http, more).await.expect("followed up");
        }
        Interaction::Component(press) => {
            press.create_response(&ctx.http, Respond::Acknowledge).await.expect("acknowledged");
            if let ComponentInteractionDataKind::StringSelect { values } = &press.data.kind {
                let edit = EditInteractionResponse::new()
                    .content(format!("chose {}", values.join("+")))
                    .components(vec![]);
                press.edit_response(&ctx.http, edit).await.expect("edited");
            }
        }
        Interaction::Modal(modal) => {
            let values: Vec<String> =
                modal.data.components.iter().map(|row| value(&row.components[0])).collect();
            let reply = Reply::new().content(values.join(" / "));
            modal.create_response(&ctx.http, Respond::Message(reply)).await.expect("answered");
            modal.get_response(&ctx.http).await.expect("a message that a typed client can read");
        }
        Interaction::Autocomplete(typing) => {
            let typed = typing.data.autocomplete().expect("a focused option").value.to_owned();
            let choice = AutocompleteChoice::new(format!("{typed} (Acme)"), typed);
            let choices = CreateAutocompleteResponse::new().set_choices(vec![choice]);
            typing.create_response(&ctx.http, Respond::Autocomplete(choices)).await.expect("answered");
        }
        _ => {}
    }
}

fn value(part: &ActionRowComponent) -> String {
    if let ActionRowComponent::InputText(input) = part {
        input.value.clone().unwrap_or_default()
    } else {
        String::new()
    }
}

fn code(error: &Error) -> isize {
    match error {
        Error::Http(HttpError::UnsuccessfulRequest(response)) => response.error.code,
        other => panic!("not an answer of the API: {other}"),
    }
}

#[tokio::test]
async fn a_command_is_parsed_delivered_and_answered() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let files = [Upload::new("proof.pdf", "application/pdf", vec![1, 2, 3])];
    let line = "/mdf request campaign:CMP-7 cost:25 note:a text: with colon size:Large one who:@vera proof:proof.pdf";
    let got = w.pat.run_with(w.general, line, &files).await.expect("valid");
    let Answer::Message(message) = &got else { panic!("{got:?}") };
    assert_eq!(
        message.text(),
        "Request\nOptions: campaign=CMP-7, cost=25, note=a text: with colon, size=l, who=vera (1 roles), proof=proof.pdf 3\n\
         [Approve] [Decline (disabled)]"
    );
    assert_eq!(w.vera.messages(w.general).len(), 1);

    let pressed = w.vera.press(w.general, message.id, "yes:1").await.expect("the button is there");
    let Answer::Updated(updated) = &pressed else { panic!("{pressed:?}") };
    assert_eq!((updated.id, updated.text().as_str()), (message.id, "Approved"));
    assert!(w.vera.press(w.general, message.id, "yes:1").await.is_err(), "the button is gone");
    bot.stop().await;
}

#[tokio::test]
async fn the_client_refuses_what_it_would_not_send() {
    let w = world().await;
    register(&w).await;
    let refused = [
        ("mdf", "a command begins with /"),
        ("/nothing", "there is no command /nothing"),
        ("/mdf", "/mdf needs one of: request."),
        ("/mdf request", "/mdf request: campaign is required."),
        (
            "/mdf request CMP-7",
            "/mdf request: \"CMP-7\" belongs to no option (there are: campaign, note, cost, size, who, proof).",
        ),
        ("/mdf request campaign:C cost:many", "/mdf request: cost: \"many\" isn't a whole number."),
        ("/mdf request campaign:C cost:0", "/mdf request: cost: must be at least 1."),
        ("/mdf request campaign:C cost:101", "/mdf request: cost: must be at most 100."),
        ("/mdf request campaign:C note:ab", "/mdf request: note: must have at least 3 characters."),
        (
            "/mdf request campaign:C note:123456789012345678901",
            "/mdf request: note: must have at most 20 characters.",
        ),
        (
            "/mdf request campaign:C size:Huge",
            "/mdf request: size: \"Huge\" isn't one of: Small one, Large one.",
        ),
        ("/mdf request campaign:C who:@nobody", "/mdf request: who: there is no user @nobody."),
        ("/mdf request campaign:C proof:x.pdf", "/mdf request: proof: there is no file x.pdf at hand."),
        ("/secret", "/secret isn't offered to them here"),
    ];
    for (line, reason) in refused {
        assert_eq!(w.pat.run(w.general, line).await, Err(Refused(reason.to_owned())), "{line}");
    }
    let unseen = w.pat.run(w.vendor_only, "/say").await;
    assert_eq!(unseen, Err(Refused("they don't see that channel".to_owned())));
    assert_eq!(w.server.interaction_log(), [], "nothing reached the bot");
}

#[tokio::test]
async fn a_deferred_answer_is_waited_for() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let got = w.pat.run(w.general, "/slow").await.expect("valid");
    let Answer::Message(message) = &got else { panic!("{got:?}") };
    assert_eq!(message.text(), "here it is\n<report.csv>");
    assert!(!message.is_loading() && message.edited_timestamp.is_none());
    let file = &message.attachments[0];
    assert_eq!((&*file.bytes, file.size), (&b"a,b\n1,2\n"[..], 8));
    let fetched = reqwest::get(&file.url).await.expect("there").bytes().await.expect("whole");
    assert_eq!(&*fetched, b"a,b\n1,2\n");
    let forged = reqwest::get(file.url.replace("hm=", "hm=0")).await.expect("an answer");
    assert_eq!(forged.status(), 404);
    bot.stop().await;
}

#[tokio::test]
async fn ephemeral_answers_are_seen_by_one() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let got = w.pat.run(w.general, "/say").await.expect("valid");
    assert!(got.is_ephemeral() && got.text() == "only you", "{got:?}");
    assert_eq!(w.pat.messages(w.general).len(), 1);
    assert_eq!(w.vera.messages(w.general), []);
    let id = got.message().expect("a message").id;
    let unseen = w.http().get_message(w.general.into(), id.into()).await.expect_err("not for the API");
    assert_eq!(code(&unseen), 10008);
    let transcript = w.server.transcript(&[w.general]);
    assert!(transcript.contains("*only pat sees this*\n\n> only you"), "{transcript}");
    bot.stop().await;
}

#[tokio::test]
async fn forms_make_the_round() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let got = w.pat.run(w.general, "/form").await.expect("valid");
    let modal = got.modal().expect("a form").clone();
    assert_eq!(modal.text(), "Why?\nReason*: ()\nMore: nothing");
    for (values, reason) in [
        (vec![], "Reason is required"),
        (vec![("why", "ab")], "Reason takes 3 to 10 characters"),
        (vec![("why", "12345678901")], "Reason takes 3 to 10 characters"),
        (vec![("what", "abc")], "the form has no input what"),
    ] {
        assert_eq!(w.pat.submit(&modal, &values).await, Err(Refused(reason.to_owned())));
    }
    let sent = w.pat.submit(&modal, &[("why", "because")]).await.expect("valid");
    assert_eq!(sent.text(), "because / nothing");
    assert!(w.vera.submit(&modal, &[("why", "because")]).await.is_err(), "it is pat's form");
    bot.stop().await;
}

#[tokio::test]
async fn autocomplete_suggests() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let choices = w.pat.suggest(w.general, "/mdf request note:abc campaign:CM").await.expect("suggestions");
    assert_eq!(choices.iter().map(|choice| choice.name.as_str()).collect::<Vec<_>>(), ["CM (Acme)"]);
    assert!(
        w.pat.suggest(w.general, "/mdf request campaign:C cost:2").await.is_err(),
        "cost doesn't suggest"
    );
    bot.stop().await;
}

#[tokio::test]
async fn message_commands_carry_the_message() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let said = w.vera.say(w.general, "look at this", vec![]).await.expect("she may");
    let got = w.pat.message_command(w.general, "Use as proof", said).await.expect("offered");
    assert_eq!(got.text(), "proof: look at this");
    bot.stop().await;
}

#[tokio::test]
async fn forged_presses_reach_the_bot() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let got = w.pat.run(w.general, "/mdf request campaign:C").await.expect("valid");
    let message = got.message().expect("a message").id;
    assert!(w.pat.press(w.general, message, "no:1").await.is_err(), "a disabled button");
    assert!(w.pat.press(w.general, message, "other").await.is_err(), "no such button");
    assert_eq!(w.pat.press_forged(w.general, message, "other").await, Ok(Answer::Acknowledged));
    bot.stop().await;
}

#[tokio::test]
async fn nobody_connected_means_no_answer() {
    let w = world().await;
    register(&w).await;
    assert_eq!(w.pat.run(w.general, "/say").await, Ok(Answer::NoAnswer));
}

#[tokio::test]
async fn a_late_answer_is_an_unknown_interaction_and_a_second_is_one_too_many() {
    let options = Options { answer_deadline: Duration::from_millis(300), ..Options::default() };
    let w = world_with(options).await;
    register(&w).await;
    let (sender, mut late) = tokio::sync::mpsc::unbounded_channel();
    let bot = w
        .connect(move |ctx, interaction| {
            let sender = sender.clone();
            async move {
                let Interaction::Command(command) = interaction else { return };
                let wait = if command.data.name == "late" { 600 } else { 0 };
                tokio::time::sleep(Duration::from_millis(wait)).await;
                let reply = || Respond::Message(Reply::new().content("hello"));
                let first = command.create_response(&ctx.http, reply()).await.map_err(|error| code(&error));
                let second = command.create_response(&ctx.http, reply()).await.map_err(|error| code(&error));
                sender.send((first, second)).expect("the test waits");
            }
        })
        .await;
    assert_eq!(w.pat.run(w.general, "/late").await, Ok(Answer::NoAnswer));
    assert_eq!(late.recv().await, Some((Err(10062), Err(10062))));
    assert_eq!(w.pat.run(w.general, "/say").await.map(|answer| answer.text()), Ok("hello".to_owned()));
    assert_eq!(late.recv().await, Some((Ok(()), Err(40060))));
    bot.stop().await;
}

#[tokio::test]
async fn a_token_dies_in_the_end() {
    let options = Options { token_life: Duration::from_millis(300), ..Options::default() };
    let w = world_with(options).await;
    register(&w).await;
    let (sender, mut codes) = tokio::sync::mpsc::unbounded_channel();
    let bot = w
        .connect(move |ctx, interaction| {
            let sender = sender.clone();
            async move {
                let Interaction::Command(command) = interaction else { return };
                let more = || CreateInteractionResponseFollowup::new().content("more");
                let early = command
                    .create_followup(&ctx.http, more())
                    .await
                    .map(|_| ())
                    .map_err(|error| code(&error));
                let reply = Respond::Message(Reply::new().content("hello"));
                command.create_response(&ctx.http, reply).await.expect("in time");
                command.create_followup(&ctx.http, more()).await.expect("the token lives");
                tokio::time::sleep(Duration::from_millis(400)).await;
                let late = command
                    .create_followup(&ctx.http, more())
                    .await
                    .map(|_| ())
                    .map_err(|error| code(&error));
                sender.send((early, late)).expect("the test waits");
            }
        })
        .await;
    w.pat.run(w.general, "/say").await.expect("valid");
    assert_eq!(codes.recv().await, Some((Err(10015), Err(50027))));
    bot.stop().await;
}

#[tokio::test]
async fn connected_bots_that_say_nothing_give_no_answer() {
    let options = Options { answer_deadline: Duration::from_millis(200), ..Options::default() };
    let w = world_with(options).await;
    register(&w).await;
    let bot = w.connect(ignore).await;
    assert_eq!(w.pat.run(w.general, "/say").await, Ok(Answer::NoAnswer));
    bot.stop().await;
}

#[tokio::test]
async fn menus_offer_what_they_offer() {
    let w = world().await;
    let bot = w.connect(answer).await;
    let options =
        ["a", "b", "c"].map(|value| CreateSelectMenuOption::new(value.to_uppercase(), value)).to_vec();
    let menu = CreateSelectMenu::new("pick", CreateSelectMenuKind::String { options })
        .max_values(2)
        .placeholder("Pick");
    let message = CreateMessage::new().content("which?").select_menu(menu);
    let id = ChannelId::new(w.general).send_message(&w.http(), message).await.expect("sent").id.get();
    assert_eq!(
        w.pat.message(w.general, id).map(|message| message.text()),
        Some("which?\n[Pick ▾]".to_owned())
    );
    assert!(w.pat.select(w.general, id, "pick", &["d"]).await.is_err());
    assert!(w.pat.select(w.general, id, "pick", &[]).await.is_err());
    assert!(w.pat.select(w.general, id, "pick", &["a", "b", "c"]).await.is_err());
    let got = w.pat.select(w.general, id, "pick", &["a", "c"]).await.expect("offered");
    let Answer::Updated(message) = &got else { panic!("{got:?}") };
    assert_eq!((message.id, message.text().as_str()), (id, "chose a+c"));
    bot.stop().await;
}

#[tokio::test]
async fn raw_data_goes_past_the_client() {
    let w = world().await;
    register(&w).await;
    let bot = w.connect(answer).await;
    let option = serde_json::json!({ "name": "campaign", "type": 3, "value": "" });
    let forged = serde_json::json!({ "name": "mdf", "options": [{ "name": "request", "type": 1, "options": [option] }] });
    let got = w.pat.run_raw(w.general, forged).await.expect("the command is known");
    assert!(got.text().starts_with("Request\nOptions: campaign=\n"), "{}", got.text());
    bot.stop().await;
}
