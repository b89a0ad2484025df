//! Webinars, town halls, and calendars.

use jiff::Timestamp;
use serde_json::json;
use shared::ports::http::Response;

use super::common::{not_found, page, user_id};
use super::registrations;
use crate::event::SimEvent;
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::world::World;

/// What lies below `/solutions/virtualEvents/{kind}`.
pub(super) fn answer(world: &World, asked: &Asked, kind: &str, path: &[&str]) -> Response {
    let of_kind = || world.events.iter().filter(|event| event.kind == kind);
    let json = |event: &SimEvent| world.listed_event_json(event);
    let listed = || of_kind().filter(|_| !world.has(Manner::EventsAreInvisible));
    let event = |id: &str| of_kind().find(|event| event.id == id);
    match path {
        [] => page(world, asked, &listed().map(json).collect::<Vec<_>>()),
        [function] if function.starts_with("getByUserIdAndRole(") => {
            let user = function.split('\'').nth(1).unwrap_or_default();
            let organized = listed().filter(|event| event.organizer_id.eq_ignore_ascii_case(user));
            page(world, asked, &organized.map(json).collect::<Vec<_>>())
        }
        [id] => event(id).map_or_else(not_found, |event| plain(200, world.event_json(event))),
        [id, "sessions"] => event(id).map_or_else(not_found, |event| {
            let sessions = event.session_ids.iter().map(|id| world.listed_session_json(event, id));
            page(world, asked, &sessions.collect::<Vec<_>>())
        }),
        [id, "sessions", session_id] => match event(id) {
            Some(event) if event.session_ids.iter().any(|id| id == session_id) => {
                plain(200, world.session_json(event, session_id))
            }
            _ => not_found(),
        },
        [id, "registrations", registration @ ..] => {
            registrations::answer(world, asked, kind, event(id), registration)
        }
        _ => not_found(),
    }
}

/// The events of a user's calendar between two times.
pub(super) fn calendar(world: &World, asked: &Asked, user: &[&str]) -> Response {
    let time = |name: &str| asked.query(name).and_then(|time| time.parse::<Timestamp>().ok());
    let (Some(since), Some(until)) = (time("startDateTime"), time("endDateTime")) else { return not_found() };
    let user = user_id(world, user);
    let selects_online = asked.query("$select").is_some_and(|select| select.contains("isOnlineMeeting"));
    let shows_meetings = selects_online || !world.has(Manner::MeetingsHiddenUnlessSelected);
    if !world.users.is_empty() && user.as_ref().is_none_or(|user| !world.has_user(user)) {
        return refusal(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, or hosted elsewhere.",
        );
    }
    let fits = world.calendar.iter().filter(|entry| {
        user.as_ref().is_some_and(|user| entry.user_id.eq_ignore_ascii_case(user))
            && entry.start < until
            && entry.start >= since
    });
    let shown = fits.map(|entry| {
        let online =
            entry.join_web_url.as_ref().filter(|_| shows_meetings).map(|url| json!({"joinUrl": url}));
        let mut event = json!({"id": "AAMk", "isOrganizer": entry.is_organizer, "onlineMeeting": online});
        if selects_online {
            event["isOnlineMeeting"] = json!(true);
        }
        event.to_string()
    });
    page(world, asked, &shown.collect::<Vec<_>>())
}
