//! The key that makes pseudonyms.

use aws_lc_rs::hmac;
use data_encoding::BASE32_NOPAD;

/// The fewest bytes of a key: those of a hash of HMAC-SHA-256.
const FEWEST_BYTES: usize = 32;

/// The most bytes of a key: who gives a larger file has taken another one.
const MOST_BYTES: usize = 4096;

/// How many bytes of the HMAC a pseudonym has: 128 bits.
const PSEUDONYM_BYTES: usize = 16;

/// The key that makes pseudonyms. Who has it can tell of anybody whose id or address is known which pseudonym is theirs.
#[derive(Debug, Clone)]
pub struct PseudonymKey(hmac::Key);

impl PseudonymKey {
    /// The key that a file holds: its bytes, without white space around them. `None` where these are fewer than 32, or more than 4096.
    pub fn of_file(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.trim_ascii();
        let is_key = (FEWEST_BYTES..=MOST_BYTES).contains(&bytes.len());
        is_key.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// By what the files of one key are known to be of one: `k_…`, from which nothing of the key follows.
    pub fn id(&self) -> String {
        self.pseudonym('k', "")
    }

    /// The pseudonym of what an identifier names: the letter of its kind, and 128 bits of the HMAC-SHA-256 of both. In base32 and small
    /// letters, for programs and file systems may take large letters for the same.
    pub(super) fn pseudonym(&self, kind: char, identifier: &str) -> String {
        let tag = hmac::sign(&self.0, format!("{kind}_{identifier}").as_bytes());
        format!("{kind}_{}", BASE32_NOPAD.encode(&tag.as_ref()[..PSEUDONYM_BYTES]).to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The HMACs were made with Python's `hmac`.
    #[test]
    fn a_pseudonym_is_the_hmac_of_its_kind_and_identifier() {
        let key = PseudonymKey::of_file(b" 0123456789abcdef0123456789abcdef\r\n").unwrap();
        assert_eq!(key.pseudonym('p', "mail:aiko@contoso.com"), "p_3qbmjfaabcvi2leomhlgqunnia");
        assert_eq!(key.id(), "k_mnn7bv6vkn4vvo4gyh5ow2njua");
        assert_ne!(key.pseudonym('m', "x")[2..], key.pseudonym('s', "x")[2..]);
        let other = PseudonymKey::of_file(&[7; 32]).unwrap();
        assert_ne!(
            other.pseudonym('p', "mail:aiko@contoso.com"),
            key.pseudonym('p', "mail:aiko@contoso.com")
        );
    }

    #[test]
    fn a_key_is_neither_short_nor_another_file() {
        for (bytes, is_key) in [(31, false), (32, true), (4096, true), (4097, false)] {
            assert_eq!(PseudonymKey::of_file(&vec![b'k'; bytes]).is_some(), is_key, "{bytes}");
        }
        assert!(PseudonymKey::of_file(&[b' '; 64]).is_none());
    }
}
