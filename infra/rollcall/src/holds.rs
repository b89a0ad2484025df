//! Holds: which objects may be neither erased nor expire, and why. Records below `holds/` say it, in a folder as in a bucket.
//!
//! ```text
//! holds/v1/tenant=…/NAME.json            what is to be held, and since when
//! holds/v1/tenant=…/NAME/000001.jsonl    the keys of objects that are held, one a line; more where the hold grew
//! holds/v1/tenant=…/NAME/lifted.json     only where it was lifted
//! ```

mod name;
mod record;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use shared::archive::layout::HOLDS;
use shared::ports::store::{ObjectStore, StoreError};

pub use name::HoldName;
use record::{HeldObject, Lifted};
pub use record::{HoldRecord, HoldScope};
pub(crate) use writing::{add, end, place};

/// Why it cannot be told what is held. Nothing may be erased then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HoldsError {
    /// The archive gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of a hold is damaged: an older version of the object has what it said.
    #[error("what is held cannot be told: {key} is no record of a hold; restore an older version of it")]
    Unreadable {
        /// The key of the record.
        key: String,
    },
}

/// A hold, as the archive has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What is held, and since when.
    pub record: HoldRecord,
    /// The tenant in the key of its record.
    pub tenant: String,
    /// When it was lifted (UTC); `None`: it holds.
    pub lifted_at: Option<Timestamp>,
    /// The keys of the objects that it names.
    pub keys: BTreeSet<String>,
    /// How many lists of keys there are.
    lists: usize,
}

/// All holds of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holds {
    holds: Vec<Hold>,
}

impl Holds {
    /// Reads the holds of an archive, those that were lifted among them.
    ///
    /// # Errors
    /// The archive gives no answer, or a record cannot be read: then nobody knows what is held.
    pub async fn read(store: &dyn ObjectStore) -> Result<Self, HoldsError> {
        let mut all = BTreeMap::<(String, String), Parts>::new();
        let mut after = None::<String>;
        loop {
            let page = store.list(HOLDS, after.as_deref()).await?;
            for key in &page.keys {
                let Some(part) = Part::of(key) else { return Err(unreadable(key)) };
                // It is gone again only where somebody took it away.
                let object = store.get(key).await?.ok_or_else(|| unreadable(key))?;
                let of = all.entry((part.tenant.to_owned(), part.name.to_owned())).or_default();
                of.read(part.what, &object.body).ok_or_else(|| unreadable(key))?;
            }
            after = page.keys.last().cloned();
            if page.is_last {
                break;
            }
        }
        let hold = |((tenant, name), parts): ((String, String), Parts)| {
            let Parts { record, lifted, keys, lists } = parts;
            let record = record.ok_or_else(|| unreadable(&shared::archive::layout::hold(&tenant, &name)))?;
            Ok(Hold { record, tenant, lifted_at: lifted.map(|lifted| lifted.lifted_at), keys, lists })
        };
        Ok(Self { holds: all.into_iter().map(hold).collect::<Result<_, HoldsError>>()? })
    }

    /// The name of a hold that holds the object at `key`, or whose former bytes or lines it is; `None` where none does.
    pub fn of(&self, key: &str) -> Option<&str> {
        self.other_than("", key)
    }

    /// The same, where the hold named `name` is passed over.
    pub fn other_than(&self, name: &str, key: &str) -> Option<&str> {
        let of = current_key(key);
        let holds = |hold: &&Hold| {
            let is_named = hold.keys.contains(key) || of.as_ref().is_some_and(|of| hold.keys.contains(of));
            hold.lifted_at.is_none() && hold.record.name != name && is_named
        };
        self.holds.iter().find(holds).map(|hold| hold.record.name.as_str())
    }

    /// The hold with this name, also where it was lifted; `None` where there is none.
    pub fn named(&self, name: &str) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.record.name == name)
    }

    /// All of them, in the order of their names.
    pub fn all(&self) -> &[Hold] {
        &self.holds
    }
}

/// The key of the report or other artifact whose revision, or whose records as lines, lie at `key`; `None` where the key does not tell.
fn current_key(key: &str) -> Option<String> {
    if let Some(lines) = key.strip_prefix("records/") {
        return Some(format!("reports/{}.json", lines.strip_suffix(".jsonl")?));
    }
    let (artifact, _) = key.strip_prefix("revisions/")?.rsplit_once('/')?;
    // Those of reports lie there without the word before them.
    let is_report = artifact.starts_with("v1/");
    Some(format!("{}{artifact}.json", if is_report { "reports/" } else { "" }))
}

/// What a key below `holds/` is of.
struct Part<'a> {
    tenant: &'a str,
    name: &'a str,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Record,
    List,
    Lifted,
}

impl<'a> Part<'a> {
    fn of(key: &'a str) -> Option<Self> {
        let path = key.strip_prefix(HOLDS)?.strip_prefix("v1/tenant=")?;
        let (tenant, path) = path.split_once('/')?;
        let (name, what) = match path.split_once('/') {
            None => (path.strip_suffix(".json")?, What::Record),
            Some((name, "lifted.json")) => (name, What::Lifted),
            Some((name, list)) => list.ends_with(".jsonl").then_some((name, What::List))?,
        };
        Some(Self { tenant, name, what })
    }
}

/// What was read of a hold so far.
#[derive(Default)]
struct Parts {
    record: Option<HoldRecord>,
    lifted: Option<Lifted>,
    keys: BTreeSet<String>,
    lists: usize,
}

impl Parts {
    fn read(&mut self, what: What, body: &[u8]) -> Option<()> {
        match what {
            What::Record => self.record = Some(parsed(body)?),
            What::Lifted => self.lifted = Some(parsed(body)?),
            What::List => {
                let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                let keys: Option<Vec<HeldObject>> = lines.map(parsed).collect();
                self.keys.extend(keys?.into_iter().map(|held| held.key));
                self.lists += 1;
            }
        }
        Some(())
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

fn unreadable(key: &str) -> HoldsError {
    HoldsError::Unreadable { key: key.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_and_lines_are_held_with_what_they_are_of() {
        for (key, of) in [
            (
                "revisions/v1/tenant=t/kind=meeting/date=2026-03-01/r/aa.json",
                "reports/v1/tenant=t/kind=meeting/date=2026-03-01/r.json",
            ),
            (
                "records/v1/tenant=t/kind=meeting/date=2026-03-01/r.jsonl",
                "reports/v1/tenant=t/kind=meeting/date=2026-03-01/r.json",
            ),
            ("revisions/events/v1/tenant=t/kind=webinar/w/aa.json", "events/v1/tenant=t/kind=webinar/w.json"),
            (
                "revisions/sessions/v1/tenant=t/date=2026-03-01/c/aa.json",
                "sessions/v1/tenant=t/date=2026-03-01/c.json",
            ),
        ] {
            assert_eq!(current_key(key).as_deref(), Some(of));
        }
        assert_eq!(current_key("reports/v1/tenant=t/r.json"), None);
    }
}
