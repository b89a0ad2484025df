//! A meeting as a person, a calendar or a call record names it.

use serde::{Deserialize, Serialize};

/// A meeting by its organizer and its name, before Graph is asked which meeting that is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedMeeting {
    /// The object id of the user who organized the meeting.
    pub organizer_id: String,
    /// The meeting's name as one text: what kind of name it is, [`MeetingName::of_text`] says.
    pub meeting: String,
}

/// The names that a meeting has in Graph.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MeetingName {
    /// The join URL, as Graph stores it; it begins with `https://`.
    JoinWebUrl(String),
    /// The number that people type to join the meeting: digits only.
    JoinMeetingId(String),
    /// The online meeting's id, opaque.
    Id(String),
}

impl MeetingName {
    /// The name that a text is. An id is the base64 of more than digits, so none is taken for a join number.
    pub fn of_text(text: &str) -> Self {
        if text.starts_with("https://") {
            Self::JoinWebUrl(text.to_owned())
        } else if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::JoinMeetingId(text.to_owned())
        } else {
            Self::Id(text.to_owned())
        }
    }

    /// The text of which [`Self::of_text`] reads the name again.
    pub fn into_text(self) -> String {
        match self {
            Self::JoinWebUrl(text) | Self::JoinMeetingId(text) | Self::Id(text) => text,
        }
    }
}
