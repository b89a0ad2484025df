//! Good archives, and whatever may be done to one: `rollcall verify` and `infra/verify.py` find the same, and what is expected.

use std::path::Path;

use jiff::SignedDuration;
use rollcall::verify::What::{
    self, Added, Changed, Erased, Expired, Manifest, Pending, Removed, Root as BadRoot, Signature,
};
use serde_json::{Value, json};
use shared::archive::manifests::{Root, RootEntry, manifest_key, root_key};
use shared::digest::sha256_hex;

use super::evidence::{DAY, EVENT, Evidence, NEXT_DAY, REPORT, keys, signer};

/// Both verifiers find exactly these kinds of findings.
async fn both_find(name: &str, evidence: &Evidence, trust: (&[&Path], Option<&str>), expected: &[What]) {
    let findings = evidence.findings(trust.0, trust.1).await;
    let mut kinds: Vec<What> = findings.findings.iter().map(|finding| finding.what).collect();
    kinds.dedup();
    assert_eq!(kinds, expected, "{name}: {findings:?}");
    let is_intact = expected.iter().all(|what| !what.is_fault());
    assert_eq!(findings.is_intact(), is_intact, "{name}");
    let Some((python, succeeded)) = evidence.found_by_python(trust.0, trust.1) else { return };
    let sorted = |found: Value| {
        let found = found.as_array().unwrap().iter();
        let mut found: Vec<String> =
            found.map(|finding| format!("{} {}", finding["what"], finding["key"])).collect();
        found.sort();
        found
    };
    let ours = serde_json::to_value(&findings.findings).unwrap();
    assert_eq!(sorted(python["findings"].clone()), sorted(ours), "{name}");
    assert_eq!((&python["intact"], succeeded), (&json!(findings.intact), is_intact), "{name}");
}

/// Reads a root, changes it and writes it back, with the signature that it had.
fn edit_root(evidence: &Evidence, number: u64, edit: impl FnOnce(&mut Root)) {
    let text = evidence.read(&root_key(number));
    let (mut root, _) = Root::read(text.as_bytes()).unwrap();
    edit(&mut root);
    evidence.write(&root_key(number), &(lines(&root) + text.lines().last().unwrap() + "\n"));
}

/// The lines of a root that are signed.
fn lines(root: &Root) -> String {
    let entries = root.entries.iter().map(|entry| serde_json::to_string(entry).unwrap() + "\n");
    serde_json::to_string(&root.header).unwrap() + "\n" + &entries.collect::<String>()
}

/// Writes the whole chain anew from the root `first` on, signed with this key or with none.
async fn chain_anew(evidence: &Evidence, first: u64, key: Option<&Path>) {
    for number in first..=3 {
        let before = number.checked_sub(1).filter(|before| *before > 0);
        let previous = before.map(|before| sha256_hex(evidence.read(&root_key(before)).as_bytes()));
        let (mut root, _) = Root::read(evidence.read(&root_key(number)).as_bytes()).unwrap();
        root.header.previous = previous;
        let signer = key.map(signer);
        evidence.write(&root_key(number), &root.signed_text(signer.as_deref()).await.unwrap());
    }
}

/// The entry of a group in a root.
fn entry<'a>(root: &'a mut Root, group: &str) -> &'a mut RootEntry {
    root.entries.iter_mut().find(|entry| entry.group == group).unwrap()
}

/// The key of the latest manifest of a group, which the root `number` names.
fn manifest_of(evidence: &Evidence, number: u64, group: &str) -> String {
    let (mut root, _) = Root::read(evidence.read(&root_key(number)).as_bytes()).unwrap();
    manifest_key(group, &entry(&mut root, group).sha256)
}

/// Takes the last day's report away, with its line, and lets the root that named it name the emptied manifest.
fn take_away_with_its_line(evidence: &Evidence) {
    evidence.remove(&format!("{NEXT_DAY}/r-3.json"));
    evidence.remove(&manifest_of(evidence, 3, NEXT_DAY));
    let empty = sha256_hex(b"");
    evidence.write(&manifest_key(NEXT_DAY, &empty), "");
    edit_root(evidence, 3, |root| {
        let entry = entry(root, NEXT_DAY);
        (entry.sha256, entry.size_bytes, entry.lines) = (empty, 0, 0);
    });
}

/// What is done to an archive, and which kinds of findings it leads to.
type Done = (&'static str, fn(&Evidence), &'static [What]);

/// What may be done to the objects of an archive.
const DONE_TO_OBJECTS: [Done; 8] = [
    ("one character of a report is another", |e| e.write(REPORT, "richeR"), &[Changed]),
    ("a report is cut short", |e| e.write(REPORT, "rich"), &[Changed]),
    ("a report is removed", |e| e.remove(REPORT), &[Removed]),
    ("a revision is removed", |e| e.remove(&e.revision("poor")), &[Removed]),
    ("an old report is added", |e| e.report(&format!("{DAY}/r-9.json"), "forged"), &[Added]),
    (
        "two reports are exchanged",
        |e| {
            let (one, other) = (e.read(REPORT), e.read(&format!("{DAY}/r-2.json")));
            e.write(REPORT, &other);
            e.write(&format!("{DAY}/r-2.json"), &one);
        },
        &[Changed],
    ),
    ("an event has another title", |e| e.write(EVENT, "Fire drill"), &[Changed]),
    (
        "a report is moved to another day",
        |e| {
            e.report(&format!("{NEXT_DAY}/r-1.json"), "richer");
            e.remove(REPORT);
        },
        &[Removed, Added],
    ),
];

/// What may be done to its manifests and roots.
const DONE_TO_MANIFESTS: [Done; 8] = [
    (
        "a line says another hash",
        |e| {
            let key = manifest_of(e, 3, NEXT_DAY);
            e.write(&key, &e.read(&key).replacen(&sha256_hex(b"the next day"), &sha256_hex(b"x"), 1));
        },
        &[Manifest],
    ),
    ("a manifest is removed", |e| e.remove(&manifest_of(e, 2, DAY)), &[Manifest]),
    (
        "a line is added to a manifest",
        |e| {
            let key = manifest_of(e, 2, DAY);
            e.write(&key, &(e.read(&key) + &e.read(&manifest_of(e, 3, NEXT_DAY))));
        },
        &[Manifest],
    ),
    (
        "a report is removed with its line",
        |e| {
            let root = e.read(&root_key(3));
            take_away_with_its_line(e);
            e.write(&root_key(3), &root);
        },
        &[Manifest],
    ),
    ("the root names what is left", take_away_with_its_line, &[Signature]),
    ("a root in the middle is removed", |e| e.remove(&root_key(2)), &[BadRoot, Changed, Pending]),
    (
        "the first root is changed",
        |e| {
            edit_root(e, 1, |root| {
                entry(root, EVENT_GROUP).sha256 = sha256_hex(b"x");
            })
        },
        &[BadRoot, Signature, Manifest],
    ),
    (
        "the last root has no signature",
        |e| {
            let text = e.read(&root_key(3));
            let signed = text.rsplit_once("\n{").unwrap().0;
            e.write(&root_key(3), &format!("{signed}\n{{\"signature\":null}}\n"));
        },
        &[Signature],
    ),
];

const EVENT_GROUP: &str = "events/v1/tenant=t/kind=webinar/id=~ab";

#[tokio::test]
async fn both_verifiers_find_whatever_is_done_to_an_archive() {
    let Some(folder) = keys() else { return };
    let [private, public] = ["private.pem", "public.pem"].map(|name| folder.path().join(name));
    let good = Evidence::of_three_nights(Some(&private)).await;
    for (name, tamper, expected) in DONE_TO_OBJECTS.into_iter().chain(DONE_TO_MANIFESTS) {
        let evidence = good.copy();
        both_find("a copy", &evidence, (&[&public], None), &[]).await;
        tamper(&evidence);
        both_find(name, &evidence, (&[&public], None), expected).await;
    }
}

#[tokio::test]
async fn both_verifiers_find_a_chain_that_was_written_anew() {
    let Some(folder) = keys() else { return };
    let [private, public, other, other_public] =
        ["private.pem", "public.pem", "other.pem", "other-public.pem"].map(|name| folder.path().join(name));
    let good = Evidence::of_three_nights(Some(&private)).await;
    let noted = good.findings(&[], None).await.last_root.unwrap().sha256;
    let trust: (&[&Path], _) = (&[&public], Some(noted.as_str()));
    both_find("as it was noted", &good, trust, &[]).await;

    let unsigned = good.copy();
    chain_anew(&unsigned, 1, None).await;
    both_find("nobody signed it", &unsigned, (&[&public], None), &[Signature]).await;
    both_find("and nobody asks", &unsigned, (&[], None), &[]).await;
    both_find("but a root was noted", &unsigned, (&[], Some(&noted)), &[BadRoot]).await;

    let foreign = good.copy();
    chain_anew(&foreign, 2, Some(&other)).await;
    both_find("another key signed it", &foreign, (&[&public], None), &[Signature]).await;
    both_find("which is taken", &foreign, (&[&public, &other_public], None), &[]).await;

    let shorter = good.copy();
    shorter.remove(&root_key(3));
    both_find("the last root was taken away, and one was noted", &shorter, trust, &[BadRoot, Pending]).await;
}

#[tokio::test]
async fn a_report_that_was_replaced_is_found_also_after_a_walk_has_seen_it() {
    let Some(folder) = keys() else { return };
    let [private, public] = ["private.pem", "public.pem"].map(|name| folder.path().join(name));
    let evidence = Evidence::of_three_nights(Some(&private)).await;
    evidence.report(REPORT, "forged");
    evidence.walk_with(Some(&private), true).await.unwrap();
    both_find("the one before is kept nowhere", &evidence, (&[&public], None), &[Removed]).await;
    evidence.report(&evidence.revision("richer"), "richer");
    both_find("it is a revision", &evidence, (&[&public], None), &[]).await;
    evidence.report(&evidence.revision("poor"), "other");
    evidence.walk_with(Some(&private), true).await.unwrap();
    both_find("a revision never changes", &evidence, (&[&public], None), &[Changed]).await;
}

#[tokio::test]
async fn what_is_not_in_a_manifest_yet_is_told_and_no_fault() {
    let evidence = Evidence::of_three_nights(None).await;
    evidence.write(&format!("{DAY}/r-10.json"), "just now");
    evidence.write("manifests/v1/reports/v1/left.jsonl", "by a walk that was cut short");
    both_find("a new report", &evidence, (&[], None), &[Pending]).await;
    let none = Evidence::of_one_night();
    both_find("no root at all", &none, (&[], None), &[BadRoot, Pending]).await;
}

#[tokio::test]
async fn a_key_that_is_given_later_vouches_for_all_before_it() {
    let Some(folder) = keys() else { return };
    let [private, public] = ["private.pem", "public.pem"].map(|name| folder.path().join(name));
    let evidence = Evidence::of_three_nights(None).await;
    both_find("not yet", &evidence, (&[&public], None), &[Signature]).await;
    evidence.walk_with(Some(&private), true).await.unwrap();
    both_find("from now on", &evidence, (&[&public], None), &[]).await;
    evidence.walk_with(None, true).await.unwrap();
    both_find("and no longer", &evidence, (&[&public], None), &[Signature]).await;
}

#[tokio::test]
async fn an_erasure_that_its_record_tells_of_is_no_fault() {
    let evidence = Evidence::of_three_nights(None).await;
    let record = "erasures/v1/tenant=t/request-1.json";
    let object = shared::ports::store::NewObject::new(
        "without the person",
        "application/json",
        [("erasure".to_owned(), record.to_owned())].into(),
    );
    let put = shared::ports::store::ObjectStore::put(
        &evidence.store,
        REPORT,
        object,
        shared::ports::store::Condition::Always,
    );
    assert_eq!(put.await.unwrap(), shared::ports::store::PutResult::Stored);
    evidence.remove(&evidence.revision("poor"));
    evidence.walk_with(None, true).await.unwrap();
    // The revision had a line of its own, of which nobody says yet that it was erased.
    both_find("without a record", &evidence, (&[], None), &[Removed, Erased]).await;
    evidence.write(record, "on whose request, and when");
    evidence.report(&evidence.revision("poor"), "poor");
    both_find("with one that no walk has seen", &evidence, (&[], None), &[Pending, Erased]).await;
    evidence.walk_with(None, true).await.unwrap();
    both_find("with its record", &evidence, (&[], None), &[Erased]).await;
}

#[tokio::test]
async fn what_has_expired_is_told_as_that_and_what_is_younger_was_removed() {
    let mut evidence = Evidence::of_three_nights(None).await;
    // All of it is a day old, by its time.
    let record = "erasures/v1/tenant=t/request-1.json";
    evidence.report(record, "on whose request, and when");
    evidence.walk_with(None, true).await.unwrap();
    let hours = SignedDuration::from_hours;
    evidence.retention = Some(hours(24 * 400));
    evidence.remove(&format!("{DAY}/r-2.json"));
    let step = evidence.walk_with(None, true).await.unwrap();
    assert_eq!(step.gone, 1, "nothing is so old");
    both_find("too young to have expired", &evidence, (&[], None), &[Removed]).await;
    evidence.retention = Some(hours(36));
    let step = evidence.walk_with(None, true).await.unwrap();
    assert_eq!(step.gone, 0, "it may have expired");
    both_find("old enough", &evidence, (&[], None), &[Expired]).await;
    // A longer retention from now on brings nothing back.
    evidence.retention = Some(hours(24 * 400));
    assert_eq!(evidence.walk_with(None, true).await.unwrap().gone, 0);
    both_find("and later", &evidence, (&[], None), &[Expired]).await;
    evidence.remove(&evidence.revision("poor"));
    evidence.remove(record);
    both_find("who was erased is told for ever", &evidence, (&[], None), &[Removed, Expired]).await;
    assert_eq!(evidence.walk_with(None, true).await.unwrap().gone, 1);
}
