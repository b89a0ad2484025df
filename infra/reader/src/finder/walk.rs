//! Walks through all objects of an archive, a few at a time.

use futures_util::future::join_all;
use jiff::Timestamp;
use shared::digest::sha256_hex;
use shared::model::{ReportSource, VirtualEventKind, parse_time};
use shared::ports::store::{Object, ObjectVersion, StoreError, VersionedStore};

use super::learning::{Learning, Resolution};
use super::matching::Match;
use super::object::ArchivedObject;
use super::subject::Subject;
use super::who::Who;
use super::why::Why;
use crate::index::archived::Target;
use crate::model::{Report, Span};

/// So many objects are read at once.
const AT_ONCE: usize = 16;
/// So many bytes are read at once; a larger object is read alone.
const BYTES_AT_ONCE: u64 = 8 << 20;
/// More passes than this would only follow a chain of addresses that are shared by ever other people.
const MOST_PASSES: usize = 12;

/// First who registered: that tells whose a record is.
const FIRST: &str = "registrations/";
/// They name keys and hashes, and nobody.
const NOBODY: &str = "manifests/";

/// How far a walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Which pass it is, from 1.
    pub pass: usize,
    /// How many objects were looked at in this pass.
    pub objects: u64,
}

/// An object with what it has about a person.
#[derive(Debug, Clone)]
pub struct ObjectMatches {
    /// The object as the list showed it.
    pub object: ObjectVersion,
    /// The SHA-256 of its bytes, in hex; `None` where it could not be read.
    pub sha256: Option<String>,
    /// The path in Graph of what it is of; `None` where its metadata names none.
    pub source: Option<String>,
    /// When Graph was asked for it; `None` where its metadata does not say.
    pub fetched_at: Option<Timestamp>,
    /// From when to when what it is of took place, as far as it says so.
    pub span: Option<Span>,
    /// What was found, at least one.
    pub matches: Vec<Match>,
}

impl ObjectMatches {
    /// What has the title under which people know what the object is of: a meeting, or a session of a webinar or town hall, also of
    /// one that is known by its event alone. `None` where its path leads to none of them.
    pub fn titled(&self) -> Option<ReportSource> {
        let source = self.source.as_deref()?;
        ReportSource::of_path(source).or_else(|| {
            let target = Target::of_path(source)?;
            let kind = VirtualEventKind::ALL.into_iter().find(|kind| kind.name() == target.kind)?;
            Some(kind.source(&target.event_id, &target.session_id.unwrap_or_default()))
        })
    }
}

/// Finds what an archive has about a person.
pub struct Finder<'a> {
    store: &'a dyn VersionedStore,
    progress: &'a (dyn Fn(Progress) + Sync),
    pass: usize,
}

impl<'a> Finder<'a> {
    /// A finder in the archive of `store`, which tells `progress` how far it is.
    pub fn new(store: &'a dyn VersionedStore, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { store, progress, pass: 0 }
    }

    /// Finds out who is meant. `same` are pairs of ids or addresses that are one person's, as told. The archive is read twice at
    /// least: what leads on may stand behind what it leads to.
    ///
    /// # Errors
    /// The archive gives no answer.
    pub async fn resolve(&mut self, who: Who, same: &[(String, String)]) -> Result<Resolution, StoreError> {
        let mut learning = Learning::new(who, same);
        while self.pass < MOST_PASSES {
            let before = learning.size();
            self.walk(&mut |object, read| {
                if let Some(read) = read {
                    learning.learn(&archived(object, read));
                }
            })
            .await?;
            if learning.size() == before {
                break;
            }
        }
        Ok(learning.resolve())
    }

    /// Hands to `found` each object that has something about the person, or may have, in the order of their keys.
    ///
    /// # Errors
    /// The archive gives no answer.
    pub async fn find(
        &mut self,
        subject: &Subject,
        found: &mut (dyn FnMut(ObjectMatches) + Send),
    ) -> Result<u64, StoreError> {
        self.walk(&mut |object, read| {
            let matches = match read {
                Some(read) => subject.matches(&archived(object, read)),
                None => vec![Match::of_object(Why::Refused)],
            };
            if !matches.is_empty() {
                found(of_object(object, read, matches, subject));
            }
        })
        .await
    }

    /// Shows each object to `visit`, with what was read of it; nothing where the archive refuses it. Answers how many there are.
    async fn walk(
        &mut self,
        visit: &mut (dyn FnMut(&ObjectVersion, Option<&Object>) + Send),
    ) -> Result<u64, StoreError> {
        self.pass += 1;
        let mut progress = Progress { pass: self.pass, objects: 0 };
        for prefix in [FIRST, ""] {
            let mut after: Option<String> = None;
            loop {
                let page = self.store.list_versions(prefix, after.as_deref()).await?;
                let is_next = |object: &ObjectVersion| prefix == FIRST || !object.key.starts_with(FIRST);
                let objects: Vec<ObjectVersion> = page
                    .objects
                    .into_iter()
                    .filter(is_next)
                    .filter(|one| !one.key.starts_with(NOBODY))
                    .collect();
                for some in at_once(&objects) {
                    self.read(some, visit).await?;
                    progress.objects += some.len() as u64;
                    (self.progress)(progress);
                }
                match page.next {
                    // A store that goes round in a circle would be listed for ever.
                    Some(next) if after.as_ref().is_none_or(|after| *after < next) => after = Some(next),
                    _ => break,
                }
            }
        }
        Ok(progress.objects)
    }

    async fn read(
        &self,
        objects: &[ObjectVersion],
        visit: &mut (dyn FnMut(&ObjectVersion, Option<&Object>) + Send),
    ) -> Result<(), StoreError> {
        let read = join_all(objects.iter().map(|object| self.store.get(&object.key))).await;
        for (object, read) in objects.iter().zip(read) {
            match read {
                Ok(Some(read)) => visit(object, Some(&read)),
                // It is gone again.
                Ok(None) => {}
                Err(StoreError::Refused { .. }) => visit(object, None),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The objects of a page in groups that are read at once.
fn at_once(mut objects: &[ObjectVersion]) -> Vec<&[ObjectVersion]> {
    let mut groups = Vec::new();
    while !objects.is_empty() {
        let mut bytes = 0_u64;
        let fits = objects.iter().take(AT_ONCE).take_while(|object| {
            bytes = bytes.saturating_add(object.size_bytes);
            bytes <= BYTES_AT_ONCE
        });
        let (group, others) = objects.split_at(fits.count().max(1));
        groups.push(group);
        objects = others;
    }
    groups
}

fn archived<'a>(object: &'a ObjectVersion, read: &'a Object) -> ArchivedObject<'a> {
    ArchivedObject { key: &object.key, metadata: &read.head.metadata, body: &read.body }
}

fn of_object(
    object: &ObjectVersion,
    read: Option<&Object>,
    matches: Vec<Match>,
    subject: &Subject,
) -> ObjectMatches {
    let report = read.and_then(|read| report(object, read, subject));
    let fetched_at = read.and_then(|read| read.head.metadata.get("fetched-at"));
    ObjectMatches {
        object: object.clone(),
        sha256: read.map(|read| sha256_hex(&read.body)),
        fetched_at: fetched_at.and_then(|time| parse_time(time)),
        span: report.as_ref().and_then(|report| report.span),
        source: report.map(|report| report.source).filter(|source| !source.is_empty()),
        matches,
    }
}

/// What an object is of, by the first text in it.
fn report(object: &ObjectVersion, read: &Object, subject: &Subject) -> Option<Report> {
    let archived = archived(object, read);
    let first = archived.documents().0.into_iter().next()?;
    Some(archived.report(first, &subject.tenant))
}
