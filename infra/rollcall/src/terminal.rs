//! What the command prints.

use std::io::{self, Write};

/// Prints a line. Who reads it may have gone (`| head`): that is no failure.
pub(crate) fn say(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}
