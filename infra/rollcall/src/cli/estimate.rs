//! The options of the command that tells what a backfill takes: `estimate`.

use clap::Args;
use jiff::Timestamp;

use super::moment;

/// The options of `rollcall estimate`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Nothing is asked of Graph or AWS. What a meeting takes was counted (docs/PERFORMANCE.md, \"Growth\"); how many there are is
assumed as for the tenant of 200,000 users there, unless you say it. Dollars are AWS's list prices, without the processor's time and storage.

Examples:
  rollcall estimate --users 5000
  rollcall estimate --users 5000 --since 2026-01-01 --until 2026-02-01
  rollcall estimate --users 300 --meetings-a-day 40 --call-records-a-day 900 --json"
)]
pub struct EstimateOptions {
    /// Whose meetings are looked for: how many users the tenant or the watched group has
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub users: u32,
    /// How many meetings they organize on a working day; by default half as many as there are users
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    pub meetings_a_day: Option<u32>,
    /// How many call records the tenant has on a working day, those of calls between two people among them; by default 3.6 for each user
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    pub call_records_a_day: Option<u32>,
    /// From when on it would look (a date, or a time with its zone); by default a year back
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Until when, itself not in it; by default until now
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
