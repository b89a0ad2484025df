//! The types that several rooms share, named with Graph's own nouns. Pure: no call, no clock, no port.

mod artifact;
mod attendance_record;
mod attendance_report;
mod comparable_address;
mod event;
mod identity;
pub mod input;
mod join_url;
mod lenient;
mod members;
mod named_meeting;
mod outcome;
mod report_source;
mod segments;
mod time;
mod virtual_event_kind;
mod watch;
mod watched_resource;

pub use artifact::{ArtifactRef, CallRecordRef};
pub use attendance_record::{
    AttendanceInterval, AttendanceRecord, ExternalRegistrationInformation, MeetingEngagement,
};
pub use attendance_report::{ExternalEventInformation, MeetingAttendanceReport};
pub use comparable_address::comparable_address;
pub use event::{EventDescription, EventRef, RegistrationsRef, unwrapped};
pub use identity::Identity;
pub use join_url::{JoinUrlContext, built_meeting_id, join_meeting_id, join_url_context, normalize_join_url};
pub use lenient::{address_or_none, count_or_none, id, id_or_none, or_none};
pub use members::Members;
pub use named_meeting::{MeetingName, NamedMeeting};
pub use outcome::Outcome;
pub use report_source::{ReportRef, ReportSource};
pub use segments::{MAX_ID_BYTES, comparable_id, encode_segment, is_guid, key_segment};
pub(crate) use segments::{ME, SEGMENT_ENCODING, hashed_segment, user_segments};
pub use time::{SessionTimes, parse_moment, parse_time};
pub use virtual_event_kind::VirtualEventKind;
pub use watch::{Organizers, Watch, WatchedMeeting};
pub use watched_resource::{ResourceKind, WatchedResource, resource_key};
