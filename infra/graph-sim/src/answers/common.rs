//! What the answers of several resources have in common.

use serde_json::json;
use shared::ports::http::Response;

use crate::faults::{plain, refusal};
use crate::manners::{Manner, ODD_ENTRY};
use crate::requests::Asked;
use crate::world::World;

/// The user whom a path names; the one of the token is who has signed in, else the first organizer.
pub(super) fn user_id(world: &World, path: &[&str]) -> Option<String> {
    match path {
        ["me"] => Some(world.person().0).filter(|id| !id.is_empty()),
        ["users", id] => Some((*id).to_owned()),
        _ => None,
    }
}

/// One page of a list, which is whole where nothing limits it.
pub(super) fn page(world: &World, asked: &Asked, entries: &[String]) -> Response {
    page_of(world, asked, entries, None)
}

/// One page of a list, with `most` entries at most.
pub(super) fn page_of(world: &World, asked: &Asked, entries: &[String], most: Option<usize>) -> Response {
    let with_odd: Vec<String>;
    let entries = if world.has(Manner::OddEntries) {
        with_odd = [entries, &[ODD_ENTRY.to_owned()]].concat();
        &with_odd
    } else {
        entries
    };
    if asked.skip() > 0 && world.has(Manner::SecondPagesFail) {
        return plain(500, String::new());
    }
    let skip = asked.skip().min(entries.len());
    let sizes = [most, world.page_size, asked.query("$top").and_then(|top| top.parse().ok())];
    let size = sizes.into_iter().flatten().min().unwrap_or(entries.len());
    let end = (skip + size).min(entries.len());
    let has_next = end < entries.len() || world.has(Manner::LastPageLinksToItself);
    let next = has_next.then(|| asked.next_link(end.max(1)));
    let next = next.map(|link| format!(",\"@odata.nextLink\":{}", json!(link))).unwrap_or_default();
    plain(200, format!("{{\"value\":[{}]{next}}}", entries[skip..end].join(",")))
}

pub(super) fn not_found() -> Response {
    refusal(404, "NotFound", "The requested resource was not found.")
}
