//! `rollcall browse`: the archive as pages on this machine, until Ctrl-C.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use reader::pages::{FetchCommand, Gate, Pages, router};
use serde_json::json;
use shared::env::Env;
use tokio::net::TcpListener;

use crate::archive::{OpenArchive, bucket};
use crate::cli::BrowseOptions;
use crate::selection::roster;
use crate::terminal::{print_failure, print_stderr, print_stdout};

/// How often the archive is looked at again while the pages are served.
const REFRESH_EVERY: Duration = Duration::from_mins(5);

/// Runs `rollcall browse`: the pages are there at once, and show what was read so far.
///
/// # Errors
/// A sentence about the archive, the roster or the port.
pub async fn run(options: &BrowseOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    let archive = OpenArchive::at(&options.archive.archive, env).await?;
    let mut rules = options.rules.rules()?;
    rules.match_names = options.match_names;
    let roster = options.roster.as_deref().map(roster).transpose()?;
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .with_context(|| format!("port {} is taken: choose another with --port, or 0", options.port))?;
    let gate = Gate::new(listener.local_addr()?.port()).context("the system gives no random bytes")?;
    let address = gate.address();
    let fetch_command = match bucket(&archive.name)? {
        Some(_) => FetchCommand::Backfill,
        None => FetchCommand::Pull(archive.name.clone()),
    };
    let (index, store) = (archive.index.clone(), archive.store.clone());
    // Whoever sees the command that starts the browser has an address that is used by then.
    let once = gate.address_once().context("the system gives no random bytes")?;
    let pages = Pages { index, store, archive: archive.name.clone(), rules, roster, fetch_command };
    print_stdout(&match options.json {
        true => json!({"archive": archive.name, "address": address}).to_string(),
        false => format!("{} is shown at {address}\nCtrl-C ends it.", archive.name),
    });
    if !options.no_open && opener::open_browser(&once).is_err() {
        print_stderr("No browser could be opened: open this address yourself.");
    }
    tokio::select! {
        served = axum::serve(listener, router(pages, gate)) => served?,
        () = keep_up_to_date(&archive) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Looks at the archive now, and again and again. Where that fails, the pages show what there was, and since when.
async fn keep_up_to_date(archive: &OpenArchive) {
    loop {
        if let Err(error) = archive.refresh().await {
            print_failure(&format!("{error:#}"));
        }
        tokio::time::sleep(REFRESH_EVERY).await;
    }
}
