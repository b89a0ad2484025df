//! Virtual time: tokio's, which a test pauses.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::ports::clock::Clock;
use tokio::time::Instant;

/// A clock that begins at a fixed time (2026-03-02, 10:30 UTC) and follows tokio's. Where that is paused,
/// time stands still while there is work, and jumps to the next sleeper when there is none.
#[derive(Debug)]
pub struct PausedClock {
    start: Timestamp,
    origin: Instant,
}

impl Default for PausedClock {
    fn default() -> Self {
        // 2026-03-02T10:30:00.1234567Z
        let start = Timestamp::constant(1_772_447_400, 123_456_700);
        Self { start, origin: Instant::now() }
    }
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.origin.elapsed()).unwrap_or(SignedDuration::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
