//! Why an invocation, or a unit, did not end.

use shared::graph::GraphError;
use shared::lambda::batch::NoMessageId;
use shared::ports::queue::QueueError;
use shared::ports::store::StoreError;

use crate::manifests::ManifestError;
use crate::request::RequestError;

/// Why an invocation, or a unit, did not end: a wrong request is refused, all else is tried again.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The request is refused; its sentence says what to write instead.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The users whom the request names by their user principal names could not be looked up; nothing was begun.
    #[error("user principal names cannot be looked up in Graph: {0}. {remedy} Or write object ids", remedy = .0.remedy())]
    UserLookup(GraphError),
    /// Graph gave no answer, and may give one later.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The object store gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Units or jobs could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Manifests could not be extended.
    #[error(transparent)]
    Manifests(#[from] ManifestError),
    /// A message of the batch has no id.
    #[error(transparent)]
    NoMessageId(#[from] NoMessageId),
    /// The event is a batch, but not as SQS sends it.
    #[error("the event is no batch of messages")]
    NotABatch,
    /// The run's other units have not written their parts yet.
    #[error("the run's other units are not done yet")]
    Unfinished,
    /// The invocation ends before the unit would.
    #[error("the invocation's time is up")]
    OutOfTime,
}
