//! The SDK's HTTP over the process's own client: both trust the same certificates, which are read once, and share connections.

use std::time::Duration;

use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::ports::http::HttpClient;

/// `client` as the SDK takes it. The SDK tries again and ends an attempt that takes too long; `client` ends one that does not
/// connect, after its own time and not the SDK's.
pub(super) fn over(client: HttpClient) -> SharedHttpClient {
    http_client_fn(move |settings, _| {
        let (client, answer_timeout) = (client.client().clone(), settings.read_timeout());
        SharedHttpConnector::new(Connector { client, answer_timeout })
    })
}

#[derive(Debug, Clone)]
struct Connector {
    client: reqwest::Client,
    /// How long the head of an answer may take; `None`: as long as the SDK's attempt.
    answer_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move {
            let answer = connector.send(request);
            match connector.answer_timeout {
                None => answer.await,
                Some(most) => {
                    let answer = tokio::time::timeout(most, answer).await;
                    answer.unwrap_or_else(|late| Err(ConnectorError::timeout(late.into())))
                }
            }
        })
    }
}

impl Connector {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let unusable = |error| ConnectorError::user(Box::new(error));
        let request = request.try_into_http1x().map_err(unusable)?.map(reqwest::Body::wrap);
        let answer = self.client.execute(request.try_into().map_err(failure)?).await.map_err(failure)?;
        http::Response::from(answer).map(SdkBody::from_body_1_x).try_into().map_err(unusable)
    }
}

/// What failed, as the SDK's retries read it. It holds no URL.
fn failure(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
