//! What Rollcall promises, end to end: one file a promise.
//!
//! Most tests run the real handlers in process, against the simulated Graph, on a clock that jumps
//! over the waits. Those of the stores and of `rollcall pull` speak real HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archived_as_sent;
mod bad_input;
mod binaries;
mod bursts;
mod code_structure;
mod contract;
mod cost;
mod credentials;
mod encrypted_notifications;
mod faults;
mod graph_calls;
mod jobs_in_flight;
mod logs_without_people;
mod never_deaf;
mod nothing_lost;
mod nothing_missing;
mod official_samples;
mod operator;
mod pulled_by_hand;
mod queues_and_secrets;
mod refusals;
mod richer_wins;
mod stack;
mod stores;
mod template;
mod tenant;
mod thirty_days;
mod units;
mod webhook_authenticity;
mod world;
mod year;
