//! What is true, beside what the functions say: Graph's answers, what became durable, and every promise
//! that was broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use graph_sim::SimReport;
use serde_json::Value;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, FetchJob, FetchTarget, Job};
use shared::ports::store::Object;

/// What is true.
#[derive(Default)]
pub(crate) struct Oracle(Mutex<State>);

#[derive(Default)]
struct State {
    /// Every answer that Graph ever had for a report, with the number of its records.
    answers: BTreeMap<String, Vec<(String, usize)>>,
    /// What was fetched whole: of each report the hashes and the most records.
    fetched: BTreeMap<String, (BTreeSet<String>, usize)>,
    /// The ids that durable messages named.
    durable: BTreeSet<String>,
    /// The reports that Graph told of and was thanked for.
    delivered: BTreeSet<String>,
    broken: Vec<String>,
}

impl Oracle {
    /// Graph has this for a report from now on.
    pub(crate) fn answers(&self, report: &SimReport) {
        let answer = (report.whole(), report.records.len());
        self.state().answers.entry(report.id.clone()).or_default().push(answer);
    }

    /// A promise was broken.
    pub(crate) fn broken(&self, how: String) {
        self.state().broken.push(how);
    }

    /// The promises that were broken.
    pub(crate) fn all_broken(&self) -> Vec<String> {
        self.state().broken.clone()
    }

    /// A message is durable.
    pub(crate) fn durable(&self, queue: &str, body: &str) {
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
            let (hashes, most) = state.fetched.entry(job.artifact.id().to_owned()).or_default();
            hashes.insert(job.sha256);
            *most = (*most).max(job.records);
        }
    }

    /// The webhook answered a POST: what it acknowledged must be durable, and what is not genuine not.
    pub(crate) fn answered(&self, body: &[u8], is_accepted: bool) {
        let posted: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut state = self.state();
        for item in posted["value"].as_array().into_iter().flatten() {
            let encrypted = item["encryptedContent"]["data"].as_str();
            let id = encrypted.or(item["resourceData"]["id"].as_str()).unwrap_or_default();
            let is_ours = item["clientState"] != FORGED;
            let is_durable = state.durable.contains(id);
            if is_accepted && is_ours && !is_durable {
                state.broken.push(format!("2xx for {id}, which is in no queue"));
            }
            if !is_ours && is_durable && id.starts_with(FORGED) {
                state.broken.push(format!("{id} was forged, and is in a queue"));
            }
        }
    }

    /// Graph told of reports, and was thanked.
    pub(crate) fn delivered(&self, report_ids: Vec<String>) {
        self.state().delivered.extend(report_ids);
    }

    /// Graph told of these, and was thanked.
    pub(crate) fn all_delivered(&self) -> BTreeSet<String> {
        self.state().delivered.clone()
    }

    /// An object is written over `current`.
    pub(crate) fn written(&self, key: &str, body: &Bytes, current: Option<&Bytes>) {
        let mut state = self.state();
        let Some(id) = report_id(key) else { return };
        let records = |body: &Bytes| state.records(id, body);
        match (records(body), current.and_then(records)) {
            (None, _) => state.broken.push(format!("{key} is no answer of Graph's")),
            (Some(new), Some(old)) if new < old => {
                state.broken.push(format!("{key}: {new} records over {old}"));
            }
            _ => {}
        }
    }

    /// Looks through the archive once all is at rest. `required` must be in it.
    pub(crate) fn judge(&self, archive: &BTreeMap<String, Object>, required: &BTreeSet<String>) {
        let mut broken = Vec::new();
        {
            let state = self.state();
            let reports: BTreeMap<&str, (&String, &Object)> = archive
                .iter()
                .filter(|(key, _)| key.starts_with("reports/"))
                .filter_map(|(key, object)| Some((report_id(key)?, (key, object))))
                .collect();
            let lost = required.iter().filter(|id| !reports.contains_key(id.as_str()));
            broken.extend(lost.map(|id| format!("{id} is not in the archive")));
            for (id, (key, object)) in &reports {
                state.judge_report(id, key, object, archive, &mut broken);
            }
        }
        self.state().broken.extend(broken);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `clientState` of an item that is not Graph's, and what its ids begin with.
pub(crate) const FORGED: &str = "forged";

impl State {
    /// How many records this answer for a report has; `None` if it is none of Graph's.
    fn records(&self, id: &str, body: &Bytes) -> Option<usize> {
        let answers = self.answers.get(id)?;
        answers.iter().find(|(text, _)| text.as_bytes() == body).map(|(_, records)| *records)
    }

    fn judge_report(
        &self,
        id: &str,
        key: &str,
        object: &Object,
        archive: &BTreeMap<String, Object>,
        broken: &mut Vec<String>,
    ) {
        let records = self.records(id, &object.body).unwrap_or_default();
        let nothing = Default::default();
        let (hashes, most) = self.fetched.get(id).unwrap_or(&nothing);
        if records < *most {
            broken.push(format!("{key} has {records} records, and an answer with {most} was fetched"));
        }
        let current = sha256_hex(&object.body);
        let base = key.trim_start_matches("reports/").trim_end_matches(".json");
        for hash in hashes.iter().filter(|hash| **hash != current) {
            if !archive.contains_key(&format!("revisions/{base}/{hash}.json")) {
                broken.push(format!("{key}: an answer that was fetched is no revision"));
            }
        }
        let lines = archive.get(&format!("records/{base}.jsonl"));
        match lines.map(|object| object.body.iter().filter(|byte| **byte == b'\n').count()) {
            None => broken.push(format!("{key} has no lines in records/")),
            Some(lines) if lines != records => {
                broken.push(format!("{key}: {lines} lines for {records} records"))
            }
            Some(_) => {}
        }
    }
}

/// The report that a key is about, if it is about one's bytes.
fn report_id(key: &str) -> Option<&str> {
    let name = match key.split('/').next()? {
        "reports" => key.rsplit('/').next()?,
        "revisions" => key.rsplit('/').nth(1)?,
        _ => return None,
    };
    Some(name.trim_end_matches(".json"))
}
