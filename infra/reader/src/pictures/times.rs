//! Times as people read them: `Wed 14 Oct 2026, 09:56–11:04`, in a zone that is told once.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};

use crate::model::Span;

/// An instant by a format of `strftime`, in the zone; empty where jiff has no such time.
pub fn format(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    strtime::format(format, &at.to_zoned(zone.clone())).unwrap_or_default()
}

/// The time of day in the zone, to the minute: `09:56`.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    format(at, zone, "%H:%M")
}

/// `Wed 14 Oct 2026`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    format(at, zone, "%a %-d %b %Y")
}

/// `Wed 14 Oct 2026, 09:56`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    format(at, zone, "%a %-d %b %Y, %H:%M")
}

/// `Wed 14 Oct 2026, 09:56–11:04`; with the day of the end where that is another.
pub fn range(span: Span, zone: &TimeZone) -> String {
    format!("{}, {}", day(span.start, zone), hours(span, zone))
}

/// `09:56–11:04`; with the day of the end where that is another, and with both offsets where clocks change between.
pub fn hours(span: Span, zone: &TimeZone) -> String {
    let [from, to] = [span.start, span.end].map(|at| zone.to_offset(at));
    let changed = from != to;
    let start = tick(span.start, zone, changed);
    let end = tick(span.end, zone, changed);
    match day(span.start, zone) == day(span.end, zone) {
        true => format!("{start}–{end}"),
        false => format!("{start}–{} {end}", format(span.end, zone, "%-d %b")),
    }
}

/// `09:56`, and `09:56 +2` with the offset.
pub(crate) fn tick(at: Timestamp, zone: &TimeZone, with_offset: bool) -> String {
    let time = time(at, zone);
    match with_offset {
        true => format!("{time} {}", hours_of(zone.to_offset(at))),
        false => time,
    }
}

/// `Europe/Amsterdam, UTC+2`: the zone, with its offset at an instant.
pub fn zone_at(zone: &TimeZone, at: Timestamp) -> String {
    let offset = zone.to_offset(at);
    match name(zone) {
        "UTC" => "UTC".to_owned(),
        name => format!("{name}, UTC{}", hours_of(offset)),
    }
}

/// `Europe/Amsterdam`; a zone without a name of its own is told as such.
pub fn name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("local time")
}

/// `+2`, `−3:30`.
fn hours_of(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (hours, 0) => format!("{sign}{hours}"),
        (hours, rest) => format!("{sign}{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_range_names_the_end_s_day_only_where_that_is_another() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let day = span("2026-10-14T07:56:02Z", "2026-10-14T09:04:10Z");
        assert_eq!(range(day, &zone), "Wed 14 Oct 2026, 09:56–11:04");
        assert_eq!(zone_at(&zone, day.start), "Europe/Amsterdam, UTC+2");
        let night = span("2026-10-14T20:30:00Z", "2026-10-14T22:40:00Z");
        assert_eq!(range(night, &zone), "Wed 14 Oct 2026, 22:30–15 Oct 00:40");
    }

    #[test]
    fn both_offsets_are_shown_where_clocks_change() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let night = span("2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z");
        assert_eq!(range(night, &zone), "Sun 25 Oct 2026, 02:30 +2–02:45 +1");
        assert_eq!(zone_at(&TimeZone::UTC, night.start), "UTC");
        let newfoundland = TimeZone::get("America/St_Johns").unwrap();
        assert_eq!(zone_at(&newfoundland, night.start), "America/St_Johns, UTC−2:30");
    }
}
