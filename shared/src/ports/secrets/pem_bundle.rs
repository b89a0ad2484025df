//! A certificate, and perhaps its private key, as the PEM text of a secret.

use secrecy::{ExposeSecret, SecretString};

use crate::digest::sha256_hex;

/// A certificate, and perhaps its private key.
pub struct PemBundle {
    /// The certificate in DER, of which the thumbprint is taken.
    pub certificate: Vec<u8>,
    /// The private key's PEM section; `None` where a key service has the key.
    pub key: Option<pem::Pem>,
}

/// Why a PEM bundle cannot be used. It never quotes the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is of no use: {0}")]
pub struct InvalidPemBundle(pub &'static str);

impl PemBundle {
    /// Reads the sections of a PEM text: the first certificate, and the key where there is one.
    ///
    /// # Errors
    /// The text is no PEM, has no certificate, or its key has a password.
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

    /// The SHA-256 of the certificate, in lower-case hex: it identifies the certificate.
    pub fn thumbprint(&self) -> String {
        sha256_hex(&self.certificate)
    }
}
