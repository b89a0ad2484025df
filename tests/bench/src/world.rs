//! The environment of all contestants: graph-sim for Graph, and aws-sim for AWS, both over TLS; and how their functions
//! are started. `MiniStack`, a process of Python, checks a CRC64NVME at 0.3 µs a byte: its time would be what is measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, GraphSim, Meeting, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use shared::graph::{ClientStateKey, ClientStateScope};
use shared::model::ResourceKind;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::HttpClient;
use tokio::net::TcpListener;
use tools::aws::Aws;
use tools::emulators::Latencies;
use tools::runtime_api::{FunctionProcess, Settings};
use tools::{emulators, programs};

use crate::tls::{Authority, TlsProxy};

pub(crate) const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const WEBHOOK_KEY: &str = "a key that nobody else has";
const PYTHON: [&str; 3] = ["boto3==1.44.5", "httpx==0.28.1", "msgraph-sdk==1.65.0"];
const NODE: [&str; 2] = ["@aws-sdk/client-s3@3.1169.0", "@microsoft/microsoft-graph-client@3.0.7"];

/// How long a call takes in the world that waits, whatever else is under way.
pub(crate) const GRAPH_TAKES: Duration = Duration::from_millis(200);
pub(crate) const AWS_TAKES: Latencies =
    Latencies { s3: Duration::from_millis(30), sqs: Duration::from_millis(15) };

pub(crate) struct World {
    pub(crate) sim: Arc<GraphSim>,
    pub(crate) aws: Aws,
    pub(crate) meeting: Meeting,
    authority: Arc<Authority>,
    settings: Settings,
    /// The Python interpreter.
    python: PathBuf,
    /// The folder of the JavaScript packages.
    node: PathBuf,
}

impl World {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let authority = Arc::new(Authority::new(&programs::folder(&["bench"]))?);
        Self::simulated(authority, Latencies::default()).await
    }

    /// Another world, where calls of Graph, S3 and SQS take [`GRAPH_TAKES`] and [`AWS_TAKES`].
    pub(crate) async fn that_waits(&self) -> anyhow::Result<Self> {
        let world = Self::simulated(Arc::clone(&self.authority), AWS_TAKES).await?;
        world.sim.slow_down("", GRAPH_TAKES);
        Ok(world)
    }

    /// Another world, with nothing in it, where nothing but itself takes time.
    pub(crate) async fn another(&self) -> anyhow::Result<Self> {
        Self::simulated(Arc::clone(&self.authority), Latencies::default()).await
    }

    /// A world whose calls of AWS take so long.
    async fn simulated(authority: Arc<Authority>, latencies: Latencies) -> anyhow::Result<Self> {
        let (sim, graph) = simulated_graph(&authority).await?;
        let config = emulators::aws_sim(latencies).await;
        let plain = config.endpoint_url().context("an emulator has an address")?.to_owned();
        let port = plain.rsplit(':').next().context("an emulator has a port")?.parse()?;
        let aws_proxy = authority.proxy(port).await?;
        let secrets = [("webhook-key", WEBHOOK_KEY), ("client-state", &client_state())];
        let aws = Aws::prepare(config, "bench", &secrets).await;
        let meeting = meeting(0);
        sim.add_meeting(meeting.clone());
        let settings = aws.settings(&graph.url).into_iter();
        let mut settings: Settings =
            settings.map(|(name, value)| (name, value.replace(&plain, &aws_proxy.url))).collect();
        settings.extend(for_alternatives(&sim, &authority.bundle));
        Ok(Self {
            python: programs::python(&PYTHON).context("python3 with venv and pip is needed")?.join("python"),
            node: programs::npm(&NODE).map(|_| programs::folder(&NODE)).context("npm is needed")?,
            sim,
            aws,
            meeting,
            authority,
            settings,
        })
    }

    /// Another simulated Graph, without meetings.
    pub(crate) async fn another_graph(&self) -> anyhow::Result<(Arc<GraphSim>, TlsProxy)> {
        simulated_graph(&self.authority).await
    }

    /// A function of Rollcall, or a floor.
    pub(crate) fn binary(&self, name: &str) -> anyhow::Result<FunctionProcess> {
        Ok(FunctionProcess::new(program(name)?, self.settings.clone()))
    }

    /// The settings of all contestants.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings for another Graph.
    pub(crate) fn settings_for(&self, graph: &TlsProxy) -> Settings {
        let mut settings = self.settings.clone();
        settings.extend(["GRAPH_URL", "LOGIN_URL"].map(|name| (name, graph.url.clone())));
        settings
    }

    /// An alternative in Python.
    pub(crate) fn python(&self, script: &str) -> FunctionProcess {
        let (python, script) = self.python_script(script);
        FunctionProcess::with_arguments(python, vec![script], self.settings.clone())
    }

    /// The interpreter and the path of an alternative in Python.
    pub(crate) fn python_script(&self, script: &str) -> (PathBuf, PathBuf) {
        (self.python.clone(), alternatives().join("python").join(script))
    }

    /// An alternative in JavaScript.
    pub(crate) fn node(&self, script: &str) -> anyhow::Result<FunctionProcess> {
        let (node, script) = self.node_script(script)?;
        Ok(FunctionProcess::with_arguments(node, vec![script], self.settings.clone()))
    }

    /// The interpreter and the path of an alternative in JavaScript, copied next to its packages, which Node.js
    /// needs.
    pub(crate) fn node_script(&self, script: &str) -> anyhow::Result<(PathBuf, PathBuf)> {
        let copy = self.node.join(script);
        std::fs::copy(alternatives().join("node").join(script), &copy)?;
        Ok(("/usr/bin/node".into(), copy))
    }

    /// Adds sessions that have ended, each with so many attendees; their ids begin with `name`.
    pub(crate) fn sessions(&self, name: &str, sessions: usize, attendees: usize) -> Vec<SimReport> {
        let end = SystemClock.now();
        let start = end - SignedDuration::from_mins(30);
        let report = |number: usize| {
            let id = format!("{name}-{number}");
            let report = SimReport::ended(self.meeting.source(), &id, attendees, start, end);
            self.sim.add_report(report.clone());
            report
        };
        (0..sessions).map(report).collect()
    }
}

async fn simulated_graph(authority: &Authority) -> anyhow::Result<(Arc<GraphSim>, TlsProxy)> {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new()?)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(graph_sim::serve_as(http::uri::Scheme::HTTPS, Arc::clone(&sim), listener));
    Ok((sim, authority.proxy_with_http2(port).await?))
}

/// The organizer's meeting of this number.
pub(crate) fn meeting(number: usize) -> Meeting {
    Meeting {
        organizer_id: ORGANIZER.to_owned(),
        meeting_id: format!("m-{number}"),
        join_web_url: format!("https://teams.microsoft.com/l/meetup-join/19%3am-{number}%40thread.v2/0"),
    }
}

/// A program of the release build.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let program = Path::new("target/release").join(name).canonicalize().unwrap_or_default();
    anyhow::ensure!(program.is_file(), "{name} is not built: use `just bench`");
    Ok(program)
}

/// The settings that only the alternatives and the floors read.
fn for_alternatives(sim: &GraphSim, bundle: &Path) -> Settings {
    let bundle = bundle.display().to_string();
    vec![
        ("SSL_CERT_FILE", bundle.clone()),
        ("AWS_CA_BUNDLE", bundle.clone()),
        ("NODE_EXTRA_CA_CERTS", bundle),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AZURE_TENANT_ID", TENANT_ID.to_owned()),
        ("AZURE_CLIENT_ID", CLIENT_ID.to_owned()),
        ("AZURE_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("CLIENT_STATE_SECRET_ID", "bench-client-state".to_owned()),
        ("GRAPH_TOKEN", sim.new_token()),
        // Which versions of Node.js the SDK will need next year is nobody's result.
        ("NODE_NO_WARNINGS", "1".to_owned()),
        // Python must not write its cache into the repository.
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ]
}

/// The `clientState` of the notifications of this run.
pub(crate) fn client_state() -> String {
    let (kind, end) = (ResourceKind::CallRecords, Timestamp::MAX);
    let scope = ClientStateScope { tenant_id: TENANT_ID.to_owned(), kind, end };
    ClientStateKey::new(&WEBHOOK_KEY.to_owned().into()).sign([1; 16], &scope)
}

fn alternatives() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("alternatives")
}
