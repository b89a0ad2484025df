//! Sessions that took place, against reports: by the call records that the archive has kept, and by those that
//! Graph lists.

use jiff::Timestamp;
use shared::archive::layout::{ArtifactPlace, metadata_path, sessions_of_day, utc_day};
use shared::digest::sha256_hex;
use shared::graph::{CallRecord, CallSource, FoundMeeting, GraphError, List, ListedReport};
use shared::jobs::{CallSession, FetchTarget, Scope};
use shared::model::{CallRecordRef, NamedMeeting, Outcome, ReportSource, SessionTimes, parse_time};
use shared::ports::store::{Metadata, ObjectHead};

use super::Unit;
use super::sources::expired;
use super::wanted::is_wanted;
use crate::archived_reports::{heads, without_archived_report};
use crate::compare::job;
use crate::ledger_line::LedgerLine;
use crate::session_state::{is_listed, state_without_report};
use crate::{BackfillError, Dependencies, scopes};

impl Unit<'_> {
    /// Looks whether the archive has kept a call that a list names, and has it kept where it has not. Of a session
    /// in the run's time that it has not kept, `sessions` is told, for the ledger.
    pub(super) async fn keep_call(
        &mut self,
        call: &CallRecord,
        meeting: Option<&NamedMeeting>,
        sessions: &mut Vec<CallSession>,
    ) -> Result<bool, BackfillError> {
        let Some(times) = times_of(call) else { return Ok(false) };
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let place = ArtifactPlace::of_call_record(tenant_id, &call.id, times.start);
        let kept = store.head(place.current()).await?;
        if kept.as_ref().is_some_and(|kept| is_as_new(kept, call)) {
            return Ok(true);
        }
        if self.run.purpose.fetches() {
            let target = FetchTarget::CallRecord { id: call.id.clone() };
            self.findings.jobs.push(job(self.run, target));
        }
        if self.run.purpose.keeps_ledger() && kept.is_none() && self.is_in_time(times) {
            let (call_record_id, meeting) = (call.id.clone(), meeting.cloned());
            sessions.push(CallSession { call_record_id, times, meeting, source: None });
        }
        Ok(false)
    }

    /// Whether a call ended before the run's time: its meeting was looked at by the runs before.
    pub(super) fn has_ended_before(&self, call: &CallRecord) -> bool {
        call.times().is_some_and(|times| times.end < self.run.since)
    }

    /// Whether a session was in the run's time.
    pub(super) fn is_in_time(&self, times: SessionTimes) -> bool {
        times.start <= self.run.until && times.end >= self.run.since
    }

    /// The sessions of one day that the archive has kept: those of which it has no report become units.
    pub(super) async fn sessions(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::Sessions { since, organizer_ids, after, .. } = scope else { return Ok(()) };
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let prefix = sessions_of_day(tenant_id, utc_day(*since));
        let page = store.list(&prefix, after.as_deref()).await?;
        let last = page.keys.last().cloned();
        let mut sessions = Vec::new();
        for (key, head) in heads(&**store, page.keys).await? {
            let Some(session) = self.kept_session(&key, &head.metadata).await? else {
                let odd =
                    GraphError::new(Outcome::Malformed).because("a call record that is kept cannot be read");
                self.unreachable(key, &odd);
                continue;
            };
            if self.is_in_time(session.times) && is_of_wanted(&session, organizer_ids) {
                sessions.push(session);
            }
        }
        let without = without_archived_report(&**store, tenant_id, sessions).await?;
        self.next.extend(scopes::sessions_without_report(self.id, &without, organizer_ids));
        if let (false, Some(after)) = (page.is_last, last) {
            let mut next = scope.clone();
            if let Scope::Sessions { after: from, .. } = &mut next {
                *from = Some(after);
            }
            self.next.insert(0, (self.id.next_page(), next));
        }
        Ok(())
    }

    /// A kept session, by its metadata; by the record itself where that does not tell.
    async fn kept_session(
        &self,
        key: &str,
        metadata: &Metadata,
    ) -> Result<Option<CallSession>, BackfillError> {
        let source = metadata.get("source").cloned();
        if let Some((call_record_id, times)) = id_and_times(metadata) {
            return Ok(Some(CallSession { call_record_id, times, meeting: None, source }));
        }
        let object = self.dependencies.store.get(key).await?;
        let call = object.and_then(|object| serde_json::from_slice::<CallRecord>(&object.body).ok());
        Ok(call.and_then(|call| {
            let times = times_of(&call)?;
            Some(CallSession { call_record_id: call.id, times, meeting: None, source })
        }))
    }

    /// Looks at sessions of which the archive showed no report, while there is time; the rest becomes a unit of its
    /// own.
    pub(super) async fn sessions_without_report(
        &mut self,
        mut sessions: Vec<CallSession>,
        organizer_ids: &[String],
    ) -> Result<(), BackfillError> {
        self.rotate(&mut sessions);
        for (done, session) in sessions.iter().enumerate() {
            if done > 0 && self.is_late() {
                let left = sessions[done..].to_vec();
                let names: String =
                    left.iter().map(|session| format!("{}\n", session.call_record_id)).collect();
                let (id, organizer_ids) =
                    (self.id.rest(&sha256_hex(names.as_bytes())), organizer_ids.to_vec());
                self.next.push((id, Scope::SessionsWithoutReport { sessions: left, organizer_ids }));
                break;
            }
            self.session(session.clone(), organizer_ids).await?;
        }
        Ok(())
    }

    async fn session(
        &mut self,
        mut session: CallSession,
        organizer_ids: &[String],
    ) -> Result<(), BackfillError> {
        // A list and the archive's memory may tell of the same session.
        let id = session.call_record_id.clone();
        if !self.claims(&format!("session {}", id.to_ascii_lowercase())).await? {
            return Ok(());
        }
        let Some((source, listed)) = self.listed_of_session(&mut session, organizer_ids).await? else {
            return Ok(());
        };
        if self.claims(&source.path()).await? {
            self.compare_listed(&source, &listed).await?;
        }
        let List { entries, odd, unread } = listed;
        if is_listed(session.times, &entries) || self.is_archived(&source, &session).await? {
            return Ok(());
        }
        // What of the list could not be read may have been its report.
        if let Some(error) = unread.or(odd) {
            return self.seen_for_session(Err(error), source.path(), &id).map(|_: Option<()>| ());
        }
        let state = state_without_report(session.times, &entries, self.dependencies.clock.now());
        let start = Some(session.times.start.to_string());
        self.findings.lines.push(LedgerLine::session(state, id, source.path(), start));
        Ok(())
    }

    /// The source of a session, and what Graph lists of it; `None` where that is told, or nothing to tell.
    async fn listed_of_session(
        &mut self,
        session: &mut CallSession,
        organizer_ids: &[String],
    ) -> Result<Option<(ReportSource, List<ListedReport>)>, BackfillError> {
        let id = session.call_record_id.clone();
        let Some(found) = self.meeting_of_session(session, organizer_ids).await? else { return Ok(None) };
        let graph = &self.dependencies.graph;
        let (source, listed) = match found {
            FoundMeeting::Known(source) => {
                let listed = match graph.attendance_reports(&source).await {
                    // It has no report yet: how long that may last is known by the session.
                    Err(error) if error.outcome == Outcome::NotReady => Ok(List::default()),
                    listed => listed,
                };
                (source, listed)
            }
            FoundMeeting::ByBuiltId(source) => {
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
    ) -> Result<Option<FoundMeeting>, BackfillError> {
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
                if !self.takes_meeting(&meeting, organizer_ids).await? {
                    return Ok(None);
                }
                let NamedMeeting { organizer_id, meeting } = meeting;
                let found = match remembered(session, &meeting) {
                    Some(source) => Ok(FoundMeeting::Known(source)),
                    None => graph.find_meeting(&organizer_id, &meeting).await,
                };
                (found, format!("users/{organizer_id}/onlineMeetings"))
            }
            CallSource::OrganizerUnknown { join_web_url } => match remembered(session, &join_web_url) {
                Some(source) => (Ok(FoundMeeting::Known(source)), path),
                None => {
                    let Some(found) =
                        self.found_among_participants(&id, &join_web_url, organizer_ids).await?
                    else {
                        return Ok(None);
                    };
                    (found, path)
                }
            },
            CallSource::NotSaid => (Err(GraphError::new(Outcome::OrganizerUnknown)), path),
        };
        self.seen_for_session(found, path, &id)
    }

    /// The meeting of a session whose call names no organizer; `None` where nobody who took part counts.
    async fn found_among_participants(
        &self,
        id: &str,
        join_web_url: &str,
        organizer_ids: &[String],
    ) -> Result<Option<Result<FoundMeeting, GraphError>>, BackfillError> {
        let Dependencies { graph, tenant_id, watch_filter, .. } = self.dependencies;
        let participants = match graph.call_record_participants(id, tenant_id).await {
            Ok(participants) => participants,
            Err(error) => return Ok(Some(Err(error))),
        };
        let organizers = match organizer_ids {
            [] => match watch_filter.organizers_among(graph, participants).await {
                Ok(organizers) => organizers,
                Err(error) => return Ok(Some(Err(error))),
            },
            named => participants.into_iter().filter(|user| is_wanted(user, named)).collect(),
        };
        if organizers.is_empty() && !(organizer_ids.is_empty() && watch_filter.takes_all()) {
            return Ok(None);
        }
        Ok(Some(graph.find_meeting_of_participants(&organizers, join_web_url).await))
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

    /// Whether the archive has the report of a session whose source is known only now.
    async fn is_archived(&self, source: &ReportSource, session: &CallSession) -> Result<bool, BackfillError> {
        let source = Some(metadata_path(source.path()));
        if session.source == source {
            return Ok(false);
        }
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let session = CallSession { source, ..session.clone() };
        Ok(without_archived_report(&**store, tenant_id, vec![session]).await?.is_empty())
    }

    /// As [`Self::seen`]; the line of what can never be read names the session.
    fn seen_for_session<T>(
        &mut self,
        answer: Result<T, GraphError>,
        source: String,
        id: &str,
    ) -> Result<Option<T>, BackfillError> {
        let seen = self.seen(answer, source)?;
        if seen.is_none()
            && let Some(line) = self.findings.lines.last_mut()
        {
            line.session_id = Some(id.to_owned());
        }
        Ok(seen)
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

/// Whether the session's organizer counts, as far as its source tells: else its record will.
fn is_of_wanted(session: &CallSession, organizer_ids: &[String]) -> bool {
    match session.source.as_deref().and_then(ReportSource::of_path) {
        Some(
            ReportSource::Meeting { organizer_id, .. } | ReportSource::ChannelMeeting { organizer_id, .. },
        ) => is_wanted(&organizer_id, organizer_ids),
        _ => true,
    }
}

/// Whether the kept record has the version of a listed call, or a later one.
fn is_as_new(kept: &ObjectHead, call: &CallRecord) -> bool {
    let version = kept.metadata.get("version").and_then(|version| version.parse::<i64>().ok());
    call.version.is_none_or(|listed| version.is_none_or(|kept| kept >= listed))
}

/// When a call began and ended; one of them where Graph gave only that.
fn times_of(call: &CallRecord) -> Option<SessionTimes> {
    let time = |text: &Option<String>| text.as_deref().and_then(parse_time);
    let (start, end) = (time(&call.start_date_time), time(&call.end_date_time));
    session_times(start, end)
}

fn session_times(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<SessionTimes> {
    Some(SessionTimes { start: start.or(end)?, end: end.or(start)? })
}

/// The id and the times in the metadata of a kept call record; `None` where they are not there as Graph wrote
/// them.
fn id_and_times(metadata: &Metadata) -> Option<(String, SessionTimes)> {
    let id = metadata.get("call-record-id").filter(|id| !id.starts_with('~') && !id.contains('%'))?;
    let time = |name: &str| metadata.get(name).and_then(|time| parse_time(time));
    Some((id.clone(), session_times(time("start"), time("end"))?))
}
