//! The authorization code with PKCE: the address for the browser, and what the browser brings back.

use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::super::token::tenant_url;
use super::super::{DelegatedScope, GraphError};
use super::{Grant, PublicClient};
use crate::digest::sha256;
use crate::model::Outcome;

/// One sign-in in the browser, from the address to the code. Nobody who lacks its verifier can use the code.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    redirect_uri: String,
    scopes: Vec<DelegatedScope>,
    state: String,
    verifier: SecretString,
}

impl AuthorizationRequest {
    /// A sign-in that asks for `scopes` and ends at `redirect_uri`, with a state and a verifier of 256 random bits each.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn new(redirect_uri: String, scopes: Vec<DelegatedScope>) -> Result<Self, GraphError> {
        Ok(Self { redirect_uri, scopes, state: random()?, verifier: random()?.into() })
    }

    /// Reads the query with which the browser came to the redirect address: the code, or why there is none. `None`
    /// where the query does not answer this request.
    pub fn answer(&self, query: &str) -> Option<Result<SecretString, GraphError>> {
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        if value("state")? != self.state {
            return None;
        }
        if let Some(error) = value("error") {
            let description = value("error_description").unwrap_or_default();
            return Some(Err(GraphError::of_sign_in(&error, &description)));
        }
        Some(Ok(value("code")?.into()))
    }
}

impl PublicClient {
    /// The address at which the person signs in, for the browser.
    ///
    /// # Errors
    /// The tenant's id makes no URL.
    pub fn authorization_url(&self, request: &AuthorizationRequest) -> Result<Url, GraphError> {
        let mut url = tenant_url(&self.login, &self.tenant_id, "authorize")?;
        let challenge = sha256(request.verifier.expose_secret().as_bytes());
        url.query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", &request.redirect_uri)
            .append_pair("scope", &DelegatedScope::requested(&request.scopes, self.cloud))
            .append_pair("state", &request.state)
            .append_pair("code_challenge", &BASE64URL_NOPAD.encode(&challenge))
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        Ok(url)
    }

    /// Requests the first token, with the code that the browser brought.
    ///
    /// # Errors
    /// The token service refuses or does not answer: [`GraphError::remedy`] says what a person can do.
    pub async fn redeem(
        &self,
        code: &SecretString,
        request: &AuthorizationRequest,
    ) -> Result<Grant, GraphError> {
        let requested = DelegatedScope::requested(&request.scopes, self.cloud);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", request.redirect_uri.as_str()),
            ("code_verifier", request.verifier.expose_secret()),
            ("scope", requested.as_str()),
        ];
        self.request_grant(&form).await
    }
}

/// 256 random bits, as they can stand in an address.
fn random() -> Result<String, GraphError> {
    let mut bytes = [0; 32];
    let none =
        |_| GraphError::new(Outcome::Unavailable).because("the operating system gives no random bytes");
    getrandom::fill(&mut bytes).map_err(none)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AuthorizationRequest {
        let scopes = vec![DelegatedScope::Reports];
        AuthorizationRequest::new("http://localhost:1".to_owned(), scopes).unwrap()
    }

    #[test]
    fn a_code_is_taken_only_with_the_state_of_the_request() {
        let request = request();
        let with = |state: &str, rest: &str| request.answer(&format!("{rest}&state={state}&session_state=x"));
        let code = with(&request.state, "code=0.AXx%2Fy").unwrap().unwrap();
        assert_eq!(code.expose_secret(), "0.AXx/y");
        for strange in [with("another", "code=1"), with("", "code=1"), with(&request.state, "x=1")] {
            assert!(strange.is_none());
        }
        assert!(request.answer("code=1").is_none());
        assert!(request.answer("").is_none());
    }

    #[test]
    fn a_refusal_in_the_redirect_has_its_remedy() {
        let request = request();
        let query = format!(
            "error=access_denied&error_description=AADSTS65004%3a+User+declined.&state={}",
            request.state
        );
        let error = request.answer(&query).unwrap().unwrap_err();
        assert_eq!(error.outcome, Outcome::ConsentMissing);
        assert!(error.to_string().contains("AADSTS65004"), "{error}");
        assert!(!error.to_string().contains("declined."), "only our own text is shown: {error}");
    }

    #[test]
    fn two_requests_share_neither_state_nor_verifier() {
        let (one, other) = (request(), request());
        assert_ne!(one.state, other.state);
        assert_ne!(one.verifier.expose_secret(), other.verifier.expose_secret());
        assert_eq!(one.verifier.expose_secret().len(), 43, "RFC 7636: 43 to 128 characters");
    }
}
