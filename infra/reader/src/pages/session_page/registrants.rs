//! Who is beside a session's table: the registrations held against who came.

use crate::model::Registration;
use crate::pages::loaded::Loaded;
use crate::people::Person;
use crate::session::did_not_come;
use crate::text::Text;
use crate::words::{self, one_line};

/// Somebody beside the table.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) about: String,
}

/// Who did not come, who was not expected, and who came without a registration.
pub(super) fn apart(loaded: &Loaded) -> Vec<(&'static str, Vec<Named>)> {
    if loaded.registrations.is_empty() {
        return Vec::new();
    }
    let registrants = did_not_come(&loaded.session, &loaded.registrations);
    let shown = |text: &Option<Text>| text.as_ref().map(|text| one_line(text.shown())).unwrap_or_default();
    let named = |one: &Registration| Named {
        name: one_line(&words::name_of(one.name.as_ref(), one.address.as_ref())),
        about: [shown(&one.address), one.status.clone().unwrap_or_default()].join(" · "),
    };
    let came = |person: &Person| Named { name: one_line(&words::name(person)), about: words::about(person) };
    [
        ("Did not come", registrants.did_not_come.iter().map(named).collect::<Vec<_>>()),
        (
            "Not expected: canceled, waitlisted, pending or rejected",
            registrants.not_expected.iter().map(named).collect(),
        ),
        ("Came without a registration", registrants.came_unregistered.iter().map(came).collect()),
    ]
    .into_iter()
    .filter(|(_, people)| !people.is_empty())
    .collect()
}
