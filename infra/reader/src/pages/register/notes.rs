//! Who and what is beside a register's table.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::pages::params::Params;
use crate::register::{ColumnOf, Register, Row};
use crate::session::Session;
use crate::times;
use crate::words::{self, one_line, row_address, row_name};

/// Somebody, or a session, beside the table.
pub(super) struct Note {
    pub(super) words: String,
    pub(super) href: Option<String>,
}

/// Who is in no row, who may be somebody else, and which sessions have no column.
pub(super) fn notes(register: &Register, params: &Params) -> Vec<(&'static str, Vec<Note>)> {
    let person = |row: &Row| Note {
        words: one_line(&format!("{} {}", row_name(row), row_address(row))),
        href: row.person.as_ref().map(|person| params.to("/person", &[("key", &person.key.to_string())])),
    };
    let people = |rows: &[Row]| rows.iter().map(person).collect::<Vec<_>>();
    let ambiguous = register.rows.iter().filter_map(words::ambiguous).collect();
    let doubles = register.doubles.iter().map(|double| double.address.clone()).collect();
    let plain = |words: Vec<String>| {
        words.iter().map(|words| Note { words: one_line(words), href: None }).collect::<Vec<_>>()
    };
    let stray = |session: &Session| Note {
        words: session
            .span
            .map_or("no time known".to_owned(), |span| times::range(span, &register.rules.zone)),
        href: session.parts.first().map(|part| params.to("/session", &[("key", &part.provenance.key)])),
    };
    [
        ("Not on the roster", people(&register.not_on_roster)),
        ("Ambiguous", plain(ambiguous)),
        ("In several lines of the roster", plain(words::doubled(register))),
        ("Organizers and presenters, who stand apart", people(&register.apart)),
        ("One address, several ids", plain(doubles)),
        ("Strays, without a column", register.strays.iter().map(stray).collect()),
        ("Perhaps of this series, without a column", plain(words::unclear(register))),
    ]
    .into_iter()
    .filter(|(_, notes)| !notes.is_empty())
    .collect()
}

/// The addresses of the days of the sessions without a report, as the ledger counts them.
pub(super) fn days_not_kept(register: &Register, params: &Params) -> Vec<Option<String>> {
    let not_kept = register.columns.iter().filter(|column| matches!(column.of, ColumnOf::NotKept(_)));
    let day = |start: Timestamp| start.to_zoned(TimeZone::UTC).date().to_string();
    let href = |start| params.to("/completeness", &[("day", &day(start))]);
    not_kept.map(|column| column.start.map(href)).collect()
}
