//! The token service's keys, and the validation tokens that it signs.

use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use http::header::DATE;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::graph::CHANGE_TRACKING;
use shared::ports::http::Response;

use crate::GraphSim;
use crate::faults::plain;
use crate::tenant::{CLIENT_ID, TENANT_ID};

/// The keys that sign in turn, as they are rotated.
const KEYS: [&str; 2] =
    [include_str!("../fixtures/signing-key-1.pem"), include_str!("../fixtures/signing-key-2.pem")];

impl GraphSim {
    /// From now on the next key signs, and the one before is no longer published.
    pub fn rotate_signing_key(&self) {
        self.world().signing_key += 1;
    }

    /// The claims of a valid token of `version` (`1.0` or `2.0`): issued now by Graph's change tracking for
    /// the application, for an hour. A test may change them.
    pub fn validation_claims(&self, version: &str) -> Value {
        let now = self.clock.now().as_second();
        let (issuer, sender) = match version {
            "1.0" => (format!("https://sts.windows.net/{TENANT_ID}/"), "appid"),
            _ => (format!("https://login.microsoftonline.com/{TENANT_ID}/v2.0"), "azp"),
        };
        json!({
            "aud": CLIENT_ID, "iss": issuer, "iat": now, "nbf": now, "exp": now + 3_600,
            sender: CHANGE_TRACKING, "tid": TENANT_ID, "ver": version, "uti": "mIB4QKCeZE6hK71XUHJ3AA",
        })
    }

    /// A token with these claims, signed with the current key.
    pub fn sign(&self, claims: &Value) -> String {
        let number = self.world().signing_key;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key_id(number));
        let key = EncodingKey::from_rsa_pem(KEYS[number % KEYS.len()].as_bytes());
        let signed = key.and_then(|key| jsonwebtoken::encode(&header, claims, &key));
        signed.unwrap_or_default()
    }
}

fn key_id(number: usize) -> String {
    format!("signing-key-{number}")
}

/// The set of keys that are published: the current one, and one that is no RSA key.
pub(crate) fn key_set(number: usize, now: Timestamp) -> Response {
    let der = pem::parse(KEYS[number % KEYS.len()]).unwrap_or_else(|_| pem::Pem::new("", []));
    let Ok(pair) = KeyPair::from_pkcs8(der.contents()) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR.as_u16(), String::new());
    };
    let encode = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    let public = pair.public_key();
    let (n, e) = (
        public.modulus().big_endian_without_leading_zero(),
        public.exponent().big_endian_without_leading_zero(),
    );
    let key = json!({"kty": "RSA", "use": "sig", "kid": key_id(number), "x5t": key_id(number), "n": encode(n), "e": encode(e), "x5c": []});
    let mut published =
        plain(200, json!({"keys": [{"kty": "EC", "kid": "another", "crv": "P-256"}, key]}).to_string());
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(date) = date.ok().and_then(|date| date.parse().ok()) {
        published.headers_mut().insert(DATE, date);
    }
    published
}
