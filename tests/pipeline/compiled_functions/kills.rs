//! The compiled functions lose nothing when they are killed at each kind of request that they make.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use backfill::Summary;
use graph_sim::{GraphSim, Meeting, SimReport};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::ObjectStore;
use tokio::task::JoinSet;
use tools::aws::Aws;
use tools::runtime_api::FunctionProcess;
use tools::{emulators, until};

use super::compiled_webhook::CompiledWebhook;
use super::proxy::{Kills, Moment, proxied};
use super::{CALL_RECORD, CALL_RECORDS, SECRETS, build, is_archived, key, serve_graph, session, settings};
use crate::world::ORGANIZER;

const MEETINGS: usize = 250;
const SESSIONS_OF_A_MEETING: usize = 2;
/// Of one meeting in so many no notification comes; a backfill finds it.
const LOST_ONE_IN: usize = 5;
const KILLS: usize = 200;
/// A process is killed at one request of a kind in so many.
const ONE_IN: usize = 24;
/// A unit of a backfill starts again when its process was killed, and one that looks at a day's sessions makes
/// some hundred requests of a kind: killed at one in fewer than that, it would never end.
const ONE_IN_OF_BACKFILL: usize = 1_500;
/// Three minutes on a quiet machine with two cores.
const AT_REST_WITHIN: Duration = Duration::from_mins(15);

/// The functions that are killed, and their surroundings.
struct World {
    aws: Aws,
    sim: Arc<GraphSim>,
    kills: Arc<Kills>,
    subscriptions: Arc<FunctionProcess>,
    backfill: Arc<FunctionProcess>,
}

impl World {
    /// The functions, with two execution environments for `fetch` and two for `archive`.
    async fn start(aws: Aws, binaries: &Path) -> (Arc<Self>, JoinSet<()>) {
        let webhook = Arc::new(CompiledWebhook::default());
        let (sim, graph_url) = serve_graph(webhook.clone()).await;
        let kills = Arc::new(Kills::default());
        let settings = settings(&aws, &graph_url);
        let function =
            async |name: &str, one_in| proxied(&binaries.join(name), settings.clone(), &kills, one_in).await;
        webhook.connect(function("webhook", ONE_IN).await);
        let mut environments = Vec::new();
        for name in ["fetch", "archive", "fetch", "archive"] {
            environments.push((name, function(name, ONE_IN).await, 3));
        }
        let backfill = function("backfill", ONE_IN_OF_BACKFILL).await;
        environments.push(("backfill", backfill.clone(), 1));
        let subscriptions = function("subscriptions", ONE_IN).await;
        let world = Arc::new(Self { aws, sim, kills, subscriptions, backfill });
        let mut polls = JoinSet::new();
        for (queue, function, batch_size) in environments {
            polls.spawn(poll(world.clone(), queue, function, batch_size));
        }
        (world, polls)
    }

    /// Sessions that have ended, by meeting.
    fn sessions(&self) -> Vec<Vec<SimReport>> {
        let now = SystemClock.now();
        let meetings = (0..MEETINGS).map(|number| {
            let meeting = Meeting {
                organizer_id: ORGANIZER.into(),
                meeting_id: format!("m-{number}"),
                join_web_url: format!(
                    "https://teams.microsoft.com/l/meetup-join/19%3am-{number}%40thread.v2/0"
                ),
            };
            self.sim.add_meeting(meeting.clone());
            let one = |session_number: usize| {
                let end = now - SignedDuration::from_hours(24 * session_number as i64);
                // One in twenty comes in pages, and is too large for a message.
                let attendees = if number % 20 == session_number { 1_000 } else { 3 };
                session(&self.sim, &meeting, &format!("{number}-{session_number}"), attendees, end)
            };
            (0..SESSIONS_OF_A_MEETING).map(one).collect()
        });
        meetings.collect()
    }

    /// Notifies of a session as Graph does: again, until it is acknowledged.
    async fn notify(&self, number: usize, session: usize) {
        let call = format!("{CALL_RECORDS}/call-{number}-{session}");
        until(async || self.sim.notify(CALL_RECORDS, &call, CALL_RECORD).await.unwrap() == [202]).await;
    }

    /// Invokes a function again until it answers, and was not killed.
    async fn invoke_until_answered(&self, function: &FunctionProcess, event: Value) -> Value {
        loop {
            if let Some(answer) = function.invoke(&event).await {
                return answer;
            }
        }
    }
}

/// The event source mapping of a queue.
async fn poll(world: Arc<World>, queue: &'static str, function: Arc<FunctionProcess>, batch_size: i32) {
    loop {
        if !world.aws.feed(queue, &function, batch_size).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_kind_of_request_the_functions_lose_double_and_change_nothing() {
    let Some(config) = emulators::ministack().await else { return };
    let binaries = build();
    let aws = Aws::prepare(config, "kills", &SECRETS).await;
    let (world, mut polls) = World::start(aws, &binaries).await;
    let meetings = world.sessions();
    world.invoke_until_answered(&world.subscriptions, json!({})).await;

    for number in (0..MEETINGS).filter(|number| number % LOST_ONE_IN != 0) {
        for session in 0..SESSIONS_OF_A_MEETING {
            world.notify(number, session).await;
        }
    }
    // A day is a unit: those of the sessions, and one before.
    let days = SESSIONS_OF_A_MEETING as i64 + 1;
    let since = (SystemClock.now() - SignedDuration::from_hours(24 * days)).to_string();
    let request = json!({"since": since, "from": ["callRecords"]});
    let run = world.invoke_until_answered(&world.backfill, request).await;
    let ledger = run["ledger"].as_str().unwrap().to_owned();
    let reports: Vec<&SimReport> = meetings.iter().flatten().collect();
    let store = world.aws.store();
    let at_rest = async {
        while Summary::of(&store, &ledger).await.unwrap().is_none()
            || world.aws.messages_in_queues().await > 0
        {
            assert!(polls.try_join_next().is_none(), "an event source mapping failed");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(AT_REST_WITHIN, at_rest).await.unwrap();
    polls.shutdown().await;

    assert!(Summary::of(&store, &ledger).await.unwrap().unwrap().is_seen());
    nothing_is_lost_doubled_or_changed(&world.aws, &reports).await;
    report_kills(&world.kills, reports.len());
}

async fn nothing_is_lost_doubled_or_changed(aws: &Aws, reports: &[&SimReport]) {
    let store = aws.store();
    for report in reports {
        assert!(is_archived(&store, report).await, "{} is lost, or changed", report.id);
        let lines = store.get(&key("records", report, "jsonl")).await.unwrap().unwrap().body;
        let lines = lines.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, report.records.len(), "{}", report.id);
    }
    for prefix in ["reports/", "records/"] {
        assert_eq!(aws.versions(prefix).await, reports.len(), "{prefix} was written once for each report");
    }
    assert_eq!(aws.versions("revisions/").await, 0);
    assert_eq!(aws.dead_letters().await, 0);
}

/// Prints how often and where processes were killed, and checks that it was everywhere that matters.
fn report_kills(kills: &Kills, reports: usize) {
    let done = kills.done();
    let total: usize = done.values().sum();
    let stderr = &mut std::io::stderr();
    writeln!(stderr, "{reports} reports, {total} kills: 0 lost, 0 doubled, 0 changed").ok();
    for ((effect, moment), times) in &done {
        writeln!(stderr, "  {times:3} {moment:?} {effect}").ok();
    }
    assert!(total >= KILLS, "{total} kills");
    for effect in [
        "webhook AmazonSQS.SendMessageBatch",
        "fetch AmazonSQS.SendMessageBatch",
        "fetch PUT kills/staging/reports",
        "archive PUT kills/reports",
        "archive PUT kills/records",
    ] {
        for moment in [Moment::BeforeTheEffect, Moment::BeforeTheAnswer] {
            assert!(done.contains_key(&(effect.to_owned(), moment)), "{moment:?} {effect}");
        }
    }
}
