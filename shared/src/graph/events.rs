//! What Graph says of a meeting, webinar, town hall or session, as it was sent.

use super::client::GraphResponse;
use super::cloud::Capability;
use super::error::GraphError;
use super::{DelegatedScope, FetchedArtifact, GraphClient};
use crate::model::{EventDescription, EventRef, ReportSource};

impl GraphClient {
    /// Gets what Graph says of a meeting, webinar, town hall or session.
    ///
    /// `GET /users/{organizer}/onlineMeetings/{meeting}`, with the application permission `OnlineMeetings.Read.All`, or
    /// `GET /solutions/virtualEvents/{kind}/{event}` and `…/sessions/{session}`, with `VirtualEvent.Read.All`; all of them
    /// need an access policy that covers the organizer. Microsoft's pages show a webinar and a session inside `value`, a
    /// town hall without it: what was sent is given.
    /// <https://learn.microsoft.com/graph/api/onlinemeeting-get>,
    /// <https://learn.microsoft.com/graph/api/virtualeventwebinar-get>,
    /// <https://learn.microsoft.com/graph/api/virtualeventtownhall-get>,
    /// <https://learn.microsoft.com/graph/api/virtualeventsession-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer, or the cloud lacks the call:
    /// [`GraphError::outcome`] says what follows. An answer that describes nothing is malformed.
    pub async fn event(&self, event: &EventRef) -> Result<FetchedArtifact, GraphError> {
        self.require(match event {
            EventRef::Source(ReportSource::Meeting { .. } | ReportSource::ChannelMeeting { .. }) => {
                Capability::OnlineMeetings
            }
            EventRef::Source(_) | EventRef::VirtualEvent { .. } => Capability::VirtualEvents,
        })?;
        self.require_scope(match event {
            EventRef::Source(ReportSource::Meeting { .. } | ReportSource::ChannelMeeting { .. }) => {
                DelegatedScope::Meetings
            }
            EventRef::Source(_) | EventRef::VirtualEvent { .. } => DelegatedScope::Events,
        })?;
        let GraphResponse { text: body, request_id } = self.get(self.url(&event.segments(), &[])?).await?;
        EventDescription::read(&body)
            .map_err(|error| GraphError::not_as_documented(&error).with_request_id(request_id.clone()))?;
        Ok(FetchedArtifact { body, records: 0, pages: 1, request_id })
    }
}
