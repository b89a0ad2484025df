//! `rollcall simulate` serves a Graph that `rollcall pull` can fetch from: the compiled program, twice.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::compiled_functions::build;
use crate::world::ORGANIZER;

#[test]
fn the_simulated_graph_on_a_port_can_be_pulled_from() {
    let rollcall = build().join("rollcall");
    let mut simulated = Command::new(&rollcall)
        .args(["simulate", "--port", "0", "--attendees", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(simulated.stdout.take().unwrap()).lines().map(Result::unwrap);
    let settings: Vec<String> = output.by_ref().take_while(|line| !line.contains("has ended")).collect();
    let folder = tempfile::tempdir().unwrap();
    let exports = settings.iter().filter(|line| line.trim().starts_with("export")).cloned();
    let pull = format!("\"$0\" pull --to \"$1\" --organizer {ORGANIZER}");
    let script = exports.chain([pull]).collect::<Vec<_>>().join("\n");
    let pulled = Command::new("sh").args(["-c", &script]).arg(&rollcall).arg(folder.path()).output();
    simulated.kill().unwrap();
    simulated.wait().unwrap();
    let pulled = pulled.unwrap();
    assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
    assert!(folder.path().join("reports").is_dir());
}
