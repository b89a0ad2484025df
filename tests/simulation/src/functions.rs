//! The shipped functions on the simulation's ports: their environments, warm and cold.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use fetch::{DataKeys, EncryptedNotifications, ValidationTokens};
use graph_sim::{CLIENT_ID, TENANT_ID, http_api_answer, http_api_event};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::clock::Clock;
use shared::graph::{CHANGE_TRACKING, ClientSecret, GraphClient, GraphConfig};
use shared::http::{Request, Response};
use shared::watch::Watch;
use webhook::{ClientStateKeys, Inbox};

use crate::bucket::SimBucket;
use crate::graph::{SimClock, SimHttp, SimSecrets};
use crate::queues::SimQueue;

/// The secret with the certificate that Graph encrypts for.
pub(crate) const NOTIFICATION_KEY: &str = "notification-key";

/// A function with an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Function {
    /// Fetches.
    Fetch,
    /// Archives.
    Archive,
    /// Keeps the subscriptions alive.
    Subscriptions,
    /// Looks for what no notification told of.
    Backfill,
}

impl Function {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];

    /// How long an invocation may take, as deployed.
    pub(crate) fn timeout(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Fetch => 120,
            Self::Archive => 60,
            Self::Subscriptions => 300,
            Self::Backfill => 600,
        })
    }

    /// The most messages of an invocation, and the most invocations at once, as deployed.
    pub(crate) fn most(self) -> (usize, usize) {
        match self {
            Self::Fetch | Self::Archive => (5, 5),
            Self::Subscriptions => (10, 2),
            Self::Backfill => (1, 3),
        }
    }
}

/// The queues between the functions.
pub(crate) struct Queues {
    /// The inbox of `fetch`.
    pub(crate) fetch: Arc<SimQueue>,
    /// The inbox of `archive`.
    pub(crate) archive: Arc<SimQueue>,
    /// The inbox of `subscriptions`.
    pub(crate) subscriptions: Arc<SimQueue>,
    /// The inbox of `backfill`.
    pub(crate) backfill: Arc<SimQueue>,
    /// The dead letters of all.
    pub(crate) letters: Arc<SimQueue>,
}

impl Queues {
    /// The inbox of a function.
    pub(crate) fn of(&self, function: Function) -> &Arc<SimQueue> {
        match function {
            Function::Fetch => &self.fetch,
            Function::Archive => &self.archive,
            Function::Subscriptions => &self.subscriptions,
            Function::Backfill => &self.backfill,
        }
    }
}

/// What the functions stand on, and their warm environments: a cold start makes a new one, and one whose
/// process is killed never comes back.
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
    webhook: Vec<Rc<Inbox>>,
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

    /// A deployment: every environment begins anew.
    pub(crate) fn restart(&self) {
        self.warm.take();
    }

    /// Invokes a function with a batch, and deletes what it did.
    pub(crate) async fn take(&self, function: Function, event: SqsEvent) {
        let deadline = self.deadline(function);
        let answer = match function {
            Function::Fetch => {
                let environment = self.warm_fetch();
                let answer = fetch::handle(&environment, event.clone(), deadline).await.ok();
                self.warm.borrow_mut().fetch.push(environment);
                answer
            }
            Function::Archive => {
                let environment = self.warm_archive();
                let answer = archive::handle(&environment, event.clone()).await.ok();
                self.warm.borrow_mut().archive.push(environment);
                answer
            }
            Function::Subscriptions => {
                batch(self.keep_subscribed(serde_json::to_value(&event).unwrap_or_default()).await)
            }
            Function::Backfill => {
                batch(self.look_again(serde_json::to_value(&event).unwrap_or_default(), "").await)
            }
        };
        if let Some(answer) = answer {
            self.queues.of(function).settle(&event, &answer).await;
        }
    }

    /// Invokes `subscriptions`: by its schedule, or with a batch.
    pub(crate) async fn keep_subscribed(&self, event: Value) -> Option<Value> {
        let environment = self.warm.borrow_mut().subscriptions.pop();
        let environment = environment.unwrap_or_else(|| Rc::new(self.new_subscriptions()));
        let answer = subscriptions::handle(&environment, event).await.ok();
        self.warm.borrow_mut().subscriptions.push(environment);
        answer
    }

    /// Invokes `backfill`: with a request, or with a batch.
    pub(crate) async fn look_again(&self, event: Value, run_id: &str) -> Option<Value> {
        let environment = self.warm.borrow_mut().backfill.pop();
        let environment = environment.unwrap_or_else(|| Rc::new(self.new_backfill()));
        let deadline = self.deadline(Function::Backfill);
        let answer = backfill::handle(&environment, event, run_id, deadline).await.ok();
        self.warm.borrow_mut().backfill.push(environment);
        answer
    }

    /// Invokes `webhook` with a request of Graph's.
    pub(crate) async fn notify(&self, request: &Request) -> Response {
        let environment = self.warm.borrow_mut().webhook.pop();
        let environment = environment.unwrap_or_else(|| Rc::new(self.new_inbox()));
        let open = async || Ok(&*environment);
        let answer = webhook::handle(&*self.clock, open, http_api_event(request)).await;
        self.warm.borrow_mut().webhook.push(Rc::clone(&environment));
        http_api_answer(answer)
    }

    fn deadline(&self, function: Function) -> Timestamp {
        self.clock.now() + function.timeout() - SignedDuration::from_secs(2)
    }

    fn graph_config() -> GraphConfig {
        let settings = [
            ("GRAPH_CREDENTIAL", "secret"),
            ("GRAPH_TENANT_ID", TENANT_ID),
            ("GRAPH_CLIENT_ID", CLIENT_ID),
            ("GRAPH_SECRET_ID", "graph"),
        ];
        #[expect(clippy::expect_used, reason = "the settings stand above")]
        let config = GraphConfig::from_env(&settings).expect("settings that are good");
        config
    }

    fn graph(&self) -> GraphClient {
        let authentication = ClientSecret { secrets: self.secrets.clone(), secret_id: "graph".to_owned() };
        Self::graph_config().client(Box::new(authentication), self.http.clone(), self.clock.clone())
    }

    fn new_inbox(&self) -> Inbox {
        Inbox {
            tenant_id: TENANT_ID.to_owned(),
            keys: ClientStateKeys::new(self.secrets.clone(), "webhook-key".to_owned(), self.clock.clone()),
            fetch_queue: self.queues.fetch.clone(),
            subscriptions_queue: self.queues.subscriptions.clone(),
            dead_letters: self.queues.letters.clone(),
        }
    }

    fn warm_fetch(&self) -> Rc<fetch::Dependencies> {
        let warm = self.warm.borrow_mut().fetch.pop();
        warm.unwrap_or_else(|| {
            Rc::new(fetch::Dependencies {
                tenant_id: TENANT_ID.to_owned(),
                graph: self.graph(),
                encrypted: Some(self.encrypted()),
                store: self.bucket.clone(),
                fetch_queue: self.queues.fetch.clone(),
                archive_queue: self.queues.archive.clone(),
                dead_letters: self.queues.letters.clone(),
                clock: self.clock.clone(),
            })
        })
    }

    fn encrypted(&self) -> EncryptedNotifications {
        let (http, clock) = (self.http.clone(), self.clock.clone());
        EncryptedNotifications {
            tokens: ValidationTokens::new(
                &Self::graph_config(),
                CHANGE_TRACKING.to_owned(),
                http,
                clock.clone(),
            ),
            keys: DataKeys::new(self.secrets.clone(), NOTIFICATION_KEY.to_owned(), clock),
            meetings: self.watch.meetings.clone(),
        }
    }

    fn warm_archive(&self) -> Rc<archive::Dependencies> {
        let warm = self.warm.borrow_mut().archive.pop();
        warm.unwrap_or_else(|| {
            Rc::new(archive::Dependencies {
                store: self.bucket.clone(),
                fetch_queue: self.queues.fetch.clone(),
                dead_letters: self.queues.letters.clone(),
                clock: self.clock.clone(),
            })
        })
    }

    fn new_subscriptions(&self) -> subscriptions::Dependencies {
        subscriptions::Dependencies {
            tenant_id: TENANT_ID.to_owned(),
            graph: self.graph(),
            secrets: self.secrets.clone(),
            key_secret_id: "webhook-key".to_owned(),
            notification_key_secret_id: Some(NOTIFICATION_KEY.to_owned()),
            notification_url: "https://rollcall.contoso.com".to_owned(),
            watch: self.watch.clone(),
            backfill_queue: self.queues.backfill.clone(),
            dead_letters: self.queues.letters.clone(),
            clock: self.clock.clone(),
        }
    }

    fn new_backfill(&self) -> backfill::Dependencies {
        backfill::Dependencies {
            tenant_id: TENANT_ID.to_owned(),
            graph: self.graph(),
            watch: self.watch.clone(),
            store: self.bucket.clone(),
            fetch_queue: self.queues.fetch.clone(),
            backfill_queue: self.queues.backfill.clone(),
            dead_letters: self.queues.letters.clone(),
            clock: self.clock.clone(),
        }
    }
}

fn batch(answer: Option<Value>) -> Option<SqsBatchResponse> {
    serde_json::from_value(answer?).ok()
}
