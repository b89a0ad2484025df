//! How the application authenticates at the token service: with a secret, or a signed assertion.

use std::sync::Arc;

use async_trait::async_trait;
use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use url::Url;

use super::{Cloud, GraphError};
use crate::digest::sha256;
use crate::model::Outcome;
use crate::ports::clock::Clock;
use crate::ports::secrets::{InvalidPemBundle, PemBundle, SecretError, SecretString, Secrets, Stage};

/// The form parameters of a token request that authenticate the application: names and values.
pub type Parameters = Vec<(&'static str, SecretString)>;

/// What a token is requested for: the application, the token service and the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The application's client id in Entra.
    pub client_id: String,
    /// The URL of the tenant's token endpoint: the audience of an assertion.
    pub token_url: Url,
    /// The cloud whose Graph the token is for.
    pub cloud: Cloud,
}

/// A way to authenticate the application at the token service.
#[async_trait]
pub trait ClientAuthentication: Send + Sync {
    /// The parameters for `request`, made with the version of the secret that `stage` names;
    /// `None` if there is no such version.
    ///
    /// # Errors
    /// The secret cannot be read, or holds no usable credential: [`GraphError::outcome`] says what follows.
    async fn parameters(
        &self,
        request: &TokenRequest,
        stage: Stage,
    ) -> Result<Option<Parameters>, GraphError>;
}

/// Authenticates with a client secret. It is read again for each token, about once an hour, so a rotated one
/// is soon used.
pub struct ClientSecret {
    /// The store that the client secret is read from.
    pub secrets: Arc<dyn Secrets>,
    /// The id of the client secret in `secrets`.
    pub secret_id: String,
}

#[async_trait]
impl ClientAuthentication for ClientSecret {
    async fn parameters(&self, _: &TokenRequest, stage: Stage) -> Result<Option<Parameters>, GraphError> {
        let secret = self.secrets.get(&self.secret_id, stage).await.map_err(unreadable_credential)?;
        Ok(secret.map(|secret| vec![("client_secret", secret)]))
    }
}

/// Authenticates with a certificate: its key signs an assertion, and the token service checks the signature.
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>
pub struct ClientCertificate {
    /// The store that the PEM bundle is read from: the certificate, and its RSA key unless `signer` has that.
    pub secrets: Arc<dyn Secrets>,
    /// The id of the PEM bundle in `secrets`.
    pub secret_id: String,
    /// The key service that signs, where the bundle has no key; `None` where it has one.
    pub signer: Option<Arc<dyn AssertionSigner>>,
    /// The clock for the times in the assertion.
    pub clock: Arc<dyn Clock>,
}

/// A key service: it signs with an RSA key that it never shows.
#[async_trait]
pub trait AssertionSigner: Send + Sync {
    /// The RSASSA-PSS signature with SHA-256 (`PS256`) of `message`.
    ///
    /// # Errors
    /// The key service refuses or does not answer.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SecretError>;
}

#[async_trait]
impl ClientAuthentication for ClientCertificate {
    async fn parameters(
        &self,
        request: &TokenRequest,
        stage: Stage,
    ) -> Result<Option<Parameters>, GraphError> {
        let Some(bundle) = self.secrets.get(&self.secret_id, stage).await.map_err(unreadable_credential)?
        else {
            return Ok(None);
        };
        let bundle = PemBundle::read(&bundle).map_err(useless)?;
        let message = self.signing_input(request, &bundle.certificate)?;
        let signature = match (&bundle.key, &self.signer) {
            (Some(key), _) => {
                let no_rsa_key = |_| useless(InvalidPemBundle("its key is no RSA key"));
                let key = EncodingKey::from_rsa_pem(pem::encode(key).as_bytes()).map_err(no_rsa_key)?;
                jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::PS256).map_err(no_rsa_key)?
            }
            (None, Some(signer)) => {
                BASE64URL_NOPAD.encode(&signer.sign(message.as_bytes()).await.map_err(unreadable_credential)?)
            }
            (None, None) => return Err(useless(InvalidPemBundle("the PEM bundle has no private key"))),
        };
        Ok(Some(signed_assertion(format!("{message}.{signature}").into())))
    }
}

/// The parameters of a token request with a signed assertion.
pub(crate) fn signed_assertion(token: SecretString) -> Parameters {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    vec![("client_assertion_type", kind.to_owned().into()), ("client_assertion", token)]
}

impl ClientCertificate {
    /// Header and claims of the assertion, as they are signed. It is valid for ten minutes, the first of
    /// which is already over: clocks differ.
    fn signing_input(&self, request: &TokenRequest, certificate: &[u8]) -> Result<String, GraphError> {
        let now = self.clock.now();
        let client_id = &request.client_id;
        let not_before = now - SignedDuration::from_mins(1);
        let unique = sha256(format!("{client_id} {}", now.as_nanosecond()).as_bytes());
        let header = json!({
            "alg": "PS256",
            "typ": "JWT",
            "x5t#S256": BASE64URL_NOPAD.encode(&sha256(certificate)),
        });
        let claims = json!({
            "aud": request.token_url.as_str(),
            "iss": client_id,
            "sub": client_id,
            "jti": BASE64URL_NOPAD.encode(&unique),
            "iat": now.as_second(),
            "nbf": not_before.as_second(),
            "exp": not_before.as_second() + 600,
        });
        let encode = |json: serde_json::Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        Ok(format!("{}.{}", encode(header), encode(claims)))
    }
}

/// The error for a certificate that cannot be used.
fn useless(why: InvalidPemBundle) -> GraphError {
    GraphError::new(Outcome::CredentialRefused).because(why.to_string())
}

/// The error for a secret that cannot be read. Its outcome is `refused` where trying again cannot help, else
/// [`Outcome::Unavailable`].
pub fn unreadable_secret(error: &SecretError, refused: Outcome) -> GraphError {
    let outcome = match error {
        SecretError::Refused { .. } => refused,
        SecretError::Unavailable { .. } => Outcome::Unavailable,
    };
    GraphError::new(outcome).because(error.to_string())
}

/// The error for a credential that cannot be read.
pub(crate) fn unreadable_credential(error: SecretError) -> GraphError {
    unreadable_secret(&error, Outcome::CredentialRefused)
}
