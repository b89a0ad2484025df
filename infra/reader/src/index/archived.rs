//! The objects of an archive, parsed into rows: whatever is odd in one is none, and stays as it is in the archive.

mod event;
mod identity;
mod ledger;
pub(crate) mod members;
mod registrations;
mod report;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;
use shared::archive::erasure::is_marker;
use shared::model::{ReportSource, VirtualEventKind, comparable_id};
use shared::ports::store::Metadata;

pub(super) use event::{Event, comparable_url};
pub(crate) use identity::identity_kind;
pub(super) use identity::words;
pub(super) use ledger::{Ledger, LedgerLine, named_ledger};
pub(super) use registrations::Registration;
pub(super) use report::{RawInterval, Record, Report};

use crate::text::Text;

/// A text, and the literal where it is no text to Rust, as two columns have it.
pub(super) type TextColumns<'a> = (Option<&'a str>, Option<&'a str>);

/// The two columns of a text.
pub(super) fn columns(text: Option<&Text>) -> TextColumns<'_> {
    (text.map(Text::shown), text.and_then(Text::literal))
}

/// The text in two columns.
pub(super) fn of_columns(shown: Option<String>, literal: Option<String>) -> Option<Text> {
    literal.as_deref().and_then(Text::of_json).or_else(|| shown.map(Text::from))
}

/// An instant as the index has it; `None` where nanoseconds do not reach, as in the year 1 that stands for no time.
pub(super) fn nanoseconds(time: Timestamp) -> Option<i64> {
    i64::try_from(time.as_nanosecond()).ok()
}

/// A time as Graph wrote it, in nanoseconds; `None` where it is none.
pub(super) fn instant(text: &str) -> Option<i64> {
    shared::model::parse_time(text).and_then(nanoseconds)
}

/// The parts of a key below `reports/`, `events/` and their like.
pub(super) struct Place<'a> {
    pub(super) tenant: &'a str,
    pub(super) kind: &'a str,
    /// What follows: `date=…/{id}.json`, `{id}.json`, `{id}/sessions/{id}.json`.
    pub(super) rest: &'a str,
}

impl<'a> Place<'a> {
    /// The parts of a key; `None` where it is not like the archive's.
    pub(super) fn of(key: &'a str) -> Option<Self> {
        let mut parts = key.splitn(5, '/');
        let (_, _) = (parts.next()?, parts.next().filter(|version| *version == "v1")?);
        let tenant = parts.next()?.strip_prefix("tenant=")?;
        let kind = parts.next()?.strip_prefix("kind=")?;
        Some(Self { tenant, kind, rest: parts.next()? })
    }
}

/// Whether a record stands for somebody who was erased.
fn is_erased(record: &RawValue) -> bool {
    // Nearly none is, and that is soon seen.
    record.get().contains("rollcallErased") && is_marker(record.get())
}

/// A value of the metadata, decoded; `None` where there is none, or only its hash.
pub(crate) fn decoded(metadata: &Metadata, name: &str) -> Option<String> {
    let value = metadata.get(name).filter(|value| !value.is_empty() && !value.starts_with('~'))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// What a source's path in Graph leads to: the event with an id, and of a session its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: &'static str,
    pub(crate) event_id: String,
    pub(crate) session_id: Option<String>,
    pub(crate) organizer_id: Option<String>,
    pub(crate) is_channel: bool,
}

impl Target {
    /// What a path leads to: a meeting, a webinar or town hall, or a session of one; `None` for any other.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let of_event = |kind: VirtualEventKind, event_id: &str, session_id: Option<String>| Self {
            kind: kind.name(),
            event_id: event_id.to_owned(),
            session_id,
            organizer_id: None,
            is_channel: false,
        };
        match ReportSource::of_path(path) {
            Some(
                ref source @ (ReportSource::Meeting { ref organizer_id, ref meeting_id }
                | ReportSource::ChannelMeeting { ref organizer_id, ref meeting_id }),
            ) => Some(Self {
                kind: "meeting",
                event_id: meeting_id.clone(),
                session_id: None,
                organizer_id: Some(organizer_id.clone()),
                is_channel: matches!(source, ReportSource::ChannelMeeting { .. }),
            }),
            Some(source) => {
                let (kind, event_id) = source.virtual_event()?;
                Some(of_event(kind, event_id, Some(source.own_id().to_owned())))
            }
            None => match path.split('/').collect::<Vec<_>>().as_slice() {
                ["solutions", "virtualEvents", kind, event_id, ..] => {
                    let event_id = percent_decode_str(event_id).decode_utf8().ok()?;
                    Some(of_event(VirtualEventKind::of_segment(kind)?, &event_id, None))
                }
                _ => None,
            },
        }
    }

    /// The id by which the event is compared.
    pub(crate) fn series(&self) -> String {
        comparable_id(&self.event_id).into_owned()
    }
}
