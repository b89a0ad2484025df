//! Times: as Graph writes them, as people write them, and the start and end of a session.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The start and the end of a session, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTimes {
    /// When the session began (UTC).
    pub start: Timestamp,
    /// When the session ended (UTC).
    pub end: Timestamp,
}

/// Reads a time as Graph writes it: RFC 3339 with any number of fractional digits, with or without
/// an offset (then UTC). `None` if it is no time.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = &*at_most_nanoseconds(text);
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })
}

/// The time without the digits after the ninth of its fraction: no clock has them, and no parser reads them.
fn at_most_nanoseconds(text: &str) -> Cow<'_, str> {
    let Some((seconds, rest)) = text.split_once('.') else { return text.into() };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits <= 9 { text.into() } else { format!("{seconds}.{}{}", &rest[..9], &rest[digits..]).into() }
}

/// Reads a moment as a person writes it: a date (its beginning in UTC), or a time with its zone.
///
/// # Errors
/// The text is neither.
pub fn parse_moment(text: &str) -> Result<Timestamp, jiff::Error> {
    let midnight = |date: Date| jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0));
    let date = text.parse::<Date>().and_then(midnight);
    text.parse::<Timestamp>().or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_graph_writes() {
        let same = parse_time("2026-03-16T18:59:52.2782182Z");
        assert!(same.is_some());
        assert_eq!(parse_time("2026-03-16T18:59:52.2782182+00:00"), same);
        assert_eq!(parse_time("2026-03-16T18:59:52.2782182"), same);
        assert_eq!(parse_time("2026-03-16T10:59:52.2782182-08:00"), same);
        let finest = parse_time("2026-03-16T18:59:52.278218200Z");
        assert_eq!(parse_time("2026-03-16T18:59:52.278218200999Z"), finest);
        assert_eq!(parse_time("2026-03-16T18:59:52.278218200999"), finest);
        assert_eq!(parse_time("2026-03-16T18:59:52.278218200999+00:00"), finest);
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(parse_time(""), None);
    }

    #[test]
    fn a_moment_is_a_date_or_a_time() {
        let ten = "2026-01-31T10:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(parse_moment("2026-01-31T11:00:00+01:00").unwrap(), ten);
        assert_eq!(parse_moment("2026-01-31").unwrap(), ten - jiff::SignedDuration::from_hours(10));
        assert!(parse_moment("last week").is_err());
    }
}
