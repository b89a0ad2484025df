//! `clientState`: the text by which a notification proves that it comes from a subscription of ours.
//!
//! `v1.<nonce>.<mac>`, both base64url without padding: 16 random bytes, and the HMAC-SHA256 of the
//! raw nonce followed by the tenant's id in lower case. Genuine ones are verified with the key
//! alone, so no table of subscriptions is needed.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};

use crate::digest::sha256;

/// The length of the random nonce in a `clientState`, in bytes.
pub const NONCE_BYTES: usize = 16;

/// The HMAC key that signs and verifies `clientState`: the UTF-8 bytes of its secret.
#[derive(Debug, Clone)]
pub struct ClientStateKey(SecretString);

impl ClientStateKey {
    /// The key whose bytes are the text of `secret`.
    pub fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// The `clientState` for a new subscription, at most 128 characters. `nonce` must be fresh random bytes.
    pub fn sign(&self, nonce: [u8; NONCE_BYTES], tenant_id: &str) -> String {
        let mac = hmac::sign(&self.hmac_key(), &message(nonce, tenant_id));
        format!("v1.{}.{}", BASE64URL_NOPAD.encode(&nonce), BASE64URL_NOPAD.encode(mac.as_ref()))
    }

    /// Whether this key signed `client_state` for `tenant_id`, in whatever letter case. Compares in constant
    /// time.
    pub fn verify(&self, client_state: &str, tenant_id: &str) -> bool {
        let Some((nonce, mac)) = parts(client_state) else { return false };
        hmac::verify(&self.hmac_key(), &message(nonce, tenant_id), &mac).is_ok()
    }

    /// Whether a text has the form of a `clientState` of ours, whichever key signed it.
    pub fn is_well_formed(client_state: &str) -> bool {
        parts(client_state).is_some()
    }

    /// The key's public id: the first 8 base64url characters of its SHA-256. It stands in the notification
    /// URL, so that a subscription shows which key signed its `clientState`.
    pub fn id(&self) -> String {
        BASE64URL_NOPAD.encode(&sha256(self.0.expose_secret().as_bytes())).chars().take(8).collect()
    }

    fn hmac_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret().as_bytes())
    }
}

/// The bytes that are signed: the raw nonce, and the tenant's id in lower case.
fn message(nonce: [u8; NONCE_BYTES], tenant_id: &str) -> Vec<u8> {
    [&nonce, tenant_id.to_lowercase().as_bytes()].concat()
}

/// The raw nonce and the raw MAC of a well-formed `clientState`.
fn parts(client_state: &str) -> Option<([u8; NONCE_BYTES], Vec<u8>)> {
    let (nonce, mac) = client_state.strip_prefix("v1.")?.split_once('.')?;
    let nonce = BASE64URL_NOPAD.decode(nonce.as_bytes()).ok()?.try_into().ok()?;
    Some((nonce, BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "5466a424-aadf-425c-9b24-034ca28d4bdd";

    fn key(secret: &str) -> ClientStateKey {
        ClientStateKey::new(secret.to_owned().into())
    }

    #[test]
    fn a_client_state_is_known_by_its_key_and_tenant_alone() {
        let state = key("one").sign([7; NONCE_BYTES], TENANT);
        assert!(state.len() <= 128, "Graph takes 128 characters");
        assert!(key("one").verify(&state, TENANT));
        assert!(key("one").verify(&state, &TENANT.to_uppercase()));
        assert!(!key("two").verify(&state, TENANT));
        assert!(!key("one").verify(&state, "another-tenant"));
    }

    /// The vector was made with:
    /// `{ head -c 16 /dev/zero; printf contoso; } | openssl dgst -sha256 -hmac secret -binary | basenc --base64url`
    #[test]
    fn the_mac_is_what_openssl_computes() {
        let state = key("secret").sign([0; NONCE_BYTES], "Contoso");
        assert_eq!(state, "v1.AAAAAAAAAAAAAAAAAAAAAA.lxkM3a7ANAM8xWXFychOGCcKztWv3k7vDn_JxrlAf5E");
    }

    /// `printf secret | openssl dgst -sha256 -binary | basenc --base64url | head -c 8`
    #[test]
    fn a_keys_id_is_the_beginning_of_its_hash() {
        assert_eq!(key("secret").id(), "K7gNU3sd");
        assert_ne!(key("secret").id(), key("other").id());
    }

    #[test]
    fn anything_else_is_foreign() {
        let state = key("one").sign([7; NONCE_BYTES], TENANT);
        let cut = &state[..state.len() - 2];
        let other_version = state.replacen("v1", "v2", 1);
        for foreign in ["", "v1", "v1.", "v1..", "v1.AA.AA", "secret", cut, &other_version, "v1.é.é"] {
            assert!(!key("one").verify(foreign, TENANT), "{foreign}");
        }
    }
}
