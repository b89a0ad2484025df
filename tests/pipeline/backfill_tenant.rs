//! For tests of `backfill`: a tenant with sessions of which no notification came, and runs that find them.

use backfill::{LedgerLine, RunAccepted, Summary};
use graph_sim::{CalendarEntry, Call, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::model::ReportSource;
use shared::ports::clock::Clock;

use crate::world::{ORGANIZER, World};

pub(crate) const OTHER: &str = "0b0b0b0b-0000-4000-8000-0000c0205050";

/// An hour's session of a meeting, of which no notification came.
pub(crate) fn session(
    world: &World,
    organizer: &str,
    meeting: &str,
    report: &str,
    ended: Timestamp,
) -> SimReport {
    let meeting = Meeting {
        organizer_id: organizer.to_owned(),
        meeting_id: meeting.to_owned(),
        join_web_url: format!("https://teams.microsoft.com/l/meetup-join/19%3a{meeting}%40thread.v2/0"),
    };
    let start = ended - SignedDuration::from_hours(1);
    let report = SimReport::ended(meeting.source(), report, 3, start, ended);
    if world.sim.meetings().iter().all(|there| there.meeting_id != meeting.meeting_id) {
        world.sim.add_meeting(meeting);
    }
    world.sim.add_report(report.clone());
    report
}

/// The join URL of the report's meeting.
pub(crate) fn join_web_url(world: &World, report: &SimReport) -> String {
    let meetings = world.sim.meetings();
    meetings.into_iter().find(|meeting| meeting.source() == report.source).unwrap().join_web_url
}

pub(crate) fn in_calendar(world: &World, organizer: &str, report: &SimReport) {
    let join_web_url = Some(join_web_url(world, report));
    world.sim.add_calendar_entry(CalendarEntry {
        user_id: organizer.into(),
        is_organizer: true,
        start: report.start,
        join_web_url,
    });
}

pub(crate) fn in_call_records(world: &World, organizer: &str, report: &SimReport) {
    world.sim.add_call(Call {
        id: format!("call-{}", report.id),
        join_web_url: Some(join_web_url(world, report)),
        organizer: Some((organizer.into(), TENANT_ID.into())),
        start: report.start,
        end: report.end.unwrap(),
    });
}

/// A tenant with three reports: one in a calendar alone, one in the call records alone, one of a webinar.
pub(crate) fn tenant(world: &World) {
    world.sim.add_user(ORGANIZER, &["group"]);
    world.sim.add_user(OTHER, &[]);
    let now = world.clock.now();
    let days = |days: i64| now - SignedDuration::from_hours(24 * days);
    in_calendar(world, ORGANIZER, &session(world, ORGANIZER, "m-calendar", "r-calendar", days(200)));
    in_call_records(world, OTHER, &session(world, OTHER, "m-call", "r-call", days(20)));
    let end = days(90);
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: "w-1@contoso".into(),
        organizer_id: OTHER.into(),
        session_ids: vec!["s-1".into()],
        end,
    });
    let source = ReportSource::Webinar { webinar_id: "w-1@contoso".into(), session_id: "s-1".into() };
    world.sim.add_report(SimReport::ended(source, "r-webinar", 3, end - SignedDuration::from_hours(1), end));
}

pub(crate) async fn run(world: &World, request: Value) -> RunAccepted {
    let answer = world.pipeline.backfill(request).await.unwrap();
    world.run_until_idle().await;
    answer
}

/// The ledger of a run with this request.
pub(crate) async fn ledger(world: &World, request: Value) -> (Vec<LedgerLine>, Summary) {
    let key = run(world, request).await.ledger.unwrap();
    let summary = Summary::of(&*world.objects, &key).await.unwrap().unwrap();
    let text = world.text(&key).await;
    let lines: Vec<&str> = text.lines().collect();
    let read = |line: &&str| serde_json::from_str(line).unwrap();
    (lines[..lines.len() - 1].iter().map(read).collect(), summary)
}
