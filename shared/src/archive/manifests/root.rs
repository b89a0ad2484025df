//! A root: the manifests that grew, the root before, and a signature over both.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::signature::{PublicKey, RootSigner};
use crate::digest::sha256;
use crate::ports::secrets::SecretError;

/// A root as it was read or is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// What its first line says.
    pub header: RootHeader,
    /// The manifests that grew, in the order of their groups.
    pub entries: Vec<RootEntry>,
}

/// The first line of a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootHeader {
    /// Its number, which counts from 1.
    pub root: u64,
    /// The SHA-256 of all bytes of the root before it, in hex; `None` for the first.
    pub previous: Option<String>,
    /// When it was written (UTC).
    pub written_at: Timestamp,
    /// When the walk over the archive began that ends with this root (UTC): what was written before is in a manifest.
    /// `None` where the walk goes on.
    pub walk_began: Option<Timestamp>,
    /// What was archived before may have expired (UTC), by the shortest retention that the archive had so far. `None` where it
    /// had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_before: Option<Timestamp>,
}

/// A line of a root: a manifest, as it is from this root on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootEntry {
    /// The group of objects that the manifest is of.
    pub group: String,
    /// The SHA-256 of the manifest, in hex, which its key holds, too.
    pub sha256: String,
    /// How many bytes the manifest has. Later ones of the group begin with these bytes.
    pub size_bytes: u64,
    /// How many lines the manifest has.
    pub lines: u64,
}

/// The last line of a root.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RootSignature {
    /// The signature of all lines before this one: ASN.1 in base64; `None` where no key was given.
    pub signature: Option<String>,
    /// `ECDSA_SHA_256`, where there is a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// What the key is called where it was signed. For people: it proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A root is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root cannot be read")]
pub struct UnreadableRoot;

impl Root {
    /// Reads a root, and the signature of `text`'s lines before its last.
    ///
    /// # Errors
    /// It is not a root.
    pub fn read(text: &[u8]) -> Result<(Self, RootSignature), UnreadableRoot> {
        let text = std::str::from_utf8(text).map_err(|_| UnreadableRoot)?;
        let (signed, signature) = split(text).ok_or(UnreadableRoot)?;
        let (header, entries) = signed.split_once('\n').ok_or(UnreadableRoot)?;
        let root =
            Self { header: parse(header)?, entries: entries.lines().map(parse).collect::<Result<_, _>>()? };
        Ok((root, parse(signature)?))
    }

    /// The root's text, signed where there is a `signer`.
    ///
    /// # Errors
    /// The key cannot be used now, or not at all.
    pub async fn signed_text(&self, signer: Option<&dyn RootSigner>) -> Result<String, SecretError> {
        let mut text = json_line(&self.header)?;
        for entry in &self.entries {
            text += &json_line(entry)?;
        }
        let signature = match signer {
            None => RootSignature::default(),
            Some(signer) => RootSignature {
                signature: Some(BASE64.encode(&signer.sign(&sha256(text.as_bytes())).await?)),
                algorithm: Some("ECDSA_SHA_256".to_owned()),
                key: Some(signer.key_name()),
            },
        };
        Ok(text + &json_line(&signature)?)
    }
}

impl RootSignature {
    /// Whether this is the signature of the lines of the root `text` before its last, by one of `keys`.
    pub fn is_of(&self, text: &[u8], keys: &[PublicKey]) -> bool {
        let signed = std::str::from_utf8(text).ok().and_then(split).map(|(signed, _)| signed);
        let signature = self.signature.as_ref().and_then(|base64| BASE64.decode(base64.as_bytes()).ok());
        match (signed, signature) {
            (Some(signed), Some(signature)) => {
                keys.iter().any(|key| key.verifies(signed.as_bytes(), &signature))
            }
            _ => false,
        }
    }
}

/// The lines before the last, with their line ends, and the last.
fn split(text: &str) -> Option<(&str, &str)> {
    let lines = text.strip_suffix('\n')?;
    let last = lines.rfind('\n')? + 1;
    Some((&text[..last], &lines[last..]))
}

fn parse<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, UnreadableRoot> {
    serde_json::from_str(line).map_err(|_| UnreadableRoot)
}

fn json_line(line: &impl Serialize) -> Result<String, SecretError> {
    let json =
        serde_json::to_string(line).map_err(|_| SecretError::Refused { code: "no JSON".to_owned() })?;
    Ok(json + "\n")
}
