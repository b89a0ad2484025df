//! A report that came in pages, joined from the raw text of its records, a page at a time.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::MeetingAttendanceReport;

/// A report into which the pages of its records are joined, in their order: no page need be kept meanwhile.
///
/// The first page's members stay in their order and as they are, but `attendanceRecords` holds the
/// records of all pages, each unchanged, and the link to the next page is gone. A report that has
/// neither, as in a list, gets its records at the end.
#[derive(Debug)]
pub struct JoinedReport {
    /// The members up to the records, and the records so far.
    text: String,
    /// The members behind the records.
    rest: String,
    records: usize,
}

impl JoinedReport {
    /// Begins with the text of a report's first page.
    ///
    /// # Errors
    /// The text is not the JSON object of a report.
    pub fn new(first: &str) -> serde_json::Result<Self> {
        let Members(members) = serde_json::from_str(first)?;
        let own = MeetingAttendanceReport::read(first)?.attendance_records.unwrap_or_default();
        let has_records = members.iter().any(|(name, _)| name == RECORDS);
        let place = if has_records { RECORDS } else { RECORDS_NEXT_LINK };
        let text = String::with_capacity(first.len() + RECORDS.len());
        let mut joined = Self { text, rest: String::new(), records: 0 };
        let mut is_placed = false;
        for (name, value) in members {
            if name == place && !is_placed {
                is_placed = true;
                joined.open_records(&own);
            } else if name != RECORDS && name != RECORDS_NEXT_LINK {
                let member = format!("{}:{}", serde_json::to_string(&name)?, value.get());
                if is_placed {
                    joined.rest.push(',');
                    joined.rest.push_str(&member);
                } else {
                    joined.push_member(&member);
                }
            }
        }
        if !is_placed {
            joined.open_records(&own);
        }
        Ok(joined)
    }

    /// Adds the records of the next page.
    pub fn push(&mut self, records: &[&RawValue]) {
        self.text.reserve(records.iter().map(|record| record.get().len() + ",".len()).sum());
        for record in records {
            if self.records > 0 {
                self.text.push(',');
            }
            self.text.push_str(record.get());
            self.records += 1;
        }
    }

    /// The report's JSON text, and the number of its records.
    pub fn finish(mut self) -> (String, usize) {
        self.text.push(']');
        self.text.push_str(&self.rest);
        self.text.push('}');
        (self.text, self.records)
    }

    fn open_records(&mut self, own: &[&RawValue]) {
        self.push_member(&format!("\"{RECORDS}\":["));
        self.push(own);
    }

    fn push_member(&mut self, member: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(member);
    }
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

    fn joined(first: &str, pages: &[&str]) -> (String, usize) {
        let mut report = JoinedReport::new(first).unwrap();
        for page in pages {
            report.push(&serde_json::from_str::<Vec<&RawValue>>(page).unwrap());
        }
        report.finish()
    }

    #[test]
    fn pages_are_joined_without_touching_a_record() {
        let first = r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,
            "attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"}],
            "attendanceRecords@odata.nextLink":"https://next","z":null}"#;

        let joined = joined(first, &[r#"[{"n":2e0,"x":"\u00e9"}]"#, r#"[{ "n" : 3 }]"#]);

        assert_eq!(joined.1, 3);
        assert_eq!(
            joined.0,
            r#"{"@odata.context":"c","id":"r-1","totalParticipantCount":3,"big":12345678901234567890123,"attendanceRecords":[{"n":1.0,  "t":"2026-01-01T00:00:00.1234567Z"},{"n":2e0,"x":"\u00e9"},{ "n" : 3 }],"z":null}"#
        );
    }

    #[test]
    fn records_that_stand_only_on_later_pages_are_joined_too() {
        let absent = r#"{"id":"r","attendanceRecords@odata.nextLink":"https://next","z":1}"#;
        assert_eq!(joined(absent, &["[{}]"]).0, r#"{"id":"r","attendanceRecords":[{}],"z":1}"#);
        let null = r#"{"attendanceRecords@odata.nextLink":"https://next","attendanceRecords":null}"#;
        assert_eq!(joined(null, &["[{}]"]).0, r#"{"attendanceRecords":[{}]}"#);
        let listed = r#"{"id":"r"}"#;
        assert_eq!(joined(listed, &["[{}]"]), (r#"{"id":"r","attendanceRecords":[{}]}"#.to_owned(), 1));
        assert_eq!(joined("{}", &["[]", "[1]", "[]", "[2]"]).0, r#"{"attendanceRecords":[1,2]}"#);
    }
}
