//! The members of a JSON object as they stand there.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object, names and values, in their order; one that stands twice is there twice. Names may be
/// `String`, or `&RawValue`: a name that holds half an emoji is no text to Rust.
#[derive(Debug)]
pub struct Members<'a, Name>(pub Vec<(Name, &'a RawValue)>);

impl<'de, Name: Deserialize<'de>> Deserialize<'de> for Members<'de, Name> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<Name>(PhantomData<Name>);

impl<'de, Name: Deserialize<'de>> Visitor<'de> for MembersVisitor<Name> {
    type Value = Members<'de, Name>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
