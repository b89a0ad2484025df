//! The picture of the training of 14 October, of invented people.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Absentee, Timeline};
use crate::model::{Interval, Kind, Organizer, Provenance, Role, SeriesId, Span};
use crate::people::{Person, PersonKey};
use crate::rules::{Level, Mark, Rules, WindowBasis};
use crate::session::{Attendee, Part, SecondsBasis, Session, Window};

fn at(time: &str) -> Timestamp {
    format!("2026-10-14T{time}:00+02:00").parse().unwrap()
}

fn spans(times: &[(&str, &str)]) -> Vec<Span> {
    times.iter().map(|(join, leave)| Span::new(at(join), at(leave)).unwrap()).collect()
}

fn attendee(name: &str, role: Role, times: &[(&str, &str)], minutes: i64) -> Attendee {
    let spans = spans(times);
    Attendee {
        person: Person {
            key: PersonKey::Address(format!("{name}@contoso.com")),
            name: Some(name.into()),
            address: Some(format!("{}@contoso.com", name.to_lowercase().replace(' ', ".")).into()),
            also: Vec::new(),
        },
        role,
        stands_apart: role != Role::Attendee,
        unclear: Vec::new(),
        basis: SecondsBasis::Times,
        seconds: Some(minutes * 60),
        graph_seconds: Some(minutes * 60),
        differs: false,
        first_join: spans.first().map(|span| span.start),
        last_leave: spans.last().map(|span| span.end),
        joins: spans.len(),
        registration_ids: Vec::new(),
        mark: Mark::of(Level::Present),
        late_by: None,
        early_by: None,
        spans,
    }
}

fn training() -> Session {
    let mut people = vec![
        attendee("Mirella Oduya", Role::Organizer, &[("09:56", "11:04")], 60),
        attendee("Tomasz Lindqvist", Role::Presenter, &[("09:58", "11:03")], 60),
        attendee("Aiko Ferreira", Role::Attendee, &[("09:59", "11:02")], 60),
        attendee("Kwame Brandsma", Role::Attendee, &[("10:01", "10:28"), ("10:31", "11:01")], 56),
        attendee("Linh Castellano", Role::Attendee, &[("10:00", "10:41"), ("10:22", "11:00")], 60),
        attendee("Svetlana Achterberg", Role::Attendee, &[("10:14", "11:02")], 46),
        attendee("Yusuf Örnberg", Role::Attendee, &[("10:00", "10:47")], 47),
        attendee(
            "Renske Oyelaran",
            Role::Attendee,
            &[("10:02", "10:09"), ("10:17", "10:23"), ("10:40", "10:59")],
            32,
        ),
    ];
    (people[4].graph_seconds, people[4].differs) = (Some(79 * 60), true);
    (people[5].mark.is_late, people[5].late_by) = (true, Some(SignedDuration::from_mins(14)));
    (people[6].mark.left_early, people[6].early_by) = (true, Some(SignedDuration::from_mins(13)));
    people[7].mark.level = Level::Partial;
    Session {
        series: SeriesId { kind: Kind::Webinar, id: "w-1@t-1".into(), channel_title: None },
        title: Some("Data protection training, session 3".into()),
        organizer: Organizer { id: None, name: Some("Mirella Oduya".into()), address: None },
        parts: vec![Part {
            report_id: "r-1".into(),
            source: "solutions/virtualEvents/webinars/w-1@t-1/sessions/s-1".into(),
            span: spans(&[("09:56", "11:04")]).pop(),
            participants: Some(8),
            erased: 0,
            records: 8,
            provenance: Provenance::default(),
        }],
        span: spans(&[("09:56", "11:04")]).pop(),
        plan: spans(&[("10:00", "11:00")]).pop(),
        window: spans(&[("10:00", "11:00")]).pop().map(|span| Window { span, basis: WindowBasis::Session }),
        attendees: people,
        has_names_only: false,
        is_stray: false,
    }
}

fn drawn(session: &Session, absentees: &[Absentee]) -> String {
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let rules = Rules { zone, ..Rules::default() };
    let attendees: Vec<&Attendee> = session.attendees.iter().collect();
    Timeline { session, rules: &rules, attendees: &attendees, absentees }.file().unwrap()
}

fn absentee(name: &str) -> Absentee {
    Absentee { name: name.into(), why: "registered, did not come".into(), mark: Mark::of(Level::Absent) }
}

#[test]
fn a_training_is_drawn_with_its_bars_flags_and_who_did_not_come() {
    let svg = drawn(&training(), &[absentee("Daan Mulgrew"), absentee("Petra Vossberg")]);
    for part in [
        ">Wed 14 Oct 2026, 09:56–11:04 · planned 10:00–11:00 · Europe/Amsterdam, UTC+2<",
        "8 joined, 2 registered and did not come · Graph counts 8<",
        "organizer: 09:56–11:04; 60 minutes; present<",
        ">two devices at 10:22 to 10:41<",
        ">≠ 79<",
        ">late 14<",
        ">13 early<",
        "◐ partial<",
        ">late after 10:10<",
        ">most at once: 8<",
    ] {
        assert!(svg.contains(part), "{part} is not in {svg}");
    }
}

#[test]
fn markup_and_odd_characters_in_a_name_are_text() {
    let mut session = training();
    session.attendees[0].person.name = Some("<img onerror=x>\0\u{202e}".into());
    session.title = Some("</title><script>".into());
    let svg = drawn(&session, &[absentee("<b>")]);
    assert!(!svg.contains("<img") && !svg.contains("<script") && !svg.contains("<b>") && !svg.contains('\0'));
    assert!(svg.contains("&#60;img onerror=x&#62;\u{fffd}"));
}

#[test]
fn in_a_meeting_everybody_but_the_organizer_is_of_one_kind() {
    let mut session = training();
    session.series.kind = Kind::Meeting;
    let svg = drawn(&session, &[]);
    assert!(svg.contains(">Others<") && !svg.contains("\"row presenter"));
}

#[test]
fn a_picture_has_two_hundred_rows_and_the_curve_of_all() {
    let mut session = training();
    session.attendees = (0..20_000)
        .map(|n| attendee(&format!("Person {n}"), Role::Attendee, &[("10:00", "11:00")], 60))
        .collect();
    let svg = drawn(&session, &[absentee("Daan Mulgrew")]);
    assert_eq!(svg.matches("<g class=\"row").count(), 200);
    assert!(svg.contains(">most at once: 20000<") && svg.contains("The first 200 of 20000 people"));
    assert!(svg.len() < 230_000, "{}", svg.len());
}

#[test]
fn without_any_time_there_is_no_picture_and_an_open_end_is_told() {
    let mut session = training();
    let join = Some(at("10:30"));
    session.attendees[3].unclear = vec![Interval { join, leave: None, seconds: None }];
    assert!(drawn(&session, &[]).contains("10:30–?"));
    (session.span, session.window, session.plan) = (None, None, None);
    session.attendees.iter_mut().for_each(|attendee| attendee.spans.clear());
    let rules = Rules::default();
    assert_eq!(Timeline { session: &session, rules: &rules, attendees: &[], absentees: &[] }.figure(), None);
}
