//! The desired state: the subscriptions that `WATCH` asks for, and those to the webinars and town halls that
//! Graph lists.

use jiff::{SignedDuration, Timestamp};
use shared::graph::{
    ClientStateKey, Encryption, GraphDateTime, GraphError, List, VirtualEvent, unreadable_secret,
};
use shared::jobs::SubscriptionsJob;
use shared::model::{Outcome, VirtualEventKind, WatchedMeeting, WatchedResource};
use shared::ports::secrets::{PemBundle, Stage};
use tracing::warn;

use crate::Dependencies;
use crate::plan::{DesiredState, STATE_LIFE};

/// How long after its end an event stays subscribed to: reports come late, sessions are held again.
const AFTER_THE_END: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is desired now. `jobs` may name an event that Graph does not list yet.
pub(crate) async fn desired_state(
    dependencies: &Dependencies,
    key: &ClientStateKey,
    jobs: &[SubscriptionsJob],
) -> DesiredState {
    let (base, state_end) = (&dependencies.notification_url, dependencies.clock.now() + STATE_LIFE);
    let query = |end: &str| format!("?key={}&until={end}", key.id());
    let end = state_end.as_second().to_string();
    let mut desired = DesiredState {
        resources: Vec::new(),
        overlooked: None,
        encryption: None,
        notification_url: format!("{base}/notifications{}", query(&end)),
        lifecycle_url: format!("{base}/lifecycle{}", query(&end)),
        base_url: format!("{base}/notifications"),
        key_query: query(""),
        state_end,
    };
    if dependencies.watch.call_records {
        desired.resources.push(WatchedResource::CallRecords);
    }
    if dependencies.watch.virtual_events {
        desired.resources.push(WatchedResource::VirtualEvents);
        desired.resources.extend(jobs.iter().filter_map(created_event).flatten());
        for kind in VirtualEventKind::ALL {
            add_events(dependencies, kind, &mut desired).await;
        }
    }
    if !dependencies.watch.meetings.is_empty() {
        add_meetings(dependencies, &mut desired).await;
    }
    desired.resources.sort();
    desired.resources.dedup();
    desired
}

/// What is watched of the event that a job names; `None` for a lifecycle event.
fn created_event(job: &SubscriptionsJob) -> Option<Vec<WatchedResource>> {
    match job {
        SubscriptionsJob::EventCreated { kind, event_id } => Some(of_event(*kind, event_id)),
        SubscriptionsJob::Lifecycle { .. } => None,
    }
}

/// What is watched of an event: its reports, and of a webinar the registrations.
fn of_event(kind: VirtualEventKind, event_id: &str) -> Vec<WatchedResource> {
    let event_id = || event_id.to_owned();
    let reports = WatchedResource::Reports { kind, event_id: event_id() };
    match kind {
        VirtualEventKind::Webinar => vec![reports, WatchedResource::Registrations { event_id: event_id() }],
        VirtualEventKind::Townhall => vec![reports],
    }
}

async fn add_events(dependencies: &Dependencies, kind: VirtualEventKind, desired: &mut DesiredState) {
    match dependencies.graph.virtual_events(kind).await {
        Ok(List { entries, odd, unread, .. }) => {
            // An event that could not be read may have a subscription: none is deleted, and it is told.
            desired.overlooked = unread.or(odd).or(desired.overlooked.take());
            let now = dependencies.clock.now();
            let live = entries.into_iter().filter(|event| is_live(event, now));
            desired.resources.extend(live.flat_map(|event| of_event(kind, &event.id)));
        }
        // A cloud without virtual events has none to subscribe to.
        Err(error) if error.outcome == Outcome::UnsupportedInCloud => {
            desired.resources.retain(|resource| *resource != WatchedResource::VirtualEvents);
        }
        Err(error) => {
            warn!(
                outcome = error.outcome.name(),
                "the {} cannot be listed: {error}. {}",
                kind.plural(),
                error.remedy()
            );
            desired.overlooked = Some(error);
        }
    }
}

/// Without a certificate no meeting can be subscribed to; the subscriptions that exist stay.
async fn add_meetings(dependencies: &Dependencies, desired: &mut DesiredState) {
    match certificate(dependencies).await {
        Ok(certificate) => {
            desired.encryption = Some(Encryption::with(&certificate));
            desired.resources.extend(dependencies.watch.meetings.iter().map(|meeting| {
                let WatchedMeeting { organizer, join_web_url } = meeting.clone();
                WatchedResource::MeetingCalls { organizer_id: organizer, join_web_url }
            }));
        }
        Err(error) => {
            warn!(
                outcome = error.outcome.name(),
                "no meeting can be listened to: {error}. {}",
                error.remedy()
            );
            desired.overlooked = Some(error);
        }
    }
}

/// The certificate that notifications are encrypted with from now on.
async fn certificate(dependencies: &Dependencies) -> Result<PemBundle, GraphError> {
    let useless = |why: String| GraphError::new(Outcome::NotDecryptable).because(why);
    let none = || useless("the secret of the certificate has no value".to_owned());
    let id = dependencies.notification_key_secret_id.as_deref().ok_or_else(none)?;
    let secret = dependencies.secrets.get(id, Stage::Current).await;
    let secret = secret.map_err(|error| unreadable_secret(&error, Outcome::NotDecryptable))?;
    PemBundle::read(&secret.ok_or_else(none)?).map_err(|why| useless(why.to_string()))
}

/// Whether an event may still have reports: it is not canceled, and its end is not long past.
fn is_live(event: &VirtualEvent, now: Timestamp) -> bool {
    let canceled = event.status.as_deref() == Some("canceled");
    let end = event.end_date_time.as_ref().and_then(GraphDateTime::timestamp);
    !canceled && end.is_none_or(|end| now < end + AFTER_THE_END)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_live_until_a_week_after_its_end() {
        let event = |status: &str, end: &str| {
            let json = format!(r#"{{"id":"w","status":"{status}","endDateTime":{end}}}"#);
            serde_json::from_str::<VirtualEvent>(&json).unwrap()
        };
        let now = "2026-03-08T10:00:00Z".parse().unwrap();
        assert!(is_live(&event("published", "\"2026-03-01T10:00:01Z\""), now));
        assert!(!is_live(&event("published", "\"2026-03-01T10:00:00Z\""), now));
        assert!(!is_live(&event("canceled", "\"2026-04-01T10:00:00Z\""), now));
        let pacific = r#"{"dateTime":"2020-01-01T00:00:00","timeZone":"Pacific Standard Time"}"#;
        assert!(is_live(&event("published", pacific), now), "a time that cannot be read is no end");
        assert!(is_live(&event("draft", "null"), now));
    }
}
