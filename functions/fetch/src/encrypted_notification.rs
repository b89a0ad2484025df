//! From an encrypted notification to the meeting whose call has ended.
//!
//! Only what Graph sent is opened: the validation tokens are verified first, then the signature of
//! the data, and only then is it decrypted.
//! <https://learn.microsoft.com/graph/change-notifications-with-resource-data>
//!
//! ```text
//! validation tokens ─▶ data key ─▶ signature ─▶ data ─▶ callEnded? ─▶ a meeting in WATCH? ─▶ join URL
//! ```

mod call_event;
mod data_keys;
mod validation_tokens;

use jiff::Timestamp;
use shared::graph::GraphError;
use shared::jobs::EncryptedNotification;
use shared::model::{SessionTimes, WatchedMeeting};

use call_event::CallEvent;
pub use data_keys::DataKeys;
pub use validation_tokens::ValidationTokens;

/// What opens encrypted notifications.
pub struct EncryptedNotifications {
    /// What verifies that Graph sent them.
    pub tokens: ValidationTokens,
    /// What decrypts them.
    pub keys: DataKeys,
    /// The meetings that they are about: `WATCH` knows their organizers.
    pub meetings: Vec<WatchedMeeting>,
}

/// What an encrypted notification tells.
pub(crate) enum Opened {
    /// The call of a watched meeting has ended.
    CallEnded {
        /// The meeting, as `WATCH` names it.
        meeting: WatchedMeeting,
        /// When the call was, as far as that is known.
        session: SessionTimes,
    },
    /// Nothing to fetch, for this reason.
    Nothing(&'static str),
}

/// Opens a notification that arrived at `first_seen`: it may have waited here for longer than its validation
/// tokens live.
pub(crate) async fn open(
    keys: &EncryptedNotifications,
    notification: &EncryptedNotification,
    first_seen: Timestamp,
) -> Result<Opened, GraphError> {
    keys.tokens.verify(&notification.validation_tokens, first_seen).await?;
    let data = keys.keys.decrypt(&notification.content).await?;
    let event = CallEvent::read(&data)?;
    if !event.is_end() {
        return Ok(Opened::Nothing("the call goes on"));
    }
    Ok(match event.meeting(&keys.meetings)? {
        Some(meeting) => Opened::CallEnded { meeting: meeting.clone(), session: event.session(first_seen) },
        None => Opened::Nothing("nobody watches the meeting any more"),
    })
}
