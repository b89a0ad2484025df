use jiff::SignedDuration;

use super::*;
use crate::model::{Record, Registration, Report};
use crate::rules::{Rules, Threshold, WindowRule, planned, zone};
use crate::samples::{anonymous, at, meeting, registration, span, user, webinar};

mod joining;
mod properties;

fn hour(records: impl Into<Vec<Record>>) -> Session {
    session(meeting("r-1", "09:56", "11:04").planned("10:00", "11:00").with(records))
}

fn session(report: Report) -> Session {
    Session::of(&[report], &[], &Rules::default()).unwrap()
}

fn attended(times: &[(&str, &str)]) -> Attendee {
    hour([user("Linh Castellano").times(times)]).attendees.remove(0)
}

/// The mark and the whole minutes of a cell.
fn cell(times: &[(&str, &str)]) -> String {
    let attendee = attended(times);
    format!("{} {}", attendee.mark.letter(), attendee.seconds.unwrap() / 60)
}

#[test]
fn minutes_are_the_union_within_the_window() {
    for (times, union, sum, minutes) in [
        (&[("10:00", "10:41"), ("10:22", "11:00")][..], 60, 79, 60),
        (&[("09:56", "11:04")][..], 68, 68, 60),
        (&[("10:01", "10:28"), ("10:31", "11:01")][..], 57, 57, 56),
    ] {
        let attendee = attended(times);
        assert_eq!(length(&united(&attendee.spans)), SignedDuration::from_mins(union));
        assert_eq!(attendee.graph_seconds, Some(sum * 60));
        assert_eq!(attendee.seconds, Some(minutes * 60));
        assert_eq!(attendee.differs, union != sum);
    }
}

#[test]
fn two_devices_are_two_lanes() {
    let attendee = attended(&[("10:00", "10:41"), ("10:22", "11:00")]);
    assert_eq!(lanes(&attendee.spans), [[span("10:00", "10:41")], [span("10:22", "11:00")]]);
    assert_eq!(lanes(&[span("10:00", "10:20"), span("10:20", "10:40")]).len(), 1);
    assert!(lanes(&[]).is_empty());
}

#[test]
fn forty_clean_rejoins_do_not_differ() {
    let times: Vec<(String, String)> =
        (0..40).map(|minute| (format!("10:{minute:02}:00.9"), format!("10:{minute:02}:30.1"))).collect();
    let times: Vec<(&str, &str)> =
        times.iter().map(|(join, leave)| (join.as_str(), leave.as_str())).collect();
    let attendee = attended(&times);
    assert_eq!((attendee.joins, attendee.differs), (40, false));
    assert_eq!(attendee.graph_seconds, Some(40 * 29));
    assert_eq!(attendee.seconds, Some(1_168));
}

#[test]
fn graphs_sum_may_differ_by_a_second_an_interval_and_one() {
    let differs = |graph| {
        let record =
            Record { graph_seconds: Some(graph), ..user("Linh Castellano").times(&[("10:00", "10:30")]) };
        hour([record]).attendees[0].differs
    };
    assert!(!differs(1_798) && !differs(1_802));
    assert!(differs(1_797) && differs(1_803));
}

#[test]
fn the_night_the_clocks_go_back_has_75_minutes() {
    let (start, end) = ("2026-10-25T02:30:00+02:00", "2026-10-25T02:45:00+01:00");
    let report = meeting("r-1", start, end).planned(start, end);
    let report = report.with([user("Linh Castellano").times(&[(start, end)])]);
    for zone in [zone("Europe/Amsterdam").unwrap(), zone("UTC").unwrap()] {
        let rules = Rules { zone, ..Rules::default() };
        let session = Session::of(std::slice::from_ref(&report), &[], &rules).unwrap();
        assert_eq!(session.attendees[0].seconds, Some(75 * 60));
        assert_eq!(session.attendees[0].mark.letter(), "P");
    }
}

#[test]
fn a_level_and_flags_are_two_things() {
    assert_eq!(cell(&[("10:14", "11:00")]), "L 46");
    assert_eq!(cell(&[("10:00", "10:47")]), "D 47");
    let partial = attended(&[("10:12", "10:48")]);
    assert_eq!((partial.mark.letter(), partial.seconds), ("H", Some(36 * 60)));
    assert!(partial.mark.is_late && partial.mark.left_early);
    assert_eq!((partial.late_by, partial.early_by), (Some(minutes(12)), Some(minutes(12))));
    assert_eq!(cell(&[("10:27", "10:32")]), "A 5");
    assert_eq!(cell(&[("10:27", "10:33")]), "H 6");
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[test]
fn exactly_75_percent_is_present_and_a_second_less_is_partial() {
    assert_eq!(cell(&[("10:05", "10:50")]), "P 45");
    assert_eq!(cell(&[("10:05", "10:49:59")]), "H 44");
}

#[test]
fn thresholds_compare_the_seconds_that_are_shown() {
    let of = |leave| {
        let record = user("Linh Castellano").times(&[("10:10:00.9", leave)]);
        let report = meeting("r-1", "10:00:00.1", "11:00:00.8").with([record]);
        let attendee = session(report).attendees.remove(0);
        (attendee.seconds, attendee.mark.letter())
    };
    assert_eq!(of("10:55:00.9"), (Some(2_700), "P"));
    assert_eq!(of("10:55:00.8"), (Some(2_699), "H"));
}

#[test]
fn exactly_at_the_limit_nobody_is_late_or_early() {
    assert_eq!(cell(&[("10:10", "11:00")]), "P 50");
    assert_eq!(cell(&[("10:10:01", "11:00")]), "L 49");
    assert_eq!(cell(&[("10:00", "10:50")]), "P 50");
    assert_eq!(cell(&[("10:00", "10:49:59")]), "D 49");
    let rules = Rules { present_after: Threshold::Share(0), ..Rules::default() };
    let report = meeting("r-1", "10:00", "11:00").with([user("A B").times(&[("10:11", "10:49")])]);
    assert_eq!(Session::of(&[report], &[], &rules).unwrap().attendees[0].mark.letter(), "LD");
}

#[test]
fn a_missing_end_is_taken_from_the_other_and_the_duration() {
    let interval = |join: Option<&str>, leave: Option<&str>, seconds| Interval {
        join: join.map(at),
        leave: leave.map(at),
        seconds,
    };
    let of = |intervals: Vec<Interval>| {
        let record = Record { intervals: Some(intervals), ..user("Linh Castellano") };
        hour([Record { graph_seconds: Some(1_000), ..record }]).attendees.remove(0)
    };
    let taken =
        of(vec![interval(Some("10:00"), None, Some(1_800)), interval(None, Some("11:00"), Some(600))]);
    assert_eq!(taken.spans, [span("10:00", "10:30"), span("10:50", "11:00")]);
    assert_eq!((taken.seconds, taken.basis), (Some(2_400), SecondsBasis::Times));
    let unclear = of(vec![interval(Some("10:00"), Some("10:46"), None), interval(Some("10:47"), None, None)]);
    assert_eq!((unclear.seconds, unclear.unclear.len()), (Some(46 * 60), 1));
    // When the person left is not known: so not early.
    assert_eq!((unclear.mark.letter(), unclear.early_by), ("P", None));
    assert_eq!((unclear.first_join, unclear.last_leave), (Some(at("10:00")), Some(at("10:46"))));
    let nothing =
        of(vec![interval(Some("10:20"), None, None), interval(Some("11:00"), Some("10:00"), Some(-1))]);
    assert_eq!((nothing.seconds, nothing.basis), (Some(1_000), SecondsBasis::AsGraph));
    assert!(nothing.spans.is_empty());
}

#[test]
fn nobody_is_absent_whose_times_are_not_all_clear() {
    let minute = user("Aiko Ferreira").times(&[("10:00", "10:01")]);
    let open = Interval { join: Some(at("10:05")), leave: None, seconds: None };
    let intervals = minute.intervals.iter().flatten().copied().chain([open]).collect();
    let unclear = Record { intervals: Some(intervals), ..minute.clone() };
    let sum_alone = Record { graph_seconds: Some(2_700), ..user("Aiko Ferreira") };
    for records in [vec![unclear], vec![minute.clone(), sum_alone]] {
        assert_eq!(hour(records).attendees[0].mark.letter(), "?");
    }
    assert_eq!(hour([minute]).attendees[0].mark.letter(), "A");
}

#[test]
fn nobody_is_late_or_early_by_a_time_that_is_not_known() {
    let flags = |unclear: (Option<&str>, Option<&str>)| {
        let unclear = Interval { join: unclear.0.map(at), leave: unclear.1.map(at), seconds: None };
        let record = user("Linh Castellano").times(&[("10:12", "10:48")]);
        let intervals = record.intervals.into_iter().flatten().chain([unclear]).collect();
        let attendee = hour([Record { intervals: Some(intervals), ..user("A B") }]).attendees.remove(0);
        assert_eq!(attendee.seconds, Some(36 * 60));
        (attendee.mark.is_late, attendee.mark.left_early)
    };
    assert_eq!(flags((Some("10:02"), None)), (false, false));
    assert_eq!(flags((Some("10:49"), None)), (true, false));
    assert_eq!(flags((None, Some("11:02"))), (false, false));
    assert_eq!(flags((None, Some("10:55"))), (false, false));
    assert_eq!(flags((Some("09:58"), None)), (false, false));
    assert_eq!(flags((None, Some("09:58"))), (true, true));
    assert_eq!(flags((Some("11:00"), None)), (true, true));
    assert_eq!(flags((None, None)), (false, false));
    assert_eq!(flags((Some("10:50"), Some("10:00"))), (false, false));
}

#[test]
fn without_intervals_graphs_sum_counts_up_to_the_window() {
    let of = |graph| hour([Record { graph_seconds: graph, ..user("A B") }, timed()]).attendees.remove(1);
    assert_eq!((of(Some(9_999)).seconds, of(Some(9_999)).basis), (Some(3_600), SecondsBasis::AsGraph));
    assert_eq!(of(Some(2_700)).mark.letter(), "P");
    assert_eq!(of(Some(2_699)).mark.letter(), "H");
    assert_eq!(of(Some(0)).mark.letter(), "A");
    assert_eq!((of(None).mark.letter(), of(None).seconds), ("?", None));
    assert_eq!(of(None).basis, SecondsBasis::Nothing);
}

fn timed() -> Record {
    user("Aiko Ferreira").times(&[("10:00", "11:00")])
}

#[test]
fn a_report_of_names_alone_counts_everybody_in_it_as_present() {
    let session = hour([user("Aiko Ferreira"), anonymous("a-1", "Noor")]);
    assert!(session.has_names_only);
    for attendee in &session.attendees {
        assert_eq!((attendee.mark.letter(), attendee.seconds), ("P", None));
        assert_eq!(attendee.basis, SecondsBasis::NamedOnly);
    }
    assert!(!hour([timed()]).has_names_only && !hour([]).has_names_only);
}

#[test]
fn the_window_is_the_first_that_exists() {
    let window = |report: Report, rule: WindowRule| {
        let rules = Rules { window: rule, zone: zone("Europe/Amsterdam").unwrap(), ..Rules::default() };
        Session::of(&[report], &[], &rules).unwrap().window.map(|window| (window.span, window.basis))
    };
    let own = || meeting("r-1", "09:56", "11:04");
    let report = Some((span("09:56", "11:04"), WindowBasis::Report));
    let meeting_plan = Some((span("10:00", "11:00"), WindowBasis::Meeting));
    assert_eq!(window(own().planned("10:00", "11:00"), WindowRule::Plan), meeting_plan);
    assert_eq!(window(own().planned("10:00", "11:00"), WindowRule::Report), report);
    assert_eq!(window(own(), WindowRule::Plan), report);
    // A recurring meeting's plan spans the series, or is another day's.
    assert_eq!(window(own().planned("2026-09-30 10:00", "2026-11-04 11:00"), WindowRule::Plan), report);
    assert_eq!(window(own().planned("2026-09-30 10:00", "2026-09-30 11:00"), WindowRule::Plan), report);
    assert_eq!(window(own().planned("11:04", "12:04"), WindowRule::Plan), report);
    let of_session = webinar("r-1", "s-1", "09:56", "11:04").planned("10:00", "11:00");
    let session_plan = Some((span("10:00", "11:00"), WindowBasis::Session));
    assert_eq!(window(of_session, WindowRule::Plan), session_plan);
    let given = Some((span("10:30", "11:00"), WindowBasis::Given));
    assert_eq!(window(own().planned("10:00", "11:00"), planned("12:30-13:00").unwrap()), given);
    // About midnight in the zone: the times of the day that have the most of it.
    let night = meeting("r-1", "21:50", "23:10");
    let midnight = Some((span("22:00", "23:00"), WindowBasis::Given));
    assert_eq!(window(night, planned("00:00-01:00").unwrap()), midnight);
    let over = meeting("r-1", "20:30", "22:40");
    let over_midnight = Some((span("20:30", "22:30"), WindowBasis::Given));
    assert_eq!(window(over, planned("22:30-00:30").unwrap()), over_midnight);
}

#[test]
fn a_report_without_times_has_those_that_are_in_it_or_none() {
    let bare = Report { span: None, ..meeting("legacy-1", "10:00", "11:00") };
    let session = session(bare.clone().with([timed()]));
    assert_eq!(
        (session.span, session.window.map(|window| window.span)),
        (None, Some(span("10:00", "11:00")))
    );
    assert_eq!(session.attendees[0].mark.letter(), "P");
    let summed = Session::of(
        &[bare.with([Record { graph_seconds: Some(60), ..user("A B") }])],
        &[],
        &Rules::default(),
    )
    .unwrap();
    let attendee = &summed.attendees[0];
    assert_eq!((summed.window, attendee.seconds, attendee.mark.letter()), (None, Some(60), "?"));
}

#[test]
fn presenters_stand_apart_in_webinars_only_and_come_before_attendees() {
    let records = || {
        let (late, early) = (&[("10:05", "11:00")], &[("10:00", "11:00")]);
        [
            user("Zoe Late").times(late),
            user("Yan Early").times(early),
            user("Ann Early").times(early),
            user("Tomasz Lindqvist").times(late).role(Role::Presenter),
            user("Mirella Oduya").times(late).role(Role::Organizer),
        ]
    };
    let names = |session: &Session| -> Vec<(String, bool)> {
        let of = |attendee: &Attendee| (attendee.person.shown_name().unwrap(), attendee.stands_apart);
        session.attendees.iter().map(of).collect()
    };
    let in_order = |is_presenter_apart| {
        [
            ("Mirella Oduya", true),
            ("Tomasz Lindqvist", is_presenter_apart),
            ("Ann Early", false),
            ("Yan Early", false),
            ("Zoe Late", false),
        ]
        .map(|(name, apart)| (name.to_owned(), apart))
    };
    assert_eq!(names(&hour(records())), in_order(false));
    let webinar = webinar("r-1", "s-1", "10:00", "11:00").with(records());
    assert_eq!(names(&session(webinar)), in_order(true));
}

#[test]
fn two_people_of_one_name_have_each_their_own_minutes() {
    let one = user("Noor Haddad").times(&[("10:00", "11:00")]);
    let other =
        user("Noor Haddad").without_id().address("noor@fabrikam.example").times(&[("10:00", "10:30")]);
    let seconds: Vec<_> = hour([one, other]).attendees.iter().map(|attendee| attendee.seconds).collect();
    assert_eq!(seconds, [Some(3_600), Some(1_800)]);
}

#[test]
fn the_curve_steps_and_its_slices_have_the_most() {
    let spans = [span("10:00", "10:20"), span("10:10", "10:40"), span("10:20", "10:30")];
    let steps = [("10:00", 1), ("10:10", 2), ("10:30", 1), ("10:40", 0)];
    assert_eq!(curve(&spans), steps.map(|(time, count)| (at(time), count)));
    assert_eq!(curve_slots(&spans, span("10:00", "10:40"), 4), [1, 2, 2, 1]);
    assert_eq!(curve_slots(&spans, span("10:05", "10:15"), 2), [1, 2]);
    assert_eq!(curve_slots(&[], span("10:00", "11:00"), 40), [0; 40]);
    assert_eq!(curve(&[span("10:00", "10:00")]), [(at("10:00"), 0)]);
    assert_eq!(curve_slots(&spans, span("10:00", "10:00"), 2).len(), 2);
}

#[test]
fn who_registered_and_did_not_come_is_told_once() {
    let with_registration = |id: &str| Record { registration_id: Some(id.into()), ..Record::default() };
    let registrations = [
        registration("g-1", "registered", "aiko.ferreira@contoso.com"),
        registration("g-2", "registered", "Daan@contoso.com "),
        registration("g-3", "registered", "daan@contoso.com"),
        registration("g-4", "canceled", "petra@contoso.com"),
        registration("g-5", "waitlisted", "renske@contoso.com"),
        registration("g-6", "registered", "kwame@contoso.com"),
        Registration {
            external_id: Some("x-7".into()),
            ..registration("g-7", "registered", "elsewhere@fabrikam.example")
        },
        Registration {
            user_id: Some("ID-linh.castellano".into()),
            ..registration("g-8", "registered", "linh@home.example")
        },
        registration("g-9", "canceled", "back@contoso.com"),
        registration("g-10", "registered", "back@contoso.com"),
    ];
    let records = [
        timed(),
        with_registration("g-6").times(&[("10:00", "11:00")]),
        Record { external_registration_id: Some("x-7".into()), ..anonymous("a-7", "Sem") },
        user("Linh Castellano"),
        user("Not Registered"),
        user("Mirella Oduya").role(Role::Organizer),
    ];
    let report = webinar("r-1", "s-1", "10:00", "11:00").with(records);
    let session = Session::of(&[report], &registrations, &Rules::default()).unwrap();
    let registrants = did_not_come(&session, &registrations);
    let ids =
        |of: &[&Registration]| -> Vec<String> { of.iter().map(|one| one.id.clone().unwrap()).collect() };
    assert_eq!(registrants.expected, 6);
    assert_eq!(ids(&registrants.did_not_come), ["g-2", "g-10"]);
    assert_eq!(ids(&registrants.not_expected), ["g-4", "g-5"]);
    let unregistered: Vec<_> =
        registrants.came_unregistered.iter().map(|person| person.shown_name()).collect();
    assert_eq!(unregistered, [Some("Not Registered".to_owned())]);
}
