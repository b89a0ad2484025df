//! What is archived: raw bytes as Graph sent them, known by their ids.

use serde::{Deserialize, Serialize};

use super::{ReportRef, encode_segment};

/// One artifact to archive, by its ids in Graph: `fetch` sends and `archive` stores every kind in the same
/// way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArtifactRef {
    /// The attendance report of a session, with all its records.
    Report(ReportRef),
    /// The record of a call that was a meeting: it shows that a session took place.
    CallRecord(CallRecordRef),
}

/// The reference to one call record: its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecordRef {
    /// The call record's id, as the notification or the list has it.
    pub id: String,
}

impl CallRecordRef {
    /// The call record's path below the API's root, its id percent-encoded.
    pub fn path(&self) -> String {
        format!("communications/callRecords/{}", encode_segment(&self.id))
    }
}

impl ArtifactRef {
    /// The kind of artifact, for log lines: `report` or `call record`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
            Self::CallRecord(_) => "call record",
        }
    }

    /// The artifact's own id, as Graph writes it.
    pub fn id(&self) -> &str {
        match self {
            Self::Report(report) => &report.report_id,
            Self::CallRecord(call) => &call.id,
        }
    }

    /// The path of the artifact below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        match self {
            Self::Report(report) => report.path(),
            Self::CallRecord(call) => call.path(),
        }
    }
}
