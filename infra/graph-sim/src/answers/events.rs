//! Webinars, town halls, and calendars.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::ports::http::Response;

use super::common::{not_found, page, user_id};
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::world::{SimEvent, World};

/// What lies below `/solutions/virtualEvents/{kind}`.
pub(super) fn answer(world: &World, asked: &Asked, kind: &str, path: &[&str]) -> Response {
    let of_kind = || world.events.iter().filter(|event| event.kind == kind);
    let json = |event: &SimEvent| event.json(!world.has(Manner::OddMembers));
    let listed = || of_kind().filter(|_| !world.has(Manner::EventsAreInvisible));
    let event = |id: &str| of_kind().find(|event| event.id == id);
    match path {
        [] => page(world, asked, &listed().map(json).collect::<Vec<_>>()),
        [function] if function.starts_with("getByUserIdAndRole(") => {
            let user = function.split('\'').nth(1).unwrap_or_default();
            let organized = listed().filter(|event| event.organizer_id.eq_ignore_ascii_case(user));
            page(world, asked, &organized.map(json).collect::<Vec<_>>())
        }
        [id] => event(id).map_or_else(not_found, |event| plain(200, json(event))),
        [id, "sessions"] => match event(id) {
            Some(event) => {
                page(world, asked, &event.session_ids.iter().map(|id| session(event, id)).collect::<Vec<_>>())
            }
            None => not_found(),
        },
        [id, "sessions", session_id] => match event(id) {
            // As the page shows it: inside `value`.
            Some(event) if event.session_ids.iter().any(|id| id == session_id) => {
                plain(200, format!("{{\"value\":{}}}", session(event, session_id)))
            }
            _ => not_found(),
        },
        _ => not_found(),
    }
}

/// A session of an hour that ends when the event does.
fn session(event: &SimEvent, id: &str) -> String {
    let start = event.end - SignedDuration::from_hours(1);
    json!({
        "@odata.type": "#microsoft.graph.virtualEventSession",
        "id": id,
        "subject": null,
        "startDateTime": start.to_string(),
        "endDateTime": {"dateTime": event.end.to_string().trim_end_matches('Z'), "timeZone": "UTC"},
        "joinWebUrl": format!("https://teams.microsoft.com/l/meetup-join/19%3a{id}%40thread.v2/0"),
    })
    .to_string()
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
