//! What one object has about a person.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::mentions::Needles;
use super::object::{ArchivedObject, Document};
use super::records::{RecordKind, records};
use super::subject::Subject;
use super::why::Why;

/// Something about a person in an object of the archive.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// Where in the object it stands.
    #[serde(flatten)]
    pub place: Place,
    /// What kind of record it is.
    pub kind: RecordKind,
    /// How it is known that it is about the person, or why that could not be decided.
    pub why: Why,
    /// The record exactly as it stands there, JSON; `None` where the object itself is meant.
    pub record: Option<Box<RawValue>>,
}

/// Where in an object something stands. All are `None` where the object itself is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The line, from 1, of an object of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// A JSON pointer (RFC 6901) into the object, or into its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The name of the metadata that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// Whether it is the object's key that says it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_key: bool,
}

impl Match {
    /// Of the object as a whole.
    pub(super) fn of_object(why: Why) -> Self {
        Self { place: Place::default(), kind: RecordKind::Mention, why, record: None }
    }
}

impl Subject {
    /// Everything in an object that is about the person, or may be; nothing where the object is about others only.
    pub fn matches(&self, object: &ArchivedObject<'_>) -> Vec<Match> {
        let needles = Needles::of(self);
        let (documents, is_all) = object.documents();
        let in_document = |document| self.in_document(object, document, &needles);
        let mut found: Vec<Match> = documents.into_iter().flat_map(in_document).collect();
        if !is_all {
            found.extend(object.should_be_json().then(|| Match::of_object(Why::Unreadable)));
            let text = String::from_utf8_lossy(object.body);
            found.extend(needles.why(&text).map(Match::of_object));
        }
        found.extend(self.beside(object, &needles));
        found
    }

    fn in_document(
        &self,
        object: &ArchivedObject<'_>,
        document: Document<'_>,
        needles: &Needles,
    ) -> Vec<Match> {
        let (mut found, mut known) = (Vec::new(), BTreeSet::new());
        let mut report = None;
        let place =
            |pointer: String| Place { line: document.line, pointer: Some(pointer), ..Place::default() };
        for one in records(document) {
            let report = report.get_or_insert_with(|| object.report(document, &self.tenant));
            let decide = |record| self.decide((record, one.kind), report, one.place);
            let Some(why) = one.people.iter().filter_map(decide).min() else { continue };
            known.insert(one.pointer.clone());
            let record = Some(one.raw.to_owned());
            found.push(Match { place: place(one.pointer), kind: one.kind, why, record });
        }
        for mention in needles.mentions(document.value, &known) {
            let record = Some(mention.raw.to_owned());
            let place = place(mention.pointer);
            found.push(Match { place, kind: RecordKind::Mention, why: mention.why, record });
        }
        found
    }

    /// What the key and the metadata say.
    fn beside(&self, object: &ArchivedObject<'_>, needles: &Needles) -> Vec<Match> {
        let of = |place: Place, text: &str| {
            let why = needles.why(text)?;
            let record = serde_json::value::to_raw_value(text).ok();
            Some(Match { place, kind: RecordKind::Mention, why, record })
        };
        let in_key = of(Place { is_key: true, ..Place::default() }, object.key);
        let in_metadata = object
            .metadata
            .iter()
            .filter_map(|(name, text)| of(Place { metadata: Some(name.clone()), ..Place::default() }, text));
        in_key.into_iter().chain(in_metadata).collect()
    }
}
