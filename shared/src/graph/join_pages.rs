//! A report or a list that came in pages, joined from the raw text of its entries, a page at a time.

use serde_json::value::RawValue;

use crate::model::Members;

/// A text into which the pages of its entries are joined, in their order: no page need be kept meanwhile.
///
/// The first page's members stay in their order and as they are, but the entries' member holds those of all pages, each
/// unchanged, and the link to the next page is gone. A report that has neither, as in a list, gets its records at
/// the end.
#[derive(Debug)]
pub struct JoinedText {
    /// The members up to the entries, and the entries so far.
    text: String,
    /// The members behind the entries.
    rest: String,
    entries: usize,
    /// The name of the member that holds the entries.
    name: &'static str,
}

impl JoinedText {
    /// Begins with the text of a report's first page.
    ///
    /// # Errors
    /// The text is not the JSON object of a report.
    pub fn of_report(first: &str) -> serde_json::Result<Self> {
        Self::new(first, "attendanceRecords", "attendanceRecords@odata.nextLink")
    }

    /// Begins with the text of a list's first page.
    ///
    /// # Errors
    /// The text is not the JSON object of a list.
    pub fn of_list(first: &str) -> serde_json::Result<Self> {
        Self::new(first, "value", "@odata.nextLink")
    }

    fn new(first: &str, entries: &'static str, next_link: &'static str) -> serde_json::Result<Self> {
        let Members::<'_, String>(members) = serde_json::from_str(first)?;
        let found = members.iter().find(|(name, _)| name == entries);
        let own = found.map(|(_, value)| serde_json::from_str::<Option<Vec<&RawValue>>>(value.get()));
        let own = own.transpose()?.flatten().unwrap_or_default();
        let place = if found.is_some() { entries } else { next_link };
        let text = String::with_capacity(first.len() + entries.len());
        let mut joined = Self { text, rest: String::new(), entries: 0, name: entries };
        let mut is_placed = false;
        for (name, value) in &members {
            if name == place && !is_placed {
                is_placed = true;
                joined.open_entries(&own);
            } else if name != entries && name != next_link {
                let member = format!("{}:{}", serde_json::to_string(name)?, value.get());
                if is_placed {
                    joined.rest.push(',');
                    joined.rest.push_str(&member);
                } else {
                    joined.push_member(&member);
                }
            }
        }
        if !is_placed {
            joined.open_entries(&own);
        }
        Ok(joined)
    }

    /// Adds the entries of the next page.
    pub fn push(&mut self, entries: &[&RawValue]) {
        self.text.reserve(entries.iter().map(|entry| entry.get().len() + ",".len()).sum());
        for entry in entries {
            if self.entries > 0 {
                self.text.push(',');
            }
            self.text.push_str(entry.get());
            self.entries += 1;
        }
    }

    /// The whole JSON text, and the number of its entries.
    pub fn finish(mut self) -> (String, usize) {
        self.text.push(']');
        self.text.push_str(&self.rest);
        self.text.push('}');
        (self.text, self.entries)
    }

    fn open_entries(&mut self, own: &[&RawValue]) {
        self.push_member(&format!("\"{}\":[", self.name));
        self.push(own);
    }

    fn push_member(&mut self, member: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push_str(member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(first: &str, pages: &[&str]) -> (String, usize) {
        let mut report = JoinedText::of_report(first).unwrap();
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
    fn the_pages_of_a_list_are_joined_in_its_value() {
        let mut list = JoinedText::of_list(
            r#"{"@odata.context":"c","value":[{"n":1.0}],"@odata.nextLink":"https://next"}"#,
        )
        .unwrap();
        list.push(&serde_json::from_str::<Vec<&RawValue>>(r#"[{ "n" : 2 }]"#).unwrap());
        assert_eq!(
            list.finish(),
            (r#"{"@odata.context":"c","value":[{"n":1.0},{ "n" : 2 }]}"#.to_owned(), 2)
        );
        assert!(JoinedText::of_list(r#"{"value":{}}"#).is_err());
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
