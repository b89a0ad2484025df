//! The public keys of the token service, which verify the validation tokens of notifications.

use http::header::ACCEPT;
use serde::Deserialize;
use url::Url;

use super::GraphError;
use crate::model::Outcome;
use crate::ports::http::Http;

/// The client id of Microsoft Graph Change Tracking: the application that sends encrypted notifications.
/// <https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-token>
pub const CHANGE_TRACKING: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// A public RSA key of the token service, as a JSON Web Key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SigningKey {
    /// The key's id, which a token's header names; empty where it is absent.
    #[serde(default)]
    pub kid: String,
    /// The modulus of the key, in base64url.
    #[serde(default)]
    pub n: String,
    /// The public exponent of the key, in base64url.
    #[serde(default)]
    pub e: String,
}

/// Gets the token service's keys. They rotate at any time, and a new one is published before it signs.
///
/// `GET {login}/common/discovery/keys`, as `common/.well-known/openid-configuration` says. They sign
/// tokens of both versions.
/// <https://learn.microsoft.com/entra/identity-platform/signing-key-rollover>
///
/// # Errors
/// [`Outcome::Unavailable`] where the token service does not answer, or not with keys; [`Outcome::Malformed`]
/// where its response is cut short.
pub async fn signing_keys(http: &dyn Http, login: &Url) -> Result<Vec<SigningKey>, GraphError> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<SigningKey>,
    }
    let mut url = login.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["common", "discovery", "keys"]);
    }
    let request =
        http::Request::get(url.as_str()).header(ACCEPT, "application/json").body(Default::default());
    let request = request.map_err(|_| GraphError::new(Outcome::InvalidRequest))?;
    let response = http.send(request).await?;
    // A failure of this request says nothing about the notification, so it is retryable.
    let unavailable = || GraphError::new(Outcome::Unavailable).because("the token service shows no keys");
    if !response.status().is_success() {
        return Err(unavailable());
    }
    let set: KeySet = serde_json::from_slice(response.body()).map_err(|_| unavailable())?;
    Ok(set.keys)
}
