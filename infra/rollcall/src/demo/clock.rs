//! The demo's clock: the system's, with the waits skipped.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::ports::clock::{Clock, SystemClock};

/// The system's clock, put forward by what was skipped.
#[derive(Debug, Default)]
pub(super) struct SkippingClock(Mutex<SignedDuration>);

impl SkippingClock {
    /// Puts the clock forward to `time`, if that is to come; answers by how much.
    pub(super) fn skip_to(&self, time: Timestamp) -> SignedDuration {
        let wait = time.duration_since(self.now()).max(SignedDuration::ZERO);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += wait;
        wait
    }
}

#[async_trait]
impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration).await;
    }
}
