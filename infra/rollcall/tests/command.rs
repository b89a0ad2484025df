//! The compiled command, as a shell runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder in which the command runs, with nothing of this machine's settings.
pub(crate) struct Shell(TempDir);

impl Shell {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The command with these words.
    pub(crate) fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(line).current_dir(self.folder()).env_clear().stdin(Stdio::null());
        command.env("XDG_CACHE_HOME", self.folder().join("cache")).env("HOME", self.folder());
        command
    }

    pub(crate) fn run(&self, line: &[&str]) -> Output {
        self.command(line).output().unwrap()
    }
}

/// What was printed on the standard output.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was printed beside it.
pub(crate) fn beside(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
