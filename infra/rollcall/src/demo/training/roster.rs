//! The roster of the training, as the trainer would hand it in.

use jiff::civil::Date;

use super::people::{PEOPLE, Person};

const HEADINGS: &str = "id,email,name,number,group,excused";
/// Who is excused from the last session.
const EXCUSED: &str = "Daan Mulgrew";

/// The roster as CSV, by last name. Users are named by their object ids, and the guest by an address.
pub(super) fn text(last_day: Date) -> String {
    let mut people: Vec<&Person> = PEOPLE.iter().filter(|person| person.on_roster.is_some()).collect();
    people.sort_by_key(|person| person.names().1.replace('Ö', "O"));
    let lines = people.into_iter().map(|person| line(person, last_day));
    [HEADINGS.to_owned()].into_iter().chain(lines).map(|line| line + "\n").collect()
}

fn line(person: &Person, last_day: Date) -> String {
    let (first, last) = person.names();
    let (number, group) = person.on_roster.unwrap_or_default();
    let (id, email) = match person.is_guest() {
        true => (String::new(), person.address()),
        false => (person.id(), String::new()),
    };
    let excused = if person.name == EXCUSED { last_day.to_string() } else { String::new() };
    format!("{id},{email},\"{last}, {first}\",{number},{group},{excused}")
}
