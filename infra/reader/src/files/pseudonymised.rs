//! Pseudonymised copies as CSV, XLSX and JSON: what [`PseudonymisedSession`] has, and the rules without who was told to be the same.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::files::csv::{self, CsvOptions};
use crate::files::error::FileError;
use crate::files::table::{Table, Value, headings};
use crate::files::xlsx;
use crate::model::Interval;
use crate::pseudonyms::{PseudonymisedPerson, PseudonymisedRegistration, PseudonymisedSession};
use crate::rules::{Level, Mark, Rules, Threshold};
use crate::words;

const PERSON: [&str; 21] = [
    "Session",
    "Series",
    "Kind",
    "Organizer",
    "Session start",
    "Session end",
    "Window start",
    "Window end",
    "Person",
    "Identity",
    "Role",
    "Stands apart",
    "Seconds",
    "Graph seconds",
    "Seconds from",
    "First join",
    "Last leave",
    "Joins",
    "Level",
    "Late",
    "Left early",
];

/// A session as one line a person.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn csv(
    session: &PseudonymisedSession,
    zone: &TimeZone,
    options: CsvOptions,
) -> Result<Vec<u8>, FileError> {
    csv::table(&people(session), zone, options)
}

/// Who registered, as one line a registration.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn csv_registrations(
    session: &PseudonymisedSession,
    zone: &TimeZone,
    options: CsvOptions,
) -> Result<Vec<u8>, FileError> {
    csv::table(&registrations(session), zone, options)
}

/// A session in five sheets: a line a person, a line a time of attendance, a line a registration, the session, the rules.
///
/// # Errors
/// [`FileError::TooManyRows`], [`FileError::TooManyCells`] where Excel could not open it, and [`FileError::Xlsx`].
pub fn xlsx(session: &PseudonymisedSession, rules: &Rules) -> Result<Vec<u8>, FileError> {
    let sheets = [
        ("People", people(session)),
        ("Joins", joins(session)),
        ("Registrations", registrations(session)),
        ("Session", about(session)),
        ("Rules", stated(session, rules)),
    ];
    xlsx::tables(&sheets, &rules.zone)
}

/// A session with its people and registrations, and the rules by which they are marked.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn json(session: &PseudonymisedSession, rules: &Rules) -> Result<Vec<u8>, FileError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct RulesFile {
        present_after: String,
        absent_below: String,
        late_after: String,
        left_before: String,
        minutes: String,
        join_within: String,
    }
    #[derive(Serialize)]
    struct SessionFile<'a> {
        rules: RulesFile,
        session: &'a PseudonymisedSession,
    }
    let rules = RulesFile {
        present_after: rules.present_after.to_string(),
        absent_below: rules.absent_below.to_string(),
        late_after: rules.late_after.to_string(),
        left_before: rules.left_before.to_string(),
        minutes: rules.window_in_words(),
        join_within: Threshold::Length(rules.join_within).to_string(),
    };
    Ok(serde_json::to_vec_pretty(&SessionFile { rules, session })?)
}

fn people(session: &PseudonymisedSession) -> Table {
    let lines = session.people.iter().map(|one| {
        let mut line = vec![
            session.session.clone().into(),
            session.series.clone().into(),
            session.kind.name().into(),
            Value::string(session.organizer.as_ref()),
            Value::time(session.span.map(|span| span.start)),
            Value::time(session.span.map(|span| span.end)),
            Value::time(session.window.map(|window| window.span.start)),
            Value::time(session.window.map(|window| window.span.end)),
        ];
        line.extend(person(one));
        line
    });
    Table { headings: headings(&PERSON), lines: lines.collect() }
}

/// What stands behind the session in the line of a person.
fn person(one: &PseudonymisedPerson) -> [Value; 13] {
    [
        Value::string(one.person.as_ref()),
        one.identity.map_or(Value::Nothing, Value::from),
        format!("{:?}", one.role).into(),
        Value::yes(one.stands_apart),
        Value::number(one.seconds),
        Value::number(one.graph_seconds),
        words::basis(one.seconds_from).into(),
        Value::time(one.first_join),
        Value::time(one.last_leave),
        Value::count(one.joins),
        level(one.level).into(),
        Value::yes(one.is_late),
        Value::yes(one.left_early),
    ]
}

fn level(level: Level) -> &'static str {
    Mark::of(level).words()
}

fn joins(session: &PseudonymisedSession) -> Table {
    let mut lines = Vec::new();
    for one in &session.people {
        for Interval { join, leave, seconds } in &one.intervals {
            lines.push(vec![
                session.session.clone().into(),
                Value::string(one.person.as_ref()),
                Value::time(*join),
                Value::time(*leave),
                Value::number(*seconds),
            ]);
        }
    }
    Table { headings: headings(&["Session", "Person", "Join", "Leave", "Seconds"]), lines }
}

fn registrations(session: &PseudonymisedSession) -> Table {
    let line = |one: &PseudonymisedRegistration| {
        vec![
            session.session.clone().into(),
            session.series.clone().into(),
            Value::string(one.person.as_ref()),
            one.status.map_or(Value::Nothing, Value::from),
            Value::time(one.registered_at),
        ]
    };
    let lines = session.registrations.iter().map(line).collect();
    Table { headings: headings(&["Session", "Series", "Person", "Status", "Registered"]), lines }
}

/// The session itself, in one line.
fn about(session: &PseudonymisedSession) -> Table {
    let names = [
        "Session",
        "Series",
        "Kind",
        "Organizer",
        "Start",
        "End",
        "Planned start",
        "Planned end",
        "Window start",
        "Window end",
        "Window from",
        "Reports",
        "People",
        "Graph's count",
    ];
    let window = session.window;
    let line = vec![
        session.session.clone().into(),
        session.series.clone().into(),
        session.kind.name().into(),
        Value::string(session.organizer.as_ref()),
        Value::time(session.span.map(|span| span.start)),
        Value::time(session.span.map(|span| span.end)),
        Value::time(session.plan.map(|span| span.start)),
        Value::time(session.plan.map(|span| span.end)),
        Value::time(window.map(|window| window.span.start)),
        Value::time(window.map(|window| window.span.end)),
        window.map_or(Value::Nothing, |window| words::window(window.basis).into()),
        Value::count(session.reports),
        Value::count(session.people.len()),
        Value::number(session.participants),
    ];
    Table { headings: headings(&names), lines: vec![line] }
}

/// By what the copy was made. Who was told to be the same is named in none.
fn stated(session: &PseudonymisedSession, rules: &Rules) -> Table {
    let lines = [
        ("Rollcall", env!("CARGO_PKG_VERSION").to_owned()),
        ("Pseudonyms of the key", session.key.clone()),
        ("Times", session.times.to_owned()),
        ("Present from", rules.present_after.to_string()),
        ("Absent below", rules.absent_below.to_string()),
        ("Late after", rules.late_after.to_string()),
        ("Left early before the last", rules.left_before.to_string()),
        ("Minutes", rules.window_in_words()),
        ("Reports are joined within", Threshold::Length(rules.join_within).to_string()),
    ];
    let lines = lines.map(|(name, value)| vec![name.into(), value.into()]);
    Table { headings: headings(&["Rule", "Value"]), lines: lines.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonyms::Times;
    use crate::pseudonyms::sample;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    #[test]
    fn a_copy_has_a_line_a_person_and_nobody_s_name() {
        let written = csv(&sample(Times::QuarterHours), &TimeZone::UTC, CsvOptions::default()).unwrap();
        insta::assert_snapshot!(text(written));
    }

    #[test]
    fn a_copy_in_json_is_built_from_what_is_named() {
        insta::assert_snapshot!(text(json(&sample(Times::QuarterHours), &Rules::default()).unwrap()));
    }

    #[test]
    fn registrations_have_a_file_of_their_own() {
        let options = CsvOptions { no_bom: true, ..CsvOptions::default() };
        let written = csv_registrations(&sample(Times::QuarterHours), &TimeZone::UTC, options).unwrap();
        insta::assert_snapshot!(text(written), @r"
        Session,Series,Person,Status,Registered
        s_2vjmcoucratk5itvugxu443ngi,m_xac3crwqf6vsddwsglmc2rdwdu,p_53yrxhkawoo4qsbttpyqgxma6u,registered,2026-10-01T12:30:00+00:00
        s_2vjmcoucratk5itvugxu443ngi,m_xac3crwqf6vsddwsglmc2rdwdu,,other,2026-10-01T12:30:00+00:00
        ");
    }
}
