//! The oracle: what Graph answered and what became durable, recorded independently of the functions, and every
//! violation of an invariant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use graph_sim::{ODD_ENTRY, SimReport};
use serde_json::Value;
use shared::archive::layout::ArtifactPlace;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, FetchJob, FetchTarget, Job};
use shared::model::ArtifactRef;
use shared::ports::queue::OutgoingMessage;
use shared::ports::store::Object;

/// What the archive must contain, and which invariants were violated.
#[derive(Default)]
pub(crate) struct Oracle(Mutex<State>);

#[derive(Default)]
struct State {
    /// Every version of a report that Graph has had, with the number of its records.
    versions: BTreeMap<String, Vec<(String, usize)>>,
    /// The hashes of what Graph said of each meeting, event or session, by the key under which it is kept.
    events: BTreeMap<String, BTreeSet<String>>,
    /// The versions that were fetched: of each report their hashes, each with its number of records.
    fetched: BTreeMap<String, BTreeMap<String, usize>>,
    /// The ids that durable messages name.
    durable: BTreeSet<String>,
    /// The reports whose notifications were acknowledged.
    acknowledged: BTreeSet<String>,
    violations: Vec<String>,
}

impl Oracle {
    /// Records the version of a report that Graph has from now on.
    pub(crate) fn record_version(&self, report: &SimReport) {
        let version = (report.whole(), report.records.len());
        self.state().versions.entry(report.id.clone()).or_default().push(version);
    }

    /// Records a violation of an invariant.
    pub(crate) fn violation(&self, description: String) {
        self.state().violations.push(description);
    }

    /// All violations.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// Records that a message is durable.
    pub(crate) fn record_durable(&self, queue: &str, body: &str) {
        let mut state = self.state();
        if let Ok(job) = FetchJob::from_message(body) {
            match job.target {
                FetchTarget::CallRecord { id } => drop(state.durable.insert(id)),
                FetchTarget::EncryptedNotification(encrypted) => {
                    state.durable.insert(encrypted.content.data);
                }
                FetchTarget::Report(report) => drop(state.durable.insert(report.report_id)),
                _ => {}
            }
        } else if queue == "archive"
            && let Ok(job) = ArchiveJob::from_message(body)
        {
            match &job.artifact {
                ArtifactRef::Event(event) => {
                    let place = ArtifactPlace::of_event(&job.tenant_id, event);
                    state.events.entry(place.current().to_owned()).or_default().insert(job.sha256);
                }
                artifact => {
                    let versions = state.fetched.entry(artifact.id().to_owned()).or_default();
                    versions.insert(job.sha256, job.records);
                }
            }
        }
    }

    /// Checks the webhook's answer to a POST: what is acknowledged must be durable, and nothing forged may be.
    pub(crate) fn check_acknowledgement(&self, body: &[u8], is_acknowledged: bool) {
        let posted: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut state = self.state();
        for item in posted["value"].as_array().into_iter().flatten() {
            let encrypted = item["encryptedContent"]["data"].as_str();
            let id = encrypted.or(item["resourceData"]["id"].as_str()).unwrap_or_default();
            let is_genuine = item["clientState"] != FORGED;
            let is_durable = state.durable.contains(id);
            if is_acknowledged && is_genuine && !is_durable {
                state.violations.push(format!("2xx for {id}, which is in no queue"));
            }
            if !is_genuine && is_durable && id.starts_with(FORGED) {
                state.violations.push(format!("{id} was forged, and is in a queue"));
            }
        }
    }

    /// Records that a notification about these reports was acknowledged.
    pub(crate) fn record_acknowledged(&self, report_ids: Vec<String>) {
        self.state().acknowledged.extend(report_ids);
    }

    /// The reports whose notifications were acknowledged.
    pub(crate) fn acknowledged(&self) -> BTreeSet<String> {
        self.state().acknowledged.clone()
    }

    /// Checks an object that is written over `current`.
    pub(crate) fn check_write(&self, key: &str, body: &Bytes, current: Option<&Bytes>) {
        let mut state = self.state();
        let Some(id) = report_id(key) else { return };
        let records = |body: &Bytes| state.records(id, body);
        match (records(body), current.and_then(records)) {
            (None, _) => state.violations.push(format!("{key} is no version that Graph has had")),
            (Some(new), Some(old)) if new < old => {
                state.violations.push(format!("{key}: {new} records over {old}"));
            }
            _ => {}
        }
    }

    /// Verifies the archive after all work is done. The `required` reports must be in it, and every version that
    /// was fetched, but for those in `dead_letters`.
    pub(crate) fn verify(
        &self,
        archive: &BTreeMap<String, Object>,
        required: &BTreeSet<String>,
        dead_letters: &[OutgoingMessage],
    ) {
        let mut violations = Vec::new();
        for job in dead_letters.iter().filter_map(|letter| ArchiveJob::from_message(&letter.body).ok()) {
            if let Some(versions) = self.state().fetched.get_mut(job.artifact.id()) {
                versions.remove(&job.sha256);
            }
        }
        {
            let state = self.state();
            let reports: BTreeMap<&str, (&String, &Object)> = archive
                .iter()
                .filter(|(key, _)| key.starts_with("reports/"))
                .filter_map(|(key, object)| Some((report_id(key)?, (key, object))))
                .collect();
            let lost = required.iter().filter(|id| !reports.contains_key(id.as_str()));
            violations.extend(lost.map(|id| format!("{id} is not in the archive")));
            for (id, (key, object)) in &reports {
                state.verify_report(id, key, object, archive, &mut violations);
            }
            state.verify_events(archive, dead_letters, &mut violations);
        }
        self.state().violations.extend(violations);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `clientState` of a forged item, and the prefix of its ids.
pub(crate) const FORGED: &str = "forged";

impl State {
    /// How many records this version of a report has; `None` if Graph never had it.
    fn records(&self, id: &str, body: &Bytes) -> Option<usize> {
        let versions = self.versions.get(id)?;
        let body = std::str::from_utf8(body).ok()?;
        let without_odd = body.replace(&format!(",{ODD_ENTRY}"), "");
        let found = versions.iter().find(|(text, _)| *text == without_odd)?;
        Some(found.1 + body.matches(ODD_ENTRY).count())
    }

    /// Verifies that each answer about a meeting, event or session that was sent to `archive` is there, but for those in
    /// `dead_letters`: as the current version, or as a revision.
    fn verify_events(
        &self,
        archive: &BTreeMap<String, Object>,
        dead_letters: &[OutgoingMessage],
        violations: &mut Vec<String>,
    ) {
        let given_up: BTreeSet<String> = dead_letters
            .iter()
            .filter_map(|letter| Some(ArchiveJob::from_message(&letter.body).ok()?.sha256))
            .collect();
        for (key, hashes) in &self.events {
            let current = archive.get(key).map(|object| sha256_hex(&object.body));
            let path = key.trim_end_matches(".json");
            let is_kept = |hash: &&String| {
                current.as_ref() == Some(hash)
                    || archive.contains_key(&format!("revisions/{path}/{hash}.json"))
            };
            let lost = hashes.iter().filter(|hash| !is_kept(hash) && !given_up.contains(*hash)).count();
            if lost > 0 {
                violations.push(format!("{key}: {lost} answers that were fetched are not kept"));
            }
        }
    }

    fn verify_report(
        &self,
        id: &str,
        key: &str,
        object: &Object,
        archive: &BTreeMap<String, Object>,
        violations: &mut Vec<String>,
    ) {
        let records = self.records(id, &object.body).unwrap_or_default();
        let nothing = Default::default();
        let versions = self.fetched.get(id).unwrap_or(&nothing);
        let most = versions.values().copied().max().unwrap_or_default();
        if records < most {
            violations.push(format!("{key} has {records} records, and a version with {most} was fetched"));
        }
        let current = sha256_hex(&object.body);
        let base = key.trim_start_matches("reports/").trim_end_matches(".json");
        for hash in versions.keys().filter(|hash| **hash != current) {
            if !archive.contains_key(&format!("revisions/{base}/{hash}.json")) {
                violations.push(format!("{key}: a version that was fetched is no revision"));
            }
        }
        let lines = archive.get(&format!("records/{base}.jsonl"));
        match lines.map(|object| object.body.iter().filter(|byte| **byte == b'\n').count()) {
            None => violations.push(format!("{key} has no lines in records/")),
            Some(lines) if lines != records => {
                violations.push(format!("{key}: {lines} lines for {records} records"))
            }
            Some(_) => {}
        }
    }
}

/// The id of the report whose bytes are at `key`; `None` if there are no report's bytes.
fn report_id(key: &str) -> Option<&str> {
    let name = match key.split('/').next()? {
        "revisions" if !key.starts_with("revisions/v1/") => return None,
        "reports" => key.rsplit('/').next()?,
        "revisions" => key.rsplit('/').nth(1)?,
        _ => return None,
    };
    Some(name.trim_end_matches(".json"))
}
