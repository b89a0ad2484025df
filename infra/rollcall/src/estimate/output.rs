//! What `rollcall estimate` prints.

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use super::estimated::Estimated;
use super::taken::{FASTEST_A_SECOND, SLOWEST_A_SECOND};

/// Longer than this nobody watches a run: it is better asked for in parts.
const LONG_HOURS: f64 = 24.0;

/// For people: a table, and what follows from it.
pub(super) fn table(estimated: &Estimated) -> String {
    let Estimated { since, until, tenant, taken } = estimated;
    let (fast, slow) = (taken.hours(FASTEST_A_SECOND), taken.hours(SLOWEST_A_SECOND));
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["", "calls of Graph", "hours"]);
    for (what, calls, place) in [
        ("meetings and reports", taken.meeting_calls, 0),
        ("lists of call records", taken.list_pages, 1),
        ("calendars", taken.calendar_pages, 2),
    ] {
        table.add_row([what.to_owned(), grouped(calls), between(fast[place], slow[place])]);
    }
    for column in 1..=2 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let [fastest, slowest] = [FASTEST_A_SECOND, SLOWEST_A_SECOND].map(|rate| taken.hours_together(rate));
    let mut shown = format!(
        "{} meetings on {} working days, from {} to {}\n{table}\nThey go at the same time: {} hours, as Graph stands {FASTEST_A_SECOND} or {SLOWEST_A_SECOND} calls for meetings a second.\n{:.2} dollars for AWS, at list prices, without the processor's time and storage.",
        grouped(taken.meetings),
        tenant.days,
        day(since),
        day(until),
        between(fastest, slowest),
        taken.dollars
    );
    if slowest > LONG_HOURS {
        shown
            .push_str("\nAsk for a month at a time, the newest first: rollcall backfill --since … --until …");
    }
    shown
}

/// For programs.
pub(super) fn json(estimated: &Estimated) -> Value {
    let Estimated { since, until, tenant, taken } = estimated;
    json!({
        "since": since,
        "until": until,
        "users": tenant.users.round() as u64,
        "workingDays": tenant.days.round() as u64,
        "meetings": taken.meetings.round() as u64,
        "calls": {
            "meetingsAndReports": taken.meeting_calls.round() as u64,
            "callRecords": taken.list_pages.round() as u64,
            "calendars": taken.calendar_pages.round() as u64,
        },
        "hours": {
            "fastest": taken.hours_together(FASTEST_A_SECOND),
            "slowest": taken.hours_together(SLOWEST_A_SECOND),
        },
        "dollars": taken.dollars,
    })
}

fn day(at: &jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// One number, or two where they differ.
fn between(fast: f64, slow: f64) -> String {
    let (fast, slow) = (format!("{fast:.1}"), format!("{slow:.1}"));
    if fast == slow { fast } else { format!("{fast} to {slow}") }
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let grouped = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    grouped.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0.0, 999.0, 1_000.0, 82_000_000.0].map(grouped), ["0", "999", "1,000", "82,000,000"]);
    }
}
