//! `rollcall register`, `export` and `ask` answer from an archive in a folder and from the same in a bucket, and change neither.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use reader::index::{Index, SessionQuery};
use serde_json::{Value, json};
use shared::aws::S3Store;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{Condition, FolderStore, ObjectStore};
use tempfile::TempDir;
use tools::emulators;

use crate::compiled_functions::build;

const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";

/// The folder of a demo, with the roster of its training.
struct Demo(TempDir);

impl Demo {
    /// Plays the demo.
    fn played() -> Self {
        let demo = Self(tempfile::tempdir().unwrap());
        demo.rollcall(&["demo", "--to", "archive"]);
        demo
    }

    /// What the compiled command prints, which must not fail.
    fn rollcall(&self, arguments: &[&str]) -> String {
        let (succeeded, printed, error) = self.tried(arguments);
        assert!(succeeded, "{arguments:?}: {error}");
        printed
    }

    fn tried(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(build().join("rollcall"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env("XDG_CACHE_HOME", self.0.path().join("cache"));
        command
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }
}

/// Each file of a folder: its bytes, and when it was changed.
fn state(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let name = name.to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(state(&path).into_iter().map(|(below, file)| (format!("{name}/{below}"), file)));
        } else {
            files.insert(name, (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap()));
        }
    }
    files
}

const SELECTION: [&str; 7] =
    ["archive", "--title", "data PROTECTION", "--roster", "archive-roster.csv", "--zone", "Europe/Amsterdam"];

/// What a roster's line says in the register as CSV: marks and seconds of the six sessions, and the sums.
fn line(register: &str, name: &str) -> Vec<String> {
    let line = register.lines().find(|line| line.starts_with(&format!("\"{name}\""))).unwrap();
    line.rsplit(',').take(16).map(str::to_owned).collect::<Vec<_>>().into_iter().rev().collect()
}

#[test]
fn a_register_an_export_and_answers_are_written_from_a_folder_that_stays_as_it_was() {
    let demo = Demo::played();
    assert!(demo.file("archive-register.xlsx").starts_with(b"PK"), "the demo has written it");
    let before = state(&demo.0.path().join("archive"));

    for form in ["csv", "html", "json", "xlsx"] {
        let file = format!("register.{form}");
        let told = demo.rollcall(&[&["register"][..], &SELECTION, &["--to", &file]].concat());
        assert!(told.starts_with(&format!("8 people, 6 sessions: {file}")), "{told}");
    }
    let csv = String::from_utf8(demo.file("register.csv")).unwrap();
    let petra = "P,3600,P,3600,A,0,A,180,?,,D,2760,3,5,10140,18000";
    assert_eq!(line(&csv, "Vossberg, Petra").join(","), petra);
    assert!(String::from_utf8(demo.file("register.html")).unwrap().contains("Vossberg, Petra"));
    let json: Value = serde_json::from_slice(&demo.file("register.json")).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 8);

    demo.rollcall(&[&["register"][..], &SELECTION, &["--aggregate", "--to", "sums.csv"]].concat());
    let sums = String::from_utf8(demo.file("sums.csv")).unwrap();
    assert!(sums.lines().count() == 7 && !sums.contains("Petra") && !sums.contains("Vossberg"), "{sums}");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = demo.0.path().join("sums.csv").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds what people did");
    }

    demo.rollcall(&[
        "export",
        "archive",
        "--as",
        "teams-csv",
        "--title",
        "data protection",
        "--to",
        "exported",
    ]);
    let exported = std::fs::read_dir(demo.0.path().join("exported")).unwrap();
    assert_eq!(exported.count(), 10, "five sessions, and who registered for each");

    let rows: Value =
        serde_json::from_str(&demo.rollcall(&["ask", "archive", "no-shows", "--json"])).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(demo.rollcall(&["ask"]).lines().count(), 8);
    assert_eq!(state(&demo.0.path().join("archive")), before);
}

#[test]
fn a_webinar_of_which_nothing_is_kept_has_a_register_that_knows_nothing() {
    let demo = Demo::played();
    let webinar = ["solutions/virtualEvents/webinars/0a1b2c3d-0077-4000-8000-000000000077@", TENANT].concat();
    let summary = json!({"summary": {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "isComplete": false, "objects": 0}});
    let line = |day: &str| {
        json!({"state": "missing", "source": format!("{webinar}/sessions/{day}"), "reportId": format!("r-{day}"),
            "meetingStartDateTime": format!("{day}T10:00:00Z"), "title": "Nothing kept", "risks": []})
    };
    let ledger = format!("{}\n{}\n{summary}\n", line("2026-01-14"), line("2026-01-21"));
    let folder = demo.0.path().join(format!("archive/audits/v1/tenant={TENANT}/date=2026-02-01"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("run-77.jsonl"), ledger).unwrap();
    std::fs::write(demo.0.path().join("two.csv"), "mail\naiko@contoso.com\nnoor@contoso.com\n").unwrap();
    let told = demo.rollcall(&[
        "register",
        "archive",
        "--title",
        "nothing KEPT",
        "--roster",
        "two.csv",
        "--zone",
        "UTC",
        "--to",
        "two-register.csv",
    ]);
    assert!(told.starts_with("2 people, 2 sessions: two-register.csv\n2 sessions are not known"), "{told}");
    let register = String::from_utf8(demo.file("two-register.csv")).unwrap();
    assert!(register.contains("2026-01-14T10:00:00+00:00 mark"), "{register}");
    assert_eq!(register.matches(",?,,?,,0,0,0,0").count(), 2, "{register}");
    let (succeeded, _, error) =
        demo.tried(&["export", "archive", "--as", "csv", "--title", "nothing kept", "--to", "out"]);
    assert!(!succeeded && error.contains("has no report of these sessions"), "{error}");
}

#[test]
fn what_cannot_be_read_or_found_is_a_sentence() {
    let demo = Demo::played();
    let refused = |arguments: &[&str], sentence: &str| {
        let (succeeded, _, told) = demo.tried(arguments);
        assert!(!succeeded && told.contains(sentence), "{arguments:?}: {told}");
    };
    refused(&["register", "archive", "--to", "x.pdf"], ".xlsx, .csv, .html or .json");
    refused(&["register", "nowhere", "--to", "x.csv"], "there is no such folder");
    refused(&["register", "s3://bucket/folder", "--to", "x.csv"], "a bucket's name and nothing behind it");
    refused(&["register", "archive", "--title", "Yoga", "--to", "x.csv"], "no such sessions");
    refused(&["register", "archive", "--meeting", "https://example.com", "--to", "x.csv"], "has no meeting");
    refused(&["register", "archive", "--since", "yesterday", "--to", "x.csv"], "is no date");
    refused(
        &["register", "archive", "--until", "9999-12-31", "--to", "x.csv"],
        "beyond the days that there are",
    );
    refused(&["register", "archive", "--letters", "absent=p", "--to", "x.csv"], "the same letter");
    refused(&["register", "archive", "--absent-below", "80%", "--to", "x.csv"], "at most that of present");
    refused(&["register", "archive", "--present-after", "most", "--to", "x.csv"], "write for instance 75%");
    refused(&["register", "archive", "--roster", "nobody.csv", "--to", "x.csv"], "cannot be read");
    refused(&["register", "archive", "--to", "archive/x.csv"], "the archive, which is only read");
    refused(
        &["export", "archive", "--as", "csv", "--to", "archive/reports/new"],
        "the archive, which is only read",
    );
    refused(&["ask", "archive", "who"], "there is no question who");
}

/// What a page of `rollcall browse` answers to a request with these lines behind the first.
fn answer(port: u16, path: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn pages_are_served_to_who_has_the_address_that_is_printed() {
    let demo = Demo::played();
    let mut browse =
        demo.command(&["browse", "archive", "--no-open"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(browse.stdout.take().unwrap()).lines().map(Result::unwrap);
    let shown = lines.find(|line| line.contains("http://127.0.0.1:")).unwrap();
    let (_, rest) = shown.split_once("http://127.0.0.1:").unwrap();
    let (port, path) = rest.split_once('/').unwrap();
    let port = port.parse().unwrap();

    assert!(answer(port, "/", "").starts_with("HTTP/1.1 403"));
    let entered = answer(port, &format!("/{path}"), "");
    assert!(entered.starts_with("HTTP/1.1 303") && entered.contains("SameSite=Strict"), "{entered}");
    let cookie = entered.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let found = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        answer(port, "/?search=protection", &cookie).contains("Data protection training, session 6")
    });
    browse.kill().unwrap();
    browse.wait().unwrap();
    assert!(found, "the sessions appear as they are read");
}

#[tokio::test]
async fn an_archive_in_a_bucket_is_read_as_one_in_a_folder() {
    let Some(config) = emulators::ministack().await else { return };
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
    );
    client.create_bucket().bucket("read").send().await.unwrap();
    let demo = Demo::played();
    let folder = FolderStore::existing(demo.0.path().join("archive")).unwrap();
    let bucket = S3Store::new(&config, "read".into(), None);
    for key in folder.list("", None).await.unwrap().keys {
        let object = folder.get(&key).await.unwrap().unwrap();
        let copy = shared::ports::store::NewObject::new(object.body, "", object.head.metadata);
        let _ = bucket.put(&key, copy, Condition::Always).await.unwrap();
    }
    let sessions = async |store, name: &str| {
        let index = Index::open(demo.0.path().join(name)).unwrap();
        index.refresh(store, SystemClock.now(), &|_| ()).await.unwrap();
        assert_eq!(index.unreadable().unwrap(), []);
        index.sessions(&SessionQuery { limit: 100, ..Default::default() }).unwrap()
    };
    let in_folder = sessions(Arc::new(folder), "folder.sqlite").await;
    assert_eq!(in_folder.total, 15);
    assert_eq!(sessions(Arc::new(bucket), "bucket.sqlite").await, in_folder);
}
