//! The steps of an erasure in their order. Each can be repeated: a run that is cut goes on from the first.
//!
//! ```text
//! record ─▶ tombstone ─▶ objects (the archive, then its replica) ─▶ six minutes ─▶ a second look ─▶ end
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use shared::archive::erasure::Tombstones;
use shared::archive::layout;

use super::eraser::{Archive, Eraser, Stage};
use super::objects::{Counts, Work};
use super::plan::Plan;
use super::record::{self, End, Record};
use super::survey::{Found, Survey};
use super::texts::is_staged;
use super::walk::walk;
use crate::holds::Holds;

/// Until so long after the tombstone a function may write what it knew before: it lists the tombstones every five minutes, and a
/// run of it ends within one.
const SECOND_LOOK_AFTER: SignedDuration = SignedDuration::from_mins(6);
/// For so long it waits before it shows again how long it still waits.
const PAUSE: Duration = Duration::from_secs(5);

/// What became of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the erasure.
    pub erasure: String,
    /// What this run did.
    pub counts: Counts,
    /// Whether the second look was made: without it, somebody may have written the person meanwhile.
    pub is_over: bool,
}

/// An erasure that was begun.
struct Begun {
    tenant: String,
    record: Record,
    tombstones: Tombstones,
    /// From when on a look through the archive is the last.
    last_look_from: Timestamp,
}

impl Eraser {
    /// Does what a plan says, and looks a second time. Without `waits` it ends before the second look.
    ///
    /// # Errors
    /// The archive refuses or does not answer, or something else than the person's records would change: what was done is done,
    /// and [`Self::resume`] goes on.
    pub async fn carry_out(&self, plan: &Plan, waits: bool) -> anyhow::Result<Outcome> {
        record::begin(&*self.archive.store, &plan.tenant, (&plan.record, &plan.tombstone)).await?;
        let begun = self.begun(plan.tenant.clone(), plan.record.clone()).await?;
        self.go_on(begun, Some(plan.found.clone()), waits).await
    }

    /// Goes on with an erasure that was cut, or whose locks have ended. Without `waits` it ends before the second look.
    ///
    /// # Errors
    /// As [`Self::carry_out`]; there is no such erasure, or it was cut before its tombstone: then nothing was changed.
    pub async fn resume(&self, erasure: &str, waits: bool) -> anyhow::Result<Outcome> {
        let (tenant, record) = record::read(&*self.archive.store, erasure).await?;
        let begun = self.begun(tenant, record).await?;
        self.go_on(begun, None, waits).await
    }

    async fn begun(&self, tenant: String, record: Record) -> anyhow::Result<Begun> {
        let store = &*self.archive.store;
        let facts = store.facts(&layout::tombstone(&tenant, &record.erasure)).await?;
        let facts = facts.context(
            "this erasure was cut before its tombstone, so nothing was changed: name the person again (rollcall erase WHO)",
        )?;
        let last_look_from = facts.written_at.max(record.at) + SECOND_LOOK_AFTER;
        let all = record::tombstones(store, &tenant).await?;
        Ok(Begun { tenant, record, tombstones: record::comparable(&self.key, all)?, last_look_from })
    }

    async fn go_on(&self, begun: Begun, planned: Option<Found>, waits: bool) -> anyhow::Result<Outcome> {
        let mut is_over = planned.is_none() && self.clock.now() >= begun.last_look_from;
        let mut counts = self.look(&begun, planned).await?;
        if !is_over && waits {
            self.wait_until(begun.last_look_from).await;
            let second = self.look(&begun, None).await?;
            // What is kept still was found again.
            counts = Counts {
                objects: counts.objects + second.objects,
                records: counts.records + second.records,
                versions: counts.versions + second.versions,
                kept: second.kept,
            };
            is_over = true;
        }
        if is_over {
            self.end(&begun, &counts).await?;
        }
        Ok(Outcome { erasure: begun.record.erasure, counts, is_over })
    }

    /// One look through the archive and its replica: what names the person goes.
    async fn look(&self, begun: &Begun, planned: Option<Found>) -> anyhow::Result<Counts> {
        let mut counts = Counts::default();
        let holds = Holds::read(&*self.archive.store).await?;
        let found = match planned {
            Some(found) => found,
            None => self.found(begun, &self.archive).await?,
        };
        self.work((begun, &holds), (&self.archive, &found), &mut counts).await?;
        if let Some(replica) = &self.replica {
            let found = self.found(begun, replica).await?;
            self.work((begun, &holds), (replica, &found), &mut counts).await?;
        }
        Ok(counts)
    }

    async fn found(&self, begun: &Begun, archive: &Archive) -> anyhow::Result<Found> {
        let staged: BTreeSet<String> = begun.record.objects.iter().map(|object| object.key.clone()).collect();
        let staged = staged.into_iter().filter(|key| is_staged(key)).collect();
        let record_key = layout::erasure(&begun.tenant, &begun.record.erasure);
        let mut survey = Survey::new(&begun.tombstones, record_key, staged);
        let progress = |versions| (self.progress)(Stage::Reading { versions });
        walk(&*archive.versions, &mut survey, &progress).await?;
        Ok(survey.found)
    }

    async fn work(
        &self,
        (begun, holds): (&Begun, &Holds),
        (archive, found): (&Archive, &Found),
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let Begun { tenant, record, tombstones, .. } = begun;
        let mut work = Work { archive, tenant, record, tombstones, holds, counts };
        let progress = |done, of| (self.progress)(Stage::Writing { done, of });
        work.erase(found, &progress).await
    }

    async fn wait_until(&self, until: Timestamp) {
        loop {
            let left = until.duration_since(self.clock.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            let of = SECOND_LOOK_AFTER.as_secs().unsigned_abs();
            (self.progress)(Stage::Waiting { left: left.as_secs(), of });
            self.clock.sleep(left.min(PAUSE)).await;
        }
    }

    async fn end(&self, begun: &Begun, counts: &Counts) -> anyhow::Result<()> {
        let Record { erasure, objects, .. } = &begun.record;
        let end = End {
            erasure: erasure.clone(),
            at: self.clock.now(),
            objects: objects.len(),
            records: objects.iter().map(|object| object.pointers.len()).sum(),
            kept: counts.kept.iter().cloned().collect(),
        };
        record::end(&*self.archive.store, &begun.tenant, &end).await
    }
}
