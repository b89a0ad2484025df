//! Where the reports may be: what the options name, or what is found in calendars, virtual events and
//! call records.

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use shared::graph::{GraphClient, GraphError};
use shared::jobs::FetchTarget;
use shared::model::{NamedMeeting, ReportSource, VirtualEventKind, join_url_context};
use shared::ports::clock::{Clock, SystemClock};

use super::progress::Progress;
use super::retry::wait;
use crate::cli::PullOptions;

/// How long Graph keeps reports, and call records.
const REPORTS_KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
const CALL_RECORDS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The meetings and sessions whose reports are pulled.
///
/// # Errors
/// The options do not fit together.
pub(super) async fn targets(
    options: &PullOptions,
    (graph, tenant_id): (&GraphClient, &str),
    progress: &mut Progress,
) -> anyhow::Result<Vec<FetchTarget>> {
    let now = SystemClock.now();
    let since = options.since.unwrap_or(now - REPORTS_KEPT);
    let until = options.until.unwrap_or(now);
    ensure!(since < until, "--since is not before --until");
    let mut discovery = Discovery { graph, tenant_id, progress, since, until, found: Vec::new() };
    for meeting in &options.meetings {
        discovery.found.push(named_meeting(meeting, &options.organizers)?);
    }
    for (kind, events) in
        [(VirtualEventKind::Webinar, &options.webinars), (VirtualEventKind::Townhall, &options.townhalls)]
    {
        for event_id in events {
            discovery.sessions_of(kind, event_id).await;
        }
    }
    if options.meetings.is_empty() && options.webinars.is_empty() && options.townhalls.is_empty() {
        discovery.discover_all(&options.organizers, now).await;
    }
    Ok(discovery.found)
}

/// A meeting that is given by its id or its address.
fn named_meeting(meeting: &str, organizers: &[String]) -> anyhow::Result<FetchTarget> {
    let organizer_id = match organizers {
        [only] => only.clone(),
        _ => join_url_context(meeting).and_then(|context| context.organizer_id).context(
            "a --meeting needs to know who organized it: give one --organizer, or a join URL that names its Oid",
        )?,
    };
    Ok(if meeting.starts_with("https://") {
        FetchTarget::JoinWebUrl { organizer_id, join_web_url: meeting.to_owned() }
    } else {
        FetchTarget::Source(ReportSource::meeting(&organizer_id, meeting, None))
    })
}

struct Discovery<'a> {
    graph: &'a GraphClient,
    tenant_id: &'a str,
    progress: &'a mut Progress,
    since: Timestamp,
    until: Timestamp,
    found: Vec<FetchTarget>,
}

impl Discovery<'_> {
    async fn discover_all(&mut self, organizers: &[String], now: Timestamp) {
        for organizer_id in organizers {
            self.calendar_of(organizer_id).await;
            for kind in VirtualEventKind::ALL {
                self.events_of(kind, organizer_id).await;
            }
        }
        if organizers.is_empty() {
            for kind in VirtualEventKind::ALL {
                self.events(kind).await;
            }
        }
        self.calls(organizers, now).await;
    }

    async fn calendar_of(&mut self, organizer_id: &str) {
        let urls = with_retries(async || {
            self.graph.organized_join_web_urls(organizer_id, self.since, self.until).await
        });
        for join_web_url in self.seen("a calendar", urls.await) {
            self.found.push(FetchTarget::JoinWebUrl { organizer_id: organizer_id.to_owned(), join_web_url });
        }
    }

    async fn events_of(&mut self, kind: VirtualEventKind, organizer_id: &str) {
        let events =
            with_retries(async || self.graph.virtual_events_organized_by(kind, organizer_id).await).await;
        for event in self.seen(kind.plural(), events) {
            self.sessions_of(kind, &event.id).await;
        }
    }

    async fn events(&mut self, kind: VirtualEventKind) {
        let events = with_retries(async || self.graph.virtual_events(kind).await).await;
        for event in self.seen(kind.plural(), events) {
            self.sessions_of(kind, &event.id).await;
        }
    }

    async fn sessions_of(&mut self, kind: VirtualEventKind, event_id: &str) {
        let sessions = with_retries(async || self.graph.virtual_event_sessions(kind, event_id).await).await;
        for session in self.seen("the sessions of an event", sessions) {
            let start = session.start_date_time.as_ref().and_then(|start| start.timestamp());
            if start.is_none_or(|start| start < self.until) {
                self.found.push(FetchTarget::Source(kind.source(event_id, &session.id)));
            }
        }
    }

    /// The calls of the last 30 days, of these organizers, or of all.
    async fn calls(&mut self, organizers: &[String], now: Timestamp) {
        let since = self.since.max(now - CALL_RECORDS_KEPT);
        if since >= self.until {
            return;
        }
        let calls = with_retries(async || self.graph.call_records(since, self.until).await).await;
        let wanted = |organizer: &String| organizers.is_empty() || organizers.contains(organizer);
        for call in self.seen("call records", calls) {
            let meeting = call.meeting_of(self.tenant_id).ok();
            if let Some(meeting) = meeting.filter(|meeting| wanted(&meeting.organizer_id)) {
                let NamedMeeting { organizer_id, meeting: join_web_url } = meeting;
                self.found.push(FetchTarget::JoinWebUrl { organizer_id, join_web_url });
            }
        }
    }

    /// What was found; nothing where the call failed, which is noted.
    fn seen<T>(&mut self, what: &str, found: Result<Vec<T>, GraphError>) -> Vec<T> {
        found.unwrap_or_else(|error| {
            self.progress.not_looked_for(what, &error);
            Vec::new()
        })
    }
}

/// Makes a call of Graph's, and again after a failure that may pass.
async fn with_retries<T>(call: impl AsyncFn() -> Result<T, GraphError>) -> Result<T, GraphError> {
    let mut tries = 1;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Some(time) = wait(&error, tries) else { return Err(error) };
        SystemClock.sleep(time).await;
        tries += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%22o-1%22%7d";

    #[test]
    fn a_meeting_takes_the_only_organizer_or_the_one_in_its_url() {
        let organizer = |meeting: &str, organizers: &[&str]| {
            let organizers: Vec<String> = organizers.iter().map(|&id| id.to_owned()).collect();
            match named_meeting(meeting, &organizers) {
                Ok(FetchTarget::JoinWebUrl { organizer_id, .. }) => Some(organizer_id),
                Ok(FetchTarget::Source(ReportSource::Meeting { organizer_id, .. })) => Some(organizer_id),
                _ => None,
            }
        };
        assert_eq!(organizer(URL, &[]).as_deref(), Some("o-1"));
        assert_eq!(organizer(URL, &["o-2"]).as_deref(), Some("o-2"));
        assert_eq!(organizer(URL, &["o-2", "o-3"]).as_deref(), Some("o-1"));
        assert_eq!(organizer("MSpk", &["o-2"]).as_deref(), Some("o-2"));
        assert_eq!(organizer("MSpk", &[]), None);
        assert_eq!(organizer("https://teams.microsoft.com/meet/123?p=x", &[]), None);
    }
}
