//! A person signs in: with an authorization code and PKCE in the browser, or with a device code; and stays signed in with
//! refresh tokens. A public client: nothing here has a secret of the application's.
//!
//! ```text
//! browser ─▶ authorize ─▶ redirect with a code ─┐
//! device code ─▶ poll until somebody typed it ──┼─▶ token ─▶ Grant: access token, refresh token, scopes
//! refresh token ────────────────────────────────┘
//! ```
//!
//! No browser is opened and no token is kept here. <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

mod authorization;
mod device;

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::token::{read_token, tenant_url, unverified_claims};
use super::{AccessToken, Cloud, DelegatedScope, GraphError};
use crate::model::Outcome;
use crate::ports::clock::Clock;
use crate::ports::http::{Http, Response};

pub use authorization::AuthorizationRequest;
pub use device::DeviceCode;

/// The Entra application through which people sign in. It allows public client flows, and has the redirect address
/// `http://localhost`.
pub struct PublicClient {
    /// The HTTP port to the token service.
    pub http: Arc<dyn Http>,
    /// The clock for the tokens' times, and for the pauses between looks at a device code.
    pub clock: Arc<dyn Clock>,
    /// The id of the Entra tenant whose people sign in.
    pub tenant_id: String,
    /// The application's client id in Entra.
    pub client_id: String,
    /// The cloud whose Graph the tokens are for.
    pub cloud: Cloud,
    /// The root of the token service, without the tenant.
    pub login: Url,
}

/// What the token service gives a person who has signed in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The token for Graph, good for about an hour.
    pub token: AccessToken,
    /// What gets the next token: the newest is kept, in the place of the one before. `None` where none was given.
    pub refresh_token: Option<SecretString>,
    /// What the person may do, as the token service says; empty where it does not say.
    pub scopes: Vec<DelegatedScope>,
    /// The name of the account, usually the user principal name; `None` where the token service does not say.
    pub account: Option<String>,
}

impl PublicClient {
    /// Requests the next token of a person who has signed in before.
    ///
    /// # Errors
    /// [`Outcome::CredentialRefused`] where the person must sign in again, [`Outcome::ConsentMissing`] where a consent
    /// was withdrawn. Other outcomes where the token service throttles or does not answer.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        scopes: &[DelegatedScope],
    ) -> Result<Grant, GraphError> {
        let requested = DelegatedScope::requested(scopes, self.cloud);
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose_secret()),
            ("scope", requested.as_str()),
        ];
        self.request_grant(&form).await
    }

    /// Requests a token with this form, to which the client's id is added.
    async fn request_grant(&self, form: &[(&str, &str)]) -> Result<Grant, GraphError> {
        let asked_at = self.clock.now();
        let response = self.post("token", form).await?;
        if !response.status().is_success() {
            return Err(GraphError::from_sign_in(&response, self.clock.now()));
        }
        self.read_grant(response.body(), asked_at)
    }

    /// Posts a form to an operation of the token service.
    async fn post(&self, operation: &str, form: &[(&str, &str)]) -> Result<Response, GraphError> {
        let url = tenant_url(&self.login, &self.tenant_id, operation)?;
        let fields = [("client_id", self.client_id.as_str())].into_iter().chain(form.iter().copied());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = http::Request::post(url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into());
        let request = request.map_err(|_| GraphError::new(Outcome::InvalidRequest))?;
        Ok(self.http.send(request).await?)
    }

    fn read_grant(&self, body: &[u8], asked_at: Timestamp) -> Result<Grant, GraphError> {
        #[derive(Deserialize)]
        struct GrantResponse {
            refresh_token: Option<SecretString>,
            #[serde(default)]
            scope: String,
            #[serde(default)]
            id_token: String,
        }
        let token = read_token(body, asked_at)?;
        let answer: GrantResponse =
            serde_json::from_slice(body).map_err(|error| GraphError::not_as_documented(&error))?;
        let claims = unverified_claims(&answer.id_token).unwrap_or_default();
        let tenant = claims["tid"].as_str();
        if tenant.is_some_and(|tenant| !tenant.eq_ignore_ascii_case(&self.tenant_id)) {
            let refused =
                GraphError::new(Outcome::CredentialRefused).because("the account is of another tenant");
            return Err(refused.mended_by("Choose an account of the tenant that AZURE_TENANT_ID names."));
        }
        let account = claims["preferred_username"].as_str().filter(|name| !name.is_empty());
        Ok(Grant {
            token,
            refresh_token: answer.refresh_token,
            scopes: DelegatedScope::granted(&answer.scope),
            account: account.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use data_encoding::BASE64URL_NOPAD;

    use super::*;
    use crate::ports::clock::SystemClock;
    use crate::ports::http::{HttpError, Request};

    /// A token service that nobody reaches.
    struct Nowhere;

    #[async_trait]
    impl Http for Nowhere {
        async fn send(&self, _: Request) -> Result<Response, HttpError> {
            Err(HttpError::NoAnswer)
        }
    }

    fn client() -> PublicClient {
        PublicClient {
            http: Arc::new(Nowhere),
            clock: Arc::new(SystemClock),
            tenant_id: "5466a424-0000-4000-8000-0000c0205050".to_owned(),
            client_id: "6f2d3c1e-0000-4000-8000-00000000c0de".to_owned(),
            cloud: Cloud::Global,
            login: Url::parse("https://login.microsoftonline.com").unwrap(),
        }
    }

    /// An answer of the token service for an account of this tenant.
    fn answer(tenant_id: &str) -> String {
        let claims = serde_json::json!({"tid": tenant_id, "preferred_username": "megan@contoso.com"});
        let claims = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
        serde_json::json!({"access_token": "x", "expires_in": 3600, "id_token": format!("e30.{claims}.")})
            .to_string()
    }

    #[test]
    fn an_account_of_another_tenant_is_refused_with_what_a_person_can_do() {
        let read = |tenant_id: &str| client().read_grant(answer(tenant_id).as_bytes(), Timestamp::UNIX_EPOCH);
        let mine = read("5466A424-0000-4000-8000-0000C0205050").unwrap();
        assert_eq!(mine.account.as_deref(), Some("megan@contoso.com"));
        let other = read("0c0c0c0c-0000-4000-8000-0000c0205050").unwrap_err();
        assert_eq!(other.outcome, Outcome::CredentialRefused);
        assert!(other.remedy().contains("AZURE_TENANT_ID"), "{}", other.remedy());
    }
}
