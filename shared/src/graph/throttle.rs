//! For how long Graph asked this process not to call it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// What Graph said last in `Retry-After`, shared by all calls of a process: after a 429 nobody asks before the
/// time is over, or Graph counts the calls that it refuses, too.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    until: Mutex<Option<Timestamp>>,
}

impl Throttle {
    /// No call is made for so long; an earlier and longer wait stays.
    pub(super) fn wait(&self, now: Timestamp, wait: Duration) {
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (*known).max(Some(until));
    }

    /// How long calls must still wait; `None` where they need not.
    pub(super) fn left(&self, now: Timestamp) -> Option<Duration> {
        let until = (*self.until.lock().unwrap_or_else(PoisonError::into_inner))?;
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_holds_until_it_is_over() {
        let now = Timestamp::UNIX_EPOCH;
        let second = Duration::from_secs(1);
        let throttle = Throttle::default();
        assert_eq!(throttle.left(now), None);
        throttle.wait(now, 30 * second);
        throttle.wait(now, 10 * second);
        assert_eq!(throttle.left(now + 5 * second), Some(25 * second));
        assert_eq!(throttle.left(now + 30 * second), None);
    }
}
