//! Lists of a large tenant: several pages a unit, call records in shards of time, and few units that follow from one
//! another.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use graph_sim::{PausedClock, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use local::{MemorySecrets, MemoryStore, PipelineEnv, QueueSet};
use serde_json::{Value, json};
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache};
use shared::jobs::{BackfillUnit, Job, MAX_UNIT_HOPS, Scope};
use shared::lambda::function::Function;
use shared::model::{Outcome, Watch};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};

use crate::backfill_tenant::{in_calendar, ledger, session};
use crate::faults::StoreFault;
use crate::world::{ORGANIZER, World};

/// The calls of one day: half a minute's worth in the night, most of them in eight hours.
struct BusyDay {
    /// When each call began, in seconds since the Unix epoch, in order.
    calls: Vec<i64>,
    asked: Mutex<usize>,
}

/// How many entries a page of call records has.
const PAGE: usize = 60;

impl BusyDay {
    fn new(day: Timestamp, calls: usize) -> Self {
        let by_night = calls / 5;
        let begin = |call: usize| match call.checked_sub(by_night) {
            None => 86_400 * call / by_night,
            Some(by_day) => 8 * 3_600 + 8 * 3_600 * by_day / (calls - by_night),
        };
        let mut calls: Vec<i64> = (0..calls).map(|call| day.as_second() + begin(call) as i64).collect();
        calls.sort_unstable();
        Self { calls, asked: Mutex::new(0) }
    }
}

#[async_trait]
impl Http for BusyDay {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        *self.asked.lock().unwrap() += 1;
        assert!(request.uri().path().ends_with("/communications/callRecords"));
        let query = request.uri().query().unwrap();
        let (filter, skipped) = query.split_once("&$skiptoken=").unwrap_or((query, "0"));
        let skipped: usize = skipped.parse().unwrap();
        let time = |after: &str| -> i64 {
            let text = filter.split(after).nth(1).unwrap().split("%20").next().unwrap().replace("%3A", ":");
            text.parse::<Timestamp>().unwrap().as_second()
        };
        let window = self.calls.partition_point(|at| *at < time("ge%20"))
            ..self.calls.partition_point(|at| *at < time("lt%20"));
        let entries: Vec<Value> = window
            .clone()
            .skip(skipped)
            .take(PAGE)
            .map(|call| {
                let start = Timestamp::from_second(self.calls[call]).unwrap();
                let end = start + SignedDuration::from_mins(30);
                json!({"id": format!("call-{call}"), "type": "unknown",
                    "startDateTime": start.to_string(), "endDateTime": end.to_string()})
            })
            .collect();
        let mut page = json!({ "value": entries });
        if skipped + PAGE < window.len() {
            let next = format!("{filter}&$skiptoken={}", skipped + PAGE);
            page["@odata.nextLink"] =
                json!(format!("https://graph.microsoft.com{}?{next}", request.uri().path()));
        }
        Ok(Response::new(page.to_string().into()))
    }
}

/// A queue that is read by the test.
#[derive(Default)]
struct Sent(Mutex<Vec<String>>);

#[async_trait]
impl Queue for Sent {
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        self.0.lock().unwrap().extend(messages.into_iter().map(|message| message.body));
        Ok(())
    }

    async fn postpone(&self, _: &str, _: Duration) -> Result<(), QueueError> {
        Ok(())
    }
}

fn event(body: &str) -> Value {
    json!({"Records": [{"messageId": "m", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {}}]})
}

/// What `backfill` works with where Graph has the calls of a busy day. Its units are sent to `units`, and no other queue
/// is read.
fn dependencies(graph: &Arc<BusyDay>, units: &Arc<Sent>, clock: &Arc<PausedClock>) -> backfill::Dependencies {
    let tokens = TokenCache::new(Box::new(StaticToken("token".to_owned().into())), clock.clone());
    let endpoints = Endpoints::from_env(&[]).unwrap();
    let env = PipelineEnv {
        tenant_id: TENANT_ID.to_owned(),
        graph: GraphClient::new(graph.clone(), clock.clone(), tokens, &endpoints),
        store: Arc::new(MemoryStore::default()),
        versions: None,
        secrets: Arc::new(MemorySecrets::default()),
        webhook_key_id: String::new(),
        encryption: None,
        watch: Watch::default(),
        notification_url: String::new(),
        clock: clock.clone(),
        reads_settled: false,
        retry_units_for: backfill::RETRY_UNITS_FOR,
        ledger_pauses: backfill::LEDGER_PAUSES,
    };
    let others = Arc::new(Sent::default());
    env.backfill(&QueueSet {
        fetch: others.clone(),
        archive: others.clone(),
        subscriptions: others.clone(),
        backfill: units.clone(),
        backfill_bulk: units.clone(),
        dead_letters: others,
    })
}

#[tokio::test(start_paused = true)]
async fn a_day_of_150_000_calls_is_seen_whole_in_few_hops() {
    let clock = Arc::new(PausedClock::default());
    let day = clock.now() - SignedDuration::from_hours(24);
    let (graph, units) = (Arc::new(BusyDay::new(day, 150_000)), Arc::new(Sent::default()));
    let backfill = dependencies(&graph, &units, &clock);
    let until = day + SignedDuration::from_hours(24);
    let request = json!({"audit": true, "since": day, "until": until, "from": ["callRecords"]});
    backfill::handle(&backfill, request, "run", Timestamp::MAX).await.unwrap();
    let (mut listing, mut hops, mut seen) = (0, 0, BTreeSet::new());
    loop {
        let Some(message) = units.0.lock().unwrap().pop() else { break };
        let BackfillUnit::Scan { scope, hops: at, .. } = BackfillUnit::from_message(&message).unwrap() else {
            continue;
        };
        match scope {
            Scope::CallRecords { .. } => {
                listing += 1;
                hops = hops.max(at);
                let response =
                    backfill::handle(&backfill, event(&message), "", clock.now() + Duration::from_secs(600))
                        .await;
                assert_eq!(response.unwrap()["batchItemFailures"], json!([]));
            }
            Scope::Calls { ids, .. } => {
                hops = hops.max(at);
                seen.extend(ids);
            }
            _ => {}
        }
    }
    assert_eq!(seen.len(), 150_000);
    // One more where a unit that resolves calls has no time for all of them.
    assert!(hops < 8, "{hops} hops");
    let pages = *graph.asked.lock().unwrap();
    assert!(pages < 3_500, "{pages} pages were asked for, by {listing} units");
    println!("150,000 calls: {hops} hops, {listing} units, {pages} pages");
}

#[tokio::test(start_paused = true)]
async fn a_run_over_2_500_users_takes_few_hops() {
    let world = World::new();
    for user in 0..2_500 {
        world.sim.add_user(&format!("0a11ce00-0000-4000-8000-{user:012}"), &[]);
    }
    world.pipeline.backfill(json!({"since": "2026-02-01", "from": ["calendars"]})).await.unwrap();
    let queue = &world.pipeline.queues.backfill;
    let (mut hops, mut calendars) = (0, 0);
    while let Some(event) = queue.receive(1) {
        let message = event.records[0].body.clone().unwrap();
        if let BackfillUnit::Scan { scope, hops: at, .. } = BackfillUnit::from_message(&message).unwrap() {
            hops = hops.max(at);
            calendars += usize::from(matches!(scope, Scope::Calendar { .. }));
            let deadline = world.clock.now() + SignedDuration::from_mins(9);
            let event_json = serde_json::to_value(&event).unwrap();
            backfill::handle(&world.pipeline.backfill, event_json, "", deadline).await.unwrap();
        }
        queue.delete_acknowledged(&event, &Default::default());
    }
    assert_eq!((calendars, hops), (2_500, 2));
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_units_without_an_end_is_told() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    let accepted =
        world.pipeline.backfill(json!({"since": "2026-02-01", "from": ["calendars"]})).await.unwrap();
    let queue = &world.pipeline.queues.backfill;
    let event = queue.receive(1).unwrap();
    let mut unit = BackfillUnit::from_message(event.records[0].body.as_deref().unwrap()).unwrap();
    queue.delete_acknowledged(&event, &Default::default());
    if let BackfillUnit::Scan { hops, .. } = &mut unit {
        *hops = MAX_UNIT_HOPS;
    }
    queue.add(vec![OutgoingMessage::new(unit.to_message())]);
    world.run_until_idle().await;
    let text = world.text(&accepted.ledger.unwrap()).await;
    let outcome = format!(r#""outcome":"{}""#, Outcome::TooManyHops.name());
    assert!(text.contains(&outcome) && text.contains(r#""isComplete":false"#), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_changes_between_two_tries_of_its_unit_is_in_the_ledger_whole() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    let days = |days: i64| world.clock.now() - SignedDuration::from_hours(24 * days);
    for number in 2..14 {
        let report = session(
            &world,
            ORGANIZER,
            &format!("m-{number:02}"),
            &format!("r-{number:02}"),
            days(40 - number),
        );
        in_calendar(&world, ORGANIZER, &report);
    }
    let request = json!({"organizers": [ORGANIZER], "from": ["calendars"], "since": days(60)});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    world.store.fail(StoreFault::PutRefused("staging/audits/"));
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap(), "the calendar's unit");
    in_calendar(&world, ORGANIZER, &session(&world, ORGANIZER, "m-01", "r-01", days(39)));
    world.run_until_idle().await;
    let key = accepted.ledger.unwrap();
    let summary = backfill::Summary::of(&*world.objects, &key).await.unwrap().unwrap();
    assert_eq!((summary.totals.reports, summary.is_complete), (13, false), "all are missing at first");
    let (_, audited) = ledger(
        &world,
        json!({"audit": true, "organizers": [ORGANIZER], "from": ["calendars"], "since": days(60)}),
    )
    .await;
    assert_eq!((audited.totals.archived, audited.is_complete), (13, true));
}
