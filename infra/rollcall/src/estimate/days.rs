//! Working days.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// How many days from Monday to Friday (UTC) begin at or after `since`, rounded to its day, and before `until`; none where it ends
/// before it begins.
pub(super) fn working(since: Timestamp, until: Timestamp) -> u32 {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let days = day(since).series(1.day()).take_while(|date| *date < day(until));
    let working = days.filter(|date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday));
    u32::try_from(working.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_five() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(working(at("2026-11-02T10:00:00Z"), at("2026-11-09T10:00:00Z")), 5);
        assert_eq!(working(at("2026-11-07T10:00:00Z"), at("2026-11-09T00:00:00Z")), 0);
        assert_eq!(working(at("2026-11-09T10:00:00Z"), at("2026-11-02T10:00:00Z")), 0);
    }
}
