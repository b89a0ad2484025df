//! What Rollcall costs: calls that are counted here, at AWS's list prices. The tables of `docs/COST.md` are these.

pub(crate) mod price;

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use backfill::Summary;
use graph_sim::SimReport;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;

use crate::metrics::counted_metrics;
use crate::stack_template::Template;
use crate::world::{World, call_ended, report_ready};

/// The memory of a function of the stack, in gigabytes.
fn gigabytes(function: &str) -> f64 {
    Template::read().properties(function)["MemorySize"].as_f64().unwrap() / 1_024.0
}

/// How long a call of Graph takes, in seconds: what is usual, not a measurement.
const GRAPH_CALL: f64 = 0.25;
/// Counted every half hour: `SubscriptionHoursLeft`, `SubscriptionsAbsent`, `SubscriptionsForeign`.
const IDLE_METRICS: f64 = 3.0;
/// Counted in the hours of a reconcile, of which there are five a day: `ReconcilesBegun`, `OldestMessageSeconds`. What
/// Lambda counts, of its mappings, too, costs nothing: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html>
const RECONCILE_METRICS: f64 = 2.0 * 5.0 / 24.0;
/// A month has so many nights, and so many hours: a metric costs for the hours in which it is counted.
const NIGHTS: f64 = 30.0;
const HOURS: f64 = 30.0 * 24.0;
/// An event source mapping of bounded concurrency has five long polls at a time, of 20 s each.
const POLLS_A_MONTH: f64 = 5.0 * 30.0 * 86_400.0 / 20.0;

/// Calls, each kind counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Calls {
    requests: f64,
    messages: f64,
    graph: f64,
    reads: f64,
    writes: f64,
}

impl Calls {
    /// What was done in `world` so far, with `requests` to the webhook and `messages` between the functions.
    fn of(world: &World, requests: usize, messages: usize) -> Self {
        let is_graph = |path: &&String| !path.ends_with("/token");
        Self {
            requests: requests as f64,
            messages: messages as f64,
            graph: world.sim.requests().iter().filter(is_graph).count() as f64,
            reads: world.store.reads.load(Relaxed) as f64,
            writes: world.store.writes.load(Relaxed) as f64,
        }
    }

    /// What was done since `before`, for each of `count`.
    fn since(self, before: Self, count: usize) -> Self {
        let each = |now: f64, then: f64| (now - then) / count as f64;
        Self {
            requests: each(self.requests, before.requests),
            messages: each(self.messages, before.messages),
            graph: each(self.graph, before.graph),
            reads: each(self.reads, before.reads),
            writes: each(self.writes, before.writes),
        }
    }

    /// Dollars a million, where an invocation of `function`, whose memory all that work takes, has so many messages.
    /// The steps of a batch wait for Graph at the same time.
    fn a_million(&self, function: &str, batch: f64) -> [f64; 6] {
        let invocations = self.requests + self.messages / batch;
        let seconds = self.graph * GRAPH_CALL / batch
            + (self.messages + self.reads + self.writes) * price::AWS_CALL_SECONDS;
        // A message is sent by itself; a batch is received, and deleted, with one call.
        let queue_calls = self.messages + 2.0 * self.messages / batch;
        let messages_logged = (self.requests + self.messages) * price::MESSAGE_LOG_BYTES;
        let batches_logged = self.messages / batch * price::BATCH_LOG_BYTES;
        let dollars = [
            self.requests * price::HTTP_API_REQUEST,
            queue_calls * price::QUEUE_CALL,
            invocations * price::INVOCATION,
            seconds * gigabytes(function) * price::GIGABYTE_SECOND,
            self.writes * price::S3_WRITE + self.reads * price::S3_READ,
            (messages_logged + batches_logged) * price::LOG_BYTE,
        ];
        dollars.map(|dollars| dollars * 1e6)
    }
}

/// Invokes the functions until the queues are empty; answers how many messages there were.
async fn run_until_idle(world: &World) -> usize {
    let mut messages = 0;
    while world.pipeline.next_visible_at(&Function::WITH_QUEUE).is_some() {
        messages += invoke_each(world).await;
    }
    messages
}

/// Invokes each function once, where it has a visible message; answers how many messages there were.
async fn invoke_each(world: &World) -> usize {
    let mut messages = 0;
    for function in Function::WITH_QUEUE {
        let waiting = world.pipeline.queues.of(function).map_or(0, |queue| queue.messages().len());
        if world.pipeline.invoke(function).await.unwrap() {
            messages += waiting.min(function.batch_size());
        }
    }
    messages
}

const REPORTS: usize = 20;
const A_DAY: Duration = Duration::from_secs(86_400);

/// The calls of a report of a hundred people, from the notification of its call into the bucket.
async fn of_a_report(world: &World) -> Calls {
    let mut messages = 0;
    let before = Calls::of(world, 0, 0);
    for number in 0..REPORTS {
        let meeting = format!("m-{number}");
        world.meeting_ended(&meeting, 100);
        assert_eq!(world.notify(vec![call_ended(&meeting)]).await, 202);
        messages += run_until_idle(world).await;
    }
    Calls::of(world, REPORTS, messages).since(before, REPORTS)
}

/// The calls of the report of another session of each of those meetings, which are known by now.
async fn of_a_later_report(world: &World) -> Calls {
    let mut messages = 0;
    let before = Calls::of(world, 0, 0);
    for (number, meeting) in world.sim.meetings().iter().enumerate() {
        let report = world.report(meeting.source(), &format!("later-{number}"), 100);
        world.sim.add_session(meeting, &format!("call-later-{number}"), &report);
        assert_eq!(world.notify(vec![call_ended(&format!("later-{number}"))]).await, 202);
        messages += run_until_idle(world).await;
    }
    Calls::of(world, REPORTS, messages).since(before, REPORTS)
}

/// The calls of a reconcile of so many days, for each report that it finds archived.
async fn of_a_reconcile(world: &World, days: u32) -> Calls {
    of_a_run(world, json!({"reconcile": true, "days": days}), REPORTS).await
}

/// The calls of a run that `backfill` is asked for, for each of so many reports that it finds archived.
async fn of_a_run(world: &World, request: Value, reports: usize) -> Calls {
    let before = Calls::of(world, 0, 0);
    world.pipeline.backfill(request).await.unwrap();
    let messages = run_until_idle(world).await;
    Calls::of(world, 0, messages).since(before, reports)
}

fn nightly() -> Value {
    json!({"audit": true, "days": 8, "schedule": "nightly"})
}

/// The ledgers of a month in which there was no meeting, in dollars; and how many metrics they and the walks over the archive
/// count, as if each were counted in every hour.
async fn of_idle_ledgers() -> (f64, f64) {
    let world = World::new();
    let a_night = of_a_run(&world, nightly(), 1).await;
    let metrics = counted_metrics() as f64;
    of_a_run(&world, json!({"manifests": true}), 1).await;
    let metrics_of_a_walk = counted_metrics() as f64 - metrics;
    let a_month = of_a_run(&world, json!({"audit": true, "days": 365, "schedule": "monthly"}), 1).await;
    let [a_night, a_month] = [a_night, a_month].map(|calls| sum(&calls.a_million("Backfill", 1.0)) / 1e6);
    let metrics = metrics * (NIGHTS + 1.0) + metrics_of_a_walk * NIGHTS;
    (NIGHTS * a_night + a_month, metrics / HOURS)
}

/// What a reconcile calls more where each report has settled and is read once more.
async fn of_a_settled_read(world: &World) -> Calls {
    tokio::time::advance(A_DAY).await;
    let (with_reads, without) = (of_a_reconcile(world, 3).await, of_a_reconcile(world, 3).await);
    let more = with_reads.since(without, 1);
    assert_eq!(more.graph, 1.0, "the report");
    more
}

/// The calls of the looks at a short report that find nothing new, with the waiting for them: a sixth of six.
async fn of_a_look(world: &World) -> Calls {
    let report = SimReport { short_until: Some((Timestamp::MAX, 1)), ..world.webinar_report("short", None) };
    world.sim.add_report(report.clone());
    world.was_asked_for_event(&report.source).await;
    world.notify(vec![report_ready(&report)]).await;
    assert!(
        world.pipeline.invoke(Function::Fetch).await.unwrap()
            && world.pipeline.invoke(Function::Archive).await.unwrap()
    );
    let before = Calls::of(world, 0, 0);
    let mut messages = 0;
    while let Some(next) = world.pipeline.next_visible_at(&Function::WITH_QUEUE) {
        let wait = next.duration_since(world.clock.now());
        tokio::time::advance(wait.try_into().unwrap_or_default()).await;
        messages += usize::from(world.pipeline.invoke(Function::Fetch).await.unwrap());
    }
    Calls::of(world, 0, messages).since(before, 6)
}

fn table<const N: usize>(heads: &str, rows: &[(&str, [f64; N])]) -> String {
    let mut text = format!("| {heads} |\n|---|{}\n", "--:|".repeat(N));
    for (name, dollars) in rows {
        let cells: Vec<String> = dollars.iter().map(|dollars| format!("{dollars:.2}")).collect();
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    text
}

fn assert_page_has(table: &str) {
    assert!(include_str!("../../docs/COST.md").contains(table), "{table}");
}

fn sum<const N: usize>(parts: &[f64; N]) -> f64 {
    parts.iter().sum()
}

#[tokio::test(start_paused = true)]
async fn the_page_says_what_a_million_reports_cost() {
    let world = World::new();
    world.pipeline.keep_subscriptions().await.unwrap();
    run_until_idle(&world).await;
    let (report, again) = (of_a_report(&world).await, of_a_reconcile(&world, 1).await);
    let ledger = of_a_run(&world, nightly(), REPORTS).await;
    let (settled, look) = (of_a_settled_read(&world).await, of_a_look(&world).await);
    let batches = report.a_million("Fetch", 5.0);
    let later = of_a_later_report(&world).await.a_million("Fetch", 5.0);
    let [report, settled, look] = [report, settled, look].map(|calls| calls.a_million("Fetch", 1.0));
    let [again, ledger] = [again, ledger].map(|calls| calls.a_million("Backfill", 1.0));
    let columns = [report, batches, later, again, settled, look, ledger];
    let names = ["API Gateway", "SQS", "Lambda requests", "Lambda time", "S3 requests", "logs"];
    let row = |kind: usize| (names[kind], columns.map(|column| column[kind]));
    let mut rows: Vec<_> = (0..names.len()).map(row).collect();
    rows.push(("**together**", columns.map(|column| sum(&column))));
    assert_page_has(&table(
        "dollars a million reports | each alone | in batches of five | the same of meetings that are known | each time they are looked for again | read once more when settled | each look at a short one | each ledger that has them",
        &rows,
    ));
    assert!(sum(&columns[1]) < 40.0 && sum(&columns[2]) < 25.0);
}

/// The calls of a ledger for each of `count` sessions, of which Graph has forgotten the call records: what the
/// ledger costs without any session is not among them.
async fn of_sessions_in_a_ledger(world: &World, count: usize) -> Calls {
    let of_a_day = async |days: i64| {
        let since = world.clock.now() - SignedDuration::from_hours(24 * days);
        let until = since + SignedDuration::from_hours(24);
        let request = json!({"audit": true, "since": since, "until": until, "from": ["callRecords"]});
        let before = Calls::of(world, 0, 0);
        let accepted = world.pipeline.backfill(request).await.unwrap();
        let mut messages = 0;
        while let Some(next) = world.pipeline.next_visible_at(&Function::WITH_QUEUE) {
            let wait = next.duration_since(world.clock.now());
            tokio::time::advance(wait.try_into().unwrap_or_default()).await;
            messages += invoke_each(world).await;
        }
        let summary = Summary::of(&*world.objects, &accepted.ledger.unwrap()).await.unwrap().unwrap();
        (Calls::of(world, 0, messages).since(before, 1), summary.totals.absent as usize)
    };
    let (none, (calls, absent)) = (of_a_day(60).await.0, of_a_day(31).await);
    assert!([0, count].contains(&absent));
    calls.since(none, count)
}

#[tokio::test(start_paused = true)]
async fn the_page_says_what_a_million_sessions_cost_in_a_ledger() {
    let mut columns = Vec::new();
    for has_report in [true, false] {
        let world = World::new();
        for number in 0..REPORTS {
            let meeting = format!("m-{number}");
            let report = world.meeting_ended(&meeting, 3);
            if !has_report {
                world.sim.add_report(SimReport { ready_at: Timestamp::MAX, ..report });
            }
            assert_eq!(world.notify(vec![call_ended(&meeting)]).await, 202);
        }
        world.run_until_idle().await;
        assert_eq!(world.keys("sessions/").len(), REPORTS);
        let age = world.clock.now().duration_since(began());
        tokio::time::advance((SignedDuration::from_hours(30 * 24 + 12) - age).try_into().unwrap()).await;
        columns.push(of_sessions_in_a_ledger(&world, REPORTS).await.a_million("Backfill", 1.0));
    }
    let columns = [columns[0], columns[1]];
    let names = ["SQS", "Lambda requests", "Lambda time", "S3 requests", "logs"];
    let row = |kind: usize| (names[kind], columns.map(|column| column[kind + 1]));
    let mut rows: Vec<_> = (0..names.len()).map(row).collect();
    rows.push(("**together**", columns.map(|column| sum(&column))));
    assert_page_has(&table("dollars a million sessions in a ledger | with a report | without one", &rows));
}

/// When a test's clock begins.
fn began() -> Timestamp {
    "2026-03-02T10:30:00Z".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_page_says_what_an_idle_month_costs() {
    let (ledgers, ledger_metrics) = of_idle_ledgers().await;
    let template = Template::read();
    let count = |kind| template.of_type(kind).len() as f64;
    let has_mapping = |queue: &&str| !template.properties(queue)["RedrivePolicy"].is_null();
    let queues = template.of_type("AWS::SQS::Queue").iter().filter(|queue| has_mapping(queue)).count() as f64;
    // Not those that a parameter brings.
    let is_there = |alarm: &&str| template.resource(alarm)["Condition"].is_null();
    let alarms = template.of_type("AWS::CloudWatch::Alarm").into_iter().filter(is_there).count() as f64;
    let polls = queues * POLLS_A_MONTH;
    // What is free for every account, for ever: a million calls to SQS, ten alarms, ten metrics.
    let idle_metrics = IDLE_METRICS + RECONCILE_METRICS + ledger_metrics;
    let with_free = |price: f64, used: f64, free: f64| [price * used, price * (used - free).max(0.0)];
    let mut rows = vec![
        ("asking five queues", with_free(price::QUEUE_CALL, polls, 1e6)),
        ("alarms", with_free(price::ALARM, alarms, 10.0)),
        ("metrics that the schedules count", with_free(price::METRIC, idle_metrics, 10.0)),
        ("the nightly and the monthly ledger", with_free(ledgers, 1.0, 0.0)),
        ("secrets", with_free(price::SECRET, count("AWS::SecretsManager::Secret"), 0.0)),
    ];
    let together = [0, 1].map(|column| rows.iter().map(|(_, dollars)| dollars[column]).sum::<f64>());
    rows.push(("**together**", together));
    assert_page_has(&table("dollars an idle month | list price | with what is always free", &rows));
    assert!(together[1] < 4.5, "an alarm is a dime: who adds one says what it is worth");
}

/// A core of 2.5 GHz at 2.5 instructions a cycle, of which a function of 256 MB has this share.
const INSTRUCTIONS_A_SECOND: f64 = 2.5e9 * 2.5;
const SHARE_OF_A_CORE: f64 = 256.0 / 1_769.0;
/// A line of API Gateway's access log.
const ACCESS_LOG_BYTES: f64 = 200.0;
/// What a stranger's POST makes in the function's log; `webhook_strangers.rs` asserts that it is no more.
const STRANGER_LOG_BYTES: f64 = 512.0;

#[test]
fn a_day_of_strangers_at_the_full_throttle_costs_less_than_ten_dollars_beside_api_gateway() {
    let recorded = include_str!("../instructions/recorded.tsv");
    let of_strangers = recorded.lines().filter(|line| line.starts_with("stranger:"));
    let instructions = of_strangers.map(|line| line.rsplit('\t').next().unwrap().parse::<f64>().unwrap());
    let seconds = instructions.fold(0.0, f64::max) / (INSTRUCTIONS_A_SECOND * SHARE_OF_A_CORE);
    assert!(seconds > 0.0 && seconds < 1.0, "the answer is far within 2.5 s: {seconds}");

    let template = Template::read();
    let rate = template.properties("WebhookApiStage")["DefaultRouteSettings"]["ThrottlingRateLimit"].as_f64();
    let posts = rate.unwrap() * 86_400.0;
    let logged = (STRANGER_LOG_BYTES + ACCESS_LOG_BYTES) * price::LOG_BYTE;
    let each = price::INVOCATION + seconds * gigabytes("Webhook") * price::GIGABYTE_SECOND + logged;
    assert!(posts * each < 10.0, "{} dollars", posts * each);
    assert!(
        include_str!("../../docs/COST.md").contains(&format!("{:.2} dollars a day", posts * each)),
        "{:.2} dollars a day",
        posts * each
    );
}
