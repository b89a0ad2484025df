//! The items of a unit, several at once: each finds for itself, and what was found is joined in the order of the items.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Ended, Unit};
use crate::BackfillError;
use crate::compare::UnitFindings;
use crate::scopes::Units;

/// The most items of a unit at once, however much Graph stands: each holds the list of a meeting's reports, and what it found.
const MOST_ITEMS_AT_ONCE: usize = 16;
/// After so many tries a unit scans half of its items, after as many more a quarter.
const TRIES_WITH_ALL: u32 = 12;

impl<'a> Unit<'a> {
    /// Scans `items`, each by `scan`, as many as there is time for, and fewer the more often the unit was taken. Answers the
    /// rest, never the first, which must become a unit of its own.
    ///
    /// # Errors
    /// That of the first item that failed.
    pub(super) async fn scan_each<T>(
        &mut self,
        items: Vec<T>,
        scan: impl AsyncFn(&mut Self, &T) -> Result<(), BackfillError>,
    ) -> Result<Vec<T>, BackfillError> {
        let most = self.most_items(items.len());
        self.scan_at_once(items, most, scan).await
    }

    /// Scans all `items`, each by `scan`: for those that no other unit can go on with.
    ///
    /// # Errors
    /// That of the first item that failed, or the time is up before all have begun.
    pub(super) async fn scan_all<T>(
        &mut self,
        items: Vec<T>,
        scan: impl AsyncFn(&mut Self, &T) -> Result<(), BackfillError>,
    ) -> Result<(), BackfillError> {
        let most = items.len();
        let left = self.scan_at_once(items, most, scan).await?;
        if left.is_empty() { Ok(()) } else { Err(BackfillError::OutOfTime) }
    }

    /// Scans the first `most` items, several at once, and begins with no other when it is late, or when one has failed; those
    /// that have begun it scans to their end. Answers the items that it did not begin with.
    ///
    /// A unit's deadline drops this, and with it the items that have not ended. What the others found is in [`Self::ended`].
    async fn scan_at_once<T>(
        &mut self,
        items: Vec<T>,
        most: usize,
        scan: impl AsyncFn(&mut Self, &T) -> Result<(), BackfillError>,
    ) -> Result<Vec<T>, BackfillError> {
        let mut items = items.into_iter().enumerate().peekable();
        let (scan, mut under_way, mut failed) = (&scan, FuturesUnordered::new(), BTreeMap::new());
        loop {
            while failed.is_empty()
                && under_way.len() < self.items_at_once()
                && let Some((place, item)) =
                    items.next_if(|(place, _)| *place == 0 || (*place < most && !self.is_late()))
            {
                let mut fork = self.fork();
                under_way.push(async move {
                    let scanned = scan(&mut fork, &item).await;
                    (place, fork, scanned)
                });
            }
            let Some((place, fork, scanned)) = under_way.next().await else { break };
            self.ended.insert(place, (fork.findings, fork.next));
            if let Err(error) = scanned {
                failed.insert(place, error);
            }
        }
        match failed.into_values().next() {
            Some(error) => Err(error),
            None => Ok(items.map(|(_, item)| item).collect()),
        }
    }

    /// How many of so many items this try scans: all of them, but fewer the more often the unit was taken. One that is killed
    /// again and again would make no progress, until its queue moves it to the dead letters without a reason.
    fn most_items(&self, count: usize) -> usize {
        (count >> (self.attempt.tries / TRIES_WITH_ALL).min(usize::BITS - 1)).max(1)
    }

    /// How many items are scanned at once: twice as many as calls may be under way, since an item waits for the archive,
    /// too. Where Graph stands little few are begun, so that it is soon seen that it is late.
    fn items_at_once(&self) -> usize {
        (2 * self.dependencies.graph.calls_at_once()).min(MOST_ITEMS_AT_ONCE)
    }

    /// The same unit, which has found nothing yet.
    fn fork(&self) -> Self {
        Self {
            claimed_sources: Arc::clone(&self.claimed_sources),
            findings: UnitFindings::default(),
            next: Units::new(),
            ended: Ended::new(),
            ..*self
        }
    }

    /// Joins what the items found, in their order, whichever ended first.
    pub(super) fn join_ended(&mut self) {
        for (findings, next) in mem::take(&mut self.ended).into_values() {
            self.findings.add(findings);
            self.next.extend(next);
        }
    }
}
