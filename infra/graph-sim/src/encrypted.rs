//! Encrypted notifications of the calls of watched meetings.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::{hmac, rand};
use data_encoding::BASE64;
use http::StatusCode;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use shared::model::WatchedResource;
use shared::ports::http::HttpError;

use crate::GraphSim;
use crate::subscription::Subscription;
use crate::tenant::TENANT_ID;

impl GraphSim {
    /// Notifies the subscriptions to a meeting's calls, encrypted, that `event_type` (like `callEnded`) has
    /// happened. Answers the status that each endpoint answered.
    ///
    /// # Errors
    /// An endpoint did not answer.
    pub async fn notify_call_event(
        &self,
        join_web_url: &str,
        event_type: &str,
        happened_at: Timestamp,
    ) -> Result<Vec<StatusCode>, HttpError> {
        let resource = WatchedResource::MeetingCalls {
            organizer_id: String::new(),
            join_web_url: join_web_url.to_owned(),
        };
        let event = json!({
            "@odata.type": "#microsoft.graph.callevent",
            "@odata.id": resource.path(),
            "id": "n-1",
            "eventType": event_type,
            "eventDateTime": happened_at.to_string(),
            "participants@delta": [],
        });
        let mut answers = Vec::new();
        for subscription in self.living_subscriptions() {
            if resource.is(&subscription.text("resource")) {
                let body = self.encrypted_notification(&subscription, &event).to_string();
                let url = subscription.text("notificationUrl");
                answers.push(self.post(&url, "application/json", body.into()).await?.status());
            }
        }
        Ok(answers)
    }

    fn encrypted_notification(&self, subscription: &Subscription, event: &Value) -> Value {
        let content = encrypt(&subscription.text("encryptionCertificate"), &event.to_string());
        let mut content = content.unwrap_or_default();
        content["encryptionCertificateId"] = json!(subscription.text("encryptionCertificateId"));
        let mut item = subscription.item("updated");
        item["organizationId"] = json!(TENANT_ID);
        item["resourceData"] =
            json!({"@odata.id": event["@odata.id"], "@odata.type": event["@odata.type"], "id": event["id"]});
        item["encryptedContent"] = content;
        json!({"value": [item], "validationTokens": [self.sign(&self.validation_claims("2.0"))]})
    }
}

/// Whether a certificate can be encrypted with.
pub(crate) fn is_usable(certificate: &str) -> bool {
    encrypt(certificate, "{}").is_some()
}

/// `data`, encrypted with a certificate (base64 of its DER), as Graph documents it. `None`: the
/// certificate is of no use.
fn encrypt(certificate: &str, data: &str) -> Option<Value> {
    let certificate = CertificateDer::from(BASE64.decode(certificate.as_bytes()).ok()?);
    let certificate = webpki::EndEntityCert::try_from(&certificate).ok()?;
    let key = PublicEncryptingKey::from_der(&certificate.subject_public_key_info()).ok()?;
    encrypt_with(&OaepPublicEncryptingKey::new(key).ok()?, data).ok()
}

fn encrypt_with(key: &OaepPublicEncryptingKey, data: &str) -> Result<Value, Unspecified> {
    let mut data_key = [0; 32];
    rand::fill(&mut data_key)?;
    let mut encrypted_key = vec![0; key.ciphertext_size()];
    let encrypted_key = key.encrypt(&OAEP_SHA1_MGF1SHA1, &data_key, &mut encrypted_key, None)?;
    let mut iv = [0; 16];
    iv.copy_from_slice(&data_key[..16]);
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, &data_key)?)?;
    let mut data = data.as_bytes().to_vec();
    cipher.less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))?;
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &data_key), &data);
    Ok(json!({
        "data": BASE64.encode(&data),
        "dataKey": BASE64.encode(encrypted_key),
        "dataSignature": BASE64.encode(signature.as_ref()),
    }))
}
