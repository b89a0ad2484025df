//! When a step must end so that its invocation can still respond.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::ports::clock::Clock;

/// When a step must end so that its invocation can still respond: [`TIME_TO_ANSWER`] before Lambda's own
/// deadline, which is in milliseconds since the Unix epoch.
pub fn deadline(epoch_milliseconds: u64) -> Timestamp {
    let end = i64::try_from(epoch_milliseconds).ok().and_then(|end| Timestamp::from_millisecond(end).ok());
    end.unwrap_or(Timestamp::MAX).checked_sub(TIME_TO_ANSWER).unwrap_or(Timestamp::MIN)
}

/// How long before Lambda's deadline an invocation stops its work, so that it can respond.
pub const TIME_TO_ANSWER: SignedDuration = SignedDuration::from_secs(2);

/// The time until `deadline`; zero after it.
pub fn time_left(clock: &dyn Clock, deadline: Timestamp) -> Duration {
    Duration::try_from(deadline.duration_since(clock.now())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_ends_before_its_invocation_does() {
        assert_eq!(deadline(1_772_447_400_000).to_string(), "2026-03-02T10:29:58Z");
    }
}
