//! The options of the commands for the shell around this one: `completions`, `man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// The options of `rollcall completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  rollcall completions bash > ~/.local/share/bash-completion/completions/rollcall
  rollcall completions zsh > ~/.zfunc/_rollcall
  rollcall completions fish > ~/.config/fish/completions/rollcall.fish")]
pub struct CompletionsOptions {
    /// The shell whose words are completed
    pub shell: Shell,
}

/// The options of `rollcall man`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  rollcall man ~/.local/share/man/man1
  man rollcall-pull")]
pub struct ManOptions {
    /// The folder of the pages; it is made where there is none
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Print the files' names as JSON
    #[arg(long)]
    pub json: bool,
}
