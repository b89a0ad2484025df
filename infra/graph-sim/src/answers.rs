//! The answers: one function for each resource.

mod common;
mod directory;
mod events;
mod meetings;
mod registrations;
mod reports;
mod sign_in;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::ports::http::Response;

use crate::faults::{plain, refusal, unauthorized};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::signing;
use crate::tenant::{CLIENT_ID, CLIENT_SECRET};
use crate::world::{Call, World};
use common::{not_found, page_of};

pub(crate) fn answer(world: &mut World, asked: &Asked, now: Timestamp) -> Response {
    if let Some(failure) = world.faults.answer(&asked.path()) {
        return failure;
    }
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    if let Some(answer) = of_token_service(world, asked, &segments, now) {
        return answer;
    }
    if !world.is_authorized(asked) {
        return unauthorized();
    }
    if let Some(refused) = sign_in::forbidden(world, asked).or_else(|| spurious_refusal(world, asked)) {
        return refused;
    }
    let [version @ ("v1.0" | "beta"), resource @ ..] = segments.as_slice() else { return not_found() };
    match resource {
        [user @ .., "onlineMeetings"] => meetings::list(world, asked, user, now),
        [user @ .., "onlineMeetings", id] => meetings::meeting(world, user, id, now),
        [user @ .., "calendarView"] => events::calendar(world, asked, user),
        ["communications", "callRecords"] => call_records(world, asked, now),
        ["communications", "callRecords", id] => {
            let call = world.calls.iter().find(|call| call.id == *id && is_kept(call, now));
            let names_organizer = !world.has(Manner::OrganizersAreUnnamed);
            let json = |call: &Call| match asked.query("$expand") {
                Some("participants_v2") => call.with_participants(names_organizer),
                _ => call.json(names_organizer),
            };
            call.map_or_else(not_found, |call| plain(200, world.in_version(call, json(call))))
        }
        ["subscriptions"] => world.list_subscriptions(now),
        ["subscriptions", id] => world.subscription(asked, id, now),
        ["users"] => directory::users(world, asked),
        ["users", name] => directory::user(world, name),
        [key] if key.starts_with("users('") => directory::user_by_key(world, key),
        [application] if application.starts_with("applications(appId=") => directory::application(world),
        ["groups", id, "transitiveMembers"] => directory::members(world, asked, id),
        [path @ .., "attendanceReports"] => reports::list(world, asked, path, now),
        [path @ .., "attendanceReports", id] => reports::report(world, asked, path, id, now),
        [path @ .., "attendanceReports", id, "attendanceRecords"] => {
            reports::records(world, asked, path, id, now)
        }
        [path @ .., "meetingAttendanceReport"] if *version == "beta" => {
            reports::newest(world, asked, path, now)
        }
        ["solutions", "virtualEvents", kind, path @ ..] => events::answer(world, asked, kind, path),
        _ => not_found(),
    }
}

/// The answer of the token service; `None` where Graph is asked.
fn of_token_service(world: &mut World, asked: &Asked, segments: &[&str], now: Timestamp) -> Option<Response> {
    match segments {
        [_tenant, "oauth2", "v2.0", "authorize"] => Some(sign_in::authorize(world, asked, now)),
        [_tenant, "oauth2", "v2.0", "devicecode"] => Some(sign_in::device_code(world, asked, now)),
        [_tenant, "oauth2", "v2.0", "token"] => {
            Some(sign_in::grant(world, asked, now).unwrap_or_else(|| token(world, asked)))
        }
        ["devicelogin"] => Some(sign_in::device_login(world, asked)),
        ["common", "discovery", "keys"] => Some(signing::key_set(world.signing_key, now + world.skew)),
        _ => None,
    }
}

/// One call in eleven is refused without a reason, where Graph behaves so.
fn spurious_refusal(world: &World, asked: &Asked) -> Option<Response> {
    const EVERY: usize = 11;
    let number = world.requests.len();
    if !world.has(Manner::SpuriousRefusals) || !number.is_multiple_of(EVERY) {
        return None;
    }
    Some(match number / EVERY % 4 {
        0 => unauthorized(),
        1 => refusal(400, "BadRequest", "An error has occurred."),
        2 => refusal(403, "Forbidden", "An error has occurred."),
        _ if asked.path().ends_with("/onlineMeetings") => {
            refusal(400, "BadRequest", "1026: An error has occurred.")
        }
        _ => refusal(403, "Forbidden", "An error has occurred."),
    })
}

fn token(world: &mut World, asked: &Asked) -> Response {
    let secret = world.client_secret.clone().unwrap_or_else(|| CLIENT_SECRET.to_owned());
    if asked.form("client_id").as_deref() != Some(CLIENT_ID) {
        token_refusal(700_016, "Application was not found in the directory.")
    } else if let Some(assertion) = asked.form("client_assertion") {
        world.assertions.push(assertion);
        new_token(world)
    } else if asked.form("client_secret") != Some(secret) {
        token_refusal(7_000_215, "Invalid client secret provided.")
    } else {
        new_token(world)
    }
}

fn new_token(world: &mut World) -> Response {
    let token = world.new_token();
    let answer =
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token});
    plain(200, answer.to_string())
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

/// Graph forgets a call after 30 days.
fn is_kept(call: &Call, now: Timestamp) -> bool {
    now.duration_since(call.start) < SignedDuration::from_hours(30 * 24)
}

/// How many call records Graph puts on a page.
const CALL_RECORDS_A_PAGE: usize = 60;

fn call_records(world: &World, asked: &Asked, now: Timestamp) -> Response {
    let times: Vec<Timestamp> = asked.times_in("$filter");
    let [since, until] = times[..] else { return refusal(400, "BadRequest", "Invalid filter clause.") };
    let fits = |call: &&Call| is_kept(call, now) && call.start >= since && call.start < until;
    let json = |call: &Call| match world.has(Manner::ListedCallsAreUnknown) {
        true => call.unknown(),
        false => call.json(!world.has(Manner::OrganizersAreUnnamed)),
    };
    // Only those of the page are written out: a busy day's list is long.
    let page = asked.skip()..asked.skip() + CALL_RECORDS_A_PAGE;
    let written = |(place, call): (usize, &Call)| match page.contains(&place) {
        true => world.in_version(call, json(call)),
        false => String::new(),
    };
    let found: Vec<String> = world.calls.iter().filter(fits).enumerate().map(written).collect();
    page_of(world, asked, &found, Some(CALL_RECORDS_A_PAGE))
}
