//! The calls and the simulated Graph agree with the official schemas (in Prism), and with Microsoft's own SDK.
//!
//! A defect of Prism: it cuts the segment `getByUserIdAndRole(userId='…',role='…')` at its
//! comma, so that call is left out here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use graph_sim::GraphSim;
use serde_json::Value;
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache};
use shared::model::{ReportSource, VirtualEventKind};
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;
use tokio::net::TcpListener;
use tools::programs::{self, Server};

use crate::graph_calls::{Ids, add_one_of_everything, rows};

const PRISM: [&str; 1] = ["@stoplight/prism-cli@5.14.2"];
const SDK: [&str; 1] = ["msgraph-sdk==1.65.0"];

/// Prism, and the schemas of both versions with their version in each path, as Graph has it.
fn prism() -> Option<(PathBuf, [(&'static str, PathBuf); 2])> {
    let official = programs::official()?;
    let Some(programs) = programs::npm(&PRISM) else {
        programs::skipped("Prism needs npm and its registry");
        return None;
    };
    let schema = |version: &'static str| {
        let text = fs::read_to_string(official.join(format!("openapi-{version}-slice.json"))).unwrap();
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        let paths = schema["paths"].as_object().unwrap().clone();
        schema["paths"] =
            paths.into_iter().map(|(path, calls)| (format!("/{version}{path}"), calls)).collect();
        remove_next_links(&mut schema);
        let file = programs::folder(&PRISM).join(format!("{version}.json"));
        fs::write(&file, schema.to_string()).unwrap();
        (version, file)
    };
    Some((programs.join("prism"), [schema("v1.0"), schema("beta")]))
}

/// Without an example Prism invents an answer, with `"@odata.nextLink": "string"` in it.
fn remove_next_links(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("@odata.nextLink");
            members.values_mut().for_each(remove_next_links);
        }
        Value::Array(entries) => entries.iter_mut().for_each(remove_next_links),
        _ => {}
    }
}

fn start(prism: &Path, arguments: &[&str], schema: &Path, upstream: &[&str]) -> Server {
    Server::start(|port| {
        let mut command = Command::new(prism);
        command.args(arguments).args(["--errors", "-h", "127.0.0.1", "-p", &port.to_string()]);
        command.arg(schema).args(upstream);
        command
    })
}

/// A client for the Graph at `url`.
fn client(url: &str, version: &str, token: &str) -> GraphClient {
    let endpoints = Endpoints::from_env(&[("GRAPH_URL", url), ("GRAPH_VERSION", version)]).unwrap();
    let clock = Arc::new(SystemClock);
    let tokens = TokenCache::new(Box::new(StaticToken(token.to_owned().into())), clock.clone());
    GraphClient::new(Arc::new(HttpClient::new().unwrap()), clock, tokens, &endpoints)
}

/// Whether the schemas have this call in this version.
fn is_in_schema(row: &str, version: &str) -> bool {
    let not_in_slice = ["calendar", "users", "user", "group", "webinars of a user"].contains(&row);
    !not_in_slice && (version == "beta" || row != "newest report")
}

#[tokio::test]
async fn every_call_is_accepted_by_the_official_schema_and_its_answer_is_read() {
    let Some((prism, schemas)) = prism() else { return };
    for (version, schema) in schemas {
        let mock = start(&prism, &["mock"], &schema, &[]);
        let graph = client(&format!("http://127.0.0.1:{}", mock.port), version, "any");
        let ids = ids_of_examples(&graph).await;
        for (row, answer) in rows(&graph, &ids).await {
            if is_in_schema(row, version) {
                assert!(answer.is_ok(), "{row} in {version}: {answer:?}");
            }
        }
    }
}

/// Prism answers with Microsoft's own examples, whatever is asked for: so ask for those.
async fn ids_of_examples(graph: &GraphClient) -> Ids {
    let meeting = ReportSource::meeting("o", "m", None);
    let [webinar, townhall] = VirtualEventKind::ALL.map(|kind| kind.source("e", "s"));
    let example = async |source: ReportSource| {
        graph.attendance_report_without_records(&source.report("any")).await.unwrap().facts.id.unwrap()
    };
    Ids {
        meeting_report: example(meeting).await,
        webinar_report: example(webinar).await,
        townhall_report: example(townhall).await,
        join_meeting_id: "1234567890".into(),
    }
}

/// A simulated Graph over HTTP, with one of everything, on the system's clock.
async fn serve() -> (Arc<GraphSim>, String, Ids) {
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new().unwrap())));
    let ids = add_one_of_everything(&sim, &SystemClock);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(graph_sim::serve(sim.clone(), listener));
    (sim, url, ids)
}

#[tokio::test]
async fn every_answer_of_the_simulated_graph_agrees_with_the_official_schema() {
    let Some((prism, schemas)) = prism() else { return };
    let (sim, url, ids) = serve().await;
    for (version, schema) in schemas {
        let proxy = start(&prism, &["proxy"], &schema, &[&url]);
        let graph = client(&format!("http://127.0.0.1:{}", proxy.port), version, &sim.new_token());
        for (row, answer) in rows(&graph, &ids).await {
            if is_in_schema(row, version) {
                assert!(answer.is_ok(), "{row} in {version}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn microsofts_own_sdk_reads_the_simulated_graph() {
    let Some(programs) = programs::python(&SDK) else {
        programs::skipped("Microsoft's SDK needs python3 with venv and pip, and the Python package index");
        return;
    };
    let (sim, url, _) = serve().await;
    let token = sim.new_token();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph_contract/read_reports.py");
    let output = tokio::task::spawn_blocking(move || {
        Command::new(programs.join("python"))
            .arg(script)
            .args([format!("{url}/v1.0"), token])
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "report-m-1 5 5 report-m-1");
}
