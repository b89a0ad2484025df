//! One webinar or town hall: its sessions are compared with the archive.

use shared::graph::{GraphDateTime, List, VirtualEventSession};
use shared::jobs::Purpose;
use shared::model::{Outcome, ReportSource, SessionTimes, VirtualEventKind};

use super::Unit;
use crate::BackfillError;
use crate::ledger_line::LedgerLine;
use crate::session_state::state_without_report;

impl Unit<'_> {
    pub(super) async fn event(
        &mut self,
        kind: VirtualEventKind,
        event_id: &str,
        status: Option<&str>,
    ) -> Result<(), BackfillError> {
        let is_named = self.run.purpose != Purpose::Reconcile;
        if !is_named && !self.counts(kind, event_id).await? {
            return Ok(());
        }
        let sessions = self.dependencies.graph.virtual_event_sessions(kind, event_id).await;
        let list = format!("solutions/virtualEvents/{}/{event_id}/sessions", kind.segment());
        let Some(List { mut entries, odd, unread, .. }) = self.seen(sessions, list.clone())? else {
            return Ok(());
        };
        if let Some(odd) = odd {
            self.unreachable(list.clone(), &odd);
        }
        self.rotate(&mut entries);
        // An event that is not announced, or was called off, has no session that took place.
        let takes_place = !matches!(status, Some("draft" | "canceled"));
        let scan = async |unit: &mut Self, session: &VirtualEventSession| {
            unit.event_session(&kind.source(event_id, &session.id), session, takes_place).await
        };
        self.scan_all(entries, scan).await?;
        self.seen(unread.map_or(Ok(()), Err), list).map(|_| ())
    }

    /// Whether an event counts whose organizer no list told: an unsubscribed window knows it by its id alone, and so does
    /// the archive.
    pub(super) async fn counts(
        &mut self,
        kind: VirtualEventKind,
        event_id: &str,
    ) -> Result<bool, BackfillError> {
        if self.dependencies.watch_filter.takes_all() {
            return Ok(true);
        }
        let event = self.dependencies.graph.virtual_event(kind, event_id).await;
        let path = format!("solutions/virtualEvents/{}/{event_id}", kind.segment());
        match self.seen(event, path)? {
            Some(event) => self.takes_event(&event).await,
            None => Ok(false),
        }
    }

    async fn event_session(
        &mut self,
        source: &ReportSource,
        session: &VirtualEventSession,
        takes_place: bool,
    ) -> Result<(), BackfillError> {
        if self.run.purpose.keeps_ledger() && !self.claims_source(source).await? {
            return Ok(());
        }
        let times = planned_times(session);
        let listed = match self.dependencies.graph.attendance_reports(source).await {
            // It is known when the session is over: until then, and a while after, it has no report.
            Err(error) if error.outcome == Outcome::NotReady && times.is_some() => Ok(List::default()),
            listed => listed,
        };
        let Some(listed) = self.seen(listed, source.path())? else { return Ok(()) };
        self.compare_listed(source, &listed).await?;
        let has_none = listed.entries.is_empty() && listed.odd.is_none() && listed.unread.is_none();
        if let Some(times) = times.filter(|_| has_none && takes_place) {
            self.planned_session_without_report(source, session, times);
        }
        Ok(())
    }

    /// The line of a planned session without a report, once its end has passed.
    fn planned_session_without_report(
        &mut self,
        source: &ReportSource,
        session: &VirtualEventSession,
        times: SessionTimes,
    ) {
        let now = self.dependencies.clock.now();
        if times.end <= now && self.is_in_time(times) {
            let start = Some(times.start.to_string());
            let state = state_without_report(times, &[], now);
            self.findings.lines.push(LedgerLine::session(state, session.id.clone(), source.path(), start));
        }
    }
}

/// When a session is over for sure, and when it begins; `None` where Graph gave no end.
fn planned_times(session: &VirtualEventSession) -> Option<SessionTimes> {
    let end = session.end_date_time.as_ref().and_then(GraphDateTime::latest)?;
    let start = session.start_date_time.as_ref().and_then(GraphDateTime::latest).unwrap_or(end);
    Some(SessionTimes { start: start.min(end), end })
}
