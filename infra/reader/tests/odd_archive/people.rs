//! The people of the archive of oddities, and their records. All are invented.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ORGANIZER, TENANT};

/// An object id that is told apart by `number`.
pub(super) fn guid(number: u32) -> String {
    format!("{number:08x}-0000-4000-8000-0000c0205050")
}

/// Who is in a record: the identity, the address and the record's id.
#[derive(Clone)]
pub(super) struct Who {
    id: String,
    identity: Value,
    address: Value,
    registration: Value,
}

/// A user of the tenant, with the address `{first.last}@contoso.com` of the plain name.
pub(super) fn user(number: u32, name: &str, address: &str) -> Who {
    Who {
        id: guid(number),
        identity: identity("communicationsUserIdentity", json!(guid(number)), name, json!(TENANT)),
        address: json!(address),
        registration: Value::Null,
    }
}

/// Somebody who joined without signing in: the identity has a name and no id.
pub(super) fn anonymous(record_id: &str, name: &str) -> Who {
    Who {
        id: record_id.to_owned(),
        identity: identity("identity", Value::Null, name, Value::Null),
        address: Value::Null,
        registration: Value::Null,
    }
}

/// A telephone.
pub(super) fn telephone(record_id: &str, number: &str) -> Who {
    Who {
        id: record_id.to_owned(),
        identity: identity("communicationsPhoneIdentity", json!(number), number, Value::Null),
        address: Value::Null,
        registration: Value::Null,
    }
}

/// A record without any identity.
pub(super) fn nobody(record_id: &str) -> Who {
    Who { id: record_id.to_owned(), identity: Value::Null, address: Value::Null, registration: Value::Null }
}

/// Who organizes: Mirella Oduya.
pub(super) fn mirella() -> Who {
    user(ORGANIZER, "Mirella Oduya", "mirella.oduya@contoso.com")
}

fn identity(kind: &str, id: Value, name: &str, tenant_id: Value) -> Value {
    json!({
        "@odata.type": format!("#microsoft.graph.{kind}"),
        "id": id,
        "displayName": name,
        "tenantId": tenant_id,
    })
}

impl Who {
    /// The same person, without an address in the record.
    pub(super) fn without_address(self) -> Self {
        Self { address: Value::Null, ..self }
    }

    /// The same person, in the record of another tenant's guest, or of a tenant that Graph does not name.
    pub(super) fn of_tenant(mut self, tenant_id: Value) -> Self {
        self.identity["tenantId"] = tenant_id;
        self
    }

    /// The same person, who registered so.
    pub(super) fn registered(self, registration_id: &str) -> Self {
        Self { registration: json!(registration_id), ..self }
    }

    /// The person's record, with the sum of the intervals as Graph's total.
    pub(super) fn record(&self, role: &str, intervals: Vec<Value>) -> Value {
        let seconds: i64 = intervals.iter().filter_map(|one| one["durationInSeconds"].as_i64()).sum();
        self.record_with(role, json!(intervals), json!(seconds))
    }

    /// The person's record, with `intervals` and `total` of whatever form.
    pub(super) fn record_with(&self, role: &str, intervals: Value, total: Value) -> Value {
        json!({
            "id": self.id,
            "emailAddress": self.address,
            "identity": self.identity,
            "registrationId": self.registration,
            "role": role,
            "totalAttendanceInSeconds": total,
            "attendanceIntervals": intervals,
        })
    }

    /// The record of an attendee on `day` (UTC), from and to the times `08:00` or `08:00:00`.
    pub(super) fn attended(&self, day: &str, times: &[(&str, &str)]) -> Value {
        self.record("Attendee", on(day, times))
    }
}

/// Intervals on `day` (UTC), from and to the times `08:00` or `08:00:00`.
pub(super) fn on(day: &str, times: &[(&str, &str)]) -> Vec<Value> {
    let instant = |time: &str| {
        let seconds = if time.len() == 5 { ":00" } else { "" };
        format!("{day}T{time}{seconds}Z")
    };
    times.iter().map(|(join, leave)| interval(&instant(join), &instant(leave))).collect()
}

/// An interval between two instants.
pub(super) fn interval(join: &str, leave: &str) -> Value {
    let [from, to] = [join, leave].map(|text| text.parse::<Timestamp>().unwrap());
    json!({
        "joinDateTime": join,
        "leaveDateTime": leave,
        "durationInSeconds": to.duration_since(from).as_secs(),
    })
}

/// First names and last names, of which many people are made.
const FIRST: [&str; 20] = [
    "Aiko", "Bram", "Chidi", "Dagmar", "Emeka", "Farah", "Goran", "Hanne", "Ilse", "Joost", "Kofi", "Lena",
    "Mads", "Noor", "Oskar", "Priya", "Quirijn", "Rana", "Sven", "Tomasz",
];
const LAST: [&str; 20] = [
    "Achterberg",
    "Brännström",
    "Castellano",
    "Dhillon",
    "Eze",
    "Ferreira",
    "Grünwald",
    "Haddad",
    "Iversen",
    "Jansen",
    "Kovač",
    "Lindqvist",
    "Mbeki",
    "Nakamura",
    "Okonjo",
    "Petrov",
    "Quist",
    "Rossi",
    "Śliwa",
    "Tran",
];

/// The `number`-th of many users: each with a name and an address of its own.
pub(super) fn one_of_many(number: u32) -> Who {
    let at = usize::try_from(number).unwrap();
    let (first, last) = (FIRST[at % 20], LAST[at / 20 % 20]);
    user(
        0x0100_0000 + number,
        &format!("{first} {last} {number:05}"),
        &format!("member.{number:05}@contoso.com"),
    )
}
