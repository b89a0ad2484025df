//! The clock port: the current time, and waiting.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// The current time, and waiting. The tests and the demo have clocks of their own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current time, in UTC.
    fn now(&self) -> Timestamp;

    /// Waits for `duration`, without blocking the thread.
    async fn sleep(&self, duration: Duration);
}

/// The clock of the operating system, with tokio's timer.
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
