//! A mark in the tables of the pages.

use crate::rules::Mark;

/// A mark as the tables show it.
pub(super) struct MarkView {
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    pub(super) words: String,
}

impl MarkView {
    pub(super) fn of(mark: Mark) -> Self {
        Self { class: mark.class(), glyph: mark.glyph(), words: mark.details() }
    }
}
