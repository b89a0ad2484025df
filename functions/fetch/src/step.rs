//! What a step led to, and whose reports no step is for.

use shared::lambda::metrics::{self, Metric};
use shared::model::VirtualEventKind;
use tracing::info;

use crate::{Dependencies, FetchError};

/// What a step led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to fetch, for this reason.
    Nothing(&'static str),
    /// The meeting, or its source, is known now; a job for it is in the queue.
    Resolved,
    /// Reports were listed; jobs for those that the archive lacks are in the queue. A single one is fetched
    /// at once.
    Listed {
        /// How many reports Graph lists.
        listed: usize,
        /// How many of them the archive lacks.
        wanted: usize,
    },
    /// An artifact was fetched; the job to archive it is in the queue.
    Fetched,
}

pub(crate) fn nothing(reason: &'static str) -> Step {
    info!("nothing to fetch: {reason}");
    Step::Nothing(reason)
}

/// Counts a meeting or event whose organizer does not count.
pub(crate) fn passed_over(dependencies: &Dependencies) -> Step {
    metrics::emit(dependencies.clock.now(), &[Metric::count("PassedOver", 1)]);
    nothing("the organizer is not among those in WATCH")
}

/// Whether the organizer of a webinar or town hall counts. Graph need not say who that is: then it counts.
pub(crate) async fn takes_event(
    dependencies: &Dependencies,
    kind: VirtualEventKind,
    event_id: &str,
) -> Result<bool, FetchError> {
    let Dependencies { graph, watch_filter, .. } = dependencies;
    if watch_filter.takes_all() {
        return Ok(true);
    }
    match graph.virtual_event(kind, event_id).await?.organizer_id() {
        Some(organizer_id) => Ok(watch_filter.takes(graph, organizer_id, None).await?),
        None => Ok(true),
    }
}
