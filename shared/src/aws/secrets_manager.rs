//! Secrets on AWS Secrets Manager.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;

use super::Failure;
use crate::secrets::{SecretError, SecretString, Secrets, Stage};

/// AWS Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager(Client);

impl SecretsManager {
    /// Secrets Manager as `config` reaches it.
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
            Err(error) => absent_or_error(Failure::of(&error), stage),
        }
    }
}

/// A secret that was never rotated has no previous version: that is an answer. One without a
/// current version is not there at all.
fn absent_or_error(failure: Failure, stage: Stage) -> Result<Option<SecretString>, SecretError> {
    match failure {
        Failure { passes: true, .. } => Err(SecretError::Unavailable),
        Failure { code, .. } if code == "ResourceNotFoundException" && stage == Stage::Previous => Ok(None),
        Failure { code, .. } => Err(SecretError::Refused { code }),
    }
}
