//! `reports/` and `revisions/`: the richest answer is current, every other is kept beside it.

use std::fmt;

use bytes::Bytes;
use shared::layout::sha256_hex;
use shared::store::{Condition, NewObject, Object, ObjectStore, StoreError, Written};

use crate::answer::{Answer, json, rank_of};

/// How often a write is tried that others get in the way of.
const TRIES: usize = 10;

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is the first for its report.
    New,
    /// The archive had it already.
    Known,
    /// It is richer than the one before, which is now a revision.
    Richer,
    /// It is poorer than the current one, and is now a revision.
    Poorer,
}

impl Kept {
    /// The name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Richer => "richer",
            Self::Poorer => "poorer",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "archived a new report",
            Self::Known => "the archive has this report already, byte for byte",
            Self::Richer => "archived a richer answer for a report; the one before is kept as a revision",
            Self::Poorer => "kept a poorer answer for a report as a revision",
        })
    }
}

/// The answer that is current under `reports/`.
pub(crate) struct Current {
    pub(crate) sha256: String,
    pub(crate) body: Bytes,
}

/// Keeps an answer; tells what became of it, and which answer is current then.
pub(crate) async fn keep(store: &dyn ObjectStore, answer: &Answer) -> Result<(Kept, Current), StoreError> {
    let key = answer.place.report();
    for _ in 0..TRIES {
        if store.put(&key, answer.object(), Condition::IfAbsent).await? == Written::Stored {
            return Ok((Kept::New, Current::of(answer)));
        }
        let Some(head) = store.head(&key).await? else { continue };
        if head.metadata.get("sha256") == Some(&answer.sha256) {
            return Ok((Kept::Known, Current::of(answer)));
        }
        let Some(there) = store.get(&key).await? else { continue };
        if let Some(kept) = settle(store, answer, there).await? {
            return Ok(kept);
        }
    }
    Err(StoreError::Unavailable { code: "others write the same report".to_owned() })
}

/// Decides between an answer and another that is there. `None`: that one has changed meanwhile.
async fn settle(
    store: &dyn ObjectStore,
    answer: &Answer,
    there: Object,
) -> Result<Option<(Kept, Current)>, StoreError> {
    let there_sha256 = sha256_hex(&there.body);
    let same = there_sha256 == answer.sha256;
    let is_poorer = || rank_of(&there.body, &there.head.metadata) >= rank_of(&answer.body, &answer.metadata);
    if !same && is_poorer() {
        keep_revision(store, answer, answer.object()).await?;
        return Ok(Some((Kept::Poorer, Current { sha256: there_sha256, body: there.body })));
    }
    // The same bytes get their metadata back: a folder's writer may have been killed in between.
    if !same {
        keep_revision(store, answer, json(there.body, there_sha256, there.head.metadata)).await?;
    }
    let unchanged = Condition::IfMatch(there.head.etag);
    let written = store.put(&answer.place.report(), answer.object(), unchanged).await?;
    let kept = if same { Kept::Known } else { Kept::Richer };
    Ok((written == Written::Stored).then(|| (kept, Current::of(answer))))
}

/// Keeps an answer that is not current. Its key is its hash, so one that is there is the same.
async fn keep_revision(
    store: &dyn ObjectStore,
    answer: &Answer,
    object: NewObject,
) -> Result<(), StoreError> {
    match store.put(&answer.place.revision(&object.sha256), object, Condition::IfAbsent).await? {
        Written::Stored | Written::Refused => Ok(()),
    }
}

impl Current {
    fn of(answer: &Answer) -> Self {
        Self { sha256: answer.sha256.clone(), body: answer.body.clone() }
    }

    /// Reads which answer is current now.
    pub(crate) async fn read(store: &dyn ObjectStore, answer: &Answer) -> Result<Self, StoreError> {
        let there = store.get(&answer.place.report()).await?;
        let gone = || StoreError::Unavailable { code: "the report has gone".to_owned() };
        let body = there.ok_or_else(gone)?.body;
        Ok(Self { sha256: sha256_hex(&body), body })
    }
}
