//! The HTTP port: one request, one whole answer.

#[cfg(feature = "reqwest")]
mod network;

use async_trait::async_trait;
use bytes::Bytes;

#[cfg(feature = "reqwest")]
pub use network::HttpClient;

/// A request with its whole body.
pub type Request = ::http::Request<Bytes>;
/// An answer with its whole body.
pub type Response = ::http::Response<Bytes>;

/// Sends requests. Redirects are never followed: a token must not travel to where an answer points.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// There is no whole answer. The effect on the other side is then unknown.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}

/// Why there is no answer. It holds no URL: URLs carry queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection: name, network, TLS.
    #[error("no connection could be made")]
    Connect,
    /// The answer took too long.
    #[error("the answer took too long")]
    TimedOut,
    /// The connection ended before there was an answer: an idle one is closed by the other side, at
    /// times just when it is used again.
    #[error("the connection ended before there was an answer")]
    NoAnswer,
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    Interrupted,
    /// The answer is larger than any report can be.
    #[error("the answer is larger than {} MiB", MAX_ANSWER_BYTES >> 20)]
    TooLarge,
}

/// The most that is read of one answer. A report of 20,000 attendees has some 15 MB.
pub const MAX_ANSWER_BYTES: usize = 64 << 20;
