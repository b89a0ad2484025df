//! What the command prints.

use std::io::{self, Write};

/// Prints a line of the result. Its reader may have gone (`| head`): that is no failure.
pub(crate) fn print_stdout(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

/// Prints a line that is no part of the result: progress, and what a person wants to know meanwhile.
pub(crate) fn print_stderr(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}
