//! The ports of queues and secrets on AWS (our simulated one, MiniStack and moto) do what the functions rely on.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use shared::aws::{SecretsManager, SqsQueue};
use shared::graph::GraphError;
use shared::lambda::dead_letters::letter;
use shared::model::Outcome;
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};
use shared::ports::secrets::{ExposeSecret, SecretError, Secrets, Stage};
use tools::emulators;

async fn create_queue(client: &aws_sdk_sqs::Client, name: &str) -> String {
    let created = client.create_queue().queue_name(name).send().await.unwrap();
    created.queue_url.unwrap()
}

#[tokio::test]
async fn a_queue_takes_any_number_of_messages_with_their_attributes() {
    for config in emulators::all().await {
        let client = aws_sdk_sqs::Client::new(&config);
        let url = create_queue(&client, "many").await;
        let queue = SqsQueue::new(&config, url.clone());
        let mut reason = GraphError::new(Outcome::AccessPolicyMissing);
        reason.request_id = Some("id-1".into());
        let letter = letter("{\"a\":\"明\"}", &reason);

        queue.send(vec![letter; 25]).await.unwrap();
        queue.send(vec![]).await.unwrap();

        let count = client.get_queue_attributes().queue_url(&url);
        let count =
            count.attribute_names(QueueAttributeName::ApproximateNumberOfMessages).send().await.unwrap();
        assert_eq!(count.attributes.unwrap()[&QueueAttributeName::ApproximateNumberOfMessages], "25");
        let received =
            client.receive_message().queue_url(&url).message_attribute_names("All").send().await.unwrap();
        let message = &received.messages.unwrap()[0];
        assert_eq!(message.body(), Some("{\"a\":\"明\"}"));
        let attributes = message.message_attributes.as_ref().unwrap();
        assert_eq!(attributes["outcome"].string_value(), Some("access_policy_missing"));
        assert!(attributes["remedy"].string_value().unwrap().contains("New-CsApplicationAccessPolicy"));
        assert_eq!(attributes["request-id"].string_value(), Some("id-1"));
    }
}

#[tokio::test]
async fn a_postponed_message_is_invisible_for_that_time() {
    for config in emulators::all().await {
        let client = aws_sdk_sqs::Client::new(&config);
        let url = create_queue(&client, "put-off").await;
        let queue = SqsQueue::new(&config, url.clone());
        queue.send(vec![OutgoingMessage::new("x".into())]).await.unwrap();
        let receive = || client.receive_message().queue_url(&url).send();
        let message = receive().await.unwrap().messages.unwrap().remove(0);

        // A fraction of a second is rounded up: never too early.
        queue.postpone(message.receipt_handle().unwrap(), Duration::from_millis(1_100)).await.unwrap();

        assert_eq!(receive().await.unwrap().messages.unwrap_or_default().len(), 0);
        tokio::time::sleep(Duration::from_millis(2_300)).await;
        assert_eq!(receive().await.unwrap().messages.unwrap_or_default().len(), 1);
    }
}

#[tokio::test]
async fn a_queue_that_does_not_exist_refuses_and_one_out_of_reach_is_unavailable() {
    for config in emulators::all().await {
        let message = || vec![OutgoingMessage::new("x".into())];
        let absent = format!("{}/000000000000/no-such-queue", config.endpoint_url().unwrap());
        let refused = SqsQueue::new(&config, absent.clone()).send(message()).await;
        assert!(matches!(refused, Err(QueueError::Refused { .. })), "{refused:?}");
        let nowhere = config.to_builder().endpoint_url("http://127.0.0.1:1").build();
        assert_eq!(
            SqsQueue::new(&nowhere, absent).send(message()).await,
            Err(QueueError::Unavailable { code: "the connection is refused".into() })
        );
    }
}

#[tokio::test]
async fn a_secret_has_a_current_and_after_its_rotation_a_previous_version() {
    for config in emulators::all().await {
        let client = aws_sdk_secretsmanager::Client::new(&config);
        client.create_secret().name("webhook-key").secret_string("one").send().await.unwrap();
        let secrets = SecretsManager::new(&config);
        let read = async |stage| {
            let secret = secrets.get("webhook-key", stage).await.unwrap();
            secret.map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(read(Stage::Current).await.as_deref(), Some("one"));
        assert_eq!(read(Stage::Previous).await, None);

        client.put_secret_value().secret_id("webhook-key").secret_string("two").send().await.unwrap();

        assert_eq!(read(Stage::Current).await.as_deref(), Some("two"));
        assert_eq!(read(Stage::Previous).await.as_deref(), Some("one"));
    }
}

#[tokio::test]
async fn a_secret_that_does_not_exist_is_refused() {
    for config in emulators::all().await {
        let absent = SecretsManager::new(&config).get("no-such-secret", Stage::Current).await;
        assert_eq!(absent.err(), Some(SecretError::Refused { code: "ResourceNotFoundException".into() }));
    }
}
