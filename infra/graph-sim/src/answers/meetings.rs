//! Online meetings: by their id, their address or their number.

use jiff::{SignedDuration, Timestamp};
use shared::ports::http::Response;

use super::common::{not_found, user_id};
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::meeting::Meeting;
use crate::requests::Asked;
use crate::world::World;

/// Graph forgets the address of a meeting so long after its last session.
const ADDRESS_KEPT: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The meetings that a filter finds: one, or none.
pub(super) fn list(world: &World, asked: &Asked, user: &[&str], now: Timestamp) -> Response {
    let Some(organizer) = user_id(world, user) else { return not_found() };
    let wanted = asked.query("$filter").and_then(|filter| filter.split_once(" eq '"));
    let Some((member, wanted)) = wanted else {
        return refusal(400, "BadRequest", "Filter expression expected - /onlineMeetings?$filter=...");
    };
    let wanted = wanted.strip_suffix('\'').unwrap_or_default().replace("''", "'");
    let has_name = |meeting: &&Meeting| match member {
        "JoinWebUrl" => meeting.join_web_url == wanted && !is_address_expired(world, meeting, now),
        _ => meeting.join_meeting_id() == wanted,
    };
    let is_organizers = |meeting: &&Meeting| meeting.organizer_id.eq_ignore_ascii_case(&organizer);
    let named = || world.meetings.iter().filter(has_name);
    let found: Vec<String> =
        named().filter(is_organizers).map(|meeting| world.meeting_json(meeting)).collect();
    if found.is_empty() && world.has(Manner::OrganizersAreMatched) && named().next().is_some() {
        return mismatch();
    }
    if found.is_empty() && world.has(Manner::UnknownMeetingsAreRefused) {
        return unknown();
    }
    plain(200, format!("{{\"value\":[{}]}}", found.join(",")))
}

/// A meeting by its id, which finds it also where its address has expired; whether Graph's does is not known.
pub(super) fn meeting(world: &World, user: &[&str], id: &str, now: Timestamp) -> Response {
    let Some(organizer) = user_id(world, user) else { return not_found() };
    let mut meetings = world.meetings.iter();
    let found = meetings
        .find(|meeting| meeting.meeting_id == id && meeting.organizer_id.eq_ignore_ascii_case(&organizer));
    match found {
        Some(meeting) if world.has(Manner::MeetingsExpire) && is_long_over(world, meeting, now) => unknown(),
        Some(meeting) => plain(200, world.meeting_json(meeting)),
        None => not_found(),
    }
}

/// What Graph says instead of a list of reports, where the meeting is somebody else's.
pub(super) fn refusal_of_reports(world: &World, path: &[&str]) -> Option<Response> {
    let [user @ .., "onlineMeetings", id] = path else { return None };
    let organizer = user_id(world, user)?;
    let mut meetings = world.meetings.iter().filter(|meeting| meeting.meeting_id == *id).peekable();
    if meetings.peek().is_none() {
        return world.has(Manner::UnknownMeetingsAreRefused).then(unknown);
    }
    let is_organizers = meetings.any(|meeting| meeting.organizer_id.eq_ignore_ascii_case(&organizer));
    (!is_organizers && world.has(Manner::OrganizersAreMatched)).then(mismatch)
}

fn mismatch() -> Response {
    refusal(404, "NotFound", "Organizer Id mismatch User Id in the request")
}

fn unknown() -> Response {
    refusal(404, "NotFound", "3004: Specified meeting is not found")
}

fn is_address_expired(world: &World, meeting: &Meeting, now: Timestamp) -> bool {
    let expires = world.has(Manner::AddressesExpire) || world.has(Manner::MeetingsExpire);
    expires && is_long_over(world, meeting, now)
}

fn is_long_over(world: &World, meeting: &Meeting, now: Timestamp) -> bool {
    let source = meeting.source();
    let last = world.reports.of(&source).filter_map(|report| report.end).max();
    last.is_some_and(|end| now.duration_since(end) > ADDRESS_KEPT)
}
