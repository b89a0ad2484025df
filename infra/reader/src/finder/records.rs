//! The records in a JSON text that name people, whatever object they stand in: attendance records, registrations, participants.

use serde::Serialize;
use serde_json::value::RawValue;

use super::json::{DEEPEST, Member, Parts, member, pointer_to};
use super::object::Document;
use crate::index::archived::identity_kind;
use crate::index::archived::members::{shown, text_of};
use crate::model::{IdentityKind, Record};
use crate::text::Text;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RecordKind {
    /// An attendance record of a report, or a line made of one.
    Attendance,
    /// A registration for a webinar or town hall.
    Registration,
    /// Who organized, presents, was invited or took part in a call.
    Participant,
    /// A text that holds an id or address, or a whole object.
    Mention,
}

/// A record that names people: mostly one; a participant may have several identities.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) pointer: String,
    pub(super) raw: &'a RawValue,
    pub(super) kind: RecordKind,
    pub(super) people: Vec<Record>,
    /// Its place in the list that it is in, from 0.
    pub(super) place: usize,
}

/// All records in a text.
pub(super) fn records(document: Document<'_>) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let at =
        At { pointer: String::new(), name: "", place: document.line.map_or(0, |line| line - 1), depth: 0 };
    walk(document.value, at, &mut found);
    found
}

/// Where the walk is.
struct At<'n> {
    pointer: String,
    /// The name of the member that this is, or that the list is in which this stands.
    name: &'n str,
    place: usize,
    depth: usize,
}

fn walk<'a>(value: &'a RawValue, at: At<'_>, found: &mut Vec<Found<'a>>) {
    if at.depth > DEEPEST {
        return;
    }
    match Parts::of(value) {
        Parts::Members(members) => match people(&members, at.name) {
            Some((kind, people)) => {
                found.push(Found { pointer: at.pointer, raw: value, kind, people, place: at.place });
            }
            None => {
                for Member { name, value } in &members {
                    let pointer = pointer_to(&at.pointer, name);
                    walk(value, At { pointer, name, place: at.place, depth: at.depth + 1 }, found);
                }
            }
        },
        Parts::Items(items) => {
            for (place, item) in items.into_iter().enumerate() {
                let pointer = format!("{}/{place}", at.pointer);
                walk(item, At { pointer, name: at.name, place, depth: at.depth + 1 }, found);
            }
        }
        Parts::Text(_) | Parts::Nothing => {}
    }
}

/// Whom an object names, if it is a record.
fn people(members: &[Member<'_>], name: &str) -> Option<(RecordKind, Vec<Record>)> {
    let has = |names: &[&str]| names.iter().any(|name| member(members, name).is_some());
    if matches!(name, "attendanceRecords" | "attendanceRecord")
        || has(&["attendanceIntervals", "totalAttendanceInSeconds", "emailAddress"])
    {
        return Some((RecordKind::Attendance, vec![attendance(members)]));
    }
    if name == "registration"
        || has(&["registrationDateTime", "registrationQuestionAnswers"])
        || (has(&["email"]) && has(&["firstName", "lastName", "userId"]))
    {
        return Some((RecordKind::Registration, vec![registration(members)]));
    }
    let people = participant(members);
    (!people.is_empty()).then_some((RecordKind::Participant, people))
}

fn attendance(members: &[Member<'_>]) -> Record {
    let identity = member(members, "identity").map(Parts::of);
    let mut record = match &identity {
        // As the index reads it: an identity that is of a user by its id, whatever Graph calls it.
        Some(Parts::Members(identity)) => person(identity, None),
        _ => Record::default(),
    };
    record.id = shown(member(members, "id"));
    record.address = text_of(member(members, "emailAddress"));
    record.registration_id = shown(member(members, "registrationId"));
    let external = member(members, "externalRegistrationInformation").map(Parts::of);
    if let Some(Parts::Members(external)) = external {
        record.external_registration_id = shown(member(&external, "registrationId"));
    }
    record
}

fn registration(members: &[Member<'_>]) -> Record {
    let names = ["firstName", "lastName"].map(|name| text_of(member(members, name)));
    let name = names.iter().flatten().map(Text::shown).collect::<Vec<_>>().join(" ");
    let id = shown(member(members, "id"));
    let user_id = shown(member(members, "userId"));
    Record {
        id: id.clone(),
        name: Some(Text::from(name)).filter(|name| !name.shown().is_empty()),
        address: text_of(member(members, "email")),
        identity: identity_kind(user_id.as_deref(), None),
        identity_id: user_id,
        registration_id: id,
        ..Record::default()
    }
}

/// The members of an identity set, and whether such an id is of Entra. <https://learn.microsoft.com/graph/api/resources/communicationsidentityset>
const IDENTITIES: [(&str, IdentityKind); 12] = [
    ("user", IdentityKind::User),
    ("guest", IdentityKind::Anonymous),
    ("phone", IdentityKind::Phone),
    ("acsUser", IdentityKind::Anonymous),
    ("encrypted", IdentityKind::Anonymous),
    ("spoolUser", IdentityKind::Anonymous),
    ("onPremises", IdentityKind::Anonymous),
    ("application", IdentityKind::Anonymous),
    ("applicationInstance", IdentityKind::Anonymous),
    ("acsApplicationInstance", IdentityKind::Anonymous),
    ("spoolApplicationInstance", IdentityKind::Anonymous),
    ("device", IdentityKind::Anonymous),
];

/// Whom an organizer, presenter or participant names, or an identity or a set of them; nobody where it is none of these.
fn participant(members: &[Member<'_>]) -> Vec<Record> {
    let address =
        ["upn", "email", "userPrincipalName"].iter().find_map(|name| text_of(member(members, name)));
    let has_upn = member(members, "upn").is_some();
    let mut people = match member(members, "identity").map(Parts::of) {
        Some(Parts::Members(identity)) => {
            let set = identity_set(&identity);
            if set.is_empty() { vec![person(&identity, None)] } else { set }
        }
        _ if has_upn => vec![Record::default()],
        _ if is_identity(members) => vec![person(members, None)],
        _ => identity_set(members),
    };
    let id = shown(member(members, "id"));
    for person in &mut people {
        person.address = person.address.take().or_else(|| address.clone());
        person.id = person.id.take().or_else(|| id.clone());
    }
    people
}

/// Whether an object is an identity by itself, as co-organizers are.
fn is_identity(members: &[Member<'_>]) -> bool {
    let has = |name: &str| member(members, name).is_some();
    let odata_type = shown(member(members, "@odata.type")).unwrap_or_default().to_ascii_lowercase();
    let is_of_somebody = has("id") || has("displayName");
    let is_set = members.iter().any(|one| IDENTITIES.iter().any(|(name, _)| one.name == *name));
    is_of_somebody
        && !is_set
        && (odata_type.ends_with("identity") || has("tenantId") || has("userPrincipalName"))
}

fn identity_set(members: &[Member<'_>]) -> Vec<Record> {
    let of = |one: &Member<'_>| {
        let (_, kind) = IDENTITIES.iter().find(|(name, _)| one.name == *name)?;
        match Parts::of(one.value) {
            Parts::Members(identity) => Some(person(&identity, Some(*kind))),
            _ => None,
        }
    };
    members.iter().filter_map(of).collect()
}

/// Whom an identity names; in a set the name of the member tells of which kind it is.
fn person(identity: &[Member<'_>], in_set: Option<IdentityKind>) -> Record {
    let text = |name: &str| shown(member(identity, name));
    let id = text("id");
    let by_id = identity_kind(id.as_deref(), text("@odata.type").as_deref());
    let address = ["userPrincipalName", "email"].iter().find_map(|name| text_of(member(identity, name)));
    Record {
        name: text_of(member(identity, "displayName")),
        address,
        identity: match in_set {
            Some(IdentityKind::User) | None => by_id,
            Some(_) if id.is_none() => IdentityKind::None,
            Some(kind) => kind,
        },
        identity_id: id,
        tenant_id: text("tenantId"),
        ..Record::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Identity = (IdentityKind, Option<String>);

    fn found(text: &str) -> Vec<(String, RecordKind, Vec<Identity>)> {
        let value = serde_json::from_str(text).unwrap();
        let identity = |record: Record| (record.identity, record.identity_id);
        let of = |one: Found<'_>| (one.pointer, one.kind, one.people.into_iter().map(identity).collect());
        records(Document { line: None, value }).into_iter().map(of).collect()
    }

    #[test]
    fn the_identities_of_a_call_are_found_in_both_forms() {
        let id = "0a1b2c3d-0001-4000-8000-000000000001";
        let call = format!(
            r#"{{"id":"c","organizer":{{"user":{{"id":"{id}"}},"phone":null}},
            "participants_v2":[{{"id":"x","identity":{{"user":null,"guest":{{"id":"{id}","displayName":"G"}}}}}},
              {{"identity":{{"phone":{{"id":"+31201232714"}},"encrypted":{{"id":"8:e"}}}}}}]}}"#
        );
        let (user, guest) =
            ((IdentityKind::User, Some(id.into())), (IdentityKind::Anonymous, Some(id.into())));
        let phone = (IdentityKind::Phone, Some("+31201232714".into()));
        let encrypted = (IdentityKind::Anonymous, Some("8:e".into()));
        let expected = [
            ("/organizer".to_owned(), RecordKind::Participant, vec![user]),
            ("/participants_v2/0".to_owned(), RecordKind::Participant, vec![guest]),
            ("/participants_v2/1".to_owned(), RecordKind::Participant, vec![phone, encrypted]),
        ];
        assert_eq!(found(&call), expected);
    }

    #[test]
    fn records_registrations_and_organizers_are_what_they_are_by_their_members() {
        let kinds = |text: &str| found(text).into_iter().map(|(at, kind, _)| (at, kind)).collect::<Vec<_>>();
        let report = r#"{"id":"r","attendanceRecords":[{},{"id":"a"},7,null]}"#;
        let attendance = RecordKind::Attendance;
        let expected =
            [("/attendanceRecords/0".into(), attendance), ("/attendanceRecords/1".into(), attendance)];
        assert_eq!(kinds(report), expected);
        let page = r#"{"value":[{"emailAddress":null}]}"#;
        assert_eq!(kinds(page), [("/value/0".into(), attendance)]);
        let list = r#"{"value":[{"email":"x","firstName":"y"}]}"#;
        assert_eq!(kinds(list), [("/value/0".into(), RecordKind::Registration)]);
        let event = r#"{"value":{"id":"w","displayName":"W","createdBy":{"user":{"id":"u"}},"coOrganizers":[{"id":"u","tenantId":"t"}],
            "participants":{"organizer":{"upn":"a@b","identity":{"user":{}}},"attendees":[{"upn":"c@d","identity":null}]}}}"#;
        let at = ["createdBy", "coOrganizers/0", "participants/organizer", "participants/attendees/0"];
        let expected = at.map(|at| (format!("/value/{at}"), RecordKind::Participant));
        assert_eq!(kinds(event), expected);
    }
}
