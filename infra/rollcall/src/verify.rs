//! `rollcall verify`: whether an archive still has what its manifests name, and whether these are the ones that were signed.
//!
//! It reads and writes nothing else, so it needs no network for a folder, and no right but to read for a bucket. What it looks
//! at, in which order, and what each finding means is in `docs/MANIFESTS.md`; `infra/verify.py` reads the same page.

mod findings;
mod manifests;
mod objects;
mod output;
mod roots;
mod trust;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use shared::archive::manifests::PublicKey;
use shared::digest::is_sha256_hex;
use shared::ports::store::{StoreError, VersionedStore};

use crate::archive::store;
use crate::cli::VerifyOptions;
use crate::terminal::{self, print_stdout};

pub use findings::{Finding, Findings, LastRoot, What};
use manifests::Expectations;
use roots::Roots;
pub use trust::Trust;

/// Runs `rollcall verify`: prints what was found. It fails where anything was changed, removed or added.
///
/// # Errors
/// There is no such archive, it gives no answer, or a key cannot be read.
pub async fn run(options: &VerifyOptions) -> anyhow::Result<ExitCode> {
    let trust = trust(&options.keys, options.root.as_deref())?;
    let archive = &options.archive.archive;
    let store = store(archive).await?;
    let bar = terminal::bar("{bar:40} {pos} of {len} objects, {elapsed}");
    let progress = |read: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(read as u64);
    };
    let findings = verify(&*store, &trust, &progress).await;
    bar.finish_and_clear();
    let findings = findings.with_context(|| format!("{archive} cannot be read"))?;
    print_stdout(&if options.json { output::json(archive, &findings)? } else { output::table(&findings) });
    Ok(if findings.is_intact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares an archive with its manifests, these with their roots, and the roots with `trust`. `progress` is told how many
/// objects were read, and of how many.
///
/// # Errors
/// The archive gave no answer, or refuses: nothing is known then.
pub async fn verify(
    store: &dyn VersionedStore,
    trust: &Trust,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    let roots = Roots::read(store, trust, &mut findings).await?;
    let expectations = Expectations::read(store, &roots, &mut findings).await?;
    objects::compare(store, (&roots, expectations), &mut findings, progress).await?;
    findings.sort();
    Ok(findings)
}

fn trust(keys: &[PathBuf], root: Option<&str>) -> anyhow::Result<Trust> {
    if root.is_some_and(|root| !is_sha256_hex(root)) {
        bail!(
            "--root takes the SHA-256 of a root, as rollcall verify prints it: 64 digits in lower-case hex"
        );
    }
    let keys = keys.iter().map(|file| key(file)).collect::<anyhow::Result<_>>()?;
    Ok(Trust { keys, root: root.map(str::to_owned) })
}

fn key(file: &Path) -> anyhow::Result<PublicKey> {
    let shown = || format!("--key {}", file.display());
    PublicKey::read(&std::fs::read(file).with_context(shown)?).with_context(shown)
}
