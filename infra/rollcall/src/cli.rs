//! The command line.

mod archive;
mod erase;
mod estimate;
mod evidence;
mod hold;
mod login;
mod person;
mod shell;

use std::path::{Path, PathBuf};

use backfill::DiscoverySource;
use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use shared::model::parse_moment;

pub use archive::{
    ArchiveOptions, AskOptions, BrowseOptions, ExportForm, ExportOptions, PseudonymOptions, RegisterOptions,
    RuleOptions, SelectOptions, TextOptions, TimesOption, WindowOption,
};

pub use erase::EraseOptions;
pub use estimate::EstimateOptions;
pub use evidence::{ManifestOptions, VerifyOptions};
pub use hold::HoldOptions;
pub use login::{LoginOptions, LogoutOptions};
pub use person::PersonOptions;
pub use shell::{CompletionsOptions, ManOptions};

/// Keeps every Microsoft Teams attendance report exactly as Microsoft Graph sent it.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, arg_required_else_help = true)]
pub struct Cli {
    /// Print results and failures alone: no progress, no hints
    #[arg(long, global = true)]
    pub quiet: bool,
    /// A file with what is typed each time; by default rollcall.toml in this folder, where there is one
    #[arg(long, global = true, env = "ROLLCALL_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The subcommand, with its options.
    #[command(subcommand)]
    pub command: Command,
}

/// A subcommand, with its options.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole pipeline on this machine, against a simulated Microsoft Graph
    Demo(DemoOptions),
    /// Serve the simulated Microsoft Graph on a port, to try a deployment or a pull against it
    Simulate(SimulateOptions),
    /// Sign in as a person, in the browser: for `pull --organizer me` and `doctor --graph-only`
    Login(LoginOptions),
    /// Forget who has signed in
    Logout(LogoutOptions),
    /// Fetch the reports of a real tenant, nothing deployed
    Pull(PullOptions),
    /// Look at an archive in the browser: sessions, registers, people, completeness
    Browse(BrowseOptions),
    /// Write the register of a series: people down, sessions across
    Register(RegisterOptions),
    /// Write sessions into files: as Teams' own download, CSV, XLSX or JSON; or pseudonymised copies of them
    Export(ExportOptions),
    /// Answer a ready question: who attended what, who did not come
    Ask(AskOptions),
    /// Name what an archive holds by its SHA-256, in a chain of roots; a deployed stack does it each night
    Manifest(ManifestOptions),
    /// Tell whether an archive is as its manifests say: what was changed, removed or added
    Verify(VerifyOptions),
    /// Show all that an archive has about one person, as a page or as JSON
    Person(PersonOptions),
    /// Keep what an archive has of a meeting, a person or a time from being erased and from expiring, until it is lifted
    Hold(HoldOptions),
    /// Take a person out of an archive for good; every record of others stays as it is
    Erase(EraseOptions),
    /// Tell what a backfill takes before it is begun: calls of Graph, hours, dollars
    Estimate(EstimateOptions),
    /// Let the deployed backfill fetch what the archive lacks, and follow it
    Backfill(BackfillOptions),
    /// Let the deployed backfill compare what Graph has with the archive, and print the ledger's summary
    Audit(AuditOptions),
    /// List what ended among the dead letters, send it back to its queue, or leave erased people out of it
    DeadLetters(DeadLettersOptions),
    /// Look whether everything is as it must be, from the credentials to the bucket
    Doctor(DoctorOptions),
    /// Print what completes this command's words in a shell
    Completions(CompletionsOptions),
    /// Write the manual, a page for each subcommand
    Man(ManOptions),
}

/// The options that name the deployed stack, and how its result is printed.
#[derive(Debug, Clone, Args)]
pub struct StackOptions {
    /// The stack: its functions are named STACK-webhook, STACK-fetch and so on
    #[arg(long, env = "ROLLCALL_STACK", default_value = "rollcall", value_name = "STACK")]
    pub stack: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `rollcall audit` and `rollcall backfill` look for.
#[derive(Debug, Clone, Args)]
pub struct LookOptions {
    /// Where the deployed functions are
    #[command(flatten)]
    pub stack: StackOptions,
    /// A user whose meetings are looked for: the object id or the user principal name; may be given several times
    #[arg(long = "organizer", value_name = "ID|UPN")]
    pub organizers: Vec<String>,
    /// A meeting's join URL, the number that people type to join it, or its id; may be given several times
    #[arg(long = "meeting", value_name = "URL|NUMBER|ID")]
    pub meetings: Vec<String>,
    /// A webinar's id; may be given several times
    #[arg(long = "webinar", value_name = "ID")]
    pub webinars: Vec<String>,
    /// A town hall's id; may be given several times
    #[arg(long = "townhall", value_name = "ID")]
    pub townhalls: Vec<String>,
    /// Where to look: call-records, calendars, virtual-events; may be given several times
    #[arg(long = "from", value_name = "WHERE", value_parser = discovery_source)]
    pub from: Vec<DiscoverySource>,
    /// From when on (a date, or a time with its zone); by default a year back
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Until when, itself not in it: --until 2026-02-01 ends with 31 January; by default until now
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// The options of `rollcall audit`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code: 0 if everything is accounted for, 1 if something is missing, lost or absent, or could not be seen.
A session without a report is absent 48 hours after its end; before that it is pending, which is no fault.

Examples:
  rollcall audit
  rollcall audit --since 2026-01-01 --until 2026-02-01
  rollcall audit --organizer 3f1c… --json
  rollcall audit --accept audits/v1/tenant=…/date=2026-02-01/….jsonl"
)]
pub struct AuditOptions {
    /// What to look for
    #[command(flatten)]
    pub look: LookOptions,
    /// An earlier ledger, by its key or address: what it told already does not count for the exit code
    #[arg(long, value_name = "LEDGER")]
    pub accept: Option<String>,
}

/// The options of `rollcall backfill`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code: 0 if everything is archived in the end, 1 if something is missing or could not be seen.
Ctrl-C stops the watching, not the run.

Examples:
  rollcall backfill --since 2026-01-01 --until 2026-02-01
  rollcall backfill --organizer 3f1c… --meeting 'https://teams.microsoft.com/l/meetup-join/…'
  rollcall backfill --since 2026-01-01 --dry-run
  rollcall backfill --since 2026-01-01 --events"
)]
pub struct BackfillOptions {
    /// What to look for
    #[command(flatten)]
    pub look: LookOptions,
    /// Only tell what would be fetched
    #[arg(long)]
    pub dry_run: bool,
    /// Fetch again what the archive has: it may have changed
    #[arg(long)]
    pub refresh: bool,
    /// Look through what is archived, too, and get the titles, organizers and plans that the archive lacks
    #[arg(long)]
    pub events: bool,
}

/// The options of `rollcall dead-letters`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "A letter is sent to its queue before it is deleted here, so none is lost in between.
After an erasure: what is redriven is kept without the person; what is to wait is written anew without them by --erased (with
rights to read the archive's tombstones and their key, as the erasure's role has).

Examples:
  rollcall dead-letters
  rollcall dead-letters --redrive --outcome access_policy_missing
  rollcall dead-letters --redrive --all
  rollcall dead-letters --erased")]
pub struct DeadLettersOptions {
    /// Where the deployed functions are
    #[command(flatten)]
    pub stack: StackOptions,
    /// Send them back: their cause is mended
    #[arg(long, requires = "which")]
    pub redrive: bool,
    /// Those with this outcome
    #[arg(long, group = "which", value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// All letters, whatever their outcome
    #[arg(long, group = "which")]
    pub all: bool,
    /// Write those anew that hold somebody who was erased from the archive, without them
    #[arg(long, conflicts_with_all = ["redrive", "which"])]
    pub erased: bool,
}

/// The options of `rollcall doctor`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Settings (environment): those of `rollcall pull` for Graph, and the standard AWS variables. With --graph-only it
also looks at what a person may do who has signed in with `rollcall login`.

Exit code: 0 if nothing stands in the way, 1 if something does.

Examples:
  rollcall doctor --organizer 3f1c…
  rollcall doctor --stack rollcall-prod
  rollcall doctor --graph-only --organizer me"
)]
pub struct DoctorOptions {
    /// Where the deployed functions are
    #[command(flatten)]
    pub stack: StackOptions,
    /// Look at Graph only: nothing is deployed yet
    #[arg(long)]
    pub graph_only: bool,
    /// A user whose reports must be readable: the object id or the user principal name; may be given several times
    #[arg(long = "organizer", value_name = "ID|UPN")]
    pub organizers: Vec<String>,
}

/// The options of `rollcall demo`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  rollcall demo
  rollcall demo --to /tmp/archive --meetings 200 --attendees 50")]
pub struct DemoOptions {
    /// The folder that stands for the bucket; it is emptied of an earlier demo first, and a roster is written beside it
    #[arg(long, default_value = "rollcall-demo")]
    pub to: PathBuf,
    /// How many ordinary meetings to play beside the other scenarios
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub meetings: u32,
    /// How many people attend each of them
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub attendees: u32,
    /// Print the result as JSON, without the scenes
    #[arg(long)]
    pub json: bool,
}

/// The options of `rollcall simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "It listens on 127.0.0.1 alone, prints the settings that lead to it, and goes on until Ctrl-C.

Examples:
  rollcall simulate
  rollcall simulate --port 9000 --every 5 --attendees 1000"
)]
pub struct SimulateOptions {
    /// The port; 0: any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// How many seconds there are between the ends of two meetings
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub every: u32,
    /// How many people attend each of them
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub attendees: u32,
    /// Print the settings and each meeting as JSON, one a line
    #[arg(long)]
    pub json: bool,
}

/// The options of `rollcall pull`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --meeting, --webinar and --townhall it looks for what there is: in the calendars and
virtual events of each --organizer (without one, in the virtual events of the tenant), and in
the call records of the last 30 days. What is found is pulled whole.

Settings (environment):
  AZURE_TENANT_ID, AZURE_CLIENT_ID                        the Entra application
  AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH    its secret, or a PEM file with certificate and key
  GRAPH_ACCESS_TOKEN                                      or a token that you have; --organizer me works then
  (after `rollcall login`)                                --organizer me, your own meetings: by the sign-in, also where
                                                          an application's credential is set; only GRAPH_ACCESS_TOKEN
                                                          stands above it
  GRAPH_CLOUD, GRAPH_VERSION, GRAPH_URL, LOGIN_URL        another cloud, version or host
  AWS_REGION, AWS_PROFILE, …                              for s3://
  TOMBSTONE_KEY                                           where people were erased: the text that they are hashed with

Examples:
  rollcall pull --to ./archive --organizer 3f1c… --meeting 'https://teams.microsoft.com/l/meetup-join/…'
  rollcall pull --to s3://my-archive --organizer 3f1c… --organizer 77ab… --since 2026-01-01
  rollcall pull --to ./archive --webinar 88b2…@f944…
  rollcall pull --to ./archive --organizer me"
)]
pub struct PullOptions {
    /// A folder, or s3:// and a bucket's name
    #[arg(long, value_name = "DIR|s3://BUCKET")]
    pub to: String,
    /// A user who organized meetings: the object id or the user principal name, or me after `rollcall login`; may be given several times
    #[arg(long = "organizer", value_name = "ID|UPN")]
    pub organizers: Vec<String>,
    /// A meeting's join URL, the number that people type to join it, or its id; may be given several times
    #[arg(long = "meeting", value_name = "URL|NUMBER|ID")]
    pub meetings: Vec<String>,
    /// A webinar's id; may be given several times
    #[arg(long = "webinar", value_name = "ID")]
    pub webinars: Vec<String>,
    /// A town hall's id; may be given several times
    #[arg(long = "townhall", value_name = "ID")]
    pub townhalls: Vec<String>,
    /// From when on to look (a date, or a time with its zone); Graph keeps reports for a year
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Until when to look, itself not in it: --until 2026-02-01 ends with 31 January
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Look through what is archived, too, and get the titles, organizers and plans that the archive lacks
    #[arg(long)]
    pub events: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

impl PullOptions {
    /// Whether they name one organizer, who is the person of the token: `me`.
    pub(crate) fn is_of_me(&self) -> bool {
        matches!(self.organizers.as_slice(), [only] if only.trim().eq_ignore_ascii_case("me"))
    }

    /// Options that pull into `folder`, with no organizer, item or time named.
    pub fn to(folder: &Path) -> Self {
        let to = folder.display().to_string();
        let (organizers, meetings, webinars, townhalls) = Default::default();
        Self {
            to,
            organizers,
            meetings,
            webinars,
            townhalls,
            since: None,
            until: None,
            events: false,
            json: false,
        }
    }
}

/// Reads a value of `--from`.
fn discovery_source(text: &str) -> Result<DiscoverySource, String> {
    match text {
        "call-records" => Ok(DiscoverySource::CallRecords),
        "calendars" => Ok(DiscoverySource::Calendars),
        "virtual-events" => Ok(DiscoverySource::VirtualEvents),
        _ => Err("write call-records, calendars or virtual-events".to_owned()),
    }
}

/// Reads a date (its beginning in UTC), or a time.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = |_| "write a date like 2026-01-31, or a time like 2026-01-31T10:00:00Z".to_owned();
    parse_moment(text).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
