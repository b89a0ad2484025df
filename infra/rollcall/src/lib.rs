//! `rollcall`, the operator's command.
//!
//! `rollcall demo` runs the whole pipeline on this machine, `rollcall simulate` the simulated Graph alone;
//! `rollcall pull` fetches the reports of a real tenant with the same code, nothing deployed; `login` signs a person in for
//! it, and `logout` forgets that. `backfill`,
//! `audit`, `dead-letters` and `doctor` are for what is deployed. `browse`, `register`, `export` and `ask` are for who
//! reads an archive; `person` shows what it has about one, `erase` takes one out, `hold` keeps what it has from being deleted;
//! `manifest` and `verify` tell whether it is as it was left. `estimate` tells what a backfill takes before it is begun.

mod archive;
pub mod ask;
pub mod browse;
mod caller;
pub mod cli;
pub mod completions;
pub mod config_file;
pub mod dead_letters;
pub mod demo;
pub mod deployment;
pub mod doctor;
pub mod erase;
pub mod estimate;
pub mod exit;
pub mod export;
pub mod failure;
pub mod hold;
pub mod holds;
pub mod interrupt;
pub mod login;
pub mod man;
pub mod manifest;
pub mod person;
mod private_file;
pub mod pull;
pub mod register;
pub mod runs;
mod selection;
pub mod sign_in;
pub mod simulate;
pub mod terminal;
pub mod verify;
pub mod versions;
pub mod webhook_endpoint;
