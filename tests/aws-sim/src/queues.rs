//! The messages of each queue: which are visible, and to whom they were delivered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::json::Refusal;

/// The visibility timeout of a queue that was created without one.
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(30);

/// All queues, by their names.
#[derive(Default)]
pub(crate) struct Queues(Mutex<HashMap<String, Queue>>);

impl Queues {
    /// Creates a queue, unless it exists.
    pub(crate) fn create(&self, name: &str, visibility_timeout: Option<Duration>) {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let visibility_timeout = visibility_timeout.unwrap_or(VISIBILITY_TIMEOUT);
        queues.entry(name.to_owned()).or_insert_with(|| Queue {
            visibility_timeout,
            messages: BTreeMap::new(),
            sent: 0,
        });
    }

    /// Does something with the queue at `url`.
    pub(crate) fn with<T>(
        &self,
        url: &str,
        then: impl FnOnce(&mut Queue) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = url.rsplit('/').next().unwrap_or_default();
        let absent = || Refusal::new("QueueDoesNotExist", "The specified queue does not exist.");
        then(queues.get_mut(name).ok_or_else(absent)?)
    }
}

/// One standard queue. Messages come in the order in which they were sent, which SQS does not promise.
pub(crate) struct Queue {
    pub(crate) visibility_timeout: Duration,
    /// By their numbers, in the order in which they were sent.
    messages: BTreeMap<u64, Message>,
    sent: u64,
}

struct Message {
    body: String,
    attributes: Map<String, Value>,
    sent: SystemTime,
    visible_from: Instant,
    /// How often it was received, and when first.
    receives: u32,
    first_received: Option<SystemTime>,
}

/// A message as it is received.
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) system_attributes: [(&'static str, String); 4],
}

impl Queue {
    /// Adds a message that becomes visible after `delay`; returns its id.
    pub(crate) fn send(&mut self, body: String, attributes: Map<String, Value>, delay: Duration) -> String {
        self.sent += 1;
        let message = Message {
            body,
            attributes,
            sent: SystemTime::now(),
            visible_from: Instant::now() + delay,
            receives: 0,
            first_received: None,
        };
        self.messages.insert(self.sent, message);
        id(self.sent)
    }

    /// Receives up to `limit` visible messages, which are hidden from now on for `hidden`.
    pub(crate) fn receive(&mut self, limit: usize, hidden: Option<Duration>) -> Vec<Delivery> {
        let now = Instant::now();
        let visible_from = now + hidden.unwrap_or(self.visibility_timeout);
        let visible = self.messages.iter_mut().filter(|(_, message)| message.visible_from <= now).take(limit);
        visible.map(|(number, message)| message.receive(*number, visible_from)).collect()
    }

    /// Deletes a message by the handle of its last receipt. With an older one it stays, as it may in SQS.
    pub(crate) fn delete(&mut self, receipt_handle: &str) -> Result<(), Refusal> {
        let (number, receives) = receipt(receipt_handle)?;
        if self.messages.get(&number).is_some_and(|message| message.receives == receives) {
            self.messages.remove(&number);
        }
        Ok(())
    }

    /// Hides a received message for `hidden` from now on.
    pub(crate) fn hide(&mut self, receipt_handle: &str, hidden: Duration) -> Result<(), Refusal> {
        let (number, receives) = receipt(receipt_handle)?;
        let now = Instant::now();
        let message = self.messages.get_mut(&number);
        let in_flight = message.filter(|message| message.receives == receives && message.visible_from > now);
        let not_in_flight = || Refusal::new("MessageNotInflight", "The message is not in flight.");
        in_flight.ok_or_else(not_in_flight)?.visible_from = now + hidden;
        Ok(())
    }

    /// How many messages are visible, in flight, and delayed.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let now = Instant::now();
        let mut counts = [0; 3];
        for message in self.messages.values() {
            let is_hidden = message.visible_from > now;
            counts[if is_hidden && message.receives == 0 { 2 } else { usize::from(is_hidden) }] += 1;
        }
        counts
    }
}

impl Message {
    fn receive(&mut self, number: u64, visible_from: Instant) -> Delivery {
        self.receives += 1;
        self.visible_from = visible_from;
        let first_received = *self.first_received.get_or_insert_with(SystemTime::now);
        Delivery {
            id: id(number),
            receipt_handle: format!("{number}.{}", self.receives),
            body: self.body.clone(),
            attributes: self.attributes.clone(),
            system_attributes: [
                ("SenderId", "AIDAIT2UOQQY3AUEKVGXU".to_owned()),
                ("SentTimestamp", milliseconds(self.sent)),
                ("ApproximateReceiveCount", self.receives.to_string()),
                ("ApproximateFirstReceiveTimestamp", milliseconds(first_received)),
            ],
        }
    }
}

fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// The number of a message, and which of its receipts.
fn receipt(handle: &str) -> Result<(u64, u32), Refusal> {
    let invalid = || Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
    let (number, receives) = handle.split_once('.').ok_or_else(invalid)?;
    Ok((number.parse().map_err(|_| invalid())?, receives.parse().map_err(|_| invalid())?))
}

fn milliseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}
