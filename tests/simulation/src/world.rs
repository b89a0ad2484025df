//! A tenant, the deployed functions, and the events: one task at a time, in an order that the seed determines.

mod incidents;
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
use local::MemorySecrets;
use serde_json::Value;
use shared::lambda::function::Function;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::http::Http;
use shared::ports::secrets::Stage;

use crate::bucket::SimBucket;
use crate::functions::{Functions, NOTIFICATION_KEY, Queues};
use crate::graph::{RetryAfter, SimClock, SimHttp, SimSecrets, WebhookListener};
use crate::oracle::Oracle;
use crate::queues::SimQueue;
use crate::scheduler::{Scheduler, TaskId};
use incidents::CERTIFICATES;
pub(crate) use incidents::{GraphCondition, Incident};
use notifications::forgery;
pub(crate) use notifications::{Notification, NotificationContent};

/// Graph classifies an endpoint that takes longer as slow.
const MAX_RESPONSE_TIME: SignedDuration = SignedDuration::from_secs(3);

/// The rates of faults of the simulated services.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FaultConfig {
    /// One of Graph's answers in so many is faulty; 0: none.
    pub(crate) faulty_one_in: u32,
    /// One message in so many is delivered twice; 0: none.
    pub(crate) duplicated_one_in: u32,
    /// How far the functions' clock is ahead of Graph's.
    pub(crate) skew: SignedDuration,
    /// The number of a request, counted from the first, that is throttled, and how.
    pub(crate) throttled: Option<(usize, RetryAfter)>,
}

/// Something that happens outside the functions.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// Graph has a report from now on, or another version of it.
    Report(SimReport),
    /// A call ended.
    Call(graph_sim::Call),
    /// Graph posts a notification to the subscribers.
    Notification(Notification),
    /// A stranger posts a forged notification to the webhook.
    Forgery(u64),
    /// The schedule of `subscriptions`.
    RenewSubscriptions,
    /// `backfill` is invoked with this request, by a schedule or by hand.
    Backfill(Value),
    /// An incident.
    Incident(Incident),
}

/// The whole simulation.
pub(crate) struct World {
    /// Virtual time, randomness and faults.
    pub(crate) scheduler: Arc<Scheduler>,
    /// The oracle.
    pub(crate) oracle: Arc<Oracle>,
    /// The tenant.
    pub(crate) graph: Arc<GraphSim>,
    functions: Rc<Functions>,
    listener: Arc<WebhookListener>,
    condition: Rc<Cell<Option<(GraphCondition, Timestamp)>>>,
    tasks: BTreeMap<TaskId, Task>,
    deadlines: BTreeSet<(Timestamp, TaskId)>,
    events: BTreeMap<(Timestamp, u64), Event>,
    /// How many tasks were started.
    started: u64,
    /// How many events were planned.
    planned: u64,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    function: Option<Function>,
    deadline: Option<Timestamp>,
}

impl World {
    /// An empty tenant and a new deployment, in which `seed` determines everything.
    pub(crate) fn new(seed: u64, faults: &FaultConfig, watch: Watch, is_traced: bool) -> Self {
        let scheduler = Arc::new(Scheduler::new(seed, is_traced));
        let oracle = Arc::new(Oracle::default());
        let listener = Arc::new(WebhookListener::default());
        let clock = |skew| Arc::new(SimClock { scheduler: scheduler.clone(), skew });
        let graph = Arc::new(GraphSim::new(clock(SignedDuration::ZERO), listener.clone()));
        let secrets = MemorySecrets::default().with("graph", Stage::Current, CLIENT_SECRET);
        let secrets = secrets.with("webhook-key", Stage::Current, "the first key");
        let secrets = secrets.with(NOTIFICATION_KEY, Stage::Current, CERTIFICATES[0]);
        let true_clock: Arc<dyn Clock> = clock(SignedDuration::ZERO);
        let dead_letters = SimQueue::dead_letters(&scheduler, &oracle, true_clock.clone());
        let queue =
            |function| SimQueue::of(function, &dead_letters, true_clock.clone(), faults.duplicated_one_in);
        let queues = Queues {
            fetch: queue(Function::Fetch),
            archive: queue(Function::Archive),
            subscriptions: queue(Function::Subscriptions),
            backfill: queue(Function::Backfill),
            dead_letters,
        };
        let http = SimHttp {
            graph: graph.clone(),
            scheduler: scheduler.clone(),
            oracle: oracle.clone(),
            faulty_one_in: faults.faulty_one_in,
            requests: AtomicUsize::new(0),
            throttled: faults.throttled,
            retry_not_before: Mutex::default(),
        };
        let secrets = Arc::new(SimSecrets { secrets, scheduler: scheduler.clone() });
        let bucket = Arc::new(SimBucket::new(&scheduler, &oracle));
        let functions = Functions::new(Arc::new(http), secrets, bucket, clock(faults.skew), queues, watch);
        Self {
            scheduler,
            oracle,
            graph,
            functions: Rc::new(functions),
            listener,
            condition: Rc::default(),
            tasks: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            events: BTreeMap::new(),
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

    /// Plans an event.
    pub(crate) fn plan(&mut self, time: Timestamp, event: Event) {
        self.planned += 1;
        self.events.insert((time, self.planned), event);
    }

    /// Runs all events and tasks, until none is left.
    pub(crate) fn run(&mut self) {
        loop {
            self.start_due_events();
            self.accept_requests();
            self.poll_queues();
            self.end_late_tasks();
            if let Some(id) = self.scheduler.next_ready() {
                self.poll_task(id);
            } else if let Some(next) = self.next_time() {
                self.scheduler.advance_to(next);
            } else {
                return;
            }
        }
    }

    /// Verifies the archive: the `required` reports must be in it.
    pub(crate) fn verify(&self, required: &BTreeSet<String>) {
        let archive = self.bucket().below("").into_iter().collect();
        self.oracle.verify(&archive, required, &self.queues().dead_letters.messages());
    }

    fn next_time(&self) -> Option<Timestamp> {
        let event = self.events.first_key_value().map(|((time, _), _)| *time);
        let deadline = self.deadlines.first().map(|(time, _)| *time);
        let messages = Function::WITH_QUEUE.into_iter().filter(|function| self.has_room(*function));
        let messages = messages.filter_map(|function| self.queues().of(function).next_visible_at());
        [event, deadline, self.scheduler.next_timer()].into_iter().flatten().chain(messages).min()
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

    fn poll_task(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let waker = self.scheduler.waker(id);
        let is_done = task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        if self.scheduler.take_killed() || is_done {
            self.end_task(id);
        }
    }

    fn end_task(&mut self, id: TaskId) {
        if let Some(Task { deadline: Some(deadline), .. }) = self.tasks.remove(&id) {
            self.deadlines.remove(&(deadline, id));
        }
    }

    /// Ends the invocations whose timeout is over, as Lambda does.
    fn end_late_tasks(&mut self) {
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= self.scheduler.now()
        {
            self.scheduler.count_fault("an invocation timed out");
            self.end_task(id);
        }
    }

    fn has_room(&self, function: Function) -> bool {
        let running = self.tasks.values().filter(|task| task.function == Some(function)).count();
        running < function.maximum_concurrency()
    }

    /// The event source mappings: invokes functions with the messages of their queues.
    fn poll_queues(&mut self) {
        for function in Function::WITH_QUEUE {
            let queue = Arc::clone(self.queues().of(function));
            while self.has_room(function)
                && queue.next_visible_at().is_some_and(|time| time <= self.scheduler.now())
                && let Some(event) = queue.receive(function.batch_size())
            {
                let functions = Rc::clone(&self.functions);
                let invocation = async move { functions.invoke(function, event).await };
                self.spawn(Some(function), Some(function.timeout()), invocation);
            }
        }
    }

    /// The webhook's endpoint: invokes `webhook` with each request.
    fn accept_requests(&mut self) {
        for (request, sender) in self.listener.take_requests() {
            let (functions, oracle) = (Rc::clone(&self.functions), Arc::clone(&self.oracle));
            let scheduler = Arc::clone(&self.scheduler);
            let invocation = async move {
                let received_at = scheduler.now();
                let answer = functions.webhook(&request).await;
                if scheduler.now().duration_since(received_at) > MAX_RESPONSE_TIME {
                    oracle.violation("the webhook answered too slowly".to_owned());
                }
                oracle.check_acknowledgement(request.body(), answer.status().is_success());
                sender.send(answer).ok();
            };
            self.spawn(None, Some(Function::Webhook.timeout()), invocation);
        }
    }

    fn start_due_events(&mut self) {
        while let Some(((time, _), _)) = self.events.first_key_value()
            && *time <= self.scheduler.now()
            && let Some((_, event)) = self.events.pop_first()
        {
            self.start_event(event);
        }
    }

    fn start_event(&mut self, event: Event) {
        let functions = Rc::clone(&self.functions);
        match event {
            Event::Report(report) => {
                self.oracle.record_version(&report);
                self.graph.add_report(report);
            }
            Event::Call(call) => self.graph.add_call(call),
            Event::Notification(notification) => self.notify(notification),
            Event::Forgery(number) => {
                let listener = Arc::clone(&self.listener);
                let forgery = async move { drop(listener.send(forgery(number)).await) };
                self.spawn(None, None, forgery);
            }
            Event::RenewSubscriptions => {
                let invocation = async move { drop(functions.subscriptions(Value::Null).await) };
                self.spawn(None, Some(Function::Subscriptions.timeout()), invocation);
            }
            Event::Backfill(request) => {
                let run_id = format!("run-{}", self.started);
                let invocation = async move { drop(functions.backfill(request, &run_id).await) };
                self.spawn(None, Some(Function::Backfill.timeout()), invocation);
            }
            Event::Incident(incident) => self.apply(incident),
        }
    }
}
