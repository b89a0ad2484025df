//! The days that a hold is of.

use anyhow::bail;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use shared::archive::layout::utc_day;

use crate::holds::HoldScope;
use crate::selection::moment;

/// The UTC days that a hold is of, as keys have them.
pub(super) struct Days {
    since: Option<Date>,
    /// The last one, itself in it.
    until: Option<Date>,
}

impl Days {
    pub(super) fn of(scope: &HoldScope) -> anyhow::Result<Self> {
        let time =
            |text: &Option<String>| text.as_deref().map(|text| moment(text, &TimeZone::UTC)).transpose();
        let (since, until) = (time(&scope.since)?, time(&scope.until)?);
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            bail!("--until is not after --since: nothing lies between them");
        }
        let last = |until: Timestamp| utc_day(until - SignedDuration::from_nanos(1));
        Ok(Self { since: since.map(utc_day), until: until.map(last) })
    }

    /// Whether an object is of one of the days; what has no day in its key is of every one.
    pub(super) fn have(&self, key: &str) -> bool {
        let day = key.split('/').find_map(|segment| segment.strip_prefix("date="));
        let Some(day) = day.and_then(|day| day.parse::<Date>().ok()) else { return true };
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_the_one_before_the_end() {
        let scope = |since: &str, until: &str| HoldScope {
            since: Some(since.to_owned()),
            until: Some(until.to_owned()),
            ..HoldScope::default()
        };
        let days = Days::of(&scope("2026-03-01", "2026-03-03")).unwrap();
        let of = |day: &str| days.have(&format!("sessions/v1/tenant=t/date={day}/c.json"));
        assert_eq!(
            ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"].map(of),
            [false, true, true, false]
        );
        assert!(days.have("events/v1/tenant=t/kind=meeting/m.json"));
        assert!(
            Days::of(&scope("2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"))
                .unwrap()
                .have("a/date=2026-03-02/b")
        );
        assert!(Days::of(&scope("2026-03-03", "2026-03-01")).is_err());
    }
}
