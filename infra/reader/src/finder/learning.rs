//! Who is meant, told by the records of the archive: pass after pass, until nothing that leads on is new.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared::model::comparable_id;

use super::object::ArchivedObject;
use super::records::{Found, RecordKind, records};
use super::same::Same;
use super::subject::Subject;
use super::terms::{Terms, addresses, registration_of, registrations};
use super::who::Who;
use crate::model::{Record, Registration, Report, SeriesId};
use crate::people::{People, Person, PersonKey, Registrations, Scope, Sighting, comparable_name};

/// Who is meant by what somebody wrote.
#[derive(Debug, Clone)]
pub enum Resolution {
    /// One person, of whom the archive may have nothing.
    One(Box<Subject>),
    /// Several persons, of whom none is chosen.
    Several(Vec<Person>),
    /// Nobody has this name.
    Nobody,
}

/// What is known so far of who is meant. Of the archive it holds what names the person, or somebody with an address of the
/// person: each of these once.
#[derive(Debug)]
pub(super) struct Learning {
    who: Who,
    same: Same,
    terms: Terms,
    tenant: String,
    /// By event and registration: the series, and the registration as it is in `registrations/`.
    registered: BTreeMap<(String, String), (SeriesId, Registration)>,
    known: Registrations,
    /// The records that relate, by what they say of who it is.
    sighted: BTreeMap<String, Sighted>,
}

/// A record without its times, and what it is in.
#[derive(Debug)]
struct Sighted {
    record: Record,
    report: Report,
    place: usize,
}

impl Sighted {
    fn sighting<'a>(&'a self, registrations: &'a Registrations) -> Sighting<'a> {
        let scope = Scope { report: &self.report, session: &self.report.id, registrations };
        Sighting::of(&self.record, self.place, scope)
    }
}

impl Learning {
    pub(super) fn new(who: Who, same: &[(String, String)]) -> Self {
        let same = Same::of(same);
        let mut terms = Terms::of(&who);
        terms.add_same(&same);
        Self {
            who,
            same,
            terms,
            tenant: String::new(),
            registered: BTreeMap::new(),
            known: Registrations::default(),
            sighted: BTreeMap::new(),
        }
    }

    /// How much is known: the same before and after a pass in which nothing was learned.
    pub(super) fn size(&self) -> (usize, usize, usize, usize) {
        let terms = self.terms.ids.len() + self.terms.addresses.len() + self.terms.registrations.len();
        (terms, self.registered.len(), self.sighted.len(), self.tenant.len())
    }

    /// Learns from an object; one that cannot be read teaches nothing.
    pub(super) fn learn(&mut self, object: &ArchivedObject<'_>) {
        if let Some(tenant) = object.tenant().filter(|_| self.tenant.is_empty()) {
            self.tenant = tenant.to_owned();
        }
        for document in object.documents().0 {
            let mut report = None;
            for found in records(document) {
                let report = report.get_or_insert_with(|| object.report(document, &self.tenant));
                if found.kind == RecordKind::Registration && object.key.starts_with("registrations/") {
                    self.add_registration(&found, report);
                }
                for record in &found.people {
                    self.take(record, report, found.place);
                }
            }
        }
    }

    fn take(&mut self, record: &Record, report: &Report, place: usize) {
        let scope = Scope { report, session: &report.id, registrations: &self.known };
        let sighting = Sighting::of(record, place, scope);
        if !self.terms.relate_to(&sighting, record, report) {
            return;
        }
        self.terms.add(&sighting, record, report);
        let (name, address) = (sighting.name, sighting.address);
        let said = format!("{:?} {name:?} {address:?} {:?}", sighting.key, sighting.registration_ids);
        let known = self.sighted.get(&said).and_then(|known| known.report.span);
        // Of the same words those that were said last: whose name and address are shown.
        if known < report.span || !self.sighted.contains_key(&said) {
            self.sighted.insert(said, Sighted { record: record.clone(), report: report.clone(), place });
        }
        self.terms.add_same(&self.same);
    }

    /// Keeps whose registration it is, where a record that relates names it.
    fn add_registration(&mut self, found: &Found<'_>, report: &Report) {
        let Some(record) = found.people.first() else { return };
        let Some(id) = record.registration_id.as_deref().map(|id| comparable_id(id.trim()).into_owned())
        else {
            return;
        };
        let key = (report.series.id.clone(), id);
        if !self.terms.registrations.contains(&key) {
            return;
        }
        let registration = Registration {
            id: record.registration_id.clone(),
            external_id: None,
            user_id: record.identity_id.clone(),
            name: record.name.clone(),
            address: record.address.clone(),
            status: None,
            registered_at: None::<Timestamp>,
        };
        let entry = (report.series.clone(), registration);
        if self.registered.get(&key) != Some(&entry) {
            self.registered.insert(key, entry);
            self.known = Registrations::of(self.registered.values().map(|(series, one)| (series, one)));
        }
    }

    /// Who is meant, by all that was learned.
    pub(super) fn resolve(self) -> Resolution {
        let sightings: Vec<Sighting<'_>> =
            self.sighted.values().map(|sighted| sighted.sighting(&self.known)).collect();
        let people = People::of(&sightings, &self.same.pairs);
        match self.chosen(&sightings, &people) {
            Chosen::Persons(persons) => {
                Resolution::Several(persons.into_iter().map(|number| people.person(number).clone()).collect())
            }
            Chosen::One(numbers) => match (numbers.is_empty(), self.unseen()) {
                (true, None) => Resolution::Nobody,
                (true, Some(key)) => Resolution::One(Box::new(self.subject_unseen(key))),
                (false, _) => Resolution::One(Box::new(self.subject(&numbers, &sightings, &people))),
            },
        }
    }

    fn chosen(&self, sightings: &[Sighting<'_>], people: &People) -> Chosen {
        let where_one = |is: &dyn Fn(&Sighted, &Sighting<'_>) -> bool| -> BTreeSet<usize> {
            let each = self.sighted.values().zip(sightings).zip(people.of_sightings());
            let each = each.filter(|((sighted, sighting), _)| is(sighted, sighting));
            each.map(|(_, number)| *number).collect()
        };
        let identity = || where_one(&|sighted, _| self.terms.is_identity(&sighted.record));
        match &self.who {
            Who::Id(id) => match people.with_id(id) {
                [] => Chosen::One(identity()),
                persons => Chosen::of(persons),
            },
            Who::Address(address) => Chosen::of(people.with_address(address)),
            // It is the number that is asked for, in whichever report.
            Who::Phone(_) => Chosen::One(where_one(&|sighted, _| self.terms.is_telephone(&sighted.record))),
            Who::Key(key) => {
                let registration = registration_of(key);
                let names = |sighted: &Sighted, sighting: &Sighting<'_>| {
                    registrations(sighting, &sighted.report).any(|of| Some(of) == registration)
                };
                let is = |sighted: &Sighted, sighting: &Sighting<'_>| {
                    sighting.key.to_string() == *key || names(sighted, sighting)
                };
                Chosen::of(&where_one(&is).into_iter().collect::<Vec<_>>())
            }
            Who::Text(text) => match identity() {
                numbers if numbers.is_empty() => Chosen::of_name(people, text),
                numbers => Chosen::One(numbers),
            },
        }
    }

    /// The key of somebody whom no record names.
    fn unseen(&self) -> Option<PersonKey> {
        match &self.who {
            Who::Id(id) => Some(PersonKey::User { tenant_id: self.tenant.clone(), id: id.clone() }),
            Who::Address(address) => Some(PersonKey::Address(address.clone())),
            Who::Key(key) => {
                let (tenant_id, id) = key.strip_prefix("user:")?.split_once('/')?;
                Some(PersonKey::User { tenant_id: tenant_id.to_owned(), id: id.to_owned() })
            }
            Who::Phone(number) => Some(PersonKey::Phone { report_id: String::new(), number: number.clone() }),
            Who::Text(_) => None,
        }
    }

    fn subject_unseen(&self, key: PersonKey) -> Subject {
        let person = Person { key: key.clone(), name: None, address: None, also: Vec::new() };
        let addresses = self.terms.addresses.clone();
        self.subject_of(person, [key].into(), addresses, BTreeSet::new(), BTreeSet::new())
    }

    fn subject(&self, numbers: &BTreeSet<usize>, sightings: &[Sighting<'_>], people: &People) -> Subject {
        let mut keys = BTreeSet::new();
        let (mut seen, mut names, mut registered) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let each = self.sighted.values().zip(sightings).zip(people.of_sightings());
        for ((sighted, sighting), _) in each.filter(|(_, number)| numbers.contains(number)) {
            keys.insert(sighting.key.clone());
            seen.extend(addresses(sighting, &sighted.record));
            names.extend(sighting.name.and_then(|name| comparable_name(name.shown())));
            registered.extend(registrations(sighting, &sighted.report));
        }
        let persons = || numbers.iter().map(|number| people.person(*number));
        keys.extend(persons().flat_map(Person::keys).cloned());
        let person = persons().next().cloned();
        let person = person.unwrap_or_else(|| Person {
            key: PersonKey::Address(String::new()),
            name: None,
            address: None,
            also: Vec::new(),
        });
        self.subject_of(person, keys, seen, names, registered)
    }

    fn subject_of(
        &self,
        person: Person,
        keys: BTreeSet<PersonKey>,
        addresses: BTreeSet<String>,
        names: BTreeSet<String>,
        registrations: BTreeSet<(String, String)>,
    ) -> Subject {
        Subject {
            person,
            keys,
            addresses,
            names,
            registrations,
            known: self.known.clone(),
            asked: Terms::of(&self.who),
            tenant: self.tenant.clone(),
        }
    }
}

/// Who of the people is meant, by number.
enum Chosen {
    /// One person, perhaps of several numbers: those of one telephone. Nobody, where there is none.
    One(BTreeSet<usize>),
    /// Any of several.
    Persons(Vec<usize>),
}

impl Chosen {
    fn of(persons: &[usize]) -> Self {
        if persons.len() > 1 {
            Self::Persons(persons.to_vec())
        } else {
            Self::One(persons.iter().copied().collect())
        }
    }

    /// Who has a name. Who is anonymous or telephones is somebody within one session only, and is chosen where nobody else is.
    fn of_name(people: &People, name: &str) -> Self {
        let persons = people.with_name(name);
        let lasting = persons.iter().filter(|number| !people.person(**number).key.is_of_one_session());
        let lasting: Vec<usize> = lasting.copied().collect();
        if lasting.is_empty() { Self::of(persons) } else { Self::of(&lasting) }
    }
}
