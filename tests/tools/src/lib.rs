//! What the tests and the benchmark run beside Rollcall: AWS's emulators, a Lambda Runtime API, and programs
//! that other people wrote.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod aws;
pub mod emulators;
pub mod programs;
pub mod runtime_api;
pub mod usage;

use std::time::Duration;

/// How long anything may take, on a slow and busy machine.
const HAPPENS_WITHIN: Duration = Duration::from_mins(5);

/// Waits until something is so.
pub async fn until(is_so: impl AsyncFn() -> bool) {
    let waited = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(HAPPENS_WITHIN, waited).await.unwrap();
}
