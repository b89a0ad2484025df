//! The archived reports of one day, whose sources the archive may know by their ids alone.

use std::collections::BTreeSet;

use shared::archive::layout::{ArtifactPlace, reports_of_day, utc_day};
use shared::jobs::Scope;
use shared::model::{EventRef, ReportSource, VirtualEventKind};

use super::Unit;
use super::sessions::MOST_PAGES_OF_KEYS;
use crate::archived_reports::heads;
use crate::{BackfillError, Dependencies};

impl Unit<'_> {
    /// Has Graph asked what it says of the sources of a day's reports, where the archive lacks it.
    pub(super) async fn archived_reports(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::ArchivedReports { kind, since, after } = scope else { return Ok(()) };
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let name = kind.map_or("meeting", VirtualEventKind::name);
        let prefix = reports_of_day(tenant_id, name, utc_day(*since));
        let (mut after, mut sources) = (after.clone(), BTreeSet::new());
        for pages_read in 1.. {
            let page = store.list(&prefix, after.as_deref()).await?;
            after = page.keys.last().cloned().filter(|_| !page.is_last);
            for (_, head) in heads(&**store, page.keys).await? {
                sources.extend(head.metadata.get("source").cloned());
            }
            if after.is_none() || pages_read >= MOST_PAGES_OF_KEYS || self.is_late() {
                break;
            }
        }
        for source in sources.iter().filter_map(|source| ReportSource::of_path(source)) {
            if !self.is_described(&source).await? {
                self.ask_for_events(&source).await?;
            }
        }
        if after.is_some() {
            let next = Scope::ArchivedReports { kind: *kind, since: *since, after };
            self.next.insert(0, (self.id.next_page(), next));
        }
        Ok(())
    }

    /// Whether the archive has all that Graph says of a source.
    async fn is_described(&self, source: &ReportSource) -> Result<bool, BackfillError> {
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        for event in EventRef::of_source(source) {
            if store.head(ArtifactPlace::of_event(tenant_id, &event).current()).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
