//! The rules of S3 and SQS that the contracts of Rollcall's ports do not ask for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, RequestChecksumCalculation};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ObjectLockLegalHoldStatus, ObjectLockMode};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use aws_sim::Latencies;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// The CRC64NVME of `123456789`, from the catalogue of CRCs: 0xae8b14860a799888.
const CHECKSUM: &str = "rosUhgp5mIg=";
/// Its CRC32: 0xcbf43926.
const CRC32: &str = "y/Q5Jg==";

async fn aws(latencies: Latencies, secret: &str) -> SdkConfig {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(aws_sim::serve(listener, latencies));
    let credentials = Credentials::builder().access_key_id(aws_sim::ACCESS_KEY_ID).secret_access_key(secret);
    let loader = aws_config::defaults(BehaviorVersion::latest()).region(Region::new("us-east-1"));
    let credentials = credentials.provider_name("tests").build();
    loader.endpoint_url(url).credentials_provider(credentials).load().await
}

async fn s3(secret: &str) -> aws_sdk_s3::Client {
    s3_with(secret, RequestChecksumCalculation::WhenSupported).await
}

/// A client that sends the checksum that it is given, and none of its own.
async fn s3_without_own_checksums() -> aws_sdk_s3::Client {
    s3_with(aws_sim::SECRET_ACCESS_KEY, RequestChecksumCalculation::WhenRequired).await
}

async fn s3_with(secret: &str, checksums: RequestChecksumCalculation) -> aws_sdk_s3::Client {
    let config = aws(Latencies::default(), secret).await;
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
    let client = aws_sdk_s3::Client::from_conf(config.request_checksum_calculation(checksums).build());
    client.create_bucket().bucket("archive").object_lock_enabled_for_bucket(true).send().await.ok();
    client
}

async fn sqs() -> (aws_sdk_sqs::Client, String) {
    let client = aws_sdk_sqs::Client::new(&aws(Latencies::default(), aws_sim::SECRET_ACCESS_KEY).await);
    let created = client.create_queue().queue_name("q").send().await.unwrap();
    (client, created.queue_url.unwrap())
}

#[tokio::test]
async fn a_checksum_that_is_not_that_of_the_bytes_is_refused_before_the_body_and_after_it() {
    let client = s3(aws_sim::SECRET_ACCESS_KEY).await;
    let put = |body: &'static str| {
        client.put_object().bucket("archive").key("k").body(ByteStream::from_static(body.as_bytes()))
    };
    put("123456789").checksum_crc64_nvme(CHECKSUM).send().await.unwrap();
    let refused = put("other").checksum_crc64_nvme(CHECKSUM).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("BadDigest"));
    for algorithm in [ChecksumAlgorithm::Sha256, ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Crc32] {
        // The SDK sends it behind the body.
        put("123456789").checksum_algorithm(algorithm).send().await.unwrap();
    }
    put("123456789").checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).send().await.unwrap();
    let head = client.head_object().bucket("archive").key("k").checksum_mode(ChecksumMode::Enabled);
    assert_eq!(head.send().await.unwrap().checksum_crc64_nvme(), Some(CHECKSUM));
    let got = client.get_object().bucket("archive").key("k").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "123456789");
}

#[tokio::test]
async fn a_put_has_one_checksum_at_most_and_it_is_of_the_algorithm_that_is_named() {
    let client = s3_without_own_checksums().await;
    let put = || client.put_object().bucket("archive").key("k").body(ByteStream::from_static(b"123456789"));
    put().send().await.unwrap();
    put().checksum_crc32(CRC32).send().await.unwrap();
    let named = put().checksum_crc32(CRC32).checksum_algorithm(ChecksumAlgorithm::Crc32);
    named.send().await.unwrap();
    let refused = [
        put().checksum_crc32(CRC32).checksum_crc64_nvme(CHECKSUM),
        put().checksum_crc32(CRC32).checksum_algorithm(ChecksumAlgorithm::Crc64Nvme),
        put().checksum_algorithm(ChecksumAlgorithm::Crc64Nvme),
    ];
    for put in refused {
        assert_eq!(put.send().await.unwrap_err().code(), Some("InvalidRequest"));
    }
}

#[tokio::test]
async fn an_object_that_is_locked_must_have_a_checksum() {
    let client = s3_without_own_checksums().await;
    let put = |is_hold: bool| {
        let put = client.put_object().bucket("archive").key("k").body(ByteStream::from_static(b"123456789"));
        let until = DateTime::from_secs(4_000_000_000);
        match is_hold {
            true => put.object_lock_legal_hold_status(ObjectLockLegalHoldStatus::On),
            false => put.object_lock_mode(ObjectLockMode::Governance).object_lock_retain_until_date(until),
        }
    };
    for is_hold in [true, false] {
        assert_eq!(put(is_hold).send().await.unwrap_err().code(), Some("InvalidRequest"));
        put(is_hold).checksum_crc64_nvme(CHECKSUM).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_condition_that_does_not_hold_is_told_before_a_checksum_that_is_wrong() {
    let client = s3_without_own_checksums().await;
    let put = |body: &'static str| {
        let put = client.put_object().bucket("archive").key("k").checksum_crc64_nvme(CHECKSUM);
        put.body(ByteStream::from_static(body.as_bytes()))
    };
    let absent = put("other").if_none_match("*").send().await.unwrap_err();
    assert_eq!(absent.code(), Some("BadDigest"));
    let written = put("123456789").send().await.unwrap();
    let present = put("other").if_none_match("*").send().await.unwrap_err();
    assert_eq!(present.code(), Some("PreconditionFailed"));
    let changed = put("other").if_match("\"another\"").send().await.unwrap_err();
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    let unchanged = put("other").if_match(written.e_tag().unwrap()).send().await.unwrap_err();
    assert_eq!(unchanged.code(), Some("BadDigest"));
}

#[tokio::test]
async fn a_wrong_key_and_another_account_are_refused() {
    let refused = s3("another").await.head_bucket().bucket("archive").send().await.unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    let client = s3(aws_sim::SECRET_ACCESS_KEY).await;
    for (owner, is_refused) in [(aws_sim::ACCOUNT, false), ("111111111111", true)] {
        let put = client.put_object().bucket("archive").key("k").expected_bucket_owner(owner).send().await;
        assert_eq!(put.is_err_and(|error| error.code() == Some("AccessDenied")), is_refused, "{owner}");
    }
}

#[tokio::test]
async fn a_message_and_a_batch_have_at_most_a_mebibyte() {
    let (client, url) = sqs().await;
    let send = |bytes| client.send_message().queue_url(&url).message_body("x".repeat(bytes)).send();
    send(1 << 20).await.unwrap();
    assert_eq!(send((1 << 20) + 1).await.unwrap_err().code(), Some("InvalidParameterValue"));
    let batch = |entries: usize, bytes: usize| {
        let entry = |id: usize| {
            let entry = SendMessageBatchRequestEntry::builder().id(id.to_string());
            entry.message_body("x".repeat(bytes)).build().unwrap()
        };
        client
            .send_message_batch()
            .queue_url(&url)
            .set_entries(Some((0..entries).map(entry).collect()))
            .send()
    };
    batch(2, 1 << 19).await.unwrap();
    assert_eq!(batch(3, 1 << 19).await.unwrap_err().code(), Some("BatchRequestTooLong"));
    assert_eq!(batch(11, 1).await.unwrap_err().code(), Some("TooManyEntriesInBatchRequest"));
}

#[tokio::test]
async fn a_message_that_is_not_deleted_in_time_comes_again() {
    let (client, url) = sqs().await;
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    let receive = |hidden, wait| {
        let request = client.receive_message().queue_url(&url).visibility_timeout(hidden);
        request.wait_time_seconds(wait).send()
    };
    let first = receive(1, 0).await.unwrap().messages.unwrap().remove(0);
    assert_eq!(receive(1, 0).await.unwrap().messages.unwrap_or_default(), []);
    // A receiver that waits gets it as soon as it is visible.
    let second = receive(30, 5).await.unwrap().messages.unwrap().remove(0);
    assert_eq!(first.message_id, second.message_id);
    let delete =
        |handle: Option<String>| client.delete_message().queue_url(&url).set_receipt_handle(handle).send();
    let hide = |handle: Option<String>| {
        client
            .change_message_visibility()
            .queue_url(&url)
            .set_receipt_handle(handle)
            .visibility_timeout(0)
            .send()
    };
    // The first receiver is too late.
    delete(first.receipt_handle).await.unwrap();
    hide(second.receipt_handle).await.unwrap();
    let third = receive(30, 0).await.unwrap().messages.unwrap().remove(0);
    delete(third.receipt_handle.clone()).await.unwrap();
    assert_eq!(hide(third.receipt_handle).await.unwrap_err().code(), Some("MessageNotInflight"));
}

#[tokio::test]
async fn requests_wait_for_their_own_latency_and_not_for_each_other() {
    let latencies = Latencies { s3: Duration::from_millis(200), sqs: Duration::ZERO };
    let config = aws(latencies, aws_sim::SECRET_ACCESS_KEY).await;
    let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
    let client = aws_sdk_s3::Client::from_conf(config);
    let began = Instant::now();
    client.create_bucket().bucket("archive").send().await.unwrap();
    let asked: Vec<_> =
        (0..8).map(|_| tokio::spawn(client.head_object().bucket("archive").key("k").send())).collect();
    for asked in asked {
        asked.await.unwrap().unwrap_err();
    }
    let took = began.elapsed();
    assert!((Duration::from_millis(400)..Duration::from_millis(1_200)).contains(&took), "{took:?}");
}
