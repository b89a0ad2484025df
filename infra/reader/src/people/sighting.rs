//! Whom a record means, taken for itself: by the first key that exists.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::model::comparable_id;

use super::{PersonKey, comparable_address};
use crate::model::{IdentityKind, Kind, Record, Registration, Report, SeriesId};
use crate::text::Text;

/// The registrations of some events, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Registrations {
    addresses: BTreeMap<(String, String), Text>,
}

impl Registrations {
    /// Those that have an id and an address.
    pub fn of<'a>(registrations: impl IntoIterator<Item = (&'a SeriesId, &'a Registration)>) -> Self {
        let addresses = registrations.into_iter().filter_map(|(series, registration)| {
            let id = comparable_id(registration.id.as_deref()?).into_owned();
            let address = registration.address.clone()?;
            comparable_address(address.shown())?;
            Some(((series.id.clone(), id), address))
        });
        Self { addresses: addresses.collect() }
    }

    fn address(&self, event_id: &str, registration_id: &str) -> Option<&Text> {
        self.addresses.get(&(event_id.to_owned(), registration_id.to_owned()))
    }
}

/// Where a record stands: what its own members don't say of who it is.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The report that it is in.
    pub report: &'a Report,
    /// The id of the session's first report, within which telephones and anonymous ids mean somebody.
    pub session: &'a str,
    /// The registrations that are known.
    pub registrations: &'a Registrations,
}

/// Somebody in a record: who, under which name and address, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// When the report began; `None` where that is not known.
    pub at: Option<Timestamp>,
    /// What the record by itself tells the person apart by.
    pub key: PersonKey,
    /// The name; `None` where it is empty.
    pub name: Option<Text>,
    /// The address of the record, else of its registration; `None` where both are empty.
    pub address: Option<Text>,
    /// The ids of the registration that the record names, Graph's and the other system's, comparable.
    pub registration_ids: Vec<String>,
}

impl Sighting {
    /// Whom a record means; `place` is its place in the report, for one that has no id.
    pub fn of(record: &Record, place: usize, scope: Scope<'_>) -> Self {
        let comparable = |id: &Option<String>| id.as_deref().map(|id| comparable_id(id.trim()).into_owned());
        let registration = comparable(&record.registration_id).filter(|id| !id.is_empty());
        let external = comparable(&record.external_registration_id).filter(|id| !id.is_empty());
        let registered = registration.as_deref().and_then(|id| scope.registered_address(id));
        let own = record.address.as_ref().filter(|address| comparable_address(address.shown()).is_some());
        Self {
            at: scope.report.span.map(|span| span.start),
            key: key_of(record, place, scope, registration.as_deref()),
            name: record.name.clone().filter(|name| !name.shown().trim().is_empty()),
            address: own.or(registered).cloned(),
            registration_ids: registration.into_iter().chain(external).collect(),
        }
    }

    /// The address as it is compared.
    pub(super) fn comparable_address(&self) -> Option<String> {
        comparable_address(self.address.as_ref()?.shown())
    }
}

impl<'a> Scope<'a> {
    fn registered_address(self, registration_id: &str) -> Option<&'a Text> {
        self.registrations.address(&self.report.series.id, registration_id)
    }
}

/// The first key that exists: user, registrant, address, telephone, record.
fn key_of(record: &Record, place: usize, scope: Scope<'_>, registration: Option<&str>) -> PersonKey {
    let report = scope.report;
    let identity_id = record.identity_id.as_deref().filter(|id| !id.trim().is_empty());
    if let (IdentityKind::User, Some(id)) = (record.identity, identity_id) {
        let tenant_id = record.tenant_id.as_deref().filter(|tenant| !tenant.trim().is_empty());
        let tenant_id = tenant_id.unwrap_or(&report.tenant_id).trim().to_lowercase();
        return PersonKey::User { tenant_id, id: id.trim().to_lowercase() };
    }
    let registration = registration.filter(|_| report.series.kind != Kind::Meeting);
    let registered = registration.and_then(|id| scope.registered_address(id));
    let address = registered.or(record.address.as_ref());
    if let Some(address) = address.and_then(|address| comparable_address(address.shown())) {
        return PersonKey::Address(address);
    }
    if let Some(registration_id) = registration {
        let event_id = report.series.id.clone();
        return PersonKey::Registrant { event_id, registration_id: registration_id.to_owned() };
    }
    let report_id = scope.session.to_owned();
    if let (IdentityKind::Phone, Some(number)) = (record.identity, identity_id) {
        return PersonKey::Phone { report_id, number: number.to_owned() };
    }
    let record_id = record.id.clone().filter(|id| !id.trim().is_empty());
    let record_id = record_id.unwrap_or_else(|| format!("{}#{place}", report.id));
    PersonKey::Anonymous { report_id, record_id }
}
