//! The archived reports of one day, whose sources the archive may know by their ids alone.

use std::collections::BTreeSet;

use shared::archive::layout::{ArtifactPlace, reports_of_day, utc_day};
use shared::jobs::Scope;
use shared::model::{EventRef, NamedMeeting, ReportSource, VirtualEventKind};
use shared::ports::store::ObjectHead;

use super::Unit;
use crate::heads::heads;
use crate::{BackfillError, Dependencies};

impl Unit<'_> {
    /// Has Graph asked what it says of the sources of a day's reports, where the archive lacks it: a page of keys a unit.
    pub(super) async fn archived_reports(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::ArchivedReports { kind, since, organizer_ids, after } = scope else { return Ok(()) };
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let name = kind.map_or("meeting", VirtualEventKind::name);
        let prefix = reports_of_day(tenant_id, name, utc_day(*since));
        let page = store.list(&prefix, after.as_deref()).await?;
        let mut after = page.keys.last().cloned().filter(|_| !page.is_last);
        let mut known = BTreeSet::new();
        let mut source = |head: &ObjectHead| {
            let path = head.metadata.get("source").filter(|path| known.insert((*path).clone()));
            path.and_then(|path| ReportSource::of_path(path))
        };
        let sources = heads(&**store, page.keys).await?.into_iter();
        let sources: Vec<_> = sources.filter_map(|(key, head)| Some((key, source(&head)?))).collect();
        let keys: Vec<String> = sources.iter().map(|(key, _)| key.clone()).collect();
        let scan = async |unit: &mut Self, (_, source): &(String, ReportSource)| {
            unit.archived_source(source, organizer_ids).await
        };
        let left = self.scan_each(sources, scan).await?;
        if !left.is_empty() {
            // The last one that was begun with.
            let begun = keys.len() - left.len();
            after = keys.into_iter().take(begun).next_back();
        }
        if after.is_some() {
            let next = Scope::ArchivedReports {
                kind: *kind,
                since: *since,
                organizer_ids: organizer_ids.clone(),
                after,
            };
            self.next.insert(0, (self.id.next_page(), next));
        }
        Ok(())
    }

    /// Has Graph asked what it says of a source that counts, where the archive lacks it.
    async fn archived_source(
        &mut self,
        source: &ReportSource,
        organizer_ids: &[String],
    ) -> Result<(), BackfillError> {
        if !self.is_described(source).await? && self.is_of_wanted(source, organizer_ids).await? {
            self.ask_for_events(source).await;
        }
        Ok(())
    }

    /// Whether the organizer of a source counts. Of an event the archive does not know who that is: Graph is asked.
    async fn is_of_wanted(
        &mut self,
        source: &ReportSource,
        organizer_ids: &[String],
    ) -> Result<bool, BackfillError> {
        match source {
            ReportSource::Meeting { organizer_id, meeting_id }
            | ReportSource::ChannelMeeting { organizer_id, meeting_id } => {
                let (organizer_id, meeting) = (organizer_id.clone(), meeting_id.clone());
                let meeting = NamedMeeting { organizer_id, meeting };
                Ok(self.takes(&meeting, organizer_ids).await? == Some(true))
            }
            ReportSource::Webinar { webinar_id: event_id, .. }
            | ReportSource::Townhall { townhall_id: event_id, .. } => {
                let kind = source.virtual_event().map(|(kind, _)| kind);
                match kind.filter(|_| organizer_ids.is_empty()) {
                    Some(kind) => self.counts(kind, event_id).await,
                    None => Ok(false),
                }
            }
        }
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
