//! The sheets beside the register: sessions, records, who is not matched, rules.

use super::sheet::Size;
use crate::files::table::{self, Table, Value, headings};
use crate::model::Kind;
use crate::register::{Column, ColumnOf, Register, Row};
use crate::roster::RosterMatch;
use crate::session::{Part, Session};
use crate::words;

/// A line a session.
pub(super) fn sessions(register: &Register) -> Table {
    let names = [
        "Session",
        "Title",
        "Kind",
        "Start",
        "End",
        "Window start",
        "Window end",
        "Window from",
        "Window minutes",
        "Parts",
        "People",
        "Graph's count",
        "Present",
        "Known",
        "Not identified",
        "State",
        "Remedy",
        "Report ids",
    ];
    Table { headings: headings(&names), lines: register.columns.iter().map(session).collect() }
}

fn session(column: &Column) -> Vec<Value> {
    let present = column.present.map(|(present, known)| [present, known].map(Value::count));
    let [present, known] = present.unwrap_or([Value::Nothing, Value::Nothing]);
    let unidentified = Value::count(column.unidentified);
    match &column.of {
        ColumnOf::NotKept(entry) => {
            let mut line = vec![Value::Nothing; 12];
            line[0] = column.label.clone().into();
            line[1] = Value::text(entry.title.as_ref());
            line[3] = Value::time(column.start);
            let state = words::state(entry.state).into();
            let report = Value::string(entry.report_id.as_ref());
            line.extend([present, known, unidentified, state, Value::string(entry.remedy.as_ref()), report]);
            line
        }
        ColumnOf::Session(session) => {
            let mut line = kept(column, session);
            let reports: Vec<&str> = session.parts.iter().map(|part| part.report_id.as_str()).collect();
            line.extend([
                present,
                known,
                unidentified,
                "kept".into(),
                Value::Nothing,
                reports.join("; ").into(),
            ]);
            line
        }
    }
}

fn kept(column: &Column, session: &Session) -> Vec<Value> {
    let window = session.window;
    let counts: Vec<String> =
        session.parts.iter().filter_map(|part| part.participants).map(|count| count.to_string()).collect();
    let graph_count = match session.parts.as_slice() {
        [part] => Value::number(part.participants),
        // Counts of several reports don't add up: somebody may be in each.
        _ => counts.join("; ").into(),
    };
    vec![
        column.label.clone().into(),
        Value::text(session.title.as_ref()),
        kind(session.series.kind).into(),
        Value::time(session.span.map(|span| span.start)),
        Value::time(session.span.map(|span| span.end)),
        Value::time(window.map(|window| window.span.start)),
        Value::time(window.map(|window| window.span.end)),
        window.map_or(Value::Nothing, |window| words::window(window.basis).into()),
        Value::number(window.map(|window| window.span.seconds() / 60)),
        Value::count(session.parts.len()),
        Value::count(session.attendees.len()),
        graph_count,
    ]
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Townhall => "town hall",
        other => other.name(),
    }
}

/// A line a person and session, of everybody who is in a record.
pub(super) fn records(register: &Register) -> Table {
    let names: Vec<&str> = ["Session", "Session start"].into_iter().chain(table::ATTENDEE).collect();
    let mut lines = Vec::new();
    for column in &register.columns {
        let ColumnOf::Session(session) = &column.of else { continue };
        for attendee in &session.attendees {
            let mut line =
                vec![column.label.clone().into(), Value::time(session.span.map(|span| span.start))];
            line.extend(table::attendee(attendee, &register.rules));
            lines.push(line);
        }
    }
    Table { headings: headings(&names), lines }
}

/// How many rows and columns the sheet of records has.
pub(super) fn size_of_records(register: &Register) -> Size {
    let people = register.columns.iter().map(|column| match &column.of {
        ColumnOf::Session(session) => session.attendees.len(),
        ColumnOf::NotKept(_) => 0,
    });
    ("Records", people.sum::<usize>() + 1, table::ATTENDEE.len() + 2)
}

/// A line for whoever is in no row, or not surely: not on the roster, apart, ambiguous, in several lines of the roster, in no
/// report, doubles; and for each session without a column: strays, and what may be of another series.
pub(super) fn not_matched(register: &Register) -> Table {
    let of = |why: &'static str, rows: &[Row]| rows.iter().map(|row| person(why, row)).collect::<Vec<_>>();
    let mut lines = of("not on the roster", &register.not_on_roster);
    lines.extend(of("stands apart", &register.apart));
    for row in &register.rows {
        match &row.matched {
            RosterMatch::Ambiguous { candidates } => {
                let mut line = person("ambiguous", row);
                line[3] = format!("may be {}", candidates.join(" or ")).into();
                lines.push(line);
            }
            RosterMatch::Unmatched => lines.push(person("in no report", row)),
            RosterMatch::Doubled { .. } => lines.extend(doubled(row)),
            _ => {}
        }
    }
    for double in &register.doubles {
        let people: Vec<String> =
            double.persons.iter().map(|one| format!("{} ({})", words::name(one), one.key)).collect();
        let mut line = vec![Value::Nothing; 6];
        line[0] = "one address, several ids".into();
        line[2] = double.address.clone().into();
        line[3] = people.join("; ").into();
        lines.push(line);
    }
    lines.extend(register.strays.iter().map(stray));
    lines.extend(words::unclear(register).into_iter().map(unclear));
    Table { headings: headings(&["Why", "Name", "Address", "Details", "Present", "Minutes"]), lines }
}

fn person(why: &'static str, row: &Row) -> Vec<Value> {
    vec![
        why.into(),
        words::row_name(row).into(),
        words::row_address(row).into(),
        row.person.as_ref().map_or(Value::Nothing, |person| person.key.to_string().into()),
        Value::count(row.totals.present),
        Value::Number(row.totals.seconds / 60),
    ]
}

/// One line of who stands in several lines of the roster.
fn doubled(row: &Row) -> Option<Vec<Value>> {
    let (_, lines) = words::doubled_lines(row).filter(|(is_first, _)| *is_first)?;
    let mut line = person("in several lines of the roster", row);
    line[3] = lines.into();
    Some(line)
}

fn unclear(sentence: String) -> Vec<Value> {
    let mut line = vec![Value::Nothing; 6];
    (line[0], line[3]) = ("perhaps of this series".into(), sentence.into());
    line
}

fn stray(session: &Session) -> Vec<Value> {
    let reports: Vec<&str> = session.parts.iter().map(|part| part.report_id.as_str()).collect();
    vec![
        "stray: under 5 minutes, at most 2 people".into(),
        Value::text(session.title.as_ref()),
        Value::Nothing,
        reports.join("; ").into(),
        Value::count(session.attendees.len()),
        Value::number(session.span.map(|span| span.seconds() / 60)),
    ]
}

/// Every rule, then every report with the hash of its bytes.
pub(super) fn rules(register: &Register) -> Table {
    let rules = &register.rules;
    let mut lines = vec![pair("Rollcall", env!("CARGO_PKG_VERSION")), pair("Zone", &rules.zone_name())];
    lines.push(vec!["As of".into(), Value::Time(register.as_of)]);
    if let Some((name, people)) = &register.roster {
        lines.push(pair("Roster", &format!("{name}: {people} people")));
    }
    lines.extend(words::every_rule(rules).into_iter().map(|(rule, value)| pair(rule, &value)));
    lines.extend(
        register.series.iter().map(|series| pair("Series", &format!("{} {}", kind(series.kind), series.id))),
    );
    let sessions = register.columns.iter().filter_map(|column| match &column.of {
        ColumnOf::Session(session) => Some(session.as_ref()),
        ColumnOf::NotKept(_) => None,
    });
    for part in sessions.chain(&register.strays).flat_map(|session| &session.parts) {
        let sha256 = part.provenance.sha256.as_deref().unwrap_or_default();
        lines.push(pair(&part.provenance.key, &format!("SHA-256 {sha256}")));
    }
    Table { headings: headings(&["Rule or report", "Value"]), lines }
}

fn pair(name: &str, value: &str) -> Vec<Value> {
    vec![name.into(), value.into()]
}

/// A line a report of a session.
pub(super) fn reports(session: &Session) -> Table {
    let names = [
        "Report",
        "Start",
        "End",
        "Graph's count",
        "Records",
        "Fetched",
        "Graph's request id",
        "SHA-256",
        "Key",
    ];
    Table { headings: headings(&names), lines: session.parts.iter().map(report).collect() }
}

fn report(part: &Part) -> Vec<Value> {
    vec![
        part.report_id.clone().into(),
        Value::time(part.span.map(|span| span.start)),
        Value::time(part.span.map(|span| span.end)),
        Value::number(part.participants),
        Value::count(part.records),
        Value::time(part.provenance.fetched_at),
        Value::string(part.provenance.request_id.as_ref()),
        Value::string(part.provenance.sha256.as_ref()),
        part.provenance.key.clone().into(),
    ]
}
