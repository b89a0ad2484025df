//! `rollcall.toml`: what is typed each time, below the environment and the command line.
//!
//! ```toml
//! archive = "s3://my-archive"        # for every command that has it; so stack and zone
//!
//! [register]                         # options of one command
//! roster = "autumn.csv"
//! present-after = "80%"
//!
//! [settings]                         # what else stands in the environment
//! AZURE_TENANT_ID = "…"
//! ```
//!
//! A file that lies in a folder may come from somebody else. So it sets nothing that deletes or redrives, no key that is
//! trusted, no address or cloud that a token is sent to, no bucket that reports are sent to, and no secret.

mod layered_env;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use shared::env::Env;
use toml::{Table, Value};

use crate::cli::Cli;
pub use layered_env::LayeredEnv;

/// The file that is read where none is named.
const HERE: &str = "rollcall.toml";
/// The longest file, in bytes: more are no settings.
const MOST_BYTES: u64 = 64 << 10;
/// The table with what else stands in the environment.
const SETTINGS: &str = "settings";
/// What the table may have: names, no secrets and no hosts.
const SETTABLE: [&str; 4] =
    ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH", "GRAPH_VERSION"];
/// The options that may stand above all tables: they are of every command that has them.
const OF_ALL: [&str; 3] = ["archive", "stack", "zone"];
/// The options that may stand in the table of a command.
const OF_ONE: [&str; 18] = [
    "absent-below",
    "archive",
    "as",
    "attendees",
    "join-within",
    "late-after",
    "left-before",
    "letters",
    "organizer",
    "port",
    "present-after",
    "roster",
    "same",
    "stack",
    "to",
    "users",
    "window",
    "zone",
];
/// The commands that change what cannot be got back: they take the archive from the file, and nothing else.
const CAREFUL: [&str; 3] = ["dead-letters", "erase", "hold"];

/// The command line with what the file and the environment give, and the environment with what the file gives. It ends the
/// process where the command line is wrong, or asks for help.
///
/// # Errors
/// A sentence about the file: it cannot be read, or has what it may not have.
pub fn parse(
    arguments: &[OsString],
    env: impl Env + Send + Sync + 'static,
) -> anyhow::Result<(Cli, LayeredEnv)> {
    let file = ConfigFile::of(arguments)?;
    let matches = file.defaults(Cli::command())?.get_matches_from(arguments);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|wrong| wrong.exit());
    Ok((cli, LayeredEnv { above: Box::new(env), below: file.settings() }))
}

/// A file with settings; an empty one where there is none.
struct ConfigFile {
    path: PathBuf,
    table: Table,
}

impl ConfigFile {
    /// The file that the command line names, or the one in this folder.
    fn of(arguments: &[OsString]) -> anyhow::Result<Self> {
        // What is wrong with the rest, and help, is told once the file is read.
        let named = Cli::command().ignore_errors(true).try_get_matches_from(arguments).ok();
        let named = named.and_then(|matches| matches.get_one::<PathBuf>("config").cloned());
        match named {
            Some(path) => Self::read(path),
            None if Path::new(HERE).is_file() => Self::read(HERE.into()),
            None => Ok(Self { path: HERE.into(), table: Table::new() }),
        }
    }

    fn read(path: PathBuf) -> anyhow::Result<Self> {
        let shown = path.display();
        let size = std::fs::metadata(&path).with_context(|| format!("--config {shown}"))?.len();
        if size > MOST_BYTES {
            bail!("{shown} has more than {MOST_BYTES} bytes: it is no file of settings");
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("--config {shown}"))?;
        // The error quotes the line, in which a secret may stand: its place is enough.
        let table = text.parse::<Table>().map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            anyhow::anyhow!("{shown} is no TOML (line {line}): write like archive = \"s3://my-archive\"")
        })?;
        Ok(Self { path, table })
    }

    /// The command with the file's values as its defaults: what is typed, and the environment, stand above them.
    fn defaults(&self, mut command: Command) -> anyhow::Result<Command> {
        let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
        for (key, value) in &self.table {
            match value {
                Value::Table(_) if key == SETTINGS => self.check_settings()?,
                Value::Table(options) if names.contains(key) => {
                    for (option, value) in options {
                        command = self.of_one(command, key, option, value)?;
                    }
                }
                _ if OF_ALL.contains(&key.as_str()) => {
                    for name in &names {
                        command = self.of_all(command, name, key, value)?;
                    }
                }
                _ => bail!(
                    "{}: {key} is neither archive, stack or zone nor a table of a command's: options stand in one, like [register]",
                    self.path.display()
                ),
            }
        }
        Ok(command)
    }

    fn of_all(&self, command: Command, name: &str, key: &str, value: &Value) -> anyhow::Result<Command> {
        let has_it = command.find_subcommand(name).and_then(|one| argument(one, key)).is_some();
        // The table of the command is above what is said for all.
        let is_said = self.table.get(name).and_then(|own| own.get(key)).is_some();
        if !has_it || is_said { Ok(command) } else { self.with_default(command, name, key, value) }
    }

    fn of_one(&self, command: Command, name: &str, key: &str, value: &Value) -> anyhow::Result<Command> {
        let may = OF_ONE.contains(&key) && (!CAREFUL.contains(&name) || OF_ALL.contains(&key));
        if !may || command.find_subcommand(name).and_then(|one| argument(one, key)).is_none() {
            bail!(
                "{}: rollcall {name} takes no {key} from a file; type it as an option",
                self.path.display()
            );
        }
        let is_bucket = |value: &String| value.starts_with("s3://");
        if key == "to" && texts(value).is_some_and(|values| values.iter().any(is_bucket)) {
            bail!(
                "{}: rollcall {name} sends nothing to a bucket that only a file names; type --to",
                self.path.display()
            );
        }
        self.with_default(command, name, key, value)
    }

    fn with_default(
        &self,
        command: Command,
        name: &str,
        key: &str,
        value: &Value,
    ) -> anyhow::Result<Command> {
        let values = texts(value)
            .with_context(|| format!("{}: {key} takes a text, or a list of texts", self.path.display()))?;
        let id =
            command.find_subcommand(name).and_then(|one| argument(one, key)).map(|arg| arg.get_id().clone());
        let Some(id) = id else { return Ok(command) };
        Ok(command
            .mut_subcommand(name, |one| one.mut_arg(id, |arg| arg.required(false).default_values(values))))
    }

    fn check_settings(&self) -> anyhow::Result<()> {
        let Some(Value::Table(settings)) = self.table.get(SETTINGS) else { return Ok(()) };
        for (name, value) in settings {
            if !SETTABLE.contains(&name.as_str()) || !value.is_str() {
                bail!(
                    "{}: [settings] takes the texts {}; secrets, tokens and hosts stand in the environment alone",
                    self.path.display(),
                    SETTABLE.join(", ")
                );
            }
        }
        Ok(())
    }

    /// What stands below the environment, by the variables' names.
    fn settings(&self) -> BTreeMap<String, String> {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let settings = self.table.get(SETTINGS).and_then(Value::as_table);
        let mut settings: BTreeMap<_, _> = settings.into_iter().flatten().filter_map(text).collect();
        // `hold` takes its archive from the environment.
        let archive = self.table.get("archive").and_then(Value::as_str);
        settings.extend(archive.map(|archive| ("ROLLCALL_ARCHIVE".to_owned(), archive.to_owned())));
        settings
    }
}

/// The argument of a command with this name: an option's, or that of a place.
fn argument<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| match arg.is_positional() {
        true => arg.get_id() == key,
        false => arg.get_long() == Some(key),
    })
}

/// The texts of a value; `None` where it is something else.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Integer(number) => Some(vec![number.to_string()]),
        Value::Array(values) => {
            let each = values.iter().map(|value| value.as_str().map(str::to_owned));
            each.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
