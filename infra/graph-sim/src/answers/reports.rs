//! Attendance reports, and their records.

use jiff::Timestamp;
use shared::model::ReportSource;
use shared::ports::http::Response;

use super::common::{not_found, page, user_id};
use super::meetings;
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::report::SimReport;
use crate::requests::Asked;
use crate::world::World;

/// Graph lists the newest reports of a meeting, and no more than this.
const MAX_LISTED: usize = 50;

/// The source that a path names.
fn source(world: &World, path: &[&str]) -> Option<ReportSource> {
    let source = match *path {
        [ref user @ .., "onlineMeetings", id] => {
            let organizer_id = user_id(world, user)?;
            let mut meetings = world.meetings.iter();
            let known = meetings.find(|meeting| {
                meeting.meeting_id == id && meeting.organizer_id.eq_ignore_ascii_case(&organizer_id)
            });
            let organizer_id = known.map_or(organizer_id, |meeting| meeting.organizer_id.clone());
            ReportSource::meeting(&organizer_id, id, known.map(|meeting| meeting.join_web_url.as_str()))
        }
        ["solutions", "virtualEvents", "webinars", webinar, "sessions", session] => {
            ReportSource::Webinar { webinar_id: webinar.into(), session_id: session.into() }
        }
        ["solutions", "virtualEvents", "townhalls", townhall, "sessions", session] => {
            ReportSource::Townhall { townhall_id: townhall.into(), session_id: session.into() }
        }
        _ => return None,
    };
    Some(source)
}

/// The reports that a list of `source` shows: a channel's shows those of all its meetings.
fn shown<'a>(world: &'a World, source: &'a ReportSource) -> Box<dyn Iterator<Item = &'a SimReport> + 'a> {
    match source {
        ReportSource::ChannelMeeting { .. } => {
            Box::new(world.reports.iter().filter(|report| shows(world, source, &report.source)))
        }
        _ => Box::new(world.reports.of(source)),
    }
}

/// Whether a list of `source` shows a report of `other`.
fn shows(world: &World, source: &ReportSource, other: &ReportSource) -> bool {
    let channel = |source: &ReportSource| match source {
        ReportSource::ChannelMeeting { meeting_id, .. } => world
            .meetings
            .iter()
            .find(|meeting| meeting.meeting_id == *meeting_id)
            .and_then(|meeting| meeting.channel()),
        _ => None,
    };
    source == other || channel(source).is_some_and(|thread| channel(other) == Some(thread))
}

pub(super) fn list(world: &World, asked: &Asked, path: &[&str], now: Timestamp) -> Response {
    let Some(source) = source(world, path) else { return not_found() };
    if let Some(refused) = meetings::refusal_of_reports(world, path) {
        return refused;
    }
    let mut reports: Vec<&SimReport> = shown(world, &source).filter(|report| report.is_there(now)).collect();
    reports.sort_by_key(|report| std::cmp::Reverse(report.start));
    let listed: Vec<String> = reports
        .into_iter()
        .take(MAX_LISTED)
        .map(|report| report.listed(world.has(Manner::OddMembers)))
        .collect();
    page(world, asked, &listed)
}

fn find<'a>(world: &'a World, path: &[&str], id: &str, now: Timestamp) -> Option<&'a SimReport> {
    let source = source(world, path)?;
    let report = world.reports.with_id(id)?;
    (report.is_there(now) && shows(world, &source, &report.source)).then_some(report)
}

pub(super) fn report(world: &World, asked: &Asked, path: &[&str], id: &str, now: Timestamp) -> Response {
    let Some(report) = find(world, path, id, now) else { return not_found() };
    if let ReportSource::ChannelMeeting { .. } = report.source {
        return refusal(400, "BadRequest", "Channel meetings are not supported.");
    }
    if let Some(raw) = &report.raw {
        return plain(200, raw.clone());
    }
    if asked.query("$expand") != Some("attendanceRecords") {
        return plain(200, report.page(&[], None));
    }
    let records = report.served_records(now);
    let first = world.page_size.map_or(records.len(), |size| size.min(records.len()));
    let more = first < records.len();
    let next = more.then(|| asked.next_records_link(first));
    plain(200, report.page(&records[..first], next.as_deref()))
}

pub(super) fn records(world: &World, asked: &Asked, path: &[&str], id: &str, now: Timestamp) -> Response {
    match find(world, path, id, now) {
        Some(report) => page(world, asked, report.served_records(now)),
        None => not_found(),
    }
}

/// The deprecated report: the newest of a meeting, with neither id nor times, in the shape of the sample at
/// <https://learn.microsoft.com/graph/api/meetingattendancereport-get?view=graph-rest-beta>.
///
/// Where the list of a meeting's reports is refused for ever, this path may still answer:
/// `sim.fail("onlineMeetings/m-1/attendanceReports", Fault::…, usize::MAX)` leaves it alone.
pub(super) fn newest(world: &World, asked: &Asked, path: &[&str], now: Timestamp) -> Response {
    let Some(source) = source(world, path) else { return not_found() };
    if let Some(refused) = meetings::refusal_of_reports(world, path) {
        return refused;
    }
    let has_records = asked.query("$expand") == Some("attendanceRecords");
    let newest = world.newest_report_json(&source, has_records, now);
    newest.map_or_else(not_found, |report| plain(200, report))
}
