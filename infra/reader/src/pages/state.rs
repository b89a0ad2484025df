//! What the pages are of: an archive and its index, the rules that count, who is expected, and the command that fetches more.

use std::sync::Arc;

use jiff::civil::Date;
use shared::ports::store::ObjectStore;

use crate::index::{Index, IndexError};
use crate::pages::failure::Failure;
use crate::roster::Roster;
use crate::rules::Rules;

/// What the pages are of.
pub struct Pages {
    /// The index, which another thread may bring up to date at the same time.
    pub index: Arc<Index>,
    /// The archive, for the bytes as Graph sent them.
    pub store: Arc<dyn ObjectStore>,
    /// The archive's name for people: its folder or bucket.
    pub archive: String,
    /// The rules that count where an address has no others; its zone is the machine's.
    pub rules: Rules,
    /// Who is expected in a series; `None`: all who are in its reports.
    pub roster: Option<Roster>,
    /// The command that fetches what the archive lacks.
    pub fetch_command: FetchCommand,
}

/// The command that fetches what an archive lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchCommand {
    /// `rollcall backfill`, for the archive of a stack.
    Backfill,
    /// `rollcall pull --to …`, for this folder.
    Pull(String),
}

impl FetchCommand {
    /// The command for the reports of some days.
    pub(super) fn of_days(&self, since: Date, until: Date) -> String {
        match self {
            Self::Backfill => format!("rollcall backfill --since {since} --until {until}"),
            Self::Pull(folder) => {
                format!("rollcall pull --to {} --since {since} --until {until}", quoted(folder))
            }
        }
    }

    /// The command for an empty archive.
    pub(super) fn of_all(&self) -> String {
        match self {
            Self::Backfill => "rollcall backfill --since 2026-01-01".to_owned(),
            Self::Pull(folder) => format!("rollcall pull --to {}", quoted(folder)),
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-~:\\".contains(letter);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// Does what takes its time, as a file of many people does, on a thread that may wait.
pub(super) async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Failure::internal("The file could not be written.")))
}

impl Pages {
    /// Asks the index, on a thread that may wait.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Index) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, Failure> {
        let index = Arc::clone(&self.index);
        let answer = tokio::task::spawn_blocking(move || question(&index)).await;
        let sentence =
            "The index could not be read. Delete it and start again: it is made anew from the archive.";
        answer.ok().and_then(Result::ok).ok_or_else(|| Failure::internal(sentence))
    }
}
