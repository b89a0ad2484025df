//! The addresses at which people join a meeting: as Teams shows them, and as they come out of mail, chats,
//! browsers and launchers.

use serde::Deserialize;

use super::ids::guid;
use super::redirections::unwrapped;
use super::text::{bare, without_blanks};
use crate::model::join_url::{MAX_ADDRESS_BYTES, normalize_join_url};

/// The hosts of Teams, of every cloud.
const HOSTS: [&str; 8] = [
    "teams.microsoft.com",
    "teams.cloud.microsoft",
    "gov.teams.microsoft.us",
    "dod.teams.microsoft.us",
    "teams.microsoft.us",
    "teams.microsoftonline.cn",
    "teams.microsoftonline.us",
    TEAMS_FREE,
];
/// Meetings of personal accounts: they are in no tenant, and their numbers are no join numbers of Graph's.
const TEAMS_FREE: &str = "teams.live.com";

const LONG: &str = "/l/meetup-join/";
const SHORT: &str = "/meet/";

const NO_ADDRESS: &str = "this is no address at which a Teams meeting is joined: open it, and copy the one that Teams shows, like https://teams.microsoft.com/l/meetup-join/…";
const SEVERAL: &str = "these are several addresses: write one";
const CUT_OFF: &str =
    "the address was cut off: copy it whole, up to the end of its context, which names the organizer (Oid)";

/// A meeting's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The address as Graph stores it.
    pub(super) join_web_url: String,
    /// The join number in a short address; `None` in a long one.
    pub(super) join_meeting_id: Option<String>,
}

/// Reads a meeting's join URL, and gives it as Graph stores it: without wrappers, launchers and what they appended,
/// with the scheme https, percent-encoded once and in lower case.
///
/// # Errors
/// It is no address of a Teams meeting; the sentence says what to write.
pub fn join_web_url(text: &str) -> Result<String, &'static str> {
    Ok(address(text)?.join_web_url)
}

/// Whether a text can only be meant as an address.
pub(super) fn is_address(text: &str) -> bool {
    let plain = normalize_join_url(text).to_ascii_lowercase();
    let schemes = ["http:", "https:", "msteams:", "ms-teams:"];
    plain.contains("://")
        || plain.contains(LONG)
        || schemes.iter().any(|scheme| plain.starts_with(scheme))
        || HOSTS.iter().any(|host| plain.strip_prefix(host).is_some_and(|rest| rest.starts_with('/')))
}

pub(super) fn address(text: &str) -> Result<Address, &'static str> {
    if text.len() > MAX_ADDRESS_BYTES {
        return Err(NO_ADDRESS);
    }
    // Without any encoding the original is a part of what wraps it.
    let plain = without_blanks(&normalize_join_url(&unwrapped(&without_blanks(bare(text)))));
    if let Some((before, rest)) = split_at(&plain, LONG) {
        long(host(before)?, rest)
    } else if let Some((before, rest)) = split_at(&plain, SHORT) {
        short(host(before)?, rest)
    } else {
        Err(NO_ADDRESS)
    }
}

/// The text before and behind a path.
fn split_at<'a>(text: &'a str, path: &str) -> Option<(&'a str, &'a str)> {
    let begin = text.to_ascii_lowercase().find(path)?;
    Some((&text[..begin], &text[begin + path.len()..]))
}

/// The host of Teams nearest to the path; that of the app's own scheme is the global one.
fn host(before_path: &str) -> Result<&'static str, &'static str> {
    let before = before_path.to_ascii_lowercase();
    let scheme = before.trim_end_matches('/');
    if scheme.ends_with("msteams:") || scheme.ends_with("ms-teams:") {
        return Ok(HOSTS[0]);
    }
    let place = |host: &'static str| {
        let begin = before.rfind(host)?;
        let is_whole = !before[..begin]
            .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.')
            && !before[begin + host.len()..]
                .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        is_whole.then_some((begin, host))
    };
    HOSTS.into_iter().filter_map(place).max().map(|(_, host)| host).ok_or(NO_ADDRESS)
}

/// `{thread}/{number}?context={…}`, and whatever a launcher appended.
fn long(host: &str, rest: &str) -> Result<Address, &'static str> {
    if split_at(rest, LONG).is_some() {
        return Err(SEVERAL);
    }
    let (path, query) = rest.split_at(rest.find(['?', '&', '#']).unwrap_or(rest.len()));
    let (thread, number) =
        path.split_once('/').map_or((path, None), |(thread, number)| (thread, Some(number)));
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if !thread.starts_with("19:") || !thread.contains("@thread.") || !number.is_none_or(is_number) {
        return Err(NO_ADDRESS);
    }
    let mut url = format!("https://{host}{LONG}{}", encoded(thread));
    if let Some(number) = number {
        url = format!("{url}/{number}");
    }
    if let Some((_, context)) = query.split_once("context=") {
        url = format!("{url}?context={}", encoded(&json_context(context)?));
    }
    Ok(Address { join_web_url: url, join_meeting_id: None })
}

/// The context alone, with its ids in lower case.
fn json_context(rest: &str) -> Result<String, &'static str> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ids {
        #[serde(rename = "Tid")]
        tenant: String,
        #[serde(rename = "Oid")]
        organizer: String,
    }
    let end = rest.find('}').filter(|_| rest.starts_with('{')).ok_or(CUT_OFF)?;
    let context = &rest[..=end];
    let lower = |id: String| guid(&id).unwrap_or(id);
    Ok(match serde_json::from_str::<Ids>(context) {
        Ok(Ids { tenant, organizer }) => {
            format!(r#"{{"Tid":"{}","Oid":"{}"}}"#, lower(tenant), lower(organizer))
        }
        Err(_) => context.to_owned(),
    })
}

/// `{join number}?p={passcode}`, and whatever a launcher appended.
fn short(host: &str, rest: &str) -> Result<Address, &'static str> {
    let (path, query) = rest.split_at(rest.find(['?', '&', '#', '/']).unwrap_or(rest.len()));
    let number = join_number(path).ok_or(NO_ADDRESS)?;
    let passcode = query.strip_prefix("?p=").map(|rest| rest.split(['&', '#']).next().unwrap_or_default());
    let passcode = passcode.map(|passcode| format!("?p={}", encoded(passcode))).unwrap_or_default();
    let join_web_url = format!("https://{host}{SHORT}{number}{passcode}");
    Ok(Address { join_web_url, join_meeting_id: Some(number).filter(|_| host != TEAMS_FREE) })
}

/// The number that people type to join a meeting: 9 to 20 digits; `None` for any other text.
pub(super) fn join_number(digits: &str) -> Option<String> {
    let is_one = (9..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_one.then(|| digits.to_owned())
}

/// A part of an address as Graph stores it: percent-encoded with digits in lower case.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}
