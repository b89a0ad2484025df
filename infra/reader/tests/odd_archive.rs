//! An archive of oddities, in a folder: everything that a page must survive, of invented people.
//!
//! Its objects have the keys and the metadata of the archive's contract. What pages must show of it is worked out by hand
//! in `browser/*.mjs`, from these bytes and not by the code that is tested.

mod events;
mod ledger;
mod meetings;
mod people;
mod rules;

use std::path::Path;

use serde_json::{Value, json};
use shared::archive::layout::{ArtifactPlace, metadata_path, metadata_value};
use shared::digest::sha256_hex;
use shared::model::{EventRef, MeetingAttendanceReport, RegistrationsRef, ReportSource};
use shared::ports::store::{Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult};

use people::guid;

/// The tenant of the archive.
pub(crate) const TENANT: &str = "5466a424-0000-4000-8000-0000c0205050";

/// Who organizes where nothing else is said: Mirella Oduya.
const ORGANIZER: u32 = 0xa11ce;

/// Stands in the text of a fixture for half of an emoji, which no text in Rust can hold.
const HALF: char = '\u{e000}';

/// Writes the archive of oddities into the folder `root`.
pub(crate) async fn write(root: &Path) {
    let archive = OddArchive { store: FolderStore::open(root).unwrap() };
    meetings::write(&archive).await;
    rules::write(&archive).await;
    events::write(&archive).await;
    ledger::write(&archive).await;
    // What is no report, where reports are.
    let day = "date=2026-10-02";
    let folder = format!("reports/v1/tenant={TENANT}/kind=meeting/{day}");
    archive
        .put(&format!("{folder}/garbage.json"), "{\"id\": \"garbage\", \u{1}".into(), Metadata::new())
        .await;
    archive.put(&format!("{folder}/list.json"), "[1, 2, null]".into(), Metadata::new()).await;
    archive.put("reports/v1/notes.txt", "Not a report.".into(), Metadata::new()).await;
}

/// The archive while it is written.
struct OddArchive {
    store: FolderStore,
}

/// A report that is to be archived.
struct Report {
    source: ReportSource,
    id: String,
    start: Option<String>,
    end: Option<String>,
    participants: Option<i64>,
    records: Vec<Value>,
}

impl Report {
    /// The report `id` of `source`, from `start` to `end` (`2026-10-14T08:00:00Z`), with as many participants as records.
    fn new(source: &ReportSource, id: &str, (start, end): (&str, &str), records: Vec<Value>) -> Self {
        Self {
            source: source.clone(),
            id: id.to_owned(),
            start: Some(start.to_owned()),
            end: Some(end.to_owned()),
            participants: i64::try_from(records.len()).ok(),
            records,
        }
    }

    /// As it is, but with another number of participants.
    fn counting(self, participants: Option<i64>) -> Self {
        Self { participants, ..self }
    }

    fn body(&self) -> String {
        let report = json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#attendanceReports/$entity",
            "id": self.id,
            "totalParticipantCount": self.participants,
            "meetingStartDateTime": self.start,
            "meetingEndDateTime": self.end,
            "attendanceRecords": self.records,
        });
        report.to_string().replace(HALF, "\\ud83d")
    }

    fn place(&self) -> ArtifactPlace {
        let facts = MeetingAttendanceReport {
            meeting_start_date_time: self.start.clone(),
            meeting_end_date_time: self.end.clone(),
            ..Default::default()
        };
        ArtifactPlace::of_report(TENANT, &self.source.report(self.id.as_str()), &facts).unwrap()
    }

    fn metadata(&self) -> Metadata {
        let records = self.records.len();
        let complete = self.participants.map(|count| (i64::try_from(records).unwrap() >= count).to_string());
        let properties = [
            ("report-id", Some(self.id.clone())),
            ("meeting-start", self.start.clone()),
            ("meeting-end", self.end.clone()),
            ("participants", self.participants.map(|count| count.to_string())),
            ("records", Some(records.to_string())),
            ("complete", complete),
        ];
        metadata(&self.source.path(), properties.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }
}

/// The metadata of an artifact of `source`, a path in Graph, without its hash.
fn metadata<'a>(source: &str, properties: impl Iterator<Item = (&'a str, String)>) -> Metadata {
    let common = [
        ("fetched-at", "2026-11-12T02:00:11.5Z".to_owned()),
        ("graph-request-id", guid(0xfe7c)),
        ("api", "v1.0".to_owned()),
        ("pages", "1".to_owned()),
        ("cause", "notification".to_owned()),
    ];
    let all = common.into_iter().chain(properties);
    let mut metadata: Metadata = all.map(|(name, value)| (name.to_owned(), metadata_value(&value))).collect();
    metadata.insert("source".to_owned(), metadata_path(source.to_owned()));
    metadata
}

impl OddArchive {
    async fn put(&self, key: &str, body: String, mut metadata: Metadata) {
        if !metadata.is_empty() {
            metadata.insert("sha256".to_owned(), sha256_hex(body.as_bytes()));
        }
        let object = NewObject::new(body, "application/json", metadata);
        let put = self.store.put(key, object, Condition::IfAbsent).await.unwrap();
        assert_eq!(put, PutResult::Stored, "two objects have the key {key}");
    }

    /// Archives a report.
    async fn report(&self, report: Report) {
        self.put(report.place().current(), report.body(), report.metadata()).await;
    }

    /// Archives another answer of a report.
    async fn revision(&self, report: Report) {
        let body = report.body();
        let key = report.place().revision(&sha256_hex(body.as_bytes()));
        self.put(&key, body, report.metadata()).await;
    }

    /// Archives what Graph says of a meeting, webinar, town hall or session.
    async fn event(&self, event: &EventRef, description: Value) {
        let properties = [("event-id", event.id().to_owned())].into_iter();
        let place = ArtifactPlace::of_event(TENANT, event);
        let body = description.to_string().replace(HALF, "\\ud83d");
        self.put(place.current(), body, metadata(&event.path(), properties)).await;
    }

    /// Archives a meeting's title, and its plan.
    async fn meeting(&self, source: &ReportSource, title: Value, plan: Option<(&str, &str)>) {
        let description = json!({
            "id": source.own_id(),
            "subject": title,
            "startDateTime": plan.map(|(start, _)| start),
            "endDateTime": plan.map(|(_, end)| end),
            "participants": {"organizer": {
                "upn": "mirella.oduya@contoso.com",
                "identity": {"user": {"id": guid(ORGANIZER), "displayName": null}},
            }},
        });
        self.event(&EventRef::Source(source.clone()), description).await;
    }

    /// Archives the list of all who registered.
    async fn registrations(&self, of: &RegistrationsRef, registrations: Vec<Value>) {
        let place = ArtifactPlace::of_registrations(TENANT, of);
        let count = [("event-id", of.event_id.clone()), ("registrations", registrations.len().to_string())];
        let body = json!({"value": registrations}).to_string();
        self.put(place.current(), body, metadata(&of.path(), count.into_iter())).await;
    }
}

/// The meeting `id` of Mirella Oduya.
fn meeting(id: &str) -> ReportSource {
    ReportSource::Meeting { organizer_id: guid(ORGANIZER), meeting_id: id.to_owned() }
}
