//! Several reports of one session.

use super::*;

fn groups(reports: &[Report]) -> Vec<Vec<&str>> {
    let groups = grouped(&report_times(reports), &Rules::default());
    groups.iter().map(|group| group.iter().map(|place| reports[*place].id.as_str()).collect()).collect()
}

#[test]
fn seven_minutes_apart_is_one_session_and_three_hours_are_two() {
    let first = meeting("r-1", "10:00", "10:20");
    assert_eq!(groups(&[meeting("r-2", "10:27", "11:00"), first.clone()]), [["r-1", "r-2"]]);
    assert_eq!(groups(&[first.clone(), meeting("r-2", "10:35", "11:00")]), [["r-1", "r-2"]]);
    assert_eq!(groups(&[first, meeting("r-2", "10:35:01", "11:00")]), [["r-1"], ["r-2"]]);
    let lessons = [meeting("r-1", "10:00", "11:00"), meeting("r-2", "13:00", "14:00")];
    assert_eq!(groups(&lessons), [["r-1"], ["r-2"]]);
    assert_eq!(groups(&lessons.map(|report| report.planned("10:00", "11:00"))), [["r-1"], ["r-2"]]);
}

#[test]
fn reports_that_overlap_the_same_plan_are_one_session() {
    let planned = |id, start, end| meeting(id, start, end).planned("10:00", "11:00");
    let reports = [
        planned("r-1", "09:20", "09:31"),
        planned("r-2", "10:00", "10:20"),
        planned("r-3", "12:59", "14:00"),
    ];
    assert_eq!(groups(&reports), [["r-1", "r-2", "r-3"]]);
    let before = [planned("r-1", "09:10", "09:30"), planned("r-2", "10:00", "10:20")];
    assert_eq!(groups(&before), [["r-1"], ["r-2"]]);
    // A plan that spans the series tells nothing: the gap does.
    let series = |id, start, end| meeting(id, start, end).planned("2026-09-30 10:00", "2026-11-04 11:00");
    assert_eq!(
        groups(&[series("r-1", "10:00", "10:20"), series("r-2", "10:50", "11:00")]),
        [["r-1"], ["r-2"]]
    );
}

#[test]
fn sessions_of_an_event_are_never_joined() {
    let reports = [webinar("r-1", "s-1", "10:00", "11:00"), webinar("r-2", "s-2", "10:30", "11:30")];
    assert_eq!(groups(&reports), [["r-1"], ["r-2"]]);
    let reports = [webinar("r-1", "s-1", "10:00", "11:00"), webinar("r-2", "s-1", "11:05", "11:30")];
    assert_eq!(groups(&reports), [["r-1", "r-2"]]);
}

#[test]
fn a_report_without_times_is_a_session_for_itself() {
    let bare = |id| Report { span: None, ..meeting(id, "10:00", "11:00") };
    assert_eq!(
        groups(&[bare("r-2"), meeting("r-1", "10:00", "11:00"), bare("r-3")]),
        [["r-1"], ["r-2"], ["r-3"]]
    );
    assert!(groups(&[]).is_empty());
}

#[test]
fn who_was_in_both_reports_has_the_minutes_of_both() {
    let first = meeting("r-1", "10:00", "10:20").with([
        user("Aiko Ferreira").times(&[("10:00", "10:20")]),
        phone_of("+31201232714", "10:00", "10:20"),
    ]);
    let second = meeting("r-2", "10:27", "11:00").with([
        user("Aiko Ferreira").times(&[("10:27", "11:00")]),
        phone_of("+31201232714", "10:27", "11:00"),
    ]);
    for reports in [vec![first.clone(), second.clone()], vec![second, first]] {
        let session = Session::of(&reports, &[], &Rules::default()).unwrap();
        let parts: Vec<_> = session.parts.iter().map(|part| part.report_id.as_str()).collect();
        assert_eq!((parts, session.attendees.len()), (vec!["r-1", "r-2"], 2));
        assert_eq!(session.span, Some(span("10:00", "11:00")));
        for attendee in &session.attendees {
            assert_eq!((attendee.seconds, attendee.joins, attendee.differs), (Some(53 * 60), 2, false));
        }
    }
}

fn phone_of(number: &str, join: &str, leave: &str) -> Record {
    crate::samples::phone(number).times(&[(join, leave)])
}

#[test]
fn under_five_minutes_with_two_people_is_a_stray() {
    let stray = |report: Report| session(report).is_stray;
    let alone = [user("Aiko Ferreira").times(&[("16:40", "16:42")])];
    assert!(stray(meeting("r-1", "16:40", "16:42").with(alone.clone())));
    assert!(!stray(meeting("r-1", "16:40", "16:45").with(alone.clone())));
    assert!(!stray(Report { participants: Some(5), ..meeting("r-1", "16:40", "16:42").with(alone) }));
    let three = [user("A A"), user("B B"), user("C C")];
    assert!(!stray(meeting("r-1", "16:40", "16:42").with(three)));
    assert!(!stray(Report { span: None, ..meeting("r-1", "16:40", "16:42") }));
    let both = vec![meeting("r-1", "16:40", "16:42"), meeting("r-2", "16:43", "16:44")];
    assert!(!Session::of(&both, &[], &Rules::default()).unwrap().is_stray);
}
