//! What `rollcall hold` prints.

use comfy_table::{Table, presets};
use serde_json::json;

use crate::holds::Holds;
use crate::terminal::{print_stdout, readable};

/// What is held is shown up to so many characters.
const MOST_CHARACTERS: usize = 100;

pub(super) fn print(holds: &Holds, is_json: bool) -> anyhow::Result<()> {
    if is_json {
        print_stdout(&as_json(holds)?);
    } else if holds.all().is_empty() {
        print_stdout("nothing is held");
    } else {
        print_stdout(&table(holds));
    }
    Ok(())
}

/// What a hold holds now: how many objects, how many of them new, and how many versions S3 holds.
pub(super) fn print_placed(
    (name, objects, new): (&str, usize, usize),
    versions: Option<usize>,
    is_json: bool,
) {
    if is_json {
        let placed = json!({"hold": name, "objects": objects, "new": new, "versions": versions});
        return print_stdout(&placed.to_string());
    }
    let held = format!("{name} holds {objects} objects, {new} of them new");
    print_stdout(&match versions {
        Some(versions) => format!("{held}: {versions} versions are under a legal hold"),
        None => held,
    });
}

/// From how many objects a hold was lifted, and how many of its own other holds still hold.
pub(super) fn print_lifted((name, objects, others): (&str, usize, usize), is_json: bool) {
    print_stdout(&match is_json {
        true => json!({"hold": name, "liftedFrom": objects, "heldByOthers": others}).to_string(),
        false => {
            format!("{name} is lifted from {objects} objects; {others} more are held by other holds, too")
        }
    });
}

fn as_json(holds: &Holds) -> serde_json::Result<String> {
    let one = |hold: &crate::holds::Hold| {
        json!({
            "name": hold.record.name, "placedAt": hold.record.placed_at, "scope": hold.record.scope,
            "objects": hold.keys.len(), "liftedAt": hold.lifted_at,
        })
    };
    serde_json::to_string_pretty(&holds.all().iter().map(one).collect::<Vec<_>>())
}

fn table(holds: &Holds) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["hold", "placed", "of", "objects", "lifted"]);
    for hold in holds.all() {
        table.add_row([
            hold.record.name.clone(),
            hold.record.placed_at.to_string(),
            readable(&hold.record.scope.shown(), MOST_CHARACTERS),
            hold.keys.len().to_string(),
            hold.lifted_at.map_or_else(|| "no".to_owned(), |lifted_at| lifted_at.to_string()),
        ]);
    }
    table.to_string()
}
