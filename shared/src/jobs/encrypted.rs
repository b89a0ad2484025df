//! A notification with its resource's data, as Graph encrypts it.

use serde::{Deserialize, Serialize};

/// An encrypted notification as it came, with what proves that Graph sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedNotification {
    /// What is encrypted.
    pub content: EncryptedContent,
    /// The validation tokens of the whole POST: JSON Web Tokens.
    pub validation_tokens: Vec<String>,
}

/// Encrypted data, and how it is opened. All but the last member are base64.
/// <https://learn.microsoft.com/graph/api/resources/changenotificationencryptedcontent>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedContent {
    /// The resource's JSON, encrypted with the data key.
    pub data: String,
    /// The data key, encrypted with the certificate.
    pub data_key: String,
    /// The HMAC-SHA256 of the encrypted data, with the data key.
    pub data_signature: String,
    /// Which certificate: the id that the subscription was made with.
    pub encryption_certificate_id: String,
}
