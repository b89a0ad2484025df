//! `callRecord`: a call that has ended, and whose meeting it was.

use serde::Deserialize;

use super::GraphClient;
use super::error::GraphError;
use crate::clock::parse_time;
use crate::jobs::SessionTimes;

/// Of a call record, what leads to its meeting.
///
/// `organizer` and `participants` stopped carrying data in June 2026; `organizer_v2` has taken their
/// place. <https://learn.microsoft.com/graph/api/resources/callrecords-callrecord>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallRecord {
    /// The meeting's address; null for a call between two people.
    #[serde(rename = "joinWebUrl")]
    pub join_web_url: Option<String>,
    #[serde(rename = "startDateTime")]
    start_date_time: Option<String>,
    #[serde(rename = "endDateTime")]
    end_date_time: Option<String>,
    organizer_v2: Option<OrganizerV2>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct OrganizerV2 {
    identity: Option<IdentitySet>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct IdentitySet {
    user: Option<Organizer>,
}

/// The user who organized a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Organizer {
    /// The user's object id.
    pub id: String,
    /// The user's tenant; null where Graph does not say.
    #[serde(rename = "tenantId")]
    pub tenant_id: Option<String>,
}

impl CallRecord {
    /// The user who organized it; none where a telephone, a guest or an application did.
    pub fn organizer(&self) -> Option<&Organizer> {
        self.organizer_v2.as_ref()?.identity.as_ref()?.user.as_ref()
    }

    /// When the call was.
    pub fn times(&self) -> Option<SessionTimes> {
        let start = self.start_date_time.as_deref().and_then(parse_time)?;
        let end = self.end_date_time.as_deref().and_then(parse_time)?;
        Some(SessionTimes { start, end })
    }
}

impl GraphClient {
    /// Gets one call record. Graph keeps it for 30 days.
    ///
    /// `GET /communications/callRecords/{id}`, with the application permission
    /// `CallRecords.Read.All`; `organizer_v2` is expanded by default.
    /// <https://learn.microsoft.com/graph/api/callrecords-callrecord-get>
    ///
    /// # Errors
    /// [`Outcome::NotReady`](crate::outcome::Outcome::NotReady) right after its notification.
    pub async fn call_record(&self, id: &str) -> Result<CallRecord, GraphError> {
        self.get(self.url(&["communications", "callRecords", id], &[])?).await?.read()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organizer_is_the_user_of_organizer_v2_only() {
        let read = |json: &str| serde_json::from_str::<CallRecord>(json).unwrap();
        let user = read(
            r#"{"organizer_v2":{"id":"x","identity":{"user":{"id":"o","tenantId":"t","displayName":null}}}}"#,
        );
        assert_eq!(user.organizer().map(|organizer| organizer.id.as_str()), Some("o"));
        for none in [
            r#"{"organizer":{"user":{"id":"deprecated"}}}"#,
            r#"{"organizer_v2":null,"joinWebUrl":null}"#,
            r#"{"organizer_v2":{"identity":{"user":null,"phone":{"id":"+1"}}}}"#,
        ] {
            assert_eq!(read(none).organizer(), None, "{none}");
        }
    }
}
