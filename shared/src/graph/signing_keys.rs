//! The keys that the token service signs with, and for whom it signs validation tokens.

use http::header::ACCEPT;
use serde::Deserialize;
use url::Url;

use super::GraphError;
use crate::model::Outcome;
use crate::ports::http::Http;

/// Microsoft Graph Change Tracking: the application that Graph sends encrypted notifications as.
/// <https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-token>
pub const CHANGE_TRACKING: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// A public RSA key of the token service's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SigningKey {
    /// Its id: what a token's header names.
    #[serde(default)]
    pub kid: String,
    /// Its modulus, base64url.
    #[serde(default)]
    pub n: String,
    /// Its exponent, base64url.
    #[serde(default)]
    pub e: String,
}

/// Gets the keys. They rotate at any time, and a new one is there before it signs.
///
/// `GET {login}/common/discovery/keys`, as `common/.well-known/openid-configuration` says. They sign
/// tokens of both versions.
/// <https://learn.microsoft.com/entra/identity-platform/signing-key-rollover>
///
/// # Errors
/// The token service does not answer, or not with keys.
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
    // Whatever is wrong there says nothing about the notification: it passes.
    let unavailable = || GraphError::new(Outcome::Unavailable).because("the token service shows no keys");
    if !response.status().is_success() {
        return Err(unavailable());
    }
    let set: KeySet = serde_json::from_slice(response.body()).map_err(|_| unavailable())?;
    Ok(set.keys)
}
