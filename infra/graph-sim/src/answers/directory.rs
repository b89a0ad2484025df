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
        json!({"id": id, "userPrincipalName": format!("{id}{domain}")}).to_string()
    };
    let members = world.users.iter().map(|id| name(id, "@contoso.com"));
    let guests = world.guests.iter().map(|id| name(id, "_fabrikam.com#EXT#@contoso.com"));
    let users: Vec<String> = members.chain(guests).collect();
    page(world, asked, &users)
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
