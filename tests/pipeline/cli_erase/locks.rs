//! Holds win, COMPLIANCE is waited for, GOVERNANCE is lifted: what stays is told.

use std::sync::Arc;

use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus};
use jiff::SignedDuration;
use rollcall::cli::HoldOptions;
use rollcall::erase::{Kept, KeptBy};
use shared::aws::S3Store;
use shared::ports::clock::SystemClock;
use shared::ports::store::{LockMode, ObjectLock};
use tools::emulators::{self, Latencies};

use super::archives::{Place, erased, eraser};
use super::people::{AIKO, fill};

/// A bucket whose reports are locked for a day.
async fn locked(name: &str, mode: LockMode) -> Place {
    let config = emulators::aws_sim(Latencies::default()).await;
    let place = Place::bucket(&config, name, true).await;
    let lock = ObjectLock { mode, time: SignedDuration::from_hours(24) };
    let store = S3Store::new(&config, name.to_owned(), None).locked(Some(lock), Arc::new(SystemClock));
    fill(&store).await;
    place
}

#[tokio::test]
async fn a_governance_lock_is_lifted_and_what_is_left_is_locked_as_before() {
    let place = locked("erase-governance", LockMode::Governance).await;
    let outcome = erased(&place, AIKO.id).await;
    assert!(outcome.counts.kept.is_empty(), "{outcome:?}");
    assert_eq!(place.with_person().await, [""; 0]);
    let current = place.current().await.into_iter();
    let mut reports = current
        .filter(|(key, (_, metadata))| key.starts_with("reports/") && metadata.contains_key("erasure"));
    let (report, _) = reports.next().unwrap();
    let lock = place.archive.versions.get(&report, None).await.unwrap().unwrap().lock;
    assert_eq!(lock.retention.unwrap().mode, LockMode::Governance);
}

#[tokio::test]
async fn of_what_is_locked_for_good_nobody_reads_the_person_and_the_day_is_told() {
    let place = locked("erase-compliance", LockMode::Compliance).await;
    let outcome = erased(&place, AIKO.id).await;
    let in_current = place.current().await.into_iter();
    let mut in_current =
        in_current.filter(|(_, (text, _))| AIKO.texts().iter().any(|it| text.to_lowercase().contains(it)));
    assert_eq!(in_current.next(), None);
    let is_locked = |kept: &Kept| matches!(kept.why, KeptBy::Lock { .. }) && kept.version.is_some();
    assert!(outcome.counts.kept.iter().all(is_locked) && !outcome.counts.kept.is_empty());
    let left: Vec<String> = place.with_person().await;
    assert_eq!(left.len(), outcome.counts.kept.len(), "{left:?}");
    // What is locked still is told again, and changes nothing.
    let after = place.all().await;
    let again = eraser(place.archive.clone(), None).resume(&outcome.erasure, true).await.unwrap();
    assert_eq!(again.counts.kept, outcome.counts.kept);
    assert_eq!(place.all().await, after);
}

#[tokio::test]
async fn a_hold_keeps_an_object_as_it_is_until_it_is_lifted() {
    let place = locked("erase-hold", LockMode::Governance).await;
    let (client, bucket) = place.bucket.clone().unwrap();
    let mut reports = place
        .current()
        .await
        .into_iter()
        .filter(|(key, (text, _))| key.starts_with("reports/") && text.contains(AIKO.id));
    let (report, before) = reports.next().unwrap();
    let hold = async |status: ObjectLockLegalHoldStatus| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        client.put_object_legal_hold().bucket(&bucket).key(&report).legal_hold(hold).send().await.unwrap();
    };
    hold(ObjectLockLegalHoldStatus::On).await;

    let outcome = erased(&place, AIKO.id).await;

    let kept = Kept { key: report.clone(), version: None, why: KeptBy::Hold { hold: None } };
    assert_eq!(outcome.counts.kept.iter().collect::<Vec<_>>(), [&kept]);
    assert_eq!(place.current().await[&report], before);
    hold(ObjectLockLegalHoldStatus::Off).await;
    let after = eraser(place.archive.clone(), None).resume(&outcome.erasure, true).await.unwrap();
    assert!(after.counts.kept.is_empty(), "{after:?}");
    assert_eq!(place.with_person().await, [""; 0]);
}

#[tokio::test]
async fn a_hold_of_rollcall_is_respected_and_named_in_a_folder_too() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    hold(&place, HoldOptions { since: Some("2026-03-01".into()), ..HoldOptions::default() }).await;
    let reports = async || -> Vec<_> {
        place.current().await.into_iter().filter(|(key, _)| key.starts_with("reports/")).collect()
    };
    let before = reports().await;

    let outcome = erased(&place, AIKO.id).await;

    assert_eq!(reports().await, before);
    let why = KeptBy::Hold { hold: Some("case-12".to_owned()) };
    assert!(!outcome.counts.kept.is_empty() && outcome.counts.kept.iter().all(|kept| kept.why == why));
    hold(&place, HoldOptions { lift: Some("case-12".into()), ..HoldOptions::default() }).await;
    let after = eraser(place.archive.clone(), None).resume(&outcome.erasure, true).await.unwrap();
    assert!(after.counts.kept.is_empty(), "{after:?}");
    assert_eq!(place.with_person().await, [""; 0]);
}

/// Runs `rollcall hold`.
async fn hold(place: &Place, options: HoldOptions) {
    let cache = tempfile::tempdir().unwrap();
    let archive = Some(place.folder.as_ref().unwrap().path().display().to_string());
    let (first, second) =
        if options.lift.is_some() { (archive, None) } else { (Some("case-12".to_owned()), archive) };
    let env = [("XDG_CACHE_HOME", cache.path().to_str().unwrap())];
    rollcall::hold::run(&HoldOptions { first, second, ..options }, &env).await.unwrap();
}
