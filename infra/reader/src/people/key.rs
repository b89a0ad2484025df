//! What a person is told apart by, from what a record says.

use std::fmt;

use serde::Serialize;

use crate::model::IdentityKind;

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
        /// The id of the report that has it; another one of the same session may have it, too.
        report_id: String,
        /// The number as sent.
        number: String,
    },
    /// Anonymous, or of Azure Communication Services, within one session only.
    Anonymous {
        /// The id of the report that has it; another one of the same session may have it, too.
        report_id: String,
        /// The record's id, or its place in the report where it has none.
        record_id: String,
    },
}

/// What a record says that may tell whom it means, and where it stands.
#[derive(Debug)]
pub(crate) struct RecordIds<'a> {
    pub(crate) identity: IdentityKind,
    pub(crate) identity_id: Option<&'a str>,
    pub(crate) tenant_id: Option<&'a str>,
    /// The tenant of the archive's key, for a user of whom Graph names none.
    pub(crate) archive_tenant: &'a str,
    /// The address as it is compared: the registration's, where that is known, else the record's.
    pub(crate) address: Option<&'a str>,
    pub(crate) event_id: &'a str,
    /// The registration for the event, comparable; `None` for a meeting.
    pub(crate) registration_id: Option<&'a str>,
    pub(crate) report_id: &'a str,
    pub(crate) record_id: Option<&'a str>,
    /// The record's place in the report, from 0.
    pub(crate) place: usize,
}

impl PersonKey {
    /// The first key that exists: user, address, registrant, telephone, record.
    pub(crate) fn of(ids: &RecordIds<'_>) -> Self {
        let identity_id = given(ids.identity_id);
        if let (IdentityKind::User, Some(id)) = (ids.identity, identity_id) {
            let tenant_id = given(ids.tenant_id).unwrap_or(ids.archive_tenant).trim().to_lowercase();
            return Self::User { tenant_id, id: id.trim().to_lowercase() };
        }
        if let Some(address) = ids.address {
            return Self::Address(address.to_owned());
        }
        if let Some(registration_id) = ids.registration_id {
            let (event_id, registration_id) = (ids.event_id.to_owned(), registration_id.to_owned());
            return Self::Registrant { event_id, registration_id };
        }
        let report_id = ids.report_id.to_owned();
        if let (IdentityKind::Phone, Some(number)) = (ids.identity, identity_id) {
            return Self::Phone { report_id, number: number.to_owned() };
        }
        let by_place = || format!("{report_id}#{}", ids.place);
        let record_id = given(ids.record_id).map_or_else(by_place, str::to_owned);
        Self::Anonymous { report_id, record_id }
    }

    /// Whether it means somebody within one session only: a telephone, anonymous.
    pub fn is_of_one_session(&self) -> bool {
        matches!(self, Self::Phone { .. } | Self::Anonymous { .. })
    }

    /// What is the same in each report of a session: the number of a telephone, the record of who is anonymous.
    pub(super) fn within_session(&self) -> Option<(IdentityKind, &str)> {
        match self {
            Self::Phone { number, .. } => Some((IdentityKind::Phone, number)),
            Self::Anonymous { record_id, .. } => Some((IdentityKind::Anonymous, record_id)),
            Self::User { .. } | Self::Registrant { .. } | Self::Address(_) => None,
        }
    }
}

/// A text that is more than blanks.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
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
