//! The parts of a JSON text, each as it stands there. A member's name may hold half an emoji, or come twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::text::Text;

/// What lies deeper than this is looked at as one text.
pub(super) const DEEPEST: usize = 60;

/// A member of an object: its name, as people see it, and its value.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) name: String,
    pub(super) value: &'a RawValue,
}

/// What a value has within it.
#[derive(Debug)]
pub(super) enum Parts<'a> {
    /// The members of an object, in their order.
    Members(Vec<Member<'a>>),
    /// The items of a list.
    Items(Vec<&'a RawValue>),
    /// A text, with its quotes and escapes.
    Text(&'a str),
    /// A number, `true`, `false` or `null`.
    Nothing,
}

impl<'a> Parts<'a> {
    pub(super) fn of(value: &'a RawValue) -> Self {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str::<Members<'a>>(text)
                .map_or(Self::Nothing, |Members(members)| Self::Members(members)),
            Some(b'[') => serde_json::from_str(text).map_or(Self::Nothing, Self::Items),
            Some(b'"') => Self::Text(text),
            _ => Self::Nothing,
        }
    }
}

/// The value of the last member with this name.
pub(super) fn member<'a>(members: &[Member<'a>], name: &str) -> Option<&'a RawValue> {
    members.iter().rfind(|member| member.name == name).map(|member| member.value)
}

/// The address of a part within a text: a JSON pointer (RFC 6901).
pub(super) fn pointer_to(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

struct Members<'a>(Vec<Member<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        // Raw names, too: one with half an emoji is no text to Rust, and its object is read all the same.
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let name = Text::of_json(name.get()).map_or_else(String::new, |name| name.shown().to_owned());
            members.push(Member { name, value });
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_whatever_their_names_are() {
        let text = r#"{"a":1, "\ud83d":{"x":[ ]},"a" : "2"}"#;
        let value: &RawValue = serde_json::from_str(text).unwrap();
        let Parts::Members(members) = Parts::of(value) else { panic!("an object") };
        let read: Vec<_> = members.iter().map(|member| (member.name.as_str(), member.value.get())).collect();
        assert_eq!(read, [("a", "1"), ("\u{fffd}", r#"{"x":[ ]}"#), ("a", r#""2""#)]);
        assert_eq!(member(&members, "a").unwrap().get(), r#""2""#);
        assert_eq!(pointer_to("/x", "a/b~c"), "/x/a~1b~0c");
    }
}
