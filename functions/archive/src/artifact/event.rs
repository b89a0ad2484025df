//! What Graph says of a meeting, webinar, town hall or session, as an artifact: `events/`, and a line of each in
//! `lines/events/`. The later of two answers is the current one.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::archive::layout::ArtifactPlace;
use shared::jobs::ArchiveJob;
use shared::model::{EventDescription, EventRef, ReportSource, unwrapped};
use shared::ports::store::ObjectBody;

use super::lines::lines_of;
use super::{Artifact, Body, Contents};
use crate::ArchiveError;

impl Artifact for EventRef {
    fn read(&self, job: &ArchiveJob, body: Body<'_>) -> Result<Contents, ArchiveError> {
        let is_none = |_| ArchiveError::Mismatch("it describes no meeting, event or session");
        let description = EventDescription::read(body.text).map_err(is_none)?;
        if !self.may_have_id(&description.id) {
            return Err(ArchiveError::Mismatch("it has another id"));
        }
        let properties = vec![("event-id", Some(self.id().to_owned()))];
        let place = ArtifactPlace::of_event(&job.tenant_id, self);
        Ok(Contents { place, properties, lines: self.lines(job, body).map_err(is_none)? })
    }

    fn richness(&self, text: &str) -> Vec<i128> {
        vec![EventDescription::read(text).is_ok().into()]
    }

    fn lines(&self, _: &ArchiveJob, body: Body<'_>) -> serde_json::Result<ObjectBody> {
        let event: &RawValue = serde_json::from_str(unwrapped(body.text))?;
        let head = serde_json::to_string(&Head::of(self))?;
        Ok(lines_of(&head, "event", body.bytes, &[event]))
    }
}

/// What the line begins with: what it is of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    kind: &'static str,
    source: String,
    organizer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
}

impl<'a> Head<'a> {
    fn of(event: &'a EventRef) -> Self {
        let of = Self {
            kind: event.kind(),
            source: event.path(),
            organizer_id: None,
            meeting_id: None,
            event_id: None,
            session_id: None,
        };
        match event {
            EventRef::Source(
                ReportSource::Meeting { organizer_id, meeting_id }
                | ReportSource::ChannelMeeting { organizer_id, meeting_id },
            ) => Self { organizer_id: Some(organizer_id), meeting_id: Some(meeting_id), ..of },
            EventRef::Source(
                ReportSource::Webinar { webinar_id: event_id, session_id }
                | ReportSource::Townhall { townhall_id: event_id, session_id },
            ) => Self { event_id: Some(event_id), session_id: Some(session_id), ..of },
            EventRef::VirtualEvent { event_id, .. } => Self { event_id: Some(event_id), ..of },
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::model::VirtualEventKind;

    use super::*;
    use crate::artifact::test_job;

    fn lines_of_event(event: &EventRef, body: &str) -> String {
        let job = test_job(shared::model::ArtifactRef::Event(event.clone()), body);
        let body = Bytes::copy_from_slice(body.as_bytes());
        let lines = event.lines(&job, Body::of(&body).unwrap()).unwrap();
        String::from_utf8(lines.into_bytes().into()).unwrap()
    }

    #[test]
    fn a_line_holds_the_event_as_sent_out_of_its_wrapping() {
        let meeting =
            EventRef::Source(ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m=".into() });
        let kind = VirtualEventKind::Webinar;
        let event = EventRef::VirtualEvent { kind, event_id: "w@t".into() };
        let session = EventRef::Source(kind.source("w@t", "s"));
        let lines = [
            lines_of_event(&meeting, r#"{"id":"m=","subject":"A \"quote\"\n","n":1.50}"#),
            lines_of_event(
                &event,
                "{\"@odata.context\":\"c\",\"value\":{\n  \"id\": \"w\",\r\n  \"displayName\": \"W\"}}",
            ),
            lines_of_event(&session, r#"{"id":"s","subject":null}"#),
        ];
        insta::assert_snapshot!(lines.concat());
    }

    #[test]
    fn an_answer_of_something_else_is_refused() {
        let kind = VirtualEventKind::Townhall;
        let event = EventRef::VirtualEvent { kind, event_id: "H-1@t".into() };
        let read = |body: &str| {
            let job = test_job(shared::model::ArtifactRef::Event(event.clone()), body);
            event.read(&job, Body::of(&Bytes::copy_from_slice(body.as_bytes())).unwrap()).map(|_| ())
        };
        assert!(read(r#"{"id":"h-1"}"#).is_ok(), "Microsoft's sample leaves the tenant out");
        assert!(read(r#"{"value":{"id":"H-1@t"}}"#).is_ok());
        for wrong in ["7", r#"{"id":"h-2"}"#, r#"{"value":[{"id":"h-1"}]}"#, r#"{"displayName":"h-1"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
