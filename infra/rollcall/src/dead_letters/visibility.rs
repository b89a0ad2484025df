//! Letters are hidden while they are looked at, and shown again.

use std::time::Duration;

use anyhow::Context;
use shared::aws::SqsQueue;
use shared::ports::queue::Queue;

/// For how long the letters are hidden while they are looked at: one that comes back meanwhile would be
/// counted twice.
pub(super) const HIDDEN: Duration = Duration::from_secs(15 * 60);

/// Shows letters again that were received and stay.
pub(super) async fn show_again(
    letters: &SqsQueue,
    handles: impl IntoIterator<Item = String>,
) -> anyhow::Result<()> {
    for handle in handles {
        let shown = letters.postpone(&handle, Duration::ZERO).await;
        shown.context("a letter stays hidden for a quarter of an hour")?;
    }
    Ok(())
}
