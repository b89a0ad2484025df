//! The exit codes of all commands: the table of `docs/COMMAND.md`.

use std::process::ExitCode;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked, and found nothing wrong.
    Done,
    /// It failed, or what it looked at is not as it must be.
    Failed,
    /// It did nothing: the command line or its file cannot be read, or several persons are meant.
    Refused,
    /// Ctrl-C ended it before it was done.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Refused, Self::Interrupted];

    /// The number that the shell gets.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::Interrupted => 130,
        }
    }

    /// What it means, as the table of `docs/COMMAND.md` says it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, and nothing is wrong",
            Self::Failed => {
                "it failed, or something is missing, changed, left over, held back or could not be looked at"
            }
            Self::Refused => {
                "nothing was done: the command line or `rollcall.toml` cannot be read, or several persons are meant"
            }
            Self::Interrupted => "Ctrl-C ended it; it says what to run again",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_docs_is_that_of_the_code() {
        let page = include_str!("../../../docs/COMMAND.md");
        let table: String =
            Exit::ALL.map(|exit| format!("| {} | {} |\n", exit.code(), exit.meaning())).concat();
        let all = format!("| exit code | meaning |\n|--:|---|\n{table}\n");
        assert!(page.contains(&all), "docs/COMMAND.md has no such table:\n{all}");
    }
}
