//! Times and lengths as files and pages show them: instants go in with a zone, words come out.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::{Interval, Span};
use crate::session;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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
pub fn offset(at: Timestamp, zone: &TimeZone) -> String {
    let minutes = zone.to_offset(at).seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// The time of day in the zone, to the minute: `09:56`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `Wed 14 Oct 2026`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let weekday = format!("{:?}", local.weekday());
    format!("{} {} {} {}", &weekday[..3], local.day(), month(&local), local.year())
}

fn month(local: &Zoned) -> &'static str {
    let index = usize::try_from(local.month() - 1).unwrap_or_default();
    MONTHS[index.min(11)]
}

/// `Wed 14 Oct 2026, 09:56`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    format!("{}, {}", day(at, zone), clock(at, zone))
}

/// `09:56–11:04`; the offset stands beside each where the clocks change in between.
pub fn clocks(span: Span, zone: &TimeZone) -> String {
    let [start, end] = [span.start, span.end].map(|at| {
        if zone.to_offset(span.start) == zone.to_offset(span.end) {
            clock(at, zone)
        } else {
            format!("{} ({})", clock(at, zone), offset(at, zone))
        }
    });
    format!("{start}–{end}")
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
pub(super) fn ends(interval: &Interval) -> (Option<Timestamp>, Option<Timestamp>) {
    session::usable(interval)
        .map_or((interval.join, interval.leave), |span| (Some(span.start), Some(span.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amsterdam() -> TimeZone {
        TimeZone::get("Europe/Amsterdam").unwrap()
    }

    #[test]
    fn a_moment_is_written_for_people_for_programs_and_as_teams_does() {
        let at: Timestamp = "2026-10-14T07:56:02.7Z".parse().unwrap();
        let zone = amsterdam();
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
    fn the_night_the_clocks_go_back_shows_both_offsets() {
        let [start, end] = ["2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z"].map(|at| at.parse().unwrap());
        let span = Span::new(start, end).unwrap();
        assert_eq!(clocks(span, &amsterdam()), "02:30 (+02:00)–02:45 (+01:00)");
        assert_eq!(clocks(Span::new(start, start).unwrap(), &amsterdam()), "02:30–02:30");
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
