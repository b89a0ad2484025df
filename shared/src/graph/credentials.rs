//! How the application proves to the token service that it is itself.

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

/// The parameters of a token request that prove who asks.
pub type Parameters = Vec<(&'static str, SecretString)>;

/// Whom a token is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The application's id in Entra.
    pub client_id: String,
    /// The address of the token service for the tenant.
    pub token_url: Url,
    /// The cloud whose Graph the token is for.
    pub cloud: Cloud,
}

/// A way to prove to the token service who asks.
#[async_trait]
pub trait ClientAuthentication: Send + Sync {
    /// The parameters for `request`, made with the version of the secret that `stage` names;
    /// `None` if there is no such version.
    ///
    /// # Errors
    /// The secret cannot be read, or is of no use.
    async fn parameters(
        &self,
        request: &TokenRequest,
        stage: Stage,
    ) -> Result<Option<Parameters>, GraphError>;
}

/// A client secret in Secrets Manager. It is read anew with each token, some once an hour, so a
/// rotated one is used at once.
pub struct ClientSecret {
    /// Where it is kept.
    pub secrets: Arc<dyn Secrets>,
    /// Its id there.
    pub secret_id: String,
}

#[async_trait]
impl ClientAuthentication for ClientSecret {
    async fn parameters(&self, _: &TokenRequest, stage: Stage) -> Result<Option<Parameters>, GraphError> {
        let secret = self.secrets.get(&self.secret_id, stage).await.map_err(unreadable_credential)?;
        Ok(secret.map(|secret| vec![("client_secret", secret)]))
    }
}

/// A certificate: it signs an assertion, and the token service checks the signature.
/// <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>
pub struct ClientCertificate {
    /// Where the PEM bundle is kept: the certificate, and its RSA key unless `signer` has that.
    pub secrets: Arc<dyn Secrets>,
    /// Its id there.
    pub secret_id: String,
    /// What has the key, where it never leaves a key service.
    pub signer: Option<Arc<dyn AssertionSigner>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Signs with a key that it keeps to itself.
#[async_trait]
pub trait AssertionSigner: Send + Sync {
    /// The RSASSA-PSS signature with SHA-256 (`PS256`) of `message`.
    ///
    /// # Errors
    /// As reading a secret.
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

/// The parameters with a signed assertion.
pub(crate) fn signed_assertion(token: SecretString) -> Parameters {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    vec![("client_assertion_type", kind.to_owned().into()), ("client_assertion", token)]
}

impl ClientCertificate {
    /// Header and claims of the assertion, as they are signed. It is good for ten minutes, of which
    /// one has passed: clocks differ.
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

/// A certificate that cannot be used as it is.
fn useless(why: InvalidPemBundle) -> GraphError {
    GraphError::new(Outcome::CredentialRefused).because(why.to_string())
}

/// A secret that cannot be read. `refused`: what it means that it never can.
pub fn unreadable_secret(error: &SecretError, refused: Outcome) -> GraphError {
    let outcome = match error {
        SecretError::Refused { .. } => refused,
        SecretError::Unavailable { .. } => Outcome::Unavailable,
    };
    GraphError::new(outcome).because(error.to_string())
}

/// A credential that cannot be read.
pub(crate) fn unreadable_credential(error: SecretError) -> GraphError {
    unreadable_secret(&error, Outcome::CredentialRefused)
}
