//! What comes again, late or changed: a message, a page, the beginning of a run. None of it is lost, doubled, or mixed.

use std::time::Duration;

use graph_sim::{CalendarEntry, Fault, SimReport};
use jiff::SignedDuration;
use serde_json::json;
use shared::archive::layout::{sessions_of_day, utc_day};
use shared::jobs::{BackfillUnit, Job};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore};

use crate::backfill_tenant::{OTHER, in_calendar, ledger, session, tenant};
use crate::faults::StoreFault;
use crate::world::{ORGANIZER, World, call_ended, report_ready, webinar};

const EXPIRED: &str = r#"{"error":{"code":"Directory_ExpiredPageToken","message":"x","innerError":{}}}"#;

/// 1. "What is archived is one answer": also where it changes while one try reads it.
#[tokio::test(start_paused = true)]
async fn a_report_that_changes_within_one_try() {
    let world = World::new();
    world.sim.set_page_size(3);
    world.sim.slow_down("/attendanceReports/slow", Duration::from_secs(10));
    let report = world.report(webinar(), "slow", 12);
    world.sim.add_report(report.clone());
    world.notify(vec![report_ready(&report)]).await;
    let changed = SimReport { id: report.id.clone(), ..world.report(webinar(), "x", 13) };
    let changed = SimReport { start: report.start, end: report.end, ready_at: report.ready_at, ..changed };
    tokio::join!(world.run_until_idle(), async {
        tokio::time::sleep(Duration::from_secs(25)).await;
        world.sim.add_report(changed.clone());
    });
    let archived = world.only_report().await;
    assert!(archived == report.whole() || archived == changed.whole(), "of two states: {archived}");
}

/// A step is a dead letter after three days of failing, not at the second failure.
#[tokio::test(start_paused = true)]
async fn a_second_failure_days_after_the_first_is_no_dead_letter() {
    let world = World::new();
    world.meeting_ended("m", 3);
    world.notify(vec![call_ended("m")]).await;
    let list = "/attendanceReports";
    world.sim.fail(list, Fault::Throttled("7200".to_owned()), 1);
    // The call record, up to the source's first try.
    for _ in 0..6 {
        world.pipeline.invoke(Function::Fetch).await.unwrap();
        world.pipeline.invoke(Function::Archive).await.unwrap();
    }
    tokio::time::advance(Duration::from_secs(7_300)).await;
    world.store.fail(StoreFault::HeadRefused);
    world.pipeline.invoke(Function::Fetch).await.unwrap();
    world.sim.fail(list, Fault::Throttled("36000".to_owned()), 8);
    for _ in 0..8 {
        world.pipeline.invoke(Function::Fetch).await.unwrap();
        tokio::time::advance(Duration::from_secs(36_100)).await;
    }
    world.store.fail(StoreFault::HeadRefused);
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), Vec::<String>::new(), "the archive failed twice, for a moment each");
    assert_eq!(world.keys("reports/").len(), 1);
}

/// A unit gives up by itself within 24 hours, and the ledger waits for longer than its last wait.
#[tokio::test(start_paused = true)]
async fn a_unit_that_failed_once_for_aws_is_no_silent_one() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    let ended = world.clock.now() - SignedDuration::from_hours(48);
    in_calendar(&world, ORGANIZER, &session(&world, ORGANIZER, "m-1", "r-1", ended));
    let since = world.clock.now() - SignedDuration::from_hours(24 * 30);
    let request = json!({"organizers": [ORGANIZER], "from": ["calendars"], "since": since});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    world.sim.fail("/calendarView", Fault::Throttled("7200".to_owned()), 1);
    world.pipeline.run(&world.functions).await.unwrap();
    tokio::time::advance(Duration::from_secs(7_300)).await;
    world.store.fail(StoreFault::PutRefused("staging/audits/"));
    let queue = &world.pipeline.queues.backfill;
    let is_anew = || queue.messages().iter().any(|message| !message.attributes.is_empty());
    while !is_anew() {
        assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    }
    world.sim.fail("/calendarView", Fault::Throttled("30000".to_owned()), 3);
    world.run_until_idle().await;
    let summary = backfill::Summary::of(&*world.objects, &accepted.ledger.unwrap()).await.unwrap().unwrap();
    assert_eq!(summary.silent, [], "{summary:?}");
}

/// Where the answer to each send is lost once (SQS has the messages), a chain of units stays a chain.
#[tokio::test(start_paused = true)]
async fn lost_answers_do_not_multiply_a_chain() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.set_page_size(1);
    for day in 2..130 {
        let ended = world.clock.now() - SignedDuration::from_hours(6 * day);
        let (m, r) = (format!("m-{day}"), format!("r-{day}"));
        in_calendar(&world, ORGANIZER, &session(&world, ORGANIZER, &m, &r, ended));
    }
    let since = world.clock.now() - SignedDuration::from_hours(24 * 60);
    let request = json!({"organizers": [ORGANIZER], "from": ["calendars"], "audit": true, "since": since});
    world.pipeline.backfill(request).await.unwrap();
    let mut taken = std::collections::BTreeMap::<String, usize>::new();
    let queue = &world.pipeline.queues.backfill;
    let mut scans = 0;
    while let Some(next) = queue.next_visible_at() {
        tokio::time::advance(Duration::try_from(next.duration_since(world.clock.now())).unwrap_or_default())
            .await;
        let Some(event) = queue.receive(1) else { continue };
        let message = event.records[0].clone();
        let body = message.body.clone().unwrap();
        let deadline = world.clock.now() + SignedDuration::from_mins(9);
        let value = serde_json::to_value(&event).unwrap();
        backfill::handle(&world.pipeline.backfill, value, "", deadline).await.unwrap();
        let unit = BackfillUnit::from_message(&body).unwrap();
        if let BackfillUnit::Scan { id, .. } = &unit {
            scans += 1;
            *taken.entry(id.to_string()).or_default() += 1;
            assert!(scans < 20_000);
            if message.attributes.get("ApproximateReceiveCount").is_some_and(|count| count == "1") {
                // The invocation is cut after its units are sent: the message comes again.
                queue.change_visibility(message.receipt_handle.as_deref().unwrap(), Duration::ZERO).unwrap();
                continue;
            }
        }
        // Those that are put off stay; all else is done.
        if matches!(unit, BackfillUnit::Scan { .. }) || !queue.messages().is_empty() {
            queue.delete_acknowledged(&event, &Default::default());
        }
    }
    let most = taken.iter().max_by_key(|(_, taken)| **taken).unwrap();
    assert!(*most.1 <= 4, "{scans} units taken for {}; {most:?}", taken.len());
}

/// Lambda tries an asynchronous invocation again that failed half-way, later and with the same id.
#[tokio::test(start_paused = true)]
async fn a_run_whose_beginning_is_tried_again_has_one_set_of_units() {
    let world = World::new();
    tenant(&world);
    let request = json!({"audit": true, "days": 30});
    let mut ledgers = Vec::new();
    for fault in [StoreFault::PutRefused("staging/audits/"), StoreFault::PutAnswerLost("staging/audits/")] {
        world.store.fail(fault);
        world.pipeline.backfill_as("request-id", request.clone()).await.unwrap_err();
        assert!(world.pipeline.queues.backfill.messages().is_empty(), "its root comes first");
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    for _ in 0..2 {
        ledgers.extend(world.pipeline.backfill_as("request-id", request.clone()).await.unwrap().ledger);
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    assert_eq!(ledgers[0], ledgers[1]);
    let messages = world.pipeline.queues.backfill.messages();
    let units = messages.iter().map(|message| BackfillUnit::from_message(&message.body).unwrap());
    let runs: Vec<_> = units.map(|unit| unit.run().cloned().unwrap()).collect();
    assert!(runs.iter().all(|run| run == &runs[0]), "{runs:?}");
    world.run_until_idle().await;
    let summary = backfill::Summary::of(&*world.objects, &ledgers[0]).await.unwrap().unwrap();
    assert_eq!((summary.totals.missing, summary.silent.len()), (1, 0), "one in the calls of the month");
}

/// A message that is delivered twice does not make the run's units again.
#[tokio::test(start_paused = true)]
async fn a_unit_that_comes_again_does_not_multiply() {
    let world = World::new();
    for user in 0..300 {
        world.sim.add_user(&format!("0a11ce00-0000-4000-8000-{user:012}"), &[]);
    }
    world.pipeline.backfill(json!({"since": "2026-02-01", "from": ["calendars"]})).await.unwrap();
    let users = world.pipeline.queues.backfill.messages().remove(0);
    world.run_until_idle().await;
    let mut again = vec![0];
    // Each is a duplicate of a unit that ended, as SQS may deliver any.
    let queue = &world.pipeline.queues.backfill;
    queue.add(vec![users]);
    while world.pipeline.invoke(Function::Backfill).await.unwrap() {
        again[0] += 1;
    }
    assert_eq!(again, [1], "units that were taken again for one duplicate");
}

/// A run over an event whose id ends like the name of a list that was begun again ends.
#[tokio::test(start_paused = true)]
async fn an_event_may_have_any_id() {
    let world = World::new();
    let (_, summary) = ledger(&world, json!({"audit": true, "webinars": ["w-1-again"]})).await;
    let letters = world.dead_letters().len();
    assert_eq!((summary.silent.len(), letters), (0, 0), "{summary:?}");
}

/// A meeting whose list has an expired page hides no other meeting of its unit.
#[tokio::test(start_paused = true)]
async fn a_page_that_expires_in_a_meetings_list_hides_no_other_meeting() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    let ended = |days: i64| world.clock.now() - SignedDuration::from_hours(24 * days);
    for number in 1..=5 {
        let id = number.to_string();
        let report = session(&world, ORGANIZER, &format!("m-{id}"), &format!("r-{id}"), ended(number + 10));
        in_calendar(&world, ORGANIZER, &report);
    }
    let request =
        json!({"organizers": [ORGANIZER], "from": ["calendars"], "audit": true, "since": ended(30)});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    assert!(world.pipeline.invoke(Function::Backfill).await.unwrap());
    let expired = Fault::Raw(400, ("content-type", "application/json"), EXPIRED.to_owned());
    world.sim.fail("/attendanceReports", expired, 1);
    world.run_until_idle().await;
    let summary = backfill::Summary::of(&*world.objects, &accepted.ledger.clone().unwrap()).await.unwrap();
    let text = world.text(&accepted.ledger.unwrap()).await;
    assert_eq!(summary.unwrap().totals.reports, 5, "{text}");
}

/// A day of 150,000 calls is seen whole: their sessions, too.
#[tokio::test(start_paused = true)]
async fn a_day_of_many_kept_sessions_is_looked_at_whole() {
    let world = World::new();
    let now = world.clock.now();
    let start = now - SignedDuration::from_hours(24);
    let prefix = sessions_of_day(&world.env.tenant_id, utc_day(start));
    for call in 0..103_000 {
        let long_ago = (start - SignedDuration::from_hours(24 * 20)).to_string();
        let metadata: Metadata = [
            ("call-record-id".to_owned(), format!("call-{call}")),
            ("start".to_owned(), long_ago.clone()),
            ("end".to_owned(), long_ago),
        ]
        .into_iter()
        .collect();
        let object = NewObject::new("{}", "application/json", metadata);
        let _ = world
            .objects
            .put(&format!("{prefix}call-{call:06}.json"), object, Condition::IfAbsent)
            .await
            .unwrap();
    }
    let since = start - SignedDuration::from_hours(1);
    let (lines, summary) =
        ledger(&world, json!({"audit": true, "since": since, "from": ["callRecords"]})).await;
    assert!(summary.is_complete, "{lines:?}");
}

/// A list of one page that is read twice: what a later reading finds has one line.
#[tokio::test(start_paused = true)]
async fn a_list_that_begins_again_tells_nothing_twice() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.set_page_size(1);
    for day in 2..6 {
        world.sim.add_calendar_entry(CalendarEntry {
            user_id: ORGANIZER.into(),
            is_organizer: true,
            start: world.clock.now() - SignedDuration::from_hours(24 * day),
            join_web_url: None,
        });
        let ended = world.clock.now() - SignedDuration::from_hours(24 * day);
        let (m, r) = (format!("m-{day}"), format!("r-{day}"));
        in_calendar(&world, ORGANIZER, &session(&world, ORGANIZER, &m, &r, ended));
    }
    let since = world.clock.now() - SignedDuration::from_hours(24 * 30);
    let request = json!({"organizers": [ORGANIZER], "from": ["calendars"], "audit": true, "since": since});
    let accepted = world.pipeline.backfill(request).await.unwrap();
    let answer = || Fault::Raw(400, ("content-type", "application/json"), EXPIRED.to_owned());
    // The third page fails twice: in the unit that read those before it, and in its own.
    world.sim.fail("skip", answer(), 2);
    world.run_until_idle().await;
    let text = world.text(&accepted.ledger.unwrap()).await;
    for day in 2..6 {
        assert_eq!(text.matches(&format!("\"r-{day}\"")).count(), 1, "{text}");
    }
}

/// What one `rollcall pull` left in `staging/pages/` is no answer of Graph's for the next one, whose messages are
/// numbered from the beginning again.
#[tokio::test(start_paused = true)]
async fn a_second_pull_reads_the_report_as_it_is_now() {
    let mut world = World::new();
    let (report, changed) = slow_and_changed(&world);
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    assert_eq!(world.only_report().await, report.whole());
    assert!(!world.keys("staging/pages/").is_empty(), "nobody removes them from a folder");

    tokio::time::advance(Duration::from_secs(24 * 3_600)).await;
    world.sim.add_report(changed.clone());
    // Another process: queues in memory are new, and the archive is the same.
    world.pipeline = std::sync::Arc::new(local::LocalPipeline::new(&world.env));
    world.notify(vec![report_ready(&report)]).await;
    world.run_until_idle().await;
    let mut texts = vec![world.only_report().await];
    for key in world.keys("revisions/") {
        texts.push(world.text(&key).await);
    }
    assert!(
        texts.contains(&changed.whole()),
        "Graph's answer of today was never archived: {} versions",
        texts.len()
    );
}

/// An entry that a list names on two of its pages (it moved while the list was read) stands in the ledger once.
#[tokio::test(start_paused = true)]
async fn an_entry_on_two_pages_stands_in_the_ledger_once() {
    let world = World::new();
    tenant(&world);
    let answers = |next: Option<&str>| {
        let mut page = json!({"value": [{"id": OTHER}]});
        if let Some(next) = next {
            page["@odata.nextLink"] = json!(next);
        }
        Fault::Body(page.to_string())
    };
    let link = "https://graph.microsoft.com/v1.0/users?$select=id&$top=999&$skiptoken=2";
    world.sim.fail("/v1.0/users", answers(Some(link)), 1);
    world.sim.fail("/v1.0/users", answers(None), 1);
    let ended = world.clock.now() - SignedDuration::from_hours(24 * 12);
    in_calendar(&world, OTHER, &session(&world, OTHER, "m-other", "r-other", ended));
    let since = world.clock.now() - SignedDuration::from_hours(24 * 300);
    let key =
        crate::backfill_tenant::run(&world, json!({"audit": true, "since": since, "from": ["calendars"]}))
            .await
            .ledger
            .unwrap();
    let text = world.text(&key).await;
    assert_eq!(text.matches("\"r-other\"").count(), 1, "{:?}\n{text}", &world.sim.requests()[..4]);
}

/// The same for a webinar on two pages.
#[tokio::test(start_paused = true)]
async fn a_webinar_on_two_pages_stands_in_the_ledger_once() {
    let world = World::new();
    tenant(&world);
    let end = world.clock.now() - SignedDuration::from_hours(24 * 90);
    world.sim.set_page_size(1);
    world.sim.add_event(graph_sim::SimEvent {
        kind: "webinars",
        id: "w-1@contoso".into(),
        organizer_id: OTHER.into(),
        session_ids: vec!["s-1".into()],
        end,
    });
    let since = world.clock.now() - SignedDuration::from_hours(24 * 300);
    let key = crate::backfill_tenant::run(
        &world,
        json!({"audit": true, "since": since, "from": ["virtualEvents"]}),
    )
    .await
    .ledger
    .unwrap();
    let text = world.text(&key).await;
    assert_eq!(text.matches("\"r-webinar\"").count(), 1, "{text}");
}

/// A report in pages of which each takes long, and the same with other records, which neither counts nor times show.
fn slow_and_changed(world: &World) -> (SimReport, SimReport) {
    world.sim.set_page_size(3);
    world.sim.slow_down("/attendanceReports/slow", Duration::from_secs(20));
    let report = world.report(webinar(), "slow", 36);
    world.sim.add_report(report.clone());
    let later = |record: &String| record.replace("\"durationInSeconds\":1", "\"durationInSeconds\":9");
    let records = report.records.iter().map(later).collect();
    let changed = SimReport { records, ..report.clone() };
    (report, changed)
}
