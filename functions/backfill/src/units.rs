//! One unit: one page of a list, whose entries become units, or a few meetings that are scanned.

mod archived;
mod at_once;
mod events;
mod lists;
mod session_source;
mod sessions;
mod sources;
mod titles;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use shared::graph::GraphError;
use shared::jobs::{MAX_UNIT_HOPS, Run, Scope, UnitId};
use shared::lambda::deadline::time_left;
use shared::model::{Outcome, ReportSource};
use tracing::{debug, info, warn};

use crate::compare::UnitFindings;
use crate::ledger_line::State;
use crate::part::{self, Part};
use crate::retry::Attempt;
use crate::scopes::Units;
use crate::send::send_jobs;
use crate::{BackfillError, Dependencies, retry, run_metrics, scopes};

/// So many days have few sessions of one meeting: scanning it twice is cheaper than a claim.
const FEW_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// How long before its deadline a unit stops scanning, to send what it found.
const TIME_TO_SEND: SignedDuration = SignedDuration::from_secs(30);
/// How long before its deadline a unit stops looking for titles, to write its part.
const TIME_TO_WRITE: SignedDuration = SignedDuration::from_secs(15);
/// How long before its deadline a unit begins with no other meeting: one may take two calls, each of which
/// may wait and be tried again.
const TIME_FOR_A_MEETING: SignedDuration = SignedDuration::from_secs(120);

/// Runs a unit until `deadline`: scans its scope, sends jobs for what is missing, writes its part, and sends the
/// units that follow from it. The jobs are sent also where the scan did not end.
///
/// # Errors
/// It did not end: Graph may answer later, or the archive or a queue gave no answer.
pub(crate) async fn run_scan(
    dependencies: &Dependencies,
    (run, id, hops): (&Run, &UnitId, u32),
    scope: &Scope,
    attempt: Attempt,
    deadline: Timestamp,
) -> Result<(), BackfillError> {
    if run.purpose.keeps_ledger()
        && let Some(part) = Part::of(&*dependencies.store, &run.id, id).await?
    {
        if !part::is_sent(dependencies, run, id, &part).await? {
            part::send_next(dependencies, run, id, part, hops + 1).await?;
        }
        return Ok(());
    }
    let clock = &*dependencies.clock;
    let last_meeting_at = deadline.checked_sub(TIME_FOR_A_MEETING).unwrap_or(Timestamp::MIN);
    let mut unit = Unit::new(dependencies, (run, id), attempt, last_meeting_at);
    let scanned = tokio::select! {
        biased;
        // Boxed: the futures of all scopes inside that of the invocation are a type too deep for rustc.
        scanned = Box::pin(unit.scan_again_where_expired(scope)) => scanned,
        () = clock.sleep(time_left(clock, deadline - TIME_TO_SEND)) => Err(BackfillError::OutOfTime),
    };
    unit.join_ended();
    unit.end_after_many_hops(hops);
    run_metrics::count_missing(clock.now(), run, &unit.findings);
    send_jobs(&*dependencies.fetch_queue, &unit.findings.jobs).await?;
    send_jobs(&*dependencies.fetch_queue, &unit.findings.rereads).await?;
    scanned?;
    if run.purpose.keeps_ledger() {
        tokio::select! {
            biased;
            () = unit.find_titles() => {}
            () = clock.sleep(time_left(clock, deadline - TIME_TO_WRITE)) => warn!("not every line has its title: the time is up"),
        }
        unit.add_titles();
    }
    let Unit { findings, next, .. } = unit;
    let next = without_sent_before(dependencies, (run, id), scope, next).await?;
    log_findings(&findings);
    run_metrics::count_unseen(clock.now(), run, &findings);
    run_metrics::count_untold(clock.now(), run, &findings);
    let mut part = Part::new(findings.lines, next);
    if run.purpose.keeps_ledger() {
        part = part::write(dependencies, run, id, part).await?;
    }
    part::send_next(dependencies, run, id, part, hops + 1).await
}

/// Leaves out what the units before this one have sent of the same list: an entry may have moved to a later page
/// meanwhile, and a list that was begun again has all of them again. Each unit is named by one part, or its lines would be
/// in the ledger twice. Only the entries of these lists are units by their own ids.
async fn without_sent_before(
    dependencies: &Dependencies,
    (run, id): (&Run, &UnitId),
    scope: &Scope,
    mut next: Units,
) -> Result<Units, BackfillError> {
    if !run.purpose.keeps_ledger() || !matches!(scope, Scope::Users { .. } | Scope::Events { .. }) {
        return Ok(next);
    }
    let mut known = BTreeSet::new();
    next.retain(|(unit, _)| known.insert(unit.clone()));
    for mut page in id.readings() {
        while page != *id {
            let part = Part::of(&*dependencies.store, &run.id, &page).await?;
            let sent = part.ok_or(BackfillError::Unfinished)?.next();
            leave_out(&mut next, &sent);
            page = page.next_page();
            if !sent.iter().any(|(unit, _)| *unit == page) {
                break;
            }
        }
    }
    Ok(next)
}

/// Leaves out the units that are among those that were `sent`, and the users whose calendars are.
fn leave_out(next: &mut Units, sent: &Units) {
    let users = |scope: &Scope| match scope {
        Scope::Calendars { organizer_ids } => organizer_ids.clone(),
        _ => Vec::new(),
    };
    let sent_users: BTreeSet<String> = sent.iter().flat_map(|(_, scope)| users(scope)).collect();
    next.retain_mut(|(unit, scope)| {
        if let Scope::Calendars { organizer_ids } = scope {
            organizer_ids.retain(|id| !sent_users.contains(id));
        }
        sent.iter().all(|(known, _)| known != unit)
    });
}

fn log_findings(findings: &UnitFindings) {
    let missing = findings.lines.iter().filter(|line| line.state == State::Missing).count();
    let (reports, to_fetch) = (findings.lines.len(), findings.jobs.len());
    let summary = format!("{reports} reports looked at, {to_fetch} to fetch");
    // Most units find nothing: a line for each would cost more than the work.
    if to_fetch > 0 {
        info!(reports, missing, to_fetch, "{summary}");
    } else {
        debug!(reports, missing, to_fetch, "{summary}");
    }
}

/// What the items of a unit found that have ended, by their places in it.
type Ended = BTreeMap<usize, (UnitFindings, Units)>;

/// A unit while it is scanned.
struct Unit<'a> {
    dependencies: &'a Dependencies,
    run: &'a Run,
    id: &'a UnitId,
    attempt: Attempt,
    last_meeting_at: Timestamp,
    findings: UnitFindings,
    /// The paths of the sources that it has claimed, in lower case, whichever item led to them: all its forks have one set.
    claimed_sources: Arc<Mutex<BTreeSet<String>>>,
    next: Units,
    ended: Ended,
}

impl<'a> Unit<'a> {
    fn new(
        dependencies: &'a Dependencies,
        (run, id): (&'a Run, &'a UnitId),
        attempt: Attempt,
        last_meeting_at: Timestamp,
    ) -> Self {
        let (findings, claimed_sources) = (UnitFindings::default(), Arc::default());
        let (next, ended) = (Units::new(), Ended::new());
        Self { dependencies, run, id, attempt, last_meeting_at, findings, claimed_sources, next, ended }
    }

    async fn scan(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        match scope {
            Scope::Users { group_id, next_link } => {
                self.users(group_id.as_deref(), next_link.as_deref()).await
            }
            Scope::Calendars { organizer_ids } => {
                self.next = organizer_ids.iter().map(|id| scopes::calendar(id)).collect();
                Ok(())
            }
            Scope::Calendar { organizer_id, next_link } => {
                self.calendar(organizer_id, next_link.as_deref()).await
            }
            Scope::Events { kind, organizer_id, next_link } => {
                self.events(*kind, organizer_id.as_deref(), next_link.as_deref()).await
            }
            Scope::CallRecords { .. } => self.call_records(scope).await,
            Scope::Meetings { meetings } => self.meetings(meetings.clone()).await,
            Scope::Calls { ids, organizer_ids } => self.calls(ids.clone(), organizer_ids).await,
            Scope::Sessions { .. } => self.sessions(scope).await,
            Scope::ArchivedReports { .. } => self.archived_reports(scope).await,
            Scope::SessionsWithoutReport { sessions, organizer_ids } => {
                self.sessions_without_report(sessions.clone(), organizer_ids).await
            }
            Scope::Event { kind, event_id, status } => self.event(*kind, event_id, status.as_deref()).await,
        }
    }

    /// Scans; a page that Graph no longer knows makes the list begin again, twice at most.
    async fn scan_again_where_expired(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        match self.scan(scope).await {
            Err(BackfillError::Graph(error)) if error.outcome == Outcome::PageExpired => {
                // It may be a page of another list, that of a meeting: it is read again from its own beginning.
                let Some(first) = scope.from_the_first_page() else { return Err(error.into()) };
                match self.id.restarted() {
                    Some(id) => self.next.push((id, first)),
                    None => self.unreachable(self.id.to_string(), &error),
                }
                Ok(())
            }
            scanned => scanned,
        }
    }

    /// Ends a chain of units that goes on and on: what would follow is told instead.
    fn end_after_many_hops(&mut self, hops: u32) {
        if hops >= MAX_UNIT_HOPS {
            for (id, _) in mem::take(&mut self.next) {
                self.unreachable(id.to_string(), &GraphError::new(Outcome::TooManyHops));
            }
        }
    }

    /// Whether this unit is the one that compares a source, and has not done so yet: it stands in the ledger once.
    async fn claims_source(&self, source: &ReportSource) -> Result<bool, BackfillError> {
        let path = source.path();
        let is_new = {
            let mut claimed = self.claimed_sources.lock().unwrap_or_else(PoisonError::into_inner);
            claimed.insert(path.to_ascii_lowercase())
        };
        Ok(is_new && self.claims(&path).await?)
    }

    async fn claims(&self, what: &str) -> Result<bool, BackfillError> {
        part::claim(self.dependencies, self.run, self.id, what).await
    }

    /// Whether the run covers so many days that it finds a meeting often.
    fn is_long(&self) -> bool {
        self.run.until.duration_since(self.run.since) > FEW_DAYS
    }

    /// What Graph answered. What can never be read becomes a line of the ledger, and `None`.
    fn seen<T>(&mut self, answer: Result<T, GraphError>, source: String) -> Result<Option<T>, BackfillError> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        if retry::is_retryable(
            &error,
            self.attempt,
            self.dependencies.retry_units_for,
            self.dependencies.clock.now(),
        ) {
            return Err(error.into());
        }
        let error = match error.outcome {
            // The user or the event is not there: that is no report that comes later.
            Outcome::NotReady => GraphError::new(Outcome::NotFound),
            _ => error,
        };
        self.unreachable(source, &error);
        Ok(None)
    }

    /// Tells what could not be looked at.
    fn unreachable(&mut self, source: String, error: &GraphError) {
        warn!(outcome = error.outcome.name(), "a source cannot be looked at: {error}. {}", error.remedy());
        self.findings.unreachable(source, error);
    }

    /// Each try begins one item further: an item that fails again and again must not block the others.
    fn rotate<T>(&self, items: &mut [T]) {
        if !items.is_empty() {
            items.rotate_left(self.attempt.tries.saturating_sub(1) as usize % items.len());
        }
    }

    /// Whether there is no time to begin with another meeting.
    fn is_late(&self) -> bool {
        self.dependencies.clock.now() >= self.last_meeting_at
    }
}
