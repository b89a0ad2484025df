//! `rollcall backfill` and `rollcall audit`: the deployed function runs, and the command follows.

mod follow;
mod monitor;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use backfill::{RunAccepted, Unaccounted};
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::{Value, json};
use shared::env::Env;
use shared::jobs::Purpose;
use shared::ports::clock::SystemClock;

use crate::cli::{AuditOptions, BackfillOptions, LookOptions};
use crate::deployment::{Deployment, Stack};
use crate::terminal::{print_stderr, print_stdout};
use follow::{Followed, Follower};
pub use monitor::{Pace, RunMonitor};

/// Runs `rollcall backfill`: starts a run that fetches what is missing, and follows it; exit code 1 if
/// anything is missing then.
///
/// # Errors
/// A sentence: nothing is deployed, the request is refused, the archive cannot be read.
pub async fn backfill(options: &BackfillOptions) -> anyhow::Result<ExitCode> {
    let mut request = request(&options.look);
    request["dryRun"] = json!(options.dry_run);
    request["refresh"] = json!(options.refresh);
    on_stack(&options.look, &request, None).await
}

/// Runs `rollcall audit`: starts a run that fetches nothing, and follows it; exit code 1 if anything is
/// missing.
///
/// # Errors
/// As [`backfill()`].
pub async fn audit(options: &AuditOptions) -> anyhow::Result<ExitCode> {
    let mut request = request(&options.look);
    request["audit"] = json!(true);
    on_stack(&options.look, &request, options.accept.clone()).await
}

/// The request that the options make.
fn request(options: &LookOptions) -> Value {
    let items = [&options.organizers, &options.meetings, &options.webinars, &options.townhalls];
    let mut request = request_of(items, options.since.as_ref(), options.until.as_ref());
    if !options.from.is_empty() {
        request["from"] = json!(options.from);
    }
    request
}

/// A request for organizers, meetings, webinars and town halls, in this order, and a time.
pub(crate) fn request_of(
    [organizers, meetings, webinars, townhalls]: [&Vec<String>; 4],
    since: Option<&impl Serialize>,
    until: Option<&impl Serialize>,
) -> Value {
    let mut request = json!({
        "organizers": organizers, "meetings": meetings, "webinars": webinars, "townhalls": townhalls,
    });
    if let Some(since) = since {
        request["since"] = json!(since);
    }
    if let Some(until) = until {
        request["until"] = json!(until);
    }
    request
}

async fn on_stack(
    options: &LookOptions,
    request: &Value,
    accept: Option<String>,
) -> anyhow::Result<ExitCode> {
    let stack = Stack::named(&options.stack.stack).await;
    let settings = stack.settings("backfill").await?;
    let bucket = settings.required("ARCHIVE_BUCKET").context("the deployed backfill is not set up")?;
    let store = stack.archive(bucket.clone(), settings.get("ARCHIVE_BUCKET_OWNER"));
    let tenant_id = settings.required("GRAPH_TENANT_ID").context("the deployed backfill is not set up")?;
    let monitor = RunMonitor {
        functions: &stack,
        store,
        archive: format!("s3://{bucket}"),
        tenant_id,
        clock: Arc::new(SystemClock),
        pace: Pace::DEPLOYED,
        accept,
        json: options.stack.json,
    };
    tokio::select! {
        done = monitor.run_and_follow(request) => done,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            print_stderr("Stopped watching; the run goes on by itself. `rollcall audit` tells later what there is.");
            Ok(ExitCode::from(130))
        }
    }
}

impl RunMonitor<'_> {
    /// Starts a run, follows it to its ledger, and prints the summary; exit code 1 if anything is missing.
    ///
    /// # Errors
    /// The request is refused, or the archive cannot be read.
    pub async fn run_and_follow(&self, request: &Value) -> anyhow::Result<ExitCode> {
        let told_before = self.accepted_lines().await?;
        let answer = self.functions.invoke("backfill", request).await?;
        let accepted: RunAccepted =
            serde_json::from_value(answer).context("the function is of another version")?;
        for item in &accepted.refused {
            print_stderr(&format!("{}: {}", item.item, item.why));
        }
        let ledger = accepted.ledger.clone().context("the run keeps no ledger")?;
        let follower = Follower::new(self, &accepted, ledger.clone());
        let mut followed = follower.until_done().await?;
        if !told_before.is_empty() {
            let lines = Unaccounted::in_ledger(&*self.store, &ledger).await?.unwrap_or_default();
            followed.accepted = lines.iter().filter(|line| told_before.contains(line)).count() as u64;
        }
        if self.json {
            let Followed { summary, missing, accepted: told_before, .. } = &followed;
            let ledger = format!("{}/{ledger}", self.archive);
            print_stdout(&json!({"summary": summary, "stillMissing": missing, "accepted": told_before, "refused": accepted.refused, "ledger": ledger}).to_string());
        } else {
            print_stdout(&table(&followed));
            print_stdout(&format!("The ledger: {}/{ledger}", self.archive));
        }
        let is_all_there = followed.unaccounted() == 0 && accepted.refused.is_empty();
        Ok(if is_all_there { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl RunMonitor<'_> {
    /// What the ledger that is accepted tells; nothing where none is.
    async fn accepted_lines(&self) -> anyhow::Result<BTreeSet<Unaccounted>> {
        let Some(ledger) = &self.accept else { return Ok(BTreeSet::new()) };
        let key = ledger.strip_prefix(&format!("{}/", self.archive)).unwrap_or(ledger);
        let lines = Unaccounted::in_ledger(&*self.store, key).await?;
        let lines = lines.with_context(|| format!("there is no ledger at {}/{key}", self.archive))?;
        Ok(lines.into_iter().collect())
    }
}

/// The table of a run's totals, the verdict, and the reasons of what could not be looked at.
fn table(followed: &Followed) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["", "number"]);
    for (what, number, is_always_shown) in rows(followed) {
        if number > 0 || is_always_shown {
            table.add_row([what.to_owned(), number.to_string()]);
        }
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let verdict = match followed.unaccounted() {
        0 if followed.accepted > 0 => "Nothing is wrong but what the accepted ledger told already.",
        0 => "Everything that Graph lists is in the archive.",
        unaccounted if unaccounted == followed.missing => "Not everything is in the archive.",
        _ => "Not everything could be looked at: the ledger names it, with what to do.",
    };
    let mut shown = format!("{table}\n{verdict}");
    for ((outcome, remedy), number) in &followed.reasons {
        shown.push_str(&format!("\n{number} × {outcome}: {remedy}"));
    }
    shown
}

/// The rows of the table: what is counted, how many there are, and whether it is shown where there is none.
fn rows(followed: &Followed) -> [(&'static str, u64, bool); 14] {
    let Followed { summary, missing, accepted, .. } = followed;
    let totals = &summary.totals;
    let archived = match summary.purpose {
        Purpose::Backfill | Purpose::Reconcile => "archived before",
        Purpose::DryRun | Purpose::Audit => "archived",
    };
    [
        ("reports that Graph lists", totals.reports, true),
        (archived, totals.archived, true),
        ("archived by this run", totals.missing - missing, false),
        ("archived with fewer records than participants", totals.short, false),
        ("missing", *missing, true),
        ("sessions whose report is awaited", totals.pending, false),
        ("sessions without a report", totals.absent, false),
        ("sessions whose report Graph no longer lists", totals.lost, false),
        ("at risk", totals.at_risk, false),
        ("sources that could not be looked at", totals.unreachable, false),
        ("… of them meetings that Graph does not know (any more)", totals.not_found, false),
        ("lists that are empty, perhaps for want of an access policy", totals.doubtful, false),
        ("units that never answered", summary.silent.len() as u64, false),
        ("accepted: an earlier ledger told of them", *accepted, false),
    ]
}
