//! What is printed of a run: its totals, and what is not there.

use backfill::{LedgerLine, State};
use comfy_table::{CellAlignment, Table, presets};
use shared::jobs::Purpose;

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
        "start",
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
    let text = |text: &Option<String>| text.as_deref().map(|text| readable(text, MOST_CHARACTERS));
    [
        state.to_owned(),
        text(&line.meeting_start_date_time).unwrap_or_default(),
        readable(what, MOST_CHARACTERS),
        text(&line.outcome).unwrap_or_default(),
    ]
}
