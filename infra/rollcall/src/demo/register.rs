//! The register of the training, written by the command that a person would type.

use std::path::Path;

use anyhow::{Context, bail};
use clap::Parser;
use shared::env::ProcessEnv;

use super::folder;
use crate::cli::{Cli, Command};
use crate::register;
use crate::terminal::{print_stderr, print_stdout};

/// Writes the register of the training beside the archive's folder, and prints the command that does it, unless it is to be quiet.
///
/// # Errors
/// A sentence about what the machine refuses.
pub(super) async fn write(archive: &Path, roster: &Path, is_quiet: bool) -> anyhow::Result<()> {
    let file = folder::beside(archive, "-register.xlsx")?;
    let texts = [archive, roster, &file].map(Path::to_str);
    let [Some(archive), Some(roster), Some(file)] = texts else {
        print_stderr("No register is written: the folder's name is not UTF-8.");
        return Ok(());
    };
    let title = "Data protection training";
    #[rustfmt::skip]
    let command = ["rollcall", "register", archive, "--title", title, "--roster", roster, "--zone", "Europe/Amsterdam", "--to", file];
    let Command::Register(options) = Cli::try_parse_from(command)?.command else {
        bail!("this is no register")
    };
    let written = register::write(&options, &ProcessEnv).await.context("the register cannot be written")?;
    if !is_quiet {
        let typed = command.map(|part| part.replace(title, &format!("'{title}'"))).join(" ");
        print_stdout(&format!("\n{typed}"));
        register::tell(&written, &options.to);
    }
    Ok(())
}
