//! Members of Graph's JSON, each of which may be anything.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::text::{Text, without_halves};

/// A text that is not empty; `None` for anything else.
pub(crate) fn text_of(member: Option<&RawValue>) -> Option<Text> {
    Text::of_json(member?.get()).filter(|text| !text.shown().trim().is_empty())
}

/// A text that is not empty, as people see it.
pub(crate) fn shown(member: Option<&RawValue>) -> Option<String> {
    let literal = member?.get();
    let shown =
        serde_json::from_str(literal).ok().or_else(|| Some(Text::of_json(literal)?.shown().to_owned()));
    shown.filter(|text: &String| !text.is_empty())
}

/// A whole number, also where it is written as `2.0`; `None` for anything else.
pub(crate) fn count(member: Option<&RawValue>) -> Option<i64> {
    let text = member?.get();
    let whole = text.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
    whole.map_or(text, |(whole, _)| whole).parse().ok()
}

/// An object's members; none of them where it is no object.
pub(crate) fn object<'a, T: Deserialize<'a> + Default>(member: Option<&'a RawValue>) -> T {
    let object = member.map(RawValue::get).filter(|text| text.starts_with('{'));
    object.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The members of an object, as [`object`] reads them, also where a member's name holds half an emoji: then they are read from
/// a copy in `spare`, in which that is U+FFFD.
pub(crate) fn object_of_any_names<'a, T: Deserialize<'a> + Default>(
    object: &'a RawValue,
    spare: &'a mut String,
) -> T {
    let text = object.get();
    if !text.starts_with('{') {
        return T::default();
    }
    serde_json::from_str(text).ok().unwrap_or_else(|| {
        *spare = without_halves(text);
        serde_json::from_str(spare).unwrap_or_default()
    })
}

/// The entries of a list; `None` where it is no list.
pub(crate) fn list(member: Option<&RawValue>) -> Option<Vec<&RawValue>> {
    serde_json::from_str(member?.get()).ok()
}
