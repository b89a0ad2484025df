//! `rollcall manifest`: the manifests of an archive that no stack keeps, up to date.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use backfill::manifests::{ManifestStore, Step, Walk, extend};
use jiff::Timestamp;
use serde_json::json;
use shared::archive::manifests::{FileSigner, RootSigner};
use shared::ports::clock::{Clock, SystemClock};

use crate::archive::store;
use crate::cli::ManifestOptions;
use crate::terminal::{print_failure, print_stdout};

/// Runs `rollcall manifest`: names what is new in the archive, and writes a root where something is.
///
/// # Errors
/// There is no such archive, it cannot be written, its chain is broken, or the key cannot sign.
pub async fn run(options: &ManifestOptions) -> anyhow::Result<ExitCode> {
    let archive = &options.archive.archive;
    let manifests = ManifestStore { store: store(archive).await?, signer: signer(options)?, retention: None };
    let walk = Walk { began: SystemClock.now(), after: None, always_ends_with_root: false };
    let step = extend(&manifests, &SystemClock, &walk, Timestamp::MAX).await;
    let step = step.with_context(|| format!("the manifests of {archive} cannot be written"))?;
    if options.json {
        print_json(archive, &step)
    } else {
        print(&step)
    }
    Ok(ExitCode::SUCCESS)
}

fn signer(options: &ManifestOptions) -> anyhow::Result<Option<Arc<dyn RootSigner>>> {
    let Some(file) = &options.sign_with else { return Ok(None) };
    let shown = || format!("--sign-with {}", file.display());
    let signer = FileSigner::read(&std::fs::read(file).with_context(shown)?).with_context(shown)?;
    Ok(Some(Arc::new(signer)))
}

fn print_json(archive: &str, Step { root, last_sha256, lines, gone, .. }: &Step) {
    let written =
        json!({"archive": archive, "root": root, "lastSha256": last_sha256, "lines": lines, "gone": gone});
    print_stdout(&written.to_string());
}

fn print(step: &Step) {
    let Step { root, last_sha256, lines, gone, .. } = step;
    match root {
        Some(number) => {
            print_stdout(&format!("root {number} names {lines} objects that are new or have changed"))
        }
        None => print_stdout("nothing is new: no root was written"),
    }
    if let Some(sha256) = last_sha256 {
        print_stdout(&format!("the last root's SHA-256 is {sha256}: keep it where nobody can change it"));
    }
    if *gone > 0 {
        print_failure(&format!("{gone} objects are gone that manifests name: rollcall verify says which"));
    }
}
