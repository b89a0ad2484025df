//! What people expect of any command: exit codes, one line a failure, silence where it is asked for, and an end at Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use super::command::{Shell, beside, printed};

#[test]
fn exit_codes_are_those_of_the_table() {
    let shell = Shell::new();
    let code = |line: &[&str]| shell.run(line).status.code();
    assert_eq!(code(&["estimate", "--users", "10"]), Some(0));
    assert_eq!(code(&["ask", "nowhere", "no-shows"]), Some(1), "there is no such archive");
    assert_eq!(code(&["ask", "nowhere", "--no-such-option"]), Some(2));
    assert_eq!(code(&["login", "--tenant-id", "contoso.com"]), Some(2), "a name is no id");
    assert_eq!(code(&["login", "--client-id", "Rollcall"]), Some(2), "a name is no id");
    std::fs::write(shell.folder().join("rollcall.toml"), "archive = 1.5").unwrap();
    assert_eq!(code(&["ask"]), Some(2), "the file is wrong");
}

#[test]
fn a_file_gives_what_is_typed_each_time_and_what_is_typed_stands_above_it() {
    let shell = Shell::new();
    std::fs::write(shell.folder().join("mine.toml"), "[estimate]\nusers = 400\n").unwrap();
    let meetings = |line: &[&str]| {
        let value: serde_json::Value = serde_json::from_slice(&shell.run(line).stdout).unwrap();
        value["users"].as_u64().unwrap()
    };
    assert_eq!(meetings(&["--config", "mine.toml", "estimate", "--json"]), 400);
    assert_eq!(meetings(&["estimate", "--json", "--config", "mine.toml", "--users", "5"]), 5);
    std::fs::rename(shell.folder().join("mine.toml"), shell.folder().join("rollcall.toml")).unwrap();
    assert_eq!(meetings(&["estimate", "--json"]), 400);
    let missing = shell.run(&["estimate", "--config", "nowhere.toml"]);
    assert!(!missing.status.success() && beside(&missing).contains("nowhere.toml"), "{}", beside(&missing));
}

#[test]
fn a_failure_of_aws_is_one_line_that_says_what_to_do() {
    let shell = Shell::new();
    // A port on which nobody listens, and no credentials but these.
    let output = shell
        .command(&["verify", "s3://contoso-archive"])
        .envs([
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_MAX_ATTEMPTS", "1"),
        ])
        .output()
        .unwrap();
    let told = beside(&output);
    assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{told}");
    assert!(told.contains("look at the network") && !told.contains("DispatchFailure"), "{told}");
    let output = shell
        .command(&["audit"])
        .envs([("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), ("AWS_REGION", "us-east-1")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_MAX_ATTEMPTS", "1")])
        .output()
        .unwrap();
    let told = beside(&output);
    assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{told}");
    assert!(told.contains("AWS_PROFILE") && !told.contains("ConnectorError"), "{told}");
}

#[test]
fn nothing_is_coloured_and_no_bar_is_drawn_where_there_is_no_terminal() {
    let shell = Shell::new();
    let demo = shell.run(&["demo", "--to", "archive"]);
    let shown = [
        shell.run(&["ask", "archive", "per-meeting"]),
        shell.run(&["verify", "archive"]),
        shell.run(&["no-such-command"]),
        demo,
    ];
    for output in shown {
        let all = printed(&output) + &beside(&output);
        assert!(!all.contains('\u{1b}') && !all.contains("█"), "{all}");
    }
}

#[test]
fn quiet_leaves_results_and_failures() {
    let shell = Shell::new();
    shell.run(&["demo", "--to", "archive"]);
    let loud = shell.run(&["ask", "archive", "per-meeting"]);
    let quiet = shell.run(&["--quiet", "ask", "archive", "per-meeting"]);
    assert_eq!(printed(&quiet), printed(&loud));
    assert!(beside(&loud).contains("rows") && beside(&quiet).is_empty(), "{}", beside(&quiet));
    assert!(beside(&shell.run(&["ask", "nowhere", "per-meeting", "--quiet"])).starts_with("rollcall: "));
    let odd = "archive/reports/v1/tenant=t-1/kind=meeting/date=2026-03-01";
    std::fs::create_dir_all(shell.folder().join(odd)).unwrap();
    std::fs::write(shell.folder().join(odd).join("odd.json"), "no report").unwrap();
    let incomplete = shell.run(&["--quiet", "ask", "archive", "per-meeting"]);
    assert!(beside(&incomplete).contains("1 objects could not be read"), "{}", beside(&incomplete));
}

#[test]
fn completions_and_the_manual_name_every_command() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&shell.run(&["completions", name]));
        assert!(script.contains("dead-letters") && script.contains("no-wait"), "{name}");
    }
    assert!(shell.run(&["man", "pages/man1"]).status.success());
    let page = std::fs::read_to_string(shell.folder().join("pages/man1/rollcall-pull.1")).unwrap();
    assert!(page.contains("AZURE_TENANT_ID"), "{page}");
}

/// Ctrl-C at a command of which the first line was read. How it ended, and what it said then.
#[cfg(unix)]
fn interrupted(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    lines.for_each(drop);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_command_with_what_to_run_again() {
    let shell = Shell::new();
    let (code, said) = interrupted(shell.command(&["simulate", "--port", "0", "--every", "1"]));
    assert_eq!((code, said.as_str()), (Some(0), ""), "that is how it ends");
    let (code, said) =
        interrupted(shell.command(&["demo", "--to", "archive", "--meetings", "20", "--attendees", "2000"]));
    assert_eq!(code, Some(130));
    assert!(said.contains("The next demo empties the folder"), "{said}");
    assert!(shell.run(&["demo", "--to", "archive"]).status.success());
}
