//! The public keys of the token service, which verify the validation tokens of notifications.

use http::header::ACCEPT;
use serde::Deserialize;
use url::Url;

use super::GraphError;
use crate::model::{Outcome, is_guid};
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
    /// What the key is for: `sig` for signatures; `None` where the service does not say.
    #[serde(default, rename = "use")]
    pub usage: Option<String>,
    /// The issuer whose tokens the key signs, `{tenantid}` in the place of any tenant; `None` where the service
    /// does not say.
    #[serde(default)]
    pub issuer: Option<String>,
}

impl SigningKey {
    /// Whether the key signs tokens of this tenant: it is for signatures, and of no other tenant alone, as that of
    /// personal accounts is.
    pub fn signs_for(&self, tenant_id: &str) -> bool {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let issuer = self.issuer.as_deref().and_then(|issuer| Url::parse(issuer).ok());
        let tenant = issuer.as_ref().and_then(|issuer| issuer.path_segments()?.next());
        let is_of_another =
            tenant.is_some_and(|tenant| is_guid(tenant) && !tenant.eq_ignore_ascii_case(tenant_id));
        is_for_signatures && !is_of_another
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_only_for_signatures_and_for_its_issuers_tokens() {
        const TENANT: &str = "5466a424-0000-4000-8000-0000c0205050";
        let of = |members: &str| {
            let key: SigningKey = serde_json::from_str(&format!(r#"{{"kid":"k"{members}}}"#)).unwrap();
            key.signs_for(TENANT)
        };
        let ours = format!(r#","issuer":"https://login.microsoftonline.com/{}/v2.0""#, TENANT.to_uppercase());
        for good in [
            "",
            r#","use":"sig""#,
            r#","issuer":"https://login.microsoftonline.com/{tenantid}/v2.0""#,
            r#","issuer":"https://sts.windows.net/{tenantid}/""#,
            &ours,
        ] {
            assert!(of(good), "{good}");
        }
        for bad in [
            r#","use":"enc""#,
            r#","issuer":"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0""#,
        ] {
            assert!(!of(bad), "{bad}");
        }
    }
}
