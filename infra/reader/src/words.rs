//! The words for people, roles, rules and states, as every picture, file and page has them.
//!
//! A text of Graph's is answered as it was sent; [`one_line`] and [`printable`] make it fit for where it is shown.

use crate::model::{Kind, LedgerEntry, LedgerState, Role};
use crate::people::{Person, PersonKey};
use crate::register::{Column, ColumnOf, Register, Row};
use crate::roster::RosterMatch;
use crate::rules::{Mark, Rules, Threshold, WindowBasis};
use crate::session::{SecondsBasis, Session};
use crate::text::Text;
use crate::times;

/// What stands for somebody of whom neither a name nor an address was seen.
const NO_NAME: &str = "(no name)";

/// The text with U+FFFD for each control and for what XML can't hold; tabs and line breaks stay.
pub fn printable(text: &str) -> String {
    let replaced = |char: char| match char {
        '\t' | '\n' | '\r' => char,
        '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        _ if char.is_control() => char::REPLACEMENT_CHARACTER,
        _ => char,
    };
    text.chars().map(replaced).collect()
}

/// How many characters of a text are shown on a page at most; files have it whole.
const MOST_SHOWN: usize = 300;

/// The printable text on one line: a tab or a line break is a space. After 300 characters an ellipsis stands for the rest.
pub fn one_line(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => one_whole_line(&text[..end]) + "…",
        None => one_whole_line(text),
    }
}

/// The same, however long it is: for keys and paths, which are bounded and mean nothing when they are cut.
pub fn one_whole_line(text: &str) -> String {
    printable(text).replace(['\t', '\n', '\r'], " ")
}

/// The title of a session or series; `(no title)` where none is known.
pub fn title(title: Option<&Text>) -> &str {
    title.map_or("(no title)", Text::shown)
}

/// A person's name: the name that was seen, the last four digits of a telephone, the address, or `(no name)`.
pub fn name(person: &Person) -> String {
    name_or_address([person.shown_name().as_deref(), person.address.as_ref().map(Text::shown)])
}

/// The name of somebody of whom these are known, as [`name`] tells it of a person.
pub fn name_of(name: Option<&Text>, address: Option<&Text>) -> String {
    name_or_address([name, address].map(|text| text.map(Text::shown)))
}

/// The name of a row: the roster's, else the person's.
pub fn row_name(row: &Row) -> String {
    let line = row.line.as_ref();
    let person = row.person.as_ref();
    let shown = person.and_then(Person::shown_name);
    let address = person.and_then(|person| person.address.as_ref()).map(Text::shown);
    let listed = line.and_then(|line| line.addresses.first()).map(String::as_str);
    name_or_address([line.and_then(|line| line.name.as_deref()), shown.as_deref(), address, listed])
}

/// The first text that is not blank, of names and then addresses.
fn name_or_address<const COUNT: usize>(texts: [Option<&str>; COUNT]) -> String {
    texts.into_iter().flatten().find(|text| !text.trim().is_empty()).unwrap_or(NO_NAME).to_owned()
}

/// The address of a row: the person's, else the roster's first; empty where none is known.
pub fn row_address(row: &Row) -> String {
    let seen =
        row.person.as_ref().and_then(|person| person.address.as_ref()).map(|text| text.shown().to_owned());
    let listed = || row.line.as_ref().and_then(|line| line.addresses.first().cloned());
    seen.or_else(listed).unwrap_or_default()
}

/// What stands below a name: the address, or why there is none.
pub fn about(person: &Person) -> String {
    match (&person.key, &person.address) {
        (PersonKey::Phone { .. }, _) => "by telephone, no identity".to_owned(),
        (_, Some(address)) if !address.shown().trim().is_empty() => address_words(&one_line(address.shown())),
        (PersonKey::Anonymous { .. }, _) => "anonymous, not verified".to_owned(),
        _ => "no address".to_owned(),
    }
}

/// The address, or `guest · domain` for the name of a guest in another tenant's directory.
fn address_words(address: &str) -> String {
    match address.split_once("#EXT#").and_then(|(home, _)| home.rsplit_once('_')) {
        Some((_, domain)) => format!("guest · {domain}"),
        None => address.to_owned(),
    }
}

/// The role as it is told; in a meeting `Presenter` is a permission that everybody may have, and is nobody's role.
pub fn role(role: Role, kind: Kind) -> &'static str {
    match (role, kind) {
        (Role::Organizer, _) => "Organizer",
        (Role::Presenter, Kind::Webinar | Kind::Townhall) => "Presenter",
        _ => "Attendee",
    }
}

/// `Webinar`, `Meeting`, `Town hall`.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Meeting => "Meeting",
        Kind::Webinar => "Webinar",
        Kind::Townhall => "Town hall",
    }
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
    register.rules.description(register.window_length())
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
    let letters = Mark::ALL.map(|mark| format!("{} = {}", rules.letter(mark), mark.words())).join("; ");
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
    Some(times::hours(span, &rules.zone))
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

    fn person(key: PersonKey, name: Option<&str>, address: Option<&str>) -> Person {
        Person { key, name: name.map(Text::from), address: address.map(Text::from), also: Vec::new() }
    }

    #[test]
    fn a_telephone_shows_its_last_four_digits_only() {
        let key = PersonKey::Phone { report_id: "r-1".into(), number: "+31 20 555 2714".into() };
        let phone = person(key, Some("+31205552714"), None);
        assert_eq!((name(&phone), about(&phone)), ("•••• 2714".into(), "by telephone, no identity".into()));
    }

    #[test]
    fn a_guest_is_told_by_the_domain_behind_ext() {
        let key = PersonKey::Address("yusuf_fabrikam.example#ext#@contoso.com".into());
        let guest = person(key, None, Some("yusuf_fabrikam.example#EXT#@contoso.com"));
        assert_eq!(
            (name(&guest), about(&guest)),
            ("yusuf_fabrikam.example#EXT#@contoso.com".into(), "guest · fabrikam.example".into())
        );
    }

    #[test]
    fn who_has_no_name_is_shown_by_address_wherever_that_is() {
        let key = PersonKey::Address("noor@contoso.com".into());
        assert_eq!(name(&person(key.clone(), Some("  "), Some("noor@contoso.com"))), "noor@contoso.com");
        assert_eq!(name(&person(key, None, Some(" "))), NO_NAME);
        let [blank, address] = [" ", "noor@contoso.com"].map(Text::from);
        assert_eq!(name_of(Some(&blank), Some(&address)), "noor@contoso.com");
        assert_eq!(name_of(None, None), NO_NAME);
    }

    #[test]
    fn a_control_is_a_replacement_and_a_line_break_a_space_on_one_line() {
        assert_eq!(one_line("a\0b\nc\u{ffff}"), "a\u{fffd}b c\u{fffd}");
        assert_eq!(printable("a\0b\nc"), "a\u{fffd}b\nc");
        assert_eq!(one_line(&"é".repeat(300)), "é".repeat(300));
        assert_eq!(one_line(&"é".repeat(1_000_000)), "é".repeat(300) + "…");
    }
}
