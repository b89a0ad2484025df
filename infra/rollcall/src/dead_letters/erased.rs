//! `rollcall dead-letters --erased`: leaves out of the letters of `archive` whoever was erased from the archive.
//!
//! A letter that is redriven needs none of it: `archive` leaves them out itself. One that waits still holds them, for 14 days. It goes
//! back among the dead letters without them, with the same reason, before it is deleted: a stop in between doubles it and loses
//! nothing, and doing it twice is doing it once.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::archive::erasure::{Shape, TombstoneReader, scope_of};
use shared::aws::{ReceivedMessage, SecretsManager, SqsQueue};
use shared::digest::sha256_hex;
use shared::env::Env;
use shared::jobs::{ArchiveJob, Job};
use shared::lambda::dead_letters::letter_like;
use shared::lambda::function::Function;
use shared::ports::clock::SystemClock;
use shared::ports::queue::{OutgoingMessage, Queue};

use super::visibility::{HIDDEN, show_again};
use crate::deployment::{Deployment, Stack};
use crate::terminal::{print_failure, print_stdout};

/// What became of the letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many letters there are now.
    pub letters: usize,
    /// How many went back without somebody.
    pub changed: usize,
    /// How many were about an erased person alone, and are gone.
    pub removed: usize,
    /// How many this version cannot read: whether somebody is in them is not known.
    pub unreadable: usize,
}

/// What becomes of a letter.
enum Left {
    /// It stays as it is: nobody in it was erased.
    All,
    /// It stays as it is: it cannot be read.
    Unread,
    /// This letter takes its place.
    Without(Box<OutgoingMessage>),
    /// It was about one person.
    Nothing,
}

/// Runs `rollcall dead-letters --erased`, with what the deployed `archive` works with.
pub(super) async fn run(stack: &Stack, is_json: bool) -> anyhow::Result<ExitCode> {
    let settings = stack.settings(Function::Archive.name()).await?;
    let letters = settings.required(Function::Archive.dead_letter_url_setting())?;
    let archive = stack.archive(settings.required("ARCHIVE_BUCKET")?, settings.get("ARCHIVE_BUCKET_OWNER"));
    let secrets = Arc::new(SecretsManager::new(&stack.aws));
    let key_id = settings.get("TOMBSTONE_KEY_SECRET_ID");
    let tombstones = TombstoneReader::new(archive, secrets, key_id, Arc::new(SystemClock));
    let counts = leave_out_erased(&SqsQueue::new(&stack.aws, letters), &tombstones).await?;
    print_stdout(&if is_json { counts.json().to_string() } else { counts.sentence() });
    if counts.unreadable == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    print_failure(
        "what this version cannot read may hold somebody: look at it with the version that wrote it, or let it expire (14 days)",
    );
    Ok(ExitCode::FAILURE)
}

/// Leaves whoever was erased out of every letter of `letters`, which are jobs of `archive`.
///
/// # Errors
/// The queue does not answer, or it is not known who was erased: what was done is done, and doing it again goes on.
pub async fn leave_out_erased(letters: &SqsQueue, tombstones: &TombstoneReader) -> anyhow::Result<Counts> {
    let mut hidden = BTreeSet::new();
    let counts = go_through(letters, tombstones, &mut hidden).await;
    let left = hidden.len();
    let shown = show_again(letters, hidden).await;
    // What was written anew was received again, and nobody in it was erased.
    let counts = Counts { letters: left, ..counts? };
    shown.map(|()| counts)
}

/// Receives every letter. The handles of those that stay are in `hidden` then, also after an error.
async fn go_through(
    letters: &SqsQueue,
    tombstones: &TombstoneReader,
    hidden: &mut BTreeSet<String>,
) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    loop {
        let received = letters.receive(HIDDEN).await.context("the dead letters cannot be received")?;
        if received.is_empty() {
            return Ok(counts);
        }
        hidden.extend(received.iter().map(|letter| letter.receipt_handle.clone()));
        for letter in received {
            match left_of(&letter, tombstones).await? {
                Left::All => continue,
                Left::Unread => {
                    counts.unreadable += 1;
                    continue;
                }
                Left::Without(replacement) => {
                    let sent = letters.send(vec![*replacement]).await;
                    sent.context("a letter could not be written anew; it is there as it was")?;
                    counts.changed += 1;
                }
                Left::Nothing => counts.removed += 1,
            }
            let deleted = letters.delete(&letter.receipt_handle).await;
            deleted.context("a letter with somebody who was erased is still there: run the command again")?;
            hidden.remove(&letter.receipt_handle);
        }
    }
}

async fn left_of(letter: &ReceivedMessage, tombstones: &TombstoneReader) -> anyhow::Result<Left> {
    let Ok(mut job) = ArchiveJob::from_message(&letter.body) else { return Ok(Left::Unread) };
    // What waits in `staging/` is the erasure's own.
    let Some(body) = &job.body else { return Ok(Left::All) };
    let tombstones = tombstones.tombstones(&job.tenant_id).await?;
    let shape = Shape::of(&job.artifact);
    let redacted = match tombstones.redact(body.get(), shape, &scope_of(&job.artifact)) {
        Ok(redacted) => redacted,
        Err(_) => return Ok(Left::Unread),
    };
    let Some(redacted) = redacted else { return Ok(Left::All) };
    if shape.is_of_one_person() {
        return Ok(Left::Nothing);
    }
    (job.size_bytes, job.sha256) = (redacted.text.len(), sha256_hex(redacted.text.as_bytes()));
    job.body = Some(RawValue::from_string(redacted.text)?);
    Ok(Left::Without(Box::new(letter_like(&letter.attributes, &job.to_message()))))
}

impl Counts {
    /// What became of the letters, for programs.
    pub fn json(&self) -> Value {
        let Self { letters, changed, removed, unreadable } = self;
        json!({"letters": letters, "changed": changed, "removed": removed, "unreadable": unreadable})
    }

    fn sentence(self) -> String {
        format!(
            "Of the dead letters of archive {} were written anew without somebody who was erased, {} were about such a person alone and are gone. {} are there now, of which {} cannot be read.",
            self.changed, self.removed, self.letters, self.unreadable
        )
    }
}
