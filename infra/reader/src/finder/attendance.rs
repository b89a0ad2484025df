//! What a record says of somebody beyond who it is, for people to read.

use jiff::Timestamp;
use serde_json::value::RawValue;
use shared::model::parse_time;

use super::json::{Member, Parts, member};
use crate::index::archived::members::{count, shown};
use crate::model::Interval;

/// What a record says of somebody: when the person was there, and as what. Whatever is odd in it is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attendance {
    /// The role, the status of a registration; `None` where it has none.
    pub role: Option<String>,
    /// `totalAttendanceInSeconds`, Graph's own sum, in seconds.
    pub seconds: Option<i64>,
    /// The intervals, in Graph's order; none where it sent none.
    pub intervals: Vec<Interval>,
    /// When a registration was made (UTC).
    pub registered_at: Option<Timestamp>,
}

impl Attendance {
    /// Reads a record; anything that is no object says nothing.
    pub fn of(record: &RawValue) -> Self {
        let Parts::Members(members) = Parts::of(record) else { return Self::default() };
        let intervals = match member(&members, "attendanceIntervals").map(Parts::of) {
            Some(Parts::Items(items)) => items.into_iter().map(interval).collect(),
            _ => Vec::new(),
        };
        Self {
            role: ["role", "status"].iter().find_map(|name| shown(member(&members, name))),
            seconds: count(member(&members, "totalAttendanceInSeconds")),
            intervals,
            registered_at: time(&members, "registrationDateTime"),
        }
    }
}

fn interval(value: &RawValue) -> Interval {
    let Parts::Members(members) = Parts::of(value) else { return Interval::default() };
    Interval {
        join: time(&members, "joinDateTime"),
        leave: time(&members, "leaveDateTime"),
        seconds: count(member(&members, "durationInSeconds")),
    }
}

fn time(members: &[Member<'_>], name: &str) -> Option<Timestamp> {
    shown(member(members, name)).and_then(|text| parse_time(&text))
}
