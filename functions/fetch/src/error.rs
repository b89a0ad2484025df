//! Why a step did not end.

use shared::graph::GraphError;
use shared::ports::queue::QueueError;
use shared::ports::store::StoreError;

/// Why a step did not end: what Graph did not give has consequences of its own, all else is tried again.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Graph did not give what was asked for.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The object store gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The next step could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The invocation ends before the step would.
    #[error("the invocation's time is up")]
    OutOfTime,
}
