//! What the demo's tenant has invented: titles, and who registered for a webinar and came, or did not.

use graph_sim::{GraphSim, RegistrationMatch, attendance_record, record_of_registration, registration};
use jiff::{SignedDuration, Timestamp};

/// The titles of meetings and events, by their ids.
const TITLES: [(&str, &str); 11] = [
    ("m-1", "Weekly product sync"),
    ("m-2", "Budget 2027, second reading"),
    ("m-3", "All hands: the year in review"),
    ("m-4", "Onboarding, day two"),
    ("m-5", "Design review: \"one page\" 🎯"),
    ("m-6", "Supplier call: paper and toner"),
    ("m-7", "Retrospective"),
    ("w-1@contoso", "Working well in hybrid teams"),
    ("h-1@contoso", "Town hall: where we go next"),
    ("w-2@contoso", "Phishing: what to look for"),
    ("w-3@contoso", "Data protection training"),
];
/// The people who registered for the webinar: the first came, the last two did not.
const REGISTERED: std::ops::RangeInclusive<usize> = 1..=24;
const CAME: std::ops::RangeInclusive<usize> = 1..=22;
/// Who registered, too, and canceled in time.
const CANCELED: usize = 25;
/// People of other numbers come without a registration.
const FIRST_UNREGISTERED: usize = 26;

/// The title of a meeting or event; one of the extra meetings is called after its id.
pub(super) fn title(id: &str) -> String {
    let known = TITLES.iter().find(|(known, _)| *known == id);
    known.map_or_else(|| format!("Workshop {id}"), |(_, title)| (*title).to_owned())
}

/// Registers people for a webinar a week before its end, and answers the records of the `attendees` who came.
pub(super) fn registered_attendees(
    sim: &GraphSim,
    event_id: &str,
    attendees: usize,
    (start, end): (Timestamp, Timestamp),
) -> Vec<String> {
    let registered_at = end - SignedDuration::from_hours(7 * 24);
    for number in REGISTERED {
        sim.add_registration(event_id, registration(number, registered_at));
    }
    let canceled = registration(CANCELED, registered_at).canceled(end - SignedDuration::from_hours(24));
    sim.add_registration(event_id, canceled);
    let organizer = attendance_record(0, start, end);
    let registered = CAME.map(|number| {
        record_of_registration(&registration(number, registered_at), matching(number), start, end)
    });
    let others = (FIRST_UNREGISTERED..).map(|number| attendance_record(number, start, end));
    std::iter::once(organizer).chain(registered).chain(others).take(attendees).collect()
}

/// Most records name their registration; some do so through another system, or by the address alone.
fn matching(number: usize) -> RegistrationMatch {
    match number % 6 {
        4 => RegistrationMatch::ExternalId,
        5 => RegistrationMatch::Address,
        _ => RegistrationMatch::Id,
    }
}
