//! Tombstones: keyed hashes of those who were erased, by which they are known again and nobody else can be found.

use std::collections::HashMap;

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Identifier, Marker, Redacted, Shape, redact};
use crate::digest::sha256;

/// The key that tombstones are hashed with: the UTF-8 bytes of its secret.
#[derive(Debug, Clone)]
pub struct TombstoneKey {
    key: hmac::Key,
    id: String,
}

impl TombstoneKey {
    /// The key whose bytes are the text of `secret`, without white space around it.
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().trim().as_bytes();
        let id = BASE64URL_NOPAD.encode(&sha256(secret)).chars().take(8).collect();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), id }
    }

    fn hash(&self, identifier: &Identifier) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.key, identifier.as_bytes()).as_ref())
    }
}

/// What is kept of an erasure so that nobody whom it erased comes back: an object of the archive, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The erasure's id and the time when it began.
    #[serde(flatten)]
    pub erased: Marker,
    /// The public id of the key: the first 8 characters of its SHA-256 in base64url.
    pub key: String,
    /// The HMAC-SHA-256 of each identifier, in base64url without padding.
    pub identifiers: Vec<String>,
}

impl Tombstone {
    /// The tombstone of whoever is known by these, each once.
    pub fn new(erased: Marker, key: &TombstoneKey, identifiers: &[Identifier]) -> Self {
        let mut identifiers: Vec<String> =
            identifiers.iter().map(|identifier| key.hash(identifier)).collect();
        // In an order that tells nothing.
        identifiers.sort_unstable();
        identifiers.dedup();
        Self { erased, key: key.id.clone(), identifiers }
    }
}

/// All tombstones of an archive. Without one, nobody is known.
#[derive(Debug, Clone, Default)]
pub struct Tombstones {
    key: Option<TombstoneKey>,
    markers: Vec<Marker>,
    /// Of each hash the place of its marker.
    of_hash: HashMap<String, usize>,
}

impl Tombstones {
    /// All `tombstones`; of somebody who was erased twice the first counts. `None` where one was made with another key.
    pub fn new(key: TombstoneKey, tombstones: impl IntoIterator<Item = Tombstone>) -> Option<Self> {
        let mut sorted: Vec<Tombstone> = tombstones.into_iter().collect();
        sorted.sort_by(|one, other| one.erased.cmp(&other.erased));
        let mut all = Self { key: Some(key), ..Self::default() };
        for Tombstone { erased, key, identifiers } in sorted {
            all.key.as_ref().filter(|own| own.id == key)?;
            for hash in identifiers {
                all.of_hash.entry(hash).or_insert(all.markers.len());
            }
            all.markers.push(erased);
        }
        Some(all)
    }

    /// Whether there is no tombstone at all.
    pub fn is_empty(&self) -> bool {
        self.markers.is_empty()
    }

    /// The marker for an entry of the artifact with this id; `None` where nobody in it was erased.
    pub fn marker(&self, entry: &str, artifact_id: &str) -> Option<&Marker> {
        let key = self.key.as_ref().filter(|_| !self.is_empty())?;
        let known = Identifier::all_of(entry, artifact_id);
        let first = known.iter().filter_map(|identifier| self.of_hash.get(&key.hash(identifier))).min();
        first.and_then(|place| self.markers.get(*place))
    }

    /// The text of the artifact with this id without those who were erased; `None` where none of them is in it.
    ///
    /// # Errors
    /// There is a tombstone, and the text is not JSON of this shape. Do not show serde's text: it quotes values.
    pub fn redact(
        &self,
        text: &str,
        shape: Shape,
        artifact_id: &str,
    ) -> serde_json::Result<Option<Redacted>> {
        if self.is_empty() {
            return Ok(None);
        }
        redact(text, shape, |entry| self.marker(entry.text, artifact_id))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const AIKO: &str = "0a11ce00-0000-4000-8000-00000000f00d";

    fn key(secret: &str) -> TombstoneKey {
        TombstoneKey::new(&secret.to_owned().into())
    }

    fn marker(erasure: &str, second: i64) -> Marker {
        Marker { at: Timestamp::from_second(second).unwrap(), erasure: erasure.to_owned() }
    }

    fn tombstones(of: &[(&str, i64, Option<Identifier>)]) -> Tombstones {
        let each = of.iter().map(|(erasure, second, identifier)| {
            Tombstone::new(marker(erasure, *second), &key("k"), identifier.as_slice())
        });
        Tombstones::new(key("k"), each).unwrap()
    }

    #[test]
    fn who_was_erased_is_known_again_and_nobody_else() {
        let erased = tombstones(&[
            ("e-1", 1, Identifier::id(AIKO, "")),
            ("e-2", 2, Identifier::address("kwame@contoso.com")),
            ("e-3", 3, Identifier::id("+31201232714", "r-1")),
            ("e-4", 4, Some(Identifier::text(r#"{"role":"Attendee"}"#, "r-1"))),
        ]);
        let by =
            |entry: &str, report: &str| erased.marker(entry, report).map(|marker| marker.erasure.clone());
        let is = |erasure: &str| Some(erasure.to_owned());
        assert_eq!(by(&format!(r#"{{"identity":{{"id":"{}"}}}}"#, AIKO.to_uppercase()), "r-9"), is("e-1"));
        assert_eq!(by(r#"{"emailAddress":"Kwame@Contoso.com "}"#, "r-9"), is("e-2"));
        let phone = r#"{"identity":{"id":"+31201232714"}}"#;
        assert_eq!((by(phone, "R-1"), by(phone, "r-2")), (is("e-3"), None), "a telephone is shared");
        let nobody = r#"{"role":"Attendee"}"#;
        assert_eq!((by(nobody, "r-1"), by(nobody, "r-2")), (is("e-4"), None));
        assert_eq!(by(r#"{"emailAddress":"noor@contoso.com","role":"Attendee"}"#, "r-1"), None);
    }

    #[test]
    fn of_two_erasures_the_first_is_the_marker_so_that_the_bytes_stay() {
        let (id, address) = (Identifier::id(AIKO, ""), Identifier::address("aiko@contoso.com"));
        let entry = format!(r#"{{"id":"{AIKO}","emailAddress":"aiko@contoso.com"}}"#);
        let first = tombstones(&[("e-2", 1, address.clone())]);
        let both = tombstones(&[("e-1", 2, id), ("e-2", 1, address)]);
        assert_eq!(first.marker(&entry, "r"), both.marker(&entry, "r"));
    }

    #[test]
    fn with_another_key_there_are_no_tombstones() {
        let tombstone = Tombstone::new(marker("e", 1), &key("k"), &[]);
        assert!(Tombstones::new(key(" k\n"), [tombstone.clone()]).is_some());
        assert!(Tombstones::new(key("other"), [tombstone]).is_none());
        assert!(Tombstones::default().is_empty());
        assert_eq!(Tombstones::default().redact("no JSON", Shape::Report, "r").unwrap(), None);
    }

    /// The hash was made with `printf 'address:aiko@contoso.com' | openssl dgst -sha256 -hmac k -binary | basenc --base64url`.
    #[test]
    fn a_tombstone_names_nobody() {
        let address = Identifier::address("Aiko@contoso.com").unwrap();
        let tombstone = Tombstone::new(marker("e-1", 0), &key("k"), &[address.clone(), address]);
        let json = serde_json::to_string(&tombstone).unwrap();
        let expected = r#"{"at":"1970-01-01T00:00:00Z","erasure":"e-1","key":"glTDKako","identifiers":["hIxI_4cUGtI2yFg0h2xMnZPv2m3MyXoMh4DTjIuGAUI"]}"#;
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<Tombstone>(&json).unwrap(), tombstone);
    }
}
