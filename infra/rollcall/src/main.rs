//! The binary `rollcall`.

use std::process::ExitCode;

use clap::Parser;
use rollcall::cli::{Cli, Command};
use rollcall::{
    ask, browse, dead_letters, demo, doctor, erase, export, hold, login, manifest, person, pull, register,
    runs, simulate, verify,
};
use shared::env::ProcessEnv;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options).await,
        Command::Simulate(options) => simulate::run(&options).await,
        Command::Login(options) => login::run(&options, &ProcessEnv).await,
        Command::Logout(options) => login::logout(&options, &ProcessEnv),
        Command::Pull(options) => pull::run(&options, &ProcessEnv).await,
        Command::Browse(options) => browse::run(&options, &ProcessEnv).await,
        Command::Register(options) => register::run(&options, &ProcessEnv).await,
        Command::Export(options) => export::run(&options, &ProcessEnv).await,
        Command::Ask(options) => ask::run(&options, &ProcessEnv).await,
        Command::Manifest(options) => manifest::run(&options).await,
        Command::Verify(options) => verify::run(&options).await,
        Command::Person(options) => person::run(&options).await,
        Command::Erase(options) => erase::run(&options, &ProcessEnv).await,
        Command::Hold(options) => hold::run(&options, &ProcessEnv).await,
        Command::Backfill(options) => runs::backfill(&options).await,
        Command::Audit(options) => runs::audit(&options).await,
        Command::DeadLetters(options) => dead_letters::run(&options).await,
        Command::Doctor(options) => doctor::run(&options, &ProcessEnv).await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rollcall: {error:#}");
            ExitCode::FAILURE
        }
    }
}
