//! The ids in a report's path: what has reports, and one report of it.

use data_encoding::BASE64_NOPAD;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use super::{VirtualEventKind, encode_segment, user_segments};

/// A source of attendance reports: an online meeting, or a session of a webinar or town hall.
///
/// The ids are Graph's and opaque: they may hold any character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReportSource {
    /// A meeting outside of channels: `/users/{organizer}/onlineMeetings/{meeting}`.
    Meeting {
        /// The object id of the user who organized the meeting.
        organizer_id: String,
        /// The online meeting's id, opaque.
        meeting_id: String,
    },
    /// A meeting in a channel: its list shows the reports of every meeting in the channel, and no
    /// report can be fetched by its id.
    ChannelMeeting {
        /// The object id of the user who organized the meeting.
        organizer_id: String,
        /// The online meeting's id, opaque.
        meeting_id: String,
    },
    /// A webinar's session: `/solutions/virtualEvents/webinars/{webinar}/sessions/{session}`.
    Webinar {
        /// The webinar's id: `{guid}@{tenant}`.
        webinar_id: String,
        /// The id of the event's session.
        session_id: String,
    },
    /// A town hall's session: `/solutions/virtualEvents/townhalls/{townhall}/sessions/{session}`.
    Townhall {
        /// The town hall's id: `{guid}@{tenant}`.
        townhall_id: String,
        /// The id of the event's session.
        session_id: String,
    },
}

/// The texts that the join URL, the thread and the decoded id of a channel meeting contain: of today's channels,
/// and of those of 2019 or older.
const CHANNEL_THREADS: [&str; 2] = ["thread.tacv2", "thread.skype"];

impl ReportSource {
    /// The kind and the id of the webinar or town hall whose session it is; `None` for a meeting.
    pub fn virtual_event(&self) -> Option<(VirtualEventKind, &str)> {
        match self {
            Self::Meeting { .. } | Self::ChannelMeeting { .. } => None,
            Self::Webinar { webinar_id, .. } => Some((VirtualEventKind::Webinar, webinar_id)),
            Self::Townhall { townhall_id, .. } => Some((VirtualEventKind::Townhall, townhall_id)),
        }
    }

    /// The source of a meeting: a channel meeting if its join URL or its id contains a channel's thread. The
    /// id is the base64 of `1*{organizer}*0**{thread}`, where it is not opaque.
    pub fn meeting(organizer_id: &str, meeting_id: &str, join_web_url: Option<&str>) -> Self {
        let (organizer_id, meeting_id) = (organizer_id.to_owned(), meeting_id.to_owned());
        let unpadded = meeting_id.trim_end_matches('=').as_bytes();
        let decoded = BASE64_NOPAD.decode(unpadded).unwrap_or_default();
        let says_so = |text: &str| CHANNEL_THREADS.iter().any(|thread| text.contains(thread));
        if join_web_url.is_some_and(says_so)
            || says_so(&meeting_id)
            || says_so(&String::from_utf8_lossy(&decoded))
        {
            Self::ChannelMeeting { organizer_id, meeting_id }
        } else {
            Self::Meeting { organizer_id, meeting_id }
        }
    }

    /// The id of the meeting or of the session.
    pub fn own_id(&self) -> &str {
        match self {
            Self::Meeting { meeting_id: id, .. }
            | Self::ChannelMeeting { meeting_id: id, .. }
            | Self::Webinar { session_id: id, .. }
            | Self::Townhall { session_id: id, .. } => id,
        }
    }

    /// `meeting`, `webinar` or `townhall`: the kind in the archive's keys.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Meeting { .. } | Self::ChannelMeeting { .. } => "meeting",
            Self::Webinar { .. } => VirtualEventKind::Webinar.name(),
            Self::Townhall { .. } => VirtualEventKind::Townhall.name(),
        }
    }

    /// The segments of the source's path below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        match self {
            Self::Meeting { organizer_id, meeting_id }
            | Self::ChannelMeeting { organizer_id, meeting_id } => {
                let mut segments = user_segments(organizer_id);
                segments.extend(["onlineMeetings", meeting_id]);
                segments
            }
            Self::Webinar { webinar_id, session_id } => {
                let mut segments = VirtualEventKind::Webinar.segments(webinar_id);
                segments.extend(["sessions", session_id]);
                segments
            }
            Self::Townhall { townhall_id, session_id } => {
                let mut segments = VirtualEventKind::Townhall.segments(townhall_id);
                segments.extend(["sessions", session_id]);
                segments
            }
        }
    }

    /// The source's path below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        encoded(&self.segments())
    }

    /// The source whose [`Self::path`] this is; `None` for any other path. The path of a channel meeting may
    /// be read as [`Self::Meeting`], because an opaque id does not show the channel.
    pub fn of_path(path: &str) -> Option<Self> {
        let decode = |segment| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
        let segments: Vec<String> = path.split('/').map(decode).collect::<Option<_>>()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let event = |kind: &str| VirtualEventKind::of_segment(kind);
        match segments.as_slice() {
            ["users", organizer_id, "onlineMeetings", meeting_id] => {
                Some(Self::meeting(organizer_id, meeting_id, None))
            }
            ["me", "onlineMeetings", meeting_id] => Some(Self::meeting("me", meeting_id, None)),
            ["solutions", "virtualEvents", kind, event_id, "sessions", session_id] => {
                Some(event(kind)?.source(event_id, session_id))
            }
            _ => None,
        }
    }

    /// The reference to the report `report_id` of this source.
    pub fn report(&self, report_id: impl Into<String>) -> ReportRef {
        ReportRef { source: self.clone(), report_id: report_id.into() }
    }
}

/// The reference to one attendance report: its source and its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRef {
    /// The meeting or session that the report is about.
    pub source: ReportSource,
    /// The report's id, opaque.
    pub report_id: String,
}

impl ReportRef {
    /// The report's path below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        encoded(&self.segments())
    }

    /// The segments of the report's path below the API's root, not encoded.
    pub fn segments(&self) -> Vec<&str> {
        let mut segments = self.source.segments();
        segments.extend(["attendanceReports", &self.report_id]);
        segments
    }
}

impl VirtualEventKind {
    /// A session of an event of this kind, as a source of reports.
    pub fn source(self, event_id: &str, session_id: &str) -> ReportSource {
        let (event_id, session_id) = (event_id.to_owned(), session_id.to_owned());
        match self {
            Self::Webinar => ReportSource::Webinar { webinar_id: event_id, session_id },
            Self::Townhall => ReportSource::Townhall { townhall_id: event_id, session_id },
        }
    }
}

fn encoded(segments: &[&str]) -> String {
    segments.iter().copied().map(encode_segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_by_its_path() {
        let sources = [
            ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m/1 ä".into() },
            VirtualEventKind::Webinar.source("w@t", "s"),
            VirtualEventKind::Townhall.source("h@t", "s"),
        ];
        for source in sources {
            assert_eq!(ReportSource::of_path(&source.path()), Some(source));
        }
        for other in ["", "users/o", "users/o/onlineMeetings/%ff", "solutions/virtualEvents/x/y/sessions/z"] {
            assert_eq!(ReportSource::of_path(other), None, "{other}");
        }
    }

    #[test]
    fn a_channel_meeting_is_known_by_its_address_or_its_id() {
        let is_channel = |id: &str, url| {
            matches!(ReportSource::meeting("o", id, url), ReportSource::ChannelMeeting { .. })
        };
        assert!(is_channel(
            "m",
            Some("https://teams.microsoft.com/l/meetup-join/19%3aabc%40thread.tacv2/1?context=x")
        ));
        assert!(is_channel("m", Some("https://teams.microsoft.com/l/meetup-join/19%3aabc%40thread.skype/1")));
        assert!(is_channel("o_19:abc@thread.tacv2", None));
        assert!(is_channel(&data_encoding::BASE64.encode(b"1*o*0**19:abcd@thread.tacv2"), None));
        assert!(!is_channel(
            "m",
            Some("https://teams.microsoft.com/l/meetup-join/19%3aabc%40thread.v2/0?context=x")
        ));
        assert!(!is_channel(&data_encoding::BASE64.encode(b"1*o*0**19:abcd@thread.v2"), None));
        assert!(!is_channel("not base64!", None));
    }
}
