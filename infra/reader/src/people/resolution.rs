//! Many records, and who of them is one person. Two ids with one address stay two, and are told.

use std::collections::{BTreeMap, BTreeSet};

use shared::model::comparable_id;

use super::joining::joined;
use super::{Person, PersonKey, Sighting, comparable_address, comparable_name};

/// The persons of some records.
#[derive(Debug, Clone, Default)]
pub struct People {
    persons: Vec<Known>,
    by_key: BTreeMap<PersonKey, usize>,
    by_id: BTreeMap<String, Vec<usize>>,
    by_address: BTreeMap<String, Vec<usize>>,
    by_registration: BTreeMap<String, Vec<usize>>,
    by_name: BTreeMap<String, Vec<usize>>,
}

/// A person, and everything by which a roster may name it.
#[derive(Debug, Clone)]
struct Known {
    person: Person,
    ids: BTreeSet<String>,
    addresses: BTreeSet<String>,
    names: BTreeSet<String>,
    registration_ids: BTreeSet<String>,
}

impl People {
    /// Resolves who is one person; the order of the sightings changes nothing. `same` are pairs of ids or addresses that
    /// are one person's, as told.
    pub fn of(sightings: &[Sighting], same: &[(String, String)]) -> Self {
        let mut sightings: Vec<&Sighting> = sightings.iter().collect();
        sightings.sort();
        let nodes: BTreeSet<&PersonKey> = sightings.iter().map(|sighting| &sighting.key).collect();
        let nodes: Vec<&PersonKey> = nodes.into_iter().collect();
        let roots = joined(&nodes, &sightings, same);
        let mut groups: BTreeMap<usize, Vec<&PersonKey>> = BTreeMap::new();
        for (node, root) in roots.into_iter().enumerate() {
            groups.entry(root).or_default().push(nodes[node]);
        }
        // The nodes are in the order of their kinds: an id comes before an address.
        let groups: Vec<Vec<&PersonKey>> = groups.into_values().collect();
        let by_key: BTreeMap<PersonKey, usize> = (groups.iter().enumerate())
            .flat_map(|(person, keys)| keys.iter().map(move |key| ((*key).clone(), person)))
            .collect();
        let mut persons: Vec<Known> = groups.iter().map(|keys| Known::of(keys)).collect();
        for sighting in sightings {
            persons[by_key[&sighting.key]].see(sighting);
        }
        for known in &mut persons {
            known.ids = known.person.keys().filter_map(user_id).map(str::to_owned).collect();
        }
        let mut people = Self {
            by_id: by_term(&persons, |known| &known.ids),
            by_address: by_term(&persons, |known| &known.addresses),
            by_registration: by_term(&persons, |known| &known.registration_ids),
            by_name: by_term(&persons, |known| &known.names),
            persons,
            by_key,
        };
        people.add_addresses();
        people
    }

    /// All of them, each by its number.
    #[cfg(test)]
    pub(super) fn persons(&self) -> impl Iterator<Item = &Person> {
        self.persons.iter().map(|known| &known.person)
    }

    /// The person with this number.
    pub fn person(&self, number: usize) -> &Person {
        &self.persons[number].person
    }

    /// The number of the person whom a record with this key means; `None` where it is of no sighting.
    pub fn number(&self, key: &PersonKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Those with this object id of Entra, in any tenant.
    pub fn with_id(&self, id: &str) -> &[usize] {
        found(&self.by_id, Some(&id.trim().to_lowercase()))
    }

    /// Those who were seen with this address or user principal name.
    pub fn with_address(&self, address: &str) -> &[usize] {
        found(&self.by_address, comparable_address(address).as_deref())
    }

    /// Those whose records name this registration, by Graph's id or by the other system's.
    pub fn with_registration(&self, id: &str) -> &[usize] {
        found(&self.by_registration, Some(&comparable_id(id.trim())))
    }

    /// Those who were seen with this name, as names are compared.
    pub fn with_name(&self, name: &str) -> &[usize] {
        found(&self.by_name, comparable_name(name).as_deref())
    }

    /// The addresses that several persons have, and who they are.
    pub fn doubles(&self) -> impl Iterator<Item = (&str, &[usize])> {
        let by_address = self.by_address.iter().filter(|(_, persons)| persons.len() > 1);
        by_address.map(|(address, persons)| (address.as_str(), persons.as_slice()))
    }

    /// An address that one person has, and nobody else, is one of the person's keys.
    fn add_addresses(&mut self) {
        let shared: BTreeSet<String> = self.doubles().map(|(address, _)| address.to_owned()).collect();
        for known in &mut self.persons {
            let own = known.addresses.difference(&shared).cloned().map(PersonKey::Address);
            let own = own.filter(|key| *key != known.person.key);
            let also: BTreeSet<PersonKey> = known.person.also.drain(..).chain(own).collect();
            known.person.also = also.into_iter().collect();
        }
    }
}

impl Known {
    fn of(keys: &[&PersonKey]) -> Self {
        let also = keys[1..].iter().map(|key| (*key).clone()).collect();
        let person = Person { key: keys[0].clone(), name: None, address: None, also };
        let (ids, addresses, names, registration_ids) = Default::default();
        Self { person, ids, addresses, names, registration_ids }
    }

    /// Takes what a later sighting says.
    fn see(&mut self, sighting: &Sighting) {
        if let Some(name) = &sighting.name {
            self.person.name = Some(name.clone());
            self.names.extend(comparable_name(name.shown()));
        }
        if let Some(address) = &sighting.address {
            self.person.address = Some(address.clone());
            self.addresses.extend(sighting.comparable_address());
        }
        if let PersonKey::Address(address) = &sighting.key {
            self.addresses.insert(address.clone());
        }
        self.registration_ids.extend(sighting.registration_ids.iter().cloned());
    }
}

fn user_id(key: &PersonKey) -> Option<&str> {
    match key {
        PersonKey::User { id, .. } => Some(id),
        _ => None,
    }
}

/// Which persons have each term.
fn by_term(persons: &[Known], terms: impl Fn(&Known) -> &BTreeSet<String>) -> BTreeMap<String, Vec<usize>> {
    let mut by_term: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, known) in persons.iter().enumerate() {
        for term in terms(known) {
            by_term.entry(term.clone()).or_default().push(number);
        }
    }
    by_term
}

fn found<'a>(by_term: &'a BTreeMap<String, Vec<usize>>, term: Option<&str>) -> &'a [usize] {
    term.and_then(|term| by_term.get(term)).map_or(&[], Vec::as_slice)
}
