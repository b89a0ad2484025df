//! The simulated Graph: its state, and how a test changes it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use shared::ports::clock::Clock;
use shared::ports::http::Http;

use crate::faults::Fault;
use crate::tenant::TENANT_ID;
use crate::world::{CalendarEntry, Call, Meeting, SimEvent, SimReport, World};

/// The simulated Graph.
pub struct GraphSim {
    pub(crate) clock: Arc<dyn Clock>,
    /// How notifications leave.
    pub(crate) outbound: Arc<dyn Http>,
    world: Mutex<World>,
}

impl GraphSim {
    /// An empty one. Notifications leave through `outbound`.
    pub fn new(clock: Arc<dyn Clock>, outbound: Arc<dyn Http>) -> Self {
        Self { clock, outbound, world: Mutex::default() }
    }

    /// A meeting that a user has organized.
    pub fn add_meeting(&self, meeting: Meeting) {
        self.world().meetings.push(meeting);
    }

    /// A call that has ended.
    pub fn add_call(&self, call: Call) {
        self.world().calls.push(call);
    }

    /// A report; it is seen from its `ready_at` on. One with the same id is replaced.
    pub fn add_report(&self, report: SimReport) {
        let mut world = self.world();
        world.reports.retain(|there| there.id != report.id);
        world.reports.push(report);
    }

    /// A session of a meeting that has ended: its call and its report.
    pub fn add_session(&self, meeting: &Meeting, call_id: &str, report: &SimReport) {
        self.add_call(Call {
            id: call_id.to_owned(),
            join_web_url: Some(meeting.join_web_url.clone()),
            organizer: Some((meeting.organizer_id.clone(), TENANT_ID.to_owned())),
            start: report.start,
            end: report.end.unwrap_or(report.start),
        });
        self.add_report(report.clone());
    }

    /// A webinar or town hall.
    pub fn add_event(&self, event: SimEvent) {
        self.world().events.push(event);
    }

    /// An event in a user's calendar.
    pub fn add_calendar_entry(&self, entry: CalendarEntry) {
        self.world().calendar.push(entry);
    }

    /// A user, and the groups that the user is in.
    pub fn add_user(&self, id: &str, groups: &[&str]) {
        let mut world = self.world();
        world.users.push(id.to_owned());
        world.members.extend(groups.iter().map(|group| ((*group).to_owned(), id.to_owned())));
    }

    /// A token that counts, without asking the token service.
    pub fn new_token(&self) -> String {
        self.world().new_token()
    }

    /// Every meeting.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.world().meetings.clone()
    }

    /// The assertions that tokens were asked for with.
    pub fn assertions(&self) -> Vec<String> {
        self.world().assertions.clone()
    }

    /// Everything that was ever a report here.
    pub fn reports(&self) -> Vec<SimReport> {
        self.world().reports.clone()
    }

    /// Lists have at most `entries` entries a page from now on, and expanded records too.
    pub fn set_page_size(&self, entries: usize) {
        self.world().page_size = Some(entries);
    }

    /// The next `times` requests whose path contains `path` fail in this way.
    pub fn fail(&self, path: &str, fault: Fault, times: usize) {
        self.world().faults.add(path, fault, times);
    }

    /// Tokens that were given out are refused from now on.
    pub fn revoke_tokens(&self) {
        let mut world = self.world();
        world.tokens_from = world.tokens;
    }

    /// The secret that the application has from now on.
    pub fn set_client_secret(&self, secret: &str) {
        self.world().client_secret = Some(secret.to_owned());
    }

    /// What the application may from now on.
    pub fn set_roles(&self, roles: &[&str]) {
        self.world().roles = Some(roles.iter().map(|&role| role.to_owned()).collect());
    }

    /// Until when the application's secret is good.
    pub fn set_secret_end(&self, end: Timestamp) {
        self.world().secret_end = Some(end);
    }

    /// How far the token service's clock is ahead of everybody's.
    pub fn set_skew(&self, skew: SignedDuration) {
        self.world().skew = skew;
    }

    /// The paths of all requests so far, the token service's among them, in order.
    pub fn requests(&self) -> Vec<String> {
        self.world().requests.clone()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
