//! From each target of a fetch job to its reports: a call record, a join URL, a meeting of a channel.

use graph_sim::{Call, Meeting, SimReport, TENANT_ID};
use jiff::SignedDuration;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};

use crate::world::{ORGANIZER, World, call_ended};

#[tokio::test(start_paused = true)]
async fn a_join_url_leads_to_its_meetings_reports() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 5);
    let job = FetchJob::new(
        FetchTarget::JoinWebUrl {
            organizer_id: ORGANIZER.to_owned(),
            join_web_url: "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%7d"
                .to_owned(),
        },
        Cause::Pull,
        world.clock.now(),
    );

    let message = OutgoingMessage::new(job.to_message());
    world.pipeline.queues.fetch.send(vec![message]).await.unwrap();
    world.run_until_idle().await;

    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_meeting_of_this_tenant_is_dropped() {
    let world = World::new();
    let report = world.meeting_ended("m-1", 1);
    let join_web_url = Some("https://teams.microsoft.com/x".to_owned());
    let call =
        Call { id: String::new(), join_web_url, organizer: None, start: report.start, end: report.start };
    let ours = Some((ORGANIZER.to_owned(), TENANT_ID.to_owned()));
    world.sim.add_call(Call { id: "call-1".into(), ..call.clone() });
    world.sim.add_call(Call { id: "call-2".into(), organizer: ours, join_web_url: None, ..call.clone() });
    let theirs = Some((ORGANIZER.to_owned(), "another-tenant".to_owned()));
    world.sim.add_call(Call { id: "call-3".into(), organizer: theirs, ..call });

    world.notify(vec![call_ended("1"), call_ended("2"), call_ended("3")]).await;
    world.pipeline.run(&world.functions).await.unwrap();

    assert_eq!(world.pipeline.next_visible_at(&world.functions), None);
    assert_eq!(world.dead_outcomes(), ["organizer_unknown"], "nothing names who organized the first");
    let keys = world.keys("");
    assert!(keys.len() == 1 && keys[0].ends_with("/call-1.json"), "it was a meeting, and is kept: {keys:?}");
}

#[tokio::test(start_paused = true)]
async fn an_archived_report_that_did_not_change_is_not_fetched_again() {
    let world = World::new();
    world.meeting_ended("m-1", 5);
    world.notify(vec![call_ended("m-1")]).await;
    world.run_until_idle().await;
    let gets = || world.sim.requests().iter().filter(|path| path.contains("/attendanceReports/")).count();
    assert_eq!(gets(), 1);

    world.notify(vec![call_ended("m-1"), call_ended("m-1")]).await;
    world.run_until_idle().await;
    assert_eq!(gets(), 1);
}

/// Two meetings in one channel: a list of either shows the reports of both, and none can be got by id.
fn channel(world: &World) -> [SimReport; 2] {
    let meeting = |id: &str, hours: i64| {
        let join_web_url =
            format!("https://teams.microsoft.com/l/meetup-join/19%3ageneral%40thread.tacv2/{id}?context=x");
        let meeting = Meeting { organizer_id: ORGANIZER.into(), meeting_id: id.into(), join_web_url };
        let mut report = world.report(meeting.source(), &format!("report-{id}"), 3);
        report.start -= SignedDuration::from_hours(hours);
        report.end = report.end.map(|end| end - SignedDuration::from_hours(hours));
        world.sim.add_call(Call {
            id: format!("call-{id}"),
            join_web_url: Some(meeting.join_web_url.clone()),
            organizer: Some((ORGANIZER.to_owned(), TENANT_ID.to_owned())),
            start: report.start,
            end: report.end.unwrap(),
        });
        world.sim.add_meeting(meeting);
        world.sim.add_report(report.clone());
        report
    };
    [meeting("c-1", 5), meeting("c-2", 0)]
}

#[tokio::test(start_paused = true)]
async fn a_channel_meetings_report_is_the_list_joined_with_its_records_and_attributed_by_time() {
    let world = World::new();
    world.sim.set_page_size(2);
    let reports = channel(&world);

    world.notify(vec![call_ended("c-2")]).await;
    world.run_until_idle().await;
    assert_eq!(
        world.keys("reports/").len(),
        1,
        "the other meeting of the channel has a notification of its own"
    );
    world.notify(vec![call_ended("c-1"), call_ended("c-2")]).await;
    world.run_until_idle().await;

    let keys = world.keys("reports/");
    assert_eq!(keys.len(), 2, "each once over the channel: {keys:?}");
    for (key, report) in keys.iter().zip(&reports) {
        assert_eq!(world.text(key).await, report.listed_with_records());
    }
    for (key, id) in world.keys("records/").iter().zip(["c-1", "c-2"]) {
        assert!(world.text(key).await.lines().all(|line| line.contains(&format!("\"meetingId\":\"{id}\""))));
    }
    let gets = world
        .sim
        .requests()
        .into_iter()
        .filter(|path| path.ends_with("/report-c-1") || path.ends_with("/report-c-2"));
    assert_eq!(gets.count(), 0, "never by id");
}
