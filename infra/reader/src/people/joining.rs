//! Which keys are one person's: those of one address, and those that were told.

use std::collections::{BTreeMap, BTreeSet};

use shared::model::comparable_id;

use super::{PersonKey, Sighting, comparable_address};

/// Of each node the first of those that are the same person.
pub(super) fn joined(nodes: &[&PersonKey], sightings: &[&Sighting], same: &[(String, String)]) -> Vec<usize> {
    let number = |key: &PersonKey| nodes.binary_search(&key).ok();
    let mut of_address: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for sighting in sightings {
        if let (Some(address), Some(node)) = (sighting.comparable_address(), number(&sighting.key)) {
            of_address.entry(address).or_default().insert(node);
        }
    }
    let mut sets = DisjointSets((0..nodes.len()).collect());
    for (address, having) in &of_address {
        let key = PersonKey::Address(address.clone());
        let ids: Vec<usize> = having.iter().copied().filter(|node| *nodes[*node] != key).collect();
        // Of several ids none is chosen: who has the address only stays apart, too.
        if let (Some(alone), [id]) = (number(&key), ids.as_slice()) {
            sets.union(alone, *id);
        }
    }
    join_as_told(&mut sets, nodes, &of_address, same);
    (0..nodes.len()).map(|node| sets.find(node)).collect()
}

/// Joins the pairs that were told, also over an id or address that is in no record.
fn join_as_told(
    sets: &mut DisjointSets,
    nodes: &[&PersonKey],
    of_address: &BTreeMap<String, BTreeSet<usize>>,
    same: &[(String, String)],
) {
    let mut terms: BTreeMap<String, usize> = BTreeMap::new();
    let mut term = |text: &str, sets: &mut DisjointSets| {
        let compared = comparable_address(text).unwrap_or_default();
        *terms.entry(compared.clone()).or_insert_with(|| {
            let own = sets.add();
            let by_id = (0..nodes.len()).filter(|node| is_named(nodes[*node], text.trim(), &compared));
            for node in by_id.chain(of_address.get(&compared).into_iter().flatten().copied()) {
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
