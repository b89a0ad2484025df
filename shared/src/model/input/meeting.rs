//! A meeting as people name it: its address, the number that they type to join it, or one of its ids.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::address::{address, is_address, join_number};
use super::ids::{guid, principal_name};
use super::text::{bare, is_blank, is_hyphen};
use crate::model::join_url::{JoinUrlContext, join_url_context, meeting_id_of, normalize_join_url};
use crate::model::named_meeting::{MeetingName, NamedMeeting};
use crate::model::segments::MAX_ID_BYTES;

const NO_MEETING: &str =
    "this is no meeting: write its join URL, the number that people type to join it, or its id in Graph";
const NO_NUMBER: &str = "this is no meeting: the number that people type to join one has 9 to 20 digits";
const OUTLOOK_EVENT: &str =
    "this is the id of an Outlook event: write the event's onlineMeeting.joinUrl, or the online meeting's id";
const VIRTUAL_EVENT: &str =
    "this is the id of a webinar or town hall: write it among the webinars or the town halls";
const CHANNEL: &str =
    "this is the id of a channel or chat, which has many meetings: write the meeting's join URL";
const FOREIGN: &str = "the meeting is of another tenant: only its own application can read its reports";
pub(super) const NO_ORGANIZER: &str = "nobody knows who organized it: name its organizer as well, or write its long join URL, the context of which names the organizer (Oid)";
const OTHER_ORGANIZER: &str = "the meeting names another organizer than the one that was written: leave the organizer out, or correct one of them";
const NO_OBJECT_ID: &str = "this id says a meeting only together with its organizer's object id: name the organizer, or write the join URL";

/// A meeting as a person named it, before it is known who organized it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedMeeting {
    name: TypedName,
    /// The organizer that the address or the id names, in lower case.
    organizer_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TypedName {
    /// A name that Graph knows.
    Known(MeetingName),
    /// The id that clients show, `19:meeting_…@thread.v2`: with the organizer it makes the id in Graph.
    Thread(String),
}

/// Reads a meeting of the tenant `tenant_id`.
///
/// # Errors
/// It is no meeting, or of another tenant; the sentence says what to write.
pub fn meeting(text: &str, tenant_id: &str) -> Result<TypedMeeting, &'static str> {
    let text = bare(text);
    if is_address(text) {
        return by_address(text, tenant_id);
    }
    if text.is_empty() || text.len() > 4 * MAX_ID_BYTES {
        return Err(NO_MEETING);
    }
    if text.chars().all(|c| c.is_ascii_digit() || is_blank(c) || is_hyphen(c)) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let number = join_number(&digits).ok_or(NO_NUMBER)?;
        return Ok(TypedMeeting { name: known(MeetingName::JoinMeetingId(number)), organizer_id: None });
    }
    // Of a broken line the parts belong together; other blanks are between words.
    let joined: String = text.lines().map(|line| line.trim_matches(is_blank)).collect();
    by_id(&normalize_join_url(&joined))
}

fn known(name: MeetingName) -> TypedName {
    TypedName::Known(name)
}

fn by_address(text: &str, tenant_id: &str) -> Result<TypedMeeting, &'static str> {
    let address = address(text)?;
    let context = join_url_context(&address.join_web_url);
    let (tenant, organizer) =
        context.map_or((None, None), |JoinUrlContext { tenant_id, organizer_id }| (tenant_id, organizer_id));
    if tenant.is_some_and(|tenant| !tenant.eq_ignore_ascii_case(tenant_id)) {
        return Err(FOREIGN);
    }
    let name = match address.join_meeting_id {
        Some(number) => MeetingName::JoinMeetingId(number),
        None => MeetingName::JoinWebUrl(address.join_web_url),
    };
    Ok(TypedMeeting { name: known(name), organizer_id: organizer.and_then(|id| guid(&id)) })
}

fn by_id(id: &str) -> Result<TypedMeeting, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+/=-_.:*@".contains(c);
    if ["AAMk", "AQMk", "AAkA"].iter().any(|begin| id.starts_with(begin)) {
        return Err(OUTLOOK_EVENT);
    }
    if id.rsplit_once('@').is_some_and(|(event, _)| guid(event).is_some()) {
        return Err(VIRTUAL_EVENT);
    }
    if !id.chars().all(is_plain) || id.len() > MAX_ID_BYTES || principal_name(id).is_some() && !is_thread(id)
    {
        return Err(NO_MEETING);
    }
    // The id in Graph, decoded, as some programs show it.
    if let Some(organizer_id) = organizer_in(id) {
        let name = MeetingName::Id(BASE64.encode(id.as_bytes()));
        return Ok(TypedMeeting { name: known(name), organizer_id: Some(organizer_id) });
    }
    if id.starts_with("19:") && is_thread(id) {
        let is_meetings_own = id.starts_with("19:meeting_") && !id.ends_with("@thread.tacv2");
        let name = TypedName::Thread(id.to_owned());
        return is_meetings_own.then_some(TypedMeeting { name, organizer_id: None }).ok_or(CHANNEL);
    }
    let decoded = BASE64_NOPAD.decode(id.trim_end_matches('=').as_bytes()).unwrap_or_default();
    let organizer_id = organizer_in(&String::from_utf8_lossy(&decoded));
    Ok(TypedMeeting { name: known(MeetingName::Id(id.to_owned())), organizer_id })
}

fn is_thread(id: &str) -> bool {
    id.contains("@thread.")
}

/// The organizer in a decoded meeting id, `1*{organizer}*{message}**{thread}`.
fn organizer_in(decoded: &str) -> Option<String> {
    let (organizer, rest) = decoded.strip_prefix("1*")?.split_once('*')?;
    let (_, thread) = rest.split_once("**")?;
    guid(organizer).filter(|_| is_thread(thread))
}

impl TypedMeeting {
    /// The meeting with its organizer: the one that was written (an object id, or `me`), or the one that its
    /// address or id names.
    ///
    /// # Errors
    /// Nobody is named, or two are; the sentence says what to write.
    pub fn organized_by(self, written: Option<&str>) -> Result<NamedMeeting, &'static str> {
        let own = self.organizer_id;
        if let (Some(written), Some(own)) = (written, &own)
            && written != "me"
            && !written.eq_ignore_ascii_case(own)
        {
            return Err(OTHER_ORGANIZER);
        }
        let organizer_id = written.map(str::to_owned).or(own).ok_or(NO_ORGANIZER)?;
        let name = match self.name {
            TypedName::Known(name) => name,
            TypedName::Thread(_) if organizer_id == "me" => return Err(NO_OBJECT_ID),
            TypedName::Thread(thread) => MeetingName::Id(meeting_id_of(&organizer_id, "0", &thread)),
        };
        Ok(NamedMeeting { organizer_id, meeting: name.into_text() })
    }
}
