//! Signatures of roots: ECDSA over P-256 with SHA-256, as KMS makes them and any tool verifies.

use async_trait::async_trait;
use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, ParsedPublicKey,
};

use crate::ports::secrets::SecretError;

/// Signs roots with a key.
#[async_trait]
pub trait RootSigner: Send + Sync {
    /// The signature, in ASN.1, of what has this SHA-256 (32 bytes).
    ///
    /// # Errors
    /// The key cannot be used now, or not at all.
    async fn sign(&self, sha256: &[u8]) -> Result<Vec<u8>, SecretError>;

    /// What the key is called, for people: the ARN of KMS.
    fn key_name(&self) -> String;
}

/// A key that verifies signatures of roots.
#[derive(Debug)]
pub struct PublicKey(ParsedPublicKey);

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no {0}")]
pub struct UnreadableKey(&'static str);

impl PublicKey {
    /// Reads a public key of the curve P-256 (`SubjectPublicKeyInfo`): PEM, or DER as KMS gives it.
    ///
    /// # Errors
    /// It is none.
    pub fn read(file: &[u8]) -> Result<Self, UnreadableKey> {
        let der = contents(file, "PUBLIC KEY");
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der);
        key.map(Self).map_err(|_| UnreadableKey("public key of the curve P-256, as PEM or DER"))
    }

    /// Whether `signature` is one of `message` by this key.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

/// Signs with a private key in a file, for an archive that no stack keeps.
#[derive(Debug)]
pub struct FileSigner(EcdsaKeyPair);

impl FileSigner {
    /// Reads a private key of the curve P-256 (PKCS #8): PEM or DER, without a password.
    ///
    /// # Errors
    /// It is none.
    pub fn read(file: &[u8]) -> Result<Self, UnreadableKey> {
        let der = contents(file, "PRIVATE KEY");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der);
        key.map(Self)
            .map_err(|_| UnreadableKey("private key of the curve P-256 in PKCS #8 without a password"))
    }
}

#[async_trait]
impl RootSigner for FileSigner {
    async fn sign(&self, sha256: &[u8]) -> Result<Vec<u8>, SecretError> {
        let refused = |code: &str| SecretError::Refused { code: code.to_owned() };
        let digest = Digest::import_less_safe(sha256, &SHA256).map_err(|_| refused("no SHA-256"))?;
        let signature = self.0.sign_digest(&digest);
        Ok(signature.map_err(|_| refused("the key cannot sign"))?.as_ref().to_vec())
    }

    fn key_name(&self) -> String {
        "a file".to_owned()
    }
}

/// The bytes of the PEM section with this tag; where there is none, all bytes.
fn contents(file: &[u8], tag: &str) -> Vec<u8> {
    let sections = pem::parse_many(file).unwrap_or_default();
    let section = sections.into_iter().find(|section| section.tag() == tag);
    section.map_or_else(|| file.to_vec(), pem::Pem::into_contents)
}
