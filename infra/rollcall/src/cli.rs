//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use shared::clock::parse_moment;

/// Keeps every Microsoft Teams attendance report exactly as Microsoft Graph sent it.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole pipeline on this machine, against a simulated Microsoft Graph
    Demo(DemoOptions),
    /// Fetch the reports of a real tenant, nothing deployed
    Pull(PullOptions),
}

/// The options of `rollcall demo`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  rollcall demo
  rollcall demo --to /tmp/archive --meetings 200 --attendees 50")]
pub struct DemoOptions {
    /// The folder that stands for the bucket; it is emptied of an earlier demo first
    #[arg(long, default_value = "rollcall-demo")]
    pub to: PathBuf,
    /// How many ordinary meetings to play beside the eight scenes
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub meetings: u32,
    /// How many people attend each of them
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=20_000))]
    pub attendees: u32,
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
  GRAPH_CLOUD, GRAPH_VERSION, GRAPH_URL, LOGIN_URL        another cloud, version or host
  AWS_REGION, AWS_PROFILE, …                              for s3://

Examples:
  rollcall pull --to ./archive --organizer 3f1c… --meeting 'https://teams.microsoft.com/l/meetup-join/…'
  rollcall pull --to s3://my-archive --organizer 3f1c… --organizer 77ab… --since 2026-01-01
  rollcall pull --to ./archive --webinar 88b2…@f944…"
)]
pub struct PullOptions {
    /// A folder, or s3:// and a bucket's name
    #[arg(long, value_name = "DIR|s3://BUCKET")]
    pub to: String,
    /// The object id of a user who organized meetings; may be given several times
    #[arg(long = "organizer", value_name = "ID")]
    pub organizers: Vec<String>,
    /// A meeting's id or its join URL; may be given several times
    #[arg(long = "meeting", value_name = "ID|URL")]
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
    /// Until when to look
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub until: Option<Timestamp>,
}

impl PullOptions {
    /// Into this folder, with nothing named.
    pub fn to(folder: &Path) -> Self {
        let to = folder.display().to_string();
        let (organizers, meetings, webinars, townhalls) = Default::default();
        Self { to, organizers, meetings, webinars, townhalls, since: None, until: None }
    }
}

/// A date (its beginning in UTC), or a time.
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
