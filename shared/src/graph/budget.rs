//! How many calls to Graph this process has under way at once: as many as Graph stands.
//!
//! Graph documents no number for most of what is asked here, so it is found out: the limit grows while Graph answers in
//! time, and is halved where it throttles or is slow (additive increase, multiplicative decrease). ADR 16 says what was
//! looked at, and why the numbers are these.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::debug;

use crate::ports::clock::Clock;

/// How many calls may be under way in the beginning: as many as a batch of `fetch` has messages, so that none waits for
/// another's answer before Graph has throttled.
const FIRST: usize = 5;
/// The most calls of a process that are under way at once. At 200 ms an answer they are 125 in a second.
pub(super) const MOST: usize = 25;
/// An answer is slow that took longer than this, and so many times as long as the quickest of the last.
const SLOW: Duration = Duration::from_secs(5);
/// See [`SLOW`]. Large pages of a report take several times as long as a list.
const TIMES_THE_QUICKEST: u32 = 4;
/// Among how many of the last answers the quickest is looked for.
const LAST_ANSWERS: usize = 32;

/// The calls that may be under way at once, shared by all callers of a process. They get their permits in the order in
/// which they asked.
pub(super) struct Budget {
    permits: Semaphore,
    state: Mutex<State>,
}

struct State {
    limit: usize,
    /// How many calls are under way above a limit that was halved meanwhile: their permits are taken back as they end.
    above: usize,
    /// How often the limit was halved. A call that began before the last time tells nothing new.
    halvings: u64,
    /// How many answers came since the limit was changed while all permits were in use.
    full_answers: usize,
    /// How long each of the last answers took.
    last: VecDeque<Duration>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// With an answer, be it a refusal.
    Answered,
    /// With an answer that says that Graph could not: it tells nothing of how many calls it stands.
    Failed,
    /// Without one.
    Unanswered,
    /// Graph asked for fewer.
    Throttled,
}

/// The permit of one call. Dropped, it is the next one's, also where the call was given up.
pub(super) struct Permit<'a> {
    budget: &'a Budget,
    clock: &'a dyn Clock,
    permit: Option<SemaphorePermit<'a>>,
    /// When the call began (UTC).
    begun: Timestamp,
    halvings: u64,
    has_ended: bool,
}

impl Default for Budget {
    fn default() -> Self {
        let last = VecDeque::with_capacity(LAST_ANSWERS);
        let state = State { limit: FIRST, above: 0, halvings: 0, full_answers: 0, last };
        Self { permits: Semaphore::new(FIRST), state: Mutex::new(state) }
    }
}

impl Budget {
    /// Waits for a permit. It is for one attempt: nobody holds it while waiting for anything but the answer.
    pub(super) async fn permit<'a>(&'a self, clock: &'a dyn Clock) -> Permit<'a> {
        // It is closed by nobody.
        let permit = self.permits.acquire().await.ok();
        let (begun, halvings) = (clock.now(), self.state().halvings);
        Permit { budget: self, clock, permit, begun, halvings, has_ended: false }
    }

    /// How many calls may be under way at once now.
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        let state = self.state();
        (state.limit + state.above).saturating_sub(self.permits.available_permits())
    }

    /// Takes in how a call ended, before its permit is given back.
    fn take_in(&self, end: CallEnd, took: Duration, halvings: u64) {
        let is_full = self.permits.available_permits() == 0;
        let mut state = self.state();
        let is_slow = took > SLOW && (end == CallEnd::Unanswered || state.is_slow(took));
        if end == CallEnd::Answered {
            state.remember(took);
        }
        if halvings != state.halvings {
            return;
        }
        if end == CallEnd::Throttled || is_slow {
            // Where it only takes long, no call need wait for those of its batch: that may have other reasons.
            let least = if end == CallEnd::Throttled { 1 } else { FIRST };
            self.halve(&mut state, least);
            debug!(graph.calls_at_once = state.limit, "Graph is asked less at once");
        } else if end == CallEnd::Answered && is_full && state.is_to_grow() {
            self.grow(&mut state);
        }
    }

    /// Halves the limit, to `least` at least; what is less already stays.
    fn halve(&self, state: &mut State, least: usize) {
        let limit = (state.limit / 2).max(least).min(state.limit);
        let fewer = state.limit - limit;
        state.above += fewer - self.permits.forget_permits(fewer);
        state.limit = limit;
        state.halvings += 1;
        state.full_answers = 0;
    }

    fn grow(&self, state: &mut State) {
        state.limit += 1;
        if state.above > 0 {
            state.above -= 1;
        } else {
            self.permits.add_permits(1);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_slow(&self, took: Duration) -> bool {
        self.last.iter().min().is_some_and(|quickest| took > *quickest * TIMES_THE_QUICKEST)
    }

    fn remember(&mut self, took: Duration) {
        self.last.truncate(LAST_ANSWERS - 1);
        self.last.push_front(took);
    }

    /// Whether another call may be under way, after an answer that came while all permits were in use. Until Graph first
    /// had too many, each answer shows that, so that the limit doubles with each round; then a whole round does.
    fn is_to_grow(&mut self) -> bool {
        self.full_answers += 1;
        let enough = if self.halvings == 0 { 1 } else { self.limit };
        let is_to_grow = self.limit < MOST && self.full_answers >= enough;
        if is_to_grow {
            self.full_answers = 0;
        }
        is_to_grow
    }
}

impl Permit<'_> {
    /// Takes in how the call ended, and gives the permit back; answers how long the call took.
    pub(super) fn end(mut self, end: CallEnd) -> Duration {
        self.has_ended = true;
        let took = self.took();
        self.budget.take_in(end, took, self.halvings);
        took
    }

    fn took(&self) -> Duration {
        Duration::try_from(self.clock.now().duration_since(self.begun)).unwrap_or_default()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            // It was cut off, by its step's deadline: it has waited for nothing so far.
            self.budget.take_in(CallEnd::Unanswered, self.took(), self.halvings);
        }
        let mut state = self.budget.state();
        if state.above > 0
            && let Some(permit) = self.permit.take()
        {
            state.above -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests;
