use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::files::csv::CsvOptions;
use crate::files::pseudonymised as files;
use crate::index::Index;
use crate::model::{Interval, Organizer, Record, Registration, Report, Role};
use crate::rules::{Level, Rules};
use crate::samples::{TENANT, anonymous, at, meeting, phone, user, webinar};

fn key(byte: u8) -> PseudonymKey {
    PseudonymKey::of_file(&[byte; 32]).unwrap()
}

/// The copies of sessions of an archive of which nothing else is known.
fn copies(sessions: &[Vec<Report>], key: &PseudonymKey, times: Times) -> Vec<PseudonymisedSession> {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path().join("rollcall/index.sqlite")).unwrap();
    let mut pseudonymiser = Pseudonymiser::new(&index, key, times, &Rules::default(), sessions).unwrap();
    sessions.iter().map(|reports| pseudonymiser.session(reports).unwrap().unwrap()).collect()
}

/// A webinar's session: its organizer, a user with two devices, a telephone, and somebody who was erased.
fn reports() -> Vec<Report> {
    let organizer = Organizer { id: Some("ID-mirella.oduya".to_owned()), ..Organizer::default() };
    let records = [
        user("Mirella Oduya").role(Role::Organizer).times(&[("09:56:02", "11:04:10")]),
        user("Aiko Ferreira").times(&[("10:12", "10:41"), ("10:22", "11:00")]),
        Record {
            intervals: Some(vec![Interval { join: Some(at("10:27:30")), leave: None, seconds: None }]),
            ..phone("+31201232714")
        },
        Record::default(),
    ];
    let report = webinar("r-1", "s-1", "09:56:02", "11:04:10").planned("10:00", "11:00").with(records);
    vec![Report { organizer, ..report }]
}

/// A copy with everything in it, for the files.
pub(crate) fn sample(times: Times) -> PseudonymisedSession {
    let mut sample = copies(&[reports()], &key(7), times).remove(0);
    let person = sample.people[0].person.clone();
    let registered_at = Some(times.at(at("2026-10-01 12:34:56")));
    for (person, status) in [(person, "registered"), (None, "other")] {
        sample.registrations.push(PseudonymisedRegistration { person, status: Some(status), registered_at });
    }
    sample
}

fn people(copy: &PseudonymisedSession) -> BTreeSet<&str> {
    copy.people.iter().filter_map(|one| one.person.as_deref()).collect()
}

#[test]
fn a_person_has_one_pseudonym_in_all_sessions_and_with_another_key_another() {
    let again = meeting("r-2", "2026-10-21 10:00", "2026-10-21 11:00").with([user("Aiko Ferreira")]);
    let sessions = [reports(), vec![again]];
    let one = copies(&sessions, &key(7), Times::Exact);
    let aiko: Vec<&str> = people(&one[0]).intersection(&people(&one[1])).copied().collect();
    assert_eq!((aiko.len(), one[1].people.len()), (1, 1));
    assert_eq!(copies(&sessions[1..], &key(7), Times::Exact)[0], one[1], "whatever else is chosen");
    let other = copies(&sessions, &key(8), Times::Exact);
    let ids = |copies: &[PseudonymisedSession]| -> BTreeSet<String> {
        let of = |copy: &PseudonymisedSession| {
            let ids = [&copy.key, &copy.session, &copy.series].into_iter().chain(&copy.organizer);
            ids.cloned().chain(people(copy).into_iter().map(str::to_owned)).collect::<Vec<_>>()
        };
        copies.iter().flat_map(of).collect()
    };
    assert_eq!(ids(&one).len(), 8);
    assert!(ids(&one).is_disjoint(&ids(&other)));
}

#[test]
fn who_organized_is_the_person_who_attended() {
    let copy = sample(Times::QuarterHours);
    let organizer = copy.people.iter().find(|one| one.role == Role::Organizer).unwrap();
    assert_eq!((&organizer.person, organizer.identity), (&copy.organizer, Some("user")));
    assert!(copy.organizer.is_some_and(|organizer| organizer.starts_with("p_")));
}

#[test]
fn a_telephone_is_one_person_within_a_session_and_another_beyond_it() {
    let of = |id: &str| meeting(id, "10:00", "11:00").with([phone("+31201232714"), anonymous("a-1", "Noor")]);
    let sessions = [vec![of("r-1"), of("r-2")], vec![of("r-3")]];
    let copies = copies(&sessions, &key(7), Times::Exact);
    assert_eq!((copies[0].people.len(), copies[0].reports, copies[0].participants), (2, 2, None));
    assert!(people(&copies[0]).is_disjoint(&people(&copies[1])));
    let identities: BTreeSet<_> = copies[1].people.iter().map(|one| one.identity.unwrap()).collect();
    assert_eq!(identities, BTreeSet::from(["anonymous", "phone"]));
}

#[test]
fn who_was_erased_is_a_row_without_a_person_and_comes_last() {
    let copy = sample(Times::QuarterHours);
    let last = copy.people.last().unwrap();
    assert_eq!((&last.person, last.identity, last.level), (&None, None, Level::Unknown));
    let pseudonyms: Vec<_> = copy.people.iter().filter_map(|one| one.person.clone()).collect();
    assert!(pseudonyms.len() == 3 && pseudonyms.is_sorted(), "by nothing but the pseudonym: {pseudonyms:?}");
}

#[test]
fn the_mark_is_of_the_exact_times_and_all_times_are_quarters() {
    let copy = sample(Times::QuarterHours);
    let aiko = copy.people.iter().find(|one| one.joins == 2).unwrap();
    assert_eq!((aiko.seconds, aiko.graph_seconds, aiko.level), (Some(2_700), Some(3_600), Level::Present));
    assert!(aiko.is_late, "12 minutes");
    let times = |interval: &Interval| (interval.join, interval.leave, interval.seconds);
    let quarters = [("10:00", "10:30", 900), ("10:15", "11:00", 1_800)];
    let quarters = quarters.map(|(join, leave, seconds)| (Some(at(join)), Some(at(leave)), Some(seconds)));
    assert_eq!(aiko.intervals.iter().map(times).collect::<Vec<_>>(), quarters);
    assert_only_quarters(&serde_json::to_value(&copy).unwrap());
    let exact = sample(Times::Exact);
    assert_eq!(exact.span.map(|span| span.start), Some(at("09:56:02")));
}

/// Looks at every instant and every length in a copy.
fn assert_only_quarters(value: &serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                if let Some(seconds) = member.as_i64().filter(|_| name.to_lowercase().contains("seconds")) {
                    assert_eq!(seconds % 900, 0, "{name}: {seconds}");
                }
                assert_only_quarters(member);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(assert_only_quarters),
        serde_json::Value::String(text) => {
            if let Ok(at) = text.parse::<Timestamp>() {
                assert_eq!(at.as_nanosecond() % 900_000_000_000, 0, "{text}");
            }
        }
        _ => {}
    }
}

#[test]
fn a_registration_is_its_user_s_else_its_address_s_else_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path().join("rollcall/index.sqlite")).unwrap();
    let report = webinar("r-1", "s-1", "10:00", "11:00")
        .with([Record { registration_id: Some("g-1".to_owned()), ..user("Aiko Ferreira") }]);
    let (event, sessions) = (report.series.clone(), [vec![report]]);
    let mut persons = persons::Persons::of(&index, &sessions, &Rules::default()).unwrap();
    let mut whom = |id: &str, user: Option<&str>, address: Option<&str>| {
        let registration = Registration {
            id: Some(id.to_owned()),
            external_id: None,
            user_id: user.map(str::to_owned),
            name: None,
            address: address.map(Into::into),
            status: None,
            registered_at: None,
        };
        persons.registrant(&registration, &event, TENANT).unwrap().unwrap()
    };
    let aiko = format!("user:{TENANT}/id-aiko.ferreira");
    assert_eq!(whom("g-1", None, Some("aiko@home.example")), aiko, "who came by it");
    assert_eq!(whom("g-2", Some("ID-aiko.ferreira"), Some("x@home.example")), aiko);
    assert_eq!(whom("g-3", None, Some(" Kwame@Contoso.com")), "mail:kwame@contoso.com");
    assert_eq!(whom("g-4", None, None), "registrant:w-1@t-1/g-4");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each text is marked, so that any of it is found wherever it is; no pseudonym has a 0.
    #[test]
    fn no_text_of_a_report_is_in_any_file(texts in prop::collection::vec(".{0,8}", 16)) {
        let mut texts = texts.into_iter().map(|text| format!("Q0Q{text}Q0Q"));
        let mut text = || texts.next().unwrap();
        let record = Record {
            id: Some(text()),
            name: Some(text().into()),
            address: Some(text().into()),
            tenant_id: Some(text()),
            registration_id: Some(text()),
            external_registration_id: Some(text()),
            identity_id: Some(text()),
            ..user("Aiko Ferreira").times(&[("10:00", "10:40")])
        };
        let mut report = webinar(&text(), &text(), "10:00", "11:00").with([record]);
        (report.series.id, report.source, report.tenant_id) = (text(), text(), text());
        (report.title, report.series_title) = (Some(text().into()), Some(text().into()));
        report.organizer = Organizer { id: Some(text()), name: Some(text().into()), address: None };
        let copy = copies(&[vec![report]], &key(7), Times::QuarterHours).remove(0);
        let rules = Rules { same: vec![("Q0Qone".to_owned(), "Q0Qother".to_owned())], ..Rules::default() };
        for bytes in [
            files::json(&copy, &rules).unwrap(),
            files::csv(&copy, &rules.zone, CsvOptions::default()).unwrap(),
            files::csv_registrations(&copy, &rules.zone, CsvOptions::default()).unwrap(),
        ] {
            prop_assert!(!String::from_utf8(bytes).unwrap().to_uppercase().contains("Q0Q"));
        }
    }
}
