//! Users and groups.

use serde_json::json;
use shared::ports::http::Response;

use super::common::page;
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::world::World;

pub(super) fn users(world: &mut World, asked: &Asked) -> Response {
    let is_first_time = asked.skip() > 0
        && world.has(Manner::PageTokensExpire)
        && world.expired_lists.insert("users".to_owned());
    if is_first_time {
        return refusal(400, "Directory_ExpiredPageToken", "The specified page token value has expired.");
    }
    let name = |id: &String, domain: &str| {
        json!({"id": id, "userPrincipalName": world.principal_name(id, domain)}).to_string()
    };
    let members = world.users.iter().map(|id| name(id, "@contoso.com"));
    let guests = world.guests.iter().map(|id| name(id, "_fabrikam.com#EXT#@contoso.com"));
    let users: Vec<String> = members.chain(guests).collect();
    page(world, asked, &users)
}

/// A user by the object id or the user principal name, in any case. A name that begins with a dollar sign is
/// taken for OData's own in a path (<https://learn.microsoft.com/graph/api/user-get>).
pub(super) fn user(world: &World, name: &str) -> Response {
    if name.starts_with('$') {
        return refusal(400, "BadRequest", "Resource not found for the segment.");
    }
    found(world, name)
}

/// The same, as `users('…')`.
pub(super) fn user_by_key(world: &World, key: &str) -> Response {
    let name = key.strip_prefix("users('").and_then(|rest| rest.strip_suffix("')")).unwrap_or_default();
    found(world, &name.replace("''", "'"))
}

/// The refusal's code is what public code and questions show; no page of Microsoft has the whole answer.
fn found(world: &World, name: &str) -> Response {
    let mut names = world.principal_names.iter();
    let by_name = names.find(|(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, id)| id);
    let by_id = || world.users.iter().find(|id| id.eq_ignore_ascii_case(name));
    match by_name.or_else(by_id) {
        Some(id) => plain(200, json!({"id": id}).to_string()),
        None => refusal(404, "Request_ResourceNotFound", "Resource does not exist."),
    }
}

/// The members of a group: users, and the groups within it.
pub(super) fn members(world: &World, asked: &Asked, group: &str) -> Response {
    let mut shown =
        vec![json!({"@odata.type": "#microsoft.graph.group", "id": "a-group-within"}).to_string()];
    let members = world.members.iter().filter(|(of, _)| of == group);
    shown
        .extend(members.map(|(_, id)| json!({"@odata.type": "#microsoft.graph.user", "id": id}).to_string()));
    page(world, asked, &shown)
}

/// The application, without its secrets.
pub(super) fn application(world: &World) -> Response {
    let credential =
        |end: jiff::Timestamp| json!({"keyId": "k", "endDateTime": end.to_string(), "hint": null});
    let secrets: Vec<_> = world.secret_end.into_iter().map(credential).collect();
    plain(200, json!({"passwordCredentials": secrets, "keyCredentials": []}).to_string())
}
