//! Sessions of meetings, webinars and town halls, as they happen in a tenant.

use graph_sim::{CalendarEntry, Call, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use shared::model::{ReportSource, VirtualEventKind};

use crate::world::{Event, Notification, Told, World};

/// What has sessions.
#[derive(Debug, Clone)]
pub(crate) enum SessionOwner {
    /// An online meeting.
    Meeting(Meeting),
    /// A webinar or town hall, with one session.
    Event(VirtualEventKind, String),
}

impl SessionOwner {
    /// A new meeting of `organizer_id`, in the tenant.
    pub(crate) fn meeting(world: &World, organizer_id: &str, id: &str) -> Self {
        let meeting = Meeting {
            organizer_id: organizer_id.to_owned(),
            meeting_id: id.to_owned(),
            join_web_url: join_web_url(id),
        };
        world.graph.add_meeting(meeting.clone());
        Self::Meeting(meeting)
    }

    /// A new webinar or town hall that ends at `end`, in the tenant.
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

/// The address of a meeting.
pub(crate) fn join_web_url(id: &str) -> String {
    format!("https://teams.microsoft.com/l/meetup-join/19%3a{id}%40thread.v2/0")
}

/// A session that ends.
pub(crate) struct Session {
    /// Of what.
    pub(crate) of: SessionOwner,
    /// Its report's id.
    pub(crate) id: String,
    /// How many people were there.
    pub(crate) people: usize,
    /// When it ends. It lasted for half an hour.
    pub(crate) end: Timestamp,
    /// How long after its end its report is there.
    pub(crate) late: SignedDuration,
    /// Whether Graph knows of a call. Where not, only its organizer's calendar tells of it.
    pub(crate) has_call: bool,
    /// Whether somebody watches its meeting.
    pub(crate) is_watched: bool,
}

impl Session {
    /// Its report, with the records of so many people.
    pub(crate) fn report(&self, people: usize) -> SimReport {
        let start = self.end - SignedDuration::from_mins(30);
        let report = SimReport::ended(self.of.source(), &self.id, people, start, self.end);
        SimReport { ready_at: self.end + self.late, ..report }
    }

    /// Lets it end.
    pub(crate) fn plan(&self, world: &mut World) {
        world.plan(self.end, Event::Report(self.report(self.people)));
        let SessionOwner::Meeting(meeting) = &self.of else { return };
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

    /// What Graph tells of it.
    pub(crate) fn notification(&self) -> Notification {
        let report_id = self.id.clone();
        let told = match &self.of {
            SessionOwner::Meeting(_) => Told::Created {
                resource: "communications/callRecords".to_owned(),
                odata_ids: vec![format!("communications/callRecords/{}", self.call_id())],
                odata_type: "#Microsoft.Graph.callRecord",
            },
            SessionOwner::Event(kind, id) => Told::Created {
                resource: format!("solutions/virtualEvents/{}/{id}/getAttendanceReports", kind.segment()),
                odata_ids: vec![format!("{}/attendanceReports/{report_id}", self.of.source().path())],
                odata_type: "#microsoft.graph.meetingAttendanceReport",
            },
        };
        Notification { told, report_ids: vec![report_id] }
    }

    /// What Graph tells who watches the meeting itself.
    pub(crate) fn encrypted_notification(&self) -> Option<Notification> {
        let SessionOwner::Meeting(meeting) = &self.of else { return None };
        let told = Told::CallEnded { join_web_url: meeting.join_web_url.clone(), at: self.end };
        Some(Notification { told, report_ids: vec![self.id.clone()] })
    }

    /// The ids that a dead letter about it may name.
    pub(crate) fn ids(&self) -> [String; 3] {
        let of = match &self.of {
            SessionOwner::Meeting(meeting) => meeting.meeting_id.clone(),
            SessionOwner::Event(_, id) => id.clone(),
        };
        [self.id.clone(), self.call_id(), of]
    }

    fn call_id(&self) -> String {
        format!("call-{}", self.id)
    }
}
