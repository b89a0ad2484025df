//! The tables of what was counted.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::estimate::dollars;
use super::{Counts, Growth, STEPS};

/// What each step took in each tenant, in Markdown: in all, and for each further meeting than the smaller tenant had.
pub fn growth_table(growths: &[Growth]) -> String {
    let mut text = String::new();
    for (step, name) in STEPS.iter().enumerate() {
        let counts = |growth: &Growth| growth.steps[step].clone();
        let all: Vec<Counts> = growths.iter().map(counts).collect();
        let kinds: BTreeSet<&str> =
            all.iter().flat_map(|counts| counts.rows().into_iter().map(|row| row.0)).collect();
        let heads: String = growths.iter().map(|growth| format!(" {} |", growth.meetings)).collect();
        let lines = "--:|".repeat(2 * growths.len());
        let each: String = growths.iter().map(|growth| format!(" each of {} |", growth.meetings)).collect();
        writeln!(text, "**{name}**\n\n| meetings |{heads}{each}\n|---|{lines}").ok();
        for kind in order(&kinds) {
            let value = |counts: &Counts| {
                counts.rows().into_iter().find(|row| row.0 == kind).map_or(0.0, |row| row.1)
            };
            let values: Vec<f64> = all.iter().map(value).collect();
            let totals: String = values.iter().map(|value| format!(" {value:.0} |")).collect();
            let each = values.iter().zip(growths).map(|(value, growth)| value / growth.meetings as f64);
            let each: String = each.map(|each| format!(" {each:.2} |")).collect();
            writeln!(text, "| {kind} |{totals}{each}").ok();
        }
        let largest: String = all.iter().map(|counts| format!(" {} |", counts.largest >> 10)).collect();
        let dollars: String = all
            .iter()
            .zip(growths)
            .map(|(counts, growth)| format!(" {:.2} |", dollars(counts) / growth.meetings as f64 * 1e6))
            .collect();
        writeln!(text, "| largest part or ledger's object, KiB |{largest}{}", " |".repeat(growths.len()))
            .ok();
        writeln!(text, "| dollars a million meetings |{}{dollars}\n", " |".repeat(growths.len())).ok();
    }
    text
}

/// The kinds, those of Graph first.
fn order<'a>(kinds: &BTreeSet<&'a str>) -> Vec<&'a str> {
    let mut kinds: Vec<&str> = kinds.iter().copied().collect();
    kinds.sort_by_key(|kind| (kind.starts_with("S3"), kind.contains(", ")));
    kinds
}

impl Counts {
    /// Each count with its name.
    fn rows(&self) -> Vec<(&'static str, f64)> {
        let graph = self.graph.iter().map(|(kind, count)| (*kind, *count as f64));
        let s3 = self.s3.iter().map(|(kind, count)| (s3_name(kind), *count as f64));
        let functions = self.functions.iter().flat_map(|(function, work)| {
            let [invocations, messages, seconds] = names(function);
            [
                (invocations, work.invocations as f64),
                (messages, work.messages as f64),
                (seconds, work.seconds),
            ]
        });
        graph.chain(s3).chain(functions).collect()
    }
}

fn s3_name(kind: &str) -> &'static str {
    match kind {
        "HEAD" => "S3 HEAD",
        "GET" => "S3 GET",
        "LIST" => "S3 LIST",
        _ => "S3 PUT",
    }
}

fn names(function: &str) -> [&'static str; 3] {
    match function {
        "fetch" => ["fetch, invocations", "fetch, messages", "fetch, seconds"],
        "archive" => ["archive, invocations", "archive, messages", "archive, seconds"],
        _ => ["backfill, invocations", "backfill, messages", "backfill, seconds"],
    }
}
