//! A meeting's join URL: the ids that it holds, and the form in which two are compared.

use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// The longest address of a meeting that is taken from outside, in bytes: wrapped ones are long.
pub(crate) const MAX_ADDRESS_BYTES: usize = 8_192;

/// The ids that a long join URL holds in `context`. Newer, short join URLs hold none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JoinUrlContext {
    /// The id of the organizer's tenant; `None` where the context lacks it.
    #[serde(rename = "Tid")]
    pub tenant_id: Option<String>,
    /// The object id of the user who organized the meeting; `None` where the context lacks it.
    #[serde(rename = "Oid")]
    pub organizer_id: Option<String>,
}

impl JoinUrlContext {
    /// The organizer's object id, where it is not empty.
    pub fn organizer(self) -> Option<String> {
        self.organizer_id.filter(|id| !id.is_empty())
    }
}

/// Reads `context={"Tid":…,"Oid":…}` of a join URL; `None` where the URL has none, or is no URL.
pub fn join_url_context(join_web_url: &str) -> Option<JoinUrlContext> {
    let url = Url::parse(join_web_url).ok()?;
    let (_, context) = url.query_pairs().find(|(name, _)| name == "context")?;
    serde_json::from_str(&context).ok()
}

/// The number by which Graph finds the meeting of a short join URL (`/meet/{number}`), digits only; `None` for
/// any other URL.
pub fn join_meeting_id(join_web_url: &str) -> Option<String> {
    let url = Url::parse(join_web_url).ok()?;
    let mut segments = url.path_segments()?;
    let number = segments.by_ref().find(|segment| *segment == "meet").and_then(|_| segments.next())?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| number.to_owned())
}

/// The id that Graph gives the meeting of a long join URL: base64 of `1*{Oid}*{n}**{thread}`. No page of
/// Microsoft promises it; two public programs read meetings by such ids. `None` where the URL lacks a part.
pub fn built_meeting_id(join_web_url: &str) -> Option<String> {
    let organizer_id = join_url_context(join_web_url)?.organizer()?;
    let plain = normalize_join_url(join_web_url);
    let path = plain.split(['?', '#']).next()?.split_once("/meetup-join/")?.1;
    let (thread, number) = path.rsplit_once('/')?;
    let is_complete = thread.starts_with("19:") && !number.is_empty();
    is_complete.then(|| meeting_id_of(&organizer_id, number, thread))
}

/// The id that Graph gives the meeting of an organizer with this number (0 outside of channels) in a thread.
pub(super) fn meeting_id_of(organizer_id: &str, number: &str, thread: &str) -> String {
    BASE64.encode(format!("1*{organizer_id}*{number}**{thread}").as_bytes())
}

/// A join URL without any percent-encoding, for comparison: Graph encodes it once or twice, with upper-case
/// or lower-case hex digits.
pub fn normalize_join_url(address: &str) -> String {
    let mut plain = address.to_owned();
    loop {
        let decoded = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
        if decoded == plain {
            return plain;
        }
        plain = decoded;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_address_holds_the_number_to_join() {
        let number = |address: &str| join_meeting_id(address);
        assert_eq!(
            number("https://teams.microsoft.com/meet/240141283012?p=abc").as_deref(),
            Some("240141283012")
        );
        for other in
            ["https://teams.microsoft.com/meet/", "https://teams.microsoft.com/meet/x", "240141283012"]
        {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn a_long_address_holds_the_meetings_id() {
        let address = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%2c%22Oid%22%3a%220a11ce00-0000-4000-8000-0000c0205050%22%7d";
        let id = BASE64.decode(built_meeting_id(address).unwrap().as_bytes()).unwrap();
        assert_eq!(id, b"1*0a11ce00-0000-4000-8000-0000c0205050*0**19:meeting_x@thread.v2");
        assert_eq!(built_meeting_id("https://teams.microsoft.com/meet/1?p=x"), None);
        assert_eq!(built_meeting_id("https://teams.microsoft.com/l/meetup-join/19%3ax%40thread.v2/0"), None);
    }
}
