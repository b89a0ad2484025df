//! `rollcall`, the operator's command.
//!
//! `rollcall demo` runs the whole pipeline on this machine, `rollcall simulate` the simulated Graph alone;
//! `rollcall pull` fetches the reports of a real tenant with the same code, nothing deployed. `backfill`,
//! `audit`, `dead-letters` and `doctor` are for what is deployed.

pub mod cli;
pub mod dead_letters;
pub mod demo;
pub mod deployment;
pub mod doctor;
pub mod pull;
pub mod runs;
pub mod simulate;
mod terminal;
pub mod webhook_endpoint;
