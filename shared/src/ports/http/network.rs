//! The HTTP port on the network, with reqwest.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::{ConnectFailure, Http, HttpError, MAX_ANSWER_BYTES, Request, Response};
use crate::memory;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For a whole response. Graph is slow with large reports.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The HTTP port over the network. Make one for each process: it loads the system's certificates and reuses
/// connections.
#[derive(Debug, Clone)]
pub struct HttpClient(reqwest::Client);

impl HttpClient {
    /// A client with time-outs of 5 seconds to connect and 60 for a whole response.
    ///
    /// # Errors
    /// The system has no usable TLS certificates.
    pub fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self(client.map_err(|_| HttpError::Connect(ConnectFailure::Tls))?))
    }

    /// The client itself, without the time-out for a whole response.
    #[cfg(feature = "aws")]
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.0
    }
}

#[async_trait]
impl Http for HttpClient {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let invalid = |_| HttpError::Connect(ConnectFailure::InvalidRequest);
        let mut request = reqwest::Request::try_from(request).map_err(invalid)?;
        *request.timeout_mut() = Some(ANSWER_TIMEOUT);
        let mut answer = self.0.execute(request).await.map_err(|error| match failure(error) {
            HttpError::Interrupted => HttpError::NoAnswer,
            other => other,
        })?;
        let mut response = Response::default();
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = read_whole(answer).await?;
        Ok(response)
    }
}

/// Reads an answer's body. One that is too large now is not left half read until later: its connection could not be used
/// by others, either.
async fn read_whole(mut answer: reqwest::Response) -> Result<Bytes, HttpError> {
    let announced = answer.content_length().and_then(|length| length.try_into().ok()).unwrap_or(0);
    let announced = MAX_ANSWER_BYTES.min(announced);
    if !memory::try_hold(announced) {
        return Err(HttpError::NotItsTurn);
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(chunk) = answer.chunk().await.map_err(failure)? {
        let bytes = body.len() + chunk.len();
        if bytes > MAX_ANSWER_BYTES {
            return Err(HttpError::TooLarge);
        }
        if !memory::try_hold(bytes) {
            return Err(HttpError::NotItsTurn);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What failed, without reqwest's own text: that prints the URL.
fn failure(error: reqwest::Error) -> HttpError {
    if error.is_connect() {
        HttpError::Connect(ConnectFailure::of(&error))
    } else if error.is_timeout() {
        HttpError::TimedOut
    } else if error.is_builder() {
        HttpError::Connect(ConnectFailure::InvalidRequest)
    } else {
        HttpError::Interrupted
    }
}
