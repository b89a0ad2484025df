//! What happened in a meeting's call.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use shared::graph::GraphError;
use shared::model::{Outcome, SessionTimes, WatchedMeeting, normalize_join_url, parse_time};

/// How long before the call's end its report may end.
const BEFORE_THE_END: SignedDuration = SignedDuration::from_mins(5);

/// An event of a call. The list of who joined and left is not read.
/// <https://learn.microsoft.com/graph/api/resources/callevent>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallEvent {
    #[serde(rename = "@odata.id")]
    odata_id: Option<String>,
    /// What happened, in the notifications that are documented.
    event_type: Option<String>,
    /// The same, in the schema.
    call_event_type: Option<String>,
    event_date_time: Option<String>,
}

impl CallEvent {
    pub(super) fn read(data: &[u8]) -> Result<Self, GraphError> {
        serde_json::from_slice(data).map_err(|_| malformed("the decrypted data is no call event"))
    }

    /// Whether the call has ended.
    pub(super) fn is_end(&self) -> bool {
        let kinds = [&self.event_type, &self.call_event_type];
        kinds.into_iter().flatten().any(|kind| kind.eq_ignore_ascii_case("callEnded"))
    }

    /// Which of `meetings` it is about; `None` for a meeting that is not among them.
    pub(super) fn meeting<'a>(
        &self,
        meetings: &'a [WatchedMeeting],
    ) -> Result<Option<&'a WatchedMeeting>, GraphError> {
        let address = self.odata_id.as_deref().and_then(join_web_url);
        let address =
            normalize_join_url(address.ok_or_else(|| malformed("the call event names no meeting"))?);
        Ok(meetings.iter().find(|meeting| normalize_join_url(&meeting.join_web_url) == address))
    }

    /// When the session was. Graph does not say when it began: its report is the one that ends about now.
    pub(super) fn session(&self, first_seen: Timestamp) -> SessionTimes {
        let end = self.event_date_time.as_deref().and_then(parse_time).unwrap_or(first_seen);
        SessionTimes { start: end - BEFORE_THE_END, end }
    }
}

fn malformed(what: &'static str) -> GraphError {
    GraphError::new(Outcome::Malformed).because(what)
}

/// The address in `communications/onlineMeetings(joinWebUrl='…')/meetingCallEvents`, encoded.
fn join_web_url(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("='")?;
    rest.rsplit_once("')").map(|(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_1%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%7d";

    fn event(members: &str) -> CallEvent {
        let path = format!(
            "communications/onlineMeetings(joinWebUrl='{}')/meetingCallEvents",
            shared::model::encode_segment(ADDRESS)
        );
        CallEvent::read(format!(r#"{{"@odata.id":"{path}",{members}}}"#).as_bytes()).unwrap()
    }

    fn meeting(address: &str) -> WatchedMeeting {
        WatchedMeeting { organizer: "o".into(), join_web_url: address.into() }
    }

    #[test]
    fn only_the_end_of_a_call_is_one() {
        assert!(event(r#""eventType":"callEnded""#).is_end());
        assert!(event(r#""callEventType":"CallEnded","eventType":null"#).is_end());
        for other in ["callStarted", "rosterUpdated", "unknownFutureValue"] {
            assert!(!event(&format!(r#""eventType":"{other}","participants@delta":[{{}}]"#)).is_end());
        }
        assert!(!event(r#""id":"n""#).is_end());
    }

    #[test]
    fn the_meeting_is_known_by_its_address_however_it_is_encoded() {
        let event = event(r#""eventType":"callEnded""#);
        let meetings = [meeting("https://teams.microsoft.com/meet/1?p=2"), meeting(ADDRESS)];
        assert_eq!(event.meeting(&meetings), Ok(Some(&meetings[1])));
        let upper = [meeting(&ADDRESS.replace("%3a", "%3A").replace("%7b", "{"))];
        assert_eq!(event.meeting(&upper), Ok(Some(&upper[0])));
        assert_eq!(event.meeting(&meetings[..1]), Ok(None));
        let nameless = CallEvent { odata_id: Some("communications/x".into()), ..event };
        assert_eq!(nameless.meeting(&meetings).unwrap_err().outcome, Outcome::Malformed);
    }

    #[test]
    fn the_session_ends_when_the_call_did_or_when_we_heard_of_it() {
        let seen = "2026-03-01T10:00:07Z".parse().unwrap();
        let session =
            event(r#""eventType":"callEnded","eventDateTime":"2026-03-01T10:00:00.1234567""#).session(seen);
        assert_eq!(session.end, "2026-03-01T10:00:00.1234567Z".parse().unwrap());
        assert_eq!(session.start, "2026-03-01T09:55:00.1234567Z".parse().unwrap());
        assert_eq!(event(r#""eventType":"callEnded""#).session(seen).end, seen);
    }
}
