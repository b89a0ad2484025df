//! Online meetings: by their id, their address or their number.

use jiff::{SignedDuration, Timestamp};
use shared::ports::http::Response;

use super::common::{not_found, user_id};
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::world::{Meeting, World};

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
        "JoinWebUrl" => meeting.join_web_url == wanted && !is_expired(world, meeting, now),
        _ => meeting.join_meeting_id() == wanted,
    };
    let is_organizers = |meeting: &&Meeting| meeting.organizer_id.eq_ignore_ascii_case(&organizer);
    let subject = if world.has(Manner::OddMembers) { r#""half an emoji \ud83d""# } else { "null" };
    let named = || world.meetings.iter().filter(has_name);
    let found: Vec<String> =
        named().filter(is_organizers).map(|meeting| shown(world, meeting).json(subject)).collect();
    if found.is_empty() && world.has(Manner::OrganizersAreMatched) && named().next().is_some() {
        return mismatch();
    }
    if found.is_empty() && world.has(Manner::UnknownMeetingsAreRefused) {
        return refusal(404, "NotFound", "3004: Specified meeting is not found");
    }
    plain(200, format!("{{\"value\":[{}]}}", found.join(",")))
}

pub(super) fn meeting(world: &World, user: &[&str], id: &str) -> Response {
    let organizer = user_id(world, user);
    let mut meetings = world.meetings.iter();
    let found = meetings
        .find(|meeting| meeting.meeting_id == id && Some(&meeting.organizer_id) == organizer.as_ref());
    found.map_or_else(not_found, |meeting| plain(200, meeting.json("null")))
}

/// What Graph says instead of a list of reports, where the meeting is somebody else's.
pub(super) fn refusal_of_reports(world: &World, path: &[&str]) -> Option<Response> {
    let [user @ .., "onlineMeetings", id] = path else { return None };
    let organizer = user_id(world, user)?;
    let mut meetings = world.meetings.iter().filter(|meeting| meeting.meeting_id == *id).peekable();
    if meetings.peek().is_none() {
        let unknown = || refusal(404, "NotFound", "3004: Specified meeting is not found");
        return world.has(Manner::UnknownMeetingsAreRefused).then(unknown);
    }
    let is_organizers = meetings.any(|meeting| meeting.organizer_id.eq_ignore_ascii_case(&organizer));
    (!is_organizers && world.has(Manner::OrganizersAreMatched)).then(mismatch)
}

fn mismatch() -> Response {
    refusal(404, "NotFound", "Organizer Id mismatch User Id in the request")
}

fn is_expired(world: &World, meeting: &Meeting, now: Timestamp) -> bool {
    let source = meeting.source();
    let reports = world.reports.iter().filter(|report| report.source == source);
    let last = reports.filter_map(|report| report.end).max();
    world.has(Manner::AddressesExpire) && last.is_some_and(|end| now.duration_since(end) > ADDRESS_KEPT)
}

/// The meeting with the letters that Graph writes its ids in.
fn shown(world: &World, meeting: &Meeting) -> Meeting {
    let organizer_id = match world.has(Manner::IdsInCapitals) {
        true => meeting.organizer_id.to_uppercase(),
        false => meeting.organizer_id.clone(),
    };
    Meeting { organizer_id, ..meeting.clone() }
}
