//! What the pipeline stands on, and what each function gets of it.

use std::sync::Arc;

use fetch::{DataKeys, EncryptedNotifications, ValidationTokens};
use shared::clock::Clock;
use shared::graph::{CHANGE_TRACKING, GraphClient, GraphConfig};
use shared::http::Http;
use shared::secrets::Secrets;
use shared::store::ObjectStore;
use shared::watch::Watch;
use webhook::{ClientStateKeys, Inbox};

use super::Queues;

/// What the pipeline stands on.
pub struct Ground {
    /// The tenant whose reports are kept.
    pub tenant_id: String,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// The archive.
    pub store: Arc<dyn ObjectStore>,
    /// Where the secrets are kept.
    pub secrets: Arc<dyn Secrets>,
    /// The id there of the key behind `clientState`.
    pub webhook_key_id: String,
    /// What encrypted notifications need, where they are taken.
    pub encryption: Option<Encryption>,
    /// Where Graph reaches the webhook.
    pub notification_url: String,
    /// What to subscribe to.
    pub watch: Watch,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What encrypted notifications need.
pub struct Encryption {
    /// The id of the secret with the certificate.
    pub key_secret_id: String,
    /// Whom their validation tokens must be for.
    pub graph: GraphConfig,
    /// How the token service's signing keys are reached.
    pub http: Arc<dyn Http>,
}

impl Ground {
    pub(super) fn inbox(&self, queues: &Queues) -> Inbox {
        let (secrets, key_id) = (self.secrets.clone(), self.webhook_key_id.clone());
        Inbox {
            tenant_id: self.tenant_id.clone(),
            keys: ClientStateKeys::new(secrets, key_id, self.clock.clone()),
            fetch_queue: queues.fetch.clone(),
            subscriptions_queue: queues.subscriptions.clone(),
            dead_letters: queues.dead_letters.clone(),
        }
    }

    pub(super) fn fetch(&self, queues: &Queues) -> fetch::Dependencies {
        fetch::Dependencies {
            tenant_id: self.tenant_id.clone(),
            graph: self.graph.clone(),
            encrypted: self.encryption.as_ref().map(|encryption| self.encrypted(encryption)),
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            archive_queue: queues.archive.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }

    fn encrypted(&self, encryption: &Encryption) -> EncryptedNotifications {
        let Encryption { key_secret_id, graph, http } = encryption;
        let (sender, clock) = (CHANGE_TRACKING.to_owned(), &self.clock);
        EncryptedNotifications {
            tokens: ValidationTokens::new(graph, sender, http.clone(), clock.clone()),
            keys: DataKeys::new(self.secrets.clone(), key_secret_id.clone(), clock.clone()),
            meetings: self.watch.meetings.clone(),
        }
    }

    pub(super) fn archive(&self, queues: &Queues) -> archive::Dependencies {
        archive::Dependencies {
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(super) fn subscriptions(&self, queues: &Queues) -> subscriptions::Dependencies {
        let encryption = self.encryption.as_ref();
        subscriptions::Dependencies {
            tenant_id: self.tenant_id.clone(),
            graph: self.graph.clone(),
            secrets: self.secrets.clone(),
            key_secret_id: self.webhook_key_id.clone(),
            notification_key_secret_id: encryption.map(|encryption| encryption.key_secret_id.clone()),
            notification_url: self.notification_url.clone(),
            watch: self.watch.clone(),
            backfill_queue: queues.backfill.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(super) fn backfill(&self, queues: &Queues) -> backfill::Dependencies {
        backfill::Dependencies {
            tenant_id: self.tenant_id.clone(),
            graph: self.graph.clone(),
            watch: self.watch.clone(),
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            backfill_queue: queues.backfill.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }
}
