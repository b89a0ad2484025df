//! An archive with three people in it, one of whom is to be erased: reports, revisions, lines, events, registrations, a call.

use archive::archive;
use jiff::{SignedDuration, Timestamp};
use shared::archive::erasure::Tombstones;
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, Cause};
use shared::model::{ArtifactRef, CallRecordRef, EventRef, RegistrationsRef, ReportSource, VirtualEventKind};
use shared::ports::store::{Condition, NewObject, ObjectStore, PutResult};

pub(super) const KEY: &str = "a key for tombstones alone";
pub(super) const TENANT: &str = "f9448ec4-804b-46af-b810-62085248da33";
/// The seconds of each attendee in the richer of two answers.
pub(super) const RICHER: u32 = 3_000;
pub(super) const TELEPHONE: &str = "+31201232714";
const EVENT: &str = "w-1@t-1";
const POORER: u32 = 60;

/// Somebody of the archive.
pub(super) struct Somebody {
    pub(super) id: &'static str,
    pub(super) address: &'static str,
    pub(super) name: &'static str,
    registration: &'static str,
}

pub(super) const AIKO: Somebody = Somebody {
    id: "0a11ce00-0000-4000-8000-00000000f00d",
    address: "aiko.tanaka@contoso.com",
    name: "Aiko Tanaka",
    registration: "7e91573a-0000-4000-8000-00000000f00d",
};
pub(super) const KWAME: Somebody = Somebody {
    id: "0b0b0b0b-0000-4000-8000-00000000beef",
    address: "kwame@contoso.com",
    name: "Kwame \\ud83d",
    registration: "7e91573a-0000-4000-8000-00000000beef",
};
const NOOR: Somebody = Somebody {
    id: "0c0c0c0c-0000-4000-8000-00000000cafe",
    address: "noor@fabrikam.com",
    name: "Noor </td>",
    registration: "7e91573a-0000-4000-8000-00000000cafe",
};

impl Somebody {
    pub(super) fn record(&self, seconds: u32) -> String {
        let Self { id, address, name, registration } = self;
        format!(
            r#"{{"id":"{id}", "emailAddress":"{address}","identity":{{"id":"{id}","displayName":"{name}"}},"registrationId":"{registration}","totalAttendanceInSeconds":{seconds},"n":1.50}}"#
        )
    }

    fn registered(&self) -> String {
        let Self { id, address, registration, name } = self;
        format!(
            r#"{{"id":"{registration}","email":"{address}","firstName":"{name}","userId":"{id}","status":"registered"}}"#
        )
    }

    fn invited(&self) -> String {
        let Self { id, address, name, .. } = self;
        format!(
            r#"{{"upn":"{address}","identity":{{"user":{{"id":"{id}","displayName":"{name}"}}}},"role":"attendee"}}"#
        )
    }

    /// By what the person would be found, in small letters.
    pub(super) fn texts(&self) -> [String; 3] {
        [self.id, self.address, self.name].map(str::to_lowercase)
    }

    /// A text with a marker in the place of all that is about the person.
    pub(super) fn replaced(&self, text: &str, marker: &str) -> String {
        let mut text = text.to_owned();
        for seconds in [POORER, RICHER] {
            text = text.replace(&self.record(seconds), marker);
        }
        text.replace(&self.registered(), marker).replace(&self.invited(), marker)
    }
}

/// A report in which each of three is for so many seconds, and then somebody who has nothing but a name.
pub(super) fn report(id: &str, seconds: u32) -> String {
    let records = [AIKO, KWAME, NOOR].map(|one| one.record(seconds));
    let records = [records.as_slice(), &[of_name_alone("A guest")]].concat();
    of_records(id, &records)
}

/// A record of somebody of whom there is no more than a name.
pub(super) fn of_name_alone(name: &str) -> String {
    format!(r#"{{"id":"","identity":{{"displayName":"{name}"}},"totalAttendanceInSeconds":60}}"#)
}

pub(super) fn of_records(id: &str, records: &[String]) -> String {
    format!(
        r#"{{"id":"{id}","totalParticipantCount":{},"meetingStartDateTime":"2026-03-01T10:00:00Z","meetingEndDateTime":"2026-03-01T11:00:00Z", "attendanceRecords":[{}]}}"#,
        records.len(),
        records.join(" , ")
    )
}

/// A report of two telephones, of which the first is twice in it, and of somebody without anything but a role.
pub(super) fn report_of_telephones(id: &str) -> String {
    let telephone = |number: &str, seconds: u32| {
        format!(
            r#"{{"id":"","identity":{{"id":"{number}","displayName":"{number}"}},"totalAttendanceInSeconds":{seconds}}}"#
        )
    };
    let nobody = r#"{"id":"","identity":null,"role":"Attendee","totalAttendanceInSeconds":7}"#.to_owned();
    let records = [telephone(TELEPHONE, 60), telephone(TELEPHONE, 90), telephone("+4930123456", 60), nobody];
    of_records(id, &records)
}

/// A job for an artifact, and whether its body is the current version in the end.
pub(super) struct Job {
    pub(super) job: ArchiveJob,
    pub(super) is_current: bool,
}

/// Gives a job another answer.
pub(super) fn set_body(job: &mut ArchiveJob, body: &str) {
    (job.size_bytes, job.sha256) = (body.len(), sha256_hex(body.as_bytes()));
    job.body = Some(serde_json::from_str(body).unwrap());
}

pub(super) fn job(
    artifact: ArtifactRef,
    (body, records): (&str, usize),
    second: i64,
    is_current: bool,
) -> Job {
    let first_seen: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut job = ArchiveJob {
        hops: 0,
        tenant_id: TENANT.into(),
        artifact,
        cause: Cause::Pull,
        first_seen,
        session: None,
        fetched_at: first_seen + SignedDuration::from_secs(second),
        graph_request_id: None,
        api: "v1.0".into(),
        pages: 1,
        records,
        resolution: None,
        size_bytes: 0,
        sha256: String::new(),
        body: None,
    };
    set_body(&mut job, body);
    Job { job, is_current }
}

/// All that is archived, in the order in which it comes: of what has two versions the poorer one first.
pub(super) fn jobs() -> Vec<Job> {
    let webinar = ReportSource::Webinar { webinar_id: EVENT.into(), session_id: "s-1".into() };
    let meeting = ReportSource::Meeting { organizer_id: KWAME.id.into(), meeting_id: "m-1".into() };
    let of_webinar = |id: &str| ArtifactRef::Report(webinar.report(id));
    let registrations = |registration_id: Option<String>| {
        let (kind, event_id) = (VirtualEventKind::Webinar, EVENT.to_owned());
        ArtifactRef::Registrations(RegistrationsRef { kind, event_id, registration_id })
    };
    let list = format!(r#"{{"value":[ {}, {}]}}"#, AIKO.registered(), NOOR.registered());
    let others = of_records("r-2", &[KWAME.record(POORER), NOOR.record(POORER), of_name_alone("A guest")]);
    let event = |people: &[&Somebody]| {
        let invited: Vec<String> = people.iter().map(|one| one.invited()).collect();
        format!(
            r#"{{"id":"m-1","subject":"Plan","participants":{{"organizer":{},"attendees":[{}]}}}}"#,
            KWAME.invited(),
            invited.join(",")
        )
    };
    let call = format!(
        r#"{{"id":"c-1","startDateTime":"2026-03-01T10:00:00Z","participants_v2":[{},{}]}}"#,
        AIKO.invited(),
        KWAME.invited()
    );
    let of_meeting = ArtifactRef::Event(EventRef::Source(meeting.clone()));
    vec![
        job(of_webinar("r-1"), (&report("r-1", RICHER), 4), 60, true),
        job(of_webinar("r-1"), (&report("r-1", POORER), 4), 0, false),
        job(ArtifactRef::Report(meeting.report("r-2")), (&others, 3), 0, true),
        job(of_webinar("r-3"), (&report("r-3", POORER), 4), 0, false),
        job(of_webinar("r-3"), (&report("r-3", RICHER), 4), 60, true),
        job(registrations(None), (&list, 2), 0, true),
        job(registrations(Some(AIKO.registration.into())), (&AIKO.registered(), 1), 0, true),
        job(of_meeting.clone(), (&event(&[&AIKO, &NOOR]), 0), 0, false),
        job(of_meeting, (&event(&[&NOOR]), 0), 60, true),
        job(ArtifactRef::CallRecord(CallRecordRef { id: "c-1".into() }), (&call, 0), 0, true),
    ]
}

/// Writes all of it, as `archive` does, and what waits in `staging/`.
pub(super) async fn fill(store: &dyn ObjectStore) {
    fill_with(store, jobs()).await;
}

/// Writes some of it: a report and an event with two versions each, a list, and what waits in `staging/`.
pub(super) async fn fill_some(store: &dyn ObjectStore) {
    let is_some = |number: usize| (3..6).contains(&number) || (7..9).contains(&number);
    let some = jobs().into_iter().enumerate().filter(|(number, _)| is_some(*number));
    fill_with(store, some.map(|(_, job)| job).collect()).await;
}

async fn fill_with(store: &dyn ObjectStore, jobs: Vec<Job>) {
    for Job { job, .. } in jobs {
        archive(store, &Tombstones::default(), &job).await.unwrap();
    }
    let with = report("r-9", POORER);
    let page = format!(r#"{{"value":[{}]}}"#, AIKO.record(POORER));
    for (key, text) in [
        (layout::staging(&sha256_hex(with.as_bytes())), with),
        (layout::staged_page("p", "m", 1, 1), page),
        (layout::staged_page("p", "m", 1, 2), format!(r#"{{"value":[{}]}}"#, NOOR.record(POORER))),
        (layout::told("nobody"), "{}".to_owned()),
    ] {
        let object = NewObject::new(text, "application/json", Default::default());
        assert_eq!(store.put(&key, object, Condition::Always).await.unwrap(), PutResult::Stored);
    }
}
