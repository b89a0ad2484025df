//! `rollcall export`: sessions as files, one a session.

mod copies;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use reader::files::csv::CsvOptions;
use reader::files::names::file_name;
use reader::files::{TeamsOptions, csv, json, teams_csv, teams_registrants, xlsx};
use reader::model::{Registration, Report};
use reader::rules::Rules;
use reader::session::{Session, sessions_of};
use serde_json::json;
use shared::env::Env;

use crate::archive::{OpenArchive, not_into};
use crate::cli::{ExportForm, ExportOptions};
use crate::private_file;
use crate::selection::{Found, found};
use crate::terminal::print_stdout;
use copies::Copies;

/// Runs `rollcall export`: writes a file for each session that was selected.
///
/// # Errors
/// A sentence about the archive, the selection or the folder.
pub async fn run(options: &ExportOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    not_into(&options.archive.archive, &options.to)?;
    let rules = options.rules.rules()?;
    // What is wrong with the key is told before an archive is read.
    let copies = Copies::asked_for(options)?;
    let OpenArchive { index, .. } = OpenArchive::up_to_date(&options.archive.archive, env).await?;
    let Found { reports, registrations, .. } = found(&index, &options.select.query(&index, &rules.zone)?)?;
    if reports.is_empty() {
        bail!(
            "the archive has no report of these sessions: rollcall register writes what is not known of them"
        );
    }
    private_file::make_folder(&options.to)
        .with_context(|| format!("{} cannot be made", options.to.display()))?;
    if let Some(copies) = copies {
        let written = copies.write(&index, &sessions_of(reports, &rules), &rules)?;
        tell(written, "pseudonymised ", options);
        return Ok(ExitCode::SUCCESS);
    }
    let mut folder = Folder { options, rules: &rules, names: BTreeSet::new() };
    for reports in sessions_of(reports, &rules) {
        let of_event: Vec<Registration> = registrations
            .iter()
            .filter(|(series, _)| *series == reports[0].series)
            .map(|(_, registration)| registration.clone())
            .collect();
        folder.add(&reports, &of_event)?;
    }
    tell(folder.names.len(), "", options);
    Ok(ExitCode::SUCCESS)
}

/// Says how many files were written, of which kind.
fn tell(files: usize, kind: &str, options: &ExportOptions) {
    let (word, folder) = (if files == 1 { "file" } else { "files" }, options.to.display());
    print_stdout(&match options.json {
        true => json!({"folder": folder.to_string(), "files": files, "arePseudonymised": !kind.is_empty()})
            .to_string(),
        false => format!("{files} {kind}{word}: {folder}"),
    });
}

/// The folder that is written into.
struct Folder<'a> {
    options: &'a ExportOptions,
    rules: &'a Rules,
    /// The names that are taken, in small letters: some systems take them for the same.
    names: BTreeSet<String>,
}

impl Folder<'_> {
    /// Writes a session, and who registered for it.
    fn add(&mut self, reports: &[Report], registrations: &[Registration]) -> anyhow::Result<()> {
        let Some(session) = Session::of(reports, registrations, self.rules) else { return Ok(()) };
        let bytes = self.session(&session, reports)?;
        let ending = match self.options.form {
            ExportForm::TeamsCsv | ExportForm::Csv => "csv",
            ExportForm::Xlsx => "xlsx",
            ExportForm::Json => "json",
        };
        self.write(&session, "", ending, &bytes)?;
        let registrants = match self.options.form {
            _ if registrations.is_empty() => return Ok(()),
            ExportForm::TeamsCsv => teams_registrants(registrations, &self.rules.zone, self.teams_options())?,
            ExportForm::Csv => csv::registrants(registrations, &self.rules.zone, self.csv_options())?,
            ExportForm::Xlsx | ExportForm::Json => return Ok(()),
        };
        self.write(&session, "registrations ", ending, &registrants)
    }

    fn session(&self, session: &Session, reports: &[Report]) -> anyhow::Result<Vec<u8>> {
        let zone = &self.rules.zone;
        Ok(match self.options.form {
            ExportForm::TeamsCsv => teams_csv(session, reports, zone, self.teams_options())?,
            ExportForm::Csv => csv::records(session, reports, zone, self.csv_options())?,
            ExportForm::Xlsx => xlsx::session(session, self.rules)?,
            ExportForm::Json => json::session(session, self.rules)?,
        })
    }

    fn csv_options(&self) -> CsvOptions {
        CsvOptions { no_bom: self.options.text.no_bom, is_raw: self.options.text.raw }
    }

    fn teams_options(&self) -> TeamsOptions {
        let engagement_columns = self.options.engagement_columns;
        TeamsOptions { engagement_columns, is_aggregate: false, is_raw: self.options.text.raw }
    }

    /// Writes a file under the session's name, with a number where that is taken.
    fn write(&mut self, session: &Session, what: &str, ending: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let start = session.span.map(|span| span.start);
        let name = |number: usize| {
            let ending = if number == 1 { ending.to_owned() } else { format!("{number}.{ending}") };
            format!("{what}{}", file_name(session.title.as_ref(), start, self.rules, &ending))
        };
        let free = (1..).map(name).find(|name| !self.names.contains(&name.to_lowercase()));
        let name = free.unwrap_or_default();
        let file: PathBuf = self.options.to.join(&name);
        private_file::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        self.names.insert(name.to_lowercase());
        Ok(())
    }
}
