//! Slugs: how a campaign is named in `utm_campaign`, normalised as incoming values are.

/// The longest slug, in characters.
const MAX: usize = 80;

/// A slug with an ending, cut so that both are at most as long as a slug is.
pub fn with_ending(slug: &str, ending: &str) -> String {
    let room = MAX.saturating_sub(ending.chars().count() + 1);
    let kept: String = slug.chars().take(room).collect();
    format!("{}-{ending}", kept.trim_end_matches('-'))
}

/// `text` in lower case, with everything but letters and digits as single hyphens.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.to_lowercase().chars() {
        if character.is_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.chars().take(MAX).collect::<String>().trim_end_matches('-').to_owned()
}
