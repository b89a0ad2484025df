//! The jobs that the functions send to each other through queues.
//!
//! A job is the meaning of a message. Jobs are contracts with messages in flight: they carry a
//! version, and a change to their JSON (the snapshots below) needs a sentence on what happens to
//! the messages that are in flight while it is deployed.

mod archive;
mod backfill;
mod encrypted;
mod fetch;
mod subscriptions;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use archive::{ArchiveJob, Resolution};
pub use backfill::{
    BackfillUnit, CallSession, LedgerSchedule, LedgerTotals, LedgerWalk, MAX_UNIT_HOPS, Purpose, Run, Scope,
    UnitId,
};
pub use encrypted::{EncryptedContent, EncryptedNotification};
pub use fetch::{Cause, FetchJob, FetchTarget, MAX_STEP_HOPS, REPORT_AWAITED_FOR};
pub use subscriptions::{LifecycleEvent, SubscriptionsJob};

use crate::ports::queue::escape_for_sqs;

/// The version of the jobs that this build writes. It grows with what an older build would not read.
const VERSION: u8 = 3;
/// The oldest version that this build reads.
const OLDEST_VERSION: u8 = 1;

/// A job that is sent as a message, as JSON with a version.
pub trait Job: Serialize + DeserializeOwned {
    /// The kind of job, for log lines (`job.kind`).
    fn kind(&self) -> &'static str;

    /// What the job is about: the same text however often it is sent. It holds ids and addresses, so log
    /// lines show only its hash (`job.target`).
    fn target(&self) -> String;

    /// The ids of the run and the unit that the job belongs to; `None` for a job of no run. A unit's may hold the id
    /// of a user, so log lines show its first name and a hash (`unit.id`).
    fn run_and_unit(&self) -> Option<(&str, &str)> {
        None
    }

    /// Since when (UTC) the job is late in its queue, where its message was sent at `sent_at`: before that time it
    /// waits by rights. `was_put_off`: the message was received before.
    fn due_at(&self, sent_at: Timestamp, _was_put_off: bool) -> Timestamp {
        sent_at
    }

    /// The body of the message that carries this job: JSON without a character that SQS refuses.
    fn to_message(&self) -> String {
        #[derive(Serialize)]
        struct Versioned<'a, J> {
            version: u8,
            job: &'a J,
        }
        #[expect(
            clippy::expect_used,
            reason = "jobs hold strings, numbers and raw JSON: nothing that can fail"
        )]
        let json = serde_json::to_string(&Versioned { version: VERSION, job: self }).expect("a job is JSON");
        escape_for_sqs(json)
    }

    /// The job that a message's body carries.
    ///
    /// # Errors
    /// The body is no job, or one of a version that this build does not read, or not yet.
    fn from_message(body: &str) -> Result<Self, JobError> {
        #[derive(Deserialize)]
        struct Versioned<'a> {
            version: u8,
            #[serde(borrow)]
            job: &'a RawValue,
        }
        let versioned: Versioned<'_> = serde_json::from_str(body).map_err(|_| JobError::NotAJob)?;
        match versioned.version {
            OLDEST_VERSION..=VERSION => {
                serde_json::from_str(versioned.job.get()).map_err(|_| JobError::NotAJob)
            }
            older if older < OLDEST_VERSION => Err(JobError::Older(older)),
            newer => Err(JobError::Newer(newer)),
        }
    }
}

/// A message that carries no job. It never quotes the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The body is not the JSON of a job of this kind.
    #[error("the message carries no job")]
    NotAJob,
    /// The job is from a version of Rollcall that is too old: the number is the job's version.
    #[error("the message's job has version {0}, and this build reads {OLDEST_VERSION} to {VERSION}")]
    Older(u8),
    /// The job is from a newer build, before which this one was deployed again: the number is the job's version.
    #[error(
        "the message's job has version {0}, and this build reads {OLDEST_VERSION} to {VERSION}: deploy the newer one"
    )]
    Newer(u8),
}

/// Whether a job follows from no other of its kind; for serde, which passes a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(hops: &u32) -> bool {
    *hops == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256_hex;
    use crate::model::{
        ArtifactRef, CallRecordRef, EventRef, NamedMeeting, RegistrationsRef, ReportSource, SessionTimes,
        VirtualEventKind, WatchedResource,
    };

    fn fetch_job(target: FetchTarget) -> FetchJob {
        FetchJob::new(target, Cause::Notification, "2026-03-01T10:00:00Z".parse().unwrap())
    }

    fn meeting() -> ReportSource {
        ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m/1".into() }
    }

    fn encrypted() -> EncryptedNotification {
        let content =
            r#"{"data":"ZA==","dataKey":"aw==","dataSignature":"cw==","encryptionCertificateId":"e"}"#;
        EncryptedNotification {
            content: serde_json::from_str(content).unwrap(),
            validation_tokens: vec!["h.c.s".into()],
        }
    }

    fn registrations(registration_id: Option<&str>) -> RegistrationsRef {
        let registration_id = registration_id.map(str::to_owned);
        RegistrationsRef { kind: VirtualEventKind::Webinar, event_id: "w@t".into(), registration_id }
    }

    #[test]
    fn the_targets_of_a_fetch_job_are_written_like_this() {
        let kind = VirtualEventKind::Webinar;
        let session = SessionTimes {
            start: "2026-03-01T09:00:00.1234567Z".parse().unwrap(),
            end: "2026-03-01T09:30:00Z".parse().unwrap(),
        };
        let webinar = ReportSource::Webinar { webinar_id: "w@t".into(), session_id: "s".into() };
        let townhall = ReportSource::Townhall { townhall_id: "h".into(), session_id: "s".into() };
        let jobs = [
            fetch_job(FetchTarget::CallRecord { id: "c".into() }),
            fetch_job(FetchTarget::EncryptedNotification(encrypted())),
            fetch_job(FetchTarget::JoinWebUrl { organizer_id: "o".into(), join_web_url: "https://x".into() }),
            FetchJob { session: Some(session), ..fetch_job(FetchTarget::Source(meeting())) },
            fetch_job(FetchTarget::Source(webinar)),
            fetch_job(FetchTarget::Source(meeting())).next(FetchTarget::Report(townhall.report("r"))),
            fetch_job(FetchTarget::Event(EventRef::Source(meeting()))),
            fetch_job(FetchTarget::Event(EventRef::VirtualEvent { kind, event_id: "w@t".into() })),
            fetch_job(FetchTarget::Registrations(registrations(None))),
            fetch_job(FetchTarget::Registrations(registrations(Some("g")))),
            fetch_job(FetchTarget::LegacyReport(meeting())),
        ];
        let written: Vec<String> = jobs.iter().map(Job::to_message).collect();
        insta::assert_snapshot!(written.join("\n"));
        for (job, message) in jobs.iter().zip(&written) {
            assert_eq!(FetchJob::from_message(message).as_ref(), Ok(job));
        }
    }

    fn archive_job(body: &str) -> ArchiveJob {
        ArchiveJob {
            tenant_id: "t".into(),
            artifact: ArtifactRef::Report(meeting().report("r")),
            cause: Cause::Pull,
            first_seen: "2026-03-01T10:00:00Z".parse().unwrap(),
            session: None,
            fetched_at: "2026-03-01T10:00:01Z".parse().unwrap(),
            graph_request_id: Some("q".into()),
            api: "v1.0".into(),
            pages: 1,
            records: 2,
            resolution: None,
            size_bytes: body.len(),
            sha256: sha256_hex(body.as_bytes()),
            body: Some(serde_json::from_str(body).unwrap()),
            hops: 0,
        }
    }

    #[test]
    fn an_archive_job_carries_the_report_byte_for_byte() {
        let body =
            r#"{"id" : "r",  "n":1.50, "big":123456789012345678901234567890, "e":"\u00e9\/", "x":null}"#;
        let message = archive_job(body).to_message();
        insta::assert_snapshot!(message);
        let read = ArchiveJob::from_message(&message).unwrap();
        assert_eq!(read.body.unwrap().get(), body);
    }

    #[test]
    fn a_report_that_waits_in_staging_is_not_in_the_message() {
        let job = ArchiveJob { body: None, ..archive_job("{}") };
        assert!(!job.to_message().contains("body"));
        assert!(ArchiveJob::from_message(&job.to_message()).unwrap().body.is_none());
    }

    #[test]
    fn a_call_record_travels_with_what_it_led_to() {
        let resolution = Resolution { outcome: "ok".into(), source: Some(meeting().path()) };
        let job = ArchiveJob {
            artifact: ArtifactRef::CallRecord(CallRecordRef { id: "c".into() }),
            records: 0,
            resolution: Some(resolution.clone()),
            ..archive_job(r#"{"id":"c","version":2}"#)
        };
        insta::assert_snapshot!(job.to_message());
        let read = ArchiveJob::from_message(&job.to_message()).unwrap();
        assert_eq!((read.artifact, read.resolution), (job.artifact, Some(resolution)));
    }

    #[test]
    fn what_lies_beside_the_reports_travels_by_its_name() {
        let job =
            |artifact| ArchiveJob { artifact, records: 0, body: None, ..archive_job("{}") }.to_message();
        let written = [
            job(ArtifactRef::Event(EventRef::Source(meeting()))),
            job(ArtifactRef::Registrations(registrations(Some("g")))),
            job(ArtifactRef::LegacyReport(meeting())),
        ];
        insta::assert_snapshot!(written.join("\n"));
    }

    fn meeting_calls() -> WatchedResource {
        WatchedResource::MeetingCalls { organizer_id: "o".into(), join_web_url: "https://x".into() }
    }

    #[test]
    fn the_jobs_of_subscriptions_and_the_gaps_for_backfill_are_written_like_this() {
        let kind = VirtualEventKind::Townhall;
        let resource = WatchedResource::Reports { kind, event_id: "h@t".into() };
        let (since, until) =
            ("2026-03-01T10:00:00Z".parse().unwrap(), "2026-03-02T10:00:00Z".parse().unwrap());
        let lifecycle =
            |event| SubscriptionsJob::Lifecycle { subscription_id: "s".into(), event }.to_message();
        let written = [
            lifecycle(LifecycleEvent::ReauthorizationRequired),
            lifecycle(LifecycleEvent::SubscriptionRemoved),
            lifecycle(LifecycleEvent::Missed),
            SubscriptionsJob::EventCreated { kind, event_id: "h@t".into() }.to_message(),
            BackfillUnit::Gap { resource, since, until }.to_message(),
            BackfillUnit::Gap { resource: WatchedResource::CallRecords, since, until }.to_message(),
            BackfillUnit::Gap { resource: meeting_calls(), since, until }.to_message(),
        ];
        insta::assert_snapshot!(written.join("\n"));
    }

    #[test]
    fn the_units_of_a_run_are_written_like_this() {
        let run = Run {
            id: "run-1".into(),
            purpose: Purpose::Backfill,
            since: "2026-02-01T00:00:00Z".parse().unwrap(),
            until: "2026-03-01T00:00:00Z".parse().unwrap(),
            refresh: false,
            began: "2026-03-01T10:00:00Z".parse().unwrap(),
            schedule: None,
            is_bulk: false,
        };
        let next_link = || Some("https://graph.microsoft.com/v1.0/users?$skiptoken=x".to_owned());
        let meeting = NamedMeeting { organizer_id: "o".into(), meeting: "m".into() };
        let times = SessionTimes { start: run.since, end: run.until };
        let source = Some("users/o/onlineMeetings/m".to_owned());
        let session = CallSession { call_record_id: "c".into(), times, meeting: None, source };
        let scopes = [
            Scope::Users { group_id: Some("g".into()), next_link: next_link() },
            Scope::Calendar { organizer_id: "o".into(), next_link: None },
            Scope::Calendars { organizer_ids: vec!["o".into()] },
            Scope::Events { kind: VirtualEventKind::Webinar, organizer_id: None, next_link: None },
            Scope::CallRecords { since: run.since, until: run.until, organizer_ids: vec![], next_link: None },
            Scope::Meetings { meetings: vec![meeting] },
            Scope::Event { kind: VirtualEventKind::Townhall, event_id: "h@t".into(), status: None },
            Scope::Sessions { since: run.since, until: run.until, organizer_ids: vec![], after: None },
            Scope::SessionsWithoutReport { sessions: vec![session], organizer_ids: vec!["o".into()] },
            Scope::ArchivedReports {
                kind: Some(VirtualEventKind::Webinar),
                since: run.since,
                organizer_ids: vec![],
                after: None,
            },
        ];
        let part = |scope| BackfillUnit::Scan { run: run.clone(), id: UnitId::new("unit"), scope, hops: 0 };
        let mut units: Vec<BackfillUnit> = scopes.into_iter().map(part).collect();
        let walk = LedgerWalk { units: vec![UnitId::new("root")], ..LedgerWalk::default() };
        units.push(BackfillUnit::Ledger { run, walk });
        let written: Vec<String> = units.iter().map(Job::to_message).collect();
        insta::assert_snapshot!(written.join("\n"));
        for (unit, message) in units.iter().zip(&written) {
            assert_eq!(BackfillUnit::from_message(message).as_ref(), Ok(unit));
        }
    }

    #[test]
    fn a_character_that_sqs_refuses_travels_escaped() {
        let job = fetch_job(FetchTarget::CallRecord { id: "a\u{FFFE}\u{FFFF}\u{0}b".into() });
        let message = job.to_message();
        assert!(!message.contains(['\u{FFFE}', '\u{FFFF}', '\0']));
        assert_eq!(FetchJob::from_message(&message), Ok(job));
    }

    #[test]
    fn anything_else_is_no_job() {
        for body in ["", "{", "null", "[]", "{}", r#"{"version":1}"#, r#"{"version":1,"job":{}}"#] {
            assert_eq!(FetchJob::from_message(body), Err(JobError::NotAJob), "{body}");
        }
        assert_eq!(FetchJob::from_message(r#"{"version":0,"job":{}}"#), Err(JobError::Older(0)));
        assert_eq!(FetchJob::from_message(r#"{"version":4,"job":{}}"#), Err(JobError::Newer(4)));
    }
}
