//! `rollcall login` as a shell runs it with `--quiet`: what the person must do is printed all the same.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use axum::Router;
use http::{StatusCode, Uri};
use tokio::net::TcpListener;

use super::command::{Shell, beside};

const IDS: [(&str, &str); 2] = [
    ("AZURE_TENANT_ID", "5466a424-0000-4000-8000-0000c0205050"),
    ("AZURE_CLIENT_ID", "6f2d3c1e-0000-4000-8000-00000000c0de"),
];

/// The first line beside the result that begins with `start`; `None` where there is none for half a minute. The command is
/// ended then.
fn said(command: &mut Command, start: &'static str) -> Option<String> {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let (sender, found) = mpsc::channel();
    let reading = thread::spawn(move || sender.send(lines.find(|line| line.trim().starts_with(start))).ok());
    let found = found.recv_timeout(Duration::from_secs(30)).ok().flatten();
    child.kill().ok();
    child.wait().unwrap();
    reading.join().unwrap();
    found
}

#[test]
fn quiet_shows_the_address_to_sign_in_at() {
    let shell = Shell::new();
    let mut command = shell.command(&["--quiet", "login", "--no-open"]);
    let address = said(command.envs(IDS), "https://login.microsoftonline.com/");
    assert!(address.unwrap().contains("code_challenge="));
}

const DEVICE: &str = r#"{"device_code": "x", "user_code": "CODE00001", "verification_uri": "https://microsoft.com/devicelogin", "expires_in": 900, "interval": 1}"#;
const DECLINED: &str = r#"{"error": "authorization_declined", "error_description": "AADSTS65004: declined"}"#;

async fn answer(uri: Uri) -> (StatusCode, &'static str) {
    match uri.path().ends_with("/devicecode") {
        true => (StatusCode::OK, DEVICE),
        false => (StatusCode::BAD_REQUEST, DECLINED),
    }
}

/// A token service at which each person declines; its address.
fn token_service() -> String {
    let (sender, url) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            axum::serve(listener, Router::new().fallback(answer)).await
        })
    });
    url.recv().unwrap()
}

#[test]
fn quiet_shows_the_code_that_is_to_be_typed() {
    let shell = Shell::new();
    let mut command = shell.command(&["--quiet", "login", "--device-code"]);
    let output = command.envs(IDS).env("LOGIN_URL", token_service()).output().unwrap();
    let told = beside(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("https://microsoft.com/devicelogin and type the code CODE00001"), "{told}");
    assert!(told.contains("AADSTS65004"), "{told}");
}
