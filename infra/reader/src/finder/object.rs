//! An object of the archive: the JSON texts in it, and what each of them is of.

use serde_json::value::RawValue;
use shared::model::{comparable_id, parse_time};
use shared::ports::store::Metadata;

use super::json::{Member, Parts, member};
use crate::index::archived::members::shown;
use crate::index::archived::{Target, decoded};
use crate::model::{Kind, Organizer, Provenance, Report, SeriesId, Span};

/// An object of the archive, as it was read.
#[derive(Debug, Clone, Copy)]
pub struct ArchivedObject<'a> {
    /// The object's key, below the archive's root.
    pub key: &'a str,
    /// The metadata that was written with the object.
    pub metadata: &'a Metadata,
    /// The object's bytes, all of them.
    pub body: &'a [u8],
}

/// A JSON text in an object: all of it, or one of its lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    /// The line, from 1, of an object of lines; `None` where the object is one text.
    pub(super) line: Option<usize>,
    pub(super) value: &'a RawValue,
}

/// Where the archive keeps what is JSON; notes elsewhere may be anything.
const JSON: [&str; 10] = [
    "reports/",
    "revisions/",
    "records/",
    "lines/",
    "events/",
    "registrations/",
    "sessions/",
    "audits/",
    "staging/reports/",
    "staging/pages/",
];

impl<'a> ArchivedObject<'a> {
    /// Its bytes as text; `None` where they are none.
    pub(super) fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.body).ok()
    }

    /// The JSON texts in it, and whether that is all that is in it. An object without anything in it has none.
    pub(super) fn documents(&self) -> (Vec<Document<'a>>, bool) {
        let Some(text) = self.text() else { return (Vec::new(), false) };
        let lines: Vec<(Option<usize>, &str)> = match self.key.ends_with(".jsonl") {
            true => text.split('\n').enumerate().map(|(number, line)| (Some(number + 1), line)).collect(),
            false => vec![(None, text)],
        };
        let texts = lines.into_iter().filter(|(_, text)| !text.trim().is_empty());
        let mut is_all = true;
        let documents = texts.filter_map(|(line, text)| {
            let value = serde_json::from_str(text).ok();
            is_all &= value.is_some();
            Some(Document { line, value: value? })
        });
        (documents.collect(), is_all)
    }

    /// Whether it must be JSON.
    pub(super) fn should_be_json(&self) -> bool {
        JSON.iter().any(|room| self.key.starts_with(room))
    }

    /// The tenant in its key, in small letters; `None` where it has none.
    pub(super) fn tenant(&self) -> Option<&'a str> {
        self.key.split('/').find_map(|segment| segment.strip_prefix("tenant="))
    }

    /// What a text in it is of, as far as the rules of who is one person ask for that: a report without records. `tenant` is
    /// the archive's, for an object whose key names none.
    pub(super) fn report(&self, document: Document<'_>, tenant: &str) -> Report {
        let members = match Parts::of(document.value) {
            Parts::Members(members) => members,
            _ => Vec::new(),
        };
        let text = |name: &str| shown(member(&members, name));
        let source = text("source").or_else(|| self.metadata.get("source").cloned()).unwrap_or_default();
        let own_id = match document.line {
            Some(_) => text("reportId"),
            None => text("id").or_else(|| decoded(self.metadata, "report-id")),
        };
        Report {
            row: 0,
            id: own_id.unwrap_or_else(|| self.name().to_owned()),
            series: self.series(&source, &members),
            source,
            session_id: None,
            tenant_id: self.tenant().unwrap_or(tenant).to_owned(),
            title: None,
            series_title: None,
            organizer: Organizer::default(),
            span: times(&members),
            plan: None,
            participants: None,
            provenance: Provenance::default(),
            records: Vec::new(),
            erased: 0,
        }
    }

    fn series(&self, source: &str, members: &[Member<'_>]) -> SeriesId {
        let target = Target::of_path(source);
        let kind = self.key.split('/').find_map(|segment| segment.strip_prefix("kind="));
        let kind = kind.or(target.as_ref().map(|target| target.kind)).and_then(Kind::of_name);
        let id = target.map(|target| target.series()).or_else(|| {
            let id = shown(member(members, "eventId")).or_else(|| decoded(self.metadata, "event-id"))?;
            Some(comparable_id(&id).into_owned())
        });
        SeriesId {
            kind: kind.unwrap_or(Kind::Meeting),
            id: id.unwrap_or_else(|| self.name().to_owned()),
            channel_title: None,
        }
    }

    /// The last segment of its key, without its ending.
    fn name(&self) -> &'a str {
        let name = self.key.rsplit('/').next().unwrap_or(self.key);
        name.split_once('.').map_or(name, |(name, _)| name)
    }
}

/// The times of a report, or those in the head of its line.
fn times(members: &[Member<'_>]) -> Option<Span> {
    let time = |name: &str| shown(member(members, name)).and_then(|text| parse_time(&text));
    let time = |names: [&str; 2]| names.into_iter().find_map(time);
    let start = time(["meetingStartDateTime", "startDateTime"])?;
    Span::new(start, time(["meetingEndDateTime", "endDateTime"])?)
}
