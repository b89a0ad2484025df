//! The simulated Graph: its state, and the methods that change it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::ports::clock::Clock;
use shared::ports::http::Http;

use crate::event::SimEvent;
use crate::faults::Fault;
use crate::manners::Manner;
use crate::meeting::Meeting;
use crate::report::SimReport;
use crate::tenant::TENANT_ID;
use crate::world::{CalendarEntry, Call, World};

/// The simulated Graph with its token service: one tenant, one application. Its methods change what it
/// serves.
pub struct GraphSim {
    pub(crate) clock: Arc<dyn Clock>,
    /// The client that notifications and handshakes are posted with.
    pub(crate) outbound: Arc<dyn Http>,
    world: Mutex<World>,
}

impl GraphSim {
    /// A simulated Graph without users, meetings and reports. Notifications are posted through `outbound`.
    pub fn new(clock: Arc<dyn Clock>, outbound: Arc<dyn Http>) -> Self {
        Self { clock, outbound, world: Mutex::default() }
    }

    /// Adds a meeting that a user has organized.
    pub fn add_meeting(&self, meeting: Meeting) {
        self.world().meetings.push(meeting);
    }

    /// Adds the record of a call that has ended; Graph keeps it for 30 days.
    pub fn add_call(&self, call: Call) {
        self.world().calls.push(call);
    }

    /// Graph learns more of a call: its record has the next version from now on.
    pub fn change_call(&self, id: &str) {
        self.world().changed_calls.push(id.to_owned());
    }

    /// The record of a call as Graph serves it; `None` where no such call was added.
    pub fn call_record(&self, id: &str) -> Option<String> {
        let world = self.world();
        let call = world.calls.iter().find(|call| call.id == id)?;
        Some(world.in_version(call, call.json(!world.has(Manner::OrganizersAreUnnamed))))
    }

    /// Adds a report, which is served from its `ready_at` on. One with the same id is replaced.
    pub fn add_report(&self, report: SimReport) {
        self.world().reports.add(report);
    }

    /// Adds a session of a meeting that has ended: its call record and its report. Nothing is notified.
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

    /// Adds a webinar or town hall, with its sessions. Nothing is notified.
    pub fn add_event(&self, event: SimEvent) {
        self.world().events.push(event);
    }

    /// Adds an event to a user's calendar.
    pub fn add_calendar_entry(&self, entry: CalendarEntry) {
        self.world().calendar.push(entry);
    }

    /// Adds a user to the tenant, and to these groups.
    pub fn add_user(&self, id: &str, groups: &[&str]) {
        let mut world = self.world();
        world.users.push(id.to_owned());
        world.members.extend(groups.iter().map(|group| ((*group).to_owned(), id.to_owned())));
    }

    /// Adds a guest from another tenant, who has no mailbox here.
    pub fn add_guest(&self, id: &str) {
        self.world().guests.push(id.to_owned());
    }

    /// Gives a user a user principal name, by which `/users/{name}` finds them.
    pub fn set_user_principal_name(&self, id: &str, name: &str) {
        self.world().principal_names.push((name.to_owned(), id.to_owned()));
    }

    /// A new, valid access token, without a request to the token service.
    pub fn new_token(&self) -> String {
        self.world().new_token()
    }

    /// Every meeting that was added, in order.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.world().meetings.clone()
    }

    /// The client assertions that tokens were requested with, in order.
    pub fn assertions(&self) -> Vec<String> {
        self.world().assertions.clone()
    }

    /// Every report that was added, also those that are not served yet or no more.
    pub fn reports(&self) -> Vec<SimReport> {
        self.world().reports.iter().cloned().collect()
    }

    /// From now on a page has at most `entries` entries, of a list or of a report's records. Without this
    /// call only `$top` limits a page.
    pub fn set_page_size(&self, entries: usize) {
        self.world().page_size = Some(entries);
    }

    /// The next `times` requests whose path contains `path` fail with `fault`. Faults wait in the order in
    /// which they were planned.
    pub fn fail(&self, path: &str, fault: Fault, times: usize) {
        self.world().faults.add(path, fault, times);
    }

    /// From now on the answer to each request whose path contains `path` takes so long.
    pub fn slow_down(&self, path: &str, time: Duration) {
        self.world().slow.push((path.to_owned(), time));
    }

    /// How long the answer to a request for `path` takes.
    pub(crate) fn latency(&self, path: &str) -> Duration {
        self.world().slow.iter().filter(|(slow, _)| path.contains(slow)).map(|(_, time)| *time).sum()
    }

    /// From now on Graph behaves in these ways, too.
    pub fn behave(&self, manners: &[Manner]) {
        self.world().manners.extend(manners);
    }

    /// From now on Graph behaves in these ways no more.
    pub fn stop_behaving(&self, manners: &[Manner]) {
        self.world().manners.retain(|manner| !manners.contains(manner));
    }

    /// All tokens so far are refused from now on (401); new ones are valid.
    pub fn revoke_tokens(&self) {
        let mut world = self.world();
        world.tokens_from = world.tokens;
    }

    /// Replaces the application's client secret: from now on only `secret` gives a token.
    pub fn set_client_secret(&self, secret: &str) {
        self.world().client_secret = Some(secret.to_owned());
    }

    /// Sets the application permissions that new tokens carry (claim `roles`). No call is refused for them.
    pub fn set_roles(&self, roles: &[&str]) {
        self.world().roles = Some(roles.iter().map(|&role| role.to_owned()).collect());
    }

    /// Sets when the application's secret expires, as `applications` shows it. It goes on to give tokens.
    pub fn set_secret_end(&self, end: Timestamp) {
        self.world().secret_end = Some(end);
    }

    /// Sets how far the token service's clock is ahead: its `Date` header shows it.
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
