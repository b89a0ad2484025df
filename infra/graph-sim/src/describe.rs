//! What the tenant's meetings, events and sessions are called, who registered, and how Graph shows all that.

use jiff::Timestamp;
use shared::model::VirtualEventKind;

use crate::event::{EventDetails, SimEvent};
use crate::meeting::MeetingDetails;
use crate::registration::SimRegistration;
use crate::sim::GraphSim;
use crate::world::World;

impl GraphSim {
    /// From now on Graph says this of a meeting.
    pub fn describe_meeting(&self, meeting_id: &str, details: MeetingDetails) {
        self.world().meeting_details.insert(meeting_id.to_owned(), details);
    }

    /// Gives a meeting this title. The rest of what Graph says of it stays.
    pub fn set_subject(&self, meeting_id: &str, subject: &str) {
        let mut world = self.world();
        let details = world.meeting_details.entry(meeting_id.to_owned()).or_default();
        details.subject = Some(subject.to_owned());
    }

    /// From now on Graph says this of a webinar or town hall.
    pub fn describe_event(&self, event_id: &str, details: EventDetails) {
        self.world().event_details.insert(event_id.to_owned(), details);
    }

    /// Gives a webinar or town hall this title. The rest of what Graph says of it stays.
    pub fn set_event_title(&self, event_id: &str, title: &str) {
        let mut world = self.world();
        let details = world.event_details.entry(event_id.to_owned()).or_default();
        details.title = Some(title.to_owned());
    }

    /// Gives a session of a webinar or town hall this title; without one Graph shows null.
    pub fn set_session_subject(&self, event_id: &str, session_id: &str, subject: &str) {
        let ids = (event_id.to_owned(), session_id.to_owned());
        self.world().session_details.entry(ids).or_default().subject = Some(subject.to_owned());
    }

    /// Plans a session of a webinar or town hall from `start` to `end`; without a plan it is the last hour of its event.
    pub fn plan_session(&self, event_id: &str, session_id: &str, start: Timestamp, end: Timestamp) {
        let ids = (event_id.to_owned(), session_id.to_owned());
        self.world().session_details.entry(ids).or_default().planned = Some((start, end));
    }

    /// Adds a registration for a webinar or town hall. One with the same id is replaced, where it stands. Nothing is
    /// notified: [`notify_registration`](Self::notify_registration) does that.
    pub fn add_registration(&self, event_id: &str, registration: SimRegistration) {
        let mut world = self.world();
        let is_same = |(event, known): &&mut (String, SimRegistration)| {
            event == event_id && known.id == registration.id
        };
        match world.registrations.iter_mut().find(is_same) {
            Some((_, known)) => *known = registration,
            None => world.registrations.push((event_id.to_owned(), registration)),
        }
    }

    /// A meeting as Graph serves it now, by its id and as the entry that a filter finds; `None` where no such meeting
    /// was added.
    pub fn meeting_json(&self, meeting_id: &str) -> Option<String> {
        let world = self.world();
        let meeting = world.meetings.iter().find(|meeting| meeting.meeting_id == meeting_id)?;
        Some(world.meeting_json(meeting))
    }

    /// A webinar or town hall as Graph serves it now, by its id; `None` where no such event was added.
    pub fn event_json(&self, kind: VirtualEventKind, event_id: &str) -> Option<String> {
        let world = self.world();
        Some(world.event_json(find(&world, kind, event_id)?))
    }

    /// A session of a webinar or town hall as Graph serves it now, by its id; `None` where the event has none such.
    pub fn session_json(&self, kind: VirtualEventKind, event_id: &str, session_id: &str) -> Option<String> {
        let world = self.world();
        let event = find(&world, kind, event_id)?;
        let is_there = event.session_ids.iter().any(|id| id == session_id);
        is_there.then(|| world.session_json(event, session_id))
    }

    /// A registration as Graph serves it now, by its id and as an entry of the list; `None` where no such registration
    /// was added.
    pub fn registration_json(&self, event_id: &str, registration_id: &str) -> Option<String> {
        let world = self.world();
        let mut registrations = world.registrations_json(event_id).into_iter();
        registrations.find(|(id, _)| *id == registration_id).map(|(_, json)| json)
    }

    /// The newest report of a meeting with its records, as the deprecated path serves it now; `None` while there is no
    /// report.
    pub fn newest_report_json(&self, meeting_id: &str) -> Option<String> {
        let now = self.clock.now();
        let world = self.world();
        let meeting = world.meetings.iter().find(|meeting| meeting.meeting_id == meeting_id)?;
        world.newest_report_json(&meeting.source(), true, now)
    }
}

fn find<'a>(world: &'a World, kind: VirtualEventKind, event_id: &str) -> Option<&'a SimEvent> {
    world.events.iter().find(|event| event.kind == kind.segment() && event.id == event_id)
}
