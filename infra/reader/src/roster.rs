//! A roster: who is expected, as a school or a trainer hands it in.

mod error;
mod matching;
mod parse;
mod text;

use jiff::civil::Date;
use serde::Serialize;

pub use error::RosterError;
pub use matching::{Matched, matched, told_addresses};

/// Who is expected, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Roster {
    /// The file's name, without its folder.
    pub name: String,
    /// Its lines, in the file's order.
    pub lines: Vec<RosterLine>,
}

/// A line of a roster: one person who is expected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RosterLine {
    /// The number of the line in the file, from 1, the heading counted.
    pub line: usize,
    /// `id`: an object id of Entra, or a registration's id.
    pub id: Option<String>,
    /// `email`, `mail`, `upn`: addresses.
    pub addresses: Vec<String>,
    /// `name`: in any of its forms.
    pub name: Option<String>,
    /// `number`: what the school calls the person by.
    pub number: Option<String>,
    /// `group`: the class, course or team.
    pub group: Option<String>,
    /// `from`: the first day on which the person is expected.
    pub from: Option<Date>,
    /// `to`: the last day on which the person is expected.
    pub to: Option<Date>,
    /// `excused`: the days on which the person is excused.
    pub excused: Vec<Date>,
}

/// How a line of a roster, or a person without one, was matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RosterMatch {
    /// There is no roster: the person is in the register because of a record.
    NoRoster,
    /// By the object id in Entra.
    Id,
    /// By an address or user principal name.
    Address,
    /// By the registration's id.
    Registration,
    /// By the name, as `--match-names` allows.
    Name,
    /// Nobody in the archive is this person.
    Unmatched,
    /// Several lines are this person: which one has the minutes nobody can tell.
    Doubled {
        /// The numbers of the lines in the file.
        lines: Vec<usize>,
    },
    /// Several may be this person: named here, and joined with none.
    Ambiguous {
        /// The names, or keys, of those who may be.
        candidates: Vec<String>,
    },
}

#[cfg(test)]
mod tests;
