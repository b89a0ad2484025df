//! `event`: the online meetings in a user's calendar.

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::error::GraphError;
use super::{DelegatedScope, GraphClient, Page};
use crate::model::{
    JoinUrlContext, ME, NamedMeeting, address_or_none, id_or_none, join_url_context, or_none, user_segments,
};

/// How many events one page has: a step of `backfill` looks at the meetings of one.
const PAGE: &str = "25";
/// Graph gives `onlineMeeting` only together with `isOnlineMeeting`: without it, it is null in every event.
const SELECTED: &str = "id,isOrganizer,isOnlineMeeting,onlineMeeting";

/// Of a calendar's event, its organizer and its online meeting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default, deserialize_with = "id_or_none")]
    id: Option<String>,
    /// Whether the calendar's owner organizes it; null in old events.
    #[serde(default, deserialize_with = "or_none")]
    is_organizer: Option<bool>,
    #[serde(default, deserialize_with = "or_none")]
    is_online_meeting: Option<bool>,
    #[serde(default, deserialize_with = "or_none")]
    online_meeting: Option<OnlineMeetingInfo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OnlineMeetingInfo {
    #[serde(default, deserialize_with = "address_or_none")]
    join_url: Option<String>,
}

/// An online meeting that a calendar shows as its owner's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CalendarMeeting {
    /// It has an address.
    Named(NamedMeeting),
    /// The event says that it is online, and has no address.
    WithoutAddress {
        /// The event's id in the calendar; empty where Graph gave none.
        event_id: String,
    },
}

impl GraphClient {
    /// Gets one page of the online meetings that a user organized and that took place between two times: the
    /// first, or the one that `next_link` leads to. Each meeting is there once a page: the occurrences of a
    /// series share one address.
    ///
    /// Whose a meeting is, its address decides (`Oid`): the meetings of a channel stand in a group's calendar,
    /// and their events say `isOrganizer: false`. A short address names nobody; there the event decides.
    ///
    /// `GET /users/{id}/calendarView?startDateTime=…&endDateTime=…`, with the application permission
    /// `Calendars.Read`. <https://learn.microsoft.com/graph/api/user-list-calendarview>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn organized_meetings_page(
        &self,
        user_id: &str,
        (since, until): (Timestamp, Timestamp),
        next_link: Option<&str>,
    ) -> Result<Page<CalendarMeeting>, GraphError> {
        self.require_scope(DelegatedScope::Calendar)?;
        let first = self.calendar_view(user_id, since, until)?;
        let page: Page<Event> = self.page(first, next_link).await?;
        let mut page = page.map(|event| event.organized_by(user_id));
        page.value.sort();
        page.value.dedup();
        Ok(page)
    }

    fn calendar_view(&self, user_id: &str, since: Timestamp, until: Timestamp) -> Result<Url, GraphError> {
        let mut path = user_segments(user_id);
        path.push("calendarView");
        let (since, until) = (since.to_string(), until.to_string());
        let query = [
            ("startDateTime", since.as_str()),
            ("endDateTime", &until),
            ("$select", SELECTED),
            ("$top", PAGE),
        ];
        self.url(&path, &query)
    }
}

impl Event {
    /// The event's meeting, unless somebody else than the calendar's owner `user_id` organizes it.
    fn organized_by(self, user_id: &str) -> Option<CalendarMeeting> {
        let may_be_the_owners = self.is_organizer != Some(false);
        let Some(address) = self.online_meeting.and_then(|meeting| meeting.join_url) else {
            let is_told = self.is_online_meeting == Some(true) && may_be_the_owners;
            let event_id = self.id.unwrap_or_default();
            return is_told.then_some(CalendarMeeting::WithoutAddress { event_id });
        };
        let organizer_id = match join_url_context(&address).and_then(JoinUrlContext::organizer) {
            Some(_) if user_id == ME => Some(ME.to_owned()).filter(|_| may_be_the_owners)?,
            Some(organizer_id) if organizer_id.eq_ignore_ascii_case(user_id) => user_id.to_owned(),
            Some(organizer_id) => Some(organizer_id).filter(|_| may_be_the_owners)?,
            None => Some(user_id.to_owned()).filter(|_| may_be_the_owners)?,
        };
        Some(CalendarMeeting::Named(NamedMeeting { organizer_id, meeting: address }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_OLA: &str =
        "https://teams.microsoft.com/l/meetup-join/19%3ax%40thread.v2/0?context=%7b%22Oid%22%3a%22OLA%22%7d";
    const SHORT: &str = "https://teams.microsoft.com/meet/240141283012?p=x";

    fn organizer(calendar: &str, is_organizer: bool, address: &str) -> Option<String> {
        let online = OnlineMeetingInfo { join_url: Some(address.to_owned()) };
        let event = Event {
            id: None,
            is_organizer: Some(is_organizer),
            is_online_meeting: Some(true),
            online_meeting: Some(online),
        };
        match event.organized_by(calendar)? {
            CalendarMeeting::Named(named) => Some(named.organizer_id),
            CalendarMeeting::WithoutAddress { .. } => None,
        }
    }

    #[test]
    fn the_address_decides_whose_meeting_it_is_and_the_event_where_the_address_is_short() {
        assert_eq!(organizer("ola", false, OF_OLA).as_deref(), Some("ola"), "a channel's");
        assert_eq!(organizer("ola", true, OF_OLA).as_deref(), Some("ola"));
        assert_eq!(organizer("megan", true, OF_OLA).as_deref(), Some("OLA"), "made by a delegate");
        assert_eq!(organizer("megan", false, OF_OLA), None, "an invitation");
        assert_eq!(organizer("me", true, OF_OLA).as_deref(), Some("me"), "by a person's own token");
        assert_eq!(organizer("me", false, OF_OLA), None);
        assert_eq!(organizer("megan", true, SHORT).as_deref(), Some("megan"));
        assert_eq!(organizer("megan", false, SHORT), None);
    }
}
