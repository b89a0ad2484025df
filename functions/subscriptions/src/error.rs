//! Why a subscription is not as it should be.

use shared::graph::GraphError;
use shared::lambda::batch::NoMessageId;
use shared::ports::queue::QueueError;
use shared::ports::secrets::SecretError;

/// Why a run, or one of its actions, did not end.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionsError {
    /// Graph did not do what was asked for.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The key behind `clientState` cannot be read.
    #[error("the key behind clientState: {0}")]
    Key(#[from] SecretError),
    /// The secret of the key has no value.
    #[error("the secret of the key behind clientState has no value: put one into it")]
    NoKey,
    /// An unsubscribed window could not be sent to `backfill`.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The invocation ends before the run would; the next run goes on.
    #[error("the invocation's time is up, and {left} subscriptions were not looked after")]
    OutOfTime {
        /// How many actions were not begun, or did not end.
        left: usize,
    },
    /// A message of the batch has no id.
    #[error(transparent)]
    NoMessageId(#[from] NoMessageId),
    /// The event is a batch, but not as SQS sends it.
    #[error("the event is no batch of messages")]
    NotABatch,
}

impl SubscriptionsError {
    /// Whether trying again soon can help.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Graph(error) => is_retryable(error),
            Self::Key(_) | Self::Queue(_) | Self::OutOfTime { .. } => true,
            Self::NoKey | Self::NoMessageId(_) | Self::NotABatch => false,
        }
    }
}

/// Whether trying a call of Graph's again soon can help.
pub(crate) fn is_retryable(error: &GraphError) -> bool {
    error.outcome.may_pass()
}
