//! The ports on AWS: SQS, S3, Secrets Manager, and signing in to Graph with STS or KMS.
//!
//! Every `send()` is boxed: the SDK's futures are so deep that a handler around them exceeds rustc's
//! limits.

mod credentials;
#[cfg(feature = "reqwest")]
mod http_client;
mod root_signer;
mod s3;
mod secrets_manager;
mod sqs;

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::config::{RuntimeComponents, SharedHttpClient};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder as HttpClientBuilder, Connector};

use crate::ports::http::ConnectFailure;
pub use credentials::{KmsSigner, WebIdentity, graph_client};
pub use root_signer::KmsRootSigner;
pub use s3::S3Store;
pub use secrets_manager::SecretsManager;
pub use sqs::{ReceivedMessage, SqsQueue};

/// The SDK's settings from the environment, as AWS defines it; one try of a call takes at most `attempt`. For a process
/// that has no other HTTP client: it reads the system's certificates with the first call.
pub async fn config(attempt: Duration) -> SdkConfig {
    load(http_client(), attempt).await
}

/// The same settings, but the SDK's calls are sent by `client`: the process reads the system's certificates once.
#[cfg(feature = "reqwest")]
pub async fn config_over(client: &crate::ports::http::HttpClient, attempt: Duration) -> SdkConfig {
    load(http_client::over(client.clone()), attempt).await
}

async fn load(client: SharedHttpClient, attempt: Duration) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    let loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    Box::pin(loader.http_client(client).load()).await
}

/// The SDK's own HTTP client, but one for all clients of the process: they share connections and trusted
/// certificates.
fn http_client() -> SharedHttpClient {
    HttpClientBuilder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

/// Why a call to AWS failed.
struct AwsFailure {
    /// Whether trying again can help.
    is_retryable: bool,
    /// The response's status; `None` where there was no response.
    status: Option<u16>,
    /// The service's error code, or what failed before there was a response.
    code: String,
}

impl AwsFailure {
    fn of<E>(error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = match error.code() {
            Some(code) => code.to_owned(),
            None => status.map_or_else(|| cause(error), |status| format!("status {status}")),
        };
        let is_refused =
            status.is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 409 | 429));
        Self { is_retryable: !is_refused || code.contains("hrottl"), status, code }
    }
}

/// What failed before there was a response.
fn cause<E: std::error::Error + 'static>(error: &SdkError<E>) -> String {
    match error {
        SdkError::TimeoutError(_) => "time-out".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_user() => "configuration".to_owned(),
        SdkError::DispatchFailure(_) => ConnectFailure::of(error).to_string(),
        SdkError::ConstructionFailure(_) => "configuration".to_owned(),
        _ => "no usable answer".to_owned(),
    }
}
