//! `virtualEventRegistration`: who has registered for a webinar or town hall, as it was sent.

use super::client::GraphResponse;
use super::cloud::Capability;
use super::error::GraphError;
use super::report_pages::ReportReading;
use super::{DelegatedScope, FetchedArtifact, GraphClient, GraphVersion, JoinedPages};
use crate::model::{EventDescription, Outcome, RegistrationsRef, VirtualEventKind};

impl GraphClient {
    /// Gets one registration, or the list of all, its pages joined.
    ///
    /// `GET /solutions/virtualEvents/{kind}/{event}/registrations/{registration}`, with the application permission
    /// `VirtualEvent.Read.All`. Of the list, without `{registration}`, Microsoft documents the resource-specific consent
    /// `VirtualEvent.Read.Chat` alone, of an app that is installed in the event: any other application may be refused.
    /// Both need an access policy that covers the organizer. Town halls have registrations in beta only.
    /// <https://learn.microsoft.com/graph/api/virtualeventregistration-get>,
    /// <https://learn.microsoft.com/graph/api/virtualeventregistration-list>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    /// [`Outcome::UnsupportedInCloud`] where the cloud or the version lacks the call, before it is made.
    pub async fn registrations(&self, of: &RegistrationsRef) -> Result<FetchedArtifact, GraphError> {
        self.require(Capability::VirtualEvents)?;
        self.require_scope(DelegatedScope::Events)?;
        if of.kind == VirtualEventKind::Townhall && self.version() != GraphVersion::Beta {
            let in_beta = "town halls have registrations in beta only";
            return Err(GraphError::new(Outcome::UnsupportedInCloud).because(in_beta));
        }
        let asked = self.url(&of.segments(), &[])?;
        let GraphResponse { text: body, request_id } = self.get(asked.clone()).await?;
        let with_id = |error: GraphError| error.with_request_id(request_id.clone());
        if of.registration_id.is_some() {
            let unreadable = |error| with_id(GraphError::not_as_documented(&error));
            EventDescription::read(&body).map_err(unreadable)?;
            return Ok(FetchedArtifact { body, records: 1, pages: 1, request_id });
        }
        let mut reading = ReportReading::new(self, asked, 1, body.len());
        let records = reading.follow_list(&body).map_err(with_id)?;
        if reading.is_done() {
            return Ok(FetchedArtifact { body, records, pages: 1, request_id });
        }
        reading.join(JoinedPages::of_list(&body)?, request_id).await
    }
}
