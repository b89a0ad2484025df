//! Members of Graph's JSON that decide little: an odd one must not make the rest unreadable.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

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
