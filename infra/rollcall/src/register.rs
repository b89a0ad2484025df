//! `rollcall register`: the register of a series, into a file.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use reader::files::csv::CsvOptions;
use reader::files::{csv, html, json, xlsx};
use reader::register::{ColumnOf, Register};
use reader::roster::RosterMatch;
use reader::words;
use serde_json::{Map, Value, json};
use shared::env::Env;
use shared::ports::clock::{Clock, SystemClock};

use crate::archive::{OpenArchive, not_into};
use crate::cli::{RegisterOptions, TextOptions};
use crate::exit::Exit;
use crate::private_file;
use crate::selection::{Found, found, roster};
use crate::terminal::print_stdout;

/// Runs `rollcall register`: writes the register of the sessions that were selected.
///
/// # Errors
/// A sentence about the archive, the roster, the selection or the file.
pub async fn run(options: &RegisterOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let register = write(options, env).await?;
    if options.json {
        tell_json(&register, &options.to);
    } else {
        tell(&register, &options.to);
    }
    Ok(Exit::Done.into())
}

/// Writes the register, and answers it.
pub(crate) async fn write(options: &RegisterOptions, env: &impl Env) -> anyhow::Result<Register> {
    let form = Form::of(&options.to)?;
    not_into(&options.archive.archive, &options.to)?;
    let mut rules = options.rules.rules()?;
    rules.match_names = options.match_names;
    let roster = options.roster.as_deref().map(roster).transpose()?;
    let OpenArchive { index, .. } = OpenArchive::up_to_date(&options.archive.archive, env).await?;
    let query = options.select.query(&index, &rules.zone)?;
    let Found { reports, registrations, gaps } = found(&index, &query)?;
    let as_of = index.state()?.as_of.unwrap_or_else(|| SystemClock.now());
    let register = Register::of(reports, &registrations, gaps, roster.as_ref(), &rules, as_of);
    let bytes = form.write(&register, options.aggregate, options.text)?;
    private_file::write(&options.to, &bytes)
        .with_context(|| format!("{} cannot be written", options.to.display()))?;
    Ok(register)
}

/// The kinds of files that a register is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Xlsx,
    Csv,
    Html,
    Json,
}

impl Form {
    fn of(file: &Path) -> anyhow::Result<Self> {
        match file
            .extension()
            .map(|ending| ending.to_ascii_lowercase())
            .as_deref()
            .and_then(|ending| ending.to_str())
        {
            Some("xlsx") => Ok(Self::Xlsx),
            Some("csv") => Ok(Self::Csv),
            Some("html") => Ok(Self::Html),
            Some("json") => Ok(Self::Json),
            _ => bail!("--to takes a file that ends with .xlsx, .csv, .html or .json"),
        }
    }

    fn write(self, register: &Register, is_aggregate: bool, text: TextOptions) -> anyhow::Result<Vec<u8>> {
        let zone = &register.rules.zone;
        let options = CsvOptions { no_bom: text.no_bom, is_raw: text.raw };
        let sums = || register.aggregate().columns;
        Ok(match (self, is_aggregate) {
            (Self::Xlsx, false) => xlsx::register(register)?,
            (Self::Xlsx, true) => xlsx::sums(&sums(), zone)?,
            (Self::Csv, false) => csv::register(register, options)?,
            (Self::Csv, true) => csv::sums(&sums(), zone, options)?,
            (Self::Html, false) => html::register(register)?.into_bytes(),
            (Self::Html, true) => html::register_sums(register)?.into_bytes(),
            (Self::Json, false) => json::register(register)?,
            (Self::Json, true) => json::register_sums(register)?,
        })
    }
}

/// What a person should look at: its name for programs, how many there are, and what is said of one and of several.
fn notes(register: &Register) -> [(&'static str, usize, &'static str, &'static str); 7] {
    let not_kept = register.columns.iter().filter(|column| matches!(column.of, ColumnOf::NotKept(_))).count();
    let ambiguous =
        register.rows.iter().filter(|row| matches!(row.matched, RosterMatch::Ambiguous { .. })).count();
    [
        (
            "sessionsNotKnown",
            not_kept,
            "session is not known: no report of it is kept",
            "sessions are not known: no report of them is kept",
        ),
        (
            "rosterLinesAmbiguous",
            ambiguous,
            "line of the roster could be several people",
            "lines of the roster could be several people each",
        ),
        (
            "peopleInSeveralLines",
            words::doubled(register).len(),
            "person stands in several lines of the roster",
            "people stand in several lines of the roster",
        ),
        (
            "peopleNotOnRoster",
            register.not_on_roster.len(),
            "person is not on the roster",
            "people are not on the roster",
        ),
        (
            "addressesOfSeveralIds",
            register.doubles.len(),
            "address belongs to several ids",
            "addresses belong to several ids each",
        ),
        (
            "shortSessions",
            register.strays.len(),
            "short session has no column",
            "short sessions have no column",
        ),
        (
            "sessionsUnclear",
            register.unclear.len(),
            "session that is not kept may be of this series: its channel has several",
            "sessions that are not kept may be of this series: its channel has several",
        ),
    ]
}

/// Says what was written, and what a person should look at.
pub(crate) fn tell(register: &Register, file: &Path) {
    let (people, sessions) = (register.rows.len(), register.columns.len());
    print_stdout(&format!("{people} people, {sessions} sessions: {}", file.display()));
    for (_, count, one, several) in notes(register) {
        match count {
            0 => {}
            1 => print_stdout(&format!("1 {one}")),
            count => print_stdout(&format!("{count} {several}")),
        }
    }
}

/// The same for programs.
fn tell_json(register: &Register, file: &Path) {
    let (people, sessions) = (register.rows.len(), register.columns.len());
    let notes: Map<String, Value> =
        notes(register).map(|(name, count, ..)| (name.to_owned(), Value::from(count))).into_iter().collect();
    print_stdout(
        &json!({"file": file.display().to_string(), "people": people, "sessions": sessions, "notes": notes})
            .to_string(),
    );
}
