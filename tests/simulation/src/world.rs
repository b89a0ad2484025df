//! A tenant, the deployed functions, and everything that happens: one task at a time, in an order that the
//! seed gives.

mod accidents;
mod notifications;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::task::Context;

use graph_sim::{CLIENT_SECRET, GraphSim, SimReport};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::http::Http;
use shared::secrets::{MemorySecrets, Stage};
use shared::watch::Watch;

use crate::bucket::SimBucket;
use crate::functions::{Function, Functions, NOTIFICATION_KEY, Queues};
use crate::graph::{Door, RetryAfter, SimClock, SimHttp, SimSecrets};
use crate::queues::SimQueue;
use crate::scheduler::{Scheduler, TaskId};
use crate::truth::Truth;
use accidents::CERTIFICATES;
pub(crate) use accidents::{Accident, Mood};
use notifications::forgery;
pub(crate) use notifications::{Notification, Told};

/// How long the webhook may take, as deployed.
const WEBHOOK_TIMEOUT: SignedDuration = SignedDuration::from_secs(10);
/// Graph takes a slower endpoint for a slow one.
const SLOW: SignedDuration = SignedDuration::from_secs(3);

/// How bad it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    /// One of Graph's answers in so many is spoiled; 0: none.
    pub(crate) spoiled_one_in: u32,
    /// One message in so many is delivered twice; 0: none.
    pub(crate) doubled_one_in: u32,
    /// How far the functions' clock is ahead of Graph's.
    pub(crate) skew: SignedDuration,
    /// This request, counted from the first, is throttled for so many seconds.
    pub(crate) throttled: Option<(usize, RetryAfter)>,
}

/// What happens outside.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// Graph has a report from now on, or another answer for it.
    Report(SimReport),
    /// A call ended.
    Call(graph_sim::Call),
    /// Graph tells of something, to who listens.
    Notification(Notification),
    /// Somebody else posts to the webhook.
    Forgery(u64),
    /// The schedule of `subscriptions`.
    KeepSubscribed,
    /// `backfill` is invoked with this request, by a schedule or by hand.
    LookAgain(Value),
    /// Something goes wrong, or is changed while all works.
    Accident(Accident),
}

/// Everything.
pub(crate) struct World {
    /// Time, chance and faults.
    pub(crate) scheduler: Arc<Scheduler>,
    /// What is true.
    pub(crate) truth: Arc<Truth>,
    /// The tenant.
    pub(crate) graph: Arc<GraphSim>,
    functions: Rc<Functions>,
    door: Arc<Door>,
    mood: Rc<Cell<Option<(Mood, Timestamp)>>>,
    tasks: BTreeMap<TaskId, Task>,
    deadlines: BTreeSet<(Timestamp, TaskId)>,
    happenings: BTreeMap<(Timestamp, u64), Happening>,
    /// How many tasks there were, and happenings.
    started: u64,
    planned: u64,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    function: Option<Function>,
    deadline: Option<Timestamp>,
}

impl World {
    /// An empty tenant and a new deployment, in which everything follows from `seed`.
    pub(crate) fn new(seed: u64, weather: &Weather, watch: Watch, is_traced: bool) -> Self {
        let scheduler = Arc::new(Scheduler::new(seed, is_traced));
        let truth = Arc::new(Truth::default());
        let door = Arc::new(Door::default());
        let clock = |skew| Arc::new(SimClock { scheduler: scheduler.clone(), skew });
        let graph = Arc::new(GraphSim::new(clock(SignedDuration::ZERO), door.clone()));
        let secrets = MemorySecrets::default().with("graph", Stage::Current, CLIENT_SECRET);
        let secrets = secrets.with("webhook-key", Stage::Current, "the first key");
        let secrets = secrets.with(NOTIFICATION_KEY, Stage::Current, CERTIFICATES[0]);
        let letters = SimQueue::dead_letters(&scheduler, &truth);
        let inbox = |name, function: Function| {
            SimQueue::inbox(name, &letters, function.timeout(), weather.doubled_one_in)
        };
        let queues = Queues {
            fetch: inbox("fetch queue", Function::Fetch),
            archive: inbox("archive queue", Function::Archive),
            subscriptions: inbox("subscriptions queue", Function::Subscriptions),
            backfill: inbox("backfill queue", Function::Backfill),
            letters,
        };
        let http = SimHttp {
            graph: graph.clone(),
            scheduler: scheduler.clone(),
            truth: truth.clone(),
            spoiled_one_in: weather.spoiled_one_in,
            requests: AtomicUsize::new(0),
            throttled: weather.throttled,
            told_to_wait: Mutex::default(),
        };
        let secrets = Arc::new(SimSecrets { secrets, scheduler: scheduler.clone() });
        let bucket = Arc::new(SimBucket::new(&scheduler, &truth));
        let functions = Functions::new(Arc::new(http), secrets, bucket, clock(weather.skew), queues, watch);
        Self {
            scheduler,
            truth,
            graph,
            functions: Rc::new(functions),
            door,
            mood: Rc::default(),
            tasks: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            happenings: BTreeMap::new(),
            started: 0,
            planned: 0,
        }
    }

    /// The bucket.
    pub(crate) fn bucket(&self) -> &SimBucket {
        &self.functions.bucket
    }

    /// The queues.
    pub(crate) fn queues(&self) -> &Queues {
        &self.functions.queues
    }

    /// This will happen then.
    pub(crate) fn plan(&mut self, time: Timestamp, happening: Happening) {
        self.planned += 1;
        self.happenings.insert((time, self.planned), happening);
    }

    /// Lets everything happen, until nothing is left to be done.
    pub(crate) fn run(&mut self) {
        loop {
            self.happen();
            self.open();
            self.feed();
            self.end_late_tasks();
            if let Some(id) = self.scheduler.next_ready() {
                self.poll(id);
            } else if let Some(next) = self.next_time() {
                self.scheduler.advance_to(next);
            } else {
                return;
            }
        }
    }

    /// Whether everything that was promised is so: `required` reports are in the archive.
    pub(crate) fn judge(&self, required: &BTreeSet<String>) {
        let archive = self.bucket().below("").into_iter().collect();
        self.truth.judge(&archive, required);
    }

    fn next_time(&self) -> Option<Timestamp> {
        let happening = self.happenings.first_key_value().map(|((time, _), _)| *time);
        let deadline = self.deadlines.first().map(|(time, _)| *time);
        let messages = Function::ALL.into_iter().filter(|function| self.has_room(*function));
        let messages = messages.filter_map(|function| self.queues().of(function).next_visible_at());
        [happening, deadline, self.scheduler.next_timer()].into_iter().flatten().chain(messages).min()
    }

    fn spawn(
        &mut self,
        function: Option<Function>,
        timeout: Option<SignedDuration>,
        future: impl Future<Output = ()> + 'static,
    ) {
        self.started += 1;
        let deadline = timeout.map(|timeout| self.scheduler.now() + timeout);
        self.deadlines.extend(deadline.map(|deadline| (deadline, self.started)));
        self.tasks.insert(self.started, Task { future: Box::pin(future), function, deadline });
        self.scheduler.make_ready(self.started);
    }

    fn poll(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let waker = self.scheduler.waker(id);
        let is_done = task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        if self.scheduler.take_killed() || is_done {
            self.end(id);
        }
    }

    fn end(&mut self, id: TaskId) {
        if let Some(Task { deadline: Some(deadline), .. }) = self.tasks.remove(&id) {
            self.deadlines.remove(&(deadline, id));
        }
    }

    /// Lambda ends what takes too long.
    fn end_late_tasks(&mut self) {
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= self.scheduler.now()
        {
            self.scheduler.count_fault("an invocation took too long");
            self.end(id);
        }
    }

    fn has_room(&self, function: Function) -> bool {
        let running = self.tasks.values().filter(|task| task.function == Some(function)).count();
        running < function.most().1
    }

    /// The event source mappings: invocations for what is in the queues.
    fn feed(&mut self) {
        for function in Function::ALL {
            let queue = Arc::clone(self.queues().of(function));
            while self.has_room(function)
                && queue.next_visible_at().is_some_and(|time| time <= self.scheduler.now())
                && let Some(event) = queue.receive(function.most().0)
            {
                let functions = Rc::clone(&self.functions);
                let invocation = async move { functions.take(function, event).await };
                self.spawn(Some(function), Some(function.timeout()), invocation);
            }
        }
    }

    /// The front door: an invocation of the webhook for each request.
    fn open(&mut self) {
        for (request, sender) in self.door.knocks() {
            let (functions, truth) = (Rc::clone(&self.functions), Arc::clone(&self.truth));
            let scheduler = Arc::clone(&self.scheduler);
            let invocation = async move {
                let asked_at = scheduler.now();
                let answer = functions.notify(&request).await;
                if scheduler.now().duration_since(asked_at) > SLOW {
                    truth.broken("Graph found the webhook slow".to_owned());
                }
                truth.answered(request.body(), answer.status().is_success());
                sender.send(answer).ok();
            };
            self.spawn(None, Some(WEBHOOK_TIMEOUT), invocation);
        }
    }

    fn happen(&mut self) {
        while let Some(((time, _), _)) = self.happenings.first_key_value()
            && *time <= self.scheduler.now()
            && let Some((_, happening)) = self.happenings.pop_first()
        {
            self.let_happen(happening);
        }
    }

    fn let_happen(&mut self, happening: Happening) {
        let functions = Rc::clone(&self.functions);
        match happening {
            Happening::Report(report) => {
                self.truth.answers(&report);
                self.graph.add_report(report);
            }
            Happening::Call(call) => self.graph.add_call(call),
            Happening::Notification(notification) => self.notify(notification),
            Happening::Forgery(number) => {
                let door = Arc::clone(&self.door);
                let forgery = async move { drop(door.send(forgery(number)).await) };
                self.spawn(None, None, forgery);
            }
            Happening::KeepSubscribed => {
                let invocation = async move { drop(functions.keep_subscribed(Value::Null).await) };
                self.spawn(None, Some(Function::Subscriptions.timeout()), invocation);
            }
            Happening::LookAgain(request) => {
                let run_id = format!("run-{}", self.started);
                let invocation = async move { drop(functions.look_again(request, &run_id).await) };
                self.spawn(None, Some(Function::Backfill.timeout()), invocation);
            }
            Happening::Accident(accident) => self.suffer(accident),
        }
    }
}
