//! The calls and the simulated Graph agree with the official schemas (in Prism), the official types and samples, and with
//! Microsoft's own SDK.
//!
//! A defect of Prism: it cuts the segment `getByUserIdAndRole(userId='…',role='…')` at its
//! comma, so that call is left out here.

mod csdl;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock};

use csdl::{Types, lacking};
use graph_sim::{GraphSim, Manner, TITLES_THAT_HURT, registration};
use serde_json::Value;
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache};
use shared::model::{ReportSource, VirtualEventKind};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{Http, HttpClient};
use tokio::net::TcpListener;
use tools::programs::{self, Server};

use crate::graph_calls::{Ids, add_one_of_everything, rows};
use crate::world::{ORGANIZER, World};

const PRISM: [&str; 1] = ["@stoplight/prism-cli@5.14.2"];
const SDK: [&str; 1] = ["msgraph-sdk==1.65.0"];

/// Prism, and the schemas of both versions with their version in each path, as Graph has it. They are written once a process: Prism
/// begins anew when its schema's file changes, and calls under way get no answer.
static PRISM_AND_SCHEMAS: LazyLock<Option<(PathBuf, Schemas)>> = LazyLock::new(prism_and_schemas);

type Schemas = [(&'static str, PathBuf); 2];

fn prism() -> Option<(PathBuf, Schemas)> {
    PRISM_AND_SCHEMAS.clone()
}

fn prism_and_schemas() -> Option<(PathBuf, Schemas)> {
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
    !not_in_slice && !row.starts_with("registration") && (version == "beta" || row != "newest report")
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

/// The answers with a title in them, below the version.
const WITH_TITLES: [&str; 6] = [
    "/users/0a11ce00-0000-4000-8000-0000c0205050/onlineMeetings/m-1",
    "/solutions/virtualEvents/webinars",
    "/solutions/virtualEvents/webinars/w-1@contoso",
    "/solutions/virtualEvents/webinars/w-1@contoso/sessions",
    "/solutions/virtualEvents/webinars/w-1@contoso/sessions/s-1",
    "/solutions/virtualEvents/townhalls/h-1@contoso",
];

fn set_titles(sim: &GraphSim, title: &str) {
    sim.set_subject("m-1", title);
    sim.set_event_title("w-1@contoso", title);
    sim.set_event_title("h-1@contoso", title);
    sim.set_session_subject("w-1@contoso", "s-1", title);
}

#[tokio::test]
async fn an_answer_agrees_with_the_official_schema_whatever_title_is_in_it() {
    let Some((prism, schemas)) = prism() else { return };
    let (sim, url, _) = serve().await;
    let http = HttpClient::new().unwrap();
    for (version, schema) in schemas {
        let proxy = start(&prism, &["proxy"], &schema, &[&url]);
        for title in TITLES_THAT_HURT {
            set_titles(&sim, title);
            for path in WITH_TITLES {
                let url = format!("http://127.0.0.1:{}/{version}{path}", proxy.port);
                let request = http::Request::get(url)
                    .header("authorization", format!("Bearer {}", sim.new_token()))
                    .body(bytes::Bytes::new());
                let response = http.send(request.unwrap()).await.unwrap();
                let text = String::from_utf8_lossy(response.body()).into_owned();
                assert_eq!(response.status(), 200, "{path} in {version}, {title:?}: {text}");
                let read = serde_json::from_str::<Value>(&text).unwrap();
                assert!(title_is_in(&read, title), "{path} in {version}, {title:?}: {text}");
            }
        }
    }
}

/// Whether a title is a member somewhere in an answer.
fn title_is_in(answer: &Value, title: &str) -> bool {
    match answer {
        Value::Object(members) => members.iter().any(|(name, value)| {
            (["subject", "displayName"].contains(&name.as_str()) && value == title)
                || title_is_in(value, title)
        }),
        Value::Array(entries) => entries.iter().any(|entry| title_is_in(entry, title)),
        _ => false,
    }
}

/// Answers of the simulated Graph: the path, the type of what is answered or listed, and the sample of it.
const OF_TYPES: [(&str, &str, &str); 11] = [
    (
        "v1.0/users/{organizer}/onlineMeetings/m-1",
        "onlineMeeting",
        "v1.0-onlinemeeting-get-ex3-by-joinweburl",
    ),
    (
        "v1.0/solutions/virtualEvents/webinars/w-1@contoso",
        "virtualEventWebinar",
        "v1.0-virtualeventwebinar-get",
    ),
    ("v1.0/solutions/virtualEvents/webinars", "virtualEventWebinar", "v1.0-webinars-list"),
    (
        "v1.0/solutions/virtualEvents/townhalls/h-1@contoso",
        "virtualEventTownhall",
        "v1.0-virtualeventtownhall-get",
    ),
    ("v1.0/solutions/virtualEvents/townhalls", "virtualEventTownhall", "v1.0-townhalls-getbyuseridandrole"),
    (
        "v1.0/solutions/virtualEvents/webinars/w-1@contoso/sessions",
        "virtualEventSession",
        "v1.0-virtualevent-list-sessions",
    ),
    (
        "v1.0/solutions/virtualEvents/webinars/w-1@contoso/sessions/s-1",
        "virtualEventSession",
        "v1.0-virtualeventsession-get",
    ),
    (
        "v1.0/solutions/virtualEvents/webinars/w-1@contoso/registrations",
        "virtualEventRegistration",
        "v1.0-virtualeventregistration-list-ex1",
    ),
    (
        "v1.0/solutions/virtualEvents/webinars/w-1@contoso/registrations/{registration}",
        "virtualEventRegistration",
        "v1.0-virtualeventregistration-get-ex1",
    ),
    (
        "beta/solutions/virtualEvents/townhalls/h-1@contoso/registrations",
        "virtualEventRegistration",
        "beta-virtualeventregistration-list-ex1",
    ),
    (
        "beta/users/{organizer}/onlineMeetings/m-1/meetingAttendanceReport?$expand=attendanceRecords",
        "meetingAttendanceReport",
        "beta-meetingattendancereport-deprecated-path",
    ),
];

/// An answer and a sample without what they are wrapped in, whether a list or `value` alone.
fn unwrapped(answer: &Value) -> &Value {
    match &answer["value"] {
        Value::Array(entries) => &entries[0],
        Value::Null => answer,
        value => value,
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_simulated_graph_says_has_the_official_types_and_every_member_of_the_samples() {
    let Some(official) = programs::official() else { return };
    let types = Types::read(&official);
    let world = World::new();
    add_one_of_everything(&world.sim, &*world.clock);
    let registered = registration(1, world.clock.now());
    for event in ["w-1@contoso", "h-1@contoso"] {
        world.sim.add_registration(event, registered.clone());
    }
    for (path, declared, sample) in OF_TYPES {
        let path = path.replace("{organizer}", ORGANIZER).replace("{registration}", &registered.id);
        let request = http::Request::get(format!("https://graph.microsoft.com/{path}"))
            .header("authorization", format!("Bearer {}", world.sim.new_token()))
            .body(bytes::Bytes::new());
        let response = world.sim.answer(request.unwrap()).await;
        assert_eq!(response.status(), 200, "{path}");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let sample = fs::read_to_string(official.join("samples").join(format!("{sample}.json"))).unwrap();
        let sample: Value = serde_json::from_str(&sample).unwrap();

        // The samples of a filter are lists, and a meeting by its id is the entry alone.
        if declared != "onlineMeeting" {
            assert_eq!(answer["value"].is_array(), sample["value"].is_array(), "{path}");
            assert_eq!(answer["value"].is_object(), sample["value"].is_object(), "{path}");
        }
        let (answer, sample) = (unwrapped(&answer), unwrapped(&sample));
        let declared = format!("graph.{declared}");
        assert_eq!(types.strangers(answer, &declared, sample), Vec::<String>::new(), "{path}: {answer}");
        assert_eq!(lacking(answer, sample), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn what_agrees_neither_with_the_types_nor_with_a_sample_is_found() {
    let Some(official) = programs::official() else { return };
    let types = Types::read(&official);
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let strangers = |answer: &str, sample: &str| {
        types.strangers(&read(answer), "graph.virtualEventWebinar", &read(sample))
    };
    assert_eq!(strangers(r#"{"id":"w","displayName":null,"sessions":[{"subject":"s"}]}"#, "{}"), [""; 0]);
    assert_eq!(strangers(r#"{"title":"t"}"#, "{}"), ["title: no member of virtualEventWebinar"]);
    assert_eq!(strangers(r#"{"title":"t"}"#, r#"{"title":"another"}"#), [""; 0], "a sample shows it");
    assert_eq!(strangers(r#"{"displayName":5}"#, "{}"), ["displayName: 5 is no Edm.String"]);
    assert_eq!(strangers(r#"{"status":"gone"}"#, "{}"), [r#"status: "gone" is no graph.virtualEventStatus"#]);
    assert_eq!(
        strangers(r#"{"createdBy":{"user":{"name":"n"}}}"#, "{}"),
        ["createdBy: user: name: no member of identity"]
    );
    assert_eq!(lacking(&read(r#"{"a":[{"b":1}]}"#), &read(r#"{"a":[{"b":1,"c":2}],"d":3}"#)), ["a.c", "d"]);
}

#[tokio::test]
async fn microsofts_own_sdk_reads_the_simulated_graph() {
    let Some(programs) = programs::python(&SDK) else {
        programs::skipped("Microsoft's SDK needs python3 with venv and pip, and the Python package index");
        return;
    };
    let (sim, url, _) = serve().await;
    let title = "He said \"quorum\" 🎉";
    set_titles(&sim, title);
    sim.behave(&[Manner::WebinarsAreUnwrapped]);
    sim.add_registration("w-1@contoso", registration(1, SystemClock.now()));
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
    let read = String::from_utf8_lossy(&output.stdout);
    let expected = [
        "report-m-1 5 5 report-m-1".to_owned(),
        format!("{title} | megan@contoso.com"),
        format!("{title} | Person.1@contoso.com | {title}"),
        format!("{title} | {ORGANIZER}"),
    ];
    assert_eq!(read.lines().collect::<Vec<_>>(), expected);
}
