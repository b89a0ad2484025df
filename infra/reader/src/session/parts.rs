//! Several reports of one session, united by person.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::attendance::{Measure, Seen, attendee, is_names_only, order_of};
use super::grouping::{ReportTimes, grouped};
use super::spans::{hull, usable};
use super::window::{own_times, plan_of, window_of};
use super::{Attendee, Part, Session};
use crate::model::{Organizer, Registration, Report, SeriesId, Span, is_short};
use crate::people::{People, Person, Registrations, Scope, Sighting, map_by_two, resolved};
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

/// Whom the records of one session's reports mean, report by report in the order of their times, and then in Graph's.
pub fn sightings<'a>(reports: &'a [Report], registrations: &'a Registrations) -> Vec<Sighting<'a>> {
    sighted(&in_order(reports), registrations)
}

fn sighted<'a>(reports: &[&'a Report], registrations: &'a Registrations) -> Vec<Sighting<'a>> {
    let session = reports.first().map(|report| report.id.as_str()).unwrap_or_default();
    let mut records = Vec::with_capacity(reports.iter().map(|report| report.records.len()).sum());
    for report in reports {
        let scope = Scope { report, session, registrations };
        records.extend(report.records.iter().enumerate().map(|(place, record)| (record, place, scope)));
    }
    map_by_two(records, |(record, place, scope)| Sighting::of(record, place, scope))
}

/// Reports in the order of their times, then by id: whatever order they came in.
fn in_order(reports: &[Report]) -> Vec<&Report> {
    let mut reports: Vec<&Report> = reports.iter().collect();
    reports.sort_by_key(|report| (report.span.is_none(), report.span, &report.id));
    reports
}

impl Session {
    /// The session that these reports are; who is one person is told by them alone. `registrations` are those of its webinar or
    /// town hall. `None` where there is no report.
    pub fn of(reports: &[Report], registrations: &[Registration], rules: &Rules) -> Option<Self> {
        let series = &reports.first()?.series;
        let registrations = Registrations::of(registrations.iter().map(|one| (series, one)));
        let reports = in_order(reports);
        let mut sightings = sighted(&reports, &registrations);
        let registration_ids = taken(&mut sightings);
        let (persons, numbers) = resolved(sightings, &rules.same);
        let seen = seen(&reports, numbers.into_iter().map(Some).zip(registration_ids));
        Self::made_of(&reports, &seen, persons.into_iter(), rules)
    }

    /// The session that these reports are, with the persons of all its series. `None` where there is no report.
    pub fn united(
        reports: &[Report],
        registrations: &Registrations,
        people: &People,
        rules: &Rules,
    ) -> Option<Self> {
        let reports = in_order(reports);
        let mut sightings = sighted(&reports, registrations);
        let registration_ids = taken(&mut sightings);
        let numbers = sightings.iter().map(|sighting| people.number(&sighting.key));
        let seen = seen(&reports, numbers.zip(registration_ids));
        let persons = of_persons(&seen).map(|seen| people.person(seen[0].person).clone());
        Self::made_of(&reports, &seen, persons, rules)
    }

    /// The session of reports in their order, of persons and what is seen of each.
    fn made_of(
        reports: &[&Report],
        seen: &[Seen<'_>],
        persons: impl Iterator<Item = Person>,
        rules: &Rules,
    ) -> Option<Self> {
        let first = reports.first()?;
        let span = hull(reports.iter().filter_map(|report| report.span));
        let own = own_times(span, times_of(reports));
        let plan = plan_of(reports, own);
        let window = window_of(first.series.kind, plan, own, rules);
        let measure = Measure { kind: first.series.kind, window, rules };
        let attendees = attendees(seen, persons, &measure);
        Some(Self {
            series: first.series.clone(),
            title: reports.iter().rev().find_map(|report| report.title.clone()),
            organizer: organizer(reports),
            span,
            plan,
            window,
            has_names_only: has_names_only(reports),
            is_stray: is_stray(reports, &attendees),
            attendees,
            parts: reports.iter().map(|report| Part::of(report)).collect(),
        })
    }
}

impl Part {
    fn of(report: &Report) -> Self {
        Self {
            records: report.records.len() + report.erased,
            erased: report.erased,
            report_id: report.id.clone(),
            source: report.source.clone(),
            span: report.span,
            participants: report.participants,
            provenance: report.provenance.clone(),
        }
    }

    /// Whether who is not in it may have been there: [`is_short`].
    pub fn is_short(&self) -> bool {
        is_short(self.participants, self.records)
    }
}

/// Whether nobody has times in the reports that have records.
fn has_names_only(reports: &[&Report]) -> bool {
    let mut with_records = reports.iter().filter(|report| !report.records.is_empty()).peekable();
    with_records.peek().is_some() && with_records.all(|report| is_names_only(&report.records))
}

/// Every usable time of the records.
fn times_of(reports: &[&Report]) -> impl Iterator<Item = Span> {
    let records = reports.iter().flat_map(|report| &report.records);
    records.flat_map(|record| record.intervals.iter().flatten().filter_map(usable))
}

/// What the reports say of the organizer, each member from the first that has it.
fn organizer(reports: &[&Report]) -> Organizer {
    let of = || reports.iter().map(|report| &report.organizer);
    Organizer {
        id: of().find_map(|organizer| organizer.id.clone()),
        name: of().find_map(|organizer| organizer.name.clone()),
        address: of().find_map(|organizer| organizer.address.clone()),
    }
}

/// The registrations that the records name, of each sighting.
fn taken(sightings: &mut [Sighting<'_>]) -> Vec<Vec<String>> {
    sightings.iter_mut().map(|sighting| std::mem::take(&mut sighting.registration_ids)).collect()
}

/// The records of those who have a number, person by person, each in the order of the reports.
fn seen<'a>(
    reports: &[&'a Report],
    of_records: impl Iterator<Item = (Option<usize>, Vec<String>)>,
) -> Vec<Seen<'a>> {
    let records = reports.iter().flat_map(|report| {
        let is_names_only = is_names_only(&report.records);
        report.records.iter().map(move |record| (record, is_names_only))
    });
    let seen = records.zip(of_records).filter_map(|((record, is_names_only), (person, registration_ids))| {
        Some(Seen { person: person?, record, registration_ids, is_names_only })
    });
    let mut seen: Vec<Seen<'_>> = seen.collect();
    seen.sort_by_key(|seen| seen.person);
    seen
}

/// What is seen of each person.
fn of_persons<'s, 'a>(seen: &'s [Seen<'a>]) -> impl Iterator<Item = &'s [Seen<'a>]> {
    seen.chunk_by(|one, other| one.person == other.person)
}

/// One a person, in the order in which they are shown.
fn attendees(
    seen: &[Seen<'_>],
    persons: impl Iterator<Item = Person>,
    measure: &Measure<'_>,
) -> Vec<Attendee> {
    let each: Vec<(Person, &[Seen<'_>])> = persons.zip(of_persons(seen)).collect();
    let orders = map_by_two(each.iter().collect(), |(person, seen)| order_of(person, seen));
    let shown = |place: usize| (&orders[place], &each[place].0.key);
    let mut places: Vec<usize> = (0..each.len()).collect();
    places.sort_unstable_by(|one, other| shown(*one).cmp(&shown(*other)));
    let mut each: Vec<Option<_>> = each.into_iter().map(Some).collect();
    let in_order = places.into_iter().filter_map(|place| each[place].take());
    map_by_two(in_order.collect(), |(person, seen)| attendee(person, seen, measure))
}

fn is_stray(reports: &[&Report], attendees: &[Attendee]) -> bool {
    let [report] = reports else { return false };
    let counted = report.participants.map_or(0, |count| usize::try_from(count).unwrap_or_default());
    let is_brief = report.span.is_some_and(|span| span.end.duration_since(span.start) < STRAY_BELOW);
    is_brief && attendees.len().max(counted) <= STRAY_PEOPLE
}
