//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// Fetch the reports of a meeting from a real tenant, nothing deployed
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
#[command(after_help = "Settings (environment):
  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET   the Entra application
  GRAPH_ACCESS_TOKEN                                      or a token that you have
  GRAPH_CLOUD, GRAPH_VERSION, GRAPH_URL, LOGIN_URL        another cloud, version or host
  AWS_REGION, AWS_PROFILE, …                              for s3://

Examples:
  rollcall pull --to ./archive --organizer 3f1c… --meeting 'https://teams.microsoft.com/l/meetup-join/…'
  rollcall pull --to s3://my-archive --organizer 3f1c… --meeting MSpkYzE3…")]
pub struct PullOptions {
    /// A folder, or s3:// and a bucket's name
    #[arg(long, value_name = "DIR|s3://BUCKET")]
    pub to: String,
    /// The object id of the user who organized the meetings
    #[arg(long, value_name = "ID")]
    pub organizer: String,
    /// A meeting's id or its join URL; may be given several times
    #[arg(long = "meeting", value_name = "ID|URL", required = true)]
    pub meetings: Vec<String>,
}
