//! For tests of `rollcall`'s commands: a deployment in memory in place of AWS.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use anyhow::{anyhow, bail};
use async_trait::async_trait;
use graph_sim::{CLIENT_ID, GraphSim, TENANT_ID};
use local::LocalPipeline;
use rollcall::deployment::{Deployment, Invoke, Settings};
use serde_json::Value;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use shared::ports::queue::QueueError;
use shared::ports::store::ObjectStore;

use crate::world::World;

/// The functions in memory, with the settings that a stack would give them.
pub(crate) struct InMemoryDeployment {
    pipeline: Arc<LocalPipeline>,
    store: Arc<dyn ObjectStore>,
    settings: BTreeMap<String, String>,
    unset: HashSet<(&'static str, &'static str)>,
    overrides: HashMap<(&'static str, &'static str), String>,
    undeployed: HashSet<&'static str>,
    lost_queues: HashSet<&'static str>,
    dead_letters: HashMap<&'static str, u64>,
}

impl InMemoryDeployment {
    pub(crate) fn of(world: &World) -> Self {
        let queue = |name: &str| format!("https://sqs/{name}");
        let mut settings: BTreeMap<String, String> = [
            ("GRAPH_TENANT_ID", TENANT_ID),
            ("GRAPH_CLIENT_ID", CLIENT_ID),
            ("GRAPH_CREDENTIAL", "federated"),
            ("WEBHOOK_KEY_SECRET_ID", "webhook-key"),
            ("NOTIFICATION_URL", "https://rollcall.contoso.com"),
            ("ARCHIVE_BUCKET", "archive"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for function in ["fetch", "archive", "subscriptions", "backfill"] {
            let name = function.to_uppercase();
            settings.insert(format!("{name}_QUEUE_URL"), queue(function));
            settings.insert(format!("{name}_DLQ_URL"), queue(&format!("{function}-dlq")));
        }
        settings.insert("BACKFILL_BULK_QUEUE_URL".to_owned(), queue("backfill-bulk"));
        Self {
            pipeline: world.pipeline.clone(),
            store: world.store.clone(),
            settings,
            unset: HashSet::new(),
            overrides: HashMap::new(),
            undeployed: HashSet::new(),
            lost_queues: HashSet::new(),
            dead_letters: HashMap::new(),
        }
    }

    pub(crate) fn unset(&mut self, function: &'static str, name: &'static str) {
        self.unset.insert((function, name));
    }

    pub(crate) fn set(&mut self, function: &'static str, name: &'static str, value: &str) {
        self.overrides.insert((function, name), value.to_owned());
        // `doctor` reads the functions in this order, and the last one's setting counts.
        for later in ["archive", "subscriptions", "backfill"] {
            self.overrides.insert((later, name), value.to_owned());
        }
    }

    pub(crate) fn undeploy(&mut self, function: &'static str) {
        self.undeployed.insert(function);
    }

    pub(crate) fn lose_queue(&mut self, name: &'static str) {
        self.lost_queues.insert(name);
    }

    pub(crate) fn add_dead_letters(&mut self, queue: &'static str, letters: u64) {
        self.dead_letters.insert(queue, letters);
    }
}

#[async_trait(?Send)]
impl Invoke for InMemoryDeployment {
    async fn invoke(&self, _: &str, request: &Value) -> anyhow::Result<Value> {
        let answer = self.pipeline.backfill(request.clone()).await;
        Ok(serde_json::to_value(answer.map_err(|error| anyhow!("{error}"))?)?)
    }
}

#[async_trait(?Send)]
impl Deployment for InMemoryDeployment {
    async fn settings(&self, function: &str) -> anyhow::Result<Settings> {
        if self.undeployed.contains(function) {
            bail!("the function rollcall-{function}: it is not deployed here");
        }
        let mut settings = self.settings.clone();
        settings.retain(|name, _| !self.unset.iter().any(|(of, unset)| *of == function && unset == name));
        let overrides = self.overrides.iter().filter(|((of, _), _)| *of == function);
        settings.extend(overrides.map(|((_, name), value)| ((*name).to_owned(), value.clone())));
        Ok(Settings(settings))
    }

    async fn messages(&self, url: &str) -> Result<u64, QueueError> {
        let name = url.rsplit('/').next().unwrap_or_default();
        if self.lost_queues.contains(name) {
            return Err(QueueError::Refused { code: "QueueDoesNotExist".to_owned() });
        }
        Ok(self.dead_letters.get(name).copied().unwrap_or_default())
    }

    fn archive(&self, _: String, _: Option<String>) -> Arc<dyn ObjectStore> {
        self.store.clone()
    }
}

/// The webhook at its host, the simulated Graph at every other.
pub(crate) struct HttpByHost {
    pipeline: Arc<LocalPipeline>,
    sim: Arc<GraphSim>,
}

impl HttpByHost {
    pub(crate) fn of(world: &World) -> Self {
        Self { pipeline: world.pipeline.clone(), sim: world.sim.clone() }
    }
}

#[async_trait]
impl Http for HttpByHost {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        match request.uri().host() {
            Some("rollcall.contoso.com") => {
                Ok(rollcall::webhook_endpoint::answer(&self.pipeline, request).await)
            }
            Some("elsewhere.contoso.com") => Err(HttpError::Connect(ConnectFailure::Refused)),
            _ => self.sim.send(request).await,
        }
    }
}
