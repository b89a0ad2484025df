use super::*;
use crate::model::{IdentityKind, Record};
use crate::people::{People, Registrations};
use crate::rules::Rules;
use crate::samples::{anonymous, meeting, user};
use crate::session::sightings;

fn read(text: &str) -> Roster {
    Roster::read("autumn.csv", text.as_bytes()).unwrap()
}

fn people(records: &[Record]) -> People {
    let reports = [meeting("r-1", "10:00", "11:00").with(records)];
    People::of(&sightings(&reports, &Registrations::default()), &[])
}

fn how(text: &str, records: &[Record], match_names: bool) -> Vec<RosterMatch> {
    let rules = Rules { match_names, ..Rules::default() };
    matched(&read(text), &people(records), &rules).into_iter().map(|one| one.how).collect()
}

fn ambiguous(candidates: &[&str]) -> RosterMatch {
    RosterMatch::Ambiguous { candidates: candidates.iter().map(|one| (*one).to_owned()).collect() }
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_roster() {
    let text = "Name;EMAIL;Number;excused;To\r\n\"Örnberg, Yusuf\";y@a.example;S-1;2026-10-14;2026-12-01\r\n";
    let lines = read(text).lines;
    assert_eq!(lines[0].name.as_deref(), Some("Örnberg, Yusuf"));
    assert_eq!((lines[0].line, lines[0].excused.len(), lines[0].to.is_some()), (2, 1, true));
    let utf16 = |units: Vec<[u8; 2]>| units.concat();
    let with_mark = format!("\u{feff}{text}");
    let files = [
        with_mark.clone().into_bytes(),
        utf16(with_mark.encode_utf16().map(u16::to_le_bytes).collect()),
        utf16(with_mark.encode_utf16().map(u16::to_be_bytes).collect()),
        text.replace(';', ",").into_bytes(),
        text.replace(';', "\t").into_bytes(),
    ];
    for file in files {
        assert_eq!(Roster::read("autumn.csv", &file).unwrap().lines, lines);
    }
}

#[test]
fn several_addresses_and_days_are_parted_by_semicolons() {
    let text = "id,mail,upn,from,excused,room\n g-1 ,a@x.example; b@x.example,c@x.example,2026-09-01,2026-10-14;2026-10-21,12\n\n,,,,,\n";
    let roster = read(text);
    let [line] = roster.lines.as_slice() else { panic!("{} lines", roster.lines.len()) };
    assert_eq!(line.id.as_deref(), Some("g-1"));
    assert_eq!(line.addresses, ["a@x.example", "b@x.example", "c@x.example"]);
    assert_eq!(line.excused, [jiff::civil::date(2026, 10, 14), jiff::civil::date(2026, 10, 21)]);
    assert_eq!((line.from, line.to), (Some(jiff::civil::date(2026, 9, 1)), None));
}

#[test]
fn what_is_no_roster_is_told_with_its_line() {
    let error = |bytes: &[u8]| Roster::read("autumn.csv", bytes).unwrap_err();
    assert_eq!(error(b""), RosterError::Heading);
    assert_eq!(error(b"Nom;Courriel\nA;b\n"), RosterError::Heading);
    assert_eq!(error(b"number,group\n1,2\n"), RosterError::Heading);
    assert_eq!(error(b"name,NAME\n"), RosterError::HeadingTwice { heading: "name" });
    assert_eq!(error(b"mail,name\na@x.example,\"A\nb@x.example,B\n"), RosterError::Quote { line: 2 });
    assert_eq!(error(b"name\n\xe9\n"), RosterError::Encoding);
    assert_eq!(error(b"n\0a\0m\0e\0\n\0"), RosterError::Encoding);
    assert_eq!(error(b"\xff\xfen\0a"), RosterError::Encoding);
    assert_eq!(
        error(b"name,from\r\nA,2026-09-01\r\n\r\nB,1.9.26\r\n"),
        RosterError::Day { line: 4, heading: "from" }
    );
    assert_eq!(error(b"name,from,to\nA,2026-09-02,2026-09-01\n"), RosterError::Order { line: 2 });
    assert_eq!(error(&vec![b' '; 10_000_001]), RosterError::TooLarge);
    assert_eq!(error(&b"name\nA\n".repeat(100_002)), RosterError::TooLong);
    for odd in ["name\nA\0B\n", "name,email\nonly\n", "name\n\"open\n", "name\n\u{202e}x\n=HYPERLINK(1)\n"] {
        assert!(Roster::read("odd.csv", odd.as_bytes()).is_ok(), "{odd:?}");
    }
    assert!(RosterError::Day { line: 3, heading: "to" }.to_string().contains("Line 3"));
}

#[test]
fn a_line_matches_by_id_then_address_then_registration() {
    let registered = Record { registration_id: Some("g-9".into()), ..user("Linh Castellano") };
    let records = [user("Aiko Ferreira"), user("Kwame Brandsma"), registered];
    let text = "id,email\nID-Aiko.Ferreira,kwame.brandsma@contoso.com\n,KWAME.brandsma@contoso.com\ng-9,\nnobody,n@x.example\n";
    let ways = [RosterMatch::Id, RosterMatch::Address, RosterMatch::Registration, RosterMatch::Unmatched];
    assert_eq!(how(text, &records, true), ways);
}

#[test]
fn a_guest_matches_by_the_address_behind_ext() {
    let guest = user("Yusuf Ornberg").address("yusuf_fabrikam.example#EXT#@contoso.onmicrosoft.com");
    assert_eq!(how("upn\nYusuf@fabrikam.example\n", &[guest], false), [RosterMatch::Address]);
    let plain = user("Yusuf Ornberg").address("yusuf@fabrikam.example");
    let text = "upn\nyusuf_fabrikam.example#EXT#@contoso.onmicrosoft.com\n";
    assert_eq!(how(text, &[plain], false), [RosterMatch::Address]);
}

#[test]
fn a_name_matches_only_where_that_is_allowed() {
    let record =
        Record { id: None, identity: IdentityKind::None, ..anonymous("a", "Aiko Ferreira (External)") };
    let text = "name\n\"Ferreira, Aiko\"\n";
    assert_eq!(how(text, std::slice::from_ref(&record), false), [RosterMatch::Unmatched]);
    assert_eq!(how(text, &[record], true), [RosterMatch::Name]);
    assert_eq!(how("name\nAiko Ferreirа\n", &[user("Aiko Ferreira")], true), [RosterMatch::Unmatched]);
}

#[test]
fn a_name_that_is_not_unique_on_both_sides_is_ambiguous() {
    let noor = || user("Noor Haddad");
    let two_lines = how("name\nNoor Haddad\nHaddad; Noor\n\"Haddad, Noor\"\n", &[noor()], true);
    assert_eq!(two_lines, [ambiguous(&["Noor Haddad"]), RosterMatch::Unmatched, ambiguous(&["Noor Haddad"])]);
    let two_people = [noor(), noor().without_id().address("noor@fabrikam.example")];
    assert_eq!(how("name\nNoor Haddad\n", &two_people, true), [ambiguous(&["Noor Haddad", "Noor Haddad"])]);
}

#[test]
fn two_lines_of_one_person_name_each_other() {
    let text = "id,email\nid-aiko.ferreira,\n,noor@contoso.com\n,aiko.ferreira@contoso.com\n";
    let both = RosterMatch::Doubled { lines: vec![2, 4] };
    assert_eq!(how(text, &[user("Aiko Ferreira")], false), [both.clone(), RosterMatch::Unmatched, both]);
}

#[test]
fn an_id_in_braces_is_the_id() {
    let id = "0A1B2C3D-0001-4000-8000-000000000001";
    let record = Record { identity_id: Some(id.to_lowercase()), ..user("Aiko Ferreira") };
    assert_eq!(how(&format!("id\n{{{id}}}\n"), &[record], false), [RosterMatch::Id]);
    assert_eq!(read("id\n{noor}\n").lines[0].id.as_deref(), Some("{noor}"), "no GUID stays as it is");
}

#[test]
fn an_address_that_two_ids_have_is_ambiguous() {
    let records = [user("Aiko Ferreira"), user("Aiko Private").address("aiko.ferreira@contoso.com")];
    let candidates = ambiguous(&["Aiko Ferreira", "Aiko Private"]);
    assert_eq!(how("email\naiko.ferreira@contoso.com\n", &records, false), [candidates]);
    assert_eq!(how("id\nid-aiko.private\n", &records, false), [RosterMatch::Id]);
}

#[test]
fn several_addresses_of_a_line_are_told_as_one_persons_where_no_other_line_has_them() {
    let records = [user("Aiko Ferreira"), user("Aiko Home").address("aiko@home.example")];
    let told = |text: &str| told_addresses(&read(text), &people(&records));
    let pair = ("aiko.ferreira@contoso.com".to_owned(), "aiko@home.example".to_owned());
    assert_eq!(told("mail\naiko.ferreira@contoso.com;aiko@home.example\n"), [pair]);
    assert_eq!(
        told("mail\naiko.ferreira@contoso.com;aiko@home.example\nb@x.example;aiko@home.example\n"),
        []
    );
    assert_eq!(told("mail\naiko.ferreira@contoso.com;unseen@x.example\n"), []);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_roster_or_a_sentence(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let text = [b"name;email;from\r\n".as_slice(), &bytes].concat();
        for bytes in [bytes.as_slice(), &text] {
            if let Err(error) = Roster::read("odd.csv", bytes) {
                proptest::prop_assert!(error.to_string().contains("roster"));
            }
        }
    }
}
