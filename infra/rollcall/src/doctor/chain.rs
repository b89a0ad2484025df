//! The chain of findings: each link is as it must be, a warning, or blocks all behind it.

use std::sync::Arc;

use serde::Serialize;
use shared::graph::GraphError;
use shared::ports::clock::Clock;
use shared::ports::http::Http;

use crate::deployment::Deployment;

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
    pub(super) fn good(what: impl Into<String>) -> Self {
        Self { is: Verdict::Good, what: what.into(), remedy: String::new() }
    }

    pub(super) fn warning(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { is: Verdict::Warning, what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn blocked(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { is: Verdict::Blocked, what: what.into(), remedy: remedy.into() }
    }

    pub(super) fn failed(what: &str, error: &GraphError) -> Self {
        Self::blocked(format!("{what}: {error}"), error.remedy())
    }
}

/// Whom the doctor looks at.
pub struct DoctorContext<'a> {
    /// How Graph, the token service and the endpoint are reached.
    pub http: Arc<dyn Http>,
    /// What time it is here.
    pub clock: Arc<dyn Clock>,
    /// What is deployed; none where nothing is yet.
    pub deployment: Option<&'a dyn Deployment>,
    /// Users whose reports must be readable.
    pub organizers: Vec<String>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) findings: Vec<Finding>,
}

impl Chain {
    /// Takes a finding; `None` if it blocks.
    pub(super) fn take(&mut self, finding: Finding) -> Option<()> {
        let goes_on = finding.is != Verdict::Blocked;
        self.findings.push(finding);
        goes_on.then_some(())
    }
}
