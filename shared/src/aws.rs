//! The ports on AWS.
//!
//! Every `send()` is boxed: the SDK's futures are so deep that a handler around them exceeds rustc's
//! limits.

mod credentials;
mod s3;
mod secrets_manager;
mod sqs;

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

pub use credentials::{KmsSigner, WebIdentity, graph_client};
pub use s3::S3Store;
pub use secrets_manager::SecretsManager;
pub use sqs::{ReceivedMessage, SqsQueue};

/// The standard AWS settings of the environment; one try of a call takes at most `attempt`.
pub async fn config(attempt: Duration) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    Box::pin(aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load()).await
}

/// Why a call to AWS failed: whether trying again can help, and the service's code.
struct Failure {
    passes: bool,
    status: Option<u16>,
    code: String,
}

impl Failure {
    fn of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = match error.code() {
            Some(code) => code.to_owned(),
            None => status.map_or_else(|| kind(error).to_owned(), |status| format!("status {status}")),
        };
        let refused =
            status.is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 409 | 429));
        Self { passes: !refused || code.contains("hrottl"), status, code }
    }
}

/// What failed before there was an answer.
fn kind<E>(error: &SdkError<E>) -> &'static str {
    match error {
        SdkError::TimeoutError(_) => "time-out",
        SdkError::DispatchFailure(failure) if failure.is_user() => "configuration",
        SdkError::DispatchFailure(_) => "no connection",
        SdkError::ConstructionFailure(_) => "configuration",
        _ => "no usable answer",
    }
}
