//! `rollcall erase`: takes a person out of an archive for good, and leaves every record of others as it is.
//!
//! The order of the steps, the formats, and why they are so: `docs/adr/0018-what-is-erased-stays-erased.md`.

mod eraser;
mod identify;
mod objects;
mod output;
mod plan;
mod record;
mod settings;
mod steps;
mod survey;
mod texts;
mod walk;

use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use shared::env::Env;

use crate::cli::EraseOptions;
use crate::exit::Exit;
use crate::person;
use crate::terminal::{self, print_failure, print_stderr, print_stdout, style};

pub use eraser::{Archive, Eraser, Stage};
pub use identify::Doubtful;
pub use objects::Counts;
pub use plan::{Plan, Planned, Request};
pub use record::{End, Kept, KeptBy, PlannedObject, Record};
pub use steps::Outcome;

/// What an operator types to go on.
const CONFIRMATION: &str = "erase";

/// Runs `rollcall erase`: shows what would go, asks, and does it.
///
/// # Errors
/// A sentence about the archive, the key, or what stands in the way. What was done is done, and `--resume` goes on.
pub async fn run(options: &EraseOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let (bar, progress) = bar();
    let mut eraser = settings::eraser(options, env, progress).await?;
    let code = match (&options.resume, &options.who) {
        (Some(erasure), _) => {
            let outcome = eraser.resume(erasure, !options.no_wait).await;
            bar.finish_and_clear();
            told(&outcome?, options)?
        }
        (None, Some(who)) => {
            let reason = options.reason.clone().unwrap_or_default();
            let request = settings::request((who.parse()?, reason), options, &*eraser.clock)?;
            let planned = eraser.plan(request).await;
            bar.finish_and_clear();
            erase(&mut eraser, planned?, options).await?
        }
        (None, None) => bail!("name the person, or an erasure to go on with: --resume ERASURE"),
    };
    Ok(code)
}

async fn erase(eraser: &mut Eraser, planned: Planned, options: &EraseOptions) -> anyhow::Result<ExitCode> {
    let plan = match planned {
        Planned::Nobody => {
            print_failure("the archive has nothing that is this person's for sure: nothing was done");
            return Ok(ExitCode::FAILURE);
        }
        Planned::Several(persons) => {
            print_failure("several persons are meant, and none was chosen: give the key of one of them");
            print_stdout(&person::choice(&persons, options.json)?);
            return Ok(Exit::Refused.into());
        }
        Planned::Plan(plan) => plan,
    };
    let is_shown_as_json = options.json && options.dry_run;
    if is_shown_as_json {
        print_stdout(&serde_json::to_string_pretty(&output::plan_json(&plan))?);
    } else {
        // Who is asked must see it.
        print_failure(&output::plan(&plan));
    }
    if options.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !options.yes && !is_confirmed().await? {
        print_failure("nothing was done");
        return Ok(ExitCode::FAILURE);
    }
    let (archive, erasure) = (options.archive(), &plan.record.erasure);
    print_failure(&format!(
        "Erasure {erasure} begins. If it is cut: rollcall erase --resume {erasure} {archive}"
    ));
    let (bar, progress) = bar();
    eraser.progress = progress;
    let outcome = eraser.carry_out(&plan, !options.no_wait).await;
    bar.finish_and_clear();
    let how = || format!("erasure {} was cut: rollcall erase --resume goes on with it", plan.record.erasure);
    let code = told(&outcome.with_context(how)?, options)?;
    if options.is_bucket() && !options.json {
        print_stderr(&output::statements(&plan));
    }
    Ok(code)
}

/// Asks on the terminal. Meanwhile Ctrl-C is heard.
async fn is_confirmed() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody can confirm this here, so nothing was done: run it in a terminal, or with --yes");
    }
    print_failure(&format!("This cannot be taken back. Type {CONFIRMATION} to go on:"));
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    Ok(line.await??.trim() == CONFIRMATION)
}

/// Prints what was done. It fails where something is left.
fn told(outcome: &Outcome, options: &EraseOptions) -> anyhow::Result<ExitCode> {
    print_stdout(&if options.json {
        serde_json::to_string_pretty(&output::outcome_json(outcome))?
    } else {
        output::outcome(outcome, options.is_bucket())
    });
    let is_done = outcome.is_over && outcome.counts.kept.is_empty();
    Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A bar on the terminal, and what moves it.
fn bar() -> (ProgressBar, Arc<dyn Fn(Stage) + Send + Sync>) {
    let bar = terminal::bar("{spinner} {elapsed}");
    bar.enable_steady_tick(Duration::from_millis(200));
    let shown = bar.clone();
    (bar, Arc::new(move |stage| show(&shown, stage)))
}

fn show(bar: &ProgressBar, stage: Stage) {
    let with_length = |done: u64, of: u64, what: &str| {
        bar.set_style(style("{bar:40} {pos} of {len} {msg}, {elapsed}"));
        bar.set_length(of);
        bar.set_position(done);
        bar.set_message(what.to_owned());
    };
    let spinning = |text: String| {
        bar.set_style(style("{spinner} {msg}, {elapsed}"));
        bar.set_message(text);
    };
    match stage {
        Stage::Resolving { pass, objects } => spinning(format!("pass {pass}: {objects} objects read")),
        Stage::Reading { versions } => spinning(format!("{versions} versions read")),
        Stage::Writing { done, of } => with_length(done as u64, of as u64, "objects"),
        Stage::Waiting { left, of } => {
            with_length(of.saturating_sub(left), of, "seconds until the second look");
        }
    }
}
