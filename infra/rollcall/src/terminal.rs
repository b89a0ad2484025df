//! What the command prints.

use std::io::{self, Write};

/// Prints a line of the result. Who reads it may have gone (`| head`): that is no failure.
pub(crate) fn print_stdout(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

/// Prints a line beside the result: what a person wants to know meanwhile.
pub(crate) fn print_stderr(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}
