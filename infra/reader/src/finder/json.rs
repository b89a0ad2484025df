//! The parts of a JSON text, each as it stands there. A member's name may hold half an emoji, or come twice.

use serde_json::value::RawValue;
use shared::model::Members;

use crate::text::Text;

/// What lies deeper than this is looked at as one text.
pub(super) const DEEPEST: usize = 60;

/// A member of an object: its name, as people see it, and its value.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) name: String,
    pub(super) value: &'a RawValue,
}

impl<'a> Member<'a> {
    fn of((name, value): (&RawValue, &'a RawValue)) -> Self {
        let name = Text::of_json(name.get()).map_or_else(String::new, |name| name.shown().to_owned());
        Self { name, value }
    }
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
            // Raw names: the object of one with half an emoji is read all the same.
            Some(b'{') => serde_json::from_str(text).map_or(Self::Nothing, |Members(members)| {
                Self::Members(members.into_iter().map(Member::of).collect())
            }),
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
