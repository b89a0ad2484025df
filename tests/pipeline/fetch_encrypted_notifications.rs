//! Encrypted notifications: only Graph's are decrypted, and the end of a watched meeting leads to its report.

use graph_sim::{Fault, SimReport};
use http::StatusCode;
use serde_json::{Value, json};
use shared::model::{Watch, WatchedMeeting};
use shared::ports::clock::Clock;
use shared::ports::secrets::{PemBundle, Stage};

use crate::world::{ORGANIZER, World, secrets, signed_with};

const CERTIFICATE: &str = include_str!("fixtures/notification-certificate-1.pem");
const NEXT_CERTIFICATE: &str = include_str!("fixtures/notification-certificate-2.pem");
/// The end of the call of `m-1`, as openssl encrypts it.
const MADE_BY_OPENSSL: &str = include_str!("fixtures/call-ended-encrypted.json");
const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%7d";

/// A tenant in which one meeting is watched, and nothing else.
fn world() -> World {
    let meeting = WatchedMeeting { organizer: ORGANIZER.into(), join_web_url: JOIN_WEB_URL.into() };
    let watch =
        Watch { call_records: false, virtual_events: false, meetings: vec![meeting], ..Watch::default() };
    World::watching(watch, secrets().with("notification-key", Stage::Current, CERTIFICATE)).without_backfill()
}

/// Posts a notification with this content and these tokens, and lets the pipeline run.
async fn post(world: &World, content: &Value, tokens: &Value) {
    let item = json!({"changeType": "updated", "encryptedContent": content});
    assert_eq!(world.post(&signed_with(vec![item], tokens)).await.status_code, 202);
    world.run_until_idle().await;
}

/// Graph notifies of this event of the meeting's call.
async fn notify(world: &World, event: &str) -> Vec<StatusCode> {
    world.sim.notify_call_event(JOIN_WEB_URL, event, world.clock.now()).await.unwrap()
}

fn by_openssl() -> Value {
    serde_json::from_str(MADE_BY_OPENSSL).unwrap()
}

fn genuine_token(world: &World, version: &str) -> Value {
    json!([world.sim.sign(&world.sim.validation_claims(version))])
}

fn certificate_ids(world: &World) -> Vec<Value> {
    world.sim.subscriptions().iter().map(|shown| shown["encryptionCertificateId"].clone()).collect()
}

fn thumbprint(bundle: &str) -> Value {
    json!(PemBundle::read(&bundle.to_owned().into()).unwrap().thumbprint())
}

async fn assert_archived(world: &World, report: &SimReport) {
    assert_eq!(world.only_report().await, report.whole());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_watched_meetings_call_leads_to_its_report() {
    let world = world();
    world.pipeline.keep_subscriptions().await.unwrap();
    let report = world.meeting_ended("m-1", 5);

    for event in ["callStarted", "rosterUpdated", "callEnded"] {
        assert_eq!(world.keys("reports/"), [""; 0], "before {event}");
        assert_eq!(notify(&world, event).await, [202]);
        world.run_until_idle().await;
    }

    assert_archived(&world, &report).await;
}

#[tokio::test(start_paused = true)]
async fn what_openssl_encrypted_is_decrypted_with_tokens_of_both_versions() {
    for version in ["1.0", "2.0"] {
        let world = world();
        let report = world.meeting_ended("m-1", 5);
        post(&world, &by_openssl(), &genuine_token(&world, version)).await;
        assert_archived(&world, &report).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_tampered_with_is_refused() {
    let tampered = |member: &str, change: fn(&mut Vec<u8>)| {
        let mut content = by_openssl();
        let mut bytes = data_encoding::BASE64.decode(content[member].as_str().unwrap().as_bytes()).unwrap();
        change(&mut bytes);
        content[member] = json!(data_encoding::BASE64.encode(&bytes));
        content
    };
    let not_base64 = |member: &str| {
        let mut content = by_openssl();
        content[member] = json!("%");
        content
    };
    for (case, content) in [
        ("one bit of the data", tampered("data", |bytes| bytes[40] ^= 1)),
        ("the data cut short", tampered("data", |bytes| bytes.truncate(16))),
        ("no data", tampered("data", Vec::clear)),
        ("one bit of the signature", tampered("dataSignature", |bytes| bytes[0] ^= 1)),
        ("half of the signature", tampered("dataSignature", |bytes| bytes.truncate(16))),
        ("no signature", tampered("dataSignature", Vec::clear)),
        ("one bit of the key", tampered("dataKey", |bytes| bytes[100] ^= 1)),
        ("a short key", tampered("dataKey", |bytes| bytes.truncate(32))),
        ("no base64", not_base64("data")),
        ("no base64 in the key", not_base64("dataKey")),
    ] {
        let world = world();
        post(&world, &content, &genuine_token(&world, "2.0")).await;
        assert_eq!(world.dead_outcomes(), ["not_genuine"], "{case}");
    }
}

/// The claims of a genuine token, with one of them replaced.
fn claims(world: &World, version: &str, name: &str, value: Value) -> Value {
    let mut claims = world.sim.validation_claims(version);
    claims[name] = value;
    claims
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_issuer_audience_or_time_is_refused() {
    let other_id = "11111111-0000-4000-8000-000000000000";
    let other_issuer = format!("https://sts.windows.net/{other_id}/");
    let other_cloud = format!("https://login.microsoftonline.us/{}/v2.0", graph_sim::TENANT_ID);
    for (version, name, value) in [
        ("2.0", "aud", json!(other_id)),
        ("2.0", "azp", json!(other_id)),
        ("2.0", "azp", json!(null)),
        ("1.0", "appid", json!(other_id)),
        ("1.0", "iss", json!(other_issuer)),
        ("2.0", "iss", json!(other_cloud)),
        ("2.0", "tid", json!(other_id)),
        ("2.0", "ver", json!("1.0")),
        ("2.0", "ver", json!("3.0")),
        ("2.0", "exp", json!(1_772_447_400 - 301)),
        ("2.0", "exp", json!("soon")),
        ("2.0", "nbf", json!(1_772_447_400 + 86_400)),
    ] {
        let world = world();
        let token = world.sim.sign(&claims(&world, version, name, value));
        post(&world, &by_openssl(), &json!([token])).await;
        assert_eq!(world.dead_outcomes(), ["not_genuine"], "{version} {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_valid_yet_by_a_slow_clock_is_retried() {
    let world = world();
    let report = world.meeting_ended("m-1", 5);
    let token = world.sim.sign(&claims(&world, "2.0", "nbf", json!(1_772_447_400 + 600)));
    post(&world, &by_openssl(), &json!([token])).await;
    assert_archived(&world, &report).await;
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_missing_forged_or_not_all_genuine_are_refused() {
    for (case, make) in [
        ("none", (|_, _| json!([])) as fn(&World, String) -> Value),
        ("null", |_, _| json!(null)),
        ("no list", |_, genuine| json!(genuine)),
        ("no token", |_, _| json!(["genuine"])),
        ("two, one of them no token", |_, genuine| json!([genuine, "x.y.z"])),
        ("another signature", |_, genuine| json!([format!("{}AAAA", &genuine[..genuine.len() - 4])])),
        ("no signature", |_, genuine| json!([format!("{}.", genuine.rsplit_once('.').unwrap().0)])),
        ("other claims", |world, genuine| {
            let other = world.sim.sign(&claims(world, "2.0", "uti", json!("another")));
            let (parts, others) = (genuine.split('.'), other.split('.'));
            let swapped: Vec<&str> = parts
                .zip(others)
                .enumerate()
                .map(|(at, (one, two))| if at == 1 { two } else { one })
                .collect();
            json!([swapped.join(".")])
        }),
        ("algorithm none", |_, genuine| {
            let header = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","kid":"signing-key-0"}"#);
            json!([format!("{header}.{}.", genuine.split('.').nth(1).unwrap())])
        }),
    ] {
        let world = world();
        let genuine = world.sim.sign(&world.sim.validation_claims("2.0"));
        post(&world, &by_openssl(), &make(&world, genuine)).await;
        assert_eq!(world.dead_outcomes(), ["not_genuine"], "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotated_signing_key_is_fetched_and_forged_tokens_cause_no_request() {
    let world = world();
    let report = world.meeting_ended("m-1", 5);
    let key_requests =
        || world.sim.requests().iter().filter(|path| *path == "/common/discovery/keys").count();
    post(&world, &by_openssl(), &genuine_token(&world, "2.0")).await;
    assert_eq!(key_requests(), 1);

    world.sim.rotate_signing_key();
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    post(&world, &by_openssl(), &genuine_token(&world, "2.0")).await;
    assert_eq!(key_requests(), 2);
    assert_archived(&world, &report).await;

    let forged = json!([format!(
        "{}.e30.AAAA",
        data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"RS256","kid":"x"}"#)
    )]);
    for _ in 0..50 {
        let item = json!({"changeType": "updated", "encryptedContent": by_openssl()});
        world.post(&signed_with(vec![item], &forged)).await;
    }
    world.pipeline.run(&world.functions).await.unwrap();
    assert_eq!(key_requests(), 2);
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), vec!["not_genuine"; 50]);
}

#[tokio::test(start_paused = true)]
async fn decryption_is_retried_while_the_signing_keys_are_unavailable() {
    let world = world();
    let report = world.meeting_ended("m-1", 5);
    let tokens = genuine_token(&world, "2.0");
    world.sim.fail("/common/discovery/keys", Fault::Status(503), 3);
    world.sim.fail("/common/discovery/keys", Fault::Body("<html>".into()), 3);
    world.sim.fail("/common/discovery/keys", Fault::NoConnection, 3);
    // Its tokens have expired when the keys are there again: they were good when it came.
    post(&world, &by_openssl(), &tokens).await;
    assert_archived(&world, &report).await;
}

#[tokio::test(start_paused = true)]
async fn a_rotated_certificate_is_given_to_graph_and_the_one_before_still_decrypts() {
    let world = world();
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(certificate_ids(&world), [thumbprint(CERTIFICATE)]);

    world.secrets.rotate("notification-key", NEXT_CERTIFICATE);
    let report = world.meeting_ended("m-1", 5);
    assert_eq!(notify(&world, "callEnded").await, [202]);
    world.run_until_idle().await;
    assert_archived(&world, &report).await;

    tokio::time::advance(std::time::Duration::from_secs(30 * 60)).await;
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(certificate_ids(&world), [thumbprint(NEXT_CERTIFICATE)]);
    assert_eq!(notify(&world, "callEnded").await, [202]);
    world.run_until_idle().await;
    assert_eq!(
        world.pipeline.queues.backfill.messages().len(),
        1,
        "no gap but that of the first installation"
    );
}

#[tokio::test(start_paused = true)]
async fn without_its_certificate_a_notification_is_a_dead_letter() {
    let world = world();
    world.secrets.rotate("notification-key", "no PEM");
    world.secrets.rotate("notification-key", NEXT_CERTIFICATE);
    post(&world, &by_openssl(), &genuine_token(&world, "2.0")).await;
    assert_eq!(world.dead_outcomes(), ["not_decryptable"]);
}

#[tokio::test(start_paused = true)]
async fn an_unusable_certificate_harms_no_other_subscription() {
    let meeting = WatchedMeeting { organizer: ORGANIZER.into(), join_web_url: JOIN_WEB_URL.into() };
    let watch = Watch { meetings: vec![meeting], ..Watch::default() };
    for secrets in [secrets(), secrets().with("notification-key", Stage::Current, "no PEM")] {
        let world = World::watching(watch.clone(), secrets).without_backfill();
        let failed = world.pipeline.keep_subscriptions().await.unwrap_err().to_string();
        assert!(failed.starts_with("no certificate here opens the notification: the "), "{failed}");
        assert_eq!(world.sim.subscriptions().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_notification_of_a_meeting_that_is_not_watched_any_more_is_dropped() {
    let world =
        World::watching(Watch::default(), secrets().with("notification-key", Stage::Current, CERTIFICATE));
    post(&world, &by_openssl(), &genuine_token(&world, "2.0")).await;
    assert_eq!(world.keys("reports/"), [""; 0]);
}
