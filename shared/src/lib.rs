//! What two functions of Rollcall need.
//!
//! - [`jobs`]: what travels between the functions.
//! - [`graph`]: the calls to Microsoft Graph, and what its refusals mean.
//! - [`report`]: an attendance report as raw JSON, and the few things that are read from it.
//! - [`watch`]: whose meetings and events an operator wants to be told of.
//! - [`layout`]: where each object lies in the archive; [`archived`]: whether a report is there.
//! - [`clock`], [`http`], [`queue`], [`secrets`], [`store`]: the ports, behind which the tests and
//!   the demo stand in for the network. Nothing else is abstract.
//! - [`aws`] (feature `aws`): the ports on SQS, S3 and Secrets Manager.

pub mod archived;
#[cfg(feature = "aws")]
pub mod aws;
pub mod batch;
pub mod cached;
pub mod client_state;
pub mod clock;
pub mod env;
pub mod graph;
pub mod http;
pub mod jobs;
pub mod layout;
pub mod metrics;
pub mod outcome;
pub mod pem_bundle;
pub mod queue;
pub mod report;
pub mod report_ref;
pub mod secrets;
pub mod store;
pub mod telemetry;
pub mod watch;
