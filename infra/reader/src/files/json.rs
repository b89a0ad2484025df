//! JSON: instants in UTC, lengths in seconds, keys, how each was matched, both totals; half an emoji as Graph sent it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::files::error::FileError;
use crate::model::{LedgerEntry, SeriesId};
use crate::register::{AggregateColumn, Column, ColumnOf, Double, Register, Row, Totals};
use crate::roster::RosterMatch;
use crate::rules::{Mark, Rules, Threshold};
use crate::session::Session;
use crate::text::Text;
use crate::words;

/// A session with all that is known of its people, and the rules by which they are marked.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn session(session: &Session, rules: &Rules) -> Result<Vec<u8>, FileError> {
    #[derive(Serialize)]
    struct SessionFile<'a> {
        rules: RulesFile<'a>,
        session: &'a Session,
    }
    Ok(serde_json::to_vec_pretty(&SessionFile { rules: RulesFile::of(rules), session })?)
}

/// A register: rules, columns with their sessions, rows with a cell a column, and who is in no row.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn register(register: &Register) -> Result<Vec<u8>, FileError> {
    let file = RegisterFile {
        title: register.title.as_ref(),
        series: &register.series,
        as_of: register.as_of,
        rules: RulesFile::of(&register.rules),
        roster: register.roster.as_ref().map(|(name, lines)| RosterFile { name, lines: *lines }),
        columns: register.columns.iter().map(ColumnFile::of).collect(),
        rows: rows_of(&register.rows, &register.rules),
        apart: rows_of(&register.apart, &register.rules),
        not_on_roster: rows_of(&register.not_on_roster, &register.rules),
        doubles: &register.doubles,
        strays: &register.strays,
        unclear: &register.unclear,
    };
    Ok(serde_json::to_vec_pretty(&file)?)
}

/// The sums of a register's sessions, nobody named.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn register_sums(register: &Register) -> Result<Vec<u8>, FileError> {
    Ok(serde_json::to_vec_pretty(&register.aggregate())?)
}

/// The sums of a session, nobody named.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn session_sums(session: &Session) -> Result<Vec<u8>, FileError> {
    Ok(serde_json::to_vec_pretty(&AggregateColumn::of_session(session))?)
}

/// The rules; thresholds and lengths as they are asked for (`75%`, `10m`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RulesFile<'a> {
    zone: String,
    present_after: String,
    absent_below: String,
    late_after: String,
    left_before: String,
    minutes: String,
    join_within: String,
    match_names: bool,
    keeps_strays: bool,
    same: &'a [(String, String)],
    letters: BTreeMap<&'static str, String>,
}

impl<'a> RulesFile<'a> {
    fn of(rules: &'a Rules) -> Self {
        Self {
            zone: rules.zone_name(),
            present_after: rules.present_after.to_string(),
            absent_below: rules.absent_below.to_string(),
            late_after: rules.late_after.to_string(),
            left_before: rules.left_before.to_string(),
            minutes: rules.window_in_words(),
            join_within: Threshold::Length(rules.join_within).to_string(),
            match_names: rules.match_names,
            keeps_strays: rules.keeps_strays,
            same: &rules.same,
            letters: Mark::ALL.into_iter().map(|mark| (mark.words(), rules.letter(mark))).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegisterFile<'a> {
    title: Option<&'a Text>,
    series: &'a [SeriesId],
    as_of: Timestamp,
    rules: RulesFile<'a>,
    roster: Option<RosterFile<'a>>,
    columns: Vec<ColumnFile<'a>>,
    rows: Vec<RowFile<'a>>,
    apart: Vec<RowFile<'a>>,
    not_on_roster: Vec<RowFile<'a>>,
    doubles: &'a [Double],
    strays: &'a [Session],
    unclear: &'a [LedgerEntry],
}

#[derive(Serialize)]
struct RosterFile<'a> {
    name: &'a str,
    lines: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ColumnFile<'a> {
    label: &'a str,
    day: Option<Date>,
    start: Option<Timestamp>,
    present: Option<usize>,
    known: Option<usize>,
    unidentified: usize,
    session: Option<&'a Session>,
    not_kept: Option<&'a LedgerEntry>,
}

impl<'a> ColumnFile<'a> {
    fn of(column: &'a Column) -> Self {
        let (session, not_kept) = match &column.of {
            ColumnOf::Session(session) => (Some(session.as_ref()), None),
            ColumnOf::NotKept(entry) => (None, Some(entry)),
        };
        Self {
            label: &column.label,
            day: column.day,
            start: column.start,
            present: column.present.map(|(present, _)| present),
            known: column.present.map(|(_, known)| known),
            unidentified: column.unidentified,
            session,
            not_kept,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowFile<'a> {
    name: String,
    line: Option<&'a crate::roster::RosterLine>,
    person: Option<&'a crate::people::Person>,
    matched: &'a RosterMatch,
    cells: Vec<CellFile>,
    totals: &'a Totals,
}

/// A cell with its letter; only the letter is there, and empty, where the person was not expected.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CellFile {
    letter: String,
    cell: Option<crate::register::MarkedCell>,
}

fn rows_of<'a>(rows: &'a [Row], rules: &Rules) -> Vec<RowFile<'a>> {
    rows.iter().map(|row| RowFile::of(row, rules)).collect()
}

impl<'a> RowFile<'a> {
    fn of(row: &'a Row, rules: &Rules) -> Self {
        let cells = row.cells.iter().map(|cell| match cell {
            crate::register::Cell::Blank => CellFile { letter: String::new(), cell: None },
            crate::register::Cell::Marked(cell) => {
                CellFile { letter: rules.letter(cell.mark), cell: Some(*cell) }
            }
        });
        Self {
            name: words::row_name(row),
            line: row.line.as_ref(),
            person: row.person.as_ref(),
            matched: &row.matched,
            cells: cells.collect(),
            totals: &row.totals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;

    fn read(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_session_has_instants_in_utc_seconds_keys_and_both_totals() {
        let (session, _) = samples::session();
        insta::assert_snapshot!(read(super::session(&session, &samples::rules()).unwrap()));
    }

    #[test]
    fn a_register_says_how_each_row_was_matched() {
        let written = read(register(&samples::register()).unwrap());
        let value: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(value["rows"][0]["matched"], "id");
        assert_eq!(value["rows"][0]["cells"][2]["letter"], "L");
        assert_eq!(value["rows"][0]["totals"]["seconds"], 16_860);
        assert_eq!(value["columns"][4]["notKept"]["state"], "missing");
        assert_eq!(value["rules"]["zone"], "Europe/Amsterdam");
    }

    #[test]
    fn half_an_emoji_stays_as_graph_sent_it() {
        let (mut session, _) = samples::session();
        session.attendees[0].person.name = Text::of_json(r#""Noor \ud83d""#);
        let written = read(super::session(&session, &samples::rules()).unwrap());
        assert!(written.contains(r#""Noor \ud83d""#), "{written}");
    }

    #[test]
    fn the_sums_name_nobody() {
        let session = read(session_sums(&samples::session().0).unwrap());
        let register = read(register_sums(&samples::register()).unwrap());
        for written in [session, register] {
            assert!(written.contains("\"present\": 2") || written.contains("\"present\": 7"), "{written}");
            assert!(!written.contains("Aiko") && !written.contains("contoso"), "{written}");
        }
    }
}
