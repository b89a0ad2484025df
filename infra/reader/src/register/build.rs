//! A register out of reports, registrations, ledgers and a roster.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::cells::{Places, RowPerson, cells};
use super::columns::{columns, find_lacking};
use super::gaps::gaps;
use super::{Cell, Column, ColumnOf, Double, Register, Row};
use crate::model::{Gaps, Registration, Report, Role, SeriesId};
use crate::people::{People, Person, Registrations, comparable_name};
use crate::roster::{Matched, Roster, RosterLine, RosterMatch, matched, told_addresses};
use crate::rules::{Level, Rules};
use crate::session::{Session, sessions_of, sightings};

impl Register {
    /// The register of these reports, of one series or several. `registrations` lead from a registration to an address;
    /// `ledger` tells the sessions of which no report is kept, which may be all. The order of none of them changes anything.
    pub fn of(
        reports: Vec<Report>,
        registrations: &[(SeriesId, Registration)],
        ledger: Gaps,
        roster: Option<&Roster>,
        rules: &Rules,
        as_of: Timestamp,
    ) -> Self {
        let registrations = Registrations::of(registrations.iter().map(|(series, one)| (series, one)));
        let mut series: BTreeSet<SeriesId> = reports.iter().map(|report| report.series.clone()).collect();
        let newest = reports.iter().max_by_key(|report| (report.span, &report.id));
        let series_title = newest.and_then(|report| report.series_title.clone());
        let not_kept = |entries| gaps(entries, &reports, rules.join_within);
        let (known, unclear) = (not_kept(ledger.known), not_kept(ledger.unclear));
        series.extend(known.iter().filter_map(|entry| entry.series.clone()));
        let groups = sessions_of(reports, rules);
        let people = people_of(&groups, &registrations, roster, rules);
        let united = groups.iter().filter_map(|group| Session::united(group, &registrations, &people, rules));
        let (strays, sessions): (Vec<Session>, Vec<Session>) =
            united.partition(|session| session.is_stray && !rules.keeps_strays);
        let mut columns = columns(sessions, known, &rules.zone);
        find_lacking(&mut columns, &unclear, rules);
        let title = series_title.or_else(|| columns.iter().rev().find_map(Column::title).cloned());
        let mut register = Self {
            title,
            series: series.into_iter().collect(),
            rules: rules.clone(),
            roster: roster.map(|roster| (roster.name.clone(), roster.lines.len())),
            as_of,
            columns,
            rows: Vec::new(),
            apart: Vec::new(),
            not_on_roster: Vec::new(),
            doubles: doubles(&people),
            strays,
            unclear,
        };
        register.add_rows(roster, &people);
        register.count_columns();
        register
    }

    fn add_rows(&mut self, roster: Option<&Roster>, people: &People) {
        let places = Places::of(&self.columns, people);
        let matches = roster.map(|roster| matched(roster, people, &self.rules)).unwrap_or_default();
        let lines = roster.map(|roster| roster.lines.as_slice()).unwrap_or_default();
        for (line, matched) in lines.iter().zip(&matches) {
            self.rows.push(line_row(line, matched, people, &self.columns, &places));
        }
        let on_roster: BTreeSet<usize> = matches.iter().filter_map(|matched| matched.person).collect();
        let seen = Seen::of(&self.columns, people);
        for (number, is_apart) in seen.others(&on_roster, people) {
            let person = people.person(number);
            let is_expected = roster.is_none() && !is_apart && !person.key.is_of_one_session();
            let row = person_row(person, is_expected, &self.columns, &places);
            match (is_apart, roster) {
                (true, _) => self.apart.push(row),
                (false, None) => self.rows.push(row),
                (false, Some(_)) => self.not_on_roster.push(row),
            }
        }
        for (column, unidentified) in self.columns.iter_mut().zip(seen.unidentified(&on_roster, people)) {
            column.unidentified = unidentified;
        }
    }

    /// Counts in each column who was present, of those who were expected and are known.
    fn count_columns(&mut self) {
        for (place, column) in self.columns.iter_mut().enumerate() {
            let marks = self.rows.iter().filter_map(|row| match row.cells[place] {
                Cell::Marked(cell) if cell.mark.is_known() => Some(cell.mark.level == Level::Present),
                _ => None,
            });
            let (present, known) = marks
                .fold((0, 0), |(present, known), is_present| (present + usize::from(is_present), known + 1));
            column.present = (known > 0).then_some((present, known));
        }
    }
}

/// Who is one person in all sessions, also as the roster tells with several addresses in a line.
fn people_of(
    groups: &[Vec<Report>],
    registrations: &Registrations,
    roster: Option<&Roster>,
    rules: &Rules,
) -> People {
    let sightings: Vec<_> = groups.iter().flat_map(|group| sightings(group, registrations)).collect();
    let people = People::of(&sightings, &rules.same);
    let told = roster.map(|roster| told_addresses(roster, &people)).unwrap_or_default();
    if told.is_empty() {
        return people;
    }
    let same: Vec<_> = rules.same.iter().cloned().chain(told).collect();
    People::of(&sightings, &same)
}

fn doubles(people: &People) -> Vec<Double> {
    let of = |(address, persons): (&str, &[usize])| Double {
        address: address.to_owned(),
        persons: persons.iter().map(|number| people.person(*number).clone()).collect(),
    };
    people.doubles().map(of).collect()
}

fn line_row(
    line: &RosterLine,
    matched: &Matched,
    people: &People,
    columns: &[Column],
    places: &Places,
) -> Row {
    let person = matched.person.map(|number| people.person(number));
    let key = person.map(|person| &person.key);
    let of = RowPerson { line: Some(line), key, matched: &matched.how, is_expected: true };
    let (cells, totals) = cells(&of, columns, places);
    Row { line: Some(line.clone()), person: person.cloned(), matched: matched.how.clone(), cells, totals }
}

fn person_row(person: &Person, is_expected: bool, columns: &[Column], places: &Places) -> Row {
    let matched = RosterMatch::NoRoster;
    let of = RowPerson { line: None, key: Some(&person.key), matched: &matched, is_expected };
    let (cells, totals) = cells(&of, columns, places);
    Row { line: None, person: Some(person.clone()), matched, cells, totals }
}

/// Who is in which column, by the persons' numbers.
struct Seen {
    columns: Vec<Vec<usize>>,
    /// Of each person in a column: whether they stand apart.
    is_apart: BTreeMap<usize, bool>,
}

impl Seen {
    fn of(columns: &[Column], people: &People) -> Self {
        let mut seen = Self { columns: Vec::new(), is_apart: BTreeMap::new() };
        // The organizer stands apart however they joined another time; a presenter only who never was an attendee.
        let mut organizers = BTreeSet::new();
        for column in columns {
            let ColumnOf::Session(session) = &column.of else {
                seen.columns.push(Vec::new());
                continue;
            };
            let mut numbers = Vec::new();
            for attendee in &session.attendees {
                let Some(number) = people.number(&attendee.person.key) else { continue };
                numbers.push(number);
                *seen.is_apart.entry(number).or_insert(true) &= attendee.stands_apart;
                organizers.extend((attendee.role == Role::Organizer).then_some(number));
            }
            seen.columns.push(numbers);
        }
        seen.is_apart.extend(organizers.into_iter().map(|number| (number, true)));
        seen
    }

    /// Who is in a column and not on the roster, by name, and whether they stand apart.
    fn others(&self, on_roster: &BTreeSet<usize>, people: &People) -> Vec<(usize, bool)> {
        let others = self.is_apart.iter().filter(|(number, _)| !on_roster.contains(number));
        let mut others: Vec<(usize, bool)> = others.map(|(number, is_apart)| (*number, *is_apart)).collect();
        others.sort_by_cached_key(|(number, _)| {
            let person = people.person(*number);
            let name = person.name.as_ref().and_then(|name| comparable_name(name.shown()));
            (name.is_none(), name, person.key.clone())
        });
        others
    }

    /// In each column how many cannot be told to be anybody.
    fn unidentified(&self, on_roster: &BTreeSet<usize>, people: &People) -> Vec<usize> {
        let is_nobody = |number: &&usize| {
            people.person(**number).key.is_of_one_session()
                && !on_roster.contains(number)
                && !self.is_apart[number]
        };
        self.columns.iter().map(|numbers| numbers.iter().filter(is_nobody).count()).collect()
    }
}
