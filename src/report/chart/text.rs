//! Texts in the picture: the compiled-in font, how wide a text is, and what of a text can be shown.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb;
use ttf_parser::Face;

static REGULAR: &[u8] = include_bytes!("../font/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../font/NotoSans-Bold.ttf");

/// The family name inside both files.
pub const FAMILY: &str = "Noto Sans";

/// No text in a picture is longer, whatever the space; what is longer is cut before it is measured.
const MAX_CHARS: usize = 300;

/// How heavy a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 700.
    Bold,
}

/// The database that texts are drawn with. It holds the two compiled-in faces and never those of the machine.
pub fn font_database() -> Arc<fontdb::Database> {
    static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut database = fontdb::Database::new();
        database.load_font_source(fontdb::Source::Binary(Arc::new(REGULAR)));
        database.load_font_source(fontdb::Source::Binary(Arc::new(BOLD)));
        // The generic names a renderer falls back to have to lead somewhere, too.
        database.set_serif_family(FAMILY);
        database.set_sans_serif_family(FAMILY);
        Arc::new(database)
    });
    Arc::clone(&DATABASE)
}

/// The parsed face of a weight, for measuring. A test loads both, so a broken file can't be released.
fn face(weight: Weight) -> Option<&'static Face<'static>> {
    static FACES: LazyLock<[Option<Face<'static>>; 2]> =
        LazyLock::new(|| [REGULAR, BOLD].map(|data| Face::parse(data, 0).ok()));
    match weight {
        Weight::Regular => FACES[0].as_ref(),
        Weight::Bold => FACES[1].as_ref(),
    }
}

/// The width of a text, without kerning, in the unit of `size`.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let Some(face) = face(weight) else { return 0.0 };
    let units: f64 = text
        .chars()
        .filter_map(|c| face.glyph_index(c))
        .filter_map(|glyph| face.glyph_hor_advance(glyph))
        .map(f64::from)
        .sum();
    units * size / f64::from(face.units_per_em())
}

/// What of a text can be shown: white space is one blank, emoji and invisible characters are left out, a run of characters
/// that the font lacks is an ellipsis, at most two combining marks follow each other.
pub fn presentable(text: &str) -> String {
    let mut shown = String::new();
    let mut marks = 0;
    for c in text.chars().take(MAX_CHARS) {
        if c.is_whitespace() {
            if !shown.is_empty() && !shown.ends_with(' ') {
                shown.push(' ');
            }
            continue;
        }
        if c.is_control() || is_silent(c) {
            continue;
        }
        marks = if is_mark(c) { marks + 1 } else { 0 };
        if face(Weight::Regular).is_some_and(|face| face.glyph_index(c).is_some()) {
            if marks <= 2 {
                shown.push(c);
            }
        } else if !shown.ends_with('…') {
            shown.push('…');
        }
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// The presentable text, cut with an ellipsis so that it is no wider than `room`.
pub fn fitted(text: &str, size: f64, weight: Weight, room: f64) -> String {
    let shown = presentable(text);
    if width(&shown, size, weight) <= room {
        return shown;
    }
    let mut kept: Vec<char> = shown.chars().collect();
    while kept.pop().is_some() {
        let cut: String = kept.iter().collect();
        let cut = format!("{}…", cut.trim_end_matches([' ', '…', '.', ',']));
        if width(&cut, size, weight) <= room {
            return cut;
        }
    }
    String::new()
}

/// Escapes a text for use between SVG tags and in attributes.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Combining marks of the scripts that the font has.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}')
}

/// Emoji and their parts, and characters that only steer the layout: leaving them out loses no word.
fn is_silent(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2300}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{1f000}'..='\u{1faff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
