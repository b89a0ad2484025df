//! Subscriptions: how they are made, with the handshake, and what is notified to them.

use std::ops::Range;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::model::VirtualEventKind;
use shared::ports::http::{ConnectFailure, HttpError, Request, Response};

use crate::faults::{plain, refusal};
use crate::manners::Manner;
use crate::requests::Asked;
use crate::subscription::Subscription;
use crate::tenant::TENANT_ID;
use crate::world::World;
use crate::{GraphSim, encrypted};

/// The type of a registration in a notification.
const REGISTRATION: &str = "#microsoft.graph.virtualEventRegistration";

impl World {
    /// GET, PATCH or DELETE of one subscription.
    pub(crate) fn subscription(&mut self, asked: &Asked, id: &str, now: Timestamp) -> Response {
        self.subscriptions.retain(|subscription| subscription.lives(now));
        let Some(index) = self.subscriptions.iter().position(|subscription| subscription.id == id) else {
            return refusal(404, "ResourceNotFound", "The object was not found.");
        };
        if asked.method == Method::DELETE {
            self.subscriptions.remove(index);
            return plain(204, String::new());
        }
        let subscription = &mut self.subscriptions[index];
        if let (&Method::PATCH, Ok(change)) = (&asked.method, serde_json::from_slice::<Value>(&asked.body)) {
            for (name, value) in change.as_object().into_iter().flatten() {
                subscription.made[name] = value.clone();
            }
        }
        plain(200, subscription.shown().to_string())
    }

    pub(crate) fn list_subscriptions(&mut self, now: Timestamp) -> Response {
        self.subscriptions.retain(|subscription| subscription.lives(now));
        let shown: Vec<Value> = self.subscriptions.iter().map(Subscription::shown).collect();
        plain(200, json!({"value": shown}).to_string())
    }
}

impl GraphSim {
    /// Creates a subscription, if the endpoint passes the handshake.
    pub(crate) async fn subscribe(&self, asked: &Asked) -> Response {
        let Ok(made) = serde_json::from_slice::<Value>(&asked.body) else {
            return refusal(400, "BadRequest", "Unable to read JSON request payload.");
        };
        if let Some(wrong) = wrong_encryption(asked, &made) {
            return wrong;
        }
        let url = made["notificationUrl"].as_str().unwrap_or_default();
        if !self.passes_handshake(url).await {
            return refusal(400, "InvalidRequest", "Subscription validation request failed.");
        }
        let now = self.clock.now();
        let mut world = self.world();
        let is_of_registrations =
            made["resource"].as_str().is_some_and(|path| path.ends_with("/registrations"));
        if is_of_registrations && world.has(Manner::RegistrationsAreNotNotified) {
            return refusal(403, "Forbidden", "Operation is not allowed.");
        }
        world.subscriptions.retain(|subscription| subscription.lives(now));
        if world.subscriptions.iter().any(|existing| existing.made["resource"] == made["resource"]) {
            return refusal(
                409,
                "Conflict",
                "Subscription Id <> already exists for the requested combination",
            );
        }
        world.subscriptions_made += 1;
        let id = format!("{:08x}-0000-4000-8000-000000000005", world.subscriptions_made);
        let subscription = Subscription { id, made };
        let shown = subscription.shown();
        world.subscriptions.push(subscription);
        plain(201, shown.to_string())
    }

    /// The endpoint must answer 200 with the decoded token as text.
    async fn passes_handshake(&self, url: &str) -> bool {
        const TOKEN: &str = "Validation: Testing client application reachability for subscription é&=+";
        let Ok(mut url) = url::Url::parse(url) else { return false };
        url.query_pairs_mut().append_pair("validationToken", TOKEN);
        let Ok(response) = self.post(url.as_str(), "text/plain; charset=utf-8", Bytes::new()).await else {
            return false;
        };
        let content_type = response.headers().get(http::header::CONTENT_TYPE);
        let is_text = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
        response.status() == StatusCode::OK && is_text && response.body() == TOKEN
    }

    /// The subscriptions that have not expired, as Graph lists them: without their `clientState`.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.living_subscriptions().iter().map(Subscription::shown).collect()
    }

    pub(crate) fn living_subscriptions(&self) -> Vec<Subscription> {
        let now = self.clock.now();
        self.world().subscriptions.iter().filter(|subscription| subscription.lives(now)).cloned().collect()
    }

    /// Removes the subscriptions to `resource`, without a lifecycle notification.
    pub fn forget_subscriptions_to(&self, resource: &str) {
        self.world().subscriptions.retain(|subscription| subscription.text("resource") != resource);
    }

    /// Removes every subscription, as Graph does at times, without a lifecycle notification.
    pub fn forget_subscriptions(&self) {
        self.world().subscriptions.clear();
    }

    /// Notifies every subscription to `resource` that `odata_id`, of the type `odata_type`, was created.
    /// Answers the status that each endpoint answered.
    ///
    /// # Errors
    /// An endpoint did not answer.
    pub async fn notify(
        &self,
        resource: &str,
        odata_id: &str,
        odata_type: &str,
    ) -> Result<Vec<StatusCode>, HttpError> {
        self.notify_of(resource, &[odata_id], odata_type).await
    }

    /// Notifies as [`notify`](Self::notify) does, of several things in one POST.
    ///
    /// # Errors
    /// An endpoint did not answer.
    pub async fn notify_of(
        &self,
        resource: &str,
        odata_ids: &[&str],
        odata_type: &str,
    ) -> Result<Vec<StatusCode>, HttpError> {
        let of_resource = |subscription: &Subscription| subscription.text("resource") == resource;
        self.notify_those(of_resource, "created", odata_ids, odata_type).await
    }

    /// Notifies the subscriptions to an event's registrations, as far as they are to such changes, that a registration
    /// was `created` or `updated`. Answers the status that each endpoint answered.
    ///
    /// # Errors
    /// An endpoint did not answer.
    pub async fn notify_registration(
        &self,
        kind: VirtualEventKind,
        event_id: &str,
        registration_id: &str,
        change_type: &str,
    ) -> Result<Vec<StatusCode>, HttpError> {
        let resource = format!("solutions/virtualEvents/{}/{event_id}/registrations", kind.segment());
        let is_told = |subscription: &Subscription| {
            subscription.text("resource") == resource && subscription.tells_of(change_type)
        };
        let odata_id = format!("{resource}/{registration_id}");
        self.notify_those(is_told, change_type, &[&odata_id], REGISTRATION).await
    }

    async fn notify_those(
        &self,
        is_told: impl Fn(&Subscription) -> bool,
        change_type: &str,
        odata_ids: &[&str],
        odata_type: &str,
    ) -> Result<Vec<StatusCode>, HttpError> {
        let mut answers = Vec::new();
        for subscription in self.living_subscriptions().into_iter().filter(is_told) {
            let item = |odata_id: &&str| {
                let id =
                    if has_path_as_id(odata_type) { Some(*odata_id) } else { odata_id.rsplit('/').next() };
                let mut item = subscription.item(change_type);
                item["resourceData"] = json!({"@odata.id": odata_id, "@odata.type": odata_type, "id": id});
                item
            };
            let items: Vec<Value> = odata_ids.iter().map(item).collect();
            let body = json!({"value": items, "validationTokens": null}).to_string();
            let url = subscription.text("notificationUrl");
            answers.push(self.post(&url, "application/json", body.into()).await?.status());
        }
        Ok(answers)
    }

    pub(crate) async fn post(
        &self,
        url: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<Response, HttpError> {
        let request: Request = http::Request::post(url)
            .header(http::header::CONTENT_TYPE, content_type)
            .body(body)
            .map_err(|_| HttpError::Connect(ConnectFailure::Refused))?;
        self.outbound.send(request).await
    }
}

/// The body that Graph posts when the calls of these numbers have ended, to a subscription with
/// `client_state`.
pub fn calls_ended(client_state: &str, calls: Range<usize>) -> String {
    let item = |number: usize| {
        let resource = format!("communications/callRecords/call-{number}");
        json!({
            "subscriptionId": "76619225-ff6b-4489-96ca-4ef547e78b22",
            "clientState": client_state,
            "changeType": "created",
            "tenantId": TENANT_ID,
            "resource": resource,
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.callRecord",
                "@odata.id": resource,
                "id": format!("call-{number}"),
            },
        })
    };
    json!({"value": calls.map(item).collect::<Vec<_>>()}).to_string()
}

/// Whether the `id` in a notification of such a thing is its whole path, as the samples of Microsoft's page show it.
/// <https://learn.microsoft.com/graph/changenotifications-for-virtualevent>
fn has_path_as_id(odata_type: &str) -> bool {
    [REGISTRATION, "#microsoft.graph.virtualEventSession"].contains(&odata_type)
}

/// What is wrong with how the notifications of a meeting's calls are to be encrypted.
fn wrong_encryption(asked: &Asked, made: &Value) -> Option<Response> {
    let is_of_calls = made["resource"].as_str()?.ends_with("/meetingCallEvents");
    let certificate = made["encryptionCertificate"].as_str().unwrap_or_default();
    let is_encrypted = made["includeResourceData"] == true
        && made["encryptionCertificateId"].is_string()
        && encrypted::is_usable(certificate);
    if !is_of_calls {
        None
    } else if asked.segments.first().is_none_or(|version| version != "beta") {
        Some(refusal(400, "BadRequest", "Resource not found for the segment 'meetingCallEvents'."))
    } else if made["changeType"] != "updated" || !is_encrypted {
        Some(refusal(400, "InvalidRequest", "The encryption certificate is not valid."))
    } else {
        None
    }
}
