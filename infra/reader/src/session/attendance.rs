//! What one person did in a session, out of all records that are the person's.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::spans::{length, united_length, usable};
use super::{Attendee, SecondsBasis, Window};
use crate::model::{Interval, Kind, Record, Role, Span};
use crate::people::Person;
use crate::rules::{Level, Mark, Rules, Threshold};

/// A record, whose it is, and whether its report has nobody's times.
pub(super) struct Seen<'a> {
    /// The person's number.
    pub(super) person: usize,
    pub(super) record: &'a Record,
    /// The registrations that the record names, comparable.
    pub(super) registration_ids: Vec<String>,
    pub(super) is_names_only: bool,
}

/// Whether a report's records have no times, and no sum above zero: names alone were kept.
pub(super) fn is_names_only(records: &[Record]) -> bool {
    let has_times = |record: &Record| {
        let mut intervals = record.intervals.iter().flatten();
        record.graph_seconds.is_some_and(|seconds| seconds > 0)
            || intervals.any(|interval| interval.join.is_some() || interval.leave.is_some())
    };
    !records.is_empty() && !records.iter().any(has_times)
}

/// Where somebody stands among the others: by the role, then by the first join, then by name.
pub(super) type Order = (Role, bool, Option<Timestamp>, bool, Option<String>);

/// Where a person stands among the others.
pub(super) fn order_of(person: &Person, seen: &[Seen<'_>]) -> Order {
    let first_join = first_join(seen);
    let name = person.name.as_ref().map(|name| name.shown().to_lowercase());
    (role_of(seen), first_join.is_none(), first_join, name.is_none(), name)
}

/// The highest role that a record gives.
fn role_of(seen: &[Seen<'_>]) -> Role {
    seen.iter().map(|seen| seen.record.role).min().unwrap_or_default()
}

/// The first join that is known.
fn first_join(seen: &[Seen<'_>]) -> Option<Timestamp> {
    let join = |interval: &Interval| usable(interval).map(|span| span.start).or(ends(interval).0);
    intervals(seen).filter_map(join).min()
}

fn intervals<'a>(seen: &[Seen<'a>]) -> impl Iterator<Item = &'a Interval> {
    seen.iter().flat_map(|seen| seen.record.intervals.iter().flatten())
}

/// What one person did.
pub(super) fn attendee(person: Person, seen: &[Seen<'_>], measure: &Measure<'_>) -> Attendee {
    let mut spans = Vec::with_capacity(intervals(seen).count());
    spans.extend(intervals(seen).filter_map(usable));
    spans.sort();
    let mut unclear: Vec<Interval> =
        intervals(seen).filter(|interval| usable(interval).is_none()).copied().collect();
    unclear.sort_by_key(|interval| (interval.join.or(interval.leave), interval.leave, interval.seconds));
    let basis = basis_of(seen, &spans);
    let role = role_of(seen);
    let (late_by, early_by) = measure.late_and_early(&spans, &unclear);
    let counted = measure.counted(basis, &spans, graph_seconds(seen));
    let registration_ids: BTreeSet<&String> = seen.iter().flat_map(|seen| &seen.registration_ids).collect();
    Attendee {
        person,
        role,
        stands_apart: measure.stands_apart(role),
        basis,
        seconds: counted.map(|counted| counted.as_secs()),
        graph_seconds: graph_seconds(seen),
        differs: differs(seen, &spans),
        first_join: first_join(seen),
        last_leave: spans.iter().map(|span| span.end).chain(open_leaves(&unclear)).max(),
        joins: intervals(seen).count(),
        mark: no_absence_in_doubt(measure.mark(basis, counted, late_by, early_by), seen, &unclear),
        registration_ids: registration_ids.into_iter().cloned().collect(),
        late_by,
        early_by,
        spans,
        unclear,
    }
}

/// Nobody is absent who may have been there for longer: by a time that is not clear, or by a record that has a sum and no times.
fn no_absence_in_doubt(mark: Mark, seen: &[Seen<'_>], unclear: &[Interval]) -> Mark {
    let has_sum_alone = |seen: &Seen<'_>| {
        let is_timed = seen.record.intervals.iter().flatten().any(|interval| usable(interval).is_some());
        !is_timed && seen.record.graph_seconds.is_some_and(|seconds| seconds > 0)
    };
    let is_in_doubt = !unclear.is_empty() || (seen.len() > 1 && seen.iter().any(has_sum_alone));
    if mark.level == Level::Absent && is_in_doubt { Mark::of(Level::Unknown) } else { mark }
}

/// The ends of an unclear interval that are known; two in the wrong order are none.
fn ends(unclear: &Interval) -> (Option<Timestamp>, Option<Timestamp>) {
    match (unclear.join, unclear.leave) {
        (Some(_), Some(_)) => (None, None),
        ends => ends,
    }
}

fn open_joins(unclear: &[Interval]) -> impl Iterator<Item = Timestamp> {
    unclear.iter().filter_map(|interval| ends(interval).0)
}

fn open_leaves(unclear: &[Interval]) -> impl Iterator<Item = Timestamp> {
    unclear.iter().filter_map(|interval| ends(interval).1)
}

/// Graph's sum of all records; `None` where no record has one.
fn graph_seconds(seen: &[Seen<'_>]) -> Option<i64> {
    let sums = seen.iter().filter_map(|seen| seen.record.graph_seconds).filter(|seconds| *seconds >= 0);
    sums.reduce(i64::saturating_add)
}

fn basis_of(seen: &[Seen<'_>], spans: &[Span]) -> SecondsBasis {
    let is_named_only = |seen: &Seen<'_>| seen.is_names_only;
    // A sum of 0 beside a time that is not clear says that nothing is known, and not that nobody was there.
    let has_sum = |seen: &Seen<'_>| {
        let is_unclear = seen.record.intervals.as_ref().is_some_and(|intervals| !intervals.is_empty());
        let least = i64::from(is_unclear);
        !seen.is_names_only && seen.record.graph_seconds.is_some_and(|seconds| seconds >= least)
    };
    if !spans.is_empty() {
        SecondsBasis::Times
    } else if seen.iter().any(has_sum) {
        SecondsBasis::AsGraph
    } else if seen.iter().any(is_named_only) {
        SecondsBasis::NamedOnly
    } else {
        SecondsBasis::Nothing
    }
}

/// Whether Graph's sum is another than the union by more than a second an interval and one: Graph adds devices, and cuts
/// each interval to the second.
fn differs(seen: &[Seen<'_>], spans: &[Span]) -> bool {
    let Some(graph) = graph_seconds(seen).filter(|_| !spans.is_empty()) else { return false };
    let tolerated = i64::try_from(spans.len() + 1).unwrap_or(i64::MAX);
    let difference = united_length(spans.iter().copied()).saturating_sub(SignedDuration::from_secs(graph));
    difference.abs() > SignedDuration::from_secs(tolerated)
}

/// By what a session's attendance is measured.
pub(super) struct Measure<'a> {
    pub(super) kind: Kind,
    pub(super) window: Option<Window>,
    pub(super) rules: &'a Rules,
}

impl Measure<'_> {
    /// The organizer; presenters of webinars and town halls only, for in a meeting everybody may be one.
    fn stands_apart(&self, role: Role) -> bool {
        role == Role::Organizer || (role == Role::Presenter && self.kind != Kind::Meeting)
    }

    /// What counts of the attendance, to the nanosecond; `None` where it is not known.
    fn counted(&self, basis: SecondsBasis, spans: &[Span], graph: Option<i64>) -> Option<SignedDuration> {
        let window = self.window.map(|window| window.span);
        match basis {
            SecondsBasis::Times => Some(united_length(clipped(spans, window?))),
            SecondsBasis::AsGraph => {
                let graph = SignedDuration::from_secs(graph?);
                Some(window.map_or(graph, |window| graph.min(length(&[window]))))
            }
            SecondsBasis::NamedOnly | SecondsBasis::Nothing => None,
        }
    }

    /// By how much the person came after the window's start, and left before its end. Where an unclear interval may have
    /// begun before, or ended after, that is not known.
    fn late_and_early(
        &self,
        spans: &[Span],
        unclear: &[Interval],
    ) -> (Option<SignedDuration>, Option<SignedDuration>) {
        let Some(window) = self.window.map(|window| window.span) else { return (None, None) };
        let clipped = || clipped(spans, window);
        let is_within = |at: &Timestamp| (window.start..=window.end).contains(at);
        let first = clipped().map(|span| span.start).chain(open_joins(unclear).filter(is_within)).min();
        let last = clipped().map(|span| span.end).chain(open_leaves(unclear).filter(is_within)).max();
        // An unclear interval may be as long as the time before its leave, or after its join.
        let may_be_earlier = unclear.iter().map(ends).any(|ends| match ends {
            (Some(join), _) => join < window.start,
            (None, leave) => leave.is_none_or(|leave| window.start < leave),
        });
        let may_be_later = unclear.iter().map(ends).any(|ends| match ends {
            (_, Some(leave)) => window.end < leave,
            (join, None) => join.is_none_or(|join| join < window.end),
        });
        let late = first.filter(|_| !may_be_earlier).map(|first| first.duration_since(window.start));
        let early = last.filter(|_| !may_be_later).map(|last| window.end.duration_since(last));
        (late, early)
    }

    fn mark(
        &self,
        basis: SecondsBasis,
        counted: Option<SignedDuration>,
        late_by: Option<SignedDuration>,
        early_by: Option<SignedDuration>,
    ) -> Mark {
        if basis == SecondsBasis::NamedOnly {
            return Mark::of(Level::Present);
        }
        let Some((counted, window)) = counted.zip(self.window) else { return Mark::of(Level::Unknown) };
        let window = whole(length(&[window.span]));
        let level = self.level(whole(counted), window);
        let is_marked = basis == SecondsBasis::Times && level != Level::Absent;
        let exceeds = |limit: Threshold, by: Option<SignedDuration>| {
            is_marked && by.is_some_and(|by| limit.is_exceeded_by(whole(by), window))
        };
        Mark {
            level,
            is_late: exceeds(self.rules.late_after, late_by),
            left_early: exceeds(self.rules.left_before, early_by),
        }
    }

    fn level(&self, counted: SignedDuration, window: SignedDuration) -> Level {
        if !self.rules.absent_below.is_reached_by(counted, window) {
            Level::Absent
        } else if !self.rules.present_after.is_reached_by(counted, window) {
            Level::Partial
        } else {
            Level::Present
        }
    }
}

/// A length in whole seconds, rounded down: what is shown is what is compared.
fn whole(length: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(length.as_secs())
}

/// What of the times is in the window, without those that only touch it.
fn clipped(spans: &[Span], window: Span) -> impl Iterator<Item = Span> {
    let within = spans.iter().filter_map(move |span| span.intersection(window));
    within.filter(|span| span.start < span.end)
}
