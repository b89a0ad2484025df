//! What a list shows of the people of a session: how many, for how long, and the most at once.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::json;

use crate::index::archived::of_columns;
use crate::index::rows::intervals;
use crate::model::{Organizer, Span};
use crate::session::{curve_slots, united, usable};

/// How many equal parts the curve of a list has.
const SLOTS: usize = 40;

/// The people of a session, in short.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) people: usize,
    pub(super) mean_seconds: Option<i64>,
    /// A JSON list.
    pub(super) curve: String,
    /// The identities, four bytes a number.
    pub(super) identities: Vec<u8>,
    /// The record with that role.
    pub(super) organizer: Organizer,
}

/// What one person did.
#[derive(Default)]
struct Attended {
    seconds: Option<i64>,
    spans: Vec<Span>,
}

impl Summary {
    /// Of the records of some reports, whose times together are `whole`.
    pub(super) fn of(
        connection: &Connection,
        reports: &[i64],
        whole: Option<Span>,
    ) -> rusqlite::Result<Self> {
        let mut people: BTreeMap<i64, Attended> = BTreeMap::new();
        let mut organizer = Organizer::default();
        let mut identities: BTreeSet<u32> = BTreeSet::new();
        for report in reports {
            let mut statement = connection.prepare_cached(
                "SELECT p.root, a.seconds, a.intervals, a.role, i.name, i.name_literal, i.address, i.address_literal, i.id FROM records a \
                 JOIN identities i ON i.id = a.identity JOIN people p ON p.id = i.person WHERE a.report = ?1 ORDER BY a.place",
            )?;
            let mut rows = statement.query([report])?;
            while let Some(row) = rows.next()? {
                let attended = people.entry(row.get(0)?).or_default();
                identities.insert(row.get(8)?);
                if let Some(seconds) = row.get::<_, Option<i64>>(1)? {
                    attended.seconds = Some(attended.seconds.unwrap_or(0).saturating_add(seconds));
                }
                let times = row.get_ref(2)?.as_str_or_null()?.and_then(intervals).unwrap_or_default();
                attended.spans.extend(times.iter().filter_map(usable));
                if organizer.name.is_none() && row.get_ref(3)?.as_str_or_null()? == Some("Organizer") {
                    organizer.name = of_columns(row.get(4)?, row.get(5)?);
                    organizer.address = of_columns(row.get(6)?, row.get(7)?);
                }
            }
        }
        let seconds: Vec<i64> = people.values().filter_map(|attended| attended.seconds).collect();
        let sum = seconds.iter().fold(0_i64, |sum, seconds| sum.saturating_add(*seconds));
        let spans: Vec<Span> = people.values().flat_map(|attended| united(&attended.spans)).collect();
        Ok(Self {
            people: people.len(),
            mean_seconds: i64::try_from(seconds.len())
                .ok()
                .filter(|count| *count > 0)
                .map(|count| sum / count),
            curve: curve(&spans, whole),
            identities: identities.into_iter().flat_map(u32::to_le_bytes).collect(),
            organizer,
        })
    }
}

fn curve(spans: &[Span], whole: Option<Span>) -> String {
    match whole.filter(|_| !spans.is_empty()) {
        Some(whole) => json!(curve_slots(spans, whole, SLOTS)).to_string(),
        None => "[]".to_owned(),
    }
}
