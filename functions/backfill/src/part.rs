//! What a unit found, as its run's ledger will need it; and which unit scans what.

use serde::{Deserialize, Serialize};
use serde_json::{from_str, to_string};
use shared::archive::layout;
use shared::jobs::{Run, UnitId};
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult, StoreError};

use crate::{BackfillError, Dependencies, LedgerLine};

/// The id of a run's first part: it names the first units.
pub const ROOT: &str = "root";

/// What a unit found: its lines, and the units that it sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The lines that it adds to the ledger.
    pub lines: Vec<LedgerLine>,
    /// The ids of the units that it sent.
    pub units: Vec<UnitId>,
}

/// The last line of a part.
#[derive(Debug, Serialize, Deserialize)]
struct Units {
    units: Vec<UnitId>,
}

impl Part {
    fn to_jsonl(&self) -> String {
        jsonl(&self.lines) + &jsonl(&[Units { units: self.units.clone() }])
    }

    fn read(text: &str) -> Option<Self> {
        let (lines, units) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
        let Units { units } = from_str(units).ok()?;
        let lines = lines.lines().map(|line| from_str(line).ok()).collect::<Option<_>>()?;
        Some(Self { lines, units })
    }

    /// The part of the unit `unit_id`; `None` while it is not written.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub async fn of(
        store: &dyn ObjectStore,
        run_id: &str,
        unit_id: &UnitId,
    ) -> Result<Option<Self>, StoreError> {
        let object = store.get(&layout::audit_part(run_id, unit_id.as_str())).await?;
        Ok(object.and_then(|object| Self::read(std::str::from_utf8(&object.body).ok()?)))
    }
}

/// Lines, one JSON object each.
pub(crate) fn jsonl(lines: &[impl Serialize]) -> String {
    lines.iter().map(|line| json(line) + "\n").collect()
}

/// What a run writes down, as JSON.
#[expect(clippy::expect_used, reason = "these types hold strings, numbers and lists: nothing that can fail")]
pub(crate) fn json(value: &impl Serialize) -> String {
    to_string(value).expect("it is JSON")
}

/// Writes a part, once: a unit that is taken again has found the same, or what counts is the first.
pub(crate) async fn write(
    dependencies: &Dependencies,
    run: &Run,
    unit_id: &UnitId,
    part: &Part,
) -> Result<(), BackfillError> {
    let key = layout::audit_part(&run.id, unit_id.as_str());
    let object = text_object(part.to_jsonl());
    match dependencies.store.put(&key, object, Condition::IfAbsent).await? {
        PutResult::Stored | PutResult::ConditionFailed => Ok(()),
    }
}

/// Whether the unit `unit_id` is the one that scans `what` in this run. Calendars, their pages and
/// call records name the same meetings, those of a series again and again.
pub(crate) async fn claim(
    dependencies: &Dependencies,
    run: &Run,
    unit_id: &UnitId,
    what: &str,
) -> Result<bool, BackfillError> {
    // The rest of a unit has the claims of the whole unit.
    claim_as(dependencies, &run.id, unit_id.whole(), what).await
}

/// Whether `owner` is the first who claims `what` among the claims of `claims`, or was it before.
pub(crate) async fn claim_as(
    dependencies: &Dependencies,
    claims: &str,
    owner: &str,
    what: &str,
) -> Result<bool, BackfillError> {
    let key = layout::claim(claims, what);
    let claim = text_object(owner.to_owned());
    match dependencies.store.put(&key, claim, Condition::IfAbsent).await? {
        PutResult::Stored => Ok(true),
        PutResult::ConditionFailed => {
            Ok(claimed_by(dependencies, claims, what).await?.is_some_and(|claimed_by| claimed_by == owner))
        }
    }
}

/// Who has claimed `what` among the claims of `claims`; `None` while nobody has.
pub(crate) async fn claimed_by(
    dependencies: &Dependencies,
    claims: &str,
    what: &str,
) -> Result<Option<String>, BackfillError> {
    let existing = dependencies.store.get(&layout::claim(claims, what)).await?;
    Ok(existing.map(|existing| String::from_utf8_lossy(&existing.body).into_owned()))
}

pub(crate) fn text_object(text: String) -> NewObject {
    NewObject::new(text, "application/x-ndjson", Metadata::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    #[test]
    fn a_part_is_read_as_it_was_written() {
        let line = LedgerLine {
            state: State::Missing,
            session_id: None,
            settled: None,
            report_id: Some("r\n1".into()),
            source: "users/o/onlineMeetings/m".into(),
            meeting_start_date_time: None,
            outcome: None,
            remedy: None,
            risks: vec![],
        };
        for lines in [vec![], vec![line.clone()], vec![line.clone(), line]] {
            let part = Part { lines, units: vec![UnitId::new("calendar.o.2")] };
            assert_eq!(Part::read(&part.to_jsonl()), Some(part));
        }
        assert_eq!(Part::read("{}"), None);
        assert_eq!(Part::read(""), None);
    }
}
