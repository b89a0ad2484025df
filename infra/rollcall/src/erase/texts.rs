//! What an object of the archive is, by its key and metadata, and what it is without those who were erased.

use serde_json::Value;
use shared::archive::erasure::{Shape, Tombstones, entries, redact};
use shared::model::unwrapped;
use shared::ports::store::Metadata;

/// A text without those who were erased.
pub(super) struct Change {
    /// The whole text.
    pub(super) text: String,
    /// The JSON pointers of the entries that were replaced.
    pub(super) pointers: Vec<String>,
    /// How many entries stay as they are.
    pub(super) others: usize,
    /// The id of the latest erasure by which something was replaced.
    pub(super) erasure: String,
}

/// Where pages and claim checks wait: they are removed whole.
pub(super) fn is_staged(key: &str) -> bool {
    key.starts_with("staging/reports/") || key.starts_with("staging/pages/")
}

/// The kind of text under a key; `None` where nobody has an entry of their own.
pub(super) fn shape(key: &str) -> Option<Shape> {
    let path = key.strip_prefix("revisions/");
    let room = path.unwrap_or(key).split('/').next()?;
    match room {
        "reports" => Some(Shape::Report),
        // Revisions of reports have no room of their own.
        "v1" if path.is_some() => Some(Shape::Report),
        "sessions" => Some(Shape::CallRecord),
        "events" => Some(Shape::Event),
        "registrations" => Some(if is_single(key) { Shape::Registration } else { Shape::Registrations }),
        "records" | "lines" if path.is_none() => Some(Shape::Lines),
        _ => None,
    }
}

/// Whether it is the key of one registration: its id stands below its event's. A revision's hash stands below both.
fn is_single(key: &str) -> bool {
    let behind = key.split_once("/kind=").map_or("", |(_, behind)| behind);
    let of_list = if key.starts_with("revisions/") { 2 } else { 1 };
    behind.matches('/').count() > of_list
}

/// The id of the artifact within which ids mean somebody that are no GUIDs, as `archive` knows it.
pub(super) fn scope(shape: Shape, metadata: &Metadata, text: &str) -> String {
    let named = |name: &str| metadata.get(name).cloned();
    let found = match shape {
        Shape::Report | Shape::CallRecord => id_in(text).or_else(|| named("report-id")),
        Shape::Registrations => named("event-id"),
        Shape::Registration => named("registration-id").or_else(|| id_in(unwrapped(text))),
        Shape::Event => named("event-id").or_else(|| id_in(unwrapped(text))),
        Shape::Lines => text.split('\n').next().and_then(scope_of_lines),
    };
    found.unwrap_or_default()
}

/// The text's own id.
fn id_in(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Own {
        id: Option<String>,
    }
    serde_json::from_str::<Own>(text).ok()?.id
}

/// The artifact of which lines were made, by the head of the first.
fn scope_of_lines(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let of = |name: &str| line[name].as_str().map(str::to_owned);
    if line["isListed"] == Value::Bool(false) {
        return line["registration"]["id"].as_str().map(str::to_owned);
    }
    ["reportId", "sessionId", "meetingId", "eventId"].into_iter().find_map(of)
}

/// What is left of an object's text; `None` where nobody in it was erased, or nobody can be found in it.
pub(super) fn change(key: &str, metadata: &Metadata, body: &[u8], tombstones: &Tombstones) -> Option<Change> {
    let (shape, text) = (shape(key)?, std::str::from_utf8(body).ok()?);
    let scope = scope(shape, metadata, text);
    let mut pointers = Vec::new();
    let redacted = redact(text, shape, |entry| {
        let marker = tombstones.marker(entry.text, &scope);
        pointers.extend(marker.map(|_| entry.pointer()));
        marker
    });
    let redacted = redacted.ok()??;
    let others = entries(text, shape).map_or(0, |entries| entries.len()).saturating_sub(redacted.entries);
    Some(Change { text: redacted.text, pointers, others, erasure: redacted.latest.erasure })
}

/// Whether a text that waits in `staging/` names somebody who was erased.
pub(super) fn names_somebody(body: &[u8], tombstones: &Tombstones) -> bool {
    let text = String::from_utf8_lossy(body);
    tombstones.marker(&text, &id_in(&text).unwrap_or_default()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_what_the_text_is() {
        let registrations = "registrations/v1/tenant=t/kind=webinar";
        for (key, expected) in [
            ("reports/v1/tenant=t/kind=meeting/date=2026-03-01/r.json".to_owned(), Some(Shape::Report)),
            ("revisions/v1/tenant=t/kind=meeting/date=2026-03-01/r/aa.json".into(), Some(Shape::Report)),
            ("revisions/sessions/v1/tenant=t/date=2026-03-01/c/aa.json".into(), Some(Shape::CallRecord)),
            ("events/v1/tenant=t/kind=webinar/w/sessions/s.json".into(), Some(Shape::Event)),
            (format!("{registrations}/w.json"), Some(Shape::Registrations)),
            (format!("{registrations}/w/g.json"), Some(Shape::Registration)),
            (format!("revisions/{registrations}/w/aa.json"), Some(Shape::Registrations)),
            (format!("revisions/{registrations}/w/g/aa.json"), Some(Shape::Registration)),
            ("records/v1/tenant=t/kind=meeting/date=2026-03-01/r.jsonl".into(), Some(Shape::Lines)),
            ("lines/events/v1/tenant=t/kind=webinar/w.jsonl".into(), Some(Shape::Lines)),
            ("audits/v1/tenant=t/date=2026-03-01/a.jsonl".into(), None),
            ("staging/reports/aa.json".into(), None),
        ] {
            assert_eq!(shape(&key), expected, "{key}");
        }
    }

    #[test]
    fn lines_tell_of_what_they_were_made() {
        for (line, expected) in [
            (r#"{"reportId":"r-1","kind":"meeting","meetingId":"m","attendanceRecord":{"id":"a"}}"#, "r-1"),
            (r#"{"kind":"webinar","eventId":"w@t","sessionId":"s","event":{"id":"x"}}"#, "s"),
            (r#"{"kind":"webinar","eventId":"w@t","isListed":true,"registration":{"id":"g"}}"#, "w@t"),
            (r#"{"kind":"webinar","eventId":"w@t","isListed":false,"registration":{"id":"g"}}"#, "g"),
        ] {
            assert_eq!(scope(Shape::Lines, &Metadata::new(), line), expected);
        }
    }
}
