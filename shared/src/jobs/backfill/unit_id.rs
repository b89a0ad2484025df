//! The id of a unit: its place among the units of its run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a unit in its run. The same unit has the same id, however often it is sent.
///
/// It is made of dotted names (`calendar.{organizer}`, and `.{index}` for each unit that follows from it). A
/// further page of a list ends with `-p{number}`; what one invocation left of a unit ends with `-r{hash of it}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

/// So many digits of a hash stand in the id of what is left of a unit.
const REST_HASH_DIGITS: usize = 16;

/// What stands before the number of a page.
const PAGE: &str = "-p";
/// How the name of a list ends that was begun again, once for each time.
const AGAIN: &str = "-again";
/// How often a list is begun again.
const MOST_RESTARTS: usize = 2;

impl UnitId {
    /// The unit with this name, which reads the first page where it reads a list.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The id as text, for the ledger and for the segments of keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `index`-th unit that follows from this one.
    #[must_use]
    pub fn child(&self, index: usize) -> Self {
        Self(format!("{self}.{index}"))
    }

    /// The number of the page that the unit reads of its list, counted from 1.
    pub fn page(&self) -> u32 {
        self.name_and_page().map_or(1, |(_, page)| page)
    }

    /// The unit that reads the next page of the same list.
    #[must_use]
    pub fn next_page(&self) -> Self {
        Self(format!("{}{PAGE}{}", self.list_name(), self.page() + 1))
    }

    /// The unit that reads this unit's list again from its first page; `None` where it was begun again twice.
    pub fn restarted(&self) -> Option<Self> {
        let is_first = self.earlier_readings().len() < MOST_RESTARTS;
        is_first.then(|| Self(format!("{}{AGAIN}", self.list_name())))
    }

    /// The units that read the first page of this unit's list before it was begun again; mostly none.
    fn earlier_readings(&self) -> Vec<Self> {
        let mut name = self.list_name();
        let mut earlier = Vec::new();
        while let Some(before) = name.strip_suffix(AGAIN) {
            earlier.push(Self(before.to_owned()));
            name = before;
        }
        earlier
    }

    /// The units that read the first page of this unit's list: before it was begun again, and now.
    pub fn readings(&self) -> Vec<Self> {
        let now = Self(self.list_name().to_owned());
        self.earlier_readings().into_iter().chain([now]).collect()
    }

    /// The unit that goes on with what is left of this one. `hash` is of what is left, in hex: another try
    /// may leave other entries, and these are another unit.
    #[must_use]
    pub fn rest(&self, hash: &str) -> Self {
        let hash = &hash[..hash.len().min(REST_HASH_DIGITS)];
        Self(format!("{}-r{hash}", self.whole()))
    }

    /// The id of the whole unit, of which this one may be the rest.
    pub fn whole(&self) -> &str {
        let is_hash = |hash: &str| {
            hash.len() == REST_HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        match self.0.rsplit_once("-r") {
            Some((whole, hash)) if is_hash(hash) => whole,
            _ => &self.0,
        }
    }

    /// The name of the list that the unit reads a part of.
    fn list_name(&self) -> &str {
        self.name_and_page().map_or(self.as_str(), |(name, _)| name)
    }

    fn name_and_page(&self) -> Option<(&str, u32)> {
        let (name, number) = self.0.rsplit_once(PAGE)?;
        Some((name, number.parse().ok()?))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_id_says_its_page_and_its_rest() {
        let first = UnitId::new("calendar.o");
        assert_eq!((first.page(), first.next_page().as_str()), (1, "calendar.o-p2"));
        assert_eq!(first.next_page().next_page().as_str(), "calendar.o-p3");
        let meetings = first.next_page().child(4);
        assert_eq!((meetings.as_str(), meetings.page()), ("calendar.o-p2.4", 1));
        let (seven, three) = ("0123456789abcdef0", "fedcba9876543210f");
        assert_eq!(meetings.rest(seven).rest(three).as_str(), "calendar.o-p2.4-rfedcba9876543210");
        assert_eq!(meetings.rest(seven).whole(), meetings.as_str());
        assert_eq!(UnitId::new("calendar.the-rest").whole(), "calendar.the-rest");
    }

    #[test]
    fn a_list_is_begun_again_twice_and_its_units_know_the_readings_before() {
        let once = UnitId::new("users-p7").restarted().unwrap();
        let twice = once.next_page().restarted().unwrap();
        assert_eq!(
            (once.as_str(), twice.as_str(), twice.restarted()),
            ("users-again", "users-again-again", None)
        );
        assert_eq!(UnitId::new("users-p7").earlier_readings(), []);
        assert_eq!(twice.next_page().earlier_readings(), [once, UnitId::new("users")]);
    }
}
