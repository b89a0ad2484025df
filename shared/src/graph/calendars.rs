//! `event`: the online meetings in a user's calendar.

use jiff::Timestamp;
use serde::Deserialize;

use super::GraphClient;
use super::error::GraphError;
use crate::report_ref::user_segments;

/// How many events one page has.
const PAGE: &str = "100";

/// Of an event, its online meeting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    /// Whether the calendar's owner organizes it; null in old events.
    is_organizer: Option<bool>,
    online_meeting: Option<OnlineMeetingInfo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnlineMeetingInfo {
    join_url: Option<String>,
}

impl GraphClient {
    /// The addresses of the online meetings that a user organized and that took place between two
    /// times, each once: the occurrences of a series share one.
    ///
    /// `GET /users/{id}/calendarView?startDateTime=…&endDateTime=…`, with the application permission
    /// `Calendars.Read`. <https://learn.microsoft.com/graph/api/user-list-calendarview>
    ///
    /// # Errors
    /// As every call.
    pub async fn organized_join_web_urls(
        &self,
        user_id: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<String>, GraphError> {
        let mut path = user_segments(user_id);
        path.push("calendarView");
        let (since, until) = (since.to_string(), until.to_string());
        let query = [
            ("startDateTime", since.as_str()),
            ("endDateTime", &until),
            ("$select", "isOrganizer,onlineMeeting"),
            ("$top", PAGE),
        ];
        let events: Vec<Event> = self.list(self.url(&path, &query)?).await?;
        let organized = events.into_iter().filter(|event| event.is_organizer != Some(false));
        let mut urls: Vec<String> = organized.filter_map(|event| event.online_meeting?.join_url).collect();
        urls.sort();
        urls.dedup();
        Ok(urls)
    }
}
