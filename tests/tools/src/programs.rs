//! Third-party programs of the tests: installed below `target/` at their first use, started on 127.0.0.1, ended with
//! the tests.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// Reports a figure that was measured: directly on the standard error.
pub fn told(figure: &str) {
    writeln!(io::stderr(), "{figure}").ok();
}

/// Reports that something is skipped, and why: directly on the standard error, which the test runner does not
/// capture.
pub fn skipped(why: &str) {
    writeln!(io::stderr(), "skipped: {why}").ok();
}

/// The official payloads and schemas beside the repository; `None`, which is reported, where they are missing.
///
/// # Panics
/// In CI they must be there.
pub fn official() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/graph");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the official payloads and schemas (shared/graph) are not beside the repository, and CI must not skip them"
    );
    skipped("the official payloads and schemas (shared/graph) are not beside the repository");
    None
}

/// One installation at a time: tests run side by side.
static INSTALLING: Mutex<()> = Mutex::new(());

/// A virtual environment with these Python packages; `None` where they cannot be installed.
pub fn python(packages: &[&str]) -> Option<PathBuf> {
    let _guard = INSTALLING.lock().unwrap();
    let venv = folder(packages);
    if !venv.join("installed").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet"]).args(packages))?;
        std::fs::write(venv.join("installed"), "").ok()?;
    }
    Some(venv.join("bin"))
}

/// A folder with the programs of these npm packages; `None` where they cannot be installed.
pub fn npm(packages: &[&str]) -> Option<PathBuf> {
    let _guard = INSTALLING.lock().unwrap();
    let prefix = folder(packages);
    if !prefix.join("installed").exists() {
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(&prefix).args(packages))?;
        std::fs::write(prefix.join("installed"), "").ok()?;
    }
    Some(prefix.join("node_modules/.bin"))
}

/// The folder of these packages below `target/tmp`.
pub fn folder(packages: &[&str]) -> PathBuf {
    let name = packages.join("-").replace(['/', '@'], "_");
    let folder = target().join("tmp").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The target folder: the parent of the folder of this program's profile.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let profile = program.ancestors().find(|folder| folder.join(".fingerprint").exists()).unwrap();
    profile.parent().unwrap().to_owned()
}

fn run(command: &mut Command) -> Option<()> {
    command.status().ok()?.success().then_some(())
}

/// A server that ends when this is dropped, or with the tests.
pub struct Server {
    /// The port on 127.0.0.1 that it listens on.
    pub port: u16,
    shell: Child,
}

impl Server {
    /// Starts a program and waits until it listens.
    pub fn start(command: impl FnOnce(u16) -> Command) -> Self {
        let port = free_port();
        let command = command(port);
        // The shell ends the program when its standard input is closed: at the latest when this process ends.
        let shell = Command::new("sh")
            .args(["-c", "\"$@\" & read -r _; kill $!", "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = Self { port, shell: shell.unwrap() };
        server.wait();
        server
    }

    fn wait(&self) {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("a server did not start within 60 s");
    }
}

/// A port that no process listens on, outside the range of outgoing connections: a port of the system's choice could
/// be taken by one before the server listens.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() % 10_000;
    let tried = (0..10_000).map(|_| {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        u16::try_from(20_000 + (start + step) % 10_000).unwrap()
    });
    tried.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().ok();
    }
}
