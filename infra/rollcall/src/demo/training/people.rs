//! Who was in the training, and when: invented people, in the shapes in which Graph tells of people.

use graph_sim::TENANT_ID;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use Kind::{Anonymous, Guest, Organizer, Presenter, Telephone, User};

/// How many sessions the training has: one a week.
pub(super) const SESSIONS: usize = 6;
/// Graph does not write how it tells of a telephone; this is the identity that its schema has for one.
const TELEPHONE: &str = "+15555552714";
const GUEST_ADDRESS: &str = "yusuf.ornberg@fabrikam.example";
/// The guest's user principal name in the tenant, which Graph gives as the address.
const GUEST_PRINCIPAL_NAME: &str = "yusuf.ornberg_fabrikam.example#EXT#@contoso.com";
const ACS_RESOURCE: &str = "0c6204c3-0000-4000-8000-0000c0205050";

/// What somebody is to the training and to the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Organizer,
    Presenter,
    /// A user of the tenant who attends.
    User,
    /// A user of another tenant who is a guest here, and attends.
    Guest,
    Telephone,
    Anonymous,
}

/// A line of the roster: what the person is called by there, and the group.
pub(super) type NumberAndGroup = (&'static str, &'static str);

/// Somebody who was in the training or should have been.
pub(super) struct Person {
    /// What the person's ids are made of.
    place: u8,
    kind: Kind,
    /// First and last name; of a telephone its number.
    pub(super) name: &'static str,
    /// `None` for who is not on the roster and has not registered.
    pub(super) on_roster: Option<NumberAndGroup>,
    /// When the person was in each session, in Amsterdam: `10:01-10:28 10:31-11:01`.
    pub(super) attended: [&'static str; SESSIONS],
}

/// The first organizes. Of the fifth session nobody knows: Graph has no report of it.
#[rustfmt::skip]
pub(super) const PEOPLE: [Person; 12] = [
    person(1, Organizer, "Mirella Oduya", None,
        ["09:57-11:03", "09:56-11:02", "09:56-11:04", "09:55-11:03", "", "09:57-11:03"]),
    person(2, Presenter, "Tomasz Lindqvist", None,
        ["09:58-11:02", "09:58-11:01", "09:58-11:03:30", "09:57-11:02", "", "09:59-11:01"]),
    person(3, User, "Aiko Ferreira", Some(("S-1044", "Finance")),
        ["09:59-11:01", "10:00-11:02", "09:59-11:02", "09:58-11:02", "", "09:59-11:02"]),
    person(4, User, "Kwame Brandsma", Some(("S-1042", "Service desk")),
        ["09:59-11:02", "09:58-11:01", "10:01-10:28 10:31-11:01", "10:00-10:59", "", "09:58-11:02"]),
    person(5, User, "Linh Castellano", Some(("S-1043", "Finance")),
        ["10:01-11:01", "10:00-10:47", "10:00-10:41 10:22-11:00", "09:58-11:02", "", "09:59-11:01"]),
    person(6, User, "Svetlana Achterberg", Some(("S-1041", "Finance")),
        ["09:58-11:01", "10:02-11:02", "10:14-11:02", "09:59-11:00", "", "10:03-11:01"]),
    person(7, Guest, "Yusuf Örnberg", Some(("guest", "Service desk")),
        ["10:15-11:01", "10:05-11:00", "10:00-10:47", "10:02-11:02", "", "09:58-11:00"]),
    person(8, User, "Renske Oyelaran", Some(("S-1047", "Service desk")),
        ["09:58-11:01", "10:12-11:02", "10:02-10:09 10:17-10:23 10:40-10:59", "10:04-10:20 10:31-10:43", "", "10:06-11:01"]),
    person(9, Telephone, TELEPHONE, None,
        ["", "", "10:05-10:58", "", "", ""]),
    person(10, Anonymous, "Noor", None,
        ["", "", "10:27-10:32", "", "", ""]),
    person(11, User, "Daan Mulgrew", Some(("S-1045", "Finance")),
        ["10:00-10:31", "", "", "10:03-10:55", "", ""]),
    person(12, User, "Petra Vossberg", Some(("S-1049", "Service desk")),
        ["09:59-11:00", "09:58-11:02", "", "10:05-10:08", "", "10:00-10:46"]),
];

const fn person(
    place: u8,
    kind: Kind,
    name: &'static str,
    on_roster: Option<NumberAndGroup>,
    attended: [&'static str; SESSIONS],
) -> Person {
    Person { place, kind, name, on_roster, attended }
}

impl Person {
    pub(super) fn is_guest(&self) -> bool {
        self.kind == Guest
    }

    /// The first and the last name; the first is empty where there is but one.
    pub(super) fn names(&self) -> (&'static str, &'static str) {
        self.name.split_once(' ').unwrap_or(("", self.name))
    }

    /// The object id of a user or guest, and the id of the record.
    pub(super) fn id(&self) -> String {
        format!("da7a{:04}-0000-4000-8000-0000c0205050", self.place)
    }

    pub(super) fn registration_id(&self) -> String {
        format!("da7a{:04}-0000-4000-8000-0000e0205050", self.place)
    }

    /// The address that a user or guest registers with.
    pub(super) fn address(&self) -> String {
        match self.kind {
            Guest => GUEST_ADDRESS.to_owned(),
            _ => format!("{}@contoso.com", self.name.replace(' ', ".").to_lowercase()),
        }
    }

    /// The record of the person's attendance in one session.
    pub(super) fn record(&self, intervals: &[(Timestamp, Timestamp)]) -> String {
        let length = |(join, leave): &(Timestamp, Timestamp)| leave.duration_since(*join);
        let total: SignedDuration = intervals.iter().map(length).sum();
        let interval = |times: &(Timestamp, Timestamp)| {
            json!({
                "joinDateTime": format!("{:.7}", times.0),
                "leaveDateTime": format!("{:.7}", times.1),
                "durationInSeconds": length(times).as_secs(),
            })
        };
        json!({
            "id": self.id(),
            "emailAddress": self.recorded_address(),
            "totalAttendanceInSeconds": total.as_secs(),
            "role": match self.kind {
                Organizer => "Organizer",
                Presenter => "Presenter",
                _ => "Attendee",
            },
            "registrationId": self.on_roster.map(|_| self.registration_id()),
            "externalRegistrationInformation": null,
            "identity": self.identity(),
            "attendanceIntervals": intervals.iter().map(interval).collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn recorded_address(&self) -> Option<String> {
        match self.kind {
            Guest => Some(GUEST_PRINCIPAL_NAME.to_owned()),
            Telephone => None,
            Anonymous => Some(String::new()),
            Organizer | Presenter | User => Some(self.address()),
        }
    }

    fn identity(&self) -> Value {
        match self.kind {
            Telephone => json!({
                "@odata.type": "#microsoft.graph.communicationsPhoneIdentity",
                "id": TELEPHONE,
                "displayName": self.name,
            }),
            Anonymous => json!({
                "@odata.type": "#microsoft.graph.azureCommunicationServicesUserIdentity",
                "id": format!("8:acs:{ACS_RESOURCE}_{}", self.id()),
                "displayName": self.name,
                "azureCommunicationServicesResourceId": ACS_RESOURCE,
            }),
            Organizer | Presenter | User | Guest => json!({
                "@odata.type": "#microsoft.graph.communicationsUserIdentity",
                "id": self.id(),
                "displayName": self.name,
                "tenantId": (!self.is_guest()).then_some(TENANT_ID),
            }),
        }
    }
}
