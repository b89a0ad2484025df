//! Whether a request came by way of the `CloudFront` distribution that an operator may have put before the endpoint.

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::Timestamp;
use shared::digest::sha256_hex;
use shared::env::{Env, EnvError};
use shared::lambda::metrics::{self, Metric};

use crate::http_api::Status;

/// What a request must carry to be looked at: a secret header, which the distribution adds and nobody else knows.
/// The function has only its hash, so that there is no secret to read first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    hashes: Vec<String>,
}

impl Origin {
    /// The header with the secret, in lower case as HTTP API gives it.
    pub const HEADER: &str = "x-origin-secret";

    /// Reads `ORIGIN_SECRET_SHA256`: the SHA-256 of the secret in hex, or two of them while it is rotated; where it
    /// is not set, every request is looked at.
    ///
    /// # Errors
    /// It is something else.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let setting = env.get("ORIGIN_SECRET_SHA256").unwrap_or_default();
        let hashes: Vec<String> = setting.split_whitespace().map(str::to_owned).collect();
        let is_hash = |hash: &String| {
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if hashes.iter().all(is_hash) {
            Ok(Self { hashes })
        } else {
            let expected = "one or two SHA-256 in lower-case hex, with a space between";
            Err(EnvError::Wrong { name: "ORIGIN_SECRET_SHA256", expected })
        }
    }

    /// Whether the request may be looked at.
    pub(crate) fn admits(&self, request: &ApiGatewayV2httpRequest) -> bool {
        let secret = request.headers.get(Self::HEADER);
        // Hashes are compared, of which nobody can choose the next digit: how long it takes tells nothing.
        self.hashes.is_empty()
            || secret.is_some_and(|secret| self.hashes.contains(&sha256_hex(secret.as_bytes())))
    }
}

/// The answer to a request that is not admitted: 403, counted as a stranger's.
pub(crate) fn refuse(now: Timestamp) -> ApiGatewayV2httpResponse {
    let rejected = [Metric::count("NotificationsRejected", 1)];
    metrics::emit_with(now, "a request did not come by way of CloudFront", &rejected);
    Status::FORBIDDEN.into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn origin(setting: &str) -> Result<Origin, EnvError> {
        Origin::from_env(&[("ORIGIN_SECRET_SHA256", setting)])
    }

    fn request(secret: Option<&str>) -> ApiGatewayV2httpRequest {
        let mut request = ApiGatewayV2httpRequest::default();
        if let Some(secret) = secret {
            request.headers.insert("X-Origin-Secret", HeaderValue::from_str(secret).unwrap());
        }
        request
    }

    #[test]
    fn a_request_without_the_secret_is_not_looked_at_where_there_is_one() {
        let (one, next) = (sha256_hex(b"secret one"), sha256_hex(b"secret two"));
        let rotated = origin(&format!("{one} {next}")).unwrap();
        let origin = origin(&one).unwrap();
        assert!(origin.admits(&request(Some("secret one"))));
        for refused in [None, Some("secret two"), Some(""), Some(one.as_str())] {
            assert!(!origin.admits(&request(refused)), "{refused:?}");
        }
        assert!(rotated.admits(&request(Some("secret one"))) && rotated.admits(&request(Some("secret two"))));
        assert_eq!(refuse(Timestamp::UNIX_EPOCH).status_code, 403);
    }

    #[test]
    fn without_the_setting_every_request_is() {
        let env: [(&str, &str); 0] = [];
        assert!(Origin::from_env(&env).unwrap().admits(&request(None)));
        assert!(origin("").unwrap().admits(&request(None)));
    }

    #[test]
    fn a_secret_in_place_of_its_hash_is_refused() {
        for wrong in ["my secret", &sha256_hex(b"x")[1..], &sha256_hex(b"x").to_uppercase()] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
