//! What Graph says of the sources that a unit meets: kept, asked for, and told in the ledger as a title.

use shared::archive::archived_title;
use shared::graph::KnownMeeting;
use shared::jobs::FetchTarget;
use shared::model::{EventDescription, ReportSource};

use super::Unit;
use crate::compare::job;
use crate::{BackfillError, Dependencies};

impl Unit<'_> {
    /// Keeps a meeting that Graph gave, where the run fetches, and notes its title.
    pub(super) async fn keep_meeting(&mut self, meeting: &KnownMeeting) -> Result<(), BackfillError> {
        let description = EventDescription::read(&meeting.sent.body).ok();
        let title = description.as_ref().and_then(EventDescription::title);
        self.note_title(&meeting.source, title);
        if self.run.purpose.fetches() {
            let job = job(self.run, FetchTarget::Source(meeting.source.clone()));
            self.dependencies.artifact_sender().keep_meeting(&job, meeting).await?;
        }
        Ok(())
    }

    /// Notes the title of a source, as Graph has just said it.
    pub(super) fn note_title(&mut self, source: &ReportSource, title: Option<&str>) {
        self.findings.titles.insert(source.path().to_ascii_lowercase(), title.map(str::to_owned));
    }

    /// Has Graph asked what it says of a source that has reports, where the run fetches. What it says of a meeting that was
    /// found by its address is known already.
    pub(super) async fn ask_for_events(&mut self, source: &ReportSource) -> Result<(), BackfillError> {
        let is_meeting = source.virtual_event().is_none();
        let is_known = is_meeting && self.findings.titles.contains_key(&source.path().to_ascii_lowercase());
        if is_known || !self.run.purpose.fetches() {
            return Ok(());
        }
        let (job, dependencies) = (job(self.run, FetchTarget::Source(source.clone())), self.dependencies);
        Ok(dependencies.artifact_sender().ask_for_events(&*dependencies.fetch_queue, &job, source).await?)
    }

    /// Adds to each line of the ledger the title of its source: as Graph has just said it, else as the archive knows it.
    pub(super) async fn add_titles(&mut self) -> Result<(), BackfillError> {
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        for line in &mut self.findings.lines {
            let path = line.source.to_ascii_lowercase();
            let Some(source) = ReportSource::of_path(&line.source) else { continue };
            line.title = match self.findings.titles.get(&path) {
                Some(title) => title.clone(),
                None => {
                    let title = archived_title(&**store, tenant_id, &source).await?;
                    self.findings.titles.insert(path, title.clone());
                    title
                }
            };
        }
        Ok(())
    }
}
