//! A roster out of the bytes of a file: CSV with commas, semicolons or tabs.

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::civil::Date;
use shared::model::is_guid;

use super::text::text_of;
use super::{Roster, RosterError, RosterLine};
use crate::people::LineNumbers;

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 10_000_000;

/// The most people of a roster.
const MAX_LINES: usize = 100_000;

/// The headings that are known, in small letters.
const HEADINGS: [&str; 10] =
    ["id", "email", "mail", "upn", "name", "number", "group", "from", "to", "excused"];

/// The headings of addresses, of which there may be several.
const ADDRESS_HEADINGS: [&str; 3] = ["email", "mail", "upn"];

impl Roster {
    /// Reads a roster; `name` is the file's, without its folder. Columns with other headings are left out, and so are empty
    /// lines.
    ///
    /// # Errors
    /// It is too large, in another encoding, no CSV, has no heading that is known, or a day that is none.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, RosterError> {
        if bytes.len() > MAX_BYTES {
            return Err(RosterError::TooLarge);
        }
        let text = text_of(bytes)?;
        let delimiter = delimiter_of(&text);
        let mut reader = reader(&text, delimiter);
        let columns = Columns::of(reader.headers().map_err(|_| RosterError::Unreadable)?)?;
        let mut numbers = LineNumbers::of(&text);
        let mut lines = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|_| RosterError::Unreadable)?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            if lines.len() == MAX_LINES {
                return Err(RosterError::TooLong);
            }
            let line = numbers.line(&record);
            if record.iter().any(|field| field.contains(['\n', '\r'])) {
                return Err(RosterError::Quote { line });
            }
            lines.push(columns.line(&record, line)?);
        }
        Ok(Self { name: name.to_owned(), lines })
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(text.as_bytes())
}

/// The delimiter under which the first line has the most headings that are known; a comma where all have as many.
fn delimiter_of(text: &str) -> u8 {
    let known = |delimiter: u8| {
        let headings = reader(text, delimiter).headers().cloned().unwrap_or_default();
        headings.iter().filter(|heading| HEADINGS.contains(&heading.to_lowercase().as_str())).count()
    };
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| known(*delimiter)).unwrap_or(b',')
}

/// In which columns each heading stands.
struct Columns(Vec<(&'static str, usize)>);

impl Columns {
    fn of(headings: &StringRecord) -> Result<Self, RosterError> {
        let mut columns: Vec<(&'static str, usize)> = Vec::new();
        for (place, heading) in headings.iter().enumerate() {
            let lower = heading.to_lowercase();
            let Some(heading) = HEADINGS.into_iter().find(|known| *known == lower) else { continue };
            let is_there = columns.iter().any(|(known, _)| *known == heading);
            if is_there && !ADDRESS_HEADINGS.contains(&heading) {
                return Err(RosterError::HeadingTwice { heading });
            }
            columns.push((heading, place));
        }
        let names_somebody = |(heading, _): &(&str, usize)| {
            ["id", "name"].contains(heading) || ADDRESS_HEADINGS.contains(heading)
        };
        if columns.iter().any(names_somebody) { Ok(Self(columns)) } else { Err(RosterError::Heading) }
    }

    /// What stands under a heading, without the empty fields.
    fn fields<'a>(&'a self, record: &'a StringRecord, heading: &'a str) -> impl Iterator<Item = &'a str> {
        let columns = self.0.iter().filter(move |(known, _)| *known == heading);
        columns.filter_map(|(_, place)| record.get(*place)).filter(|field| !field.is_empty())
    }

    fn line(&self, record: &StringRecord, line: u64) -> Result<RosterLine, RosterError> {
        let text = |heading| self.fields(record, heading).next().map(str::to_owned);
        let day = |heading| self.days(record, heading, line).map(|days| days.first().copied());
        let addresses = ADDRESS_HEADINGS.iter().flat_map(|heading| self.fields(record, heading));
        let (from, to) = (day("from")?, day("to")?);
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(RosterError::Order { line });
        }
        Ok(RosterLine {
            line: usize::try_from(line).unwrap_or_default(),
            id: text("id").map(without_braces),
            addresses: addresses.flat_map(parts).map(str::to_owned).collect(),
            name: text("name"),
            number: text("number"),
            group: text("group"),
            from,
            to,
            excused: self.days(record, "excused", line)?,
        })
    }

    fn days(
        &self,
        record: &StringRecord,
        heading: &'static str,
        line: u64,
    ) -> Result<Vec<Date>, RosterError> {
        let days = self.fields(record, heading).flat_map(parts);
        days.map(|day| day.parse().map_err(|_| RosterError::Day { line, heading })).collect()
    }
}

/// An id without the braces in which some programs write a GUID.
fn without_braces(id: String) -> String {
    let inner = id.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map(str::trim);
    inner.filter(|inner| is_guid(inner)).map(str::to_owned).unwrap_or(id)
}

/// The parts of a field between semicolons.
fn parts(field: &str) -> impl Iterator<Item = &str> {
    field.split(';').map(str::trim).filter(|part| !part.is_empty())
}
