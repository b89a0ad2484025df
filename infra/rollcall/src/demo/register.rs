//! The register of the training, written by the command that a person would type.

use std::path::Path;

use anyhow::{Context, bail};
use clap::Parser;
use shared::env::ProcessEnv;

use super::folder;
use crate::cli::{Cli, Command};
use crate::register;
use crate::terminal::print_stdout;

/// Writes the register of the training beside the archive's folder, and prints the command that does it.
///
/// # Errors
/// A sentence about what the machine refuses.
pub(super) async fn write(archive: &Path, roster: &Path) -> anyhow::Result<()> {
    let file = folder::beside(archive, "-register.xlsx")?;
    let texts = [archive, roster, &file].map(Path::to_str);
    let [Some(archive), Some(roster), Some(file)] = texts else {
        print_stdout("No register is written: the folder's name is not UTF-8.");
        return Ok(());
    };
    let title = "Data protection training";
    #[rustfmt::skip]
    let command = ["rollcall", "register", archive, "--title", title, "--roster", roster, "--zone", "Europe/Amsterdam", "--to", file];
    let Command::Register(options) = Cli::try_parse_from(command)?.command else {
        bail!("this is no register")
    };
    print_stdout(&format!("\n{}", command.map(|part| part.replace(title, &format!("'{title}'"))).join(" ")));
    register::run(&options, &ProcessEnv).await.map(drop).context("the register cannot be written")
}
