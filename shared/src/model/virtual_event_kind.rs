//! Webinars and town halls: the two kinds of virtual event that have attendance reports.

use serde::{Deserialize, Serialize};

/// Webinars or town halls: both serve the same calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VirtualEventKind {
    /// `/solutions/virtualEvents/webinars`
    Webinar,
    /// `/solutions/virtualEvents/townhalls`
    Townhall,
}

impl VirtualEventKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Webinar, Self::Townhall];

    /// As it stands in a path.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Webinar => "webinars",
            Self::Townhall => "townhalls",
        }
    }

    /// The kind whose path this segment is, in whatever letters.
    pub fn of_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.segment().eq_ignore_ascii_case(segment))
    }

    /// What people call several of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Webinar => "webinars",
            Self::Townhall => "town halls",
        }
    }
}
