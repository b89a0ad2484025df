//! Title, organizer and plan of what was attended, as Graph says of the event and of its session.

use rusqlite::{Connection, OptionalExtension};

use super::summary::Summary;
use crate::index::archived::of_columns;
use crate::index::rows::span;
use crate::model::{Organizer, Span};
use crate::text::Text;

/// What Graph says of an event, or of a session of one.
#[derive(Debug, Clone, Default)]
pub(super) struct Described {
    pub(super) title: Option<Text>,
    pub(super) series_title: Option<Text>,
    organizer: Organizer,
    /// Start and end, in nanoseconds.
    pub(super) planned: (Option<i64>, Option<i64>),
    is_planned: bool,
}

impl Described {
    /// What Graph says of the event of a series, or of its session with an id that is not empty.
    pub(super) fn of(
        connection: &Connection,
        kind: &str,
        series: &str,
        session_id: &str,
    ) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached(
            "SELECT title, title_literal, organizer_id, organizer_name, organizer_name_literal, organizer_address, \
             organizer_address_literal, planned_start, planned_end, coalesce(planned_start_text, planned_end_text) IS NOT NULL \
             FROM event_entries WHERE kind = ?1 AND series = ?2 AND session_id = ?3 ORDER BY source LIMIT 1",
        )?;
        let described = |row: &rusqlite::Row<'_>| {
            Ok(Self {
                title: of_columns(row.get(0)?, row.get(1)?),
                series_title: None,
                organizer: Organizer {
                    id: row.get(2)?,
                    name: of_columns(row.get(3)?, row.get(4)?),
                    address: of_columns(row.get(5)?, row.get(6)?),
                },
                planned: (row.get(7)?, row.get(8)?),
                is_planned: row.get(9)?,
            })
        };
        statement.query_row([kind, series, session_id], described).optional()
    }

    /// What is known of a session by its event and by itself. It has a plan of its own, or the event's.
    pub(super) fn of_both(event: Option<&Self>, session: Option<&Self>) -> Self {
        let (event, session) = (event.cloned().unwrap_or_default(), session.cloned().unwrap_or_default());
        let planned = if session.is_planned { session.planned } else { event.planned };
        Self {
            title: both_titles(event.title.clone(), session.title.clone()),
            series_title: event.title.or(session.title),
            organizer: Organizer {
                id: event.organizer.id.or(session.organizer.id),
                name: event.organizer.name.or(session.organizer.name),
                address: event.organizer.address.or(session.organizer.address),
            },
            planned,
            is_planned: session.is_planned || event.is_planned,
        }
    }

    /// When it was to take place.
    pub(super) fn plan(&self) -> Option<Span> {
        span(self.planned.0, self.planned.1)
    }

    /// Who organized, by the path, the event, and the record with that role.
    pub(super) fn organizer(&self, of_path: Option<&str>, summary: &Summary) -> Organizer {
        let (known, record) = (self.organizer.clone(), &summary.organizer);
        Organizer {
            id: of_path.map(str::to_owned).or(known.id),
            name: known.name.or_else(|| record.name.clone()),
            address: known.address.or_else(|| record.address.clone()),
        }
    }
}

/// The event's title, and the session's behind it; the session's alone where it has the event's in it.
fn both_titles(event: Option<Text>, session: Option<Text>) -> Option<Text> {
    match (event, session) {
        (Some(event), Some(session)) if !session.shown().contains(event.shown()) => {
            Some(Text::from(format!("{} – {}", event.shown(), session.shown())))
        }
        (event, session) => session.or(event),
    }
}
