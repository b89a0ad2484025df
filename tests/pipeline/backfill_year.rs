//! A year of a tenant in which three in ten notifications are lost, subscriptions are down for two
//! days, and Graph forgets: whatever it still had when a reconcile ran is in the archive, and what
//! could not be had is named with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Duration;

use backfill::{LedgerLine, State, Summary};
use fastrand::Rng;
use graph_sim::{CalendarEntry, Call, Fault, Meeting, SimEvent, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::{ReportSource, VirtualEventKind};
use shared::ports::clock::Clock;

use crate::world::{World, call_ended, report_ready};

const DAYS: i64 = 365;
const ORGANIZERS: usize = 5;
/// The organizer whom no access policy covers.
const NOT_COVERED: usize = ORGANIZERS - 1;

struct Year {
    world: World,
    random: Rng,
    sessions: usize,
    notified: usize,
    /// Every report there ever was, without its records.
    reports: Vec<SimReport>,
    /// Each report that Graph listed while a reconcile searched its days.
    seen_by_reconcile: BTreeSet<String>,
}

fn organizer(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-0000c0205050")
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[tokio::test(start_paused = true)]
async fn everything_that_graph_had_at_a_reconcile_is_archived() {
    let mut year = Year::new(42);
    for day in 0..DAYS {
        year.day(day).await;
    }
    year.advance(hours(72)).await;
    year.reconcile(365).await;
    year.advance(hours(1)).await;

    let (lines, summary) = year.audit().await;
    let archived: BTreeSet<&String> = ids(&lines, State::Archived).collect();
    assert_eq!(ids(&lines, State::Missing).count(), 0, "of what Graph lists, all is archived");
    assert_eq!(summary.totals.archived as usize, archived.len());
    assert_eq!(summary.totals.lost, 0, "a reconcile saw each report before Graph listed it no more");
    let unreachable: Vec<&LedgerLine> =
        lines.iter().filter(|line| line.state == State::Unreachable).collect();
    assert!(!unreachable.is_empty() && !summary.is_seen());
    for line in unreachable {
        assert!(line.source.contains(&organizer(NOT_COVERED)), "{}", line.source);
        assert_eq!(line.outcome.as_deref(), Some("access_policy_missing"));
    }

    let kept: BTreeSet<String> = year.kept();
    let lost: Vec<&String> = year.seen_by_reconcile.difference(&kept).collect();
    assert!(lost.is_empty(), "Graph had these when a reconcile ran: {lost:?}");
    assert!(year.notified * 10 < year.sessions * 8, "{} of {} notified", year.notified, year.sessions);
    let dead: BTreeMap<String, usize> =
        year.world.dead_outcomes().into_iter().fold(BTreeMap::new(), |mut all, outcome| {
            *all.entry(outcome).or_default() += 1;
            all
        });
    assert_eq!(dead.keys().collect::<Vec<_>>(), ["access_policy_missing"]);
    let summary_line = format!(
        "sessions {}, notified {}, in the archive {}, in Graph at the end {}, dead letters {dead:?}",
        year.sessions,
        year.notified,
        kept.len(),
        summary.totals.reports,
    );
    writeln!(std::io::stderr(), "{summary_line}").ok();
}

fn ids(lines: &[LedgerLine], state: State) -> impl Iterator<Item = &String> {
    lines.iter().filter(move |line| line.state == state).filter_map(|line| line.report_id.as_ref())
}

impl Year {
    fn new(seed: u64) -> Self {
        let world = World::new();
        for number in 0..ORGANIZERS {
            world.sim.add_user(&organizer(number), &[]);
        }
        let denied = format!("/users/{}/onlineMeetings", organizer(NOT_COVERED));
        world.sim.fail(&denied, Fault::NoAccessPolicy, usize::MAX);
        Self {
            world,
            random: Rng::with_seed(seed),
            sessions: 0,
            notified: 0,
            reports: Vec::new(),
            seen_by_reconcile: BTreeSet::new(),
        }
    }

    /// A day: sessions end, and every six hours the schedules run. From the 100th day on there is no
    /// subscription for two days.
    async fn day(&mut self, day: i64) {
        let is_unsubscribed = (100..102).contains(&day);
        if day == 100 {
            self.world.sim.forget_subscriptions();
        }
        for quarter in 0..4 {
            for _ in 0..self.random.usize(0..2) {
                self.session(is_unsubscribed).await;
            }
            if !is_unsubscribed {
                self.world.pipeline.keep_subscriptions().await.unwrap();
            }
            self.advance(hours(6)).await;
            self.reconcile(1).await;
            if quarter == 3 {
                self.reconcile(3).await;
            }
        }
        if day % 7 == 6 {
            self.reconcile(30).await;
        }
        if day % 30 == 29 {
            self.reconcile(365).await;
        }
        self.advance(SignedDuration::ZERO).await;
    }

    /// A session ends: of a series, of a meeting in no calendar, or of a webinar. Its report is there
    /// some hours later, at times after days.
    async fn session(&mut self, is_unsubscribed: bool) {
        self.sessions += 1;
        let (number, end) = (self.sessions, self.world.clock.now());
        let organizer_id = organizer(self.random.usize(0..ORGANIZERS));
        let kind = self.random.u8(0..10);
        let source = match kind {
            0 => self.webinar(&organizer_id, number),
            1..4 => self.meeting(&organizer_id, &format!("m-{number}"), false),
            _ => self.meeting(&organizer_id, &format!("series-{organizer_id}"), true),
        };
        let late = if self.random.u8(0..20) == 0 {
            hours(self.random.i64(24..200))
        } else {
            hours(self.random.i64(0..5))
        };
        let report = SimReport::ended(source, &format!("report-{number}"), 2, end - hours(1), end);
        let report = SimReport { ready_at: end + late, ..report };
        self.world.sim.add_report(report.clone());
        self.reports.push(SimReport { records: Vec::new(), ..report.clone() });
        if kind > 0 {
            self.call(&organizer_id, &report, number);
        }
        if !is_unsubscribed && self.random.u8(0..10) >= 3 {
            self.notified += 1;
            let item = if kind == 0 { report_ready(&report) } else { call_ended(&number.to_string()) };
            assert_eq!(self.world.notify(vec![item]).await, 202);
        }
    }

    fn webinar(&self, organizer_id: &str, number: usize) -> ReportSource {
        let id = format!("w-{number}@contoso");
        self.world.sim.add_event(SimEvent {
            kind: "webinars",
            id: id.clone(),
            organizer_id: organizer_id.to_owned(),
            session_ids: vec!["s".into()],
            end: self.world.clock.now(),
        });
        VirtualEventKind::Webinar.source(&id, "s")
    }

    fn meeting(&self, organizer_id: &str, id: &str, in_calendar: bool) -> ReportSource {
        let meeting = Meeting {
            organizer_id: organizer_id.to_owned(),
            meeting_id: id.to_owned(),
            join_web_url: format!("https://teams.microsoft.com/l/meetup-join/19%3a{id}%40thread.v2/0"),
        };
        if self.world.sim.meetings().iter().all(|there| there.meeting_id != id) {
            self.world.sim.add_meeting(meeting.clone());
        }
        if in_calendar {
            self.world.sim.add_calendar_entry(CalendarEntry {
                user_id: organizer_id.to_owned(),
                is_organizer: true,
                start: self.world.clock.now() - hours(1),
                join_web_url: Some(meeting.join_web_url.clone()),
            });
        }
        meeting.source()
    }

    fn call(&self, organizer_id: &str, report: &SimReport, number: usize) {
        let meetings = self.world.sim.meetings();
        let meeting = meetings.into_iter().find(|meeting| meeting.source() == report.source);
        self.world.sim.add_call(Call {
            id: format!("call-{number}"),
            join_web_url: meeting.map(|meeting| meeting.join_web_url),
            organizer: Some((organizer_id.to_owned(), TENANT_ID.to_owned())),
            start: report.start,
            end: report.end.unwrap(),
        });
    }

    /// Advances the clock, and runs the pipeline whenever a message becomes visible.
    async fn advance(&self, time: SignedDuration) {
        let until = self.world.clock.now() + time;
        let functions = &self.world.functions;
        self.world.pipeline.run(functions).await.unwrap();
        while let Some(next) = self.world.pipeline.next_visible_at(functions).filter(|next| *next <= until) {
            self.wait(next).await;
            self.world.pipeline.run(functions).await.unwrap();
        }
        self.wait(until).await;
    }

    async fn wait(&self, until: Timestamp) {
        let wait = Duration::try_from(until.duration_since(self.world.clock.now())).unwrap_or_default();
        tokio::time::advance(wait).await;
    }

    /// The schedule reconciles; what Graph lists of those days now must not be lost any more.
    async fn reconcile(&mut self, days: i64) {
        let now = self.world.clock.now();
        self.world.pipeline.backfill(json!({"reconcile": true, "days": days})).await.unwrap();
        self.world.pipeline.run(&self.world.functions).await.unwrap();
        let mut listed: BTreeMap<String, Vec<&SimReport>> = BTreeMap::new();
        for report in &self.reports {
            let in_window = report.end.is_some_and(|end| end >= now - hours(24 * days));
            if in_window && report.is_there(now) && !report.source.path().contains(&organizer(NOT_COVERED)) {
                listed.entry(report.source.path()).or_default().push(report);
            }
        }
        for reports in listed.values_mut() {
            reports.sort_by_key(|report| std::cmp::Reverse(report.start));
            self.seen_by_reconcile.extend(reports.iter().take(50).map(|report| report.id.clone()));
        }
    }

    /// The ids of the reports in the archive.
    fn kept(&self) -> BTreeSet<String> {
        let id = |key: String| key.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
        self.world.keys("reports/").into_iter().map(id).collect()
    }

    async fn audit(&self) -> (Vec<LedgerLine>, Summary) {
        let answer = self.world.pipeline.backfill(json!({"audit": true})).await.unwrap();
        self.world.run_until_idle().await;
        let key = answer.ledger.unwrap();
        let summary = Summary::of(&*self.world.objects, &key).await.unwrap().unwrap();
        let text = self.world.text(&key).await;
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        (lines, summary)
    }
}
