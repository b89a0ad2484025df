//! What Graph says of a meeting, webinar, town hall or session, and who registered for it: asked for where a report of it
//! comes, once a week at most. No report waits for it.

use jiff::{SignedDuration, Timestamp};

use super::artifacts::{ArtifactSender, SendArtifactError};
use crate::archive::layout::{self, ArtifactPlace};
use crate::digest::sha256_hex;
use crate::graph::{GraphVersion, KnownMeeting};
use crate::jobs::{FetchJob, FetchTarget, Job};
use crate::model::{ArtifactRef, EventRef, RegistrationsRef, ReportSource, VirtualEventKind, parse_time};
use crate::ports::queue::{OutgoingMessage, Queue};
use crate::ports::store::{Condition, Metadata, NewObject, PutResult, StoreError};

/// So long after it was asked for, Graph is asked again what it says of a source.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The metadata with the time at which it was asked for.
const ASKED_AT: &str = "asked-at";

impl ArtifactSender<'_> {
    /// Sends a meeting that Graph gave, where the archive does not have it, or has another answer.
    ///
    /// # Errors
    /// The archive gave no answer, or it was not sent.
    pub async fn keep_meeting(
        &self,
        job: &FetchJob,
        meeting: &KnownMeeting,
    ) -> Result<(), SendArtifactError> {
        let KnownMeeting { source, sent } = meeting;
        let event = EventRef::Source(source.clone());
        let kept = self.store.head(ArtifactPlace::of_event(self.tenant_id, &event).current()).await?;
        let sha256 = sha256_hex(sent.body.trim().as_bytes());
        if kept.is_some_and(|kept| kept.metadata.get("sha256") == Some(&sha256)) {
            return Ok(());
        }
        self.send(job, ArtifactRef::Event(event), sent.clone(), None).await
    }

    /// Has Graph asked what it says of `source`, and who registered for it, unless it was asked within a week. The jobs go
    /// to `fetch_queue`; `job` is that of the report, or of the run, that shows the source to be there.
    ///
    /// # Errors
    /// The archive gave no answer, or the jobs were not sent.
    pub async fn ask_for_events(
        &self,
        fetch_queue: &dyn Queue,
        job: &FetchJob,
        source: &ReportSource,
    ) -> Result<(), SendArtifactError> {
        let (key, now) = (layout::asked_for_event(&source.path()), self.clock.now());
        let asked = self.store.head(&key).await?;
        if asked.is_some_and(|asked| is_recent(&asked.metadata, now)) {
            return Ok(());
        }
        let jobs = targets(source, self.api).into_iter().map(|target| job.next(target));
        fetch_queue.send(jobs.map(|job| OutgoingMessage::new(job.to_message())).collect()).await?;
        // Noted when they are sent: what stops in between asks twice.
        let metadata = Metadata::from([(ASKED_AT.to_owned(), now.to_string())]);
        let note = NewObject::new(String::new(), "application/json", metadata);
        match self.store.put(&key, note, Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }

    /// Notes in `staging/` that `what` is told now, and answers whether it is the first time since the last such note expired.
    ///
    /// # Errors
    /// The archive gave no answer.
    pub async fn mark_told(&self, what: &str) -> Result<bool, StoreError> {
        let note = NewObject::new(String::new(), "application/json", Metadata::default());
        Ok(self.store.put(&layout::told(what), note, Condition::IfAbsent).await? == PutResult::Stored)
    }
}

fn is_recent(asked: &Metadata, now: Timestamp) -> bool {
    let asked_at = asked.get(ASKED_AT).and_then(|time| parse_time(time));
    asked_at.is_some_and(|asked_at| now.duration_since(asked_at) < ASKED_AGAIN_AFTER)
}

/// What Graph is asked for of a source. Registrations for town halls are in beta only.
fn targets(source: &ReportSource, api: GraphVersion) -> Vec<FetchTarget> {
    let has_registrations =
        |kind: &VirtualEventKind| *kind == VirtualEventKind::Webinar || api == GraphVersion::Beta;
    let registrations =
        source.virtual_event().filter(|(kind, _)| has_registrations(kind)).map(|(kind, id)| {
            let of = RegistrationsRef { kind, event_id: id.to_owned(), registration_id: None };
            FetchTarget::Registrations(of)
        });
    EventRef::of_source(source).into_iter().map(FetchTarget::Event).chain(registrations).collect()
}
