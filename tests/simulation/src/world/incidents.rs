//! Incidents: failures of Graph and AWS, and changes by an operator.

use jiff::SignedDuration;

use super::World;
use crate::functions::NOTIFICATION_KEY;
use crate::scheduler::Service;

/// How long a condition of Graph or AWS lasts.
pub(super) const CONDITION_DURATION: SignedDuration = SignedDuration::from_mins(10);
/// The certificates that Graph encrypts for: the first, and the one after the rotation.
pub(super) const CERTIFICATES: [&str; 2] = [
    include_str!("../../../pipeline/fixtures/notification-certificate-1.pem"),
    include_str!("../../../pipeline/fixtures/notification-certificate-2.pem"),
];

/// Something that happens to the whole tenant or deployment, at a point in time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Incident {
    /// Graph delays all notifications, or drops them, for ten minutes.
    GraphCondition(GraphCondition),
    /// AWS takes up to two seconds for every call, for ten minutes.
    SlowAws,
    /// A permission is taken away, for this many hours.
    Deny(Service, i64),
    /// The certificate that Graph encrypts for is rotated.
    RotateCertificate,
    /// Graph loses all subscriptions, without a lifecycle notification.
    LoseSubscriptions,
    /// The key behind `clientState` is rotated.
    RotateKey,
    /// The application gets a new secret.
    RotateSecret,
    /// All tokens that were issued are refused from now on.
    RevokeTokens,
    /// The functions are deployed again; the messages stay in their queues.
    Deploy,
}

/// What Graph does with the notifications of an endpoint that it classifies as slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphCondition {
    /// They are delivered ten minutes later.
    Delays,
    /// They are never delivered.
    Drops,
}

impl World {
    pub(super) fn apply(&mut self, incident: Incident) {
        let (secrets, scheduler) = (&self.functions.secrets.secrets, &self.scheduler);
        match incident {
            Incident::LoseSubscriptions => {
                scheduler.count_fault("Graph loses all subscriptions");
                self.graph.forget_subscriptions();
            }
            Incident::GraphCondition(condition) => {
                scheduler.count_fault("Graph classifies the webhook as slow");
                self.condition.set(Some((condition, scheduler.now() + CONDITION_DURATION)));
            }
            Incident::SlowAws => {
                scheduler.count_fault("AWS is slow");
                scheduler.slow_down_for(CONDITION_DURATION);
            }
            Incident::Deny(service, hours) => {
                scheduler.count_fault("a service refuses everything");
                scheduler.deny_for(service, SignedDuration::from_hours(hours));
            }
            Incident::RotateCertificate => {
                secrets.rotate(NOTIFICATION_KEY, CERTIFICATES[1].to_owned());
            }
            Incident::RotateKey => {
                secrets.rotate("webhook-key", format!("key {}", self.started));
            }
            Incident::RotateSecret => {
                let secret = format!("secret {}", self.started);
                self.graph.set_client_secret(&secret);
                secrets.rotate("graph", secret);
            }
            Incident::RevokeTokens => {
                scheduler.count_fault("all tokens are revoked");
                self.graph.revoke_tokens();
            }
            Incident::Deploy => self.functions.deploy(),
        }
    }
}
