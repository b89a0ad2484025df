//! `rollcall export --pseudonymise`: copies for those who analyse.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, bail};
use reader::files::FileError;
use reader::files::csv::CsvOptions;
use reader::files::pseudonymised as files;
use reader::index::Index;
use reader::model::Report;
use reader::pseudonyms::{PseudonymKey, PseudonymisedSession, Pseudonymiser, Times};
use reader::rules::Rules;

use crate::cli::{ExportForm, ExportOptions, TimesOption};
use crate::private_file;

/// More bytes than a key has.
const MOST_BYTES: u64 = 8192;

/// Pseudonymised copies that are to be written.
pub(super) struct Copies<'a> {
    options: &'a ExportOptions,
    key: PseudonymKey,
    times: Times,
}

impl<'a> Copies<'a> {
    /// What the options ask for; `None` where they ask for no copies.
    ///
    /// # Errors
    /// The form has nothing but names, the key is none or others may read it, or the folder has other files.
    pub(super) fn asked_for(options: &'a ExportOptions) -> anyhow::Result<Option<Self>> {
        let Some(file) = &options.pseudonyms.pseudonymise else { return Ok(None) };
        if options.form == ExportForm::TeamsCsv {
            bail!(
                "teams-csv is a form for names, addresses and a title, which a pseudonymised copy has not: take csv, xlsx or json"
            );
        }
        let key = key(file)?;
        not_beside_the_key(file, &options.to)?;
        nothing_else_in(&options.to)?;
        let times = match options.pseudonyms.times {
            Some(TimesOption::Exact) => Times::Exact,
            Some(TimesOption::QuarterHours) | None => Times::QuarterHours,
        };
        Ok(Some(Self { options, key, times }))
    }

    /// Writes the copies; answers how many files that are.
    ///
    /// # Errors
    /// The index gives no answer, or a file cannot be made.
    pub(super) fn write(
        &self,
        index: &Index,
        sessions: &[Vec<Report>],
        rules: &Rules,
    ) -> anyhow::Result<usize> {
        let mut pseudonymiser = Pseudonymiser::new(index, &self.key, self.times, rules, sessions)?;
        let mut files = 0;
        for reports in sessions {
            let Some(session) = pseudonymiser.session(reports)? else { continue };
            let ending = match self.options.form {
                ExportForm::TeamsCsv | ExportForm::Csv => "csv",
                ExportForm::Xlsx => "xlsx",
                ExportForm::Json => "json",
            };
            self.write_file(&format!("{}.{ending}", session.session), &self.form(&session, rules)?)?;
            files += 1;
            if ending == "csv" && !session.registrations.is_empty() {
                let bytes = files::csv_registrations(&session, &rules.zone, self.csv_options())?;
                self.write_file(&format!("{}-registrations.csv", session.session), &bytes)?;
                files += 1;
            }
        }
        Ok(files)
    }

    fn form(&self, session: &PseudonymisedSession, rules: &Rules) -> Result<Vec<u8>, FileError> {
        match self.options.form {
            ExportForm::TeamsCsv | ExportForm::Csv => files::csv(session, &rules.zone, self.csv_options()),
            ExportForm::Xlsx => files::xlsx(session, rules),
            ExportForm::Json => files::json(session, rules),
        }
    }

    fn csv_options(&self) -> CsvOptions {
        CsvOptions { no_bom: self.options.text.no_bom, is_raw: self.options.text.raw }
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let file = self.options.to.join(name);
        private_file::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))
    }
}

/// The key in a file that nobody else may read.
fn key(file: &Path) -> anyhow::Result<PseudonymKey> {
    let shown = file.display();
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "there is no key at {shown}: make one with (umask 077; openssl rand -hex 32 > new.key), and keep it: copies that are to be \
             compared need the same"
        ),
        Err(error) => return Err(error).with_context(|| format!("{shown} cannot be read")),
    };
    let unreadable = || format!("{shown} cannot be read");
    if is_open_to_others(&opened.metadata().with_context(unreadable)?) {
        bail!(
            "others on this machine may read {shown}, who could tell whom each pseudonym means: chmod 600 {shown}"
        );
    }
    let mut bytes = Vec::new();
    opened.take(MOST_BYTES).read_to_end(&mut bytes).with_context(unreadable)?;
    PseudonymKey::of_file(&bytes).with_context(|| {
        format!(
            "{shown} is no key, which has 32 to 4096 bytes: make one with (umask 077; openssl rand -hex 32 > new.key)"
        )
    })
}

#[cfg(unix)]
fn is_open_to_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

/// Elsewhere the file's own rights are not looked at.
#[cfg(not(unix))]
fn is_open_to_others(_metadata: &Metadata) -> bool {
    false
}

/// Sees that the key is not handed on with the copies.
fn not_beside_the_key(key: &Path, to: &Path) -> anyhow::Result<()> {
    let (Ok(key), Ok(to)) = (key.canonicalize(), to.canonicalize()) else { return Ok(()) };
    if key.starts_with(to) {
        bail!(
            "the key lies in the folder that --to names, and would be handed on with the copies: move it elsewhere"
        );
    }
    Ok(())
}

/// Sees that no file with names is handed on with the copies: a folder that is there has nothing but copies.
fn nothing_else_in(folder: &Path) -> anyhow::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let name = entry.with_context(|| format!("{} cannot be read", folder.display()))?.file_name();
        if !name.to_string_lossy().starts_with("s_") {
            bail!(
                "{} has other files than pseudonymised copies, which would be handed on with them: choose a new folder",
                folder.display()
            );
        }
    }
    Ok(())
}
