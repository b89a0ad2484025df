//! The source of a session: the meeting that its call leads to, and what Graph lists of it.

use std::collections::BTreeSet;

use shared::archive::layout::{ArtifactPlace, metadata_path};
use shared::graph::{CallRecord, CallSource, FoundMeeting, GraphError, List, ListedReport};
use shared::jobs::CallSession;
use shared::model::{CallRecordRef, NamedMeeting, Outcome, ReportSource};
use shared::ports::store::StoreError;

use super::Unit;
use super::sources::expired;
use crate::archived_reports::without_archived_report;
use crate::compare::Unlisted;
use crate::{BackfillError, Dependencies};

/// How the meeting of a session is known.
enum SessionSource {
    /// By the archive's memory.
    Remembered(ReportSource),
    /// By Graph.
    Found(FoundMeeting),
}

impl Unit<'_> {
    /// The source of a session, and what Graph lists of it; `None` where that is told, or nothing to tell.
    pub(super) async fn listed_of_session(
        &mut self,
        session: &mut CallSession,
        organizer_ids: &[String],
    ) -> Result<Option<(ReportSource, List<ListedReport>)>, BackfillError> {
        let id = session.call_record_id.clone();
        let Some(found) = self.meeting_of_session(session, organizer_ids).await? else { return Ok(None) };
        let graph = &self.dependencies.graph;
        let (source, listed) = match found {
            SessionSource::Remembered(source) => {
                let listed = not_ready_is_none(graph.attendance_reports(&source).await);
                (source, listed)
            }
            SessionSource::Found(FoundMeeting::Known(meeting)) => {
                self.keep_meeting(&meeting).await;
                let listed = not_ready_is_none(graph.attendance_reports(&meeting.source).await);
                (meeting.source, listed)
            }
            SessionSource::Found(FoundMeeting::ByBuiltId(source)) => {
                let listed = graph.attendance_reports(&source).await.map_err(expired);
                (source, listed)
            }
        };
        let listed = self.seen_for_session(listed, source.path(), &id)?;
        Ok(listed.map(|listed| (source, listed)))
    }

    /// The meeting of a session, if its organizer counts. Where the archive knows the meeting's id, Graph is not
    /// asked for it: an address expires, and reports do not.
    async fn meeting_of_session(
        &mut self,
        session: &mut CallSession,
        organizer_ids: &[String],
    ) -> Result<Option<SessionSource>, BackfillError> {
        let Dependencies { graph, tenant_id, .. } = self.dependencies;
        let id = session.call_record_id.clone();
        let path = CallRecordRef { id: id.clone() }.path();
        let of = match session.meeting.clone() {
            Some(meeting) => CallSource::Meeting(meeting),
            None => {
                let Some(call) = self.record_of_session(session, &path).await? else { return Ok(None) };
                session.times = call.times().unwrap_or(session.times);
                call.source(tenant_id)
            }
        };
        let (found, path) = match of {
            CallSource::NoMeeting(_) => return Ok(None),
            CallSource::Meeting(meeting) => {
                if self.takes(&meeting, organizer_ids).await? != Some(true) {
                    return Ok(None);
                }
                let NamedMeeting { organizer_id, meeting } = meeting;
                let found = match remembered(session, &meeting) {
                    Some(source) => Ok(SessionSource::Remembered(source)),
                    None => graph.find_meeting(&organizer_id, &meeting).await.map(SessionSource::Found),
                };
                (found, format!("users/{organizer_id}/onlineMeetings"))
            }
            CallSource::OrganizerUnknown { join_web_url } => match remembered(session, &join_web_url) {
                Some(source) => (Ok(SessionSource::Remembered(source)), path),
                None => match self.found_among_participants(&id, &join_web_url, organizer_ids).await {
                    Some(found) => (found.map(SessionSource::Found), path),
                    None => return Ok(None),
                },
            },
            CallSource::NotSaid => (Err(GraphError::new(Outcome::OrganizerUnknown)), path),
        };
        self.seen_for_session(found, path, &id)
    }

    /// The record of a session's call: the archive's, else Graph's.
    async fn record_of_session(
        &mut self,
        session: &CallSession,
        path: &str,
    ) -> Result<Option<CallRecord>, BackfillError> {
        let Dependencies { graph, store, tenant_id, .. } = self.dependencies;
        let id = &session.call_record_id;
        let place = ArtifactPlace::of_call_record(tenant_id, id, session.times.start);
        let kept = store.get(place.current()).await?;
        match kept.and_then(|kept| serde_json::from_slice(&kept.body).ok()) {
            Some(call) => Ok(Some(call)),
            None => self.seen_for_session(graph.call_record(id).await, path.to_owned(), id),
        }
    }

    /// The ids of those of the sessions of whose reports the archive tells, now that their sources are known.
    pub(super) async fn archived_of(&self, unlisted: &[Unlisted]) -> Result<BTreeSet<String>, StoreError> {
        let with_source = |Unlisted { session, source, .. }: &Unlisted| {
            let source = Some(metadata_path(source.path()));
            // The archive was asked for it already where its source was known before.
            (session.source != source).then(|| CallSession { source, ..session.clone() })
        };
        let sessions: Vec<_> = unlisted.iter().filter_map(with_source).collect();
        let id = |session: &CallSession| session.call_record_id.clone();
        let mut archived: BTreeSet<String> = sessions.iter().map(id).collect();
        for session in without_archived_report(self.dependencies, self.run, sessions).await? {
            archived.remove(&session.call_record_id);
        }
        Ok(archived)
    }
}

/// What Graph lists of a source that it knows. While it has no report yet, the session tells how long that may last.
fn not_ready_is_none(
    listed: Result<List<ListedReport>, GraphError>,
) -> Result<List<ListedReport>, GraphError> {
    match listed {
        Err(error) if error.outcome == Outcome::NotReady => Ok(List::default()),
        listed => listed,
    }
}

/// The source that the archive has remembered for a session. The address tells whether it is in a channel.
fn remembered(session: &CallSession, join_web_url: &str) -> Option<ReportSource> {
    match ReportSource::of_path(session.source.as_deref()?)? {
        ReportSource::Meeting { organizer_id, meeting_id }
        | ReportSource::ChannelMeeting { organizer_id, meeting_id } => {
            Some(ReportSource::meeting(&organizer_id, &meeting_id, Some(join_web_url)))
        }
        ReportSource::Webinar { .. } | ReportSource::Townhall { .. } => None,
    }
}
