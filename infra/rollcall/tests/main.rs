//! The command, as people and their scripts run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod export_pseudonymised;
mod hold;
mod json;
mod login;
mod manners;
mod person;
mod pull_at_once;
