//! What Graph says of the sources that a unit meets: kept, asked for, and told in the ledger as a title.

use std::collections::BTreeMap;
use std::pin::pin;

use futures_util::{StreamExt, stream};
use shared::archive::{LOOKS_AT_ONCE, archived_title};
use shared::graph::KnownMeeting;
use shared::jobs::FetchTarget;
use shared::model::{EventDescription, ReportSource};
use tracing::warn;

use super::Unit;
use crate::Dependencies;
use crate::compare::job;

impl Unit<'_> {
    /// Keeps a meeting that Graph gave, where the run fetches, and notes its title.
    pub(super) async fn keep_meeting(&mut self, meeting: &KnownMeeting) {
        let description = EventDescription::read(&meeting.sent.body).ok();
        let title = description.as_ref().and_then(EventDescription::title);
        self.findings.titles.insert(title_key(&meeting.source), title.map(str::to_owned));
        if self.run.purpose.fetches() {
            let job = job(self.run, FetchTarget::Source(meeting.source.clone()));
            self.dependencies.artifact_sender().keep_meeting(&job, meeting).await;
        }
    }

    /// Has Graph asked what it says of a source that has reports, where the run fetches. What it says of a meeting that was
    /// found by its address is known already.
    pub(super) async fn ask_for_events(&mut self, source: &ReportSource) {
        let is_known = self.findings.titles.contains_key(&title_key(source));
        if !is_known && self.run.purpose.fetches() {
            let (job, dependencies) = (job(self.run, FetchTarget::Source(source.clone())), self.dependencies);
            let sender = dependencies.artifact_sender();
            sender.ask_for_events(&*dependencies.fetch_queue, &job, source).await;
        }
    }

    /// Looks in the archive for the titles of the lines' sources that Graph has not just said. No ledger waits for a title.
    pub(super) async fn find_titles(&mut self) {
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let sources = self.findings.lines.iter().filter_map(|line| ReportSource::of_path(&line.source));
        let mut sources: BTreeMap<_, _> = sources.map(|source| (title_key(&source), source)).collect();
        sources.retain(|key, _| !self.findings.titles.contains_key(key));
        let titles = sources.into_iter().map(async |(key, source)| {
            let title = archived_title(&**store, tenant_id, &source).await;
            title.map(|title| (key, title))
        });
        let mut titles = pin!(stream::iter(titles).buffered(LOOKS_AT_ONCE));
        while let Some(found) = titles.next().await {
            match found {
                Ok((key, title)) => drop(self.findings.titles.insert(key, title)),
                Err(error) => {
                    warn!("the archive does not tell titles; lines of this unit have none: {error}");
                    break;
                }
            }
        }
    }

    /// Adds to each line of the ledger the title of its source, where one was found.
    pub(super) fn add_titles(&mut self) {
        for line in &mut self.findings.lines {
            let source = ReportSource::of_path(&line.source);
            if let Some(title) = source.and_then(|source| self.findings.titles.get(&title_key(&source))) {
                line.title.clone_from(title);
            }
        }
    }
}

/// Under what the title of a source is noted: paths of one source may differ in upper and lower case.
fn title_key(source: &ReportSource) -> String {
    source.path().to_ascii_lowercase()
}
