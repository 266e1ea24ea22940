//! Campaign parameters, normalised so that what people type by hand still matches.
//!
//! Values are case-sensitive at Google, and partners write `Spring+Webinar`, `spring%20webinar` and `SPRING WEBINAR`
//! for one campaign. So: percent-decode once, Unicode NFC, trim, lower-case, runs of white space and `+` become one
//! `-`. Decoding happens *once*: `100%2525` is somebody's `100%25`, not `100%`.

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use super::event::Signals;

/// Longest normalised value, in characters; the rest is cut. No real parameter comes near.
pub const MAX_VALUE_CHARS: usize = 200;

/// Normalises a value that may still be percent-encoded. `None` if nothing is left.
pub fn normalise(value: &str) -> Option<String> {
    normalise_decoded(&percent_decode_str(value).decode_utf8_lossy())
}

/// Normalises a value that has been percent-decoded already (a parsed query).
pub fn normalise_decoded(value: &str) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut gap = false;
    let lower = value.nfc().flat_map(char::to_lowercase);
    for c in lower.filter(|c| !c.is_control() || c.is_whitespace()).take(4 * MAX_VALUE_CHARS) {
        if c.is_whitespace() || c == '+' {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push('-');
        }
        gap = false;
        out.push(c);
    }
    // Lower-casing can undo the composed form (İ becomes i and a combining dot).
    let out: String = out.nfc().take(MAX_VALUE_CHARS).collect();
    (!out.is_empty()).then_some(out)
}

/// The campaign parameters in an address's query, and its landing page. An address that can't be parsed gives nothing.
pub fn from_url(address: &str) -> Signals {
    let mut signals = Signals { landing_page: landing_page(address), ..Signals::default() };
    let Some(query) = address.split_once('?').map(|(_, rest)| rest.split('#').next().unwrap_or(rest)) else {
        return signals;
    };
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // `+` is a space in a query, and both become `-`.
        set(&mut signals, &percent_decode_str(name).decode_utf8_lossy(), value);
    }
    signals
}

/// Sets one parameter by its name, in any of the spellings in use: `utm_campaign`, `utm__campaign`, `utm.campaign`.
/// The first value of a name stays. Other names are ignored.
pub fn set(signals: &mut Signals, name: &str, value: &str) {
    let name = name.trim().to_ascii_lowercase();
    let Some(rest) = name.strip_prefix("utm") else { return };
    let slot = match rest.trim_start_matches(['_', '.']) {
        "id" => &mut signals.utm_id,
        "source" => &mut signals.utm_source,
        "medium" => &mut signals.utm_medium,
        "campaign" => &mut signals.utm_campaign,
        _ => return,
    };
    if slot.is_none() {
        *slot = normalise(value);
    }
}

/// Host and path of an address, lower-case, without `www.`, trailing slash, scheme, query and fragment; what is left
/// of `https://WWW.example.com/Webinar/?email=ana@example.com` is `example.com/webinar`.
pub fn landing_page(address: &str) -> Option<String> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let bare = address[..end].trim();
    let rest = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // Credentials in an address are dropped with everything before the `@`.
    let host = host.rsplit('@').next().unwrap_or(host).to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    if host.is_empty() || host.contains(char::is_whitespace) || !host.contains(['.', ':']) {
        return None;
    }
    match normalise(path.trim_end_matches('/')) {
        Some(path) => Some(format!("{host}/{path}")),
        None => Some(host.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_campaign_in_many_spellings() {
        for spelling in
            ["spring-webinar", " Spring Webinar ", "SPRING+WEBINAR", "spring%20webinar", "spring \t +webinar"]
        {
            assert_eq!(normalise(spelling).as_deref(), Some("spring-webinar"), "{spelling:?}");
        }
        assert_eq!(normalise("Mu\u{308}nchen"), normalise("m%C3%BCnchen"));
        assert_eq!(normalise("100%2525").as_deref(), Some("100%25"));
        assert_eq!(normalise(" \0 "), None);
        assert_eq!(normalise(&"x".repeat(5000)).map(|v| v.len()), Some(MAX_VALUE_CHARS));
    }

    #[test]
    fn parameters_of_an_address() {
        let signals = from_url(
            "https://www.example.com/Webinar/?utm_source=Globex&utm_medium=partner-email&utm_campaign=Acme+Globex&utm_id=cmp_7f3a&utm_id=second#utm_source=no",
        );
        assert_eq!(signals.utm_source.as_deref(), Some("globex"));
        assert_eq!(signals.utm_campaign.as_deref(), Some("acme-globex"));
        assert_eq!(signals.utm_id.as_deref(), Some("cmp_7f3a"));
        assert_eq!(signals.landing_page.as_deref(), Some("example.com/webinar"));
    }

    #[test]
    fn a_landing_page_holds_no_query_and_no_credentials() {
        assert_eq!(
            landing_page("https://ana:pw@example.com/a?email=ana@example.com").as_deref(),
            Some("example.com/a")
        );
        assert_eq!(landing_page("not a page"), None);
        assert_eq!(landing_page(""), None);
    }
}
