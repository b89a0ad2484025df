//! MiniStack: an AWS that we did not write, on 127.0.0.1.
//!
//! The first test that wants it installs it into a virtual environment below `target/` and starts
//! it; the process ends with the tests. Where Python is missing, those tests are skipped and say so;
//! with `CI` set that is a failure.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;

/// MiniStack, and what its KMS needs.
const PACKAGES: [&str; 2] = ["ministack==1.5.33", "cryptography==46.0.3"];

/// Settings that lead the SDK to MiniStack; `None` where it cannot be had.
pub(crate) async fn config() -> Option<SdkConfig> {
    static STARTED: OnceLock<Option<MiniStack>> = OnceLock::new();
    let port = STARTED.get_or_init(MiniStack::start).as_ref()?.port;
    let credentials =
        Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("tests").build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(credentials);
    Some(loader.load().await)
}

struct MiniStack {
    port: u16,
    /// The shell in front of it: it ends with the pipe that this holds.
    _shell: Child,
}

impl MiniStack {
    fn start() -> Option<Self> {
        let Some(program) = install() else {
            let ci = std::env::var_os("CI").is_some();
            assert!(!ci, "MiniStack could not be installed, and CI does not skip its tests");
            println!("skipped: MiniStack needs python3 with venv and pip, and the Python package index");
            return None;
        };
        let port = free_port();
        let shell = Command::new("sh")
            .args(["-c", "\"$0\" & read -r _; kill $!"])
            .arg(program)
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(port);
        Some(Self { port, _shell: shell })
    }
}

/// The installed program.
fn install() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGES.join("-"));
    let program = venv.join("bin/ministack");
    if !program.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet"]).args(PACKAGES))?;
    }
    Some(program)
}

fn run(command: &mut Command) -> Option<()> {
    command.status().ok()?.success().then_some(())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    for _ in 0..300 {
        if TcpStream::connect(address).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("MiniStack did not start within 30 s");
}
