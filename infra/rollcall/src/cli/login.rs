//! The options of the commands by which a person signs in and out: `login`, `logout`.

use clap::Args;
use shared::graph::DelegatedScope;
use shared::model::input;

/// The options of `rollcall login`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Without --with it asks for the attendance reports alone, to which users may consent in most tenants. Then a meeting is
named by its long join URL. Many tenants want an administrator for the rest:
  meetings   a meeting by its short address or number, and its title
  calendar   your meetings are found in your calendar
  events     webinars and town halls by their ids, and their titles

The application is one that people sign in to, with the redirect address http://localhost and public client flows;
infra/entra/sign-in.sh makes it. The refresh token is kept in the system's keyring, or where none answers in a file that
only you may read. It is replaced at each use, and good for 90 days after the last one.

Settings (environment):
  AZURE_TENANT_ID, AZURE_CLIENT_ID     the tenant and the application, where the options do not say
  GRAPH_CLOUD, GRAPH_URL, LOGIN_URL    another cloud or host

Examples:
  rollcall login --tenant-id 5466… --client-id 6f2d…
  rollcall login --with meetings --with calendar
  rollcall login --device-code
  rollcall login --explain AADSTS53003
  rollcall pull --to ./archive --organizer me --meeting 'https://teams.microsoft.com/l/meetup-join/…'"
)]
pub struct LoginOptions {
    /// Show a code to type on another machine, and open no browser here; many tenants block this
    #[arg(long)]
    pub device_code: bool,
    /// What to ask for beside the reports: meetings, calendar, events; may be given several times
    #[arg(long = "with", value_name = "WHAT", value_parser = scope)]
    pub with: Vec<DelegatedScope>,
    /// The id of the Entra tenant
    #[arg(long, value_name = "ID", value_parser = input::directory_id)]
    pub tenant_id: Option<String>,
    /// The client id of the application that people sign in to
    #[arg(long, value_name = "ID", value_parser = input::directory_id)]
    pub client_id: Option<String>,
    /// Print the address, and open no browser
    #[arg(long, conflicts_with = "device_code")]
    pub no_open: bool,
    /// Keep the refresh token in a file that only you may read, also where the system has a keyring
    #[arg(long)]
    pub no_keyring: bool,
    /// Tell what an AADSTS code means that the browser shows, and what mends it
    #[arg(long, value_name = "AADSTS…", conflicts_with_all = ["device_code", "with", "no_open", "no_keyring"])]
    pub explain: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// The options of `rollcall logout`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "It forgets the sign-in on this machine. To end it in Microsoft 365, too, which a lost machine needs: sign out
everywhere at https://myaccount.microsoft.com, or an administrator revokes the user's sessions in the Entra portal.

Examples:
  rollcall logout"
)]
pub struct LogoutOptions {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Reads a value of `--with`.
fn scope(text: &str) -> Result<DelegatedScope, String> {
    let found = DelegatedScope::ALL.into_iter().find(|scope| scope.name() == text);
    found.ok_or_else(|| "write meetings, calendar or events; reports are always asked for".to_owned())
}
