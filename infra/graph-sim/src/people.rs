//! Invented people at contoso, and the records of their attendance.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

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

/// The record, as JSON, of the attendance of person `number` in a session, in the shape that Graph documents:
/// seven fractional digits, nulls, people without an address, one who left and came again.
pub fn attendance_record(number: usize, start: Timestamp, end: Timestamp) -> String {
    let (first, last) = (FIRST[number % FIRST.len()], LAST[number % LAST.len()]);
    let guest = number % 7 == 6;
    let late = SignedDuration::from_nanos(i64::try_from(number % 97).unwrap_or(0) * 1_234_567_800);
    let join = (start + late).min(end);
    let seconds = end.duration_since(join).as_secs();
    let email = (!guest).then(|| format!("person.{number}@contoso.com"));
    json!({
        "id": format!("{number:08x}-0000-4000-8000-0000c0205050"),
        "emailAddress": email,
        "totalAttendanceInSeconds": seconds,
        "role": if number == 0 { "Organizer" } else { "Attendee" },
        "registrationId": null,
        "identity": {
            "@odata.type": "#microsoft.graph.communicationsUserIdentity",
            "id": format!("{number:08x}-0000-4000-8000-0000c0205050"),
            "displayName": format!("{first} {last}"),
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
