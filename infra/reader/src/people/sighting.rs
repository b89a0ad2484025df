//! Whom a record means, taken for itself: by the first key that exists.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use shared::model::comparable_id;

use super::{PersonKey, RecordIds, comparable_address};
use crate::model::{Kind, Record, Registration, Report, SeriesId};
use crate::text::Text;

/// The registrations of some events, by their ids.
#[derive(Debug, Clone, Default)]
pub struct Registrations {
    /// Of each event, and then of each registration.
    addresses: HashMap<String, HashMap<String, Text>>,
}

impl Registrations {
    /// Those that have an id and an address.
    pub fn of<'a>(registrations: impl IntoIterator<Item = (&'a SeriesId, &'a Registration)>) -> Self {
        let mut addresses: HashMap<String, HashMap<String, Text>> = HashMap::new();
        for (series, registration) in registrations {
            let (Some(id), Some(address)) = (&registration.id, &registration.address) else { continue };
            if comparable_address(address.shown()).is_some() {
                let of_event = addresses.entry(series.id.clone()).or_default();
                of_event.insert(comparable_id(id).into_owned(), address.clone());
            }
        }
        Self { addresses }
    }

    fn address(&self, event_id: &str, registration_id: &str) -> Option<&Text> {
        self.addresses.get(event_id)?.get(registration_id)
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
pub struct Sighting<'a> {
    /// When the report began; `None` where that is not known.
    pub at: Option<Timestamp>,
    /// What the record by itself tells the person apart by.
    pub key: PersonKey,
    /// The name; `None` where it is empty.
    pub name: Option<&'a Text>,
    /// The address of the record, else of its registration; `None` where both are empty.
    pub address: Option<&'a Text>,
    /// The ids of the registration that the record names, Graph's and the other system's, comparable.
    pub registration_ids: Vec<String>,
    /// The id of the session's first report.
    pub(super) session: &'a str,
    /// The address as it is compared.
    pub(super) comparable_address: Option<String>,
}

impl<'a> Sighting<'a> {
    /// Whom a record means; `place` is its place in the report, for one that has no id.
    pub fn of(record: &'a Record, place: usize, scope: Scope<'a>) -> Self {
        let report = scope.report;
        let [registration, external] =
            [&record.registration_id, &record.external_registration_id].map(|id| comparable(id.as_deref()));
        let of_event =
            registration.as_deref().and_then(|id| scope.registrations.address(&report.series.id, id));
        let registered = of_event.map(|address| (address, comparable_address(address.shown())));
        let own = record.address.as_ref().map(|address| (address, comparable_address(address.shown())));
        let own = own.filter(|(_, compared)| compared.is_some());
        let is_event = report.series.kind != Kind::Meeting;
        let address = registered.as_ref().filter(|_| is_event).or(own.as_ref());
        let key = PersonKey::of(&RecordIds {
            identity: record.identity,
            identity_id: record.identity_id.as_deref(),
            tenant_id: record.tenant_id.as_deref(),
            archive_tenant: &report.tenant_id,
            address: address.and_then(|(_, compared)| compared.as_deref()),
            event_id: &report.series.id,
            registration_id: registration.as_deref().filter(|_| is_event),
            report_id: &report.id,
            record_id: record.id.as_deref(),
            place,
        });
        let (address, comparable_address) = own.or(registered).unzip();
        Self {
            at: report.span.map(|span| span.start),
            key,
            name: record.name.as_ref().filter(|name| !name.shown().trim().is_empty()),
            address,
            registration_ids: [registration, external].into_iter().flatten().map(Cow::into_owned).collect(),
            session: scope.session,
            comparable_address: comparable_address.flatten(),
        }
    }
}

/// The id of a registration as it is compared; `None` where it is empty.
fn comparable(id: Option<&str>) -> Option<Cow<'_, str>> {
    id.map(|id| comparable_id(id.trim())).filter(|id| !id.is_empty())
}
