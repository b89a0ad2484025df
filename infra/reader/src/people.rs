//! Who is one person: by Entra id, registration, address, telephone or record, and never by a name.

use std::fmt;

use serde::Serialize;

use crate::text::Text;

/// What a person is told apart by; the first that exists of these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PersonKey {
    /// A user or guest: the tenant and the object id, both in small letters. Where Graph names no tenant, the archive's.
    User {
        /// The tenant's id.
        tenant_id: String,
        /// The object id.
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
        /// The report's id.
        report_id: String,
        /// The number as sent.
        number: String,
    },
    /// Anonymous, or of Azure Communication Services, within one session only.
    Anonymous {
        /// The report's id.
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
    /// Other keys that are the same person's: of records that have the address only, or as told (`--same`).
    pub also: Vec<PersonKey>,
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
