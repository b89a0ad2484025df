//! The world of a test: the simulated Graph, the pipeline, the archive, and a clock that jumps over waits.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use graph_sim::{CLIENT_ID, CLIENT_SECRET, Call, GraphSim, Meeting, PausedClock, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use local::{Encryption, LocalPipeline, MemorySecrets, MemoryStore, PipelineEnv};
use serde_json::{Value, json};
use shared::graph::{ClientSecret, ClientStateKey, ClientStateScope, GraphConfig};
use shared::lambda::function::Function;
use shared::model::{EventRef, ReportSource, ResourceKind, Watch};
use shared::ports::clock::Clock;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use shared::ports::queue::OutgoingMessage;
use shared::ports::secrets::Stage;
use shared::ports::store::{Condition, NewObject, ObjectStore, PutResult};

use crate::faults::FaultyStore;
use crate::logs_hold_no_personal_data::{assert_lines_are_clean, capture_lines};
use crate::metrics::capture_metrics;

pub(crate) const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
pub(crate) const WEBHOOK_KEY: &str = "a key that nobody else has";

/// Everything that a test touches. When it ends, the queues must be empty, and the test must have read every
/// dead letter.
pub(crate) struct World {
    pub(crate) sim: Arc<GraphSim>,
    pub(crate) pipeline: Arc<LocalPipeline>,
    pub(crate) secrets: Arc<MemorySecrets>,
    pub(crate) objects: Arc<MemoryStore>,
    pub(crate) store: Arc<FaultyStore>,
    pub(crate) clock: Arc<PausedClock>,
    /// Those that are invoked: all, unless a test reads the queue of one of them.
    pub(crate) functions: Vec<Function>,
    pub(crate) env: PipelineEnv,
    webhook_endpoint: Arc<WebhookEndpoint>,
    dead_letters_seen: Mutex<usize>,
}

impl World {
    /// A tenant without anything in it. The test must run with tokio's time paused.
    pub(crate) fn new() -> Self {
        Self::with_secrets(secrets())
    }

    pub(crate) fn with_secrets(secrets: MemorySecrets) -> Self {
        Self::watching(Watch::default(), secrets)
    }

    /// A tenant in which `watch` is watched.
    pub(crate) fn watching(watch: Watch, secrets: MemorySecrets) -> Self {
        capture_lines();
        capture_metrics();
        let clock = Arc::new(PausedClock::default());
        let webhook_endpoint = Arc::new(WebhookEndpoint::default());
        let sim = Arc::new(GraphSim::new(clock.clone(), webhook_endpoint.clone()));
        let objects = Arc::new(MemoryStore::default());
        let store = Arc::new(FaultyStore::new(objects.clone()));
        let secrets = Arc::new(secrets);
        let authentication = ClientSecret { secrets: secrets.clone(), secret_id: "graph".to_owned() };
        let env = PipelineEnv {
            tenant_id: TENANT_ID.to_owned(),
            graph: graph_config().client(Box::new(authentication), sim.clone(), clock.clone()),
            store: store.clone(),
            versions: Some(objects.clone()),
            secrets: secrets.clone(),
            webhook_key_id: "webhook-key".to_owned(),
            encryption: Some(Encryption {
                key_secret_id: "notification-key".to_owned(),
                graph: graph_config(),
                http: sim.clone(),
            }),
            watch,
            notification_url: "https://rollcall.contoso.com".to_owned(),
            clock: clock.clone(),
            reads_settled: true,
            retry_units_for: backfill::RETRY_UNITS_FOR,
            ledger_pauses: backfill::LEDGER_PAUSES,
        };
        let pipeline = Arc::new(LocalPipeline::new(&env));
        webhook_endpoint.connect(&pipeline);
        let dead_letters_seen = Mutex::default();
        let functions = Function::WITH_QUEUE.to_vec();
        Self {
            sim,
            pipeline,
            functions,
            env,
            webhook_endpoint,
            secrets,
            objects,
            store,
            clock,
            dead_letters_seen,
        }
    }

    /// The same, where no reconcile reads reports again that have settled.
    pub(crate) fn without_settled_reads(mut self) -> Self {
        self.env.reads_settled = false;
        self.restart();
        self
    }

    /// The same, where nothing invokes `backfill`: the test reads its queue.
    pub(crate) fn without_backfill(mut self) -> Self {
        self.functions.retain(|function| *function != Function::Backfill);
        self
    }

    /// From now on every function calls this version of Graph.
    pub(crate) fn calls(&mut self, version: &str) {
        if version == "beta" {
            self.env.graph = self.env.graph.in_beta();
            self.restart();
        }
    }

    /// Restarts every function, as after a deployment; only the messages are still there.
    pub(crate) fn restart(&mut self) {
        let queues = self.pipeline.queues.clone();
        self.pipeline = Arc::new(LocalPipeline::with_queues(&self.env, queues));
        self.webhook_endpoint.connect(&self.pipeline);
    }

    /// Posts notifications to the webhook, each with a genuine `clientState`; answers the status.
    pub(crate) async fn notify(&self, items: Vec<Value>) -> i64 {
        self.post(&signed(items)).await.status_code
    }

    /// Posts a body to the webhook.
    pub(crate) async fn post(&self, body: &str) -> ApiGatewayV2httpResponse {
        self.pipeline.notify(post("/notifications", "", body)).await
    }

    /// Runs the pipeline, advancing the clock to each next visible message, until all queues are empty.
    pub(crate) async fn run_until_idle(&self) {
        self.pipeline.run(&self.functions).await.unwrap();
        while let Some(next) = self.pipeline.next_visible_at(&self.functions) {
            let wait = Duration::try_from(next.duration_since(self.clock.now())).unwrap_or_default();
            tokio::time::advance(wait).await;
            self.pipeline.run(&self.functions).await.unwrap();
        }
    }

    /// Deletes the messages, and takes the dead letters for seen: the test is not about them.
    pub(crate) fn discard_messages(&self) {
        for queue in [&self.pipeline.queues.fetch, &self.pipeline.queues.subscriptions] {
            while let Some(event) = queue.receive(100) {
                queue.delete_acknowledged(&event, &Default::default());
            }
        }
        self.dead_letters();
    }

    /// The keys in the archive below `prefix`.
    pub(crate) fn keys(&self, prefix: &str) -> Vec<String> {
        self.objects.keys().into_iter().filter(|key| key.starts_with(prefix)).collect()
    }

    /// The text of the object at `key`.
    pub(crate) async fn text(&self, key: &str) -> String {
        let object = self.objects.get(key).await.unwrap().unwrap_or_else(|| panic!("no object at {key}"));
        String::from_utf8(object.body.into()).unwrap()
    }

    /// The metadata of the object at `key`.
    pub(crate) async fn metadata(&self, key: &str) -> shared::ports::store::Metadata {
        self.objects.head(key).await.unwrap().unwrap().metadata
    }

    /// The text of the only report in the archive.
    pub(crate) async fn only_report(&self) -> String {
        let keys = self.keys("reports/");
        assert_eq!(keys.len(), 1, "{keys:?}");
        self.text(&keys[0]).await
    }

    /// The dead letters, which the test expects.
    pub(crate) fn dead_letters(&self) -> Vec<OutgoingMessage> {
        let letters = self.pipeline.queues.dead_letters.messages();
        *self.dead_letters_seen.lock().unwrap() = letters.len();
        letters
    }

    /// The outcomes of the dead letters, which the test expects.
    pub(crate) fn dead_outcomes(&self) -> Vec<String> {
        let outcome = |letter: OutgoingMessage| {
            letter.attributes.into_iter().find(|(name, _)| *name == "outcome").map(|(_, value)| value)
        };
        self.dead_letters().into_iter().filter_map(outcome).collect()
    }

    /// A meeting whose session of half an hour ends now, with a call record and a report.
    pub(crate) fn meeting_ended(&self, id: &str, attendees: usize) -> SimReport {
        let meeting = Meeting {
            organizer_id: ORGANIZER.to_owned(),
            meeting_id: id.to_owned(),
            join_web_url: join_web_url(id),
        };
        let report = self.report(meeting.source(), &format!("report-{id}"), attendees);
        self.sim.add_call(call(id, id, report.start, self.clock.now()));
        self.sim.add_meeting(meeting);
        self.sim.add_report(report.clone());
        report
    }

    /// A report of a session of half an hour that ends now; it is not in Graph yet.
    pub(crate) fn report(&self, source: ReportSource, id: &str, attendees: usize) -> SimReport {
        let end = self.clock.now();
        let start = end - SignedDuration::from_mins(30);
        SimReport::ended(source, id, attendees, start, end)
    }

    /// A webinar's report, in Graph, whose answer is `raw` where that is given.
    pub(crate) fn webinar_report(&self, id: &str, raw: Option<&str>) -> SimReport {
        let report = SimReport { raw: raw.map(str::to_owned), ..self.report(webinar(), id, 3) };
        self.sim.add_report(report.clone());
        report
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let waiting = self.pipeline.next_visible_at(&self.functions);
        assert_eq!(waiting, None, "the test left messages in the queues");
        assert_lines_are_clean();
        let seen = *self.dead_letters_seen.lock().unwrap();
        assert_eq!(
            self.pipeline.queues.dead_letters.messages().len(),
            seen,
            "the test left dead letters unseen"
        );
    }
}

/// The secrets of a deployment.
pub(crate) fn secrets() -> MemorySecrets {
    let secrets = MemorySecrets::default().with("graph", Stage::Current, CLIENT_SECRET);
    secrets.with("webhook-key", Stage::Current, WEBHOOK_KEY)
}

pub(crate) fn graph_config() -> GraphConfig {
    let settings = [
        ("GRAPH_CREDENTIAL", "secret"),
        ("GRAPH_TENANT_ID", TENANT_ID),
        ("GRAPH_CLIENT_ID", CLIENT_ID),
        ("GRAPH_SECRET_ID", "graph"),
    ];
    GraphConfig::from_env(&settings).unwrap()
}

fn join_web_url(meeting: &str) -> String {
    format!("https://teams.microsoft.com/l/meetup-join/19%3a{meeting}%40thread.v2/0?context=%7b%7d")
}

/// The call `call-{id}` of a meeting.
pub(crate) fn call(id: &str, meeting: &str, start: Timestamp, end: Timestamp) -> Call {
    Call {
        id: format!("call-{id}"),
        join_web_url: Some(join_web_url(meeting)),
        organizer: Some((ORGANIZER.to_owned(), TENANT_ID.to_owned())),
        start,
        end,
    }
}

pub(crate) fn webinar() -> ReportSource {
    ReportSource::Webinar { webinar_id: "w-1@contoso".into(), session_id: "s-1".into() }
}

/// The body of a POST with these notifications, each with a genuine `clientState`.
pub(crate) fn signed(items: Vec<Value>) -> String {
    signed_with(items, &Value::Null)
}

/// The same, with validation tokens.
pub(crate) fn signed_with(items: Vec<Value>, validation_tokens: &Value) -> String {
    let signed = items.into_iter().map(|mut item| {
        item["clientState"] = json!(client_state(WEBHOOK_KEY, kind_of(&item.to_string())));
        item["tenantId"] = json!(TENANT_ID);
        item
    });
    json!({"value": signed.collect::<Vec<_>>(), "validationTokens": validation_tokens}).to_string()
}

/// The `clientState` of a subscription to this kind of resource, signed with `key`.
pub(crate) fn client_state(key: &str, kind: ResourceKind) -> String {
    let end = Timestamp::constant(1_900_000_000, 0);
    let scope = ClientStateScope { tenant_id: TENANT_ID.to_owned(), kind, end };
    ClientStateKey::new(&key.to_owned().into()).sign([1; 16], &scope)
}

impl World {
    /// Graph was asked just now what it says of `source`, so that it is not asked again.
    pub(crate) async fn was_asked_for_event(&self, source: &ReportSource) {
        for event in EventRef::of_source(source) {
            let asked_at = [("asked-at".to_owned(), self.clock.now().to_string())].into();
            let note = NewObject::new(String::new(), "application/json", asked_at);
            let key = shared::archive::layout::asked_for_event(&event.path());
            assert_eq!(self.objects.put(&key, note, Condition::Always).await, Ok(PutResult::Stored));
        }
    }
}

/// The kind of resource that notifications are of.
pub(crate) fn kind_of(items: &str) -> ResourceKind {
    let has = |text: &str| items.contains(text);
    match () {
        () if has("encryptedContent") => ResourceKind::MeetingCalls,
        () if has("callRecord") => ResourceKind::CallRecords,
        () if has("ttendanceReport") => ResourceKind::Reports,
        () if has("egistration") => ResourceKind::Registrations,
        () => ResourceKind::VirtualEvents,
    }
}

/// The notification of a call that ended.
pub(crate) fn call_ended(meeting: &str) -> Value {
    let id = format!("call-{meeting}");
    json!({
        "changeType": "created",
        "resource": format!("communications/callRecords/{id}"),
        "resourceData": {"@odata.type": "#Microsoft.Graph.callRecord", "@odata.id": format!("communications/callRecords/{id}"), "id": id},
    })
}

/// The notification of a webinar's or town hall's report.
pub(crate) fn report_ready(report: &SimReport) -> Value {
    let path =
        format!("{}/attendanceReports/{}", report.source.path(), shared::model::encode_segment(&report.id));
    json!({
        "changeType": "created",
        "resource": "solutions/virtualEvents/webinars/w-1@contoso/getAttendanceReports",
        "resourceData": {"@odata.type": "#microsoft.graph.meetingAttendanceReport", "@odata.id": path, "id": report.id},
    })
}

/// A POST as HTTP API hands it to the function.
pub(crate) fn post(path: &str, query: &str, body: &str) -> ApiGatewayV2httpRequest {
    let mut request = ApiGatewayV2httpRequest::default();
    request.raw_path = Some(path.to_owned());
    request.raw_query_string = Some(query.to_owned());
    request.request_context.http.method = http::Method::POST;
    request.body = Some(body.to_owned());
    request
}

/// The endpoint of the webhook, in process: what Graph posts is handed to its handler.
#[derive(Default)]
struct WebhookEndpoint(Mutex<Weak<LocalPipeline>>);

impl WebhookEndpoint {
    fn connect(&self, pipeline: &Arc<LocalPipeline>) {
        *self.0.lock().unwrap() = Arc::downgrade(pipeline);
    }
}

#[async_trait]
impl Http for WebhookEndpoint {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let pipeline = self.0.lock().unwrap().upgrade().ok_or(HttpError::Connect(ConnectFailure::Refused))?;
        Ok(rollcall::webhook_endpoint::answer(&pipeline, request).await)
    }
}

/// A network without any host: each connection is refused.
pub(crate) struct NoNetwork;

#[async_trait]
impl Http for NoNetwork {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::Connect(ConnectFailure::Refused))
    }
}
