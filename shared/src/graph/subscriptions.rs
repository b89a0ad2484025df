//! `subscription`: what Graph notifies of, and where.

use data_encoding::BASE64;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::GraphClient;
use super::client::GraphResponse;
use super::error::GraphError;
use crate::model::parse_time;
use crate::ports::secrets::PemBundle;

/// A subscription that Graph has. Its `clientState` is never shown.
/// <https://learn.microsoft.com/graph/api/resources/subscription>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What it is for: a path.
    pub resource: String,
    /// Where Graph posts to.
    pub notification_url: Option<String>,
    /// Until when it lives.
    pub expiration_date_time: Option<String>,
    /// Which certificate its notifications are encrypted with; none where they are not.
    pub encryption_certificate_id: Option<String>,
}

impl Subscription {
    /// Until when it lives, if Graph says so in a way we read.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expiration_date_time.as_deref().and_then(parse_time)
    }
}

/// A subscription to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSubscription {
    /// Which changes: `created` or `updated`.
    pub change_type: &'static str,
    /// What it is for.
    pub resource: String,
    /// Where Graph posts to.
    pub notification_url: String,
    /// Where Graph posts what it says about the subscription itself.
    pub lifecycle_notification_url: String,
    /// Until when it lives.
    pub expiration_date_time: String,
    /// What Graph sends back with each notification.
    pub client_state: String,
    /// With what its notifications are encrypted, where they bring data.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
}

/// The certificate that notifications with data are encrypted with.
/// <https://learn.microsoft.com/graph/change-notifications-with-resource-data>
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    include_resource_data: bool,
    encryption_certificate: String,
    encryption_certificate_id: String,
}

impl Encryption {
    /// With the certificate of this bundle.
    pub fn with(bundle: &PemBundle) -> Self {
        Self {
            include_resource_data: true,
            encryption_certificate: BASE64.encode(&bundle.certificate),
            encryption_certificate_id: bundle.thumbprint(),
        }
    }

    /// What the certificate is known by: its thumbprint.
    pub fn id(&self) -> &str {
        &self.encryption_certificate_id
    }
}

impl GraphClient {
    /// Lists the application's subscriptions. Throttled hard: once in a run.
    ///
    /// `GET /subscriptions`, with the permissions of the resources.
    /// <https://learn.microsoft.com/graph/api/subscription-list>
    ///
    /// # Errors
    /// As every call.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, GraphError> {
        self.list(self.url(&["subscriptions"], &[])?).await
    }

    /// Makes a subscription; Graph tries the endpoint first.
    ///
    /// `POST /subscriptions`, with the application permission of the resource: `CallRecords.Read.All`,
    /// `VirtualEvent.Read.All`, or `OnlineMeetings.Read.All` for a meeting's calls.
    /// <https://learn.microsoft.com/graph/api/subscription-post-subscriptions>
    ///
    /// # Errors
    /// Status 409: there is one for this resource already.
    pub async fn create_subscription(&self, new: &NewSubscription) -> Result<Subscription, GraphError> {
        let body = json!(new).to_string();
        self.call(Method::POST, self.url(&["subscriptions"], &[])?, Some(body)).await?.read()
    }

    /// Lets a subscription live until `expires_at`, and reauthorizes it: PATCH does both. From now on
    /// its notifications are encrypted with `encryption`, where they are.
    ///
    /// `PATCH /subscriptions/{id}`. <https://learn.microsoft.com/graph/api/subscription-update>
    ///
    /// # Errors
    /// [`is_not_found`]: it is gone, and must be made anew.
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

    /// Deletes a subscription; one that is gone is deleted.
    ///
    /// `DELETE /subscriptions/{id}`. <https://learn.microsoft.com/graph/api/subscription-delete>
    ///
    /// # Errors
    /// As every call.
    pub async fn delete_subscription(&self, id: &str) -> Result<(), GraphError> {
        match self.call(Method::DELETE, self.url(&["subscriptions", id], &[])?, None).await {
            Err(error) if is_not_found(&error) => Ok(()),
            answer => answer.map(ignore),
        }
    }
}

/// Whether a call failed because the subscription is no more.
pub fn is_not_found(error: &GraphError) -> bool {
    error.status == Some(StatusCode::NOT_FOUND)
}

/// Whether a subscription could not be made because there is one already.
pub fn is_conflict(error: &GraphError) -> bool {
    error.status == Some(StatusCode::CONFLICT)
}

fn ignore(_: GraphResponse) {}
