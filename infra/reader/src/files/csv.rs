//! CSV: UTF-8 with a byte order mark, commas, CRLF, RFC 4180 quotes, one line of headings.
//!
//! Times are ISO 8601 with the zone's offset, lengths are seconds. Empty means not known; zero is zero.

use jiff::tz::TimeZone;

use crate::files::aggregate;
use crate::files::error::FileError;
use crate::files::guard;
use crate::files::table::{Table, Value, attendees as attendees_table, headings, records as records_table};
use crate::model::{Registration, Report};
use crate::register::{AggregateColumn, Cell, Column, Register, Row};
use crate::rules::Rules;
use crate::session::Session;
use crate::times;
use crate::words;

/// How CSV is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct CsvOptions {
    /// Whether the byte order mark is left out, by which Excel tells UTF-8.
    pub no_bom: bool,
    /// Whether text stays as it is, even where a spreadsheet could take it for a formula.
    pub is_raw: bool,
}

/// One line a record of a session's reports, as Graph sent them.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn records(
    session: &Session,
    reports: &[Report],
    zone: &TimeZone,
    options: CsvOptions,
) -> Result<Vec<u8>, FileError> {
    table(&records_table(session, reports), zone, options)
}

/// One line a person of a session, with seconds and mark by the rules.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn attendees(session: &Session, rules: &Rules, options: CsvOptions) -> Result<Vec<u8>, FileError> {
    table(&attendees_table(session, rules), &rules.zone, options)
}

/// One line a person of a register, with two columns a session: the mark's letter and the seconds.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn register(register: &Register, options: CsvOptions) -> Result<Vec<u8>, FileError> {
    let mut names = headings(&["Name", "Number", "Group", "Address", "Matched"]);
    for column in &register.columns {
        let start = heading(column, &register.rules.zone);
        names.extend([format!("{start} mark"), format!("{start} seconds")]);
    }
    names.extend(headings(&["Present", "Known", "Seconds", "Possible seconds"]));
    // A line at a time: all values of a large register at once are gigabytes.
    let lines = register.rows.iter().map(|row| line(row, &register.rules));
    written(&names, lines, &register.rules.zone, options)
}

/// Sums of sessions, a line each.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn sums(sums: &[AggregateColumn], zone: &TimeZone, options: CsvOptions) -> Result<Vec<u8>, FileError> {
    table(&aggregate::table(sums), zone, options)
}

/// Who registered, a line each, whatever the status.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn registrants(
    registrations: &[Registration],
    zone: &TimeZone,
    options: CsvOptions,
) -> Result<Vec<u8>, FileError> {
    let line = |one: &Registration| {
        vec![
            Value::text(one.name.as_ref()),
            Value::text(one.address.as_ref()),
            Value::string(one.status.as_ref()),
            Value::time(one.registered_at),
            Value::string(one.id.as_ref()),
            Value::string(one.external_id.as_ref()),
            Value::string(one.user_id.as_ref()),
        ]
    };
    let names = ["Name", "Address", "Status", "Registered", "Registration", "Registration elsewhere", "User"];
    let lines = registrations.iter().map(line).collect();
    table(&Table { headings: headings(&names), lines }, zone, options)
}

/// A session by its start, which no other has; by its label where no time is known.
fn heading(column: &Column, zone: &TimeZone) -> String {
    column.start.map_or_else(|| column.label.clone(), |at| times::iso(at, zone))
}

fn line(row: &Row, rules: &Rules) -> Vec<Value> {
    let listed = row.line.as_ref();
    let mut values = vec![
        words::row_name(row).into(),
        Value::string(listed.and_then(|line| line.number.as_ref())),
        Value::string(listed.and_then(|line| line.group.as_ref())),
        words::row_address(row).into(),
        words::matched(&row.matched).into(),
    ];
    for cell in &row.cells {
        values.extend(match cell {
            Cell::Blank => [Value::Nothing, Value::Nothing],
            Cell::Marked(cell) => [rules.letter(cell.mark).into(), Value::number(cell.seconds)],
        });
    }
    let totals = row.totals;
    values.extend([Value::count(totals.present), Value::count(totals.known)]);
    values.extend([totals.seconds, totals.possible_seconds].map(Value::Number));
    values
}

/// Any table, with its times in a zone.
///
/// # Errors
/// [`FileError::Csv`]: a line has not as many values as there are headings.
pub fn table(table: &Table, zone: &TimeZone, options: CsvOptions) -> Result<Vec<u8>, FileError> {
    written(&table.headings, &table.lines, zone, options)
}

fn written<L: AsRef<[Value]>>(
    headings: &[String],
    lines: impl IntoIterator<Item = L>,
    zone: &TimeZone,
    options: CsvOptions,
) -> Result<Vec<u8>, FileError> {
    let bytes = if options.no_bom { Vec::new() } else { "\u{feff}".as_bytes().to_vec() };
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(bytes);
    writer.write_record(headings.iter().map(|name| guard::field(name, options.is_raw)))?;
    for line in lines {
        writer.write_record(line.as_ref().iter().map(|value| field(value, zone, options)))?;
    }
    writer.into_inner().map_err(|error| FileError::Csv(error.into_error().into()))
}

fn field(value: &Value, zone: &TimeZone, options: CsvOptions) -> String {
    match value {
        Value::Text(text) => guard::field(text, options.is_raw),
        Value::Number(number) => number.to_string(),
        Value::Share(share) => share.to_string(),
        Value::Time(at) => times::iso(*at, zone),
        Value::Nothing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;
    use crate::text::Text;

    fn read(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    #[test]
    fn a_session_has_a_line_a_record() {
        let (session, reports) = samples::session();
        let written = records(&session, &reports, &samples::rules().zone, CsvOptions::default()).unwrap();
        insta::assert_snapshot!(read(written));
    }

    #[test]
    fn a_session_has_a_line_a_person() {
        let (session, _) = samples::session();
        insta::assert_snapshot!(read(attendees(&session, &samples::rules(), CsvOptions::default()).unwrap()));
    }

    #[test]
    fn a_register_has_two_columns_a_session() {
        insta::assert_snapshot!(read(register(&samples::register(), CsvOptions::default()).unwrap()));
    }

    #[test]
    fn the_sums_of_a_register_have_nobody_in_them() {
        let register = samples::register();
        let written =
            sums(&register.aggregate().columns, &register.rules.zone, CsvOptions::default()).unwrap();
        insta::assert_snapshot!(read(written));
    }

    #[test]
    fn the_byte_order_mark_can_be_left_out() {
        let (session, _) = samples::session();
        let rules = samples::rules();
        let [with, without] = [false, true].map(|no_bom| {
            attendees(&session, &rules, CsvOptions { no_bom, ..CsvOptions::default() }).unwrap()
        });
        assert_eq!(with[..3], [0xEF, 0xBB, 0xBF]);
        assert_eq!(with[3..], without[..]);
    }

    #[test]
    fn a_formula_in_a_name_is_text_and_a_number_is_not_touched() {
        let mut register = samples::register();
        register.rows[0].line.as_mut().unwrap().name = Some("=HYPERLINK(\"http://x\")".to_owned());
        let written = read(super::register(&register, CsvOptions::default()).unwrap());
        assert!(written.contains("\n\"'=HYPERLINK(\"\"http://x\"\")\","), "{written}");
        let value = [field(&Value::Number(-5), &TimeZone::UTC, CsvOptions::default())];
        assert_eq!(value, ["-5"]);
    }

    #[test]
    fn registrants_have_a_line_each() {
        let mut registration = samples::registration("Aiko, \"A\" Ferreira", "aiko.ferreira@contoso.com");
        registration.name = Some(Text::from("Ferreira, \"Aiko\""));
        let written = registrants(&[registration], &TimeZone::UTC, CsvOptions::default()).unwrap();
        assert!(read(written).contains("\n\"Ferreira, \"\"Aiko\"\"\",aiko.ferreira@contoso.com,registered,"));
    }
}
