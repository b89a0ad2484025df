//! What an archive has about a person, over the archive of oddities: told by its bytes, and not by the code that is tested.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use reader::files::person::{PersonData, html, json};
use reader::finder::{Finder, ObjectMatches, Resolution};
use shared::ports::store::{FolderStore, ObjectStore, VersionedStore};

use crate::odd_archive;

async fn data(store: &FolderStore, who: &str) -> PersonData {
    let mut finder = Finder::new(store, &|_| ());
    let resolution = finder.resolve(who.parse().unwrap(), &[]).await.unwrap();
    let Resolution::One(subject) = resolution else { panic!("{who}: {resolution:?}") };
    let mut objects = Vec::new();
    let looked_at = finder.find(&subject, &mut |object| objects.push(object)).await.unwrap();
    let (archive, as_of) = ("odd".to_owned(), "2026-11-12T06:00:00Z".parse().unwrap());
    PersonData { archive, as_of, subject: *subject, objects, looked_at, titles: Default::default() }
}

/// The keys of the objects whose bytes hold one of the texts.
async fn holding(store: &FolderStore, texts: &[&str]) -> BTreeSet<String> {
    let (mut keys, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let page = store.list_versions("", after.as_deref()).await.unwrap();
        for object in page.objects {
            let read = store.get(&object.key).await.unwrap().unwrap();
            let text = String::from_utf8_lossy(&read.body).to_lowercase();
            if texts.iter().any(|needle| text.contains(needle)) {
                keys.insert(object.key);
            }
        }
        after = page.next;
        if after.is_none() {
            return keys;
        }
    }
}

#[tokio::test]
async fn exactly_the_objects_whose_bytes_hold_a_person_are_found() {
    let folder = tempfile::tempdir().unwrap();
    odd_archive::write(folder.path()).await;
    let store = FolderStore::existing(folder.path()).unwrap();
    for who in ["mirella.oduya@contoso.com", "zzyzx.lastname@contoso.com", "member.00107@contoso.com"] {
        let data = data(&store, who).await;
        let id = data.subject.person.key.to_string();
        let id = id.rsplit('/').next().unwrap();
        let is_sure = |object: &&ObjectMatches| {
            object.matches.iter().any(|one| one.why.is_sure() && one.place.pointer.is_some())
        };
        let found: BTreeSet<String> =
            data.objects.iter().filter(is_sure).map(|object| object.object.key.clone()).collect();
        assert_eq!(found, holding(&store, &[who, id]).await, "{who}");
        assert!(found.iter().any(|key| key.starts_with("reports/")), "{who}");
    }
}

#[tokio::test]
async fn a_page_is_text_whatever_names_hold_and_its_json_has_records_as_sent() {
    let folder = tempfile::tempdir().unwrap();
    odd_archive::write(folder.path()).await;
    let store = FolderStore::existing(folder.path()).unwrap();
    let data = data(&store, "mirella.oduya@contoso.com").await;
    let page = html(&data, &TimeZone::UTC).unwrap();
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\0'));
    assert!(page.contains("Mirella Oduya") && page.contains("Sessions attended"));
    let written = String::from_utf8(json(&data).unwrap()).unwrap();
    let records =
        data.objects.iter().flat_map(|object| &object.matches).filter_map(|one| one.record.as_ref());
    for record in records {
        assert!(written.contains(record.get()), "{record}");
    }
}
