//! `rollcall doctor`: the chain from the credentials to the bucket, link by link.
//!
//! It stops at the first link that blocks, because those behind it cannot be judged, and says what
//! mends it. What does not block yet is a warning.
//!
//! ```text
//! settings ─▶ token ─▶ clock ─▶ roles ─▶ access policies ─▶ functions ─▶ subscriptions ─▶ endpoint
//!          ─▶ queues ─▶ bucket
//! ```

mod deployed;
mod entra;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;
use serde_json::json;
use shared::clock::{Clock, SystemClock};
use shared::env::Env;
use shared::graph::GraphError;
use shared::http::{Http, HttpClient};

use crate::cli::DoctorOptions;
use crate::deployment::{Deployment, Stack};
use crate::terminal::say;

/// What was found at a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// How bad it is.
    pub is: Verdict,
    /// What was found.
    pub what: String,
    /// What mends it; empty where nothing must be.
    pub remedy: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// As it must be.
    Good,
    /// It works, and may not for long.
    Warning,
    /// Nothing behind it can work.
    Blocked,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { is: Verdict::Good, what: what.into(), remedy: String::new() }
    }

    fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { is: Verdict::Warning, what: what.into(), remedy: remedy.into() }
    }

    fn blocked(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { is: Verdict::Blocked, what: what.into(), remedy: remedy.into() }
    }

    fn failed(what: &str, error: &GraphError) -> Self {
        Self::blocked(format!("{what}: {error}"), error.remedy())
    }
}

/// Whom the doctor looks at.
pub struct Patient<'a> {
    /// How Graph, the token service and the endpoint are reached.
    pub http: Arc<dyn Http>,
    /// What time it is here.
    pub clock: Arc<dyn Clock>,
    /// What is deployed; none where nothing is yet.
    pub deployment: Option<&'a dyn Deployment>,
    /// Users whose reports must be readable.
    pub organizers: Vec<String>,
}

/// Runs `rollcall doctor`.
///
/// # Errors
/// The system has no TLS certificates.
pub async fn run(options: &DoctorOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let stack = match options.graph_only {
        true => None,
        false => Some(Stack::named(&options.stack.stack).await),
    };
    let patient = Patient {
        http: Arc::new(HttpClient::new().context("the system has no TLS certificates")?),
        clock: Arc::new(SystemClock),
        deployment: stack.as_ref().map(|stack| stack as &dyn Deployment),
        organizers: options.organizers.clone(),
    };
    let findings = examine(&patient, env).await;
    if options.stack.json {
        say(&json!(findings).to_string());
    } else {
        findings.iter().for_each(tell);
    }
    let is_blocked = findings.iter().any(|finding| finding.is == Verdict::Blocked);
    Ok(if is_blocked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(finding: &Finding) {
    let sign = match finding.is {
        Verdict::Good => "ok     ",
        Verdict::Warning => "warning",
        Verdict::Blocked => "BLOCKED",
    };
    say(&format!("{sign}  {}", finding.what));
    if !finding.remedy.is_empty() {
        say(&format!("         {}", finding.remedy));
    }
}

/// Walks the chain until something blocks.
pub async fn examine(patient: &Patient<'_>, env: &impl Env) -> Vec<Finding> {
    let mut chain = Chain { findings: Vec::new() };
    let Some(graph) = entra::examine(patient, env, &mut chain).await else { return chain.findings };
    if let Some(deployment) = patient.deployment {
        deployed::examine(patient, deployment, &graph, &mut chain).await;
    }
    chain.findings
}

/// What was found so far.
struct Chain {
    findings: Vec<Finding>,
}

impl Chain {
    /// Takes a finding; `None` if it blocks.
    fn take(&mut self, finding: Finding) -> Option<()> {
        let goes_on = finding.is != Verdict::Blocked;
        self.findings.push(finding);
        goes_on.then_some(())
    }
}
