use super::*;
use crate::model::{IdentityKind, Kind, Record, Report};
use crate::samples::{TENANT, anonymous, meeting, phone, registration, series, user, webinar};

fn sighted<'a>(reports: &'a [Report], registrations: &'a Registrations) -> Vec<Sighting<'a>> {
    let of = |report: &'a Report| {
        let scope = Scope { report, session: &report.id, registrations };
        let records = report.records.iter().enumerate();
        records.map(move |(place, record)| Sighting::of(record, place, scope))
    };
    reports.iter().flat_map(of).collect()
}

fn people(records: &[Record], same: &[(&str, &str)]) -> People {
    let report = meeting("r-1", "10:00", "11:00").with(records);
    let same: Vec<_> = same.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
    People::of(&sighted(&[report], &Registrations::default()), &same)
}

fn keys(people: &People) -> Vec<String> {
    people.persons().map(|person| person.key.to_string()).collect()
}

#[test]
fn the_first_key_that_exists_is_taken() {
    let other_tenant = Record { tenant_id: Some("T-2".into()), ..user("Yusuf Ornberg") };
    let records = [
        user("Aiko Ferreira"),
        other_tenant,
        user("Linh Castellano").without_id(),
        phone("+31201232714"),
        anonymous("a-1", "Noor"),
        Record { identity: IdentityKind::User, ..Record::default() },
    ];
    assert_eq!(
        keys(&people(&records, &[])),
        [
            &format!("user:{TENANT}/id-aiko.ferreira") as &str,
            "user:t-2/id-yusuf.ornberg",
            "mail:linh.castellano@contoso.com",
            "phone:r-1/+31201232714",
            "anonymous:r-1/a-1",
            "anonymous:r-1/r-1#5",
        ]
    );
}

#[test]
fn a_registration_leads_to_its_address() {
    let id = "0AAAAAAA-0000-4000-8000-000000000001";
    let record = |id: &str| Record {
        registration_id: Some(id.to_owned()),
        ..Record { name: Some("Kwame".into()), ..Record::default() }
    };
    let report = webinar("r-1", "s-1", "10:00", "11:00").with([record(id), record("other")]);
    let known = registration(&id.to_lowercase(), "registered", " Kwame@Contoso.com");
    let registrations = Registrations::of([(&series(Kind::Webinar), &known)]);
    let people = People::of(&sighted(&[report], &registrations), &[]);
    assert_eq!(keys(&people), ["registrant:w-1@t-1/other", "mail:kwame@contoso.com"]);
    assert_eq!(people.with_registration(id), [1]);
}

#[test]
fn an_address_is_trimmed_in_small_letters_and_nfc_and_nothing_else_is_folded() {
    let compared = |address| comparable_address(address);
    assert_eq!(compared(" Zoe\u{308}@Contoso.COM "), Some("zoë@contoso.com".into()));
    assert_eq!(compared("a.b+tag@contoso.com"), Some("a.b+tag@contoso.com".into()));
    assert_eq!(
        compared("Jan_de_Wit_fabrikam.example#EXT#@contoso.onmicrosoft.com"),
        Some("jan_de_wit@fabrikam.example".into())
    );
    assert_eq!(compared("odd#EXT#@contoso.com"), Some("odd#ext#@contoso.com".into()));
    assert_eq!(compared("  "), None);
}

#[test]
fn a_record_without_id_joins_the_person_of_its_address() {
    let records = [user("Aiko Ferreira"), user("Aiko Ferreira").without_id()];
    let joined = people(&records, &[]);
    let person = joined.persons().next().unwrap();
    assert_eq!(joined.persons().count(), 1);
    assert_eq!(person.also, [PersonKey::Address("aiko.ferreira@contoso.com".into())]);
    let guest = user("Jan Wit").address("jan_fabrikam.example#EXT#@contoso.onmicrosoft.com");
    let by_mail = user("Jan Wit").without_id().address("Jan@fabrikam.example");
    assert_eq!(people(&[guest, by_mail], &[]).persons().count(), 1);
}

#[test]
fn equal_names_never_join() {
    let records = [user("Noor Haddad"), user("Noor Haddad").without_id().address("noor@fabrikam.example")];
    assert_eq!(people(&records, &[]).persons().count(), 2);
}

#[test]
fn two_ids_with_one_address_are_doubles_that_only_same_joins() {
    let second = user("Aiko Private").address("Aiko.Ferreira@contoso.com");
    let records = [user("Aiko Ferreira"), second, user("Aiko Ferreira").without_id()];
    let apart = people(&records, &[]);
    let doubles: Vec<_> = apart.doubles().collect();
    assert_eq!(doubles, [("aiko.ferreira@contoso.com", [0, 1, 2].as_slice())]);
    let joined = people(&records, &[("id-aiko.ferreira", "ID-aiko.private")]);
    assert_eq!(joined.persons().count(), 2);
    let joined = people(&records, &[("id-aiko.ferreira", "aiko.ferreira@contoso.com")]);
    assert_eq!((joined.persons().count(), joined.doubles().count()), (1, 0));
}

#[test]
fn who_is_told_to_be_the_same_is_also_over_somebody_who_is_not_there() {
    let records = [user("Aiko Ferreira"), user("Kwame Brandsma"), user("Linh Castellano")];
    let same = [("id-aiko.ferreira", "elsewhere"), ("elsewhere", "kwame.brandsma@contoso.com")];
    assert_eq!(people(&records, &same).persons().count(), 2);
}

#[test]
fn a_telephone_is_one_person_in_the_reports_of_one_session_and_nobody_beyond_it() {
    let reports = ["r-1", "r-2", "r-3"].map(|id| {
        meeting(id, "10:00", "11:00").with([
            phone("+31201232714"),
            anonymous("a-1", "Noor"),
            Record::default(),
        ])
    });
    let registrations = Registrations::default();
    let sightings: Vec<Sighting<'_>> = (reports.iter().zip(["r-1", "r-1", "r-3"]))
        .flat_map(|(report, session)| {
            let scope = Scope { report, session, registrations: &registrations };
            let records = report.records.iter().enumerate();
            records.map(move |(place, record)| Sighting::of(record, place, scope))
        })
        .collect();
    let people = People::of(&sightings, &[]);
    let all: Vec<_> =
        people.persons().map(|person| person.keys().map(PersonKey::to_string).collect()).collect();
    assert_eq!(
        all as Vec<Vec<String>>,
        [
            vec!["phone:r-1/+31201232714", "phone:r-2/+31201232714"],
            vec!["phone:r-3/+31201232714"],
            vec!["anonymous:r-1/a-1", "anonymous:r-2/a-1"],
            vec!["anonymous:r-1/r-1#2"],
            vec!["anonymous:r-2/r-2#2"],
            vec!["anonymous:r-3/a-1"],
            vec!["anonymous:r-3/r-3#2"],
        ]
    );
}

#[test]
fn a_telephone_is_shown_with_its_last_four_digits() {
    let records = [Record { name: Some("+31 20 123 2714".into()), ..phone("+31201232714") }];
    assert_eq!(people(&records, &[]).person(0).shown_name().as_deref(), Some("•••• 2714"));
}

#[test]
fn the_name_and_address_seen_last_are_shown() {
    let named = |name: &str| Record { name: Some(name.into()), ..user("Aiko Ferreira") };
    let reports = [
        meeting("r-2", "2026-10-21 10:00", "2026-10-21 11:00").with([named("Aiko Ferreira-Vos")]),
        meeting("r-1", "10:00", "11:00")
            .with([named("Aiko Ferreira"), Record { name: Some(" ".into()), ..named("") }]),
    ];
    let people = People::of(&sighted(&reports, &Registrations::default()), &[]);
    assert_eq!(people.person(0).shown_name().as_deref(), Some("Aiko Ferreira-Vos"));
}

#[test]
fn names_are_compared_without_marks_order_and_case() {
    for name in
        ["Ferreira, Aiko", "aiko  FERREIRA", "Aiko Ferreira (External) (Unverified)", "Ａiko Ferreira"]
    {
        assert_eq!(comparable_name(name).as_deref(), Some("aiko ferreira"), "{name}");
    }
    assert_eq!(comparable_name("Straße"), comparable_name("STRASSE"));
    assert_eq!(comparable_name("Aiko (open"), Some("aiko (open".into()));
    assert_eq!(comparable_name("(External)"), None);
}

#[test]
fn pairs_of_the_same_person_are_two_columns() {
    let read = read_same("\u{feff}id-1, aiko@contoso.com\r\n\r\n\"a\",b\n".as_bytes()).unwrap();
    assert_eq!(read, [("id-1".into(), "aiko@contoso.com".into()), ("a".into(), "b".into())]);
    assert_eq!(read_same(b"a,b\r\n\r\n\r\na\r\n"), Err(SameError::NoPair { line: 4 }));
    assert_eq!(read_same(b"\"a\n\",b\ra\n"), Err(SameError::NoPair { line: 3 }));
    assert_eq!(read_same(b"a,b,c\n"), Err(SameError::NoPair { line: 1 }));
    assert_eq!(read_same(b"a,b\n\xff,c\n"), Err(SameError::Unreadable));
}

proptest::proptest! {
    #[test]
    fn any_text_is_an_address_that_says_something_or_none(text in ".{0,40}") {
        if let Some(address) = comparable_address(&text) {
            proptest::prop_assert!(!address.is_empty());
        }
        let _ = (comparable_name(&text), read_same(text.as_bytes()));
    }
}
