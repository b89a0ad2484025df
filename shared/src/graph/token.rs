//! Access tokens: asked for by a credential, cached until 80 % of their life.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{ClientAuthentication, Cloud, GraphError, Parameters};
use crate::clock::Clock;
use crate::http::Http;
use crate::outcome::Outcome;
use crate::secrets::Stage;

/// A bearer token of Graph's.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token itself.
    pub secret: SecretString,
    /// From when on a new one is asked for.
    pub refresh_at: Timestamp,
}

/// A way to get an access token.
#[async_trait]
pub trait Credential: Send + Sync {
    /// Asks for a new token.
    ///
    /// # Errors
    /// [`Outcome::CredentialRefused`] where the credential itself is at fault.
    async fn request_token(&self) -> Result<AccessToken, GraphError>;
}

/// The token of one execution environment. One request for a new one is under way at a time; who
/// comes meanwhile waits for its result. Where the token service asks for patience, it is not asked again
/// before that is over.
pub struct TokenCache {
    credential: Box<dyn Credential>,
    clock: Arc<dyn Clock>,
    cached: tokio::sync::Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    token: Option<AccessToken>,
    /// The last refusal that said how long to wait, and until when that is.
    refused: Option<(GraphError, Timestamp)>,
}

impl TokenCache {
    /// An empty cache before `credential`.
    pub fn new(credential: Box<dyn Credential>, clock: Arc<dyn Clock>) -> Self {
        Self { credential, clock, cached: tokio::sync::Mutex::default() }
    }

    /// A token that is good for now.
    pub(super) async fn token(&self) -> Result<SecretString, GraphError> {
        let mut cached = self.cached.lock().await;
        let now = self.clock.now();
        if let Some(token) = cached.token.as_ref().filter(|token| now < token.refresh_at) {
            return Ok(token.secret.clone());
        }
        if let Some((refusal, until)) = &cached.refused
            && let Ok(left) = Duration::try_from(until.duration_since(now))
            && !left.is_zero()
        {
            let mut refusal = refusal.clone();
            refusal.retry_after = Some(left);
            return Err(refusal);
        }
        match self.credential.request_token().await {
            Ok(token) => Ok(cached.token.insert(token).secret.clone()),
            Err(refusal) => {
                let until = |wait| self.clock.now().checked_add(SignedDuration::try_from(wait).ok()?).ok();
                cached.refused = refusal.retry_after.and_then(until).map(|until| (refusal.clone(), until));
                Err(refusal)
            }
        }
    }

    /// Forgets a token that Graph refused, unless another one has taken its place.
    pub(super) async fn discard(&self, refused: &SecretString) {
        let mut cached = self.cached.lock().await;
        cached.token.take_if(|token| token.secret.expose_secret() == refused.expose_secret());
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

/// A token that a person gave (`GRAPH_ACCESS_TOKEN`): there is no other when it is refused.
pub struct GivenToken(pub SecretString);

#[async_trait]
impl Credential for GivenToken {
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        Ok(AccessToken { secret: self.0.clone(), refresh_at: Timestamp::MAX })
    }
}

/// The Entra application, which signs in as itself (client credentials).
/// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>
pub struct Application {
    /// How the token service is reached.
    pub http: Arc<dyn Http>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How the application proves that it is itself.
    pub authentication: Box<dyn ClientAuthentication>,
    /// The Entra tenant.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// The cloud whose Graph the token is for.
    pub cloud: Cloud,
    /// The root of the token service.
    pub login: Url,
}

#[async_trait]
impl Credential for Application {
    /// A credential that is refused gives way once to the one before it: while one is rotated, Entra
    /// and Secrets Manager need not agree.
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
    /// Where tokens are asked for.
    pub(super) fn token_url(&self) -> Result<Url, GraphError> {
        let invalid = || GraphError::new(Outcome::InvalidRequest).because("the tenant's id makes no URL");
        let mut url = self.login.clone();
        let tenant = self.tenant_id.as_str();
        url.path_segments_mut()
            .map_err(|()| invalid())?
            .pop_if_empty()
            .extend([tenant, "oauth2", "v2.0", "token"]);
        Ok(url)
    }

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

    /// Asks with one version of the credential; `None` if there is no such version.
    async fn ask(&self, stage: Stage) -> Result<Option<AccessToken>, GraphError> {
        let Some(proof) = self.authentication.parameters(self, stage).await? else { return Ok(None) };
        let request = http::Request::post(self.token_url()?.as_str())
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

fn read_token(body: &[u8], asked_at: Timestamp) -> Result<AccessToken, GraphError> {
    #[derive(Deserialize)]
    struct TokenAnswer {
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
    let answer: TokenAnswer =
        serde_json::from_slice(body).map_err(|error| GraphError::not_as_documented(&error))?;
    let life = match answer.expires_in {
        Seconds::Number(seconds) => Some(seconds),
        Seconds::Text(text) => text.parse().ok(),
    };
    let malformed = || GraphError::new(Outcome::Malformed).because("expires_in is no number");
    let life = Duration::from_secs(life.ok_or_else(malformed)?.into());
    let good_for = SignedDuration::try_from(life * 4 / 5).unwrap_or(SignedDuration::ZERO);
    Ok(AccessToken { secret: answer.access_token, refresh_at: asked_at + good_for })
}
