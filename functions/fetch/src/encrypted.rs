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

use shared::graph::GraphError;
use shared::jobs::{EncryptedNotification, FetchJob, FetchTarget};
use shared::outcome::Outcome;
use shared::watch::WatchedMeeting;
use tracing::info;

use crate::steps::{Step, nothing, send_next};
use crate::{Dependencies, FetchError};
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

/// Takes the step.
pub(crate) async fn open(
    dependencies: &Dependencies,
    job: &FetchJob,
    notification: &EncryptedNotification,
) -> Result<Step, FetchError> {
    let closed = || GraphError::new(Outcome::NotDecryptable).because("NOTIFICATION_KEY_SECRET_ID is not set");
    let encrypted = dependencies.encrypted.as_ref().ok_or_else(closed)?;
    // As of its arrival: it may have waited here for longer than its tokens live.
    encrypted.tokens.verify(&notification.validation_tokens, job.first_seen).await?;
    let data = encrypted.keys.decrypt(&notification.content).await?;
    let event = CallEvent::read(&data)?;
    if !event.is_end() {
        return Ok(nothing("the call goes on"));
    }
    let Some(meeting) = event.meeting(&encrypted.meetings)? else {
        return Ok(nothing("nobody watches the meeting any more"));
    };
    let WatchedMeeting { organizer, join_web_url } = meeting.clone();
    let target = FetchTarget::JoinWebUrl { organizer_id: organizer, join_web_url };
    let next = FetchJob { session: Some(event.session(job.first_seen)), ..job.next(target) };
    send_next(dependencies, vec![next]).await?;
    info!("a watched meeting's call has ended; the meeting is looked up next");
    Ok(Step::Resolved)
}
