//! All that a pseudonymised session has: what is not named here is in no file.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Times;
use crate::model::{Interval, Kind, Registration, Role, Span};
use crate::people::PersonKey;
use crate::rules::{Level, Mark};
use crate::session::{Attendee, SecondsBasis, Session, Window};

/// A session of which nobody's name, no title and no id is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PseudonymisedSession {
    /// By what the files of one key are known: `k_…`.
    pub key: String,
    /// How exact the times are: `15min` or `exact`.
    pub times: &'static str,
    /// By what the session is told apart: `s_…`.
    pub session: String,
    /// The meeting, webinar or town hall that it is of: `m_…`.
    pub series: String,
    /// What it is of.
    pub kind: Kind,
    /// Who organized: `p_…`; `None` where that is not known.
    pub organizer: Option<String>,
    /// When it began and ended; `None` where no report has both times.
    pub span: Option<Span>,
    /// When it was to take place; `None` where that is not known.
    pub plan: Option<Span>,
    /// What counts; `None` where there are no times at all.
    pub window: Option<Window>,
    /// Of how many reports it is made.
    pub reports: usize,
    /// How many people Graph counts; `None` where it does not, and of several reports, whose counts don't add up.
    pub participants: Option<i64>,
    /// Who is in a record, by the pseudonyms; who has none comes last.
    pub people: Vec<PseudonymisedPerson>,
    /// Who registered for the webinar or town hall, by the pseudonyms; who has none comes last.
    pub registrations: Vec<PseudonymisedRegistration>,
}

/// What one person did in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PseudonymisedPerson {
    /// Who it is: `p_…`; `None` where a record says nothing of who it was, as where somebody was erased.
    pub person: Option<String>,
    /// By what the person is known: `user`, `address`, `registrant`, and within this session only `phone`, `anonymous`. `None` without
    /// a person.
    pub identity: Option<&'static str>,
    /// The highest role that a record gives.
    pub role: Role,
    /// Whether the person stands apart from those who are marked.
    pub stands_apart: bool,
    /// Seconds within the window; `None` where not known.
    pub seconds: Option<i64>,
    /// Graph's own sum in seconds; `None` where no record has one.
    pub graph_seconds: Option<i64>,
    /// Where the seconds come from.
    pub seconds_from: SecondsBasis,
    /// The first join that is known.
    pub first_join: Option<Timestamp>,
    /// The last leave that is known.
    pub last_leave: Option<Timestamp>,
    /// How many times the person joined.
    pub joins: usize,
    /// How much of the session it was, by the rules and the exact times.
    pub level: Level,
    /// Whether the first join came later than allowed.
    pub is_late: bool,
    /// Whether the last leave came earlier than allowed.
    pub left_early: bool,
    /// The times of attendance, in order; an end that is not known is `None`.
    pub intervals: Vec<Interval>,
}

/// A registration for a webinar or town hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PseudonymisedRegistration {
    /// Who registered: `p_…`; `None` where that is not known.
    pub person: Option<String>,
    /// `registered`, `canceled`, `waitlisted`, `pendingApproval`, `rejectedByOrganizer`, or `other`; `None` where Graph sent none.
    pub status: Option<&'static str>,
    /// When the registration was made.
    pub registered_at: Option<Timestamp>,
}

/// The pseudonyms of a session.
pub(super) struct Ids {
    pub(super) key: String,
    pub(super) session: String,
    pub(super) series: String,
    pub(super) organizer: Option<String>,
    /// By what each person is known.
    pub(super) people: HashMap<String, &'static str>,
}

impl PseudonymisedSession {
    /// The copy of a session, whose people are told apart by pseudonyms already.
    pub(super) fn of(
        session: &Session,
        ids: Ids,
        mut registrations: Vec<PseudonymisedRegistration>,
        times: Times,
    ) -> Self {
        let person = |attendee: &Attendee| PseudonymisedPerson::of(attendee, &ids.people, times);
        let mut people: Vec<PseudonymisedPerson> = session.attendees.iter().map(person).collect();
        // Sorted by nothing that tells of a name or of a time that is rounded.
        people.sort_by_cached_key(|one| {
            let intervals: Vec<IntervalOrder> = one.intervals.iter().map(interval_order).collect();
            (one.person.is_none(), one.person.clone(), intervals)
        });
        registrations.sort_by_cached_key(|one| {
            (one.person.is_none(), one.person.clone(), one.registered_at, one.status)
        });
        Self {
            key: ids.key,
            times: times.name(),
            session: ids.session,
            series: ids.series,
            kind: session.series.kind,
            organizer: ids.organizer,
            span: session.span.map(|span| times.span(span)),
            plan: session.plan.map(|span| times.span(span)),
            window: session.window.map(|Window { span, basis }| Window { span: times.span(span), basis }),
            reports: session.parts.len(),
            participants: match session.parts.as_slice() {
                [part] => part.participants,
                _ => None,
            },
            people,
            registrations,
        }
    }
}

impl PseudonymisedPerson {
    fn of(attendee: &Attendee, known_by: &HashMap<String, &'static str>, times: Times) -> Self {
        let person = match &attendee.person.key {
            PersonKey::User { id, .. } => Some(id.clone()),
            _ => None,
        };
        let Mark { level, is_late, left_early } = attendee.mark;
        Self {
            identity: person.as_ref().and_then(|person| known_by.get(person).copied()),
            person,
            role: attendee.role,
            stands_apart: attendee.stands_apart,
            seconds: attendee.seconds.map(|seconds| times.seconds(seconds)),
            graph_seconds: attendee.graph_seconds.map(|seconds| times.seconds(seconds)),
            seconds_from: attendee.basis,
            first_join: attendee.first_join.map(|at| times.at(at)),
            last_leave: attendee.last_leave.map(|at| times.at(at)),
            joins: attendee.joins,
            level,
            is_late,
            left_early,
            intervals: intervals(attendee, times),
        }
    }
}

/// The times of an attendee, known and unclear ones, in order.
fn intervals(attendee: &Attendee, times: Times) -> Vec<Interval> {
    let known = attendee.spans.iter().map(|span| Interval {
        join: Some(span.start),
        leave: Some(span.end),
        seconds: Some(span.seconds()),
    });
    let all = known.chain(attendee.unclear.iter().copied());
    let mut intervals: Vec<Interval> = all.map(|interval| times.interval(interval)).collect();
    intervals.sort_by_key(interval_order);
    intervals
}

/// By what the times of one person are sorted.
type IntervalOrder = (Option<Timestamp>, Option<Timestamp>, Option<i64>);

fn interval_order(interval: &Interval) -> IntervalOrder {
    (interval.join, interval.leave, interval.seconds)
}

impl PseudonymisedRegistration {
    pub(super) fn of(registration: &Registration, person: Option<String>, times: Times) -> Self {
        Self {
            person,
            status: registration.status.as_deref().map(status),
            registered_at: registration.registered_at.map(|at| times.at(at)),
        }
    }
}

/// A status that Graph has today; any other text is none of ours.
fn status(status: &str) -> &'static str {
    match status {
        "registered" => "registered",
        "canceled" => "canceled",
        "waitlisted" => "waitlisted",
        "pendingApproval" => "pendingApproval",
        "rejectedByOrganizer" => "rejectedByOrganizer",
        _ => "other",
    }
}
