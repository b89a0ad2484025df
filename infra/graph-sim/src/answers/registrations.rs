//! Registrations for webinars and town halls.

use shared::ports::http::Response;

use super::common::{not_found, page};
use crate::event::SimEvent;
use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::world::World;

/// What lies below `/solutions/virtualEvents/{kind}/{event}/registrations`. Town halls have registrations in the types of
/// v1.0, but pages in beta only. How Graph words its refusals here no page shows.
pub(super) fn answer(
    world: &World,
    asked: &Asked,
    kind: &str,
    event: Option<&SimEvent>,
    path: &[&str],
) -> Response {
    let is_beta = asked.segments.first().is_some_and(|version| version == "beta");
    if kind == "townhalls" && !is_beta {
        return refusal(400, "BadRequest", "Resource not found for the segment 'registrations'.");
    }
    let Some(event) = event else { return not_found() };
    let registrations = world.registrations_json(&event.id);
    match path {
        [] if world.has(Manner::RegistrationsAreNotListed) => {
            refusal(403, "Forbidden", "Insufficient privileges to complete the operation.")
        }
        [] => page(world, asked, &registrations.into_iter().map(|(_, json)| json).collect::<Vec<_>>()),
        [id] => {
            let mut named = registrations.into_iter().filter(|(known, _)| known == id);
            named.next().map_or_else(not_found, |(_, json)| plain(200, json))
        }
        _ => not_found(),
    }
}
