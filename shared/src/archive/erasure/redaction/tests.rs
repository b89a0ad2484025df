use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn marker() -> Marker {
    Marker { at: Timestamp::UNIX_EPOCH, erasure: "e-1".to_owned() }
}

#[test]
fn a_record_is_replaced_where_it_stands_and_nothing_else_changes() {
    let report = "{ \"id\":\"r\", \"totalParticipantCount\":2.0,\"attendanceRecords\":[{\"n\":1.50},\n {\"a\":\"\\ud83d\"} ,{}], \"z\":1e400 }\n";
    let (marker, second) = (marker(), r#"{"a":"\ud83d"}"#);
    let is_second = |entry: &Entry<'_>| (entry.pointer() == "/attendanceRecords/1").then_some(&marker);
    let redacted = redact(report, Shape::Report, is_second).unwrap().unwrap();
    assert_eq!(redacted.text, report.replace(second, &marker.json()));
    assert_eq!((redacted.entries, &redacted.latest), (1, &marker));
}

#[test]
fn where_nobody_was_erased_there_is_nothing_to_write() {
    let report = r#"{"attendanceRecords":[{}]}"#;
    assert_eq!(redact(report, Shape::Report, |_| None).unwrap(), None);
    let marker = marker();
    assert_eq!(redact("{}", Shape::Report, |_| Some(&marker)).unwrap(), None);
    assert!(redact("{", Shape::Report, |_| Some(&marker)).is_err());
}

#[test]
fn any_other_change_is_found() {
    let before = r#"{"id":"r", "attendanceRecords":[{"a":1},{"b":2}],"z":1}"#;
    let marker = marker().json();
    let is_fine = |after: &str| differs_by_markers_alone(before, after, Shape::Report).unwrap();
    assert!(is_fine(before) && is_fine(&before.replace(r#"{"a":1}"#, &marker)));
    for (old, new) in [
        (r#"{"a":1}"#, r#"{"a":1.0}"#),
        (r#"{"a":1},"#, ""),
        (",{", " ,{"),
        (r#""z":1"#, r#""z":2"#),
        (r#""id":"r""#, r#""id":"s""#),
    ] {
        let after = before.replace(r#"{"b":2}"#, &marker).replacen(old, new, 1);
        assert!(!is_fine(&after), "{after}");
    }
}

#[test]
fn the_latest_of_several_erasures_is_told() {
    let markers = [5, 9, 7].map(|second| Marker { at: Timestamp::from_second(second).unwrap(), ..marker() });
    let mut next = markers.iter();
    let redacted = redact(r#"{"value":[1,2,3]}"#, Shape::Registrations, |_| next.next());
    let redacted = redacted.unwrap().unwrap();
    assert_eq!((redacted.entries, &redacted.latest), (3, &markers[1]));
}

/// A piece of JSON that Graph might send, or nobody would: numbers no float holds, halves of emojis, NUL, white space.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("12345678901234567890123.50".to_owned()),
        Just("1e400".to_owned()),
        Just(r#""\ud83d""#.to_owned()),
        Just(r#""\u0000\udc00 ]}[{""#.to_owned()),
        "\\PC{0,6}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let members = prop::collection::vec((name(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(" ,\n"))),
            members.prop_map(|all| object(&all)),
        ]
    })
}

/// Names of members, some of which stand twice in an object.
fn name() -> impl Strategy<Value = String> {
    let names = ["id", "a", "attendanceRecords", r"attendanceRecord\u0073", r"\ud83d", "value", ""];
    prop::sample::select(names.map(str::to_owned).to_vec())
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\" :\t{value}")).collect();
    format!("{{{}}}", members.join(", "))
}

/// Records, the white space around each, which of them are to go, and the members beside them.
type Chosen = (Vec<String>, Vec<String>, Vec<bool>, Vec<(String, String)>);

/// What a report is made of.
fn report() -> impl Strategy<Value = Chosen> {
    let space = prop::sample::select(vec!["", " ", "\n  ", "\t"]).prop_map(str::to_owned);
    (1..8_usize).prop_flat_map(move |count| {
        (
            prop::collection::vec(value(), count),
            prop::collection::vec(space.clone(), count * 2),
            prop::collection::vec(any::<bool>(), count),
            prop::collection::vec((Just("z".to_owned()), value()), 0..3),
        )
    })
}

proptest! {
    #[test]
    fn every_other_byte_stays_the_result_parses_and_twice_is_once((records, spaces, chosen, others) in report()) {
        let marker = marker();
        let joined = |records: &[String]| {
            let spaced = records.iter().enumerate();
            let spaced = spaced.map(|(at, record)| format!("{}{record}{}", spaces[at * 2], spaces[at * 2 + 1]));
            let list = ("attendanceRecords".to_owned(), format!("[{}]", spaced.collect::<Vec<_>>().join(",")));
            let members: Vec<_> = others.iter().cloned().chain([list]).chain(others.iter().cloned()).collect();
            object(&members)
        };
        let text = joined(&records);
        let mut place = 0;
        let choose = |_: &Entry<'_>| {
            place += 1;
            chosen[place - 1].then_some(&marker)
        };
        let redacted = redact(&text, Shape::Report, choose).unwrap();
        let with_markers: Vec<String> = (records.iter().zip(&chosen))
            .map(|(record, is_chosen)| if *is_chosen { marker.json() } else { record.clone() })
            .collect();
        let Some(redacted) = redacted else {
            prop_assert!(!chosen.contains(&true));
            return Ok(());
        };
        prop_assert_eq!(&redacted.text, &joined(&with_markers));
        prop_assert!(serde_json::from_str::<&RawValue>(&redacted.text).is_ok());
        let kept = |text: &str| -> Vec<String> {
            let entries = entries(text, Shape::Report).unwrap();
            entries.into_iter().map(|entry| entry.text.to_owned()).collect()
        };
        prop_assert_eq!(kept(&redacted.text), with_markers);
        prop_assert!(differs_by_markers_alone(&text, &redacted.text, Shape::Report).unwrap());
        let mut again = chosen.iter();
        let twice = redact(&redacted.text, Shape::Report, |_| again.next().filter(|chosen| **chosen).map(|_| &marker));
        prop_assert_eq!(twice.unwrap(), None);
    }

    #[test]
    fn no_text_of_any_shape_makes_it_fail_or_loses_a_byte(text in prop_oneof![value(), "\\PC{0,40}"]) {
        let marker = marker();
        for shape in [Shape::Report, Shape::Registrations, Shape::Registration, Shape::Event, Shape::CallRecord, Shape::Lines] {
            let Ok(found) = entries(&text, shape) else { continue };
            let kept: usize = found.iter().map(|entry| entry.text.len()).sum();
            let replaced = found.iter().filter(|entry| !is_marker(entry.text)).count();
            let Some(redacted) = redact(&text, shape, |_| Some(&marker)).unwrap() else {
                prop_assert_eq!(replaced, 0);
                continue;
            };
            prop_assert_eq!(redacted.entries, replaced);
            prop_assert_eq!(redacted.text.len(), text.len() - kept + replaced * marker.json().len());
        }
    }
}
