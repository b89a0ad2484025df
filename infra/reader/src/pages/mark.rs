//! A mark in the tables of the pages.

use crate::rules::{Mark, Rules};

/// A mark as the tables show it.
pub(super) struct MarkView {
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    /// The letter, where the rules have others than ours; else empty.
    pub(super) letter: String,
    pub(super) words: String,
}

impl MarkView {
    pub(super) fn of(mark: Mark, rules: &Rules) -> Self {
        let letter = if rules.letters.is_empty() { String::new() } else { rules.letter(mark) };
        Self { class: mark.class(), glyph: mark.glyph(), letter, words: mark.details() }
    }

    /// The mark as a legend has it.
    pub(super) fn in_a_word(mark: Mark, rules: &Rules) -> Self {
        Self { words: mark.words().to_owned(), ..Self::of(mark, rules) }
    }
}
