//! `rollcall erase` takes a person out of an archive, in a folder and in S3 with all versions, and leaves all others as they are.

mod archives;
mod cuts;
mod large;
mod letters;
mod locks;
mod people;

use std::process::ExitCode;
use std::sync::Arc;

use archive::{ArchiveResult, archive};
use rollcall::cli::{ArchiveOptions, EraseOptions};
use rollcall::erase::{self, Planned};
use rollcall::verify::{Findings, Trust, What, verify};
use shared::archive::erasure::{TombstoneReader, Tombstones};
use shared::archive::layout;
use shared::ports::clock::SystemClock;
use shared::ports::secrets::Stage;
use tools::emulators::{self, Latencies};

use archives::{Place, erased, eraser, marker, request};
use people::{AIKO, KEY, RICHER, TENANT, fill, jobs};

/// An archive of each kind that there is: a folder, and a bucket in each emulator.
async fn places(name: &str) -> Vec<Place> {
    let mut places = vec![Place::folder()];
    for config in emulators::all().await {
        places.push(Place::bucket(&config, name, false).await);
    }
    places
}

async fn manifests(place: &Place) -> Findings {
    use backfill::manifests::{ManifestStore, Walk, extend};
    let store = place.archive.store.clone();
    let walk = Walk { began: jiff::Timestamp::UNIX_EPOCH, after: None, always_ends_with_root: true };
    let manifests = ManifestStore { store: store.clone(), signer: None, retention: None };
    extend(&manifests, &SystemClock, &walk, jiff::Timestamp::MAX).await.unwrap();
    verify(&*store, &Trust::default(), &|_, _| {}).await.unwrap()
}

/// The tombstones of an archive, as `archive` reads them.
async fn tombstones(place: &Place) -> Arc<Tombstones> {
    let secrets = Arc::new(local::MemorySecrets::default().with("key", Stage::Current, KEY.to_owned()));
    let (store, clock) = (place.archive.store.clone(), Arc::new(SystemClock));
    let reader = TombstoneReader::new(store, secrets, Some("key".to_owned()), clock);
    reader.tombstones(TENANT).await.unwrap()
}

fn erased_keys(findings: &Findings) -> Vec<&str> {
    let erased = findings.findings.iter().filter(|finding| finding.what == What::Erased);
    erased.map(|finding| finding.key.as_str()).collect()
}

#[tokio::test]
async fn a_person_is_found_nowhere_and_all_else_is_as_it_was() {
    for place in places("erase-nowhere").await {
        fill(&*place.archive.store).await;
        let before = place.current().await;
        assert!(manifests(&place).await.is_intact());
        assert!(!place.with_person().await.is_empty());

        let outcome = erased(&place, AIKO.id).await;

        assert!(outcome.is_over && outcome.counts.kept.is_empty(), "{outcome:?}");
        assert_eq!(place.with_person().await, [""; 0], "bytes, versions, keys and metadata");
        let after = place.current().await;
        for (key, (text, metadata)) in &before {
            if key.starts_with("staging/") {
                assert_eq!(after.contains_key(key), !text.contains(AIKO.id), "{key}");
                continue;
            }
            let (new_text, new_metadata) = &after[key];
            assert_eq!(*new_text, AIKO.replaced(text, &marker().json()), "{key}");
            let is_changed = new_text != text;
            assert_eq!(new_metadata.contains_key("erasure"), is_changed, "{key}");
            assert!(is_changed || new_metadata == metadata, "{key}");
        }
        let findings = manifests(&place).await;
        assert!(findings.is_intact(), "{findings:?}");
        assert!(erased_keys(&findings).iter().any(|key| key.starts_with("reports/")));
    }
}

#[tokio::test]
async fn the_hashes_that_metadata_name_are_those_of_what_is_left() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    erased(&place, AIKO.address).await;
    let current = place.current().await;
    for (key, (text, metadata)) in current.iter().filter(|(key, _)| key.starts_with("reports/")) {
        let sha256 = shared::digest::sha256_hex(text.as_bytes());
        assert_eq!(metadata["sha256"], sha256, "{key}");
        let lines = format!("{}l", key.replacen("reports/", "records/", 1));
        assert_eq!(current[&lines].1["sha256"], sha256, "archive knows the lines for those of the report");
    }
}

#[tokio::test]
async fn a_second_run_and_going_on_change_nothing() {
    let config = emulators::aws_sim(Latencies::default()).await;
    for place in [Place::folder(), Place::bucket(&config, "erase-twice", false).await] {
        fill(&*place.archive.store).await;
        let outcome = erased(&place, AIKO.id).await;
        let after = place.all().await;
        let eraser = eraser(place.archive.clone(), None);
        assert!(matches!(eraser.plan(request(AIKO.id)).await.unwrap(), Planned::Nobody));
        let again = eraser.resume(&outcome.erasure, true).await.unwrap();
        assert_eq!((again.counts.objects, again.counts.versions, again.is_over), (0, 0, true));
        assert_eq!(place.all().await, after);
        assert!(eraser.resume("2026-01-01.00000000", true).await.is_err());
    }
}

#[tokio::test]
async fn graph_answers_the_person_again_and_the_same_bytes_are_kept() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    erased(&place, AIKO.id).await;
    let after = place.all().await;
    let tombstones = tombstones(&place).await;
    for job in jobs().into_iter().filter(|job| job.is_current) {
        let result = archive(&*place.archive.store, &tombstones, &job.job).await.unwrap();
        assert!(matches!(result, ArchiveResult::Known | ArchiveResult::Erased), "{result:?}");
    }
    assert_eq!(place.all().await, after);
    let mut richer = jobs().into_iter().find(|job| job.is_current).unwrap().job;
    people::set_body(&mut richer, &people::report("r-1", RICHER + 60));
    archive(&*place.archive.store, &tombstones, &richer).await.unwrap();
    assert_eq!(place.with_person().await, [""; 0]);
}

#[tokio::test]
async fn what_comes_between_the_plan_and_the_second_look_goes_too() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    let eraser = eraser(place.archive.clone(), None);
    let Planned::Plan(plan) = eraser.plan(request(AIKO.id)).await.unwrap() else { panic!("a plan") };
    let first = eraser.carry_out(&plan, false).await.unwrap();
    assert!(!first.is_over);
    // A function that does not know the tombstone yet.
    let mut late = jobs().into_iter().find(|job| job.is_current).unwrap().job;
    people::set_body(&mut late, &people::report("r-1", RICHER + 60));
    archive(&*place.archive.store, &Tombstones::default(), &late).await.unwrap();
    assert!(!place.with_person().await.is_empty());

    let second = eraser.resume(&first.erasure, true).await.unwrap();

    assert!(second.is_over && second.counts.objects > 0);
    assert_eq!(place.with_person().await, [""; 0]);
}

#[tokio::test]
async fn what_may_be_the_persons_is_told_and_stays() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    let nameless = people::of_name_alone(AIKO.name);
    let mut job = jobs().into_iter().find(|job| job.is_current).unwrap().job;
    people::set_body(
        &mut job,
        &people::report("r-1", RICHER + 60).replace(&people::of_name_alone("A guest"), &nameless),
    );
    archive(&*place.archive.store, &Tombstones::default(), &job).await.unwrap();
    let eraser = eraser(place.archive.clone(), None);
    let Planned::Plan(plan) = eraser.plan(request(AIKO.id)).await.unwrap() else { panic!("a plan") };
    let doubtful: Vec<_> = plan.doubtful.iter().filter(|one| one.key.starts_with("reports/")).collect();
    assert_eq!(doubtful.len(), 1, "{doubtful:?}");
    assert_eq!(doubtful[0].why, reader::finder::Why::NameAlone);
    let json = serde_json::to_string(&plan.record).unwrap();
    for text in AIKO.texts() {
        assert!(!json.to_lowercase().contains(&text), "the record names nobody");
    }
}

#[tokio::test]
async fn who_has_no_lasting_id_goes_by_what_the_report_has_and_stays_away_from_it() {
    for (who, gone, left) in [
        (people::TELEPHONE, people::TELEPHONE, "+4930123456"),
        ("anonymous:r-1/r-1#3", r#""role":"Attendee""#, people::TELEPHONE),
    ] {
        let place = Place::folder();
        let mut job = jobs().into_iter().find(|job| job.is_current).unwrap().job;
        people::set_body(&mut job, &people::report_of_telephones("r-1"));
        archive(&*place.archive.store, &Tombstones::default(), &job).await.unwrap();
        erased(&place, who).await;
        let after = place.current().await;
        for (key, (text, _)) in after.iter().filter(|(key, _)| !key.starts_with("erasures/")) {
            assert!(!text.contains(gone) && text.contains(left), "{who}: {key}: {text}");
        }
        let tombstones = tombstones(&place).await;
        archive(&*place.archive.store, &tombstones, &job).await.unwrap();
        assert_eq!(place.current().await, after, "{who}");
    }
}

#[tokio::test]
async fn in_a_replica_the_person_goes_as_well() {
    let config = emulators::aws_sim(Latencies::default()).await;
    let place = Place::bucket(&config, "erase-source", false).await;
    let replica = Place::bucket(&config, "erase-replica", false).await;
    for place in [&place, &replica] {
        fill(&*place.archive.store).await;
    }
    let eraser = eraser(place.archive.clone(), Some(replica.archive.clone()));
    let Planned::Plan(plan) = eraser.plan(request(AIKO.id)).await.unwrap() else { panic!("a plan") };
    eraser.carry_out(&plan, true).await.unwrap();
    for place in [&place, &replica] {
        assert_eq!(place.with_person().await, [""; 0]);
    }
    let (of_place, of_replica) = (place.current().await, replica.current().await);
    for (key, object) in of_replica {
        assert_eq!(of_place[&key], object, "{key}");
    }
}

#[tokio::test]
async fn another_key_erases_nobody() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    erased(&place, AIKO.id).await;
    let mut other = eraser(place.archive.clone(), None);
    other.key = shared::archive::erasure::TombstoneKey::new(&"another".to_owned().into());
    let before = place.all().await;
    let refused = other.plan(request(people::KWAME.id)).await.unwrap_err();
    assert!(refused.to_string().contains("another key"), "{refused}");
    assert_eq!(place.all().await, before);
}

fn options(place: &Place, who: Option<&str>) -> EraseOptions {
    EraseOptions {
        who: who.map(str::to_owned),
        archive: ArchiveOptions { archive: place.folder.as_ref().unwrap().path().display().to_string() },
        reason: Some("DSR-1042".to_owned()),
        same: None,
        yes: false,
        dry_run: false,
        json: false,
        replica: None,
        key_secret: None,
        no_wait: true,
        resume: None,
    }
}

#[tokio::test]
async fn nothing_is_done_before_it_is_confirmed_and_what_is_left_is_told_by_the_exit_code() {
    let place = Place::folder();
    fill(&*place.archive.store).await;
    let before = place.all().await;
    let env = [("TOMBSTONE_KEY", KEY)];
    let dry = EraseOptions { dry_run: true, ..options(&place, Some(AIKO.id)) };
    assert_eq!(erase::run(&dry, &env).await.unwrap(), ExitCode::SUCCESS);
    let none: [(&str, &str); 0] = [];
    assert!(erase::run(&dry, &none).await.unwrap_err().to_string().contains("TOMBSTONE_KEY"));
    let nobody = EraseOptions { yes: true, ..options(&place, Some("nobody@contoso.com")) };
    assert_eq!(erase::run(&nobody, &env).await.unwrap(), ExitCode::FAILURE);
    let unreasoned = EraseOptions { reason: None, ..options(&place, Some(AIKO.id)) };
    assert!(erase::run(&unreasoned, &env).await.is_err());
    assert_eq!(place.all().await, before, "nothing was done");

    let sure = EraseOptions { yes: true, ..options(&place, Some(AIKO.id)) };
    assert_eq!(erase::run(&sure, &env).await.unwrap(), ExitCode::FAILURE, "the second look is left");
    assert_eq!(place.with_person().await, [""; 0]);
    let record = place.current().await.into_keys().find(|key| key.starts_with("erasures/")).unwrap();
    let erasure = record.rsplit('/').next().unwrap().strip_suffix(".json").unwrap().to_owned();
    assert_eq!(layout::erasure(TENANT, &erasure), record);
    let archive = options(&place, None).archive.archive;
    let going_on = EraseOptions { resume: Some(erasure), who: Some(archive), ..options(&place, None) };
    assert_eq!(erase::run(&going_on, &env).await.unwrap(), ExitCode::FAILURE, "six minutes are not over");
}
