//! How far a pull is: a bar on a terminal, and the sum at its end.

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

/// What a pull came to.
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
    pub(super) fn archived(&mut self, kept: ArchiveResult) {
        match kept {
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

    /// A place where reports may be could not be looked into.
    pub(super) fn not_looked_for(&mut self, what: &str, error: &GraphError) {
        if error.outcome == Outcome::UnsupportedInCloud {
            self.done.unsupported.insert(format!("not looked for: {what}: {error}"));
        } else {
            self.failed(&format!("not looked for: {what}"), error);
        }
    }

    /// Takes the bar away, and tells what it came to.
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
