//! The delivery of one report, with every placement of one, two and three faults at its effects.

use std::ops::Range;

use jiff::SignedDuration;
use shared::model::Watch;

use crate::graph::RetryAfter;
use crate::scheduler::{Fault, Plan};
use crate::tenant::{Address, Session, SessionOwner};
use crate::world::{Event, FaultConfig, World};

/// Faults may also hit the effects of a retry after an earlier fault.
const EFFECTS_AFTER_A_FAULT: usize = 8;
/// The most requests that the delivery of a report may need, with three faults.
const MOST_REQUESTS: usize = 40;

/// The delivery of a report, from the end of its meeting into the archive.
pub struct Delivery {
    /// The numbers of its requests to Graph, counted from the first of the simulation.
    pub requests: Range<usize>,
    /// How many effects there were.
    pub effects: usize,
    /// How many faults there were.
    pub faults: usize,
    /// The invariants that were violated.
    pub violations: Vec<String>,
    /// The trace of all events, if the delivery is traced.
    pub trace: Option<String>,
}

/// Ends a meeting, and delivers its report with `faults` at these effects.
pub fn deliver_report(faults: &[(usize, Fault)], is_traced: bool) -> Delivery {
    deliver(&FaultConfig::default(), Plan::At(faults.to_vec()), is_traced)
}

/// Ends a meeting, and delivers its report with one request throttled: the `at`th of the simulation.
pub fn deliver_throttled(at: usize, retry_after: RetryAfter) -> Delivery {
    let config = FaultConfig { throttled: Some((at, retry_after)), ..FaultConfig::default() };
    deliver(&config, Plan::Never, false)
}

fn deliver(config: &FaultConfig, plan: Plan, is_traced: bool) -> Delivery {
    let mut world = World::new(1, config, Watch::default(), is_traced);
    let now = world.scheduler.now();
    world.plan(now, Event::RenewSubscriptions);
    world.run();

    let end = world.scheduler.now() + SignedDuration::from_hours(1);
    let owner = SessionOwner::meeting(&world, "0a11ce00-0000-4000-8000-0000c0205050", "m-1", Address::Long);
    let session = Session {
        owner,
        report_id: "report-1".to_owned(),
        attendees: 3,
        end,
        report_delay: SignedDuration::ZERO,
        has_call: true,
        is_watched: false,
    };
    session.plan(&mut world);
    world.plan(end, Event::Notification(session.notification()));
    let before = world.graph.requests().len();
    world.scheduler.plan(plan);
    world.run();

    world.verify(&[session.report_id.clone()].into());
    let dead_letters = world.queues().dead_letters.messages().len();
    if dead_letters > 0 {
        world.oracle.violation(format!("{dead_letters} dead letters"));
    }
    let requests = world.graph.requests().len() - before;
    if requests > MOST_REQUESTS {
        world.oracle.violation(format!("{requests} requests for one report"));
    }
    Delivery {
        requests: before..before + requests,
        effects: world.scheduler.effects(),
        faults: world.scheduler.faults(),
        violations: world.oracle.violations(),
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
    let points = (first..effects).flat_map(|at| Fault::PLACED.map(|fault| (at, fault)));
    points.map(|point| [placed, &[point]].concat()).collect()
}
