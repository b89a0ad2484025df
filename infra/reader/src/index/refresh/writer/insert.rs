//! The rows of reports, events and registrations.

use rusqlite::{OptionalExtension, params};
use serde_json::json;

use super::Writer;
use crate::index::archived::{Event, RawInterval, Record, Registration, Report, columns, instant};

impl Writer {
    /// Forgets what is known by the object at `key`.
    pub(super) fn forget(&mut self, key: &str) -> rusqlite::Result<()> {
        let room = key.split_once('/').map_or("", |(room, _)| room);
        match room {
            "reports" => self.forget_report(key)?,
            "events" => {
                self.execute(
                    "INSERT OR IGNORE INTO stale_series SELECT kind, series FROM event_entries WHERE key = ?1",
                    [key],
                )?;
                self.execute("DELETE FROM event_entries WHERE key = ?1", [key])?;
            }
            "registrations" => {
                self.execute(STALE_REGISTRANTS, [key])?;
                self.execute("DELETE FROM registration_entries WHERE object = ?1", [key])?;
            }
            "audits" => self.forget_ledger(key)?,
            _ => {}
        }
        self.execute("DELETE FROM unreadable WHERE key = ?1", [key])
    }

    fn forget_report(&mut self, key: &str) -> rusqlite::Result<()> {
        let sql = "SELECT id, kind, series FROM reports WHERE key = ?1";
        let found: Option<(i64, String, String)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((id, kind, series)) = found else { return Ok(()) };
        self.execute("INSERT OR IGNORE INTO stale_series (kind, series) VALUES (?1, ?2)", [kind, series])?;
        self.execute(
            "INSERT OR IGNORE INTO stale_people SELECT i.person FROM records r JOIN identities i ON i.id = r.identity WHERE r.report = ?1",
            [id],
        )?;
        self.execute("DELETE FROM records WHERE report = ?1", [id])?;
        self.execute("DELETE FROM reports WHERE id = ?1", [id])
    }

    pub(super) fn add_report(&mut self, key: &str, report: &Report) -> rusqlite::Result<()> {
        let id = self.next_report;
        self.next_report += 1;
        self.execute(
            "INSERT INTO reports (id, key, kind, series, is_channel, report_id, source, event_id, \
             session_id, organizer_id, tenant_id, day, starts_at, ends_at, starts_text, ends_text, \
             participants, records, sha256, fetched_at, request_id, api, pages, cause, erased) VALUES (?1, ?2, \
             ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22, ?23, ?24, ?25)",
            params![
                id,
                key,
                report.kind,
                report.series,
                report.is_channel,
                report.report_id,
                report.source,
                report.event_id,
                report.comparable_session(),
                report.organizer_id,
                report.tenant_id,
                report.day,
                report.start.as_deref().and_then(instant),
                report.end.as_deref().and_then(instant),
                report.start,
                report.end,
                report.participants,
                report.records.len() + report.erased,
                report.fact("sha256"),
                report.fetched_at(),
                report.fact("graph-request-id"),
                report.fact("api"),
                report.fact("pages").and_then(|pages| pages.parse::<i64>().ok()),
                report.fact("cause"),
                report.erased,
            ],
        )?;
        self.execute(
            "INSERT OR IGNORE INTO stale_series (kind, series) VALUES (?1, ?2)",
            [&report.kind, &report.series],
        )?;
        for (place, record) in report.records.iter().enumerate() {
            self.add_record(id, place, record)?;
        }
        self.rows += report.records.len();
        self.reports += 1;
        Ok(())
    }

    fn add_record(&mut self, report: i64, place: usize, record: &Record) -> rusqlite::Result<()> {
        let identity = self.identity(record)?;
        let (joined, left) = ends(record.intervals.as_deref().unwrap_or_default());
        let is_own = record.id.is_some() && record.id == record.identity.identity_id;
        self.execute(
            "INSERT INTO records (report, place, identity, record_id, registration_id, \
             external_registration_id, role, seconds, joined_at, left_at, joined_in, left_in, \
             intervals) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                report,
                place,
                identity,
                if is_own { None } else { Some(record.id.as_deref().unwrap_or_default()) },
                record.registration_id,
                record.external_registration_id,
                record.role,
                record.seconds,
                joined.map(|(at, _)| at),
                left.map(|(at, _)| at),
                joined.map(|(_, place)| place),
                left.map(|(_, place)| place),
                record.intervals.as_ref().map(|intervals| json!(intervals).to_string()),
            ],
        )
    }

    pub(super) fn add_event(&mut self, key: &str, event: &Event) -> rusqlite::Result<()> {
        let (title, name) = (columns(event.title.as_ref()), columns(event.organizer_name.as_ref()));
        let address = columns(event.organizer_address.as_ref());
        let (start, end) = (&event.start, &event.end);
        let same = start.zone == end.zone;
        let zones = [&start.zone, if same { &None } else { &end.zone }];
        let zones: Vec<&str> = zones.into_iter().filter_map(|zone| zone.as_deref()).collect();
        self.execute(
            "INSERT INTO event_entries (key, kind, series, session_id, event_id, source, title, \
             title_literal, organizer_id, organizer_name, organizer_name_literal, organizer_address, \
             organizer_address_literal, planned_start_text, planned_end_text, planned_zone, \
             planned_start, planned_end, join_url, join_number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
             ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
            params![
                key,
                event.kind,
                event.series,
                event.session_id.as_deref().unwrap_or_default(),
                event.event_id,
                event.source,
                title.0,
                title.1,
                event.organizer_id,
                name.0,
                name.1,
                address.0,
                address.1,
                start.text,
                end.text,
                Some(zones.join(" / ")).filter(|zones| !zones.is_empty()),
                start.at,
                end.at,
                event.join_url,
                event.join_number,
            ],
        )?;
        self.execute(
            "INSERT OR IGNORE INTO stale_series (kind, series) VALUES (?1, ?2)",
            [&event.kind, &event.series],
        )
    }

    pub(super) fn add_registrations(&mut self, key: &str, all: &[Registration]) -> rusqlite::Result<()> {
        for (place, registration) in all.iter().enumerate() {
            self.add_registration(key, place, registration)?;
        }
        self.rows += all.len();
        self.execute(STALE_REGISTRANTS, [key])
    }

    fn add_registration(
        &mut self,
        key: &str,
        place: usize,
        registration: &Registration,
    ) -> rusqlite::Result<()> {
        let [first, last, address] =
            [&registration.first_name, &registration.last_name, &registration.address]
                .map(|text| columns(text.as_ref()));
        self.execute(
            "INSERT INTO registration_entries (object, place, kind, series, event_id, registration_id, \
             user_id, first_name, first_name_literal, last_name, last_name_literal, address, \
             address_literal, status, registered_at, canceled_at, external_registration_id, referrer, \
             is_listed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, \
             ?17, ?18, ?19)",
            params![
                key,
                place,
                registration.kind,
                registration.series,
                registration.event_id,
                registration.id,
                registration.user_id,
                first.0,
                first.1,
                last.0,
                last.1,
                address.0,
                address.1,
                registration.status,
                registration.registered_at,
                registration.canceled_at,
                registration.external_id,
                registration.referrer,
                registration.is_listed,
            ],
        )
    }
}

/// The registrants whose address may be another one: those of the registrations at a key.
const STALE_REGISTRANTS: &str = "INSERT OR IGNORE INTO stale_people SELECT p.id FROM registration_entries e \
     JOIN people p ON p.key IN ('registrant:' || e.series || '/' || e.registration_id, 'registrant:' || e.series || '/' || lower(e.registration_id)) \
     WHERE e.object = ?1";

/// An instant, and the place of its interval.
type End = Option<(i64, usize)>;

/// The first join and the last leave.
fn ends(intervals: &[RawInterval]) -> (End, End) {
    let at = |text: &Option<String>| text.as_deref().and_then(instant);
    let places = || intervals.iter().enumerate();
    let joins = places().filter_map(|(place, (join, ..))| Some((at(join)?, place)));
    let leaves = places().filter_map(|(place, (_, leave, _))| Some((at(leave)?, place)));
    (joins.min(), leaves.max_by_key(|(at, place)| (*at, std::cmp::Reverse(*place))))
}
