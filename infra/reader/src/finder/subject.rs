//! One person, as the archive knows the person: whether a record is the person's, or may be.

use std::collections::BTreeSet;

use super::records::RecordKind;
use super::terms::{Terms, addresses, registrations};
use super::why::Why;
use crate::model::{IdentityKind, Record, Report};
use crate::people::{Person, PersonKey, Registrations, Scope, Sighting, comparable_name};

/// One person of an archive, with everything by which records are the person's.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The person, with the name and address that were seen last.
    pub person: Person,
    /// Every key that is the person's.
    pub(super) keys: BTreeSet<PersonKey>,
    /// The addresses with which the person was seen, also those that others have, too.
    pub(super) addresses: BTreeSet<String>,
    /// The names with which the person was seen, comparable.
    pub(super) names: BTreeSet<String>,
    /// The events and registrations of the person.
    pub(super) registrations: BTreeSet<(String, String)>,
    /// The registrations that tell whose a record is.
    pub(super) known: Registrations,
    /// Who was asked for: a telephone or an identity is known by nothing else.
    pub(super) asked: Terms,
    /// The archive's tenant, for objects whose key has none.
    pub(super) tenant: String,
}

impl Subject {
    /// Everything by which the person is known, as pages show keys, without what is of one report only.
    pub fn keys(&self) -> impl Iterator<Item = &PersonKey> {
        self.keys.iter().filter(|key| !key.is_of_one_session() || **key == self.person.key)
    }

    /// The addresses of the person that nobody else has.
    pub(super) fn own_addresses(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match key {
            PersonKey::Address(address) => Some(address.as_str()),
            _ => None,
        })
    }

    /// How it is known that a record is the person's, or why it may be; `None` where it is somebody else's.
    pub(super) fn decide(
        &self,
        (record, kind): (&Record, RecordKind),
        report: &Report,
        place: usize,
    ) -> Option<Why> {
        let sighting =
            Sighting::of(record, place, Scope { report, session: &report.id, registrations: &self.known });
        if self.keys.contains(&sighting.key) {
            return Some(Why::of_key(&sighting.key));
        }
        if self.has_id_of_record(record) {
            return Some(Why::Id);
        }
        if self.asked.is_telephone(record) {
            return Some(Why::Telephone);
        }
        if self.asked.is_identity(record) {
            return Some(Why::Identity);
        }
        let names_registration = registrations(&sighting, report).any(|of| self.registrations.contains(&of));
        if names_registration {
            let is_own = kind == RecordKind::Registration;
            return Some(if is_own { Why::Registration } else { Why::SharedRegistration });
        }
        let addresses: Vec<String> = addresses(&sighting, record).collect();
        if addresses.iter().any(|address| self.addresses.contains(address)) {
            return Some(Why::SharedAddress);
        }
        // Who has an id of Entra is another person, whatever the name.
        if matches!(sighting.key, PersonKey::User { .. }) {
            return None;
        }
        if addresses.iter().any(|address| self.has_similar(address)) {
            return Some(Why::SimilarAddress);
        }
        let name = sighting.name.and_then(|name| comparable_name(name.shown()))?;
        self.names.contains(&name).then_some(Why::NameAlone)
    }

    /// Whether a record that names no user has the person's id of Entra for its own, as Graph's records have.
    fn has_id_of_record(&self, record: &Record) -> bool {
        let Some(id) = record.id.as_ref().filter(|_| record.identity != IdentityKind::User) else {
            return false;
        };
        let id = id.to_lowercase();
        self.keys.iter().any(|key| matches!(key, PersonKey::User { id: own, .. } if *own == id))
    }

    fn has_similar(&self, address: &str) -> bool {
        let bare = without_tag(address);
        self.addresses.iter().any(|own| without_tag(own) == bare)
    }
}

/// The address without what follows a `+` in its first part.
fn without_tag(address: &str) -> (&str, &str) {
    let (name, domain) = address.split_once('@').unwrap_or((address, ""));
    (name.split_once('+').map_or(name, |(name, _)| name), domain)
}
