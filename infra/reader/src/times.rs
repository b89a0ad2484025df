//! Times as people, programs and Teams read them: instants go in with a zone, words come out.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};

use crate::model::{Interval, Span};
use crate::session;

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

/// ISO 8601 with the offset, to the second: `2026-10-14T09:56:02+02:00`.
pub fn iso(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!(
        "{}T{:02}:{:02}:{:02}{}",
        local.date(),
        local.hour(),
        local.minute(),
        local.second(),
        offset(at, zone)
    )
}

/// The offset from UTC: `+02:00`.
fn offset(at: Timestamp, zone: &TimeZone) -> String {
    let minutes = zone.to_offset(at).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// As Teams writes it in its en-US form: `10/14/26, 9:56:02 AM`.
pub fn teams(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = (local.hour() + 11) % 12 + 1;
    let year = local.year().rem_euclid(100);
    let (month, day, minute, second) = (local.month(), local.day(), local.minute(), local.second());
    format!("{month}/{day}/{year:02}, {hour}:{minute:02}:{second:02} {half}")
}

/// As Teams writes a length: `1h 27m 51s`, parts that are zero left out; `0s` where all are.
pub fn teams_length(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let written: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if written.is_empty() { "0s".to_owned() } else { written.join(" ") }
}

/// The ends of an interval as a session counts it; where it is unclear, the ends that Graph sent.
pub(crate) fn ends(interval: &Interval) -> (Option<Timestamp>, Option<Timestamp>) {
    session::usable(interval)
        .map_or((interval.join, interval.leave), |span| (Some(span.start), Some(span.end)))
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

    #[test]
    fn a_moment_is_written_for_people_for_programs_and_as_teams_does() {
        let at: Timestamp = "2026-10-14T07:56:02.7Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        assert_eq!(moment(at, &zone), "Wed 14 Oct 2026, 09:56");
        assert_eq!(iso(at, &zone), "2026-10-14T09:56:02+02:00");
        assert_eq!(teams(at, &zone), "10/14/26, 9:56:02 AM");
        let noon_and_midnight = ["2026-01-02T11:00:00Z", "2026-01-01T23:00:00Z"];
        let written = noon_and_midnight.map(|at| teams(at.parse().unwrap(), &zone));
        assert_eq!(written, ["1/2/26, 12:00:00 PM", "1/2/26, 12:00:00 AM"]);
    }

    #[test]
    fn zones_west_of_utc_and_years_before_ours_are_written() {
        let at: Timestamp = "1903-01-01T00:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(-3));
        assert_eq!(iso(at, &zone), "1902-12-31T21:00:00-03:00");
        assert_eq!(teams(at, &zone), "12/31/02, 9:00:00 PM");
    }

    #[test]
    fn a_length_leaves_out_what_is_zero() {
        let lengths = [5271, 7500, 8, 0, 3600, 3601, -5].map(teams_length);
        assert_eq!(lengths, ["1h 27m 51s", "2h 5m", "8s", "0s", "1h", "1h 1s", "0s"]);
    }

    #[test]
    fn a_missing_end_follows_from_the_other_and_the_duration() {
        let [join, leave] =
            ["2026-10-14T08:00:00Z", "2026-10-14T08:01:00Z"].map(|at| Some(at.parse().unwrap()));
        let missing = [(join, None, Some(60)), (None, leave, Some(60)), (join, leave, Some(9))];
        for (join_sent, leave_sent, seconds) in missing {
            assert_eq!(ends(&Interval { join: join_sent, leave: leave_sent, seconds }), (join, leave));
        }
        assert_eq!(ends(&Interval { join, leave: None, seconds: None }), (join, None));
        assert_eq!(ends(&Interval { join, leave: None, seconds: Some(i64::MAX) }), (join, None));
    }
}
