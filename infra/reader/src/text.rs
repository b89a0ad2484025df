//! A text of Graph's that a person reads. It may hold half an emoji, which is no text to Rust.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A text as Graph sent it: a name, a title, an address.
///
/// Half a surrogate pair is shown as U+FFFD; where there is one, the JSON literal that Graph sent is kept, too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text {
    shown: String,
    literal: Option<String>,
}

impl Text {
    /// The text in a JSON literal, quotes and escapes and all; `None` where the literal is no string.
    pub fn of_json(literal: &str) -> Option<Self> {
        if let Ok(shown) = serde_json::from_str(literal) {
            return Some(Self { shown, literal: None });
        }
        let shown = serde_json::from_str(&without_halves(literal)).ok()?;
        Some(Self { shown, literal: Some(literal.to_owned()) })
    }

    /// The text for people: U+FFFD stands for what is no character.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The JSON literal that Graph sent, where the text holds what is no character; else `None`.
    pub fn literal(&self) -> Option<&str> {
        self.literal.as_deref()
    }
}

impl From<&str> for Text {
    fn from(shown: &str) -> Self {
        Self { shown: shown.to_owned(), literal: None }
    }
}

impl From<String> for Text {
    fn from(shown: String) -> Self {
        Self { shown, literal: None }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(formatter)
    }
}

/// JSON gets what Graph sent: a lone surrogate stays `\udxxx`.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.literal.as_ref().and_then(|literal| RawValue::from_string(literal.clone()).ok()) {
            Some(raw) => raw.serialize(serializer),
            None => self.shown.serialize(serializer),
        }
    }
}

/// A JSON text with `\ufffd` in the place of each escape that is half of a pair.
pub(crate) fn without_halves(literal: &str) -> String {
    let mut rest = literal;
    let mut whole = String::with_capacity(literal.len());
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let escape = match (code_unit(rest), rest.get(6..).and_then(code_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                whole.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&rest[..escape]);
        rest = &rest[escape..];
    }
    whole + rest
}

/// The UTF-16 code unit of the `\uxxxx` with which the text begins.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_emoji_is_shown_as_a_replacement_and_kept_as_sent() {
        let text = Text::of_json(r#""Person \ud83d""#).unwrap();
        assert_eq!(text.shown(), "Person \u{fffd}");
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""Person \ud83d""#);
        let both = Text::of_json(r#""\ud83d\ude00 \\ud83d \udc00\u00e9""#).unwrap();
        assert_eq!(both.shown(), "😀 \\ud83d \u{fffd}é");
    }

    #[test]
    fn any_other_text_is_itself() {
        for text in ["", "Noor", "明子", "a\"b\\c", "\\"] {
            let literal = serde_json::to_string(text).unwrap();
            let read = Text::of_json(&literal).unwrap();
            assert_eq!((read.shown(), read.literal()), (text, None));
        }
        for odd in ["1", "null", "{}", "\"", "\"\\", "\"\\u12", ""] {
            assert_eq!(Text::of_json(odd), None, "{odd}");
        }
    }
}
