//! `rollcall backfill` and `rollcall audit`: the deployed function runs, and the command follows.

mod follow;
mod monitor;
mod tables;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use backfill::{RunAccepted, Unaccounted};
use serde::Serialize;
use serde_json::{Value, json};
use shared::env::Env;
use shared::ports::clock::SystemClock;

use crate::cli::{AuditOptions, BackfillOptions, LookOptions};
use crate::deployment::{Deployment, Stack};
use crate::terminal::{print_failure, print_stdout};
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
    request["events"] = json!(options.events);
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
    monitor.run_and_follow(request).await
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
            print_failure(&format!("{}: {}", item.item, item.why));
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
            print_stdout(&tables::totals(&followed));
            if let Some(what_is_not_there) = tables::unaccounted(&followed) {
                print_stdout(&what_is_not_there);
            }
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
