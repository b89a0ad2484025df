//! What `rollcall erase` prints.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets};
use reader::finder::Why;
use reader::people::PersonKey;
use reader::words;
use serde_json::{Value, json};

use super::plan::Plan;
use super::record::{Kept, KeptBy};
use super::steps::Outcome;
use crate::terminal::readable;

/// More of a kind than this are not shown; `--json` has all of them.
const MOST_ROWS: usize = 20;
/// A key is shown up to so many characters.
const MOST_CHARACTERS: usize = 200;

/// What would be done, for people.
pub(super) fn plan(plan: &Plan) -> String {
    let subject = &plan.subject;
    let name = readable(&words::name(&subject.person), 60);
    let keys: Vec<String> = subject.keys().map(|key| readable(&key.to_string(), MOST_CHARACTERS)).collect();
    let found = &plan.found;
    let mut shown = format!("{name} ({})\n{}", keys.join(", "), table(plan));
    shown += &format!(
        "\nThe person is in the reports of {} sessions. {} records of others stand in the same objects: they stay as they are, byte for byte, which is proven for each object before it is written.",
        plan.sessions(),
        found.others
    );
    let versions = found.older.len() + found.older_of_objects;
    if versions > 0 {
        shown += &format!("\n{versions} older versions of objects go for good.");
    }
    shown += &kept(&found.kept, "stays for now");
    shown += &doubtful(plan);
    if !plan.named_by.is_empty() {
        shown += &format!(
            "\n{} objects name the person elsewhere, as who organized a meeting is part of its address, or in the words of somebody else. That stays: see docs/adr/0018-what-is-erased-stays-erased.md.",
            plan.named_by.len()
        );
    }
    shown
}

/// How many objects and records go, by where they lie.
fn table(plan: &Plan) -> String {
    let mut by_room = BTreeMap::<&str, (usize, usize)>::new();
    for object in &plan.record.objects {
        let room = object.key.split_inclusive('/').next().unwrap_or_default();
        let (objects, records) = by_room.entry(room).or_default();
        *objects += 1;
        *records += object.pointers.len();
    }
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["", "objects", "records of the person"]);
    for (room, (objects, records)) in by_room {
        let records = if room == "staging/" { "whole".to_owned() } else { records.to_string() };
        table.add_row([room.to_owned(), objects.to_string(), records]);
    }
    for column in 1..=2 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn doubtful(plan: &Plan) -> String {
    if plan.doubtful.is_empty() {
        return String::new();
    }
    let mut shown = format!("\n{} records may be the person's, and stay:", plan.doubtful.len());
    for one in plan.doubtful.iter().take(MOST_ROWS) {
        let pointer = one.pointer.as_deref().unwrap_or_default();
        let place = readable(&format!("{}#{pointer}", one.key), MOST_CHARACTERS);
        shown += &format!("\n  {place}: {} {}", one.why.sentence(), how_to_name(one.why));
    }
    if let more @ 1.. = plan.doubtful.len().saturating_sub(MOST_ROWS) {
        shown += &format!("\n  {more} more; --json has all of them");
    }
    shown
}

/// How somebody says that something doubtful is the person's.
fn how_to_name(why: Why) -> &'static str {
    match why {
        Why::SharedAddress | Why::SharedRegistration | Why::SimilarAddress => {
            "If it is the person's: --same FILE with a line ADDRESS,ID."
        }
        Why::NameAlone => "If it is the person's: erase it by its key, as `rollcall browse` shows it.",
        Why::Unreadable => "Look at it, and restore the version before.",
        Why::Refused => "Run this with the right to read it.",
        _ => "",
    }
}

/// What is held or locked; nothing where nothing is.
fn kept(kept: &[Kept], what: &str) -> String {
    let mut shown = String::new();
    for one in kept.iter().take(MOST_ROWS) {
        let key = readable(&one.key, MOST_CHARACTERS);
        let version =
            one.version.as_deref().map(|version| format!(" (version {version})")).unwrap_or_default();
        shown += &format!("\n{key}{version} {what}: {}", kept_by(&one.why));
    }
    if let more @ 1.. = kept.len().saturating_sub(MOST_ROWS) {
        shown += &format!("\n{more} more; --json has all of them");
    }
    shown
}

fn kept_by(why: &KeptBy) -> String {
    match why {
        KeptBy::Hold { hold: Some(name) } => format!(
            "the hold {} is on it. When it is lifted (rollcall hold --lift), go on with --resume.",
            readable(name, 60)
        ),
        KeptBy::Hold { hold: None } => {
            "there is a legal hold on it. When it is lifted, go on with --resume.".to_owned()
        }
        KeptBy::Lock { until } => format!("it is locked until {until}. After that day go on with --resume."),
        KeptBy::Refusal { code } => format!(
            "the bucket refuses ({}): run this as the role that its policy lets delete versions (ErasureRoleArn).",
            readable(code, 60)
        ),
    }
}

/// What was done, for people.
pub(super) fn outcome(outcome: &Outcome, is_bucket: bool) -> String {
    let counts = &outcome.counts;
    let mut shown = format!(
        "Erasure {}: {} records in {} objects were replaced, {} versions deleted.",
        outcome.erasure, counts.records, counts.objects, counts.versions
    );
    shown += &kept(&counts.kept.iter().cloned().collect::<Vec<_>>(), "is still there");
    if !outcome.is_over {
        shown += &format!(
            "\nWhat was under way meanwhile may still have been kept: six minutes after its beginning, rollcall erase --resume {} looks once more.",
            outcome.erasure
        );
    }
    shown += "\nThe manifests name what has changed after their next walk (each night; at once: rollcall manifest, or {\"manifests\": true} to backfill). Until then rollcall verify tells of it as changed.";
    if is_bucket {
        shown += "\nDead letters may hold the person for up to 14 days: rollcall dead-letters --erased leaves them out. What waits in queues is kept without them.";
    }
    shown
        + "\nIndexes of rollcall browse lose the person at their next update. Whoever got a copy (an export, a register) must be told: that is not known here."
}

/// The statements that take a person out of the Iceberg table, for who may start queries.
pub(super) fn statements(plan: &Plan) -> String {
    let (mut ids, mut addresses) = (Vec::new(), Vec::new());
    for key in plan.subject.keys() {
        match key {
            PersonKey::User { id, .. } => ids.push(quoted(id)),
            PersonKey::Address(address) => addresses.push(quoted(address)),
            _ => {}
        }
    }
    let of = |column: &str, values: &[String]| {
        (!values.is_empty()).then(|| format!("lower({column}) IN ({})", values.join(", ")))
    };
    let conditions: Vec<String> =
        [of("personid", &ids), of("recordid", &ids), of("email", &addresses)].into_iter().flatten().collect();
    let delete = match conditions.as_slice() {
        [] => "-- the person has no id or address: run the named query merge-everything instead".to_owned(),
        conditions => format!("DELETE FROM attendance_iceberg WHERE {};", conditions.join(" OR ")),
    };
    format!(
        "Where the stack has an Iceberg table (IcebergTable=yes), run in the workgroup STACK-iceberg, one after the other:\n{delete}\nOPTIMIZE attendance_iceberg REWRITE DATA USING BIN_PACK;\nALTER TABLE attendance_iceberg SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds' = '0');\nVACUUM attendance_iceberg;\nALTER TABLE attendance_iceberg SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds' = '432000');"
    )
}

/// A text as a literal of SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What would be done, for programs.
pub(super) fn plan_json(plan: &Plan) -> Value {
    json!({
        "record": plan.record,
        "sessions": plan.sessions(),
        "othersUntouched": plan.found.others,
        "olderVersions": plan.found.older.len() + plan.found.older_of_objects,
        "kept": plan.found.kept,
        "doubtful": plan.doubtful,
        "namedBy": plan.named_by,
    })
}

/// What was done, for programs.
pub(super) fn outcome_json(outcome: &Outcome) -> Value {
    let counts = &outcome.counts;
    json!({
        "erasure": outcome.erasure,
        "isOver": outcome.is_over,
        "objects": counts.objects,
        "records": counts.records,
        "versions": counts.versions,
        "kept": counts.kept,
    })
}
