//! Puts markers in the place of entries, and leaves every other byte as it is.

use serde_json::value::RawValue;

use super::entries::{is_named, members};
use super::marker::MEMBER;
use super::{Entry, Marker, Shape, entries};

/// A text in which markers stand for some of its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The whole text: but for the markers, the bytes of before.
    pub text: String,
    /// How many entries were replaced, at least one.
    pub entries: usize,
    /// The latest of the markers that were put in.
    pub latest: Marker,
}

/// Replaces the entries of a text for which `marker_of` has a marker; `None` where there is none. An entry that is a marker
/// already stays, so twice is once.
///
/// # Errors
/// The text is not JSON of this shape. Do not show serde's text: it quotes values.
pub fn redact<'m>(
    text: &str,
    shape: Shape,
    mut marker_of: impl FnMut(&Entry<'_>) -> Option<&'m Marker>,
) -> serde_json::Result<Option<Redacted>> {
    let mut erased = Vec::new();
    for entry in entries(text, shape)? {
        if let Some(marker) = marker_of(&entry).filter(|_| !is_marker(entry.text)) {
            erased.push((entry.text, marker));
        }
    }
    let latest = erased.iter().map(|(_, marker)| *marker).max().cloned();
    Ok(latest.map(|latest| Redacted { text: replaced(text, &erased), entries: erased.len(), latest }))
}

/// The text with a marker in the place of each of its parts that are given, in their order.
fn replaced(text: &str, parts: &[(&str, &Marker)]) -> String {
    let markers: Vec<String> = parts.iter().map(|(_, marker)| marker.json()).collect();
    // It may have a hundred MiB: room for it is made once.
    let added: usize = markers.iter().map(String::len).sum();
    let mut replaced = String::with_capacity(text.len() + added);
    let mut kept_to = 0;
    for ((part, _), marker) in parts.iter().zip(&markers) {
        // A part of the text: the distance between their first bytes is where it begins.
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        replaced.push_str(&text[kept_to..start]);
        replaced.push_str(marker);
        kept_to = start + part.len();
    }
    replaced.push_str(&text[kept_to..]);
    replaced
}

/// Whether `after` is `before` with markers in the place of some entries, and without another change: each other entry and
/// what stands between them have the same bytes. It finds the entries of both anew, so that it proves a [`redact`].
///
/// # Errors
/// One of the texts is not JSON of this shape. Do not show serde's text: it quotes values.
pub fn differs_by_markers_alone(before: &str, after: &str, shape: Shape) -> serde_json::Result<bool> {
    let (old, new) = (entries(before, shape)?, entries(after, shape)?);
    if old.len() != new.len() {
        return Ok(false);
    }
    let (mut before, mut after) = (before, after);
    for (old, new) in old.iter().zip(&new) {
        let ends = (split_behind(&mut before, old.text), split_behind(&mut after, new.text));
        if ends.0 != ends.1 || (old.text != new.text && !is_marker(new.text)) {
            return Ok(false);
        }
    }
    Ok(before == after)
}

/// Takes a part of the text and all before it from its beginning; answers what was before it.
fn split_behind<'a>(text: &mut &'a str, part: &str) -> &'a str {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    let (between, rest) = text.split_at(start);
    *text = &rest[part.len()..];
    between
}

/// Whether an entry is a marker: it stands for somebody who was erased.
pub fn is_marker(entry: &str) -> bool {
    let value = serde_json::from_str::<&RawValue>(entry);
    let members = value.and_then(members).unwrap_or_default();
    members.iter().any(|(name, _)| is_named(name, MEMBER))
}

#[cfg(test)]
mod tests;
