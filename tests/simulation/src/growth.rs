//! What a run, a night and its ledger cost, by counted calls, for tenants of any size: straight lines, or a bug.
//!
//! The functions run on queues and a bucket in memory, one invocation after the other, on a clock that jumps ahead: a call
//! of Graph takes 200 ms and a request of S3 30 ms of its time, and what the machine itself takes is not counted.

mod bucket;
mod estimate;
mod table;
mod tenant;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use backfill::Summary;
use graph_sim::{CLIENT_SECRET, PausedClock, TENANT_ID};
use local::{LocalPipeline, MemorySecrets, PipelineEnv};
use serde_json::{Value, json};
use shared::graph::ClientSecret;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::function::Function;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};
use shared::ports::secrets::Stage;
use tokio::runtime::Builder;

use crate::functions::Functions;
use bucket::Bucket;
pub use estimate::tenant_table;
pub use table::growth_table;
use tenant::{Tenant, call_id};

/// The steps, in the order in which they are counted.
pub const STEPS: [&str; 4] = ["first backfill", "notified", "reconcile", "ledger"];

/// What was counted in the steps of a tenant with so many meetings.
#[derive(Debug, Clone)]
pub struct Growth {
    /// How many meetings have ended on one day. One in ten has no report.
    pub meetings: usize,
    /// What each of [`STEPS`] took.
    pub steps: Vec<Counts>,
}

/// What a step took.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// The calls of Graph, by what they ask for.
    pub graph: BTreeMap<&'static str, usize>,
    /// The requests of S3, by their kinds.
    pub s3: BTreeMap<&'static str, usize>,
    /// The work of each function, by its name.
    pub functions: BTreeMap<&'static str, Work>,
    /// How many bytes the largest part or ledger's object has.
    pub largest: usize,
}

/// What the invocations of a function took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// How many invocations there were.
    pub invocations: usize,
    /// How many messages they took, each as often as it came.
    pub messages: usize,
    /// How many seconds they waited for Graph and S3, all together.
    pub seconds: f64,
}

impl Counts {
    /// All calls, requests and messages: what must be a straight line.
    pub fn totals(&self) -> [usize; 3] {
        let messages = self.functions.values().map(|work| work.messages).sum();
        [self.graph.values().sum(), self.s3.values().sum(), messages]
    }
}

/// Counts what the steps take in a tenant in which `meetings` have ended on one day.
///
/// # Errors
/// A run ends without its ledger, or the ledger does not list every report.
pub fn growth(meetings: usize) -> anyhow::Result<Growth> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut found = Deployment::new(meetings);
        let backfill = found.run(json!({"since": "2026-02-01"})).await?;
        let mut notified = Deployment::new(meetings);
        let steps = vec![
            backfill,
            notified.notify(meetings).await?,
            notified.run(json!({"reconcile": true, "days": 3})).await?,
            notified.run(json!({"audit": true, "days": 8, "schedule": "nightly"})).await?,
        ];
        Ok(Growth { meetings, steps })
    })
}

/// The functions, deployed for a tenant, and how many reports it has.
struct Deployment {
    clock: Arc<PausedClock>,
    tenant: Arc<Tenant>,
    bucket: Arc<Bucket>,
    pipeline: LocalPipeline,
    reports: usize,
}

impl Deployment {
    fn new(meetings: usize) -> Self {
        let clock = Arc::new(PausedClock::default());
        let tenant = Arc::new(Tenant::new(meetings, clock.clone()));
        let bucket = Arc::new(Bucket::new(clock.clone()));
        let secrets = Arc::new(MemorySecrets::default().with("graph", Stage::Current, CLIENT_SECRET));
        let authentication = ClientSecret { secrets: secrets.clone(), secret_id: "graph".to_owned() };
        let env = PipelineEnv {
            tenant_id: TENANT_ID.to_owned(),
            graph: Functions::graph_config().client(Box::new(authentication), tenant.clone(), clock.clone()),
            store: bucket.clone(),
            versions: None,
            secrets,
            webhook_key_id: "webhook-key".to_owned(),
            encryption: None,
            notification_url: "https://rollcall.contoso.com".to_owned(),
            watch: Watch::default(),
            clock: clock.clone(),
            reads_settled: true,
            retry_units_for: backfill::RETRY_UNITS_FOR,
            ledger_pauses: backfill::LEDGER_PAUSES,
        };
        let reports = meetings - meetings.div_ceil(tenant::WITHOUT_REPORT);
        Self { clock, tenant, bucket, pipeline: LocalPipeline::new(&env), reports }
    }

    /// Tells `fetch` of the calls of all meetings, as the webhook does.
    async fn notify(&mut self, meetings: usize) -> anyhow::Result<Counts> {
        let before = self.counted();
        let now = self.clock.now();
        let job =
            |number| FetchJob::new(FetchTarget::CallRecord { id: call_id(number) }, Cause::Notification, now);
        let messages = (0..meetings).map(|number| OutgoingMessage::new(job(number).to_message()));
        self.pipeline.queues.fetch.send(messages.collect()).await?;
        let functions = self.run_until_idle().await?;
        Ok(Counts { functions, ..self.counted() }.since(&before))
    }

    /// Runs `backfill` with a request, and all that follows from it.
    async fn run(&mut self, request: Value) -> anyhow::Result<Counts> {
        let before = self.counted();
        let accepted = self.pipeline.backfill(request).await?;
        let functions = self.run_until_idle().await?;
        let counts = Counts { functions, ..self.counted() }.since(&before);
        let archived = self.bucket.count("reports/");
        ensure!(archived == self.reports, "{archived} reports are archived of {}", self.reports);
        if let Some(ledger) = accepted.ledger {
            let summary = Summary::of(&*self.bucket, &ledger).await?;
            let listed = summary.map(|summary| summary.totals.reports);
            ensure!(listed == Some(self.reports as u64), "{listed:?} reports of {} are listed", self.reports);
        }
        Ok(counts)
    }

    /// Invokes the functions until nothing is left to do, and gives the work of each.
    async fn run_until_idle(&self) -> anyhow::Result<BTreeMap<&'static str, Work>> {
        // What is found is fetched before more is looked for, so that no queue is long.
        let order = [Function::Archive, Function::Fetch, Function::Backfill];
        let mut functions = BTreeMap::<_, Work>::new();
        'again: loop {
            for function in order {
                let began = self.clock.now();
                let messages = self.pipeline.invoke_counted(function).await?;
                if messages > 0 {
                    let work = functions.entry(function.name()).or_default();
                    work.invocations += 1;
                    work.messages += messages;
                    work.seconds += self.clock.now().duration_since(began).as_secs_f64();
                    continue 'again;
                }
            }
            let Some(next) = self.pipeline.next_visible_at(&order) else { break };
            self.clock
                .sleep(Duration::try_from(next.duration_since(self.clock.now())).unwrap_or_default())
                .await;
        }
        let dead = self.pipeline.queues.dead_letters.messages().len();
        ensure!(dead == 0, "{dead} dead letters");
        Ok(functions)
    }

    fn counted(&self) -> Counts {
        let (graph, s3) = (self.tenant.calls(), self.bucket.requests());
        Counts { graph, s3, largest: self.bucket.take_largest(), ..Counts::default() }
    }
}

impl Counts {
    fn since(mut self, before: &Self) -> Self {
        for (now, before) in [(&mut self.graph, &before.graph), (&mut self.s3, &before.s3)] {
            now.iter_mut().for_each(|(kind, count)| *count -= before.get(kind).copied().unwrap_or_default());
        }
        self
    }
}
