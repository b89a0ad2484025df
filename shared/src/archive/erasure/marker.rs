//! What stands in the place of an entry that was erased.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The member by which a marker is told apart from everything of Graph's.
pub(super) const MEMBER: &str = "rollcallErased";

/// What stands in the place of an entry: that somebody was erased, when, and by which erasure. Never who.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Marker {
    /// When the erasure began (UTC).
    pub at: Timestamp,
    /// The erasure's id, which is a segment of the key of its record.
    pub erasure: String,
}

impl Marker {
    /// The marker as a JSON object: `{"rollcallErased":{"erasure":…,"at":…}}`. Always the same text for the same erasure.
    pub fn json(&self) -> String {
        let erasure = serde_json::Value::from(self.erasure.as_str());
        format!(r#"{{"{MEMBER}":{{"erasure":{erasure},"at":"{}"}}}}"#, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_says_when_and_by_which_erasure() {
        let marker = Marker { at: "2026-11-28T08:00:00Z".parse().unwrap(), erasure: "e\"1".to_owned() };
        let json = marker.json();
        assert_eq!(json, r#"{"rollcallErased":{"erasure":"e\"1","at":"2026-11-28T08:00:00Z"}}"#);
        let read: std::collections::BTreeMap<String, Marker> = serde_json::from_str(&json).unwrap();
        assert_eq!(read[MEMBER], marker);
    }
}
