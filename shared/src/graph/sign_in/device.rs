//! The device code: a person types it on any machine, while the token service is asked again and again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::super::sign_in_refusals::error_name;
use super::super::{DelegatedScope, GraphError};
use super::{Grant, PublicClient};
use crate::env::safe_url;
use crate::model::Outcome;
use crate::ports::http::Response;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// By how much RFC 8628 lengthens the pause after `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);
/// The longest user code that is shown; Microsoft's have nine characters.
const MOST_CHARACTERS: usize = 32;

/// A code that a person types to sign in.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The code to type: letters, digits and hyphens.
    pub user_code: String,
    /// The address of the page that takes the code; each cloud has its own.
    pub verification_uri: String,
    /// When the code is of no use any more (UTC).
    pub expires_at: Timestamp,
    device_code: SecretString,
    pause: Duration,
}

#[derive(Deserialize)]
struct DeviceResponse {
    device_code: SecretString,
    user_code: String,
    verification_uri: String,
    expires_in: u32,
    #[serde(default = "documented_pause")]
    interval: u32,
}

fn documented_pause() -> u32 {
    5
}

impl PublicClient {
    /// Requests a code for a person to type.
    ///
    /// `POST {login}/{tenant}/oauth2/v2.0/devicecode`.
    /// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>
    ///
    /// # Errors
    /// The token service refuses or does not answer: [`GraphError::remedy`] says what a person can do.
    pub async fn device_code(&self, scopes: &[DelegatedScope]) -> Result<DeviceCode, GraphError> {
        let requested = DelegatedScope::requested(scopes, self.cloud);
        let asked_at = self.clock.now();
        let response = self.post("devicecode", &[("scope", &requested)]).await?;
        if !response.status().is_success() {
            return Err(GraphError::from_sign_in(&response, self.clock.now()));
        }
        read(&response, asked_at)
    }

    /// Waits until a person has typed the code and signed in, and gives the first token. Failures that may pass are
    /// waited out until the code expires.
    ///
    /// # Errors
    /// The person declined, the code expired, or the token service refuses: [`GraphError::remedy`] says what a person
    /// can do.
    pub async fn await_device(&self, device: &DeviceCode) -> Result<Grant, GraphError> {
        let form = [("grant_type", GRANT_TYPE), ("device_code", device.device_code.expose_secret())];
        let mut pause = device.pause;
        while self.clock.now() < device.expires_at {
            self.clock.sleep(pause).await;
            let asked_at = self.clock.now();
            let Ok(response) = self.post("token", &form).await else { continue };
            if response.status().is_success() {
                return self.read_grant(response.body(), asked_at);
            }
            match error_name(response.body()).as_deref() {
                Some("authorization_pending") => {}
                Some("slow_down") => pause += SLOWER,
                _ => {
                    let refused = GraphError::from_sign_in(&response, self.clock.now());
                    if !refused.outcome.may_pass() {
                        return Err(refused);
                    }
                    pause = pause.max(refused.retry_after.unwrap_or_default());
                }
            }
        }
        Err(GraphError::of_sign_in("expired_token", ""))
    }
}

/// The code in an answer, as far as it can be shown on a terminal.
fn read(response: &Response, asked_at: Timestamp) -> Result<DeviceCode, GraphError> {
    let answer: DeviceResponse =
        serde_json::from_slice(response.body()).map_err(|error| GraphError::not_as_documented(&error))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_code = answer.user_code.len() <= MOST_CHARACTERS && answer.user_code.chars().all(is_plain);
    let page = safe_url(&answer.verification_uri).filter(|_| is_code);
    let page =
        page.ok_or_else(|| GraphError::new(Outcome::Malformed).because("the device code cannot be shown"))?;
    Ok(DeviceCode {
        user_code: answer.user_code,
        verification_uri: page.into(),
        expires_at: asked_at + SignedDuration::from_secs(answer.expires_in.into()),
        device_code: answer.device_code,
        pause: Duration::from_secs(answer.interval.max(1).into()),
    })
}
