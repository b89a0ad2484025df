//! The register as one HTML file that needs nothing else: no script, no request, light and dark, and for print.
//!
//! The table is a partial template over [`RegisterTable`], which the pages fill, too.

mod table;

use askama::Template;

use crate::files::aggregate;
use crate::files::error::FileError;
use crate::register::{AggregateColumn, Register, Row};
use crate::rules::{Mark, Rules};
use crate::times;
use crate::words;

pub use table::{CellView, ColumnHead, RegisterTable, RowView};

/// How many sessions a table of the file has: as many as fit across A4.
const SESSIONS_A_TABLE: usize = 12;

/// How many cells the file has at most: some 300 MB of it.
const MOST_CELLS: usize = 2_000_000;

/// A mark of the legend.
struct LegendEntry {
    colour: &'static str,
    glyph: &'static str,
    letter: String,
    words: &'static str,
}

fn legend(rules: &Rules) -> Vec<LegendEntry> {
    let entry = |mark: Mark| LegendEntry {
        colour: mark.class(),
        glyph: mark.glyph(),
        letter: rules.letter(mark),
        words: mark.words(),
    };
    Mark::ALL.into_iter().map(entry).collect()
}

#[derive(Template)]
#[template(path = "register_file.html")]
struct RegisterFile<'a> {
    title: &'a str,
    about: String,
    rules: String,
    register: &'a Register,
    /// The first sessions of the tables.
    starts: Vec<usize>,
    legend: Vec<LegendEntry>,
    not_kept: Vec<String>,
    notes: Vec<(&'static str, Vec<String>)>,
}

impl RegisterFile<'_> {
    /// A table, made as it is written: all of a large register at once are gigabytes.
    fn table(&self, start: &usize) -> RegisterTable {
        RegisterTable::of(self.register, *start..start + SESSIONS_A_TABLE)
    }
}

/// A register as one self-contained HTML file, in tables of at most twelve sessions.
///
/// # Errors
/// [`FileError::TooManyCells`] where no browser would show it, and [`FileError::Html`], which writing to memory does not meet.
pub fn register(register: &Register) -> Result<String, FileError> {
    let count = register.columns.len();
    let cells = register.rows.len() * count;
    if cells > MOST_CELLS {
        return Err(FileError::TooManyCells { program: "a browser", cells });
    }
    let file = RegisterFile {
        title: title(register),
        about: about(register),
        rules: words::rules(register),
        register,
        starts: (0..count.max(1)).step_by(SESSIONS_A_TABLE).collect(),
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
    people: String,
    counts: [usize; 7],
    minutes: String,
}

impl SumsView {
    fn of(sums: &AggregateColumn, rules: &Rules) -> Self {
        let start = sums.start.map(|at| times::moment(at, &rules.zone));
        let not_kept = if sums.is_kept { "" } else { " · not kept" };
        Self {
            label: sums.label.clone(),
            times: format!("{}{not_kept}", start.unwrap_or_default()),
            people: sums.people.map(|people| people.to_string()).unwrap_or_default(),
            counts: aggregate::counts(sums),
            minutes: sums.mean_seconds.map(|seconds| (seconds / 60).to_string()).unwrap_or_default(),
        }
    }
}

/// The sums of a register's sessions as one HTML file: nobody's times or names.
///
/// # Errors
/// [`FileError::Html`], which writing to memory does not meet.
pub fn register_sums(register: &Register) -> Result<String, FileError> {
    let sums = register.aggregate().columns;
    let file = SumsFile {
        title: title(register),
        about: about(register),
        sums: sums.iter().map(|sums| SumsView::of(sums, &register.rules)).collect(),
        footer: words::footer(register),
    };
    Ok(file.render()?)
}

fn title(register: &Register) -> &str {
    words::title(register.title.as_ref())
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
        ("In several lines of the roster", words::doubled(register)),
        ("One address, several ids", doubles),
        ("Strays", strays),
        ("Perhaps of this series", words::unclear(register)),
    ];
    notes.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;
    use crate::register::ColumnOf;
    use crate::roster::RosterMatch;
    use crate::text::Text;

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
        let beyond = RegisterTable::of(&samples::register(), 6..9);
        assert!(beyond.columns.is_empty() && beyond.rows[0].cells.is_empty());
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
        assert!(written.contains("14 Oct") && !written.contains("Achterberg") && !written.contains("Noor"));
    }

    #[test]
    fn who_stands_in_several_lines_is_told_once() {
        let mut register = samples::register();
        let lines = vec![3, 5];
        register.rows[1].matched = RosterMatch::Doubled { lines: lines.clone() };
        register.rows[3].matched = RosterMatch::Doubled { lines };
        assert_eq!(words::doubled(&register), ["Brandsma, Kwame (lines 3 and 5)"]);
    }

    #[test]
    fn what_may_be_of_another_series_is_told_with_its_time() {
        let mut sample = samples::register();
        let ColumnOf::NotKept(entry) = &sample.columns[4].of else { panic!("it is not kept") };
        sample.unclear = vec![entry.clone()];
        let told = "Wed 28 Oct 2026, 10:00: no report is kept (Graph lists";
        assert!(words::unclear(&sample)[0].starts_with(told) && register(&sample).unwrap().contains(told));
    }

    #[test]
    fn what_no_browser_shows_is_refused_in_words() {
        let mut sample = samples::register();
        sample.rows = vec![sample.rows[0].clone(); 1_000];
        sample.columns = vec![sample.columns[4].clone(); 2_001];
        let error = register(&sample).unwrap_err();
        assert!(error.is_too_large() && error.to_string().contains("2001000 cells"), "{error}");
    }

    #[test]
    fn a_register_without_sessions_is_a_page() {
        let empty = Register { columns: Vec::new(), rows: Vec::new(), ..samples::register() };
        assert!(register(&empty).unwrap().contains("0 sessions"));
    }
}
