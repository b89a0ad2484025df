//! How the application signs in to Entra with a role, a secret or a key on AWS.

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::SigningAlgorithmSpec;

use super::{AwsFailure, SecretsManager};
use crate::graph::{
    AssertionSigner, ClientAuthentication, ClientCertificate, ClientSecret, CredentialKind, GraphClient,
    GraphConfig, GraphError, Parameters, TokenRequest, signed_assertion, unreadable_credential,
};
use crate::ports::clock::Clock;
use crate::ports::http::Http;
use crate::ports::secrets::{SecretError, Stage};

/// How long a federated token is valid, in seconds: it is used at once.
const FEDERATED_SECONDS: i32 = 300;

/// A client of Microsoft Graph for `config`, which signs in with a role, a secret or a key on AWS.
pub fn graph_client(
    config: &GraphConfig,
    aws: &SdkConfig,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
) -> GraphClient {
    config.client(authentication(config, aws, Arc::clone(&clock)), http, clock)
}

/// The way to sign in that `config` names.
fn authentication(
    config: &GraphConfig,
    aws: &SdkConfig,
    clock: Arc<dyn Clock>,
) -> Box<dyn ClientAuthentication> {
    let secrets = Arc::new(SecretsManager::new(aws));
    match config.credential.clone() {
        CredentialKind::Federated => Box::new(WebIdentity::new(aws)),
        CredentialKind::Secret { secret_id } => Box::new(ClientSecret { secrets, secret_id }),
        CredentialKind::Certificate { secret_id, kms_key_id } => {
            let signer =
                kms_key_id.map(|key_id| Arc::new(KmsSigner::new(aws, key_id)) as Arc<dyn AssertionSigner>);
            Box::new(ClientCertificate { secrets, secret_id, signer, clock })
        }
    }
}

/// Signs in with the function's own role, of which STS issues a token: no secret exists.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
#[derive(Debug, Clone)]
pub struct WebIdentity(aws_sdk_sts::Client);

impl WebIdentity {
    /// Signs in with the role whose credentials `config` has.
    pub fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_sts::Client::new(config))
    }
}

#[async_trait]
impl ClientAuthentication for WebIdentity {
    async fn parameters(
        &self,
        request: &TokenRequest,
        stage: Stage,
    ) -> Result<Option<Parameters>, GraphError> {
        if stage == Stage::Previous {
            return Ok(None);
        }
        // Entra supports RS256 only.
        let call = self.0.get_web_identity_token().audience(request.cloud.federation_audience());
        let call = call.signing_algorithm("RS256").duration_seconds(FEDERATED_SECONDS);
        let answer = Box::pin(call.send())
            .await
            .map_err(|error| unreadable_credential(refusal(AwsFailure::of(&error))))?;
        let token = answer.web_identity_token.unwrap_or_default();
        Ok(Some(signed_assertion(token.into())))
    }
}

/// Signs with an RSA key in AWS KMS, which never leaves KMS.
#[derive(Debug, Clone)]
pub struct KmsSigner {
    client: aws_sdk_kms::Client,
    key_id: String,
}

impl KmsSigner {
    /// Signs with the RSA key `key_id`: its id, ARN or alias.
    pub fn new(config: &SdkConfig, key_id: String) -> Self {
        Self { client: aws_sdk_kms::Client::new(config), key_id }
    }
}

#[async_trait]
impl AssertionSigner for KmsSigner {
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SecretError> {
        let request = self.client.sign().key_id(&self.key_id).message(Blob::new(message));
        let request = request.signing_algorithm(SigningAlgorithmSpec::RsassaPssSha256);
        let answer = Box::pin(request.send()).await.map_err(|error| refusal(AwsFailure::of(&error)))?;
        Ok(answer.signature.unwrap_or_else(|| Blob::new([])).into_inner())
    }
}

fn refusal(failure: AwsFailure) -> SecretError {
    let code = failure.code;
    if failure.is_retryable { SecretError::Unavailable { code } } else { SecretError::Refused { code } }
}
