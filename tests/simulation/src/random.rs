//! Thirty days of a tenant, with faults by chance.

use std::collections::BTreeSet;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::model::{VirtualEventKind, Watch, WatchedMeeting};

use crate::audits::judge_audits;
use crate::scheduler::Plan;
use crate::tenant::{Session, SessionOwner, join_web_url};
use crate::world::{Event, FaultConfig, GraphCondition, Incident, World};

const DAYS: i64 = 30;
/// How long the schedules go on after the last session.
const DAYS_AFTER: i64 = 4;
const ORGANIZERS: u64 = 20;
/// When the last message must have left its queue, whatever happens.
const REST_WITHIN: SignedDuration = SignedDuration::from_hours(8 * 24);
/// How many meetings are watched by themselves.
const WATCHED: usize = 5;
const NEVER: SignedDuration = SignedDuration::from_hours(24 * 365);
/// The most requests for reports and their lists, for each report, with everything that is tried again.
const MOST_REQUESTS: usize = 150;

/// What a month came to.
#[derive(Debug, Clone)]
pub struct Month {
    /// Its seed.
    pub seed: u64,
    /// How many meetings, webinars and town halls there were.
    pub meetings: usize,
    /// How many of their sessions ended.
    pub sessions: usize,
    /// How many sessions Graph told of, and was thanked.
    pub delivered: usize,
    /// How many faults there were.
    pub faults: usize,
    /// How many requests Graph had.
    pub requests: usize,
    /// How many audits saw everything.
    pub audits: usize,
    /// How many dead letters there are.
    pub letters: usize,
    /// The same for the same seed.
    pub hash: u64,
    /// The promises that were broken.
    pub broken: Vec<String>,
    /// What happened, where that was wanted.
    pub trace: Option<String>,
}

/// How bad a month is, and whether schedules look again.
struct MonthConfig {
    fault_config: FaultConfig,
    fault_one_in: u32,
    page_size: Option<usize>,
    looks_again: bool,
    lost_one_in: u64,
}

impl MonthConfig {
    /// Some months are calm, some stormy. Where nobody looks again, what was told of must arrive by itself.
    fn of(seed: u64) -> Self {
        let [fault_one_in, spoiled_one_in] =
            [[100, 100], [50, 60], [30, 40], [15, 25]][(seed / 2 % 4) as usize];
        let skew = [0, 10, -10, 3][(seed / 3 % 4) as usize];
        let looks_again = seed.is_multiple_of(2);
        Self {
            fault_config: FaultConfig {
                spoiled_one_in,
                doubled_one_in: 20,
                skew: SignedDuration::from_mins(skew),
                throttled: None,
            },
            fault_one_in,
            page_size: seed.is_multiple_of(3).then_some(50),
            looks_again,
            lost_one_in: if looks_again { 4 } else { 20 },
        }
    }
}

/// Lives through a month in which `meetings` are held.
pub fn month(seed: u64, meetings: usize, is_traced: bool) -> Month {
    let config = MonthConfig::of(seed);
    let mut world = World::new(seed, &config.fault_config, watch(), is_traced);
    (0..ORGANIZERS).for_each(|number| world.graph.add_user(&organizer_id(number), &[]));
    let mut random = Rng::with_seed(seed);
    if let Some(entries) = config.page_size {
        world.graph.set_page_size(entries);
    }
    let start = world.scheduler.now();
    schedules(&mut world, start, config.looks_again);
    incidents(&mut world, &mut random, start);
    let mut sessions: Vec<Session> = Vec::new();
    for number in 0..meetings {
        sessions.extend(held(&mut world, &mut random, start, number));
    }
    for session in sessions.iter_mut() {
        session.has_call = !config.looks_again || random.u8(0..20) > 0;
    }
    for (number, session) in sessions.iter().enumerate() {
        session.plan(&mut world);
        let other = sessions[..number].last().filter(|other| other.end < session.end);
        tell(&mut world, &mut random, (session, other), config.lost_one_in);
    }
    world.scheduler.plan(Plan::OneIn(config.fault_one_in));
    world.run();
    judge(&world, &sessions, config.looks_again, start);
    let audits = judge_audits(&world, &sessions);
    Month {
        seed,
        meetings,
        sessions: sessions.len(),
        delivered: world.oracle.all_delivered().len(),
        faults: world.scheduler.faults(),
        requests: world.graph.requests().len(),
        audits,
        letters: world.queues().letters.messages().len(),
        hash: world.scheduler.hash(),
        broken: world.oracle.all_broken(),
        trace: world.scheduler.trace(),
    }
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The schedules of the stack.
fn schedules(world: &mut World, start: Timestamp, looks_again: bool) {
    for hour in 0..24 * (DAYS + DAYS_AFTER) {
        let time = start + hours(hour);
        world.plan(time, Event::KeepSubscribed);
        world.plan(time + SignedDuration::from_mins(30), Event::KeepSubscribed);
        if !looks_again {
            continue;
        }
        let mut reconcile = |days: i64| {
            world.plan(time, Event::LookAgain(json!({"reconcile": true, "days": days})));
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
    if looks_again {
        let audit = json!({"audit": true, "since": start.to_string()});
        world.plan(start + hours(24 * (DAYS + DAYS_AFTER)), Event::LookAgain(audit));
    }
}

fn organizer_id(number: u64) -> String {
    format!("{number:08x}-0000-4000-8000-0000c0205050")
}

/// Some meetings are watched by themselves.
fn watch() -> Watch {
    let meeting = |number: usize| WatchedMeeting {
        organizer: organizer_id(0),
        join_web_url: join_web_url(&format!("m-{number}")),
    };
    Watch { meetings: (0..WATCHED).map(meeting).collect(), ..Watch::default() }
}

/// What a month also brings.
fn incidents(world: &mut World, random: &mut Rng, start: Timestamp) {
    let mut some = |most: usize, event: fn(u64) -> Event| {
        for number in 0..random.usize(1..=most) {
            let time = start + SignedDuration::from_mins(random.i64(0..DAYS * 24 * 60));
            world.plan(time, event(number as u64));
        }
    };
    some(4, |_| Event::Incident(Incident::Forget));
    some(3, |_| Event::Incident(Incident::RotateKey));
    some(3, |_| Event::Incident(Incident::RotateSecret));
    some(6, |_| Event::Incident(Incident::RevokeTokens));
    some(10, |_| Event::Incident(Incident::Deploy));
    some(2, |_| Event::Incident(Incident::RotateCertificate));
    some(4, |_| Event::Incident(Incident::GraphCondition(GraphCondition::Delays)));
    some(4, |_| Event::Incident(Incident::GraphCondition(GraphCondition::Drops)));
    some(6, |_| Event::Incident(Incident::SlowAws));
    some(10, Event::Forgery);
}

/// A meeting, webinar or town hall, and its one or two sessions.
fn held(world: &mut World, random: &mut Rng, start: Timestamp, number: usize) -> Vec<Session> {
    let is_watched = number < WATCHED;
    let organizer_id = organizer_id(if is_watched { 0 } else { random.u64(0..ORGANIZERS) });
    let first = start + hours(2) + SignedDuration::from_mins(random.i64(0..(DAYS - 3) * 24 * 60));
    let of = match random.u8(0..50) {
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
        _ => SessionOwner::meeting(world, &organizer_id, &format!("m-{number}")),
    };
    let count = if random.u8(0..4) == 0 { 2 } else { 1 };
    let session = |index: usize| Session {
        of: of.clone(),
        id: format!("report-{number}-{index}"),
        people: if random.u8(0..100) == 0 { 450 } else { random.usize(0..6) },
        end: first + hours(20 * index as i64),
        late: match random.u8(0..100) {
            // One in a hundred never has a report: nobody may wait for ever.
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

/// Graph tells of a session: soon, late, twice, or not at all; with another in one POST; and at times it has
/// another answer later.
fn tell(
    world: &mut World,
    random: &mut Rng,
    (session, other): (&Session, Option<&Session>),
    lost_one_in: u64,
) {
    let encrypted = session.encrypted_notification().filter(|_| session.is_watched);
    let notification = match other {
        _ if encrypted.is_some() || !session.has_call => encrypted,
        Some(other) if other.has_call => Some(session.notification().and(other.notification())),
        _ => Some(session.notification()),
    };
    let Some(notification) = notification else { return };
    let told = match session.of {
        SessionOwner::Meeting(_) => session.end,
        SessionOwner::Event(..) if session.late == NEVER => return,
        SessionOwner::Event(..) => session.end + session.late,
    };
    let mut tell = |random: &mut Rng, time: Timestamp| {
        if random.u64(0..lost_one_in) == 0 {
            return world.scheduler.count_fault("a notification is lost");
        }
        let late = if random.u8(0..20) == 0 { random.i64(60..240) } else { random.i64(0..30) };
        for _ in 0..if random.u8(0..8) == 0 { 2 } else { 1 } {
            let time = time + SignedDuration::from_mins(late);
            world.plan(time, Event::Notification(notification.clone()));
        }
    };
    tell(random, told);
    if session.people < 20 && session.late != NEVER && random.u8(0..12) == 0 {
        // Richer or poorer than before, and told of again.
        let time = session.end + session.late + hours(random.i64(1..8));
        tell(random, time);
        let people = if random.bool() { session.people + 2 } else { session.people / 2 };
        world.plan(time, Event::Report(session.report(people)));
    }
}

fn judge(world: &World, sessions: &[Session], looks_again: bool, start: Timestamp) {
    let delivered = world.oracle.all_delivered();
    let letters: Vec<String> =
        world.queues().letters.messages().into_iter().map(|letter| letter.body).collect();
    let is_named = |session: &Session| {
        let ids = session.ids().map(|id| format!("\"{id}\""));
        letters.iter().any(|letter| ids.iter().any(|id| letter.contains(id)))
    };
    let must_be_there =
        |session: &&Session| session.late != NEVER && (looks_again || delivered.contains(&session.id));
    let required = sessions.iter().filter(must_be_there).filter(|session| !is_named(session));
    world.judge(&required.map(|session| session.id.clone()).collect::<BTreeSet<_>>());
    if world.scheduler.now() > start + hours(24 * (DAYS + DAYS_AFTER)) + REST_WITHIN {
        world.oracle.broken("there was no rest".to_owned());
    }
    let queues = world.queues();
    let expired: usize = [&queues.fetch, &queues.archive, &queues.subscriptions, &queues.backfill]
        .map(|queue| queue.expired())
        .iter()
        .sum();
    if expired > 0 {
        world.oracle.broken(format!("{expired} messages were expired by their queues"));
    }
    let of_reports = world.graph.requests().iter().filter(|path| path.contains("attendanceReports")).count();
    if of_reports > MOST_REQUESTS * sessions.len() {
        world.oracle.broken(format!("{of_reports} requests for {} reports", sessions.len()));
    }
}
