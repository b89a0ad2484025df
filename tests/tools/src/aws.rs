//! The resources of AWS that the compiled functions need, created in an emulator.

use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use graph_sim::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use serde_json::{Value, json};
use shared::aws::S3Store;

use crate::runtime_api::{FunctionProcess, Settings};

/// In seconds; longer than any invocation takes on a slow machine.
const VISIBILITY_TIMEOUT: &str = "120";
/// The functions with a queue, and the names of their queues.
const QUEUES: [&str; 4] = ["fetch", "archive", "subscriptions", "backfill"];

/// A bucket, queues and secrets, whose names begin with that of one test.
pub struct Aws {
    name: &'static str,
    config: SdkConfig,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
}

/// Messages that were received for one invocation.
pub struct Batch {
    queue_url: String,
    messages: Vec<Message>,
}

impl Aws {
    /// Creates the bucket, the queues and the secrets: the application's own, and these.
    pub async fn prepare(config: SdkConfig, name: &'static str, secrets: &[(&str, &str)]) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let aws = Self {
            name,
            sqs: aws_sdk_sqs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            config,
        };
        aws.create_queues().await;
        aws.create_bucket(name).await;
        aws.create_secrets(&[("graph", CLIENT_SECRET)]).await;
        aws.create_secrets(secrets).await;
        aws
    }

    async fn create_queues(&self) {
        for queue in QUEUES.iter().flat_map(|queue| [(*queue).to_owned(), format!("{queue}-dlq")]) {
            let queue = self.sqs.create_queue().queue_name(format!("{}-{queue}", self.name));
            queue.attributes(QueueAttributeName::VisibilityTimeout, VISIBILITY_TIMEOUT).send().await.unwrap();
        }
    }

    /// Creates a bucket with versioning.
    pub async fn create_bucket(&self, name: &str) {
        self.s3.create_bucket().bucket(name).send().await.unwrap();
        let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let versioning = self.s3.put_bucket_versioning().bucket(name);
        versioning.versioning_configuration(versioned).send().await.unwrap();
    }

    async fn create_secrets(&self, values: &[(&str, &str)]) {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.config);
        for (secret, value) in values {
            let secret = secrets.create_secret().name(self.named(secret));
            secret.secret_string(*value).send().await.unwrap();
        }
    }

    /// The bucket, as the store port.
    pub fn store(&self) -> S3Store {
        self.store_in(self.name)
    }

    /// Another bucket, as the store port.
    pub fn store_in(&self, bucket: &str) -> S3Store {
        S3Store::new(&self.config, bucket.to_owned(), None)
    }

    /// How many versions there are of all objects whose keys begin with `prefix`.
    pub async fn versions(&self, prefix: &str) -> usize {
        let versions = self.s3.list_object_versions().bucket(self.name).prefix(prefix).send().await.unwrap();
        assert_ne!(versions.is_truncated, Some(true));
        versions.versions().len()
    }

    /// Sends a message to a queue.
    pub async fn send(&self, queue: &str, body: &str) {
        self.sqs.send_message().queue_url(self.queue_url(queue)).message_body(body).send().await.unwrap();
    }

    /// How many messages a queue holds, those in flight included.
    pub async fn messages(&self, queue: &str) -> usize {
        let counts = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = self.sqs.get_queue_attributes().queue_url(self.queue_url(queue));
        let answer = asked.set_attribute_names(Some(counts.to_vec())).send().await.unwrap();
        let answer = answer.attributes.unwrap();
        counts.iter().map(|count| answer[count].parse::<usize>().unwrap()).sum()
    }

    /// How many messages the queues of all functions hold.
    pub async fn messages_in_queues(&self) -> usize {
        let mut messages = 0;
        for queue in QUEUES {
            messages += self.messages(queue).await;
        }
        messages
    }

    /// How many dead letters there are.
    pub async fn dead_letters(&self) -> usize {
        let mut letters = 0;
        for queue in QUEUES {
            letters += self.messages(&format!("{queue}-dlq")).await;
        }
        letters
    }

    fn named(&self, thing: &str) -> String {
        format!("{}-{thing}", self.name)
    }

    /// The URL of a queue.
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{}", self.config.endpoint_url().unwrap(), self.named(queue))
    }

    /// The settings of all functions.
    pub fn settings(&self, graph_url: &str) -> Settings {
        vec![
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ENDPOINT_URL", self.config.endpoint_url().unwrap().into()),
            ("GRAPH_TENANT_ID", TENANT_ID.into()),
            ("GRAPH_CLIENT_ID", CLIENT_ID.into()),
            ("GRAPH_CREDENTIAL", "secret".into()),
            ("GRAPH_SECRET_ID", self.named("graph")),
            ("GRAPH_URL", graph_url.into()),
            ("LOGIN_URL", graph_url.into()),
            ("WEBHOOK_KEY_SECRET_ID", self.named("webhook-key")),
            ("NOTIFICATION_KEY_SECRET_ID", self.named("notification-key")),
            ("NOTIFICATION_URL", "https://rollcall.contoso.com".into()),
            ("ARCHIVE_BUCKET", self.name.into()),
            ("FETCH_QUEUE_URL", self.queue_url("fetch")),
            ("FETCH_DLQ_URL", self.queue_url("fetch-dlq")),
            ("SUBSCRIPTIONS_QUEUE_URL", self.queue_url("subscriptions")),
            ("ARCHIVE_QUEUE_URL", self.queue_url("archive")),
            ("ARCHIVE_DLQ_URL", self.queue_url("archive-dlq")),
            ("SUBSCRIPTIONS_DLQ_URL", self.queue_url("subscriptions-dlq")),
            ("BACKFILL_QUEUE_URL", self.queue_url("backfill")),
            ("BACKFILL_BULK_QUEUE_URL", self.queue_url("backfill")),
            ("BACKFILL_DLQ_URL", self.queue_url("backfill-dlq")),
        ]
    }

    /// One poll of the event source mapping: invokes the function with a batch of its queue. Returns whether there
    /// was one.
    pub async fn feed(&self, queue: &str, function: &FunctionProcess, batch_size: i32) -> bool {
        let Some(batch) = self.receive(queue, batch_size).await else { return false };
        let answer = function.invoke(&batch.event()).await;
        self.delete_acknowledged(batch, answer).await;
        true
    }

    /// Receives up to `batch_size` messages of a queue; `None` if none is visible.
    pub async fn receive(&self, queue: &str, batch_size: i32) -> Option<Batch> {
        let queue_url = self.queue_url(queue);
        let receive = self.sqs.receive_message().queue_url(&queue_url).max_number_of_messages(batch_size);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
        let messages = receive.send().await.unwrap().messages.filter(|messages| !messages.is_empty())?;
        Some(Batch { queue_url, messages })
    }

    /// Deletes the messages of a batch that its function acknowledged. Without an answer, because the function was
    /// killed, none is deleted, and all become visible again at once.
    pub async fn delete_acknowledged(&self, batch: Batch, answer: Option<Value>) {
        for message in batch.messages {
            let handle = message.receipt_handle().unwrap();
            let Some(answer) = &answer else {
                let change = self.sqs.change_message_visibility().queue_url(&batch.queue_url);
                change.receipt_handle(handle).visibility_timeout(0).send().await.unwrap();
                continue;
            };
            let failed = answer["batchItemFailures"].as_array().unwrap();
            if !failed.iter().any(|failed| failed["itemIdentifier"].as_str() == message.message_id()) {
                let delete = self.sqs.delete_message().queue_url(&batch.queue_url);
                delete.receipt_handle(handle).send().await.unwrap();
            }
        }
    }
}

impl Batch {
    /// How many messages there are: at least one.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// The event that the function is invoked with.
    pub fn event(&self) -> Value {
        let record = |message: &Message| {
            let attributes = message.attributes.iter().flatten();
            let attributes: Value = attributes
                .map(|(name, value)| (name.as_str().to_owned(), Value::from(value.as_str())))
                .collect();
            json!({
                "messageId": message.message_id(), "receiptHandle": message.receipt_handle(),
                "body": message.body(), "attributes": attributes, "messageAttributes": {},
                "eventSource": "aws:sqs",
            })
        };
        json!({"Records": self.messages.iter().map(record).collect::<Vec<_>>()})
    }
}
