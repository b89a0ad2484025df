//! The chain of findings: each link is good, a warning, or blocks all behind it.

use std::sync::Arc;

use serde::Serialize;
use shared::graph::GraphError;
use shared::ports::clock::Clock;
use shared::ports::http::Http;

use crate::deployment::Deployment;

/// An address that no meeting has.
pub(super) const NO_MEETING: &str = "https://teams.microsoft.com/l/meetup-join/rollcall-doctor";

/// What was found at a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Whether the link is good, and whether the chain goes on.
    pub is: Verdict,
    /// What was found, as a sentence.
    pub what: String,
    /// What a person can do about it; empty where nothing must be done.
    pub remedy: String,
}

/// How good a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The link is as it must be.
    Good,
    /// The link works, but may soon not, or could not be examined.
    Warning,
    /// The link does not work, nor can what lies behind it.
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

/// What `rollcall doctor` examines, and how it reaches it.
pub struct DoctorContext<'a> {
    /// The HTTP client for Graph, the token service and the webhook endpoint.
    pub http: Arc<dyn Http>,
    /// The clock of this machine.
    pub clock: Arc<dyn Clock>,
    /// What is deployed; `None` to examine Graph only.
    pub deployment: Option<&'a dyn Deployment>,
    /// The users whose reports must be readable, by object ids or user principal names, as the operator wrote them.
    pub organizers: Vec<String>,
}

/// The findings so far.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) findings: Vec<Finding>,
}

impl Chain {
    /// Adds a finding; `None` if it blocks.
    pub(super) fn take(&mut self, finding: Finding) -> Option<()> {
        let goes_on = finding.is != Verdict::Blocked;
        self.findings.push(finding);
        goes_on.then_some(())
    }
}
