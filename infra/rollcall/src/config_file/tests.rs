//! What a file may give, and what it may not.

use super::*;
use crate::cli;

fn file(text: &str) -> ConfigFile {
    ConfigFile { path: "rollcall.toml".into(), table: text.parse().unwrap() }
}

fn parsed(text: &str, line: &[&str]) -> anyhow::Result<cli::Command> {
    let command = file(text).defaults(Cli::command())?;
    let matches = command.try_get_matches_from(line)?;
    Ok(Cli::from_arg_matches(&matches)?.command)
}

#[test]
fn a_file_gives_what_is_not_typed() {
    let text = "zone = 'Europe/Amsterdam'\n[pull]\nto = 'kept'\norganizer = ['a', 'b']\n";
    let cli::Command::Pull(pull) = parsed(text, &["rollcall", "pull"]).unwrap() else { panic!() };
    assert_eq!((pull.to.as_str(), pull.organizers.len()), ("kept", 2));
    let line = ["rollcall", "pull", "--to", "typed", "--organizer", "c"];
    let cli::Command::Pull(pull) = parsed(text, &line).unwrap() else { panic!() };
    assert_eq!((pull.to.as_str(), pull.organizers), ("typed", vec!["c".to_owned()]));
    let cli::Command::Person(person) = parsed(text, &["rollcall", "person", "a@contoso.com"]).unwrap() else {
        panic!()
    };
    assert_eq!(person.zone.unwrap().iana_name(), Some("Europe/Amsterdam"));
}

#[test]
fn the_table_of_a_command_is_above_what_is_said_for_all() {
    let text = "archive = 'all'\n[verify]\narchive = 'one'\n";
    let archive = |line: &[&str]| match parsed(text, line).unwrap() {
        cli::Command::Verify(options) => options.archive.archive,
        cli::Command::Manifest(options) => options.archive.archive,
        _ => panic!(),
    };
    assert_eq!(archive(&["rollcall", "verify"]), "one");
    assert_eq!(archive(&["rollcall", "manifest"]), "all");
    assert_eq!(archive(&["rollcall", "verify", "typed"]), "typed");
}

#[test]
fn a_file_sets_nothing_that_could_do_harm() {
    for text in [
        "[erase]\nyes = 'true'",
        "[erase]\nsame = 'f.csv'",
        "[dead-letters]\noutcome = 'x'",
        "[verify]\nkey = 'theirs.pem'",
        "[settings]\nGRAPH_URL = 'https://example.com'",
        "[settings]\nGRAPH_CLOUD = 'china'",
        "[pull]\nto = 's3://theirs'",
        "[settings]\nAZURE_CLIENT_SECRET = 'x'",
        "[settings]\nTOMBSTONE_KEY = 'x'",
        "organizer = 'a'",
        "[no-such-command]\nto = 'x'",
        "archive = 1.5",
    ] {
        let refused = parsed(text, &["rollcall", "ask"]).unwrap_err().to_string();
        assert!(refused.starts_with("rollcall.toml: "), "{text}: {refused}");
    }
}

#[test]
fn what_the_environment_has_stands_above_the_file() {
    let below =
        file("archive = 'kept'\n[settings]\nAZURE_TENANT_ID = 'file'\nGRAPH_VERSION = 'beta'").settings();
    let env = LayeredEnv { above: Box::new([("AZURE_TENANT_ID", "environment")]), below };
    assert_eq!(env.get("AZURE_TENANT_ID").as_deref(), Some("environment"));
    assert_eq!(env.get("GRAPH_VERSION").as_deref(), Some("beta"));
    assert_eq!(env.get("ROLLCALL_ARCHIVE").as_deref(), Some("kept"));
}

#[test]
fn a_secret_in_a_broken_file_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.toml");
    std::fs::write(&path, "archive = 'a'\nSECRET = hunter2 and more\n").unwrap();
    let told = ConfigFile::read(path).err().unwrap().to_string();
    assert!(told.contains("(line 2)") && !told.contains("hunter2"), "{told}");
}
