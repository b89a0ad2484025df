//! From an encrypted notification to the meeting whose call has ended.
//!
//! Only what Graph sent is decrypted: the validation tokens are verified first, then the signature of
//! the data, and then the data is decrypted.
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

/// What encrypted notifications are verified and decrypted with.
pub struct EncryptedNotifications {
    /// What their validation tokens are verified with: only Graph can have sent them.
    pub tokens: ValidationTokens,
    /// The private keys that decrypt their data.
    pub keys: DataKeys,
    /// The meetings that they may be about: `WATCH` gives the organizer of each.
    pub meetings: Vec<WatchedMeeting>,
}

/// What an encrypted notification says.
pub(crate) enum Decrypted {
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

/// Verifies and decrypts a notification that arrived at `first_seen`: it may have waited in the queue for
/// longer than its validation tokens live.
pub(crate) async fn decrypt(
    keys: &EncryptedNotifications,
    notification: &EncryptedNotification,
    first_seen: Timestamp,
) -> Result<Decrypted, GraphError> {
    keys.tokens.verify(&notification.validation_tokens, first_seen).await?;
    let data = keys.keys.decrypt(&notification.content).await?;
    let event = CallEvent::read(&data)?;
    if !event.is_end() {
        return Ok(Decrypted::Nothing("the call goes on"));
    }
    Ok(match event.meeting(&keys.meetings)? {
        Some(meeting) => {
            Decrypted::CallEnded { meeting: meeting.clone(), session: event.session(first_seen) }
        }
        None => Decrypted::Nothing("nobody watches the meeting any more"),
    })
}
