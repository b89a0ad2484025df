//! How far a pull is: a bar on a terminal, and the totals at its end.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use archive::ArchiveResult;
use indicatif::{ProgressBar, ProgressStyle};
use shared::graph::GraphError;
use shared::model::Outcome;

/// The bar, and what is counted. On anything but a terminal the bar is silent.
pub(super) struct Progress {
    bar: ProgressBar,
    done: Done,
}

/// The totals of a pull.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    listed: usize,
    unchanged: usize,
    new: usize,
    known: usize,
    changed: usize,
    failures: Vec<String>,
    /// What this cloud does not have: no failure.
    unsupported: BTreeSet<String>,
}

impl Progress {
    pub(super) fn start() -> Self {
        let style =
            ProgressStyle::with_template("{spinner} {bar:40} {pos}/{len} reports, {elapsed}  {wide_msg}");
        let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, done: Done::default() }
    }

    /// Reports were listed; `wanted` of them are fetched.
    pub(super) fn listed(&mut self, listed: usize, wanted: usize) {
        self.done.listed += listed;
        self.done.unchanged += listed - wanted;
        self.bar.inc_length(wanted as u64);
    }

    /// A report is in the archive.
    pub(super) fn archived(&mut self, result: ArchiveResult) {
        match result {
            ArchiveResult::New => self.done.new += 1,
            ArchiveResult::Known => self.done.known += 1,
            ArchiveResult::Richer | ArchiveResult::Poorer => self.done.changed += 1,
        }
        self.bar.inc(1);
        self.bar.set_message("");
    }

    /// A step is tried again after `wait`.
    pub(super) fn waiting(&self, error: &GraphError, wait: Duration) {
        self.bar.set_message(format!("{}: waiting {} s", error.outcome, wait.as_secs()));
    }

    /// A step is given up.
    pub(super) fn failed(&mut self, what: &str, error: &GraphError) {
        self.done.failures.push(format!("{what}: {error}\n    {}", error.remedy()));
    }

    /// A source in which reports may be could not be read.
    pub(super) fn not_looked_for(&mut self, what: &str, error: &GraphError) {
        if error.outcome == Outcome::UnsupportedInCloud {
            self.done.unsupported.insert(format!("not looked for: {what}: {error}"));
        } else {
            self.failed(&format!("not looked for: {what}"), error);
        }
    }

    /// Removes the bar, and gives the totals.
    pub(super) fn finish(self) -> Done {
        self.bar.finish_and_clear();
        self.done
    }
}

impl Done {
    /// Whether everything that was found is in the archive.
    pub(super) fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listed, unchanged, new, known, changed, failures, unsupported } = self;
        write!(f, "{listed} reports listed: {new} archived, {changed} changed and archived again, ")?;
        write!(f, "{} archived before, {} failures", unchanged + known, failures.len())?;
        for failure in failures.iter().chain(unsupported) {
            write!(f, "\n  {failure}")?;
        }
        Ok(())
    }
}
