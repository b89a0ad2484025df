//! Where the entries of a text stand. Nothing is decoded but names of members, so nothing odd in an entry is in the way.

use serde_json::value::RawValue;

use super::Shape;
use super::shape::Way;
use crate::model::{Members, unwrapped};

/// An entry of a text of the archive, which is about one person: a record, a registration, a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The entry's JSON as it stands in the text, of which it is a part.
    pub text: &'a str,
    /// The line that it stands in, from 0; `None` where the text is no JSON lines.
    line: Option<usize>,
    members: &'static [&'static str],
    /// Its place in its list, from 0; `None` where it stands in none.
    place: Option<usize>,
}

impl Entry<'_> {
    /// The JSON pointer (RFC 6901) of the entry from the root of the text; of JSON lines as if they were an array. Where a
    /// member stands twice, entries of both have the same.
    pub fn pointer(&self) -> String {
        let line = self.line.map(|line| line.to_string());
        let place = self.place.map(|place| place.to_string());
        let segments = line.iter().map(String::as_str).chain(self.members.iter().copied());
        segments.chain(place.as_deref()).flat_map(|segment| ["/", segment]).collect()
    }
}

/// The entries of a text, in the order in which they stand there.
///
/// # Errors
/// The text is not JSON (or one of its lines is not). Do not show serde's text: it quotes values.
pub fn entries(text: &str, shape: Shape) -> serde_json::Result<Vec<Entry<'_>>> {
    let mut entries = Vec::new();
    match shape {
        Shape::Registration => {
            let registration: &RawValue = serde_json::from_str(unwrapped(text))?;
            let is_wrapped = registration.get().len() < text.trim().len();
            let members: &[&str] = if is_wrapped { &["value"] } else { &[] };
            entries.push(Entry { text: registration.get(), line: None, members, place: None });
        }
        Shape::Lines => {
            let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
            for (line, text) in lines {
                add_all(&mut entries, text, shape, Some(line))?;
            }
        }
        _ => add_all(&mut entries, text, shape, None)?,
    }
    entries.sort_by_key(|entry| entry.text.as_ptr().addr());
    Ok(entries)
}

/// Adds the entries of a JSON text, on every way of the shape.
fn add_all<'a>(
    entries: &mut Vec<Entry<'a>>,
    text: &'a str,
    shape: Shape,
    line: Option<usize>,
) -> serde_json::Result<()> {
    let root: &RawValue = serde_json::from_str(text)?;
    for Way { members, is_list } in shape.ways() {
        let mut ends = vec![root];
        for member in *members {
            ends = below(&ends, member)?;
        }
        for end in ends {
            if *is_list {
                let each = elements(end)?.into_iter().enumerate();
                entries.extend(each.map(|(place, entry)| Entry {
                    text: entry.get(),
                    line,
                    members,
                    place: Some(place),
                }));
            } else if end.get().starts_with('{') {
                entries.push(Entry { text: end.get(), line, members, place: None });
            }
        }
    }
    Ok(())
}

/// The values of a member in some objects; of one that stands twice, both.
fn below<'a>(values: &[&'a RawValue], member: &str) -> serde_json::Result<Vec<&'a RawValue>> {
    let mut found = Vec::new();
    for value in values {
        let members = members(value)?.into_iter().filter(|(name, _)| is_named(name, member));
        found.extend(members.map(|(_, value)| value));
    }
    Ok(found)
}

/// Whether the literal of a member's name is `member`, however it is escaped.
pub(super) fn is_named(literal: &RawValue, member: &str) -> bool {
    let inner = literal.get().trim_matches('"');
    if inner.contains('\\') {
        serde_json::from_str::<String>(literal.get()).is_ok_and(|name| name == member)
    } else {
        inner == member
    }
}

/// The elements of an array; none where the value is something else.
pub(super) fn elements(value: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    if value.get().starts_with('[') { serde_json::from_str(value.get()) } else { Ok(Vec::new()) }
}

/// The members of an object, each with the literal of its name; none where the value is something else.
pub(super) fn members(value: &RawValue) -> serde_json::Result<Vec<(&RawValue, &RawValue)>> {
    if !value.get().starts_with('{') {
        return Ok(Vec::new());
    }
    serde_json::from_str(value.get()).map(|Members(members)| members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(text: &str, shape: Shape) -> Vec<(String, &str)> {
        entries(text, shape).unwrap().into_iter().map(|entry| (entry.pointer(), entry.text)).collect()
    }

    fn named<'a>(pointers: &[(&str, &'a str)]) -> Vec<(String, &'a str)> {
        pointers.iter().map(|(pointer, text)| ((*pointer).to_owned(), *text)).collect()
    }

    #[test]
    fn the_records_of_a_report_are_its_entries() {
        let report = "\n{ \"id\":\"r\", \"attendanceRecords\" : [ {\"a\": 1.0}, null,\n{} ] ,\"b\":[{}]}";
        let expected = [
            ("/attendanceRecords/0", "{\"a\": 1.0}"),
            ("/attendanceRecords/1", "null"),
            ("/attendanceRecords/2", "{}"),
        ];
        assert_eq!(pointers(report, Shape::Report), named(&expected));
        for none in ["{}", "[]", "7", r#"{"attendanceRecords":null}"#, r#"{"attendanceRecords":{"a":[]}}"#] {
            assert_eq!(pointers(none, Shape::Report), [], "{none}");
        }
        assert!(entries("{", Shape::Report).is_err() && entries("", Shape::Lines).unwrap().is_empty());
    }

    #[test]
    fn a_member_that_stands_twice_or_is_written_with_escapes_is_found() {
        let odd = r#"{"\ud83d":[{}],"attendanceRecords":[1],"attendance\u0052ecords":[{"\ud83d":"\ud83d"}]}"#;
        let expected = [("/attendanceRecords/0", "1"), ("/attendanceRecords/0", r#"{"\ud83d":"\ud83d"}"#)];
        assert_eq!(pointers(odd, Shape::Report), named(&expected));
    }

    #[test]
    fn registrations_are_found_in_a_list_and_alone_wrapped_or_not() {
        assert_eq!(
            pointers(r#"{"value":[{"id":"g"}]}"#, Shape::Registrations),
            named(&[("/value/0", r#"{"id":"g"}"#)])
        );
        let one = r#"{"id":"g"}"#;
        assert_eq!(pointers(one, Shape::Registration), named(&[("", one)]));
        let wrapped = format!(r#" {{"@odata.context":"c","value":{one}}}"#);
        assert_eq!(pointers(&wrapped, Shape::Registration), named(&[("/value", one)]));
    }

    #[test]
    fn people_of_an_event_are_found_wrapped_or_not() {
        let event = r#"{"createdBy":{"u":0},"participants":{"organizer":{"u":1},"attendees":[{"u":2}]},"coOrganizers":[{"u":3}]}"#;
        let expected = [
            ("/createdBy", r#"{"u":0}"#),
            ("/participants/organizer", r#"{"u":1}"#),
            ("/participants/attendees/0", r#"{"u":2}"#),
            ("/coOrganizers/0", r#"{"u":3}"#),
        ];
        assert_eq!(pointers(event, Shape::Event), named(&expected));
        let wrapped = format!(r#"{{"value":{event}}}"#);
        let below = expected.map(|(pointer, text)| (format!("/value{pointer}"), text));
        assert_eq!(pointers(&wrapped, Shape::Event), below);
        let lines = format!(
            "{{\"kind\":\"k\",\"event\":{event}}}\n\n{{\"attendanceRecord\":{{}},\"registration\":{{\"r\":1}}}}\n"
        );
        let mut below: Vec<_> = expected.map(|(pointer, text)| (format!("/0/event{pointer}"), text)).to_vec();
        below.extend(named(&[("/2/attendanceRecord", "{}"), ("/2/registration", r#"{"r":1}"#)]));
        assert_eq!(pointers(&lines, Shape::Lines), below);
    }

    #[test]
    fn who_took_part_in_a_call_is_found() {
        let call = r#"{"organizer":null,"organizer_v2":{"o":1},"participants":[{"p":1},{"p":2}],"sessions":[{"s":1}]}"#;
        let expected = [
            ("/organizer_v2", r#"{"o":1}"#),
            ("/participants/0", r#"{"p":1}"#),
            ("/participants/1", r#"{"p":2}"#),
            ("/sessions/0", r#"{"s":1}"#),
        ];
        assert_eq!(pointers(call, Shape::CallRecord), named(&expected));
    }
}
