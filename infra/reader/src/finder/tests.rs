//! One person in an archive of odd records: everything of hers is found, and nothing of anybody else.

mod archive;

use std::collections::BTreeSet;

use archive::{AIKO, Archive, NOOR, TENANT};

use super::{Finder, Match, ObjectMatches, RecordKind, Resolution, Subject, Who, Why};
use crate::people::PersonKey;

async fn resolve(archive: &Archive, who: &str) -> Resolution {
    resolve_with(archive, who, &[]).await
}

async fn resolve_with(archive: &Archive, who: &str, same: &[(String, String)]) -> Resolution {
    let store = archive.store();
    Finder::new(&store, &|_| ()).resolve(who.parse::<Who>().unwrap(), same).await.unwrap()
}

async fn one(archive: &Archive, who: &str) -> Subject {
    match resolve(archive, who).await {
        Resolution::One(subject) => *subject,
        other => panic!("{who}: {other:?}"),
    }
}

async fn found(archive: &Archive, subject: &Subject) -> Vec<ObjectMatches> {
    let mut objects = Vec::new();
    let store = archive.store();
    Finder::new(&store, &|_| ()).find(subject, &mut |object| objects.push(object)).await.unwrap();
    objects
}

/// Of each match the room of its object, its place and how it is known.
fn told(objects: &[ObjectMatches]) -> String {
    let line = |object: &ObjectMatches, one: &Match| {
        let place = &one.place;
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        let metadata = place.metadata.as_ref().map(|name| format!(" metadata {name}")).unwrap_or_default();
        let key = object.object.key.replace(&format!("v1/tenant={TENANT}/"), "");
        format!(
            "{key}{line} {}{metadata} {:?} {:?}\n",
            place.pointer.as_deref().unwrap_or("-"),
            one.kind,
            one.why
        )
    };
    objects.iter().flat_map(|object| object.matches.iter().map(|one| line(object, one))).collect()
}

#[tokio::test]
async fn everything_of_a_person_is_found_in_every_room_of_the_archive() {
    let archive = Archive::of_oddities().await;
    let subject = one(&archive, NOOR).await;
    let keys: Vec<String> = subject.keys().map(ToString::to_string).collect();
    assert_eq!(keys, [format!("user:{TENANT}/{NOOR}"), "mail:noor.haddad@fabrikam.com".to_owned()]);
    insta::assert_snapshot!(told(&found(&archive, &subject).await));
}

#[tokio::test]
async fn who_is_meant_by_address_key_or_name_is_the_same_person() {
    let archive = Archive::of_oddities().await;
    let by_id = told(&found(&archive, &one(&archive, NOOR).await).await);
    for who in ["Noor.Haddad@FABRIKAM.com", " NOOR (External)", &format!("user:{TENANT}/{NOOR}")] {
        let subject = one(&archive, who).await;
        let by_id = by_id.lines().collect::<BTreeSet<_>>();
        let told = told(&found(&archive, &subject).await);
        assert_eq!(told.lines().collect::<BTreeSet<_>>(), by_id, "{who}");
    }
}

#[tokio::test]
async fn without_what_was_found_an_object_holds_neither_id_nor_address() {
    let archive = Archive::of_oddities().await;
    let objects = found(&archive, &one(&archive, NOOR).await).await;
    for (key, body) in archive.bodies().await {
        let mut left = String::from_utf8_lossy(&body).into_owned();
        let of_key = objects.iter().filter(|object| object.object.key == key);
        for record in of_key.flat_map(|object| &object.matches).filter_map(|one| one.record.as_ref()) {
            assert!(!record.get().contains(AIKO), "{key}: somebody else's: {record}");
            left = left.replace(record.get(), "");
        }
        let left = left.to_lowercase();
        assert!(!left.contains(NOOR) && !left.contains("noor.haddad@fabrikam.com"), "{key}: {left}");
    }
}

#[tokio::test]
async fn records_are_handed_out_byte_for_byte() {
    let archive = Archive::new();
    let record = r#"{ "id" : null,"emailAddress":"NOOR@fabrikam.com", "n":2.50, "identity":{"displayName":"<b>N\u0000\ud83d</b>"}}"#;
    archive.report(1, "r-1", &format!("[{{}},\n {record} ]")).await;
    let subject = one(&archive, "noor@fabrikam.com").await;
    let objects = found(&archive, &subject).await;
    assert_eq!(objects[0].matches[0].record.as_ref().unwrap().get(), record);
    assert_eq!(subject.person.name.as_ref().unwrap().shown(), "<b>N\0\u{fffd}</b>");
    assert_eq!(objects[0].sha256.as_ref().unwrap().len(), 64);
}

#[tokio::test]
async fn two_ids_with_one_address_are_a_choice_and_neither_has_what_the_address_alone_has() {
    let archive = Archive::new();
    let other = "0a1b2c3d-0007-4000-8000-000000000007";
    let records = [
        archive::user(NOOR, "Noor Haddad", "noor.haddad@fabrikam.com"),
        archive::user(other, "N. Haddad", "noor.haddad@fabrikam.com"),
        archive::by_address("Noor", "noor.haddad@fabrikam.com"),
    ];
    archive.report(1, "r-1", &format!("[{}]", records.join(","))).await;
    let Resolution::Several(persons) = resolve(&archive, "noor.haddad@fabrikam.com").await else { panic!() };
    assert_eq!(persons.len(), 3);
    let subject = one(&archive, NOOR).await;
    let whys = |objects: Vec<ObjectMatches>| -> Vec<Why> {
        objects.iter().flat_map(|object| object.matches.iter().map(|one| one.why)).collect()
    };
    assert_eq!(whys(found(&archive, &subject).await), [Why::Id, Why::SharedAddress, Why::SharedAddress]);
    let same =
        [(NOOR.to_owned(), other.to_owned()), (NOOR.to_owned(), "noor.haddad@fabrikam.com".to_owned())];
    let Resolution::One(subject) = resolve_with(&archive, NOOR, &same).await else { panic!() };
    assert_eq!(whys(found(&archive, &subject).await), [Why::Id, Why::Id, Why::Address]);
}

#[tokio::test]
async fn of_a_name_that_several_have_none_is_chosen() {
    let archive = Archive::new();
    let other = "0a1b2c3d-0007-4000-8000-000000000007";
    let records = [
        archive::user(NOOR, "Noor Haddad", "a@fabrikam.com"),
        archive::user(other, "Noor Haddad", "b@fabrikam.com"),
    ];
    archive.report(1, "r-1", &format!("[{}]", records.join(","))).await;
    let Resolution::Several(persons) = resolve(&archive, "noor haddad").await else { panic!() };
    let ids: Vec<&PersonKey> = persons.iter().map(|person| &person.key).collect();
    assert!(ids.iter().all(|key| matches!(key, PersonKey::User { .. })) && ids.len() == 2);
    // Whoever has another id is another person, whatever the name.
    let objects = found(&archive, &one(&archive, NOOR).await).await;
    assert_eq!(objects[0].matches.len(), 1);
    assert!(matches!(resolve(&archive, "Nobody Atall").await, Resolution::Nobody));
}

#[tokio::test]
async fn a_telephone_and_a_guest_are_found_by_what_was_asked_for() {
    let archive = Archive::of_oddities().await;
    let telephone = found(&archive, &one(&archive, "+31 20 123 27 14").await).await;
    assert!(telephone.iter().flat_map(|object| &object.matches).any(|one| one.why == Why::Telephone));
    let is_call = |object: &ObjectMatches| object.object.key.starts_with("sessions/");
    assert!(telephone.iter().any(is_call) && telephone.iter().any(|object| !is_call(object)));
    for guest in ["8:acs:noor_1", "8:encrypted:noor", "0a1b2c3d-00ff-4000-8000-0000000000ff"] {
        let objects = found(&archive, &one(&archive, guest).await).await;
        let sure: Vec<&Match> = objects
            .iter()
            .flat_map(|object| &object.matches)
            .filter(|one| one.why == Why::Identity)
            .collect();
        assert_eq!(sure.len(), 1, "{guest}: {}", told(&objects));
        assert_eq!(sure[0].kind, RecordKind::Participant);
    }
}

#[tokio::test]
async fn a_record_without_an_address_is_of_who_registered() {
    let archive = Archive::new();
    archive.registrations(&[("G-1", "noor.haddad@fabrikam.com"), ("G-2", "aiko@contoso.com")]).await;
    let record = |id: &str, name: &str| {
        format!(r#"{{"emailAddress":null,"registrationId":"{id}","identity":{{"displayName":"{name}"}}}}"#)
    };
    archive.webinar(1, "r-1", &format!("[{},{}]", record("G-2", "X"), record("G-1", "Y"))).await;
    let objects = found(&archive, &one(&archive, "noor.haddad@fabrikam.com").await).await;
    let places: Vec<_> = objects
        .iter()
        .flat_map(|object| object.matches.iter().map(|one| (one.place.pointer.as_deref().unwrap(), one.why)))
        .collect();
    assert_eq!(places[1..], [("/attendanceRecords/1", Why::Address)]);
    assert_eq!(places.len(), 2, "{places:?}");
}

#[tokio::test]
async fn paths_and_addresses_of_meetings_that_hold_an_id_are_found() {
    let archive = Archive::of_oddities().await;
    let objects = found(&archive, &one(&archive, archive::ORGANIZER).await).await;
    let told = told(&objects);
    for place in ["metadata source", "/joinWebUrl", "/organizerId", "/source"] {
        assert!(told.contains(place), "{place}: {told}");
    }
}
