//! `WATCH`: what an operator wants to be notified of, and whose meetings a backfill looks for.

use serde::Deserialize;

use super::input::{join_web_url, object_id};
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
    /// The meeting's join URL, as Graph stores it.
    pub join_web_url: String,
}

impl Default for Watch {
    fn default() -> Self {
        Self { call_records: true, virtual_events: true, organizers: Organizers::All, meetings: Vec::new() }
    }
}

impl Watch {
    /// Reads the setting `WATCH`; absent, it is the default. Ids and join URLs are taken as people copy them.
    ///
    /// # Errors
    /// The setting is not JSON of this shape, a user or a group is not named by an object id, or a meeting has no
    /// join URL.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let Some(text) = env.get("WATCH") else { return Ok(Self::default()) };
        let wrong = |expected| EnvError::Wrong { name: "WATCH", expected };
        // An array would be read as the members in their order: `[false]` would end all subscriptions.
        let members = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
        let has_arrays = |members: &serde_json::Map<_, serde_json::Value>| {
            let meetings = members.get("meetings").and_then(|meetings| meetings.as_array());
            meetings.is_some_and(|meetings| meetings.iter().any(serde_json::Value::is_array))
        };
        let members = members.ok().filter(|members| !has_arrays(members));
        let watch: Option<Self> = members.and_then(|_| serde_json::from_str(&text).ok());
        let watch = watch.ok_or_else(|| {
            wrong("use a JSON object like {\"callRecords\":true,\"virtualEvents\":true,\"organizers\":\"all\",\"meetings\":[{\"organizer\":\"<object id>\",\"joinWebUrl\":\"https://…\"}]}")
        })?;
        let organizers = watch.organizers.read().map_err(wrong)?;
        let meetings =
            watch.meetings.iter().map(WatchedMeeting::read).collect::<Result<_, _>>().map_err(wrong)?;
        Ok(Self { organizers, meetings, ..watch })
    }
}

impl Organizers {
    /// The same, with each id as Graph writes it.
    fn read(&self) -> Result<Self, &'static str> {
        Ok(match self {
            Self::All => Self::All,
            Self::Users(ids) => Self::Users(ids.iter().map(|id| object_id(id)).collect::<Result<_, _>>()?),
            Self::Group { group } => Self::Group { group: object_id(group)? },
        })
    }
}

impl WatchedMeeting {
    /// The same, with the id and the join URL as Graph writes them.
    fn read(&self) -> Result<Self, &'static str> {
        Ok(Self { organizer: object_id(&self.organizer)?, join_web_url: join_web_url(&self.join_web_url)? })
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
        let (a, b) = ("0a11ce00-0000-4000-8000-0000c0205050", "0b0b0b0b-0000-4000-8000-0000c0205050");
        let typed = format!(r#"["{{{a}}}"," {} "]"#, b.to_uppercase());
        assert_eq!(organizers(&typed), Ok(Organizers::Users(vec![a.into(), b.into()])));
        assert_eq!(organizers(&format!(r#"{{"group":"{a}"}}"#)), Ok(Organizers::Group { group: a.into() }));
        for wrong in ["[false]", "[]", r#"{"meetings":[["a","https://x"]]}"#, "null", "7"] {
            assert!(read(wrong).is_err(), "{wrong} would be read as the members in their order");
        }
        for wrong in [r#""some""#, "1", r#"{"groups":"g"}"#, r#"[1]"#, r#"["a"]"#, r#"{"group":"Sales"}"#] {
            assert!(organizers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_watched_meeting_is_read_as_graph_stores_it() {
        let typed = r#"{"meetings":[{"organizer":"0A11CE00-0000-4000-8000-0000C0205050","joinWebUrl":"<msteams:/l/meetup-join/19:m@thread.v2/0?context={}&anon=true>"}]}"#;
        let read = read(typed).unwrap().meetings;
        let organizer = "0a11ce00-0000-4000-8000-0000c0205050".into();
        let join_web_url =
            "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%7d".into();
        assert_eq!(read, [WatchedMeeting { organizer, join_web_url }]);
    }

    #[test]
    fn a_wrong_setting_says_what_to_write() {
        let address = "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0";
        for (wrong, say) in [
            ("everything".to_owned(), "joinWebUrl"),
            (r#"{"callrecords":true}"#.to_owned(), "joinWebUrl"),
            (r#"{"meetings":[{"organizer":"o"}]}"#.to_owned(), "joinWebUrl"),
            (r#"{"organizers":["megan@contoso.com"]}"#.to_owned(), "only the user's object id"),
            (
                format!(r#"{{"meetings":[{{"organizer":"megan@contoso.com","joinWebUrl":"{address}"}}]}}"#),
                "only the user's object id",
            ),
            (
                r#"{"meetings":[{"organizer":"0a11ce00-0000-4000-8000-0000c0205050","joinWebUrl":"19:meeting_x"}]}"#
                    .to_owned(),
                "https://teams.microsoft.com/l/meetup-join/",
            ),
        ] {
            let error = read(&wrong).unwrap_err().to_string();
            assert!(error.starts_with("the setting WATCH is wrong: ") && error.contains(say), "{error}");
            assert!(!error.contains("contoso"), "{error}");
        }
    }
}
