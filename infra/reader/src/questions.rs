//! The ready questions, asked of the index: those of `infra/analytics/duckdb.sql` and of the template, in SQLite's SQL.

use rusqlite::types::ValueRef;
use serde_json::{Number, Value};

use crate::files::table::{self, Table};
use crate::index::{Index, IndexError};

/// A question that the index answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Its name, by which it is asked.
    pub name: &'static str,
    /// What it asks, in words.
    pub title: &'static str,
    sql: &'static str,
}

/// Every question, in the order in which they are shown.
pub const QUESTIONS: [Question; 8] = [
    Question {
        name: "who-attended",
        title: "who attended what, and how long",
        sql: include_str!("questions/who_attended.sql"),
    },
    Question {
        name: "per-meeting",
        title: "attendance of each session",
        sql: include_str!("questions/per_meeting.sql"),
    },
    Question {
        name: "per-person",
        title: "how much each person attended",
        sql: include_str!("questions/per_person.sql"),
    },
    Question {
        name: "late-joiners",
        title: "who came more than five minutes after the beginning",
        sql: include_str!("questions/late_joiners.sql"),
    },
    Question {
        name: "early-leavers",
        title: "who left more than five minutes before the end",
        sql: include_str!("questions/early_leavers.sql"),
    },
    Question {
        name: "events",
        title: "what was planned, by whom",
        sql: include_str!("questions/events.sql"),
    },
    Question {
        name: "registrations",
        title: "who registered for what, and how it stands",
        sql: include_str!("questions/registrations.sql"),
    },
    Question {
        name: "no-shows",
        title: "who registered, and is in no report of the event",
        sql: include_str!("questions/no_shows.sql"),
    },
];

/// The rows that answer a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a text, a number or null for each column.
    pub rows: Vec<Vec<Value>>,
}

impl Question {
    /// The question with this name; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        QUESTIONS.into_iter().find(|question| question.name == name)
    }

    /// The rows that the index has for the question, all of them.
    ///
    /// # Errors
    /// The index gives no answer.
    pub fn ask(self, index: &Index) -> Result<Answer, IndexError> {
        index.read(|connection| {
            let mut statement = connection.prepare(self.sql)?;
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let row = |row: &rusqlite::Row<'_>| {
                (0..columns.len()).map(|column| Ok(value(row.get_ref(column)?))).collect()
            };
            let rows = statement.query_map([], row)?.collect::<Result<_, _>>()?;
            Ok(Answer { columns, rows })
        })
    }
}

impl Answer {
    /// The rows as a table for files. A number that is not whole is written as it is.
    pub fn table(&self) -> Table {
        let cell = |value: &Value| match value {
            Value::Null => table::Value::Nothing,
            Value::String(text) => text.clone().into(),
            other => other.as_i64().map_or_else(|| other.to_string().into(), table::Value::Number),
        };
        let lines = self.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Table { headings: self.columns.clone(), lines }
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}
