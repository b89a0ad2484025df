//! A certificate, and perhaps its private key, as PEM: what a secret holds.

use secrecy::{ExposeSecret, SecretString};

use crate::digest::sha256_hex;

/// A certificate, and perhaps its key.
pub struct PemBundle {
    /// The certificate in DER, as its thumbprint is taken of it.
    pub certificate: Vec<u8>,
    /// The private key's PEM section; absent where a key service has the key.
    pub key: Option<pem::Pem>,
}

/// A bundle that cannot be used as it is. It never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is of no use: {0}")]
pub struct InvalidPemBundle(pub &'static str);

impl PemBundle {
    /// Reads the sections of a PEM text: the certificate, and the key where there is one.
    ///
    /// # Errors
    /// It is no PEM, has no certificate, or its key has a password.
    pub fn read(bundle: &SecretString) -> Result<Self, InvalidPemBundle> {
        let sections =
            pem::parse_many(bundle.expose_secret()).map_err(|_| InvalidPemBundle("it is no PEM"))?;
        let tagged = |tag: &str| sections.iter().find(|section| section.tag().ends_with(tag));
        let certificate =
            tagged("CERTIFICATE").ok_or(InvalidPemBundle("the PEM bundle has no certificate"))?;
        if tagged("ENCRYPTED PRIVATE KEY").is_some() {
            return Err(InvalidPemBundle("its key has a password: Secrets Manager protects it already"));
        }
        let key = tagged("PRIVATE KEY").cloned();
        Ok(Self { certificate: certificate.contents().to_vec(), key })
    }

    /// The SHA-256 of the certificate, in hex: what tells it from others.
    pub fn thumbprint(&self) -> String {
        sha256_hex(&self.certificate)
    }
}
