//! Texts that hold a person's id or address, wherever they stand: in an address of a meeting, a path, a member of a later kind.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;

use super::json::{DEEPEST, Member, Parts, pointer_to};
use crate::people::PersonKey;
use crate::text::Text;

use super::subject::Subject;
use super::why::Why;

/// What a text must hold to be about the person.
pub(super) struct Needles {
    /// Each in small letters, with how it is known then.
    needles: Vec<(String, Why)>,
}

/// A text that was found.
pub(super) struct Mention<'a> {
    pub(super) pointer: String,
    pub(super) raw: &'a RawValue,
    pub(super) why: Why,
}

impl Needles {
    pub(super) fn of(subject: &Subject) -> Self {
        let ids = subject.keys.iter().filter_map(|key| match key {
            PersonKey::User { id, .. } => Some((id.clone(), Why::Mention)),
            _ => None,
        });
        let own: BTreeSet<&str> = subject.own_addresses().collect();
        let addresses = subject.addresses.iter().map(|address| {
            let why = if own.contains(address.as_str()) { Why::Mention } else { Why::SharedAddress };
            (address.clone(), why)
        });
        let needles: BTreeSet<(String, Why)> = ids.chain(addresses).collect();
        // Something shorter is no id of Entra's and no address, and is in many a text.
        Self { needles: needles.into_iter().filter(|(needle, _)| needle.len() > 4).collect() }
    }

    /// How it is known that a text is about the person; `None` where it holds neither id nor address.
    pub(super) fn why(&self, text: &str) -> Option<Why> {
        let lower = text.to_lowercase();
        let decoded =
            lower.contains('%').then(|| percent_decode_str(&lower).decode_utf8_lossy().to_lowercase());
        let texts = || std::iter::once(lower.as_str()).chain(decoded.as_deref());
        let found = self.needles.iter().filter(|(needle, _)| texts().any(|text| holds(text, needle)));
        found.map(|(_, why)| *why).min()
    }

    /// Whether a whole object may hold one, which is soon seen.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        text.contains("\\u") || text.contains('%') || {
            let lower = text.to_lowercase();
            self.needles.iter().any(|(needle, _)| lower.contains(needle.as_str()))
        }
    }

    /// The texts below a value that hold one, without what is in `known` already.
    pub(super) fn mentions<'a>(&self, value: &'a RawValue, known: &BTreeSet<String>) -> Vec<Mention<'a>> {
        let mut found = Vec::new();
        if self.may_be_in(value.get()) {
            self.walk(value, (String::new(), 0), known, &mut found);
        }
        found
    }

    fn walk<'a>(
        &self,
        value: &'a RawValue,
        (pointer, depth): (String, usize),
        known: &BTreeSet<String>,
        found: &mut Vec<Mention<'a>>,
    ) {
        if known.contains(&pointer) {
            return;
        }
        let why = match Parts::of(value) {
            _ if depth > DEEPEST => self.why(value.get()),
            Parts::Text(literal) => Text::of_json(literal).and_then(|text| self.why(text.shown())),
            Parts::Members(members) => {
                for Member { name, value } in &members {
                    self.walk(value, (pointer_to(&pointer, name), depth + 1), known, found);
                }
                None
            }
            Parts::Items(items) => {
                for (place, item) in items.into_iter().enumerate() {
                    self.walk(item, (format!("{pointer}/{place}"), depth + 1), known, found);
                }
                None
            }
            Parts::Nothing => None,
        };
        found.extend(why.map(|why| Mention { pointer, raw: value, why }));
    }
}

/// Whether a text holds an id or address that is no part of a longer one.
fn holds(text: &str, needle: &str) -> bool {
    text.match_indices(needle).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + needle.len()..].chars();
        let follows = after.next();
        let goes_on = match follows {
            Some('.') => after.next().is_some_and(char::is_alphanumeric),
            other => other.is_some_and(is_of_a_word),
        };
        !before.is_some_and(|before| is_of_a_word(before) || matches!(before, '.' | '+')) && !goes_on
    })
}

fn is_of_a_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_whole_and_not_within_another() {
        let needle = "ann@contoso.com";
        for text in [needle, "to ann@contoso.com.", "<ann@contoso.com>", "mailto:ann@contoso.com?x"] {
            assert!(holds(text, needle), "{text}");
        }
        for text in [
            "joann@contoso.com",
            "jo.ann@contoso.com",
            "ann@contoso.com.au",
            "ann@contoso.company",
            "x-ann@contoso.com",
        ] {
            assert!(!holds(text, needle), "{text}");
        }
    }
}
