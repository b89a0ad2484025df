//! The environment of a pipeline, and what each function gets of it: the one wiring of the functions.

use std::sync::Arc;

use backfill::manifests::ManifestStore;
use fetch::{DataKeys, EncryptedNotifications, ValidationTokens};
use jiff::SignedDuration;
use shared::archive::erasure::TombstoneReader;
use shared::backoff::Backoff;
use shared::graph::{CHANGE_TRACKING, GraphClient, GraphConfig};
use shared::lambda::watch_filter::WatchFilter;
use shared::memory::MemoryBudget;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::http::Http;
use shared::ports::secrets::Secrets;
use shared::ports::store::{ObjectStore, VersionedStore};
use webhook::ClientStateKeys;

use crate::QueueSet;

/// Everything that the functions need, but for their queues.
#[derive(Clone)]
pub struct PipelineEnv {
    /// The tenant whose reports are archived.
    pub tenant_id: String,
    /// Microsoft Graph, real or simulated, as the application sees it.
    pub graph: GraphClient,
    /// The archive: a folder, a bucket or memory.
    pub store: Arc<dyn ObjectStore>,
    /// The archive again, where manifests are written as the stack's schedule has them; `None`: they are not.
    pub versions: Option<Arc<dyn VersionedStore>>,
    /// The secrets that the functions read.
    pub secrets: Arc<dyn Secrets>,
    /// The id of the key behind `clientState` among the secrets.
    pub webhook_key_id: String,
    /// What encrypted notifications need; `None` where they are not taken.
    pub encryption: Option<Encryption>,
    /// The base address of `webhook`; `/notifications` and `/lifecycle` lie below it.
    pub notification_url: String,
    /// Which resources to subscribe to, and whose meetings `backfill` looks for.
    pub watch: Watch,
    /// The clock that all functions share.
    pub clock: Arc<dyn Clock>,
    /// Whether a reconcile reads each report once more when it has settled.
    pub reads_settled: bool,
    /// For how long a unit of `backfill` is tried whose failure may pass.
    pub retry_units_for: SignedDuration,
    /// The pauses between looks of `backfill` whether a run's other units are done.
    pub ledger_pauses: Backoff,
}

/// The id of the key of tombstones among the secrets. There need be none where nobody was erased.
pub const TOMBSTONE_KEY_ID: &str = "tombstone-key";

/// What encrypted notifications are verified and decrypted with.
#[derive(Clone)]
pub struct Encryption {
    /// The id of the certificate and its key among the secrets.
    pub key_secret_id: String,
    /// The application that their validation tokens must be for.
    pub graph: GraphConfig,
    /// How the token service's signing keys are reached.
    pub http: Arc<dyn Http>,
}

impl PipelineEnv {
    /// The dependencies of `webhook`, which sends to `queues`.
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

    /// The dependencies of `fetch`, which sends to `queues`.
    pub fn fetch(&self, queues: &QueueSet) -> fetch::Dependencies {
        fetch::Dependencies {
            tenant_id: self.tenant_id.clone(),
            graph: self.graph.clone(),
            watch_filter: WatchFilter::new(&self.watch, self.clock.clone()),
            encrypted: self.encryption.as_ref().map(|encryption| self.encrypted(encryption)),
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            archive_queue: queues.archive.clone(),
            dead_letters: queues.dead_letters.clone(),
            memory: MemoryBudget::default(),
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

    /// The dependencies of `archive`, which sends to `queues`.
    pub fn archive(&self, queues: &QueueSet) -> archive::Dependencies {
        let (key_id, clock) = (Some(TOMBSTONE_KEY_ID.to_owned()), self.clock.clone());
        archive::Dependencies {
            tombstones: TombstoneReader::new(self.store.clone(), self.secrets.clone(), key_id, clock),
            store: self.store.clone(),
            fetch_queue: queues.fetch.clone(),
            archive_queue: queues.archive.clone(),
            dead_letters: queues.dead_letters.clone(),
            memory: MemoryBudget::default(),
            clock: self.clock.clone(),
        }
    }

    /// The dependencies of `subscriptions`, which sends to `queues`.
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
            subscriptions_queue: queues.subscriptions.clone(),
            backfill_queue: queues.backfill.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
        }
    }

    /// The dependencies of `backfill`, which sends to `queues`.
    pub fn backfill(&self, queues: &QueueSet) -> backfill::Dependencies {
        backfill::Dependencies {
            tenant_id: self.tenant_id.clone(),
            graph: self.graph.clone(),
            watch: self.watch.clone(),
            watch_filter: WatchFilter::new(&self.watch, self.clock.clone()),
            store: self.store.clone(),
            manifests: self.versions.clone().map(|store| ManifestStore {
                store,
                signer: None,
                retention: None,
            }),
            fetch_queue: queues.fetch.clone(),
            archive_queue: queues.archive.clone(),
            backfill_queue: queues.backfill.clone(),
            bulk_queue: queues.backfill_bulk.clone(),
            dead_letters: queues.dead_letters.clone(),
            clock: self.clock.clone(),
            reads_settled: self.reads_settled,
            retry_units_for: self.retry_units_for,
            ledger_pauses: self.ledger_pauses,
        }
    }
}
