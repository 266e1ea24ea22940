//! What a program's administrators are told of CRM webhooks that nobody could understand. Pure.

use super::card::Post;
use super::{count, short};

/// Different reasons that one notice spells out; more are counted.
const REASONS_MAX: usize = 5;

/// The notice of a source's dead letters: `reasons` with how many each has, most frequent first. Holds nothing of what
/// was sent.
pub fn notice(source: &str, reasons: &[(String, u64)]) -> Post {
    let total = reasons.iter().map(|(_, n)| n).sum::<u64>();
    let number = |n: u64| count(i64::try_from(n).unwrap_or(i64::MAX));
    let (noun, them) = if total == 1 { ("webhook", "it") } else { ("webhooks", "them") };
    let mut text = format!(
        "{} {noun} from the source **{}** could not be understood:",
        number(total),
        short(source, 40)
    );
    for (reason, n) in reasons.iter().take(REASONS_MAX) {
        text.push_str(&format!("\n• {}× {}", number(*n), short(reason, 200)));
    }
    let rest = reasons.iter().skip(REASONS_MAX).map(|(_, n)| n).sum::<u64>();
    if rest > 0 {
        text.push_str(&format!("\n• {}× something else", number(rest)));
    }
    text.push_str(&format!(
        "\nNothing is lost. `tandem inbox list` shows {them}; after what is wrong is mended, `tandem inbox replay KEY` \
         takes {them} up again. More from this source within the hour are counted in the next notice."
    ));
    Post { text, ..Post::default() }
}

#[cfg(test)]
mod tests {
    use super::notice;

    fn reasons(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter().map(|(reason, n)| ((*reason).to_owned(), *n)).collect()
    }

    #[test]
    fn one_is_said_in_the_singular() {
        let said = notice("forms", &reasons(&[("the message has no type", 1)])).text;
        assert!(said.starts_with(
            "1 webhook from the source **forms** could not be understood:\n• 1× the message has no type\n"
        ));
        assert!(said.contains("`tandem inbox list` shows it"));
    }

    #[test]
    fn only_so_many_reasons_are_spelled_out() {
        let said = notice(
            "hub",
            &reasons(&[("a", 900), ("b", 50), ("c", 50), ("d", 1), ("e", 1), ("f", 2), ("g", 1)]),
        );
        assert!(said.text.starts_with("1,005 webhooks from the source **hub**"));
        assert!(said.text.contains("\n• 900× a\n") && said.text.contains("\n• 3× something else\n"));
        assert!(!said.text.contains("× f"));
    }

    #[test]
    fn what_a_reason_quotes_pings_nobody() {
        let said = notice("hub", &reasons(&[("the amount of deal <@1> **x**", 1)])).text;
        assert!(!said.contains("<@1>") && !said.contains("**x**"));
    }
}
