//! The key of each object in the archive, and the form of its metadata values.
//!
//! A key is made of ids that came from outside, so each is checked: what is not plain becomes a
//! hash, and no input can leave its prefix. The true ids are in the object's metadata.

use jiff::Timestamp;
use jiff::civil::Date;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::digest::sha256_hex;
use crate::model::{
    EventRef, MeetingAttendanceReport, RegistrationsRef, ReportRef, ReportSource, comparable_id,
    hashed_segment, key_segment,
};

/// The keys of one artifact: its current version, every other version, and the lines made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactPlace {
    current: String,
    revisions: String,
    lines: Option<String>,
}

impl ArtifactPlace {
    /// The keys of `report`, whose session's times are those in `facts`: below `reports/`, `revisions/` and
    /// `records/`, each followed by `v1/tenant=…/kind=…/date=…/{report id}`.
    ///
    /// The date is the UTC day of the start, else of the end; `None` where Graph gave neither.
    pub fn of_report(
        tenant_id: &str,
        report: &ReportRef,
        facts: &MeetingAttendanceReport<'_>,
    ) -> Option<Self> {
        let day = facts.start().or(facts.end())?;
        Some(Self::of_report_of_day(tenant_id, report, utc_day(day)))
    }

    /// The keys of the report that the deprecated path gave of `source` on `day`, without an id and times: those of a
    /// report of that day whose id is [`legacy_report_id`].
    pub fn of_legacy_report(tenant_id: &str, source: &ReportSource, day: Date) -> Self {
        Self::of_report_of_day(tenant_id, &source.report(legacy_report_id(source)), day)
    }

    fn of_report_of_day(tenant_id: &str, report: &ReportRef, day: Date) -> Self {
        let (kind, id) = (report.source.kind(), id_segment(&report.report_id));
        let path = format!("{}/date={day}/{id}", kind_prefix(tenant_id, kind));
        Self {
            current: format!("reports/{path}.json"),
            revisions: format!("revisions/{path}"),
            lines: Some(format!("records/{path}.jsonl")),
        }
    }

    /// The keys of the call record `id`, whose call began at `start`: below `sessions/` and
    /// `revisions/sessions/`, each followed by `v1/tenant=…/date={UTC day of the start}/{id}`. No lines are made
    /// of it.
    pub fn of_call_record(tenant_id: &str, id: &str, start: Timestamp) -> Self {
        let id = id_segment(id);
        let current = sessions_of_day(tenant_id, utc_day(start));
        Self {
            current: format!("{current}{id}.json"),
            revisions: format!("revisions/{current}{id}"),
            lines: None,
        }
    }

    /// The keys of what Graph says of a meeting, webinar, town hall or session: below `events/` and
    /// `revisions/events/`, each followed by `v1/tenant=…/kind=…/{id}`, that of a session by its event's and
    /// `/sessions/{id}`.
    pub fn of_event(tenant_id: &str, event: &EventRef) -> Self {
        let event_id = match event {
            EventRef::Source(source) => source.virtual_event().map(|(_, event_id)| event_id),
            EventRef::VirtualEvent { .. } => None,
        };
        Self::in_event("events", &kind_prefix(tenant_id, event.kind()), (event_id, "sessions/", event.id()))
    }

    /// The keys of who has registered for an event: below `registrations/` and `revisions/registrations/`, each followed
    /// by `v1/tenant=…/kind=…/{event id}` for the list of all, and by `/{registration id}` for one.
    pub fn of_registrations(tenant_id: &str, of: &RegistrationsRef) -> Self {
        let kind = kind_prefix(tenant_id, of.kind.name());
        match &of.registration_id {
            Some(id) => Self::in_event("registrations", &kind, (Some(&of.event_id), "", id)),
            None => Self::in_event("registrations", &kind, (None, "", &of.event_id)),
        }
    }

    /// The keys below `root` (`events`, `registrations`) and a `kind_prefix` of what has this `id`; of a session or a
    /// registration in the `folder` below the id of its event. All lines of a kind lie in one folder, as Athena reads them:
    /// there both ids stand in the name.
    fn in_event(root: &str, kind_prefix: &str, (event_id, folder, id): (Option<&str>, &str, &str)) -> Self {
        let (event, id) = (event_id.map(id_segment), id_segment(id));
        let (path, line) = match event {
            Some(event) => (format!("{event}/{folder}{id}"), format!("{event}~{id}")),
            None => (id.clone(), id),
        };
        Self {
            current: format!("{root}/{kind_prefix}/{path}.json"),
            revisions: format!("revisions/{root}/{kind_prefix}/{path}"),
            lines: Some(format!("lines/{root}/{kind_prefix}/{line}.jsonl")),
        }
    }

    /// The key of the current version: the JSON as Graph sent it.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The key of the JSON lines for SQL, one an attendee, event or registration; `None` for an artifact of which no lines are made.
    pub fn lines(&self) -> Option<&str> {
        self.lines.as_deref()
    }

    /// The key of another version of this artifact, by that version's SHA-256 in hex.
    pub fn revision(&self, sha256: &str) -> String {
        format!("{}/{sha256}.json", self.revisions)
    }
}

/// The day of `time` in UTC, as the keys have it.
pub fn utc_day(time: Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(time).date()
}

/// The beginning of the keys of the call records whose calls began on `day`.
pub fn sessions_of_day(tenant_id: &str, day: Date) -> String {
    format!("sessions/v1/tenant={}/date={day}/", key_segment(&tenant_id.to_lowercase()))
}

/// The beginning of the keys of the reports of a kind of source (`meeting`, `webinar`, `townhall`) whose sessions began
/// on `day`.
pub fn reports_of_day(tenant_id: &str, kind: &str, day: Date) -> String {
    format!("reports/{}/date={day}/", kind_prefix(tenant_id, kind))
}

/// The id under which the archive keeps the report that the deprecated path gives of `source`: Graph gives it none.
pub fn legacy_report_id(source: &ReportSource) -> String {
    format!("legacy-{}", &sha256_hex(source.path().as_bytes())[..32])
}

/// What the keys of one kind of source have behind `reports/`, `events/` and their like.
fn kind_prefix(tenant_id: &str, kind: &str) -> String {
    format!("v1/tenant={}/kind={kind}", key_segment(&tenant_id.to_lowercase()))
}

/// An id of Graph's as a segment of a key: the same however its letters are written, where it is a GUID.
fn id_segment(id: &str) -> String {
    key_segment(&comparable_id(id))
}

/// With what the keys of all objects begin, in the order of their bytes.
pub const PREFIXES: [&str; 12] = [
    "audits/",
    "erasures/",
    "events/",
    HOLDS,
    "lines/",
    "manifests/",
    "records/",
    "registrations/",
    "reports/",
    "revisions/",
    "sessions/",
    "staging/",
];

/// The beginning of the keys of all holds.
pub const HOLDS: &str = "holds/";

/// Where what Graph sent lies.
const AS_SENT: [&str; 5] = ["reports/", "sessions/", "events/", "registrations/", "revisions/"];

/// Whether the object at `key` is what Graph sent and may not be available again: such objects get the Object Lock.
pub fn is_kept_for_good(key: &str) -> bool {
    AS_SENT.iter().any(|prefix| key.starts_with(prefix))
}

/// The key of the claim check of a report that does not fit into a message, by its SHA-256 in hex.
pub fn staging(sha256: &str) -> String {
    format!("staging/reports/{sha256}.json")
}

/// The key of a page of a report (its path) that is kept until all its pages have come, in the `reading`-th reading
/// that the message with this id makes; both numbers count from 1.
pub fn staged_page(report: &str, message_id: &str, reading: usize, number: usize) -> String {
    format!("{}{number:04}.json", staged_pages(report, message_id, reading))
}

/// The beginning of the keys of all pages of one reading, which are in order.
pub fn staged_pages(report: &str, message_id: &str, reading: usize) -> String {
    let (report, message) = (sha256_hex(report.as_bytes()), key_segment(message_id));
    format!("staging/pages/{report}/{message}/{reading:04}/")
}

/// The key of the note when Graph was asked what it says of an event, session or meeting, by the path of that.
pub fn asked_for_event(path: &str) -> String {
    format!("staging/asked/{}", sha256_hex(path.as_bytes()))
}

/// The key of the note that somebody was told of `what`, until it expires.
pub fn told(what: &str) -> String {
    format!("staging/told/{}", key_segment(what))
}

/// The key of the ledger's part that one unit of a run writes, as JSON lines.
pub fn audit_part(run_id: &str, unit_id: &str) -> String {
    format!("staging/audits/{}/{}.jsonl", key_segment(run_id), key_segment(unit_id))
}

/// The key of the note that the units behind a part were sent.
pub fn audit_part_sent(run_id: &str, unit_id: &str) -> String {
    format!("staging/audits/{}/{}.sent", key_segment(run_id), key_segment(unit_id))
}

/// The key of one of the notes of what a day's archived reports tell, in one run.
pub fn audit_day(run_id: &str, day: Date, note: &str) -> String {
    format!("staging/audits/{}/reports.{day}.{}.json", key_segment(run_id), key_segment(note))
}

/// The key under which `what` is claimed, once, among the claims of `claims`: a run's id, or a name that all runs share.
pub fn claim(claims: &str, what: &str) -> String {
    format!("staging/claims/{}/{}", key_segment(claims), sha256_hex(what.as_bytes()))
}

/// The key of a run's ledger, in the folder of the UTC day of `day`. A long ledger has further objects before
/// it, whose `number` counts from 1; the one without a number has the summary.
pub fn ledger(tenant_id: &str, day: Timestamp, run_id: &str, number: Option<u32>) -> String {
    let date = utc_day(day);
    let tenant = key_segment(&tenant_id.to_lowercase());
    let number = number.map(|number| format!(".{number:04}")).unwrap_or_default();
    format!("audits/v1/tenant={tenant}/date={date}/{}{number}.jsonl", key_segment(run_id))
}

/// The key of the `number`-th object before the one with the summary, of the ledger whose summary is at `key`.
pub fn ledger_object(key: &str, number: u32) -> String {
    format!("{}.{number:04}.jsonl", key.strip_suffix(".jsonl").unwrap_or(key))
}

/// The key of the object that names the latest ledger of a schedule, by the schedule's name.
pub fn latest_ledger(tenant_id: &str, schedule: &str) -> String {
    let tenant = key_segment(&tenant_id.to_lowercase());
    format!("audits/v1/tenant={tenant}/latest/{}.json", key_segment(schedule))
}

/// The key of the record of an erasure: when it began, why, and what it is to change; by the erasure's id.
pub fn erasure(tenant_id: &str, erasure: &str) -> String {
    format!("{}{}.json", erasures(tenant_id), key_segment(erasure))
}

/// The beginning of the keys of all tombstones of a tenant.
pub fn tombstones(tenant_id: &str) -> String {
    format!("{}tombstones/", erasures(tenant_id))
}

/// The key of the tombstone of an erasure, by the erasure's id.
pub fn tombstone(tenant_id: &str, erasure: &str) -> String {
    format!("{}{}.json", tombstones(tenant_id), key_segment(erasure))
}

fn erasures(tenant_id: &str) -> String {
    format!("erasures/v1/tenant={}/", key_segment(&tenant_id.to_lowercase()))
}

/// The key of the record of a hold, by the hold's name: who is to be held, and since when.
pub fn hold(tenant_id: &str, name: &str) -> String {
    format!("{}.json", hold_folder(tenant_id, name))
}

/// The key of the `number`-th list of the objects that a hold holds; it counts from 1.
pub fn held_objects(tenant_id: &str, name: &str, number: usize) -> String {
    format!("{}/{number:06}.jsonl", hold_folder(tenant_id, name))
}

/// The key of the note that a hold was lifted, and when.
pub fn lifted(tenant_id: &str, name: &str) -> String {
    format!("{}/lifted.json", hold_folder(tenant_id, name))
}

fn hold_folder(tenant_id: &str, name: &str) -> String {
    let tenant = key_segment(&tenant_id.to_lowercase());
    format!("{HOLDS}v1/tenant={tenant}/{}", key_segment(name))
}

/// The longest metadata value, in bytes; S3 allows 2 KiB for all of an object together.
const MAX_METADATA_BYTES: usize = 512;

/// The characters that are encoded in a metadata value: what is not printable ASCII, the space that S3 would
/// trim, and the percent sign.
const NOT_IN_METADATA: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// A text as a metadata value: ASCII, percent-encoded; one over 512 bytes becomes `~` and a hash.
pub fn metadata_value(text: &str) -> String {
    bounded(utf8_percent_encode(text, NOT_IN_METADATA).to_string(), text)
}

/// A path in Graph as a metadata value: its segments are encoded already; one over 512 bytes becomes `~`
/// and a hash.
pub fn metadata_path(path: String) -> String {
    bounded(path.clone(), &path)
}

/// `encoded`, or the hash of `text` where it is too long.
fn bounded(encoded: String, text: &str) -> String {
    if encoded.len() <= MAX_METADATA_BYTES { encoded } else { hashed_segment(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::ReportSource;

    fn place(tenant: &str, report_id: &str) -> ArtifactPlace {
        let source = ReportSource::Webinar { webinar_id: "w@t".into(), session_id: "s".into() };
        let facts = MeetingAttendanceReport {
            meeting_start_date_time: Some("2026-03-01T23:59:59.9999999-01:00".into()),
            ..Default::default()
        };
        ArtifactPlace::of_report(tenant, &source.report(report_id), &facts).unwrap()
    }

    #[test]
    fn what_graph_said_is_kept_for_good_and_what_follows_from_it_is_not() {
        let place = place("t", "r");
        assert!(is_kept_for_good(place.current()) && is_kept_for_good(&place.revision("aa")));
        assert!(!is_kept_for_good(place.lines().unwrap()) && !is_kept_for_good(&staging("aa")));
    }

    #[test]
    fn a_plain_id_is_its_own_name() {
        let place = place("5466A424-aadf-425c-9b24-034ca28d4bdd", "c9b6db1c-d5eb.427d_a5c0");
        assert_eq!(
            place.current(),
            "reports/v1/tenant=5466a424-aadf-425c-9b24-034ca28d4bdd/kind=webinar/date=2026-03-02/c9b6db1c-d5eb.427d_a5c0.json"
        );
        assert!(place.lines().unwrap().starts_with("records/v1/tenant=5466a424"));
        assert!(place.revision("ab").ends_with("/c9b6db1c-d5eb.427d_a5c0/ab.json"));
    }

    #[test]
    fn one_report_has_one_key_however_its_guid_is_written() {
        let lower = place("t", "c9b6db1c-d5eb-427d-a5c0-20088d9b22d7");
        assert_eq!(place("t", "C9B6DB1C-D5EB-427D-A5C0-20088D9B22D7"), lower);
        assert_ne!(place("t", "MSo1"), place("t", "mso1"), "no GUID: its letters may mean something");
    }

    #[test]
    fn a_call_record_lies_under_the_day_on_which_the_call_began() {
        let start = "2026-03-01T23:59:59.9Z".parse().unwrap();
        let place = ArtifactPlace::of_call_record("T", "C9B6DB1C-D5EB-427D-A5C0-20088D9B22D7", start);
        assert_eq!(
            place.current(),
            "sessions/v1/tenant=t/date=2026-03-01/c9b6db1c-d5eb-427d-a5c0-20088d9b22d7.json"
        );
        assert_eq!(
            place.revision("ab"),
            "revisions/sessions/v1/tenant=t/date=2026-03-01/c9b6db1c-d5eb-427d-a5c0-20088d9b22d7/ab.json"
        );
        assert!(place.current().starts_with(&sessions_of_day("T", utc_day(start))));
        assert!(is_kept_for_good(place.current()) && place.lines().is_none());
    }

    #[test]
    fn the_reports_of_a_day_are_listed_by_their_keys() {
        let report = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() }.report("r");
        let start = "2026-03-01T10:00:00Z";
        let facts =
            MeetingAttendanceReport { meeting_start_date_time: Some(start.into()), ..Default::default() };
        let key = ArtifactPlace::of_report("T", &report, &facts).unwrap().current().to_owned();
        assert!(key.starts_with(&reports_of_day("T", "meeting", utc_day(start.parse().unwrap()))), "{key}");
    }

    #[test]
    fn an_event_lies_beside_its_sessions_and_its_registrations_in_a_room_of_their_own() {
        let kind = crate::model::VirtualEventKind::Webinar;
        let event_id = "w-1".to_owned();
        let event = EventRef::VirtualEvent { kind, event_id: event_id.clone() };
        let session = EventRef::Source(kind.source(&event_id, "S/1"));
        let meeting =
            EventRef::Source(ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "MSo=".into() });
        let registrations = |registration_id: Option<&str>| RegistrationsRef {
            kind,
            event_id: event_id.clone(),
            registration_id: registration_id.map(str::to_owned),
        };
        let places = [
            ArtifactPlace::of_event("T", &event),
            ArtifactPlace::of_event("T", &session),
            ArtifactPlace::of_event("T", &meeting),
            ArtifactPlace::of_registrations("T", &registrations(None)),
            ArtifactPlace::of_registrations("T", &registrations(Some("g-1"))),
        ];
        let keys = places.iter().map(|place| {
            assert!(is_kept_for_good(place.current()) && is_kept_for_good(&place.revision("ab")));
            format!("{}\n{}\n{}\n", place.current(), place.revision("ab"), place.lines().unwrap())
        });
        insta::assert_snapshot!(keys.collect::<String>());
    }

    #[test]
    fn a_report_without_an_id_lies_under_the_day_on_which_it_was_fetched() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        let day = "2026-03-01".parse().unwrap();
        let place = ArtifactPlace::of_legacy_report("T", &source, day);
        let id = legacy_report_id(&source);
        assert_eq!(id.len(), "legacy-".len() + 32);
        assert_eq!(place.current(), format!("{}{id}.json", reports_of_day("T", "meeting", day)));
    }

    #[test]
    fn any_other_id_is_a_hash() {
        for id in ["", ".", "..", "a/b", "../../x", "a@b", "a%2Fb", "a\0b", "ä", "…", &"x".repeat(2_000)] {
            let key = place("t", id).current().to_owned();
            let name = key.strip_prefix("reports/v1/tenant=t/kind=webinar/date=2026-03-02/").unwrap();
            assert_eq!((name.len(), name.starts_with('~')), (1 + 52 + ".json".len(), true), "{id:?}");
        }
    }

    #[test]
    fn the_objects_of_a_long_ledger_are_numbered() {
        let began = "2026-03-01T02:00:00Z".parse().unwrap();
        let key = |number| ledger("T", began, "run-1", number);
        assert_eq!(ledger_object(&key(None), 12), key(Some(12)));
        assert_eq!(key(Some(12)), "audits/v1/tenant=t/date=2026-03-01/run-1.0012.jsonl");
        assert_eq!(latest_ledger("T", "nightly"), "audits/v1/tenant=t/latest/nightly.json");
    }

    #[test]
    fn tombstones_lie_beside_the_records_of_their_erasures() {
        assert_eq!(erasure("T", "e-1"), "erasures/v1/tenant=t/e-1.json");
        assert_eq!(tombstone("T", "e-1"), "erasures/v1/tenant=t/tombstones/e-1.json");
        assert!(tombstone("T", "../e").starts_with(&format!("{}~", tombstones("t"))));
        assert!(!is_kept_for_good(&tombstone("T", "e-1")), "a lock would outlive a person's change of mind");
    }

    #[test]
    fn what_a_hold_holds_lies_below_its_name() {
        assert_eq!(hold("T", "case-12"), "holds/v1/tenant=t/case-12.json");
        assert_eq!(held_objects("T", "case-12", 1), "holds/v1/tenant=t/case-12/000001.jsonl");
        assert_eq!(lifted("T", "case-12"), "holds/v1/tenant=t/case-12/lifted.json");
        assert!(hold("T", "../x").starts_with("holds/v1/tenant=t/~"));
    }

    #[test]
    fn every_key_begins_with_one_of_the_prefixes() {
        assert!(PREFIXES.is_sorted());
        let place = place("t", "r");
        let now = "2026-03-01T10:00:00Z".parse().unwrap();
        let keys = [
            place.current().to_owned(),
            place.revision("aa"),
            place.lines().unwrap().to_owned(),
            staging("aa"),
            claim("c", "w"),
            told("w"),
            asked_for_event("p"),
            ledger("t", now, "r", None),
            latest_ledger("t", "nightly"),
            erasure("t", "e"),
            hold("t", "h"),
        ];
        for key in keys {
            assert!(PREFIXES.iter().any(|prefix| key.starts_with(prefix)), "{key}");
        }
        assert!(AS_SENT.iter().all(|prefix| PREFIXES.contains(prefix)));
    }

    #[test]
    fn the_end_gives_the_date_where_there_is_no_start() {
        let report = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() }.report("r");
        let mut facts = MeetingAttendanceReport::default();
        assert_eq!(ArtifactPlace::of_report("t", &report, &facts), None);
        facts.meeting_end_date_time = Some("2026-03-01T10:00:00Z".into());
        assert!(
            ArtifactPlace::of_report("t", &report, &facts).unwrap().current().contains("/date=2026-03-01/")
        );
    }

    proptest! {
        #[test]
        fn no_id_leaves_its_prefix(tenant in "\\PC*", id in "(\\PC|[/.%\\x00-\\x1f])*") {
            for key in [place(&tenant, &id).current().to_owned(), place(&tenant, &id).revision("00")] {
                prop_assert!(key.is_ascii() && key.len() < 1_024);
                prop_assert!(key.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
                prop_assert_eq!(key.split('/').count(), if key.starts_with("reports/") { 6 } else { 7 });
            }
        }

        #[test]
        fn metadata_is_short_printable_ascii(text in "(\\PC|[\\x00-\\x1f])*") {
            let value = metadata_value(&text);
            prop_assert!(value.len() <= MAX_METADATA_BYTES);
            prop_assert!(value.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
