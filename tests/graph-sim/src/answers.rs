//! The answers: one function for each resource.

use jiff::Timestamp;
use serde_json::json;
use shared::http::Response;
use shared::report_ref::ReportSource;

use crate::faults::{plain, refusal, unauthorized};
use crate::requests::Asked;
use crate::world::{SimReport, World};
use crate::{CLIENT_ID, CLIENT_SECRET};

/// Graph lists the newest reports of a meeting, and no more than this.
const MAX_LISTED: usize = 50;

pub(crate) fn answer(world: &mut World, asked: &Asked, now: Timestamp) -> Response {
    if let Some(failure) = world.faults.answer(&asked.path()) {
        return failure;
    }
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    if let [_tenant, "oauth2", "v2.0", "token"] = segments.as_slice() {
        return token(world, asked);
    }
    if !world.is_authorized(asked) {
        return unauthorized();
    }
    let ["v1.0" | "beta", resource @ ..] = segments.as_slice() else { return not_found() };
    match resource {
        ["users", organizer, "onlineMeetings"] => meetings(world, asked, organizer),
        ["communications", "callRecords", id] => {
            let call = world.calls.iter().find(|call| call.id == *id);
            call.map_or_else(not_found, |call| plain(200, call.json()))
        }
        ["subscriptions"] => world.list_subscriptions(),
        [path @ .., "attendanceReports"] => match source(path) {
            Some(source) => list(world, asked, &source, now),
            None => not_found(),
        },
        [path @ .., "attendanceReports", id] => report(world, asked, path, id, now),
        [path @ .., "attendanceReports", id, "attendanceRecords"] => records(world, asked, path, id, now),
        _ => not_found(),
    }
}

fn token(world: &mut World, asked: &Asked) -> Response {
    let secret = world.client_secret.clone().unwrap_or_else(|| CLIENT_SECRET.to_owned());
    if asked.form("client_id").as_deref() != Some(CLIENT_ID) {
        token_refusal(700_016, "Application was not found in the directory.")
    } else if asked.form("client_secret") != Some(secret) {
        token_refusal(7_000_215, "Invalid client secret provided.")
    } else {
        let token = world.new_token();
        let answer = json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token});
        plain(200, answer.to_string())
    }
}

fn token_refusal(code: u64, message: &str) -> Response {
    let body = json!({
        "error": "invalid_client",
        "error_description": format!("AADSTS{code}: {message}"),
        "error_codes": [code],
        "timestamp": "2026-11-21 10:00:00Z",
    });
    plain(401, body.to_string())
}

fn meetings(world: &World, asked: &Asked, organizer: &str) -> Response {
    let wanted = asked.query("$filter").and_then(|filter| filter.strip_prefix("JoinWebUrl eq '"));
    let wanted = wanted.and_then(|filter| filter.strip_suffix('\'')).map(|url| url.replace("''", "'"));
    let found = world.meetings.iter().filter(|meeting| {
        meeting.organizer_id == organizer && Some(&meeting.join_web_url) == wanted.as_ref()
    });
    let found = found.map(
        |meeting| json!({"id": meeting.meeting_id, "joinWebUrl": meeting.join_web_url, "subject": null}),
    );
    plain(200, json!({"value": found.collect::<Vec<_>>()}).to_string())
}

/// The source that a path names.
fn source(path: &[&str]) -> Option<ReportSource> {
    let source = match *path {
        ["users", organizer, "onlineMeetings", meeting] => {
            ReportSource::Meeting { organizer_id: organizer.into(), meeting_id: meeting.into() }
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

fn list(world: &World, asked: &Asked, source: &ReportSource, now: Timestamp) -> Response {
    let there = world.reports.iter().filter(|report| report.source == *source && report.ready_at <= now);
    let mut there: Vec<&SimReport> = there.collect();
    there.sort_by_key(|report| std::cmp::Reverse(report.start));
    let listed: Vec<String> = there.into_iter().take(MAX_LISTED).map(SimReport::listed).collect();
    page(world, asked, &listed)
}

/// One page of a list.
fn page(world: &World, asked: &Asked, entries: &[String]) -> Response {
    let skip = asked.skip().min(entries.len());
    let end = world.page_size.map_or(entries.len(), |size| (skip + size).min(entries.len()));
    let next = (end < entries.len()).then(|| asked.next_link("", end));
    let next = next.map(|link| format!(",\"@odata.nextLink\":{}", json!(link))).unwrap_or_default();
    plain(200, format!("{{\"value\":[{}]{next}}}", entries[skip..end].join(",")))
}

fn find<'a>(world: &'a World, path: &[&str], id: &str, now: Timestamp) -> Option<&'a SimReport> {
    let source = source(path)?;
    let mut reports = world.reports.iter();
    reports.find(|report| report.source == source && report.id == id && report.ready_at <= now)
}

fn report(world: &World, asked: &Asked, path: &[&str], id: &str, now: Timestamp) -> Response {
    let Some(report) = find(world, path, id, now) else { return not_found() };
    if let Some(raw) = &report.raw {
        return plain(200, raw.clone());
    }
    if asked.query("$expand") != Some("attendanceRecords") {
        return plain(200, report.page(&[], None));
    }
    let first = world.page_size.map_or(report.records.len(), |size| size.min(report.records.len()));
    let more = first < report.records.len();
    let next = more.then(|| asked.next_link("/attendanceRecords", first));
    plain(200, report.page(&report.records[..first], next.as_deref()))
}

fn records(world: &World, asked: &Asked, path: &[&str], id: &str, now: Timestamp) -> Response {
    match find(world, path, id, now) {
        Some(report) => page(world, asked, &report.records),
        None => not_found(),
    }
}

fn not_found() -> Response {
    refusal(404, "NotFound", "The requested resource was not found.")
}
