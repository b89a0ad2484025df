//! Sessions that took place, against reports: by the call records that the archive has kept, and by those that
//! Graph lists.

use std::collections::BTreeSet;
use std::mem;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use shared::archive::LOOKS_AT_ONCE;
use shared::archive::layout::{ArtifactPlace, sessions_of_day, utc_day};
use shared::digest::sha256_hex;
use shared::graph::{CallRecord, GraphError, List};
use shared::jobs::{CallSession, FetchTarget, Scope};
use shared::model::{NamedMeeting, Outcome, ReportSource, SessionTimes, parse_time};
use shared::ports::store::{Metadata, ObjectHead, StoreError};

use super::Unit;
use super::wanted::is_wanted;
use crate::archived_reports::without_archived_report;
use crate::compare::{Unlisted, ended_lately, job};
use crate::heads::heads;
use crate::ledger_line::LedgerLine;
use crate::session_state::{is_listed, state_without_report};
use crate::{BackfillError, Dependencies, scopes};

/// How long Graph is sure to list a call: it forgets call records after 30 days.
const CALLS_LISTED: SignedDuration = SignedDuration::from_hours(28 * 24);
/// The most pages of a thousand keys that one unit looks through: some thousand sessions.
const MOST_PAGES_OF_KEYS: usize = 5;

impl Unit<'_> {
    /// What the archive has of the calls that a list names, in their order; of a call without times, nothing.
    pub(super) async fn kept_calls(
        &self,
        calls: &[&CallRecord],
    ) -> Result<Vec<Option<ObjectHead>>, StoreError> {
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let heads = calls.iter().map(async |call| {
            let Some(times) = times_of(call) else { return Ok(None) };
            store.head(ArtifactPlace::of_call_record(tenant_id, &call.id, times.start).current()).await
        });
        stream::iter(heads).buffered(LOOKS_AT_ONCE).try_collect().await
    }

    /// Has a call that a list names kept, where the archive has not `kept` it as it is now. Of a session in the run's time
    /// that it has not kept, `sessions` is told, for the ledger. Answers whether it is kept.
    pub(super) fn keep_call(
        &mut self,
        call: &CallRecord,
        meeting: Option<&NamedMeeting>,
        kept: Option<&ObjectHead>,
        sessions: &mut Vec<CallSession>,
    ) -> bool {
        let Some(times) = times_of(call) else { return false };
        let is_notified_of = self.dependencies.watch.call_records && meeting.is_some();
        if is_notified_of && ended_lately(times.end, self.dependencies.clock.now()) {
            self.findings.lately.push((times.end, kept.is_some()));
        }
        if kept.is_some_and(|kept| is_as_new(kept, call)) {
            return true;
        }
        if self.run.purpose.fetches() {
            let target = FetchTarget::CallRecord { id: call.id.clone() };
            self.findings.jobs.push(job(self.run, target));
        }
        if self.run.purpose.keeps_ledger() && kept.is_none() && self.is_in_time(times) {
            let (call_record_id, meeting) = (call.id.clone(), meeting.cloned());
            sessions.push(CallSession { call_record_id, times, meeting, source: None });
        }
        false
    }

    /// Whether a call ended before the run's time: its meeting was looked at by the runs before.
    pub(super) fn has_ended_before(&self, call: &CallRecord) -> bool {
        call.times().is_some_and(|times| times.end < self.run.since)
    }

    /// Whether a session was in the run's time.
    pub(super) fn is_in_time(&self, times: SessionTimes) -> bool {
        times.start <= self.run.until && times.end >= self.run.since
    }

    /// Whether Graph no longer lists the call of a session, so that its meeting may be in no list but the archive's.
    fn is_forgotten(&self, session: &CallSession) -> bool {
        self.dependencies.clock.now().duration_since(session.times.start) >= CALLS_LISTED
    }

    /// The sessions of one day that the archive has kept: those of which it has no report become units, and the
    /// meetings of those whose calls Graph has forgotten.
    pub(super) async fn sessions(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::Sessions { since, organizer_ids, after, .. } = scope else { return Ok(()) };
        let Dependencies { store, tenant_id, .. } = self.dependencies;
        let prefix = sessions_of_day(tenant_id, utc_day(*since));
        let (mut after, mut sessions) = (after.clone(), Vec::new());
        for pages_read in 1.. {
            let page = store.list(&prefix, after.as_deref()).await?;
            after = page.keys.last().cloned().filter(|_| !page.is_last);
            sessions.extend(self.sessions_of(page.keys, organizer_ids).await?);
            if after.is_none() || pages_read >= MOST_PAGES_OF_KEYS || self.is_late() {
                break;
            }
        }
        let older = meetings_of(sessions.iter().filter(|session| self.is_forgotten(session)));
        self.next.extend(scopes::meetings(self.id, &older));
        let without = without_archived_report(self.dependencies, self.run, sessions).await?;
        self.next.extend(scopes::sessions_without_report(self.id, &without, organizer_ids));
        if after.is_some() {
            let mut next = scope.clone();
            if let Scope::Sessions { after: from, .. } = &mut next {
                *from = after;
            }
            self.next.insert(0, (self.id.next_page(), next));
        }
        Ok(())
    }

    /// Those of the kept sessions that were in the run's time, and whose organizers may count.
    async fn sessions_of(
        &mut self,
        keys: Vec<String>,
        organizer_ids: &[String],
    ) -> Result<Vec<CallSession>, BackfillError> {
        let mut sessions = Vec::new();
        for (key, head) in heads(&*self.dependencies.store, keys).await? {
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
        Ok(sessions)
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
        let scan =
            async |unit: &mut Self, session: &CallSession| unit.session(session.clone(), organizer_ids).await;
        let left = self.scan_each(sessions, scan).await?;
        self.join_ended();
        self.tell_unlisted().await?;
        if !left.is_empty() {
            let names: String = left.iter().map(|session| format!("{}\n", session.call_record_id)).collect();
            let (id, organizer_ids) = (self.id.rest(&sha256_hex(names.as_bytes())), organizer_ids.to_vec());
            self.next.push((id, Scope::SessionsWithoutReport { sessions: left, organizer_ids }));
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
        if self.claims_source(&source).await? {
            self.compare_listed(&source, &listed).await?;
        }
        let List { entries, odd, unread, .. } = listed;
        if !is_listed(session.times, &entries) {
            let now = self.dependencies.clock.now();
            // What of the list could not be read may have been its report.
            let state =
                unread.or(odd).map_or_else(|| Ok(state_without_report(session.times, &entries, now)), Err);
            self.findings.unlisted.push(Unlisted { session, source, state });
        }
        Ok(())
    }

    /// Tells of the sessions of which neither Graph nor the archive has a report.
    async fn tell_unlisted(&mut self) -> Result<(), BackfillError> {
        let unlisted = mem::take(&mut self.findings.unlisted);
        let archived = self.archived_of(&unlisted).await?;
        for Unlisted { session, source, state } in unlisted {
            let CallSession { call_record_id: id, times, .. } = session;
            if archived.contains(&id) {
                continue;
            }
            if let Some(state) = self.seen_for_session(state, source.path(), &id)? {
                let start = Some(times.start.to_string());
                self.findings.lines.push(LedgerLine::session(state, id, source.path(), start));
            }
        }
        Ok(())
    }

    /// As [`Self::seen`]; the line of what can never be read names the session.
    pub(super) fn seen_for_session<T>(
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

/// The meetings of sessions, each once, as far as the archive remembers them.
fn meetings_of<'a>(sessions: impl Iterator<Item = &'a CallSession>) -> Vec<NamedMeeting> {
    let sources = sessions.filter_map(|session| ReportSource::of_path(session.source.as_deref()?));
    let meetings = sources.filter_map(|source| match source {
        ReportSource::Meeting { organizer_id, meeting_id }
        | ReportSource::ChannelMeeting { organizer_id, meeting_id } => {
            Some(NamedMeeting { organizer_id, meeting: meeting_id })
        }
        ReportSource::Webinar { .. } | ReportSource::Townhall { .. } => None,
    });
    meetings.collect::<BTreeSet<_>>().into_iter().collect()
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
