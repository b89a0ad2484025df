//! Sums of sessions as a table, without anybody's times or names.

use crate::files::table::{Table, Value, headings};
use crate::register::AggregateColumn;

const SUMS: [&str; 14] = [
    "Session",
    "Start",
    "Kept",
    "People",
    "Window seconds",
    "Present",
    "Late",
    "Left early",
    "Partial",
    "Absent",
    "Excused",
    "Not known",
    "Median seconds",
    "Mean seconds",
];

/// A line a session; of one that is not kept, nothing but that.
pub(super) fn table(sums: &[AggregateColumn]) -> Table {
    Table { headings: headings(&SUMS), lines: sums.iter().map(line).collect() }
}

fn line(sums: &AggregateColumn) -> Vec<Value> {
    let mut line = vec![
        sums.label.clone().into(),
        Value::time(sums.start),
        Value::yes(sums.is_kept),
        sums.people.map_or(Value::Nothing, Value::count),
        Value::number(sums.window_seconds),
    ];
    line.extend(counts(sums).map(Value::count));
    line.extend([sums.median_seconds, sums.mean_seconds].map(Value::number));
    line
}

/// How many are of each mark, in the order of the headings.
pub(super) fn counts(sums: &AggregateColumn) -> [usize; 7] {
    [sums.present, sums.late, sums.left_early, sums.partial, sums.absent, sums.excused, sums.unknown]
}
