//! Meetings and calls: their sources are compared with the archive.

use shared::digest::sha256_hex;
use shared::graph::{CallSource, FoundMeeting, GraphError, GraphVersion, List, ListedReport};
use shared::jobs::{FetchTarget, Purpose, Scope, UnitId};
use shared::model::{MeetingName, NamedMeeting, Outcome, ReportSource, encode_segment, normalize_join_url};

use super::Unit;
use crate::compare::{compare, job};
use crate::{BackfillError, Dependencies, scopes};

impl Unit<'_> {
    /// Scans meetings, while there is time; the rest becomes a unit of its own.
    pub(super) async fn meetings(&mut self, mut meetings: Vec<NamedMeeting>) -> Result<(), BackfillError> {
        self.rotate(&mut meetings);
        let scan = async |unit: &mut Self, meeting: &NamedMeeting| unit.meeting(meeting).await;
        let left = self.scan_each(meetings, scan).await?;
        if !left.is_empty() {
            self.next.push(self.rest(left));
        }
        Ok(())
    }

    /// The unit that goes on with `left`. Each try leaves others, so its id is made of what they are.
    fn rest(&self, left: Vec<NamedMeeting>) -> (UnitId, Scope) {
        let names = left.iter().map(|named| format!("{} {}\n", named.organizer_id, named.meeting));
        let id = self.id.rest(&sha256_hex(names.collect::<String>().as_bytes()));
        (id, Scope::Meetings { meetings: left })
    }

    async fn meeting(&mut self, meeting: &NamedMeeting) -> Result<(), BackfillError> {
        let NamedMeeting { organizer_id, meeting } = meeting;
        let name = MeetingName::of_text(meeting);
        if let MeetingName::Id(id) = &name {
            return self.source(&ReportSource::meeting(organizer_id, id, None)).await;
        }
        // Asked for once in a run: a series is found as often as it took place.
        let address = format!("{organizer_id} {}", normalize_join_url(meeting));
        if self.is_long() && !self.claims(&address).await? {
            return Ok(());
        }
        let graph = &self.dependencies.graph;
        let found = match &name {
            MeetingName::JoinMeetingId(number) => {
                let known = graph.online_meeting_by_join_meeting_id(organizer_id, number).await;
                known.map(FoundMeeting::Known)
            }
            _ => graph.find_meeting(organizer_id, meeting).await,
        };
        self.found(found, format!("users/{organizer_id}/onlineMeetings")).await
    }

    /// Resolves calls of which a list did not tell enough, while there is time; the rest becomes a unit of its own.
    pub(super) async fn calls(
        &mut self,
        mut ids: Vec<String>,
        organizer_ids: &[String],
    ) -> Result<(), BackfillError> {
        self.rotate(&mut ids);
        let scan = async |unit: &mut Self, id: &String| unit.call(id, organizer_ids).await;
        let left = self.scan_each(ids, scan).await?;
        if !left.is_empty() {
            let id = self.id.rest(&sha256_hex(left.join("\n").as_bytes()));
            self.next.push((id, Scope::Calls { ids: left, organizer_ids: organizer_ids.to_vec() }));
        }
        Ok(())
    }

    async fn call(&mut self, id: &str, organizer_ids: &[String]) -> Result<(), BackfillError> {
        let Dependencies { graph, tenant_id, .. } = self.dependencies;
        let path = format!("communications/callRecords/{}", encode_segment(id));
        let call = graph.call_record(id).await;
        let Some(call) = self.seen(call, path.clone())? else { return Ok(()) };
        match call.source(tenant_id) {
            CallSource::NoMeeting(_) => Ok(()),
            CallSource::Meeting(meeting) => {
                for meeting in self.wanted([meeting], organizer_ids).await? {
                    self.meeting(&meeting).await?;
                }
                Ok(())
            }
            CallSource::OrganizerUnknown { join_web_url } => {
                match self.found_among_participants(id, &join_web_url, organizer_ids).await {
                    Some(found) => self.found(found, path).await,
                    None => {
                        self.count_passed_over(usize::from(organizer_ids.is_empty()));
                        Ok(())
                    }
                }
            }
            CallSource::NotSaid => {
                self.unreachable(path, &GraphError::new(Outcome::OrganizerUnknown));
                Ok(())
            }
        }
    }

    /// Compares a meeting that Graph was asked for at `path`.
    async fn found(
        &mut self,
        found: Result<FoundMeeting, GraphError>,
        path: String,
    ) -> Result<(), BackfillError> {
        match self.seen(found, path)? {
            None => Ok(()),
            Some(FoundMeeting::Known(meeting)) => {
                self.keep_meeting(&meeting).await;
                self.source(&meeting.source).await
            }
            Some(FoundMeeting::ByBuiltId(source)) => self.source_of_built_id(&source).await,
        }
    }

    async fn source(&mut self, source: &ReportSource) -> Result<(), BackfillError> {
        self.compared(source, |error| error).await
    }

    /// A meeting whose address Graph no longer knows: where its id leads nowhere either, it has expired.
    async fn source_of_built_id(&mut self, source: &ReportSource) -> Result<(), BackfillError> {
        self.compared(source, expired).await
    }

    /// Compares what Graph lists of a source with the archive; an error of its list becomes what `told` makes
    /// of it.
    async fn compared(
        &mut self,
        source: &ReportSource,
        told: impl Fn(GraphError) -> GraphError,
    ) -> Result<(), BackfillError> {
        // Also where it has two addresses it stands in the ledger once.
        if self.run.purpose.keeps_ledger() && !self.claims_source(source).await? {
            return Ok(());
        }
        let listed = self.dependencies.graph.attendance_reports(source).await.map_err(told);
        match self.seen(listed, source.path())? {
            Some(listed) => self.compare_listed(source, &listed).await,
            None => {
                self.ask_for_legacy_report(source);
                Ok(())
            }
        }
    }

    /// Asks for the newest report of a meeting by the deprecated path, where its reports cannot be listed: in beta, where a
    /// request names the meeting.
    fn ask_for_legacy_report(&mut self, source: &ReportSource) {
        let is_named = self.run.purpose == Purpose::Backfill && scopes::is_of_named_meetings(self.id);
        let is_meeting = matches!(source, ReportSource::Meeting { .. });
        if is_named && is_meeting && self.dependencies.graph.version() == GraphVersion::Beta {
            self.findings.jobs.push(job(self.run, FetchTarget::LegacyReport(source.clone())));
        }
    }

    /// Compares what Graph listed of a source, which this unit has claimed, with the archive.
    pub(super) async fn compare_listed(
        &mut self,
        source: &ReportSource,
        listed: &List<ListedReport>,
    ) -> Result<(), BackfillError> {
        if !listed.entries.is_empty() {
            self.ask_for_events(source).await;
        }
        match compare(self.dependencies, (self.run, self.id), source, listed, &mut self.findings).await {
            Err(BackfillError::Graph(error)) => self.seen(Err(error), source.path()).map(|_: Option<()>| ()),
            compared => compared,
        }
    }
}

/// What an error of a list means where the source has the id that its address holds. A refusal that says no reason
/// may pass.
pub(super) fn expired(error: GraphError) -> GraphError {
    match error.outcome {
        _ if !error.is_documented => error,
        Outcome::NotFound | Outcome::NotReady | Outcome::InvalidRequest => GraphError::new(Outcome::Expired),
        _ => error,
    }
}
