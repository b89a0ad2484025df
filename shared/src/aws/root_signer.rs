//! Signs the roots of manifests with a key in KMS, which never leaves KMS.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};

use super::AwsFailure;
use crate::archive::manifests::RootSigner;
use crate::ports::secrets::SecretError;

/// Signs roots with an ECDSA key of the curve P-256 in AWS KMS.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
#[derive(Debug, Clone)]
pub struct KmsRootSigner {
    client: aws_sdk_kms::Client,
    key_id: String,
}

impl KmsRootSigner {
    /// Signs with the key `key_id`: its ARN, which the roots name.
    pub fn new(config: &SdkConfig, key_id: String) -> Self {
        Self { client: aws_sdk_kms::Client::new(config), key_id }
    }
}

#[async_trait]
impl RootSigner for KmsRootSigner {
    async fn sign(&self, sha256: &[u8]) -> Result<Vec<u8>, SecretError> {
        let request = self.client.sign().key_id(&self.key_id).message(Blob::new(sha256));
        let request =
            request.message_type(MessageType::Digest).signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        match Box::pin(request.send()).await {
            Ok(answer) => Ok(answer.signature.unwrap_or_else(|| Blob::new([])).into_inner()),
            Err(error) => match AwsFailure::of(&error) {
                AwsFailure { is_retryable: true, code, .. } => Err(SecretError::Unavailable { code }),
                AwsFailure { code, .. } => Err(SecretError::Refused { code }),
            },
        }
    }

    fn key_name(&self) -> String {
        self.key_id.clone()
    }
}
