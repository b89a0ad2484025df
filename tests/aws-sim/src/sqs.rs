//! SQS: its operations, and the limits of messages and batches.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>

mod batches;
mod requests;

use std::time::{Duration, Instant};

use s3s::crypto::{Checksum as _, Md5};
use serde_json::{Map, Value, json};

use crate::ACCOUNT;
use crate::json::{Refusal, read};
use crate::queues::{Delivery, Queues};
use requests::{ChangeVisibility, CreateQueue, Delete, QueueAttributes, Receive, Send};

/// The most bytes of a message, and of all messages of a batch: 1 MiB.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// How long a message can be hidden at most: 12 hours.
const MAX_HIDDEN_SECONDS: u64 = 43_200;
/// How often a receiver that waits looks for messages.
const POLL: Duration = Duration::from_millis(10);

pub(crate) async fn answer(queues: &Queues, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "CreateQueue" => create(queues, &read(body)?),
        "GetQueueAttributes" => attributes(queues, &read(body)?),
        "SendMessage" => send(queues, read(body)?),
        "SendMessageBatch" => batches::send(queues, read(body)?),
        "ReceiveMessage" => receive(queues, &read(body)?).await,
        "DeleteMessage" => delete(queues, &read(body)?),
        "DeleteMessageBatch" => batches::delete(queues, &read(body)?),
        "ChangeMessageVisibility" => change_visibility(queues, &read(body)?),
        "ChangeMessageVisibilityBatch" => batches::change_visibility(queues, &read(body)?),
        _ => Err(Refusal::unknown_operation(operation)),
    }
}

fn create(queues: &Queues, request: &CreateQueue) -> Result<Value, Refusal> {
    let mut visibility_timeout = None;
    for (name, value) in &request.attributes {
        if name != "VisibilityTimeout" {
            return Err(Refusal::new("InvalidAttributeName", format!("{name} is not simulated")));
        }
        visibility_timeout = Some(hidden(value.parse().unwrap_or(u64::MAX))?);
    }
    queues.create(&request.queue_name, visibility_timeout);
    // Callers send to the endpoint that they are configured with, whatever the host of a queue's URL.
    Ok(json!({"QueueUrl": format!("https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{}", request.queue_name)}))
}

fn attributes(queues: &Queues, request: &QueueAttributes) -> Result<Value, Refusal> {
    let (counts, timeout) =
        queues.with(&request.queue_url, |queue| Ok((queue.counts(), queue.visibility_timeout)))?;
    let all = [
        ("ApproximateNumberOfMessages", counts[0] as u64),
        ("ApproximateNumberOfMessagesNotVisible", counts[1] as u64),
        ("ApproximateNumberOfMessagesDelayed", counts[2] as u64),
        ("VisibilityTimeout", timeout.as_secs()),
    ];
    let asked = all.into_iter().filter(|(name, _)| names(&request.attribute_names, name));
    let asked = asked.map(|(name, value)| (name.to_owned(), value.to_string().into()));
    Ok(json!({"Attributes": asked.collect::<Map<_, _>>()}))
}

fn send(queues: &Queues, request: Send) -> Result<Value, Refusal> {
    let entry = request.entry;
    entry.check()?;
    let (md5, delay) = (md5(&entry.message_body), entry.delay()?);
    let id = queues.with(&request.queue_url, |queue| {
        Ok(queue.send(entry.message_body, entry.message_attributes, delay))
    })?;
    Ok(json!({"MessageId": id, "MD5OfMessageBody": md5}))
}

async fn receive(queues: &Queues, request: &Receive) -> Result<Value, Refusal> {
    let limit = request.max_number_of_messages.unwrap_or(1);
    let waits = request.wait_time_seconds.unwrap_or(0);
    if !(1..=10).contains(&limit) || waits > 20 {
        return Err(invalid("MaxNumberOfMessages is 1 to 10, WaitTimeSeconds 0 to 20"));
    }
    let until = Instant::now() + Duration::from_secs(waits);
    let hidden = request.visibility_timeout.map(hidden).transpose()?;
    loop {
        let received = queues.with(&request.queue_url, |queue| Ok(queue.receive(limit, hidden)))?;
        if !received.is_empty() || Instant::now() >= until {
            let messages = received.into_iter().map(|message| delivered(message, request));
            return Ok(json!({"Messages": messages.collect::<Vec<_>>()}));
        }
        tokio::time::sleep(POLL).await;
    }
}

fn delivered(message: Delivery, request: &Receive) -> Value {
    let system = message.system_attributes.into_iter();
    let system = system.filter(|(name, _)| names(&request.system_attribute_names, name));
    let own = message.attributes.into_iter();
    let own = own.filter(|(name, _)| names(&request.message_attribute_names, name));
    json!({
        "MessageId": message.id, "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": md5(&message.body), "Body": message.body,
        "Attributes": system.map(|(name, value)| (name.to_owned(), value.into())).collect::<Map<_, _>>(),
        "MessageAttributes": own.collect::<Map<_, _>>(),
    })
}

fn delete(queues: &Queues, request: &Delete) -> Result<Value, Refusal> {
    queues.with(&request.queue_url, |queue| queue.delete(&request.receipt_handle))?;
    Ok(json!({}))
}

fn change_visibility(queues: &Queues, request: &ChangeVisibility) -> Result<Value, Refusal> {
    let hidden = hidden(request.visibility_timeout)?;
    queues.with(&request.queue_url, |queue| queue.hide(&request.receipt_handle, hidden))?;
    Ok(json!({}))
}

/// Whether a list of attributes names this one.
fn names(asked: &[String], name: &str) -> bool {
    asked.iter().any(|asked| asked == "All" || asked == name)
}

fn hidden(seconds: u64) -> Result<Duration, Refusal> {
    if seconds > MAX_HIDDEN_SECONDS {
        return Err(invalid("VisibilityTimeout must be between 0 and 43200"));
    }
    Ok(Duration::from_secs(seconds))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", message)
}

/// The MD5 of a body, which the SDKs compare.
fn md5(body: &str) -> String {
    Md5::checksum(body.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
