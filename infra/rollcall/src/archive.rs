//! An archive that is read: a folder or a bucket, and its index in the user's cache folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use reader::index::{Index, Progress};
use shared::aws::{self, S3Store};
use shared::env::Env;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{FolderStore, VersionedStore};

use crate::terminal::{self, print_failure, print_stderr};

/// One try of a call to AWS takes at most so long.
pub(crate) const AWS_ATTEMPT: Duration = Duration::from_secs(60);

/// An archive that is read, with its index.
#[derive(Clone)]
pub(crate) struct OpenArchive {
    /// Its objects.
    pub(crate) store: Arc<dyn VersionedStore>,
    /// What was read of it.
    pub(crate) index: Arc<Index>,
    /// Its address, as it was written.
    pub(crate) name: String,
}

impl OpenArchive {
    /// Opens the archive at `address`, a folder or a bucket, and its index as an earlier command left it.
    ///
    /// # Errors
    /// There is no such folder, or the index cannot be written.
    pub(crate) async fn at(address: &str, env: &impl Env) -> anyhow::Result<Self> {
        let store = store(address).await?;
        let file = Index::file_of(address, env)
            .context("there is no folder for the index: set XDG_CACHE_HOME to one of yours")?;
        let index = Index::open(file)?;
        Ok(Self { store, index: Arc::new(index), name: address.to_owned() })
    }

    /// The same, with the index brought up to date; a bar on a terminal shows how far it is.
    ///
    /// # Errors
    /// The archive refuses or does not answer, or the index cannot be written.
    pub(crate) async fn up_to_date(address: &str, env: &impl Env) -> anyhow::Result<Self> {
        let archive = Self::at(address, env).await?;
        archive.refresh().await?;
        let state = archive.index.state()?;
        if state.unreadable > 0 {
            print_failure(&format!(
                "{} objects could not be read, so their reports are missing here: the page Completeness of rollcall browse names them",
                state.unreadable
            ));
        }
        if state.reports == 0 {
            print_stderr(&format!("{address} has no reports: rollcall pull --to {address} fetches them"));
        }
        Ok(archive)
    }

    /// Brings the index up to date with the archive.
    ///
    /// # Errors
    /// The archive refuses or does not answer, or the index cannot be written.
    pub(crate) async fn refresh(&self) -> anyhow::Result<()> {
        let bar = terminal::bar("{spinner} {msg}, {elapsed}");
        let show =
            |Progress { listed, read }| bar.set_message(format!("{listed} objects listed, {read} read"));
        let refreshed = self.index.refresh(Arc::clone(&self.store), SystemClock.now(), &show).await;
        bar.finish_and_clear();
        refreshed.with_context(|| format!("{} cannot be read", self.name))?;
        Ok(())
    }
}

/// Sees that nothing is written into the archive itself, which may only be read.
///
/// # Errors
/// The file or folder `to` lies in the folder at `address`.
pub(crate) fn not_into(address: &str, to: &Path) -> anyhow::Result<()> {
    let Ok(archive) = Path::new(address).canonicalize() else { return Ok(()) };
    let to = std::path::absolute(to)?;
    let there = to.ancestors().find_map(|folder| folder.canonicalize().ok());
    if there.is_some_and(|there| there.starts_with(&archive)) {
        bail!("--to lies in the archive, which is only read: choose another folder");
    }
    Ok(())
}

/// The bucket that an address names; `None` where it is a folder's.
///
/// # Errors
/// Something stands behind the bucket's name.
pub(crate) fn bucket(address: &str) -> anyhow::Result<Option<&str>> {
    let Some(bucket) = address.strip_prefix("s3://") else { return Ok(None) };
    let bucket = bucket.trim_end_matches('/');
    if bucket.is_empty() || bucket.contains('/') {
        bail!("s3://… takes a bucket's name and nothing behind it: the archive's keys begin at its root");
    }
    Ok(Some(bucket))
}

/// The objects of the archive at `address`, a folder or a bucket.
///
/// # Errors
/// There is no such folder.
pub(crate) async fn store(address: &str) -> anyhow::Result<Arc<dyn VersionedStore>> {
    let Some(bucket) = bucket(address)? else { return Ok(Arc::new(FolderStore::existing(address)?)) };
    Ok(Arc::new(S3Store::new(&aws::config(AWS_ATTEMPT).await, bucket.to_owned(), None)))
}
