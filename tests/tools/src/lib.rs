//! What the tests and the benchmark run beside Rollcall: emulators of AWS, a Lambda Runtime API, and third-party
//! programs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod aws;
pub mod emulators;
pub mod memory_limit;
pub mod programs;
pub mod runtime_api;
pub mod usage;

use std::time::Duration;

/// The timeout of [`until`]: enough for a slow and busy machine.
const TIMEOUT: Duration = Duration::from_mins(5);

/// Waits until a condition holds.
///
/// # Panics
/// It does not hold within the timeout.
pub async fn until(condition: impl AsyncFn() -> bool) {
    let waited = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(TIMEOUT, waited).await.unwrap();
}
