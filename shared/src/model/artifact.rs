//! What is archived: raw bytes as Graph sent them, known by their ids.

use serde::{Deserialize, Serialize};

use super::ReportRef;

/// One artifact to archive, by its ids in Graph: `fetch` sends and `archive` stores every kind in the same
/// way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArtifactRef {
    /// The attendance report of a session, with all its records.
    Report(ReportRef),
}

impl ArtifactRef {
    /// The kind of artifact, for log lines: `report`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
        }
    }

    /// The artifact's own id, as Graph writes it.
    pub fn id(&self) -> &str {
        match self {
            Self::Report(report) => &report.report_id,
        }
    }

    /// The path of the artifact below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        match self {
            Self::Report(report) => report.path(),
        }
    }
}
