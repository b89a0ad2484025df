//! `virtualEvent`: webinars, town halls, and their sessions.

use serde::Deserialize;
use url::Url;

use super::cloud::Capability;
use super::date_time::GraphDateTime;
use super::error::GraphError;
use super::{GraphClient, Page};
use crate::model::VirtualEventKind;

/// A webinar or town hall: a view of it. Every field but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/virtualevent>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualEvent {
    /// The event's id: `{guid}@{tenant}`.
    pub id: String,
    /// `draft`, `published` or `canceled`.
    pub status: Option<String>,
    /// The event's name: personal data, never in a log.
    pub display_name: Option<String>,
    /// When the event is planned to begin.
    pub start_date_time: Option<GraphDateTime>,
    /// When the event is planned to end.
    pub end_date_time: Option<GraphDateTime>,
}

/// A session of a webinar or town hall: a view of it. Every field but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventsession>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualEventSession {
    /// The session's id, opaque.
    pub id: String,
    /// The session's subject: personal data, never in a log.
    pub subject: Option<String>,
    /// The session's join URL, as Graph wrote it.
    pub join_web_url: Option<String>,
    /// When the session is planned to begin.
    pub start_date_time: Option<GraphDateTime>,
    /// When the session is planned to end, which does not show that it has ended.
    pub end_date_time: Option<GraphDateTime>,
}

impl GraphClient {
    /// Lists the webinars or town halls of the tenant whose organizers an access policy covers, all pages.
    ///
    /// `GET /solutions/virtualEvents/{kind}`, with the application permission
    /// `VirtualEvent.Read.All` and access policies.
    /// <https://learn.microsoft.com/graph/api/virtualeventsroot-list-webinars>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_events(&self, kind: VirtualEventKind) -> Result<Vec<VirtualEvent>, GraphError> {
        self.list(self.virtual_events_of(kind, None)?).await
    }

    /// Gets one page of the webinars or town halls of the tenant, or of those that `organizer_id` organizes:
    /// the first, or the one that `next_link` leads to. Requests and permissions are those of
    /// [`Self::virtual_events`] and [`Self::virtual_events_organized_by`].
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_events_page(
        &self,
        kind: VirtualEventKind,
        organizer_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<Page<VirtualEvent>, GraphError> {
        self.page(self.virtual_events_of(kind, organizer_id)?, next_link).await
    }

    fn virtual_events_of(
        &self,
        kind: VirtualEventKind,
        organizer_id: Option<&str>,
    ) -> Result<Url, GraphError> {
        self.require(Capability::VirtualEvents)?;
        let function = organizer_id
            .map(|id| format!("getByUserIdAndRole(userId='{}',role='organizer')", id.replace('\'', "''")));
        let mut path = vec!["solutions", "virtualEvents", kind.segment()];
        path.extend(function.as_deref());
        self.url(&path, &[])
    }

    /// Lists the webinars or town halls that a user organizes, all pages.
    ///
    /// `GET /solutions/virtualEvents/{kind}/getByUserIdAndRole(userId='{id}',role='organizer')`, with
    /// the application permission `VirtualEvent.Read.All` and an access policy that covers the user.
    /// <https://learn.microsoft.com/graph/api/virtualeventwebinar-getbyuseridandrole>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_events_organized_by(
        &self,
        kind: VirtualEventKind,
        user_id: &str,
    ) -> Result<Vec<VirtualEvent>, GraphError> {
        self.list(self.virtual_events_of(kind, Some(user_id))?).await
    }

    /// Lists the sessions of a webinar or town hall, all pages.
    ///
    /// `GET /solutions/virtualEvents/{kind}/{event}/sessions`, with the application permission
    /// `VirtualEvent.Read.All` and an access policy that covers the organizer. Of each session only
    /// id, subject, join URL, start and end are filled.
    /// <https://learn.microsoft.com/graph/api/virtualevent-list-sessions>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_event_sessions(
        &self,
        kind: VirtualEventKind,
        event_id: &str,
    ) -> Result<Vec<VirtualEventSession>, GraphError> {
        self.require(Capability::VirtualEvents)?;
        self.list(self.url(&["solutions", "virtualEvents", kind.segment(), event_id, "sessions"], &[])?).await
    }

    /// Gets one session of a webinar or town hall.
    ///
    /// `GET /solutions/virtualEvents/{kind}/{event}/sessions/{session}`, with the application
    /// permission `VirtualEvent.Read.All` and an access policy that covers the organizer. Microsoft's
    /// page shows the session inside `value`, the schema without it; both are read.
    /// <https://learn.microsoft.com/graph/api/virtualeventsession-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_event_session(
        &self,
        kind: VirtualEventKind,
        event_id: &str,
        session_id: &str,
    ) -> Result<VirtualEventSession, GraphError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum SessionResponse {
            Wrapped { value: VirtualEventSession },
            Bare(VirtualEventSession),
        }
        self.require(Capability::VirtualEvents)?;
        let path = ["solutions", "virtualEvents", kind.segment(), event_id, "sessions", session_id];
        let response: SessionResponse = self.get(self.url(&path, &[])?).await?.read()?;
        Ok(match response {
            SessionResponse::Wrapped { value } | SessionResponse::Bare(value) => value,
        })
    }
}
