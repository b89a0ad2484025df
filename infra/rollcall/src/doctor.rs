//! `rollcall doctor`: the chain from the credentials to the bucket, link by link.
//!
//! It stops at the first link that blocks, because those behind it cannot be judged, and says what
//! mends it. What does not block yet is a warning.
//!
//! ```text
//! settings ─▶ token ─▶ clock ─▶ roles ─▶ access policies ─▶ functions ─▶ subscriptions ─▶ endpoint
//!          ─▶ queues ─▶ bucket
//! ```

mod chain;
mod deployed;
mod entra;
mod person;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;
use shared::env::Env;
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;

use crate::cli::DoctorOptions;
use crate::deployment::{Deployment, Stack};
use crate::terminal::print_stdout;
use chain::Chain;
pub use chain::{DoctorContext, Finding, Verdict};

/// Runs `rollcall doctor`: prints the findings; exit code 1 if one blocks.
///
/// # Errors
/// The system has no TLS certificates.
pub async fn run(options: &DoctorOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let stack = match options.graph_only {
        true => None,
        false => Some(Stack::named(&options.stack.stack).await),
    };
    let context = DoctorContext {
        http: Arc::new(HttpClient::new().context("the system has no TLS certificates")?),
        clock: Arc::new(SystemClock),
        deployment: stack.as_ref().map(|stack| stack as &dyn Deployment),
        organizers: options.organizers.clone(),
    };
    let findings = examine(&context, env).await;
    if options.stack.json {
        print_stdout(&json!(findings).to_string());
    } else {
        findings.iter().for_each(print_finding);
    }
    let is_blocked = findings.iter().any(|finding| finding.is == Verdict::Blocked);
    Ok(if is_blocked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print_finding(finding: &Finding) {
    let sign = match finding.is {
        Verdict::Good => "ok     ",
        Verdict::Warning => "warning",
        Verdict::Blocked => "BLOCKED",
    };
    print_stdout(&format!("{sign}  {}", finding.what));
    if !finding.remedy.is_empty() {
        print_stdout(&format!("         {}", finding.remedy));
    }
}

/// Examines the chain, link by link, until one blocks. Answers the findings in their order.
pub async fn examine(context: &DoctorContext<'_>, env: &impl Env) -> Vec<Finding> {
    let mut chain = Chain::default();
    let Some(graph) = entra::examine(context, env, &mut chain).await else { return chain.findings };
    if let Some(deployment) = context.deployment {
        deployed::examine(context, deployment, &graph, &mut chain).await;
    }
    chain.findings
}
