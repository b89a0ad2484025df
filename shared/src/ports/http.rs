//! The HTTP port: one request, one whole response.

#[cfg(feature = "reqwest")]
mod network;

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;

use async_trait::async_trait;
use bytes::Bytes;

#[cfg(feature = "reqwest")]
pub use network::HttpClient;

/// An HTTP request with its whole body.
pub type Request = ::http::Request<Bytes>;
/// An HTTP response with its whole body.
pub type Response = ::http::Response<Bytes>;

/// Sends HTTP requests. Redirects are never followed: a token must not travel to where a response points.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends one request and reads the whole response, whatever its status.
    ///
    /// # Errors
    /// There is no whole response. The effect on the server is then unknown.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}

/// Why there is no whole response. It holds no URL: a URL's query may name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection could be made.
    #[error("no connection could be made: {0}")]
    Connect(ConnectFailure),
    /// The whole response did not come in time.
    #[error("the answer took too long")]
    TimedOut,
    /// The connection ended before there was a response: a server closes an idle connection, at times just
    /// when it is used again.
    #[error("the connection ended before there was an answer")]
    NoAnswer,
    /// The connection ended within the response's body.
    #[error("the connection ended before the answer did")]
    Interrupted,
    /// The body is larger than [`MAX_ANSWER_BYTES`], and so than any report can be.
    #[error("the answer is larger than {} MiB", MAX_ANSWER_BYTES >> 20)]
    TooLarge,
    /// The body is so large that its step may hold it only alone, and another step holds one now: [`take_turn`](crate::memory::take_turn).
    #[error("the answer is too large beside others")]
    NotItsTurn,
}

/// Why there is no connection. It names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFailure {
    /// DNS does not resolve the host's name.
    #[error("the host's name is not resolved (DNS)")]
    Dns,
    /// No server listens on the port, or a network forbids the connection.
    #[error("the connection is refused")]
    Refused,
    /// The TLS handshake failed: a certificate, a version, or a server without TLS.
    #[error("the TLS handshake failed")]
    Tls,
    /// The connection was not made in time.
    #[error("the connection timed out")]
    TimedOut,
    /// The request cannot be sent: its URL or a header is invalid.
    #[error("the request cannot be sent as it is")]
    InvalidRequest,
    /// Any other failure of the network.
    #[error("the network failed")]
    Other,
}

impl ConnectFailure {
    /// Reads the failure from the causes of a client's error, without its text: that may name hosts.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut causes = iter::successors(Some(error), |&error| error.source());
        causes.find_map(Self::of_cause).unwrap_or(Self::Other)
    }

    fn of_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        if cause.to_string().starts_with("dns error") {
            return Some(Self::Dns);
        }
        let error = cause.downcast_ref::<io::Error>()?;
        // hyper-rustls wraps a failed handshake into another error, whose `source` leaves out the one inside.
        Self::of_kind(error.kind()).or_else(|| Self::of_cause(error.get_ref()?))
    }

    fn of_kind(kind: ErrorKind) -> Option<Self> {
        match kind {
            ErrorKind::ConnectionRefused | ErrorKind::PermissionDenied | ErrorKind::NetworkUnreachable => {
                Some(Self::Refused)
            }
            ErrorKind::TimedOut => Some(Self::TimedOut),
            // rustls's own errors have this kind, and a server that speaks no TLS.
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Some(Self::Tls),
            _ => None,
        }
    }
}

/// The longest body that is read, in bytes: 64 MiB. A report of 20,000 attendees has some 15 MB.
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
        let handshake = io::Error::other(io::Error::from(ErrorKind::InvalidData));
        assert_eq!(ConnectFailure::of(&Outer(handshake)), ConnectFailure::Tls);
        assert_eq!(ConnectFailure::of(&io::Error::other("dns error")), ConnectFailure::Dns);
    }
}
