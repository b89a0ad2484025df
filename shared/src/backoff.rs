//! Exponential backoff: how long to pause before something is tried once more.
//!
//! Pauses are counted by tries alone, because the tries of a message are spread over many invocations
//! (SQS counts them) and no loop spans two of them. ADR 13 says why no crate is used.

use std::time::Duration;

use jiff::Timestamp;

/// Pauses that double from `first` to `longest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failed try.
    pub first: Duration,
    /// The longest pause, at which doubling ends.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after the `tries`-th failed try, counted from 1.
    pub fn pause(self, tries: u32) -> Duration {
        let doublings = tries.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    /// [`Self::pause`], spread over 50 to 100 % of itself, so that workers that failed together do not
    /// retry together. The nanoseconds of `now` are the random number: no generator is needed, and the
    /// simulation's clock makes it repeatable.
    pub fn jittered_pause(self, tries: u32, now: Timestamp) -> Duration {
        let pause = self.pause(tries);
        let thousandths = now.subsec_nanosecond().unsigned_abs() / 1_000 % 500;
        pause / 2 + pause * thousandths / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_secs(3_600) };

    #[test]
    fn pauses_double_until_the_longest() {
        let pauses = [0, 1, 2, 3, 8, 9, 1_000].map(|tries| BACKOFF.pause(tries).as_secs());
        assert_eq!(pauses, [30, 30, 60, 120, 3_600, 3_600, 3_600]);
    }

    #[test]
    fn jitter_stays_between_half_and_whole() {
        for nanosecond in [0, 1_000, 499_000, 999_999_999] {
            let now = Timestamp::new(1_800_000_000, nanosecond).unwrap();
            let jittered = BACKOFF.jittered_pause(1, now);
            assert!(jittered >= BACKOFF.first / 2 && jittered <= BACKOFF.first, "{jittered:?}");
        }
    }
}
