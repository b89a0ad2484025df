//! The options of the command that takes a person out of an archive: `erase`.

use std::path::PathBuf;

use clap::Args;

use super::ArchiveOptions;

/// The options of `rollcall erase`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "First it shows what would go; nothing is done before you have typed that it may. The person's records are replaced by
markers that say that somebody was erased, when and by which erasure; older versions are deleted. All other records stay as they are.

Settings (environment):
  TOMBSTONE_KEY          the text that those who were erased are hashed with, so that they do not come back; always the same
  AWS_REGION, AWS_PROFILE, …    for s3://: as the role that may delete versions (ErasureRoleArn)

Exit code: 0 if nothing of the person is left, 1 if something is (a lock, a hold, the second look), 2 if several persons are meant.

Examples:
  rollcall erase noor@fabrikam.com archive --reason DSR-1042 --dry-run
  rollcall erase 0a1b2c3d-… s3://my-archive --replica s3://my-replica --reason DSR-1042
  rollcall erase --resume 2026-11-28.4c1f0a9e s3://my-archive"
)]
pub struct EraseOptions {
    /// Who: an object id, an address, a telephone's number, the id of a guest, a key that a page shows, or a name
    #[arg(value_name = "WHO", required_unless_present = "resume")]
    pub who: Option<String>,
    /// Which archive the command changes
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// Why, or the number of the request; it is kept, so name nobody in it
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["resume", "dry_run"])]
    pub reason: Option<String>,
    /// Who is the same person: a CSV file with two columns, each an address or an id
    #[arg(long, value_name = "FILE")]
    pub same: Option<PathBuf>,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
    /// Only show what would go
    #[arg(long)]
    pub dry_run: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// The bucket that S3 copies the archive into
    #[arg(long, value_name = "s3://BUCKET")]
    pub replica: Option<String>,
    /// The secret in Secrets Manager with the text that those who were erased are hashed with
    #[arg(long, value_name = "ARN")]
    pub key_secret: Option<String>,
    /// End before the second look, six minutes after the beginning; --resume makes it
    #[arg(long)]
    pub no_wait: bool,
    /// Go on with an erasure that was cut, or whose locks have ended
    #[arg(long, value_name = "ERASURE")]
    pub resume: Option<String>,
}

impl EraseOptions {
    /// The archive's address. Who goes on with an erasure names nobody: then it is the first that is named.
    pub fn archive(&self) -> &str {
        self.who.as_deref().filter(|_| self.resume.is_some()).unwrap_or(&self.archive.archive)
    }

    /// Whether the archive is a bucket.
    pub fn is_bucket(&self) -> bool {
        self.archive().starts_with("s3://")
    }
}
