//! The options of the commands that read an archive: `browse`, `register`, `export`, `ask`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use reader::rules::{self, Threshold, WindowRule};

/// Letters for marks, by the mark's name.
type Letters = BTreeMap<String, String>;

/// Which archive is read.
#[derive(Debug, Clone, Args)]
pub struct ArchiveOptions {
    /// A folder, or s3:// and a bucket's name
    #[arg(value_name = "ARCHIVE", env = "ROLLCALL_ARCHIVE", default_value = "archive")]
    pub archive: String,
}

/// What counts as present, late and so on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleOptions {
    /// From how much on somebody was present: 75%, 45m, 1h30m
    #[arg(long, value_name = "PERCENT|TIME", default_value = "75%")]
    pub present_after: Threshold,
    /// Below how much somebody was absent
    #[arg(long, value_name = "PERCENT|TIME", default_value = "10%")]
    pub absent_below: Threshold,
    /// How long after the beginning a first join is late
    #[arg(long, value_name = "PERCENT|TIME", default_value = "10m")]
    pub late_after: Threshold,
    /// How long before the end a last leave is early
    #[arg(long, value_name = "PERCENT|TIME", default_value = "10m")]
    pub left_before: Threshold,
    /// From when to when each session was to take place, in the zone: 10:00-11:00. Without it, the plan that Graph gave
    #[arg(long, value_name = "FROM-TO", value_parser = rules::planned)]
    pub planned: Option<WindowRule>,
    /// What counts: the plan where there is one that fits, or always the report's own times
    #[arg(long, value_name = "plan|report", default_value = "plan", conflicts_with = "planned")]
    pub window: WindowOption,
    /// The zone in which days begin and times are shown; by default this machine's
    #[arg(long, value_name = "ZONE", value_parser = rules::zone)]
    pub zone: Option<TimeZone>,
    /// How long the gap between two reports of one session may be, where no plan tells
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = rules::length)]
    pub join_within: SignedDuration,
    /// Other letters for the marks: absent=N,late=T
    #[arg(long, value_name = "MARK=LETTER,…", value_parser = rules::letters)]
    pub letters: Option<Letters>,
    /// Who is the same person: a CSV file with two columns, each an address or an id
    #[arg(long, value_name = "FILE")]
    pub same: Option<PathBuf>,
    /// Give a column to each session of under 5 minutes with at most 2 people, too
    #[arg(long)]
    pub strays: bool,
}

/// The values of `--window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WindowOption {
    /// The plan where there is one that fits, else the report's own times
    Plan,
    /// Always the report's own times
    Report,
}

/// Which sessions are meant.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which sessions")]
pub struct SelectOptions {
    /// A meeting's join URL, the number that people type to join it, or its id; may be given several times
    #[arg(long = "meeting", value_name = "URL|NUMBER|ID")]
    pub meetings: Vec<String>,
    /// A webinar's id; may be given several times
    #[arg(long = "webinar", value_name = "ID")]
    pub webinars: Vec<String>,
    /// A town hall's id; may be given several times
    #[arg(long = "townhall", value_name = "ID")]
    pub townhalls: Vec<String>,
    /// Those that this person organized: an object id, an address or a name
    #[arg(long, value_name = "ID|UPN|NAME")]
    pub organizer: Option<String>,
    /// Those whose title has these words
    #[arg(long, value_name = "WORDS")]
    pub title: Option<String>,
    /// From when on (a date in the zone, or a time with its zone)
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Until when, itself not in it: --until 2026-11-01 takes the sessions to the end of 31 October (a date in the zone, or a time with
    /// its zone)
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// The options of `rollcall browse`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The page is served on 127.0.0.1 alone, to who has the address that is printed, until Ctrl-C. Nothing in the archive is
changed. What was read is kept in an index in the user's cache folder, which may be deleted at any time.

Examples:
  rollcall browse rollcall-demo
  rollcall browse s3://my-archive --no-open"
)]
pub struct BrowseOptions {
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// The port; 0: any that is free
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Print the address, and open no browser
    #[arg(long)]
    pub no_open: bool,
    /// Print the address as JSON
    #[arg(long)]
    pub json: bool,
    /// Who is expected: a CSV file, as for rollcall register
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Let a line of the roster match by its name, where no id and no address does, and the name is exact and unique
    #[arg(long)]
    pub match_names: bool,
    /// What counts, where a page's address says nothing else
    #[command(flatten)]
    pub rules: RuleOptions,
}

/// The options of `rollcall register`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "A roster is a CSV file with a heading: any of id, email (mail, upn), name, number, group, from, to, excused.
A session whose report is not kept is \"not known\": it is no absence, and in no sum.

Examples:
  rollcall register archive --title 'Data protection' --roster autumn.csv --to register.xlsx
  rollcall register s3://my-archive --webinar 88b2…@f944… --since 2026-09-01 --to register.html
  rollcall register archive --organizer megan@contoso.com --aggregate --to sums.csv"
)]
pub struct RegisterOptions {
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// Which sessions are meant; all where nothing is said
    #[command(flatten)]
    pub select: SelectOptions,
    /// Who is expected: a CSV file (UTF-8 or UTF-16; comma, semicolon or tab)
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Let a line of the roster match by its name, where no id and no address does, and the name is exact and unique
    #[arg(long)]
    pub match_names: bool,
    /// What counts as present, late and so on
    #[command(flatten)]
    pub rules: RuleOptions,
    /// Sums alone, without anybody's name or times
    #[arg(long)]
    pub aggregate: bool,
    /// The file to write: .xlsx, .csv, .html or .json
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
    /// How texts are written
    #[command(flatten)]
    pub text: TextOptions,
}

/// How texts are written into CSV files.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "CSV")]
pub struct TextOptions {
    /// Write no byte order mark at the beginning of a CSV file
    #[arg(long)]
    pub no_bom: bool,
    /// Write each text as it is: a program for tables may take one that begins with = for a formula
    #[arg(long)]
    pub raw: bool,
}

/// The options of `rollcall export`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "teams-csv is the form in which Teams lets an organizer download a report; times are in the zone that the file's name says.

A pseudonymised copy (csv, xlsx, json) has no name, no address, no title, no id and no other text of anybody's: people, sessions, series and
organizers are p_…, s_…, m_…, the same in all files that were made with one key. It is still personal data: who has the key can tell whom a
pseudonym means, and in a small group anybody may. Keep the key where those who analyse cannot read it. docs/REGISTER.md says what is left.

Examples:
  rollcall export archive --as teams-csv --title 'Data protection' --to reports
  rollcall export s3://my-archive --as xlsx --since 2026-10-01 --until 2026-11-01 --to october
  (umask 077; openssl rand -hex 32 > new.key)
  rollcall export archive --as csv --pseudonymise new.key --to for-analysis"
)]
pub struct ExportOptions {
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// Which sessions are meant; all where nothing is said
    #[command(flatten)]
    pub select: SelectOptions,
    /// What kind of file
    #[arg(long = "as", value_name = "FORM")]
    pub form: ExportForm,
    /// teams-csv: also write the eight columns of engagement, which are empty: some importers want exactly fifteen
    #[arg(long)]
    pub engagement_columns: bool,
    /// What counts as present, late and so on
    #[command(flatten)]
    pub rules: RuleOptions,
    /// The folder in which each session gets a file, and its registrations one of their own
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Print what was written as JSON
    #[arg(long)]
    pub json: bool,
    /// How texts are written
    #[command(flatten)]
    pub text: TextOptions,
    /// What is left out of copies for those who analyse
    #[command(flatten)]
    pub pseudonyms: PseudonymOptions,
}

/// Copies of which nobody's name is left.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Pseudonymised copies")]
pub struct PseudonymOptions {
    /// Write pseudonymised copies, with the key in this file: 32 bytes or more that only you may read
    #[arg(long, value_name = "KEYFILE")]
    pub pseudonymise: Option<PathBuf>,
    /// How exact their times are: rounded down to 15 minutes, as lengths are, or as they were; by default 15min
    #[arg(long, value_name = "15min|exact", requires = "pseudonymise")]
    pub times: Option<TimesOption>,
}

/// The values of `--times`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TimesOption {
    /// Rounded down to a quarter of an hour
    #[value(name = "15min")]
    QuarterHours,
    /// As the archive has them
    Exact,
}

/// The kinds of files of `rollcall export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// As Teams' own download
    TeamsCsv,
    /// One line a record
    Csv,
    /// A workbook: people, joins, reports
    Xlsx,
    /// The session with its people
    Json,
}

/// The options of `rollcall ask`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  rollcall ask archive                   # the questions that there are
  rollcall ask archive no-shows
  rollcall ask archive who-attended --csv > attended.csv")]
pub struct AskOptions {
    /// Which archive the command reads
    #[command(flatten)]
    pub archive: ArchiveOptions,
    /// The question's name; without one, the questions are listed
    #[arg(value_name = "QUESTION")]
    pub question: Option<String>,
    /// Print the rows as JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print the rows as CSV
    #[arg(long)]
    pub csv: bool,
}
