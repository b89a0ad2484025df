//! Words that are searched: in titles and organizers, and in the names and addresses of people.

use rusqlite::ToSql;

use super::value;
use crate::index::archived::words;

/// The words that are searched, all of which must be found in one text.
pub(super) struct Search(Vec<String>);

impl Search {
    /// The words of a text; `None` where there is none.
    pub(super) fn of(text: Option<&str>) -> Option<Self> {
        let words: Vec<String> = words(text?).split_whitespace().take(MOST).map(str::to_owned).collect();
        Some(Self(words)).filter(|search| !search.0.is_empty())
    }

    /// That all words stand in a column.
    pub(super) fn in_column(&self, column: &str) -> (String, Vec<Box<dyn ToSql>>) {
        let each = self.0.iter().map(|_| format!("instr({column}, ?) > 0"));
        (each.collect::<Vec<_>>().join(" AND "), self.0.iter().map(|word| value(word.clone())).collect())
    }

    /// A query for the numbers of the texts of people that have all words. Words of three letters are found by the index.
    pub(super) fn of_people(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let (in_text, mut values) = self.in_column("w.text");
        let phrases: Vec<String> =
            self.0.iter().filter(|word| word.chars().count() >= 3).map(|word| phrase(word)).collect();
        if phrases.is_empty() {
            return (format!("SELECT w.id FROM words w WHERE {in_text}"), values);
        }
        values.insert(0, value(phrases.join(" AND ")));
        let found = "SELECT w.id FROM words_index i JOIN words w ON w.id = i.rowid WHERE words_index MATCH ?";
        (format!("{found} AND {in_text}"), values)
    }
}

/// A word as a phrase of FTS5.
fn phrase(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// How many words are searched at most.
const MOST: usize = 16;
