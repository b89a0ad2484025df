//! A mark as a letter, a glyph, a colour and in words.

use super::{Level, Mark, Rules};

impl Mark {
    /// Every mark that a cell can show, as the legend has them.
    pub const ALL: [Self; 8] = [
        Self { level: Level::Present, is_late: false, left_early: false },
        Self { level: Level::Present, is_late: true, left_early: false },
        Self { level: Level::Present, is_late: false, left_early: true },
        Self { level: Level::Present, is_late: true, left_early: true },
        Self { level: Level::Partial, is_late: false, left_early: false },
        Self { level: Level::Absent, is_late: false, left_early: false },
        Self { level: Level::Excused, is_late: false, left_early: false },
        Self { level: Level::Unknown, is_late: false, left_early: false },
    ];

    /// The mark of a level, without a flag.
    pub fn of(level: Level) -> Self {
        Self { level, is_late: false, left_early: false }
    }

    /// Whether it counts: everything but excused and not known.
    pub fn is_known(self) -> bool {
        matches!(self.level, Level::Present | Level::Partial | Level::Absent)
    }

    /// The letter of a cell: `P`, `H`, `A`, `E` or `?`, and `L`, `D` or `LD` of who was present with a flag.
    pub fn letter(self) -> &'static str {
        match (self.level, self.is_late, self.left_early) {
            (Level::Present, true, true) => "LD",
            (Level::Present, true, false) => "L",
            (Level::Present, false, true) => "D",
            (Level::Present, false, false) => "P",
            (Level::Partial, ..) => "H",
            (Level::Absent, ..) => "A",
            (Level::Excused, ..) => "E",
            (Level::Unknown, ..) => "?",
        }
    }

    /// The glyph of a cell; who was present, late and left early, has two.
    pub fn glyph(self) -> &'static str {
        match self.letter() {
            "LD" => "◷←",
            "L" => "◷",
            "D" => "←",
            "P" => "✓",
            "H" => "◐",
            "A" => "✕",
            "E" => "–",
            _ => "?",
        }
    }

    /// The name of its colours, which is that of the class in HTML: that of `late` for who also left early.
    pub fn class(self) -> &'static str {
        match self.letter() {
            "L" | "LD" => "late",
            "D" => "early",
            "P" => "present",
            "H" => "partial",
            "A" => "absent",
            "E" => "excused",
            _ => "unknown",
        }
    }

    /// The mark in words: what a cell says of it.
    pub fn words(self) -> &'static str {
        match self.letter() {
            "LD" => "late, left early",
            "L" => "late",
            "D" => "left early",
            "P" => "present",
            "H" => "partial",
            "A" => "absent",
            "E" => "excused",
            _ => "not known",
        }
    }

    /// The level and its flags in words, for details: a partial attendance may be late, too.
    pub fn details(self) -> String {
        let level = Self::of(self.level).words();
        let flags = [(self.is_late, ", late"), (self.left_early, ", left early")];
        flags.iter().filter(|(is_set, _)| *is_set).fold(level.to_owned(), |words, (_, flag)| words + flag)
    }
}

impl Rules {
    /// The letter of a cell, with the letters that are asked for instead of ours.
    pub fn letter(&self, mark: Mark) -> String {
        let of =
            |words: &str, letter: &str| self.letters.get(words).map_or(letter, String::as_str).to_owned();
        match mark.letter() {
            "LD" => of("late", "L") + &of("left early", "D"),
            letter => of(mark.words(), letter),
        }
    }
}
