//! The items of a request: users, meetings, webinars and town halls, as people name them.

use std::collections::BTreeSet;

use serde::Deserialize;
use shared::model::NamedMeeting;
use shared::model::input::{self, UserName};

use super::accepted::RefusedItem;
use super::users::Users;

/// The user of a delegated token: only `rollcall pull` has one.
const ME: &str = "me";

/// The items of a request, before they are read.
#[derive(Debug, Default)]
pub(crate) struct RequestItems {
    pub(super) organizers: Vec<String>,
    pub(super) meetings: Vec<MeetingField>,
    pub(super) webinars: Vec<String>,
    pub(super) townhalls: Vec<String>,
}

/// A meeting as a request has it: alone, or with its organizer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum MeetingField {
    /// An address, a number or an id.
    Meeting(String),
    /// With its organizer.
    Of {
        /// The user who organized it.
        organizer: String,
        /// An address, a number or an id.
        meeting: String,
    },
}

/// The items that can be looked at, and those that cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AcceptedItems {
    /// The object ids of the users whose meetings are looked for.
    pub(crate) organizers: Vec<String>,
    pub(crate) meetings: Vec<NamedMeeting>,
    pub(crate) webinars: Vec<String>,
    pub(crate) townhalls: Vec<String>,
    pub(crate) refused: Vec<RefusedItem>,
}

impl RequestItems {
    /// The user principal names among the items: Graph is asked for their object ids.
    pub(crate) fn principal_names(&self) -> BTreeSet<String> {
        let beside_meetings = self.meetings.iter().filter_map(|item| match item {
            MeetingField::Meeting(_) => None,
            MeetingField::Of { organizer, .. } => Some(organizer),
        });
        let users = self.organizers.iter().chain(beside_meetings);
        let name = |user: &String| match input::user(user) {
            Ok(UserName::PrincipalName(name)) => Some(name),
            Ok(UserName::ObjectId(_)) | Err(_) => None,
        };
        users.filter_map(name).collect()
    }

    /// Accepts what can be looked at in the tenant `tenant_id`, and notes what cannot. `users` has what
    /// [`Self::principal_names`] asked for.
    pub(crate) fn accept(self, users: &Users, tenant_id: &str) -> AcceptedItems {
        let mut accepted = AcceptedItems::default();
        let refused = &mut accepted.refused;
        let user = |text: String| object_id(&text, users);
        let only = match self.organizers.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        accepted.organizers = read("organizers", self.organizers, user, refused);
        let meeting = |item| meeting(item, only.as_deref(), users, tenant_id);
        accepted.meetings = read("meetings", self.meetings, meeting, refused);
        let event = |id: String| input::virtual_event(&id, tenant_id);
        accepted.webinars = read("webinars", self.webinars, event, refused);
        accepted.townhalls = read("townhalls", self.townhalls, event, refused);
        accepted
    }
}

/// Reads the items of a list, each once, and notes those that are refused.
fn read<T, U: Ord + Clone>(
    list: &str,
    items: Vec<T>,
    read: impl Fn(T) -> Result<U, &'static str>,
    refused: &mut Vec<RefusedItem>,
) -> Vec<U> {
    let (mut accepted, mut known) = (Vec::new(), BTreeSet::new());
    for (index, item) in items.into_iter().enumerate() {
        match read(item) {
            // One user may be written by the object id and by the user principal name.
            Ok(item) if !known.insert(item.clone()) => {}
            Ok(item) => accepted.push(item),
            Err(why) => refused.push(RefusedItem { item: format!("{list}[{index}]"), why: why.to_owned() }),
        }
    }
    accepted
}

fn object_id(text: &str, users: &Users) -> Result<String, &'static str> {
    if text.trim().eq_ignore_ascii_case(ME) {
        return Ok(ME.to_owned());
    }
    users.object_id(&input::user(text)?)
}

/// A meeting with the organizer that it is written with, or the `only` one of the request, or the one that its
/// address or id names.
fn meeting(
    item: MeetingField,
    only: Option<&str>,
    users: &Users,
    tenant_id: &str,
) -> Result<NamedMeeting, &'static str> {
    let (organizer, meeting) = match &item {
        MeetingField::Meeting(meeting) => (only, meeting),
        MeetingField::Of { organizer, meeting } => (Some(organizer.as_str()), meeting),
    };
    let meeting = input::meeting(meeting, tenant_id)?;
    let organizer_id = organizer.map(|organizer| object_id(organizer, users)).transpose()?;
    meeting.organized_by(organizer_id.as_deref())
}
