//! How exact the times of a copy are.

use jiff::Timestamp;

use crate::model::{Interval, Span};

const QUARTER_SECONDS: i64 = 15 * 60;
const QUARTER_NANOSECONDS: i128 = QUARTER_SECONDS as i128 * 1_000_000_000;

/// How exact the times of a copy are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Instants are rounded down to a quarter of an hour (UTC, which is one in every zone of today), lengths to a multiple of 15 minutes.
    QuarterHours,
    /// As the archive has them.
    Exact,
}

impl Times {
    /// `15min` or `exact`, as it is asked for and told.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuarterHours => "15min",
            Self::Exact => "exact",
        }
    }

    /// An instant, no later than it is.
    pub(super) fn at(self, at: Timestamp) -> Timestamp {
        if self == Self::Exact {
            return at;
        }
        let quarters = at.as_nanosecond().div_euclid(QUARTER_NANOSECONDS);
        // The first quarter of all that jiff knows may begin before its first instant.
        Timestamp::from_nanosecond(quarters * QUARTER_NANOSECONDS).unwrap_or(Timestamp::MIN)
    }

    /// A length in seconds, no longer than it is.
    pub(super) fn seconds(self, seconds: i64) -> i64 {
        match self {
            Self::Exact => seconds,
            Self::QuarterHours => seconds.div_euclid(QUARTER_SECONDS).saturating_mul(QUARTER_SECONDS),
        }
    }

    /// A time with both its ends.
    pub(super) fn span(self, Span { start, end }: Span) -> Span {
        Span { start: self.at(start), end: self.at(end) }
    }

    /// A time of attendance, whose ends may not be known.
    pub(super) fn interval(self, Interval { join, leave, seconds }: Interval) -> Interval {
        Interval {
            join: join.map(|at| self.at(at)),
            leave: leave.map(|at| self.at(at)),
            seconds: seconds.map(|seconds| self.seconds(seconds)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at;

    #[test]
    fn an_instant_and_a_length_are_rounded_down_to_quarters() {
        let quarter = |time: &str| Times::QuarterHours.at(at(time)).to_string();
        assert_eq!(quarter("10:14:59"), "2026-10-14T10:00:00Z");
        assert_eq!(quarter("10:15:00"), "2026-10-14T10:15:00Z");
        assert_eq!(quarter("2026-10-14T10:29:59.999999999Z"), "2026-10-14T10:15:00Z");
        assert_eq!(quarter("1969-12-31T23:59:59Z"), "1969-12-31T23:45:00Z");
        assert_eq!(Times::QuarterHours.at(Timestamp::MIN), Timestamp::MIN);
        let lengths = [0, 899, 900, 3_599, -1, i64::MAX].map(|length| Times::QuarterHours.seconds(length));
        assert_eq!(lengths, [0, 0, 900, 2_700, -900, i64::MAX / 900 * 900]);
    }

    #[test]
    fn exact_times_stay_as_they_are() {
        let time = at("2026-10-14T10:29:59.999999999Z");
        assert_eq!((Times::Exact.at(time), Times::Exact.seconds(899)), (time, 899));
    }
}
