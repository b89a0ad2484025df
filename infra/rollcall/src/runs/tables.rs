//! What is printed of a run: its totals, and what is not there.

use backfill::{LedgerLine, State};
use comfy_table::{CellAlignment, Table, presets};
use shared::jobs::Purpose;
use shared::model::parse_time;

use super::follow::Followed;
use crate::terminal::readable;

/// More rows than this are not shown.
const MOST_ROWS: usize = 20;
/// A title is shown up to so many characters, and a path in Graph where there is none.
const MOST_CHARACTERS: usize = 60;

/// The table of a run's totals, the verdict, and the reasons of what could not be looked at.
pub(super) fn totals(followed: &Followed) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["", "number"]);
    for (what, number, is_always_shown) in rows(followed) {
        if number > 0 || is_always_shown {
            table.add_row([what.to_owned(), number.to_string()]);
        }
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let verdict = match followed.unaccounted() {
        0 if followed.accepted > 0 => "Nothing is wrong but what the accepted ledger told already.",
        0 => "Everything that Graph lists is in the archive.",
        unaccounted if unaccounted == followed.missing => "Not everything is in the archive.",
        _ => "Not everything could be looked at: the ledger names it, with what to do.",
    };
    let mut shown = format!("{table}\n{verdict}");
    for ((outcome, remedy), number) in &followed.reasons {
        shown.push_str(&format!("\n{number} × {outcome}: {remedy}"));
    }
    shown
}

/// The rows of the table: what is counted, how many there are, and whether it is shown where there is none.
fn rows(followed: &Followed) -> [(&'static str, u64, bool); 14] {
    let Followed { summary, missing, accepted, .. } = followed;
    let totals = &summary.totals;
    let archived = match summary.purpose {
        Purpose::Backfill | Purpose::Reconcile => "archived before",
        Purpose::DryRun | Purpose::Audit => "archived",
    };
    [
        ("reports that Graph lists", totals.reports, true),
        (archived, totals.archived, true),
        ("archived by this run", totals.missing - missing, false),
        ("archived with fewer records than participants", totals.short, false),
        ("missing", *missing, true),
        ("sessions whose report is awaited", totals.pending, false),
        ("sessions without a report", totals.absent, false),
        ("sessions whose report Graph no longer lists", totals.lost, false),
        ("at risk", totals.at_risk, false),
        ("sources that could not be looked at", totals.unreachable, false),
        ("… of them meetings that Graph does not know (any more)", totals.not_found, false),
        ("lists that are empty, perhaps for want of an access policy", totals.doubtful, false),
        ("units that never answered", summary.silent.len() as u64, false),
        ("accepted: an earlier ledger told of them", *accepted, false),
    ]
}

/// The table of what is not there, by title where that is known; `None` where everything is.
pub(super) fn unaccounted(followed: &Followed) -> Option<String> {
    let number = followed.unaccounted();
    if number == 0 || followed.lines.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header([
        "",
        "start (UTC)",
        "title, or where it lies in Graph",
        "why",
    ]);
    for line in followed.lines.iter().take(MOST_ROWS) {
        table.add_row(row(line));
    }
    let shown = table.row_count() as u64;
    let rest = match number.saturating_sub(shown) {
        0 => String::new(),
        more => format!("\n… and {more} more: the ledger names them"),
    };
    Some(format!("{table}{rest}"))
}

fn row(line: &LedgerLine) -> [String; 4] {
    let state = match line.state {
        State::Missing => "missing",
        State::Absent => "without a report",
        State::Lost => "lost",
        _ => "not looked at",
    };
    let what = line.title.as_deref().unwrap_or(&line.source);
    let start = line.meeting_start_date_time.as_deref().and_then(parse_time);
    [
        state.to_owned(),
        start.map(|start| start.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        readable(what, MOST_CHARACTERS),
        line.outcome.as_deref().map(|outcome| readable(outcome, MOST_CHARACTERS)).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn followed(lines: &[&str], missing: u64) -> Followed {
        let summary = serde_json::from_value(serde_json::json!({
            "runId": "run-1", "purpose": "audit", "since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z",
            "isComplete": false, "objects": 0, "silent": [],
            "totals": {"reports": 30, "archived": 27, "short": 0, "missing": missing, "pending": 0, "absent": 1,
                "lost": 0, "unreachable": 1, "notFound": 0, "doubtful": 0, "atRisk": 0},
        }));
        let lines = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        Followed { summary: summary.unwrap(), missing, reasons: BTreeMap::new(), lines, accepted: 0 }
    }

    #[test]
    fn what_is_not_there_is_told_by_its_title() {
        let lines = [
            r#"{"state":"unreachable","reportId":null,"source":"users/o/calendarView","meetingStartDateTime":null,"outcome":"no_mailbox","remedy":"r","risks":[]}"#,
            r#"{"state":"missing","reportId":"r-1","source":"users/o/onlineMeetings/m","title":"Budget\n\u202e\"2027\"","meetingStartDateTime":"2026-03-01T10:00:00.1234567Z","outcome":null,"remedy":null,"risks":[]}"#,
            r#"{"state":"absent","reportId":null,"sessionId":"c","source":"users/o/onlineMeetings/m","title":"مراجعة","meetingStartDateTime":"2026-03-02T10:00:00Z","outcome":null,"remedy":"r","risks":[]}"#,
        ];
        let followed = followed(&lines, 25);
        insta::assert_snapshot!(format!("{}\n{}", totals(&followed), unaccounted(&followed).unwrap()));
    }
}
