//! What differs between a report and the other answers that Graph gave for it.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use shared::model::MeetingAttendanceReport;

use crate::pages::Pages;
use crate::pages::loaded::Loaded;
use crate::words::one_line;

/// So many answers of a session are compared: a report that changed often has some more, which can be downloaded.
const MOST: usize = 10;

/// What differs, by the key of each other answer. One that the archive does not give has no entry.
pub(super) async fn differences(pages: &Pages, loaded: &Loaded) -> BTreeMap<String, String> {
    let mut answers = Vec::new();
    for part in &loaded.session.parts {
        answers.extend(part.provenance.revisions.iter().map(|other| (&part.provenance.key, other)));
    }
    let mut differences = BTreeMap::new();
    for (current, other) in answers.into_iter().take(MOST) {
        if let (Some(current), Some(answer)) = (bytes(pages, current).await, bytes(pages, other).await) {
            differences.insert(other.clone(), difference(&current, &answer));
        }
    }
    differences
}

async fn bytes(pages: &Pages, key: &str) -> Option<Bytes> {
    Some(pages.store.get(key).await.ok()??.body)
}

/// What another answer says otherwise than the current one, in words.
fn difference(current: &[u8], other: &[u8]) -> String {
    let [current, other] = [current, other].map(String::from_utf8_lossy);
    let read = |text| MeetingAttendanceReport::read(text).ok();
    let (Some(current), Some(other)) = (read(&current), read(&other)) else {
        return "it cannot be compared".to_owned();
    };
    let texts = |report: &MeetingAttendanceReport<'_>| {
        let count = report.total_participant_count.map(|count| count.to_string());
        let (start, end) = (report.meeting_start_date_time.clone(), report.meeting_end_date_time.clone());
        [count, Some(report.record_count().to_string()), start, end]
            .map(|text| text.map_or("none".to_owned(), |text| one_line(&text)))
    };
    let names = ["participants", "records", "start", "end"];
    let facts = names.into_iter().zip(texts(&other).into_iter().zip(texts(&current)));
    let mut told: Vec<String> = facts
        .filter(|(_, (here, there))| here != there)
        .map(|(name, (here, there))| format!("{name}: {here}, and {there} in the current one"))
        .collect();
    let others = other_records(&current, &other);
    if others > 0 {
        told.push(format!("{others} of its records are not so in the current one"));
    }
    match told.is_empty() {
        true => "the same counts, times and records; something else differs".to_owned(),
        false => told.join(" · "),
    }
}

/// How many records of an answer are not in the current one, character by character.
fn other_records(current: &MeetingAttendanceReport<'_>, other: &MeetingAttendanceReport<'_>) -> usize {
    let known: HashSet<&str> =
        current.attendance_records.iter().flatten().map(|record| record.get()).collect();
    let records = other.attendance_records.iter().flatten();
    records.filter(|record| !known.contains(record.get())).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_apart_by_counts_times_and_records() {
        let current = br#"{"id":"r","totalParticipantCount":2,"meetingEndDateTime":"2026-03-01T11:00:00Z","attendanceRecords":[{"id":"a"},{"id":"b"}]}"#;
        let poorer = br#"{"id":"r","totalParticipantCount":1,"meetingEndDateTime":null,"attendanceRecords":[{"id":"a"}]}"#;
        assert_eq!(
            difference(current, poorer),
            "participants: 1, and 2 in the current one · records: 1, and 2 in the current one · \
             end: none, and 2026-03-01T11:00:00Z in the current one"
        );
        let renamed = br#"{"id":"r","totalParticipantCount":2,"meetingEndDateTime":"2026-03-01T11:00:00Z","attendanceRecords":[{"id":"a"},{"id":"c"}]}"#;
        assert_eq!(difference(current, renamed), "1 of its records are not so in the current one");
        assert_eq!(
            difference(current, &[current.as_slice(), b" "].concat()),
            "the same counts, times and records; something else differs"
        );
        assert_eq!(difference(current, b"{"), "it cannot be compared");
    }
}
