//! `event`: the online meetings in a user's calendar.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::error::GraphError;
use super::{GraphClient, Page};
use crate::model::user_segments;

/// How many events one page has: a step of `backfill` looks at the meetings of one.
const PAGE: &str = "25";

/// Of a calendar's event, its organizer and its online meeting.
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
    /// Lists the join URLs of the online meetings that a user organized and that took place between two
    /// times, each once: the occurrences of a series share one.
    ///
    /// `GET /users/{id}/calendarView?startDateTime=…&endDateTime=…`, with the application permission
    /// `Calendars.Read`. <https://learn.microsoft.com/graph/api/user-list-calendarview>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn organized_join_web_urls(
        &self,
        user_id: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<String>, GraphError> {
        let events: Vec<Event> = self.list(self.calendar_view(user_id, since, until)?).await?;
        Ok(distinct(events.into_iter().filter_map(Event::organized).collect()))
    }

    /// Gets one page of [`Self::organized_join_web_urls`]: the first, or the one that `next_link` leads to.
    /// A series whose occurrences are on several pages gives its join URL once for each page.
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn organized_join_web_urls_page(
        &self,
        user_id: &str,
        (since, until): (Timestamp, Timestamp),
        next_link: Option<&str>,
    ) -> Result<Page<String>, GraphError> {
        let first = self.calendar_view(user_id, since, until)?;
        let page: Page<Event> = self.page(first, next_link).await?;
        let page = page.map(Event::organized);
        Ok(Page { value: distinct(page.value), next_link: page.next_link })
    }

    fn calendar_view(&self, user_id: &str, since: Timestamp, until: Timestamp) -> Result<Url, GraphError> {
        let mut path = user_segments(user_id);
        path.push("calendarView");
        let (since, until) = (since.to_string(), until.to_string());
        let query = [
            ("startDateTime", since.as_str()),
            ("endDateTime", &until),
            ("$select", "isOrganizer,onlineMeeting"),
            ("$top", PAGE),
        ];
        self.url(&path, &query)
    }
}

impl Event {
    /// The join URL of the event's meeting, unless somebody else than the calendar's owner organizes it.
    fn organized(self) -> Option<String> {
        self.online_meeting?.join_url.filter(|_| self.is_organizer != Some(false))
    }
}

/// The URLs in order, each once.
fn distinct(mut urls: Vec<String>) -> Vec<String> {
    urls.sort();
    urls.dedup();
    urls
}
