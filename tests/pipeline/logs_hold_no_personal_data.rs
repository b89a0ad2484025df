//! No log line holds a name, an address, a secret, a token or a body.
//!
//! Every test's lines are searched for the names of the simulated people and for the credentials; the test
//! below plants more, wherever text comes in from outside.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use graph_sim::{CLIENT_SECRET, Fault};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::faults::StoreFault;
use crate::world::{ORGANIZER, WEBHOOK_KEY, World, call_ended};

/// What no line may hold.
const NOT_FOR_LOGS: [&str; 9] = [
    "planted",
    "Vandersloot",
    "Kowalczyk",
    "@contoso.com",
    CLIENT_SECRET,
    WEBHOOK_KEY,
    "simulated-token",
    "v2.AQ",
    ORGANIZER,
];

thread_local! {
    /// The lines of the test that runs on this thread.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Captures the log lines of each test from now on.
pub(crate) fn capture_lines() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let lines = tracing_subscriber::fmt().json().with_writer(Lines).with_max_level(tracing::Level::TRACE);
        lines.init();
    });
}

/// Captures a line that is no log line, and must hold as little.
pub(crate) fn capture_line(line: &str) {
    LINES.with_borrow_mut(|lines| lines.extend_from_slice(line.as_bytes()));
}

/// The lines of this test so far.
pub(crate) fn lines() -> String {
    LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
}

/// Fails a test one of whose lines holds what it must not. Each line is looked at once.
pub(crate) fn assert_lines_are_clean() {
    let lines = String::from_utf8(LINES.take()).unwrap();
    for text in NOT_FOR_LOGS {
        assert_eq!(lines.lines().find(|line| line.contains(text)), None, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_line_holds_what_is_personal_or_secret() {
    let world = World::new();
    let planted = "planted Nameless <planted@contoso.com>";
    world.meeting_ended(planted, 12);
    let token = json!({"access_token": planted, "expires_in": planted}).to_string();
    world.sim.fail("/token", Fault::Body(token), 1);
    for fault in [
        Fault::Throttled(planted.to_owned()),
        Fault::NoMeeting,
        Fault::NoConnection,
        Fault::Body(json!({"id": planted, "totalParticipantCount": planted}).to_string()),
        Fault::Body(planted.to_owned()),
        Fault::Body(json!({"error": {"code": planted, "message": planted}}).to_string()),
        Fault::Status(500),
    ] {
        world.sim.fail("onlineMeetings", fault, 2);
    }
    world.store.fail(StoreFault::PutRefused("reports/"));
    world.post(planted).await;
    world.post(&json!({"value": [{"clientState": planted, "tenantId": 5}]}).to_string()).await;
    world.notify(vec![call_ended(planted), json!({"resource": planted})]).await;
    world.run_until_idle().await;

    assert_eq!(world.dead_letters().len(), 1);
    assert_eq!(world.keys("reports/").len(), 1);
    assert!(lines().lines().count() > 15, "{}", lines());
}
