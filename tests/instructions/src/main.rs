//! The work of one POST of notifications, or of one report in `fetch` and `archive`, repeated a number of times:
//! `count.sh` counts its instructions.

mod notifications;
mod report;
mod strangers;

use clap::{Parser, Subcommand};

/// The work of one notification or of one report.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// A POST of notifications to `webhook`.
    Notifications { count: usize, times: usize },
    /// A stranger's POST of so many bytes to `webhook`.
    Stranger { posts: strangers::Stranger, size: usize, times: usize },
    /// A report through `fetch` and `archive`, on one page.
    Report { attendees: usize, times: usize },
    /// The same, with its records on pages of 200.
    Pages { attendees: usize, times: usize },
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    match Options::parse().work {
        Work::Notifications { count, times } => runtime.block_on(notifications::post(count, times)),
        Work::Stranger { posts, size, times } => runtime.block_on(strangers::post(posts, size, times)),
        Work::Report { attendees, times } => runtime.block_on(report::archive(attendees, usize::MAX, times)),
        Work::Pages { attendees, times } => runtime.block_on(report::archive(attendees, 200, times)),
    }
}
