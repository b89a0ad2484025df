//! An invented archive in a folder, with a person in each of its rooms.

use std::collections::BTreeMap;

use serde_json::json;
use shared::ports::store::{
    Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult, VersionedStore,
};

pub(super) const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";
pub(super) const AIKO: &str = "0a1b2c3d-0001-4000-8000-000000000001";
pub(super) const NOOR: &str = "0a1b2c3d-0002-4000-8000-000000000002";
pub(super) const ORGANIZER: &str = "0a1b2c3d-0009-4000-8000-000000000009";
const EVENT: &str = "w-1@contoso";

pub(super) struct Archive {
    folder: tempfile::TempDir,
}

/// A record of a user.
pub(super) fn user(id: &str, name: &str, address: &str) -> String {
    let identity = json!({"id": id, "displayName": name, "tenantId": TENANT});
    json!({"id": id, "emailAddress": address, "identity": identity, "role": "Attendee", "attendanceIntervals": [{
        "joinDateTime": "2026-10-14T10:05:00.1234567Z", "leaveDateTime": "2026-10-14T10:55:00Z", "durationInSeconds": 3000,
    }]})
    .to_string()
}

/// A record of somebody of whom name and address are known.
pub(super) fn by_address(name: &str, address: &str) -> String {
    json!({"id": null, "emailAddress": address, "identity": {"displayName": name}}).to_string()
}

/// Records of Noor, of Aiko, and of some who may be Noor or are nobody.
fn records() -> Vec<String> {
    let noor = user(NOOR, "Noor Haddad", "Noor.Haddad@fabrikam.com");
    vec![
        user(AIKO, "Aiko <b>Ferreira</b>", "aiko.ferreira@contoso.com"),
        noor.replace("Noor Haddad", "Noor Haddad \\ud83d"),
        by_address("N.\0H.", "NOOR.haddad@fabrikam.com"),
        by_address("N. H.", "noor.haddad+teams@fabrikam.com"),
        by_address("Noor Haddad", "noor@private.example"),
        r#"{"id":"a-1","emailAddress":null,"identity":{"id":null,"displayName":"Noor Haddad (Guest)"}}"#.to_owned(),
        r##"{"id":"p-1","identity":{"@odata.type":"#microsoft.graph.communicationsPhoneIdentity","id":"+31201232714"}}"##.to_owned(),
        // Another id, and the same name.
        user("0a1b2c3d-0008-4000-8000-000000000008", "Noor Haddad", "n.haddad@contoso.com"),
        r#"{"\ud83d":1,"identity":7,"emailAddress":[]}"#.to_owned(),
    ]
}

impl Archive {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn store(&self) -> FolderStore {
        FolderStore::open(self.folder.path()).unwrap()
    }

    /// Noor in every room.
    pub(super) async fn of_oddities() -> Self {
        let archive = Self::new();
        let records = records();
        let list = format!("[{}]", records.join(",\n"));
        archive.report(14, "r-1", &list).await;
        archive.report(15, "r-aiko", &format!("[{}]", records[0])).await;
        let report = |records: &str| format!(r#"{{"id":"r-1","attendanceRecords":{records}}}"#);
        let of_day = format!("v1/tenant={TENANT}/kind=meeting/date=2026-10-14/r-1");
        archive.put(&format!("revisions/{of_day}/ab.json"), &report(&format!("[{}]", records[1])), &[]).await;
        let head = format!(
            r#""reportId":"r-1","kind":"meeting","source":"{}","organizerId":"{ORGANIZER}""#,
            source()
        );
        let line = |record: &String| format!("{{{head},\"attendanceRecord\":{record}}}\n");
        let lines: String = records[..3].iter().map(line).collect();
        archive.put(&format!("records/{of_day}.jsonl"), &lines, &[]).await;
        archive
            .put("staging/reports/cd.json", &report(&format!("[{},{}]", records[0], records[1])), &[])
            .await;
        archive.put("staging/asked/ef", "2026-10-14T10:00:00Z", &[]).await;
        archive.put("staging/told/empty", "", &[]).await;
        archive
            .registrations(&[("G-1", "noor.haddad@fabrikam.com"), ("G-2", "aiko.ferreira@contoso.com")])
            .await;
        archive.webinar(16, "r-2", r#"[{"id":null,"emailAddress":null,"registrationId":"G-1","identity":null},{"registrationId":"G-2","emailAddress":"x"}]"#).await;
        archive.events().await;
        archive.call().await;
        archive.damaged().await;
        archive
    }

    async fn events(&self) {
        let person =
            |id: &str, name: &str| json!({"user": {"id": id, "displayName": name, "tenantId": TENANT}});
        let oid = format!("%7b%22Tid%22%3a%22{TENANT}%22%2c%22Oid%22%3a%22{ORGANIZER}%22%7d");
        let meeting = json!({
            "id": "m-1", "subject": "Budget with Noor",
            "joinWebUrl": format!("https://teams.microsoft.com/l/meetup-join/19%3ax/0?context={oid}"),
            "participants": {
                "organizer": {"upn": "mirella@contoso.com", "identity": person(ORGANIZER, "Mirella")},
                "attendees": [
                    {"upn": "noor.haddad@fabrikam.com", "identity": person(NOOR, "Noor"), "role": "presenter"},
                    {"upn": "aiko.ferreira@contoso.com", "identity": person(AIKO, "Aiko")},
                ],
            },
        });
        let of_kind = |kind: &str| format!("v1/tenant={TENANT}/kind={kind}");
        let key = format!("events/{}/m-1.json", of_kind("meeting"));
        self.put(&key, &meeting.to_string(), &[("source", source().as_str())]).await;
        let webinar = json!({"value": {
            "id": EVENT, "displayName": "Webinar", "createdBy": person(NOOR, "Noor Haddad"),
            "coOrganizers": [{"id": NOOR, "displayName": "Noor", "tenantId": TENANT}, {"id": AIKO, "displayName": "Aiko", "tenantId": TENANT}],
            "description": {"contentType": "text", "content": "Write to NOOR.haddad@fabrikam.com or joanoor.haddad@fabrikam.com"},
        }});
        let path = "solutions/virtualEvents/webinars/w-1%40contoso";
        self.put(&format!("events/{}/w.json", of_kind("webinar")), &webinar.to_string(), &[("source", path)])
            .await;
        let line = format!("{{\"kind\":\"webinar\",\"event\":{}}}\n", webinar["value"]);
        self.put(&format!("lines/events/{}/w.jsonl", of_kind("webinar")), &line, &[]).await;
        let ledger = format!("{{\"state\":\"archived\",\"source\":\"{}\"}}\n{{\"totals\":{{}}}}\n", source());
        self.put(&format!("audits/v1/tenant={TENANT}/date=2026-10-15/run.jsonl"), &ledger, &[]).await;
    }

    /// A call in which Noor takes part as a user, and somebody by every other identity.
    async fn call(&self) {
        let of = |name: &str, id: &str| json!({"id": id, "identity": {name: {"id": id, "displayName": "Noor Haddad"}, "device": null}});
        let call = json!({
            "id": "c-1", "startDateTime": "2026-10-14T10:00:00Z", "endDateTime": "2026-10-14T11:00:00Z",
            "organizer": {"user": {"id": AIKO, "displayName": "Aiko"}},
            "organizer_v2": {"id": AIKO, "identity": {"user": {"id": AIKO, "displayName": "Aiko"}}},
            "participants": [{"user": {"id": NOOR, "displayName": "Noor"}, "phone": null}, {"user": {"id": AIKO}}],
            "participants_v2": [
                {"id": NOOR, "identity": {"user": {"id": NOOR.to_uppercase(), "tenantId": TENANT, "userPrincipalName": "noor.haddad@fabrikam.com"}}},
                of("guest", "0a1b2c3d-00ff-4000-8000-0000000000ff"),
                of("phone", "+31201232714"),
                of("acsUser", "8:acs:noor_1"),
                of("encrypted", "8:encrypted:noor"),
                {"id": AIKO, "identity": {"user": {"id": AIKO}, "guest": null}},
            ],
        });
        let key = format!("sessions/v1/tenant={TENANT}/date=2026-10-14/c-1.json");
        self.put(&key, &call.to_string(), &[]).await;
    }

    /// What is no JSON.
    async fn damaged(&self) {
        let folder = format!("reports/v1/tenant={TENANT}/kind=meeting/date=2026-10-14");
        self.put(&format!("{folder}/garbage.json"), "{\"id\": \"garbage\", \u{1}", &[]).await;
        self.put("notes.txt", "Nothing about anybody.", &[]).await;
    }

    pub(super) async fn report(&self, day: u32, id: &str, records: &str) {
        let key = format!("reports/v1/tenant={TENANT}/kind=meeting/date=2026-10-{day:02}/{id}.json");
        self.put(&key, &body(day, id, records), &[("source", source().as_str()), ("report-id", id)]).await;
    }

    pub(super) async fn webinar(&self, day: u32, id: &str, records: &str) {
        let key = format!("reports/v1/tenant={TENANT}/kind=webinar/date=2026-10-{day:02}/{id}.json");
        let path = "solutions/virtualEvents/webinars/w-1%40contoso/sessions/s-1";
        self.put(&key, &body(day, id, records), &[("source", path)]).await;
    }

    /// The list of all registrations, by their ids and addresses.
    pub(super) async fn registrations(&self, all: &[(&str, &str)]) {
        let registration = |(id, address): &(&str, &str)| json!({"id": id, "firstName": id, "email": address, "userId": null});
        let list = json!({"value": all.iter().map(registration).collect::<Vec<_>>()});
        let key = format!("registrations/v1/tenant={TENANT}/kind=webinar/w.json");
        let path = "solutions/virtualEvents/webinars/w-1%40contoso/registrations";
        self.put(&key, &list.to_string(), &[("source", path), ("event-id", EVENT)]).await;
    }

    async fn put(&self, key: &str, body: &str, metadata: &[(&str, &str)]) {
        let metadata: Metadata =
            metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let object = NewObject::new(body.to_owned(), "application/json", metadata);
        let put = self.store().put(key, object, Condition::IfAbsent).await.unwrap();
        assert_eq!(put, PutResult::Stored, "{key}");
    }

    /// The bytes of every object.
    pub(super) async fn bodies(&self) -> BTreeMap<String, Vec<u8>> {
        let (store, mut bodies) = (self.store(), BTreeMap::new());
        for object in store.list_versions("", None).await.unwrap().objects {
            let read = store.get(&object.key).await.unwrap().unwrap();
            bodies.insert(object.key, read.body.to_vec());
        }
        bodies
    }
}

fn source() -> String {
    format!("users/{ORGANIZER}/onlineMeetings/m-1")
}

fn body(day: u32, id: &str, records: &str) -> String {
    let times = format!(
        r#""meetingStartDateTime":"2026-10-{day:02}T10:00:00Z","meetingEndDateTime":"2026-10-{day:02}T11:00:00Z""#
    );
    format!(r#"{{"id":"{id}",{times},"attendanceRecords":{records}}}"#)
}
