//! Words that are searched: in titles and organizers, and in the names and addresses of people.

use std::sync::Arc;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Params, ToSql, params_from_iter};
use serde_json::json;

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

    /// Whether a text has all words.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let text = words(text);
        self.0.iter().all(|word| text.contains(word.as_str()))
    }

    /// That all words stand in a column.
    pub(super) fn in_column(&self, column: &str) -> (String, Vec<Box<dyn ToSql>>) {
        let each = self.0.iter().map(|_| format!("instr({column}, ?) > 0"));
        (each.collect::<Vec<_>>().join(" AND "), self.0.iter().map(|word| value(word.clone())).collect())
    }

    /// Finds the sessions, and has `found(id)` tell of each whether it is one of them, for the next statement of the connection.
    pub(super) fn find_sessions(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (texts, values) = self.of_texts();
        let texts = json!(ids(connection, &texts, params_from_iter(values.iter()))?).to_string();
        let with_texts =
            |sql: &str| ids(connection, &format!("{sql} (SELECT value FROM json_each(?1))"), [&texts]);
        let identities = with_texts("SELECT i.id FROM identities i WHERE i.words IN")?;
        let mut found: Numbers =
            with_texts("SELECT s.id FROM sessions s WHERE s.words IN")?.into_iter().collect();
        if identities.len() <= FEW_IDENTITIES {
            let by_records = "SELECT r.session FROM identities i CROSS JOIN records a ON a.identity = i.id \
                CROSS JOIN reports r ON r.id = a.report WHERE r.session IS NOT NULL AND i.words IN";
            with_texts(by_records)?.into_iter().for_each(|session| found.insert(session));
        } else {
            add_sessions_with(connection, &identities.into_iter().collect(), &mut found)?;
        }
        let found = Arc::new(found);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("found", 1, flags, move |call| Ok(found.has(call.get(0)?)))
    }

    /// A query for the numbers of the texts that have all words. Words of three letters are found by the index.
    pub(super) fn of_texts(&self) -> (String, Vec<Box<dyn ToSql>>) {
        let (long, short): (Vec<String>, Vec<String>) =
            self.0.iter().cloned().partition(|word| word.chars().count() >= 3);
        let (in_text, mut values) = Self(short).in_column("w.text");
        if long.is_empty() {
            return (format!("SELECT w.id FROM words w WHERE {in_text}"), values);
        }
        let phrases: Vec<String> = long.iter().map(|word| phrase(word)).collect();
        values.insert(0, value(phrases.join(" AND ")));
        let by_index = "SELECT w.rowid FROM words_index w WHERE words_index MATCH ?";
        let sql = if in_text.is_empty() { by_index.to_owned() } else { format!("{by_index} AND {in_text}") };
        (sql, values)
    }
}

/// The numbers that a query finds.
fn ids(connection: &Connection, sql: &str, values: impl Params) -> rusqlite::Result<Vec<u32>> {
    connection.prepare_cached(sql)?.query_map(values, |row| row.get(0))?.collect()
}

/// A word as a phrase of FTS5.
fn phrase(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// How many words are searched at most.
const MOST: usize = 16;

/// How many identities are looked up by the index of records; more are looked for in all sessions, which then takes less time.
const FEW_IDENTITIES: usize = 200;

/// Adds the sessions with one of many identities.
fn add_sessions_with(
    connection: &Connection,
    identities: &Numbers,
    found: &mut Numbers,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("SELECT session, identities FROM session_identities")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (numbers, _) = row.get_ref(1)?.as_blob()?.as_chunks::<4>();
        if numbers.iter().any(|number| identities.has(u32::from_le_bytes(*number))) {
            found.insert(row.get(0)?);
        }
    }
    Ok(())
}

/// A set of the numbers of rows: a bit for each.
#[derive(Default)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, number: u32) {
        let place = (number / 64) as usize;
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}
