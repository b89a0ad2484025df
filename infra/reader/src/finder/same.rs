//! Who is the same person, as told: pairs of ids and addresses, which lead from one record to another, too.

use std::collections::BTreeSet;

use shared::model::is_guid;

use crate::people::comparable_address;

/// The pairs that were told, as they are compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Same {
    /// As people resolves them.
    pub(super) pairs: Vec<(String, String)>,
}

impl Same {
    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        Self { pairs: pairs.to_vec() }
    }

    /// Adds to ids and addresses what is the same as one of them, until nothing is.
    pub(super) fn join(&self, ids: &mut BTreeSet<String>, addresses: &mut BTreeSet<String>) {
        loop {
            let before = (ids.len(), addresses.len());
            for (one, other) in &self.pairs {
                let [one, other] = [one, other].map(|text| comparable_address(text).unwrap_or_default());
                if [&one, &other].iter().any(|text| ids.contains(*text) || addresses.contains(*text)) {
                    for text in [one, other] {
                        if is_guid(&text) { &mut *ids } else { &mut *addresses }.insert(text);
                    }
                }
            }
            if before == (ids.len(), addresses.len()) {
                return;
            }
        }
    }
}
