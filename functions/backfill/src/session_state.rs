//! What is known of a session of which no report is in the archive. Pure.

use jiff::{SignedDuration, Timestamp};
use shared::graph::ListedReport;
use shared::model::SessionTimes;

use crate::compare::MAX_LISTED;
use crate::ledger_line::State;

/// How long after a session's end its report may still come.
const REPORT_COMES_WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// How long Graph keeps a report.
const REPORTS_KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Whether one of the reports that Graph lists is of the session.
pub(crate) fn is_listed(session: SessionTimes, listed: &[ListedReport]) -> bool {
    listed.iter().any(|report| report.facts.overlaps(session))
}

/// The state of a session that neither the archive nor any of `listed`, the reports that Graph lists of its
/// meeting, tells of.
pub(crate) fn state_without_report(session: SessionTimes, listed: &[ListedReport], now: Timestamp) -> State {
    let oldest = listed.iter().filter_map(|report| report.facts.start()).min();
    let is_pushed_out = listed.len() >= MAX_LISTED && oldest.is_some_and(|oldest| session.end < oldest);
    if is_pushed_out || now.duration_since(session.start) > REPORTS_KEPT {
        State::Lost
    } else if now.duration_since(session.end) < REPORT_COMES_WITHIN {
        State::Pending
    } else {
        State::Absent
    }
}

#[cfg(test)]
mod tests {
    use shared::model::MeetingAttendanceReport;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn session(day: &str) -> SessionTimes {
        let time = |time: &str| at(&format!("{day}T{time}Z"));
        SessionTimes { start: time("10:00:00"), end: time("11:00:00") }
    }

    fn listed(count: usize, from: &str) -> Vec<ListedReport> {
        let facts = MeetingAttendanceReport {
            meeting_start_date_time: Some(format!("{from}T10:00:02Z")),
            meeting_end_date_time: Some(format!("{from}T11:00:00Z")),
            ..Default::default()
        };
        vec![ListedReport { text: serde_json::from_str("{}").unwrap(), facts }; count]
    }

    #[test]
    fn a_session_is_pending_for_48_hours_and_absent_then() {
        let state = |now: &str| state_without_report(session("2026-03-01"), &[], at(now));
        assert_eq!(state("2026-03-03T10:59:59Z"), State::Pending);
        assert_eq!(state("2026-03-03T11:00:00Z"), State::Absent);
    }

    #[test]
    fn a_session_older_than_the_fifty_that_graph_lists_or_than_a_year_is_lost() {
        let state =
            |listed: &[ListedReport], now: &str| state_without_report(session("2026-03-01"), listed, at(now));
        let (many, few) = (listed(50, "2026-03-02"), listed(49, "2026-03-02"));
        assert_eq!(state(&many, "2026-03-02T11:00:00Z"), State::Lost, "its report cannot come any more");
        assert_eq!(state(&few, "2026-03-05T00:00:00Z"), State::Absent);
        assert_eq!(state(&listed(50, "2026-02-01"), "2026-03-05T00:00:00Z"), State::Absent);
        assert_eq!(state(&[], "2027-03-01T10:00:01Z"), State::Lost);
    }

    #[test]
    fn a_report_that_overlaps_the_session_is_its_own() {
        assert!(is_listed(session("2026-03-02"), &listed(1, "2026-03-02")));
        assert!(!is_listed(session("2026-03-01"), &listed(1, "2026-03-02")));
    }
}
