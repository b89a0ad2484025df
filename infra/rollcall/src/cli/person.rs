//! The options of the command that shows what an archive has about one person: `person`.

use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use reader::finder::Who;
use reader::rules;

use super::ArchiveOptions;

/// The options of `rollcall person`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Every object of the archive is read, several times: reports and their revisions, lines, events, registrations, call
records, ledgers and what is in staging/. What could not be decided is listed apart, with why.

Exit code: 0 if something was found, 1 if nothing is the person's for certain, 2 if several persons are meant: they are listed then.

Examples:
  rollcall person noor@fabrikam.com archive --to noor.html
  rollcall person 0a1b2c3d-… s3://my-archive --json
  rollcall person '+31 20 123 27 14' archive --to telephone.json
  rollcall person 'Noor Haddad' archive"
)]
pub struct PersonOptions {
    /// Who: an object id, an address, a telephone's number, the id of a guest, a key that a page shows, or a name
    #[arg(value_name = "WHO")]
    pub who: Who,
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// The file: a page for the person (.html), or everything as Graph sent it (.json)
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long, conflicts_with = "to")]
    pub json: bool,
    /// Who is the same person: a CSV file with two columns, each an address or an id
    #[arg(long, value_name = "FILE")]
    pub same: Option<PathBuf>,
    /// The zone in which the page shows times; by default this machine's
    #[arg(long, value_name = "ZONE", value_parser = rules::zone)]
    pub zone: Option<TimeZone>,
}
