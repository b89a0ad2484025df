//! Virtual time, randomness and faults: everything that must be the same when a seed is replayed.
//!
//! All ports of a simulation share one [`Scheduler`]. Each effect goes through [`Scheduler::effect`], which
//! suspends the invocation before and after it: there the invocation may wait, fail, or be killed, so it can be
//! killed at every point at which it awaits anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake, Waker};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

/// 2026-03-02T00:00:00Z, a Monday.
const START: Timestamp = Timestamp::constant(1_772_409_600, 123_000);

/// What goes wrong with an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before the effect.
    KilledBefore,
    /// The process is killed after the effect.
    KilledAfter,
    /// The effect fails: nothing is done.
    Fails,
    /// The effect is done, and its answer is lost.
    AnswerLost,
    /// No answer comes until the client gives up; the effect is done or not.
    Hangs,
}

impl Fault {
    /// Those that are placed at every effect in turn.
    pub const PLACED: [Self; 4] = [Self::KilledBefore, Self::KilledAfter, Self::Fails, Self::AnswerLost];
    /// All of them.
    const ALL: [Self; 5] =
        [Self::KilledBefore, Self::KilledAfter, Self::Fails, Self::AnswerLost, Self::Hangs];
}

/// When a client gives up that got no answer.
const CLIENT_TIMEOUT: SignedDuration = SignedDuration::from_secs(60);

/// When faults happen.
#[derive(Debug, Clone)]
pub(crate) enum Plan {
    /// Never.
    Never,
    /// At these effects, counted from when the plan began.
    At(Vec<(usize, Fault)>),
    /// At one in so many effects, at random.
    OneIn(u32),
}

/// A service that may refuse whatever it is asked: a permission or a policy was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    /// The archive.
    S3,
    /// The queues: nothing is sent or put off. Messages are still delivered.
    Sqs,
    /// The key of the secrets.
    Kms,
    /// Microsoft Graph: no access policy covers an organizer.
    Graph,
}

/// A task of the simulation: an invocation, or a delivery of Graph's.
pub(crate) type TaskId = u64;

/// Virtual time, randomness and faults.
pub(crate) struct Scheduler(Mutex<State>);

struct State {
    now: Timestamp,
    sequence: u64,
    random: Rng,
    ready: BTreeSet<TaskId>,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    plan: Plan,
    effects: usize,
    faults: usize,
    is_killed: bool,
    /// Until when effects take up to two seconds.
    slow_until: Timestamp,
    /// Until when a service refuses everything.
    denied_until: BTreeMap<Service, Timestamp>,
    hasher: DefaultHasher,
    trace: Option<String>,
}

struct TaskWaker {
    id: TaskId,
    scheduler: Arc<Scheduler>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.scheduler.state().ready.insert(self.id);
    }
}

impl Scheduler {
    /// `seed` determines everything. With `is_traced`, each event is also written to a trace.
    pub(crate) fn new(seed: u64, is_traced: bool) -> Self {
        Self(Mutex::new(State {
            now: START,
            sequence: 0,
            random: Rng::with_seed(seed),
            ready: BTreeSet::new(),
            timers: BTreeMap::new(),
            plan: Plan::Never,
            effects: 0,
            faults: 0,
            is_killed: false,
            slow_until: START,
            denied_until: BTreeMap::new(),
            hasher: DefaultHasher::new(),
            trace: is_traced.then(String::new),
        }))
    }

    /// Begins a plan of faults; effects are counted from here.
    pub(crate) fn plan(&self, plan: Plan) {
        let mut state = self.state();
        state.plan = plan;
        state.effects = 0;
    }

    /// The virtual time.
    pub(crate) fn now(&self) -> Timestamp {
        self.state().now
    }

    /// How many effects there were since the plan began.
    pub(crate) fn effects(&self) -> usize {
        self.state().effects
    }

    /// How many faults there were.
    pub(crate) fn faults(&self) -> usize {
        self.state().faults
    }

    /// A hash of all events: the same for the same seed.
    pub(crate) fn hash(&self) -> u64 {
        self.state().hasher.finish()
    }

    /// The trace of all events, if the scheduler is traced.
    pub(crate) fn trace(&self) -> Option<String> {
        self.state().trace.clone()
    }

    /// Adds an event to the hash and to the trace.
    pub(crate) fn note(&self, event: &str) {
        self.state().note(event);
    }

    /// A random number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        self.state().random.u64(0..end.max(1))
    }

    /// True in one of `count` cases, at random; never if `count` is 0.
    pub(crate) fn one_in(&self, count: u32) -> bool {
        count > 0 && self.below(count.into()) == 0
    }

    /// Counts a fault that is not one of [`Fault`].
    pub(crate) fn count_fault(&self, event: &str) {
        let mut state = self.state();
        state.faults += 1;
        state.note(event);
    }

    /// One of `choices`, at random.
    pub(crate) fn choose<T: Clone>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }

    /// Returns after `time` of virtual time.
    pub(crate) async fn sleep(&self, time: SignedDuration) {
        let until = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
        let mut is_set = false;
        poll_fn(|context| {
            let mut state = self.state();
            if state.now >= until {
                return Poll::Ready(());
            }
            if !is_set {
                is_set = true;
                state.sequence += 1;
                let key = (until, state.sequence);
                state.timers.insert(key, context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Performs `act`, or injects a fault: the caller then gets `failure`.
    pub(crate) async fn effect<T, E>(
        &self,
        name: &str,
        act: impl FnOnce() -> Result<T, E>,
        failure: E,
    ) -> Result<T, E> {
        let fault = self.begin(name).await;
        if fault == Some(Fault::Fails) {
            return Err(failure);
        }
        let result = act();
        self.end(fault).await;
        if fault == Some(Fault::AnswerLost) { Err(failure) } else { result }
    }

    /// Before an effect: waits, and decides on a fault.
    pub(crate) async fn begin(&self, name: &str) -> Option<Fault> {
        let fault = self.state().fault(name);
        self.latency().await;
        match fault {
            Some(Fault::KilledBefore) => self.kill().await,
            Some(Fault::Hangs) => {
                self.sleep(CLIENT_TIMEOUT).await;
                Some(self.choose(&[Fault::Fails, Fault::AnswerLost]))
            }
            fault => fault,
        }
    }

    /// After an effect: injects the rest of `fault`, and waits.
    pub(crate) async fn end(&self, fault: Option<Fault>) {
        if fault == Some(Fault::KilledAfter) {
            self.kill::<()>().await;
        }
        self.latency().await;
    }

    /// Makes effects take up to two seconds, for `time`.
    pub(crate) fn slow_down_for(&self, time: SignedDuration) {
        let mut state = self.state();
        state.slow_until = state.now + time;
    }

    /// Makes a service refuse everything, for `time`.
    pub(crate) fn deny_for(&self, service: Service, time: SignedDuration) {
        let mut state = self.state();
        let until = state.now + time;
        state.denied_until.insert(service, until);
    }

    /// Whether a service refuses everything now.
    pub(crate) fn is_denied(&self, service: Service) -> bool {
        let state = self.state();
        state.denied_until.get(&service).is_some_and(|until| state.now < *until)
    }

    /// Whether a service refused everything at some time.
    pub(crate) fn was_denied(&self, service: Service) -> bool {
        self.state().denied_until.contains_key(&service)
    }

    /// The latency of an effect, in one direction: some milliseconds, in which other tasks run.
    async fn latency(&self) {
        let is_slow = {
            let state = self.state();
            state.now < state.slow_until
        };
        let most = if is_slow { 2_000 } else { 40 };
        let time = SignedDuration::from_millis(1 + self.below(most) as i64);
        self.sleep(time).await;
    }

    /// Kills the task that is polled: it never continues.
    async fn kill<T>(&self) -> T {
        self.state().is_killed = true;
        std::future::pending().await
    }

    /// Whether the task that was polled is to be dropped.
    pub(crate) fn take_killed(&self) -> bool {
        std::mem::take(&mut self.state().is_killed)
    }

    pub(crate) fn waker(self: &Arc<Self>, id: TaskId) -> Waker {
        Waker::from(Arc::new(TaskWaker { id, scheduler: Arc::clone(self) }))
    }

    pub(crate) fn make_ready(&self, id: TaskId) {
        self.state().ready.insert(id);
    }

    /// A task that can continue, chosen at random.
    pub(crate) fn next_ready(&self) -> Option<TaskId> {
        let mut state = self.state();
        let count = state.ready.len();
        let index = if count < 2 { 0 } else { state.random.usize(0..count) };
        let id = *state.ready.iter().nth(index)?;
        state.ready.remove(&id);
        Some(id)
    }

    /// When the next timer expires.
    pub(crate) fn next_timer(&self) -> Option<Timestamp> {
        self.state().timers.first_key_value().map(|((time, _), _)| *time)
    }

    /// Advances the virtual time to `time`, and wakes the tasks whose timers expire.
    pub(crate) fn advance_to(&self, time: Timestamp) {
        let due = {
            let state = &mut *self.state();
            state.now = state.now.max(time);
            let later = state.timers.split_off(&(state.now, u64::MAX));
            std::mem::replace(&mut state.timers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The fault of the effect that begins now.
    fn fault(&mut self, name: &str) -> Option<Fault> {
        let number = self.effects;
        self.effects += 1;
        let fault = match &self.plan {
            Plan::Never => None,
            Plan::At(faults) => faults.iter().find(|(at, _)| *at == number).map(|(_, fault)| *fault),
            Plan::OneIn(count) => {
                let is_now = self.random.u32(0..*count) == 0;
                is_now.then(|| Fault::ALL[self.random.usize(0..Fault::ALL.len())])
            }
        };
        self.faults += usize::from(fault.is_some());
        match fault {
            None => self.note(name),
            Some(fault) => self.note(&format!("{name}: {fault:?}")),
        }
        fault
    }

    fn note(&mut self, event: &str) {
        self.hasher.write_i64(self.now.as_microsecond());
        self.hasher.write(event.as_bytes());
        if let Some(trace) = &mut self.trace {
            writeln!(trace, "{} {event}", self.now.strftime("%d %H:%M:%S%.3f")).ok();
        }
    }
}
