//! Which reports of a series are one session, by nothing but their times.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::spans::overlap;
use crate::model::{Kind, Report, Span};
use crate::rules::Rules;

/// How long before the plan a report of it may end.
const BEFORE_PLAN: SignedDuration = SignedDuration::from_mins(30);

/// How long after the plan a report of it may begin.
const AFTER_PLAN: SignedDuration = SignedDuration::from_mins(120);

/// The longest plan of a meeting that is one session's: a recurring meeting's spans the series.
const LONGEST_PLAN: SignedDuration = SignedDuration::from_hours(24);

/// The times of a report, of one series: what it takes to tell which reports are one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTimes {
    /// The report's own start and end; without both it is a session for itself.
    pub span: Option<Span>,
    /// When it was to take place, as Graph gave it.
    pub plan: Option<Span>,
    /// The id of the virtual event's session; `None` for a meeting.
    pub session_id: Option<String>,
}

impl ReportTimes {
    /// The times of a report with its records.
    pub fn of(report: &Report) -> Self {
        let session_id = report.session_id.clone().filter(|_| report.series.kind != Kind::Meeting);
        Self { span: report.span, plan: report.plan, session_id }
    }

    /// The plan, where the report overlaps the time from half an hour before it to two hours after it.
    fn usable_plan(&self) -> Option<Span> {
        let plan = self.plan.filter(|plan| plan.end.duration_since(plan.start) <= LONGEST_PLAN)?;
        let start = plan.start.checked_sub(BEFORE_PLAN).ok()?;
        let end = plan.end.checked_add(AFTER_PLAN).ok()?;
        overlap(self.span?, Span { start, end }).then_some(plan)
    }
}

/// Whether a meeting's plan is one session's: it lasts a day at most, and the report overlaps it.
pub(super) fn fits(plan: Span, report: Span) -> bool {
    plan.end.duration_since(plan.start) <= LONGEST_PLAN && overlap(plan, report)
}

/// Which reports of a series are one session: the places of each session's reports, in the order of their times.
///
/// Reports of different sessions of a virtual event are never one. Sessions come in the order of their starts, those without
/// times last.
pub fn grouped(reports: &[ReportTimes], rules: &Rules) -> Vec<Vec<usize>> {
    let mut places: Vec<usize> = (0..reports.len()).collect();
    places.sort_by_key(|place| order(&reports[*place], *place));
    let mut by_event_session: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for place in places {
        by_event_session.entry(reports[place].session_id.as_deref()).or_default().push(place);
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for places in by_event_session.into_values() {
        groups.extend(joined(&places, reports, rules.join_within));
    }
    groups.sort_by_key(|group| order(&reports[group[0]], group[0]));
    groups
}

fn order(report: &ReportTimes, place: usize) -> (bool, Option<Span>, usize) {
    (report.span.is_none(), report.span, place)
}

/// The groups of reports of one meeting or event session, which come in the order of their starts.
fn joined(places: &[usize], reports: &[ReportTimes], within: SignedDuration) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of_plan: BTreeMap<Span, usize> = BTreeMap::new();
    // The group of the report that ended last, when that was, and the plan it overlaps.
    let mut last: Option<(usize, Span, Option<Span>)> = None;
    for &place in places {
        let report = &reports[place];
        let plan = report.usable_plan();
        let by_plan = plan.and_then(|plan| group_of_plan.get(&plan).copied());
        let by_gap = last.zip(report.span).and_then(|((group, before, other), span)| {
            let is_near = span.start.duration_since(before.end) <= within;
            (is_near && (plan.is_none() || other.is_none())).then_some(group)
        });
        let group = by_plan.or(by_gap).unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(place);
        if let Some(plan) = plan {
            group_of_plan.entry(plan).or_insert(group);
        }
        if let Some(span) =
            report.span.filter(|span| last.is_none_or(|(_, before, _)| span.end >= before.end))
        {
            last = Some((group, span, plan));
        }
    }
    groups
}
