//! The operations that take up to ten entries: each succeeds or fails alone.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::requests::Entry;
use super::{MAX_BYTES, hidden, md5};
use crate::json::Refusal;
use crate::queues::Queues;

const MAX_ENTRIES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<T> {
    queue_url: String,
    entries: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendEntry {
    id: String,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiptEntry {
    id: String,
    receipt_handle: String,
    #[serde(default)]
    visibility_timeout: u64,
}

pub(super) fn send(queues: &Queues, batch: Batch<SendEntry>) -> Result<Value, Refusal> {
    check(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    if batch.entries.iter().map(|entry| entry.entry.size_bytes()).sum::<usize>() > MAX_BYTES {
        return Err(Refusal::new(
            "BatchRequestTooLong",
            "Batch requests cannot be longer than 1048576 bytes.",
        ));
    }
    queues.with(&batch.queue_url, |queue| {
        Ok(results(batch.entries.into_iter().map(|SendEntry { id, entry }| {
            let sent = entry.check().and_then(|()| entry.delay()).map(|delay| {
                let md5 = md5(&entry.message_body);
                let message_id = queue.send(entry.message_body, entry.message_attributes, delay);
                json!({"Id": id, "MessageId": message_id, "MD5OfMessageBody": md5})
            });
            (id, sent)
        })))
    })
}

pub(super) fn delete(queues: &Queues, batch: &Batch<ReceiptEntry>) -> Result<Value, Refusal> {
    check(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    queues.with(&batch.queue_url, |queue| {
        Ok(results(batch.entries.iter().map(|ReceiptEntry { id, receipt_handle, .. }| {
            (id.clone(), queue.delete(receipt_handle).map(|()| json!({"Id": id})))
        })))
    })
}

pub(super) fn change_visibility(queues: &Queues, batch: &Batch<ReceiptEntry>) -> Result<Value, Refusal> {
    check(batch.entries.iter().map(|entry| entry.id.as_str()))?;
    queues.with(&batch.queue_url, |queue| {
        Ok(results(batch.entries.iter().map(|ReceiptEntry { id, receipt_handle, visibility_timeout }| {
            let changed = hidden(*visibility_timeout).and_then(|hidden| queue.hide(receipt_handle, hidden));
            (id.clone(), changed.map(|()| json!({"Id": id})))
        })))
    })
}

/// Refuses a batch without entries, with too many, or with an id twice.
fn check<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return Err(Refusal::new("EmptyBatchRequest", "There should be at least one entry in the request."));
    }
    if ids.len() > MAX_ENTRIES {
        return Err(Refusal::new(
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        ));
    }
    if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
        return Err(Refusal::new("BatchEntryIdsNotDistinct", "Two or more entries have the same Id."));
    }
    Ok(())
}

fn results(entries: impl Iterator<Item = (String, Result<Value, Refusal>)>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, result) in entries {
        match result {
            Ok(entry) => successful.push(entry),
            Err(Refusal { code, message }) => {
                failed.push(json!({"Id": id, "Code": code, "Message": message, "SenderFault": true}));
            }
        }
    }
    json!({"Successful": successful, "Failed": failed})
}
