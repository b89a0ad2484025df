//! What Rollcall promises, end to end: one file a promise, named for its component. The table is in
//! `tests/README.md`.
//!
//! Most tests run the real handlers in process, against the simulated Graph, on a clock that jumps
//! over the waits. Those of the stores, the compiled functions and `rollcall pull` speak real HTTP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive_bytes;
mod archive_events;
mod archive_questions;
mod archive_sessions;
mod archive_versions;
mod backfill_discovery;
mod backfill_input;
mod backfill_long_lists;
mod backfill_schedules;
mod backfill_sessions;
mod backfill_tenant;
mod backfill_units;
mod backfill_watch;
mod backfill_year;
mod cli_dead_letters;
mod cli_deployment;
mod cli_doctor;
mod cli_pull;
mod cli_reading;
mod cli_runs;
mod cli_simulate;
mod code_structure;
mod compiled_functions;
mod entra_setup;
mod faults;
mod fetch_bad_input;
mod fetch_encrypted_notifications;
mod fetch_pages;
mod fetch_readiness;
mod fetch_retries;
mod fetch_short_reports;
mod fetch_targets;
mod fetch_watch;
mod graph_calls;
mod graph_contract;
mod graph_credentials;
mod graph_discovery;
mod graph_manners;
mod graph_manners_year;
mod graph_official_samples;
mod graph_one_answer;
mod graph_refusals;
mod graph_tokens;
mod jobs_in_flight;
mod logs_hold_no_personal_data;
mod metrics;
mod pipeline_beside_reports;
mod pipeline_dead_letters;
mod pipeline_lasting_faults;
mod pipeline_repeats;
mod pipeline_store_faults;
mod ports_queues_and_secrets;
mod ports_stores;
mod stack_alarms;
mod stack_archive;
mod stack_cloudfront;
mod stack_cost;
mod stack_invocations;
mod stack_ministack;
mod stack_outages;
mod stack_questions;
mod stack_template;
mod subscriptions_continuity;
mod subscriptions_thirty_days;
mod webhook_acknowledgement;
mod webhook_answers;
mod webhook_authenticity;
mod webhook_bursts;
mod webhook_strangers;
mod world;
