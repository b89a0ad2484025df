//! What was attended: a meeting, a webinar or town hall, or one of its sessions, as Graph describes it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ReportSource, VirtualEventKind, encode_segment, id, or_none};

/// The reference to what Graph says of something that was attended: its title, organizer and plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EventRef {
    /// What has the reports: an online meeting, or the session of a webinar or town hall.
    Source(ReportSource),
    /// A webinar or town hall.
    VirtualEvent {
        /// Whether it is a webinar or a town hall.
        kind: VirtualEventKind,
        /// The webinar's or town hall's id.
        event_id: String,
    },
}

impl EventRef {
    /// All that Graph says of a source: of a meeting itself, of a session that and its event.
    pub fn of_source(source: &ReportSource) -> Vec<Self> {
        let event = source
            .virtual_event()
            .map(|(kind, event_id)| Self::VirtualEvent { kind, event_id: event_id.to_owned() });
        event.into_iter().chain([Self::Source(source.clone())]).collect()
    }

    /// Its own id, as Graph writes it.
    pub fn id(&self) -> &str {
        match self {
            Self::Source(source) => source.own_id(),
            Self::VirtualEvent { event_id, .. } => event_id,
        }
    }

    /// Whether an answer with the id `answered` is of it. A webinar's or town hall's id may lack the tenant; a meeting has
    /// more than one id that leads to it.
    pub fn may_have_id(&self, answered: &str) -> bool {
        let bare = |id: &str| id.split('@').next().unwrap_or_default().to_ascii_lowercase();
        match self {
            Self::Source(ReportSource::Meeting { .. } | ReportSource::ChannelMeeting { .. }) => true,
            Self::Source(_) | Self::VirtualEvent { .. } => bare(answered) == bare(self.id()),
        }
    }

    /// `meeting`, `webinar` or `townhall`: the kind in the archive's keys.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Source(source) => source.kind(),
            Self::VirtualEvent { kind, .. } => kind.name(),
        }
    }

    /// The segments of its path below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        match self {
            Self::Source(source) => source.segments(),
            Self::VirtualEvent { kind, event_id } => kind.segments(event_id),
        }
    }

    /// Its path below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        self.segments().into_iter().map(encode_segment).collect::<Vec<_>>().join("/")
    }
}

/// The reference to who has registered for a webinar or town hall: one registration, or the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationsRef {
    /// Whether they registered for a webinar or for a town hall.
    pub kind: VirtualEventKind,
    /// The webinar's or town hall's id.
    pub event_id: String,
    /// The registration's id, opaque; `None` for the list of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_id: Option<String>,
}

impl RegistrationsRef {
    /// The segments of the path below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        let mut segments = self.kind.segments(&self.event_id);
        segments.push("registrations");
        segments.extend(self.registration_id.as_deref());
        segments
    }

    /// The path below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        self.segments().into_iter().map(encode_segment).collect::<Vec<_>>().join("/")
    }
}

/// What Graph says of a meeting, webinar, town hall or session: a view. Everything but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/onlinemeeting>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDescription {
    /// The id that Graph answered with, opaque; it need not be the one that was asked for.
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(default, deserialize_with = "or_none")]
    subject: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "or_none")]
    start_date_time: Option<String>,
}

impl EventDescription {
    /// Reads an answer of Graph's, whether what it describes stands in `value` or not.
    ///
    /// # Errors
    /// It describes nothing that has an id.
    pub fn read(answer: &str) -> serde_json::Result<Self> {
        serde_json::from_str(unwrapped(answer))
    }

    /// The title that people gave it: personal data, never in a log. `None` where it has none; of a meeting in a channel
    /// Graph says "None", and the year 1.
    pub fn title(&self) -> Option<&str> {
        let title = self.subject.as_deref().or(self.display_name.as_deref())?;
        let is_unknown = title == "None"
            && self.start_date_time.as_deref().is_some_and(|start| start.starts_with("0001-"));
        Some(title).filter(|title| !title.trim().is_empty() && !is_unknown)
    }
}

/// What an answer of Graph's is about: the object in its `value`, where it is wrapped so, else all of it. Microsoft's
/// pages show a webinar and a session wrapped, and a town hall not.
pub fn unwrapped(answer: &str) -> &str {
    #[derive(Deserialize)]
    struct Wrapped<'a> {
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        value: &'a RawValue,
    }
    match serde_json::from_str(answer) {
        Ok(Wrapped { id: None, value }) if value.get().starts_with('{') => value.get(),
        _ => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_wrapped_or_not() {
        let event = r#"{"id":"w","displayName":"Budget"}"#;
        let wrapped = format!(r#"{{"@odata.context":"c","value":{event}}}"#);
        for answer in [event, &wrapped] {
            assert_eq!(unwrapped(answer), event);
            let read = EventDescription::read(answer).unwrap();
            assert_eq!((read.id.as_str(), read.title()), ("w", Some("Budget")));
        }
        for other in ["", "[]", r#"{"value":[{"id":"w"}]}"#, r#"{"id":"w","value":{"id":"v"}}"#] {
            assert_eq!(unwrapped(other), other);
        }
        assert!(EventDescription::read(r#"{"value":[]}"#).is_err());
    }

    #[test]
    fn what_is_no_title_is_none() {
        let title = |members: &str| {
            let read = EventDescription::read(&format!(r#"{{"id":"m"{members}}}"#)).unwrap();
            read.title().map(str::to_owned)
        };
        let none = r#","subject":"None","startDateTime":"0001-01-01T00:00:00Z""#;
        for odd in ["", r#","subject":null"#, r#","subject":"  ""#, r#","subject":"\ud83d""#, none] {
            assert_eq!(title(odd), None, "{odd}");
        }
        assert_eq!(
            title(r#","subject":"None","startDateTime":"2026-03-01T10:00:00Z""#).as_deref(),
            Some("None")
        );
        assert_eq!(title(r#","subject":null,"displayName":"Town hall""#).as_deref(), Some("Town hall"));
    }

    #[test]
    fn a_session_is_described_by_itself_and_by_its_event() {
        let meeting = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        assert_eq!(EventRef::of_source(&meeting), [EventRef::Source(meeting.clone())]);
        let session = VirtualEventKind::Webinar.source("w@t", "s");
        let paths: Vec<String> = EventRef::of_source(&session).iter().map(EventRef::path).collect();
        let event = "solutions/virtualEvents/webinars/w%40t";
        assert_eq!(paths, [event.to_owned(), format!("{event}/sessions/s")]);
    }
}
