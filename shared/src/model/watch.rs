//! `WATCH`: what an operator wants to be notified of, and whose meetings a backfill looks for.

use serde::Deserialize;
use url::Url;

use crate::env::{Env, EnvError};

/// The setting `WATCH`, a JSON object. Where it or a member is absent, the default holds: everything, and no
/// single meetings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Watch {
    /// Whether Graph notifies of every call of the tenant that ends.
    pub call_records: bool,
    /// Whether Graph notifies of every webinar and town hall of the tenant.
    pub virtual_events: bool,
    /// The users whose calendars and events a backfill scans.
    pub organizers: Organizers,
    /// Meetings of whose end Graph notifies within seconds (beta, one subscription each).
    pub meetings: Vec<WatchedMeeting>,
}

/// Which users of the tenant count as organizers, by their object ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Organizers {
    /// `"all"`: every user of the tenant.
    #[default]
    All,
    /// `["…"]`: the users with these object ids.
    #[serde(untagged)]
    Users(Vec<String>),
    /// `{"group":"…"}`: the users in this group and in the groups within it.
    #[serde(untagged)]
    Group {
        /// The group's object id in Entra.
        group: String,
    },
}

/// A meeting that has a subscription of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WatchedMeeting {
    /// The object id of the user who organized the meeting.
    pub organizer: String,
    /// The meeting's join URL (https), as Graph writes it.
    pub join_web_url: String,
}

impl Default for Watch {
    fn default() -> Self {
        Self { call_records: true, virtual_events: true, organizers: Organizers::All, meetings: Vec::new() }
    }
}

impl Watch {
    /// Reads the setting `WATCH`; absent, it is the default.
    ///
    /// # Errors
    /// The setting is not JSON of this shape, or a meeting has no https join URL.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let Some(text) = env.get("WATCH") else { return Ok(Self::default()) };
        let wrong = |expected| EnvError::Wrong { name: "WATCH", expected };
        let watch: Self = serde_json::from_str(&text).map_err(|_| {
            wrong("use a JSON object like {\"callRecords\":true,\"virtualEvents\":true,\"organizers\":\"all\",\"meetings\":[{\"organizer\":\"<object id>\",\"joinWebUrl\":\"https://…\"}]}")
        })?;
        let has_address = |meeting: &WatchedMeeting| {
            Url::parse(&meeting.join_web_url).is_ok_and(|url| url.scheme() == "https")
        };
        match watch.meetings.iter().all(has_address) {
            true => Ok(watch),
            false => Err(wrong("each meeting needs its joinWebUrl, which begins with https://")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Watch, EnvError> {
        Watch::from_env(&[("WATCH", text)])
    }

    #[test]
    fn everything_is_watched_unless_it_is_said_otherwise() {
        assert_eq!(Watch::from_env(&[]), Ok(Watch::default()));
        assert_eq!(read("{}"), Ok(Watch::default()));
        let no_calls = Watch { call_records: false, ..Watch::default() };
        assert_eq!(read(r#"{"callRecords":false,"organizers":"all"}"#), Ok(no_calls));
    }

    #[test]
    fn organizers_are_all_some_or_a_group() {
        let organizers =
            |text: &str| read(&format!(r#"{{"organizers":{text}}}"#)).map(|watch| watch.organizers);
        assert_eq!(organizers(r#""all""#), Ok(Organizers::All));
        assert_eq!(organizers(r#"["a","b"]"#), Ok(Organizers::Users(vec!["a".into(), "b".into()])));
        assert_eq!(organizers(r#"{"group":"g"}"#), Ok(Organizers::Group { group: "g".into() }));
        for wrong in [r#""some""#, "1", r#"{"groups":"g"}"#, r#"[1]"#] {
            assert!(organizers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_setting_says_what_to_write() {
        for wrong in [
            "everything",
            r#"{"callrecords":true}"#,
            r#"{"meetings":[{"organizer":"o"}]}"#,
            r#"{"meetings":[{"organizer":"o","joinWebUrl":"19:meeting_x"}]}"#,
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(
                error.starts_with("the setting WATCH is wrong: ") && error.contains("joinWebUrl"),
                "{error}"
            );
        }
    }
}
