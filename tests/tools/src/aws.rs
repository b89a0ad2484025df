//! What the compiled functions need of AWS, made on an emulator.

use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use graph_sim::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use serde_json::{Value, json};
use shared::aws::S3Store;

use crate::runtime_api::{FunctionProcess, Settings};

/// In seconds; longer than any invocation takes on the slowest machine.
const VISIBILITY_TIMEOUT: &str = "120";
const INBOXES: [&str; 4] = ["fetch", "archive", "subscriptions", "backfill"];

/// A bucket, queues and secrets, all named after one test.
pub struct Aws {
    name: &'static str,
    config: SdkConfig,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
}

/// Messages that were received, and go to a function together.
pub struct Batch {
    queue_url: String,
    messages: Vec<Message>,
}

impl Aws {
    /// Makes all that, with these secrets beside the application's own.
    pub async fn prepare(config: SdkConfig, name: &'static str, secrets: &[(&str, &str)]) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let aws = Self {
            name,
            sqs: aws_sdk_sqs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            config,
        };
        aws.make_queues().await;
        aws.make_bucket().await;
        aws.make_secrets(&[("graph", CLIENT_SECRET)]).await;
        aws.make_secrets(secrets).await;
        aws
    }

    async fn make_queues(&self) {
        for queue in INBOXES.iter().flat_map(|inbox| [(*inbox).to_owned(), format!("{inbox}-dlq")]) {
            let queue = self.sqs.create_queue().queue_name(format!("{}-{queue}", self.name));
            queue.attributes(QueueAttributeName::VisibilityTimeout, VISIBILITY_TIMEOUT).send().await.unwrap();
        }
    }

    async fn make_bucket(&self) {
        self.s3.create_bucket().bucket(self.name).send().await.unwrap();
        let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let versioning = self.s3.put_bucket_versioning().bucket(self.name);
        versioning.versioning_configuration(versioned).send().await.unwrap();
    }

    async fn make_secrets(&self, values: &[(&str, &str)]) {
        let secrets = aws_sdk_secretsmanager::Client::new(&self.config);
        for (secret, value) in values {
            let secret = secrets.create_secret().name(self.named(secret));
            secret.secret_string(*value).send().await.unwrap();
        }
    }

    /// The bucket.
    pub fn store(&self) -> S3Store {
        S3Store::new(&self.config, self.name.to_owned(), None)
    }

    /// How many versions there are of all objects whose keys begin with `prefix`.
    pub async fn versions(&self, prefix: &str) -> usize {
        let versions = self.s3.list_object_versions().bucket(self.name).prefix(prefix).send().await.unwrap();
        assert_ne!(versions.is_truncated, Some(true));
        versions.versions().len()
    }

    /// How many messages a queue holds, those among them that somebody works on.
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

    /// How many messages lie in all queues.
    pub async fn messages_in_inboxes(&self) -> usize {
        let mut messages = 0;
        for inbox in INBOXES {
            messages += self.messages(inbox).await;
        }
        messages
    }

    /// How many dead letters there are.
    pub async fn dead_letters(&self) -> usize {
        let mut letters = 0;
        for inbox in INBOXES {
            letters += self.messages(&format!("{inbox}-dlq")).await;
        }
        letters
    }

    fn named(&self, thing: &str) -> String {
        format!("{}-{thing}", self.name)
    }

    /// Where a queue is.
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
            ("BACKFILL_DLQ_URL", self.queue_url("backfill-dlq")),
        ]
    }

    /// Does what the event source mapping does: one batch from a queue to its function. Answers
    /// whether there was one.
    pub async fn feed(&self, queue: &str, function: &FunctionProcess, batch_size: i32) -> bool {
        let Some(batch) = self.receive(queue, batch_size).await else { return false };
        let answer = function.invoke(&batch.event()).await;
        self.delete_acknowledged(batch, answer).await;
        true
    }

    /// Takes up to `batch_size` messages from a queue; `None`: there is none just now.
    pub async fn receive(&self, queue: &str, batch_size: i32) -> Option<Batch> {
        let queue_url = self.queue_url(queue);
        let receive = self.sqs.receive_message().queue_url(&queue_url).max_number_of_messages(batch_size);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
        let messages = receive.send().await.unwrap().messages.filter(|messages| !messages.is_empty())?;
        Some(Batch { queue_url, messages })
    }

    /// Deletes of a batch what its function has done. Of a killed function's batch (no answer) nothing is
    /// deleted, and it comes again at once.
    pub async fn delete_acknowledged(&self, batch: Batch, answer: Option<Value>) {
        for message in batch.messages {
            let handle = message.receipt_handle().unwrap();
            let Some(answer) = &answer else {
                let again = self.sqs.change_message_visibility().queue_url(&batch.queue_url);
                again.receipt_handle(handle).visibility_timeout(0).send().await.unwrap();
                continue;
            };
            let failed = answer["batchItemFailures"].as_array().unwrap();
            if !failed.iter().any(|failed| failed["itemIdentifier"].as_str() == message.message_id()) {
                let done = self.sqs.delete_message().queue_url(&batch.queue_url);
                done.receipt_handle(handle).send().await.unwrap();
            }
        }
    }
}

impl Batch {
    /// How many messages there are: at least one.
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// What the function is invoked with.
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
