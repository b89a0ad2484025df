//! `rollcall pull`: the reports of a real tenant, by a run of `backfill` on this machine, nothing deployed.
//!
//! The queues are in memory, so what is under way is lost when the command ends; run it again, and
//! it goes on with what the archive lacks. The run's ledger stays in the archive.

mod config;
mod person;

pub use config::RETRY_UNITS_FOR;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use local::{LocalPipeline, PipelineEnv};
use serde_json::{Value, json};
use shared::env::Env;
use shared::lambda::function::Function;
use shared::ports::clock::Clock;

use crate::cli::PullOptions;
use crate::deployment::Invoke;
use crate::runs::{Pace, RunMonitor, request_of};
use crate::terminal::{print_failure, print_stderr};

/// The functions that a pull needs: what was fetched is archived first, before more is fetched.
const FUNCTIONS: [Function; 3] = [Function::Archive, Function::Fetch, Function::Backfill];
/// How long Graph keeps reports.
const REPORTS_KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long to wait before looking again whether a message is visible.
const IDLE: Duration = Duration::from_millis(20);

/// Runs `rollcall pull`: archives the reports that the options name, or all that it finds; exit code 1 if
/// anything is missing or could not be looked at.
///
/// # Errors
/// A setting is missing, the request is refused, or the archive refuses.
pub async fn run(options: &PullOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    run_in(options, config::pipeline_env(options, env).await?).await
}

/// The same in an environment that is given: its Graph, its archive, its clock.
///
/// # Errors
/// The request is refused, or the archive refuses.
pub async fn run_in(options: &PullOptions, env: PipelineEnv) -> anyhow::Result<ExitCode> {
    let clock = Arc::clone(&env.clock);
    let request = request(options, clock.now());
    // An archive keeps what earlier runs left: the id is of this moment.
    let run_id = format!("pull-{}", clock.now().as_microsecond());
    // Also where Ctrl-C or a failure ends it: what is under way ends with the command.
    let _parts = Parts { to: &options.to, run_id: &run_id };
    let pulling =
        Pulling { pipeline: LocalPipeline::new(&env), run_id: run_id.clone(), clock: Arc::clone(&clock) };
    let monitor = RunMonitor {
        functions: &pulling,
        store: env.store,
        archive: options.to.trim_end_matches('/').to_owned(),
        tenant_id: env.tenant_id,
        clock,
        pace: Pace::LOCAL,
        accept: None,
        json: options.json,
    };
    let followed = async {
        let done = monitor.run_and_follow(&request).await?;
        pulling.until_idle().await;
        anyhow::Ok(done)
    };
    let done = tokio::select! {
        done = followed => done?,
        failed = pulling.process_messages() => return Err(failed),
    };
    pulling.tell_dead_letters();
    Ok(done)
}

/// What a run leaves in `staging/` of the archive `to` until it ends.
struct Parts<'a> {
    to: &'a str,
    run_id: &'a str,
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        if !self.to.starts_with("s3://") {
            remove_parts(Path::new(self.to), self.run_id);
        }
    }
}

/// Removes a run's parts and claims from a folder: its ledger is written. In a bucket they expire.
fn remove_parts(folder: &Path, run_id: &str) {
    for root in [folder.join("staging"), folder.join(".rollcall/staging")] {
        // What is left is in nobody's way.
        for kind in ["audits", "claims"] {
            let _ = std::fs::remove_dir_all(root.join(kind).join(run_id));
        }
        // Pages of reports that took long: their messages end with the command. Whoever pulls again is told again.
        let _ = std::fs::remove_dir_all(root.join("pages"));
        let _ = std::fs::remove_dir_all(root.join("told"));
    }
}

/// The functions on this machine.
struct Pulling {
    pipeline: LocalPipeline,
    run_id: String,
    clock: Arc<dyn Clock>,
}

#[async_trait(?Send)]
impl Invoke for Pulling {
    async fn invoke(&self, _function: &str, request: &Value) -> anyhow::Result<Value> {
        Ok(serde_json::to_value(self.pipeline.backfill_as(&self.run_id, request.clone()).await?)?)
    }

    fn is_idle(&self) -> bool {
        // A look at a short report is made by a deployment, or by another pull.
        let soon = self.clock.now() + Pace::LOCAL.arrive_within;
        self.pipeline.next_visible_at(&FUNCTIONS).is_none_or(|next| next > soon)
    }
}

impl Pulling {
    /// Processes the messages of all functions, as long as the command runs.
    async fn process_messages(&self) -> anyhow::Error {
        loop {
            if let Err(error) = self.pipeline.run_at_once(&FUNCTIONS).await {
                return error;
            }
            self.clock.sleep(IDLE).await;
        }
    }

    /// Waits for the call records and what Graph says of events, of which no ledger tells when they are kept: what is
    /// under way ends with the command.
    async fn until_idle(&self) {
        let late = self.clock.now() + Pace::LOCAL.arrive_within;
        if !self.is_idle() {
            print_stderr("Call records, titles and registrations are still being kept.");
        }
        while !self.is_idle() && self.clock.now() < late {
            self.clock.sleep(Pace::LOCAL.poll_every).await;
        }
        if !self.is_idle() {
            print_failure(
                "Some call records, titles or registrations could not be kept in time: run it again within 30 days.",
            );
        }
    }

    /// Tells why jobs ended among the dead letters: they end with the command.
    fn tell_dead_letters(&self) {
        let mut reasons = BTreeMap::<String, u64>::new();
        for letter in self.pipeline.queues.dead_letters.messages() {
            let attribute = |name: &str| {
                let found = letter.attributes.iter().find(|(known, _)| *known == name);
                found.map_or("", |(_, value)| value.as_str()).to_owned()
            };
            let remedy =
                attribute("remedy").replace(shared::lambda::dead_letters::REDRIVE, "Then pull again.");
            *reasons.entry(format!("{}: {remedy}", attribute("outcome"))).or_default() += 1;
        }
        for (reason, number) in reasons {
            print_failure(&format!("{number} not fetched, {reason}"));
        }
    }
}

/// The request that the options make.
fn request(options: &PullOptions, now: Timestamp) -> Value {
    let items = [&options.organizers, &options.meetings, &options.webinars, &options.townhalls];
    let since = options.since.unwrap_or(now - REPORTS_KEPT);
    let mut request = request_of(items, Some(&since), options.until.as_ref());
    request["events"] = json!(options.events);
    if options.is_of_me() {
        // A person's own token reads no call records, and no lists of events.
        print_stderr("Of your own meetings your calendar tells; name webinars and town halls by their ids.");
        request["from"] = json!(["calendars"]);
    }
    request
}
