//! Whatever `backfill` is invoked with by hand, it is refused in a sentence, or its units can be read.

#![no_main]

mod world;

use std::sync::Arc;

use backfill::{Dependencies, handle};
use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use local::MemoryStore;
use serde_json::Value;
use shared::jobs::{BackfillUnit, Job};
use shared::model::Watch;
use shared::ports::http::Response;

use world::{Answers, JumpingClock, NOW, TENANT_ID, client, queue, run};

fuzz_target!(|input: &[u8]| {
    let Ok(event) = serde_json::from_slice::<Value>(input) else { return };
    let clock = JumpingClock::new();
    let graph = Answers::new(|_| Response::default());
    let (inbox, fetch_queue, dead_letters) = (queue(&clock), queue(&clock), queue(&clock));
    let store = Arc::new(MemoryStore::default());
    let dependencies = Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        graph: client(graph.clone(), &clock),
        watch: Watch::default(),
        store: store.clone(),
        fetch_queue: fetch_queue.clone(),
        backfill_queue: inbox.clone(),
        dead_letters: dead_letters.clone(),
        clock,
    };
    let is_batch = event.get("Records").is_some();
    let deadline = NOW + SignedDuration::from_hours(1_000);
    let answer = run(handle(&dependencies, event, "run-1", deadline));
    for message in inbox.messages() {
        BackfillUnit::from_message(&message.body).expect("a unit that backfill cannot read");
    }
    if is_batch {
        return;
    }
    assert!(graph.requests.lock().unwrap().is_empty(), "a request is answered before Graph is asked");
    match answer {
        Ok(answer) => {
            let units = answer["counts"]["units"].as_u64().expect("units are counted") as usize;
            let walks = usize::from(!answer["ledger"].is_null());
            assert_eq!(inbox.messages().len(), units + walks);
            assert_eq!(store.keys().len(), walks);
        }
        Err(refused) => {
            assert!(inbox.messages().is_empty() && store.keys().is_empty(), "{refused}");
            assert!(refused.to_string().len() < 1_000);
        }
    }
});
