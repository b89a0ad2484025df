//! What Graph says of a meeting, webinar, town hall or session, and who registered for it: asked for where a report of it
//! comes, once a week at most. No report waits for it.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use super::artifacts::{ArtifactSender, SendArtifactError};
use crate::archive::layout::{self, ArtifactPlace};
use crate::digest::sha256_hex;
use crate::graph::{GraphVersion, KnownMeeting};
use crate::jobs::{FetchJob, FetchTarget, Job};
use crate::model::{
    ArtifactRef, EventDescription, EventRef, RegistrationsRef, ReportSource, VirtualEventKind, parse_time,
};
use crate::ports::queue::{OutgoingMessage, Queue};
use crate::ports::store::{Condition, Metadata, NewObject, PutResult, StoreError};

/// So long after it was asked for, Graph is asked again what it says of a source.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most time that a step waits for what is kept beside the reports.
const MOST_TIME: Duration = Duration::from_secs(15);
/// The metadata with the time at which it was asked for.
const ASKED_AT: &str = "asked-at";

impl ArtifactSender<'_> {
    /// Sends a meeting that Graph gave, where the archive does not have it, or has another answer. No report waits for it:
    /// a failure is logged, and the next session, or the next run, finds the meeting again.
    pub async fn keep_meeting(&self, job: &FetchJob, meeting: &KnownMeeting) {
        let sent = async {
            if let Err(error) = self.send_meeting(job, meeting).await {
                warn!("what Graph said of a meeting is not kept this time: {error}");
            }
        };
        self.not_for_long(sent).await;
    }

    /// Waits for what no report depends on, but not for long: a step that is cut off for it would send its own jobs again.
    async fn not_for_long(&self, beside: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            () = beside => {}
            () = self.clock.sleep(MOST_TIME) => warn!("a meeting or event is not kept this time: that takes too long"),
        }
    }

    async fn send_meeting(&self, job: &FetchJob, meeting: &KnownMeeting) -> Result<(), SendArtifactError> {
        let KnownMeeting { source, sent } = meeting;
        EventDescription::read(&sent.body).map_err(|_| SendArtifactError::Unreadable)?;
        let event = EventRef::Source(source.clone());
        let kept = self.store.head(ArtifactPlace::of_event(self.tenant_id, &event).current()).await?;
        let sha256 = sha256_hex(sent.body.trim().as_bytes());
        if kept.is_some_and(|kept| kept.metadata.get("sha256") == Some(&sha256)) {
            return Ok(());
        }
        self.send(job, ArtifactRef::Event(event), sent.clone(), None).await
    }

    /// Has Graph asked what it says of `source`, and who registered for it, unless it was asked within a week. The jobs go
    /// to `fetch_queue`; `job` is that of the report, or of the run, that shows the source to be there. No report waits
    /// for it: a failure is logged, and the next report, or the next run, asks.
    pub async fn ask_for_events(&self, fetch_queue: &dyn Queue, job: &FetchJob, source: &ReportSource) {
        let asked =
            EventRef::of_source(source).into_iter().map(|event| self.ask_for_event(fetch_queue, job, event));
        let asked = async {
            for error in join_all(asked).await.into_iter().filter_map(Result::err) {
                warn!("Graph is not asked this time what it says of an event: {error}");
            }
        };
        self.not_for_long(asked).await;
    }

    async fn ask_for_event(
        &self,
        fetch_queue: &dyn Queue,
        job: &FetchJob,
        event: EventRef,
    ) -> Result<(), SendArtifactError> {
        let (key, now) = (layout::asked_for_event(&event.path()), self.clock.now());
        let asked = self.store.head(&key).await?;
        if asked.is_some_and(|asked| is_recent(&asked.metadata, now)) {
            return Ok(());
        }
        let registrations = registrations_for(&event, self.api).map(FetchTarget::Registrations);
        let jobs =
            [FetchTarget::Event(event)].into_iter().chain(registrations).map(|target| job.next(target));
        fetch_queue.send(jobs.map(|job| OutgoingMessage::new(job.to_message())).collect()).await?;
        // Noted when they are sent: what stops in between asks twice.
        let metadata = Metadata::from([(ASKED_AT.to_owned(), now.to_string())]);
        let note = NewObject::new(String::new(), "application/json", metadata);
        match self.store.put(&key, note, Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }

    /// Whether somebody was told of `what` since the last such note expired.
    ///
    /// # Errors
    /// The archive gave no answer.
    pub async fn is_told(&self, what: &str) -> Result<bool, StoreError> {
        Ok(self.store.head(&layout::told(what)).await?.is_some())
    }

    /// Notes in `staging/` that somebody was told of `what`.
    ///
    /// # Errors
    /// The archive gave no answer.
    pub async fn mark_told(&self, what: &str) -> Result<(), StoreError> {
        let note = NewObject::new(String::new(), "application/json", Metadata::default());
        match self.store.put(&layout::told(what), note, Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }
}

fn is_recent(asked: &Metadata, now: Timestamp) -> bool {
    let asked_at = asked.get(ASKED_AT).and_then(|time| parse_time(time));
    asked_at.is_some_and(|asked_at| now.duration_since(asked_at) < ASKED_AGAIN_AFTER)
}

/// The registrations for an event, where Graph has any: for town halls in beta only.
fn registrations_for(event: &EventRef, api: GraphVersion) -> Option<RegistrationsRef> {
    match event {
        EventRef::VirtualEvent { kind, event_id }
            if *kind == VirtualEventKind::Webinar || api == GraphVersion::Beta =>
        {
            Some(RegistrationsRef { kind: *kind, event_id: event_id.clone(), registration_id: None })
        }
        EventRef::VirtualEvent { .. } | EventRef::Source(_) => None,
    }
}
