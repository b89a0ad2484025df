//! Who is one person: by Entra id, registration, address, telephone or record, and never by a name.

mod address;
mod joining;
mod line_numbers;
mod name;
mod resolution;
mod same;
mod sighting;

use std::fmt;

use serde::Serialize;

pub use address::comparable_address;
pub(crate) use line_numbers::LineNumbers;
pub use name::comparable_name;
pub use resolution::People;
pub use same::{SameError, read_same};
pub use sighting::{Registrations, Scope, Sighting};

use crate::text::Text;

/// What a person is told apart by; the first that exists of these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PersonKey {
    /// A user or guest: the tenant and the object id, both in small letters. Where Graph names no tenant, the archive's.
    User {
        /// The tenant's id, a GUID mostly.
        tenant_id: String,
        /// The object id in Entra.
        id: String,
    },
    /// A registrant of an event, by the registration's id, whose address is not known.
    Registrant {
        /// The webinar's or town hall's id, comparable.
        event_id: String,
        /// The registration's id, comparable.
        registration_id: String,
    },
    /// An address: in small letters, trimmed, NFC.
    Address(String),
    /// A telephone, within one session only.
    Phone {
        /// The id of the session's first report.
        report_id: String,
        /// The number as sent.
        number: String,
    },
    /// Anonymous, or of Azure Communication Services, within one session only.
    Anonymous {
        /// The id of the session's first report.
        report_id: String,
        /// The record's id, or its place in the report where it has none.
        record_id: String,
    },
}

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

impl PersonKey {
    /// Whether it means somebody within one session only: a telephone, anonymous.
    pub fn is_of_one_session(&self) -> bool {
        matches!(self, Self::Phone { .. } | Self::Anonymous { .. })
    }
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

/// As it stands in an address of a page: `user:TENANT/ID`, `mail:ADDRESS` and so on, unencoded.
impl fmt::Display for PersonKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { tenant_id, id } => write!(formatter, "user:{tenant_id}/{id}"),
            Self::Registrant { event_id, registration_id } => {
                write!(formatter, "registrant:{event_id}/{registration_id}")
            }
            Self::Address(address) => write!(formatter, "mail:{address}"),
            Self::Phone { report_id, number } => write!(formatter, "phone:{report_id}/{number}"),
            Self::Anonymous { report_id, record_id } => {
                write!(formatter, "anonymous:{report_id}/{record_id}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
