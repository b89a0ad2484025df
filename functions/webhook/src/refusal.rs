//! Why a notification is not acknowledged.

use jiff::SignedDuration;
use shared::env::EnvError;
use shared::ports::queue::QueueError;
use shared::ports::secrets::SecretError;

use crate::http_api::Status;

/// Why a notification is not acknowledged. Graph sends again whatever is not answered with 2xx, for four
/// hours.
/// <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Setting(#[from] EnvError),
    #[error("the body is larger than {} MiB", most >> 20)]
    TooLarge { most: usize },
    #[error("the body is no collection of notifications")]
    NotNotifications,
    #[error("its first items are not ours")]
    Strangers,
    #[error("the key behind clientState: {0}")]
    Key(#[from] SecretError),
    /// The keys were read moments ago, and a well-formed `clientState` is of none of them.
    #[error("a clientState may be of a key that came since the keys were read; Graph sends it again")]
    KeyMayBeNew,
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("it took longer than {} ms; Graph sends it again", .0.as_millis())]
    Late(SignedDuration),
}

impl Refusal {
    /// Whether Graph would not post it.
    pub(crate) fn is_of_a_stranger(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::NotNotifications | Self::Strangers)
    }

    /// The status that the POST is answered with.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::TooLarge { .. } => Status::PAYLOAD_TOO_LARGE,
            Self::NotNotifications | Self::Strangers => Status::BAD_REQUEST,
            Self::Setting(_) | Self::Key(_) | Self::KeyMayBeNew | Self::Queue(_) | Self::Late(_) => {
                Status::SERVICE_UNAVAILABLE
            }
        }
    }
}
