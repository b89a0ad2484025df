//! The pages in Chromium, of an archive of oddities that grows from nothing: what is seen is checked against the archive's own
//! bytes, by scripts that know nothing of this crate (`browser/`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::tz::TimeZone;
use reader::index::Index;
use reader::pages::{FetchCommand, Gate, Pages, router};
use reader::roster::Roster;
use reader::rules::Rules;
use shared::ports::store::FolderStore;
use tokio::net::TcpListener;
use tools::programs;

use crate::odd_archive;

/// What drives the browser, and what looks for barriers.
const DRIVERS: [&str; 2] = ["playwright-core@1.65.1", "axe-core@4.14.1"];

/// Where Debian installs the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// How long the first byte of a page may take, in milliseconds.
const FIRST_BYTE_MS: u32 = if cfg!(debug_assertions) { 5_000 } else { 100 };

/// A day after the latest ledger.
const NOW: &str = "2026-11-13T09:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_what_the_archive_says_whatever_graph_sent() {
    let Some(scripts) = scripts() else { return };
    let folder = tempfile::tempdir().unwrap();
    let failed = AtomicUsize::new(0);
    let walk = async |pages: &ServedPages, mode: &'static str| {
        let arguments = (scripts.clone(), pages.address.clone(), pages.archive.clone());
        let passed = tokio::task::spawn_blocking(move || walk(&arguments, mode)).await.unwrap();
        failed.fetch_add(usize::from(!passed), Ordering::Relaxed);
    };
    let archive = folder.path().join("archive");
    fs::create_dir(&archive).unwrap();
    let pages = ServedPages::start(&archive, &folder.path().join("index"), None).await;
    pages.refresh().await;
    walk(&pages, "empty").await;

    odd_archive::write(&archive).await;
    let (_, ()) = tokio::join!(pages.refresh(), walk(&pages, "growing"));
    walk(&pages, "odd").await;

    // An index that is none is made anew.
    let cache = folder.path().join("no-index");
    fs::write(&cache, "This is no index.").unwrap();
    let roster = Roster::read("autumn.csv", include_bytes!("odd_archive/autumn.csv")).unwrap();
    let pages = ServedPages::start(&archive, &cache, Some(roster)).await;
    pages.refresh().await;
    walk(&pages, "roster").await;
    assert_eq!(failed.into_inner(), 0, "the checks that are not ok stand above");
}

/// The pages of an archive, served by this process.
struct ServedPages {
    address: String,
    archive: PathBuf,
    index: Arc<Index>,
    store: Arc<FolderStore>,
}

impl ServedPages {
    /// Serves the pages of the archive in a folder, with the index in the file `cache`.
    async fn start(archive: &Path, cache: &Path, roster: Option<Roster>) -> Self {
        let index = Arc::new(Index::open(cache).unwrap());
        let store = Arc::new(FolderStore::existing(archive).unwrap());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let gate = Gate::new(listener.local_addr().unwrap().port()).unwrap();
        let address = gate.address();
        let name = archive.display().to_string();
        let pages = Pages {
            index: Arc::clone(&index),
            store: store.clone(),
            fetch_command: FetchCommand::Pull(name.clone()),
            archive: name,
            rules: Rules { zone: TimeZone::get("Europe/Amsterdam").unwrap(), ..Rules::default() },
            roster,
        };
        let serving = axum::serve(listener, router(pages, gate));
        tokio::spawn(serving.into_future());
        Self { address, archive: archive.to_owned(), index, store }
    }

    /// Brings the index up to date.
    async fn refresh(&self) {
        self.index.refresh(self.store.clone(), NOW.parse().unwrap(), &|_| {}).await.unwrap();
    }
}

/// Runs the checks of `mode`, which tell what they find, and answers whether all passed.
fn walk((scripts, address, archive): &(PathBuf, String, PathBuf), mode: &str) -> bool {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = Command::new("node")
        .arg(scripts.join("walk.mjs"))
        .arg(address)
        .arg(archive)
        .arg(target.join("browser").join(mode))
        .arg(mode)
        .env("FIRST_BYTE_MS", FIRST_BYTE_MS.to_string())
        .output()
        .unwrap();
    let told =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    for skipped in told.lines().filter_map(|line| line.strip_prefix("skipped: ")) {
        programs::skipped(skipped);
    }
    let passed = output.status.success();
    // All that was found where something is not ok, else the sums.
    let sums = told.lines().last().unwrap_or_default();
    programs::told(&format!("pages, {mode}: {}", if passed { sums } else { &told }));
    passed
}

/// The folder with the scripts, ready to be run; `None`, which is reported, where the browser or its drivers are missing.
fn scripts() -> Option<PathBuf> {
    if !Path::new(CHROMIUM).exists() && !installs(&["chromium", "poppler-utils"]) {
        programs::skipped("the pages need Debian's chromium, which root installs here with apt-get");
        return None;
    }
    let Some(installed) = programs::npm(&DRIVERS) else {
        programs::skipped("the pages are looked at by Playwright, which needs npm and its registry");
        return None;
    };
    // Node looks for packages beside the script, and nowhere else.
    let scripts = installed.ancestors().nth(2).unwrap().join("browser");
    fs::create_dir_all(&scripts).unwrap();
    for script in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser")).unwrap() {
        let script = script.unwrap();
        fs::copy(script.path(), scripts.join(script.file_name())).unwrap();
    }
    Some(scripts)
}

/// Whether these packages of Debian are installed now.
fn installs(packages: &[&str]) -> bool {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    apt(&["update", "--quiet"]) && apt(&[&install, packages].concat())
}
