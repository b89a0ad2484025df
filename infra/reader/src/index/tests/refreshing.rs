//! What a refresh reads, and what it forgets.

use serde_json::json;

use super::archive::{Archive, NOOR, aiko, all, found, noor, report_key};

#[tokio::test]
async fn nothing_new_is_nothing_read_and_the_archive_stays_as_it_is() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko(), noor()])).await;
    archive.report(21, "r-2", json!([aiko()])).await;
    let before = archive.files();
    let index = archive.index();
    assert_eq!(archive.refresh(&index).await, 2);
    assert_eq!(archive.refresh(&index).await, 0);
    assert_eq!(archive.refresh(&archive.index()).await, 0, "another start");
    assert_eq!(archive.files(), before);
}

#[tokio::test]
async fn a_richer_report_takes_the_place_of_the_one_before() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko()])).await;
    let index = archive.indexed().await;
    archive.report(14, "r-1", json!([aiko(), noor()])).await;
    assert_eq!(archive.refresh(&index).await, 1);
    assert_eq!(all(&index)[0].people, 2);
    assert_eq!(found(&index, "noor"), ["r-1"]);
}

#[tokio::test]
async fn what_is_gone_is_forgotten() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko()])).await;
    archive.report(21, "r-2", json!([noor()])).await;
    let index = archive.indexed().await;
    std::fs::remove_file(archive.folder.path().join(report_key(21, "r-2"))).unwrap();
    archive.refresh(&index).await;
    assert_eq!(all(&index).len(), 1);
    assert_eq!(found(&index, "noor"), [""; 0]);
    let left = index.read(|connection| {
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok((
            count("SELECT count(*) FROM identities")?,
            count("SELECT count(*) FROM people")?,
            count("SELECT count(*) FROM words")?,
        ))
    });
    assert_eq!(left.unwrap(), (1, 1, 2), "an identity, a person; a session without a title");
}

#[tokio::test]
async fn who_was_erased_is_nobody_and_is_gone_from_the_file() {
    let archive = Archive::new();
    archive.report(14, "r-1", json!([aiko(), noor()])).await;
    let index = archive.indexed().await;
    let marker = json!({"rollcallErased": {"erasure": "2026-11-28.4c1f0a9e", "at": "2026-11-28T08:00:00Z"}});
    archive.report(14, "r-1", json!([aiko(), marker])).await;
    archive.refresh(&index).await;
    let lines = all(&index);
    assert_eq!((lines[0].people, lines[0].participants, lines[0].is_short), (1, Some(2), false));
    assert_eq!(found(&index, "noor"), [""; 0]);
    let folder = index.path().parent().unwrap().to_owned();
    drop(index);
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains(NOOR) && !text.contains("noor"));
    }
}
