//! What counts: the window of a session, and when somebody was present, partly there, absent, late or left early.

mod description;
mod mark;
mod parse;
mod threshold;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, civil};
use serde::Serialize;

pub use parse::{RuleError, length, letters, planned, zone};

/// The rules by which sessions are joined and people are marked.
#[derive(Debug, Clone)]
pub struct Rules {
    /// From how much on somebody was present.
    pub present_after: Threshold,
    /// Below how much somebody was absent.
    pub absent_below: Threshold,
    /// How long after the window's start a first join is late.
    pub late_after: Threshold,
    /// How long before the window's end a last leave is early.
    pub left_before: Threshold,
    /// What the window of a session is.
    pub window: WindowRule,
    /// The zone in which days are counted and times are shown; it moves no minutes.
    pub zone: TimeZone,
    /// How long the gap between two reports of one session without a plan may be.
    pub join_within: SignedDuration,
    /// Whether a roster's line may match by name, where nothing else does.
    pub match_names: bool,
    /// Whether a stray has a column of its own.
    pub keeps_strays: bool,
    /// Who is the same person, as told (`--same`): pairs of ids or addresses.
    pub same: Vec<(String, String)>,
    /// Other letters for marks, by the mark's name.
    pub letters: BTreeMap<String, String>,
}

/// Present from 75%, absent below 10%, late and early by more than 10 minutes, minutes within the plan, days in UTC.
impl Default for Rules {
    fn default() -> Self {
        Self {
            present_after: Threshold::Share(75_000),
            absent_below: Threshold::Share(10_000),
            late_after: Threshold::Length(SignedDuration::from_mins(10)),
            left_before: Threshold::Length(SignedDuration::from_mins(10)),
            window: WindowRule::Plan,
            zone: TimeZone::UTC,
            join_within: SignedDuration::from_mins(15),
            match_names: false,
            keeps_strays: false,
            same: Vec::new(),
            letters: BTreeMap::new(),
        }
    }
}

/// A length, or a part of the window's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Thousandths of a percent of the window.
    Share(u32),
    /// A length, whatever the window's.
    Length(SignedDuration),
}

/// What the window of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowRule {
    /// The plan where there is one that fits, else the report's own times.
    Plan,
    /// From one time of the day to another, in the zone (`--planned 10:00-11:00`).
    Daily(civil::Time, civil::Time),
    /// Always the report's own times.
    Report,
}

/// Where the window of a session comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WindowBasis {
    /// The times of the day that were given.
    Given,
    /// The plan of the virtual event's session.
    Session,
    /// The plan of the online meeting.
    Meeting,
    /// The report's own times; where it has none, from the first join to the last leave in it.
    Report,
}

/// How much of a session somebody attended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Enough of it, by the rules.
    Present,
    /// Some of it, and not enough.
    Partial,
    /// Less than counts, or not at all.
    Absent,
    /// Named so in the roster: in no sum.
    Excused,
    /// Nothing is known: no report is kept, or a line is ambiguous. In no sum.
    Unknown,
}

/// What somebody's attendance of a session counts as: a level, and two flags beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// How much of it.
    pub level: Level,
    /// Whether the first join came later than allowed.
    pub is_late: bool,
    /// Whether the last leave came earlier than allowed.
    pub left_early: bool,
}

#[cfg(test)]
mod tests;
