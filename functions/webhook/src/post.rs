//! What is posted: items, read one after the other, and what proves the encrypted ones.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::refusal::Refusal;

/// The most that the platform lets through.
const MAX_BODY_BYTES: usize = 6 << 20;
/// The most of a POST's validation tokens. Graph sends one for each application and tenant.
const MAX_TOKENS_BYTES: usize = 64 << 10;

/// What Graph posts.
pub(crate) struct Post<'a> {
    pub(crate) items: Items<'a>,
    pub(crate) validation_tokens: Vec<String>,
}

impl<'a> Post<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// It is too large, or no collection of notifications.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct ChangeNotificationCollection<'a> {
            #[serde(borrow)]
            value: &'a RawValue,
            #[serde(rename = "validationTokens", borrow)]
            validation_tokens: Option<&'a RawValue>,
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge { most: MAX_BODY_BYTES });
        }
        let collection = serde_json::from_slice::<ChangeNotificationCollection<'a>>(body);
        let collection = collection.map_err(|_| Refusal::NotNotifications)?;
        let items = Items::of(collection.value).ok_or(Refusal::NotNotifications)?;
        // Tokens that cannot be read prove nothing; they are no reason to refuse the basic items.
        let tokens = collection.validation_tokens.filter(|tokens| tokens.get().len() <= MAX_TOKENS_BYTES);
        let tokens = tokens.and_then(|tokens| serde_json::from_str(tokens.get()).ok());
        Ok(Self { items, validation_tokens: tokens.unwrap_or_default() })
    }
}

/// The items of a POST, each as it came. An item costs nothing before it is asked for: what a stranger posts has
/// millions.
pub(crate) struct Items<'a> {
    rest: &'a str,
}

impl<'a> Items<'a> {
    /// The items of an array; `None` for any other value.
    fn of(value: &'a RawValue) -> Option<Self> {
        Some(Self { rest: value.get().strip_prefix('[')? })
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a RawValue;

    fn next(&mut self) -> Option<&'a RawValue> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<&RawValue>();
        // The array was parsed as a whole: what is no value is its end.
        let item = values.next()?.ok()?;
        let after = self.rest.get(values.byte_offset()..)?.trim_start();
        self.rest = after.strip_prefix(',').unwrap_or(after);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(value: &str) -> Vec<String> {
        let body = format!("{{\"value\":{value}}}");
        let post = Post::read(body.as_bytes()).unwrap();
        post.items.map(|item| item.get().to_owned()).collect()
    }

    #[test]
    fn each_item_comes_as_it_was_posted() {
        assert_eq!(items("[]"), [""; 0]);
        assert_eq!(items(" [ ] "), [""; 0]);
        assert_eq!(
            items("[1,{\"a\" : 1.50} ,\n\"x,]\", [[],[]],null ]"),
            ["1", "{\"a\" : 1.50}", "\"x,]\"", "[[],[]]", "null"]
        );
    }

    #[test]
    fn what_is_no_array_is_no_collection() {
        for body in ["", "{}", "[]", r#"{"value":{}}"#, r#"{"value":[1}"#, r#"{"value":"[1]"}"#, "\u{ff}"] {
            assert!(Post::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
