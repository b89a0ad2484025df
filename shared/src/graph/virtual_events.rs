//! `virtualEvent`: webinars, town halls, and their sessions.

use serde::Deserialize;
use url::Url;

use super::cloud::Capability;
use super::date_time::GraphDateTime;
use super::error::GraphError;
use super::{DelegatedScope, GraphClient, List, Page};
use crate::model::{VirtualEventKind, id, id_or_none, or_none, unwrapped};

/// A webinar or town hall: a view of it. Every field but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/virtualevent>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualEvent {
    /// The event's id: `{guid}@{tenant}`.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// `draft`, `published` or `canceled`.
    #[serde(default, deserialize_with = "or_none")]
    pub status: Option<String>,
    /// When the event is planned to begin; a draft's may hold a null inside.
    #[serde(default, deserialize_with = "or_none")]
    pub start_date_time: Option<GraphDateTime>,
    /// When the event is planned to end.
    #[serde(default, deserialize_with = "or_none")]
    pub end_date_time: Option<GraphDateTime>,
    #[serde(default, deserialize_with = "or_none")]
    created_by: Option<CreatedBy>,
}

/// Who made the event: a user, whose name is not read, or an application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct CreatedBy {
    #[serde(default, deserialize_with = "or_none")]
    user: Option<Creator>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Creator {
    #[serde(default, deserialize_with = "id_or_none")]
    id: Option<String>,
}

impl VirtualEvent {
    /// The object id of the user who made the event, and so organizes it; `None` where Graph does not say.
    pub fn organizer_id(&self) -> Option<&str> {
        self.created_by.as_ref()?.user.as_ref()?.id.as_deref()
    }
}

/// A session of a webinar or town hall: a view of it. Every field but its id is nullable.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventsession>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualEventSession {
    /// The session's id, opaque.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// When the session is planned to begin.
    #[serde(default, deserialize_with = "or_none")]
    pub start_date_time: Option<GraphDateTime>,
    /// When the session is planned to end, which does not show that it has ended.
    #[serde(default, deserialize_with = "or_none")]
    pub end_date_time: Option<GraphDateTime>,
}

impl GraphClient {
    /// Whether there are webinars and town halls in this cloud.
    pub fn has_virtual_events(&self) -> bool {
        self.require(Capability::VirtualEvents).is_ok()
    }

    /// Lists the webinars or town halls of the tenant, all pages, with the request and the permission of
    /// [`Self::virtual_events_page`].
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_events(&self, kind: VirtualEventKind) -> Result<List<VirtualEvent>, GraphError> {
        self.list(self.virtual_events_of(kind, None)?).await
    }

    /// Gets one page of the webinars or town halls of the tenant, or of those that `organizer_id` organizes:
    /// the first, or the one that `next_link` leads to. Graph shows only events whose organizers an access policy
    /// covers: where none is covered, the list is empty, and no refusal says so.
    ///
    /// `GET /solutions/virtualEvents/{kind}` and
    /// `GET /solutions/virtualEvents/{kind}/getByUserIdAndRole(userId='{id}',role='organizer')`, with the
    /// application permission `VirtualEvent.Read.All` and access policies.
    /// <https://learn.microsoft.com/graph/api/virtualeventsroot-list-webinars>
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
        self.require_scope(DelegatedScope::Events)?;
        let function = organizer_id
            .map(|id| format!("getByUserIdAndRole(userId='{}',role='organizer')", id.replace('\'', "''")));
        let mut path = vec!["solutions", "virtualEvents", kind.segment()];
        path.extend(function.as_deref());
        self.url(&path, &[])
    }

    /// Gets one webinar or town hall.
    ///
    /// `GET /solutions/virtualEvents/{kind}/{event}`, with the application permission `VirtualEvent.Read.All`
    /// and an access policy that covers the organizer. Microsoft's page shows a webinar inside `value`, a town hall
    /// without it; both are read.
    /// <https://learn.microsoft.com/graph/api/virtualeventwebinar-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows.
    pub async fn virtual_event(
        &self,
        kind: VirtualEventKind,
        event_id: &str,
    ) -> Result<VirtualEvent, GraphError> {
        self.require(Capability::VirtualEvents)?;
        self.require_scope(DelegatedScope::Events)?;
        let answer = self.get(self.url(&kind.segments(event_id), &[])?).await?;
        serde_json::from_str(unwrapped(&answer.text))
            .map_err(|error| GraphError::not_as_documented(&error).with_request_id(answer.request_id.clone()))
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
    ) -> Result<List<VirtualEventSession>, GraphError> {
        self.require(Capability::VirtualEvents)?;
        self.require_scope(DelegatedScope::Events)?;
        self.list(self.url(&["solutions", "virtualEvents", kind.segment(), event_id, "sessions"], &[])?).await
    }
}
