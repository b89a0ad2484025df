//! What the demo archived, compared with what the simulated Graph served.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use backfill::{Summary, Unaccounted};
use comfy_table::{CellAlignment, Table, presets};
use graph_sim::{GraphSim, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use local::{FolderStore, LocalPipeline};
use serde_json::{Value, json};
use shared::archive::archived_title;
use shared::jobs::LedgerTotals;
use shared::ports::clock::Clock;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

use super::training;
use crate::terminal::{print_stdout, readable};

/// More rows than this are not shown.
const MOST_ROWS: usize = 20;
/// A title is shown up to so many characters.
const MOST_CHARACTERS: usize = 30;

/// The folder, and when each report was written into it.
pub(super) struct WatchedStore {
    folder: FolderStore,
    clock: Arc<dyn Clock>,
    archived: Mutex<BTreeMap<String, Timestamp>>,
}

impl WatchedStore {
    pub(super) fn new(folder: FolderStore, clock: Arc<dyn Clock>) -> Self {
        Self { folder, clock, archived: Mutex::default() }
    }

    /// How many reports were written so far.
    pub(super) fn archived_count(&self) -> u64 {
        self.archived.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    fn archived_at(&self, key: &str) -> Option<Timestamp> {
        self.archived.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }
}

#[async_trait]
impl ObjectStore for WatchedStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.folder.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.folder.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.folder.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        let written = self.folder.put(key, object, condition).await?;
        if written == PutResult::Stored && key.starts_with("reports/") {
            let mut archived = self.archived.lock().unwrap_or_else(PoisonError::into_inner);
            archived.insert(key.to_owned(), self.clock.now());
        }
        Ok(written)
    }
}

/// What the audit at the end found.
pub(super) struct Audited {
    /// The ledger's last line.
    pub(super) summary: Summary,
    /// What is missing, unreachable, absent or lost.
    pub(super) unaccounted: Vec<Unaccounted>,
}

impl Audited {
    /// Whether everything was seen and is there, but for the one session of which Graph has no report.
    fn is_as_planned(&self) -> bool {
        let told = self.summary.totals.unaccounted() == self.unaccounted.len() as u64;
        told && self.summary.is_seen() && self.unaccounted == [training::without_report()]
    }
}

/// What came of the demo.
pub(super) struct Outcome {
    /// Each report's verdict, in the order of the simulated Graph.
    verdicts: Vec<Verdict>,
    dead_letters: usize,
    /// Whether everything is there, as it was sent, and told as it was played.
    pub(super) is_good: bool,
}

/// Compares what is in the folder with what the simulated Graph served.
pub(super) fn of(
    sim: &GraphSim,
    store: &WatchedStore,
    pipeline: &LocalPipeline,
    folder: &Path,
    ledger: &Audited,
) -> anyhow::Result<Outcome> {
    let reports = sim.reports();
    let compared = reports.iter().map(|report| compare(report, &folder.join(key(report))));
    let verdicts = compared.collect::<Result<Vec<_>, _>>()?;
    let number = verdicts.len() as u64;
    let dead_letters = pipeline.queues.dead_letters.messages().len();
    let is_proven = ledger.is_as_planned() && ledger.summary.totals.archived == number;
    let is_same = verdicts.iter().all(|verdict| *verdict == Verdict::Same);
    let is_good = is_proven && is_same && dead_letters == 0 && store.archived_count() == number;
    Ok(Outcome { verdicts, dead_letters, is_good })
}

impl Outcome {
    fn wrong(&self) -> usize {
        self.verdicts.iter().filter(|verdict| **verdict != Verdict::Same).count()
    }

    /// Prints the table of reports with the titles that are archived, the ledger's totals and the verdict.
    pub(super) async fn print(
        &self,
        sim: &GraphSim,
        store: &WatchedStore,
        ledger: &Audited,
    ) -> anyhow::Result<()> {
        let (reports, mut table) = (sim.reports(), table());
        for (report, verdict) in reports.iter().zip(&self.verdicts).take(MOST_ROWS) {
            let title = archived_title(store, TENANT_ID, &report.source).await?;
            table.add_row(row(report, title.as_deref(), store, *verdict));
        }
        print_stdout(&format!("\n{table}"));
        if reports.len() > MOST_ROWS {
            print_stdout(&format!("… and {} more", reports.len() - MOST_ROWS));
        }
        tell_ledger(ledger);
        let (wrong, dead) = (self.wrong(), self.dead_letters);
        print_stdout(&format!(
            "{} reports, {wrong} missing or different, {dead} dead letters",
            reports.len()
        ));
        Ok(())
    }

    /// The same for programs.
    pub(super) fn json(&self, folder: &Path, roster: &Path, ledger: &Audited) -> Value {
        json!({
            "archive": folder.display().to_string(), "roster": roster.display().to_string(), "isGood": self.is_good, "reports": self.verdicts.len(),
            "missingOrDifferent": self.wrong(), "deadLetters": self.dead_letters,
            "ledger": ledger.summary,
        })
    }
}

/// Prints where the archive and the roster are, and how to look at them.
pub(super) fn tell_where(folder: &Path, roster: &Path) -> anyhow::Result<()> {
    print_stdout(&format!("The archive: {}", folder.canonicalize()?.display()));
    print_stdout(&format!("The roster of the training: {}", roster.display()));
    print_stdout(&format!("\nLook at it:  rollcall browse {}", folder.display()));
    Ok(())
}

fn tell_ledger(ledger: &Audited) {
    let LedgerTotals { archived, missing, absent, .. } = ledger.summary.totals;
    let seen = match ledger.summary.is_seen() {
        true => "everything could be looked at",
        false => "NOT everything could be looked at",
    };
    print_stdout(&format!("\nThe ledger: {archived} archived, {missing} missing, {absent} absent; {seen}"));
    match ledger.is_as_planned() {
        true => print_stdout(&training::about_session_without_report()),
        false => print_stdout("What the ledger tells is NOT what was played: one session without a report"),
    }
}

/// The table of reports, without its rows.
fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_header([
        "title",
        "kind",
        "start (UTC)",
        "attendees",
        "bytes",
        "seconds from end to archive",
        "as Graph sent it",
    ]);
    for column in 3..=5 {
        table
            .column_mut(column)
            .into_iter()
            .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    }
    table
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Same,
    Different,
    Missing,
}

fn compare(report: &SimReport, path: &Path) -> anyhow::Result<Verdict> {
    if !path.exists() {
        return Ok(Verdict::Missing);
    }
    let same = fs::read(path)? == report.whole().as_bytes();
    Ok(if same { Verdict::Same } else { Verdict::Different })
}

fn row(report: &SimReport, title: Option<&str>, store: &WatchedStore, verdict: Verdict) -> [String; 7] {
    let archived = store.archived_at(&key(report)).zip(report.end);
    let waited = archived.map(|(at, end)| readable_seconds(at.duration_since(end)));
    [
        title.map_or_else(|| "-".to_owned(), |title| readable(title, MOST_CHARACTERS)),
        report.source.kind().to_owned(),
        report.start.strftime("%Y-%m-%d %H:%M").to_string(),
        report.records.len().to_string(),
        report.whole().len().to_string(),
        waited.unwrap_or_else(|| "-".to_owned()),
        match verdict {
            Verdict::Same => "yes, byte for byte",
            Verdict::Different => "NO",
            Verdict::Missing => "MISSING",
        }
        .to_owned(),
    ]
}

/// Seconds; of what a backfill fetched long after the end, days.
fn readable_seconds(waited: SignedDuration) -> String {
    match waited.as_hours() / 24 {
        0 => waited.as_secs().to_string(),
        days => format!("{days} days"),
    }
}

/// The key that the archive's documentation gives this report.
fn key(report: &SimReport) -> String {
    let (kind, date) = (report.source.kind(), report.start.strftime("%Y-%m-%d"));
    format!("reports/v1/tenant={TENANT_ID}/kind={kind}/date={date}/{}.json", report.id)
}

#[cfg(test)]
mod tests {
    use backfill::State;
    use shared::jobs::{Purpose, UnitId};

    use super::*;

    fn audited(unaccounted: Vec<Unaccounted>, totals: LedgerTotals) -> Audited {
        let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let (run_id, silent) = ("run-1".to_owned(), Vec::new());
        let (purpose, is_complete, objects) = (Purpose::Audit, false, 0);
        let summary = Summary { run_id, purpose, since, until, is_complete, totals, objects, silent };
        Audited { summary, unaccounted }
    }

    #[test]
    fn the_ledger_must_tell_of_the_one_session_without_a_report_and_of_nothing_else() {
        let (planned, one) = (training::without_report(), LedgerTotals { absent: 1, ..Default::default() });
        let is_as_planned = |unaccounted, totals| audited(unaccounted, totals).is_as_planned();
        assert!(is_as_planned(vec![planned.clone()], one));

        assert!(!is_as_planned(vec![], LedgerTotals::default()), "it is not told");
        let other = Unaccounted { session_id: Some("another".to_owned()), ..planned.clone() };
        assert!(!is_as_planned(vec![other.clone()], one), "another session is absent");
        let missing = Unaccounted { state: State::Missing, ..planned.clone() };
        assert!(!is_as_planned(vec![missing], one), "its report is missing");
        let two = LedgerTotals { absent: 2, ..Default::default() };
        assert!(!is_as_planned(vec![planned.clone(), other], two), "two are absent");
        assert!(!is_as_planned(vec![planned.clone()], two), "a line could not be read");
        let mut unseen = audited(vec![planned], one);
        unseen.summary.silent.push(UnitId::new("u"));
        assert!(!unseen.is_as_planned(), "not everything was seen");
    }
}
