//! Words in pictures and pages: a person's name, a role, and texts that fit.

use crate::model::{Kind, Role};
use crate::people::{Person, PersonKey};

/// How many characters of a text are shown at most; files have it whole.
const MOST_SHOWN: usize = 300;

/// A text without what cannot stand in markup: NUL and other controls are U+FFFD, line breaks a space.
pub fn clean_whole(text: &str) -> String {
    let shown = |char| match char {
        '\t' | '\n' | '\r' => ' ',
        char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => char::REPLACEMENT_CHARACTER,
        char => char,
    };
    text.chars().map(shown).collect()
}

/// The same of a text that may be of any length: after 300 characters an ellipsis stands for the rest.
pub fn clean(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => clean_whole(&text[..end]) + "…",
        None => clean_whole(text),
    }
}

/// The name of a person as it is shown; `(no name)` where none was seen, a telephone by its last four digits.
pub fn name(person: &Person) -> String {
    match person.shown_name().as_deref().map(clean).filter(|name| !name.trim().is_empty()) {
        Some(name) => name,
        None => "(no name)".to_owned(),
    }
}

/// What stands below a name: the address, or why there is none.
pub fn about(person: &Person) -> String {
    match (&person.key, &person.address) {
        (PersonKey::Phone { .. }, _) => "by telephone, no identity".to_owned(),
        (_, Some(address)) if !address.shown().trim().is_empty() => address_words(&clean(address.shown())),
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

/// A text that is no wider than so many letters of the Latin alphabet, with `…` where it is cut.
pub(crate) fn fitting(text: &str, letters: f64) -> String {
    if text.chars().map(width).sum::<f64>() <= letters {
        return text.to_owned();
    }
    let mut room = letters - 1.0;
    let cut: String = text
        .chars()
        .take_while(|char| {
            room -= width(*char);
            room >= 0.0
        })
        .collect();
    format!("{}…", cut.trim_end())
}

/// About how wide a character is, in letters of the Latin alphabet.
fn width(char: char) -> f64 {
    if char >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&char) { 1.8 } else { 1.0 }
}

/// The text held apart from what stands beside it, where it may run from right to left and no `<bdi>` is possible.
pub(crate) fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

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
        assert_eq!((name(&guest), about(&guest)), ("(no name)".into(), "guest · fabrikam.example".into()));
    }

    #[test]
    fn nul_is_a_replacement_and_a_long_name_is_cut() {
        assert_eq!(clean("a\0b\nc"), "a\u{fffd}b c");
        assert_eq!(clean(&"é".repeat(300)), "é".repeat(300));
        assert_eq!(clean(&"é".repeat(1_000_000)), "é".repeat(300) + "…");
        assert_eq!(fitting("svetlana", 8.0), "svetlana");
        assert_eq!(fitting("svetlana achterberg", 10.0), "svetlana…");
        assert_eq!(fitting("明子明子明子", 6.0), "明子…");
    }
}
