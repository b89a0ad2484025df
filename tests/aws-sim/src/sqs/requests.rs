//! What requests ask for, with the limits of one message.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{MAX_BYTES, invalid};
use crate::json::Refusal;

/// The longest delay of a message: 15 minutes.
const MAX_DELAY_SECONDS: u64 = 900;
/// The most attributes of a message.
const MAX_ATTRIBUTES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueue {
    pub(super) queue_name: String,
    #[serde(default)]
    pub(super) attributes: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueAttributes {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    pub(super) queue_url: String,
    #[serde(flatten)]
    pub(super) entry: Entry,
}

/// A message that is sent, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    pub(super) message_body: String,
    #[serde(default)]
    pub(super) message_attributes: Map<String, Value>,
    #[serde(default)]
    delay_seconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    pub(super) queue_url: String,
    pub(super) max_number_of_messages: Option<usize>,
    pub(super) visibility_timeout: Option<u64>,
    pub(super) wait_time_seconds: Option<u64>,
    #[serde(default)]
    pub(super) message_attribute_names: Vec<String>,
    /// By its older name in older SDKs.
    #[serde(default, rename = "MessageSystemAttributeNames", alias = "AttributeNames")]
    pub(super) system_attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeVisibility {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
    pub(super) visibility_timeout: u64,
}

impl Entry {
    /// Refuses a message that SQS would not take.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.message_body.is_empty() {
            return Err(Refusal::new(
                "MissingParameter",
                "The request must contain the parameter MessageBody.",
            ));
        }
        if self.size_bytes() > MAX_BYTES {
            return Err(invalid(format!("Message must be shorter than {MAX_BYTES} bytes.")));
        }
        if self.message_attributes.len() > MAX_ATTRIBUTES {
            return Err(invalid("Number of message attributes exceeds the allowed maximum [10]."));
        }
        if !self.message_body.chars().all(is_allowed) {
            return Err(Refusal::new("InvalidMessageContents", "The message contains invalid characters."));
        }
        Ok(())
    }

    /// The bytes of the body, and of the attributes with their names and types.
    pub(super) fn size_bytes(&self) -> usize {
        let attributes = self.message_attributes.iter().map(|(name, attribute)| {
            let length = |member: &str| attribute[member].as_str().map_or(0, str::len);
            name.len() + length("DataType") + length("StringValue")
        });
        self.message_body.len() + attributes.sum::<usize>()
    }

    pub(super) fn delay(&self) -> Result<Duration, Refusal> {
        if self.delay_seconds > MAX_DELAY_SECONDS {
            return Err(invalid("DelaySeconds must be between 0 and 900"));
        }
        Ok(Duration::from_secs(self.delay_seconds))
    }
}

/// Whether a message may hold a character: those of XML 1.0.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
