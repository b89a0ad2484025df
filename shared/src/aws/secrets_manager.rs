//! The secrets port on AWS Secrets Manager.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;

use super::AwsFailure;
use crate::ports::secrets::{SecretError, SecretString, Secrets, Stage};

/// The secrets port on AWS Secrets Manager: reads the secrets' texts.
#[derive(Debug, Clone)]
pub struct SecretsManager(Client);

impl SecretsManager {
    /// Secrets Manager in the region and with the credentials of `config`.
    pub fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }
}

#[async_trait]
impl Secrets for SecretsManager {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        let stage_name = match stage {
            Stage::Current => "AWSCURRENT",
            Stage::Previous => "AWSPREVIOUS",
        };
        let request = self.0.get_secret_value().secret_id(id).version_stage(stage_name);
        match Box::pin(request.send()).await {
            Ok(version) => Ok(version.secret_string.map(SecretString::from)),
            Err(error) => absent_or_error(AwsFailure::of(&error), stage),
        }
    }
}

/// A secret that was never rotated has no previous version: that is no error. One without a current
/// version does not exist at all.
fn absent_or_error(failure: AwsFailure, stage: Stage) -> Result<Option<SecretString>, SecretError> {
    match failure {
        AwsFailure { is_retryable: true, code, .. } => Err(SecretError::Unavailable { code }),
        AwsFailure { code, .. } if code == "ResourceNotFoundException" && stage == Stage::Previous => {
            Ok(None)
        }
        AwsFailure { code, .. } => Err(SecretError::Refused { code }),
    }
}
