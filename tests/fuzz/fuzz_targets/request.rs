//! Any event for `backfill` is refused with a short error, or results in units that can be read again.

#![no_main]

mod world;

use std::sync::Arc;

use backfill::{Dependencies, handle};
use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use local::MemoryStore;
use serde_json::Value;
use shared::jobs::{BackfillUnit, Job};
use shared::lambda::watch_filter::WatchFilter;
use shared::model::Watch;
use shared::ports::http::Response;

use world::{FakeGraph, JumpingClock, NOW, TENANT_ID, client, queue, run};

fuzz_target!(|input: &[u8]| {
    let Ok(event) = serde_json::from_slice::<Value>(input) else { return };
    let clock = JumpingClock::new();
    let graph = FakeGraph::new(|_| Response::default());
    let (backfill_queue, fetch_queue, dead_letters) = (queue(&clock), queue(&clock), queue(&clock));
    let store = Arc::new(MemoryStore::default());
    let dependencies = Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        graph: client(graph.clone(), &clock),
        watch: Watch::default(),
        watch_filter: WatchFilter::new(&Watch::default(), clock.clone()),
        manifests: None,
        store: store.clone(),
        fetch_queue: fetch_queue.clone(),
        archive_queue: queue(&clock),
        backfill_queue: backfill_queue.clone(),
        bulk_queue: backfill_queue.clone(),
        dead_letters: dead_letters.clone(),
        clock,
        reads_settled: true,
        retry_units_for: backfill::RETRY_UNITS_FOR,
        ledger_pauses: backfill::LEDGER_PAUSES,
    };
    let is_batch = event.get("Records").is_some();
    let deadline = NOW + SignedDuration::from_hours(1_000);
    let result = run(handle(&dependencies, event, "run-1", deadline));
    for message in backfill_queue.messages() {
        BackfillUnit::from_message(&message.body).expect("a unit that backfill cannot read");
    }
    if is_batch {
        return;
    }
    let is_lookup = |request: &shared::ports::http::Request| request.uri().path().starts_with("/v1.0/users");
    let requests = graph.requests.lock().unwrap();
    assert!(requests.iter().all(is_lookup), "Graph was asked for more than users before the request was answered");
    match result {
        Ok(accepted) => {
            let units = accepted["counts"]["units"].as_u64().expect("units are counted") as usize;
            let ledgers = usize::from(!accepted["ledger"].is_null());
            assert_eq!(backfill_queue.messages().len(), units + ledgers);
            assert_eq!(store.keys().len(), ledgers);
        }
        Err(error) => {
            assert!(backfill_queue.messages().is_empty() && store.keys().is_empty(), "{error}");
            assert!(error.to_string().len() < 1_000);
        }
    }
});
