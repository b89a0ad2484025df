//! What an erasure would do: shown before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use reader::finder::{Finder, Progress, Resolution, Subject, Who};
use reader::people::Person;
use shared::archive::erasure::{Identifier, Marker, Tombstone};
use shared::archive::layout;

use super::eraser::{Eraser, Stage};
use super::identify::{Doubtful, Identification};
use super::record::{self, Kept, KeptBy, PlannedObject, Record};
use super::survey::{Found, Survey};
use super::walk::{Visitor, walk};
use crate::holds::Holds;

/// Who is to be erased, and why.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who, as the operator wrote it.
    pub who: Who,
    /// Pairs of ids or addresses that are one person's, as told.
    pub same: Vec<(String, String)>,
    /// The reason, or the number of the request. It is kept: it may name nobody.
    pub reason: String,
    /// What is to stand in the place of the person's records.
    pub marker: Marker,
}

/// What came of a request.
#[derive(Debug)]
pub enum Planned {
    /// The archive has nobody of that name, or nothing of the person.
    Nobody,
    /// Several persons are meant: none was chosen.
    Several(Vec<Person>),
    /// What would be done.
    Plan(Box<Plan>),
}

/// What an erasure would do.
#[derive(Debug)]
pub struct Plan {
    /// The person who is to be erased.
    pub subject: Subject,
    /// The erasure's record, with the objects that are to change.
    pub record: Record,
    /// Of what nobody can tell whether it is about the person: it stays.
    pub doubtful: Vec<Doubtful>,
    /// The objects in which something else names the person: an address of a meeting, a ledger. It stays.
    pub named_by: BTreeSet<String>,
    pub(super) tenant: String,
    pub(super) tombstone: Tombstone,
    pub(super) found: Found,
}

impl Eraser {
    /// Finds out who is meant, and what of the archive is that person's. Nothing is written.
    ///
    /// # Errors
    /// The archive gives no answer, holds several tenants, or somebody was erased with another key.
    pub async fn plan(&self, request: Request) -> anyhow::Result<Planned> {
        let store = &*self.archive.store;
        let resolving = |Progress { pass, objects }| (self.progress)(Stage::Resolving { pass, objects });
        let resolved = Finder::new(store, &resolving).resolve(request.who.clone(), &request.same).await?;
        let subject = match resolved {
            Resolution::Nobody => return Ok(Planned::Nobody),
            Resolution::Several(persons) => return Ok(Planned::Several(persons)),
            Resolution::One(subject) => *subject,
        };
        let mut seen = Identification::new(&request.who, &subject, &self.key);
        self.walk(&mut seen).await?;
        let Identification { identifiers, sure, doubtful, staged, .. } = seen;
        if sure.is_empty() && staged.is_empty() && identifiers.is_empty() {
            return Ok(Planned::Nobody);
        }
        let identifiers: Vec<Identifier> = identifiers.into_iter().collect();
        let tombstone = Tombstone::new(request.marker.clone(), &self.key, &identifiers);
        let tenant = self.tenant().await?;
        let mut found = self.survey(&tenant, &tombstone, staged).await?;
        if found.is_empty() {
            return Ok(Planned::Nobody);
        }
        let Marker { at, erasure } = request.marker;
        found.note_holds(&Holds::read(&*self.archive.store).await?);
        let objects = planned(&found);
        let record = Record { erasure, at, request: request.reason, objects };
        let named_by = named_by(&record.objects, &sure);
        let doubtful = doubtful.into_iter().collect();
        Ok(Planned::Plan(Box::new(Plan { subject, record, doubtful, named_by, tenant, tombstone, found })))
    }

    async fn survey(
        &self,
        tenant: &str,
        tombstone: &Tombstone,
        staged: BTreeSet<String>,
    ) -> anyhow::Result<Found> {
        let mut all = record::tombstones(&*self.archive.store, tenant).await?;
        all.push(tombstone.clone());
        let tombstones = record::comparable(&self.key, all)?;
        let record_key = layout::erasure(tenant, &tombstone.erased.erasure);
        let mut survey = Survey::new(&tombstones, record_key, staged);
        self.walk(&mut survey).await?;
        Ok(survey.found)
    }

    async fn walk(&self, visitor: &mut dyn Visitor) -> anyhow::Result<()> {
        let progress = |versions| (self.progress)(Stage::Reading { versions });
        Ok(walk(&*self.archive.versions, visitor, &progress).await?)
    }

    /// The tenant's segment of the archive's keys.
    async fn tenant(&self) -> anyhow::Result<String> {
        let mut tenants = BTreeSet::new();
        for prefix in ["reports/v1/", "sessions/v1/", "events/v1/", "registrations/v1/"] {
            let mut after = None::<String>;
            loop {
                let page = self.archive.store.list(prefix, after.as_deref()).await?;
                let Some(key) = page.keys.first() else { break };
                let Some(tenant) = key.split('/').find_map(|segment| segment.strip_prefix("tenant=")) else {
                    break;
                };
                tenants.insert(tenant.to_owned());
                // Behind all keys of this tenant: `0` follows the slash.
                after = Some(format!("{prefix}tenant={tenant}0"));
            }
        }
        if tenants.len() > 1 {
            bail!(
                "the archive holds several tenants, which one erasure cannot be of: keep each in an archive of its own"
            );
        }
        tenants.pop_first().context("the archive has no reports, calls, events or registrations")
    }
}

/// The objects of the erasure's record, in the order of their keys.
fn planned(found: &Found) -> Vec<PlannedObject> {
    let mut objects: Vec<PlannedObject> = found.objects.iter().chain(&found.staged).cloned().collect();
    objects.sort_by(|one, other| one.key.cmp(&other.key));
    objects
}

/// The objects in which the person is named where no record of the person's own stands.
fn named_by(
    objects: &[PlannedObject],
    sure: &BTreeMap<String, BTreeSet<Option<String>>>,
) -> BTreeSet<String> {
    let going: BTreeMap<&str, &[String]> =
        objects.iter().map(|object| (object.key.as_str(), object.pointers.as_slice())).collect();
    let stays = |key: &str, pointer: &Option<String>| {
        let going = going.get(key).copied().unwrap_or_default();
        let is_going = |pointer: &String| going.iter().any(|entry| is_below(pointer, entry));
        !pointer.as_ref().is_some_and(is_going)
    };
    let named = sure.iter().filter(|(key, pointers)| pointers.iter().any(|pointer| stays(key, pointer)));
    named.map(|(key, _)| key.clone()).collect()
}

/// Whether a JSON pointer leads to an entry, or into it.
fn is_below(pointer: &str, entry: &str) -> bool {
    pointer.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Plan {
    /// In how many sessions' reports the person is.
    pub fn sessions(&self) -> usize {
        self.record.objects.iter().filter(|object| object.key.starts_with("reports/")).count()
    }
}

impl Found {
    /// Takes note of the objects that a hold of `rollcall hold` keeps as they are.
    fn note_holds(&mut self, holds: &Holds) {
        for object in &self.objects {
            let Some(name) = holds.of(&object.key) else { continue };
            let why = KeptBy::Hold { hold: Some(name.to_owned()) };
            // The legal hold on the same object is that of this name.
            self.kept.retain(|kept| kept.key != object.key || kept.version.is_some());
            self.kept.push(Kept { key: object.key.clone(), version: None, why });
        }
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.older.is_empty() && self.staged.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_outside_of_a_record_is_told() {
        let of = |key: &str, pointer: &str| PlannedObject {
            key: key.into(),
            sha256: String::new(),
            pointers: vec![pointer.into()],
        };
        let objects = [of("a", "/attendanceRecords/1"), of("staging/reports/b", "")];
        let at = |pointers: &[Option<&str>]| pointers.iter().map(|at| at.map(str::to_owned)).collect();
        let sure = [
            ("a".to_owned(), at(&[Some("/attendanceRecords/1/identity/id"), Some("/attendanceRecords/1")])),
            ("b".to_owned(), at(&[Some("/joinWebUrl")])),
            ("c".to_owned(), at(&[None])),
            ("staging/reports/b".to_owned(), at(&[Some("/attendanceRecords/0")])),
        ];
        assert_eq!(named_by(&objects, &sure.into()), ["b".to_owned(), "c".to_owned()].into());
        assert!(!is_below("/attendanceRecords/11", "/attendanceRecords/1"));
    }
}
