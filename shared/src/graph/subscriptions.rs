//! `subscription`: the resource of which Graph notifies, and the URL that it posts to.

use data_encoding::BASE64;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::GraphClient;
use super::client::GraphResponse;
use super::error::GraphError;
use crate::model::{id, parse_time};
use crate::ports::secrets::PemBundle;

/// A subscription that exists in Graph: a view. Graph never returns its `clientState`.
/// <https://learn.microsoft.com/graph/api/resources/subscription>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The subscription's id, as its notifications name it.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The path of the resource of which Graph notifies.
    pub resource: String,
    /// The URL that Graph posts notifications to; nullable.
    pub notification_url: Option<String>,
    /// When the subscription expires (UTC), as Graph wrote it; nullable.
    pub expiration_date_time: Option<String>,
    /// The id of the certificate that its notifications are encrypted with; `None` where they are not.
    pub encryption_certificate_id: Option<String>,
}

impl Subscription {
    /// When the subscription expires; `None` where Graph gave no time or no readable one.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expiration_date_time.as_deref().and_then(parse_time)
    }
}

/// A subscription that is to be created: the body of the POST request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSubscription {
    /// The changes to notify of: `created` or `updated`.
    pub change_type: &'static str,
    /// The path of the resource to notify of.
    pub resource: String,
    /// The https URL that Graph posts notifications to.
    pub notification_url: String,
    /// The https URL that Graph posts lifecycle notifications to.
    pub lifecycle_notification_url: String,
    /// When the subscription expires: RFC 3339, in UTC.
    pub expiration_date_time: String,
    /// The secret text that Graph sends back with each notification: at most 128 characters.
    pub client_state: String,
    /// The certificate for notifications that carry resource data; `None` where they carry none.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
}

/// The certificate with which Graph encrypts notifications that carry resource data.
/// <https://learn.microsoft.com/graph/change-notifications-with-resource-data>
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    include_resource_data: bool,
    encryption_certificate: String,
    encryption_certificate_id: String,
}

impl Encryption {
    /// Encryption with the certificate of `bundle`; its private key is not used.
    pub fn with(bundle: &PemBundle) -> Self {
        Self {
            include_resource_data: true,
            encryption_certificate: BASE64.encode(&bundle.certificate),
            encryption_certificate_id: bundle.thumbprint(),
        }
    }

    /// The id that Graph knows the certificate by: its SHA-256 thumbprint, in hex.
    pub fn id(&self) -> &str {
        &self.encryption_certificate_id
    }
}

impl GraphClient {
    /// Lists the application's subscriptions, all pages. Graph throttles this call early: make it once a run.
    ///
    /// `GET /subscriptions`, with the permissions of the resources.
    /// <https://learn.microsoft.com/graph/api/subscription-list>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, GraphError> {
        self.list(self.url(&["subscriptions"], &[])?).await?.whole()
    }

    /// Creates a subscription; Graph first validates the notification URL with a request to it.
    ///
    /// `POST /subscriptions`, with the application permission of the resource: `CallRecords.Read.All`,
    /// `VirtualEvent.Read.All`, or `OnlineMeetings.Read.All` for a meeting's calls.
    /// <https://learn.microsoft.com/graph/api/subscription-post-subscriptions>
    ///
    /// # Errors
    /// [`is_conflict`]: the application already has one for this resource. Otherwise Graph or the token
    /// service refuses or does not answer, and [`GraphError::outcome`] says what follows.
    pub async fn create_subscription(&self, new: &NewSubscription) -> Result<Subscription, GraphError> {
        let body = json!(new).to_string();
        self.call(Method::POST, self.url(&["subscriptions"], &[])?, Some(body)).await?.read()
    }

    /// Renews a subscription until `expires_at`, and reauthorizes it: PATCH does both. If `encryption` is
    /// given, Graph encrypts with its certificate from now on.
    ///
    /// `PATCH /subscriptions/{id}`. <https://learn.microsoft.com/graph/api/subscription-update>
    ///
    /// # Errors
    /// [`is_not_found`]: the subscription no longer exists, and must be created again. Otherwise Graph or the
    /// token service refuses or does not answer, and [`GraphError::outcome`] says what follows.
    pub async fn renew_subscription(
        &self,
        id: &str,
        expires_at: Timestamp,
        encryption: Option<&Encryption>,
    ) -> Result<(), GraphError> {
        let mut body = json!({"expirationDateTime": expires_at.to_string()});
        if let Some(encryption) = encryption {
            body["encryptionCertificate"] = json!(encryption.encryption_certificate);
            body["encryptionCertificateId"] = json!(encryption.encryption_certificate_id);
        }
        let body = body.to_string();
        self.call(Method::PATCH, self.url(&["subscriptions", id], &[])?, Some(body)).await.map(ignore)
    }

    /// Deletes a subscription; it is no error if it no longer exists.
    ///
    /// `DELETE /subscriptions/{id}`. <https://learn.microsoft.com/graph/api/subscription-delete>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn delete_subscription(&self, id: &str) -> Result<(), GraphError> {
        match self.call(Method::DELETE, self.url(&["subscriptions", id], &[])?, None).await {
            Err(error) if is_not_found(&error) => Ok(()),
            answer => answer.map(ignore),
        }
    }
}

/// Whether a call failed because the subscription does not exist (404).
pub fn is_not_found(error: &GraphError) -> bool {
    error.status == Some(StatusCode::NOT_FOUND)
}

/// Whether a subscription could not be created because one for the resource exists (409).
pub fn is_conflict(error: &GraphError) -> bool {
    error.status == Some(StatusCode::CONFLICT)
}

fn ignore(_: GraphResponse) {}
