//! What is known of a person while the archive is walked through: everything by which a record may be the person's.

use std::collections::BTreeSet;

use super::same::Same;
use super::who::{Who, phone_digits};
use crate::model::{IdentityKind, Record, Report};
use crate::people::{PersonKey, Sighting, comparable_address, comparable_name};

/// Ids, addresses and registrations that lead from one record to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Terms {
    /// Object ids in small letters, of any tenant.
    pub(super) ids: BTreeSet<String>,
    /// Addresses, comparable.
    pub(super) addresses: BTreeSet<String>,
    /// The ids of an event and of a registration for it, both comparable.
    pub(super) registrations: BTreeSet<(String, String)>,
    /// The digits of a telephone's number.
    number: Option<String>,
    /// The id of another identity, in small letters.
    identity: Option<String>,
    /// A name, comparable: that of who is asked for, and no other.
    name: Option<String>,
    /// A key as pages show it.
    key: Option<String>,
}

impl Terms {
    pub(super) fn of(who: &Who) -> Self {
        let mut terms = Self::default();
        match who.clone() {
            Who::Id(id) => {
                terms.identity = Some(id.clone());
                terms.ids.insert(id);
            }
            Who::Address(address) => drop(terms.addresses.insert(address)),
            Who::Phone(number) => terms.number = Some(number),
            Who::Key(key) => {
                terms.registrations.extend(registration_of(&key));
                terms.key = Some(key);
            }
            Who::Text(text) => {
                terms.name = comparable_name(&text);
                terms.identity = Some(text.to_lowercase());
            }
        }
        terms
    }

    /// Whether the records of one of these may be the person's, or tell whose they are not.
    pub(super) fn relate_to(&self, sighting: &Sighting<'_>, record: &Record, report: &Report) -> bool {
        let is_key = match &sighting.key {
            PersonKey::User { id, .. } => self.ids.contains(id),
            PersonKey::Address(address) => self.addresses.contains(address),
            PersonKey::Registrant { .. } | PersonKey::Phone { .. } | PersonKey::Anonymous { .. } => false,
        };
        let name = || sighting.name.and_then(|name| comparable_name(name.shown()));
        is_key
            || addresses(sighting, record).any(|address| self.addresses.contains(&address))
            || registrations(sighting, report).any(|of| self.registrations.contains(&of))
            || self.is_telephone(record)
            || self.is_identity(record)
            || (self.name.is_some() && name() == self.name)
            || self.key.as_ref().is_some_and(|key| *key == sighting.key.to_string())
    }

    /// Takes note of everything that leads on from a record.
    pub(super) fn add(&mut self, sighting: &Sighting<'_>, record: &Record, report: &Report) {
        if let PersonKey::User { id, .. } = &sighting.key {
            self.ids.insert(id.clone());
        }
        self.addresses.extend(addresses(sighting, record));
        self.registrations.extend(registrations(sighting, report));
    }

    /// Takes note of who is the same, as told.
    pub(super) fn add_same(&mut self, same: &Same) {
        same.join(&mut self.ids, &mut self.addresses);
    }

    /// Whether a record has the telephone's number that was asked for.
    pub(super) fn is_telephone(&self, record: &Record) -> bool {
        let of_record = || record.identity_id.as_deref().and_then(phone_digits);
        self.number.is_some() && record.identity == IdentityKind::Phone && of_record() == self.number
    }

    /// Whether a record has the identity that was asked for, and that is of nobody in Entra.
    pub(super) fn is_identity(&self, record: &Record) -> bool {
        let is = |id: &Option<String>| id.as_ref().map(|id| id.to_lowercase()) == self.identity;
        let is_user = record.identity == IdentityKind::User;
        self.identity.is_some() && !is_user && (is(&record.identity_id) || is(&record.id))
    }
}

/// The event and the registration of a registrant's key, `registrant:EVENT/ID`.
pub(super) fn registration_of(key: &str) -> Option<(String, String)> {
    let (event, id) = key.strip_prefix("registrant:")?.rsplit_once('/')?;
    Some((event.to_owned(), id.to_owned()))
}

/// The addresses of a record: its own, and that of its registration.
pub(super) fn addresses<'s>(
    sighting: &'s Sighting<'_>,
    record: &'s Record,
) -> impl Iterator<Item = String> + 's {
    let of_key = match &sighting.key {
        PersonKey::Address(address) => Some(address.clone()),
        _ => None,
    };
    let seen = [record.address.as_ref(), sighting.address];
    let seen = seen.into_iter().flatten().filter_map(|address| comparable_address(address.shown()));
    of_key.into_iter().chain(seen)
}

/// The registrations that a record names, each with its event.
pub(super) fn registrations<'s>(
    sighting: &'s Sighting<'_>,
    report: &'s Report,
) -> impl Iterator<Item = (String, String)> + 's {
    sighting.registration_ids.iter().map(|id| (report.series.id.clone(), id.clone()))
}
