//! The register as one HTML file that needs nothing else: no script, no request, light and dark, and for print.
//!
//! The table is a partial template over [`RegisterTable`], which the pages fill, too.

use std::ops::Range;

use askama::Template;

use crate::files::aggregate::{self, Sums};
use crate::files::error::FileError;
use crate::files::{times, words};
use crate::register::{Cell, Column, ColumnOf, MarkedCell, Register, Row, Totals};
use crate::rules::{Mark, Rules};
use crate::session::SecondsBasis;
use crate::text::Text;

/// How many sessions a table of the file has: as many as fit across A4.
const SESSIONS_A_TABLE: usize = 12;

/// A register as a table: what `register_table.html` shows.
#[derive(Debug, Clone)]
pub struct RegisterTable {
    /// What the table is of, for who does not see it.
    pub caption: String,
    /// Whether the roster has numbers: else the column is left out.
    pub has_numbers: bool,
    /// The sessions.
    pub columns: Vec<ColumnHead>,
    /// The people.
    pub rows: Vec<RowView>,
    /// What stands beneath, wherever the table is printed: the rules, the zone, when the archive was looked at.
    pub footer: String,
}

/// The heading of a session.
#[derive(Debug, Clone)]
pub struct ColumnHead {
    /// `14 Oct`.
    pub label: String,
    /// Beneath it: from when to when; empty where that is not known.
    pub below: String,
    /// The address of the session's page; `None` in a file.
    pub href: Option<String>,
    /// How many were present, of how many: `7 / 8`, or `?`.
    pub present: String,
    /// `+2 not identified`; empty where there are none.
    pub note: String,
}

/// A person of the table.
#[derive(Debug, Clone)]
pub struct RowView {
    /// The name.
    pub name: String,
    /// The number; empty where there is none.
    pub number: String,
    /// The address of the person's page; `None` in a file.
    pub href: Option<String>,
    /// One cell a session.
    pub cells: Vec<CellView>,
    /// `5 / 5`: of all sessions, also those that the table does not show.
    pub present: String,
    /// The minutes of all sessions.
    pub minutes: i64,
    /// `93%`; empty where nothing was possible.
    pub share: String,
}

/// A cell of the table.
#[derive(Debug, Clone, Default)]
pub struct CellView {
    /// The class of its colours; empty where the person was not expected.
    pub colour: &'static str,
    /// The glyph.
    pub glyph: &'static str,
    /// The letter, as the rules map it.
    pub letter: String,
    /// The minutes, or what stands for them.
    pub value: String,
    /// Whether Graph's own sum differs.
    pub differs: bool,
    /// The cell in words.
    pub words: String,
}

impl RegisterTable {
    /// The table of these columns of a register; the totals are of all.
    pub fn of(register: &Register, columns: Range<usize>) -> Self {
        let rules = &register.rules;
        let shown = register.columns.get(columns.clone()).unwrap_or_default();
        let numbered = |row: &Row| row.line.as_ref().is_some_and(|line| line.number.is_some());
        Self {
            caption: format!("People down, sessions {} to {} across", columns.start + 1, columns.end),
            has_numbers: register.rows.iter().any(numbered),
            columns: shown.iter().map(|column| ColumnHead::of(column, rules)).collect(),
            rows: register.rows.iter().map(|row| RowView::of(row, columns.clone(), shown, rules)).collect(),
            footer: footer(register),
        }
    }

    /// How many columns the table has in all.
    pub fn width(&self) -> usize {
        self.columns.len() + 3 + usize::from(self.has_numbers)
    }
}

/// `Present from 75% · … · Europe/Amsterdam · as of Thu 5 Nov 2026, 07:30`.
pub fn footer(register: &Register) -> String {
    let rules = &register.rules;
    let as_of = times::moment(register.as_of, &rules.zone);
    format!("{} · {} · as of {as_of}", words::rules(register), rules.zone_name())
}

impl ColumnHead {
    fn of(column: &Column, rules: &Rules) -> Self {
        let below = match &column.of {
            ColumnOf::Session(session) => words::heading_times(session, rules),
            ColumnOf::NotKept(_) => column.start.map(|at| times::clock(at, &rules.zone)),
        };
        Self {
            label: column.label.clone(),
            below: below.unwrap_or_default(),
            href: None,
            present: column
                .present
                .map_or_else(|| "?".to_owned(), |(present, known)| format!("{present} / {known}")),
            note: match column.unidentified {
                0 => String::new(),
                count => format!("+{count} not identified"),
            },
        }
    }
}

impl RowView {
    fn of(row: &Row, columns: Range<usize>, shown: &[Column], rules: &Rules) -> Self {
        let cells = row.cells.get(columns).unwrap_or_default();
        let Totals { present, known, seconds, .. } = row.totals;
        Self {
            name: words::row_name(row),
            number: row.line.as_ref().and_then(|line| line.number.clone()).unwrap_or_default(),
            href: None,
            cells: cells.iter().zip(shown).map(|(cell, column)| CellView::of(cell, column, rules)).collect(),
            present: format!("{present} / {known}"),
            minutes: seconds / 60,
            share: words::share(row.totals)
                .map(|share| format!("{:.0}%", (share * 100.0).floor()))
                .unwrap_or_default(),
        }
    }
}

impl CellView {
    fn of(cell: &Cell, column: &Column, rules: &Rules) -> Self {
        let Cell::Marked(cell) = cell else {
            return Self { words: format!("{}: not expected", column.label), ..Self::default() };
        };
        let not_kept = matches!(column.of, ColumnOf::NotKept(_));
        let value = match cell.seconds {
            Some(seconds) => (seconds / 60).to_string(),
            None if not_kept => "not kept".to_owned(),
            None => "–".to_owned(),
        };
        let value = if words::colour(cell.mark) == "excused" { "excused".to_owned() } else { value };
        Self {
            colour: words::colour(cell.mark),
            glyph: cell.mark.glyph(),
            letter: rules.letter(cell.mark),
            differs: cell.graph_seconds.is_some() && cell.basis == Some(SecondsBasis::Times),
            words: format!("{}: {}", column.label, in_words(cell)),
            value,
        }
    }
}

/// `late, 46 minutes; Graph counts 79`.
fn in_words(cell: &MarkedCell) -> String {
    let minutes = cell.seconds.map(|seconds| format!(", {} minutes", seconds / 60)).unwrap_or_default();
    let graph = match (cell.graph_seconds, cell.basis) {
        (Some(_), Some(SecondsBasis::AsGraph)) => ", as Graph counts them".to_owned(),
        (Some(seconds), _) => format!("; Graph counts {}", seconds / 60),
        (None, _) => String::new(),
    };
    format!("{}{minutes}{graph}", cell.mark.details())
}

/// A mark of the legend.
struct LegendEntry {
    colour: &'static str,
    glyph: &'static str,
    letter: String,
    words: &'static str,
}

fn legend(rules: &Rules) -> Vec<LegendEntry> {
    let entry = |mark: Mark| LegendEntry {
        colour: words::colour(mark),
        glyph: mark.glyph(),
        letter: rules.letter(mark),
        words: mark.words(),
    };
    words::MARKS.into_iter().map(entry).collect()
}

#[derive(Template)]
#[template(path = "register_file.html")]
struct RegisterFile<'a> {
    title: &'a str,
    about: String,
    rules: String,
    tables: Vec<RegisterTable>,
    legend: Vec<LegendEntry>,
    not_kept: Vec<String>,
    notes: Vec<(&'static str, Vec<String>)>,
}

/// A register as one self-contained HTML file, in tables of at most twelve sessions.
///
/// # Errors
/// [`FileError::Html`], which writing to memory does not meet.
pub fn register(register: &Register) -> Result<String, FileError> {
    let count = register.columns.len();
    let table = |start| RegisterTable::of(register, start..count.min(start + SESSIONS_A_TABLE));
    let file = RegisterFile {
        title: title(register),
        about: about(register),
        rules: words::rules(register),
        tables: (0..count.max(1)).step_by(SESSIONS_A_TABLE).map(table).collect(),
        legend: legend(&register.rules),
        not_kept: words::not_kept(register),
        notes: notes(register),
    };
    Ok(file.render()?)
}

#[derive(Template)]
#[template(path = "sums_file.html")]
struct SumsFile<'a> {
    title: &'a str,
    about: String,
    sums: Vec<SumsView>,
    footer: String,
}

struct SumsView {
    label: String,
    times: String,
    counts: Vec<usize>,
    minutes: String,
}

/// The sums of a register's sessions as one HTML file: nobody's times or names.
///
/// # Errors
/// [`FileError::Html`], which writing to memory does not meet.
pub fn register_sums(register: &Register) -> Result<String, FileError> {
    let zone = &register.rules.zone;
    let view = |sums: Sums| SumsView {
        label: sums.label.shown().to_owned(),
        times: sums.start.map(|at| times::moment(at, zone)).unwrap_or_default(),
        minutes: if sums.timed == 0 { String::new() } else { (sums.seconds / 60).to_string() },
        counts: vec![
            sums.people,
            sums.present,
            sums.late,
            sums.left_early,
            sums.partial,
            sums.absent,
            sums.excused,
            sums.unknown,
        ],
    };
    let file = SumsFile {
        title: title(register),
        about: about(register),
        sums: aggregate::of_register(register).into_iter().map(view).collect(),
        footer: footer(register),
    };
    Ok(file.render()?)
}

fn title(register: &Register) -> &str {
    register.title.as_ref().map_or("(no title)", Text::shown)
}

/// `6 sessions · Europe/Amsterdam · roster autumn.csv: 8 people · as of Thu 5 Nov 2026, 07:30`.
fn about(register: &Register) -> String {
    let people = |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    let who = match &register.roster {
        Some((name, lines)) => format!("roster {name}: {}", people(*lines)),
        None => people(register.rows.len()),
    };
    let sessions = register.columns.len();
    let sessions = if sessions == 1 { "1 session".to_owned() } else { format!("{sessions} sessions") };
    let as_of = times::moment(register.as_of, &register.rules.zone);
    format!("{sessions} · {} · {who} · as of {as_of}", register.rules.zone_name())
}

/// Who is in no row, and who may be somebody else: a heading and names each.
fn notes(register: &Register) -> Vec<(&'static str, Vec<String>)> {
    let names = |rows: &[Row]| rows.iter().map(words::row_name).collect::<Vec<_>>();
    let ambiguous = register.rows.iter().filter_map(words::ambiguous).collect();
    let doubles = register.doubles.iter().map(|double| double.address.clone()).collect();
    let strays = register.strays.iter().filter_map(|stray| stray.span);
    let strays = strays.map(|span| times::moment(span.start, &register.rules.zone)).collect();
    let notes = [
        ("Not on the roster", names(&register.not_on_roster)),
        ("Stand apart", names(&register.apart)),
        ("Ambiguous", ambiguous),
        ("One address, several ids", doubles),
        ("Strays", strays),
    ];
    notes.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;

    #[test]
    fn a_register_is_one_file_that_asks_for_nothing() {
        let written = register(&samples::register()).unwrap();
        for forbidden in ["<script", "http:", "https:", "<link", "url(", "src="] {
            assert!(!written.contains(forbidden), "{forbidden}");
        }
        assert!(written.contains("Achterberg, Svetlana") && written.contains("281"));
    }

    #[test]
    fn markup_in_a_name_is_text_and_every_name_has_its_own_direction() {
        let mut sample = samples::register();
        sample.title = Some(Text::from("</title><script>x</script>"));
        let names = ["<img src=x onerror=alert(1)>", "\u{202e}noor", "Person \u{fffd}"];
        for (row, name) in sample.rows.iter_mut().zip(names) {
            row.line.as_mut().unwrap().name = Some(name.to_owned());
        }
        let written = register(&sample).unwrap();
        assert!(!written.contains("<img") && !written.contains("<script"));
        assert!(written.contains("<bdi>\u{202e}noor</bdi>"));
    }

    #[test]
    fn the_table_of_some_columns_has_the_totals_of_all() {
        let table = RegisterTable::of(&samples::register(), 0..2);
        let row = &table.rows[0];
        assert_eq!(
            (row.cells.len(), row.present.as_str(), row.minutes, row.share.as_str()),
            (2, "5 / 5", 281, "93%")
        );
        assert_eq!(table.columns[0].present, "7 / 8");
        assert!(RegisterTable::of(&samples::register(), 6..9).columns.is_empty());
    }

    #[test]
    fn what_is_not_kept_is_told_with_its_remedy() {
        let written = register(&samples::register()).unwrap();
        assert!(written.contains("rollcall backfill --since 2026-10-28 --until 2026-10-29"));
    }

    #[test]
    fn many_sessions_are_several_tables() {
        let mut sample = samples::register();
        for _ in 0..2 {
            sample.columns.extend(sample.columns.clone());
            sample.rows.iter_mut().for_each(|row| row.cells.extend(row.cells.clone()));
        }
        assert_eq!(register(&sample).unwrap().matches("<table").count(), 2);
    }

    #[test]
    fn the_sums_name_nobody() {
        let written = register_sums(&samples::register()).unwrap();
        assert!(written.contains("14 Oct") && !written.contains("Achterberg"));
    }

    #[test]
    fn a_register_without_sessions_is_a_page() {
        let empty = Register { columns: Vec::new(), rows: Vec::new(), ..samples::register() };
        assert!(register(&empty).unwrap().contains("0 sessions"));
    }
}
