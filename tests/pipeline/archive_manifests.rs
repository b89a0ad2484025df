//! What an archive holds is named in manifests, and two verifiers that share no code tell alike what was done to it.

mod evidence;
mod tampering;

use std::path::Path;
use std::sync::Arc;

use backfill::manifests::{ManifestError, ManifestStore, extend};
use jiff::{SignedDuration, Timestamp};
use rollcall::verify::What;
use serde_json::json;
use shared::archive::manifests::{
    Chain, FileSigner, PublicKey, RootSigner, manifest_key, read_lines, root_key,
};
use shared::aws::{KmsRootSigner, S3Store};
use shared::jobs::{BackfillUnit, Job};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{
    Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult, VersionedStore,
};
use tools::emulators;

use crate::metrics::counted;
use crate::world::World;
use evidence::{DAY, Evidence, REPORT, walk};

async fn put(store: &dyn ObjectStore, key: &str, text: &str, condition: Condition) {
    let object = NewObject::new(text.to_owned(), "application/json", Metadata::default());
    assert_eq!(store.put(key, object, condition).await.unwrap(), PutResult::Stored);
}

#[tokio::test]
async fn what_is_new_or_richer_gets_a_line_and_what_is_known_is_not_looked_at_again() {
    let evidence = Evidence::of_three_nights(None).await;
    let chain = Chain::read(&evidence.store).await.unwrap();
    assert_eq!(chain.length, 3);
    let entry = &chain.latest[DAY];
    let manifest = evidence.store.get(&manifest_key(DAY, &entry.sha256)).await.unwrap().unwrap();
    let lines = read_lines(&manifest.body).unwrap();
    assert_eq!(lines.iter().filter(|line| line.key == REPORT).count(), 2, "the poorer one, and the richer");
    assert_eq!(lines.len() as u64, entry.lines);
    assert_eq!(manifest.body.len() as u64, entry.size_bytes);
    let again = evidence.walk_with(None, true).await.unwrap();
    assert_eq!((again.lines, again.gone, again.root), (0, 0, Some(4)), "the night is told of all the same");
    let by_hand = evidence.walk_with(None, false).await.unwrap();
    assert_eq!((by_hand.root, by_hand.last_sha256), (None, again.last_sha256));
}

#[tokio::test]
async fn a_late_report_of_an_old_day_extends_the_manifest_of_its_day_alone() {
    let evidence = Evidence::of_three_nights(None).await;
    let before = Chain::read(&evidence.store).await.unwrap();
    evidence.report(&format!("{DAY}/late.json"), "late");
    assert_eq!(evidence.walk_with(None, true).await.unwrap().lines, 1);
    let after = Chain::read(&evidence.store).await.unwrap();
    let changed = after.latest.iter().filter(|(group, entry)| before.latest.get(*group) != Some(*entry));
    assert_eq!(changed.map(|(group, _)| group.as_str()).collect::<Vec<_>>(), [DAY]);
}

#[tokio::test]
async fn a_copied_folder_has_nothing_new() {
    let evidence = Evidence::of_three_nights(None).await.copy();
    assert_eq!(evidence.walk_with(None, false).await.unwrap().lines, 0);
}

#[tokio::test]
async fn a_walk_that_is_cut_short_or_goes_on_in_another_step_names_everything_once() {
    let evidence = Evidence::of_one_night();
    let manifests = evidence.manifests(None);
    // The time is up after each group.
    let (mut steps, mut lines, mut walk) = (0, 0, walk(true));
    loop {
        // What it wrote before it was cut short counts for nothing.
        let cut_short = FolderStore::open(evidence.folder.path()).unwrap();
        put(&cut_short, &manifest_key("reports/v1", &format!("{steps}")), "half", Condition::IfAbsent).await;
        let step = extend(&manifests, &SystemClock, &walk, Timestamp::MIN).await.unwrap();
        (steps, lines, walk.after) = (steps + 1, lines + step.lines, step.after);
        if walk.after.is_none() {
            break;
        }
    }
    assert_eq!(lines, evidence.keys().await.len());
    assert!(steps > 4, "{steps}");
    let findings = evidence.findings(&[], None).await;
    assert!(findings.is_intact() && findings.findings.is_empty(), "{findings:?}");
    assert_eq!(findings.intact, lines);
}

#[tokio::test]
async fn of_two_walks_at_once_one_writes_the_root_and_the_other_looks_again() {
    let evidence = Evidence::of_one_night();
    let manifests = evidence.manifests(None);
    // The other one writes its root while this one walks.
    let store = evidence.store.clone();
    let raced = Arc::new(evidence::Meanwhile::new(store.clone(), root_key(1)));
    let slow = ManifestStore { store: raced, signer: None, retention: None };
    let raced = extend(&slow, &SystemClock, &walk(true), Timestamp::MAX).await;
    assert_eq!(raced.unwrap_err(), ManifestError::Raced);
    // Not a root: the chain is broken, and nothing is added to it.
    assert!(extend(&manifests, &SystemClock, &walk(true), Timestamp::MAX).await.is_err());
    std::fs::remove_file(evidence.folder.path().join(root_key(1))).unwrap();
    let step = extend(&manifests, &SystemClock, &walk(true), Timestamp::MAX).await.unwrap();
    assert_eq!((step.root, step.lines), (Some(1), evidence.keys().await.len()));
}

#[tokio::test]
async fn nothing_is_added_to_a_chain_or_a_manifest_that_was_changed() {
    let evidence = Evidence::of_three_nights(None).await;
    let chain = Chain::read(&evidence.store).await.unwrap();
    let manifest = manifest_key(DAY, &chain.latest[DAY].sha256);
    evidence.write(&manifest, "{}\n");
    let error = evidence.walk_with(None, true).await.unwrap_err();
    assert_eq!(error, ManifestError::Damaged(DAY.to_owned()));
    let evidence = Evidence::of_three_nights(None).await;
    std::fs::remove_file(evidence.folder.path().join(root_key(2))).unwrap();
    let error = evidence.walk_with(None, true).await.unwrap_err();
    assert!(error.to_string().contains("broken at root 2"), "{error}");
}

#[tokio::test]
async fn objects_that_are_gone_are_counted_also_with_their_whole_day() {
    let evidence = Evidence::of_three_nights(None).await;
    std::fs::remove_file(evidence.folder.path().join(REPORT)).unwrap();
    assert_eq!(evidence.walk_with(None, true).await.unwrap().gone, 1);
    std::fs::remove_dir_all(evidence.folder.path().join(DAY)).unwrap();
    assert_eq!(evidence.walk_with(None, true).await.unwrap().gone, 2);
}

#[tokio::test(start_paused = true)]
async fn the_nightly_request_walks_over_the_archive_as_units_of_backfill() {
    let mut world = World::new();
    let evidence = Evidence::of_one_night();
    world.env.versions = Some(Arc::new(evidence.store.clone()));
    world.restart();
    for wrong in [json!({"manifests": true, "days": 3}), json!({"manifests": "yes"})] {
        assert!(world.pipeline.backfill(wrong).await.is_err());
    }
    let accepted = world.pipeline.backfill(json!({"manifests": true})).await.unwrap();
    assert_eq!((accepted.counts.units, accepted.ledger), (1, None));
    let message = world.pipeline.queues.backfill.messages().remove(0).body;
    assert!(BackfillUnit::from_message(&message).unwrap().is_bulk(), "nobody waits for it");
    world.run_until_idle().await;
    assert_eq!(counted("WalksEnded"), [(String::new(), 1)]);
    assert_eq!(counted("ObjectsGone"), [(String::new(), 0)]);
    let findings = evidence.findings(&[], None).await;
    assert_eq!((findings.roots, findings.intact), (1, evidence.keys().await.len()));
}

#[test]
fn a_units_message_says_where_the_walk_goes_on() {
    let began = "2026-03-01T05:30:00Z".parse().unwrap();
    let after = Some("reports/v1/x".to_owned());
    let unit = BackfillUnit::Manifests { run_id: "r".into(), began, after, hops: 2, is_bulk: true };
    let message = unit.to_message();
    assert!(message.contains(r#""manifests":{"runId":"r","began":"2026-03-01T05:30:00Z","after":"reports/v1/x","hops":2,"isBulk":true}"#), "{message}");
    assert_eq!(BackfillUnit::from_message(&message).unwrap(), unit);
    assert!(unit.is_bulk() && !unit.not_bulk().is_bulk(), "a dead letter is sent back to the other queue");
}

/// In a bucket: S3's own checksum is taken, and what has none is read; the key never leaves KMS.
#[tokio::test]
async fn a_bucket_has_manifests_with_version_ids_that_a_key_in_kms_signs() {
    let Some(config) = emulators::ministack().await else { return };
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
    );
    client.create_bucket().bucket("evidence").send().await.unwrap();
    let enabled = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Enabled)
        .build();
    let versioning = client.put_bucket_versioning().bucket("evidence").versioning_configuration(enabled);
    versioning.send().await.unwrap();
    let kms = aws_sdk_kms::Client::new(&config);
    let key = kms
        .create_key()
        .key_spec(aws_sdk_kms::types::KeySpec::EccNistP256)
        .key_usage(aws_sdk_kms::types::KeyUsageType::SignVerify);
    let key_id = key.send().await.unwrap().key_metadata.unwrap().key_id;
    let der = kms.get_public_key().key_id(&key_id).send().await.unwrap().public_key.unwrap().into_inner();

    let store = Arc::new(S3Store::new(&config, "evidence".into(), None));
    put(&*store, REPORT, "poor", Condition::IfAbsent).await;
    let without = client.put_object().bucket("evidence").key(format!("{DAY}/by-hand.json"));
    without.body(b"by hand".to_vec().into()).send().await.unwrap();
    let signer = Arc::new(KmsRootSigner::new(&config, key_id.clone())) as Arc<dyn RootSigner>;
    let manifests = ManifestStore { store: store.clone(), signer: Some(signer), retention: None };
    let step = extend(&manifests, &SystemClock, &walk(true), Timestamp::MAX).await.unwrap();
    assert_eq!((step.root, step.lines), (Some(1), 2));

    let entry = Chain::read(&*store).await.unwrap().latest[DAY].clone();
    let manifest = store.get(&manifest_key(DAY, &entry.sha256)).await.unwrap().unwrap();
    let lines = read_lines(&manifest.body).unwrap();
    assert!(lines.iter().all(|line| line.version_id.is_some() && line.sha256.is_some()), "{lines:?}");
    assert!(SystemClock.now().duration_since(lines[0].archived_at) < SignedDuration::from_mins(10));
    let trust =
        rollcall::verify::Trust { keys: vec![PublicKey::read(&der).unwrap()], root: step.last_sha256 };
    let findings = rollcall::verify::verify(&*store, &trust, &|_, _| {}).await.unwrap();
    assert_eq!(
        (findings.intact, findings.signed_roots, findings.is_intact()),
        (2, Some(1), true),
        "{findings:?}"
    );

    put(&*store, REPORT, "another", Condition::Always).await;
    let findings = rollcall::verify::verify(&*store, &trust, &|_, _| {}).await.unwrap();
    assert_eq!(findings.findings.iter().map(|found| found.what).collect::<Vec<_>>(), [What::Changed]);
}

#[tokio::test]
async fn facts_tell_what_a_store_knows_without_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    facts_are_of_the_object(&FolderStore::open(folder.path()).unwrap()).await;
    for config in emulators::all().await {
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        client.create_bucket().bucket("facts").send().await.unwrap();
        facts_are_of_the_object(&S3Store::new(&config, "facts".into(), None)).await;
    }
}

async fn facts_are_of_the_object(store: &dyn VersionedStore) {
    put(store, "a/1.json", "abc", Condition::IfAbsent).await;
    let facts = store.facts("a/1.json").await.unwrap().unwrap();
    let listed = store.list_versions("a/", None).await.unwrap().objects.remove(0);
    assert_eq!((facts.size_bytes, &facts.version), (3, &listed.version));
    assert_eq!(facts.version_id, None, "the bucket keeps no versions");
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(facts.sha256.is_none_or(|counted| counted == sha256));
    assert_eq!(Some(facts.written_at.as_second()), listed.written_at.map(|written| written.as_second()));
    assert_eq!(store.facts("a/2.json").await.unwrap(), None);
}

#[test]
fn a_key_is_read_as_pem_or_der_and_another_file_is_refused() {
    let Some(keys) = evidence::keys() else { return };
    let read = |name: &str| std::fs::read(Path::new(keys.path()).join(name)).unwrap();
    let pem = read("public.pem");
    let der = pem::parse(&pem).unwrap().into_contents();
    assert!(PublicKey::read(&pem).is_ok() && PublicKey::read(&der).is_ok());
    for wrong in [&b""[..], b"no key", &read("private.pem"), &der[..90]] {
        assert!(PublicKey::read(wrong).is_err());
    }
    assert!(FileSigner::read(&read("private.pem")).is_ok() && FileSigner::read(&pem).is_err());
}
