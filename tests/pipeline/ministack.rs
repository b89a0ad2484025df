//! MiniStack: an AWS that we did not write, on 127.0.0.1.
//!
//! Where Python is missing, the tests that need it are skipped and say so; with `CI` set that is a
//! failure.

use std::process::Command;
use std::sync::OnceLock;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;

use crate::tools::{self, Server};

/// MiniStack, and what its KMS needs.
const PACKAGES: [&str; 2] = ["ministack==1.5.33", "cryptography==46.0.3"];

/// Settings that lead the SDK to MiniStack; `None` where it cannot be had.
pub(crate) async fn config() -> Option<SdkConfig> {
    static STARTED: OnceLock<Option<Server>> = OnceLock::new();
    let port = STARTED.get_or_init(start).as_ref()?.port;
    let credentials =
        Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("tests").build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(credentials);
    Some(loader.load().await)
}

fn start() -> Option<Server> {
    let Some(programs) = tools::python(&PACKAGES) else {
        let ci = std::env::var_os("CI").is_some();
        assert!(!ci, "MiniStack could not be installed, and CI does not skip its tests");
        tools::skipped("MiniStack needs python3 with venv and pip, and the Python package index");
        return None;
    };
    Some(Server::start(|port| {
        let mut command = Command::new(programs.join("ministack"));
        command.env("GATEWAY_PORT", port.to_string()).env("BIND_HOST", "127.0.0.1");
        command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
        command
    }))
}
