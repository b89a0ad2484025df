//! Invented people at contoso, and the records of their attendance.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::registration::SimRegistration;
use crate::tenant::TENANT_ID;

const FIRST: [&str; 12] = [
    "Ilse", "Bram", "Noor", "Zoë", "Łukasz", "Aoife", "Søren", "Imani", "Teodor", "明子", "Xochitl", "Kwame",
];
const LAST: [&str; 11] = [
    "Vandersloot",
    "Okonjo",
    "Brännström",
    "Ó Faoláin",
    "Kowalczyk",
    "Tanaka",
    "Quispe",
    "Haddad",
    "Iversen",
    "Petrović",
    "Amsel",
];

/// How the record of an attendance leads to the registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationMatch {
    /// By the registration's id, and by nothing else.
    Id,
    /// By the id that another system gave, and by nothing else.
    ExternalId,
    /// By the address alone, which the record has in small letters.
    Address,
    /// By nothing: it is the record of somebody else, who came without a registration.
    Nothing,
}

impl RegistrationMatch {
    /// Every way, the surest first.
    pub const ALL: [Self; 4] = [Self::Id, Self::ExternalId, Self::Address, Self::Nothing];
}

/// The first and the last name of person `number`.
fn names(number: usize) -> (&'static str, &'static str) {
    (FIRST[number % FIRST.len()], LAST[number % LAST.len()])
}

/// The name of person `number`.
pub(crate) fn name(number: usize) -> String {
    let (first, last) = names(number);
    format!("{first} {last}")
}

/// The registration of person `number` for an event, through another system, who is in the tenant's directory or,
/// each seventh, is not. The address is that of [`attendance_record`], with a capital.
pub fn registration(number: usize, registered_at: Timestamp) -> SimRegistration {
    let (first, last) = names(number);
    let is_guest = number % 7 == 6;
    let domain = if is_guest { "fabrikam.com" } else { "contoso.com" };
    SimRegistration {
        id: format!("{number:08x}-0000-4000-8000-0000e0205050"),
        user_id: (!is_guest).then(|| user_id(number)),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: Some(format!("Person.{number}@{domain}")),
        status: "registered",
        registered_at,
        canceled_at: None,
        external: Some(("Fabrikam".to_owned(), format!("fabrikam-{number}"))),
        raw: None,
    }
}

/// The record, as JSON, of the attendance of the person who registered, from `start` to `end`, which leads to the
/// registration in this way and in no other.
pub fn record_of_registration(
    registration: &SimRegistration,
    matching: RegistrationMatch,
    start: Timestamp,
    end: Timestamp,
) -> String {
    let is_theirs = matching != RegistrationMatch::Nothing;
    let external = registration.external.as_ref().filter(|_| matching == RegistrationMatch::ExternalId);
    let email = match matching {
        RegistrationMatch::Address => registration.email.as_ref().map(|email| email.to_lowercase()),
        RegistrationMatch::Nothing => Some("somebody.else@fabrikam.com".to_owned()),
        RegistrationMatch::Id | RegistrationMatch::ExternalId => None,
    };
    let SimRegistration { first_name, last_name, user_id, .. } = registration;
    let user_id = user_id.as_ref().filter(|_| is_theirs);
    json!({
        "id": user_id.cloned().unwrap_or_else(|| format!("guest-{}", registration.id)),
        "emailAddress": email,
        "totalAttendanceInSeconds": end.duration_since(start).as_secs(),
        "role": "Attendee",
        "registrationId": (matching == RegistrationMatch::Id).then_some(&registration.id),
        "externalRegistrationInformation":
            external.map(|(referrer, id)| json!({"referrer": referrer, "registrationId": id})),
        "identity": {
            "@odata.type": "#microsoft.graph.communicationsUserIdentity",
            "id": user_id,
            "displayName": if is_theirs { format!("{first_name} {last_name}") } else { "Somebody Else".to_owned() },
            "tenantId": user_id.map(|_| TENANT_ID),
        },
        "attendanceIntervals": intervals(0, start, end),
    })
    .to_string()
}

fn user_id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-0000c0205050")
}

/// The record, as JSON, of the attendance of person `number` in a session, in the shape that Graph documents:
/// seven fractional digits, nulls, people without an address, one who left and came again.
pub fn attendance_record(number: usize, start: Timestamp, end: Timestamp) -> String {
    let guest = number % 7 == 6;
    let late = SignedDuration::from_nanos(i64::try_from(number % 97).unwrap_or(0) * 1_234_567_800);
    let join = (start + late).min(end);
    let seconds = end.duration_since(join).as_secs();
    let email = (!guest).then(|| format!("person.{number}@contoso.com"));
    json!({
        "id": user_id(number),
        "emailAddress": email,
        "totalAttendanceInSeconds": seconds,
        "role": if number == 0 { "Organizer" } else { "Attendee" },
        "registrationId": null,
        "identity": {
            "@odata.type": "#microsoft.graph.communicationsUserIdentity",
            "id": user_id(number),
            "displayName": name(number),
            "tenantId": (!guest).then_some(TENANT_ID),
        },
        "attendanceIntervals": intervals(number, join, end),
    })
    .to_string()
}

fn intervals(number: usize, join: Timestamp, end: Timestamp) -> serde_json::Value {
    let interval = |from: Timestamp, to: Timestamp| {
        json!({
            "joinDateTime": format!("{from:.7}"),
            "leaveDateTime": format!("{to:.7}"),
            "durationInSeconds": to.duration_since(from).as_secs(),
        })
    };
    if number % 5 == 4 {
        let middle = join + end.duration_since(join) / 2;
        json!([interval(join, middle), interval(middle, end)])
    } else {
        json!([interval(join, end)])
    }
}
