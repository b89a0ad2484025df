//! registrations.
