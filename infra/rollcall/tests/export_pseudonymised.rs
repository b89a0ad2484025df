//! `rollcall export --pseudonymise` writes copies that name nobody, with a key that is nobody else's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use rollcall::cli::{Cli, Command, ExportOptions};
use rollcall::export;
use shared::ports::store::{Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult};
use tempfile::TempDir;

/// A folder with an archive of one meeting, a key, and the index.
struct World(TempDir);

impl World {
    async fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        let id = "0a1b2c3d-0001-4000-8000-000000000001";
        let body = format!(
            r#"{{"id":"r-zyx","meetingStartDateTime":"2026-10-14T10:01:00Z","meetingEndDateTime":"2026-10-14T11:02:00Z",
            "attendanceRecords":[{{"id":"{id}","emailAddress":"aiko.zyx@contoso.com","role":"Presenter",
            "identity":{{"id":"{id}","displayName":"Aiko Zyx"}},"totalAttendanceInSeconds":3011,
            "attendanceIntervals":[{{"joinDateTime":"2026-10-14T10:05:01Z","leaveDateTime":"2026-10-14T10:55:12Z",
            "durationInSeconds":3011}}]}}]}}"#
        );
        let key = "reports/v1/tenant=t-1/kind=meeting/date=2026-10-14/r-zyx.json";
        let source = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/zyx-meeting";
        let metadata: Metadata = [("source".to_owned(), source.to_owned())].into();
        let object = NewObject::new(body, "application/json", metadata);
        let store = FolderStore::open(world.at("archive")).unwrap();
        assert_eq!(store.put(key, object, Condition::IfAbsent).await.unwrap(), PutResult::Stored);
        world.file("new.key", &"k".repeat(64), 0o600);
        world
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.at(name), text).unwrap();
        #[cfg(unix)]
        fs::set_permissions(self.at(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    async fn export(&self, form: &str, key: &str, to: &str, more: &[&str]) -> anyhow::Result<ExitCode> {
        let [archive, key, to] =
            ["archive", key, to].map(|name| self.at(name).to_string_lossy().into_owned());
        let line: [&str; 9] =
            ["rollcall", "export", &archive, "--as", form, "--pseudonymise", &key, "--to", &to];
        let options = parsed(&[&line[..], more].concat());
        let cache = self.at("cache").to_string_lossy().into_owned();
        export::run(&options, &[("XDG_CACHE_HOME", cache.as_str())]).await
    }

    async fn refused(&self, form: &str, key: &str, to: &str) -> String {
        format!("{:#}", self.export(form, key, to, &[]).await.unwrap_err())
    }
}

fn parsed(line: &[&str]) -> ExportOptions {
    match Cli::try_parse_from(line).unwrap().command {
        Command::Export(options) => options,
        other => panic!("{other:?}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
    fs::read_dir(folder).unwrap().map(name).collect()
}

#[tokio::test]
async fn a_copy_is_its_owners_alone_and_names_nobody_in_its_name_or_bytes() {
    let world = World::new().await;
    for form in ["csv", "xlsx", "json"] {
        let exported = world.export(form, "new.key", form, &["--zone", "UTC"]).await.unwrap();
        assert_eq!(exported, ExitCode::SUCCESS);
        let [name] = &names(&world.at(form))[..] else { panic!("one session, and no registrations") };
        assert!(name.starts_with("s_") && name.len() == 29 + form.len(), "{name}");
        let file = world.at(form).join(name);
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.to_lowercase().contains("zyx") && !text.contains("3011") && !text.contains("10:05"));
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    let again = world.export("csv", "new.key", "csv", &["--zone", "UTC", "--times", "exact"]).await.unwrap();
    assert_eq!((again, names(&world.at("csv")).len()), (ExitCode::SUCCESS, 1), "the copy is replaced");
    let text = fs::read_to_string(world.at("csv").join(&names(&world.at("csv"))[0])).unwrap();
    assert!(text.contains("3011") && text.contains("2026-10-14T10:05:01+00:00"), "{text}");
}

#[tokio::test]
async fn a_key_that_is_missing_short_or_read_by_others_is_a_sentence() {
    let world = World::new().await;
    let missing = world.refused("csv", "none.key", "out").await;
    assert!(missing.contains("there is no key") && missing.contains("openssl rand -hex 32"), "{missing}");
    assert!(!world.at("none.key").exists() && !world.at("out").exists(), "nothing is made silently");
    world.file("short.key", "secret", 0o600);
    let short = world.refused("csv", "short.key", "out").await;
    assert!(short.contains("is no key, which has 32") && !short.contains("secret"), "{short}");
    #[cfg(unix)]
    {
        world.file("open.key", &"k".repeat(64), 0o640);
        let open = world.refused("csv", "open.key", "out").await;
        assert!(open.contains("others on this machine may read") && open.contains("chmod 600"), "{open}");
    }
}

#[tokio::test]
async fn nothing_is_handed_on_beside_the_copies() {
    let world = World::new().await;
    let teams = world.refused("teams-csv", "new.key", "out").await;
    assert!(teams.contains("take csv, xlsx or json"), "{teams}");
    fs::create_dir(world.at("mixed")).unwrap();
    world.file("mixed/Data protection 2026-10-14 (UTC).csv", "Name", 0o600);
    let mixed = world.refused("csv", "new.key", "mixed").await;
    assert!(mixed.contains("choose a new folder"), "{mixed}");
    fs::create_dir(world.at("keys")).unwrap();
    world.file("keys/s_new.key", &"k".repeat(64), 0o600);
    let beside = world.refused("csv", "keys/s_new.key", "keys").await;
    assert!(beside.contains("would be handed on with the copies: move it elsewhere"), "{beside}");
}

#[test]
fn how_exact_times_are_is_asked_for_of_copies_only() {
    let line = ["rollcall", "export", "archive", "--as", "csv", "--to", "out", "--times", "exact"];
    let refused = Cli::try_parse_from(line).unwrap_err().to_string();
    assert!(refused.contains("--pseudonymise"), "{refused}");
}
