//! Who had registered, and did not come.

use std::collections::{BTreeMap, BTreeSet};

use shared::model::comparable_id;

use super::{Attendee, Session};
use crate::model::Registration;
use crate::people::{Person, PersonKey, comparable_address};

/// The registrants of a session, held against who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registrants {
    /// How many were expected: those with the status `registered`, an address counted once.
    pub expected: usize,
    /// Who was expected and did not come, in the order in which they were given.
    pub did_not_come: Vec<Registration>,
    /// Who was not expected: canceled, waitlisted, pending, rejected, or a status that Graph adds later.
    pub not_expected: Vec<Registration>,
    /// Who came without a registration that made them expected, and is no organizer or presenter.
    pub came_unregistered: Vec<Person>,
}

/// Who of the registrants did not come to a session. A registration is matched by its id, the other system's id, the user's
/// object id, or the address.
pub fn did_not_come(session: &Session, registrations: &[Registration]) -> Registrants {
    let mut by_registrant: BTreeMap<String, Vec<&Registration>> = BTreeMap::new();
    let mut order = Vec::new();
    for (place, registration) in registrations.iter().enumerate() {
        let registrant = registrant(registration, place);
        let of_registrant = by_registrant.entry(registrant.clone()).or_default();
        if of_registrant.is_empty() {
            order.push(registrant);
        }
        of_registrant.push(registration);
    }
    let attendees = AttendeesByTerm::of(session);
    let mut registrants = Registrants {
        expected: 0,
        did_not_come: Vec::new(),
        not_expected: Vec::new(),
        came_unregistered: Vec::new(),
    };
    let mut expected_who_came = BTreeSet::new();
    for registrant in order {
        let of_registrant = &by_registrant[&registrant];
        let Some(expected) = of_registrant.iter().find(|one| one.status.as_deref() == Some("registered"))
        else {
            registrants.not_expected.extend(of_registrant.last().copied().cloned());
            continue;
        };
        registrants.expected += 1;
        let who: Vec<usize> = of_registrant.iter().flat_map(|one| attendees.matching(one)).collect();
        if who.is_empty() {
            registrants.did_not_come.push((*expected).clone());
        }
        expected_who_came.extend(who);
    }
    let unregistered = session
        .attendees
        .iter()
        .enumerate()
        .filter(|(place, attendee)| !attendee.stands_apart && !expected_who_came.contains(place));
    registrants.came_unregistered = unregistered.map(|(_, attendee)| attendee.person.clone()).collect();
    registrants
}

/// By what registrations are one registrant's: the address, else the user, else the registration itself.
fn registrant(registration: &Registration, place: usize) -> String {
    let address = registration.address.as_ref().and_then(|address| comparable_address(address.shown()));
    let user = || registration.user_id.as_deref().map(|id| format!("user {}", id.trim().to_lowercase()));
    let own = || registration.id.as_deref().map(|id| format!("registration {}", comparable_id(id)));
    let address = address.map(|address| format!("address {address}"));
    address.or_else(user).or_else(own).unwrap_or_else(|| format!("line {place}"))
}

/// The places of the attendees, by everything that a registration may name.
struct AttendeesByTerm(BTreeMap<String, BTreeSet<usize>>);

impl AttendeesByTerm {
    fn of(session: &Session) -> Self {
        let mut by_term: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (place, attendee) in session.attendees.iter().enumerate() {
            for term in terms_of(attendee) {
                by_term.entry(term).or_default().insert(place);
            }
        }
        Self(by_term)
    }

    fn matching(&self, registration: &Registration) -> BTreeSet<usize> {
        let ids = [&registration.id, &registration.external_id].into_iter().flatten();
        let ids = ids.map(|id| format!("registration {}", comparable_id(id.trim())));
        let user = registration.user_id.iter().map(|id| format!("user {}", id.trim().to_lowercase()));
        let address = registration.address.iter().filter_map(|address| comparable_address(address.shown()));
        let terms = ids.chain(user).chain(address.map(|address| format!("address {address}")));
        terms.filter_map(|term| self.0.get(&term)).flatten().copied().collect()
    }
}

fn terms_of(attendee: &Attendee) -> Vec<String> {
    let ids = attendee.registration_ids.iter().map(|id| format!("registration {id}"));
    let keys = attendee.person.keys().filter_map(|key| match key {
        PersonKey::User { id, .. } => Some(format!("user {id}")),
        PersonKey::Address(address) => Some(format!("address {address}")),
        PersonKey::Registrant { registration_id, .. } => Some(format!("registration {registration_id}")),
        PersonKey::Phone { .. } | PersonKey::Anonymous { .. } => None,
    });
    let address = attendee.person.address.as_ref().and_then(|address| comparable_address(address.shown()));
    ids.chain(keys).chain(address.map(|address| format!("address {address}"))).collect()
}
