//! Why a notification is not acknowledged.

use std::time::Duration;

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
    #[error("the key behind clientState: {0}")]
    Key(#[from] SecretError),
    /// The keys were read moments ago, and a well-formed `clientState` is of none of them.
    #[error("a clientState may be of a key that came since the keys were read; Graph sends it again")]
    KeyMayBeNew,
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("it took longer than {} ms; Graph sends it again", .0.as_millis())]
    Late(Duration),
}

impl Refusal {
    /// The status that the POST is answered with.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::TooLarge { .. } => Status::PAYLOAD_TOO_LARGE,
            Self::NotNotifications => Status::BAD_REQUEST,
            Self::Setting(_) | Self::Key(_) | Self::KeyMayBeNew | Self::Queue(_) | Self::Late(_) => {
                Status::SERVICE_UNAVAILABLE
            }
        }
    }
}
