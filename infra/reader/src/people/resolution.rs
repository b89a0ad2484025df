//! Many records, and who of them is one person. Two ids with one address stay two, and are told.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::OnceLock;

use shared::model::comparable_id;

use super::joining::Nodes;
use super::{Person, PersonKey, Sighting, comparable_address, comparable_name, map_by_two};
use crate::text::Text;

/// The persons of some records.
#[derive(Debug, Clone, Default)]
pub struct People {
    persons: Vec<Known>,
    /// The person of each sighting, in the order in which they were given.
    of_sightings: Vec<usize>,
    /// The persons who have the same address.
    doubles: BTreeMap<String, Vec<usize>>,
    terms: OnceLock<Terms>,
}

/// A person, and by what else a roster may name it.
#[derive(Debug, Clone)]
struct Known {
    person: Person,
    /// The other keys of the records.
    keys: Vec<PersonKey>,
    /// The names that are not the person's any more.
    names: Vec<Text>,
    registration_ids: Vec<String>,
}

/// Which person each key is, and which persons each term of a roster: made when it is first asked for, for the page of a session
/// asks for none.
#[derive(Debug, Clone, Default)]
struct Terms {
    by_key: HashMap<PersonKey, usize>,
    by_id: HashMap<String, Vec<usize>>,
    by_address: HashMap<String, Vec<usize>>,
    by_registration: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl People {
    /// Resolves who is one person; the order of the sightings changes nothing but that of their numbers. `same` are pairs of
    /// ids or addresses that are one person's, as told.
    pub fn of(sightings: &[Sighting<'_>], same: &[(String, String)]) -> Self {
        let nodes = Nodes::of(sightings);
        // A person's number, and then its keys, are in the order of their kinds: an id comes before an address.
        let numbers = numbered(&nodes.joined(sightings, same));
        let of_sightings: Vec<usize> = nodes.of_sighting.iter().map(|node| numbers[*node]).collect();
        let keys = in_order(numbers.into_iter().zip(nodes.keys));
        let sighted = in_order(of_sightings.iter().copied().zip(sightings));
        let each = keys.chunk_by(is_one).zip(sighted.chunk_by(is_one));
        let mut persons = map_by_two(each.collect(), |(keys, sightings)| Known::of(keys, sightings));
        let doubles = add_addresses(&mut persons, &addresses(&sighted, &keys));
        Self { persons, of_sightings, doubles, terms: OnceLock::new() }
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

    /// All of them, in the order of their numbers.
    pub(crate) fn into_persons(self) -> impl Iterator<Item = Person> {
        self.persons.into_iter().map(|known| known.person)
    }

    /// The number of the person of each sighting, in the order in which they were given.
    pub(crate) fn of_sightings(&self) -> &[usize] {
        &self.of_sightings
    }

    /// The number of the person whom a record with this key means; `None` where it is of no sighting.
    pub fn number(&self, key: &PersonKey) -> Option<usize> {
        self.terms().by_key.get(key).copied()
    }

    /// Those with this object id of Entra, in any tenant.
    pub fn with_id(&self, id: &str) -> &[usize] {
        found(&self.terms().by_id, Some(&id.trim().to_lowercase()))
    }

    /// Those who were seen with this address or user principal name.
    pub fn with_address(&self, address: &str) -> &[usize] {
        found(&self.terms().by_address, comparable_address(address).as_deref())
    }

    /// Those whose records name this registration, by Graph's id or by the other system's.
    pub fn with_registration(&self, id: &str) -> &[usize] {
        found(&self.terms().by_registration, Some(&comparable_id(id.trim())))
    }

    /// Those who were seen with this name, as names are compared.
    pub fn with_name(&self, name: &str) -> &[usize] {
        found(&self.terms().by_name, comparable_name(name).as_deref())
    }

    /// The addresses that several persons have, in order, and who they are.
    pub fn doubles(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.doubles.iter().map(|(address, persons)| (address.as_str(), persons.as_slice()))
    }

    fn terms(&self) -> &Terms {
        self.terms.get_or_init(|| Terms::of(&self.persons, &self.doubles))
    }
}

impl Known {
    fn of(keys: &[(usize, &PersonKey)], sightings: &[(usize, &Sighting<'_>)]) -> Self {
        let sightings = || sightings.iter().map(|(_, sighting)| *sighting);
        let named = sightings().filter(|sighting| sighting.name.is_some()).max();
        let name = named.and_then(|sighting| sighting.name);
        let with_address = sightings().filter(|sighting| sighting.address.is_some()).max();
        let other_keys: Vec<PersonKey> = keys[1..].iter().map(|(_, key)| (*key).clone()).collect();
        let names = sightings().filter_map(|sighting| sighting.name).filter(|other| Some(*other) != name);
        Self {
            person: Person {
                key: keys[0].1.clone(),
                name: name.cloned(),
                address: with_address.and_then(|sighting| sighting.address).cloned(),
                also: other_keys.clone(),
            },
            keys: other_keys,
            names: names.cloned().collect(),
            registration_ids: sightings().flat_map(|sighting| &sighting.registration_ids).cloned().collect(),
        }
    }
}

/// Of each node the number of its person, by the first node of each.
fn numbered(roots: &[usize]) -> Vec<usize> {
    let mut numbers = Vec::with_capacity(roots.len());
    let mut count = 0;
    for (node, root) in roots.iter().enumerate() {
        numbers.push(if node == *root { count } else { numbers[*root] });
        count += usize::from(node == *root);
    }
    numbers
}

/// What is of each person, in the order of the persons' numbers.
fn in_order<T>(of_persons: impl Iterator<Item = (usize, T)>) -> Vec<(usize, T)> {
    let mut of_persons: Vec<(usize, T)> = of_persons.collect();
    of_persons.sort_by_key(|(number, _)| *number);
    of_persons
}

/// Whether both are of one person.
fn is_one<T>(one: &(usize, T), other: &(usize, T)) -> bool {
    one.0 == other.0
}

/// The addresses with which persons were seen, each with a person's number.
fn addresses<'a>(
    sighted: &[(usize, &'a Sighting<'_>)],
    keys: &[(usize, &'a PersonKey)],
) -> Vec<(usize, &'a str)> {
    let mut addresses = Vec::with_capacity(sighted.len());
    addresses.extend(
        sighted
            .iter()
            .filter_map(|(number, sighting)| Some((*number, sighting.comparable_address.as_deref()?))),
    );
    addresses.extend(keys.iter().filter_map(|(number, key)| Some((*number, address_of(key)?))));
    addresses
}

/// Adds to the keys of each person the addresses that nobody else has; answers who have the same address.
fn add_addresses(persons: &mut [Known], addresses: &[(usize, &str)]) -> BTreeMap<String, Vec<usize>> {
    let mut first: HashMap<&str, usize> = HashMap::with_capacity(addresses.len());
    let mut doubles: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, address) in addresses {
        let other = *first.entry(address).or_insert(*number);
        if other != *number {
            doubles.entry((*address).to_owned()).or_insert_with(|| vec![other]).push(*number);
        }
    }
    for having in doubles.values_mut() {
        having.sort_unstable();
        having.dedup();
    }
    for (number, address) in addresses {
        let person = &mut persons[*number].person;
        if !doubles.contains_key(*address) && address_of(&person.key) != Some(address) {
            person.also.push(PersonKey::Address((*address).to_owned()));
        }
    }
    for known in persons {
        known.person.also.sort();
        known.person.also.dedup();
    }
    doubles
}

impl Terms {
    fn of(persons: &[Known], doubles: &BTreeMap<String, Vec<usize>>) -> Self {
        let keys = |known: &Known| -> Vec<PersonKey> {
            std::iter::once(&known.person.key).chain(&known.keys).cloned().collect()
        };
        let by_key = by_term(persons, keys).into_iter().map(|(key, persons)| (key, persons[0]));
        let names = |known: &Known| {
            let names = known.person.name.iter().chain(&known.names);
            names.filter_map(|name| comparable_name(name.shown())).collect()
        };
        let own_addresses =
            |known: &Known| known.person.keys().filter_map(address_of).map(str::to_owned).collect();
        let mut by_address = by_term(persons, own_addresses);
        by_address.extend(doubles.clone());
        Self {
            by_key: by_key.collect(),
            by_id: by_term(persons, |known| keys(known).into_iter().filter_map(user_id).collect()),
            by_address,
            by_registration: by_term(persons, |known| known.registration_ids.clone()),
            by_name: by_term(persons, names),
        }
    }
}

/// The address, where that is the key.
pub(super) fn address_of(key: &PersonKey) -> Option<&str> {
    match key {
        PersonKey::Address(address) => Some(address),
        _ => None,
    }
}

fn user_id(key: PersonKey) -> Option<String> {
    match key {
        PersonKey::User { id, .. } => Some(id),
        _ => None,
    }
}

/// Which persons have each term, in the order of their numbers.
fn by_term<T: Eq + Hash>(persons: &[Known], terms: impl Fn(&Known) -> Vec<T>) -> HashMap<T, Vec<usize>> {
    let mut by_term: HashMap<T, Vec<usize>> = HashMap::with_capacity(persons.len());
    for (number, known) in persons.iter().enumerate() {
        for term in terms(known) {
            let having = by_term.entry(term).or_default();
            if having.last() != Some(&number) {
                having.push(number);
            }
        }
    }
    by_term
}

fn found<'a>(by_term: &'a HashMap<String, Vec<usize>>, term: Option<&str>) -> &'a [usize] {
    term.and_then(|term| by_term.get(term)).map_or(&[], Vec::as_slice)
}
