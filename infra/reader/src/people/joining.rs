//! Which keys are one person's: those of one address, those of one session, and those that were told.

use std::collections::HashMap;

use shared::model::comparable_id;

use super::{PersonKey, Sighting, comparable_address};

/// The keys of some sightings, each once and in order, and which of them each sighting has.
pub(super) struct Nodes<'a> {
    pub(super) keys: Vec<&'a PersonKey>,
    /// Of each sighting the number of its key.
    pub(super) of_sighting: Vec<usize>,
}

impl<'a> Nodes<'a> {
    pub(super) fn of(sightings: &'a [Sighting<'_>]) -> Self {
        let mut places: Vec<usize> = (0..sightings.len()).collect();
        places.sort_unstable_by(|one, other| sightings[*one].key.cmp(&sightings[*other].key));
        let mut nodes = Self { keys: Vec::with_capacity(places.len()), of_sighting: vec![0; places.len()] };
        for place in places {
            let key = &sightings[place].key;
            if nodes.keys.last() != Some(&key) {
                nodes.keys.push(key);
            }
            nodes.of_sighting[place] = nodes.keys.len() - 1;
        }
        nodes
    }

    /// Of each key the first of those that are the same person's.
    pub(super) fn joined(&self, sightings: &[Sighting<'_>], same: &[(String, String)]) -> Vec<usize> {
        let is_by_address = self.keys.iter().any(|key| matches!(key, PersonKey::Address(_)));
        // Nobody asks where all are told by ids: as in most meetings.
        let of_address = match is_by_address || !same.is_empty() {
            true => self.of_address(sightings),
            false => HashMap::new(),
        };
        let mut sets = DisjointSets((0..self.keys.len()).collect());
        for (node, key) in self.keys.iter().enumerate() {
            let PersonKey::Address(address) = key else { continue };
            let having = of_address.get(address.as_str()).map(Vec::as_slice).unwrap_or_default();
            let mut ids = having.iter().filter(|having| **having != node);
            // Of several ids none is chosen: who has the address only stays apart, too.
            if let (Some(id), None) = (ids.next(), ids.next()) {
                sets.union(node, *id);
            }
        }
        self.join_within_sessions(&mut sets, sightings);
        if !same.is_empty() {
            self.join_as_told(&mut sets, &of_address, same);
        }
        (0..self.keys.len()).map(|node| sets.find(node)).collect()
    }

    /// The keys that have each address, each once.
    fn of_address<'s>(&self, sightings: &'s [Sighting<'_>]) -> HashMap<&'s str, Vec<usize>> {
        let mut of_address: HashMap<&str, Vec<usize>> = HashMap::with_capacity(self.keys.len());
        for (sighting, node) in sightings.iter().zip(&self.of_sighting) {
            let Some(address) = sighting.comparable_address.as_deref() else { continue };
            of_address.entry(address).or_default().push(*node);
        }
        for having in of_address.values_mut().filter(|having| having.len() > 1) {
            having.sort_unstable();
            having.dedup();
        }
        of_address
    }

    /// Joins a telephone, or somebody anonymous, who is in several reports of one session.
    fn join_within_sessions(&self, sets: &mut DisjointSets, sightings: &[Sighting<'_>]) {
        let mut first = HashMap::new();
        for (sighting, node) in sightings.iter().zip(&self.of_sighting) {
            if let Some(within) = sighting.key.within_session() {
                sets.union(*first.entry((sighting.session, within)).or_insert(*node), *node);
            }
        }
    }

    /// Joins the pairs that were told, also over an id or address that is in no record.
    fn join_as_told(
        &self,
        sets: &mut DisjointSets,
        of_address: &HashMap<&str, Vec<usize>>,
        same: &[(String, String)],
    ) {
        let mut terms: HashMap<String, usize> = HashMap::new();
        let mut term = |text: &str, sets: &mut DisjointSets| {
            let compared = comparable_address(text).unwrap_or_default();
            *terms.entry(compared.clone()).or_insert_with(|| {
                let own = sets.add();
                let by_id =
                    (0..self.keys.len()).filter(|node| is_named(self.keys[*node], text.trim(), &compared));
                for node in by_id.chain(of_address.get(compared.as_str()).into_iter().flatten().copied()) {
                    sets.union(node, own);
                }
                own
            })
        };
        for (one, other) in same {
            let (one, other) = (term(one, sets), term(other, sets));
            sets.union(one, other);
        }
    }
}

/// Whether an id, an address, or a key as it is displayed, is this key's.
fn is_named(key: &PersonKey, text: &str, compared: &str) -> bool {
    let is_id = match key {
        PersonKey::User { id, .. } => id == compared,
        PersonKey::Registrant { registration_id: id, .. } => *id == *comparable_id(text),
        PersonKey::Address(address) => address == compared,
        PersonKey::Anonymous { record_id: id, .. } => id == text,
        PersonKey::Phone { number, .. } => number == text,
    };
    is_id || key.to_string() == text
}

/// Which nodes are one (union-find): each points to another of its set, the first one to itself.
struct DisjointSets(Vec<usize>);

impl DisjointSets {
    fn find(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn union(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other)] = one.min(other);
    }

    fn add(&mut self) -> usize {
        self.0.push(self.0.len());
        self.0.len() - 1
    }
}
