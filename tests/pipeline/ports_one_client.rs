//! AWS by the client that Graph has: the SDK's calls keep their meaning, their time-outs and the causes of their failures.

use std::sync::Arc;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use shared::aws::{self, S3Store, SqsQueue};
use shared::ports::http::{ConnectFailure, HttpClient};
use shared::ports::queue::{OutgoingMessage, Queue};
use shared::ports::store::{ObjectStore, StoreError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tools::emulators;

use crate::ports_stores::keeps_the_contract;

/// The settings of `config`, whose calls are sent by a client of ours; one try takes at most `attempt`.
async fn by_one_client(endpoint: &str, attempt: Duration) -> SdkConfig {
    let credentials =
        aws_sdk_s3::config::Credentials::builder().access_key_id("test").secret_access_key("test");
    let credentials = credentials.provider_name("tests").build();
    let config = aws::config_over(&HttpClient::new().unwrap(), attempt).await.to_builder();
    let config = config.region(Region::new("us-east-1")).endpoint_url(endpoint);
    let provider = aws_sdk_s3::config::SharedCredentialsProvider::new(credentials);
    config.credentials_provider(provider).build()
}

#[tokio::test]
async fn the_store_on_s3_keeps_the_contract() {
    for config in emulators::all().await {
        let config = by_one_client(config.endpoint_url().unwrap(), Duration::from_secs(30)).await;
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        client.create_bucket().bucket("one-client").send().await.unwrap();
        keeps_the_contract(Arc::new(S3Store::new(&config, "one-client".into(), None))).await;
    }
}

#[tokio::test]
async fn a_message_as_large_as_a_report_may_be_inside_it_is_sent_and_received() {
    for config in emulators::all().await {
        let config = by_one_client(config.endpoint_url().unwrap(), Duration::from_secs(30)).await;
        let client = aws_sdk_sqs::Client::new(&config);
        let url = client.create_queue().queue_name("one-client").send().await.unwrap().queue_url.unwrap();
        // One of the emulators takes 1 MiB and knows no such attribute.
        let size = aws_sdk_sqs::types::QueueAttributeName::MaximumMessageSize;
        let _ = client.set_queue_attributes().queue_url(&url).attributes(size, "1048576").send().await;
        let queue = SqsQueue::new(&config, url);
        let body = "x".repeat(448 << 10);
        queue.send(vec![OutgoingMessage::new(body.clone())]).await.unwrap();
        assert_eq!(queue.receive(Duration::from_secs(30)).await.unwrap()[0].body, body);
    }
}

async fn code_at(endpoint: &str, attempt: Duration) -> String {
    let store = S3Store::new(&by_one_client(endpoint, attempt).await, "archive".into(), None);
    match store.head("reports/x.json").await {
        Err(StoreError::Unavailable { code }) => code,
        other => panic!("{endpoint}: {other:?}"),
    }
}

#[tokio::test]
async fn why_there_is_no_answer_is_told_by_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let no_tls = silent.replace("http://", "https://");
    let second = Duration::from_secs(1);
    assert_eq!(code_at("http://127.0.0.1:1", second).await, ConnectFailure::Refused.to_string());
    assert_eq!(code_at(&silent, Duration::from_millis(200)).await, "time-out");
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            // What is closed unread is reset, which is no failure of TLS.
            let _ = connection.read(&mut [0; 4_096]).await;
            let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    assert_eq!(code_at(&no_tls, second).await, ConnectFailure::Tls.to_string());
}
