//! Access tokens: requested with a credential, renewed from 80 % of their life on, used until they expire.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tracing::warn;
use url::{Url, form_urlencoded};

use super::{ClientAuthentication, Cloud, GraphError, Parameters, TokenRequest};
use crate::model::Outcome;
use crate::ports::clock::Clock;
use crate::ports::http::Http;
use crate::ports::secrets::Stage;

/// A bearer token for Microsoft Graph.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token itself, as it stands in the `Authorization` header after `Bearer`.
    pub secret: SecretString,
    /// When a new token is requested: at 80 % of this one's life (UTC).
    pub refresh_at: Timestamp,
    /// When the token expires (UTC): until then it is used, also while the token service is unavailable.
    pub expires_at: Timestamp,
}

/// A source of access tokens for Microsoft Graph.
#[async_trait]
pub trait Credential: Send + Sync {
    /// Requests a new token, which no cache holds yet.
    ///
    /// # Errors
    /// [`Outcome::CredentialRefused`] where the credential itself is at fault. Other outcomes where the token
    /// service throttles or does not answer.
    async fn request_token(&self) -> Result<AccessToken, GraphError>;
}

/// How long no token is requested after the token service did not renew one that is still valid.
const PAUSE_BETWEEN_RENEWALS: Duration = Duration::from_secs(30);

/// The token of one execution environment, single-flight: one request for a new token is in flight at a time,
/// and callers meanwhile wait for its result. Where the token service says how long to wait, it is not asked
/// again before. A token that cannot be renewed is used until it expires.
pub struct TokenCache {
    credential: Box<dyn Credential>,
    clock: Arc<dyn Clock>,
    state: tokio::sync::Mutex<TokenState>,
}

#[derive(Default)]
struct TokenState {
    token: Option<AccessToken>,
    /// The last refusal, and until when no further token is requested.
    refused: Option<(GraphError, Timestamp)>,
}

impl TokenState {
    /// The last refusal, while no token is requested, with the rest of that time as its `retry_after`.
    fn refusal(&self, now: Timestamp) -> Option<GraphError> {
        let (refusal, until) = self.refused.as_ref()?;
        let left = Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())?;
        let mut refusal = refusal.clone();
        refusal.retry_after = Some(left);
        Some(refusal)
    }
}

impl TokenCache {
    /// An empty cache: the first call to Graph asks `credential` for a token.
    pub fn new(credential: Box<dyn Credential>, clock: Arc<dyn Clock>) -> Self {
        Self { credential, clock, state: tokio::sync::Mutex::default() }
    }

    /// A token that is valid now: the cached one, or a new one.
    pub(super) async fn token(&self) -> Result<SecretString, GraphError> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if let Some(token) = state.token.as_ref().filter(|token| now < token.refresh_at) {
            return Ok(token.secret.clone());
        }
        let refusal = match state.refusal(now) {
            Some(refusal) => refusal,
            None => match self.renew(&mut state).await {
                Ok(secret) => return Ok(secret),
                Err(refusal) => refusal,
            },
        };
        let alive = state.token.as_ref().filter(|token| self.clock.now() < token.expires_at);
        alive.map(|token| token.secret.clone()).ok_or(refusal)
    }

    /// Requests a new token. If that fails, the state notes until when no further one is requested.
    async fn renew(&self, state: &mut TokenState) -> Result<SecretString, GraphError> {
        let refusal = match self.credential.request_token().await {
            Ok(token) => return Ok(state.token.insert(token).secret.clone()),
            Err(refusal) => refusal,
        };
        let now = self.clock.now();
        let is_alive = state.token.as_ref().is_some_and(|token| now < token.expires_at);
        let pause = refusal.retry_after.or(is_alive.then_some(PAUSE_BETWEEN_RENEWALS));
        let until = |pause| now.checked_add(SignedDuration::try_from(pause).ok()?).ok();
        state.refused = pause.and_then(until).map(|until| (refusal.clone(), until));
        if is_alive {
            warn!("the token could not be renewed, and is used until it ends: {refusal}");
        }
        Err(refusal)
    }

    /// Forgets a token that Graph refused, unless another one has taken its place.
    pub(super) async fn discard(&self, refused: &SecretString) {
        let mut state = self.state.lock().await;
        state.token.take_if(|token| token.secret.expose_secret() == refused.expose_secret());
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

/// A token that a person gave (`GRAPH_ACCESS_TOKEN`): when it is refused, there is no other.
pub struct StaticToken(pub SecretString);

#[async_trait]
impl Credential for StaticToken {
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        Ok(AccessToken { secret: self.0.clone(), refresh_at: Timestamp::MAX, expires_at: Timestamp::MAX })
    }
}

/// The Entra application, which signs in as itself (client credentials).
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>
pub struct Application {
    /// The HTTP port to the token service.
    pub http: Arc<dyn Http>,
    /// The clock for the tokens' times.
    pub clock: Arc<dyn Clock>,
    /// How the application authenticates at the token service.
    pub authentication: Box<dyn ClientAuthentication>,
    /// The id of the Entra tenant.
    pub tenant_id: String,
    /// The application's client id in Entra.
    pub client_id: String,
    /// The cloud whose Graph the token is for.
    pub cloud: Cloud,
    /// The root of the token service, without the tenant.
    pub login: Url,
}

#[async_trait]
impl Credential for Application {
    /// After a refused credential the previous version is tried once: during a rotation Entra and Secrets
    /// Manager may have different ones.
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        let none = || GraphError::new(Outcome::CredentialRefused).because("the secret has no value");
        match self.ask(Stage::Current).await {
            Err(refused) if refused.outcome == Outcome::CredentialRefused => {
                let previous = self.ask(Stage::Previous).await;
                previous.ok().flatten().ok_or(refused)
            }
            answer => answer?.ok_or_else(none),
        }
    }
}

impl Application {
    /// The body of a token request.
    fn form(&self, proof: &Parameters) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("client_id", &self.client_id)
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", &self.cloud.scope());
        for (name, value) in proof {
            form.append_pair(name, value.expose_secret());
        }
        form.finish()
    }

    /// Requests a token with one version of the credential; `None` if there is no such version.
    async fn ask(&self, stage: Stage) -> Result<Option<AccessToken>, GraphError> {
        let (client_id, cloud) = (self.client_id.clone(), self.cloud);
        let request =
            TokenRequest { client_id, token_url: tenant_url(&self.login, &self.tenant_id, "token")?, cloud };
        let Some(proof) = self.authentication.parameters(&request, stage).await? else { return Ok(None) };
        let request = http::Request::post(request.token_url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form(&proof).into());
        let request = request.map_err(|_| GraphError::new(Outcome::InvalidRequest))?;
        let asked_at = self.clock.now();
        let response = self.http.send(request).await?;
        if !response.status().is_success() {
            return Err(GraphError::from_login(&response, self.clock.now()));
        }
        read_token(response.body(), asked_at).map(Some)
    }
}

/// The URL of an operation of the tenant's token service, such as `token`.
pub(super) fn tenant_url(login: &Url, tenant_id: &str, operation: &str) -> Result<Url, GraphError> {
    let invalid = || GraphError::new(Outcome::InvalidRequest).because("the tenant's id makes no URL");
    let mut url = login.clone();
    url.path_segments_mut()
        .map_err(|()| invalid())?
        .pop_if_empty()
        .extend([tenant_id, "oauth2", "v2.0", operation]);
    Ok(url)
}

/// The claims of a token; `None` if it cannot be read. They are not verified: Graph does that.
pub fn unverified_claims(token: &str) -> Option<Value> {
    let payload = BASE64URL_NOPAD.decode(token.split('.').nth(1)?.as_bytes()).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// Reads the access token in an answer of the token service.
pub(super) fn read_token(body: &[u8], asked_at: Timestamp) -> Result<AccessToken, GraphError> {
    #[derive(Deserialize)]
    struct TokenResponse {
        access_token: SecretString,
        expires_in: Seconds,
    }
    /// Old endpoints send a string.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u32),
        Text(String),
    }
    let answer: TokenResponse =
        serde_json::from_slice(body).map_err(|error| GraphError::not_as_documented(&error))?;
    let life = match answer.expires_in {
        Seconds::Number(seconds) => Some(seconds),
        Seconds::Text(text) => text.parse().ok(),
    };
    let malformed = || GraphError::new(Outcome::Malformed).because("expires_in is no number");
    let life = Duration::from_secs(life.ok_or_else(malformed)?.into());
    let after = |time| asked_at + SignedDuration::try_from(time).unwrap_or(SignedDuration::ZERO);
    Ok(AccessToken { secret: answer.access_token, refresh_at: after(life * 4 / 5), expires_at: after(life) })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Seconds(AtomicI64);

    #[async_trait]
    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    /// A token service that issues tokens of 100 s, unless a refusal is set.
    struct TokenService {
        clock: Arc<Seconds>,
        refusal: Mutex<Option<GraphError>>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Credential for Arc<TokenService> {
        async fn request_token(&self) -> Result<AccessToken, GraphError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            if let Some(refusal) = self.refusal.lock().unwrap().clone() {
                return Err(refusal);
            }
            let after = |seconds| self.clock.now() + SignedDuration::from_secs(seconds);
            let secret = number.to_string().into();
            Ok(AccessToken { secret, refresh_at: after(80), expires_at: after(100) })
        }
    }

    #[tokio::test]
    async fn a_token_that_cannot_be_renewed_is_used_until_it_ends() {
        let clock = Arc::new(Seconds::default());
        let service = Arc::new(TokenService {
            clock: clock.clone(),
            refusal: Mutex::default(),
            asked: AtomicUsize::new(0),
        });
        let tokens = TokenCache::new(Box::new(service.clone()), clock.clone());
        let token_at = async |second| {
            clock.0.store(second, Ordering::Relaxed);
            tokens.token().await.map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(token_at(79).await, Ok("0".to_owned()));
        *service.refusal.lock().unwrap() = Some(GraphError::new(Outcome::Unavailable));
        for second in [159, 165, 178] {
            assert_eq!(token_at(second).await, Ok("0".to_owned()), "at {second} s");
        }
        assert_eq!(service.asked.load(Ordering::Relaxed), 2, "it is left alone for half a minute");
        let refused = token_at(179).await.unwrap_err();
        assert_eq!(
            (refused.outcome, refused.retry_after),
            (Outcome::Unavailable, Some(Duration::from_secs(10)))
        );
        *service.refusal.lock().unwrap() = None;
        assert_eq!(token_at(189).await, Ok("2".to_owned()));
    }
}
