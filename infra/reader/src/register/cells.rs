//! The cells of a register, and the sums of its rows.

use std::collections::{HashMap, HashSet};

use super::{Cell, Column, ColumnOf, MarkedCell, Totals};
use crate::people::{People, PersonKey};
use crate::roster::{RosterLine, RosterMatch};
use crate::rules::{Level, Mark};
use crate::session::{Attendee, Part, SecondsBasis, Session};

/// Of each column, where in its session a person is: a register of 20,000 people looks that up often. And who may be somebody in it:
/// a record that has only an address which several have.
pub(super) struct Places(Vec<(HashMap<PersonKey, usize>, HashSet<PersonKey>)>);

impl Places {
    pub(super) fn of(columns: &[Column], people: &People) -> Self {
        let owners: HashMap<&str, &[usize]> = people.doubles().collect();
        let may_be = |key: &PersonKey| match key {
            PersonKey::Address(address) => owners.get(address.as_str()).copied().unwrap_or_default(),
            _ => &[],
        };
        let of_column = |column: &Column| match &column.of {
            ColumnOf::Session(session) => {
                let keys = || session.attendees.iter().map(|attendee| &attendee.person.key);
                let owners = keys().flat_map(may_be).map(|number| people.person(*number).key.clone());
                (keys().cloned().zip(0..).collect(), owners.collect())
            }
            ColumnOf::NotKept(_) => Default::default(),
        };
        Self(columns.iter().map(of_column).collect())
    }
}

/// Who a row is of, and how the roster names them.
pub(super) struct RowPerson<'a> {
    pub(super) line: Option<&'a RosterLine>,
    pub(super) key: Option<&'a PersonKey>,
    pub(super) matched: &'a RosterMatch,
    /// Whether the person counts as absent from a session in which they are not named.
    pub(super) is_expected: bool,
}

/// One cell a column, and their sums.
pub(super) fn cells(person: &RowPerson<'_>, columns: &[Column], places: &Places) -> (Vec<Cell>, Totals) {
    let mut totals = Totals::default();
    let cells = columns.iter().zip(&places.0).map(|(column, (places, doubtful))| {
        let place = person.key.and_then(|key| places.get(key)).copied();
        let is_in_doubt = column.lacks_a_part || person.key.is_some_and(|key| doubtful.contains(key));
        let cell = cell(person, column, place, is_in_doubt);
        totals.add(cell, column);
        cell
    });
    let cells = cells.collect();
    (cells, totals)
}

/// A cell; where it is in doubt whether the person was there for longer, nobody is absent.
fn cell(person: &RowPerson<'_>, column: &Column, place: Option<usize>, is_in_doubt: bool) -> Cell {
    if let Some((line, day)) = person.line.zip(column.day) {
        if line.from.is_some_and(|from| day < from) || line.to.is_some_and(|to| to < day) {
            return Cell::Blank;
        }
        if line.excused.contains(&day) {
            return unmeasured(Level::Excused);
        }
    }
    if matches!(person.matched, RosterMatch::Ambiguous { .. } | RosterMatch::Doubled { .. }) {
        return unmeasured(Level::Unknown);
    }
    let ColumnOf::Session(session) = &column.of else {
        return if person.is_expected { unmeasured(Level::Unknown) } else { Cell::Blank };
    };
    match place {
        Some(place) => {
            let cell = attended(&session.attendees[place]);
            let is_unknown = is_in_doubt && cell.mark.level == Level::Absent;
            Cell::Marked(if is_unknown {
                MarkedCell { mark: Mark::of(Level::Unknown), ..cell }
            } else {
                cell
            })
        }
        None if !person.is_expected => Cell::Blank,
        None if is_in_doubt || session.parts.iter().any(Part::is_short) => unmeasured(Level::Unknown),
        None => Cell::Marked(MarkedCell { seconds: Some(0), ..unmarked(Mark::of(Level::Absent)) }),
    }
}

fn attended(attendee: &Attendee) -> MarkedCell {
    let is_graphs = attendee.differs || attendee.basis == SecondsBasis::AsGraph;
    MarkedCell {
        mark: attendee.mark,
        seconds: attendee.seconds,
        graph_seconds: attendee.graph_seconds.filter(|_| is_graphs),
        basis: Some(attendee.basis),
    }
}

fn unmeasured(level: Level) -> Cell {
    Cell::Marked(unmarked(Mark::of(level)))
}

fn unmarked(mark: Mark) -> MarkedCell {
    MarkedCell { mark, seconds: None, graph_seconds: None, basis: None }
}

impl Totals {
    fn add(&mut self, cell: Cell, column: &Column) {
        let Cell::Marked(cell) = cell else { return };
        if !cell.mark.is_known() {
            return;
        }
        self.known += 1;
        self.present += usize::from(cell.mark.level == Level::Present);
        if let (Some(seconds), Some(possible)) = (cell.seconds, possible_seconds(column)) {
            self.seconds += seconds;
            self.possible_seconds += possible;
        }
    }
}

/// How long the window of a session with times is.
fn possible_seconds(column: &Column) -> Option<i64> {
    let has_times = |session: &&Session| !session.has_names_only;
    match &column.of {
        ColumnOf::Session(session) => {
            Some(&**session).filter(has_times)?.window.map(|window| window.span.seconds())
        }
        ColumnOf::NotKept(_) => None,
    }
}
