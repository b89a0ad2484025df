//! Two independent emulators of AWS on 127.0.0.1: MiniStack and moto.
//!
//! Where Python is missing, the tests that need them are skipped with a message; with `CI` set that is a
//! failure.

use std::process::Command;
use std::sync::OnceLock;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;

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

/// The SDK's settings for each emulator that can be installed.
pub async fn both() -> Vec<SdkConfig> {
    ministack().await.into_iter().chain(moto().await).collect()
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
    let credentials =
        Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("tests").build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(credentials);
    loader.load().await
}
