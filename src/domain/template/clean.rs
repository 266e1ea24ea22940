//! What people wrote, before every partner may read it: the partner's own name becomes a blank that is filled with
//! whoever uses the template, people, channels and addresses are taken out, and another partner's name is refused.

use crate::domain::refusal::Refusal;

/// Stands for the name of the partner that uses a template.
pub const BLANK: &str = "{partner}";

/// Stands where a mention, a link or an address stood. No longer than any of them, so that a text stays within its limit.
pub const TAKEN_OUT: &str = "[…]";

/// The names that partners of the program go by, in chat and in files.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of the partner whose plan is saved.
    pub own: Vec<String>,
    /// Of all others, archived ones included.
    pub others: Vec<String>,
}

impl Names {
    /// The text as everybody may read it. `place` is where it stands, for the refusal: "the message of CMP-2".
    ///
    /// # Errors
    /// `bad_input` if it names another partner: what they have to do with it can only be judged by people.
    pub fn clean(&self, place: &str, text: &str) -> Result<String, Refusal> {
        let mut cleaned: String = text.split_inclusive(char::is_whitespace).map(without_address).collect();
        let mut own: Vec<&String> = self.own.iter().filter(|name| !name.trim().is_empty()).collect();
        own.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
        for name in own {
            cleaned = replaced(&cleaned, name.trim(), BLANK);
        }
        if self.others.iter().any(|other| is_in(&cleaned, other)) {
            return Err(Refusal::bad_input(
                format!("{place} names another partner of the program, and every partner could read it."),
                "Word it without the name, or leave texts out with texts:False.",
            ));
        }
        Ok(cleaned)
    }

    /// Whether a text names any of them.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        self.own.iter().chain(&self.others).any(|name| is_in(text, name))
    }
}

/// A template's text for the partner that uses it, no longer than `limit` characters.
#[must_use]
pub fn filled(text: &str, partner: &str, limit: usize) -> String {
    text.replace(BLANK, partner).chars().take(limit).collect()
}

/// A word without what leads to a person, a channel or a site.
fn without_address(word: &str) -> String {
    let bare = word.trim_end();
    let mention = bare.contains("<@") || bare.contains("<#");
    let link = bare.contains("://") || bare.to_lowercase().starts_with("www.");
    let mail = bare.split_once('@').is_some_and(|(before, after)| !before.is_empty() && after.contains('.'));
    if mention || link || mail { format!("{TAKEN_OUT}{}", &word[bare.len()..]) } else { word.to_owned() }
}

fn is_in(text: &str, name: &str) -> bool {
    let name = name.trim();
    // A name is replaced by nothing: that changes the text exactly if it is there.
    !name.is_empty() && replaced(text, name, "") != text
}

/// `text` with `instead` for each `name` that stands in it as a word, whatever its case.
fn replaced(text: &str, name: &str, instead: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let same = |a: &char, b: &char| a.to_lowercase().eq(b.to_lowercase());
    let part_of_word = |at: Option<&char>| at.is_some_and(|character| character.is_alphanumeric());
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let end = at + name.len();
        let here = text.get(at..end).is_some_and(|part| part.iter().zip(&name).all(|(a, b)| same(a, b)));
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        if here && !part_of_word(before) && !part_of_word(text.get(end)) {
            out.push_str(instead);
            at = end;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Names { own: all(&["acme", "Acme GmbH"]), others: all(&["globex", "Globex & Söhne"]) }
    }

    #[test]
    fn the_own_name_becomes_a_blank_and_addresses_go() {
        for (text, cleaned) in [
            ("Acme GmbH spring webinar", "{partner} spring webinar"),
            ("ACME's list, acme-only", "{partner}'s list, {partner}-only"),
            ("acmeology stays", "acmeology stays"),
            ("ask <@2004> or <#3003> now", "ask […] or […] now"),
            ("see https://acme.example/x and www.x.example\nthen", "see […] and […]\nthen"),
            ("mail pat@acme.example, or call @ noon", "mail […] or call @ noon"),
            ("", ""),
        ] {
            assert_eq!(names().clean("x", text), Ok(cleaned.to_owned()), "{text}");
        }
        assert_eq!(filled("{partner} spring {partner}", "Globex", 100), "Globex spring Globex");
        assert_eq!(filled("{partner} spring", "Globex", 8), "Globex s");
    }

    #[test]
    fn another_partners_name_is_refused() {
        for text in ["as with Globex last year", "GLOBEX & SÖHNE", "(globex)"] {
            let refusal = names().clean("The offer of CMP-2", text).expect_err(text);
            assert_eq!(
                refusal.sentence,
                "The offer of CMP-2 names another partner of the program, and every partner could read it."
            );
        }
        assert!(names().clean("x", "globexian").is_ok(), "a part of a word is no name");
    }

    proptest::proptest! {
        #[test]
        fn nothing_own_is_left(before in "\\PC{0,20}", after in "\\PC{0,20}") {
            let text = format!("{before} Acme GmbH {after}");
            if let Ok(cleaned) = names().clean("x", &text) {
                let lower = cleaned.to_lowercase();
                proptest::prop_assert!(!lower.contains(" acme "), "{cleaned}");
            }
        }
    }
}
