//! What several functions of Rollcall need, in rooms. A room knows those above it in this list, and none
//! below it; a test (`code_structure.rs` in `tests/pipeline`) reads the `use` lines and fails on any other.
//!
//! - [`digest`], [`mod@env`], [`backoff`], [`memory`]: hashes, settings, pauses between tries, and how much memory steps
//!   hold at once. They know nothing else.
//! - [`model`]: the types that the other rooms share: sources of reports, reports, times, outcomes, `WATCH`.
//! - [`ports`]: clock, HTTP, queue, secrets and object store, for which tests and the demo have stand-ins.
//!   Nothing else is abstract.
//! - [`graph`]: the calls to Microsoft Graph, and what its refusals mean.
//! - [`archive`]: the keys of archived objects, and whether a report is archived.
//! - [`jobs`]: the jobs that the functions send to each other through queues.
//! - [`lambda`]: what every function does around its own step: batches, dead letters, metrics, log lines.
//! - [`aws`] (feature `aws`): the ports on SQS, S3, Secrets Manager, STS and KMS.

pub mod archive;
#[cfg(feature = "aws")]
pub mod aws;
pub mod backoff;
pub mod digest;
pub mod env;
pub mod graph;
pub mod jobs;
pub mod lambda;
pub mod memory;
pub mod model;
pub mod ports;
