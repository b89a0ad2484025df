//! The clock port: what time it is, and waiting.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;

/// What time it is, and waiting. The tests and the demo bring clocks of their own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Returns after `duration`.
    async fn sleep(&self, duration: Duration);
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Spreads `wait` over 50 to 100 % of itself, so that workers that failed together do not come
/// back together. The chance is the clock's own nanoseconds: no generator, and the simulation's
/// clock makes it repeatable.
pub fn jittered(wait: Duration, now: Timestamp) -> Duration {
    let thousandth = now.subsec_nanosecond().unsigned_abs() / 1_000 % 500;
    wait / 2 + wait * thousandth / 1_000
}

/// Reads a time as Graph writes it: RFC 3339 with any number of fractional digits, with or without
/// an offset (then UTC). `None` if it is no time.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })
}

/// Reads a moment as a person writes it: a date (its beginning in UTC), or a time with its zone.
///
/// # Errors
/// It is neither.
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
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(parse_time(""), None);
    }

    #[test]
    fn jitter_stays_between_half_and_whole() {
        let wait = Duration::from_secs(10);
        for nanosecond in [0, 1_000, 499_000, 999_999_999] {
            let now = Timestamp::new(1_800_000_000, nanosecond).unwrap();
            let jittered = jittered(wait, now);
            assert!(jittered >= wait / 2 && jittered <= wait, "{jittered:?}");
        }
    }

    #[test]
    fn a_moment_is_a_date_or_a_time() {
        let ten = "2026-01-31T10:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(parse_moment("2026-01-31T11:00:00+01:00").unwrap(), ten);
        assert_eq!(parse_moment("2026-01-31").unwrap(), ten - jiff::SignedDuration::from_hours(10));
        assert!(parse_moment("last week").is_err());
    }
}
