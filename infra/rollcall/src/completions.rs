//! `rollcall completions`: what completes this command's words in a shell.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsOptions};
use crate::exit::Exit;
use crate::terminal::print_stdout;

/// Runs `rollcall completions`: prints the script that the shell reads.
pub fn run(options: &CompletionsOptions) -> ExitCode {
    // Into memory first: the crate panics where the reader has gone (`| head`).
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "rollcall", &mut script);
    print_stdout(String::from_utf8_lossy(&script).trim_end());
    Exit::Done.into()
}
