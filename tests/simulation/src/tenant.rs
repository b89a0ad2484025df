//! The sessions of a tenant's meetings, webinars and town halls.

use data_encoding::BASE64;
use graph_sim::{CalendarEntry, Call, Meeting, SimEvent, SimReport, TENANT_ID, TITLES_THAT_HURT};
use jiff::{SignedDuration, Timestamp};
use shared::model::{ReportSource, VirtualEventKind};

use crate::world::{Event, Notification, NotificationContent, World};

/// A meeting or event whose sessions these are.
#[derive(Debug, Clone)]
pub(crate) enum SessionOwner {
    /// An online meeting.
    Meeting(Meeting),
    /// A webinar or town hall, with one session.
    Event(VirtualEventKind, String),
}

impl SessionOwner {
    /// Adds a meeting of `organizer_id` to the tenant, with this form of an address.
    pub(crate) fn meeting(world: &World, organizer_id: &str, name: &str, address: Address) -> Self {
        let meeting_id = BASE64.encode(format!("1*{organizer_id}*0**19:{name}@thread.v2").as_bytes());
        let join_web_url = long_address(organizer_id, name);
        let mut meeting = Meeting { organizer_id: organizer_id.to_owned(), meeting_id, join_web_url };
        match address {
            Address::Long => {}
            Address::WithoutContext => {
                meeting.join_web_url.truncate(meeting.join_web_url.find('?').unwrap_or_default());
            }
            Address::Short => {
                let number = meeting.join_meeting_id();
                meeting.join_web_url = format!("https://teams.microsoft.com/meet/{number}?p=x");
            }
        }
        world.graph.set_subject(&meeting.meeting_id, title(name));
        world.graph.add_meeting(meeting.clone());
        Self::Meeting(meeting)
    }

    /// Adds a webinar or town hall that ends at `end` to the tenant.
    pub(crate) fn event(
        world: &World,
        kind: VirtualEventKind,
        organizer_id: &str,
        id: &str,
        end: Timestamp,
    ) -> Self {
        world.graph.add_event(SimEvent {
            kind: kind.segment(),
            id: id.to_owned(),
            organizer_id: organizer_id.to_owned(),
            session_ids: vec!["s".to_owned()],
            end,
        });
        world.graph.set_event_title(id, title(id));
        world.graph.set_session_subject(id, "s", title(id));
        Self::Event(kind, id.to_owned())
    }

    /// The source of its reports.
    pub(crate) fn source(&self) -> ReportSource {
        match self {
            Self::Meeting(meeting) => meeting.source(),
            Self::Event(kind, id) => kind.source(id, "s"),
        }
    }
}

/// One of the titles that hurt, the same for the same name.
fn title(name: &str) -> &'static str {
    let sum: usize = name.bytes().map(usize::from).sum();
    TITLES_THAT_HURT[sum % TITLES_THAT_HURT.len()]
}

/// The forms of a meeting's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// With the organizer and the thread.
    Long,
    /// With the thread alone.
    WithoutContext,
    /// With the number that people type to join.
    Short,
}

/// The long address of a meeting.
pub(crate) fn long_address(organizer_id: &str, name: &str) -> String {
    format!(
        "https://teams.microsoft.com/l/meetup-join/19%3a{name}%40thread.v2/0?context=%7b%22Tid%22%3a%22{TENANT_ID}%22%2c%22Oid%22%3a%22{organizer_id}%22%7d"
    )
}

/// A session, and how Graph learns of it.
pub(crate) struct Session {
    /// Its meeting or event.
    pub(crate) owner: SessionOwner,
    /// Its report's id.
    pub(crate) report_id: String,
    /// How many people attended.
    pub(crate) attendees: usize,
    /// When it ends. It lasted for half an hour.
    pub(crate) end: Timestamp,
    /// How long after its end Graph has its report.
    pub(crate) report_delay: SignedDuration,
    /// Whether Graph has a call record of it. If not, only its organizer's calendar shows it.
    pub(crate) has_call: bool,
    /// Whether its meeting is watched.
    pub(crate) is_watched: bool,
}

impl Session {
    /// When Graph lists its report; `None` if it never does.
    pub(crate) fn listed_at(&self) -> Option<Timestamp> {
        self.end.checked_add(self.report_delay).ok()
    }

    /// Its report, with the records of so many attendees.
    pub(crate) fn report(&self, attendees: usize) -> SimReport {
        let start = self.end - SignedDuration::from_mins(30);
        let report = SimReport::ended(self.owner.source(), &self.report_id, attendees, start, self.end);
        SimReport { ready_at: self.end + self.report_delay, ..report }
    }

    /// Plans its end.
    pub(crate) fn plan(&self, world: &mut World) {
        world.plan(self.end, Event::Report(self.report(self.attendees)));
        let SessionOwner::Meeting(meeting) = &self.owner else { return };
        let start = self.end - SignedDuration::from_mins(30);
        let join_web_url = Some(meeting.join_web_url.clone());
        world.graph.add_calendar_entry(CalendarEntry {
            user_id: meeting.organizer_id.clone(),
            is_organizer: true,
            start,
            join_web_url: join_web_url.clone(),
        });
        if self.has_call {
            let organizer = Some((meeting.organizer_id.clone(), TENANT_ID.to_owned()));
            let call = Call { id: self.call_id(), join_web_url, organizer, start, end: self.end };
            world.plan(self.end, Event::Call(call));
        }
    }

    /// Graph's notification about it.
    pub(crate) fn notification(&self) -> Notification {
        let report_id = self.report_id.clone();
        let content = match &self.owner {
            SessionOwner::Meeting(_) => NotificationContent::Created {
                resource: "communications/callRecords".to_owned(),
                odata_ids: vec![format!("communications/callRecords/{}", self.call_id())],
                odata_type: "#Microsoft.Graph.callRecord",
            },
            SessionOwner::Event(kind, id) => NotificationContent::Created {
                resource: format!("solutions/virtualEvents/{}/{id}/getAttendanceReports", kind.segment()),
                odata_ids: vec![format!("{}/attendanceReports/{report_id}", self.owner.source().path())],
                odata_type: "#microsoft.graph.meetingAttendanceReport",
            },
        };
        Notification { content, report_ids: vec![report_id] }
    }

    /// Graph's encrypted notification for the subscription to its meeting.
    pub(crate) fn encrypted_notification(&self) -> Option<Notification> {
        let SessionOwner::Meeting(meeting) = &self.owner else { return None };
        let content =
            NotificationContent::CallEnded { join_web_url: meeting.join_web_url.clone(), at: self.end };
        Some(Notification { content, report_ids: vec![self.report_id.clone()] })
    }

    /// The ids that a dead letter about it may contain.
    pub(crate) fn ids(&self) -> [String; 4] {
        let [owner_id, address] = match &self.owner {
            SessionOwner::Meeting(meeting) => [&meeting.meeting_id, &meeting.join_web_url],
            SessionOwner::Event(_, id) => [id, id],
        };
        [self.report_id.clone(), self.call_id(), owner_id.clone(), address.clone()]
    }

    fn call_id(&self) -> String {
        format!("call-{}", self.report_id)
    }
}
