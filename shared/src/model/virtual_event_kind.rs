//! Webinars and town halls: the two kinds of virtual event that have attendance reports.

use serde::{Deserialize, Serialize};

/// Webinars or town halls: both serve the same calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VirtualEventKind {
    /// Webinars, with paths below `/solutions/virtualEvents/webinars`.
    Webinar,
    /// Town halls, with paths below `/solutions/virtualEvents/townhalls`.
    Townhall,
}

impl VirtualEventKind {
    /// Both kinds, webinars first.
    pub const ALL: [Self; 2] = [Self::Webinar, Self::Townhall];

    /// `webinar` or `townhall`: the kind in the archive's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webinar => "webinar",
            Self::Townhall => "townhall",
        }
    }

    /// The segments of the path of an event of this kind, below the API's root and not encoded.
    pub fn segments(self, event_id: &str) -> Vec<&str> {
        vec!["solutions", "virtualEvents", self.segment(), event_id]
    }

    /// The kind's segment in a path of Graph: `webinars` or `townhalls`.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Webinar => "webinars",
            Self::Townhall => "townhalls",
        }
    }

    /// The kind whose [`Self::segment`] this is, in upper or lower case; `None` for any other segment.
    pub fn of_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.segment().eq_ignore_ascii_case(segment))
    }

    /// The plural in English, for texts that people read: `webinars` or `town halls`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Webinar => "webinars",
            Self::Townhall => "town halls",
        }
    }
}
