//! Why a step did not end.

use shared::graph::{FetchedArtifact, GraphError};
use shared::jobs::FetchJob;
use shared::lambda::artifacts::SendArtifactError;
use shared::model::Outcome;
use shared::ports::queue::QueueError;
use shared::ports::store::StoreError;

/// Why a step did not end: what Graph did not give has consequences of its own, all else is tried again.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Graph did not give what was asked for.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Graph gave the record of a call, and not its meeting.
    #[error(transparent)]
    Unresolved(Box<UnresolvedCall>),
    /// The object store gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The next step could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Another worker has the same message, and is further on.
    #[error("another worker reads the same report for this message")]
    ReadByAnother,
    /// The step did not end in its time.
    #[error("the step takes too long")]
    OutOfTime,
}

impl From<SendArtifactError> for FetchError {
    fn from(error: SendArtifactError) -> Self {
        match error {
            SendArtifactError::Unreadable => {
                GraphError::new(Outcome::Malformed).because("the answer cannot be read").into()
            }
            SendArtifactError::Store(error) => error.into(),
            SendArtifactError::Queue(error) => error.into(),
        }
    }
}

/// The record of a call that was a meeting, which is still to be kept, and why its meeting was not found.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct UnresolvedCall {
    /// Why Graph did not give the meeting.
    pub error: GraphError,
    /// The job, with the times of the call.
    pub(crate) job: FetchJob,
    pub(crate) id: String,
    pub(crate) record: FetchedArtifact,
}
