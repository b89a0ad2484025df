//! `onlineMeeting`: a meeting's id and its join URL.

use serde::Deserialize;

use super::client::odata_string;
use super::cloud::Capability;
use super::error::GraphError;
use super::lists::AsSent;
use super::{DelegatedScope, FetchedArtifact, GraphClient, List};
use crate::model::{
    JoinUrlContext, ME, Outcome, ReportSource, address_or_none, built_meeting_id, id, id_or_none,
    join_meeting_id, join_url_context, or_none, user_segments,
};

/// An online meeting: a view. Everything but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/onlinemeeting>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnlineMeeting {
    /// The meeting's id: opaque.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The meeting's join URL. Its encoding differs by the call that returned the meeting.
    #[serde(default, deserialize_with = "address_or_none")]
    pub join_web_url: Option<String>,
    /// The chat of the meeting; a short join URL hides its thread.
    #[serde(default, deserialize_with = "or_none")]
    pub chat_info: Option<ChatInfo>,
}

/// The chat of an online meeting. <https://learn.microsoft.com/graph/api/resources/chatinfo>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatInfo {
    /// The thread's id, `19:…`; nullable. That of a channel tells that the meeting is the channel's.
    #[serde(default, deserialize_with = "id_or_none")]
    pub thread_id: Option<String>,
}

impl OnlineMeeting {
    /// The meeting as a source of reports, under the address that it was asked for by, if it was.
    fn source(&self, organizer_id: &str, asked: Option<&str>) -> ReportSource {
        let thread = self.chat_info.as_ref().and_then(|chat| chat.thread_id.as_deref());
        // A channel stands in any of them, or in none.
        let texts: Vec<&str> = [asked, self.join_web_url.as_deref(), thread].into_iter().flatten().collect();
        ReportSource::meeting(organizer_id, &self.id, Some(&texts.join(" ")))
    }
}

/// The most participants of a call who are asked whether they organized its meeting.
const MOST_ASKED: usize = 20;

/// Whether Graph's answer about a user's meeting means that somebody else organized it, or may have.
fn is_of_another(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NotFound | Outcome::NotOrganizer | Outcome::AccessPolicyMissing | Outcome::NoSuchUser
    )
}

/// A meeting that was looked for by its join URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundMeeting {
    /// Graph knows the meeting by its address.
    Known(KnownMeeting),
    /// Graph no longer knows its address: the source has the id that the address holds.
    ByBuiltId(ReportSource),
}

/// A meeting that Graph gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMeeting {
    /// The meeting as a source of reports.
    pub source: ReportSource,
    /// The meeting as Graph sent it.
    pub sent: FetchedArtifact,
}

impl FoundMeeting {
    /// The meeting as a source of reports.
    pub fn source(&self) -> &ReportSource {
        match self {
            Self::Known(KnownMeeting { source, .. }) | Self::ByBuiltId(source) => source,
        }
    }
}

impl GraphClient {
    /// Finds the meeting that a join URL names, as a source of reports.
    ///
    /// The address decides who is asked: the user whom it names (`Oid`), else `organizer_id`. A short address is
    /// looked up by its number. Where Graph no longer finds a long one (it forgets a meeting's address 60 days
    /// after its last use, and keeps its reports for a year), the source is made of the id that the address
    /// holds: whether Graph gives reports by it, its list tells. So it is where a signed-in person lets Rollcall read
    /// reports, and no meetings. Requests and permissions are those of
    /// [`Self::online_meeting_by_join_web_url`] and [`Self::online_meeting_by_join_meeting_id`].
    ///
    /// # Errors
    /// [`Outcome::NotFound`] where Graph knows no such meeting, and the address holds no id. Other outcomes where
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call.
    pub async fn find_meeting(
        &self,
        organizer_id: &str,
        join_web_url: &str,
    ) -> Result<FoundMeeting, GraphError> {
        // A person's own token asks for that person's meetings as `me`, and for nobody else's.
        let named = join_url_context(join_web_url).and_then(JoinUrlContext::organizer);
        let organizer_id = named.as_deref().filter(|_| organizer_id != ME).unwrap_or(organizer_id);
        if let Some(number) = join_meeting_id(join_web_url) {
            let found = self.online_meeting_by_join_meeting_id(organizer_id, &number).await;
            return found.map(FoundMeeting::Known);
        }
        let mut found = self.online_meeting_by_join_web_url(organizer_id, join_web_url).await;
        // Graph was seen to say so once of a good address.
        if found.as_ref().is_err_and(|error| error.outcome == Outcome::AddressUnusable) {
            found = self.online_meeting_by_join_web_url(organizer_id, join_web_url).await;
        }
        let unknown = match found {
            Ok(known) => return Ok(FoundMeeting::Known(known)),
            Err(error) if matches!(error.outcome, Outcome::NotFound | Outcome::AddressUnusable) => error,
            // A person may have let Rollcall read reports alone: the address holds all that is needed for these.
            Err(error) if error.outcome == Outcome::ConsentMissing && organizer_id == ME => error,
            Err(error) => return Err(error),
        };
        let id = built_meeting_id(join_web_url).ok_or(unknown)?;
        Ok(FoundMeeting::ByBuiltId(ReportSource::meeting(organizer_id, &id, Some(join_web_url))))
    }

    /// Finds the meeting of a call whose record does not name its organizer, with the organizer's id: the users in
    /// `participants` are asked one after the other, the first 20 of them.
    ///
    /// # Errors
    /// [`Outcome::OrganizerUnknown`] where none of them organized it. Other outcomes where Graph or the token
    /// service refuses or does not answer, or the cloud lacks the call.
    pub async fn find_meeting_of_participants(
        &self,
        participants: &[String],
        join_web_url: &str,
    ) -> Result<FoundMeeting, GraphError> {
        for organizer_id in participants.iter().take(MOST_ASKED) {
            match self.find_meeting(organizer_id, join_web_url).await {
                Err(error) if is_of_another(error.outcome) => {}
                found => return found,
            }
        }
        Err(GraphError::new(Outcome::OrganizerUnknown))
    }

    /// Gets the meeting that a user organized under `join_web_url`.
    ///
    /// `GET /users/{organizer}/onlineMeetings?$filter=JoinWebUrl eq '{url}'`, with the application
    /// permission `OnlineMeetings.Read.All` and an access policy that covers the organizer. The
    /// join URL holds percent signs of its own, which are encoded once more, like the rest of the query.
    /// <https://learn.microsoft.com/graph/api/onlinemeeting-get>
    ///
    /// # Errors
    /// [`Outcome::NotFound`] where Graph knows no such meeting: it returns an empty list. Other outcomes
    /// where Graph or the token service refuses or does not answer, or the cloud lacks the call.
    pub async fn online_meeting_by_join_web_url(
        &self,
        organizer_id: &str,
        join_web_url: &str,
    ) -> Result<KnownMeeting, GraphError> {
        let filter = format!("JoinWebUrl eq {}", odata_string(join_web_url));
        self.online_meeting_where(organizer_id, &filter, Some(join_web_url)).await
    }

    /// Gets the meeting of a user by the number that people type to join it.
    ///
    /// `GET /users/{organizer}/onlineMeetings?$filter=joinMeetingIdSettings/joinMeetingId eq '{id}'`,
    /// with the permissions of [`Self::online_meeting_by_join_web_url`].
    ///
    /// # Errors
    /// [`Outcome::NotFound`] where Graph knows no such meeting. Other outcomes where Graph or the token
    /// service refuses or does not answer, or the cloud lacks the call.
    pub async fn online_meeting_by_join_meeting_id(
        &self,
        organizer_id: &str,
        join_meeting_id: &str,
    ) -> Result<KnownMeeting, GraphError> {
        let filter = format!("joinMeetingIdSettings/joinMeetingId eq {}", odata_string(join_meeting_id));
        self.online_meeting_where(organizer_id, &filter, None).await
    }

    async fn online_meeting_where(
        &self,
        organizer_id: &str,
        filter: &str,
        join_web_url: Option<&str>,
    ) -> Result<KnownMeeting, GraphError> {
        self.require(Capability::OnlineMeetings)?;
        self.require_scope(DelegatedScope::Meetings)?;
        let mut path = user_segments(organizer_id);
        path.push("onlineMeetings");
        let url = self.url(&path, &[("$filter", filter)])?;
        let List { entries, odd, unread, request_id } = self.list::<AsSent<OnlineMeeting>>(url).await?;
        let none = || GraphError::new(Outcome::NotFound).because("the organizer has no such meeting");
        let found = entries.into_iter().next().ok_or_else(|| unread.or(odd).unwrap_or_else(none));
        let AsSent { text, entry } = found?;
        let source = entry.source(organizer_id, join_web_url);
        let body = text.get().to_owned();
        Ok(KnownMeeting { source, sent: FetchedArtifact { body, records: 0, pages: 1, request_id } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_tells_the_channel_that_a_short_address_hides() {
        let source = |thread: &str| {
            let meeting = format!(
                r#"{{"id":"m","joinWebUrl":"https://teams.microsoft.com/meet/1?p=x","chatInfo":{{"threadId":"{thread}"}}}}"#
            );
            serde_json::from_str::<OnlineMeeting>(&meeting).unwrap().source("o", None)
        };
        assert!(matches!(source("19:x@thread.tacv2"), ReportSource::ChannelMeeting { .. }));
        assert!(matches!(source("19:x@thread.skype"), ReportSource::ChannelMeeting { .. }));
        assert!(matches!(source("19:meeting_x@thread.v2"), ReportSource::Meeting { .. }));
    }
}
