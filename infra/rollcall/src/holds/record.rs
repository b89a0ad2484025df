//! What is written of a hold.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The record of a hold. It is written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldRecord {
    /// The hold's name, which people chose.
    pub name: String,
    /// When it was placed (UTC).
    pub placed_at: Timestamp,
    /// What is to be held, as a person wrote it.
    pub scope: HoldScope,
}

/// What is to be held, as a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldScope {
    /// Meetings by their join URL, number or id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meetings: Vec<String>,
    /// The ids of webinars.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webinars: Vec<String>,
    /// The ids of town halls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub townhalls: Vec<String>,
    /// Whose data is held; `None`: everybody's in the sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// From when on: a date in UTC, or a time; `None`: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when, itself not in it; `None`: without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl HoldScope {
    /// Whether nothing is named at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same as a text for people.
    pub fn shown(&self) -> String {
        let named =
            |what: &str, ids: &[String]| ids.iter().map(|id| format!("{what} {id}")).collect::<Vec<_>>();
        let one =
            |what: &str, text: &Option<String>| text.iter().map(|text| format!("{what} {text}")).collect();
        let parts: [Vec<String>; 6] = [
            named("meeting", &self.meetings),
            named("webinar", &self.webinars),
            named("town hall", &self.townhalls),
            one("person", &self.person),
            one("since", &self.since),
            one("until", &self.until),
        ];
        parts.concat().join(", ")
    }
}

/// A line of a list: an object that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldObject {
    pub(super) key: String,
}

/// The note that a hold was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Lifted {
    pub(super) lifted_at: Timestamp,
}
