//! By what a person is known again: ids and addresses that nobody else has, and, of records without one, what is in them.

use std::collections::{BTreeMap, BTreeSet};

use reader::finder::{ArchivedObject, Match, RecordKind, Subject, Who, Why};
use reader::people::PersonKey;
use serde::Serialize;
use serde_json::Value;
use shared::archive::erasure::{Identifier, Marker, Shape, Tombstone, TombstoneKey, Tombstones};
use shared::model::is_guid;

use super::texts;
use super::walk::Visitor;
use crate::versions::{Listed, Version};

/// Something of which nobody but a person can tell whether it is about the one who is to be erased.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Doubtful {
    /// The key of the object.
    pub key: String,
    /// Where in it: a JSON pointer; `None` where the object itself is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Why it could not be decided.
    pub why: Why,
}

/// Looks through an archive for a person's records, and learns by what each of them is known.
pub(super) struct Identification<'a> {
    subject: &'a Subject,
    /// By the person's lasting ids and addresses alone.
    known: Tombstones,
    /// All by which the person's records are known.
    pub(super) identifiers: BTreeSet<Identifier>,
    /// Of each object what is the person's for sure, in its latest version: JSON pointers; `None`: its key or metadata.
    pub(super) sure: BTreeMap<String, BTreeSet<Option<String>>>,
    pub(super) doubtful: BTreeSet<Doubtful>,
    /// The keys of what waits in `staging/` with a record of the person.
    pub(super) staged: BTreeSet<String>,
}

impl<'a> Identification<'a> {
    pub(super) fn new(who: &Who, subject: &'a Subject, key: &TombstoneKey) -> Self {
        let asked = match who {
            Who::Id(id) => Identifier::id(id, ""),
            _ => None,
        };
        let identifiers: BTreeSet<Identifier> = subject.keys().filter_map(of_key).chain(asked).collect();
        let marker = Marker { at: jiff::Timestamp::UNIX_EPOCH, erasure: String::new() };
        let each: Vec<Identifier> = identifiers.iter().cloned().collect();
        let known = Tombstones::new(key.clone(), [Tombstone::new(marker, key, &each)]).unwrap_or_default();
        let (sure, doubtful, staged) = Default::default();
        Self { subject, known, identifiers, sure, doubtful, staged }
    }

    fn take(&mut self, listed: &Listed, scope: &str, found: &Match) {
        let key = &listed.name.key;
        let pointer = pointer(found);
        if !found.why.is_sure() {
            if listed.is_latest {
                self.doubtful.insert(Doubtful { key: key.clone(), pointer, why: found.why });
            }
            return;
        }
        if listed.is_latest {
            self.sure.entry(key.clone()).or_default().insert(pointer);
        }
        let Some(record) = found.record.as_ref().filter(|_| found.kind != RecordKind::Mention) else {
            return;
        };
        if texts::is_staged(key) {
            self.staged.insert(key.clone());
        }
        if self.known.marker(record.get(), scope).is_none() {
            self.identifiers.extend(of_record(record.get(), found.kind, scope));
        }
    }
}

impl Visitor for Identification<'_> {
    fn wants(&self, key: &str) -> bool {
        // Both name keys and hashes, and nobody.
        !key.starts_with("manifests/") && !key.starts_with("erasures/")
    }

    fn visit(&mut self, listed: &Listed, version: Option<&Version>) {
        let key = &listed.name.key;
        let Some(Version { object, .. }) = version else {
            self.doubtful.insert(Doubtful { key: key.clone(), pointer: None, why: Why::Refused });
            return;
        };
        let (metadata, body) = (&object.head.metadata, &object.body);
        let found = self.subject.matches(&ArchivedObject { key, metadata, body });
        if found.is_empty() {
            return;
        }
        let text = std::str::from_utf8(body).unwrap_or_default();
        let scope = texts::scope(texts::shape(key).unwrap_or(Shape::Report), metadata, text);
        found.iter().for_each(|found| self.take(listed, &scope, found));
    }
}

/// What a key of a person says of how the person is known.
fn of_key(key: &PersonKey) -> Option<Identifier> {
    match key {
        PersonKey::User { id, .. } => Identifier::id(id, ""),
        PersonKey::Address(address) => Identifier::address(address),
        PersonKey::Registrant { registration_id, event_id } => Identifier::id(registration_id, event_id),
        PersonKey::Phone { number, report_id } => Identifier::id(number, report_id),
        PersonKey::Anonymous { record_id, report_id } => Identifier::id(record_id, report_id),
    }
}

/// By what a record is known that has none of the person's lasting ids and addresses: its own ids, else all of its text. Of a
/// participant of a call or event only ids that count there alone: beside the person's stand those of programs.
fn of_record(record: &str, kind: RecordKind, scope: &str) -> Vec<Identifier> {
    let mut ids = Vec::new();
    if let Ok(value) = serde_json::from_str::<Value>(record) {
        add_ids(&value, &mut ids);
    }
    ids.retain(|id| kind != RecordKind::Participant || !is_guid(id.trim_start_matches("8:orgid:")));
    let of_ids: Vec<Identifier> = ids.iter().filter_map(|id| Identifier::id(id, scope)).collect();
    if of_ids.is_empty() { vec![Identifier::text(record, scope)] } else { of_ids }
}

fn add_ids(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let (true, Some(id)) = (is_id(name), value.as_str()) {
                    ids.push(id.to_owned());
                }
                add_ids(value, ids);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_ids(item, ids)),
        _ => {}
    }
}

fn is_id(name: &str) -> bool {
    matches!(name, "id" | "userId" | "registrationId" | "registrantId")
}

/// The JSON pointer of what was found, of JSON lines as if they were an array; `None` where it stands in no text.
fn pointer(found: &Match) -> Option<String> {
    let pointer = found.place.pointer.as_deref()?;
    Some(match found.place.line {
        Some(line) => format!("/{}{pointer}", line - 1),
        None => pointer.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_a_lasting_id_is_known_by_what_it_has() {
        let phone = r#"{"identity":{"id":"+31201232714","displayName":"Telephone"},"role":"Attendee"}"#;
        let of_phone = of_record(phone, RecordKind::Attendance, "r-1");
        assert!(of_phone == Identifier::id("+31201232714", "r-1").into_iter().collect::<Vec<_>>());
        let nobody = r#"{"identity":null,"role":"Attendee"}"#;
        assert!(of_record(nobody, RecordKind::Attendance, "r-1") == [Identifier::text(nobody, "r-1")]);
    }

    #[test]
    fn a_program_beside_a_participant_is_not_the_person() {
        let program = "5c1a7e00-0000-4000-8000-0000000000aa";
        let caller = format!(r#"{{"phone":{{"id":"+31201232714"}},"application":{{"id":"{program}"}}}}"#);
        let of_caller = of_record(&caller, RecordKind::Participant, "c-1");
        assert!(of_caller == Identifier::id("+31201232714", "c-1").into_iter().collect::<Vec<_>>());
    }
}
