//! A meeting as a person, a calendar or a call record names it.

use serde::{Deserialize, Serialize};

/// A meeting by its organizer and its address or id, before Graph is asked which meeting that is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedMeeting {
    /// The object id of the user who organized the meeting.
    pub organizer_id: String,
    /// The meeting's join URL, which begins with `https://`, or else its online meeting id.
    pub meeting: String,
}
