//! Three independent emulators of AWS on 127.0.0.1: our own, MiniStack and moto.
//!
//! Where Python is missing, the tests that need the last two are skipped with a message; with `CI` set that is a
//! failure.

use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use aws_sim::Latencies;

use crate::programs::{self, Server};

/// The packages of MiniStack, and of its KMS.
const MINISTACK: [&str; 2] = ["ministack==1.5.33", "cryptography==46.0.3"];
const MOTO: [&str; 1] = ["moto[server]==5.2.5"];

/// The SDK's settings for MiniStack; `None` where it cannot be installed.
pub async fn ministack() -> Option<SdkConfig> {
    static STARTED: OnceLock<Option<Server>> = OnceLock::new();
    let server = STARTED.get_or_init(|| start_ministack("false"));
    Some(settings(server.as_ref()?.port).await)
}

/// The SDK's settings for a MiniStack of its own that evaluates policies, as the account's root; `None` where it
/// cannot be installed.
pub async fn ministack_with_policies() -> Option<SdkConfig> {
    static STARTED: OnceLock<Option<Server>> = OnceLock::new();
    let server = STARTED.get_or_init(|| start_ministack("true"));
    Some(settings(server.as_ref()?.port).await)
}

fn start_ministack(evaluates_policies: &str) -> Option<Server> {
    let programs = installed("MiniStack", &MINISTACK)?;
    Some(Server::start(|port| {
        let mut command = Command::new(programs.join("ministack"));
        command.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1");
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")).env("AUTH", evaluates_policies);
        command
    }))
}

/// The SDK's settings for each emulator that there is: the two in Python where they can be installed.
pub async fn all() -> Vec<SdkConfig> {
    let python = ministack().await.into_iter().chain(moto().await);
    [aws_sim(Latencies::default()).await].into_iter().chain(python).collect()
}

/// The SDK's settings for a new, empty aws-sim with these latencies. It runs until this process ends, on a
/// thread of its own: a test's runtime may end before, or have a clock that is paused.
pub async fn aws_sim(latencies: Latencies) -> SdkConfig {
    let (told, port) = oneshot::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap().port()).unwrap();
            aws_sim::serve(listener, latencies).await.unwrap();
        });
    });
    settings(port.await.unwrap()).await
}

async fn moto() -> Option<SdkConfig> {
    static STARTED: OnceLock<Option<Server>> = OnceLock::new();
    let server = STARTED.get_or_init(|| {
        let programs = installed("moto", &MOTO)?;
        Some(Server::start(|port| {
            let mut command = Command::new(programs.join("moto_server"));
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
            command
        }))
    });
    Some(settings(server.as_ref()?.port).await)
}

fn installed(name: &str, packages: &[&str]) -> Option<std::path::PathBuf> {
    let programs = programs::python(packages);
    if programs.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "{name} could not be installed, and CI does not skip its tests"
        );
        programs::skipped(&format!("{name} needs python3 with venv and pip, and the Python package index"));
    }
    programs
}

async fn settings(port: u16) -> SdkConfig {
    let credentials = Credentials::builder()
        .access_key_id(aws_sim::ACCESS_KEY_ID)
        .secret_access_key(aws_sim::SECRET_ACCESS_KEY)
        .provider_name("tests")
        .build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(credentials);
    loader.load().await
}
