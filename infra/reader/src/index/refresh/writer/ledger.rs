//! The rows of ledgers: of each report, session and source what the latest ledger says.

use rusqlite::params;

use super::Writer;
use crate::index::archived::{Ledger, LedgerLine, columns};

impl Writer {
    /// Forgets a ledger. What those before it said is read again at the next refresh.
    pub(super) fn forget_ledger(&mut self, key: &str) -> rusqlite::Result<()> {
        self.execute("DELETE FROM schedules WHERE key = ?1", [key])?;
        let ledgers = self.connection.prepare_cached("DELETE FROM ledgers WHERE key = ?1")?.execute([key])?;
        if ledgers > 0 {
            self.execute("DELETE FROM ledger_entries WHERE ledger = ?1", [key])?;
            self.execute("UPDATE objects SET version = '' WHERE key IN (SELECT key FROM ledgers)", [])?;
        }
        Ok(())
    }

    pub(super) fn add_ledger(&mut self, ledger: &Ledger) -> rusqlite::Result<()> {
        self.execute(
            "INSERT INTO ledgers VALUES (?1, ?2, ?3, ?4)",
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
            "INSERT INTO ledger_entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
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
}
