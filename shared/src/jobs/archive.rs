//! The job of `archive`: one artifact to store.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Cause, FetchJob, FetchTarget, Job};
use crate::model::{ArtifactRef, SessionTimes};

/// An artifact on its way into the bucket, which `archive` stores.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveJob {
    /// The id of the Entra tenant that the artifact belongs to.
    pub tenant_id: String,
    /// The artifact's ids: in JSON a member named for its kind, like `"report":{…}`.
    #[serde(flatten)]
    pub artifact: ArtifactRef,
    /// Why Rollcall looks for the report: it stands in the object's metadata.
    pub cause: Cause,
    /// When Rollcall first learned of the report (UTC).
    pub first_seen: Timestamp,
    /// Start and end of the session that has ended; `None` where they are not known. They show to which
    /// meeting of a channel the report belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionTimes>,
    /// When Graph's response came (UTC).
    pub fetched_at: Timestamp,
    /// Graph's `request-id` of the (first) response; `None` where Graph gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_request_id: Option<String>,
    /// The version of the API: `v1.0` or `beta`.
    pub api: String,
    /// From how many pages of Graph it was joined: 1 where Graph sent it whole.
    pub pages: usize,
    /// How many attendance records or registrations it holds; 0 for an artifact without any.
    pub records: usize,
    /// What a call record led to; `None` for every other artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The length of the artifact's text, in bytes.
    pub size_bytes: usize,
    /// The SHA-256 of the artifact's text, in lower-case hex.
    pub sha256: String,
    /// The artifact's text as Graph sent it; `None` where it waits in `staging/`, under its SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Box<RawValue>>,
    /// How many steps towards it there were: where it is fetched again they go on counting.
    #[serde(default, skip_serializing_if = "super::is_first")]
    pub hops: u32,
}

/// Which meeting a call record led to, or why to none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// `ok`, or the name of the outcome for which no meeting was found.
    pub outcome: String,
    /// The path of the meeting, a source of reports; `None` where none was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Job for ArchiveJob {
    fn kind(&self) -> &'static str {
        self.artifact.kind()
    }

    fn target(&self) -> String {
        self.artifact.path()
    }
}

impl ArchiveJob {
    /// The job that fetches this artifact once more, when its claim check is gone.
    pub fn fetch_again(&self) -> FetchJob {
        let target = match &self.artifact {
            ArtifactRef::Report(report) => FetchTarget::Report(report.clone()),
            ArtifactRef::CallRecord(call) => FetchTarget::CallRecord { id: call.id.clone() },
            ArtifactRef::Event(event) => FetchTarget::Event(event.clone()),
            ArtifactRef::Registrations(registrations) => FetchTarget::Registrations(registrations.clone()),
            ArtifactRef::LegacyReport(source) => FetchTarget::LegacyReport(source.clone()),
        };
        let hops = self.hops + 1;
        FetchJob { session: self.session, hops, ..FetchJob::new(target, self.cause, self.first_seen) }
    }
}
