//! A tenant that may be large: a simulated Graph for the lists, and one for each organizer, so that no answer takes
//! longer where there are more organizers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::BASE64;
use graph_sim::{CalendarEntry, GraphSim, Meeting, SimReport};
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};

use crate::tenant::long_address;

/// How many meetings each organizer has on the day.
pub(super) const MEETINGS_OF_AN_ORGANIZER: usize = 10;
/// One meeting in so many has no report.
pub(super) const WITHOUT_REPORT: usize = 10;
/// So long before now the last meeting has ended.
const PAUSE: SignedDuration = SignedDuration::from_mins(40);
/// Within so many hours the meetings begin.
const BEGIN_WITHIN: SignedDuration = SignedDuration::from_hours(8);
/// How long a meeting lasts, and how many people have come.
const LASTS: SignedDuration = SignedDuration::from_mins(30);
const ATTENDEES: usize = 3;
/// How long a call of Graph takes.
const GRAPH_TAKES: Duration = Duration::from_millis(200);

/// The tenant, and the calls to it by what they ask for.
pub(super) struct Tenant {
    clock: Arc<dyn Clock>,
    /// The lists of users and call records, the call records, and the token service.
    lists: GraphSim,
    /// What else there is of an organizer, with a token for it.
    organizers: BTreeMap<String, (GraphSim, String)>,
    calls: Mutex<BTreeMap<&'static str, usize>>,
}

impl Tenant {
    /// A tenant in which `meetings` have ended lately, all of them on one day.
    pub(super) fn new(meetings: usize, clock: Arc<dyn Clock>) -> Self {
        let graph = || GraphSim::new(Arc::clone(&clock), Arc::new(NoWebhook));
        let (lists, mut organizers) = (graph(), BTreeMap::new());
        let first = clock.now() - PAUSE - LASTS - BEGIN_WITHIN;
        for number in 0..meetings {
            let organizer_id =
                format!("{:08x}-0000-4000-8000-0000c0205050", number / MEETINGS_OF_AN_ORGANIZER);
            let (own, _) = organizers.entry(organizer_id.clone()).or_insert_with(|| {
                lists.add_user(&organizer_id, &[]);
                let own = graph();
                let token = own.new_token();
                (own, token)
            });
            let start = first
                + BEGIN_WITHIN * i32::try_from(number).unwrap_or_default()
                    / i32::try_from(meetings).unwrap_or(1);
            add_meeting(&lists, own, &meeting(&organizer_id, number), number, start);
        }
        Self { clock, lists, organizers, calls: Mutex::default() }
    }

    /// The calls so far, by what they asked for.
    pub(super) fn calls(&self) -> BTreeMap<&'static str, usize> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn meeting(organizer_id: &str, number: usize) -> Meeting {
    let name = format!("m-{number:06}");
    let meeting_id = BASE64.encode(format!("1*{organizer_id}*0**19:{name}@thread.v2").as_bytes());
    let join_web_url = long_address(organizer_id, &name);
    Meeting { organizer_id: organizer_id.to_owned(), meeting_id, join_web_url }
}

fn add_meeting(lists: &GraphSim, own: &GraphSim, meeting: &Meeting, number: usize, start: Timestamp) {
    let report =
        SimReport::ended(meeting.source(), &format!("report-{number}"), ATTENDEES, start, start + LASTS);
    lists.add_call(graph_sim::Call {
        id: call_id(number),
        join_web_url: Some(meeting.join_web_url.clone()),
        organizer: Some((meeting.organizer_id.clone(), graph_sim::TENANT_ID.to_owned())),
        start,
        end: start + LASTS,
    });
    own.add_meeting(meeting.clone());
    own.add_calendar_entry(CalendarEntry {
        user_id: meeting.organizer_id.clone(),
        is_organizer: true,
        start,
        join_web_url: Some(meeting.join_web_url.clone()),
    });
    if !number.is_multiple_of(WITHOUT_REPORT) {
        own.add_report(report);
    }
}

/// The id of the call record of the meeting of this number.
pub(super) fn call_id(number: usize) -> String {
    format!("call-{number:06}")
}

#[async_trait]
impl Http for Tenant {
    async fn send(&self, mut request: Request) -> Result<Response, HttpError> {
        self.clock.sleep(GRAPH_TAKES).await;
        let path = request.uri().path().to_owned();
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(kind(&path)).or_default() += 1;
        let organizer = path.split('/').skip_while(|segment| *segment != "users").nth(1);
        let Some((own, token)) = organizer.and_then(|id| self.organizers.get(id)) else {
            return Ok(self.lists.answer(request).await);
        };
        let token = format!("Bearer {token}").parse().map_err(|_| HttpError::NoAnswer)?;
        request.headers_mut().insert(AUTHORIZATION, token);
        Ok(own.answer(request).await)
    }
}

/// What a path asks for.
fn kind(path: &str) -> &'static str {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        [.., "token"] => "token",
        [.., "users"] => "list of users",
        [.., "calendarView"] => "page of a calendar",
        [.., "callRecords"] => "page of call records",
        [.., "callRecords", _] => "call record",
        [.., "onlineMeetings"] => "meeting by its address",
        [.., "onlineMeetings", _] => "meeting",
        [.., "attendanceReports"] => "list of reports",
        [.., "attendanceReports", _] => "report",
        [.., "virtualEvents", _] => "list of events",
        _ => "other",
    }
}

/// Nothing is notified of here.
struct NoWebhook;

#[async_trait]
impl Http for NoWebhook {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::NoAnswer)
    }
}
