//! The people of a session, in its table.

use crate::pages::loaded::Loaded;
use crate::pages::mark::MarkView;
use crate::pages::params::Params;
use crate::pictures::minutes;
use crate::session::{Attendee, SecondsBasis};
use crate::times;
use crate::words::{self, one_line};

/// A person of the table.
pub(super) struct PersonRow {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) address: String,
    pub(super) join: String,
    pub(super) leave: String,
    pub(super) minutes: String,
    /// Where the minutes come from, if not from the times.
    pub(super) basis: &'static str,
    pub(super) graph: String,
    pub(super) differs: bool,
    pub(super) joins: usize,
    pub(super) mark: MarkView,
}

pub(super) fn row(attendee: &Attendee, loaded: &Loaded, params: &Params) -> PersonRow {
    let zone = &loaded.rules.zone;
    let day = loaded.session.span.map(|span| times::day(span.start, zone));
    let time = |at: Option<jiff::Timestamp>| match at {
        Some(at) if Some(times::day(at, zone)) == day => times::format(at, zone, "%H:%M:%S"),
        Some(at) => times::format(at, zone, "%-d %b %H:%M:%S"),
        None => "?".to_owned(),
    };
    PersonRow {
        href: params.to("/person", &[("key", &attendee.person.key.to_string())]),
        name: one_line(&words::name(&attendee.person)),
        role: words::role(attendee.role, loaded.session.series.kind),
        address: words::about(&attendee.person),
        join: time(attendee.first_join),
        leave: time(attendee.last_leave),
        minutes: minutes(attendee.seconds),
        basis: basis(attendee),
        graph: minutes(attendee.graph_seconds),
        differs: attendee.differs,
        joins: attendee.joins,
        mark: MarkView::of(attendee.mark, &loaded.rules),
    }
}

/// What stands beside minutes that are not of the times, or not of all of them.
fn basis(attendee: &Attendee) -> &'static str {
    match attendee.basis {
        SecondsBasis::AsGraph => "as Graph",
        _ if !attendee.unclear.is_empty() => "a time is unclear",
        SecondsBasis::Times | SecondsBasis::NamedOnly | SecondsBasis::Nothing => "",
    }
}
