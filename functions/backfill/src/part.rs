//! What a unit found, as its run's ledger will need it; and which unit scans what.

use serde::{Deserialize, Serialize};
use serde_json::{from_str, to_string};
use shared::archive::layout;
use shared::jobs::{Run, Scope, UnitId};
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult, StoreError};

use crate::scopes::Units;
use crate::send::send_units;
use crate::{BackfillError, Dependencies, LedgerLine};

/// The id of a run's first part: it names the first units.
pub const ROOT: &str = "root";

/// What a unit found: its lines, and the units that go on from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The lines that it adds to the ledger.
    pub lines: Vec<LedgerLine>,
    /// The ids of the units that go on from it.
    pub units: Vec<UnitId>,
    /// What each of these units scans. A part is written before its units are sent, and read where that must be done
    /// again: another scan may find others, and the ledger has those of one.
    scopes: Vec<Scope>,
    /// The run, in its root: a beginning that is tried again begins the same run. `None` in every other part.
    run: Option<Run>,
}

/// The last line of a part.
#[derive(Debug, Serialize, Deserialize)]
struct LastLine {
    units: Vec<UnitId>,
    /// Absent in parts of an older version, whose units were sent before.
    #[serde(default)]
    scopes: Vec<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<Run>,
}

impl Part {
    /// The part of a unit that found `lines`, and from which `units` go on.
    pub(crate) fn new(lines: Vec<LedgerLine>, units: Units) -> Self {
        let (units, scopes) = units.into_iter().unzip();
        Self { lines, units, scopes, run: None }
    }

    /// The root of `run`, which begins with `units`.
    pub(crate) fn root(run: Run, lines: Vec<LedgerLine>, units: Units) -> Self {
        Self { run: Some(run), ..Self::new(lines, units) }
    }

    /// The run that a root is of.
    pub(crate) fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// The units that go on from here, to be sent.
    pub(crate) fn next(self) -> Units {
        self.units.into_iter().zip(self.scopes).collect()
    }

    fn to_jsonl(&self) -> String {
        let Self { lines, units, scopes, run } = self.clone();
        jsonl(&lines) + &jsonl(&[LastLine { units, scopes, run }])
    }

    fn read(text: &str) -> Option<Self> {
        let (lines, units) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
        let LastLine { units, scopes, run } = from_str(units).ok()?;
        let lines = lines.lines().map(|line| from_str(line).ok()).collect::<Option<_>>()?;
        Some(Self { lines, units, scopes, run })
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

/// Writes a part, once, and gives the one that counts: the first, where the unit is taken by two at once.
pub(crate) async fn write(
    dependencies: &Dependencies,
    run: &Run,
    unit_id: &UnitId,
    part: Part,
) -> Result<Part, BackfillError> {
    let store = &*dependencies.store;
    let key = layout::audit_part(&run.id, unit_id.as_str());
    match store.put(&key, text_object(part.to_jsonl()), Condition::IfAbsent).await? {
        PutResult::Stored => Ok(part),
        PutResult::ConditionFailed => Ok(Part::of(store, &run.id, unit_id).await?.unwrap_or(part)),
    }
}

/// Sends the units that go on from the part of the unit `unit_id`, each so many `hops` from the run's first, and notes
/// that: a unit that comes again must not have all those behind it come again, too.
pub(crate) async fn send_next(
    dependencies: &Dependencies,
    run: &Run,
    unit_id: &UnitId,
    part: Part,
    hops: u32,
) -> Result<(), BackfillError> {
    let is_noted = run.purpose.keeps_ledger() && !part.units.is_empty();
    send_units(dependencies, run, part.next(), hops).await?;
    if is_noted {
        let key = layout::audit_part_sent(&run.id, unit_id.as_str());
        match dependencies.store.put(&key, text_object(String::new()), Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => {}
        }
    }
    Ok(())
}

/// Whether the units that go on from a part were sent, all of them.
pub(crate) async fn is_sent(
    dependencies: &Dependencies,
    run: &Run,
    unit_id: &UnitId,
    part: &Part,
) -> Result<bool, BackfillError> {
    let key = layout::audit_part_sent(&run.id, unit_id.as_str());
    Ok(part.units.is_empty() || dependencies.store.head(&key).await?.is_some())
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
    use crate::{State, scopes};

    #[test]
    fn a_part_is_read_as_it_was_written() {
        let line = LedgerLine {
            state: State::Missing,
            session_id: None,
            settled: None,
            report_id: Some("r\n1".into()),
            source: "users/o/onlineMeetings/m".into(),
            title: Some("A \"quote\"\nand a line".into()),
            meeting_start_date_time: None,
            outcome: None,
            remedy: None,
            risks: vec![],
        };
        for lines in [vec![], vec![line.clone()], vec![line.clone(), line]] {
            let part = Part::new(lines, vec![scopes::calendar("o")]);
            assert_eq!(Part::read(&part.to_jsonl()), Some(part));
        }
        let older = Part::read(r#"{"units":["calendar.o"]}"#).unwrap();
        assert_eq!(
            (older.units.len(), older.next()),
            (1, vec![]),
            "its units were sent before it was written"
        );
        assert_eq!(Part::read("{}"), None);
        assert_eq!(Part::read(""), None);
    }
}
