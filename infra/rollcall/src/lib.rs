//! The operator's command.
//!
//! `rollcall demo` runs the whole pipeline on this machine; `rollcall pull` fetches the reports of a
//! real tenant with the same code, nothing deployed.

pub mod cli;
pub mod demo;
pub mod door;
pub mod local;
pub mod pull;
mod terminal;
