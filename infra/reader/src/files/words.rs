//! The words, letters and glyphs for marks, people and rules, as every file and page shows them.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::files::times;
use crate::model::{LedgerEntry, LedgerState};
use crate::people::Person;
use crate::register::{Column, ColumnOf, Register, Row};
use crate::roster::RosterMatch;
use crate::rules::{Level, Mark, Rules, Threshold, WindowBasis};
use crate::session::{SecondsBasis, Session};

/// What stands for somebody of whom no name was seen.
pub const NO_NAME: &str = "(no name)";

/// Every mark that a cell can show, as the legend has them.
pub const MARKS: [Mark; 8] = [
    Mark { level: Level::Present, is_late: false, left_early: false },
    Mark { level: Level::Present, is_late: true, left_early: false },
    Mark { level: Level::Present, is_late: false, left_early: true },
    Mark { level: Level::Present, is_late: true, left_early: true },
    Mark { level: Level::Partial, is_late: false, left_early: false },
    Mark { level: Level::Absent, is_late: false, left_early: false },
    Mark { level: Level::Excused, is_late: false, left_early: false },
    Mark { level: Level::Unknown, is_late: false, left_early: false },
];

/// The name of a mark's colours, which is that of the class in HTML: that of `late` for who also left early.
pub fn colour(mark: Mark) -> &'static str {
    match (mark.level, mark.is_late, mark.left_early) {
        (Level::Present, true, _) => "late",
        (Level::Present, false, true) => "early",
        (Level::Present, false, false) => "present",
        (Level::Partial, ..) => "partial",
        (Level::Absent, ..) => "absent",
        (Level::Excused, ..) => "excused",
        (Level::Unknown, ..) => "unknown",
    }
}

/// A person's name: the name that was seen, the last four digits of a telephone, the address, or [`NO_NAME`].
pub fn person(person: &Person) -> String {
    let address = || person.address.as_ref().map(|address| address.shown().to_owned());
    let is_name = |name: &String| !name.trim().is_empty();
    person.shown_name().filter(is_name).or_else(address).filter(is_name).unwrap_or_else(|| NO_NAME.to_owned())
}

/// The name of a row: the roster's, else the person's.
pub fn row_name(row: &Row) -> String {
    let line = row.line.as_ref();
    let listed = line.and_then(|line| line.name.clone()).filter(|name| !name.trim().is_empty());
    let address = || line.and_then(|line| line.addresses.first().cloned());
    listed.or_else(|| row.person.as_ref().map(person)).or_else(address).unwrap_or_else(|| NO_NAME.to_owned())
}

/// The address of a row: the person's, else the roster's first; empty where none is known.
pub fn row_address(row: &Row) -> String {
    let seen =
        row.person.as_ref().and_then(|person| person.address.as_ref()).map(|text| text.shown().to_owned());
    let listed = || row.line.as_ref().and_then(|line| line.addresses.first().cloned());
    seen.or_else(listed).unwrap_or_default()
}

/// How a row was matched.
pub fn matched(matched: &RosterMatch) -> &'static str {
    match matched {
        RosterMatch::NoRoster => "in a report",
        RosterMatch::Id => "by id",
        RosterMatch::Address => "by address",
        RosterMatch::Registration => "by registration",
        RosterMatch::Name => "by name",
        RosterMatch::Unmatched => "in no report",
        RosterMatch::Doubled { .. } => "in several lines",
        RosterMatch::Ambiguous { .. } => "ambiguous",
    }
}

/// Where somebody's seconds come from.
pub fn basis(basis: SecondsBasis) -> &'static str {
    match basis {
        SecondsBasis::Times => "times",
        SecondsBasis::AsGraph => "as Graph",
        SecondsBasis::NamedOnly => "named only",
        SecondsBasis::Nothing => "not known",
    }
}

/// Where the window of a session comes from.
pub fn window(basis: WindowBasis) -> &'static str {
    match basis {
        WindowBasis::Given => "the times that were given",
        WindowBasis::Session => "the plan of the session",
        WindowBasis::Meeting => "the plan of the meeting",
        WindowBasis::Report => "the report's own times",
    }
}

/// The rules in a line; with the minutes of the shares, where the windows of all sessions are equally long.
pub fn rules(register: &Register) -> String {
    let windows = register.columns.iter().filter_map(|column| match &column.of {
        ColumnOf::Session(session) => session.window.map(|window| window.span),
        ColumnOf::NotKept(_) => None,
    });
    let lengths: BTreeSet<SignedDuration> = windows.map(|span| span.end.duration_since(span.start)).collect();
    let common = if lengths.len() == 1 { lengths.first().copied() } else { None };
    register.rules.description(common)
}

/// `Present from 75% · … · Europe/Amsterdam · as of Thu 5 Nov 2026, 07:30`.
pub fn footer(register: &Register) -> String {
    let zone = &register.rules.zone;
    let as_of = times::moment(register.as_of, zone);
    format!("{} · {} · as of {as_of}", rules(register), register.rules.zone_name())
}

/// Every rule with its value, as the sheet *Rules* names them.
pub fn every_rule(rules: &Rules) -> Vec<(&'static str, String)> {
    let yes = |is_so: bool| if is_so { "yes" } else { "no" }.to_owned();
    let letters = MARKS.map(|mark| format!("{} = {}", rules.letter(mark), mark.words())).join("; ");
    let same: Vec<String> = rules.same.iter().map(|(one, other)| format!("{one} = {other}")).collect();
    vec![
        ("Present from", rules.present_after.to_string()),
        ("Absent below", rules.absent_below.to_string()),
        ("Late after", rules.late_after.to_string()),
        ("Left early before the last", rules.left_before.to_string()),
        ("Minutes", rules.window_in_words()),
        ("Reports are joined within", Threshold::Length(rules.join_within).to_string()),
        ("Names may match", yes(rules.match_names)),
        ("Strays have columns", yes(rules.keeps_strays)),
        ("The same person", same.join("; ")),
        ("Letters", letters),
    ]
}

/// What a session's heading says beneath its day: from when to when, else nothing.
pub fn heading_times(session: &Session, rules: &Rules) -> Option<String> {
    let span = session.window.map(|window| window.span).or(session.span)?;
    Some(times::clocks(span, &rules.zone))
}

/// The sessions of which no report is kept, each with why and what to do.
pub fn not_kept(register: &Register) -> Vec<String> {
    let sentence = |column: &Column| {
        let ColumnOf::NotKept(entry) = &column.of else { return None };
        let remedy = entry.remedy.as_ref().map(|remedy| format!(" Remedy: {remedy}")).unwrap_or_default();
        Some(format!(
            "{}: no report is kept ({}): in no sum, no absence.{remedy}",
            column.label,
            state(entry.state)
        ))
    };
    register.columns.iter().filter_map(sentence).collect()
}

/// The name of a row that may be several people's, with theirs; `None` where it is not ambiguous.
pub fn ambiguous(row: &Row) -> Option<String> {
    let RosterMatch::Ambiguous { candidates } = &row.matched else { return None };
    Some(format!("{} (may be {})", row_name(row), candidates.join(" or ")))
}

/// The people who stand in several lines of the roster, each once: `Noor Haddad (lines 2 and 5)`.
pub fn doubled(register: &Register) -> Vec<String> {
    let first = |row: &Row| doubled_lines(row).filter(|(is_first, _)| *is_first);
    let sentence = |row: &Row| first(row).map(|(_, lines)| format!("{} ({lines})", row_name(row)));
    register.rows.iter().filter_map(sentence).collect()
}

/// The lines of who stands in several, `lines 2 and 5`, and whether the row is the first of them; `None` of anybody else.
pub fn doubled_lines(row: &Row) -> Option<(bool, String)> {
    let RosterMatch::Doubled { lines } = &row.matched else { return None };
    let is_first = row.line.as_ref().map(|line| &line.line) == lines.first();
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    Some((is_first, format!("lines {}", lines.join(" and "))))
}

/// The sessions that are not kept and may be of this series, each with when it began and why.
pub fn unclear(register: &Register) -> Vec<String> {
    let sentence = |entry: &LedgerEntry| {
        let start = entry.start.map(|at| times::moment(at, &register.rules.zone)).unwrap_or_default();
        format!(
            "{start}: no report is kept ({}), and which meeting of the channel it was is not known",
            state(entry.state)
        )
    };
    register.unclear.iter().map(sentence).collect()
}

/// What a ledger says of a session.
pub fn state(state: LedgerState) -> &'static str {
    match state {
        LedgerState::Archived => "kept",
        LedgerState::Pending => "it ended a short time ago, and its report may come",
        LedgerState::Short => "kept with fewer records than participants",
        LedgerState::Doubtful => "an empty list, which may be a missing permission",
        LedgerState::Unreachable => "the source could not be looked at",
        LedgerState::Absent => "Graph gave no report",
        LedgerState::Missing => "Graph lists the report, and the archive lacks it",
        LedgerState::Lost => "Graph no longer lists the report",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;
    use crate::people::PersonKey;
    use crate::text::Text;

    #[test]
    fn who_has_no_name_is_shown_by_address_or_the_last_digits() {
        let mut noor = samples::person("Noor", "noor@contoso.com");
        noor.name = Some(Text::from("  "));
        assert_eq!(person(&noor), "noor@contoso.com");
        noor.address = None;
        assert_eq!(person(&noor), NO_NAME);
        noor.key = PersonKey::Phone { report_id: "r".to_owned(), number: "+31 20 555 27 14".to_owned() };
        assert_eq!(person(&noor), "•••• 2714");
    }

    #[test]
    fn who_stands_in_several_lines_is_told_once() {
        let mut register = samples::register();
        let lines = vec![3, 5];
        register.rows[1].matched = RosterMatch::Doubled { lines: lines.clone() };
        register.rows[3].matched = RosterMatch::Doubled { lines };
        assert_eq!(doubled(&register), ["Brandsma, Kwame (lines 3 and 5)"]);
    }

    #[test]
    fn what_may_be_of_another_series_is_told_with_its_time() {
        let mut register = samples::register();
        let ColumnOf::NotKept(entry) = &register.columns[4].of else { panic!("it is not kept") };
        register.unclear = vec![entry.clone()];
        assert!(unclear(&register)[0].starts_with("Wed 28 Oct 2026, 10:00: no report is kept (Graph lists"));
    }
}
