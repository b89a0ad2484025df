//! No log line may contain personal data or secrets.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use graph_sim::CLIENT_SECRET;
use tracing_subscriber::fmt::MakeWriter;

/// People, secrets and tokens of the simulation.
const FORBIDDEN: [&str; 7] =
    ["Vandersloot", "Kowalczyk", "@contoso.com", CLIENT_SECRET, "the first key", "simulated-token", "evil"];

thread_local! {
    static LEAKS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct LeakDetector;

impl io::Write for LeakDetector {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if FORBIDDEN.iter().any(|secret| text.contains(secret)) {
            LEAKS.with_borrow_mut(|leaks| leaks.push(text.into_owned()));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LeakDetector {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

/// Starts to check every log line.
pub fn capture() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let lines = tracing_subscriber::fmt().json().with_writer(LeakDetector);
        lines.with_max_level(tracing_subscriber::filter::LevelFilter::INFO).init();
    });
}

/// The log lines of this thread that contain what they must not, since the last call.
pub fn take_leaks() -> Vec<String> {
    LEAKS.take()
}
