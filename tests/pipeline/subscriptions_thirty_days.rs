//! Thirty days in which notifications are lost, subscriptions removed, keys and certificates rotated and
//! everything restarted: no subscription is absent for longer than a period and a run, and each absence has
//! its gap.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use graph_sim::SimEvent;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::jobs::{BackfillUnit, Job};
use shared::model::{VirtualEventKind, Watch, WatchedMeeting, WatchedResource};
use shared::ports::clock::Clock;
use shared::ports::secrets::Stage;

use crate::world::{ORGANIZER, World, secrets};

const PERIOD: Duration = Duration::from_secs(30 * 60);
const RUNS: usize = 30 * 48;
const CERTIFICATES: [&str; 2] = [
    include_str!("fixtures/notification-certificate-1.pem"),
    include_str!("fixtures/notification-certificate-2.pem"),
];
const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0";

/// A tenant for thirty days, and what happens in it.
struct Month {
    world: World,
    random: Rng,
    /// The webinars, and when each ends.
    webinars: Vec<(String, Timestamp)>,
    /// When the last run was.
    last_run: Timestamp,
    /// How often a desired subscription was found absent.
    absences: usize,
}

#[tokio::test(start_paused = true)]
async fn no_subscription_is_absent_for_longer_than_a_period_and_each_absence_has_its_gap() {
    let mut absences = 0;
    for seed in 1..=3 {
        let mut month = Month::new(seed);
        month.run().await;
        for run in 0..RUNS {
            month.random_event(run).await;
            tokio::time::advance(PERIOD).await;
            month.run().await;
        }
        absences += month.absences;
    }
    assert!(absences > 300, "little happened: {absences}");
}

impl Month {
    fn new(seed: u64) -> Self {
        let meeting = WatchedMeeting { organizer: ORGANIZER.into(), join_web_url: JOIN_WEB_URL.into() };
        let watch = Watch { meetings: vec![meeting], ..Watch::default() };
        let secrets = secrets().with("notification-key", Stage::Current, CERTIFICATES[0]);
        let world = World::watching(watch, secrets).without_backfill();
        let last_run = world.clock.now();
        Self { world, random: Rng::with_seed(seed), webinars: Vec::new(), last_run, absences: 0 }
    }

    /// What must be subscribed to now.
    fn desired(&self) -> Vec<WatchedResource> {
        let (organizer_id, join_web_url) = (ORGANIZER.into(), JOIN_WEB_URL.into());
        let mut desired = vec![
            WatchedResource::CallRecords,
            WatchedResource::VirtualEvents,
            WatchedResource::MeetingCalls { organizer_id, join_web_url },
        ];
        let now = self.world.clock.now();
        let live = self.webinars.iter().filter(|(_, end)| now < *end + SignedDuration::from_hours(7 * 24));
        desired.extend(live.map(|(id, _)| reports_of(id)));
        desired
    }

    /// Which of those have no subscription.
    fn absent(&self) -> Vec<WatchedResource> {
        let shown = self.world.sim.subscriptions();
        let there: BTreeSet<&str> = shown.iter().filter_map(|shown| shown["resource"].as_str()).collect();
        self.desired().into_iter().filter(|resource| !there.contains(resource.path().as_str())).collect()
    }

    /// A run of the schedule: whatever was absent is there again, and has its gap.
    async fn run(&mut self) {
        let absent = self.absent();
        self.absences += absent.len();
        self.gaps();

        self.world.pipeline.keep_subscriptions().await.unwrap();

        assert_eq!(self.absent(), [], "without a subscription for longer than a period and a run");
        let gaps = self.gaps();
        for resource in absent {
            let covers = |unit: &BackfillUnit| match unit {
                BackfillUnit::Gap { resource: of, since, until } => {
                    *of == resource && *since <= self.last_run && *until >= self.world.clock.now()
                }
                other => panic!("{other:?}"),
            };
            assert!(gaps.iter().any(covers), "no gap for {resource:?}");
        }
        self.last_run = self.world.clock.now();
    }

    /// Takes the gaps out of their queue.
    fn gaps(&self) -> Vec<BackfillUnit> {
        let mut gaps = Vec::new();
        while let Some(event) = self.world.pipeline.queues.backfill.receive(10) {
            let bodies = event.records.iter().filter_map(|message| message.body.as_deref());
            gaps.extend(bodies.map(|body| BackfillUnit::from_message(body).unwrap()));
            self.world.pipeline.queues.backfill.delete_acknowledged(&event, &Default::default());
        }
        gaps
    }

    async fn random_event(&mut self, run: usize) {
        let of_a_hundred = self.random.u8(0..100);
        match of_a_hundred {
            0..2 => self.world.sim.forget_subscriptions(),
            2..8 => {
                let resource = self.any_subscription()["resource"].as_str().unwrap().to_owned();
                self.world.sim.forget_subscriptions_to(&resource);
            }
            8..14 => self.lifecycle_notification().await,
            14..18 => self.webinar_is_created(run).await,
            18..20 => self.world.restart(),
            _ => {}
        }
        if run == RUNS / 3 {
            self.world.secrets.rotate("notification-key", CERTIFICATES[1]);
        }
        if run == RUNS / 2 {
            self.world.secrets.rotate("webhook-key", "the next key");
        }
    }

    fn any_subscription(&mut self) -> serde_json::Value {
        let shown = self.world.sim.subscriptions();
        shown[self.random.usize(0..shown.len())].clone()
    }

    async fn lifecycle_notification(&mut self) {
        let events = ["reauthorizationRequired", "subscriptionRemoved", "missed"];
        let event = events[self.random.usize(0..events.len())];
        let subscription = self.any_subscription();
        if event == "subscriptionRemoved" {
            self.world.sim.forget_subscriptions_to(subscription["resource"].as_str().unwrap());
        }
        self.notify(json!({"subscriptionId": subscription["id"], "lifecycleEvent": event})).await;
    }

    async fn webinar_is_created(&mut self, run: usize) {
        let id = format!("w-{run}@contoso");
        let end = self.world.clock.now() + SignedDuration::from_hours(self.random.i64(0..200));
        self.world.sim.add_event(SimEvent {
            kind: "webinars",
            id: id.clone(),
            organizer_id: ORGANIZER.into(),
            session_ids: vec!["s-1".into()],
            end,
        });
        let path = format!("solutions/virtualEvents/webinars/{id}/");
        self.webinars.push((id, end));
        self.notify(json!({"changeType": "created", "resourceData": {"@odata.id": path}})).await;
    }

    /// A notification comes, or three in ten times it is lost.
    async fn notify(&mut self, item: serde_json::Value) {
        if self.random.u8(0..10) >= 3 {
            assert_eq!(self.world.notify(vec![item]).await, 202);
            self.world.run_until_idle().await;
        }
    }
}

fn reports_of(id: &str) -> WatchedResource {
    WatchedResource::Reports { kind: VirtualEventKind::Webinar, event_id: id.to_owned() }
}
