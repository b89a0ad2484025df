//! `clientState`: the text by which a notification proves that it comes from a subscription of ours.
//!
//! `v2.<nonce>.<kind>.<end>.<mac>`: 16 random bytes and the HMAC-SHA256, both base64url without padding; the kind of
//! resource that the subscription is to; and when the text ends, in seconds since the Unix epoch. The MAC covers the
//! raw nonce, the tenant's id in lower case, the kind and the end, so that one that is captured opens nothing else,
//! and nothing for ever. Genuine ones are verified with the key alone: no table of subscriptions is needed.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::digest::sha256;
use crate::model::ResourceKind;

/// The length of the random nonce in a `clientState`, in bytes.
pub const NONCE_BYTES: usize = 16;

/// The HMAC key that signs and verifies `clientState`: the UTF-8 bytes of its secret.
#[derive(Debug, Clone)]
pub struct ClientStateKey {
    key: hmac::Key,
    id: String,
}

/// What a `clientState` is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientStateScope {
    /// The tenant whose notifications it is for, in any letter case.
    pub tenant_id: String,
    /// The kind of resource that is subscribed to.
    pub kind: ResourceKind,
    /// From when on it is no longer genuine (UTC); the fraction of a second does not count.
    pub end: Timestamp,
}

impl ClientStateKey {
    /// The key whose bytes are the text of `secret`.
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let id = BASE64URL_NOPAD.encode(&sha256(secret)).chars().take(8).collect();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), id }
    }

    /// The `clientState` for a new subscription, at most 128 characters. `nonce` must be fresh random bytes.
    pub fn sign(&self, nonce: [u8; NONCE_BYTES], scope: &ClientStateScope) -> String {
        let ClientStateScope { tenant_id, kind, end } = scope;
        let (kind, end) = (kind.name(), end.as_second());
        let mac = hmac::sign(&self.key, &message(nonce, tenant_id, kind, end));
        let (nonce, mac) = (BASE64URL_NOPAD.encode(&nonce), BASE64URL_NOPAD.encode(mac.as_ref()));
        format!("v2.{nonce}.{kind}.{end}.{mac}")
    }

    /// The kind of resource that `client_state` is for, where this key signed it for `tenant_id`, in whatever
    /// letter case, and it has not ended at `now`; else `None`. Compares in constant time.
    pub fn verify(&self, client_state: &str, tenant_id: &str, now: Timestamp) -> Option<ResourceKind> {
        let Parts { nonce, kind, end, mac } = Parts::of(client_state)?;
        hmac::verify(&self.key, &message(nonce, tenant_id, kind.name(), end), &mac).ok()?;
        (now.as_second() < end).then_some(kind)
    }

    /// Whether a text has the form of a `clientState` of ours, whichever key signed it.
    pub fn is_well_formed(client_state: &str) -> bool {
        Parts::of(client_state).is_some()
    }

    /// The key's public id: the first 8 base64url characters of its SHA-256. It stands in the notification
    /// URL, so that a subscription shows which key signed its `clientState`.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The bytes that are signed.
fn message(nonce: [u8; NONCE_BYTES], tenant_id: &str, kind: &str, end: i64) -> Vec<u8> {
    let scope = format!("{}\n{kind}\n{end}", tenant_id.to_lowercase());
    [&nonce, scope.as_bytes()].concat()
}

/// The parts of a well-formed `clientState`.
struct Parts {
    nonce: [u8; NONCE_BYTES],
    kind: ResourceKind,
    end: i64,
    mac: Vec<u8>,
}

impl Parts {
    fn of(client_state: &str) -> Option<Self> {
        let mut parts = client_state.strip_prefix("v2.")?.split('.');
        let nonce = BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?.try_into().ok()?;
        let (kind, end) = (ResourceKind::of_name(parts.next()?)?, parts.next()?.parse().ok()?);
        let mac = BASE64URL_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        parts.next().is_none().then_some(Self { nonce, kind, end, mac })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "5466a424-aadf-425c-9b24-034ca28d4bdd";
    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn key(secret: &str) -> ClientStateKey {
        ClientStateKey::new(&secret.to_owned().into())
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn scope(kind: ResourceKind) -> ClientStateScope {
        ClientStateScope { tenant_id: TENANT.to_owned(), kind, end: at(1_800_000_000) }
    }

    #[test]
    fn a_client_state_is_genuine_for_its_key_tenant_kind_and_time_alone() {
        for kind in ResourceKind::ALL {
            let state = key("one").sign(NONCE, &scope(kind));
            assert!(state.len() <= 128, "Graph takes 128 characters");
            let verified =
                |key: &ClientStateKey, tenant: &str, second| key.verify(&state, tenant, at(second));
            assert_eq!(verified(&key("one"), TENANT, 1_799_999_999), Some(kind));
            assert_eq!(verified(&key("one"), &TENANT.to_uppercase(), 0), Some(kind));
            assert_eq!(verified(&key("one"), TENANT, 1_800_000_000), None, "it has ended");
            assert_eq!(verified(&key("two"), TENANT, 0), None);
            assert_eq!(verified(&key("one"), "another-tenant", 0), None);
        }
    }

    /// The vector was made with:
    /// `{ head -c 16 /dev/zero; printf 'contoso\ncalls\n1800000000'; } | openssl dgst -sha256 -hmac secret -binary |
    /// basenc --base64url`
    #[test]
    fn the_mac_is_what_openssl_computes() {
        let scope = ClientStateScope { tenant_id: "Contoso".into(), ..scope(ResourceKind::CallRecords) };
        let state = key("secret").sign([0; NONCE_BYTES], &scope);
        assert_eq!(
            state,
            "v2.AAAAAAAAAAAAAAAAAAAAAA.calls.1800000000.ZvXOrgRDK6gUnbzNu4xcy2h2aqBTshw7d0DLnjPaz_0"
        );
    }

    /// `printf secret | openssl dgst -sha256 -binary | basenc --base64url | head -c 8`
    #[test]
    fn a_keys_id_is_the_beginning_of_its_hash() {
        assert_eq!(key("secret").id(), "K7gNU3sd");
        assert_ne!(key("secret").id(), key("other").id());
    }

    #[test]
    fn anything_else_is_foreign() {
        let state = key("one").sign(NONCE, &scope(ResourceKind::CallRecords));
        let cut = &state[..state.len() - 2];
        let changed = [
            state.replacen("v2", "v1", 1),
            state.replacen(".calls.", ".events.", 1),
            state.replacen(".1800000000.", ".1900000000.", 1),
            format!("{state}.x"),
        ];
        let malformed = ["", "v2", "v2.", "v2....", "v2.AA.calls.1.AA", "secret", cut, "v2.é.é.é.é"];
        for foreign in changed.iter().map(String::as_str).chain(malformed) {
            assert_eq!(key("one").verify(foreign, TENANT, at(0)), None, "{foreign}");
        }
    }
}
