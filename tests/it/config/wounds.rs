//! Whatever the file says, the answer is a configuration or a list of problems: no panic, no secret told, no line that
//! isn't there.

use proptest::prelude::*;
use tandem::config::{Need, Place, load};

use super::{SECRETS, environment, uncommented};

/// The example with pieces cut out, doubled or overwritten: mostly TOML with a wound somewhere.
fn wounded() -> impl Strategy<Value = String> {
    let length = uncommented().len();
    let wound = (
        0..length,
        0..80_usize,
        prop_oneof![Just(String::new()), "\\PC{0,12}", "[\\[\\]{}\"'=.,#\\\\\n a-z0-9]{0,12}"],
    );
    proptest::collection::vec(wound, 1..6).prop_map(|wounds| {
        let mut text = uncommented();
        for (start, cut, insert) in wounds {
            let near = |at: usize| {
                (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0)
            };
            let range = near(start)..near(start + cut);
            text.replace_range(range, &insert);
        }
        text
    })
}

fn never_leaks(text: &str) {
    for need in [Need::Database, Need::Discord] {
        match load(text, "bot.toml", &environment(&[]), need) {
            Ok(config) => assert!(need == Need::Database || config.discord.login.is_some()),
            Err(problems) => {
                let printed = format!("{problems} {problems:?}");
                assert!(problems.len() > 0);
                assert!(SECRETS.iter().all(|(_, secret)| !printed.contains(secret)));
                let lines = text.split('\n').count();
                assert!(
                    problems
                        .iter()
                        .all(|p| !matches!(p.place, Place::Line(line) if line == 0 || line > lines))
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        never_leaks(&text);
    }

    #[test]
    fn anything_like_toml_is_answered(text in "([\\[\\]{}\"'=.,#\\\\\n]|key|program|discord|token|url|[0-9]|-){0,60}") {
        never_leaks(&text);
    }

    #[test]
    fn any_wound_of_the_example_is_answered(text in wounded()) {
        never_leaks(&text);
    }
}
