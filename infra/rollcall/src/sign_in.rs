//! The sign-in that `rollcall login` keeps for the commands after it: whose it is in a file of the user's own, and the refresh
//! token in the system's keyring, or, where none answers, in that file.
//!
//! There is one sign-in at a time. Its refresh token is replaced by the newer one at each use.

mod file;
mod keeper;
mod keyring;
mod person;

pub(crate) use file::{KeptSignIn, file_of};
pub(crate) use keeper::Keeper;
pub use keyring::{Keyring, KeyringError, system};
pub(crate) use person::Person;

use shared::graph::GraphError;

/// Why the token service refused a person, without the outcome's sentence: that is of applications.
pub(crate) fn why(error: &GraphError) -> String {
    error.detail.as_deref().unwrap_or_else(|| error.outcome.sentence()).to_owned()
}

/// The same with what the person can do about it.
pub(crate) fn told(error: &GraphError) -> String {
    format!("{}. {}", why(error), error.remedy())
}
