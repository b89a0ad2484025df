//! The ids in a report's address.

use serde::{Deserialize, Serialize};

/// What has attendance reports: an online meeting, or a session of a webinar or town hall.
///
/// The ids are Graph's and opaque: they may hold any character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportSource {
    /// `/users/{organizer}/onlineMeetings/{meeting}`
    Meeting {
        /// The object id of the user who organized it.
        organizer_id: String,
        /// The online meeting's id.
        meeting_id: String,
    },
    /// `/solutions/virtualEvents/webinars/{webinar}/sessions/{session}`
    Webinar {
        /// The webinar's id.
        webinar_id: String,
        /// The id of its session.
        session_id: String,
    },
    /// `/solutions/virtualEvents/townhalls/{townhall}/sessions/{session}`
    Townhall {
        /// The town hall's id.
        townhall_id: String,
        /// The id of its session.
        session_id: String,
    },
}

impl ReportSource {
    /// `meeting`, `webinar` or `townhall`: the kind in the archive's keys.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Meeting { .. } => "meeting",
            Self::Webinar { .. } => "webinar",
            Self::Townhall { .. } => "townhall",
        }
    }

    /// The path's segments below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        match self {
            Self::Meeting { organizer_id, meeting_id } => {
                vec!["users", organizer_id, "onlineMeetings", meeting_id]
            }
            Self::Webinar { webinar_id, session_id } => {
                vec!["solutions", "virtualEvents", "webinars", webinar_id, "sessions", session_id]
            }
            Self::Townhall { townhall_id, session_id } => {
                vec!["solutions", "virtualEvents", "townhalls", townhall_id, "sessions", session_id]
            }
        }
    }

    /// The path below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        let encoded = self.segments().into_iter().map(crate::graph::encode_segment);
        encoded.collect::<Vec<_>>().join("/")
    }

    /// The report `report_id` of this source.
    pub fn report(&self, report_id: impl Into<String>) -> ReportRef {
        ReportRef { source: self.clone(), report_id: report_id.into() }
    }
}

/// One attendance report: its source and its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRef {
    /// What the report is about.
    pub source: ReportSource,
    /// The report's id.
    pub report_id: String,
}

impl ReportRef {
    /// The path's segments below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        let mut segments = self.source.segments();
        segments.extend(["attendanceReports", &self.report_id]);
        segments
    }
}
