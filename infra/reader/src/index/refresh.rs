//! Brings an index up to date: lists the archive, reads what is new or has changed, and forgets what is gone.
//!
//! ```text
//! list a page ── compare with `objects` ──▶ read and parse, many at a time ──▶ one writer ──▶ sessions, people
//! ```
//!
//! What is read is bounded by objects and bytes, and each waits until its rows are written: the memory does not grow with the
//! archive. An object counts as known in the transaction that writes its rows, so what is stopped goes on where it was.

mod change;
mod derive;
mod listing;
mod progress;
mod reading;
mod searched;
mod sessions;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use shared::ports::store::VersionedStore;
use tokio::sync::mpsc;

use super::{Index, IndexError, file};
use listing::Listing;

pub use progress::Progress;

/// The rooms of the archive that are indexed, ledgers last: they are compared with the reports.
const PREFIXES: [&str; 5] = ["registrations/", "events/", "reports/", "revisions/v1/", "audits/"];

impl Index {
    /// Brings the index up to date with the archive: reads what is new or has changed, and forgets what is gone. `now` is kept as
    /// the time of the list. Where it is stopped, the next one goes on.
    ///
    /// # Errors
    /// The archive gives no answer; what was read until then is kept. Or the index cannot be written.
    pub async fn refresh(
        &self,
        store: Arc<dyn VersionedStore>,
        now: Timestamp,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), IndexError> {
        if self.is_refreshing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let done = Refreshing(&self.is_refreshing);
        let refreshed = refresh(self, store, now, progress).await;
        drop(done);
        refreshed
    }
}

/// A refresh that is under way, until it is dropped.
struct Refreshing<'a>(&'a AtomicBool);

impl Drop for Refreshing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Brings `index` up to date with `store` at the time `now`.
async fn refresh(
    index: &Index,
    store: Arc<dyn VersionedStore>,
    now: Timestamp,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(), IndexError> {
    let path = index.path().to_owned();
    let locking = tokio::task::spawn_blocking(move || file::lock(&path));
    let _lock = locking.await.map_err(|_| IndexError::Stopped)?.map_err(IndexError::File)?;
    let (changes, received) = mpsc::channel(CHANNEL);
    let connection = file::writer(index.path())?;
    let writer = tokio::task::spawn_blocking(move || writer::write(connection, received));
    let mut listing = Listing::new(index, store, changes.clone(), progress);
    let listed = async {
        for prefix in PREFIXES {
            listing.run(prefix).await?;
        }
        listing.finish().await
    }
    .await;
    drop(listing);
    if listed.is_ok() {
        // Where it is closed, the writer has failed, and says why.
        changes.send(change::Change::Listed(now)).await.ok();
    }
    drop(changes);
    let written = writer.await.map_err(|_| IndexError::Stopped)?;
    written.and(listed)
}

/// How many changes wait for the writer.
const CHANNEL: usize = 256;
