//! `rollcall person`: all that an archive has about one person, as a page or as JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use reader::files::person::{self as files, PersonData};
use reader::finder::{Finder, ObjectMatches, Progress, Resolution, Subject};
use reader::people::{Person, read_same};
use reader::text::Text;
use reader::words;
use shared::archive::archived_title;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{StoreError, VersionedStore};

use crate::archive::{not_into, store};
use crate::cli::PersonOptions;
use crate::exit::Exit;
use crate::private_file;
use crate::selection::bytes_of;
use crate::terminal::{self, print_failure, print_stderr, print_stdout, readable};

/// A name is shown up to so many characters.
const MOST_CHARACTERS: usize = 60;

/// Runs `rollcall person`: finds out who is meant, and shows what the archive has about that person.
///
/// # Errors
/// A sentence about the archive, or the file.
pub async fn run(options: &PersonOptions) -> anyhow::Result<ExitCode> {
    let form = options.to.as_deref().map(|file| Form::of(file).map(|form| (form, file))).transpose()?;
    if let Some(file) = &options.to {
        not_into(&options.archive.archive, file)?;
    }
    let same = options.same.as_deref().map(|file| anyhow::Ok(read_same(&bytes_of(file)?)?)).transpose()?;
    let store = store(&options.archive.archive).await?;
    let found = look(&*store, options, &same.unwrap_or_default()).await;
    match found.with_context(|| format!("{} cannot be read", options.archive.archive))? {
        Found::Nobody => {
            print_failure(
                "the archive has nobody of that name: give an id or an address, or write the name as Teams shows it",
            );
            Ok(ExitCode::FAILURE)
        }
        Found::Several(persons) => {
            print_failure("several persons are meant, and none was chosen: give the key of one of them");
            print_stdout(&choice(&persons, options.json)?);
            Ok(Exit::Refused.into())
        }
        Found::One(data) => {
            give(&data, form, options)?;
            Ok(if data.counts().0 == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

/// What came of the look through the archive.
enum Found {
    Nobody,
    Several(Vec<Person>),
    One(Box<PersonData>),
}

async fn look(
    store: &dyn VersionedStore,
    options: &PersonOptions,
    same: &[(String, String)],
) -> Result<Found, StoreError> {
    let bar = terminal::bar("{spinner} {msg}, {elapsed}");
    let show = |Progress { pass, objects }| bar.set_message(format!("pass {pass}: {objects} objects read"));
    let mut finder = Finder::new(store, &show);
    let found = match finder.resolve(options.who.clone(), same).await {
        Ok(Resolution::Nobody) => Ok(Found::Nobody),
        Ok(Resolution::Several(persons)) => Ok(Found::Several(persons)),
        Ok(Resolution::One(subject)) => {
            data(&mut finder, store, *subject, &options.archive.archive).await.map(Found::One)
        }
        Err(error) => Err(error),
    };
    bar.finish_and_clear();
    found
}

async fn data(
    finder: &mut Finder<'_>,
    store: &dyn VersionedStore,
    subject: Subject,
    archive: &str,
) -> Result<Box<PersonData>, StoreError> {
    let mut objects = Vec::new();
    let looked_at = finder.find(&subject, &mut |object| objects.push(object)).await?;
    let titles = titles(store, &objects).await?;
    let (archive, as_of) = (archive.to_owned(), SystemClock.now());
    Ok(Box::new(PersonData { archive, as_of, subject, objects, looked_at, titles }))
}

/// The titles of what the objects are of, as far as the archive knows them.
async fn titles(
    store: &dyn VersionedStore,
    objects: &[ObjectMatches],
) -> Result<BTreeMap<String, Text>, StoreError> {
    let mut titles = BTreeMap::new();
    for object in objects {
        let Some(source) = &object.source else { continue };
        let tenant = object.object.key.split('/').find_map(|part| part.strip_prefix("tenant="));
        let (Some(of), Some(tenant)) = (object.titled(), tenant) else { continue };
        if titles.contains_key(source) {
            continue;
        }
        if let Some(title) = archived_title(store, tenant, &of).await? {
            titles.insert(source.clone(), Text::from(title));
        }
    }
    Ok(titles)
}

/// The kinds of files in which a person gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Json,
}

impl Form {
    fn of(file: &Path) -> anyhow::Result<Self> {
        let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_deref().and_then(|ending| ending.to_str()) {
            Some("html") => Ok(Self::Html),
            Some("json") => Ok(Self::Json),
            _ => bail!("--to takes a file that ends with .html or .json"),
        }
    }
}

/// Writes the file, or prints what was asked for.
fn give(data: &PersonData, form: Option<(Form, &Path)>, options: &PersonOptions) -> anyhow::Result<()> {
    if options.json {
        print_stdout(&String::from_utf8_lossy(&files::json(data)?));
        return Ok(());
    }
    print_stdout(&summary(data));
    let Some((form, file)) = form else {
        print_stderr(
            "--to noor.html writes a page for the person, --to noor.json everything as Graph sent it",
        );
        return Ok(());
    };
    let zone = options.zone.clone().unwrap_or_else(TimeZone::system);
    let bytes = match form {
        Form::Html => files::html(data, &zone)?.into_bytes(),
        Form::Json => files::json(data)?,
    };
    private_file::write(file, &bytes).with_context(|| format!("{} cannot be written", file.display()))
}

fn summary(data: &PersonData) -> String {
    let (sure, undecided) = data.counts();
    let name = readable(&words::name(&data.subject.person), MOST_CHARACTERS);
    let keys: Vec<String> = data.subject.keys().map(|key| readable(&key.to_string(), 200)).collect();
    format!(
        "{name} ({}): {sure} records in {} objects, {undecided} that could not be decided",
        keys.join(", "),
        data.sure_objects()
    )
}

/// Who may be meant: a line each, the key first.
pub(crate) fn choice(persons: &[Person], is_json: bool) -> anyhow::Result<String> {
    if is_json {
        let keys: Vec<_> = persons.iter().map(|person| (person.key.to_string(), person)).collect();
        let each = keys.iter().map(
            |(key, person)| serde_json::json!({"key": key, "name": person.name, "address": person.address}),
        );
        return Ok(serde_json::to_string_pretty(&each.collect::<Vec<_>>())?);
    }
    let line = |person: &Person| {
        let shown = [words::name(person), words::about(person)].map(|text| readable(&text, MOST_CHARACTERS));
        format!("{}  {}", readable(&person.key.to_string(), 200), shown.join(", "))
    };
    Ok(persons.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_page_or_json() {
        assert_eq!(Form::of(Path::new("a/noor.HTML")).unwrap(), Form::Html);
        assert_eq!(Form::of(Path::new("noor.json")).unwrap(), Form::Json);
        assert!(Form::of(Path::new("noor.csv")).is_err());
    }
}
