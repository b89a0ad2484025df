//! What `rollcall verify` prints.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::findings::{Findings, What};
use crate::terminal::readable;

/// More findings of a kind than this are not shown; `--json` has all of them.
const MOST_ROWS: usize = 20;
/// A key is shown up to so many characters.
const MOST_CHARACTERS: usize = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    archive: &'a str,
    is_intact: bool,
    #[serde(flatten)]
    findings: &'a Findings,
}

/// All of it, for programs.
pub(super) fn json(archive: &str, findings: &Findings) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&Shown { archive, is_intact: findings.is_intact(), findings })
}

/// The totals, the keys of what was found, and the verdict.
pub(super) fn table(findings: &Findings) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["", "number"]);
    let of = |what| findings.findings.iter().filter(move |finding| finding.what == what);
    let signed = findings.signed_roots.map(|number| ("… of them signed with a key given", number));
    let totals = [("roots", findings.roots)].into_iter().chain(signed);
    let totals = totals.chain([("manifests", findings.manifests), ("objects as they were", findings.intact)]);
    let found =
        What::ALL.map(|what| (name(what), of(what).count())).into_iter().filter(|(_, number)| *number > 0);
    for (what, number) in totals.chain(found) {
        table.add_row([what.to_owned(), number.to_string()]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut shown = table.to_string();
    for what in What::ALL.into_iter().filter(|what| what.is_fault()) {
        for finding in of(what).take(MOST_ROWS) {
            shown.push_str(&format!("\n{}: {}", name(what), readable(&finding.key, MOST_CHARACTERS)));
        }
        if let more @ 1.. = of(what).count().saturating_sub(MOST_ROWS) {
            shown.push_str(&format!("\n{}: {more} more; --json has all of them", name(what)));
        }
    }
    if let Some(root) = &findings.last_root {
        shown.push_str(&format!(
            "\nThe last root is number {}, of {}: {}",
            root.root, root.written_at, root.sha256
        ));
    }
    shown + "\n" + verdict(findings)
}

fn name(what: What) -> &'static str {
    match what {
        What::Root => "roots that do not follow from the one before, or are missing",
        What::Signature => "roots without a valid signature",
        What::Manifest => "manifests that are missing or not as signed",
        What::Changed => "objects changed",
        What::Removed => "objects removed",
        What::Added => "objects added outside",
        What::Pending => "objects in no manifest yet",
        What::Erased => "objects that an erasure changed",
        What::Expired => "objects that have expired, as the archive's retention says",
    }
}

fn verdict(findings: &Findings) -> &'static str {
    let is_checked = findings.signed_roots.is_some();
    match (findings.is_intact(), is_checked) {
        _ if findings.roots == 0 => {
            "The archive has no manifests: the stack writes them each night, and rollcall manifest does here."
        }
        (false, _) => "The archive is not as it was left: infra/RUNBOOK.md says what to do.",
        (true, true) => "The archive is as it was left, and its roots are signed.",
        (true, false) => {
            "The archive is as its manifests say. Who may write to it could have written these, too: --key or --root shows that nobody did."
        }
    }
}
