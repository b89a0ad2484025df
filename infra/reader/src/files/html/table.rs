//! A register as the table of a page: headings, rows and cells in words, which `register_table.html` shows.

use std::ops::Range;

use crate::register::{Cell, Column, ColumnOf, MarkedCell, Register, Row, Totals};
use crate::rules::{Level, Rules};
use crate::session::SecondsBasis;
use crate::times;
use crate::words;

/// A register as a table: what `register_table.html` shows.
#[derive(Debug, Clone)]
pub struct RegisterTable {
    /// What the table is of, for who does not see it.
    pub caption: String,
    /// Whether the roster has numbers: else the column is left out.
    pub has_numbers: bool,
    /// The headings of the sessions that are shown, in the order of time.
    pub columns: Vec<ColumnHead>,
    /// The people, in the order of the register.
    pub rows: Vec<RowView>,
    /// What stands beneath, wherever the table is printed: the rules, the zone, when the archive was looked at.
    pub footer: String,
}

/// The heading of a session.
#[derive(Debug, Clone)]
pub struct ColumnHead {
    /// The day in the rules' zone: `14 Oct`.
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
    /// The name; the roster's where the person is in it.
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
    /// The glyph of the mark; empty where the person was not expected.
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
    /// The table of these columns of a register, as far as it has them; the totals are of all.
    pub fn of(register: &Register, columns: Range<usize>) -> Self {
        let rules = &register.rules;
        let sessions = within(&register.columns, &columns);
        let row = |row| RowView::of(row, &columns, sessions, rules);
        let numbered = |row: &Row| row.line.as_ref().is_some_and(|line| line.number.is_some());
        Self {
            caption: caption(&columns, sessions.len()),
            has_numbers: register.rows.iter().any(numbered),
            columns: sessions.iter().map(|column| ColumnHead::of(column, rules)).collect(),
            rows: register.rows.iter().map(row).collect(),
            footer: words::footer(register),
        }
    }

    /// How many columns the table has in all.
    pub fn width(&self) -> usize {
        self.columns.len() + 3 + usize::from(self.has_numbers)
    }
}

fn caption(columns: &Range<usize>, count: usize) -> String {
    match count {
        0 => "People down, no session across".to_owned(),
        count => format!("People down, sessions {} to {} across", columns.start + 1, columns.start + count),
    }
}

/// What a range has of a list that may be shorter.
fn within<'a, T>(list: &'a [T], range: &Range<usize>) -> &'a [T] {
    let end = range.end.min(list.len());
    &list[range.start.min(end)..end]
}

impl ColumnHead {
    fn of(column: &Column, rules: &Rules) -> Self {
        let below = match &column.of {
            ColumnOf::Session(session) => words::heading_times(session, rules),
            ColumnOf::NotKept(_) => column.start.map(|at| times::time(at, &rules.zone)),
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
    fn of(row: &Row, columns: &Range<usize>, shown: &[Column], rules: &Rules) -> Self {
        let cells = within(&row.cells, columns);
        let Totals { present, known, seconds, .. } = row.totals;
        Self {
            name: words::row_name(row),
            number: row.line.as_ref().and_then(|line| line.number.clone()).unwrap_or_default(),
            href: None,
            cells: cells.iter().zip(shown).map(|(cell, column)| CellView::of(cell, column, rules)).collect(),
            present: format!("{present} / {known}"),
            minutes: seconds / 60,
            share: row.totals.share_percent().map(|share| format!("{share}%")).unwrap_or_default(),
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
        let value = if cell.mark.level == Level::Excused { "excused".to_owned() } else { value };
        Self {
            colour: cell.mark.class(),
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
