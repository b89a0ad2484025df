//! The binary `rollcall`.

use std::ffi::OsString;
use std::process::ExitCode;

use rollcall::cli::Command;
use rollcall::config_file::{self, LayeredEnv};
use rollcall::exit::Exit;
use rollcall::terminal::{self, print_failure};
use rollcall::{
    ask, browse, completions, dead_letters, demo, doctor, erase, estimate, export, failure, hold, interrupt,
    login, man, manifest, person, pull, register, runs, simulate, verify,
};
use shared::env::ProcessEnv;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let (cli, env) = match config_file::parse(&arguments, ProcessEnv) {
        Ok(parsed) => parsed,
        Err(error) => return told(&error, Exit::Refused),
    };
    if cli.quiet {
        terminal::be_quiet();
    }
    let interrupted = interrupt::first();
    let mut running = Box::pin(run(&cli.command, &env));
    let done = tokio::select! {
        done = &mut running => done,
        Ok(()) = interrupted => {
            // Files that are not whole yet are removed with it. Threads that still read are not waited for.
            drop(running);
            let (said, exit) = interrupt::ending(&cli.command);
            said.into_iter().for_each(print_failure);
            std::process::exit(exit.code().into())
        }
    };
    done.unwrap_or_else(|error| told(&error, Exit::Failed))
}

async fn run(command: &Command, env: &LayeredEnv) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(options) => demo::run(options).await,
        Command::Simulate(options) => simulate::run(options).await,
        Command::Login(options) => login::run(options, env).await,
        Command::Logout(options) => login::logout(options, env),
        Command::Pull(options) => pull::run(options, env).await,
        Command::Browse(options) => browse::run(options, env).await,
        Command::Register(options) => register::run(options, env).await,
        Command::Export(options) => export::run(options, env).await,
        Command::Ask(options) => ask::run(options, env).await,
        Command::Manifest(options) => manifest::run(options).await,
        Command::Verify(options) => verify::run(options).await,
        Command::Person(options) => person::run(options).await,
        Command::Erase(options) => erase::run(options, env).await,
        Command::Hold(options) => hold::run(options, env).await,
        Command::Estimate(options) => estimate::run(options),
        Command::Backfill(options) => runs::backfill(options).await,
        Command::Audit(options) => runs::audit(options).await,
        Command::DeadLetters(options) => dead_letters::run(options).await,
        Command::Doctor(options) => doctor::run(options, env).await,
        Command::Completions(options) => Ok(completions::run(options)),
        Command::Man(options) => man::run(options),
    }
}

fn told(error: &anyhow::Error, exit: Exit) -> ExitCode {
    print_failure(&format!("rollcall: {}", failure::sentence(error)));
    exit.into()
}
