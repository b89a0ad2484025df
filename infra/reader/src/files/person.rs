//! What an archive has about one person, as JSON for programs and as an HTML page that the person can read.

mod page;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::files::error::FileError;
use crate::finder::{Match, ObjectMatches, Subject};
use crate::people::Person;
use crate::text::Text;

pub use page::html;

/// What an archive has about one person.
#[derive(Debug)]
pub struct PersonData {
    /// The archive's address, as it was written.
    pub archive: String,
    /// When the archive was looked through.
    pub as_of: Timestamp,
    /// The person, as the archive knows who it is.
    pub subject: Subject,
    /// The objects that have something about the person, or may have.
    pub objects: Vec<ObjectMatches>,
    /// How many objects were looked at.
    pub looked_at: u64,
    /// The titles of what was attended, by the paths in Graph.
    pub titles: BTreeMap<String, Text>,
}

impl PersonData {
    /// How many records are about the person for certain, and how many could not be decided.
    pub fn counts(&self) -> (usize, usize) {
        let matches = || self.objects.iter().flat_map(|object| &object.matches);
        let sure = matches().filter(|one| one.why.is_sure()).count();
        (sure, matches().count() - sure)
    }

    /// In how many objects something is about the person for certain.
    pub fn sure_objects(&self) -> usize {
        self.objects.iter().filter(|object| !matches(object, true).is_empty()).count()
    }

    fn title(&self, object: &ObjectMatches) -> Option<&Text> {
        self.titles.get(object.source.as_ref()?)
    }
}

/// All of it as JSON. Records are as Graph sent them, byte for byte.
///
/// # Errors
/// [`FileError::Json`], which writing to memory does not meet.
pub fn json(data: &PersonData) -> Result<Vec<u8>, FileError> {
    let file = PersonFile {
        archive: &data.archive,
        as_of: data.as_of,
        objects_looked_at: data.looked_at,
        person: &data.subject.person,
        keys: data.subject.keys().map(ToString::to_string).collect(),
        found: objects(data, true),
        undecided: objects(data, false),
    };
    Ok(serde_json::to_vec_pretty(&file)?)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonFile<'a> {
    archive: &'a str,
    as_of: Timestamp,
    objects_looked_at: u64,
    person: &'a Person,
    keys: Vec<String>,
    found: Vec<ObjectFile<'a>>,
    undecided: Vec<ObjectFile<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectFile<'a> {
    key: &'a str,
    version: &'a str,
    sha256: Option<&'a str>,
    size_bytes: u64,
    written_at: Option<Timestamp>,
    fetched_at: Option<Timestamp>,
    source: Option<&'a str>,
    title: Option<&'a Text>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    records: Vec<&'a Match>,
}

/// The objects with what is sure in them, or with what is not.
fn objects(data: &PersonData, is_sure: bool) -> Vec<ObjectFile<'_>> {
    let file = |object| {
        let records = matches(object, is_sure);
        (!records.is_empty()).then(|| ObjectFile::of(data, object, records))
    };
    data.objects.iter().filter_map(file).collect()
}

fn matches(object: &ObjectMatches, is_sure: bool) -> Vec<&Match> {
    object.matches.iter().filter(|one| one.why.is_sure() == is_sure).collect()
}

impl<'a> ObjectFile<'a> {
    fn of(data: &'a PersonData, matches: &'a ObjectMatches, records: Vec<&'a Match>) -> Self {
        let object = &matches.object;
        Self {
            key: &object.key,
            version: &object.version,
            sha256: matches.sha256.as_deref(),
            size_bytes: object.size_bytes,
            written_at: object.written_at,
            fetched_at: matches.fetched_at,
            source: matches.source.as_deref(),
            title: data.title(matches),
            start: matches.span.map(|span| span.start),
            end: matches.span.map(|span| span.end),
            records,
        }
    }
}
