//! The objects of an erasure below `erasures/`: its record, its tombstone, and how it ended.

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::archive::erasure::{Tombstone, TombstoneKey, Tombstones};
use shared::archive::layout;
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult};

/// Where all of them lie.
const ERASURES: &str = "erasures/v1/";

/// What an erasure is to change, and why. It names nobody, and is written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The erasure's id: its day and eight random hex digits.
    pub erasure: String,
    /// When it began (UTC).
    pub at: Timestamp,
    /// The reason, or the number of the request, as the operator gave it.
    pub request: String,
    /// The objects in which the person was found, in the order of their keys.
    pub objects: Vec<PlannedObject>,
}

/// An object in which the person was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedObject {
    /// The key of the object.
    pub key: String,
    /// The SHA-256 of its bytes with the person's records, in hex.
    pub sha256: String,
    /// The JSON pointers (RFC 6901) of these; the empty one: the object goes whole.
    pub pointers: Vec<String>,
}

/// A version that could not be deleted, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// The key of the object.
    pub key: String,
    /// The version's id; `None`: the object was not written, either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What keeps it from going.
    #[serde(flatten)]
    pub why: KeptBy,
}

/// What keeps a version from being deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "keptBy")]
pub enum KeptBy {
    /// A hold, until somebody lifts it.
    Hold {
        /// The name under which `rollcall hold` keeps it; `None`: a legal hold of S3's that has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<String>,
    },
    /// A lock that nobody can lift.
    Lock {
        /// When the lock ends (UTC).
        until: Timestamp,
    },
    /// The refusal of the store.
    Refusal {
        /// The error code that it gave.
        code: String,
    },
}

/// How an erasure ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The id of the erasure.
    pub erasure: String,
    /// When it ended (UTC).
    pub at: Timestamp,
    /// In how many objects the person was.
    pub objects: usize,
    /// How many records were replaced in these.
    pub records: usize,
    /// What could not be deleted, or not yet.
    pub kept: Vec<Kept>,
}

impl Record {
    /// The key of the object that had these bytes when the erasure was planned, by their SHA-256.
    pub(super) fn key_of(&self, sha256: &str) -> Option<&str> {
        self.objects.iter().find(|object| object.sha256 == sha256).map(|object| object.key.as_str())
    }
}

/// Writes the record and then the tombstone. Both are written once: where they are there, they are the same.
///
/// # Errors
/// The archive refuses or does not answer, or has another erasure with this id.
pub(super) async fn begin(
    store: &dyn ObjectStore,
    tenant: &str,
    (record, tombstone): (&Record, &Tombstone),
) -> anyhow::Result<()> {
    write_once(store, &layout::erasure(tenant, &record.erasure), serde_json::to_vec(record)?).await?;
    write_once(store, &layout::tombstone(tenant, &record.erasure), serde_json::to_vec(tombstone)?).await
}

async fn write_once(store: &dyn ObjectStore, key: &str, json: Vec<u8>) -> anyhow::Result<()> {
    if put(store, key, json.clone()).await? == PutResult::ConditionFailed {
        let existing = store.get(key).await?;
        if existing.is_none_or(|existing| existing.body != json) {
            bail!("{key} is there already, of another erasure: begin again");
        }
    }
    Ok(())
}

async fn put(store: &dyn ObjectStore, key: &str, json: Vec<u8>) -> anyhow::Result<PutResult> {
    let object = NewObject::new(json, "application/json", Metadata::default());
    Ok(store.put(key, object, Condition::IfAbsent).await?)
}

/// Writes how the erasure ended, unless that was written before. What was written is never changed: a later end that differs
/// stands beside it, with a number.
///
/// # Errors
/// The archive refuses or does not answer.
pub(super) async fn end(store: &dyn ObjectStore, tenant: &str, end: &End) -> anyhow::Result<()> {
    let mut kept_before = None;
    for number in 1.. {
        let name = match number {
            1 => format!("{}.end", end.erasure),
            number => format!("{}.end.{number}", end.erasure),
        };
        let key = layout::erasure(tenant, &name);
        match store.get(&key).await? {
            Some(before) => kept_before = serde_json::from_slice(&before.body).ok().map(|end: End| end.kept),
            None if kept_before.as_ref() == Some(&end.kept) => break,
            None => {
                if put(store, &key, serde_json::to_vec(end)?).await? == PutResult::Stored {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The record of an erasure that was begun, and the tenant's segment of its key.
///
/// # Errors
/// There is none with this id, or the archive refuses or does not answer.
pub(super) async fn read(store: &dyn ObjectStore, erasure: &str) -> anyhow::Result<(String, Record)> {
    let (mut after, mut is_last) = (None::<String>, false);
    while !is_last {
        let page = store.list(ERASURES, after.as_deref()).await?;
        for key in &page.keys {
            let tenant = key.split('/').find_map(|segment| segment.strip_prefix("tenant="));
            let Some(tenant) = tenant.filter(|tenant| layout::erasure(tenant, erasure) == *key) else {
                continue;
            };
            let object = store.get(key).await?.context("the erasure's record has gone")?;
            let record =
                serde_json::from_slice(&object.body).ok().context("the erasure's record is damaged")?;
            return Ok((tenant.to_owned(), record));
        }
        (after, is_last) = (page.keys.last().cloned().or(after), page.is_last);
    }
    bail!("the archive has no erasure {erasure}: its id is the name of its record below {ERASURES}tenant=…/")
}

/// All tombstones of a tenant, each with its erasure's id, as they are written.
///
/// # Errors
/// One of them is damaged, or the archive refuses or does not answer.
pub(super) async fn tombstones(store: &dyn ObjectStore, tenant: &str) -> anyhow::Result<Vec<Tombstone>> {
    let prefix = layout::tombstones(tenant);
    let (mut all, mut after, mut is_last) = (Vec::new(), None::<String>, false);
    while !is_last {
        let page = store.list(&prefix, after.as_deref()).await?;
        for key in &page.keys {
            let object = store.get(key).await?.with_context(|| format!("{key} has gone"))?;
            let tombstone = serde_json::from_slice(&object.body).ok();
            all.push(tombstone.with_context(|| format!("{key} is damaged: restore the version before it"))?);
        }
        (after, is_last) = (page.keys.last().cloned().or(after), page.is_last);
    }
    Ok(all)
}

/// What is compared: the tombstones that there are, by the key that all were made with.
///
/// # Errors
/// One was made with another key.
pub(super) fn comparable(key: &TombstoneKey, all: Vec<Tombstone>) -> anyhow::Result<Tombstones> {
    Tombstones::new(key.clone(), all).context(
        "somebody was erased with another key: give the one that the archive's tombstones were made with (TOMBSTONE_KEY or --key-secret)",
    )
}
