//! Thirty days of a tenant, with random faults.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use graph_sim::Manner;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::{Outcome, VirtualEventKind, Watch, WatchedMeeting};
use shared::ports::queue::OutgoingMessage;

use crate::audits::{Audits, verify_audits};
use crate::scheduler::{Plan, Service};
use crate::tenant::{Address, Session, SessionOwner, long_address};
use crate::world::{Event, FaultConfig, GraphCondition, Incident, World};

const DAYS: i64 = 30;
/// How many days the schedules continue after the month.
const DAYS_AFTER: i64 = 4;
const ORGANIZERS: u64 = 20;
/// How long after the last schedule all queues must be empty.
const DRAINED_WITHIN: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How many meetings have a subscription of their own.
const WATCHED: usize = 5;
/// How long a permission is taken away at most: longer than a message is tried.
const MOST_HOURS_DENIED: i64 = 5 * 24;
/// The delay of a report that Graph never has.
const NEVER: SignedDuration = SignedDuration::from_hours(24 * 365);
/// The most requests for reports and their lists, for each report, retries included.
const MOST_REQUESTS: usize = 150;

/// The result of a month.
#[derive(Debug, Clone)]
pub struct Month {
    /// Its seed.
    pub seed: u64,
    /// How Graph behaved beyond its pages.
    pub manners: Vec<Manner>,
    /// How many meetings, webinars and town halls there were.
    pub meetings: usize,
    /// How many of their sessions ended.
    pub sessions: usize,
    /// How many sessions had a notification that was acknowledged.
    pub acknowledged: usize,
    /// How many faults there were.
    pub faults: usize,
    /// How many requests Graph received.
    pub requests: usize,
    /// How many audits are complete.
    pub audits: usize,
    /// The dead letters, by their outcomes; without one are those that SQS itself moved.
    pub dead_letters: BTreeMap<String, usize>,
    /// A hash of all events: the same for the same seed.
    pub hash: u64,
    /// The invariants that were violated.
    pub violations: Vec<String>,
    /// The trace of all events, if the month is traced.
    pub trace: Option<String>,
}

/// The rates of a month's faults, and whether `backfill` has its schedules.
struct MonthConfig {
    faults: FaultConfig,
    /// One effect in so many has a fault.
    fault_one_in: u32,
    page_size: Option<usize>,
    is_reconciled: bool,
    /// One notification in so many is lost.
    lost_one_in: u64,
    /// How Graph behaves beyond its pages.
    manners: Vec<Manner>,
}

impl MonthConfig {
    /// The rates follow from the seed. Every other month has no schedules of `backfill`: what was notified must be
    /// archived without them.
    fn of(seed: u64) -> Self {
        let [fault_one_in, faulty_one_in] =
            [[100, 100], [50, 60], [30, 40], [15, 25]][(seed / 2 % 4) as usize];
        let skew = [0, 10, -10, 3][(seed / 3 % 4) as usize];
        let is_reconciled = seed.is_multiple_of(2);
        Self {
            faults: FaultConfig {
                faulty_one_in,
                duplicated_one_in: 20,
                skew: SignedDuration::from_mins(skew),
                throttled: None,
            },
            fault_one_in,
            page_size: seed.is_multiple_of(3).then_some(50),
            is_reconciled,
            lost_one_in: if is_reconciled { 4 } else { 20 },
            manners: manners(seed),
        }
    }
}

/// Two months of four have manners, each manner in one of three of them; that after which no list ends, seldom.
fn manners(seed: u64) -> Vec<Manner> {
    let mut random = Rng::with_seed(!seed);
    let has_manners = seed % 4 < 2;
    let mut is_chosen = |manner: &Manner| {
        let one_in = if *manner == Manner::SecondPagesFail { 12 } else { 3 };
        random.u8(0..one_in) == 0 && has_manners
    };
    Manner::ALL.into_iter().filter(|manner| is_chosen(manner)).collect()
}

/// Simulates a month with so many meetings.
pub fn month(seed: u64, meetings: usize, is_traced: bool) -> Month {
    let config = MonthConfig::of(seed);
    let mut world = World::new(seed, &config.faults, watch(), is_traced);
    (0..ORGANIZERS).for_each(|number| world.graph.add_user(&organizer_id(number), &[]));
    let mut random = Rng::with_seed(seed);
    if let Some(entries) = config.page_size {
        world.graph.set_page_size(entries);
    }
    world.graph.behave(&config.manners);
    let start = world.scheduler.now();
    schedules(&mut world, start, config.is_reconciled);
    incidents(&mut world, &mut random, start);
    let mut sessions: Vec<Session> = Vec::new();
    for number in 0..meetings {
        sessions.extend(plan_meeting(&mut world, &mut random, start, number));
    }
    for session in sessions.iter_mut() {
        session.has_call = !config.is_reconciled || random.u8(0..20) > 0;
    }
    for (number, session) in sessions.iter().enumerate() {
        session.plan(&mut world);
        let earlier = sessions[..number].last().filter(|earlier| earlier.end < session.end);
        plan_notifications(&mut world, &mut random, (session, earlier), config.lost_one_in);
    }
    world.scheduler.plan(Plan::OneIn(config.fault_one_in));
    world.run();
    let audits = verify_audits(&world, &sessions);
    verify(&world, &sessions, &config, &audits, start);
    Month {
        seed,
        manners: config.manners,
        meetings,
        sessions: sessions.len(),
        acknowledged: world.oracle.acknowledged().len(),
        faults: world.scheduler.faults(),
        requests: world.graph.requests().len(),
        audits: audits.seen_all,
        dead_letters: dead_letters(&world),
        hash: world.scheduler.hash(),
        violations: world.oracle.violations(),
        trace: world.scheduler.trace(),
    }
}

fn dead_letters(world: &World) -> BTreeMap<String, usize> {
    let mut by_outcome = BTreeMap::new();
    for message in world.queues().dead_letters.messages() {
        let outcome = message.attributes.into_iter().find(|(name, _)| *name == "outcome");
        let outcome = outcome.map_or_else(|| "received too often".to_owned(), |(_, outcome)| outcome);
        *by_outcome.entry(outcome).or_default() += 1;
    }
    by_outcome
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The schedules of the stack.
fn schedules(world: &mut World, start: Timestamp, is_reconciled: bool) {
    for hour in 0..24 * (DAYS + DAYS_AFTER) {
        let time = start + hours(hour);
        world.plan(time, Event::RenewSubscriptions);
        world.plan(time + SignedDuration::from_mins(30), Event::RenewSubscriptions);
        if !is_reconciled {
            continue;
        }
        let mut reconcile = |days: i64| {
            world.plan(time, Event::Backfill(json!({"reconcile": true, "days": days})));
        };
        if hour % 6 == 5 {
            reconcile(1);
        }
        if hour % 24 == 1 {
            reconcile(3);
        }
        if hour % (24 * 7) == 3 || hour == 24 * (DAYS + 1) {
            reconcile(30);
        }
    }
    if is_reconciled {
        let audit = json!({"audit": true, "since": start.to_string()});
        world.plan(start + hours(24 * (DAYS + DAYS_AFTER)), Event::Backfill(audit));
    }
}

fn organizer_id(number: u64) -> String {
    format!("{number:08x}-0000-4000-8000-0000c0205050")
}

/// The first meetings have a subscription of their own.
fn watch() -> Watch {
    let meeting = |number: usize| WatchedMeeting {
        organizer: organizer_id(0),
        join_web_url: long_address(&organizer_id(0), &format!("m-{number}")),
    };
    Watch { meetings: (0..WATCHED).map(meeting).collect(), ..Watch::default() }
}

/// Plans the incidents of a month, and forged notifications.
fn incidents(world: &mut World, random: &mut Rng, start: Timestamp) {
    let mut up_to = |most: usize, event: fn(u64) -> Event| {
        for number in 0..random.usize(1..=most) {
            let time = start + SignedDuration::from_mins(random.i64(0..DAYS * 24 * 60));
            world.plan(time, event(number as u64));
        }
    };
    up_to(4, |_| Event::Incident(Incident::LoseSubscriptions));
    up_to(3, |_| Event::Incident(Incident::RotateKey));
    up_to(3, |_| Event::Incident(Incident::RotateSecret));
    up_to(6, |_| Event::Incident(Incident::RevokeTokens));
    up_to(10, |_| Event::Incident(Incident::Deploy));
    up_to(2, |_| Event::Incident(Incident::RotateCertificate));
    up_to(4, |_| Event::Incident(Incident::GraphCondition(GraphCondition::Delays)));
    up_to(4, |_| Event::Incident(Incident::GraphCondition(GraphCondition::Drops)));
    up_to(6, |_| Event::Incident(Incident::SlowAws));
    up_to(10, Event::Forgery);
    denials(world, random, start);
}

/// Plans the permissions that are taken away for hours: at most one of each service.
fn denials(world: &mut World, random: &mut Rng, start: Timestamp) {
    for service in [Service::S3, Service::Sqs, Service::Kms, Service::Graph] {
        if random.bool() {
            // The last reconciles come when everything is allowed again.
            let time = start + SignedDuration::from_mins(random.i64(0..(DAYS - 8) * 24 * 60));
            let hours = random.i64(1..=MOST_HOURS_DENIED);
            world.plan(time, Event::Incident(Incident::Deny(service, hours)));
        }
    }
}

/// Adds a meeting, webinar or town hall, and returns its one or two sessions.
fn plan_meeting(world: &mut World, random: &mut Rng, start: Timestamp, number: usize) -> Vec<Session> {
    let is_watched = number < WATCHED;
    let organizer_id = organizer_id(if is_watched { 0 } else { random.u64(0..ORGANIZERS) });
    let first = start + hours(2) + SignedDuration::from_mins(random.i64(0..(DAYS - 3) * 24 * 60));
    let owner = match random.u8(0..50) {
        0 if !is_watched => SessionOwner::event(
            world,
            VirtualEventKind::Webinar,
            &organizer_id,
            &format!("w-{number}"),
            first,
        ),
        1 if !is_watched => SessionOwner::event(
            world,
            VirtualEventKind::Townhall,
            &organizer_id,
            &format!("t-{number}"),
            first,
        ),
        _ => {
            let address = match number % 3 {
                _ if is_watched => Address::Long,
                0 => Address::Long,
                1 => Address::WithoutContext,
                _ => Address::Short,
            };
            SessionOwner::meeting(world, &organizer_id, &format!("m-{number}"), address)
        }
    };
    let count = if random.u8(0..4) == 0 { 2 } else { 1 };
    let session = |index: usize| Session {
        owner: owner.clone(),
        report_id: format!("report-{number}-{index}"),
        attendees: if random.u8(0..100) == 0 { 1_000 } else { random.usize(0..6) },
        end: first + hours(20 * index as i64),
        report_delay: match random.u8(0..100) {
            // One in a hundred never has a report: its job must end, too.
            0 => NEVER,
            1..10 => hours(random.i64(1..40)),
            10..40 => SignedDuration::from_mins(random.i64(1..30)),
            _ => SignedDuration::ZERO,
        },
        has_call: true,
        is_watched,
    };
    (0..count).map(session).collect()
}

/// Plans Graph's notifications about a session: at once, late, twice, or lost; at times in one POST with an earlier
/// session's; and at times about a later version of its report.
fn plan_notifications(
    world: &mut World,
    random: &mut Rng,
    (session, earlier): (&Session, Option<&Session>),
    lost_one_in: u64,
) {
    let encrypted = session.encrypted_notification().filter(|_| session.is_watched);
    let notification = match earlier {
        _ if encrypted.is_some() || !session.has_call => encrypted,
        Some(earlier) if earlier.has_call => Some(session.notification().and(earlier.notification())),
        _ => Some(session.notification()),
    };
    let Some(notification) = notification else { return };
    let notified_at = match session.owner {
        SessionOwner::Meeting(_) => session.end,
        SessionOwner::Event(..) if session.report_delay == NEVER => return,
        SessionOwner::Event(..) => session.end + session.report_delay,
    };
    let mut plan = |random: &mut Rng, time: Timestamp| {
        if random.u64(0..lost_one_in) == 0 {
            return world.scheduler.count_fault("a notification is lost");
        }
        let delay = if random.u8(0..20) == 0 { random.i64(60..240) } else { random.i64(0..30) };
        for _ in 0..if random.u8(0..8) == 0 { 2 } else { 1 } {
            let time = time + SignedDuration::from_mins(delay);
            world.plan(time, Event::Notification(notification.clone()));
        }
    };
    plan(random, notified_at);
    if session.attendees < 20 && session.report_delay != NEVER && random.u8(0..12) == 0 {
        // A richer or poorer version, with a notification of its own.
        let time = session.end + session.report_delay + hours(random.i64(1..8));
        plan(random, time);
        let attendees = if random.bool() { session.attendees + 2 } else { session.attendees / 2 };
        world.plan(time, Event::Report(session.report(attendees)));
    }
}

fn verify(world: &World, sessions: &[Session], config: &MonthConfig, audits: &Audits, start: Timestamp) {
    let acknowledged = world.oracle.acknowledged();
    let dead_letters = world.queues().dead_letters.messages();
    let has_odd_entries = config.manners.contains(&Manner::OddEntries);
    let is_dead_letter = |session: &Session| {
        let ids = session.ids().map(|id| format!("\"{id}\""));
        // Where each list has an entry that cannot be read, each job that lists becomes a dead letter for it after a
        // day: no excuse for the entries that were beside it in that day.
        let is_excuse = |letter: &&OutgoingMessage| {
            let is_malformed = letter.attributes.iter().any(|(_, value)| value == Outcome::Malformed.name());
            !(is_malformed && has_odd_entries && session.report_delay < hours(20))
        };
        let mut excuses = dead_letters.iter().filter(is_excuse);
        excuses.any(|letter| ids.iter().any(|id| letter.body.contains(id)))
    };
    let is_expected = |session: &&Session| {
        session.report_delay != NEVER
            && (config.is_reconciled || acknowledged.contains(&session.report_id))
            && !is_dead_letter(session)
            && !audits.tell_of_unseen(session, &config.manners)
    };
    let required = sessions.iter().filter(is_expected);
    world.verify(&required.map(|session| session.report_id.clone()).collect::<BTreeSet<_>>());
    // A unit is tried for a day, and so are those that follow from it.
    let within = if has_odd_entries { DRAINED_WITHIN * 2 } else { DRAINED_WITHIN };
    if world.scheduler.now() > start + hours(24 * (DAYS + DAYS_AFTER)) + within {
        world.oracle.violation("the queues were not drained in time".to_owned());
    }
    let queues = world.queues();
    let expired: usize = [&queues.fetch, &queues.archive, &queues.subscriptions, &queues.backfill]
        .map(|queue| queue.expired())
        .iter()
        .sum();
    if expired > 0 {
        world.oracle.violation(format!("{expired} messages expired in their queues"));
    }
    // While the queues' policy denies everything no letter can be written: SQS moves the message itself.
    let has_reason = |letter: &&OutgoingMessage| letter.attributes.iter().any(|(name, _)| *name == "outcome");
    let without_reason = dead_letters.iter().filter(|letter| !has_reason(letter)).count();
    if without_reason > 0 && !world.scheduler.was_denied(Service::Sqs) {
        let first = dead_letters.iter().find(|letter| !has_reason(letter)).map(|letter| &letter.body);
        world.oracle.violation(format!("{without_reason} dead letters have no reason, the first: {first:?}"));
    }
    let of_reports = world.graph.requests().iter().filter(|path| path.contains("attendanceReports")).count();
    // A list with an odd entry is asked for again for a day.
    let most = MOST_REQUESTS * if config.manners.contains(&Manner::OddEntries) { 3 } else { 1 };
    if of_reports > most * sessions.len() {
        world.oracle.violation(format!("{of_reports} requests for {} reports", sessions.len()));
    }
}
