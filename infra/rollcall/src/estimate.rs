//! `rollcall estimate`: what a backfill takes, before it is begun. Nothing is asked of Graph or AWS.

mod days;
mod estimated;
mod output;
mod taken;

use std::process::ExitCode;

use shared::ports::clock::{Clock, SystemClock};

use crate::cli::EstimateOptions;
use crate::exit::Exit;
use crate::terminal::print_stdout;
use estimated::Estimated;

/// Runs `rollcall estimate`: prints the calls, the hours and the dollars.
///
/// # Errors
/// The time ends before it begins, or is longer ago than Graph keeps reports.
pub fn run(options: &EstimateOptions) -> anyhow::Result<ExitCode> {
    let estimated = Estimated::of(options, SystemClock.now())?;
    print_stdout(&if options.json {
        output::json(&estimated).to_string()
    } else {
        output::table(&estimated)
    });
    Ok(Exit::Done.into())
}
