//! Several reports of one session, united by person.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::attendance::{Measure, Seen, attendee, is_names_only};
use super::grouping::{ReportTimes, grouped};
use super::spans::{hull, usable};
use super::window::{own_times, plan_of, window_of};
use super::{Attendee, Part, Session};
use crate::model::{Organizer, Registration, Report, SeriesId, Span, is_short};
use crate::people::{People, Registrations, Scope, Sighting};
use crate::rules::Rules;

/// Below what length a session may be a stray.
const STRAY_BELOW: SignedDuration = SignedDuration::from_mins(5);

/// How many people a stray has at most.
const STRAY_PEOPLE: usize = 2;

/// The times of reports, for [`grouped`](super::grouped).
pub fn report_times(reports: &[Report]) -> Vec<ReportTimes> {
    reports.iter().map(ReportTimes::of).collect()
}

/// The reports of each session, series by series, each series in the order of its sessions' starts. Reports come in any order.
pub fn sessions_of(mut reports: Vec<Report>, rules: &Rules) -> Vec<Vec<Report>> {
    reports.sort_by(|one, other| one.id.cmp(&other.id));
    let mut by_series: BTreeMap<SeriesId, Vec<Report>> = BTreeMap::new();
    for report in reports {
        by_series.entry(report.series.clone()).or_default().push(report);
    }
    let of_series = |reports: Vec<Report>| {
        let groups = grouped(&report_times(&reports), rules);
        let mut reports: Vec<Option<Report>> = reports.into_iter().map(Some).collect();
        let taken = |group: Vec<usize>| group.into_iter().filter_map(|place| reports[place].take()).collect();
        let groups: Vec<Vec<Report>> = groups.into_iter().map(taken).collect();
        groups
    };
    by_series.into_values().flat_map(of_series).collect()
}

/// Whom the records of one session's reports mean, in the reports' order and then Graph's.
pub fn sightings(reports: &[Report], registrations: &Registrations) -> Vec<Sighting> {
    let first = in_order(reports).first().map(|report| report.id.as_str());
    let session = first.unwrap_or_default();
    let of_report = |report| {
        let scope = Scope { report, session, registrations };
        let records = report.records.iter().enumerate();
        records.map(move |(place, record)| Sighting::of(record, place, scope))
    };
    reports.iter().flat_map(of_report).collect()
}

/// Reports in the order of their times, then by id: whatever order they came in.
fn in_order(reports: &[Report]) -> Vec<&Report> {
    let mut reports: Vec<&Report> = reports.iter().collect();
    reports.sort_by_key(|report| (report.span.is_none(), report.span, &report.id));
    reports
}

impl Session {
    /// The session that these reports are, of which there must be one at least; who is one person is told by them alone.
    /// `registrations` are those of its webinar or town hall.
    pub fn of(reports: Vec<Report>, registrations: &[Registration], rules: &Rules) -> Self {
        let series = reports.first().map(|report| report.series.clone());
        let of_event = series.iter().flat_map(|series| registrations.iter().map(move |one| (series, one)));
        let registrations = Registrations::of(of_event);
        let people = People::of(&sightings(&reports, &registrations), &rules.same);
        Self::united(reports, &registrations, &people, rules)
    }

    /// The session that these reports are, of which there must be one at least, with the persons of all its series.
    pub fn united(
        reports: Vec<Report>,
        registrations: &Registrations,
        people: &People,
        rules: &Rules,
    ) -> Self {
        let reports: Vec<Report> = in_order(&reports).into_iter().cloned().collect();
        let first = &reports[0];
        let own = own_times(hull(reports.iter().filter_map(|report| report.span)), times_of(&reports));
        let plan = plan_of(&reports, own);
        let window = window_of(first.series.kind, plan, own, rules);
        let measure = Measure { kind: first.series.kind, window, rules };
        let attendees = attendees(&reports, registrations, people, &measure);
        let has_names_only = reports.iter().any(|report| is_names_only(&report.records))
            && reports.iter().all(|report| report.records.is_empty() || is_names_only(&report.records));
        Self {
            series: first.series.clone(),
            title: reports.iter().rev().find_map(|report| report.title.clone()),
            organizer: organizer(&reports),
            span: hull(reports.iter().filter_map(|report| report.span)),
            plan,
            window,
            has_names_only,
            is_stray: is_stray(&reports, &attendees),
            attendees,
            parts: reports.into_iter().map(Part::of).collect(),
        }
    }
}

impl Part {
    fn of(report: Report) -> Self {
        Self {
            records: report.records.len(),
            report_id: report.id,
            source: report.source,
            span: report.span,
            participants: report.participants,
            provenance: report.provenance,
        }
    }

    /// Whether who is not in it may have been there: [`is_short`].
    pub fn is_short(&self) -> bool {
        is_short(self.participants, self.records)
    }
}

/// Every usable time of the records.
fn times_of(reports: &[Report]) -> impl Iterator<Item = Span> {
    let records = reports.iter().flat_map(|report| &report.records);
    records.flat_map(|record| record.intervals.iter().flatten().filter_map(usable))
}

/// What the reports say of the organizer, each member from the first that has it.
fn organizer(reports: &[Report]) -> Organizer {
    let of = || reports.iter().map(|report| &report.organizer);
    Organizer {
        id: of().find_map(|organizer| organizer.id.clone()),
        name: of().find_map(|organizer| organizer.name.clone()),
        address: of().find_map(|organizer| organizer.address.clone()),
    }
}

/// One a person, in the order in which they are shown.
fn attendees(
    reports: &[Report],
    registrations: &Registrations,
    people: &People,
    measure: &Measure<'_>,
) -> Vec<Attendee> {
    let mut by_person: BTreeMap<usize, (Vec<Seen<'_>>, BTreeSet<String>)> = BTreeMap::new();
    let mut sightings = sightings(reports, registrations).into_iter();
    for report in reports {
        let is_names_only = is_names_only(&report.records);
        for (record, sighting) in report.records.iter().zip(sightings.by_ref()) {
            let Some(person) = people.number(&sighting.key) else { continue };
            let (seen, ids) = by_person.entry(person).or_default();
            seen.push(Seen { record, is_names_only });
            ids.extend(sighting.registration_ids);
        }
    }
    let mut attendees: Vec<Attendee> = (by_person.into_iter())
        .map(|(number, (seen, ids))| {
            attendee(people.person(number).clone(), &seen, ids.into_iter().collect(), measure)
        })
        .collect();
    attendees.sort_by_cached_key(|one| {
        let name = one.person.name.as_ref().map(|name| name.shown().to_lowercase());
        let join = (one.first_join.is_none(), one.first_join);
        (one.role, join, name.is_none(), name, one.person.key.clone())
    });
    attendees
}

fn is_stray(reports: &[Report], attendees: &[Attendee]) -> bool {
    let [report] = reports else { return false };
    let counted = report.participants.map_or(0, |count| usize::try_from(count).unwrap_or_default());
    let is_brief = report.span.is_some_and(|span| span.end.duration_since(span.start) < STRAY_BELOW);
    is_brief && attendees.len().max(counted) <= STRAY_PEOPLE
}
