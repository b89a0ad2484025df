//! What the answers of several resources have in common.

use serde_json::json;
use shared::ports::http::Response;

use crate::faults::{plain, refusal};
use crate::requests::Asked;
use crate::world::World;

/// The user whom a path names; the one of the token is the first organizer.
pub(super) fn user_id(world: &World, path: &[&str]) -> Option<String> {
    match path {
        ["me"] => world.meetings.first().map(|meeting| meeting.organizer_id.clone()),
        ["users", id] => Some((*id).to_owned()),
        _ => None,
    }
}

/// One page of a list.
pub(super) fn page(world: &World, asked: &Asked, entries: &[String]) -> Response {
    let skip = asked.skip().min(entries.len());
    let sizes = [world.page_size, asked.query("$top").and_then(|top| top.parse().ok())];
    let size = sizes.into_iter().flatten().min().unwrap_or(entries.len());
    let end = (skip + size).min(entries.len());
    let next = (end < entries.len()).then(|| asked.next_link(end));
    let next = next.map(|link| format!(",\"@odata.nextLink\":{}", json!(link))).unwrap_or_default();
    plain(200, format!("{{\"value\":[{}]{next}}}", entries[skip..end].join(",")))
}

pub(super) fn not_found() -> Response {
    refusal(404, "NotFound", "The requested resource was not found.")
}
