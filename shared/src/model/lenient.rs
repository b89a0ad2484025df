//! Members of Graph's JSON that decide little: an odd one must not make the rest unreadable. Ids and addresses, which
//! go on into messages and URLs, are bounded.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::join_url::MAX_ADDRESS_BYTES;
use super::segments::MAX_ID_BYTES;

/// Reads a member that may be anything (`#[serde(default, deserialize_with = "or_none")]`): `None` where it is
/// not a `T`, as a text with half a surrogate pair is no [`String`]. It works below `serde_json`'s own
/// deserializers only, not inside an untagged or flattened type.
///
/// # Errors
/// The text is not JSON.
pub fn or_none<'de, D: Deserializer<'de>, T: DeserializeOwned>(member: D) -> Result<Option<T>, D::Error> {
    let raw = Box::<RawValue>::deserialize(member)?;
    Ok(serde_json::from_str(raw.get()).ok().flatten())
}

/// Reads a count: a whole number, also where it is written as `2.0`; `None` for anything else.
///
/// # Errors
/// The text is not JSON.
pub fn count_or_none<'de, D: Deserializer<'de>>(member: D) -> Result<Option<i64>, D::Error> {
    let raw = Box::<RawValue>::deserialize(member)?;
    let whole = raw.get().split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
    Ok(whole.map_or(raw.get(), |(whole, _)| whole).parse().ok())
}

/// Reads an id, which must be there.
///
/// # Errors
/// It is no text, or longer than [`MAX_ID_BYTES`].
pub fn id<'de, D: Deserializer<'de>>(member: D) -> Result<String, D::Error> {
    bounded(String::deserialize(member)?, MAX_ID_BYTES)
}

/// Reads an id that may be anything, as [`or_none`] does.
///
/// # Errors
/// It is longer than [`MAX_ID_BYTES`].
pub fn id_or_none<'de, D: Deserializer<'de>>(member: D) -> Result<Option<String>, D::Error> {
    or_none(member)?.map(|id| bounded(id, MAX_ID_BYTES)).transpose()
}

/// Reads a meeting's address that may be anything, as [`or_none`] does.
///
/// # Errors
/// It is longer than any address: that the meeting had none would not be true.
pub fn address_or_none<'de, D: Deserializer<'de>>(member: D) -> Result<Option<String>, D::Error> {
    or_none(member)?.map(|address| bounded(address, MAX_ADDRESS_BYTES)).transpose()
}

fn bounded<E: Error>(text: String, most: usize) -> Result<String, E> {
    if text.len() <= most { Ok(text) } else { Err(E::custom("an id or an address is too long")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Entry {
        #[serde(default, deserialize_with = "or_none")]
        subject: Option<String>,
        #[serde(default, deserialize_with = "count_or_none")]
        count: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    struct Named {
        #[serde(deserialize_with = "id")]
        _id: String,
        #[serde(default, deserialize_with = "id_or_none")]
        _of: Option<String>,
        #[serde(default, deserialize_with = "address_or_none")]
        _at: Option<String>,
    }

    #[test]
    fn an_id_and_an_address_have_a_length() {
        let is_read = |id: usize, of: usize, at: usize| {
            let [id, of, at] = [id, of, at].map(|length| "x".repeat(length));
            serde_json::from_str::<Named>(&format!(r#"{{"_id":"{id}","_of":"{of}","_at":"{at}"}}"#)).is_ok()
        };
        let (id, address) = (MAX_ID_BYTES, MAX_ADDRESS_BYTES);
        assert!(is_read(id, id, address));
        assert!(!is_read(id + 1, 0, 0) && !is_read(0, id + 1, 0) && !is_read(0, 0, address + 1));
    }

    fn read(json: &str) -> Entry {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_odd_member_counts_as_absent() {
        let none = Entry { subject: None, count: None };
        for odd in [
            "{}",
            r#"{"subject":null,"count":null}"#,
            r#"{"subject":{"a":1},"count":"2"}"#,
            r#"{"subject":"Person \ud83d","count":1.5}"#,
            r#"{"subject":[],"count":[2]}"#,
        ] {
            assert_eq!(read(odd), none, "{odd}");
        }
        let both = Entry { subject: Some("s".into()), count: Some(2) };
        assert_eq!(read(r#"{"subject":"s","count":2}"#), both);
        assert_eq!(read(r#"{"subject":"s","count":2.0}"#), both);
    }
}
