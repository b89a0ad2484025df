//! The page: what is kept about somebody, where, and since when. No script, no request, and for print.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{PersonData, matches};
use crate::files::error::FileError;
use crate::finder::{Attendance, Match, ObjectMatches, Place, RecordKind};
use crate::model::{Interval, Span};
use crate::times;
use crate::words::{self, one_line, one_whole_line, printable};

#[derive(Template)]
#[template(path = "person_file.html")]
struct PersonPage {
    title: String,
    about: String,
    keys: Vec<String>,
    sums: String,
    /// Each with its heading.
    sections: [(&'static str, Vec<SessionRow>); 3],
    objects: Vec<ObjectView>,
    undecided: Vec<ObjectView>,
}

/// A session, a registration, or something that the person organized or took part in.
struct SessionRow {
    when: String,
    title: String,
    role: String,
    times: String,
    minutes: String,
}

struct ObjectView {
    key: String,
    what: &'static str,
    kept: String,
    sha256: String,
    records: Vec<RecordView>,
}

struct RecordView {
    place: String,
    why: &'static str,
    /// As Graph sent it; of what is undecided nothing, for it may be somebody else's.
    record: Option<String>,
}

/// The page of what an archive has about somebody, with times in a zone. Records that may be somebody else's are named by where
/// they are, and not shown: whoever may see them has the JSON.
///
/// # Errors
/// [`FileError::Html`], which writing to memory does not meet.
pub fn html(data: &PersonData, zone: &TimeZone) -> Result<String, FileError> {
    let person = &data.subject.person;
    let (sure, undecided) = data.counts();
    let page = PersonPage {
        title: one_line(&words::name(person)),
        about: format!(
            "{} · archive {} · as of {} · times in {}",
            one_line(&words::about(person)),
            one_line(&data.archive),
            times::moment(data.as_of, zone),
            times::name(zone)
        ),
        keys: data.subject.keys().map(|key| one_line(&key.to_string())).collect(),
        sums: format!(
            "{sure} records in {} objects; {undecided} that could not be decided. {} objects were looked at.",
            data.sure_objects(),
            data.looked_at
        ),
        sections: sections(data, zone),
        objects: views(data, zone, true),
        undecided: views(data, zone, false),
    };
    Ok(page.render()?)
}

fn sections(data: &PersonData, zone: &TimeZone) -> [(&'static str, Vec<SessionRow>); 3] {
    let mut calls = rows(data, zone, ("events/", RecordKind::Participant));
    calls.extend(rows(data, zone, ("sessions/", RecordKind::Participant)));
    [
        ("Sessions attended", rows(data, zone, ("reports/", RecordKind::Attendance))),
        ("Registrations", rows(data, zone, ("registrations/", RecordKind::Registration))),
        ("Meetings, events and calls", calls),
    ]
}

/// The records of a kind in a room of the archive, by time.
fn rows(data: &PersonData, zone: &TimeZone, (room, kind): (&str, RecordKind)) -> Vec<SessionRow> {
    let mut rows: Vec<(Option<Timestamp>, SessionRow)> = Vec::new();
    for object in data.objects.iter().filter(|object| object.object.key.starts_with(room)) {
        let of_kind = matches(object, true).into_iter().filter(|one| one.kind == kind);
        let row = |one: &Match| (object.span.map(|span| span.start), row(data, object, one, zone));
        rows.extend(of_kind.map(row));
    }
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row(data: &PersonData, object: &ObjectMatches, one: &Match, zone: &TimeZone) -> SessionRow {
    let attendance = one.record.as_deref().map(Attendance::of).unwrap_or_default();
    let registered = attendance.registered_at.map(|at| times::moment(at, zone));
    let when = object.span.map(|span| times::range(span, zone)).or(registered);
    let pointed = one.place.pointer.as_deref().unwrap_or_default();
    SessionRow {
        when: when.unwrap_or_else(|| "no time known".to_owned()),
        title: one_line(words::title(data.title(object))),
        role: attendance.role.as_deref().map_or_else(|| role_at(pointed), one_line),
        times: attendance.intervals.iter().map(|one| interval(*one, zone)).collect::<Vec<_>>().join(", "),
        minutes: attendance.seconds.map(|seconds| (seconds / 60).to_string()).unwrap_or_default(),
    }
}

/// As what somebody stands at a place: `organizer`, `participants`.
fn role_at(pointer: &str) -> String {
    let mut names = pointer.split('/').filter(|name| !name.is_empty() && name.parse::<usize>().is_err());
    one_line(names.next_back().unwrap_or_default())
}

fn interval(interval: Interval, zone: &TimeZone) -> String {
    let time = |at: Option<Timestamp>| at.map_or("?".to_owned(), |at| times::time(at, zone));
    match interval.join.zip(interval.leave).and_then(|(join, leave)| Span::new(join, leave)) {
        Some(span) => times::hours(span, zone),
        None => format!("{}–{}", time(interval.join), time(interval.leave)),
    }
}

fn views(data: &PersonData, zone: &TimeZone, is_sure: bool) -> Vec<ObjectView> {
    let view = |object: &ObjectMatches| {
        let records = matches(object, is_sure);
        let kept = object.fetched_at.or(object.object.written_at);
        (!records.is_empty()).then(|| ObjectView {
            key: one_whole_line(&object.object.key),
            what: room(&object.object.key),
            kept: kept
                .map_or("not known since when".to_owned(), |at| format!("since {}", times::moment(at, zone))),
            sha256: object.sha256.clone().unwrap_or_default(),
            records: records.into_iter().map(|one| record(one, is_sure)).collect(),
        })
    };
    data.objects.iter().filter_map(view).collect()
}

fn record(one: &Match, is_sure: bool) -> RecordView {
    let record = one.record.as_ref().filter(|_| is_sure).map(|record| printable(record.get()));
    RecordView { place: place(&one.place), why: one.why.sentence(), record }
}

fn place(place: &Place) -> String {
    let line = place.line.map(|line| format!("line {line}"));
    let pointer =
        place.pointer.as_deref().map(|pointer| if pointer.is_empty() { "all of it" } else { pointer });
    let metadata = place.metadata.as_deref().map(|name| format!("metadata {name}"));
    let key = place.is_key.then(|| "its key".to_owned());
    let parts = [line, pointer.map(one_line), metadata, key];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "the object".to_owned() } else { parts.join(", ") }
}

/// What lies in a room of the archive, in words.
fn room(key: &str) -> &'static str {
    match key.split('/').next().unwrap_or_default() {
        "reports" => "Attendance report, as Graph sent it",
        "records" => "Attendance records, for questions in SQL",
        "revisions" => "Another version of what Graph sent",
        "events" => "What Graph says of a meeting or event",
        "registrations" => "Registrations for an event",
        "sessions" => "Record of a call",
        "lines" => "Events and registrations, for questions in SQL",
        "audits" => "Ledger of what is archived",
        "staging" => "Kept for 30 days at most while it is worked on",
        _ => "Another object",
    }
}
