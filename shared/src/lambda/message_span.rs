//! What the log lines of a message carry: its id, and what its job is about, as far as that names nobody.

use aws_lambda_events::event::sqs::SqsMessage;
use tracing::{Span, field, info_span};

use crate::digest::sha256_hex;
use crate::jobs::Job;

/// The span around everything that is done for a message. The job's fields are set when it is parsed.
pub(super) fn message_span(message: &SqsMessage) -> Span {
    info_span!(
        "message",
        message.id = message.message_id,
        job.kind = field::Empty,
        job.target = field::Empty,
        run.id = field::Empty,
        unit.id = field::Empty,
    )
}

/// How many hex digits of a target's or a unit's hash a log line shows.
const TARGET_DIGITS: usize = 16;

/// The first hex digits of the hash of a text that must not stand in a log line.
fn hash(text: &str) -> String {
    sha256_hex(text.as_bytes())[..TARGET_DIGITS].to_owned()
}

/// A unit's id without what it is about (`calendar.{organizer}`): its first name, and a hash of the whole.
fn unit_for_logs(unit_id: &str) -> String {
    match unit_id.split_once('.') {
        Some((name, _)) => format!("{name}.~{}", hash(unit_id)),
        None => unit_id.to_owned(),
    }
}

/// Sets what a job is about, in the span that is entered.
pub(super) fn record_job(job: &impl Job) {
    let span = Span::current();
    span.record("job.kind", job.kind());
    span.record("job.target", hash(&job.target()));
    if let Some((run_id, unit_id)) = job.run_and_unit() {
        span.record("run.id", run_id);
        span.record("unit.id", unit_for_logs(unit_id));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use jiff::Timestamp;
    use serde_json::Value;
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::util::SubscriberInitExt;

    use super::*;
    use crate::jobs::{BackfillUnit, LedgerWalk, Purpose, Run};
    use crate::lambda::telemetry::json_lines;

    #[test]
    fn a_log_line_shows_what_a_unit_is_and_a_hash_of_whose() {
        let of_a_user = "calendar.0a11ce00-0000-4000-8000-0000c0205050";
        assert_eq!(unit_for_logs(of_a_user), "calendar.~7c6e72573ed559fe");
        assert_ne!(unit_for_logs(&format!("{of_a_user}-p2")), unit_for_logs(of_a_user));
        assert_eq!(unit_for_logs("users-p2"), "users-p2");
    }

    /// What was logged, as a writer for log lines.
    #[derive(Clone, Default)]
    struct Logged(Arc<Mutex<Vec<u8>>>);

    impl Logged {
        fn lines(&self) -> Vec<Value> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }
    }

    impl io::Write for Logged {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_says_of_which_message_job_and_unit_it_is() {
        let logged = Logged::default();
        let writer = logged.clone();
        let _guard = json_lines(LevelFilter::INFO, move || writer.clone()).set_default();
        let run = Run {
            id: "run-1".into(),
            purpose: Purpose::Backfill,
            since: Timestamp::UNIX_EPOCH,
            until: Timestamp::UNIX_EPOCH,
            refresh: false,
            began: Timestamp::UNIX_EPOCH,
            schedule: None,
            is_bulk: false,
        };
        let unit = BackfillUnit::Ledger { run, walk: LedgerWalk::default() };
        let mut message = SqsMessage::default();
        message.message_id = Some("a".to_owned());
        message_span(&message).in_scope(|| {
            tracing::info!("a line before its job is read");
            record_job(&unit);
            tracing::info!("a line of its step");
        });

        let [before, of_the_step] = &logged.lines()[..] else { panic!("{:?}", logged.lines()) };
        assert_eq!(before["spans"], serde_json::json!([{ "name": "message", "message.id": "a" }]));
        let expected = serde_json::json!([{
            "name": "message",
            "message.id": "a",
            "job.kind": unit.kind(),
            "job.target": hash(&unit.target()),
            "run.id": "run-1",
            "unit.id": "ledger",
        }]);
        assert_eq!(of_the_step["spans"], expected);
    }
}
