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

/// How many calls may be under way in the beginning.
const FIRST: usize = 4;
/// The most calls that are under way at once: as many as the stack's `fetch` may make, with five messages in each of five
/// invocations.
pub(super) const MOST: usize = 25;
/// An answer is slow that took longer than this, and so many times as long as the quickest of the last.
const SLOW: Duration = Duration::from_secs(5);
/// See [`SLOW`]. Large pages of a report take several times as long as a list.
const TIMES_THE_QUICKEST: u32 = 4;
/// Among how many of the last answers the quickest is looked for.
const LAST_ANSWERS: usize = 32;

/// The calls that may be under way at once, shared by all callers of a process. They get their turns in the order in
/// which they asked.
pub(super) struct Budget {
    turns: Semaphore,
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
    /// Without one.
    Unanswered,
    /// Graph asked for fewer.
    Throttled,
}

/// The turn of one call. Dropped, it is the next one's, also where the call was given up.
pub(super) struct Permit<'a> {
    budget: &'a Budget,
    turn: Option<SemaphorePermit<'a>>,
    /// When the call began (UTC).
    begun: Timestamp,
    halvings: u64,
}

impl Default for Budget {
    fn default() -> Self {
        let last = VecDeque::with_capacity(LAST_ANSWERS);
        let state = State { limit: FIRST, above: 0, halvings: 0, full_answers: 0, last };
        Self { turns: Semaphore::new(FIRST), state: Mutex::new(state) }
    }
}

impl Budget {
    /// Waits for a turn. It is for one attempt: nobody holds it while waiting for anything but the answer.
    pub(super) async fn permit(&self, clock: &dyn Clock) -> Permit<'_> {
        // It is closed by nobody.
        let turn = self.turns.acquire().await.ok();
        Permit { budget: self, turn, begun: clock.now(), halvings: self.state().halvings }
    }

    /// How many calls may be under way at once now.
    pub(super) fn limit(&self) -> usize {
        self.state().limit
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        let state = self.state();
        (state.limit + state.above).saturating_sub(self.turns.available_permits())
    }

    /// Takes in how a call ended, before its permit is given back.
    fn take_in(&self, end: CallEnd, took: Duration, halvings: u64) {
        let is_full = self.turns.available_permits() == 0;
        let mut state = self.state();
        let is_slow = took > SLOW && (end == CallEnd::Unanswered || state.is_slow(took));
        if end == CallEnd::Answered {
            state.remember(took);
        }
        if halvings != state.halvings {
            return;
        }
        if end == CallEnd::Throttled || is_slow {
            self.halve(&mut state);
            debug!(graph.calls_at_once = state.limit, "Graph is asked less at once");
        } else if end == CallEnd::Answered && is_full && state.is_to_grow() {
            self.grow(&mut state);
        }
    }

    fn halve(&self, state: &mut State) {
        let limit = (state.limit / 2).max(1);
        let fewer = state.limit - limit;
        state.above += fewer - self.turns.forget_permits(fewer);
        state.limit = limit;
        state.halvings += 1;
        state.full_answers = 0;
    }

    fn grow(&self, state: &mut State) {
        state.limit += 1;
        if state.above > 0 {
            state.above -= 1;
        } else {
            self.turns.add_permits(1);
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
    pub(super) fn end(self, now: Timestamp, end: CallEnd) -> Duration {
        let took = Duration::try_from(now.duration_since(self.begun)).unwrap_or_default();
        self.budget.take_in(end, took, self.halvings);
        took
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        if state.above > 0
            && let Some(turn) = self.turn.take()
        {
            state.above -= 1;
            turn.forget();
        }
    }
}

#[cfg(test)]
mod tests;
