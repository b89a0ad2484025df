//! The sheet *Register*: people down, two columns a session across, colours by the letter.

use rust_xlsxwriter::{ConditionalFormatFormula, Format, FormatAlign, Formula, Worksheet};

use super::format;
use super::sheet::{self, Formats, Size, column, row};
use crate::files::error::FileError;
use crate::files::table::Value;
use crate::register::{Cell, Column, ColumnOf, Register, Row, Totals};
use crate::rules::Mark;
use crate::times;
use crate::words;

const NAME: &str = "Register";

/// The row of the headings, from 0.
const HEADINGS: usize = 4;

/// The first row of people, from 0.
const FIRST_ROW: usize = HEADINGS + 1;

const LEFT: [(&str, u32); 5] =
    [("Name", 26), ("Number", 10), ("Group", 10), ("Address", 26), ("Matched", 12)];

const RIGHT: [&str; 4] = ["Present", "Known", "Share", "Minutes"];

/// How many rows and columns the sheet has.
pub(super) fn size(register: &Register) -> Size {
    (NAME, FIRST_ROW + register.rows.len() + 1, LEFT.len() + 2 * register.columns.len() + RIGHT.len())
}

/// Writes the sheet, of which [`size`] tells whether Excel holds it.
pub(super) fn write(sheet: &mut Worksheet, register: &Register) -> Result<(), FileError> {
    sheet.set_name(NAME)?;
    about(sheet, register)?;
    headings(sheet, register)?;
    let formats = Formats::new();
    for (at, one) in register.rows.iter().enumerate() {
        person(sheet, FIRST_ROW + at, one, register, &formats)?;
    }
    sums(sheet, register)?;
    colours(sheet, register)?;
    sheet.set_freeze_panes(row(FIRST_ROW), column(LEFT.len()))?;
    sheet::print(sheet);
    sheet.set_repeat_rows(0, row(HEADINGS))?.set_repeat_columns(0, 1)?;
    Ok(())
}

/// The first three rows: title, rules, zone and when the archive was looked at.
fn about(sheet: &mut Worksheet, register: &Register) -> Result<(), FileError> {
    let rules = &register.rules;
    let title = words::title(register.title.as_ref());
    let roster = register.roster.as_ref().map(|(name, lines)| format!(" · roster {name}: {lines} people"));
    let as_of = times::moment(register.as_of, &rules.zone);
    let zone = format!("{} · as of {as_of}{}", rules.zone_name(), roster.unwrap_or_default());
    sheet::text(sheet, 0, 0, title, &format::title())?;
    sheet::text(sheet, 1, 0, &words::rules(register), &format::grey())?;
    sheet::text(sheet, 2, 0, &zone, &format::grey())
}

fn headings(sheet: &mut Worksheet, register: &Register) -> Result<(), FileError> {
    let heading = format::heading();
    for (at, (name, width)) in LEFT.into_iter().enumerate() {
        sheet.set_column_width(column(at), width)?;
        sheet::text(sheet, HEADINGS, at, name, &heading)?;
    }
    for (at, session) in register.columns.iter().enumerate() {
        let (mark, minutes) = columns_of(at);
        sheet.set_column_width(column(mark), 12)?.set_column_width(column(minutes), 8)?;
        let day = session.day.map_or_else(String::new, |day| format!("{day}\n"));
        let centred = heading.clone().set_align(FormatAlign::Center);
        sheet::text(
            sheet,
            HEADINGS,
            mark,
            &format!("{}\n{day}{}", session.label, times_of(session, register)),
            &centred,
        )?;
        sheet::text(sheet, HEADINGS, minutes, &format!("{}\nminutes", session.label), &centred)?;
    }
    for (at, name) in RIGHT.into_iter().enumerate() {
        let at = LEFT.len() + 2 * register.columns.len() + at;
        sheet.set_column_width(column(at), 9)?;
        sheet::text(sheet, HEADINGS, at, name, &heading.clone().set_align(FormatAlign::Right))?;
    }
    sheet.set_row_height(row(HEADINGS), 48)?;
    Ok(())
}

/// From when to when a session was, or that it is not kept.
fn times_of(session: &Column, register: &Register) -> String {
    match &session.of {
        ColumnOf::Session(session) => words::heading_times(session, &register.rules).unwrap_or_default(),
        ColumnOf::NotKept(_) => "not kept".to_owned(),
    }
}

/// The two columns of a session: mark and minutes.
fn columns_of(session: usize) -> (usize, usize) {
    let mark = LEFT.len() + 2 * session;
    (mark, mark + 1)
}

fn person(
    sheet: &mut Worksheet,
    at: usize,
    one: &Row,
    register: &Register,
    formats: &Formats,
) -> Result<(), FileError> {
    let line = one.line.as_ref();
    let left = [
        words::row_name(one).into(),
        Value::string(line.and_then(|line| line.number.as_ref())),
        Value::string(line.and_then(|line| line.group.as_ref())),
        words::row_address(one).into(),
        words::matched(&one.matched).into(),
    ];
    for (place, value) in left.iter().chain(&totals(one)).enumerate() {
        // The totals stand behind the sessions.
        let place = if place < LEFT.len() { place } else { place + 2 * register.columns.len() };
        sheet::cell(sheet, (at, place), value, &register.rules.zone, formats)?;
    }
    let letter = format::letter();
    for (session, cell) in one.cells.iter().enumerate() {
        let Cell::Marked(cell) = cell else { continue };
        let (mark, minutes) = columns_of(session);
        sheet::text(sheet, at, mark, &register.rules.letter(cell.mark), &letter)?;
        if let Some(seconds) = cell.seconds {
            sheet::number_cell(sheet, at, minutes, seconds / 60, &format::whole())?;
        }
    }
    Ok(())
}

fn totals(one: &Row) -> [Value; 4] {
    let totals = one.totals;
    [
        Value::count(totals.present),
        Value::count(totals.known),
        share(totals),
        Value::Number(totals.seconds / 60),
    ]
}

/// In whole percent, as on the page: Excel would round up what is shown.
fn share(totals: Totals) -> Value {
    totals.share_percent().map_or(Value::Nothing, |percent| Value::Share(percent as f64 / 100.0))
}

/// The last row: how many were present of each session, and the minutes of all.
fn sums(sheet: &mut Worksheet, register: &Register) -> Result<(), FileError> {
    let at = FIRST_ROW + register.rows.len();
    let format = format::sums();
    let last = LEFT.len() + 2 * register.columns.len() + RIGHT.len() - 1;
    for place in 0..=last {
        sheet.write_blank(row(at), column(place), &format)?;
    }
    sheet::text(sheet, at, 0, "Present, of expected", &format)?;
    for (session, column_of) in register.columns.iter().enumerate() {
        let (mark, minutes) = columns_of(session);
        let present = column_of
            .present
            .map_or_else(|| "?".to_owned(), |(present, known)| format!("{present} / {known}"));
        sheet::text(sheet, at, mark, &present, &format.clone().set_align(FormatAlign::Center))?;
        if column_of.present.is_some() {
            sheet::number_cell(sheet, at, minutes, minutes_of(register, session), &format)?;
        }
    }
    // Seconds are added, and rounded once.
    let seconds: i64 = register.rows.iter().map(|row| row.totals.seconds).sum();
    let known: usize = register.rows.iter().map(|row| row.totals.known).sum();
    let present: usize = register.rows.iter().map(|row| row.totals.present).sum();
    total(sheet, at, last - 3, i64::try_from(present).unwrap_or(i64::MAX), &format)?;
    total(sheet, at, last - 2, i64::try_from(known).unwrap_or(i64::MAX), &format)?;
    total(sheet, at, last, seconds / 60, &format)
}

fn total(
    sheet: &mut Worksheet,
    at: usize,
    place: usize,
    number: i64,
    format: &Format,
) -> Result<(), FileError> {
    sheet::number_cell(sheet, at, place, number, format)
}

/// The minutes of a session, of who counts in it.
fn minutes_of(register: &Register, session: usize) -> i64 {
    let counted = |cell: &Cell| match cell {
        Cell::Marked(cell) if cell.mark.is_known() => cell.seconds,
        _ => None,
    };
    let seconds: i64 = register.rows.iter().filter_map(|row| counted(row.cells.get(session)?)).sum();
    seconds / 60
}

/// The colours of each session follow the letter, so that a letter that somebody corrects has its own.
fn colours(sheet: &mut Worksheet, register: &Register) -> Result<(), FileError> {
    let Some(last) = register.rows.len().checked_sub(1) else { return Ok(()) };
    for session in 0..register.columns.len() {
        let (mark, minutes) = columns_of(session);
        let name = rust_xlsxwriter::utility::column_number_to_name(column(mark));
        for one in Mark::ALL {
            let letter = register.rules.letter(one).replace('"', "\"\"");
            let rule = Formula::new(format!("=${name}{}=\"{letter}\"", FIRST_ROW + 1));
            let format = ConditionalFormatFormula::new().set_rule(rule).set_format(format::mark(one));
            let (first, last) = (row(FIRST_ROW), row(FIRST_ROW + last));
            sheet.add_conditional_format(first, column(mark), last, column(minutes), &format)?;
        }
    }
    Ok(())
}
