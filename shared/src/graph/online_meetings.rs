//! `onlineMeeting`: from a meeting's address to its id.

use serde::Deserialize;

use super::GraphClient;
use super::error::GraphError;
use crate::outcome::Outcome;
use crate::report_ref::ReportSource;

/// Of an online meeting, its id.
#[derive(Deserialize)]
struct OnlineMeeting {
    id: String,
}

impl GraphClient {
    /// The meeting that a user organized under `join_web_url`, as a source of reports.
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
        // A quote inside an OData string is written twice.
        let filter = format!("JoinWebUrl eq '{}'", join_web_url.replace('\'', "''"));
        let url = self.url(&["users", organizer_id, "onlineMeetings"], &[("$filter", &filter)])?;
        let meetings: Vec<OnlineMeeting> = self.list(url).await?;
        let meeting = meetings.into_iter().next();
        let id = meeting
            .ok_or_else(|| GraphError::new(Outcome::NotFound).because("no meeting has this join URL"))?
            .id;
        Ok(ReportSource::Meeting { organizer_id: organizer_id.to_owned(), meeting_id: id })
    }
}
