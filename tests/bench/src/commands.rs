//! A contestant that is a command: run to its end, and measured.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::ensure;
use tokio::time::Instant;
use tools::runtime_api::Settings;
use tools::usage::Usage;

use crate::measured::Sample;

/// How often a running command's usage is read. The last sample before its end is close enough.
const SAMPLED_EVERY: Duration = Duration::from_millis(10);

/// Runs a command with these settings and no others.
pub(crate) async fn run(mut command: Command, settings: &Settings) -> anyhow::Result<Sample> {
    let settings = settings.iter().map(|(name, value)| (name, value));
    let began = Instant::now();
    let mut running = command.env_clear().envs(settings).stdout(Stdio::null()).spawn()?;
    let mut usage = Usage::default();
    let status = loop {
        if let Some(used) = Usage::of_running(running.id()) {
            usage = used;
        }
        if let Some(status) = running.try_wait()? {
            break status;
        }
        tokio::time::sleep(SAMPLED_EVERY).await;
    };
    let wall = began.elapsed();
    ensure!(status.success(), "{} ended with {status}", command.get_program().display());
    Ok(Sample { wall, usage })
}
