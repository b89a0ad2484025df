//! Writing holds: each object of one is written once, and none is changed.

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::Serialize;
use shared::archive::layout;
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult};

use super::record::{HeldObject, Lifted};
use super::{Hold, HoldRecord};

/// So many keys are in one list.
const KEYS_A_LIST: usize = 10_000;

/// Writes the record of a new hold.
///
/// # Errors
/// The archive refuses or does not answer, or somebody else has placed a hold of this name meanwhile.
pub(crate) async fn place(store: &dyn ObjectStore, tenant: &str, record: &HoldRecord) -> anyhow::Result<()> {
    put(store, &layout::hold(tenant, &record.name), json(record)?).await
}

/// Adds keys of objects to what a hold holds: to the lists that `before` has, if it was there before.
///
/// # Errors
/// The archive refuses or does not answer, or another run adds to the same hold.
pub(crate) async fn add(
    store: &dyn ObjectStore,
    (tenant, name): (&str, &str),
    before: Option<&Hold>,
    keys: &[String],
) -> anyhow::Result<()> {
    let first = before.map_or(0, |hold| hold.lists) + 1;
    for (number, keys) in (first..).zip(keys.chunks(KEYS_A_LIST)) {
        let line = |key: &String| Ok(serde_json::to_string(&HeldObject { key: key.clone() })? + "\n");
        let lines = keys.iter().map(line).collect::<anyhow::Result<String>>()?;
        let object = NewObject::new(lines, "application/x-ndjson", Metadata::default());
        put(store, &layout::held_objects(tenant, name, number), object).await?;
    }
    Ok(())
}

/// Writes that a hold was lifted.
///
/// # Errors
/// The archive refuses or does not answer, or another run has lifted it.
pub(crate) async fn end(store: &dyn ObjectStore, hold: &Hold, now: Timestamp) -> anyhow::Result<()> {
    let key = layout::lifted(&hold.tenant, &hold.record.name);
    put(store, &key, json(&Lifted { lifted_at: now })?).await
}

fn json(value: &impl Serialize) -> anyhow::Result<NewObject> {
    Ok(NewObject::new(serde_json::to_vec(value)?, "application/json", Metadata::default()))
}

async fn put(store: &dyn ObjectStore, key: &str, object: NewObject) -> anyhow::Result<()> {
    match store
        .put(key, object, Condition::IfAbsent)
        .await
        .with_context(|| format!("{key} cannot be written"))?
    {
        PutResult::Stored => Ok(()),
        PutResult::ConditionFailed => bail!("somebody else works on this hold: run the command again"),
    }
}
