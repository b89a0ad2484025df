//! Manifests as units: a walk over the archive takes as many as its size needs.

use jiff::{SignedDuration, Timestamp};
use shared::jobs::{BackfillUnit, MAX_UNIT_HOPS};
use shared::lambda::deadline::time_left;
use shared::lambda::metrics::{self, Metric};
use tracing::{error, info, warn};

use crate::manifests::{Step, Walk, extend};
use crate::request::{Counts, RunAccepted};
use crate::send::send_jobs;
use crate::{BackfillError, Dependencies};

/// How long before its deadline a unit begins with no other group: the objects of one are looked at, and a root is written.
const TIME_FOR_A_GROUP: SignedDuration = SignedDuration::from_secs(240);

/// Begins a walk.
pub(crate) async fn start(
    dependencies: &Dependencies,
    run_id: &str,
    now: Timestamp,
) -> Result<RunAccepted, BackfillError> {
    let run = run_id.to_owned();
    let unit = BackfillUnit::Manifests { run_id: run, began: now, after: None, hops: 0, is_bulk: true };
    send_jobs(dependencies.queue_of_unit(&unit), &[unit]).await?;
    info!(run.id = run_id, "manifests are written");
    let counts = Counts { units: 1, refused: 0 };
    Ok(RunAccepted { run_id: run_id.to_owned(), counts, refused: Vec::new(), ledger: None })
}

/// Takes one step of a walk until `deadline`, and sends the next.
pub(crate) async fn run(
    dependencies: &Dependencies,
    unit: &BackfillUnit,
    deadline: Timestamp,
) -> Result<(), BackfillError> {
    let BackfillUnit::Manifests { run_id, began, after, hops, is_bulk } = unit.clone() else { return Ok(()) };
    let Some(manifests) = &dependencies.manifests else {
        warn!("nothing is given here to write manifests with");
        return Ok(());
    };
    let clock = &*dependencies.clock;
    let walk = Walk { began, after, always_ends_with_root: true };
    let step = tokio::select! {
        biased;
        step = extend(manifests, clock, &walk, deadline - TIME_FOR_A_GROUP) => step?,
        () = clock.sleep(time_left(clock, deadline)) => return Err(BackfillError::OutOfTime),
    };
    tell(clock.now(), &step);
    if step.after.is_none() {
        return Ok(());
    }
    if hops >= MAX_UNIT_HOPS {
        error!("the walk is not at its end after {hops} units: the next one passes by what is in a manifest");
        return Ok(());
    }
    let next = BackfillUnit::Manifests { run_id, began, after: step.after, hops: hops + 1, is_bulk };
    Ok(send_jobs(dependencies.queue_of_unit(&next), &[next]).await?)
}

fn tell(now: Timestamp, step: &Step) {
    let Step { after, root, last_sha256, lines, gone } = step;
    info!(
        root.number = root,
        root.sha256 = last_sha256.as_deref(),
        manifest.lines = lines,
        objects.gone = gone,
        "manifests were written"
    );
    metrics::emit(now, &[Metric::count("ObjectsGone", *gone)]);
    if after.is_none() {
        metrics::emit(now, &[Metric::count("WalksEnded", 1)]);
    }
}
