//! The measurements, and the tables of the results.

use std::time::Duration;

use serde::Serialize;
use tools::usage::Usage;

/// One run of one contestant.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) usage: Usage,
}

/// The medians of all runs of one contestant.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Median {
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) peak_mib: f64,
}

impl Median {
    pub(crate) fn of(samples: &[Sample]) -> Self {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1e3;
        Self {
            wall_ms: median(samples.iter().map(|sample| milliseconds(sample.wall))),
            cpu_ms: median(samples.iter().map(|sample| milliseconds(sample.usage.cpu))),
            peak_mib: median(samples.iter().map(|sample| mebibytes(sample.usage.peak_bytes))),
        }
    }
}

pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// All tables. Each is printed when it is added, because the next takes minutes.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Results(Vec<Table>);

impl Results {
    pub(crate) fn add(&mut self, table: Table) {
        print!("{}", table.markdown());
        self.0.push(table);
    }

    pub(crate) fn markdown(&self) -> String {
        self.0.iter().map(Table::markdown).collect()
    }
}

/// A table of the results.
#[derive(Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// The medians of each contestant, and their ratios to those of the first, which is Rollcall.
    pub(crate) fn compared(title: String, contestants: &[(&'static str, Median)]) -> Self {
        let first = contestants[0].1;
        let row = |(name, median): &(&'static str, Median)| {
            let against = |value: f64, first: f64| format!("{value:.1} ({:.2} ×)", value / first);
            vec![
                (*name).to_owned(),
                against(median.wall_ms, first.wall_ms),
                against(median.cpu_ms, first.cpu_ms),
                against(median.peak_mib, first.peak_mib),
            ]
        };
        let columns = vec!["", "wall, ms", "CPU, ms", "peak memory, MiB"];
        Self { title, columns, rows: contestants.iter().map(row).collect() }
    }

    /// As Markdown.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let mut markdown = format!("### {}\n\n", self.title) + &line(self.columns.clone());
        markdown += &line(
            self.columns.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect(),
        );
        for row in &self.rows {
            markdown += &line(row.iter().map(String::as_str).collect());
        }
        markdown + "\n"
    }
}
