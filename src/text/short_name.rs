//! Short names where only the vendor reads: numbers run per partner, so there they are said with the partner (`ACME/PLN-1`).

use super::card::Card;
use crate::domain::program::Partner;
use crate::limits::{EMBED_FIELD_VALUE_MAX, cut};

/// The nouns that have short names.
const NOUNS: &[&str] = &["PLN", "CMP", "TSK", "PRM", "ADJ", "MDF", "CLM", "LOG"];

/// The text with the partner in front of every short name that has none. What is typed so is understood so.
#[must_use]
pub fn with_partner(text: &str, partner: &Partner) -> String {
    let mut said = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // A name begins where no word goes on, and not where a partner stands already.
        let begins =
            before.is_none_or(|before: char| !before.is_alphanumeric() && !matches!(before, '/' | '-' | '_'));
        let taken = match name_at(rest).filter(|_| begins) {
            Some(length) => {
                said.push_str(&partner.vendor_name(&rest[..length]));
                length
            }
            None => {
                said.push(first);
                first.len_utf8()
            }
        };
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    said
}

/// The length of the short name that a text begins with, in bytes.
fn name_at(text: &str) -> Option<usize> {
    let after = NOUNS.iter().find_map(|noun| text.strip_prefix(noun)?.strip_prefix('-'))?;
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !after[digits..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
    (digits > 0 && ends).then(|| text.len() - after.len() + digits)
}

/// The card with the partner in front of its short names. Lines that no longer fit a field are left out.
#[must_use]
pub fn card_with_partner(card: Card, partner: &Partner) -> Card {
    let mut card = Card {
        title: with_partner(&card.title, partner),
        body: with_partner(&card.body, partner),
        footer: with_partner(&card.footer, partner),
        ..card
    };
    for field in &mut card.fields {
        field.name = with_partner(&field.name, partner);
        field.value = fitting(&with_partner(&field.value, partner));
    }
    card
}

/// Whole lines as far as they fit a field. The last one says how much there is, so it stays.
fn fitting(value: &str) -> String {
    if value.chars().count() <= EMBED_FIELD_VALUE_MAX {
        return value.to_owned();
    }
    let Some((lines, last)) = value.rsplit_once('\n') else { return cut(value, EMBED_FIELD_VALUE_MAX) };
    let room = EMBED_FIELD_VALUE_MAX.saturating_sub(last.chars().count() + 3);
    let mut kept = String::new();
    for line in lines.lines() {
        if kept.chars().count() + line.chars().count() + 1 > room {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    cut(&format!("{kept}…\n{last}"), EMBED_FIELD_VALUE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn acme() -> Partner {
        Partner {
            id: "a".to_owned(),
            program_id: "p".to_owned(),
            key: "acme".to_owned(),
            name: "Acme".to_owned(),
            channel_id: "1".to_owned(),
            tier: None,
            currency: Currency::parse("EUR").expect("a currency"),
        }
    }

    #[test]
    fn every_short_name_gets_its_partner_once() {
        let said = |text: &str| with_partner(text, &acme());
        assert_eq!(said("PLN-1 · `CMP-12`, (TSK-3)"), "ACME/PLN-1 · `ACME/CMP-12`, (ACME/TSK-3)");
        assert_eq!(said("`/campaign show campaign:CMP-7`"), "`/campaign show campaign:ACME/CMP-7`");
        assert_eq!(
            said("ACME/MDF-4 XPLN-1 PLN-1a PLN- PLN-x my-PLN-2 ünPLN-1"),
            "ACME/MDF-4 XPLN-1 PLN-1a PLN- PLN-x my-PLN-2 ünPLN-1"
        );
        assert_eq!(said("é LOG-1"), "é ACME/LOG-1");
        assert_eq!(said(""), "");
    }

    #[test]
    fn a_field_that_grows_too_long_loses_lines_and_keeps_its_last() {
        let lines: Vec<String> = (1..=90).map(|number| format!("CMP-{number} x")).collect();
        let value = format!("{}\n… and 10 more", lines.join("\n"));
        let card = Card::default().with_wide("Campaigns", value);
        let card = card_with_partner(card, &acme());
        let shown = &card.fields[0].value;
        assert!(shown.chars().count() <= EMBED_FIELD_VALUE_MAX, "{}", shown.chars().count());
        assert!(shown.starts_with("ACME/CMP-1 x\n") && shown.ends_with("…\n… and 10 more"), "{shown}");
    }
}
