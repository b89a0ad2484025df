//! One unit: one page of a list, whose entries become units, or a few meetings that are scanned.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shared::digest::sha256_hex;
use shared::graph::{GraphDateTime, GraphError, VirtualEvent};
use shared::jobs::{Purpose, Run, Scope, UnitId};
use shared::lambda::batch::time_left;
use shared::lambda::metrics::{self, Metric};
use shared::model::{NamedMeeting, Outcome, ReportSource, VirtualEventKind, normalize_join_url};
use tracing::{debug, info, warn};

use crate::compare::{UnitFindings, compare};
use crate::ledger_line::State;
use crate::part::{self, Part};
use crate::scopes::{self, Units};
use crate::send::{send_jobs, send_units};
use crate::{BackfillError, Dependencies, retry};

/// So many days have few sessions of one meeting: scanning it twice is cheaper than a claim.
const FEW_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The most pages of one list: links that run in a circle must not keep a run going for ever.
const MAX_PAGES: u32 = 2_000;

/// How long before its deadline a unit stops scanning, to send what it found.
const TIME_TO_SEND: SignedDuration = SignedDuration::from_secs(30);
/// How long before its deadline a unit begins with no other meeting: one may take two calls, each of which
/// may wait and be tried again.
const TIME_FOR_A_MEETING: SignedDuration = SignedDuration::from_secs(120);

/// Runs a unit until `deadline`: scans its scope, sends jobs for what is missing and the units that follow
/// from it, then writes its part. The jobs are sent also where the scan did not end.
///
/// # Errors
/// It did not end: Graph may answer later, or the archive or a queue gave no answer.
pub(crate) async fn run_scan(
    dependencies: &Dependencies,
    (run, id): (&Run, &UnitId),
    scope: &Scope,
    tries: u32,
    deadline: Timestamp,
) -> Result<(), BackfillError> {
    if run.purpose.keeps_ledger() && Part::of(&*dependencies.store, &run.id, id).await?.is_some() {
        return Ok(());
    }
    let clock = &*dependencies.clock;
    let last_meeting_at = deadline.checked_sub(TIME_FOR_A_MEETING).unwrap_or(Timestamp::MIN);
    let (findings, next) = (UnitFindings::default(), Units::new());
    let mut unit = Unit { dependencies, run, id, tries, last_meeting_at, findings, next };
    let scanned = tokio::select! {
        biased;
        scanned = unit.scan(scope) => scanned,
        () = clock.sleep(time_left(clock, deadline - TIME_TO_SEND)) => Err(BackfillError::OutOfTime),
    };
    let Unit { findings, next, .. } = unit;
    if run.purpose == Purpose::Reconcile && !findings.jobs.is_empty() {
        metrics::emit(clock.now(), &[Metric::count("ReconcileMissing", findings.jobs.len())]);
    }
    send_jobs(&*dependencies.fetch_queue, &findings.jobs).await?;
    scanned?;
    log_findings(&findings);
    let units = next.iter().map(|(id, _)| id.clone()).collect();
    send_units(dependencies, run, next).await?;
    if run.purpose.keeps_ledger() {
        part::write(dependencies, run, id, &Part { lines: findings.lines, units }).await?;
    }
    Ok(())
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

/// A unit while it is scanned.
struct Unit<'a> {
    dependencies: &'a Dependencies,
    run: &'a Run,
    id: &'a UnitId,
    tries: u32,
    last_meeting_at: Timestamp,
    findings: UnitFindings,
    next: Units,
}

impl Unit<'_> {
    async fn scan(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        match scope {
            Scope::Users { group_id, next_link } => {
                self.users(group_id.as_deref(), next_link.as_deref()).await
            }
            Scope::Calendar { organizer_id, next_link } => {
                self.calendar(organizer_id, next_link.as_deref()).await
            }
            Scope::Events { kind, organizer_id, next_link } => {
                self.events(*kind, organizer_id.as_deref(), next_link.as_deref()).await
            }
            Scope::CallRecords { .. } => self.call_records(scope).await,
            Scope::Meetings { meetings } => self.meetings(meetings.clone()).await,
            Scope::Event { kind, event_id } => self.event(*kind, event_id).await,
        }
    }

    async fn users(&mut self, group_id: Option<&str>, next_link: Option<&str>) -> Result<(), BackfillError> {
        let graph = &self.dependencies.graph;
        let page = match group_id {
            None => graph.user_ids_page(next_link).await,
            Some(group_id) => graph.group_user_ids_page(group_id, next_link).await,
        };
        let source =
            group_id.map_or_else(|| "users".to_owned(), |id| format!("groups/{id}/transitiveMembers"));
        let Some(page) = self.seen(page, source)? else { return Ok(()) };
        self.next.extend(page.value.iter().map(|id| scopes::calendar(id)));
        let group_id = group_id.map(str::to_owned);
        self.go_on(page.next_link, |next_link| Scope::Users { group_id, next_link });
        Ok(())
    }

    async fn calendar(&mut self, organizer_id: &str, next_link: Option<&str>) -> Result<(), BackfillError> {
        let window = (self.run.since, self.run.until);
        let page =
            self.dependencies.graph.organized_join_web_urls_page(organizer_id, window, next_link).await;
        let Some(page) = self.seen(page, format!("users/{organizer_id}/calendarView"))? else {
            return Ok(());
        };
        let named = |meeting| NamedMeeting { organizer_id: organizer_id.to_owned(), meeting };
        let meetings: BTreeSet<_> = page.value.into_iter().map(named).collect();
        self.next.extend(scopes::meetings(self.id, &Vec::from_iter(meetings)));
        let organizer_id = organizer_id.to_owned();
        self.go_on(page.next_link, |next_link| Scope::Calendar { organizer_id, next_link });
        Ok(())
    }

    async fn call_records(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::CallRecords { since, until, organizer_ids, next_link } = scope else { return Ok(()) };
        let page = self.dependencies.graph.call_records_page((*since, *until), next_link.as_deref()).await;
        let Some(page) = self.seen(page, "communications/callRecords".to_owned())? else { return Ok(()) };
        let mut meetings = BTreeSet::new();
        for call in page.value {
            let Ok(meeting) = call.meeting_of(&self.dependencies.tenant_id) else { continue };
            let is_wanted = organizer_ids.is_empty()
                || organizer_ids.iter().any(|id| id.eq_ignore_ascii_case(&meeting.organizer_id));
            if is_wanted {
                meetings.insert(meeting);
            }
        }
        self.next.extend(scopes::meetings(self.id, &Vec::from_iter(meetings)));
        let (since, until, organizer_ids) = (*since, *until, organizer_ids.clone());
        self.go_on(page.next_link, |next_link| Scope::CallRecords { since, until, organizer_ids, next_link });
        Ok(())
    }

    async fn events(
        &mut self,
        kind: VirtualEventKind,
        organizer_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let page = self.dependencies.graph.virtual_events_page(kind, organizer_id, next_link).await;
        // A cloud without virtual events has none to scan.
        if matches!(&page, Err(error) if error.outcome == Outcome::UnsupportedInCloud) {
            return Ok(());
        }
        let Some(page) = self.seen(page, format!("solutions/virtualEvents/{}", kind.segment()))? else {
            return Ok(());
        };
        let in_window = page.value.iter().filter(|event| self.is_in_window(event));
        let units: Units = in_window.map(|event| scopes::event(kind, &event.id)).collect();
        self.next.extend(units);
        let organizer_id = organizer_id.map(str::to_owned);
        self.go_on(page.next_link, |next_link| Scope::Events { kind, organizer_id, next_link });
        Ok(())
    }

    /// Whether an event may have had a session in the run's time; its plan need not have been kept.
    fn is_in_window(&self, event: &VirtualEvent) -> bool {
        let time = |time: &Option<GraphDateTime>| time.as_ref().and_then(GraphDateTime::timestamp);
        time(&event.start_date_time).is_none_or(|start| start < self.run.until)
            && time(&event.end_date_time).is_none_or(|end| end >= self.run.since)
    }

    async fn event(&mut self, kind: VirtualEventKind, event_id: &str) -> Result<(), BackfillError> {
        let sessions = self.dependencies.graph.virtual_event_sessions(kind, event_id).await;
        let source = format!("solutions/virtualEvents/{}/{event_id}/sessions", kind.segment());
        let Some(sessions) = self.seen(sessions, source)? else { return Ok(()) };
        let mut sessions = sessions;
        self.rotate(&mut sessions);
        for session in sessions {
            if self.is_late() {
                return Err(BackfillError::OutOfTime);
            }
            self.source(&kind.source(event_id, &session.id)).await?;
        }
        Ok(())
    }

    /// Scans meetings, while there is time; the rest becomes a unit of its own.
    async fn meetings(&mut self, mut meetings: Vec<NamedMeeting>) -> Result<(), BackfillError> {
        self.rotate(&mut meetings);
        for (done, meeting) in meetings.iter().enumerate() {
            if done > 0 && self.is_late() {
                self.next.push(self.rest(&meetings[done..]));
                break;
            }
            self.meeting(meeting).await?;
        }
        Ok(())
    }

    /// The unit that goes on with `left`. Each try leaves others, so its id is made of what they are.
    fn rest(&self, left: &[NamedMeeting]) -> (UnitId, Scope) {
        let names = left.iter().map(|named| format!("{} {}\n", named.organizer_id, named.meeting));
        let id = self.id.rest(&sha256_hex(names.collect::<String>().as_bytes()));
        (id, Scope::Meetings { meetings: left.to_vec() })
    }

    async fn meeting(&mut self, meeting: &NamedMeeting) -> Result<(), BackfillError> {
        let NamedMeeting { organizer_id, meeting } = meeting;
        if !meeting.starts_with("https://") {
            return self.source(&ReportSource::meeting(organizer_id, meeting, None)).await;
        }
        // Asked for once in a run: a series is found as often as it took place.
        let address = format!("{organizer_id} {}", normalize_join_url(meeting));
        if self.is_long() && !self.claims(&address).await? {
            return Ok(());
        }
        let source = self.dependencies.graph.online_meeting_by_join_web_url(organizer_id, meeting).await;
        match self.seen(source, format!("users/{organizer_id}/onlineMeetings"))? {
            Some(source) => self.source(&source).await,
            None => Ok(()),
        }
    }

    /// Each try begins one item further: an item that fails again and again must not block the others.
    fn rotate<T>(&self, items: &mut [T]) {
        if !items.is_empty() {
            items.rotate_left(self.tries.saturating_sub(1) as usize % items.len());
        }
    }

    /// Whether there is no time to begin with another meeting.
    fn is_late(&self) -> bool {
        self.dependencies.clock.now() >= self.last_meeting_at
    }

    async fn source(&mut self, source: &ReportSource) -> Result<(), BackfillError> {
        // Also where it has two addresses it stands in the ledger once.
        if self.run.purpose.keeps_ledger() && !self.claims(&source.path()).await? {
            return Ok(());
        }
        match compare(self.dependencies, self.run, source, &mut self.findings).await {
            Err(BackfillError::Graph(error)) => self.seen(Err(error), source.path()).map(|_: Option<()>| ()),
            compared => compared,
        }
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
        let (began, now) = (self.run.began, self.dependencies.clock.now());
        if retry::is_retryable(&error, self.tries, began, now) {
            return Err(error.into());
        }
        let error = match error.outcome {
            // The user or the event is not there: that is no report that comes later.
            Outcome::NotReady => GraphError::new(Outcome::NotFound),
            _ => error,
        };
        warn!(outcome = error.outcome.name(), "a source cannot be looked at: {error}. {}", error.remedy());
        self.findings.unreachable(source, &error);
        Ok(None)
    }

    /// The next page is a unit of its own.
    fn go_on(&mut self, next_link: Option<String>, scope: impl FnOnce(Option<String>) -> Scope) {
        if next_link.is_none() {
            return;
        }
        if self.id.page() >= MAX_PAGES {
            let endless = GraphError::new(Outcome::Malformed).because("the list does not end");
            warn!("{endless}");
            return self.findings.unreachable(self.id.to_string(), &endless);
        }
        // Visited last, so that a ledger's walk holds few names at once.
        self.next.insert(0, (self.id.next_page(), scope(next_link)));
    }
}
