//! What goes wrong, or is changed, while all works.

use jiff::SignedDuration;

use super::World;
use crate::functions::NOTIFICATION_KEY;

/// How long a condition of Graph's, or of AWS, lasts.
pub(super) const MOOD: SignedDuration = SignedDuration::from_mins(10);
/// The certificates that Graph encrypts for, in turn.
pub(super) const CERTIFICATES: [&str; 2] = [
    include_str!("../../../pipeline/fixtures/notification-certificate-1.pem"),
    include_str!("../../../pipeline/fixtures/notification-certificate-2.pem"),
];

/// Something that happens once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Incident {
    /// Graph delays all notifications, or drops them, for ten minutes.
    GraphCondition(GraphCondition),
    /// AWS takes seconds for everything, for ten minutes.
    SlowAws,
    /// The certificate that Graph encrypts for gets a new value.
    RotateCertificate,
    /// Graph forgets all subscriptions, without a word.
    Forget,
    /// The key behind `clientState` gets a new value.
    RotateKey,
    /// The application gets a new secret.
    RotateSecret,
    /// Tokens that were given out are refused from now on.
    RevokeTokens,
    /// The functions are deployed anew; their messages stay.
    Deploy,
}

/// What Graph does with the notifications of an endpoint that it thinks slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GraphCondition {
    /// They come ten minutes later.
    Delays,
    /// They never come.
    Drops,
}

impl World {
    pub(super) fn apply_fault(&mut self, incident: Incident) {
        let (secrets, scheduler) = (&self.functions.secrets.secrets, &self.scheduler);
        match incident {
            Incident::Forget => {
                scheduler.count_fault("Graph forgets all subscriptions");
                self.graph.forget_subscriptions();
            }
            Incident::GraphCondition(condition) => {
                scheduler.count_fault("Graph thinks the webhook slow");
                self.condition.set(Some((condition, scheduler.now() + MOOD)));
            }
            Incident::SlowAws => {
                scheduler.count_fault("AWS is slow");
                scheduler.be_slow_for(MOOD);
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
            Incident::Deploy => self.functions.restart(),
        }
    }
}
