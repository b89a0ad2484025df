//! The environment of a pipeline, and what each function gets of it: the one wiring of the functions.

use std::sync::Arc;

use fetch::{DataKeys, EncryptedNotifications, ValidationTokens};
use shared::graph::{CHANGE_TRACKING, GraphClient, GraphConfig};
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::http::Http;
use shared::ports::secrets::Secrets;
use shared::ports::store::ObjectStore;
use webhook::ClientStateKeys;

use crate::QueueSet;

/// Everything that the functions need beside their queues.
#[derive(Clone)]
pub struct PipelineEnv {
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
#[derive(Clone)]
pub struct Encryption {
    /// The id of the secret with the certificate.
    pub key_secret_id: String,
    /// Whom their validation tokens must be for.
    pub graph: GraphConfig,
    /// How the token service's signing keys are reached.
    pub http: Arc<dyn Http>,
}

impl PipelineEnv {
    /// What `webhook` works with.
    pub fn webhook(&self, queues: &QueueSet) -> webhook::Dependencies {
        let (secrets, key_id) = (self.secrets.clone(), self.webhook_key_id.clone());
        webhook::Dependencies {
            tenant_id: self.tenant_id.clone(),
            keys: ClientStateKeys::new(secrets, key_id, self.clock.clone()),
            fetch_queue: queues.fetch.clone(),
            subscriptions_queue: queues.subscriptions.clone(),
            dead_letters: queues.dead_letters.clone(),
        }
    }

    /// What `fetch` works with.
    pub fn fetch(&self, queues: &QueueSet) -> fetch::Dependencies {
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

    /// What `archive` works with.
    pub fn archive(&self, queues: &QueueSet) -> archive::Dependencies {
        archive::Dependencies {
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }

    /// What `subscriptions` works with.
    pub fn subscriptions(&self, queues: &QueueSet) -> subscriptions::Dependencies {
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

    /// What `backfill` works with.
    pub fn backfill(&self, queues: &QueueSet) -> backfill::Dependencies {
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
