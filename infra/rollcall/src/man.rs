//! `rollcall man`: the manual, a page for each subcommand.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::CommandFactory;
use serde_json::json;

use crate::cli::{Cli, ManOptions};
use crate::exit::Exit;
use crate::terminal::print_stdout;

/// Runs `rollcall man`: writes `rollcall.1`, `rollcall-pull.1` and so on into a folder.
///
/// # Errors
/// The folder cannot be made, or a page not be written.
pub fn run(options: &ManOptions) -> anyhow::Result<ExitCode> {
    let cannot = || format!("{} cannot be written", options.folder.display());
    std::fs::create_dir_all(&options.folder).with_context(cannot)?;
    clap_mangen::generate_to(Cli::command(), &options.folder).with_context(cannot)?;
    let pages = pages(&options.folder).with_context(cannot)?;
    if options.json {
        print_stdout(&json!({"folder": options.folder.display().to_string(), "pages": pages}).to_string());
    } else {
        print_stdout(&format!("{} pages: {}", pages.len(), options.folder.display()));
    }
    Ok(Exit::Done.into())
}

/// The names of this command's pages in a folder, in their order.
fn pages(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("rollcall") && name.ends_with(".1") {
            pages.push(name);
        }
    }
    pages.sort();
    Ok(pages)
}
