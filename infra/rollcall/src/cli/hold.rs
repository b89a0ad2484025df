//! The options of the command that keeps objects from being deleted: `hold`.

use clap::Args;

/// The options of `rollcall hold`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    override_usage = "rollcall hold NAME [ARCHIVE] [--meeting M | --webinar ID | --townhall ID | --person WHO] [--since DATE] [--until DATE]
       rollcall hold --list [ARCHIVE]
       rollcall hold --lift NAME [ARCHIVE]",
    after_help = "What is held can neither be erased nor expire: its reports, revisions, lines, events, registrations and call records, in all their
versions. A hold is of what the archive has when it is run: run it again by its name alone, and it holds what has come since, or what
a run that was cut left over. S3 places a legal hold on each version (the bucket needs Object Lock); in a folder there is nothing
but the record below holds/.

Of a person everything is held that may be the person's, also what could not be decided.

Examples:
  rollcall hold case-12 s3://my-archive --meeting 'https://teams.microsoft.com/l/meetup-join/…'
  rollcall hold case-13 s3://my-archive --person noor@fabrikam.com --since 2026-01-01
  rollcall hold case-12 s3://my-archive
  rollcall hold --list s3://my-archive
  rollcall hold --lift case-12 s3://my-archive"
)]
pub struct HoldOptions {
    /// The hold's name (letters, digits, and . _ -); with --list and --lift the archive
    #[arg(value_name = "NAME|ARCHIVE")]
    pub first: Option<String>,
    /// A folder, or s3:// and a bucket's name; by default as for every command that reads one
    #[arg(value_name = "ARCHIVE")]
    pub second: Option<String>,
    /// List the holds of the archive
    #[arg(long, conflicts_with_all = ["lift", "meetings", "webinars", "townhalls", "person", "since", "until"])]
    pub list: bool,
    /// Lift the hold of this name, from what no other hold holds
    #[arg(long, value_name = "NAME", conflicts_with_all = ["meetings", "webinars", "townhalls", "person", "since", "until"])]
    pub lift: Option<String>,
    /// A meeting's join URL, the number that people type to join it, or its id; may be given several times
    #[arg(long = "meeting", value_name = "URL|NUMBER|ID")]
    pub meetings: Vec<String>,
    /// A webinar's id; may be given several times
    #[arg(long = "webinar", value_name = "ID")]
    pub webinars: Vec<String>,
    /// A town hall's id; may be given several times
    #[arg(long = "townhall", value_name = "ID")]
    pub townhalls: Vec<String>,
    /// Everything about a person, as for rollcall person: an object id, an address, a telephone's number, a key, or a name
    #[arg(long, value_name = "WHO", conflicts_with_all = ["meetings", "webinars", "townhalls"])]
    pub person: Option<String>,
    /// From when on (a date in UTC, or a time with its zone)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Until when, itself not in it (a date in UTC, or a time with its zone)
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}
