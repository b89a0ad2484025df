//! What a person must know before reading a session's table.

use crate::pages::loaded::Loaded;

/// What a person must know before reading the table.
pub(super) fn notices(loaded: &Loaded) -> Vec<String> {
    let session = &loaded.session;
    let mut notices = Vec::new();
    for part in &session.parts {
        match (part.participants, part.records) {
            (Some(count), 0) if count > 0 => {
                notices
                    .push(format!("Graph counts {count} and sent no records: who was there is not known."));
            }
            (None, 0) => notices
                .push("The report has neither records nor a count: who was there is not known.".to_owned()),
            (Some(count), records) if part.is_short() => {
                notices.push(format!(
                    "Graph counts {count} and sent {records} records: who is not named may have been there."
                ));
            }
            _ => {}
        }
        if part.erased > 0 {
            notices.push(format!(
                "{} of the records stand for people who were erased: who they were is not known, and they are in no sum.",
                part.erased
            ));
        }
    }
    if session.has_names_only {
        notices.push(
            "The report has names and no times: everybody named counts as present, without minutes."
                .to_owned(),
        );
    }
    if session.attendees.iter().any(|attendee| !attendee.unclear.is_empty()) {
        notices.push("Of some times one end is not known: they are drawn open, and not counted.".to_owned());
    }
    if session.is_stray {
        notices.push(
            "Under five minutes with at most two people: a stray, which has no column in the register."
                .to_owned(),
        );
    }
    notices
}
