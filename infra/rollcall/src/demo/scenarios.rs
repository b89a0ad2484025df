//! The scenarios of the demo: what happens in the simulated tenant, in which order.

use graph_sim::{EventDetails, Fault, GraphSim, Meeting, MeetingDetails, SimEvent, SimReport};
use jiff::{SignedDuration, Timestamp};
use shared::model::ReportSource;

use super::invented;
use super::training::Training;
use crate::cli::DemoOptions;

/// The pages of the simulated Graph: only the large meeting has more than one.
const PAGE_SIZE: usize = 500;
const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const ORGANIZER_NAME: &str = "Ilse Vandersloot";
const ORGANIZER_UPN: &str = "ilse.vandersloot@contoso.com";
const CALL_RECORDS: &str = "communications/callRecords";
const NEW_EVENTS: &str = "solutions/virtualEvents/events";

/// One scenario: its steps happen in the tenant, then the pipeline runs.
pub(super) struct Scenario {
    pub(super) title: String,
    pub(super) steps: Vec<ScenarioStep>,
}

/// One step of a scenario.
pub(super) enum ScenarioStep {
    /// Graph sends this notification.
    Notified(Notification),
    /// A webinar is created, and Graph sends a notification of it.
    Created(SimEvent),
    /// Graph forgets its subscriptions to this resource, without a notification; `subscriptions` runs next.
    Forgotten(&'static str),
}

/// A notification: to whose subscriptions, and of what.
pub(super) struct Notification {
    pub(super) resource: String,
    pub(super) odata_id: String,
    pub(super) odata_type: &'static str,
}

/// Prepares the tenant, and answers the scenarios in their order. Every session ends at `now`, but for the training's.
pub(super) fn all(
    sim: &GraphSim,
    now: Timestamp,
    training: &Training,
    options: &DemoOptions,
) -> anyhow::Result<Vec<Scenario>> {
    sim.set_page_size(PAGE_SIZE);
    sim.set_user_principal_name(ORGANIZER, ORGANIZER_UPN);
    training.add_to(sim)?;
    let plan = ScenarioPlan { sim, now };
    let mut scenarios = vec![
        plan.meeting("m-1", "An ordinary meeting ends: a call record tells of it", 12),
        plan.rejoined("m-2"),
        plan.webinar(),
        plan.townhall(),
        plan.created_later(),
        over_already(),
        forgotten(),
        plan.meeting("m-3", "A meeting of 1,200 ends: its records come in pages", 1_200),
        plan.late("m-4"),
        plan.throttled("m-5"),
        plan.duplicated("m-6"),
        plan.never_notified("m-7"),
    ];
    scenarios.extend((0..options.meetings).map(|number| {
        let id = format!("x-{number}");
        plan.meeting(
            &id,
            &format!("Meeting {} of {}", number + 1, options.meetings),
            options.attendees as usize,
        )
    }));
    Ok(scenarios)
}

/// What scenarios are made with: each adds to the tenant what it needs.
struct ScenarioPlan<'a> {
    sim: &'a GraphSim,
    now: Timestamp,
}

impl ScenarioPlan<'_> {
    /// A meeting with one session and one report.
    fn meeting(&self, id: &str, title: &str, attendees: usize) -> Scenario {
        let meeting = self.organized(id);
        let call = self.session(&meeting, id, attendees, minutes(-30), self.now);
        Scenario { title: title.to_owned(), steps: vec![ScenarioStep::Notified(call)] }
    }

    /// A meeting that all left and joined again: two sessions, two reports.
    fn rejoined(&self, id: &str) -> Scenario {
        let meeting = self.organized(id);
        let first = self.session(&meeting, "m-2-a", 8, minutes(-60), self.now + minutes(-4));
        let second = self.session(&meeting, "m-2-b", 6, minutes(-3), self.now);
        let title = "A meeting ends that had ended 4 minutes ago and was joined again: it has two reports";
        Scenario {
            title: title.to_owned(),
            steps: vec![ScenarioStep::Notified(first), ScenarioStep::Notified(second)],
        }
    }

    /// A webinar whose report is ready at once. People registered for it, two of whom did not come.
    fn webinar(&self) -> Scenario {
        let source =
            ReportSource::Webinar { webinar_id: "w-1@contoso".into(), session_id: "w-session".into() };
        let title = "A webinar's report is ready: the notification names it";
        self.sim.add_event(planned(&source, self.now));
        self.sim.set_session_subject("w-1@contoso", "w-session", "Part one");
        let scenario = self.event(&source, title, 40);
        for mut report in self.sim.reports().into_iter().filter(|report| report.source == source) {
            let times = (report.start, self.now);
            report.records = invented::registered_attendees(self.sim, "w-1@contoso", 40, times);
            self.sim.add_report(report);
        }
        scenario
    }

    /// A town hall whose report is ready at once.
    fn townhall(&self) -> Scenario {
        let source =
            ReportSource::Townhall { townhall_id: "h-1@contoso".into(), session_id: "h-session".into() };
        let title = "A town hall's report is ready: the notification names it";
        self.sim.add_event(planned(&source, self.now));
        self.event(&source, title, 150)
    }

    /// A webinar that does not exist when the demo begins.
    fn created_later(&self) -> Scenario {
        let source =
            ReportSource::Webinar { webinar_id: "w-2@contoso".into(), session_id: "w-2-session".into() };
        let title = "A webinar is created: it gets a subscription of its own, which tells of its report";
        let mut scenario = self.event(&source, title, 25);
        scenario.steps.insert(0, ScenarioStep::Created(planned(&source, self.now)));
        scenario
    }

    /// A report that Graph makes only some time after the end.
    fn late(&self, id: &str) -> Scenario {
        let scenario = self.meeting(id, "A meeting ends, but its report is not ready yet", 5);
        for mut report in self.sim.reports().into_iter().filter(|report| report.id == report_id(id)) {
            report.ready_at = self.now + SignedDuration::from_secs(150);
            self.sim.add_report(report);
        }
        scenario
    }

    /// A meeting at whose first request Graph throttles.
    fn throttled(&self, id: &str) -> Scenario {
        let scenario =
            self.meeting(id, "A meeting ends while Graph is busy: it asks to come back in 30 s", 7);
        self.sim.fail(&format!("onlineMeetings/{id}/"), Fault::Throttled("30".to_owned()), 1);
        scenario
    }

    /// A meeting whose end is notified twice: Graph delivers at least once.
    fn duplicated(&self, id: &str) -> Scenario {
        let mut scenario = self.meeting(id, "A meeting ends, and Graph notifies twice", 9);
        scenario.steps.push(ScenarioStep::Notified(call_record(id)));
        scenario
    }

    /// A meeting whose notification is lost.
    fn never_notified(&self, id: &str) -> Scenario {
        let scenario =
            self.meeting(id, "A meeting ends, and its notification is lost: nobody hears of it", 4);
        Scenario { steps: Vec::new(), ..scenario }
    }

    fn organized(&self, id: &str) -> Meeting {
        let meeting = Meeting {
            organizer_id: ORGANIZER.to_owned(),
            meeting_id: id.to_owned(),
            join_web_url: format!(
                "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{id}%40thread.v2/0?context=x"
            ),
        };
        self.sim.add_meeting(meeting.clone());
        let planned = Some((self.now + minutes(-30), self.now));
        self.sim.describe_meeting(id, MeetingDetails { subject: Some(invented::title(id)), planned });
        meeting
    }

    /// Adds a session of a meeting, with its call and its report; the notification of its end.
    fn session(
        &self,
        meeting: &Meeting,
        id: &str,
        attendees: usize,
        from: SignedDuration,
        end: Timestamp,
    ) -> Notification {
        let report = SimReport::ended(meeting.source(), &report_id(id), attendees, self.now + from, end);
        self.sim.add_session(meeting, id, &report);
        call_record(id)
    }

    /// Adds the report of an event's session; Graph notifies of it.
    fn event(&self, source: &ReportSource, title: &str, attendees: usize) -> Scenario {
        let segments = source.segments();
        let id = report_id(segments[5]);
        let start = self.now + minutes(-45);
        let details = EventDetails {
            title: Some(invented::title(segments[3])),
            organizer_name: Some(ORGANIZER_NAME.to_owned()),
            start: Some(start),
            ..EventDetails::default()
        };
        self.sim.describe_event(segments[3], details);
        self.sim.add_report(SimReport::ended(source.clone(), &id, attendees, start, self.now));
        let notification = Notification {
            resource: format!("{}/getAttendanceReports", segments[..4].join("/")),
            odata_id: source.report(id).segments().join("/"),
            odata_type: "#microsoft.graph.meetingAttendanceReport",
        };
        Scenario { title: title.to_owned(), steps: vec![ScenarioStep::Notified(notification)] }
    }
}

/// The training took place before the demo begins.
fn over_already() -> Scenario {
    let title = "A training of six weeks was over before anybody subscribed: nobody hears of it, and Graph has no report of \
        one session";
    Scenario { title: title.to_owned(), steps: Vec::new() }
}

/// Graph forgets the subscription to new events.
fn forgotten() -> Scenario {
    let title = "Graph forgets a subscription, without a word: the next run replaces it and notes the gap";
    Scenario { title: title.to_owned(), steps: vec![ScenarioStep::Forgotten(NEW_EVENTS)] }
}

/// Graph's notification of a new event.
pub(super) fn created(event: &SimEvent) -> Notification {
    Notification {
        resource: NEW_EVENTS.to_owned(),
        odata_id: format!("solutions/virtualEvents/{}/{}", event.kind, event.id),
        odata_type: "#microsoft.graph.virtualEvent",
    }
}

/// The event that a session is of.
fn planned(session: &ReportSource, end: Timestamp) -> SimEvent {
    let segments = session.segments();
    let kind = if session.kind() == "webinar" { "webinars" } else { "townhalls" };
    SimEvent {
        kind,
        id: segments[3].to_owned(),
        organizer_id: ORGANIZER.to_owned(),
        session_ids: vec![segments[5].to_owned()],
        end,
    }
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn report_id(id: &str) -> String {
    format!("report-{id}")
}

fn call_record(id: &str) -> Notification {
    Notification {
        resource: CALL_RECORDS.to_owned(),
        odata_id: format!("{CALL_RECORDS}/{id}"),
        odata_type: "#microsoft.graph.callRecord",
    }
}
