//! The items of a request: users, meetings, webinars and town halls, as people name them.

use serde::Deserialize;
use shared::model::{NamedMeeting, is_guid, join_url_context};

/// The longest id that is taken, in bytes.
const MAX_ID_BYTES: usize = 1_024;

/// A meeting as a request has it: alone, or with its organizer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum MeetingField {
    /// An address or an id.
    Meeting(String),
    /// With its organizer.
    Of {
        /// The object id of the user who organized it.
        organizer: String,
        /// An address or an id.
        meeting: String,
    },
}

/// A user's object id.
pub(super) fn object_id(id: &str) -> Result<String, &'static str> {
    // The user of a delegated token: only `rollcall pull` has one.
    if id == "me" || is_guid(id) {
        Ok(id.to_ascii_lowercase())
    } else if id.contains('@') {
        Err("this is an address: write the user's object id, as the Entra portal shows it")
    } else {
        Err(
            "this is no object id: write it as the Entra portal shows it, like 0a11ce00-0000-4000-8000-0000c0205050",
        )
    }
}

/// A meeting, with the organizer that it is written with, or the `only` one of the request, or the
/// one in its address.
pub(super) fn meeting(
    item: MeetingField,
    only: Option<&str>,
    tenant_id: &str,
) -> Result<NamedMeeting, &'static str> {
    let (organizer, meeting) = match item {
        MeetingField::Meeting(meeting) => (only.map(str::to_owned), meeting),
        MeetingField::Of { organizer, meeting } => (Some(organizer), meeting),
    };
    let context = join_url_context(&meeting);
    let is_foreign = |tenant: &String| !tenant.eq_ignore_ascii_case(tenant_id);
    if context.as_ref().is_some_and(|context| context.tenant_id.as_ref().is_some_and(is_foreign)) {
        return Err("the meeting is of another tenant: only its own application can read its reports");
    }
    if is_outlook_event(&meeting) {
        return Err(
            "this is the id of an Outlook event: write the event's onlineMeeting.joinUrl, or the online meeting's id",
        );
    }
    if meeting.is_empty() || meeting.len() > 4 * MAX_ID_BYTES {
        return Err("this is no meeting: write its join URL or its id");
    }
    let organizer = organizer.or_else(|| context.and_then(|context| context.organizer_id));
    let organizer = organizer.ok_or(
        "nobody knows who organized it: write {\"organizer\": …, \"meeting\": …}, or one organizer for all",
    )?;
    Ok(NamedMeeting { organizer_id: object_id(&organizer)?, meeting })
}

/// A webinar's or town hall's id: `{guid}@{tenant}`.
pub(super) fn event(id: &str, tenant_id: &str) -> Result<String, &'static str> {
    let is_one = !id.is_empty()
        && id.len() <= MAX_ID_BYTES
        && !id.contains(['/', '?', '#'])
        && !id.contains(char::is_control);
    let tenant = id.rsplit_once('@').map(|(_, tenant)| tenant);
    if !is_one {
        Err("this is no webinar or town hall: write its id, like …@tenant")
    } else if tenant.is_some_and(|tenant| is_guid(tenant) && !tenant.eq_ignore_ascii_case(tenant_id)) {
        Err("the event is of another tenant: only its own application can read its reports")
    } else {
        Ok(id.to_owned())
    }
}

/// The beginnings of Exchange's ids.
fn is_outlook_event(id: &str) -> bool {
    ["AAMk", "AQMk", "AAkA"].iter().any(|begin| id.starts_with(begin))
}
