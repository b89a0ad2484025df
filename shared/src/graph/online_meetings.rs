//! `onlineMeeting`: a meeting's id and its join URL.

use serde::Deserialize;

use super::GraphClient;
use super::client::odata_string;
use super::cloud::Capability;
use super::error::GraphError;
use crate::model::{Outcome, ReportSource, user_segments};

/// An online meeting: a view. Everything but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/onlinemeeting>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnlineMeeting {
    /// The meeting's id: opaque.
    pub id: String,
    /// The meeting's join URL. Its encoding differs by the call that returned the meeting.
    pub join_web_url: Option<String>,
    /// The meeting's subject: personal data, never in a log.
    pub subject: Option<String>,
    /// When the meeting is planned to begin (UTC), as Graph wrote it.
    pub start_date_time: Option<String>,
    /// When the meeting is planned to end (UTC), as Graph wrote it.
    pub end_date_time: Option<String>,
}

impl GraphClient {
    /// Gets a meeting of a user by its id.
    ///
    /// `GET /users/{organizer}/onlineMeetings/{meeting}`, with the application permission
    /// `OnlineMeetings.Read.All` and an access policy that covers the user.
    /// <https://learn.microsoft.com/graph/api/onlinemeeting-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn online_meeting(&self, organizer_id: &str, id: &str) -> Result<OnlineMeeting, GraphError> {
        self.require(Capability::OnlineMeetings)?;
        let mut path = user_segments(organizer_id);
        path.extend(["onlineMeetings", id]);
        self.get(self.url(&path, &[])?).await?.read()
    }

    /// Gets the meeting that a user organized under `join_web_url`, as a source of reports.
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
    ) -> Result<ReportSource, GraphError> {
        let filter = format!("JoinWebUrl eq {}", odata_string(join_web_url));
        let meeting = self.online_meeting_where(organizer_id, &filter).await?;
        Ok(ReportSource::meeting(organizer_id, &meeting.id, Some(join_web_url)))
    }

    /// Gets the meeting of a user by the number that people type to join it, as a source of reports.
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
    ) -> Result<ReportSource, GraphError> {
        let filter = format!("joinMeetingIdSettings/joinMeetingId eq {}", odata_string(join_meeting_id));
        let meeting = self.online_meeting_where(organizer_id, &filter).await?;
        Ok(ReportSource::meeting(organizer_id, &meeting.id, meeting.join_web_url.as_deref()))
    }

    async fn online_meeting_where(
        &self,
        organizer_id: &str,
        filter: &str,
    ) -> Result<OnlineMeeting, GraphError> {
        self.require(Capability::OnlineMeetings)?;
        let mut path = user_segments(organizer_id);
        path.push("onlineMeetings");
        let meetings: Vec<OnlineMeeting> = self.list(self.url(&path, &[("$filter", filter)])?).await?;
        let none = || GraphError::new(Outcome::NotFound).because("the organizer has no such meeting");
        meetings.into_iter().next().ok_or_else(none)
    }
}
