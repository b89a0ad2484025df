//! What was asked, and what it takes: the time as far as Graph has anything of it, and the tenant.

use anyhow::ensure;
use jiff::{SignedDuration, Timestamp};

use super::days;
use super::taken::{Taken, Tenant};
use crate::cli::EstimateOptions;

/// How long Graph keeps reports: what is older is not found.
const REPORTS_KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long Graph keeps call records.
const CALL_RECORDS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A run lists the call records of the day before its own time, too.
const LISTED_BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// What was asked, and what it takes.
pub(super) struct Estimated {
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    pub(super) tenant: Tenant,
    pub(super) taken: Taken,
}

impl Estimated {
    /// What the options ask for.
    ///
    /// # Errors
    /// The time ends before it begins, or is longer ago than Graph keeps reports.
    pub(super) fn of(options: &EstimateOptions, now: Timestamp) -> anyhow::Result<Self> {
        let until = options.until.unwrap_or(now).min(now);
        let oldest = now - REPORTS_KEPT;
        ensure!(
            until > oldest,
            "Graph keeps reports for a year: there is nothing before {oldest} to look for"
        );
        let since = options.since.unwrap_or(oldest).max(oldest);
        ensure!(since < until, "--since must lie before --until, and in the past");
        let listed_since = (since - LISTED_BEFORE).max(now - CALL_RECORDS_KEPT);
        let users = f64::from(options.users);
        let tenant = Tenant {
            users,
            meetings_a_day: options.meetings_a_day.map_or(users * Tenant::MEETINGS_OF_A_USER, f64::from),
            call_records_a_day: options
                .call_records_a_day
                .map_or(users * Tenant::CALL_RECORDS_OF_A_USER, f64::from),
            days: f64::from(days::working(since, until)),
            listed_days: f64::from(days::working(listed_since, until)),
        };
        Ok(Self { since, until, taken: tenant.taken(), tenant })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(since: Option<&str>, until: Option<&str>) -> EstimateOptions {
        let moment = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let (since, until) = (moment(since), moment(until));
        let (meetings_a_day, call_records_a_day) = (None, None);
        EstimateOptions { users: 200, meetings_a_day, call_records_a_day, since, until, json: false }
    }

    const NOW: &str = "2026-11-28T12:00:00Z";

    #[test]
    fn a_year_is_the_longest_that_is_looked_through() {
        let of = |since| Estimated::of(&options(since, None), NOW.parse().unwrap()).unwrap();
        let (year, longer) = (of(None), of(Some("2020-01-01T00:00:00Z")));
        assert_eq!((year.since, year.tenant.days), (longer.since, longer.tenant.days));
        assert!((260.0..=261.0).contains(&year.tenant.days) && year.tenant.listed_days < 23.0);
    }

    #[test]
    fn a_time_that_ends_before_it_begins_is_refused() {
        let of = |since, until| Estimated::of(&options(since, until), NOW.parse().unwrap()).map(|_| ());
        assert!(of(Some("2026-03-01T00:00:00Z"), Some("2026-02-01T00:00:00Z")).is_err());
        assert!(of(None, Some("2024-02-01T00:00:00Z")).unwrap_err().to_string().contains("a year"));
        assert!(of(Some("2027-01-01T00:00:00Z"), None).is_err());
    }

    #[test]
    fn a_month_long_ago_has_no_call_records() {
        let options = options(Some("2026-02-01T00:00:00Z"), Some("2026-03-01T00:00:00Z"));
        let estimate = Estimated::of(&options, NOW.parse().unwrap()).unwrap();
        assert_eq!((estimate.tenant.days, estimate.tenant.listed_days), (20.0, 0.0));
        assert_eq!(estimate.taken.list_pages, 0.0);
    }
}
