//! The demo subscribes as the function `subscriptions` does: with a `clientState` that its key made.

use anyhow::ensure;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use shared::client_state::{ClientStateKey, NONCE_BYTES};
use shared::http::Http;

use super::{Demo, WEBHOOK_KEY, scenes};

impl Demo {
    /// Asks Graph to notify the webhook at `door`.
    pub(super) async fn subscribe(&self, door: &str) -> anyhow::Result<()> {
        let token = self.token().await?;
        let key = ClientStateKey::new(WEBHOOK_KEY.to_owned().into());
        for (nonce, resource) in (0_u8..).zip(scenes::SUBSCRIBED) {
            let subscription = json!({
                "changeType": "created",
                "resource": resource,
                "notificationUrl": door,
                "expirationDateTime": "2099-01-01T00:00:00Z",
                "clientState": key.sign([nonce; NONCE_BYTES], TENANT_ID),
            });
            let request = http::Request::post(format!("{}/v1.0/subscriptions", self.graph_url))
                .header(AUTHORIZATION, format!("Bearer {token}"))
                .body(subscription.to_string().into())?;
            let status = self.http.send(request).await?.status();
            ensure!(status == 201, "the simulated Graph answered {status} to a subscription");
            self.narrator.tell(&format!("subscribed to {resource}"));
        }
        Ok(())
    }

    async fn token(&self) -> anyhow::Result<String> {
        let secret = CLIENT_SECRET.replace(' ', "+").replace('\'', "%27");
        let form = format!("client_id={CLIENT_ID}&client_secret={secret}&grant_type=client_credentials");
        let url = format!("{}/{TENANT_ID}/oauth2/v2.0/token", self.graph_url);
        let answer = self.http.send(http::Request::post(url).body(form.into())?).await?;
        let answer: Value = serde_json::from_slice(answer.body())?;
        Ok(answer["access_token"].as_str().unwrap_or_default().to_owned())
    }
}
