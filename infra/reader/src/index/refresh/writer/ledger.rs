//! The rows of ledgers: of each report, session and source what the latest ledger says.

use rusqlite::params;

use super::Writer;
use crate::index::archived::{Ledger, LedgerLine, columns};

impl Writer {
    /// Forgets a ledger. Where it has changed, or is gone, what those before it said is read again at the next refresh: one that
    /// is read for that reason has no version, and has nobody read again.
    pub(super) fn forget_ledger(&mut self, key: &str) -> rusqlite::Result<()> {
        self.execute("DELETE FROM schedules WHERE key = ?1", [key])?;
        let ledgers = self.connection.prepare_cached("DELETE FROM ledgers WHERE key = ?1")?.execute([key])?;
        if ledgers > 0 {
            self.execute("DELETE FROM ledger_entries WHERE ledger = ?1", [key])?;
            self.execute(
                "UPDATE objects SET version = '' WHERE key IN (SELECT key FROM ledgers) \
                 AND (SELECT version FROM objects WHERE key = ?1) <> ''",
                [key],
            )?;
        }
        Ok(())
    }

    pub(super) fn add_ledger(&mut self, ledger: &Ledger) -> rusqlite::Result<()> {
        self.execute(
            "INSERT INTO ledgers (key, since_at, until_at, is_complete) VALUES (?1, ?2, ?3, ?4)",
            params![ledger.key, ledger.since, ledger.until, ledger.is_complete],
        )
    }

    pub(super) fn add_ledger_lines(&mut self, ledger: &Ledger, lines: &[LedgerLine]) -> rusqlite::Result<()> {
        for line in lines {
            self.add_ledger_line(ledger, line)?;
        }
        self.rows += lines.len();
        Ok(())
    }

    fn add_ledger_line(&mut self, ledger: &Ledger, line: &LedgerLine) -> rusqlite::Result<()> {
        let item = line.report_id.as_deref().or(line.session_id.as_deref()).unwrap_or_default();
        let title = columns(line.title.as_ref());
        self.execute(
            "INSERT INTO ledger_entries (source, item, ledger, since_at, until_at, state, kind, series, \
             report_id, session_id, title, title_literal, starts_at, outcome, remedy, is_open) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, FALSE) \
             ON CONFLICT DO UPDATE SET ledger = excluded.ledger, since_at = excluded.since_at, until_at = excluded.until_at, \
             state = excluded.state, kind = excluded.kind, series = excluded.series, report_id = excluded.report_id, \
             session_id = excluded.session_id, title = excluded.title, title_literal = excluded.title_literal, \
             starts_at = excluded.starts_at, outcome = excluded.outcome, remedy = excluded.remedy \
             WHERE (excluded.until_at, excluded.ledger) >= (until_at, ledger)",
            params![
                line.source,
                item,
                ledger.key,
                ledger.since,
                ledger.until,
                line.state,
                line.kind,
                line.series,
                line.report_id,
                line.session_id,
                title.0,
                title.1,
                line.start,
                line.outcome,
                line.remedy,
            ],
        )
    }

    /// Sees which lines are open, after the archive was listed to its end. A line is not open
    /// - of a report that the archive has by now, or of a session in the times of one;
    /// - of a session, where a ledger that is as late knows its report by now;
    /// - of a source that could not be looked at, once a later ledger covers its whole time without it, and is complete or the last
    ///   one of a schedule.
    pub(super) fn open_entries(&self) -> rusqlite::Result<()> {
        self.execute(OPEN, [])
    }
}

const OPEN: &str = "UPDATE ledger_entries AS e SET is_open = NOT is_open WHERE is_open IS NOT ( \
    NOT EXISTS (SELECT 1 FROM reports r WHERE r.report_id = e.report_id COLLATE NOCASE AND r.kind = e.kind) \
    AND NOT (e.report_id IS NULL AND e.session_id IS NOT NULL AND EXISTS (SELECT 1 FROM reports r WHERE r.source = e.source \
      AND (e.kind <> 'meeting' OR r.starts_at - 900000000000 <= e.starts_at AND e.starts_at <= r.ends_at))) \
    AND NOT (e.report_id IS NULL AND e.session_id IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_entries o WHERE o.source = e.source \
      AND o.report_id IS NOT NULL AND o.until_at >= e.until_at AND (e.kind <> 'meeting' OR abs(o.starts_at - e.starts_at) <= 900000000000))) \
    AND NOT (e.state = 'unreachable' AND EXISTS (SELECT 1 FROM ledgers l WHERE l.until_at > e.until_at AND l.since_at <= e.since_at \
      AND (l.is_complete OR l.key IN (SELECT ledger FROM schedules)))))";
