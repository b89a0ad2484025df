//! Following a run by what its units write into the archive.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use backfill::{LedgerLine, Part, ROOT, RunAccepted, State, Summary};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use shared::archive::LOOKS_AT_ONCE;
use shared::jobs::{Purpose, UnitId};

use super::monitor::RunMonitor;
use crate::terminal::{self, print_stderr};

/// How often a line is printed where there is no terminal.
const PRINT_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// How often the parts are read at most.
const PARTS_READ_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// So many lines of what is not there are kept to be shown: a ledger may have very many.
const MOST_LINES: usize = 1_000;

/// A run on its way.
pub(super) struct Follower<'a> {
    monitor: &'a RunMonitor<'a>,
    run_id: String,
    ledger: String,
    /// Units that have not written their parts yet.
    pending: Vec<UnitId>,
    done: u64,
    /// The keys that the missing reports will have.
    missing: Vec<String>,
    /// The first lines of what is not there, reports that are missing among them.
    lines: Vec<LedgerLine>,
    reasons: BTreeMap<(String, String), u64>,
    bar: ProgressBar,
    printed_at: Timestamp,
}

/// A run that has ended.
pub(super) struct Followed {
    pub(super) summary: Summary,
    /// How many reports are missing now.
    pub(super) missing: u64,
    /// Why sources could not be looked at, or are in doubt: the outcome and its remedy, and of how many.
    pub(super) reasons: BTreeMap<(String, String), u64>,
    /// The first lines of the ledger that keep the run from being complete now, the earliest session first.
    pub(super) lines: Vec<LedgerLine>,
    /// How many lines that keep the run from being complete an accepted ledger has as well.
    pub(super) accepted: u64,
}

impl Followed {
    /// How many lines of the ledger, and how many units, keep the run from being complete now; those that are
    /// accepted are not among them.
    pub(super) fn unaccounted(&self) -> u64 {
        let Self { summary, missing, accepted, .. } = self;
        let lines = summary.totals.unaccounted() - summary.totals.missing + missing;
        lines.saturating_sub(*accepted) + summary.silent.len() as u64
    }
}

impl<'a> Follower<'a> {
    pub(super) fn new(monitor: &'a RunMonitor<'a>, accepted: &RunAccepted, ledger: String) -> Self {
        let bar = terminal::bar("{spinner} {bar:40} {pos}/{len} {msg}, {elapsed}");
        Self {
            monitor,
            run_id: accepted.run_id.clone(),
            ledger,
            pending: vec![UnitId::new(ROOT)],
            done: 0,
            missing: Vec::new(),
            lines: Vec::new(),
            reasons: BTreeMap::new(),
            bar,
            printed_at: monitor.clock.now(),
        }
    }

    /// Follows the run until its ledger is written, and what it fetched has arrived.
    pub(super) async fn until_done(mut self) -> anyhow::Result<Followed> {
        let store = &*self.monitor.store;
        let clock = &*self.monitor.clock;
        let mut parts_read_at = clock.now();
        let summary = loop {
            if let Some(summary) = Summary::of(store, &self.ledger).await? {
                break summary;
            }
            // They are read to show how far the run is, and it must not wait for that.
            if clock.now().duration_since(parts_read_at) >= PARTS_READ_EVERY {
                self.read_parts().await?;
                parts_read_at = clock.now();
            }
            self.show_progress("units looked through", self.pending.len());
            clock.sleep(self.monitor.pace.poll_every).await;
        };
        self.read_all_parts().await?;
        let missing = match fetches(&summary) {
            true => self.arrivals(summary.totals.missing).await?,
            false => summary.totals.missing,
        };
        self.bar.finish_and_clear();
        let lines = self.lines_now(fetches(&summary));
        Ok(Followed { summary, missing, reasons: self.reasons, lines, accepted: 0 })
    }

    /// The lines of what is not there now: where the run `fetches`, some reports have arrived.
    fn lines_now(&mut self, fetches: bool) -> Vec<LedgerLine> {
        let tenant_id = &self.monitor.tenant_id;
        let has_arrived = |line: &LedgerLine| {
            let key = line.report_key(tenant_id).filter(|_| fetches && line.state == State::Missing);
            key.is_some_and(|key| !self.missing.contains(&key))
        };
        let mut lines = std::mem::take(&mut self.lines);
        lines.retain(|line| !has_arrived(line));
        lines.sort_by(|a, b| a.meeting_start_date_time.cmp(&b.meeting_start_date_time));
        lines
    }

    /// Reads the parts that pending units have written meanwhile.
    async fn read_parts(&mut self) -> anyhow::Result<()> {
        let (store, run_id) = (&*self.monitor.store, self.run_id.clone());
        let parts = std::mem::take(&mut self.pending).into_iter().map(async |unit| {
            let part = Part::of(store, &run_id, &unit).await;
            part.map(|part| (unit, part))
        });
        let mut parts = pin!(stream::iter(parts).buffered(LOOKS_AT_ONCE));
        while let Some((unit, part)) = parts.try_next().await? {
            match part {
                None => self.pending.push(unit),
                Some(part) => {
                    self.done += 1;
                    self.pending.extend(part.units);
                    let told =
                        part.lines.iter().filter_map(|line| line.outcome.clone().zip(line.remedy.clone()));
                    told.for_each(|reason| *self.reasons.entry(reason).or_default() += 1);
                    let room = MOST_LINES.saturating_sub(self.lines.len());
                    let unaccounted = part.lines.iter().filter(|line| line.state.is_unaccounted());
                    self.lines.extend(unaccounted.take(room).cloned());
                    let missing = part.lines.iter().filter(|line| line.state == State::Missing);
                    let key = |line: &LedgerLine| line.report_key(&self.monitor.tenant_id);
                    self.missing.extend(missing.filter_map(key));
                }
            }
        }
        Ok(())
    }

    /// Reads the parts that pending units have written, and those of the units that they name.
    async fn read_all_parts(&mut self) -> anyhow::Result<()> {
        let mut done = None;
        while done.replace(self.done) != Some(self.done) {
            self.read_parts().await?;
        }
        Ok(())
    }

    /// Waits until the missing reports are in the archive: `counted` by the ledger. Answers how many
    /// are not.
    async fn arrivals(&mut self, counted: u64) -> anyhow::Result<u64> {
        // Of a report to which Graph gave no start it is not known where it will be.
        let placeless = counted.saturating_sub(self.missing.len() as u64);
        let late = self.monitor.clock.now() + self.monitor.pace.arrive_within;
        self.done = 0;
        loop {
            let begun = self.monitor.clock.now();
            // Looked at before the archive: what arrives in between is seen.
            let was_idle = self.monitor.functions.is_idle();
            let mut waited_for = Vec::new();
            let store = &*self.monitor.store;
            let heads = std::mem::take(&mut self.missing).into_iter().map(async |key| {
                let head = store.head(&key).await;
                head.map(|head| (key, head))
            });
            let mut heads = pin!(stream::iter(heads).buffered(LOOKS_AT_ONCE));
            while let Some((key, head)) = heads.try_next().await.context("the archive cannot be looked at")? {
                match head {
                    Some(_) => self.done += 1,
                    None => waited_for.push(key),
                }
            }
            self.missing = waited_for;
            let is_over = was_idle || self.monitor.clock.now() >= late;
            if self.missing.is_empty() || is_over {
                return Ok(placeless + self.missing.len() as u64);
            }
            self.show_progress("reports fetched", self.missing.len());
            // Looking takes half of the time at most: what is looked for is worked at meanwhile.
            let took = Duration::try_from(self.monitor.clock.now().duration_since(begun)).unwrap_or_default();
            self.monitor.clock.sleep(self.monitor.pace.poll_every.max(took)).await;
        }
    }

    /// Shows a bar on a terminal; prints a line now and then elsewhere.
    fn show_progress(&mut self, what: &'static str, to_come: usize) {
        let to_come = to_come as u64;
        let all = self.done + to_come;
        self.bar.set_length(all);
        self.bar.set_position(self.done);
        self.bar.set_message(what);
        let now = self.monitor.clock.now();
        if self.bar.is_hidden() && now.duration_since(self.printed_at) >= PRINT_EVERY {
            self.printed_at = now;
            print_stderr(&format!("{} of {all} {what}", self.done));
        }
    }
}

/// Whether a run's missing reports are on their way.
fn fetches(summary: &Summary) -> bool {
    summary.purpose == Purpose::Backfill
}
