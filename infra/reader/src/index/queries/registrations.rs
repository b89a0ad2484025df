//! Who has registered for a webinar or town hall.

use rusqlite::Row;
use shared::model::comparable_id;

use crate::index::archived::of_columns;
use crate::index::rows::timestamp;
use crate::index::{Index, IndexError};
use crate::model::{Kind, Registration};
use crate::text::Text;

/// Each registration once, as it was last: with the latest of its times. What has no id is one of its own.
const LAST: &str = "SELECT registration_id, external_registration_id, user_id, first_name, first_name_literal, last_name, \
    last_name_literal, address, address_literal, status, registered_at FROM (\
      SELECT *, row_number() OVER (PARTITION BY coalesce(lower(registration_id), object || '/' || place) \
        ORDER BY max(coalesce(registered_at, canceled_at), coalesce(canceled_at, registered_at)) DESC NULLS LAST, is_listed DESC) AS number \
      FROM registration_entries WHERE kind = ?1 AND series = ?2) \
    WHERE number = 1 ORDER BY registered_at, registration_id";

impl Index {
    /// The registrations for the webinar or town hall with an id, each once, as it was last; in the order in which they were made.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn registrations(&self, kind: Kind, event_id: &str) -> Result<Vec<Registration>, IndexError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(LAST)?;
            let event_id = comparable_id(event_id);
            statement.query_map([kind.name(), &*event_id], registration)?.collect()
        })
    }
}

fn registration(row: &Row<'_>) -> rusqlite::Result<Registration> {
    let first = of_columns(row.get(3)?, row.get(4)?);
    let registered_at: Option<i64> = row.get(10)?;
    Ok(Registration {
        id: row.get(0)?,
        external_id: row.get(1)?,
        user_id: row.get(2)?,
        name: joined(first, of_columns(row.get(5)?, row.get(6)?)),
        address: of_columns(row.get(7)?, row.get(8)?),
        status: row.get(9)?,
        registered_at: registered_at.and_then(timestamp),
    })
}

fn joined(first: Option<Text>, last: Option<Text>) -> Option<Text> {
    match (first, last) {
        (Some(first), Some(last)) => Some(Text::from(format!("{} {}", first.shown(), last.shown()))),
        (first, last) => first.or(last),
    }
}
