//! `rollcall demo`: the whole pipeline on this machine.
//!
//! Real are the functions' own handlers, HTTP in both directions and the files in the folder.
//! Simulated is Microsoft Graph; in memory are the queues; and the clock skips the waits.

mod clock;
mod narration;
mod outcome;
mod scenes;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use backfill::Summary;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, GraphSim, TENANT_ID};
use serde_json::json;
use shared::clock::Clock;
use shared::graph::{ClientSecret, GraphConfig};
use shared::http::HttpClient;
use shared::secrets::{MemorySecrets, Stage};
use shared::store::FolderStore;
use shared::watch::Watch;
use tokio::net::TcpListener;

use crate::cli::DemoOptions;
use crate::door;
use crate::local::{Function, Ground, LocalPipeline};
use clock::SkippingClock;
use narration::Narrator;
use outcome::WatchedStore;
use scenes::{Act, Notification, Scene};

/// More scenes than this are not told one by one.
const MOST_TOLD: u32 = 20;
/// What is told first; `backfill` looks again at the end.
const AT_ONCE: [Function; 3] = [Function::Fetch, Function::Archive, Function::Subscriptions];
/// The ids of the demo's secrets.
const GRAPH_SECRET_ID: &str = "graph";
const WEBHOOK_KEY_ID: &str = "webhook-key";
/// The key behind `clientState`: the demo's own, of no use elsewhere.
const WEBHOOK_KEY: &str = "the demo's key";

/// The demo's world: the pipeline, the simulated Graph, and what is seen of the archive.
struct Demo {
    clock: Arc<SkippingClock>,
    sim: Arc<GraphSim>,
    pipeline: Arc<LocalPipeline>,
    store: Arc<WatchedStore>,
    narrator: Narrator,
}

/// Runs the demo.
///
/// # Errors
/// A sentence about what is wrong with the machine or the folder.
pub async fn run(options: &DemoOptions) -> anyhow::Result<ExitCode> {
    empty_earlier_demo(&options.to)?;
    let clock = Arc::new(SkippingClock::default());
    let narrator = if options.meetings <= MOST_TOLD { Narrator::telling(&clock) } else { Narrator::Counting };
    let demo = Demo::start(&options.to, clock, narrator).await?;
    let scenes = scenes::all(&demo.sim, demo.clock.now(), options);
    demo.narrator.heading("Graph is asked for notifications: it tries the webhook first, then agrees");
    demo.pipeline.keep_subscriptions().await?;
    let bar = demo.narrator.bar(demo.sim.reports().len());
    for scene in &scenes {
        demo.play(scene).await?;
        bar.set_position(demo.store.archived_count());
    }
    demo.finish(&AT_ONCE, "What had to wait").await?;
    demo.finish(&Function::ALL, "backfill looks through the times in which Rollcall may have been deaf")
        .await?;
    let ledger = demo.audit().await?;
    bar.finish_and_clear();
    outcome::report(&demo.sim, &demo.store, &demo.pipeline, &options.to, &ledger)
}

impl Demo {
    async fn start(folder: &Path, clock: Arc<SkippingClock>, narrator: Narrator) -> anyhow::Result<Self> {
        let http = Arc::new(HttpClient::new()?);
        let sim = Arc::new(GraphSim::new(clock.clone(), http.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port is free on 127.0.0.1")?;
        let graph_url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(graph_sim::serve(Arc::clone(&sim), listener));
        let door = TcpListener::bind("127.0.0.1:0").await.context("no port is free on 127.0.0.1")?;
        let notification_url = format!("http://{}", door.local_addr()?);
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
        let pipeline = LocalPipeline::new(&Ground {
            tenant_id: TENANT_ID.to_owned(),
            graph: config.client(Box::new(authentication), http.clone(), clock.clone()),
            store: store.clone(),
            secrets,
            webhook_key_id: WEBHOOK_KEY_ID.to_owned(),
            encryption: None,
            notification_url,
            watch: Watch::default(),
            clock: clock.clone(),
        });
        let pipeline = Arc::new(pipeline);
        tokio::spawn(door::serve(Arc::clone(&pipeline), door));
        Ok(Self { clock, sim, pipeline, store, narrator })
    }

    /// Lets a scene happen, and the pipeline do what it can do at once.
    async fn play(&self, scene: &Scene) -> anyhow::Result<()> {
        self.narrator.heading(&scene.title);
        for act in &scene.acts {
            match act {
                Act::Notified(notification) => self.notify(notification).await?,
                Act::Created(event) => {
                    self.sim.add_event(event.clone());
                    self.notify(&scenes::created(event)).await?;
                    self.pipeline.run(&AT_ONCE).await?;
                }
                Act::Forgotten(resource) => {
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

    /// Skips from wait to wait until `functions` have nothing more to do.
    async fn finish(&self, functions: &[Function], title: &str) -> anyhow::Result<()> {
        self.narrator.heading(title);
        self.pipeline.run(functions).await?;
        while let Some(next) = self.pipeline.next_visible_at(functions) {
            let seconds = self.clock.skip_to(next).as_secs_f64().round();
            if seconds > 0.0 {
                self.narrator.tell(&format!("… {seconds} s later"));
            }
            self.pipeline.run(functions).await?;
        }
        Ok(())
    }

    /// The ledger: what Graph lists against what the archive has.
    async fn audit(&self) -> anyhow::Result<Summary> {
        let answer =
            self.pipeline.backfill(json!({"audit": true, "from": ["callRecords", "virtualEvents"]})).await?;
        self.finish(&Function::ALL, "An audit: what Graph lists against what the archive has").await?;
        let key = answer.ledger.context("the audit keeps no ledger")?;
        Summary::of(&*self.store, &key).await?.context("the audit wrote no ledger")
    }
}

/// Empties the folder, if an earlier demo made it and nobody else.
fn empty_earlier_demo(folder: &Path) -> anyhow::Result<()> {
    let marker = folder.join(".rollcall").join("demo");
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if marker.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    } else if !is_empty {
        bail!("{} has files that no demo made: choose another folder with --to", folder.display());
    }
    fs::create_dir_all(folder.join(".rollcall"))
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    fs::write(&marker, "An earlier demo made this folder; the next one empties it.\n")?;
    Ok(())
}
