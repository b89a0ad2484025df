//! The HTTP port: one request, one whole answer.

#[cfg(feature = "reqwest")]
mod network;

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;

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
    /// There is no connection.
    #[error("no connection could be made: {0}")]
    Connect(ConnectFailure),
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

/// Why there is no connection. It names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFailure {
    /// The host's name leads to no address.
    #[error("the host's name is not resolved (DNS)")]
    Dns,
    /// Nobody listens there, or a network forbids it.
    #[error("the connection is refused")]
    Refused,
    /// The TLS handshake failed: certificates, versions.
    #[error("the TLS handshake failed")]
    Tls,
    /// There was no answer in time.
    #[error("the connection timed out")]
    TimedOut,
    /// The request itself makes no connection: its URL, a header.
    #[error("the request cannot be sent as it is")]
    InvalidRequest,
    /// Something else.
    #[error("the network failed")]
    Other,
}

impl ConnectFailure {
    /// Reads it from what a client says, without the client's own text: that may name hosts.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut causes = iter::successors(Some(error), |&error| error.source());
        causes.find_map(Self::of_cause).unwrap_or(Self::Other)
    }

    fn of_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        if cause.to_string().starts_with("dns error") {
            return Some(Self::Dns);
        }
        match cause.downcast_ref::<io::Error>()?.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::PermissionDenied | ErrorKind::NetworkUnreachable => {
                Some(Self::Refused)
            }
            ErrorKind::TimedOut => Some(Self::TimedOut),
            // rustls's own errors come so, and a peer that speaks no TLS.
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Some(Self::Tls),
            _ => None,
        }
    }
}

/// The most that is read of one answer. A report of 20,000 attendees has some 15 MB.
pub const MAX_ANSWER_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's own error around its cause.
    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect) for https://contoso.com")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_failure_to_connect_is_told_by_its_cause() {
        let of = |kind: ErrorKind| ConnectFailure::of(&Outer(io::Error::from(kind)));
        assert_eq!(of(ErrorKind::ConnectionRefused), ConnectFailure::Refused);
        assert_eq!(of(ErrorKind::InvalidData), ConnectFailure::Tls);
        assert_eq!(of(ErrorKind::BrokenPipe), ConnectFailure::Other);
        assert_eq!(ConnectFailure::of(&io::Error::other("dns error")), ConnectFailure::Dns);
    }
}
