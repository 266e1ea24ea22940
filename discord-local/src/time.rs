//! Instants as Discord writes them: Unix milliseconds to ISO 8601 and back, and snowflakes.
//!
//! Business time comes in from [`Options::clock`](crate::Options::clock); nothing here reads a clock.

/// The first millisecond of 2015, from which snowflakes count.
pub(crate) const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// `2026-02-14T09:30:00.123000+00:00`, the form in which Discord writes every instant.
pub(crate) fn iso(ms: i64) -> String {
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hour, minute, second, milli) =
        (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}000+00:00")
}

/// `2026-02-14 09:30`, for people.
pub(crate) fn plain(ms: i64) -> String {
    let text = iso(ms);
    format!("{} {}", &text[..10], &text[11..16])
}

/// Reads ISO 8601 with `Z` or a numeric offset; `None` if it is anything else.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
    };
    let separators = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    if separators.iter().any(|(at, want)| text.get(*at..*at + 1) != Some(want)) {
        return None;
    }
    if !matches!(text.get(10..11)?, "T" | "t" | " ") {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut milli = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        milli = format!("{:0<3}", &fraction[..digits]).get(..3)?.parse().ok()?;
        rest = &fraction[digits..];
    }
    let offset_min = match rest {
        "Z" | "z" => 0,
        _ => {
            let sign = match rest.get(..1)? {
                "+" => 1,
                "-" => -1,
                _ => return None,
            };
            let digits = rest[1..].replace(':', "");
            let (hours, minutes) =
                (digits.get(..2)?.parse::<i64>().ok()?, digits.get(2..)?.parse::<i64>().ok()?);
            sign * (hours * 60 + minutes)
        }
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset_min * 60;
    Some(seconds * 1_000 + milli)
}

/// The instant in a snowflake, as Unix milliseconds.
pub(crate) fn snowflake_ms(id: u64) -> i64 {
    i64::try_from(id >> 22).unwrap_or(0) + DISCORD_EPOCH_MS
}

/// Days since 1970-01-01 to a date of the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A date of the Gregorian calendar to days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_back_as_written() {
        for ms in [0, 951_782_400_000, 1_709_164_800_123, 1_771_061_400_000, 4_102_444_799_999] {
            assert_eq!(parse_iso(&iso(ms)), Some(ms), "{}", iso(ms));
        }
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000000+00:00");
        assert_eq!(plain(1_771_061_400_000), "2026-02-14 09:30");
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        assert_eq!(parse_iso("2026-02-14T10:30:00+01:00"), Some(1_771_061_400_000));
        assert_eq!(parse_iso("2026-02-14T09:30:00Z"), Some(1_771_061_400_000));
        assert_eq!(parse_iso("2026-02-14T09:30:00.5Z"), Some(1_771_061_400_500));
        assert_eq!(parse_iso("2026-02-14"), None);
        assert_eq!(parse_iso("14 February 2026, 9:30 a.m."), None);
        assert_eq!(parse_iso("2026-13-14T09:30:00Z"), None);
    }
}
