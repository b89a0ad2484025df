//! `callRecord`: a call that has ended, and the meeting that it belongs to.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::client::GraphResponse;
use super::cloud::Capability;
use super::error::GraphError;
use super::{FetchedArtifact, GraphClient, Page};
use crate::model::{
    JoinUrlContext, NamedMeeting, SessionTimes, address_or_none, count_or_none, id, id_or_none,
    join_url_context, or_none, parse_time,
};

/// A call that has ended: a view of a call record. Everything but its id is nullable.
///
/// `organizer` and `participants` stopped carrying data in June 2026; `organizer_v2` has taken their
/// place. <https://learn.microsoft.com/graph/api/resources/callrecords-callrecord>
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// The call record's id, as its notification names it.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The version of the record, which grows as Graph learns more of the call.
    #[serde(default, deserialize_with = "count_or_none")]
    pub version: Option<i64>,
    /// `groupCall`, `peerToPeer` or `unknown`.
    #[serde(default, rename = "type", deserialize_with = "or_none")]
    pub call_type: Option<String>,
    /// The meeting's join URL; null for a call between two people.
    #[serde(default, deserialize_with = "address_or_none")]
    pub join_web_url: Option<String>,
    /// When the call began (UTC, up to seven fractional digits).
    #[serde(default, deserialize_with = "or_none")]
    pub start_date_time: Option<String>,
    /// When the call ended (UTC, up to seven fractional digits).
    #[serde(default, deserialize_with = "or_none")]
    pub end_date_time: Option<String>,
    /// When Graph last changed the record (UTC).
    #[serde(default, deserialize_with = "or_none")]
    pub last_modified_date_time: Option<String>,
    #[serde(default, rename = "organizer_v2", deserialize_with = "or_none")]
    organizer_v2: Option<CallParty>,
    #[serde(default, deserialize_with = "or_none")]
    organizer: Option<CallIdentity>,
}

/// An organizer or a participant of a call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct CallParty {
    #[serde(default, deserialize_with = "or_none")]
    identity: Option<CallIdentity>,
}

/// Who it is: a user, or a telephone, a guest, an application.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct CallIdentity {
    #[serde(default, deserialize_with = "or_none")]
    user: Option<CallUser>,
}

/// A user's ids. Names are not read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallUser {
    #[serde(default, deserialize_with = "id_or_none")]
    id: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    tenant_id: Option<String>,
}

/// The meeting that a call leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallSource {
    /// The call was no meeting of this tenant; the text is for the log.
    NoMeeting(&'static str),
    /// A meeting, with the user who organized it.
    Meeting(NamedMeeting),
    /// A meeting whose organizer the record does not name: one of the participants is.
    OrganizerUnknown {
        /// The meeting's join URL.
        join_web_url: String,
    },
    /// An entry of a list that does not say what the call was: the record itself may.
    NotSaid,
}

impl CallRecord {
    /// The meeting that the call leads to. The address decides who organized it; a short one names nobody, and
    /// `organizer_v2`, then `organizer` decide.
    pub fn source(&self, tenant_id: &str) -> CallSource {
        let foreign = |tenant: &String| !tenant.eq_ignore_ascii_case(tenant_id);
        let Some(join_web_url) = self.join_web_url.clone() else {
            return match self.call_type.as_deref() {
                Some("groupCall" | "peerToPeer") | None => CallSource::NoMeeting("the call was no meeting"),
                Some(_) => CallSource::NotSaid,
            };
        };
        let context = join_url_context(&join_web_url);
        if context.as_ref().is_some_and(|context| context.tenant_id.as_ref().is_some_and(foreign)) {
            return CallSource::NoMeeting("another tenant organized the call");
        }
        if let Some(organizer_id) = context.and_then(JoinUrlContext::organizer) {
            return CallSource::Meeting(NamedMeeting { organizer_id, meeting: join_web_url });
        }
        let v2 = self.organizer_v2.as_ref().and_then(|organizer| organizer.identity.as_ref());
        let mut users = [v2, self.organizer.as_ref()].into_iter().flatten().filter_map(|of| of.user.as_ref());
        match users.find(|user| user.id.as_ref().is_some_and(|id| !id.is_empty())) {
            Some(user) if user.tenant_id.as_ref().is_some_and(foreign) => {
                CallSource::NoMeeting("another tenant organized the call")
            }
            Some(CallUser { id: Some(id), .. }) => {
                CallSource::Meeting(NamedMeeting { organizer_id: id.clone(), meeting: join_web_url })
            }
            _ => CallSource::OrganizerUnknown { join_web_url },
        }
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
        self.call_record_as_sent(id).await.map(|(call, _)| call)
    }

    /// Gets one call record as [`Self::call_record`] does, and its JSON as Graph sent it, to be archived.
    ///
    /// # Errors
    /// Those of [`Self::call_record`].
    pub async fn call_record_as_sent(&self, id: &str) -> Result<(CallRecord, FetchedArtifact), GraphError> {
        self.require(Capability::CallRecords)?;
        let answer = self.get(self.url(&["communications", "callRecords", id], &[])?).await?;
        let call = answer.read()?;
        let GraphResponse { text: body, request_id } = answer;
        Ok((call, FetchedArtifact { body, records: 0, pages: 1, request_id }))
    }

    /// Gets the object ids of the users of `tenant_id` who took part in a call, in Graph's order: those of a
    /// meeting whose organizer its record does not name.
    ///
    /// `GET /communications/callRecords/{id}?$expand=participants_v2`, with the application permission
    /// `CallRecords.Read.All`. Graph expands 130 participants; more are not read.
    /// <https://learn.microsoft.com/graph/api/callrecords-callrecord-list-participants_v2>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn call_record_participants(
        &self,
        id: &str,
        tenant_id: &str,
    ) -> Result<Vec<String>, GraphError> {
        #[derive(Deserialize)]
        struct WithParticipants {
            #[serde(default, rename = "participants_v2")]
            participants: Vec<CallParty>,
        }
        self.require(Capability::CallRecords)?;
        let url = self.url(&["communications", "callRecords", id], &[("$expand", "participants_v2")])?;
        let call: WithParticipants = self.get(url).await?.read()?;
        let users = call.participants.into_iter().filter_map(|party| party.identity?.user);
        let of_tenant = |user: CallUser| {
            user.tenant_id.is_none_or(|tenant| tenant.eq_ignore_ascii_case(tenant_id)).then_some(user.id)?
        };
        Ok(users.filter_map(of_tenant).filter(|id| !id.is_empty()).collect())
    }

    /// Gets one page of the calls of the tenant that began at `since` or later and before `until`, within the
    /// last 30 days: the first, or the one that `next_link` leads to.
    ///
    /// `GET /communications/callRecords?$filter=startDateTime ge … and startDateTime lt …`, with the
    /// application permission `CallRecords.Read.All`. Its samples have no `joinWebUrl` and `type` "unknown".
    /// <https://learn.microsoft.com/graph/api/callrecords-cloudcommunications-list-callrecords>
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

    const SHORT: &str = "https://teams.microsoft.com/meet/240141283012?p=x";
    const LONG: &str = "https://teams.microsoft.com/l/meetup-join/19%3ax%40thread.v2/0?context=%7b%22Tid%22%3a%22T%22%2c%22Oid%22%3a%22oid%22%7d";

    fn source(members: &str) -> CallSource {
        let call: CallRecord = serde_json::from_str(&format!(r#"{{"id":"c",{members}}}"#)).unwrap();
        call.source("t")
    }

    fn organizer(members: &str) -> Option<String> {
        match source(members) {
            CallSource::Meeting(named) => Some(named.organizer_id),
            _ => None,
        }
    }

    #[test]
    fn the_address_names_the_organizer_then_organizer_v2_then_organizer() {
        let v2 = r#""organizer_v2":{"id":"x","identity":{"user":{"id":"v2","tenantId":"t","displayName":"half \ud83d"}}}"#;
        let old = r#""organizer":{"user":{"id":"old"}}"#;
        let long = format!(r#""joinWebUrl":"{LONG}""#);
        let short = format!(r#""joinWebUrl":"{SHORT}""#);
        assert_eq!(organizer(&format!("{long},{v2}")).as_deref(), Some("oid"));
        assert_eq!(organizer(&format!(r#"{long},"organizer_v2":null"#)).as_deref(), Some("oid"));
        assert_eq!(organizer(&format!("{short},{v2},{old}")).as_deref(), Some("v2"));
        assert_eq!(organizer(&format!("{short},{old}")).as_deref(), Some("old"));
        let phone = format!(r#"{short},"organizer_v2":{{"identity":{{"user":null,"phone":{{"id":"+1"}}}}}}"#);
        assert_eq!(source(&phone), CallSource::OrganizerUnknown { join_web_url: SHORT.into() });
    }

    #[test]
    fn a_call_that_is_no_meeting_of_the_tenant_leads_nowhere() {
        let foreign = LONG.replace("%22T%22", "%22other%22");
        for members in [
            r#""type":"peerToPeer""#.to_owned(),
            r#""type":"groupCall","joinWebUrl":null"#.to_owned(),
            format!(r#""joinWebUrl":"{foreign}""#),
            format!(
                r#""joinWebUrl":"{SHORT}","organizer_v2":{{"identity":{{"user":{{"id":"o","tenantId":"other"}}}}}}"#
            ),
        ] {
            assert!(matches!(source(&members), CallSource::NoMeeting(_)), "{members}");
        }
        assert_eq!(source(r#""type":"unknown","version":1.5"#), CallSource::NotSaid);
    }
}
