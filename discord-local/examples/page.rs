//! A small café on the page: a guild with three roles, and a bot that takes orders.
//!
//! `cargo run -p discord-local --example page` and open the address that it prints. Try `/order place`, its *Ready* button
//! as Bea, `/feedback`, `/sales`, `/slow` and `/tour`. `PORT=8080` in front chooses the port.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use discord_local::{DiscordLocal, Options, Visible};
use serenity::all::{
    ActionRowComponent, AutocompleteChoice, ButtonStyle, Command, CommandInteraction, CommandOptionType,
    CommandType, ComponentInteraction, ComponentInteractionDataKind, Context, CreateActionRow,
    CreateAttachment, CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption,
    CreateEmbed, CreateEmbedFooter, CreateInputText, CreateInteractionResponse as Respond,
    CreateInteractionResponseMessage as Reply, CreateModal, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption, CreateThread, EditInteractionResponse, EventHandler, GatewayIntents, HttpBuilder,
    InputTextStyle, Interaction, ModalInteraction, ResolvedOption, ResolvedValue,
};
use serenity::async_trait;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const DRINKS: [&str; 8] =
    ["Americano", "Cappuccino", "Cortado", "Espresso", "Filter coffee", "Flat white", "Latte", "Mocha"];

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // 2 March 2026, 09:00 UTC. The page's clock moves only when somebody presses the control.
    let now = Arc::new(AtomicI64::new(1_772_442_000_000));
    let clock = Arc::clone(&now);
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let options = Options {
        listen: ([127, 0, 0, 1], port).into(),
        clock: Arc::new(move || clock.load(Ordering::SeqCst)),
        title: "A small café, locally".to_owned(),
        ..Options::default()
    };
    let server = DiscordLocal::start(options).await?;
    let bot = build(&server);
    add_controls(&server, now);
    let http = HttpBuilder::new(&bot.token).proxy(server.api_url()).ratelimiter_disabled(true).build();
    let intents = GatewayIntents::GUILDS;
    let mut client =
        serenity::client::ClientBuilder::new_with_http(http, intents).event_handler(Cafe).await?;
    println!("{}", server.page_url());
    client.start().await?;
    Ok(())
}

/// The guild, its people and channels. Gives the bot's application.
fn build(server: &DiscordLocal) -> discord_local::Application {
    let bot = server.create_application("Café");
    let guild = server.create_guild("Corner Café");
    server.install(bot.id, guild);
    let manager = server.create_role(guild, "Manager", 0);
    let barista = server.create_role(guild, "Barista", 0);
    let supplier = server.create_role(guild, "Supplier", 0);
    server.create_channel(guild, "orders", Visible::Everyone);
    server.create_channel(guild, "kitchen", Visible::Roles(vec![manager, barista]));
    server.create_channel(guild, "deliveries", Visible::Roles(vec![manager, supplier]));
    let people: [(&str, &[u64]); 5] = [
        ("Mona", &[manager]),
        ("Bea", &[barista]),
        ("Ben", &[barista, manager]),
        ("Sam", &[supplier]),
        ("Guest", &[]),
    ];
    for (name, roles) in people {
        let user = server.create_user(name);
        server.add_member(guild, user, roles);
    }
    bot
}

fn add_controls(server: &DiscordLocal, now: Arc<AtomicI64>) {
    server.set_notice("It is Monday, 2 March 2026 in this café");
    let handle = server.clone();
    let next = Arc::new(move || -> futures_util::future::BoxFuture<'static, String> {
        let days = (now.fetch_add(DAY_MS, Ordering::SeqCst) + DAY_MS - 1_772_442_000_000) / DAY_MS;
        handle.set_notice(&format!("It is day {} in this café", days + 1));
        Box::pin(async move { format!("It is day {} now.", days + 1) })
    });
    server.add_control("day", "Next day", "Moves the café's clock to the same time tomorrow.", next);
    let quiet = Arc::new(|| -> futures_util::future::BoxFuture<'static, String> {
        Box::pin(async { "Nobody complained.".to_owned() })
    });
    server.add_control("ask", "Ask the neighbours", "Asks whether the music is too loud.", quiet);
}

struct Cafe;

#[async_trait]
impl EventHandler for Cafe {
    async fn ready(&self, ctx: Context, _: serenity::all::Ready) {
        if let Err(error) = Command::set_global_commands(&ctx.http, commands()).await {
            eprintln!("the commands weren't taken: {error}");
        }
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        let done = match interaction {
            Interaction::Command(command) => run(&ctx, &command).await,
            Interaction::Component(press) => pressed(&ctx, &press).await,
            Interaction::Modal(form) => filled(&ctx, &form).await,
            Interaction::Autocomplete(typing) => suggest(&ctx, &typing).await,
            _ => Ok(()),
        };
        if let Err(error) = done {
            eprintln!("an interaction failed: {error}");
        }
    }
}

fn commands() -> Vec<CreateCommand> {
    let option = CreateCommandOption::new;
    let place = option(CommandOptionType::SubCommand, "place", "Order a drink")
        .add_sub_option(
            option(CommandOptionType::String, "drink", "What to make").required(true).set_autocomplete(true),
        )
        .add_sub_option(
            option(CommandOptionType::String, "size", "How large")
                .required(true)
                .add_string_choice("Small, 200 ml", "s")
                .add_string_choice("Medium, 300 ml", "m")
                .add_string_choice("Large, 400 ml", "l"),
        )
        .add_sub_option(
            option(CommandOptionType::Integer, "count", "How many").min_int_value(1).max_int_value(12),
        )
        .add_sub_option(option(CommandOptionType::User, "for", "Who drinks it"))
        .add_sub_option(option(CommandOptionType::Boolean, "to_go", "Whether it leaves the café"))
        .add_sub_option(option(CommandOptionType::String, "note", "Anything to mind").max_length(200))
        .add_sub_option(option(CommandOptionType::Attachment, "receipt", "A picture of the receipt"));
    let menu = option(CommandOptionType::SubCommand, "menu", "What there is today");
    vec![
        CreateCommand::new("order").description("Orders").add_option(place).add_option(menu),
        CreateCommand::new("feedback").description("Tell us what you think"),
        CreateCommand::new("sales").description("This week's sales, as a chart"),
        CreateCommand::new("slow").description("Takes its time"),
        CreateCommand::new("silent").description("Never answers"),
        CreateCommand::new("whoami").description("What the bot knows about you"),
        CreateCommand::new("tour").description("Everything that a message can show"),
        CreateCommand::new("Say it louder").kind(CommandType::Message),
    ]
}

async fn run(ctx: &Context, command: &CommandInteraction) -> Result<(), Failure> {
    let answer = match command.data.name.as_str() {
        "order" => return order(ctx, command).await,
        "feedback" => {
            let short = CreateInputText::new(InputTextStyle::Short, "Headline", "headline")
                .min_length(3)
                .max_length(40);
            let long = CreateInputText::new(InputTextStyle::Paragraph, "What happened?", "story")
                .required(false)
                .max_length(600)
                .placeholder("As much or as little as you like");
            let rows = vec![CreateActionRow::InputText(short), CreateActionRow::InputText(long)];
            Respond::Modal(CreateModal::new("feedback", "Your feedback").components(rows))
        }
        "sales" => {
            let embed = CreateEmbed::new()
                .title("Sales this week")
                .description("Cups a day, **Monday** to *Sunday*.")
                .field("Cups", "412", true)
                .field("Revenue", "EUR 1,483.20", true)
                .field("Best day", "Saturday", true)
                .image("attachment://sales.png")
                .footer(CreateEmbedFooter::new("Counted by the till"))
                .colour(0x2f_9e_6e);
            let file = CreateAttachment::bytes(chart(&[42, 55, 48, 61, 70, 88, 48]), "sales.png");
            Respond::Message(Reply::new().embed(embed).add_file(file))
        }
        "slow" => {
            command.defer(&ctx.http).await?;
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            let edit = EditInteractionResponse::new().content("Done. Good things take time.");
            command.edit_response(&ctx.http, edit).await?;
            return Ok(());
        }
        "silent" => return Ok(()),
        "whoami" => {
            let roles = command.member.as_ref().map(|member| member.roles.clone()).unwrap_or_default();
            let roles: Vec<String> = roles.iter().map(|role| format!("<@&{role}>")).collect();
            let roles = if roles.is_empty() { "no roles".to_owned() } else { roles.join(", ") };
            Respond::Message(
                Reply::new().content(format!("You are <@{}> with {roles}.", command.user.id)).ephemeral(true),
            )
        }
        "tour" => Respond::Message(tour()),
        _ => {
            let text = command.data.resolved.messages.values().next().map(|m| m.content.to_uppercase());
            Respond::Message(
                Reply::new().content(text.filter(|t| !t.is_empty()).unwrap_or_else(|| "…".to_owned())),
            )
        }
    };
    command.create_response(&ctx.http, answer).await?;
    Ok(())
}

/// `/order place` and `/order menu`.
async fn order(ctx: &Context, command: &CommandInteraction) -> Result<(), Failure> {
    let options = command.data.options();
    let Some(ResolvedOption { name, value: ResolvedValue::SubCommand(options), .. }) = options.first() else {
        return Ok(());
    };
    if *name == "menu" {
        let list: Vec<String> = DRINKS.iter().map(|drink| format!("- {drink}")).collect();
        let options = DRINKS.iter().map(|drink| CreateSelectMenuOption::new(*drink, *drink)).collect();
        let menu = CreateSelectMenu::new("pick", CreateSelectMenuKind::String { options })
            .placeholder("What would you like?");
        let reply = Reply::new()
            .content(format!("## Today\n{}", list.join("\n")))
            .components(vec![CreateActionRow::SelectMenu(menu)])
            .ephemeral(true);
        command.create_response(&ctx.http, Respond::Message(reply)).await?;
        return Ok(());
    }
    let text =
        |wanted: &str| options.iter().find(|option| option.name == wanted).map(|option| shown(&option.value));
    let embed = CreateEmbed::new()
        .title(text("drink").unwrap_or_default())
        .field("Size", text("size").unwrap_or_default(), true)
        .field("Count", text("count").unwrap_or_else(|| "1".to_owned()), true)
        .field("For", text("for").unwrap_or_else(|| format!("<@{}>", command.user.id)), true)
        .field("To go", text("to_go").unwrap_or_else(|| "no".to_owned()), true)
        .description(text("note").unwrap_or_default())
        .footer(CreateEmbedFooter::new("Waiting"))
        .colour(0xe9_b8_44);
    let row = CreateActionRow::Buttons(vec![
        CreateButton::new("ready").label("Ready").style(ButtonStyle::Success),
        CreateButton::new("talk").label("Discuss").style(ButtonStyle::Secondary),
        CreateButton::new("cancel").label("Cancel").style(ButtonStyle::Danger),
        CreateButton::new_link("https://example.com/recipes").label("Recipe"),
    ]);
    let reply = Reply::new().embed(embed).components(vec![row]);
    command.create_response(&ctx.http, Respond::Message(reply)).await?;
    Ok(())
}

fn shown(value: &ResolvedValue<'_>) -> String {
    match value {
        ResolvedValue::String(text) => (*text).to_owned(),
        ResolvedValue::Integer(number) => number.to_string(),
        ResolvedValue::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        ResolvedValue::User(user, _) => format!("<@{}>", user.id),
        ResolvedValue::Attachment(file) => file.filename.clone(),
        _ => String::new(),
    }
}

async fn pressed(ctx: &Context, press: &ComponentInteraction) -> Result<(), Failure> {
    if let ComponentInteractionDataKind::StringSelect { values } = &press.data.kind {
        let text = format!("{}: a good choice.", values.join(", "));
        let reply = Reply::new().content(text).components(vec![]);
        press.create_response(&ctx.http, Respond::UpdateMessage(reply)).await?;
        return Ok(());
    }
    if press.data.custom_id == "talk" {
        let thread = CreateThread::new("About this order");
        press.create_response(&ctx.http, Respond::Acknowledge).await?;
        let thread = press.channel_id.create_thread_from_message(&ctx.http, press.message.id, thread).await?;
        thread.say(&ctx.http, format!("<@{}> would like to talk about this order.", press.user.id)).await?;
        return Ok(());
    }
    let (word, colour) =
        if press.data.custom_id == "ready" { ("Ready", 0x2f_9e_6e) } else { ("Cancelled", 0xb8_32_3a) };
    let before = press.message.embeds.first().cloned().unwrap_or_default();
    let footer = CreateEmbedFooter::new(format!("{word}, by {}", press.user.name));
    let embed = CreateEmbed::from(before).footer(footer).colour(colour);
    let done = CreateButton::new("done").label(word).style(ButtonStyle::Secondary).disabled(true);
    let reply = Reply::new().embed(embed).components(vec![CreateActionRow::Buttons(vec![done])]);
    press.create_response(&ctx.http, Respond::UpdateMessage(reply)).await?;
    Ok(())
}

async fn filled(ctx: &Context, form: &ModalInteraction) -> Result<(), Failure> {
    let texts = form.data.components.iter().flat_map(|row| &row.components).filter_map(|part| match part {
        ActionRowComponent::InputText(input) => input.value.clone(),
        _ => None,
    });
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
    let embed = CreateEmbed::new().title("Feedback").description(texts.join("\n\n")).colour(0x7c_c4_f8);
    form.create_response(&ctx.http, Respond::Message(Reply::new().embed(embed))).await?;
    Ok(())
}

async fn suggest(ctx: &Context, typing: &CommandInteraction) -> Result<(), Failure> {
    let typed = typing.data.autocomplete().map(|focused| focused.value.to_lowercase()).unwrap_or_default();
    let fitting = DRINKS.iter().filter(|drink| drink.to_lowercase().contains(&typed));
    let choices = fitting.map(|drink| AutocompleteChoice::new(*drink, *drink)).collect();
    let answer = CreateAutocompleteResponse::new().set_choices(choices);
    typing.create_response(&ctx.http, Respond::Autocomplete(answer)).await?;
    Ok(())
}

/// A message with all kinds of text, every style of button, and things that must stay text.
fn tour() -> Reply {
    let text = "# Heading\n**bold**, *italic*, __underlined__, ~~struck~~, `code`, ||secret||, [a link](https://example.com), \
                <t:1772442000:R>\n> a quote\n1. one\n2. two\n```rust\nfn main() {}\n```\n<script>alert(1)</script> & <b>not bold</b> \
                \\*not italic\\* 2 * 3 * 4 snake_case_name @everyone";
    let buttons = [ButtonStyle::Primary, ButtonStyle::Secondary, ButtonStyle::Success, ButtonStyle::Danger];
    let row = |prefix: &str, disabled: bool| {
        let all = buttons.iter().enumerate().map(|(at, style)| {
            CreateButton::new(format!("{prefix}{at}"))
                .label(format!("{style:?}"))
                .style(*style)
                .disabled(disabled)
        });
        CreateActionRow::Buttons(all.collect())
    };
    let kind = CreateSelectMenuKind::User { default_users: None };
    let people =
        CreateActionRow::SelectMenu(CreateSelectMenu::new("who", kind).placeholder("Who is it for?"));
    let options =
        ["Oat milk", "Sugar", "Cinnamon"].map(|name| CreateSelectMenuOption::new(name, name)).to_vec();
    let extras =
        CreateSelectMenu::new("extras", CreateSelectMenuKind::String { options }).min_values(1).max_values(3);
    let extras = CreateActionRow::SelectMenu(extras.placeholder("Extras"));
    let file = CreateAttachment::bytes(b"drink,cups\nLatte,12\n".as_slice(), "sales.csv");
    let picture = CreateAttachment::bytes(chart(&[3, 1, 4, 1, 5, 9, 2]), "pi.png");
    Reply::new()
        .content(text)
        .components(vec![row("a", false), row("b", true), people, extras])
        .add_file(file)
        .add_file(picture)
}

/// A bar chart as a PNG without compression.
fn chart(values: &[u32]) -> Vec<u8> {
    let (width, height) = (480_u32, 200_u32);
    let top = values.iter().copied().max().unwrap_or(1).max(1);
    let slot = width / u32::try_from(values.len()).unwrap_or(1).max(1);
    let mut pixels = Vec::new();
    for y in 0..height {
        pixels.push(0);
        for x in 0..width {
            let bar = values.get((x / slot) as usize).map_or(0, |value| value * (height - 20) / top);
            let inside = x % slot > slot / 5 && height - y <= bar;
            let color: [u8; 3] = if inside { [0x2f, 0x9e, 0x6e] } else { [0xf4, 0xf1, 0xea] };
            pixels.extend(color);
        }
    }
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &stored(&pixels));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let mut crc = u32::MAX;
    for byte in &png[start..] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    png.extend((!crc).to_be_bytes());
}

/// A zlib stream of stored blocks.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = data.chunks(0xffff).count();
    for (at, block) in data.chunks(0xffff).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        out.push(u8::from(at + 1 == blocks));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend((b << 16 | a).to_be_bytes());
    out
}
