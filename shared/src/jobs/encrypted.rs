//! A notification with resource data, as Graph encrypts it.

use serde::{Deserialize, Serialize};

/// An encrypted notification as Graph sent it, with the tokens that prove its origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedNotification {
    /// The encrypted resource data, with its key and signature.
    pub content: EncryptedContent,
    /// The validation tokens of the whole POST request: JSON Web Tokens.
    pub validation_tokens: Vec<String>,
}

/// Encrypted data, and what decrypts it. All fields but the last are base64.
/// <https://learn.microsoft.com/graph/api/resources/changenotificationencryptedcontent>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedContent {
    /// The resource's JSON, encrypted with the data key.
    pub data: String,
    /// The symmetric data key, encrypted with the certificate's public key.
    pub data_key: String,
    /// The HMAC-SHA256 of the encrypted data, keyed with the data key.
    pub data_signature: String,
    /// The id of the certificate, which the subscription was created with.
    pub encryption_certificate_id: String,
}
