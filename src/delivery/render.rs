//! Cards, posts and forms as Discord's builders. Pure drawing: nothing here sends, and nothing here decides what is
//! said.
//!
//! Nothing that is drawn may be refused: every text is cut to its limit with `…`, an empty one that Discord insists on
//! is filled, what there may be only so many of is cut off, and a file that is too big is named instead of attached.
//! Nobody is ever pinged: `allowed_mentions` is empty on all that is drawn. Names from outside are escaped in `text/`.

use crate::limits::{
    BUTTON_LABEL_MAX, CONTENT_MAX, CUSTOM_ID_MAX, EMBED_DESCRIPTION_MAX, EMBED_FIELD_NAME_MAX,
    EMBED_FIELD_VALUE_MAX, EMBED_FIELDS_MAX, EMBED_FOOTER_MAX, EMBED_SUM_MAX, EMBED_TITLE_MAX,
    FILE_BYTES_MAX, FILES_MAX, INPUT_LABEL_MAX, INPUT_PLACEHOLDER_MAX, INPUT_VALUE_MAX, MODAL_INPUTS_MAX,
    MODAL_TITLE_MAX, REQUEST_BYTES_MAX, ROW_BUTTONS_MAX, ROWS_MAX, THREAD_NAME_MAX, cut,
};
use crate::text::card::{Button, ButtonStyle, Card, Colour, Field, File, Form, Input, Post};
use serenity::all::{
    CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateInputText, CreateInteractionResponseFollowup, CreateInteractionResponseMessage, CreateMessage,
    CreateModal, CreateThread, EditInteractionResponse, EditMessage, InputTextStyle, Nonce,
};
use std::collections::HashSet;

/// Stands for an empty text that Discord insists on.
const NOTHING: &str = "–";
/// Between a footer and the outbox id behind it.
const MARK: &str = " · ";
/// A long body gives way to the fields, but not below this: the rest of the fields gives way then.
const BODY_KEPT: usize = 1_000;

/// A message as it will look, ready to become any of the requests that can carry it.
#[derive(Clone, Debug)]
pub struct Drawn {
    content: String,
    embed: Option<CreateEmbed>,
    rows: Vec<CreateActionRow>,
    files: Vec<CreateAttachment>,
}

/// Draws a post. With a `mark` (the outbox id) it always has an embed, which carries the mark in its footer, so that
/// the message can be found again in the channel: a text without a card is then the embed's text. Without a mark (the
/// answer to a command) such a text is the message's own.
pub fn draw(post: &Post, files: &[File], mark: Option<&str>) -> Drawn {
    let (files, refused) = attachments(files);
    let text = with_refused(&post.text, &refused);
    let text_as_card = Card { body: text.clone(), ..Card::default() };
    let (content, card) = match (&post.card, mark) {
        (Some(card), _) => (text, Some(card)),
        (None, Some(_)) => (String::new(), Some(&text_as_card)),
        (None, None) => (text, None),
    };
    let names: Vec<&str> = files.iter().map(|file| file.filename.as_str()).collect();
    let embed = card.and_then(|card| embed(card, &names, mark));
    let rows = card.map(|card| rows(&card.buttons)).unwrap_or_default();
    let empty = content.trim().is_empty() && embed.is_none() && files.is_empty();
    let content = if empty { NOTHING.to_owned() } else { cut(&content, CONTENT_MAX) };
    Drawn { content, embed, rows, files }
}

/// Draws one item's card.
pub fn draw_card(card: &Card, mark: Option<&str>) -> Drawn {
    draw(&Post { card: Some(card.clone()), ..Post::default() }, &[], mark)
}

/// The thread of a post; `None` if it wants none.
pub fn thread(post: &Post) -> Option<CreateThread<'static>> {
    let name = post.thread.as_deref()?.trim();
    (!name.is_empty()).then(|| CreateThread::new(cut(name, THREAD_NAME_MAX)))
}

/// A form, as an answer to a command or a button.
pub fn modal(form: &Form) -> CreateModal {
    let inputs = form.inputs.iter().take(MODAL_INPUTS_MAX).map(input).collect();
    CreateModal::new(cut(&form.id, CUSTOM_ID_MAX), cut(filled(&form.title), MODAL_TITLE_MAX))
        .components(inputs)
}

impl Drawn {
    /// A new message, whose repetition with the same `nonce` gives the first one back for a few minutes.
    pub fn message(self, nonce: &str) -> CreateMessage {
        CreateMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(nobody())
            .nonce(Nonce::String(nonce.to_owned()))
            .enforce_nonce(true)
    }

    /// The whole of a message that is there already; its attachments stay. The components are sent even when there
    /// are none, because that is what removes the buttons.
    pub fn edit(self) -> EditMessage {
        EditMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .allowed_mentions(nobody())
    }

    /// The first answer to an interaction.
    pub fn response(self, ephemeral: bool) -> CreateInteractionResponseMessage {
        CreateInteractionResponseMessage::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(nobody())
            .ephemeral(ephemeral)
    }

    /// What replaces a deferred answer.
    pub fn response_edit(self) -> EditInteractionResponse {
        let edit = EditInteractionResponse::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .allowed_mentions(nobody());
        self.files.into_iter().fold(edit, EditInteractionResponse::new_attachment)
    }

    /// One more answer to an interaction.
    pub fn followup(self, ephemeral: bool) -> CreateInteractionResponseFollowup {
        CreateInteractionResponseFollowup::new()
            .content(self.content)
            .embeds(self.embed.into_iter().collect())
            .components(self.rows)
            .files(self.files)
            .allowed_mentions(nobody())
            .ephemeral(ephemeral)
    }
}

/// Whether an embed's footer carries this mark.
pub fn carries(footer: &str, mark: &str) -> bool {
    footer.strip_suffix(mark).is_some_and(|before| before.is_empty() || before.ends_with(MARK))
}

fn nobody() -> CreateAllowedMentions {
    CreateAllowedMentions::new()
}

/// `None` if the card says nothing at all: Discord refuses an empty embed.
fn embed(card: &Card, attached: &[&str], mark: Option<&str>) -> Option<CreateEmbed> {
    let title = cut(card.title.trim(), EMBED_TITLE_MAX);
    let footer = footer(card.footer.trim(), mark);
    let left = EMBED_SUM_MAX.saturating_sub(length(&title) + length(&footer));
    let fields: Vec<Field> = card.fields.iter().take(EMBED_FIELDS_MAX).map(whole_field).collect();
    let wanted: usize = fields.iter().map(|field| length(&field.name) + length(&field.value)).sum();
    let body_max = left.saturating_sub(wanted).max(BODY_KEPT).min(left).min(EMBED_DESCRIPTION_MAX);
    let body = cut(card.body.trim(), body_max);
    let fields = fitting(fields, left.saturating_sub(length(&body)));
    let image = card.image.as_deref().map(file_name).filter(|name| attached.contains(&name.as_str()));
    if title.is_empty() && body.is_empty() && footer.is_empty() && fields.is_empty() && image.is_none() {
        return None;
    }
    let mut embed = CreateEmbed::new().colour(colour(card.colour));
    if !title.is_empty() {
        embed = embed.title(title);
    }
    if !body.is_empty() {
        embed = embed.description(body);
    }
    if !footer.is_empty() {
        embed = embed.footer(CreateEmbedFooter::new(footer));
    }
    if let Some(name) = image {
        embed = embed.image(format!("attachment://{name}"));
    }
    Some(fields.into_iter().fold(embed, |embed, field| embed.field(field.name, field.value, field.inline)))
}

/// The mark stays whole; the text before it gives way.
fn footer(text: &str, mark: Option<&str>) -> String {
    match mark {
        None => cut(text, EMBED_FOOTER_MAX),
        Some(mark) if text.is_empty() => mark.to_owned(),
        Some(mark) => {
            let text = cut(text, EMBED_FOOTER_MAX.saturating_sub(length(MARK) + length(mark)));
            format!("{text}{MARK}{mark}")
        }
    }
}

fn whole_field(field: &Field) -> Field {
    Field {
        name: cut(filled(&field.name), EMBED_FIELD_NAME_MAX),
        value: cut(filled(&field.value), EMBED_FIELD_VALUE_MAX),
        inline: field.inline,
    }
}

/// As many fields as fit into `left` characters; the last one is cut if that lets it stay.
fn fitting(fields: Vec<Field>, mut left: usize) -> Vec<Field> {
    let mut fit = Vec::with_capacity(fields.len());
    for mut field in fields {
        let room = left.saturating_sub(length(&field.name));
        if room == 0 {
            break;
        }
        field.value = cut(&field.value, room);
        left = room - length(&field.value);
        fit.push(field);
    }
    fit
}

/// A button whose id Discord would refuse (empty, too long, there already) can't be cut to fit: it is left out.
fn rows(buttons: &[Vec<Button>]) -> Vec<CreateActionRow> {
    let mut seen = HashSet::new();
    let mut usable = |button: &&Button| {
        let usable = (1..=CUSTOM_ID_MAX).contains(&length(&button.id)) && seen.insert(button.id.clone());
        if !usable {
            tracing::error!(
                id = button.id,
                label = button.label,
                "A button was left out: its id can't be used"
            );
        }
        usable
    };
    buttons
        .iter()
        .map(|row| row.iter().filter(&mut usable).take(ROW_BUTTONS_MAX).map(button).collect::<Vec<_>>())
        .filter(|row| !row.is_empty())
        .take(ROWS_MAX)
        .map(CreateActionRow::Buttons)
        .collect()
}

fn button(button: &Button) -> CreateButton {
    let style = match button.style {
        ButtonStyle::Primary => serenity::all::ButtonStyle::Primary,
        ButtonStyle::Secondary => serenity::all::ButtonStyle::Secondary,
        ButtonStyle::Success => serenity::all::ButtonStyle::Success,
        ButtonStyle::Danger => serenity::all::ButtonStyle::Danger,
    };
    CreateButton::new(&button.id).label(cut(filled(&button.label), BUTTON_LABEL_MAX)).style(style)
}

fn input(input: &Input) -> CreateActionRow {
    let style = if input.long { InputTextStyle::Paragraph } else { InputTextStyle::Short };
    let label = cut(filled(&input.label), INPUT_LABEL_MAX);
    let mut text = CreateInputText::new(style, label, cut(&input.id, CUSTOM_ID_MAX))
        .required(input.required)
        .max_length(input.max_length.clamp(1, INPUT_VALUE_MAX));
    if !input.value.is_empty() {
        text = text.value(cut(&input.value, usize::from(input.max_length.clamp(1, INPUT_VALUE_MAX))));
    }
    if !input.placeholder.is_empty() {
        text = text.placeholder(cut(&input.placeholder, INPUT_PLACEHOLDER_MAX));
    }
    CreateActionRow::InputText(text)
}

fn colour(colour: Colour) -> u32 {
    match colour {
        Colour::Neutral => 0x3b_82_f6,
        Colour::Green => 0x22_a0_6b,
        Colour::Amber => 0xe5_9e_0b,
        Colour::Red => 0xd1_3b_3b,
        Colour::Grey => 0x8a_91_9e,
    }
}

/// What can be attached, and the names of what can't: too many, too big alone, too big together.
fn attachments(files: &[File]) -> (Vec<CreateAttachment>, Vec<&str>) {
    let (mut attached, mut refused, mut sum) = (Vec::new(), Vec::new(), 0);
    for file in files {
        let size = file.bytes.len();
        if attached.len() < FILES_MAX && size <= FILE_BYTES_MAX && sum + size <= REQUEST_BYTES_MAX {
            sum += size;
            attached.push(CreateAttachment::bytes(file.bytes.clone(), file_name(&file.name)));
        } else {
            refused.push(file.name.as_str());
        }
    }
    (attached, refused)
}

fn with_refused(text: &str, refused: &[&str]) -> String {
    if refused.is_empty() {
        return text.to_owned();
    }
    let note = format!("Not attached, too big for Discord: {}", refused.join(", "));
    let note = cut(&note, CONTENT_MAX / 2);
    if text.is_empty() {
        return note;
    }
    // The note must survive the cut of the text before it.
    format!("{}\n{note}", cut(text, CONTENT_MAX - length(&note) - 1))
}

/// Discord changes other characters in a file's name, and `attachment://` would then lead nowhere.
fn file_name(name: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    if name.is_empty() { "file".to_owned() } else { name }
}

fn filled(text: &str) -> &str {
    if text.trim().is_empty() { NOTHING } else { text }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
