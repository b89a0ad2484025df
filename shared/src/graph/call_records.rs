//! `callRecord`: a call that has ended, and the meeting that it belongs to.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::cloud::Capability;
use super::error::GraphError;
use super::{GraphClient, Page};
use crate::model::{Identity, NamedMeeting, SessionTimes, parse_time};

/// A call that has ended: a view of a call record. Everything but its id is nullable.
///
/// `organizer` and `participants` stopped carrying data in June 2026; `organizer_v2` has taken their
/// place. <https://learn.microsoft.com/graph/api/resources/callrecords-callrecord>
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// The call record's id, as its notification names it.
    pub id: String,
    /// The version of the record, which grows as Graph learns more of the call.
    pub version: Option<i64>,
    /// `groupCall`, `peerToPeer` or `unknown`.
    #[serde(rename = "type")]
    pub call_type: Option<String>,
    /// The meeting's join URL; null for a call between two people.
    pub join_web_url: Option<String>,
    /// When the call began (UTC, up to seven fractional digits).
    pub start_date_time: Option<String>,
    /// When the call ended (UTC, up to seven fractional digits).
    pub end_date_time: Option<String>,
    #[serde(rename = "organizer_v2")]
    organizer_v2: Option<OrganizerV2>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct OrganizerV2 {
    identity: Option<IdentitySet>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct IdentitySet {
    user: Option<Identity>,
}

impl CallRecord {
    /// The user who organized the call; `None` where a telephone, a guest or an application did.
    pub fn organizer(&self) -> Option<&Identity> {
        self.organizer_v2.as_ref()?.identity.as_ref()?.user.as_ref()
    }

    /// The meeting that the call belongs to, if a user of the tenant `tenant_id` organized it.
    ///
    /// # Errors
    /// The call was no meeting, or no user of the tenant organized it: the text is for the log.
    pub fn meeting_of(&self, tenant_id: &str) -> Result<NamedMeeting, &'static str> {
        let meeting = self.join_web_url.clone().ok_or("the call was no meeting")?;
        let organizer = self.organizer().ok_or("no user organized the call")?;
        let organizer_id = organizer.id.clone().ok_or("the call's organizer has no id")?;
        let foreign = |tenant: &String| !tenant.eq_ignore_ascii_case(tenant_id);
        if organizer.tenant_id.as_ref().is_some_and(foreign) {
            return Err("another tenant organized the call");
        }
        Ok(NamedMeeting { organizer_id, meeting })
    }

    /// Start and end of the call; `None` where Graph gave only one of them, or none.
    pub fn times(&self) -> Option<SessionTimes> {
        let start = self.start_date_time.as_deref().and_then(parse_time)?;
        let end = self.end_date_time.as_deref().and_then(parse_time)?;
        Some(SessionTimes { start, end })
    }
}

impl GraphClient {
    /// Gets one call record, which Graph stores for 30 days.
    ///
    /// `GET /communications/callRecords/{id}`, with the application permission
    /// `CallRecords.Read.All`; `organizer_v2` is expanded by default.
    /// <https://learn.microsoft.com/graph/api/callrecords-callrecord-get>
    ///
    /// # Errors
    /// [`Outcome::NotReady`](crate::model::Outcome::NotReady) right after its notification. Other outcomes
    /// where Graph or the token service refuses or does not answer, or the cloud lacks the call.
    pub async fn call_record(&self, id: &str) -> Result<CallRecord, GraphError> {
        self.require(Capability::CallRecords)?;
        self.get(self.url(&["communications", "callRecords", id], &[])?).await?.read()
    }

    /// Lists the calls of the tenant that began at `since` or later and before `until`, within the last 30
    /// days.
    ///
    /// `GET /communications/callRecords?$filter=startDateTime ge … and startDateTime lt …`, with the
    /// application permission `CallRecords.Read.All`.
    /// <https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn call_records(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<CallRecord>, GraphError> {
        self.list(self.call_records_between(since, until)?).await
    }

    /// Gets one page of [`Self::call_records`]: the first, or the one that `next_link` leads to.
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn call_records_page(
        &self,
        (since, until): (Timestamp, Timestamp),
        next_link: Option<&str>,
    ) -> Result<Page<CallRecord>, GraphError> {
        self.page(self.call_records_between(since, until)?, next_link).await
    }

    fn call_records_between(&self, since: Timestamp, until: Timestamp) -> Result<Url, GraphError> {
        self.require(Capability::CallRecords)?;
        let filter = format!("startDateTime ge {since:.0} and startDateTime lt {until:.0}");
        self.url(&["communications", "callRecords"], &[("$filter", &filter)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organizer_is_the_user_of_organizer_v2_only() {
        let read = |json: &str| serde_json::from_str::<CallRecord>(json).unwrap();
        let user = read(
            r#"{"id":"c","organizer_v2":{"id":"x","identity":{"user":{"id":"o","tenantId":"t","displayName":null}}}}"#,
        );
        assert_eq!(user.organizer().and_then(|organizer| organizer.id.as_deref()), Some("o"));
        for none in [
            r#"{"id":"c","organizer":{"user":{"id":"deprecated"}}}"#,
            r#"{"id":"c","organizer_v2":null,"joinWebUrl":null}"#,
            r#"{"id":"c","organizer_v2":{"identity":{"user":null,"phone":{"id":"+1"}}}}"#,
        ] {
            assert_eq!(read(none).organizer(), None, "{none}");
        }
    }
}
