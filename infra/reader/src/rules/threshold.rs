//! A length is compared with a threshold: in whole nanoseconds, so that exactly on it is exactly on it.

use std::fmt;

use jiff::SignedDuration;

use super::Threshold;

/// How many thousandths of a percent the whole has.
pub(super) const WHOLE: u32 = 100_000;

impl Threshold {
    /// Whether `length` is this much or more; a share is one of `window`.
    pub fn is_reached_by(self, length: SignedDuration, window: SignedDuration) -> bool {
        let (length, limit) = self.sides(length, window);
        length >= limit
    }

    /// Whether `length` is more than this; a share is one of `window`.
    pub fn is_exceeded_by(self, length: SignedDuration, window: SignedDuration) -> bool {
        let (length, limit) = self.sides(length, window);
        length > limit
    }

    /// How long it is for a window of this length, rounded down to the nanosecond: for pictures and words, not to compare.
    pub fn within(self, window: SignedDuration) -> SignedDuration {
        match self {
            Self::Share(share) => {
                let nanos = window.as_nanos() * i128::from(share) / i128::from(WHOLE);
                SignedDuration::try_from_nanos_i128(nanos).unwrap_or(SignedDuration::MAX)
            }
            Self::Length(length) => length,
        }
    }

    /// Both sides of the comparison, multiplied so that neither is rounded.
    fn sides(self, length: SignedDuration, window: SignedDuration) -> (i128, i128) {
        match self {
            Self::Share(share) => {
                (length.as_nanos() * i128::from(WHOLE), window.as_nanos() * i128::from(share))
            }
            Self::Length(limit) => (length.as_nanos(), limit.as_nanos()),
        }
    }
}

/// As people write it, and as it is read again: `75%`, `66.7%`, `45m`, `1h30m`, `90s`.
impl fmt::Display for Threshold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Share(share) => {
                let digits = format!("{}.{:03}", share / 1_000, share % 1_000);
                write!(formatter, "{}%", digits.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Length(length) => formatter.write_str(&written(length)),
        }
    }
}

/// A length in hours, minutes and seconds, the zero ones left out; nothing at all is `0m`.
fn written(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let parts = [(seconds / 3_600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let written: String =
        parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if written.is_empty() { "0m".to_owned() } else { written }
}
