//! Characters that nobody sees: they turn text around, or make two names look the same.

/// Whether a character shows nothing and is needed for nothing: direction marks and overrides, zero-width spaces, soft
/// hyphens, tags. Joiners are not among them, because scripts and emoji are spelled with them.
pub fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a text shows nothing at all, whatever it is made of. Fillers are letters for Unicode, and blank.
pub fn is_blank(text: &str) -> bool {
    let shows_nothing = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || is_unseen(character)
            || matches!(
                character,
                '\u{200c}' | '\u{200d}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
            )
    };
    text.chars().all(shows_nothing)
}
