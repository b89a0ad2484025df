//! What the archive says of reports, registrations and ledgers, as far as people look at it.
//!
//! Times are instants; a text may hold half an emoji ([`Text`]). Whatever is odd in what Graph sent is `None` here, and
//! stays as it was in the archive.

use jiff::Timestamp;
use serde::Serialize;

use crate::text::Text;

/// What has attendance reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An online meeting, of a calendar or of a channel.
    Meeting,
    /// A webinar, for which people register.
    Webinar,
    /// A town hall, which few present to many.
    Townhall,
}

impl Kind {
    /// Every kind, in the order in which people are offered them.
    pub const ALL: [Self; 3] = [Self::Meeting, Self::Webinar, Self::Townhall];

    /// `meeting`, `webinar` or `townhall`: the kind in the archive's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Webinar => "webinar",
            Self::Townhall => "townhall",
        }
    }

    /// The kind with this [`name`](Self::name); `None` where there is none.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A time from a start to an end, which is never before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// When it begins (UTC).
    pub start: Timestamp,
    /// When it ends (UTC).
    pub end: Timestamp,
}

impl Span {
    /// The time between two instants; `None` where the second comes before the first.
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        (start <= end).then_some(Self { start, end })
    }

    /// How long it lasts, in whole seconds, rounded down.
    pub fn seconds(self) -> i64 {
        self.end.duration_since(self.start).as_secs()
    }

    /// What both have in common; `None` where they do not touch.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// A series of sessions: a meeting with all that took place in it, a webinar or a town hall.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesId {
    /// What the sessions are of.
    pub kind: Kind,
    /// The meeting's, webinar's or town hall's id, comparable: in small letters where it is a GUID.
    pub id: String,
    /// In a channel, whose list mixes all its meetings: the title by which this one is told apart. Else `None`.
    pub channel_title: Option<String>,
}

/// Who organized a session or series; each part is `None` where it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organizer {
    /// The object id; `None` where neither the path nor the event names it.
    pub id: Option<String>,
    /// The name, from the event or from the record with that role.
    pub name: Option<Text>,
    /// The user principal name or e-mail address.
    pub address: Option<Text>,
}

/// What a report's object in the archive says of where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// The key of the object below the archive's root: `reports/v1/…`.
    pub key: String,
    /// The SHA-256 of the bytes, in hex, as the archive's metadata has it.
    pub sha256: Option<String>,
    /// When Graph was asked.
    pub fetched_at: Option<Timestamp>,
    /// The `request-id` of Graph's answer; `None` where the metadata has none.
    pub request_id: Option<String>,
    /// The version of Graph: `v1.0` or `beta`.
    pub api: Option<String>,
    /// Of how many pages the report was joined.
    pub pages: Option<i64>,
    /// What had Rollcall fetch it.
    pub cause: Option<String>,
    /// The keys of the other answers that Graph gave for the same report, below `revisions/`.
    pub revisions: Vec<String>,
}

/// An attendance report of the archive, with its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its number in the index, which another index need not have.
    pub row: i64,
    /// The report's id, opaque.
    pub id: String,
    /// The series that its session is of.
    pub series: SeriesId,
    /// The source's path in Graph.
    pub source: String,
    /// The id of the virtual event's session; `None` for a meeting.
    pub session_id: Option<String>,
    /// The tenant in the archive's key.
    pub tenant_id: String,
    /// The title of the session: that of the meeting, webinar or town hall, and its own where it has one.
    pub title: Option<Text>,
    /// The title of the meeting, webinar or town hall.
    pub series_title: Option<Text>,
    /// Who organized it, as far as that is known.
    pub organizer: Organizer,
    /// The report's own start and end; `None` where one of them is missing or they are in the wrong order.
    pub span: Option<Span>,
    /// When it was to take place: a virtual event session's times, or an online meeting's as Graph gave them (which of a
    /// recurring meeting span the series). `None` where none was given, or not both.
    pub plan: Option<Span>,
    /// How many people took part, as Graph counts them.
    pub participants: Option<i64>,
    /// Where it came from.
    pub provenance: Provenance,
    /// The records, in Graph's order, without those of who was erased.
    pub records: Vec<Record>,
    /// How many records were of people who were erased: who they were nobody knows, and they count as nobody.
    pub erased: usize,
}

/// Whether a report has fewer records than Graph counts participants, or says nothing at all: who is not in it may have been
/// there. A count below zero is none.
pub fn is_short(participants: Option<i64>, records: usize) -> bool {
    match participants.map(usize::try_from) {
        Some(Ok(participants)) => records < participants,
        _ => records == 0,
    }
}

/// An attendance record: what a report says of one attendee.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The record's id: often the user's object id.
    pub id: Option<String>,
    /// The name that Teams showed.
    pub name: Option<Text>,
    /// The e-mail address, as sent.
    pub address: Option<Text>,
    /// The identity's id: an object id, `8:acs:…`, a telephone number.
    pub identity_id: Option<String>,
    /// What the identity is.
    pub identity: IdentityKind,
    /// The id of the identity's tenant, which may be another than the archive's; `None` where Graph names none.
    pub tenant_id: Option<String>,
    /// The id of the registration, of Graph.
    pub registration_id: Option<String>,
    /// The id of the registration in another system.
    pub external_registration_id: Option<String>,
    /// The role in this session, as Graph wrote it.
    pub role: Role,
    /// `totalAttendanceInSeconds`: Graph's own sum, in seconds.
    pub graph_seconds: Option<i64>,
    /// The intervals, in Graph's order; `None` where Graph sent none at all (`null` or absent), empty where it sent `[]`.
    pub intervals: Option<Vec<Interval>>,
}

/// What the identity of a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum IdentityKind {
    /// A user or guest of Entra: the identity's id is a GUID.
    User,
    /// A telephone: the identity's id is its number.
    Phone,
    /// Anonymous, or of Azure Communication Services: may be new at every join.
    Anonymous,
    /// There is no identity, or one without an id.
    #[default]
    None,
}

/// The role of an attendee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub enum Role {
    /// Who organized the session.
    Organizer,
    /// Who presented; in a meeting a permission that everybody may have.
    Presenter,
    /// Anybody else; also a role that Graph adds later, or none.
    #[default]
    Attendee,
}

/// One time of attendance, as Graph sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interval {
    /// When the attendee joined; `None` where that is not known.
    pub join: Option<Timestamp>,
    /// When the attendee left; `None` where that is not known.
    pub leave: Option<Timestamp>,
    /// `durationInSeconds`, as Graph sent it, whatever the times say; `None` where it sent none.
    pub seconds: Option<i64>,
}

/// A registration for a webinar or town hall, as it was last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// The registration's id in Graph; `None` where it sent none.
    pub id: Option<String>,
    /// The id in another system.
    pub external_id: Option<String>,
    /// The object id of who registered, where that is a user of the tenant.
    pub user_id: Option<String>,
    /// First and last name.
    pub name: Option<Text>,
    /// The e-mail address, as it was sent; `None` where none was.
    pub address: Option<Text>,
    /// `registered`, `canceled`, `waitlisted`, `pendingApproval`, `rejectedByOrganizer`, or what Graph adds later.
    pub status: Option<String>,
    /// When the registration was made.
    pub registered_at: Option<Timestamp>,
}

/// What a ledger says of a session or report, or of a source that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// What is known of it.
    pub state: LedgerState,
    /// The source's path in Graph.
    pub source: String,
    /// The series that it is of: in a channel by the title of the line. `None` where the source is no meeting, webinar or town hall.
    pub series: Option<SeriesId>,
    /// The report's id; `None` for a session without one, and for a source.
    pub report_id: Option<String>,
    /// The id of the call record or of the virtual event's session that shows that it took place.
    pub session_id: Option<String>,
    /// The title, where the ledger has one.
    pub title: Option<Text>,
    /// When the session began; `None` where no time is known.
    pub start: Option<Timestamp>,
    /// Why, in the ledger's words; an outcome's name.
    pub outcome: Option<String>,
    /// What a person can do, in the ledger's words.
    pub remedy: Option<String>,
    /// When that ledger was written: the end of the time that it covers.
    pub as_of: Timestamp,
}

/// What the ledgers say is not archived of the sessions that are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gaps {
    /// What is of them for certain, in the order of the times.
    pub known: Vec<LedgerEntry>,
    /// What may be of another series: in a channel, whose list mixes all its meetings, a session without a title.
    pub unclear: Vec<LedgerEntry>,
}

/// What is known of a session or report, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LedgerState {
    /// The archive has it.
    Archived,
    /// It took place less than 48 hours before the ledger, and has no report yet.
    Pending,
    /// The archive has it, with fewer records than participants.
    Short,
    /// An empty list of the tenant's, as it also is where no access policy covers anybody.
    Doubtful,
    /// The source could not be looked at.
    Unreachable,
    /// A session without a report, 48 hours after its end.
    Absent,
    /// Graph lists it, and the archive lacks it.
    Missing,
    /// Graph no longer lists it, and the archive lacks it.
    Lost,
}
