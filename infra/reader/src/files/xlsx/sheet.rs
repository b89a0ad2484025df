//! A table as a sheet: headings that stay, a filter, typed cells.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet};

use super::format;
use crate::files::error::FileError;
use crate::files::table::{Table, Value};
use crate::words::printable;

/// How many rows a sheet has.
const MAX_ROWS: usize = 1_048_576;

/// How many columns a sheet has.
const MAX_COLUMNS: usize = 16_384;

/// How many cells a workbook has at most: beyond, Excel takes more memory than most machines have, and so do we.
const MAX_CELLS: usize = 5_000_000;

/// The name of a sheet, and how many rows and columns it has.
pub(super) type Size = (&'static str, usize, usize);

/// How many units of UTF-16 a cell holds.
const MAX_CELL_UNITS: usize = 32_767;

/// How wide a column is at least and at most, in characters.
const WIDTHS: (usize, usize) = (8, 48);

/// Writes a table with its headings in the first row, frozen and with a filter. Headings of times name the zone.
pub(super) fn write(
    sheet: &mut Worksheet,
    name: &'static str,
    table: &Table,
    zone: &TimeZone,
) -> Result<(), FileError> {
    check(name, table.lines.len() + 1, table.headings.len())?;
    sheet.set_name(name)?;
    let zone_name = zone.iana_name().unwrap_or("UTC");
    for (at, heading) in table.headings.iter().enumerate() {
        let has_times = table.lines.iter().any(|line| matches!(line.get(at), Some(Value::Time(_))));
        let heading = if has_times { format!("{heading} ({zone_name})") } else { heading.clone() };
        sheet.set_column_width(column(at), width(&heading, table, at))?;
        text(sheet, 0, at, &heading, &format::heading())?;
    }
    let formats = Formats::new();
    for (row, line) in table.lines.iter().enumerate() {
        for (at, value) in line.iter().enumerate() {
            cell(sheet, (row + 1, at), value, zone, &formats)?;
        }
    }
    // Two lines of a heading: times name the zone.
    sheet.set_row_height(0, 32)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, row(table.lines.len()), column(table.headings.len().saturating_sub(1)))?;
    print(sheet);
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// A4 landscape, one page wide, each page with its number of how many.
pub(super) fn print(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer("&C&P / &N");
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
}

/// Refuses what Excel can't hold.
pub(super) fn check(sheet: &'static str, rows: usize, columns: usize) -> Result<(), FileError> {
    if rows > MAX_ROWS {
        return Err(FileError::TooManyRows { sheet, rows });
    }
    if columns > MAX_COLUMNS {
        return Err(FileError::TooManyColumns { sheet, columns });
    }
    Ok(())
}

/// Refuses a workbook with sheets that Excel can't hold.
pub(super) fn check_all(sheets: &[Size]) -> Result<(), FileError> {
    sheets.iter().try_for_each(|(sheet, rows, columns)| check(sheet, *rows, *columns))?;
    let cells = sheets.iter().map(|(_, rows, columns)| rows * columns).sum();
    if cells > MAX_CELLS { Err(FileError::TooManyCells { program: "Excel", cells }) } else { Ok(()) }
}

/// The formats of values.
pub(super) struct Formats {
    text: Format,
    whole: Format,
    share: Format,
    date: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        Self { text: format::text(), whole: format::whole(), share: format::share(), date: format::date() }
    }
}

/// Writes a value; what is not known leaves the cell empty.
pub(super) fn cell(
    sheet: &mut Worksheet,
    (at_row, at_column): (usize, usize),
    value: &Value,
    zone: &TimeZone,
    formats: &Formats,
) -> Result<(), FileError> {
    match value {
        Value::Text(value) => text(sheet, at_row, at_column, value, &formats.text)?,
        Value::Number(number) => number_cell(sheet, at_row, at_column, *number, &formats.whole)?,
        Value::Share(share) => {
            sheet.write_number_with_format(row(at_row), column(at_column), *share, &formats.share)?;
        }
        Value::Time(at) => match date(*at, zone) {
            Some(date) => {
                sheet.write_datetime_with_format(row(at_row), column(at_column), &date, &formats.date)?;
            }
            // Excel counts no days before 1900.
            None => text(sheet, at_row, at_column, &at.to_string(), &formats.text)?,
        },
        Value::Nothing => {}
    }
    Ok(())
}

/// Writes a whole number. Those of attendance are far below 2^53, so none is rounded.
pub(super) fn number_cell(
    sheet: &mut Worksheet,
    at_row: usize,
    at_column: usize,
    number: i64,
    format: &Format,
) -> Result<(), FileError> {
    sheet.write_number_with_format(row(at_row), column(at_column), number as f64, format)?;
    Ok(())
}

/// Writes text as a string, whatever it begins with.
pub(super) fn text(
    sheet: &mut Worksheet,
    at_row: usize,
    at_column: usize,
    text: &str,
    format: &Format,
) -> Result<(), FileError> {
    sheet.write_string_with_format(row(at_row), column(at_column), bounded(&printable(text)), format)?;
    Ok(())
}

/// The text as long as a cell holds it; an ellipsis shows where it was cut.
fn bounded(text: &str) -> String {
    if text.encode_utf16().count() <= MAX_CELL_UNITS {
        return text.to_owned();
    }
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units < MAX_CELL_UNITS
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

fn date(at: Timestamp, zone: &TimeZone) -> Option<ExcelDateTime> {
    let local = at.to_zoned(zone.clone());
    let [month, day, minute, second] = [local.month(), local.day(), local.minute(), local.second()]
        .map(|part| u8::try_from(part).unwrap_or_default());
    let date = ExcelDateTime::from_ymd(u16::try_from(local.year()).ok()?, month, day).ok()?;
    date.and_hms(u16::try_from(local.hour()).ok()?, minute, f64::from(second)).ok()
}

fn width(heading: &str, table: &Table, at: usize) -> f64 {
    let length = |value: &Value| match value {
        Value::Text(text) => text.chars().count(),
        Value::Time(_) => format::DATE.len(),
        _ => 0,
    };
    // The first lines are enough to tell how wide a column is.
    let values = table.lines.iter().take(200).filter_map(|line| line.get(at)).map(length);
    let heading = heading.chars().count().min(24);
    let wide = values.chain([heading]).max().unwrap_or_default() + 2;
    u32::try_from(wide.clamp(WIDTHS.0, WIDTHS.1)).map_or(10.0, f64::from)
}

/// A row's number, which [`check`] has found to be one of Excel's.
pub(super) fn row(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A column's number, which [`check`] has found to be one of Excel's.
pub(super) fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_shows_it() {
        assert_eq!(bounded("Noor"), "Noor");
        let whole = "a".repeat(MAX_CELL_UNITS);
        assert_eq!(bounded(&whole), whole);
        let cut = bounded(&"𝄞".repeat(20_000));
        assert_eq!((cut.encode_utf16().count(), cut.ends_with("𝄞…")), (MAX_CELL_UNITS, true));
    }

    #[test]
    fn more_rows_than_excel_has_are_refused_in_words() {
        assert!(check("Records", MAX_ROWS, MAX_COLUMNS).is_ok());
        let error = check("Records", MAX_ROWS + 1, 1).unwrap_err().to_string();
        assert!(error.contains("`Records` would have 1048577 rows"), "{error}");
    }

    #[test]
    fn a_year_before_excel_is_no_date() {
        assert!(date("0001-01-01T00:00:00Z".parse().unwrap(), &TimeZone::UTC).is_none());
        assert!(date("2026-10-14T07:56:02Z".parse().unwrap(), &TimeZone::UTC).is_some());
    }
}
