//! Whom the records of a session mean, for its page: most have neither a key nor an address in common with anybody.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::resolution::{People, address_of};
use super::{Person, PersonKey, Sighting};

/// The persons of some sightings, exactly as [`People`] resolves them, and of each sighting the person's place in the list.
pub(crate) fn resolved(sightings: Vec<Sighting<'_>>, same: &[(String, String)]) -> (Vec<Person>, Vec<usize>) {
    let is_alone = if same.is_empty() { alone(&sightings) } else { vec![false; sightings.len()] };
    let mut persons = Vec::with_capacity(sightings.len());
    let mut numbers = vec![0; sightings.len()];
    let (mut others, mut places) = (Vec::new(), Vec::new());
    for (place, (sighting, is_alone)) in sightings.into_iter().zip(is_alone).enumerate() {
        if is_alone {
            numbers[place] = persons.len();
            persons.push(person(sighting));
        } else {
            places.push(place);
            others.push(sighting);
        }
    }
    let people = People::of(&others, same);
    for (place, number) in places.into_iter().zip(people.of_sightings()) {
        numbers[place] = persons.len() + number;
    }
    persons.extend(people.into_persons());
    (persons, numbers)
}

/// Which sightings have nothing in common with another.
fn alone<'s>(sightings: &'s [Sighting<'_>]) -> Vec<bool> {
    let mut alone = vec![true; sightings.len()];
    let places = || sightings.iter().enumerate();
    find_common(&mut alone, places().map(|(place, sighting)| (place, &sighting.key)));
    let within = |(place, sighting): (usize, &'s Sighting<'_>)| {
        Some((place, (sighting.session, sighting.key.within_session()?)))
    };
    find_common(&mut alone, places().filter_map(within));
    let addresses = |(place, sighting): (usize, &'s Sighting<'_>)| {
        let (seen, key) = (sighting.comparable_address.as_deref(), address_of(&sighting.key));
        [seen, key.filter(|_| key != seen)].into_iter().flatten().map(move |address| (place, address))
    };
    find_common(&mut alone, places().flat_map(addresses));
    alone
}

/// Takes note of those that have something in common with another.
fn find_common<T: Eq + Hash>(alone: &mut [bool], of_places: impl Iterator<Item = (usize, T)>) {
    let mut first: HashMap<T, usize> = HashMap::with_capacity(of_places.size_hint().0);
    for (place, common) in of_places {
        match first.entry(common) {
            Entry::Vacant(free) => {
                free.insert(place);
            }
            Entry::Occupied(other) => {
                alone[*other.get()] = false;
                alone[place] = false;
            }
        }
    }
}

/// The person of a sighting that nobody else has anything in common with.
fn person(sighting: Sighting<'_>) -> Person {
    let address = sighting.comparable_address.map(PersonKey::Address);
    Person {
        name: sighting.name.cloned(),
        address: sighting.address.cloned(),
        also: address.filter(|address| *address != sighting.key).into_iter().collect(),
        key: sighting.key,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Record, Report};
    use crate::people::{Registrations, Scope};
    use crate::samples::{anonymous, meeting, phone, user};

    /// Records of few people: with the same ids, addresses, telephones, or none of them.
    fn record() -> impl Strategy<Value = Record> {
        (0_usize..7, 0_usize..4, 0_usize..5).prop_map(|(kind, who, address)| {
            let name = ["Aiko Ferreira", "Kwame Brandsma", "Linh Castellano", "Noor Haddad"][who];
            let record = match kind {
                0..3 => user(name),
                3 => user(name).without_id(),
                4 => phone(["+31201232714", "+31209998888"][who % 2]),
                5 => anonymous(["a-1", "a-2"][who % 2], name),
                _ => Record::default(),
            };
            match address {
                0 => record.address("shared@contoso.com"),
                1 => record.address(" Kwame.Brandsma@contoso.com"),
                _ => record,
            }
        })
    }

    proptest! {
        #[test]
        fn people_are_those_that_all_records_together_resolve(
            records in prop::collection::vec(record(), 0..9),
            others in prop::collection::vec(record(), 0..4),
        ) {
            let reports: [Report; 2] =
                [("r-1", records), ("r-2", others)].map(|(id, records)| meeting(id, "10:00", "11:00").with(records));
            let registrations = Registrations::default();
            let sightings: Vec<Sighting<'_>> = (reports.iter())
                .flat_map(|report| {
                    let scope = Scope { report, session: "r-1", registrations: &registrations };
                    let records = report.records.iter().enumerate();
                    records.map(move |(place, record)| Sighting::of(record, place, scope))
                })
                .collect();
            let people = People::of(&sightings, &[]);
            let whole: Vec<&Person> = people.of_sightings().iter().map(|number| people.person(*number)).collect();
            let (persons, numbers) = resolved(sightings, &[]);
            prop_assert_eq!(numbers.iter().map(|number| &persons[*number]).collect::<Vec<_>>(), whole);
        }
    }
}
