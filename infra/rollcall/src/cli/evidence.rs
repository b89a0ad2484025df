//! The options of the commands that tell whether an archive is as it was left: `manifest`, `verify`.

use std::path::PathBuf;

use clap::Args;

use super::ArchiveOptions;

/// The options of `rollcall manifest`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "For an archive that no deployed stack keeps. What the manifests say is never changed, only added to.

Examples:
  rollcall manifest archive
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private.pem
  openssl pkey -in private.pem -pubout -out public.pem
  rollcall manifest archive --sign-with private.pem"
)]
pub struct ManifestOptions {
    /// Which archive the command writes to
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// A private key of the curve P-256 in PKCS #8 that signs the root
    #[arg(long, value_name = "FILE")]
    pub sign_with: Option<PathBuf>,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
}

/// The options of `rollcall verify`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Every object is read. The public key of a stack's ManifestKey, for verifying without AWS:
  aws kms get-public-key --key-id ARN --query PublicKey --output text | base64 -d > manifests.der

Exit code: 0 if the archive is as it was left, 1 if anything was changed, removed or added, or it has no manifests.

Examples:
  rollcall verify archive
  rollcall verify s3://my-archive --key manifests.der
  rollcall verify archive --root 5f2a… --json"
)]
pub struct VerifyOptions {
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// A public key that signs roots, PEM or DER; may be given several times, after a key was replaced
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// The SHA-256 of a root that was written down elsewhere: the chain must still have it
    #[arg(long, value_name = "SHA256")]
    pub root: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
