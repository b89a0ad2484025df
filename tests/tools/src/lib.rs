//! What the tests and the benchmark run beside Rollcall: AWS's emulators, a Lambda Runtime API, and programs
//! that other people wrote.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod aws;
pub mod emulators;
pub mod programs;
pub mod runtime_api;
pub mod usage;
