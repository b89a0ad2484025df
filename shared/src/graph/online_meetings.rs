//! `onlineMeeting`: a meeting's id and its address.

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
    /// Its address. Its form differs by how the meeting was got.
    pub join_web_url: Option<String>,
    /// What it is called.
    pub subject: Option<String>,
    /// When it is planned to begin (UTC).
    pub start_date_time: Option<String>,
    /// When it is planned to end (UTC).
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
    /// As every call.
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
    /// address holds percent signs of its own, so they are encoded once more, as all are.
    /// <https://learn.microsoft.com/graph/api/onlinemeeting-get>
    ///
    /// # Errors
    /// [`Outcome::NotFound`] where Graph knows no such meeting: it answers an empty list.
    pub async fn online_meeting_by_join_web_url(
        &self,
        organizer_id: &str,
        join_web_url: &str,
    ) -> Result<ReportSource, GraphError> {
        let filter = format!("JoinWebUrl eq {}", odata_string(join_web_url));
        let meeting = self.online_meeting_where(organizer_id, &filter).await?;
        Ok(ReportSource::meeting(organizer_id, &meeting.id, Some(join_web_url)))
    }

    /// Gets the meeting of a user by the number that people type to join it.
    ///
    /// `GET /users/{organizer}/onlineMeetings?$filter=joinMeetingIdSettings/joinMeetingId eq '{id}'`,
    /// with the permissions of [`Self::online_meeting_by_join_web_url`].
    ///
    /// # Errors
    /// [`Outcome::NotFound`] where Graph knows no such meeting.
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
