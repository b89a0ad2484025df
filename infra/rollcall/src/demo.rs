//! `rollcall demo`: the whole pipeline on this machine.
//!
//! Real are the functions' own handlers, HTTP in both directions and the files in the folder.
//! Simulated is Microsoft Graph; in memory are the queues; and the clock skips the waits.

mod clock;
mod folder;
mod invented;
mod outcome;
mod output;
mod register;
mod scenarios;
mod training;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use backfill::{Summary, Unaccounted};
use graph_sim::{CLIENT_ID, CLIENT_SECRET, GraphSim, TENANT_ID};
use local::{FolderStore, LocalPipeline, MemorySecrets, PipelineEnv};
use serde_json::json;
use shared::graph::{ClientSecret, GraphConfig};
use shared::lambda::function::Function;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::http::HttpClient;
use shared::ports::secrets::Stage;
use tokio::net::TcpListener;

use crate::cli::DemoOptions;
use crate::terminal::print_stdout;
use crate::webhook_endpoint;
use clock::SkippingClock;
use outcome::{Audited, WatchedStore};
use output::DemoOutput;
use scenarios::{Notification, Scenario, ScenarioStep};
use training::Training;

/// With more extra meetings than this the steps are not printed.
const MOST_PRINTED: u32 = 20;
/// The functions that run after each scenario; `backfill` runs at the end.
const AT_ONCE: [Function; 3] = [Function::Fetch, Function::Archive, Function::Subscriptions];
/// The ids of the demo's secrets.
const GRAPH_SECRET_ID: &str = "graph";
const WEBHOOK_KEY_ID: &str = "webhook-key";
/// The key behind `clientState`: the demo's own, of no use elsewhere.
const WEBHOOK_KEY: &str = "the demo's key";

/// The demo: the pipeline, the simulated Graph, the folder, and what is printed.
struct Demo {
    clock: Arc<SkippingClock>,
    sim: Arc<GraphSim>,
    pipeline: Arc<LocalPipeline>,
    store: Arc<WatchedStore>,
    output: DemoOutput,
}

/// Runs `rollcall demo`: plays the scenarios, and compares the archive with what the simulated Graph served.
///
/// # Errors
/// A sentence about what is wrong with the machine or the folder.
pub async fn run(options: &DemoOptions) -> anyhow::Result<ExitCode> {
    let clock = Arc::new(SkippingClock::default());
    let training = Training::before(clock.now())?;
    let roster = folder::prepare(&options.to, &training.roster())?;
    let are_printed = options.meetings <= MOST_PRINTED && !options.json;
    let output = if are_printed { DemoOutput::steps(&clock) } else { DemoOutput::Bar };
    let demo = Demo::start(&options.to, clock, output).await?;
    let scenarios = scenarios::all(&demo.sim, demo.clock.now(), &training, options)?;
    demo.output.heading("Graph is asked for notifications: it tries the webhook first, then agrees");
    demo.pipeline.keep_subscriptions().await?;
    let bar = demo.output.bar(demo.sim.reports().len());
    for scenario in &scenarios {
        demo.play(scenario).await?;
        bar.set_position(demo.store.archived_count());
    }
    demo.finish(&AT_ONCE, "What had to wait").await?;
    demo.finish(&Function::WITH_QUEUE, "backfill looks through the times without a subscription").await?;
    let ledger = demo.audit().await?;
    bar.finish_and_clear();
    let outcome = outcome::of(&demo.sim, &demo.store, &demo.pipeline, &options.to, &ledger)?;
    if !options.json {
        outcome.print(&demo.sim, &demo.store, &ledger).await?;
    }
    register::write(&options.to, &roster, options.json).await?;
    match options.json {
        true => print_stdout(&outcome.json(&options.to, &roster, &ledger).to_string()),
        false => outcome::tell_where(&options.to, &roster)?,
    }
    Ok(if outcome.is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Demo {
    async fn start(folder: &Path, clock: Arc<SkippingClock>, output: DemoOutput) -> anyhow::Result<Self> {
        let http = Arc::new(HttpClient::new()?);
        let sim = Arc::new(GraphSim::new(clock.clone(), http.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port is free on 127.0.0.1")?;
        let graph_url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(graph_sim::serve(Arc::clone(&sim), listener));
        let webhook_listener =
            TcpListener::bind("127.0.0.1:0").await.context("no port is free on 127.0.0.1")?;
        let notification_url = format!("http://{}", webhook_listener.local_addr()?);
        let config = GraphConfig::from_env(&[
            ("GRAPH_CREDENTIAL", "secret"),
            ("GRAPH_TENANT_ID", TENANT_ID),
            ("GRAPH_CLIENT_ID", CLIENT_ID),
            ("GRAPH_SECRET_ID", GRAPH_SECRET_ID),
            ("GRAPH_URL", &graph_url),
            ("LOGIN_URL", &graph_url),
        ])?;
        let secrets = MemorySecrets::default().with(GRAPH_SECRET_ID, Stage::Current, CLIENT_SECRET).with(
            WEBHOOK_KEY_ID,
            Stage::Current,
            WEBHOOK_KEY,
        );
        let secrets = Arc::new(secrets);
        let authentication = ClientSecret { secrets: secrets.clone(), secret_id: GRAPH_SECRET_ID.to_owned() };
        let store = Arc::new(WatchedStore::new(FolderStore::open(folder)?, clock.clone()));
        let pipeline = LocalPipeline::new(&PipelineEnv {
            tenant_id: TENANT_ID.to_owned(),
            graph: config.client(Box::new(authentication), http.clone(), clock.clone()),
            store: store.clone(),
            versions: None,
            secrets,
            webhook_key_id: WEBHOOK_KEY_ID.to_owned(),
            encryption: None,
            notification_url,
            watch: Watch::default(),
            clock: clock.clone(),
            reads_settled: true,
            retry_units_for: backfill::RETRY_UNITS_FOR,
            ledger_pauses: backfill::LEDGER_PAUSES,
        });
        let pipeline = Arc::new(pipeline);
        tokio::spawn(webhook_endpoint::serve(Arc::clone(&pipeline), webhook_listener));
        Ok(Self { clock, sim, pipeline, store, output })
    }

    /// Plays the steps of a scenario, and runs the pipeline until only waiting is left.
    async fn play(&self, scenario: &Scenario) -> anyhow::Result<()> {
        self.output.heading(&scenario.title);
        for step in &scenario.steps {
            match step {
                ScenarioStep::Notified(notification) => self.notify(notification).await?,
                ScenarioStep::Created(event) => {
                    self.sim.add_event(event.clone());
                    self.notify(&scenarios::created(event)).await?;
                    self.pipeline.run(&AT_ONCE).await?;
                }
                ScenarioStep::Forgotten(resource) => {
                    self.sim.forget_subscriptions_to(resource);
                    self.pipeline.keep_subscriptions().await?;
                }
            }
        }
        self.pipeline.run(&AT_ONCE).await
    }

    async fn notify(&self, notification: &Notification) -> anyhow::Result<()> {
        let Notification { resource, odata_id, odata_type } = notification;
        let answers = self.sim.notify(resource, odata_id, odata_type).await?;
        ensure!(!answers.is_empty(), "nobody is subscribed to {resource}");
        for status in answers {
            ensure!(status == 202, "the webhook answered {status} to a notification");
        }
        Ok(())
    }

    /// Runs `functions`, and skips their waits, until they have no more messages.
    async fn finish(&self, functions: &[Function], title: &str) -> anyhow::Result<()> {
        self.output.heading(title);
        self.pipeline.run(functions).await?;
        while let Some(next) = self.pipeline.next_visible_at(functions) {
            let seconds = self.clock.skip_to(next).as_secs_f64().round();
            if seconds > 0.0 {
                self.output.line(&format!("… {seconds} s later"));
            }
            self.pipeline.run(functions).await?;
        }
        Ok(())
    }

    /// The ledger: what Graph lists against what the archive has.
    async fn audit(&self) -> anyhow::Result<Audited> {
        let accepted =
            self.pipeline.backfill(json!({"audit": true, "from": ["callRecords", "virtualEvents"]})).await?;
        self.finish(&Function::WITH_QUEUE, "An audit: what Graph lists against what the archive has").await?;
        let key = accepted.ledger.context("the audit keeps no ledger")?;
        let none = "the audit wrote no ledger";
        let summary = Summary::of(&*self.store, &key).await?.context(none)?;
        let unaccounted = Unaccounted::in_ledger(&*self.store, &key).await?.context(none)?;
        Ok(Audited { summary, unaccounted })
    }
}
