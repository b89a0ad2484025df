//! Who is one person: by Entra id, registration, address, telephone or record, and never by a name.

mod alone;
mod joining;
mod key;
mod line_numbers;
mod name;
mod resolution;
mod same;
mod sighting;
mod two_threads;

use serde::Serialize;

pub(crate) use alone::resolved;
pub use key::PersonKey;
pub(crate) use key::RecordIds;
pub(crate) use line_numbers::LineNumbers;
pub use name::comparable_name;
pub use resolution::People;
pub use same::{SameError, read_same};
pub use shared::model::comparable_address;
pub use sighting::{Registrations, Scope, Sighting};
pub(crate) use two_threads::map_by_two;

use crate::text::Text;

/// A person, with the name and address that were seen last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// What the person is told apart by.
    pub key: PersonKey,
    /// The name; `None` where none was seen.
    pub name: Option<Text>,
    /// The e-mail address; `None` where none was seen.
    pub address: Option<Text>,
    /// Other keys that are the same person's: addresses that nobody else has, and those that were told (`--same`).
    pub also: Vec<PersonKey>,
}

impl Person {
    /// The name for people to read; of a telephone its last four digits. `None` where there is no name.
    pub fn shown_name(&self) -> Option<String> {
        let name = self.name.as_ref().map(Text::shown);
        match &self.key {
            PersonKey::Phone { number, .. } if name.is_none_or(is_number) => Some(last_four(number)),
            _ => name.map(str::to_owned),
        }
    }

    /// Every key that is this person's, the one that tells it apart first.
    pub fn keys(&self) -> impl Iterator<Item = &PersonKey> {
        std::iter::once(&self.key).chain(&self.also)
    }
}

/// Whether a name is nothing but a telephone number.
fn is_number(name: &str) -> bool {
    !name.chars().any(char::is_alphabetic)
}

fn last_four(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|character| character.is_alphanumeric()).collect();
    let shown: String = digits[digits.len().saturating_sub(4)..].iter().collect();
    format!("•••• {shown}")
}

#[cfg(test)]
mod tests;
