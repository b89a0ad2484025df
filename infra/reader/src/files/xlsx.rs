//! XLSX: typed cells and real dates; no macro, no link, and no text that could be a formula.
//!
//! All text is written as a string, never by a call that looks at what it is. Beyond Excel's limits a file is refused;
//! a text longer than a cell holds is cut, which an ellipsis shows.

mod format;
mod lists;
mod register;
mod sheet;

use jiff::tz::TimeZone;
use rust_xlsxwriter::{DocProperties, Workbook};

use crate::files::aggregate;
use crate::files::error::FileError;
use crate::files::table::{self, Table};
use crate::register::{AggregateColumn, Register};
use crate::rules::Rules;
use crate::session::Session;

/// A register in five sheets: Register, Sessions, Records, Not matched, Rules.
///
/// # Errors
/// [`FileError::TooManyRows`] and [`FileError::TooManyColumns`] where Excel could not open it, and [`FileError::Xlsx`].
pub fn register(register: &Register) -> Result<Vec<u8>, FileError> {
    // Before anything is made: what Excel refuses would take minutes and gigabytes first.
    sheet::check_all(&[register::size(register), lists::size_of_records(register)])?;
    let mut workbook = workbook();
    let zone = &register.rules.zone;
    register::write(workbook.add_worksheet(), register)?;
    for (name, table) in [
        ("Sessions", lists::sessions(register)),
        ("Records", lists::records(register)),
        ("Not matched", lists::not_matched(register)),
        ("Rules", lists::rules(register)),
    ] {
        sheet::write(workbook.add_worksheet(), name, &table, zone)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A session in three sheets: a line a person, a line a time of attendance, a line a report.
///
/// # Errors
/// As [`register`].
pub fn session(session: &Session, rules: &Rules) -> Result<Vec<u8>, FileError> {
    let joins: usize = session.attendees.iter().map(|one| one.spans.len() + one.unclear.len()).sum();
    sheet::check_all(&[
        ("Attendees", session.attendees.len() + 1, table::ATTENDEE.len()),
        ("Joins", joins + 1, 6),
    ])?;
    let mut workbook = workbook();
    for (name, table) in [
        ("Attendees", table::attendees(session, rules)),
        ("Joins", table::joins(session)),
        ("Reports", lists::reports(session)),
    ] {
        sheet::write(workbook.add_worksheet(), name, &table, &rules.zone)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Sums of sessions in one sheet, nobody named.
///
/// # Errors
/// As [`register`].
pub fn sums(sums: &[AggregateColumn], zone: &TimeZone) -> Result<Vec<u8>, FileError> {
    let mut workbook = workbook();
    sheet::write(workbook.add_worksheet(), "Sums", &aggregate::table(sums), zone)?;
    Ok(workbook.save_to_buffer()?)
}

/// Tables as sheets in this order, each with its name.
///
/// # Errors
/// As [`register`].
pub(super) fn tables(tables: &[(&'static str, Table)], zone: &TimeZone) -> Result<Vec<u8>, FileError> {
    let size = |(name, table): &(&'static str, Table)| (*name, table.lines.len() + 1, table.headings.len());
    sheet::check_all(&tables.iter().map(size).collect::<Vec<_>>())?;
    let mut workbook = workbook();
    for (name, table) in tables {
        sheet::write(workbook.add_worksheet(), name, table, zone)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// An empty workbook, which does not say when it was made: the same archive makes the same file.
fn workbook() -> Workbook {
    let mut workbook = Workbook::new();
    let epoch = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1).unwrap_or_default();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&epoch));
    workbook
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;

    #[test]
    fn the_same_register_makes_the_same_bytes() {
        let [one, other] = [(); 2].map(|()| register(&samples::register()).unwrap());
        assert!(one == other && one.starts_with(b"PK"));
    }

    #[test]
    fn more_sessions_than_excel_has_columns_are_refused_in_words() {
        let mut sample = samples::register();
        let column = sample.columns[4].clone();
        sample.columns = vec![column; 8200];
        let error = register(&sample).unwrap_err().to_string();
        assert!(error.contains("16409 columns") && error.contains("take fewer sessions"), "{error}");
    }

    #[test]
    fn more_cells_than_excel_opens_are_refused_before_any_is_made() {
        let mut sample = samples::register();
        sample.rows = vec![sample.rows[0].clone(); 50_000];
        sample.columns = vec![sample.columns[4].clone(); 300];
        let error = register(&sample).unwrap_err();
        assert!(
            error.is_too_large() && error.to_string().contains("cells, and Excel opens no such file"),
            "{error}"
        );
    }

    #[test]
    fn odd_text_and_no_text_make_a_workbook() {
        let mut sample = samples::register();
        for (row, name) in sample.rows.iter_mut().zip(["\0\u{1}\u{ffff}", "", "=1+1", &"é".repeat(40_000)]) {
            row.line.as_mut().unwrap().name = Some((*name).to_owned());
        }
        register(&sample).unwrap();
        session(&samples::session().0, &samples::rules()).unwrap();
        sums(&[], &TimeZone::UTC).unwrap();
    }
}
