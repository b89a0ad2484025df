//! Decrypting: the certificates' keys, and the data key that Graph encrypted for one of them.

use std::sync::Arc;

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use data_encoding::BASE64;
use shared::graph::{GraphError, unreadable_secret};
use shared::jobs::EncryptedContent;
use shared::lambda::cache::RefreshingCache;
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::secrets::{InvalidPemBundle, PemBundle, SecretString, Secrets, Stage};
use tracing::warn;

/// The length of a block of AES, and so of its initialization vector, in bytes.
const IV_BYTES: usize = 16;

/// The private keys of the current and the previous certificate: while one is rotated, both are in
/// use.
pub struct DataKeys {
    secrets: Arc<dyn Secrets>,
    secret_id: String,
    cached: RefreshingCache<Vec<Certificate>>,
}

/// A certificate's id and its key.
struct Certificate {
    id: String,
    key: Arc<OaepPrivateDecryptingKey>,
}

impl DataKeys {
    /// The keys in the secret `secret_id`; nothing is read yet.
    pub fn new(secrets: Arc<dyn Secrets>, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, secret_id, cached: RefreshingCache::new(clock) }
    }

    /// The decrypted data.
    pub(super) async fn decrypt(&self, content: &EncryptedContent) -> Result<Vec<u8>, GraphError> {
        let is_meant = |certificate: &&Certificate| {
            certificate.id.eq_ignore_ascii_case(&content.encryption_certificate_id)
        };
        let key_of = |certificates: &Vec<Certificate>| {
            certificates.iter().find(is_meant).map(|meant| Arc::clone(&meant.key))
        };
        let key = self.cached.find(async || self.read().await, key_of).await?.found();
        let closed =
            || GraphError::new(Outcome::NotDecryptable).because("its certificate is not in the secret");
        let key = key.ok_or_else(closed)?;
        decrypt(&key, content)
    }

    async fn read(&self) -> Result<Vec<Certificate>, GraphError> {
        let mut certificates = Vec::new();
        for stage in [Stage::Current, Stage::Previous] {
            let secret = self.secrets.get(&self.secret_id, stage).await;
            let secret = secret.map_err(|error| unreadable_secret(&error, Outcome::NotDecryptable))?;
            match secret.as_ref().map(Certificate::read) {
                Some(Ok(certificate)) => certificates.push(certificate),
                // The other one may be the one that is needed.
                Some(Err(why)) => warn!(?stage, "{why}"),
                None => {}
            }
        }
        Ok(certificates)
    }
}

impl Certificate {
    fn read(bundle: &SecretString) -> Result<Self, InvalidPemBundle> {
        let bundle = PemBundle::read(bundle)?;
        let key = bundle.key.as_ref().ok_or(InvalidPemBundle("the PEM bundle has no private key"))?;
        if key.tag() != "PRIVATE KEY" {
            return Err(InvalidPemBundle(
                "its key is not in PKCS #8: openssl pkcs8 -topk8 -nocrypt makes it so",
            ));
        }
        let no_rsa_key = InvalidPemBundle("its key is no RSA key of 2048 bits or more");
        let key = PrivateDecryptingKey::from_pkcs8(key.contents()).map_err(|_| no_rsa_key)?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| no_rsa_key)?;
        Ok(Self { id: bundle.thumbprint(), key: Arc::new(key) })
    }
}

/// RSA-OAEP with SHA-1 for the data key, HMAC-SHA256 over the encrypted data, AES-256-CBC for the
/// data; its initialization vector are the first bytes of the data key. Graph chose them.
/// <https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypting-resource-data-from-change-notifications>
fn decrypt(key: &OaepPrivateDecryptingKey, content: &EncryptedContent) -> Result<Vec<u8>, GraphError> {
    let decode = |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| forged("it is not base64"));
    let (mut data, signature) = (decode(&content.data)?, decode(&content.data_signature)?);
    let mut data_key = vec![0; key.min_output_size()];
    let data_key = key
        .decrypt(&OAEP_SHA1_MGF1SHA1, &decode(&content.data_key)?, &mut data_key, None)
        .map_err(|_| forged("its data key cannot be decrypted"))?;
    // Compares in constant time.
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, data_key), &data, &signature)
        .map_err(|_| forged("the signature of its data is wrong"))?;
    let broken = || forged("its data cannot be decrypted");
    let iv = data_key.first_chunk::<IV_BYTES>().ok_or_else(broken)?;
    let iv = DecryptionContext::Iv128(FixedLength::from(iv));
    let cipher = UnboundCipherKey::new(&AES_256, data_key).map_err(|_| broken())?;
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(cipher).map_err(|_| broken())?;
    Ok(cipher.decrypt(&mut data, iv).map_err(|_| broken())?.to_vec())
}

fn forged(what: &'static str) -> GraphError {
    GraphError::new(Outcome::NotGenuine).because(what)
}
