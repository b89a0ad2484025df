//! Reads and parses one object, on a thread of its own.

use std::sync::Arc;

use shared::archive::layout::ledger_object;
use shared::ports::store::{Object, ObjectVersion, StoreError, VersionedStore};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::change::{Change, Content, ReadObject};
use crate::index::archived::{Event, Ledger, LedgerLine, Registration, Report, named_ledger};

/// Reads an object and tells the writer what it is. One that is gone again tells nothing.
pub(super) fn read(
    store: &Arc<dyn VersionedStore>,
    object: ObjectVersion,
    changes: &mpsc::Sender<Change>,
    permits: [OwnedSemaphorePermit; 2],
) -> Result<(), StoreError> {
    let get = |key: &str| Handle::current().block_on(store.get(key));
    let content = if is_key_only(&object.key) {
        Content::Key
    } else {
        let Some(found) = get(&object.key)? else { return Ok(()) };
        match parsed(&object.key, found) {
            Content::Ledger(ledger, lines) => {
                changes.blocking_send(Change::Anew(ledger.key.clone())).ok();
                for number in 1..=ledger.objects {
                    let Some(more) = get(&ledger_object(&ledger.key, number))? else { continue };
                    let lines = LedgerLine::read_all(&String::from_utf8_lossy(&more.body));
                    // Where it is closed, the writer has failed, and says why.
                    changes.blocking_send(Change::LedgerLines(ledger.clone(), lines)).ok();
                }
                Content::Ledger(ledger, lines)
            }
            content => content,
        }
    };
    changes.blocking_send(Change::Read(Box::new(ReadObject { object, content, _permits: permits }))).ok();
    Ok(())
}

/// Whether an object is not read: another answer for a report, or a part of a ledger, which is read with its summary.
pub(super) fn is_key_only(key: &str) -> bool {
    let is_part = || {
        let name = key.strip_suffix(".jsonl").and_then(|name| name.rsplit_once('.'));
        name.is_some_and(|(_, number)| number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    key.starts_with("revisions/") || (key.starts_with("audits/") && is_part())
}

fn parsed(key: &str, found: Object) -> Content {
    let Object { body, head } = found;
    let content = match key.split_once('/').map_or("", |(room, _)| room) {
        "reports" => Report::read(key, &body, head.metadata).map(Content::Report),
        "events" => Event::read(key, &body, &head.metadata).map(Content::Event),
        "registrations" => Registration::read_all(key, &body, &head.metadata).map(Content::Registrations),
        _ if key.contains("/latest/") => {
            named_ledger(&body).map(Content::Schedule).ok_or("it names no ledger")
        }
        _ => ledger(key, &body),
    };
    content.unwrap_or_else(Content::Unreadable)
}

fn ledger(key: &str, body: &[u8]) -> Result<Content, &'static str> {
    let text = String::from_utf8_lossy(body);
    let ledger = Ledger::read(key, &text).ok_or("its last line is no summary")?;
    Ok(Content::Ledger(ledger, LedgerLine::read_all(&text)))
}
