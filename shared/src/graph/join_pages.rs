//! A report that came in pages, joined from the raw text of its records.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::MeetingAttendanceReport;

/// Joins a report and the further pages of its records into one report; returns its JSON text and the number
/// of its records.
///
/// The first page's members stay in their order and as they are, but `attendanceRecords` holds the
/// records of all pages, each unchanged, and the link to the next page is gone. A report that has
/// neither, as in a list, gets its records at the end.
///
/// # Errors
/// The first page is not a JSON object.
pub fn join_pages(first: &str, pages: &[&[Box<RawValue>]]) -> serde_json::Result<(String, usize)> {
    let Members(members) = serde_json::from_str(first)?;
    let own = MeetingAttendanceReport::read(first)?.attendance_records.unwrap_or_default();
    let rest = pages.iter().copied().flatten().map(AsRef::as_ref);
    let records: Vec<&RawValue> = own.into_iter().chain(rest).collect();
    let has_records = members.iter().any(|(name, _)| name == RECORDS);
    let place = if has_records { RECORDS } else { RECORDS_NEXT_LINK };

    let bytes: usize = records.iter().map(|record| record.get().len() + ",".len()).sum();
    let mut joined = String::with_capacity(first.len() + RECORDS.len() + bytes);
    let mut is_placed = false;
    for (name, value) in members {
        if name == place && !is_placed {
            is_placed = true;
            push_records(&mut joined, &records);
        } else if name != RECORDS && name != RECORDS_NEXT_LINK {
            push_name(&mut joined, &serde_json::to_string(&name)?);
            joined.push_str(value.get());
        }
    }
    if !is_placed {
        push_records(&mut joined, &records);
    }
    joined.push('}');
    Ok((joined, records.len()))
}

/// The next member of an object: its name, which is JSON.
fn push_name(object: &mut String, name: &str) {
    object.push(if object.is_empty() { '{' } else { ',' });
    object.push_str(name);
    object.push(':');
}

fn push_records(object: &mut String, records: &[&RawValue]) {
    push_name(object, &format!("\"{RECORDS}\""));
    object.push('[');
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            object.push(',');
        }
        object.push_str(record.get());
    }
    object.push(']');
}

const RECORDS: &str = "attendanceRecords";
const RECORDS_NEXT_LINK: &str = "attendanceRecords@odata.nextLink";

/// The members of a JSON object in their order, values as they are.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn pages_are_joined_without_touching_a_record() {
        let first = r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,
            "attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"}],
            "attendanceRecords@odata.nextLink":"https://next","z":null}"#;
        let second = [raw(r#"{"n":2e0,"x":"\u00e9"}"#)];
        let third = [raw(r#"{ "n" : 3 }"#)];

        let joined = join_pages(first, &[&second, &third]).unwrap();

        assert_eq!(joined.1, 3);
        assert_eq!(
            joined.0,
            r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,"attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"},{"n":2e0,"x":"\u00e9"},{ "n" : 3 }],"z":null}"#
        );
    }

    #[test]
    fn records_that_stand_only_on_later_pages_are_joined_too() {
        let page = [raw("{}")];
        let absent = r#"{"id":"r","attendanceRecords@odata.nextLink":"https://next","z":1}"#;
        assert_eq!(join_pages(absent, &[&page]).unwrap().0, r#"{"id":"r","attendanceRecords":[{}],"z":1}"#);
        let null = r#"{"attendanceRecords@odata.nextLink":"https://next","attendanceRecords":null}"#;
        assert_eq!(join_pages(null, &[&page]).unwrap().0, r#"{"attendanceRecords":[{}]}"#);
        let listed = r#"{"id":"r"}"#;
        assert_eq!(
            join_pages(listed, &[&page]).unwrap(),
            (r#"{"id":"r","attendanceRecords":[{}]}"#.to_owned(), 1)
        );
    }
}
