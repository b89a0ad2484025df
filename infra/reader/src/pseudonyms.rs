//! Pseudonymised copies of sessions, for those who analyse: it can be told who is one person, and not who that is.
//!
//! ```text
//! record ─▶ who is one person in all of the archive (Persons) ─▶ HMAC ─▶ p_…
//! report ─▶ a copy of the members that are named here, without a text ─▶ Session ─▶ PseudonymisedSession, times coarse
//! ```
//!
//! Nothing stands in a copy but what is named here: a member that Graph adds, or that a room above adds, is in none.

mod key;
mod persons;
mod pseudonymiser;
mod session;
mod times;

pub use key::PseudonymKey;
pub use pseudonymiser::Pseudonymiser;
pub use session::{PseudonymisedPerson, PseudonymisedRegistration, PseudonymisedSession};
pub use times::Times;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample;
