//! Sessions of meetings, webinars and town halls, as they happen in a tenant.

use graph_sim::{Call, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use shared::graph::VirtualEventKind;
use shared::report_ref::ReportSource;

use crate::world::{Happening, Notification, World};

/// What has sessions.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    /// An online meeting.
    Meeting(Meeting),
    /// A webinar or town hall, with one session.
    Event(VirtualEventKind, String),
}

impl Held {
    /// A new meeting of `organizer_id`, in the tenant.
    pub(crate) fn meeting(world: &World, organizer_id: &str, id: &str) -> Self {
        let meeting = Meeting {
            organizer_id: organizer_id.to_owned(),
            meeting_id: id.to_owned(),
            join_web_url: format!("https://teams.microsoft.com/l/meetup-join/19%3a{id}%40thread.v2/0"),
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

/// A session that ends.
pub(crate) struct Session {
    /// Of what.
    pub(crate) of: Held,
    /// Its report's id.
    pub(crate) id: String,
    /// How many people were there.
    pub(crate) people: usize,
    /// When it ends. It lasted for half an hour.
    pub(crate) end: Timestamp,
    /// How long after its end its report is there.
    pub(crate) late: SignedDuration,
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
        world.plan(self.end, Happening::Report(self.report(self.people)));
        if let Held::Meeting(meeting) = &self.of {
            let call = Call {
                id: self.call_id(),
                join_web_url: Some(meeting.join_web_url.clone()),
                organizer: Some((meeting.organizer_id.clone(), TENANT_ID.to_owned())),
                start: self.end - SignedDuration::from_mins(30),
                end: self.end,
            };
            world.plan(self.end, Happening::Call(call));
        }
    }

    /// What Graph tells of it.
    pub(crate) fn notification(&self) -> Notification {
        let report_id = self.id.clone();
        match &self.of {
            Held::Meeting(_) => Notification {
                resource: "communications/callRecords".to_owned(),
                odata_ids: vec![format!("communications/callRecords/{}", self.call_id())],
                odata_type: "#Microsoft.Graph.callRecord",
                report_ids: vec![report_id],
            },
            Held::Event(kind, id) => Notification {
                resource: format!("solutions/virtualEvents/{}/{id}/getAttendanceReports", kind.segment()),
                odata_ids: vec![format!("{}/attendanceReports/{report_id}", self.of.source().path())],
                odata_type: "#microsoft.graph.meetingAttendanceReport",
                report_ids: vec![report_id],
            },
        }
    }

    /// The ids that a dead letter about it may name.
    pub(crate) fn ids(&self) -> [String; 3] {
        let of = match &self.of {
            Held::Meeting(meeting) => meeting.meeting_id.clone(),
            Held::Event(_, id) => id.clone(),
        };
        [self.id.clone(), self.call_id(), of]
    }

    fn call_id(&self) -> String {
        format!("call-{}", self.id)
    }
}
