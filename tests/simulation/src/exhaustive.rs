//! One report on its way, with every placement of one, two and three faults at its effects.

use std::ops::Range;

use jiff::SignedDuration;
use shared::model::Watch;

use crate::graph::RetryAfter;
use crate::scheduler::{Fault, Plan};
use crate::tenant::{Session, SessionOwner};
use crate::world::{Event, FaultConfig, World};

/// Faults may also hit what is done again because of earlier ones.
const EFFECTS_AFTER_A_FAULT: usize = 8;
/// The most requests that a report may cost, with three faults.
const MOST_REQUESTS: usize = 40;

/// How a report came into the archive.
pub struct Delivery {
    /// Graph's requests on the way, counted from the first of all.
    pub requests: Range<usize>,
    /// How many effects there were.
    pub effects: usize,
    /// How many faults there were.
    pub faults: usize,
    /// The promises that were broken.
    pub broken: Vec<String>,
    /// What happened, where that was wanted.
    pub trace: Option<String>,
}

/// Lets a meeting end, and these faults happen on its report's way.
pub fn deliver_report(faults: &[(usize, Fault)], is_traced: bool) -> Delivery {
    go(&FaultConfig::default(), Plan::At(faults.to_vec()), is_traced)
}

/// Lets a meeting end, and a request be throttled: the `at`th of all.
pub fn deliver_throttled(at: usize, retry_after: RetryAfter) -> Delivery {
    let fault_config = FaultConfig { throttled: Some((at, retry_after)), ..FaultConfig::default() };
    go(&fault_config, Plan::Never, false)
}

fn go(fault_config: &FaultConfig, plan: Plan, is_traced: bool) -> Delivery {
    let mut world = World::new(1, fault_config, Watch::default(), is_traced);
    let now = world.scheduler.now();
    world.plan(now, Event::KeepSubscribed);
    world.run();

    let end = world.scheduler.now() + SignedDuration::from_hours(1);
    let of = SessionOwner::meeting(&world, "0a11ce00-0000-4000-8000-0000c0205050", "m-1");
    let session = Session {
        of,
        id: "report-1".to_owned(),
        people: 3,
        end,
        late: SignedDuration::ZERO,
        has_call: true,
        is_watched: false,
    };
    session.plan(&mut world);
    world.plan(end, Event::Notification(session.notification()));
    let before = world.graph.requests().len();
    world.scheduler.plan(plan);
    world.run();

    world.judge(&[session.id.clone()].into());
    let letters = world.queues().letters.messages().len();
    if letters > 0 {
        world.oracle.broken(format!("{letters} dead letters"));
    }
    let requests = world.graph.requests().len() - before;
    if requests > MOST_REQUESTS {
        world.oracle.broken(format!("{requests} requests for one report"));
    }
    Delivery {
        requests: before..before + requests,
        effects: world.scheduler.effects(),
        faults: world.scheduler.faults(),
        broken: world.oracle.all_broken(),
        trace: world.scheduler.trace(),
    }
}

/// Every placement of exactly `count` faults.
pub fn placements(count: usize) -> Vec<Vec<(usize, Fault)>> {
    let effects = deliver_report(&[], false).effects + if count > 1 { EFFECTS_AFTER_A_FAULT } else { 0 };
    let mut placements = vec![Vec::new()];
    for _ in 0..count {
        placements = placements.iter().flat_map(|placed| with_one_more(placed, effects)).collect();
    }
    placements
}

fn with_one_more(placed: &[(usize, Fault)], effects: usize) -> Vec<Vec<(usize, Fault)>> {
    let first = placed.last().map_or(0, |(at, _)| at + 1);
    let points = (first..effects).flat_map(|at| Fault::ALL.map(|fault| (at, fault)));
    points.map(|point| [placed, &[point]].concat()).collect()
}
