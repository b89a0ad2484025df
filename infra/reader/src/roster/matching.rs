//! Who of the archive a line of a roster is: exactly and unique on both sides, or ambiguous, and never by similarity.

use std::collections::{BTreeMap, BTreeSet};

use super::{Roster, RosterLine, RosterMatch};
use crate::people::{People, Person, comparable_address, comparable_name};
use crate::rules::Rules;

/// How a line was matched, and with whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// How the line was matched.
    pub how: RosterMatch,
    /// The person's number, which several lines may have; `None` where the line is unmatched or ambiguous.
    pub person: Option<usize>,
}

/// How each line of a roster is matched, in the roster's order: by id, address, registration, and by name only where the
/// rules allow it.
pub fn matched(roster: &Roster, people: &People, rules: &Rules) -> Vec<Matched> {
    let names = if rules.match_names { lines_of_names(roster) } else { BTreeMap::new() };
    let mut matched: Vec<Matched> =
        roster.lines.iter().map(|line| match_line(line, people, &names)).collect();
    let mut lines_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (line, one) in roster.lines.iter().zip(&matched) {
        if let Some(person) = one.person {
            lines_of.entry(person).or_default().push(line.line);
        }
    }
    for one in &mut matched {
        let lines = one.person.and_then(|person| lines_of.get(&person)).filter(|lines| lines.len() > 1);
        if let Some(lines) = lines {
            one.how = RosterMatch::Doubled { lines: lines.clone() };
        }
    }
    matched
}

/// How many lines have each name.
fn lines_of_names(roster: &Roster) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for name in roster.lines.iter().filter_map(|line| comparable_name(line.name.as_deref()?)) {
        *lines.entry(name).or_default() += 1;
    }
    lines
}

fn match_line(line: &RosterLine, people: &People, names: &BTreeMap<String, usize>) -> Matched {
    let id = line.id.as_deref();
    let by_id = id.map(|id| people.with_id(id)).unwrap_or_default();
    let by_registration = id.map(|id| people.with_registration(id)).unwrap_or_default();
    let by_address: BTreeSet<usize> =
        line.addresses.iter().flat_map(|address| people.with_address(address)).copied().collect();
    let by_address: Vec<usize> = by_address.into_iter().collect();
    let name = line.name.as_deref().and_then(comparable_name);
    let lines = name.as_ref().and_then(|name| names.get(name)).copied().unwrap_or_default();
    let by_name = name.filter(|_| lines > 0).map(|name| people.with_name(&name)).unwrap_or_default();
    let ways = [
        (RosterMatch::Id, by_id, true),
        (RosterMatch::Address, &by_address, true),
        (RosterMatch::Registration, by_registration, true),
        (RosterMatch::Name, by_name, lines == 1),
    ];
    let Some((how, found, is_unique)) = ways.into_iter().find(|(_, found, _)| !found.is_empty()) else {
        return Matched { how: RosterMatch::Unmatched, person: None };
    };
    match found {
        [person] if is_unique => Matched { how, person: Some(*person) },
        several => ambiguous(several, people),
    }
}

fn ambiguous(persons: &[usize], people: &People) -> Matched {
    let called = |person: &Person| person.shown_name().unwrap_or_else(|| person.key.to_string());
    let candidates = persons.iter().map(|number| called(people.person(*number))).collect();
    Matched { how: RosterMatch::Ambiguous { candidates }, person: None }
}

/// The addresses that a roster says are one person's, in pairs: of lines with several, where each is in no other line and
/// leads to one person.
pub fn told_addresses(roster: &Roster, people: &People) -> Vec<(String, String)> {
    let mut lines_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for line in &roster.lines {
        for address in line.addresses.iter().filter_map(|address| comparable_address(address)) {
            lines_of.entry(address).or_default().insert(line.line);
        }
    }
    let is_told = |address: &String| {
        lines_of.get(address).is_some_and(|lines| lines.len() == 1) && people.with_address(address).len() == 1
    };
    let pairs_of = |line: &RosterLine| {
        let addresses = line.addresses.iter().filter_map(|address| comparable_address(address));
        let told: Vec<String> = addresses.filter(is_told).collect();
        let pairs: Vec<_> = told.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        pairs
    };
    roster.lines.iter().flat_map(pairs_of).collect()
}
