//! The shipped functions on the simulation's ports: warm and cold execution environments.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use graph_sim::{CLIENT_ID, TENANT_ID, http_api_answer, http_api_event};
use jiff::Timestamp;
use local::{Encryption, PipelineEnv, QueueSet};
use serde_json::Value;
use shared::graph::{ClientSecret, GraphClient, GraphConfig};
use shared::lambda::deadline::TIME_TO_ANSWER;
use shared::lambda::function::Function;
use shared::memory::MemoryBudget;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::http::{Request, Response};

use crate::bucket::SimBucket;
use crate::graph::{SimClock, SimHttp, SimSecrets};
use crate::queues::SimQueue;

/// The id of the secret with the certificate that Graph encrypts for.
pub(crate) const NOTIFICATION_KEY: &str = "notification-key";

/// The memory of `archive` in bytes: enough for three small artifacts at once.
const SCARCE_MEMORY: usize = 3 * (64 << 10);

/// The queues between the functions.
pub(crate) struct Queues {
    /// The queue that `fetch` consumes.
    pub(crate) fetch: Arc<SimQueue>,
    /// The queue that `archive` consumes.
    pub(crate) archive: Arc<SimQueue>,
    /// The queue that `subscriptions` consumes.
    pub(crate) subscriptions: Arc<SimQueue>,
    /// The queue that `backfill` consumes.
    pub(crate) backfill: Arc<SimQueue>,
    /// The dead-letter queue of all functions.
    pub(crate) dead_letters: Arc<SimQueue>,
}

impl Queues {
    /// The queue that a function consumes; for `webhook`, which has none, the dead-letter queue.
    pub(crate) fn of(&self, function: Function) -> &Arc<SimQueue> {
        match function {
            Function::Webhook => &self.dead_letters,
            Function::Fetch => &self.fetch,
            Function::Archive => &self.archive,
            Function::Subscriptions => &self.subscriptions,
            Function::Backfill => &self.backfill,
        }
    }

    fn set(&self) -> QueueSet {
        QueueSet {
            fetch: self.fetch.clone(),
            archive: self.archive.clone(),
            subscriptions: self.subscriptions.clone(),
            backfill: self.backfill.clone(),
            backfill_bulk: self.backfill.clone(),
            dead_letters: self.dead_letters.clone(),
        }
    }
}

/// The ports of the functions, and their warm environments: a cold start makes a new one, and one whose
/// process is killed is not reused.
pub(crate) struct Functions {
    pub(crate) http: Arc<SimHttp>,
    pub(crate) secrets: Arc<SimSecrets>,
    pub(crate) bucket: Arc<SimBucket>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) queues: Queues,
    pub(crate) watch: Watch,
    warm: RefCell<Warm>,
}

#[derive(Default)]
struct Warm {
    webhook: Vec<Rc<webhook::Dependencies>>,
    fetch: Vec<Rc<fetch::Dependencies>>,
    archive: Vec<Rc<archive::Dependencies>>,
    subscriptions: Vec<Rc<subscriptions::Dependencies>>,
    backfill: Vec<Rc<backfill::Dependencies>>,
}

impl Functions {
    pub(crate) fn new(
        http: Arc<SimHttp>,
        secrets: Arc<SimSecrets>,
        bucket: Arc<SimBucket>,
        clock: Arc<SimClock>,
        queues: Queues,
        watch: Watch,
    ) -> Self {
        Self { http, secrets, bucket, clock, queues, watch, warm: RefCell::default() }
    }

    /// A deployment: the next invocation of each function is a cold start.
    pub(crate) fn deploy(&self) {
        self.warm.take();
    }

    /// Invokes a function with a batch, and deletes what it acknowledged.
    pub(crate) async fn invoke(&self, function: Function, event: SqsEvent) {
        let deadline = self.deadline(function);
        let response = match function {
            Function::Webhook => None,
            Function::Fetch => {
                let warm = self.warm.borrow_mut().fetch.pop();
                let environment = warm.unwrap_or_else(|| Rc::new(self.env().fetch(&self.queues.set())));
                let response = fetch::handle(&environment, event.clone(), deadline).await.ok();
                self.check_budget(&environment.graph);
                self.warm.borrow_mut().fetch.push(environment);
                response
            }
            Function::Archive => {
                let warm = self.warm.borrow_mut().archive.pop();
                let environment = warm.unwrap_or_else(|| Rc::new(self.archive()));
                let response = archive::handle(&environment, event.clone(), deadline).await.ok();
                self.warm.borrow_mut().archive.push(environment);
                response
            }
            Function::Subscriptions => {
                batch_response(self.subscriptions(serde_json::to_value(&event).unwrap_or_default()).await)
            }
            Function::Backfill => {
                batch_response(self.backfill(serde_json::to_value(&event).unwrap_or_default(), "").await)
            }
        };
        if let Some(response) = response {
            self.queues.of(function).delete_acknowledged(&event, &response).await;
        }
    }

    /// What a cold start of `archive` works with: so little memory that messages of a batch wait for each other.
    fn archive(&self) -> archive::Dependencies {
        let memory = MemoryBudget::new(SCARCE_MEMORY);
        archive::Dependencies { memory, ..self.env().archive(&self.queues.set()) }
    }

    /// Invokes `subscriptions`: by its schedule, or with a batch.
    pub(crate) async fn subscriptions(&self, event: Value) -> Option<Value> {
        let warm = self.warm.borrow_mut().subscriptions.pop();
        let environment = warm.unwrap_or_else(|| Rc::new(self.env().subscriptions(&self.queues.set())));
        let deadline = self.deadline(Function::Subscriptions);
        let response = subscriptions::handle(&environment, event, deadline).await.ok();
        self.check_budget(&environment.graph);
        self.warm.borrow_mut().subscriptions.push(environment);
        response
    }

    /// Invokes `backfill`: with a request, or with a batch.
    pub(crate) async fn backfill(&self, event: Value, run_id: &str) -> Option<Value> {
        let warm = self.warm.borrow_mut().backfill.pop();
        let environment = warm.unwrap_or_else(|| Rc::new(self.env().backfill(&self.queues.set())));
        let deadline = self.deadline(Function::Backfill);
        let response = backfill::handle(&environment, event, run_id, deadline).await.ok();
        self.check_budget(&environment.graph);
        self.warm.borrow_mut().backfill.push(environment);
        response
    }

    /// Invokes `webhook` with a request.
    pub(crate) async fn webhook(&self, request: &Request) -> Response {
        let warm = self.warm.borrow_mut().webhook.pop();
        let environment = warm.unwrap_or_else(|| Rc::new(self.env().webhook(&self.queues.set())));
        let connect = async || Ok(&*environment);
        let response =
            webhook::handle(&*self.clock, &webhook::Origin::default(), connect, http_api_event(request))
                .await;
        self.warm.borrow_mut().webhook.push(Rc::clone(&environment));
        http_api_answer(response)
    }

    /// An environment has one invocation at a time: after it no call is under way, or the next has fewer.
    fn check_budget(&self, graph: &GraphClient) {
        let under_way = graph.calls_under_way();
        if under_way > 0 {
            self.http
                .oracle
                .violation(format!("{under_way} calls to Graph are under way after their invocation"));
        }
    }

    fn deadline(&self, function: Function) -> Timestamp {
        self.clock.now() + function.timeout() - TIME_TO_ANSWER
    }

    pub(crate) fn graph_config() -> GraphConfig {
        let settings = [
            ("GRAPH_CREDENTIAL", "secret"),
            ("GRAPH_TENANT_ID", TENANT_ID),
            ("GRAPH_CLIENT_ID", CLIENT_ID),
            ("GRAPH_SECRET_ID", "graph"),
        ];
        #[expect(clippy::expect_used, reason = "the settings are the constants above")]
        let config = GraphConfig::from_env(&settings).expect("the settings are valid");
        config
    }

    /// The environment of a cold start, without a token.
    fn env(&self) -> PipelineEnv {
        let authentication = ClientSecret { secrets: self.secrets.clone(), secret_id: "graph".to_owned() };
        let config = Self::graph_config();
        PipelineEnv {
            tenant_id: TENANT_ID.to_owned(),
            graph: config.client(Box::new(authentication), self.http.clone(), self.clock.clone()),
            store: self.bucket.clone(),
            versions: None,
            secrets: self.secrets.clone(),
            webhook_key_id: "webhook-key".to_owned(),
            encryption: Some(Encryption {
                key_secret_id: NOTIFICATION_KEY.to_owned(),
                graph: config,
                http: self.http.clone(),
            }),
            notification_url: "https://rollcall.contoso.com".to_owned(),
            watch: self.watch.clone(),
            clock: self.clock.clone(),
            reads_settled: true,
            retry_units_for: backfill::RETRY_UNITS_FOR,
            ledger_pauses: backfill::LEDGER_PAUSES,
        }
    }
}

fn batch_response(response: Option<Value>) -> Option<SqsBatchResponse> {
    serde_json::from_value(response?).ok()
}
