//! Every command has `--json`, and what it prints then is as its schema says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use super::command::{Shell, beside, printed};
use clap::CommandFactory;
use rollcall::cli::Cli;
use rollcall::dead_letters::{Counts, Kind, counts_json};
use serde_json::Value;

/// The schema of each command. `completions` prints a script, which the shell reads.
const SCHEMAS: [(&str, &str); 20] = [
    ("ask", "ask"),
    ("audit", "run"),
    ("backfill", "run"),
    ("browse", "browse"),
    ("dead-letters", "dead-letters"),
    ("demo", "demo"),
    ("doctor", "doctor"),
    ("erase", "erase"),
    ("estimate", "estimate"),
    ("export", "export"),
    ("hold", "hold"),
    ("login", "login"),
    ("logout", "logout"),
    ("man", "man"),
    ("manifest", "manifest"),
    ("person", "person"),
    ("pull", "run"),
    ("register", "register"),
    ("simulate", "simulate"),
    ("verify", "verify"),
];

/// Sees that what a command printed is as its schema says.
fn check(command: &str, value: &Value) {
    let (_, name) = SCHEMAS.iter().find(|(known, _)| *known == command).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "rollcall {command} --json: {}\n{value:#}", wrong.join("\n"));
}

/// What the command prints with `--json`, which is as its schema says; whether it succeeds is another matter.
fn told(shell: &Shell, line: &[&str], settings: &[(&str, &str)]) -> Value {
    let output = shell.command(line).arg("--json").envs(settings.iter().copied()).output().unwrap();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{line:?}: {error}\n{}\n{}", printed(&output), beside(&output));
    });
    check(line[0], &value);
    value
}

#[test]
fn every_command_has_json_and_a_schema() {
    for subcommand in Cli::command().get_subcommands() {
        let name = subcommand.get_name();
        let has_json = subcommand.get_arguments().any(|arg| arg.get_long() == Some("json"));
        assert_eq!(has_json, name != "completions", "{name}");
        let has_schema = SCHEMAS.iter().any(|(known, _)| *known == name);
        assert_eq!(has_schema, has_json, "{name}: give it a schema in infra/rollcall/schemas");
    }
}

#[test]
fn what_reads_an_archive_prints_what_its_schema_says() {
    let shell = Shell::new();
    let demo = told(&shell, &["demo", "--to", "archive"], &[]);
    assert_eq!((&demo["isGood"], &demo["missingOrDifferent"]), (&true.into(), &0.into()), "{demo}");
    let questions = told(&shell, &["ask"], &[]);
    for question in questions.as_array().unwrap() {
        told(&shell, &["ask", "archive", question["name"].as_str().unwrap()], &[]);
    }
    let register =
        told(&shell, &["register", "archive", "--roster", "archive-roster.csv", "--to", "r.csv"], &[]);
    assert!(register["people"].as_u64().unwrap() > 0, "{register}");
    let export = told(&shell, &["export", "archive", "--as", "csv", "--to", "files"], &[]);
    assert!(export["files"].as_u64().unwrap() > 1, "{export}");
    told(&shell, &["verify", "archive"], &[]);
    assert_eq!(told(&shell, &["manifest", "archive"], &[])["root"], 1);
    assert_eq!(told(&shell, &["verify", "archive"], &[])["isIntact"], true);
    assert_eq!(told(&shell, &["manifest", "archive"], &[])["root"], Value::Null, "nothing is new");
}

#[test]
fn what_is_held_shown_and_erased_is_printed_as_its_schema_says() {
    let shell = Shell::new();
    told(&shell, &["demo", "--to", "archive"], &[]);
    let roster = std::fs::read_to_string(shell.folder().join("archive-roster.csv")).unwrap();
    let cells = roster.split([',', '\n', ';']).map(|cell| cell.trim_matches(['"', '\r', ' ']));
    let addresses: Vec<&str> = cells.filter(|cell| cell.contains('@')).collect();
    let key = [("TOMBSTONE_KEY", "invented, and of no use elsewhere")];
    let found = |address: &&str| shell.run(&["person", address, "archive", "--json"]).status.success();
    let address = addresses.into_iter().find(found).unwrap();
    told(&shell, &["person", address, "archive"], &[]);
    assert_eq!(told(&shell, &["hold", "--list", "archive"], &[]), Value::Array(Vec::new()));
    told(&shell, &["hold", "case-1", "archive", "--since", "2020-01-01"], &[]);
    assert_eq!(told(&shell, &["hold", "--list", "archive"], &[])[0]["name"], "case-1");
    let held = told(&shell, &["erase", address, "archive", "--dry-run"], &key);
    assert!(!held["kept"].as_array().unwrap().is_empty(), "{held}");
    told(&shell, &["hold", "--lift", "case-1", "archive"], &[]);
    let erased = told(&shell, &["erase", address, "archive", "--reason", "R-1", "--yes", "--no-wait"], &key);
    assert!(erased["records"].as_u64().unwrap() > 0, "{erased}");
}

/// A command that goes on, and its lines.
struct Serving(Child, std::io::Lines<BufReader<std::process::ChildStdout>>);

impl Serving {
    fn start(shell: &Shell, line: &[&str]) -> Self {
        let mut child = shell.command(line).arg("--json").stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self(child, lines)
    }

    fn line(&mut self, command: &str) -> Value {
        let value = serde_json::from_str(&self.1.next().unwrap().unwrap()).unwrap();
        check(command, &value);
        value
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn what_goes_on_and_what_asks_graph_print_what_their_schemas_say() {
    let shell = Shell::new();
    let mut simulated = Serving::start(&shell, &["simulate", "--port", "0", "--every", "1"]);
    let told_settings = simulated.line("simulate");
    let settings: Vec<(&str, &str)> = told_settings["settings"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let organizer = told_settings["organizer"].as_str().unwrap();
    simulated.line("simulate");
    let pulled = told(&shell, &["pull", "--to", "archive", "--organizer", organizer], &settings);
    assert!(pulled["summary"]["totals"]["reports"].as_u64().unwrap() > 0, "{pulled}");
    told(&shell, &["doctor", "--graph-only", "--organizer", organizer], &settings);
    signs_in_and_out(&shell, &settings);
    let mut browsed = Serving::start(&shell, &["browse", "archive", "--no-open"]);
    assert!(browsed.line("browse")["address"].as_str().unwrap().starts_with("http://127.0.0.1:"));
}

/// A person signs in in the browser, which is this test: the simulated tenant asks nothing.
fn signs_in_and_out(shell: &Shell, settings: &[(&str, &str)]) {
    let line = ["login", "--with", "meetings", "--no-open", "--no-keyring", "--json"];
    let mut command = shell.command(&line);
    command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut login = command.spawn().unwrap();
    let mut said = BufReader::new(login.stderr.take().unwrap()).lines();
    let address =
        said.find_map(|line| Some(line.unwrap().trim().to_owned()).filter(|line| line.starts_with("http")));
    let back = answer(&address.unwrap());
    let back = back.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(answer(back).starts_with("HTTP/1.1 200"));
    let signed_in = serde_json::from_slice(&login.wait_with_output().unwrap().stdout).unwrap();
    check("login", &signed_in);
    assert_eq!(signed_in["may"], serde_json::json!(["reports", "meetings"]));
    assert_eq!(told(shell, &["logout"], settings)["wasSignedIn"], true);
}

/// What an address of this machine answers, with its headers.
fn answer(address: &str) -> String {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn what_asks_nobody_prints_what_its_schema_says() {
    let shell = Shell::new();
    told(&shell, &["estimate", "--users", "300"], &[]);
    let copied = "AADSTS53003: Access has been blocked. Request Id: 94fb3b52-452a, 2026-11-28T10:00:00Z";
    assert_eq!(told(&shell, &["login", "--explain", copied], &[])["code"], "AADSTS53003");
    let manual = told(&shell, &["man", "pages"], &[]);
    let commands = Cli::command().get_subcommands().count();
    assert_eq!(manual["pages"].as_array().unwrap().len(), commands + 1, "{manual}");
    let kind = Kind {
        function: "fetch",
        outcome: "access_policy_missing".into(),
        remedy: "…".into(),
        what: "report",
    };
    check("dead-letters", &counts_json(&BTreeMap::from([(kind, 2)])));
    check("dead-letters", &Counts { letters: 2, changed: 1, ..Counts::default() }.json());
}
