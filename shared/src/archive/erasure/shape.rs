//! Where entries stand that are about one person each, by the kind of text.

use std::borrow::Cow;

use crate::archive::layout::legacy_report_id;
use crate::model::ArtifactRef;

/// The kind of a text of the archive: it says where entries stand that are about one person each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// An attendance report, also of the deprecated path: its records.
    Report,
    /// The list of who registered: each registration.
    Registrations,
    /// A single registration, wrapped in `value` or not: it is one entry.
    Registration,
    /// What Graph says of a meeting, event or session, wrapped in `value` or not: organizers, presenters, invited people.
    Event,
    /// A call record: organizers, participants, and sessions where they were asked for.
    CallRecord,
    /// JSON lines that are made of the others, for SQL.
    Lines,
}

/// The members on the way to an entry or, where `is_list`, to the list of entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) members: &'static [&'static str],
    pub(super) is_list: bool,
}

const fn each(members: &'static [&'static str]) -> Way {
    Way { members, is_list: true }
}

const fn one(members: &'static [&'static str]) -> Way {
    Way { members, is_list: false }
}

const REPORT: &[Way] = &[each(&["attendanceRecords"])];
const REGISTRATIONS: &[Way] = &[each(&["value"])];
const CALL_RECORD: &[Way] = &[
    one(&["organizer"]),
    one(&["organizer_v2"]),
    each(&["participants"]),
    each(&["participants_v2"]),
    each(&["sessions"]),
];

/// The ways of an event that stands below these members.
macro_rules! event {
    ($($below:literal),*) => {
        &[
            one(&[$($below,)* "createdBy"]),
            one(&[$($below,)* "lastModifiedBy"]),
            each(&[$($below,)* "coOrganizers"]),
            each(&[$($below,)* "presenters"]),
            one(&[$($below,)* "participants", "organizer"]),
            each(&[$($below,)* "participants", "attendees"]),
            each(&[$($below,)* "participants", "contributors"]),
            each(&[$($below,)* "participants", "producers"]),
        ]
    };
}

const EVENT: &[Way] = event!();
const WRAPPED_EVENT: &[Way] = event!("value");
const LINE: &[Way] = &[one(&["attendanceRecord"]), one(&["registration"])];
const LINE_OF_EVENT: &[Way] = event!("event");

/// The id of an artifact within which ids mean somebody that are no GUIDs: that of its metadata, also of a report that Graph
/// gave none.
pub fn scope_of(artifact: &ArtifactRef) -> Cow<'_, str> {
    match artifact {
        ArtifactRef::LegacyReport(source) => legacy_report_id(source).into(),
        _ => artifact.id().into(),
    }
}

impl Shape {
    /// The kind of the text of an artifact.
    pub fn of(artifact: &ArtifactRef) -> Self {
        match artifact {
            ArtifactRef::Report(_) | ArtifactRef::LegacyReport(_) => Self::Report,
            ArtifactRef::CallRecord(_) => Self::CallRecord,
            ArtifactRef::Event(_) => Self::Event,
            ArtifactRef::Registrations(of) if of.registration_id.is_some() => Self::Registration,
            ArtifactRef::Registrations(_) => Self::Registrations,
        }
    }

    /// Whether such a text is about one person alone: then nothing of it is left where they are erased.
    pub fn is_of_one_person(self) -> bool {
        self == Self::Registration
    }

    /// The ways to all entries, from the root of the text or of a line; of [`Self::Registration`] there is none.
    pub(super) fn ways(self) -> impl Iterator<Item = &'static Way> {
        let (ways, more): (&[Way], &[Way]) = match self {
            Self::Report => (REPORT, &[]),
            Self::Registrations => (REGISTRATIONS, &[]),
            Self::Registration => (&[], &[]),
            Self::Event => (EVENT, WRAPPED_EVENT),
            Self::CallRecord => (CALL_RECORD, &[]),
            Self::Lines => (LINE, LINE_OF_EVENT),
        };
        ways.iter().chain(more)
    }
}
